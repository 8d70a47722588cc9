//! Which restriction of an idea or a comment is in force, where several decisions and appeals have been made about it. Pure.

use crate::platform::db::Id;
use crate::vocabulary::{AppealResult, DecisionKind};

/// A decision about it, with what an appeal has made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its id.
    pub id: Id,
    /// What was decided.
    pub kind: DecisionKind,
    /// Whether a moderator had opened the case to look at it again.
    pub looked_again: bool,
    /// What came of the appeal against it.
    pub verdict: Option<Verdict>,
}

/// What came of an appeal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it came to.
    pub result: AppealResult,
    /// The decision that says so.
    pub decision: Id,
    /// What is in place of the first one, where it was amended.
    pub kind: DecisionKind,
}

/// The restriction that is in force after these decisions, in the order in which they were taken.
///
/// What was reversed counts as never decided, so that an earlier restriction which it had taken the place of is in force
/// again; what was amended counts as what it was amended to.
pub fn in_force(taken: &[Taken]) -> Option<(Id, DecisionKind)> {
    taken.iter().fold(None, |standing, one| match one.stands() {
        None => standing,
        // What is locked is public.
        Some((_, DecisionKind::Publish | DecisionKind::Lock)) => None,
        other => other,
    })
}

/// The decision by which nobody may write under it any more. A later one that leaves it public does not open it again, unless a
/// moderator has looked again for that.
pub fn lock_in_force(taken: &[Taken]) -> Option<Id> {
    taken.iter().fold(None, |standing, one| match one.stands() {
        Some((id, DecisionKind::Lock)) => Some(id),
        Some((_, DecisionKind::Publish)) if one.looked_again => None,
        _ => standing,
    })
}

impl Taken {
    /// As what it counts after the appeal against it; not at all where it was reversed.
    fn stands(&self) -> Option<(Id, DecisionKind)> {
        match self.verdict {
            Some(Verdict { result: AppealResult::Reversed, .. }) => None,
            Some(Verdict { result: AppealResult::Amended, decision, kind }) => Some((decision, kind)),
            Some(Verdict { result: AppealResult::Upheld, .. }) | None => Some((self.id, self.kind)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(name: &str, kind: DecisionKind) -> Taken {
        Taken { id: Id::from_text(name), kind, looked_again: false, verdict: None }
    }

    fn after(first: Taken, result: AppealResult, kind: DecisionKind) -> Taken {
        let decision = Id::from_text("appeal");
        Taken { verdict: Some(Verdict { result, decision, kind }), ..first }
    }

    #[test]
    fn the_last_decision_is_in_force() {
        use DecisionKind::{Hide, Publish, Remove};
        assert_eq!(in_force(&[]), None);
        assert_eq!(in_force(&[taken("1", Hide), taken("2", Publish)]), None);
        assert_eq!(in_force(&[taken("1", Hide), taken("2", Remove)]), Some((Id::from_text("2"), Remove)));
    }

    #[test]
    fn a_lock_stands_until_it_is_reversed_or_somebody_looks_again_for_it() {
        use DecisionKind::{Hide, Lock, Publish};
        let lock = Some(Id::from_text("1"));
        assert_eq!(lock_in_force(&[taken("1", Lock), taken("2", Publish), taken("3", Hide)]), lock);
        assert_eq!(in_force(&[taken("1", Lock)]), None, "it is public");
        let again = Taken { looked_again: true, ..taken("2", Publish) };
        assert_eq!(lock_in_force(&[taken("1", Lock), again]), None);
        assert_eq!(lock_in_force(&[after(taken("1", Lock), AppealResult::Reversed, Publish)]), None);
        assert_eq!(lock_in_force(&[after(taken("1", Lock), AppealResult::Amended, Hide)]), None);
        assert_eq!(
            lock_in_force(&[after(taken("1", Hide), AppealResult::Amended, Lock)]),
            Some(Id::from_text("appeal"))
        );
    }

    #[test]
    fn what_an_appeal_reverses_was_never_decided_and_what_stood_before_it_stands_again() {
        use DecisionKind::{Hide, Publish, Remove};
        let reversed = |kind| after(taken("late", kind), AppealResult::Reversed, Publish);
        let (one, early) = (|| taken("1", Hide), Some((Id::from_text("1"), Hide)));
        assert_eq!(in_force(&[reversed(Remove)]), None);
        assert_eq!(in_force(&[one(), reversed(Remove)]), early);
        assert_eq!(in_force(&[reversed(Remove), one()]), early, "another decision than the one appealed against");
        assert_eq!(in_force(&[one(), taken("2", Publish), reversed(Remove)]), None);
        let amended = after(taken("late", Remove), AppealResult::Amended, Hide);
        assert_eq!(in_force(&[one(), amended]), Some((Id::from_text("appeal"), Hide)));
        assert_eq!(in_force(&[after(one(), AppealResult::Upheld, Hide)]), early);
    }
}
