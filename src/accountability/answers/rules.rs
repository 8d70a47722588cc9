//! What an answer must be. Pure.

use super::model::{AnswerDraft, AnswerRow};
use super::views::{AnswerIdea, AnswerIdeas};
use crate::accountability::filled;
use crate::participation::ideas::model::IdeaRow;
use crate::platform::error::{Code, Error, Result};
use crate::vocabulary::IdeaState;

/// An answer as it is stored.
///
/// # Errors
/// 422 where the office or the reason says nothing.
pub fn draft(wish: &AnswerIdea) -> Result<AnswerDraft> {
    let mut faults = Vec::new();
    let office = filled("/office", &wish.office, &mut faults);
    let reason = filled("/reason", &wish.reason, &mut faults);
    if faults.is_empty() { Ok(AnswerDraft { kind: wish.kind, office, reason }) } else { Err(Error::invalid(faults)) }
}

/// The answer that many ideas are to have, as it is stored.
///
/// # Errors
/// 422 where the office or the reason says nothing.
pub fn shared_draft(wish: &AnswerIdeas) -> Result<AnswerDraft> {
    draft(&AnswerIdea { kind: wish.kind, office: wish.office.clone(), reason: wish.reason.clone() })
}

/// Whether an idea has this very answer, to the text that it has now, and waits for no other.
pub fn says_the_same(last: &AnswerRow, draft: &AnswerDraft, idea: &IdeaRow) -> bool {
    (last.kind, &last.office, &last.reason) == (draft.kind, &draft.office, &draft.reason)
        && last.idea_revision == idea.revision
        && idea.status == last.kind.status()
}

/// Only what everybody sees is answered.
///
/// # Errors
/// 409 in any other state.
pub fn can_be_answered(state: IdeaState) -> Result<()> {
    if state == IdeaState::Published {
        return Ok(());
    }
    Err(Code::WrongState.because("Only a published idea can be answered.").with("state", state).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::AnswerKind;

    #[test]
    fn an_answer_says_who_and_why() {
        let wish = |office: &str, reason: &str| AnswerIdea {
            kind: AnswerKind::Declined,
            office: office.into(),
            reason: reason.into(),
        };
        assert_eq!(draft(&wish(" Highways ", "Too narrow.")).unwrap().office, "Highways");
        assert_eq!(draft(&wish(" ", "\n")).unwrap_err().problem().faults.len(), 2);
    }

    #[test]
    fn only_what_everybody_sees_is_answered() {
        for state in IdeaState::ALL {
            assert_eq!(can_be_answered(*state).is_ok(), *state == IdeaState::Published);
        }
    }
}
