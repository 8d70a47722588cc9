//! What an update must be, and when there can be one. Pure.

use super::model::UpdateDraft;
use super::views::{CorrectUpdate, PublishUpdate};
use crate::accountability::filled;
use crate::platform::error::{Code, Error, Result};
use crate::vocabulary::ChallengeState;

/// An update as it is stored.
///
/// # Errors
/// 422 with all faults.
pub fn draft(wish: &PublishUpdate) -> Result<UpdateDraft> {
    checked(&wish.title, &wish.body, &wish.office, None)
}

/// A further revision as it is stored.
///
/// # Errors
/// 422 with all faults.
pub fn corrected(wish: &CorrectUpdate) -> Result<UpdateDraft> {
    checked(&wish.title, &wish.body, &wish.office, Some(&wish.correction))
}

fn checked(title: &str, body: &str, office: &str, correction: Option<&str>) -> Result<UpdateDraft> {
    let mut faults = Vec::new();
    let draft = UpdateDraft {
        title: filled("/title", title, &mut faults),
        body: filled("/body", body, &mut faults),
        office: filled("/office", office, &mut faults),
        correction: correction.map(|text| filled("/correction", text, &mut faults)),
    };
    if faults.is_empty() { Ok(draft) } else { Err(Error::invalid(faults)) }
}

/// Only of what the public can see is there anything to tell it.
///
/// # Errors
/// 409 of a draft.
pub fn can_be_told_of(state: ChallengeState) -> Result<()> {
    if state != ChallengeState::Draft {
        return Ok(());
    }
    Err(Code::WrongState.because("There can be updates once the challenge is open.").with("state", state).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_has_no_updates() {
        for state in ChallengeState::ALL {
            assert_eq!(can_be_told_of(*state).is_ok(), *state != ChallengeState::Draft, "{state}");
        }
    }

    #[test]
    fn every_empty_text_is_told() {
        let empty = || " \n".to_owned();
        let wish = CorrectUpdate { title: empty(), body: empty(), office: empty(), correction: empty() };
        assert_eq!(corrected(&wish).unwrap_err().problem().faults.len(), 4);
    }
}
