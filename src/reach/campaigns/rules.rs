//! Codes, links, robots, and counts too small to be shown. Pure.

use super::model::{CampaignDraft, Count};
use super::views::MakeCampaign;
use crate::platform::error::{Error, Fault, Result};
use crate::platform::html::tidy;
use crate::vocabulary::CampaignAction;

/// Counts below this are withheld.
pub const SMALLEST: i64 = 10;
/// Letters and digits of a code: without those that look like others.
const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
/// Length of a code.
const LENGTH: usize = 8;

/// A code, from as many random numbers as it is long.
pub fn code(random: [u32; LENGTH]) -> String {
    let letter = |number: u32| {
        let place = usize::try_from(number).unwrap_or(0).checked_rem(ALPHABET.len()).unwrap_or(0);
        ALPHABET.get(place).copied().map_or('a', char::from)
    };
    random.into_iter().map(letter).collect()
}

/// A code as it is stored; `None` for what cannot be one.
pub fn code_of(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    (text.len() == LENGTH && text.bytes().all(|byte| ALPHABET.contains(&byte))).then_some(text)
}

/// A campaign as it is stored.
///
/// # Errors
/// 422 with all faults.
pub fn draft(wish: &MakeCampaign) -> Result<CampaignDraft> {
    let mut faults = Vec::new();
    let mut filled = |pointer: &str, text: &str| {
        let text = tidy(text);
        if text.is_empty() {
            faults.push(Fault::at(pointer, "too_short", "At least 1 character that can be seen."));
        }
        text
    };
    let (name, channel) = (filled("/name", &wish.name), filled("/channel", &wish.channel));
    let target = target(&wish.target_url);
    if let Err(detail) = &target {
        faults.push(Fault::at("/target_url", "wrong_format", *detail));
    }
    match target {
        Ok(target_url) if faults.is_empty() => Ok(CampaignDraft { name, channel, target_url }),
        _ => Err(Error::invalid(faults)),
    }
}

// The visitor's browser goes there and not this server, so that an address of the house is no danger.
fn target(address: &str) -> Result<String, &'static str> {
    let url = url::Url::parse(address.trim()).map_err(|_fault| "This is not a full address.")?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err("Only http and https are taken.");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("Leave out user and password.");
    }
    Ok(url.into())
}

/// Where a short link leads: the target, with the code to be handed on.
pub fn destination(target: &str, code: &str) -> Option<String> {
    let mut url = url::Url::parse(target).ok()?;
    url.query_pairs_mut().append_pair("campaign", code);
    Some(url.into())
}

/// Whether a person followed the link, as far as one can tell: no look ahead, no robot.
pub fn is_visit(purposes: &[&str], agent: &str) -> bool {
    let agent = agent.to_ascii_lowercase();
    !purposes.iter().any(|purpose| purpose.to_ascii_lowercase().contains("prefetch"))
        && !["bot", "crawler", "spider", "preview"].iter().any(|word| agent.contains(word))
}

/// A count as it is shown.
pub fn shown(n: i64) -> Option<i64> {
    (n >= SMALLEST).then_some(n)
}

/// The sum of an action over all days; withheld where it would tell what the days withhold. That is so where a
/// single day is withheld, where all withheld days together are few, and where they can only be one way.
pub fn total(counts: &[Count], action: CampaignAction) -> Option<i64> {
    let of_action = || counts.iter().filter(|count| count.action == action).map(|count| count.n);
    let (mut days, mut rest) = (0_i64, 0_i64);
    for n in of_action().filter(|n| shown(*n).is_none()) {
        days = days.saturating_add(1);
        rest = rest.saturating_add(n);
    }
    let most = days.saturating_mul(SMALLEST.saturating_sub(1));
    let hidden = days >= 2 && rest >= SMALLEST && rest > days && rest < most;
    (days == 0 || hidden).then(|| of_action().sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(days: &[i64]) -> Vec<Count> {
        let count = |(day, n): (usize, &i64)| Count { day: day.to_string(), action: CampaignAction::Visit, n: *n };
        days.iter().enumerate().map(count).collect()
    }

    #[test]
    fn a_code_can_be_read_out_and_typed() {
        let code = code([0, 1, 2, 30, 31, 1_000, u32::MAX, 7]);
        assert_eq!(code.len(), 8);
        assert_eq!(code_of(&format!(" {} ", code.to_uppercase())), Some(code));
        for other in ["", "abcdefg", "abcdefghj", "abcdefg0", "abcdefgl", "abcdefg\u{0}", "ümlaut22"] {
            assert_eq!(code_of(other), None, "{other}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_are_targets() {
        let wish =
            |target: &str| MakeCampaign { name: "Bus".into(), channel: "poster".into(), target_url: target.into() };
        assert!(draft(&wish("https://ideas.example.org/start?x=1")).is_ok());
        for other in ["javascript:alert(1)", "data:text/html,x", "//example.org", "https://a:b@example.org/", "x", ""] {
            assert!(draft(&wish(other)).is_err(), "{other}");
        }
    }

    #[test]
    fn the_code_is_handed_on_beside_what_is_there() {
        let destination = destination("https://ideas.example.org/start?x=1#top", "abcdefgh").unwrap();
        assert_eq!(destination, "https://ideas.example.org/start?x=1&campaign=abcdefgh#top");
    }

    #[test]
    fn robots_and_looks_ahead_are_no_visits() {
        assert!(is_visit(&[], "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"));
        assert!(!is_visit(&["prefetch;prerender"], "Mozilla/5.0"));
        assert!(!is_visit(&[], "Mozilla/5.0 (compatible; Googlebot/2.1)"));
        assert!(!is_visit(&[], "WhatsApp link Preview"));
    }

    #[test]
    fn a_total_never_tells_what_a_day_withholds() {
        let total = |days: &[i64]| total(&counts(days), CampaignAction::Visit);
        assert_eq!(total(&[]), Some(0));
        assert_eq!(total(&[40, 12]), Some(52));
        assert_eq!(total(&[40, 3]), None, "one day withheld");
        assert_eq!(total(&[40, 3, 4]), None, "few in all");
        assert_eq!(total(&[40, 9, 9]), None, "only one way to be eighteen");
        assert_eq!(total(&[40, 7, 8]), Some(55));
        assert_eq!(total(&[1; 12]), None, "only one way to be twelve");
    }
}
