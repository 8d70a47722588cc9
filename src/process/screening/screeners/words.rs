//! Words that a council wants to have looked at: whole words only, whatever their case, accents and disguise.

use unicode_security::skeleton;
use unicode_segmentation::UnicodeSegmentation as _;

use super::super::model::{Item, Listed, Mark, Screen, Unchecked};
use super::characters::is_unseen;
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
        for field in item.fields() {
            let words = words(field.text)?;
            for place in 0..words.len() {
                let rest = words.get(place..).unwrap_or_default();
                if let Some((start, end)) = lists.iter().find_map(|listed| begins_with(rest, listed)) {
                    marks.push(field.mark(FindingKind::ListedWord, start..end)?);
                }
            }
        }
        Ok(marks)
    }
}

/// The words of a text and where they are, as if what cannot be seen were not there: it parts no word.
fn words(text: &str) -> Result<Vec<(usize, usize, [String; 2])>, Unchecked> {
    let (mut seen, mut origin) = (String::with_capacity(text.len()), Vec::with_capacity(text.len()));
    for (at, c) in text.char_indices().filter(|(_, c)| !is_unseen(*c)) {
        seen.push(c);
        let end = at.saturating_add(c.len_utf8());
        origin.resize(seen.len(), (at, end));
    }
    let place = |(at, word): (usize, &str)| {
        let last = at.saturating_add(word.len()).saturating_sub(1);
        let ((start, _), (_, end)) = (*origin.get(at)?, *origin.get(last)?);
        Some((start, end, both(word)))
    };
    seen.unicode_word_indices().map(|found| place(found).ok_or(Unchecked)).collect()
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
