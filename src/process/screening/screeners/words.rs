//! Words that a council wants to have looked at: whole words only, whatever their case, accents and disguise.

use std::collections::HashMap;

use unicode_security::skeleton;
use unicode_segmentation::UnicodeSegmentation as _;

use super::super::model::{Item, Listed, Mark, Screen, Unchecked};
use super::super::rules::MOST;
use super::characters::{Seen, is_unseen};
use crate::platform::html::fold;
use crate::vocabulary::{FindingKind, Screener};

/// Finds the words of the council's lists.
pub struct Words;

impl Screen for Words {
    fn name(&self) -> Screener {
        Screener::Words
    }

    fn read(&self, item: &Item<'_>) -> Result<Vec<Mark>, Unchecked> {
        let lists = item.words.map_err(|unchecked| *unchecked)?;
        let mut marks = Vec::new();
        if lists.is_empty() {
            return Ok(marks);
        }
        // By their first word: a list of thousands is not gone through for each word of a text.
        let mut listed: HashMap<&str, Vec<&Listed>> = HashMap::new();
        for entry in lists {
            listed.entry(entry.first().map_or("", String::as_str)).or_default().push(entry);
        }
        for field in item.fields() {
            let words = words(field.text)?;
            for (place, (.., both)) in words.iter().enumerate() {
                let rest = words.get(place..).unwrap_or_default();
                let mut entries = both.iter().filter_map(|word| listed.get(word.as_str())).flatten();
                if let Some((start, end)) = entries.find_map(|entry| begins_with(rest, entry)) {
                    marks.push(field.mark(FindingKind::ListedWord, start..end)?);
                }
                if marks.len() >= MOST {
                    return Ok(marks);
                }
            }
        }
        Ok(marks)
    }
}

/// The words of a text and where they are, as if what cannot be seen were not there: it parts no word.
fn words(text: &str) -> Result<Vec<(usize, usize, [String; 2])>, Unchecked> {
    let seen = Seen::of(text);
    let place = |(at, word): (usize, &str)| {
        let place = seen.place(at..at.saturating_add(word.len()))?;
        Ok((place.start, place.end, both(word)))
    };
    seen.text().unicode_word_indices().map(place).collect()
}

/// As it is written, and as it looks: Cyrillic letters among Latin ones make no other word.
fn both(word: &str) -> [String; 2] {
    let plain = stripped(word);
    let like = skeleton(&plain).flat_map(char::to_lowercase).collect();
    [plain, like]
}

fn begins_with(text: &[(usize, usize, [String; 2])], listed: &Listed) -> Option<(usize, usize)> {
    let said = text.get(..listed.len())?;
    let same = said.iter().zip(listed).all(|((.., [plain, like]), word)| plain == word || like == word);
    same.then_some(())?;
    Some((said.first()?.0, said.last()?.1))
}

/// Without case, accents and what cannot be seen.
pub fn stripped(text: &str) -> String {
    fold(text).chars().filter(|c| !is_unseen(*c)).collect()
}

/// A word, or several, of a list as they are looked for; nothing where there is no word in it.
pub fn listed(entry: &str) -> Option<Listed> {
    let words: Listed = stripped(entry).unicode_words().map(str::to_owned).collect();
    (!words.is_empty()).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(words: &[&str], body: &str) -> Vec<(i32, i32)> {
        let words: Vec<Listed> = words.iter().filter_map(|word| listed(word)).collect();
        let marks = Words.read(&Item { title: "Title", body, words: Ok(&words) }).unwrap();
        marks.iter().filter_map(|mark| mark.place).map(|place| (place.start, place.end)).collect()
    }

    #[test]
    fn a_listed_word_is_found_in_any_dress_and_in_no_other_word() {
        assert_eq!(found(&["Scunth"], "scunthorpe, a scúnth and SCUNTH."), [(14, 20), (25, 31)]);
        assert_eq!(
            found(&["pest"], "pеst with a Cyrillic letter, p\u{200b}est, \u{1d4f9}\u{1d4ee}\u{1d4fc}\u{1d4fd}").len(),
            3
        );
        assert_eq!(found(&["STRASSE"], "Die Straße"), [], "what is spelt otherwise is another word");
        assert_eq!(found(&["quick fox"], "the quick, FOX and the quick brown fox"), [(4, 14)]);
        assert_eq!(found(&["!"], "Oh!"), []);
    }

    #[test]
    fn a_list_that_cannot_be_read_is_no_empty_list() {
        assert_eq!(Words.read(&Item { title: "A", body: "B", words: Err(&Unchecked) }), Err(Unchecked));
    }
}
