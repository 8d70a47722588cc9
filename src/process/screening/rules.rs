//! How screeners are asked, and what follows. Pure.

use super::model::{Circumstances, Finding, Item, Mark, Screen};
use crate::vocabulary::FindingKind;

/// What one screener shows of one text at most: a moderator who has seen so many needs no more.
pub const MOST: usize = 20;

/// What is found in a text. A screener that fails has found that it failed: its text is not clean.
pub fn read(screeners: &[&dyn Screen], item: &Item<'_>) -> Vec<Finding> {
    let of_one = |screener: &&dyn Screen| {
        let name = screener.name();
        let marks = screener.read(item).unwrap_or_else(|_unchecked| vec![Mark::whole(FindingKind::NotChecked)]);
        marks.into_iter().take(MOST).map(move |mark| Finding { screener: name, mark })
    };
    screeners.iter().flat_map(of_one).collect()
}

/// The language of a tag, without its region: `en` of `en-GB`.
pub fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or_default()
}

/// What is found in how a text came.
pub fn weigh(screeners: &[&dyn Screen], circumstances: &Circumstances) -> Vec<Finding> {
    let of_one = |screener: &&dyn Screen| {
        let kind = screener.weigh(circumstances)?;
        Some(Finding { screener: screener.name(), mark: Mark::whole(kind) })
    };
    screeners.iter().filter_map(of_one).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::model::Unchecked;
    use super::super::screeners;
    use super::*;
    use crate::vocabulary::{Screener, TextField};

    struct Broken;

    impl Screen for Broken {
        fn name(&self) -> Screener {
            Screener::Links
        }
        fn read(&self, _: &Item<'_>) -> Result<Vec<Mark>, Unchecked> {
            Err(Unchecked)
        }
    }

    #[test]
    fn a_screener_that_fails_is_a_finding() {
        let item = Item { title: "A tree", body: "Here.", words: Ok(&[]) };
        let found = read(&[&Broken], &item);
        assert_eq!(found, [Finding { screener: Screener::Links, mark: Mark::whole(FindingKind::NotChecked) }]);
        assert_eq!(read(&screeners::ALL, &item), []);
    }

    fn all_within(title: &str, body: &str, words: &[Vec<String>]) {
        let found = read(&screeners::ALL, &Item { title, body, words: Ok(words) });
        for finding in found {
            assert_ne!(finding.mark.kind, FindingKind::NotChecked, "{title:?} {body:?} {finding:?}");
            let Some(place) = finding.mark.place else { continue };
            let text = if place.field == TextField::Title { title } else { body };
            let length = i32::try_from(text.chars().count()).unwrap();
            assert!(0 <= place.start && place.start < place.end && place.end <= length, "{finding:?} of {text:?}");
        }
    }

    // case D1
    #[test]
    fn every_naughty_string_is_screened_and_its_findings_lie_within_it() {
        let all: Vec<String> = serde_json::from_str(include_str!("../../../tests/data/blns.json")).unwrap();
        for text in all {
            all_within(&text, &text, &[vec!["a".into()], vec!["the".into(), "quick".into()]]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn no_text_makes_a_screener_panic_or_point_beside_it(title in any::<String>(), body in any::<String>()) {
            all_within(&title, &body, &[vec!["a".into()]]);
        }

        #[test]
        fn nor_does_one_made_of_what_screeners_look_for(parts in proptest::collection::vec(proptest::sample::select(vec![
            "https://", "www.", "a.co.uk", "é", "@", "mail@", "example.org", "+44", "(0)", "020", " 7946", "0958", "-", " ",
            "\u{200d}", "\u{202e}", "\u{fe0f}", "👩", "🏴", "\u{e0067}", "\u{e007f}", "п", "a", "\u{301}", "12 ", "Mill Lane, ",
            "ST5 ", "2AB", "𝓯", "ａ", "!!!!!!!!", "no no no no", "\n", "[", "](", ")", "。", "٣", "０", "ß", "İ", "ﬁ",
        ]), 0..40)) {
            let text = parts.concat();
            all_within(&text, &text, &[vec!["a".into()], vec!["no".into(), "no".into()]]);
        }
    }
}
