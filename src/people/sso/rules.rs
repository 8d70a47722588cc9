//! Where a browser may be sent back to, and what claims mean. Pure.

use serde_json::{Map, Value};
use url::Url;

use super::views::ClaimRule;

/// The address that a browser comes back to, where it is on one of these origins: compared exactly, after the reading
/// that browsers do, and without anything that some reader could take for the beginning of another host (case D11).
pub fn return_address(text: &str, origins: &[Url]) -> Option<Url> {
    let lower = text.to_ascii_lowercase();
    let told_apart = text.chars().all(|c| c.is_ascii_graphic() && c != '\\');
    let hidden = lower.contains("%2f") || lower.contains("%5c") || lower.contains("%0");
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let whole = matches!(url.scheme(), "https" | "http") && url.has_host() && !url.path().contains("//");
    let listed = origins.iter().any(|origin| origin.origin() == url.origin());
    (told_apart && !hidden && plain && whole && listed).then_some(url)
}

/// What the claims of somebody make of them here: whether a verified resident, and of which ward. The first rule that
/// fits holds.
pub fn meaning(rules: &[ClaimRule], claims: &Map<String, Value>) -> (bool, Option<String>) {
    let is = |value: &Value, wanted: &str| match value {
        Value::String(text) => text == wanted,
        Value::Bool(yes) => wanted == if *yes { "true" } else { "false" },
        Value::Number(number) => wanted.parse().is_ok_and(|wanted: serde_json::Number| wanted == *number),
        _ => false,
    };
    let fits = |rule: &&ClaimRule| match claims.get(&rule.claim) {
        Some(Value::Array(all)) => all.iter().any(|one| is(one, &rule.value)),
        Some(one) => is(one, &rule.value),
        None => false,
    };
    rules.iter().find(fits).map_or((false, None), |rule| (rule.verified, rule.ward.clone()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // case D11
    #[test]
    fn a_browser_is_sent_back_to_a_listed_origin_and_nowhere_else() {
        let origins = ["https://ideas.example/councils/aldermoor", "http://127.0.0.1:8080"].map(|o| o.parse().unwrap());
        for good in [
            "https://ideas.example/signed-in",
            "https://ideas.example",
            "https://IDEAS.example:443/a?b=c",
            "http://127.0.0.1:8080/",
        ] {
            assert!(return_address(good, &origins).is_some(), "{good}");
        }
        for evil in [
            "",
            "/signed-in",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "%2f%2fevil.example",
            "https:evil.example",
            "https://ideas.example%2f%2fevil.example",
            "https://ideas.example/%2f%2fevil.example",
            "https://ideas.example/%2F/evil.example",
            "https://ideas.example/%5cevil.example",
            "https://ideas.example//evil.example",
            "https://ideas.example/\\evil.example",
            "https:\\\\ideas.example\\a",
            "https://ideas.example@evil.example/",
            "https://user@ideas.example/",
            "https://ideas.example.evil.example/",
            "https://evil.example/https://ideas.example",
            "https://evil.example/?https://ideas.example",
            "https://ideas.example:8443/",
            "http://ideas.example/",
            "https://ideas.example/#token",
            "https://ideas.example/\u{0}",
            "https://ideas.example/a\tb",
            "\thttps://ideas.example/",
            "https://ideas.example/%0d%0aset-cookie:a",
            "https://ideas\u{3002}example/",
            "javascript:alert(1)//https://ideas.example",
            "data:text/html,https://ideas.example",
            "http://127.0.0.1:8081/",
        ] {
            assert!(return_address(evil, &origins).is_none(), "{evil}");
        }
    }

    #[test]
    fn the_first_rule_that_fits_says_what_claims_mean() {
        let rule = |claim: &str, value: &str, verified, ward: Option<&str>| ClaimRule {
            claim: claim.into(),
            value: value.into(),
            verified,
            ward: ward.map(str::to_owned),
        };
        let rules = [
            rule("ward", "harbour", true, Some("harbour")),
            rule("groups", "residents", true, None),
            rule("guest", "true", false, Some("none")),
        ];
        let of = |claims: Value| meaning(&rules, claims.as_object().unwrap());
        assert_eq!(of(json!({ "ward": "harbour", "groups": ["residents"] })), (true, Some("harbour".into())));
        assert_eq!(of(json!({ "groups": ["staff", "residents"] })), (true, None));
        assert_eq!(of(json!({ "guest": true })), (false, Some("none".into())));
        assert_eq!(of(json!({ "ward": "Harbour", "groups": "resident" })), (false, None));
    }
}
