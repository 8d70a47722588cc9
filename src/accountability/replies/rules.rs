//! What is published of replies: nothing that would tell what few have said. Pure.

use std::collections::BTreeMap;

use super::model::Counts;

/// Replies from which on a figure is published.
pub const SAMPLE: i64 = 10;

impl Counts {
    /// How many have said anything.
    pub fn replies(self) -> i64 {
        self.yes.saturating_add(self.partly).saturating_add(self.no)
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            asked: self.asked.saturating_add(other.asked),
            yes: self.yes.saturating_add(other.yes),
            partly: self.partly.saturating_add(other.partly),
            no: self.no.saturating_add(other.no),
        }
    }

    /// These, where enough have said something.
    pub fn published(self) -> Option<Self> {
        (self.replies() >= SAMPLE).then_some(self)
    }
}

/// What is published of each office: `large` are the sums of answers whose figures are published by themselves, `small` those of
/// the others. The small ones are counted along only where they are enough together: otherwise they could be had by
/// subtracting the large ones.
pub fn by_office(large: Vec<(String, Counts)>, small: Vec<(String, Counts)>) -> BTreeMap<String, Option<Counts>> {
    let mut offices: BTreeMap<String, Option<Counts>> = BTreeMap::new();
    for (office, counts) in large.into_iter().chain(small) {
        let sum = offices.entry(office).or_default();
        if let Some(counts) = counts.published() {
            *sum = Some(sum.unwrap_or_default().and(counts));
        }
    }
    offices
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(asked: i64, yes: i64, no: i64) -> Counts {
        Counts { asked, yes, partly: 0, no }
    }

    #[test]
    fn nine_replies_say_nothing_and_ten_do() {
        assert_eq!(counts(100, 8, 1).published(), None);
        assert_eq!(counts(100, 9, 1).published(), Some(counts(100, 9, 1)));
    }

    #[test]
    fn few_replies_cannot_be_had_by_subtraction() {
        let large = || vec![("Streets".to_owned(), counts(40, 20, 5))];
        let few = by_office(large(), vec![("Streets".to_owned(), counts(9, 0, 3))]);
        assert_eq!(few["Streets"], Some(counts(40, 20, 5)));
        let enough =
            by_office(large(), vec![("Streets".to_owned(), counts(30, 0, 10)), ("Parks".to_owned(), counts(5, 5, 0))]);
        assert_eq!(enough["Streets"], Some(counts(70, 20, 15)));
        assert_eq!(enough["Parks"], None);
    }
}
