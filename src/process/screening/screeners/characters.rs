//! Characters that are not what they seem: unseen ones, letters of another script among Latin ones, letters in fancy dress, and
//! towers of marks. What control characters there are is refused at the door and never comes here.

use std::ops::Range;

use icu_properties::CodePointSetData;
use icu_properties::props::{DefaultIgnorableCodePoint, ExtendedPictographic};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_security::{MixedScript as _, skeleton};
use unicode_segmentation::UnicodeSegmentation as _;

use super::super::model::{Field, Item, Mark, Screen, Unchecked};
use super::super::rules::MOST;
use crate::vocabulary::{FindingKind, Screener};

/// Marks on one letter at most: more is no spelling but a tower.
const MARKS: usize = 4;

const JOINER: char = '\u{200d}';
const NON_JOINER: char = '\u{200c}';
const SOFT_HYPHEN: char = '\u{ad}';
const BLACK_FLAG: char = '\u{1f3f4}';
const TAG_END: char = '\u{e007f}';

/// Finds what a reader cannot see, or would take for something else.
pub struct Characters;

impl Screen for Characters {
    fn name(&self) -> Screener {
        Screener::Characters
    }

    fn read(&self, item: &Item<'_>) -> Result<Vec<Mark>, Unchecked> {
        let mut marks = Vec::new();
        for field in item.fields() {
            unseen(&field, &mut marks)?;
            for (at, word) in field.text.unicode_word_indices() {
                if marks.len() >= MOST {
                    break;
                }
                if let Some(kind) = disguised(word) {
                    marks.push(field.mark(kind, at..at.saturating_add(word.len()))?);
                }
            }
            for (at, cluster) in field.text.grapheme_indices(true) {
                if marks.len() < MOST
                    && cluster.chars().filter(|c| is_combining_mark(*c) && !is_unseen(*c)).count() > MARKS
                {
                    marks.push(field.mark(FindingKind::StackedMarks, at..at.saturating_add(cluster.len()))?);
                }
            }
        }
        Ok(marks)
    }
}

