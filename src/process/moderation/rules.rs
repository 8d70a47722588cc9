//! What a moderator may decide. Pure.

use super::claims::in_no_other_hands;
use super::queries::CaseRow;
use crate::participation::ideas::rules::{Move, next};
use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Error, Result};
use crate::vocabulary::{CaseReason, CaseState, DecisionKind, IdeaState};

/// The step that an idea or a comment takes by a decision.
pub fn step(decision: DecisionKind) -> Move {
    match decision {
        DecisionKind::Publish | DecisionKind::PublishWithEdit => Move::Publish,
        DecisionKind::ReturnForChanges => Move::Return,
        DecisionKind::Hide => Move::Hide,
        DecisionKind::Remove => Move::Remove,
        DecisionKind::Lock => Move::Lock,
    }
}

/// Whether a ground is one for such a decision.
///
/// # Errors
/// 422 where what is withheld for somebody's safety would stay in sight, or go back to who wrote it.
pub fn fits(decision: DecisionKind, safeguarding: bool) -> Result<()> {
    if safeguarding && !matches!(decision, DecisionKind::Hide | DecisionKind::Remove) {
        let detail = "For somebody's safety a text is hidden or removed. Choose one of the two, or another ground.";
        return Err(Error::fault("/decision", "not_taken", detail));
    }
    Ok(())
}

/// Appeals have doors of their own, and who decides them is not told whose they are.
///
/// # Errors
/// 409 where a case is one.
pub fn is_no_appeal(case: &CaseRow) -> Result<()> {
    if case.reason == CaseReason::Appeal {
        return Err(Code::WrongState.because("This case is an appeal: decide the appeal.").into());
    }
    Ok(())
}

/// Whether somebody may decide a case now; gives where what it is about would stand then.
///
/// # Errors
/// 409 where it is decided, an appeal, in the hands of somebody else, or what it is about cannot take that step.
pub fn may_decide(case: &CaseRow, decision: DecisionKind, by: Id, now: Instant) -> Result<IdeaState> {
    if case.state == CaseState::Decided {
        return Err(Code::AlreadyDecided.problem().into());
    }
    is_no_appeal(case)?;
    in_no_other_hands(case, by, now)?;
    next(case.item_state(), step(decision))
}
