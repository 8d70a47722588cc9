//! What a moderator may decide. Pure.

use super::claims::in_no_other_hands;
use super::queries::CaseRow;
use crate::participation::ideas::rules::{Move, next};
use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Result};
use crate::vocabulary::{CaseReason, CaseState, DecisionKind, IdeaState};

/// The step that an idea takes by a decision.
pub fn step(decision: DecisionKind) -> Move {
    match decision {
        DecisionKind::Publish => Move::Publish,
        DecisionKind::Hide => Move::Hide,
        DecisionKind::Remove => Move::Remove,
    }
}

/// Whether somebody may decide a case now; gives what its idea would be then.
///
/// # Errors
/// 409 where it is decided, an appeal, in the hands of somebody else, or its idea cannot take that step.
pub fn may_decide(case: &CaseRow, decision: DecisionKind, by: Id, now: Instant) -> Result<IdeaState> {
    if case.state == CaseState::Decided {
        return Err(Code::AlreadyDecided.problem().into());
    }
    if case.reason == CaseReason::Appeal {
        return Err(Code::WrongState.because("This case is an appeal: decide the appeal.").into());
    }
    in_no_other_hands(case, by, now)?;
    next(case.idea_state, step(decision))
}
