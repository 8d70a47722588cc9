//! The one client that calls out. It speaks only to public addresses, on the address it has looked up itself and
//! checked, without redirects, with a deadline and a bounded answer (cases E1, E2, E3, E5).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Bytes of an answer that are read at most.
const ANSWER_LIMIT: usize = 64 * 1024;

/// Bytes of an answer that has to be whole.
const WHOLE_LIMIT: usize = 512 * 1024;

/// The guarded client.
#[derive(Clone, Debug)]
pub struct Outbound {
    client: reqwest::Client,
    loopback: bool,
}

/// A call that did not come about; the reason is for the log.
#[derive(Debug, thiserror::Error)]
#[error("{0:#}")]
pub struct Failed(anyhow::Error);

/// Looks names up and keeps only public addresses; a name that has any other is refused whole.
#[derive(Debug)]
struct PublicOnly {
    /// This very machine is taken too.
    loopback: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        let taken = move |address: &SocketAddr| is_public(address.ip()) || (loopback && address.ip().is_loopback());
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.is_empty() || !found.iter().all(taken) {
                return Err("the name does not lead to a public address".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl Outbound {
    /// With `loopback` it may also speak to this very machine, as only a demo or a test does.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    #[expect(clippy::disallowed_methods, reason = "the one place that builds a client")]
    pub fn new(loopback: bool) -> anyhow::Result<Self> {
        // A second installation of the provider in the same process changes nothing.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .dns_resolver(Arc::new(PublicOnly { loopback }))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .connect_timeout(Duration::from_secs(5))
            .user_agent("Folkmoot")
            .build()?;
        Ok(Self { client, loopback })
    }

    /// Checks an address at saving time, with what can be told without a look-up.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn check(address: &str) -> Result<url::Url, &'static str> {
        let url = url::Url::parse(address).map_err(|_fault| "This is not a full address.")?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err("Only http and https are taken.");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("Leave out user and password.");
        }
        if !matches!(url.port_or_known_default(), Some(80 | 443 | 8080 | 8443)) {
            return Err("Only the ports 80, 443, 8080 and 8443 are taken.");
        }
        match url.host() {
            None => Err("The address names no host."),
            Some(url::Host::Ipv4(ip)) if !is_public(ip.into()) => Err("This address is not public."),
            Some(url::Host::Ipv6(ip)) if !is_public(ip.into()) => Err("This address is not public."),
            Some(url::Host::Domain(name)) if is_local_name(name) => Err("This name is not public."),
            Some(_) => Ok(url),
        }
    }

    /// Whether this client would call an address that must not be read on the way: as [`Outbound::check`], and by https
    /// only.
    ///
    /// # Errors
    /// A sentence for the person who typed it.
    pub fn takes(&self, address: &str) -> Result<url::Url, &'static str> {
        let url = url::Url::parse(address).map_err(|_fault| "This is not a full address.")?;
        let here = match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let plain = url.username().is_empty() && url.password().is_none();
        if self.loopback && here && plain && matches!(url.scheme(), "http" | "https") {
            return Ok(url);
        }
        let url = Self::check(address)?;
        if url.scheme() == "https" { Ok(url) } else { Err("Only https is taken.") }
    }

    /// Sends a request and gives the whole answer, which is refused where it is too long.
    ///
    /// # Errors
    /// Where the address is refused, cannot be reached or does not answer in time.
    pub async fn call(&self, request: http::Request<Vec<u8>>) -> Result<http::Response<Vec<u8>>, Failed> {
        self.called(request).await.map_err(Failed)
    }

    async fn called(&self, request: http::Request<Vec<u8>>) -> anyhow::Result<http::Response<Vec<u8>>> {
        self.takes(&request.uri().to_string()).map_err(anyhow::Error::msg)?;
        // Without the address, whose query may hold what is nobody's business.
        let answer = self.client.execute(request.try_into()?).await.map_err(reqwest::Error::without_url)?;
        let mut response = http::Response::builder().status(answer.status());
        if let Some(kind) = answer.headers().get(http::header::CONTENT_TYPE) {
            response = response.header(http::header::CONTENT_TYPE, kind);
        }
        let mut whole = Vec::new();
        let mut chunks = answer.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            whole.extend_from_slice(&chunk.map_err(reqwest::Error::without_url)?);
            anyhow::ensure!(whole.len() <= WHOLE_LIMIT, "the answer is too long");
        }
        Ok(response.body(whole)?)
    }

    /// Posts a body and gives the status and the beginning of the answer.
    ///
    /// # Errors
    /// Where the address is refused, cannot be reached or does not answer in time.
    pub async fn post(&self, address: &str, content_type: &str, body: String) -> anyhow::Result<(u16, Vec<u8>)> {
        let url = Self::check(address).map_err(anyhow::Error::msg)?;
        let answer = self.client.post(url).header("Content-Type", content_type).body(body).send().await?;
        let status = answer.status().as_u16();
        let mut beginning = Vec::new();
        let mut chunks = answer.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            beginning.extend_from_slice(&chunk?);
            if beginning.len() >= ANSWER_LIMIT {
                beginning.truncate(ANSWER_LIMIT);
                break;
            }
        }
        Ok((status, beginning))
    }
}

fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    !name.contains('.')
        || [
            ".localhost",
            ".local",
            ".internal",
            ".home.arpa",
            ".nip.io",
            ".sslip.io",
            ".xip.io",
            ".localtest.me",
            ".lvh.me",
        ]
        .iter()
        .any(|end| name.ends_with(end))
        || matches!(name.as_str(), "localtest.me" | "lvh.me")
}

/// Whether an address is in the public internet: the IANA special-purpose registries (RFC 6890) left out.
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !(a == 0
        || a == 10
        || a == 127
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113))
}

// Only global unicast (2000::/3) is public, and of it not what maps or tunnels an IPv4 address.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    (first & 0xe000) == 0x2000
        && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        && first != 0x2002
        && !(first == 0x3fff && second < 0x1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    // case E1
    #[test]
    fn no_address_of_the_house_or_the_neighbourhood_is_taken() {
        for address in [
            "http://127.0.0.1/",
            "http://0.0.0.0/",
            "http://10.1.2.3/",
            "http://172.16.0.1/",
            "http://192.168.1.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://100.64.0.1/",
            "http://255.255.255.255/",
            "http://[::1]/",
            "http://[::]/",
            "http://[fc00::1]/",
            "http://[fe80::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://017700000001/",
            "http://127.1/",
            "http://localhost/",
            "http://127.0.0.1.nip.io/",
            "http://intranet/",
            "ftp://example.org/",
            "file:///etc/passwd",
            "gopher://example.org/",
            "http://user@example.org/",
            "http://example.org:22/",
            "http://example.org:5432/",
            "http://[2002:7f00:1::]/",
        ] {
            assert!(Outbound::check(address).is_err(), "{address}");
        }
        assert!(Outbound::check("https://hooks.example.org/folkmoot").is_ok());
    }

    // case E2
    #[tokio::test]
    async fn what_a_name_leads_to_is_checked_when_it_is_dialled() {
        let name = "localhost".parse().unwrap();
        assert!(PublicOnly { loopback: false }.resolve(name).await.is_err());
    }
}
