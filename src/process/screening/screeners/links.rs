//! Web addresses: with `https://` before them or without.

use linkify::{LinkFinder, LinkKind};

use super::super::model::{Item, Mark, Screen, Unchecked};
use super::super::rules::MOST;
use super::characters::Seen;
use crate::vocabulary::{FindingKind, Screener};

/// Finds web addresses.
pub struct Links;

impl Screen for Links {
    fn name(&self) -> Screener {
        Screener::Links
    }

    fn read(&self, item: &Item<'_>) -> Result<Vec<Mark>, Unchecked> {
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Url]).url_must_have_scheme(false);
        let mut marks = Vec::new();
        for field in item.fields() {
            let seen = Seen::of(field.text);
            for link in finder.links(seen.text()).filter(|link| leads_somewhere(link.as_str())).take(MOST) {
                marks.push(field.mark(FindingKind::Link, seen.place(link.start()..link.end())?)?);
            }
        }
        Ok(marks)
    }
}

/// Not every dot without a space behind it makes an address: without a scheme it ends in a domain that there is, which is not
/// written as the first word of a sentence. A telephone makes its first letter a capital one; that hides nothing.
fn leads_somewhere(link: &str) -> bool {
    if link.contains("://") {
        return true;
    }
    let host = link.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let last = host.rsplit('.').next().unwrap_or_default();
    let begins_anew = last.starts_with(char::is_uppercase) && last.contains(char::is_lowercase);
    let Ok(ascii) = idna::domain_to_ascii(host) else { return false };
    !begins_anew && psl::suffix(ascii.as_bytes()).is_some_and(|suffix| suffix.is_known())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &str) -> Vec<String> {
        let marks = Links.read(&Item { title: "A tree", body, words: Ok(&[]) }).unwrap();
        let place = |mark: Mark| {
            let place = mark.place.unwrap();
            let (start, end) = (usize::try_from(place.start).unwrap(), usize::try_from(place.end).unwrap());
            body.chars().skip(start).take(end - start).collect()
        };
        marks.into_iter().map(place).collect()
    }

    #[test]
    fn an_address_is_found_where_it_is_whatever_stands_before_it() {
        assert_eq!(found("Größe 👩‍🚒: see https://example.org/a?b=c."), ["https://example.org/a?b=c"]);
        assert_eq!(
            found("[here](http://example.org) and <https://example.com>"),
            ["http://example.org", "https://example.com"]
        );
        assert_eq!(found("Buy at www.cheap-pills.co.uk/now!"), ["www.cheap-pills.co.uk/now"]);
        assert_eq!(found("Www.cheap-pills.co.uk and Cheap-Pills.com"), ["Www.cheap-pills.co.uk", "Cheap-Pills.com"]);
        assert_eq!(found("cheap-pills.example is no domain, cheap-pills.com is"), ["cheap-pills.com"]);
    }

    #[test]
    fn the_end_of_a_sentence_is_no_address() {
        for text in [
            "Fix the road.It is bad.",
            "e.g. this",
            "10.30 a.m.",
            "the no.7 bus",
            "St.Mary's",
            "3.5 km",
            "I.T. and so on",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
