//! When support can be given or taken back. Pure.

use crate::participation::challenges::model::{ChallengeRow, Phase};
use crate::participation::challenges::rules::{Switch, admits, permits};
use crate::people::verification::model::Facts;
use crate::platform::db::Instant;
use crate::platform::error::{Code, Result};
use crate::vocabulary::IdeaState;

/// Whether somebody may support an idea in this state now.
///
/// # Errors
/// 409 by phase, with the time when it opens; then by what is known of them, with what would help; then by state.
pub fn may_support(
    state: IdeaState,
    challenge: &ChallengeRow,
    phases: &[Phase],
    facts: &Facts,
    now: Instant,
) -> Result<()> {
    facts.takes_part(challenge.id)?;
    permits(challenge, phases, Switch::Support, now)?;
    admits(challenge, Switch::Support, facts)?;
    can_be_supported(state)
}

/// Whether somebody may take support back now: also who has no say any more.
///
/// # Errors
/// 409 by phase, with the time when it opens; then by state.
pub fn may_withdraw(
    state: IdeaState,
    challenge: &ChallengeRow,
    phases: &[Phase],
    facts: &Facts,
    now: Instant,
) -> Result<()> {
    facts.takes_part(challenge.id)?;
    permits(challenge, phases, Switch::Support, now)?;
    can_be_supported(state)
}

fn can_be_supported(state: IdeaState) -> Result<()> {
    match state {
        IdeaState::Published => Ok(()),
        IdeaState::Merged => {
            let detail = "This idea was merged into another, which `merged_into` names. Support that one.";
            Err(Code::WrongState.because(detail).into())
        }
        _ => Err(Code::WrongState.because("Only a public idea can be supported.").into()),
    }
}