/// Whether a character leaves nothing to be seen.
pub fn is_unseen(c: char) -> bool {
    // Latin text is the most, and has none of them.
    c >= SOFT_HYPHEN && CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// A text without what cannot be seen, and where each of its bytes was.
pub struct Seen {
    text: String,
    origin: Vec<(usize, usize)>,
}

impl Seen {
    /// Of a text.
    pub fn of(text: &str) -> Self {
        let mut seen = Self { text: String::with_capacity(text.len()), origin: Vec::with_capacity(text.len()) };
        for (at, c) in text.char_indices().filter(|(_, c)| !is_unseen(*c)) {
            seen.text.push(c);
            seen.origin.resize(seen.text.len(), (at, at.saturating_add(c.len_utf8())));
        }
        seen
    }

    /// What is left.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where something of it was.
    pub fn place(&self, of: Range<usize>) -> Result<Range<usize>, Unchecked> {
        let last = of.end.checked_sub(1).ok_or(Unchecked)?;
        match (self.origin.get(of.start), self.origin.get(last)) {
            (Some((start, _)), Some((_, end))) => Ok(*start..*end),
            _ => Err(Unchecked),
        }
    }
}

fn is_pictogram(c: char) -> bool {
    CodePointSetData::new::<ExtendedPictographic>().contains(c)
}

/// Marks characters that cannot be seen, those in a row together, but for where scripts and emoji need them.
fn unseen(field: &Field<'_>, marks: &mut Vec<Mark>) -> Result<(), Unchecked> {
    let right_to_left = field.text.chars().any(is_right_to_left);
    let (mut before, mut selected, mut flag, mut run): (char, bool, usize, Option<(usize, usize)>) =
        (' ', false, 0, None);
    for (at, c) in field.text.char_indices() {
        if c == BLACK_FLAG {
            flag = flag_until(field.text, at);
        }
        let needed = match c {
            // Where a word may be broken; what looks for words looks through it.
            SOFT_HYPHEN => true,
            JOINER | NON_JOINER => is_pictogram(before) || joins(before),
            // One, for what stands before it: more of them would be a text of their own.
            '\u{fe00}'..='\u{fe0f}' => !selected && !before.is_ascii_alphabetic() && !before.is_whitespace(),
            '\u{e0100}'..='\u{e01ef}' => !selected && is_ideograph(before),
            // Overrides turn the order of what is read around; the others are for a text of both directions.
            '\u{202d}' | '\u{202e}' => false,
            '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202c}' | '\u{2066}'..='\u{2069}' => right_to_left,
            _ if is_tag(c) => at < flag,
            _ => false,
        };
        if is_unseen(c) && !needed && marks.len() < MOST {
            let end = at.saturating_add(c.len_utf8());
            run = match run {
                Some((start, until)) if until == at => Some((start, end)),
                over => {
                    marks.extend(
                        over.map(|(start, end)| field.mark(FindingKind::InvisibleCharacter, start..end)).transpose()?,
                    );
                    Some((at, end))
                }
            };
        }
        // A variation selector belongs to what stands before it.
        selected = is_selector(c);
        if !selected {
            before = c;
        }
    }
    marks.extend(run.map(|(start, end)| field.mark(FindingKind::InvisibleCharacter, start..end)).transpose()?);
    Ok(())
}

fn is_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Up to which byte the flag of a region goes (Unicode Technical Standard 51, emoji tag sequences: up to six tags and one that
/// ends them); nothing that is not ended is a flag.
fn flag_until(text: &str, at: usize) -> usize {
    let tags = || text.get(at..).unwrap_or_default().char_indices().skip(1).take(7).take_while(|(_, c)| is_tag(*c));
    let end = tags().find(|(_, c)| *c == TAG_END);
    end.map_or(at, |(end, c)| at.saturating_add(end).saturating_add(c.len_utf8()))
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0020}'..='\u{e007f}')
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Whether a letter may need to be told whether it is joined: those of scripts from Hebrew on to those of the Indian
/// subcontinent and South East Asia, and Mongolian. Skin tones join too, and are pictograms.
fn joins(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// Whether a word is written in other letters than it is read in.
fn disguised(word: &str) -> Option<FindingKind> {
    if word.is_ascii() {
        return None;
    }
    if word.chars().filter(|c| is_dressed(*c)).count() > 1 {
        return Some(FindingKind::StyledLetters);
    }
    let letters: String = word.chars().filter(|c| c.is_alphabetic()).collect();
    if !letters.is_single_script() {
        let like: String = skeleton(&letters).collect();
        // A word that has Greek in it and looks Greek is an honest one: µm, Ωmega.
        return like.nfd().all(|c| c.is_ascii() || is_combining_mark(c)).then_some(FindingKind::ConfusableLetters);
    }
    None
}

/// Letters for formulas, in circles or squares, or as wide as Chinese ones: read aloud, they are no words.
fn is_dressed(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{24b6}'..='\u{24e9}' | '\u{1f130}'..='\u{1f189}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &str) -> Vec<(FindingKind, i32, i32)> {
        let marks = Characters.read(&Item { title: "A tree", body, words: Ok(&[]) }).unwrap();
        marks.iter().filter_map(|mark| mark.place.map(|place| (mark.kind, place.start, place.end))).collect()
    }

    #[test]
    fn what_cannot_be_seen_is_found() {
        assert_eq!(found("a\u{200b}\u{200b}b"), [(FindingKind::InvisibleCharacter, 1, 3)]);
        assert_eq!(found("safe \u{202e}txt.exe"), [(FindingKind::InvisibleCharacter, 5, 6)]);
        assert_eq!(found("a\u{200d}b"), [(FindingKind::InvisibleCharacter, 1, 2)]);
        assert_eq!(found("Hi\u{e0041}\u{e0042} there"), [(FindingKind::InvisibleCharacter, 2, 4)]);
        assert_eq!(found("\u{3164}"), [(FindingKind::InvisibleCharacter, 0, 1)]);
        // What is hidden behind an emoji, a figure or a flag.
        assert_eq!(found("❤\u{fe0f}\u{fe00}\u{fe01}"), [(FindingKind::InvisibleCharacter, 2, 4)]);
        assert_eq!(found("❤\u{e0101}\u{e0102}"), [(FindingKind::InvisibleCharacter, 1, 3)]);
        assert_eq!(found("1\u{fe0f}\u{fe0f}"), [(FindingKind::InvisibleCharacter, 2, 3)]);
        assert_eq!(found("🏴\u{e0067}\u{e0062}"), [(FindingKind::InvisibleCharacter, 1, 3)]);
        let long = format!("🏴{}\u{e007f}", "\u{e0061}".repeat(7));
        assert_eq!(found(&long), [(FindingKind::InvisibleCharacter, 1, 9)]);
    }

    #[test]
    fn what_seems_to_be_another_letter_is_found() {
        assert_eq!(found("é pаypal"), [(FindingKind::ConfusableLetters, 2, 8)]);
        assert_eq!(found("𝓯𝓻𝓮𝓮 money"), [(FindingKind::StyledLetters, 0, 4)]);
        assert_eq!(found("Z\u{301}\u{302}\u{303}\u{304}\u{305}o")[0].0, FindingKind::StackedMarks);
    }

    #[test]
    fn what_scripts_and_emoji_need_is_not() {
        for text in [
            "👩\u{200d}🚒 👩🏽\u{200d}🚒 ❤\u{fe0f} 1\u{fe0f}\u{20e3} 🏳\u{fe0f}\u{200d}🌈",
            "🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f} Wales",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "שלום\u{200f} (hello)",
            "Straße, naïve, Łódź, Đặng, ŵyl, Ελλάδα, Москва, 東京タワー, 서울",
            "10 µm, the Ω of it, β-carotene",
            "soft\u{ad}ly",
            "葛\u{e0100}城",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
