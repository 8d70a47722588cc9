//! What leads to somebody: mail addresses, telephone numbers, and where they live.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use unicode_segmentation::UnicodeSegmentation as _;

use super::super::model::{Item, Mark, Screen, Unchecked};
use super::super::rules::MOST;
use super::characters::Seen;
use super::phone_numbers::phone_numbers;
use crate::vocabulary::{FindingKind, Screener};

/// A house number stands so many words before its postcode at most.
const APART: usize = 9;

/// Finds mail addresses, telephone numbers and postal addresses.
pub struct PersonalData;

impl Screen for PersonalData {
    fn name(&self) -> Screener {
        Screener::PersonalData
    }

    fn read(&self, item: &Item<'_>) -> Result<Vec<Mark>, Unchecked> {
        let mut finder = LinkFinder::new();
        finder.kinds(&[LinkKind::Email]);
        let mut marks = Vec::new();
        for field in item.fields() {
            // A soft hyphen within a number makes it no other number.
            let seen = Seen::of(field.text);
            for address in finder.links(seen.text()).take(MOST) {
                marks.push(field.mark(FindingKind::MailAddress, seen.place(address.start()..address.end())?)?);
            }
            for number in phone_numbers(seen.text()) {
                marks.push(field.mark(FindingKind::PhoneNumber, seen.place(number)?)?);
            }
            for address in postal_addresses(seen.text()) {
                marks.push(field.mark(FindingKind::PostalAddress, seen.place(address)?)?);
            }
        }
        Ok(marks)
    }
}

/// A British postcode with a house number before it. The postcode alone is a street, of which ideas are full.
fn postal_addresses(text: &str) -> Vec<Range<usize>> {
    let words: Vec<(usize, &str)> = text.unicode_word_indices().collect();
    let mut found = Vec::new();
    for (place, (at, word)) in words.iter().enumerate() {
        let next = words.get(place.saturating_add(1));
        let ends = match next {
            _ if is_postcode(word, "") => at.saturating_add(word.len()),
            Some((begins, next)) if is_postcode(word, next) => begins.saturating_add(next.len()),
            _ => continue,
        };
        let before = words.get(place.saturating_sub(APART)..place).unwrap_or_default();
        // With a word between, which is the street.
        let house = before.iter().rev().skip(1).find(|(_, word)| is_house(word));
        if let Some((begins, _)) = house
            && text.get(*begins..*at).is_some_and(|between| !between.contains("\n\n"))
        {
            found.push(*begins..ends);
        }
    }
    found
}

/// `12`, `12a`.
fn is_house(word: &str) -> bool {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    (1..=4).contains(&digits.len()) && word.len() - digits.len() <= 1 && digits.bytes().all(|c| c.is_ascii_digit())
}

/// `ST5 2AB`, in one word or two: area and district, then sector and unit. The letters CIKMOV are in no unit.
fn is_postcode(outward: &str, inward: &str) -> bool {
    let code = format!("{outward}{inward}").to_ascii_uppercase();
    let Some((outward, inward)) = code.len().checked_sub(3).and_then(|at| code.split_at_checked(at)) else {
        return false;
    };
    let area = outward.bytes().take_while(u8::is_ascii_uppercase).count();
    let mut district = outward.bytes().skip(area);
    let district_is_one = district.next().is_some_and(|c| c.is_ascii_digit())
        && district.next().is_none_or(|c| c.is_ascii_alphanumeric())
        && district.next().is_none();
    let mut unit = inward.bytes();
    let unit_is_one = unit.next().is_some_and(|c| c.is_ascii_digit())
        && unit.all(|c| c.is_ascii_uppercase() && !b"CIKMOV".contains(&c));
    (1..=2).contains(&area) && district_is_one && unit_is_one
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &str) -> Vec<(FindingKind, String)> {
        let marks = PersonalData.read(&Item { title: "A tree", body, words: Ok(&[]) }).unwrap();
        let place = |mark: Mark| {
            let place = mark.place.unwrap();
            let (start, end) = (usize::try_from(place.start).unwrap(), usize::try_from(place.end).unwrap());
            (mark.kind, body.chars().skip(start).take(end - start).collect())
        };
        marks.into_iter().map(place).collect()
    }

    #[test]
    fn a_mail_address_is_found() {
        assert_eq!(found("Größe: ana@example.org."), [(FindingKind::MailAddress, "ana@example.org".into())]);
        assert_eq!(found("Meet @ noon, 5 @ 3"), []);
        let broken = "02079\u{ad}460958";
        assert_eq!(found(broken), [(FindingKind::PhoneNumber, broken.into())]);
    }

    #[test]
    fn a_house_is_found_and_a_street_is_not() {
        let house = |text: &str| vec![(FindingKind::PostalAddress, text.to_owned())];
        assert_eq!(
            found("She is at 12 Mill Lane, Aldermoor ST5 2AB, mostly."),
            house("12 Mill Lane, Aldermoor ST5 2AB")
        );
        assert_eq!(found("12a Mill Lane\nSW1A1AA"), house("12a Mill Lane\nSW1A1AA"));
        for text in ["The crossing in ST5 2AB", "12 trees.\n\nIn ST5 2AB", "12 trees by the A1 5 pm", "100 m of M1 5AM"]
        {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
