//! When support can be given or taken back. Pure.

use crate::participation::challenges::model::{ChallengeRow, Phase};
use crate::participation::challenges::rules::{Switch, permits};
use crate::platform::db::Instant;
use crate::platform::error::{Code, Result};
use crate::vocabulary::IdeaState;

/// Whether support of an idea in this state can be changed now.
///
/// # Errors
/// 409 by phase, with the time when it opens; then by state.
pub fn may_support(state: IdeaState, challenge: &ChallengeRow, phases: &[Phase], now: Instant) -> Result<()> {
    permits(challenge, phases, Switch::Support, now)?;
    match state {
        IdeaState::Published => Ok(()),
        _ => Err(Code::WrongState.because("Only a public idea can be supported.").into()),
    }
}
