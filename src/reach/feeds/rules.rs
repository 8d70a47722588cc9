//! The order of a feed, and what XML can hold. Pure.

use super::model::Item;

/// Puts lists, each newest first, into one of at most `limit`.
pub fn merged(lists: impl IntoIterator<Item = Vec<Item>>, limit: usize) -> Vec<Item> {
    let mut items: Vec<Item> = lists.into_iter().flatten().collect();
    items.sort_by_key(|item| std::cmp::Reverse((item.at, item.id)));
    items.truncate(limit);
    items
}

/// Without the characters that XML 1.0 cannot hold, not even escaped.
pub fn xml_text(text: &str) -> String {
    let holds = |c: &char| match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        c => *c >= ' ',
    };
    text.chars().filter(holds).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::{Id, Instant};
    use crate::reach::feeds::model::What;

    fn item(at: i64, id: u8) -> Item {
        Item {
            at: Instant::from_micros(at),
            id: Id::from_bytes([id; 16]),
            challenge: Id::from_bytes([0; 16]),
            challenge_title: String::new(),
            text: String::new(),
            what: What::Outcome,
        }
    }

    #[test]
    fn newest_first_and_never_two_orders() {
        let merged = merged([vec![item(3, 1), item(2, 1)], vec![item(3, 2), item(1, 1)]], 3);
        let keys: Vec<_> = merged.iter().map(|item| (item.at.micros(), item.id)).collect();
        assert_eq!(keys, [(3, Id::from_bytes([2; 16])), (3, Id::from_bytes([1; 16])), (2, Id::from_bytes([1; 16]))]);
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out() {
        assert_eq!(xml_text("a\u{0}b\u{b}\u{1f}\u{fffe}\u{ffff}\tc\r\n😀é<&"), "ab\tc\r\n😀é<&");
    }
}
