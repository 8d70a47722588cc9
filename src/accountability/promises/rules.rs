//! When a promise is broken. Pure.

use crate::platform::db::Instant;
use crate::vocabulary::IdeaStatus;

/// Whether an answer is owed and late: from the due instant on, and not before.
pub fn overdue(due: Instant, status: IdeaStatus, now: Instant) -> bool {
    status == IdeaStatus::AwaitingAnswer && now >= due
}

/// Whether the outcome is owed and late.
pub fn outcome_overdue(publish_by: Instant, published: bool, now: Instant) -> bool {
    !published && now >= publish_by
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_begins_at_the_due_instant_and_ends_with_an_answer() {
        let due = Instant::from_micros(1_000);
        assert!(!overdue(due, IdeaStatus::AwaitingAnswer, Instant::from_micros(999)));
        assert!(overdue(due, IdeaStatus::AwaitingAnswer, due));
        for status in IdeaStatus::ALL.iter().filter(|status| **status != IdeaStatus::AwaitingAnswer) {
            assert!(!overdue(due, *status, Instant::from_micros(2_000)));
        }
        assert!(outcome_overdue(due, false, due) && !outcome_overdue(due, true, due));
    }
}
