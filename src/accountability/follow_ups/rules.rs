//! When a question may be asked back. Pure.

use crate::participation::ideas::model::IdeaRow;
use crate::platform::error::{Code, Result};
use crate::vocabulary::{IdeaState, IdeaStatus};

/// Working days within which it is answered.
pub const ANSWERED_WITHIN_DAYS: u32 = 10;

/// Once for each idea, when it has been answered and while everybody sees it.
///
/// # Errors
/// 409 otherwise.
pub fn may_follow_up(idea: &IdeaRow) -> Result<()> {
    once(idea.state, idea.status, idea.followed_up_at.is_some())
}

fn once(state: IdeaState, status: IdeaStatus, asked: bool) -> Result<()> {
    if asked {
        return Err(Code::AlreadyExists.because("One follow-up question was asked of this idea already.").into());
    }
    if state != IdeaState::Published {
        return Err(Code::WrongState.because("Only of a public idea can a question be asked back.").into());
    }
    if status == IdeaStatus::AwaitingAnswer {
        return Err(Code::WrongState.because("It has not been answered yet.").with("status", status).into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_question_is_asked_back_of_an_idea_that_was_answered() {
        assert!(once(IdeaState::Published, IdeaStatus::Declined, false).is_ok());
        assert!(once(IdeaState::Published, IdeaStatus::Declined, true).is_err());
        assert!(once(IdeaState::Published, IdeaStatus::AwaitingAnswer, false).is_err());
        assert!(once(IdeaState::Hidden, IdeaStatus::Declined, false).is_err());
    }
}
