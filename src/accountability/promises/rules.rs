//! When a promise is broken. Pure.

use super::clock::Due;
use super::model::FollowUps;
use crate::platform::db::Instant;
use crate::vocabulary::IdeaStatus;

/// Whether an answer is owed and late: from the due instant on, and not before.
pub fn overdue(due: Instant, status: IdeaStatus, now: Instant) -> bool {
    status == IdeaStatus::AwaitingAnswer && now >= due
}

/// How the time of an answer was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// As early as was promised.
    OnTime,
    /// Before it was due, but only because time was added.
    InAddedTime,
    /// After it was due.
    Late,
}

impl Kept {
    /// Of an answer that came at an instant.
    pub fn of(due: Due, came: Instant) -> Self {
        match came {
            at if at < due.promised_by.min(due.at) => Self::OnTime,
            at if at < due.at => Self::InAddedTime,
            _ => Self::Late,
        }
    }
}

/// How questions that were asked back stand: when each is due, and when it was answered.
pub fn follow_ups(asked: &[(Due, Option<Instant>)], now: Instant) -> FollowUps {
    let mut counted = FollowUps::default();
    for (due, came) in asked {
        counted.asked += 1;
        match came.map(|at| Kept::of(*due, at)) {
            Some(Kept::OnTime) => counted.on_time += 1,
            Some(Kept::InAddedTime) => counted.in_added_time += 1,
            Some(Kept::Late) => counted.late += 1,
            None => counted.overdue += i64::from(now >= due.at),
        }
    }
    counted
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

    #[test]
    fn what_was_asked_back_is_on_time_in_added_time_or_late_by_its_own_clock() {
        let at = Instant::from_micros;
        let due = Due { at: at(200), promised_by: at(100) };
        let asked = [99, 100, 199, 200].map(|came| (due, Some(at(came))));
        let told = follow_ups(&asked, at(500));
        assert_eq!((told.asked, told.on_time, told.in_added_time, told.late, told.overdue), (4, 1, 2, 1, 0));
        let waiting = [(due, None)];
        assert_eq!((follow_ups(&waiting, at(199)).overdue, follow_ups(&waiting, at(200)).overdue), (0, 1));
    }
}
