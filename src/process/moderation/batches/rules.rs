//! What can be decided together, and until when it can be taken back. Pure.

use std::time::Duration;

use crate::platform::db::Id;
use crate::platform::error::{Code, Error, Fault, Problem, Result};
use crate::vocabulary::{BatchState, DecisionKind};

/// For how long decisions on many cases can be taken back.
pub const UNDO: Duration = Duration::from_secs(60);

/// Whether many cases can be decided so with one word.
///
/// # Errors
/// 422 for what takes a text of its own.
pub fn can_be_shared(decision: DecisionKind) -> Result<()> {
    if decision == DecisionKind::PublishWithEdit {
        let detail = "Each text is edited by itself: decide these cases one by one.";
        return Err(Error::fault("/decision", "not_taken", detail));
    }
    Ok(())
}

/// Whether a decision can wait for the minute in which it can be taken back.
///
/// # Errors
/// 422 where it is about somebody's safety.
pub fn can_wait(for_safety: bool) -> Result<()> {
    if for_safety {
        let detail =
            "What is withheld for somebody's safety does not wait for a minute: decide these cases one by one.";
        return Err(Error::fault("/ground", "not_taken", detail));
    }
    Ok(())
}

/// Whether all of what was asked for can be decided.
///
/// # Errors
/// 422 with each case that cannot, and why.
pub fn all_can_be(refusals: &[Option<Problem>]) -> Result<()> {
    let fault = |(n, refusal): (usize, &Option<Problem>)| {
        let problem = refusal.as_ref()?;
        let detail = problem.detail.clone().unwrap_or_else(|| problem.code.detail().to_owned());
        Some(Fault::at(format!("/cases/{n}"), problem.code.as_str(), detail))
    };
    let faults: Vec<Fault> = refusals.iter().enumerate().filter_map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

/// Whether somebody may take decisions back; gives whether there is anything to do.
///
/// # Errors
/// 403 where somebody else asked for them, 409 where they are carried out.
pub fn may_take_back(state: BatchState, asked_by: Id, by: Id) -> Result<bool> {
    if asked_by != by {
        return Err(Code::Forbidden.because("Only whoever asked for these decisions takes them back.").into());
    }
    match state {
        BatchState::Waiting => Ok(true),
        BatchState::TakenBack => Ok(false),
        BatchState::CarriedOut => {
            let detail = "The minute is over, and these decisions are carried out. Open a case to look at one again.";
            Err(Code::WrongState.because(detail).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_that_cannot_be_decided_is_named_with_its_reason() {
        assert!(all_can_be(&[None, None]).is_ok());
        let refusals = [None, Some(Code::Changed.problem()), Some(Code::WrongState.because("It is an appeal."))];
        let told = all_can_be(&refusals).unwrap_err().problem();
        let named: Vec<_> = told.faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(named, [("/cases/1", "changed"), ("/cases/2", "wrong_state")]);
        assert_eq!(told.faults[1].detail, "It is an appeal.");
    }

    #[test]
    fn only_who_asked_takes_back_and_only_what_still_waits() {
        let (one, other) = (Id::from_text("one"), Id::from_text("other"));
        assert!(may_take_back(BatchState::Waiting, one, one).unwrap());
        assert!(!may_take_back(BatchState::TakenBack, one, one).unwrap());
        assert!(may_take_back(BatchState::CarriedOut, one, one).is_err());
        assert!(may_take_back(BatchState::Waiting, one, other).is_err());
    }
}
