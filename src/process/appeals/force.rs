//! Which restriction of an idea is in force, where several decisions and appeals have been made about it. Pure.

use crate::platform::db::Id;
use crate::vocabulary::{AppealResult, DecisionKind};

/// A decision about an idea, with what an appeal has made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Its id.
    pub id: Id,
    /// What was decided.
    pub kind: DecisionKind,
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
    taken.iter().fold(None, |standing, one| {
        let (id, kind) = match one.verdict {
            Some(Verdict { result: AppealResult::Reversed, .. }) => return standing,
            Some(Verdict { result: AppealResult::Amended, decision, kind }) => (decision, kind),
            Some(Verdict { result: AppealResult::Upheld, .. }) | None => (one.id, one.kind),
        };
        (kind != DecisionKind::Publish).then_some((id, kind))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(name: &str, kind: DecisionKind) -> Taken {
        Taken { id: Id::from_text(name), kind, verdict: None }
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
