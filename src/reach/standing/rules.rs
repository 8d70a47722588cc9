//! Asks every rule of an idea or a challenge in the order in which a request would meet it. Pure.

use super::views::{ChallengeCan, IdeaCan};
use crate::accountability::{answers, commitments};
use crate::participation::challenges::model::{ChallengeRow, Phase};
use crate::participation::challenges::rules::{Switch, permits};
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::rules::{Move, may_revise, next};
use crate::participation::voting::rules::may_support;
use crate::people::accounts::Actor;
use crate::people::accounts::caller::may;
use crate::platform::db::Instant;
use crate::platform::error::{Error, Result};
use crate::vocabulary::permissions::Action;

/// What somebody may do in a challenge.
pub fn in_challenge(actor: &Actor, challenge: &ChallengeRow, phases: &[Phase], now: Instant) -> ChallengeCan {
    let can = |action, switch| may(actor.role, action).and_then(|()| permits(challenge, phases, switch, now)).into();
    ChallengeCan { submit: can(Action::SubmitIdea, Switch::Submit), support: can(Action::SupportIdea, Switch::Support) }
}

/// What somebody may do with an idea that they see.
pub fn with_idea(actor: &Actor, idea: &IdeaRow, challenge: &ChallengeRow, phases: &[Phase], now: Instant) -> IdeaCan {
    let role = |action| may(actor.role, action);
    let mine = || match idea.author_id == Some(actor.id) {
        true => Ok(()),
        false => Err(Error::not_found("idea of yours")),
    };
    let support = || -> Result<()> {
        role(Action::SupportIdea)?;
        may_support(idea.state, challenge, phases, now)
    };
    let revise = || -> Result<()> {
        role(Action::SubmitIdea)?;
        mine()?;
        may_revise(idea, challenge, phases, now)
    };
    let withdraw = || -> Result<()> {
        role(Action::SubmitIdea)?;
        mine()?;
        next(idea.state, Move::Withdraw).map(drop)
    };
    let answer = || -> Result<()> {
        role(Action::Answer)?;
        answers::rules::can_be_answered(idea.state)
    };
    let commit = || -> Result<()> {
        role(Action::Answer)?;
        commitments::rules::can_be_committed(idea.state, idea.status)
    };
    let open_case = || -> Result<()> {
        role(Action::Moderate)?;
        next(idea.state, Move::Publish).map(drop)
    };
    IdeaCan {
        support: support().into(),
        withdraw_support: support().into(),
        revise: revise().into(),
        withdraw: withdraw().into(),
        answer: answer().into(),
        commit: commit().into(),
        open_case: open_case().into(),
    }
}
