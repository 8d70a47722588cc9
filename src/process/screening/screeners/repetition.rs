//! The same again: characters, words, and whole texts that somebody has sent before.

use unicode_segmentation::UnicodeSegmentation as _;

use super::super::model::{Circumstances, Field, Item, Mark, Screen, Unchecked};
use super::words::stripped;
use crate::vocabulary::{FindingKind, Screener};

/// From so many on, the same character is no spelling; and so is the same word.
const CHARACTERS: usize = 6;
const WORDS: usize = 5;

/// Drawn with in Markdown, or said with more than one.
const DRAWN: &str = "-–—=_*.#`~|+<>:…·•/\\";

/// Two texts that are shorter may well be the same by chance.
const SHORTEST: usize = 20;

/// Finds what is said again and again.
pub struct Repetition;

impl Screen for Repetition {
    fn name(&self) -> Screener {
        Screener::Repetition
    }

    fn read(&self, item: &Item<'_>) -> Result<Vec<Mark>, Unchecked> {
        let mut marks = Vec::new();
        for field in item.fields() {
            let characters =
                field.text.char_indices().map(|(at, c)| (at, c.len_utf8(), c.to_lowercase().next().unwrap_or(c)));
            runs(&field, characters, (CHARACTERS, FindingKind::RepeatedCharacters), is_drawn, &mut marks)?;
            let words = field.text.unicode_word_indices().map(|(at, word)| (at, word.len(), stripped(word)));
            runs(&field, words, (WORDS, FindingKind::RepeatedWords), String::is_empty, &mut marks)?;
        }
        Ok(marks)
    }

    fn weigh(&self, circumstances: &Circumstances) -> Option<FindingKind> {
        (circumstances.same_text > 0).then_some(FindingKind::RepeatedText)
    }
}

fn is_drawn(c: &char) -> bool {
    c.is_whitespace() || c.is_numeric() || DRAWN.contains(*c)
}

/// Marks what stands at least so many times in a row: place, length and what is compared.
fn runs<T: PartialEq>(
    field: &Field<'_>,
    parts: impl Iterator<Item = (usize, usize, T)>,
    (least, kind): (usize, FindingKind),
    is_nothing: impl Fn(&T) -> bool,
    marks: &mut Vec<Mark>,
) -> Result<(), Unchecked> {
    // Where a run begins, where it ends, how long it is, and of what it is.
    let mut run: Option<(usize, usize, usize, T)> = None;
    for (at, length, part) in parts {
        match &mut run {
            Some((_, end, count, of)) if *of == part => {
                *end = at.saturating_add(length);
                *count = count.saturating_add(1);
            }
            _ => {
                let over = run.replace((at, at.saturating_add(length), 1, part));
                marks.extend(marked(field, over, least, kind, &is_nothing)?);
            }
        }
    }
    marks.extend(marked(field, run, least, kind, &is_nothing)?);
    Ok(())
}

fn marked<T>(
    field: &Field<'_>,
    run: Option<(usize, usize, usize, T)>,
    least: usize,
    kind: FindingKind,
    is_nothing: &impl Fn(&T) -> bool,
) -> Result<Option<Mark>, Unchecked> {
    match run {
        Some((start, end, count, of)) if count >= least && !is_nothing(&of) => field.mark(kind, start..end).map(Some),
        _ => Ok(None),
    }
}

/// What two texts have in common that say the same, whatever their case, accents, spaces and signs; nothing where they are too
/// short to mean anything.
pub fn likeness(title: &str, body: &str) -> Option<String> {
    let like: String = stripped(title).chars().chain(stripped(body).chars()).filter(|c| c.is_alphanumeric()).collect();
    (like.chars().count() >= SHORTEST).then_some(like)
}

#[cfg(test)]
mod tests {
    use super::super::super::model::Place;
    use super::*;
    use crate::vocabulary::TextField;

    fn found(body: &str) -> Vec<(FindingKind, i32, i32)> {
        let marks = Repetition.read(&Item { title: "A tree", body, words: Ok(&[]) }).unwrap();
        let place = |mark: Mark| mark.place.map(|Place { start, end, .. }| (mark.kind, start, end));
        marks.into_iter().filter_map(place).collect()
    }

    #[test]
    fn what_is_shouted_or_said_again_and_again_is_found() {
        assert_eq!(found("é Noooooooo way"), [(FindingKind::RepeatedCharacters, 3, 11)]);
        assert_eq!(found("Now!!!!!!"), [(FindingKind::RepeatedCharacters, 3, 9)]);
        assert_eq!(found("Up up UP, up... úp the hill"), [(FindingKind::RepeatedWords, 0, 18)]);
    }

    #[test]
    fn rules_figures_and_what_is_meant_are_not() {
        for text in [
            "-----------",
            "Wait......",
            "1000000000 pounds",
            "no no no",
            "really!!!",
            "a\n\n\n\n\n\n\nb",
            "| --- | --- |",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn a_text_is_known_again_in_other_clothes() {
        let first = likeness("A crossing", "Because **everybody** would be safer.");
        assert_eq!(first, likeness("a CROSSING!", "because everybody  would be\u{200b} sáfer"));
        assert_ne!(first, likeness("A crossing", "Because nobody would be safer."));
        assert_eq!(likeness("Yes", "A tree."), None);
        assert!(TextField::ALL.len() == 2, "a further field belongs into the likeness");
    }
}
