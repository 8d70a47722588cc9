//! Where the server listens, and under which address people reach it.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};

use super::report::Findings;
use crate::cli::serve::ask;
use crate::platform::config::Looked;

pub(super) fn look(looked: &Looked, findings: &mut Findings) {
    let Some(listen) = looked.listen else { return };
    if let Some(url) = &looked.public_url {
        look_at_public_url(url, listen, findings);
        look_at_proxies(looked, url, listen, findings);
    }
    look_at_port(listen, findings);
}

fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        None => false,
    }
}

fn look_at_public_url(url: &url::Url, listen: SocketAddr, findings: &mut Findings) {
    const AT: &str = "public_url";
    match (is_loopback(url), url.scheme()) {
        (true, _) if listen.ip().is_loopback() => findings.ok(AT, format!("{url}, for this machine alone")),
        (true, _) => findings.warn(
            AT,
            format!("{url} is an address that only this machine understands"),
            "Set it to the address that people use: links and tokens carry it.",
        ),
        (false, "https") => findings.ok(AT, url),
        (false, _) => findings.warn(
            AT,
            format!("{url} is not https"),
            "Put a proxy with a certificate in front and give its https address: passwords travel in the clear.",
        ),
    }
}

fn look_at_proxies(looked: &Looked, url: &url::Url, listen: SocketAddr, findings: &mut Findings) {
    const AT: &str = "trusted_proxies";
    let Some(proxies) = &looked.trusted_proxies else { return };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let direct = url.scheme() == "http"
        && url.port_or_known_default() == Some(listen.port())
        && (is_loopback(url) || host == listen.ip().to_string());
    match proxies.as_slice() {
        [] if direct => findings.ok(AT, "none, and none is needed"),
        [] => findings.warn(
            AT,
            format!("none, though people come by {url} and the server listens on {listen}"),
            "Name the network of the proxy, or everybody seems to come from it and shares one limit of requests.",
        ),
        some => findings.ok(AT, some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn look_at_port(listen: SocketAddr, findings: &mut Findings) {
    const AT: &str = "port";
    if listen.port() == 0 {
        return findings.ok(AT, "any that is free");
    }
    // A connection first: a trial to listen could be in the way of a server that starts at this moment.
    if ask(listen, "/healthz").is_ok_and(|answer| answer.starts_with("HTTP/1.1 200") && answer.ends_with("alive\n")) {
        return match ask(listen, "/readyz") {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => findings.ok(
                AT,
                format!("a Folkmoot answers on {listen}, and is ready; whether it uses this database is not asked"),
            ),
            _ => findings.fail(
                AT,
                format!("a Folkmoot answers on {listen}, and is not ready"),
                "See its log, and the lines on the database above if that is the one it uses.",
            ),
        };
    }
    match TcpListener::bind(listen) {
        Ok(_) => findings.ok(AT, format!("{listen} is free; no server runs here")),
        Err(error) if error.kind() == ErrorKind::AddrInUse => findings.fail(
            AT,
            format!("{listen} is taken by something that is no Folkmoot"),
            format!("Stop it, or set listen to another port (`ss -ltnp sport = :{}` tells what it is).", listen.port()),
        ),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => findings.fail(
            AT,
            format!("this user may not listen on {listen}"),
            "Take a port above 1023 with a proxy in front, or give the service CAP_NET_BIND_SERVICE.",
        ),
        Err(error) => findings.fail(
            AT,
            format!("nobody can listen on {listen} here: {error}"),
            "Set listen to an address of this machine.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_the_clear_or_of_this_machine_alone_is_warned_of() {
        for (url, listen, well) in [
            ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
            ("http://localhost:8080", "[::1]:8080", true),
            ("https://ideas.example.org", "127.0.0.1:8080", true),
            ("https://ideas.example.org", "0.0.0.0:8080", true),
            ("http://0.0.0.0:8080", "0.0.0.0:8080", false),
            ("https://localhost", "0.0.0.0:8080", false),
            ("http://ideas.example.org", "0.0.0.0:8080", false),
            ("http://ideas.example.org", "127.0.0.1:8080", false),
        ] {
            let mut findings = Findings::default();
            look_at_public_url(&url.parse().unwrap(), listen.parse().unwrap(), &mut findings);
            let told = serde_json::to_string(&findings).unwrap();
            assert_eq!(told.contains("\"ok\""), well, "{told}");
        }
    }
}
