//! Telephone numbers by their shape: British ones, and those of any country with `+` or `00` before them.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;

use super::super::rules::MOST;

/// Digits of a British number with its 0, and of an international one (E.164) with its country.
const BRITISH: Range<usize> = 10..12;
const INTERNATIONAL: Range<usize> = 8..16;

/// Where the telephone numbers of a text are.
pub fn phone_numbers(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut characters = text.char_indices().peekable();
    let mut before = None;
    while let Some((at, c)) = characters.peek().copied() {
        // What has a letter or a figure before it is a part of something else.
        if !before.is_some_and(char::is_alphanumeric) && begins(c) {
            let number = Number::read(text.get(at..).unwrap_or_default());
            // Other figures may follow upon a number: what begins with one is looked at first, then what follows upon its
            // first group.
            let length = number.longest();
            if let Some(length) = length
                && found.len() < MOST
            {
                found.push(at..at.saturating_add(length));
            }
            let end = at.saturating_add(length.unwrap_or(number.first).max(c.len_utf8()));
            while let Some((_, c)) = characters.next_if(|(at, _)| *at < end) {
                before = Some(c);
            }
        } else {
            before = Some(c);
            characters.next();
        }
    }
    found
}

fn begins(c: char) -> bool {
    plain(c) == Some('0') || c == '(' || c == '+' || c == '＋' || plain(c).is_some()
}

/// The figure that a character is, full-width and mathematical ones too.
fn plain(c: char) -> Option<char> {
    std::iter::once(c).nfkc().next().filter(char::is_ascii_digit)
}

/// Figures with what stands between the groups of a number.
#[derive(Default)]
struct Number {
    plus: bool,
    digits: String,
    /// Of each group, how many digits there are up to its end, and how many bytes.
    groups: Vec<(usize, usize)>,
    /// Bytes up to the end of the first group, also where that belongs to something else.
    first: usize,
}

impl Number {
    fn read(text: &str) -> Self {
        let (mut number, mut between) = (Self::default(), 1_usize);
        for (at, c) in text.char_indices() {
            match plain(c) {
                Some(digit) => {
                    if between > 0 {
                        number.groups.push((0, 0));
                    }
                    number.digits.push(digit);
                    let end = at.saturating_add(c.len_utf8());
                    if let Some(group) = number.groups.last_mut() {
                        *group = (number.digits.len(), end);
                    }
                    if number.groups.len() == 1 {
                        number.first = end;
                    }
                    between = 0;
                }
                None if matches!(c, '+' | '＋') && number.digits.is_empty() && !number.plus => number.plus = true,
                None if is_between(c) && between < 3 => between = between.saturating_add(1),
                None => {
                    // What goes on in letters is no number: a reference, a unit.
                    if between == 0 && c.is_alphanumeric() {
                        number.groups.pop();
                    }
                    break;
                }
            }
        }
        number
    }

    /// Bytes of the longest telephone number that it begins with.
    fn longest(&self) -> Option<usize> {
        let is_one =
            |(digits, _): &&(usize, usize)| self.digits.get(..*digits).is_some_and(|digits| self.is_one(digits));
        self.groups.iter().rev().find(is_one).map(|(_, end)| *end)
    }

    fn is_one(&self, digits: &str) -> bool {
        let first = self.groups.first().map_or(0, |(digits, _)| *digits);
        let abroad = digits.strip_prefix("00").filter(|_| !self.plus);
        if let Some(whole) = abroad.or(self.plus.then_some(digits)) {
            // `+44 (0)20 …`: the 0 is not dialled, and no country begins with one.
            return INTERNATIONAL.contains(&whole.len()) && !whole.starts_with('0');
        }
        // A day, a time and a year make as many figures; no area has a code of two.
        let area = digits.chars().nth(1).is_some_and(|c| "1235789".contains(c));
        digits.starts_with('0') && area && first >= 3 && BRITISH.contains(&digits.len())
    }
}

fn is_between(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '-' | '‐' | '‑' | '–' | '.' | '(' | ')')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        phone_numbers(text).into_iter().map(|place| text.get(place).unwrap()).collect()
    }

    #[test]
    fn numbers_are_found_however_they_are_grouped() {
        for number in [
            "020 7946 0958",
            "02079460958",
            "(020) 7946 0958",
            "01632 960001",
            "07700 900-123",
            "+44 20 7946 0958",
            "+44 (0)20 7946 0958",
            "0044 7700 900123",
            "+49 (0) 30 123456",
            "+1 270.555.1234",
            "０２０ ７９４６ ０９５８",
        ] {
            assert_eq!(found(&format!("Ring {number}, please")), [number.trim_start_matches('(')].map(|_| number));
        }
        assert_eq!(found("020 7946 0958 or 020 7946 0959"), ["020 7946 0958", "020 7946 0959"]);
        assert_eq!(found("Ring me on 07700 900123 24/7"), ["07700 900123"]);
        assert_eq!(found("07700 900123 07700 900124"), ["07700 900123", "07700 900124"]);
        assert_eq!(found("12 07700 900123"), ["07700 900123"]);
    }

    #[test]
    fn other_figures_are_not() {
        for text in [
            "01.02.2024 10.30",
            "2026-11-24",
            "24/11/2026 09:00",
            "£1 000 000",
            "1000000000",
            "0.123456789",
            "ISBN 978-0-306-40615-7",
            "ref 0207946095X8",
            "0.5 - 0.75 - 0.9",
            "+5 - 10 + 20",
            "07700 900",
        ] {
            assert_eq!(found(text), Vec::<&str>::new(), "{text}");
        }
    }
}
