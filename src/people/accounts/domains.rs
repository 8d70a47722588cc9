//! Which mail domains newcomers may come with. Pure: the list of throw-away ones is compiled in, and nobody is asked.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::people::councils::model::{Council, domains};
use crate::platform::error::Fault;

/// Domains whose addresses are given to anybody for minutes, or are made by the hundred for one mailbox.
static THROW_AWAY: LazyLock<HashSet<&str>> = LazyLock::new(|| mailchecker::blacklist().into_iter().collect());

/// A domain as names are compared: in ASCII and small letters, without the dot that ends it; none where it is no name.
pub fn domain_name(text: &str) -> Option<String> {
    let text = text.trim();
    let name = idna::domain_to_ascii_strict(text.strip_suffix('.').unwrap_or(text)).ok()?;
    (name.contains('.') && !name.ends_with('.') && name.len() <= 253).then_some(name)
}

/// A domain and those above it, the longest first, without the last label alone.
fn with_those_above(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |name| name.split_once('.').map(|(_, above)| above))
        .filter(|name| name.contains('.'))
}

/// Why a newcomer cannot come with this address, where they cannot. It looks at nothing but the domain and the council's
/// lists, so that it tells nothing of who has an account; those who are there already go on.
pub fn domain_fault(email_key: &str, council: &Council) -> Option<Fault> {
    let (_, domain) = email_key.rsplit_once('@')?;
    for name in with_those_above(domain) {
        if domains(&council.mail_domains_allowed).any(|one| one == name) {
            return None;
        }
        if domains(&council.mail_domains_refused).any(|one| one == name) {
            let detail = "This council does not take addresses of this mail domain. Choose another address of yours.";
            return Some(Fault::at("/email", "domain_refused", detail));
        }
    }
    let thrown_away = with_those_above(domain).any(|name| THROW_AWAY.contains(name));
    thrown_away.then(|| {
        let detail = "Addresses of this provider are for a moment only, and yours has to reach you later: for answers to \
            your ideas, and to sign in. Choose an address that you keep; nobody else will see it.";
        Fault::at("/email", "throw_away_domain", detail)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::people::accounts::rules::email_key;
    use crate::platform::db::{Id, Instant, Json};
    use crate::vocabulary::MergeSilence;
    use crate::vocabulary::{ProofOfWork, Under18};

    fn council(allowed: &[&str], refused: &[&str]) -> Council {
        Council {
            id: Id::NONE,
            slug: "a".into(),
            name: "A".into(),
            time_zone: "Europe/London".into(),
            language: "en".into(),
            idea_prefix: "A".into(),
            site_url: "https://a.example".into(),
            staff_second_factor: false,
            minimum_age: 13,
            under_18: Under18::Allowed,
            proof_of_work: ProofOfWork::WhenAsked,
            mail_domains_allowed: Json(json!(allowed)),
            mail_domains_refused: Json(json!(refused)),
            publish_clean_by_clock: false,
            no_new_challenges_while_overdue: false,
            silence_in_merges: MergeSilence::Consent,
            version: 1,
            created_at: Instant::from_micros(0),
            sandbox_of: None,
        }
    }

    fn code(email: &str, council: &Council) -> Option<String> {
        domain_fault(&email_key(email).unwrap(), council).map(|fault| fault.code)
    }

    // case C8
    #[test]
    fn throw_away_domains_are_refused_however_they_are_written() {
        let plain = council(&[], &[]);
        for email in [
            "x@mailinator.com",
            "x@MAILINATOR.com",
            "x@mailinator.com.",
            "x@deep.down.mailinator.com",
            "x@ｍailinator.com",
            "x+y@yopmail.com",
        ] {
            assert_eq!(code(email, &plain).as_deref(), Some("throw_away_domain"), "{email}");
        }
        for email in
            ["x@example.org", "x@gmail.com", "x@mailinator.example", "x@mailinator.com.example.org", "x@proton.me"]
        {
            assert_eq!(code(email, &plain), None, "{email}");
        }
        assert!(THROW_AWAY.len() > 50_000);
        assert!(THROW_AWAY.iter().all(|name| name.contains('.') && name.is_ascii() && *name == name.to_lowercase()));
    }

    #[test]
    fn a_council_allows_and_refuses_domains_of_its_own_and_the_longest_name_decides() {
        let own = council(
            &["mailinator.com", "good.bad.example"],
            &["bad.example", "worse.mailinator.com", "xn--bcher-kva.example"],
        );
        assert_eq!(code("x@mailinator.com", &own), None);
        assert_eq!(code("x@a.mailinator.com", &own), None);
        assert_eq!(code("x@worse.mailinator.com", &own).as_deref(), Some("domain_refused"));
        assert_eq!(code("x@bad.example", &own).as_deref(), Some("domain_refused"));
        assert_eq!(code("x@a.bad.example", &own).as_deref(), Some("domain_refused"));
        assert_eq!(code("x@a.good.bad.example", &own), None);
        assert_eq!(code("x@BÜCHER.example.", &own).as_deref(), Some("domain_refused"));
        assert_eq!(code("x@yopmail.com", &own).as_deref(), Some("throw_away_domain"));
    }

    #[test]
    fn the_name_of_a_domain_is_read_as_it_is_in_an_address() {
        for (text, name) in [
            ("Example.ORG.", Some("example.org")),
            (" bücher.example ", Some("xn--bcher-kva.example")),
            ("co.uk", Some("co.uk")),
            ("example", None),
            ("", None),
            (".", None),
            ("a..example", None),
            ("@example.org", None),
            ("*.example.org", None),
        ] {
            assert_eq!(domain_name(text).as_deref(), name, "{text}");
        }
    }
}
