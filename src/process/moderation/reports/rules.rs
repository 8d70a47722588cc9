//! What can be reported. Pure.

use crate::platform::error::{Code, Error, Result};
use crate::vocabulary::{IdeaState, ReportReason};

/// Whether somebody may report what they see.
///
/// # Errors
/// 409 where it is their own, or is not public any more.
pub fn may_report(state: IdeaState, mine: bool) -> Result<()> {
    match state {
        IdeaState::Hidden | IdeaState::Removed if mine => {
            let detail =
                "This is yours, and it is out of sight already: `me/statements` says why, and you can appeal there.";
            Err(Code::WrongState.because(detail).into())
        }
        _ if mine => Err(Code::WrongState.because("This is yours: you can revise or withdraw it.").into()),
        IdeaState::Published | IdeaState::Merged => Ok(()),
        _ => Err(Code::WrongState.because("This is not public any more.").into()),
    }
}

/// Whether a reason can stand without words.
///
/// # Errors
/// 422 where it cannot and does.
pub fn with_words(reason: ReportReason, words: Option<&str>) -> Result<()> {
    match (reason, words) {
        (ReportReason::Other, None) => Err(Error::fault("/words", "required", "Say what is wrong with it.")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_public_and_of_somebody_else_is_reported() {
        for state in IdeaState::ALL {
            let public = matches!(*state, IdeaState::Published | IdeaState::Merged);
            assert_eq!(may_report(*state, false).is_ok(), public, "{state}");
            assert!(may_report(*state, true).is_err(), "{state}");
        }
    }

    #[test]
    fn something_else_takes_words() {
        for reason in ReportReason::ALL {
            assert_eq!(with_words(*reason, None).is_ok(), *reason != ReportReason::Other, "{reason}");
            assert!(with_words(*reason, Some("It is a song.")).is_ok(), "{reason}");
        }
    }
}
