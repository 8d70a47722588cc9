//! Where mail goes, and the guard against sending it in the clear.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use url::Url;

/// Where mail goes. There is no `Debug`: the URL may hold a password.
pub enum Transport {
    /// To a mail server.
    Smtp {
        /// `smtps://` or `smtp://`, with `?tls=required` or `?tls=none`.
        url: String,
    },
    /// Into files, for development and for a council that has no mail server yet.
    Directory(PathBuf),
}

impl Transport {
    /// By the configured URL; without one, into `mail` in the data directory.
    pub fn from_url(url: Option<&str>, data_dir: &Path) -> anyhow::Result<Self> {
        let Some(url) = url else { return Ok(Self::Directory(data_dir.join("mail"))) };
        guarded(url)?;
        Ok(Self::Smtp { url: url.to_owned() })
    }
}

/// The URL for `lettre`, where it leaves no doubt about TLS (case E8).
///
/// `lettre` takes a URL without `tls` to mean plaintext, and `tls=opportunistic` falls back to it when somebody
/// on the way hides STARTTLS; so both are refused here, and plaintext has to be asked for by name.
pub(super) fn guarded(url: &str) -> anyhow::Result<String> {
    let mut url = Url::parse(url).context("the URL of the mail server cannot be read")?;
    let host = url.host_str().unwrap_or_default().to_owned();
    ensure!(!host.is_empty(), "the URL of the mail server names no host");
    // `lettre` would hand the brackets to the resolver and never reach it.
    ensure!(!host.starts_with('['), "name the mail server by a host name, not by an IPv6 address");

    // All of the query is looked at: a misspelt `TLS=required` must not pass for no wish at all.
    let wishes: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let tls = match wishes.as_slice() {
        [] => None,
        [(name, value)] if name == "tls" => Some(value.as_str()),
        _ => bail!("the URL of the mail server takes one parameter only: tls=required or tls=none"),
    };
    match (url.scheme(), tls) {
        ("smtps", None | Some("required")) | ("smtp", Some("required")) => {}
        ("smtp", None) if is_loopback(&host) => {}
        ("smtp", Some("none")) => url.set_query(None),
        ("smtp", None) => bail!(
            "mail to another machine needs TLS: use smtps:// or add ?tls=required, or add ?tls=none if it may travel \
             in the clear"
        ),
        ("smtps", Some(_)) => bail!("smtps:// always uses TLS: leave out the tls parameter, or set tls=required"),
        ("smtp", Some(_)) => bail!("the tls parameter of the mail server is either required or none"),
        _ => bail!("the URL of the mail server begins with smtps:// or smtp://"),
    }
    Ok(url.into())
}

/// `url` reads the host of an unknown scheme as mere text, so an address is not told apart there.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plaintext_to_another_machine_is_refused() {
        for url in [
            "smtp://mail.example.org",
            "smtp://mail.example.org:25/",
            "smtp://user:pass@192.0.2.1:25",
            "smtp://localhost.example.org",
            "smtp://127.0.0.1.example.org",
            "smtp://mail.example.org?TLS=required",
            "smtp://mail.example.org?tls=none&tls=required",
            "smtp://mail.example.org?tls=opportunistic",
            "smtp://localhost?tls=opportunistic",
            "smtp://mail.example.org?tls=None",
            "smtp://mail.example.org?tls=",
            "smtp://mail.example.org#?tls=none",
            "smtps://mail.example.org?tls=none",
            "http://mail.example.org",
            "smtp://[::1]",
            "smtp:",
            "mail.example.org",
            "",
        ] {
            let error = Transport::from_url(Some(url), Path::new("data")).err();
            let error = format!("{:#}", error.unwrap_or_else(|| panic!("{url} is taken")));
            assert!(!error.contains("pass"), "{error}");
        }
    }

    #[test]
    fn what_is_safe_or_asked_for_is_taken() {
        for (url, given) in [
            ("smtps://user:pass@mail.example.org", "smtps://user:pass@mail.example.org"),
            ("smtps://mail.example.org?tls=required", "smtps://mail.example.org?tls=required"),
            ("smtp://mail.example.org:587?tls=required", "smtp://mail.example.org:587?tls=required"),
            ("smtp://mailpit:1025?tls=none", "smtp://mailpit:1025"),
            ("smtp://LocalHost:1025", "smtp://LocalHost:1025"),
            ("smtp://127.0.0.1:1025", "smtp://127.0.0.1:1025"),
        ] {
            assert_eq!(guarded(url).unwrap(), given);
            let from = "ideas@aldermoor.example".parse().unwrap();
            let transport = Transport::from_url(Some(url), Path::new("data")).unwrap();
            assert!(crate::platform::mail::Mailer::new(transport, from).is_ok(), "{url}");
        }
    }
}
