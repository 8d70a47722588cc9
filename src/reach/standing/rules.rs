//! Asks every rule of an idea or a challenge in the order in which a request would meet it. Pure.

use super::views::{ChallengeCan, IdeaCan};
use crate::accountability::{answers, commitments};
use crate::participation::challenges::model::{ChallengeRow, Phase};
use crate::participation::comments::rules::may_comment;
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::rules::{Move, may_revise, may_submit, next};
use crate::participation::voting::rules::{may_support, may_withdraw};
use crate::people::accounts::Actor;
use crate::people::verification::model::Facts;
use crate::platform::db::Instant;
use crate::platform::error::{Error, Result};
use crate::process::moderation::reports::rules::may_report;
use crate::vocabulary::IdeaState;
use crate::vocabulary::permissions::Action;

/// What somebody may do in a challenge.
pub fn in_challenge(
    actor: &Actor,
    facts: &Facts,
    challenge: &ChallengeRow,
    phases: &[Phase],
    now: Instant,
) -> ChallengeCan {
    let role = |action| actor.may(action);
    ChallengeCan {
        submit: role(Action::SubmitIdea).and_then(|()| may_submit(challenge, phases, facts, now)).into(),
        support: role(Action::SupportIdea)
            .and_then(|()| may_support(IdeaState::Published, challenge, phases, facts, now))
            .into(),
    }
}

/// What somebody may do with an idea that they see.
pub fn with_idea(
    actor: &Actor,
    facts: &Facts,
    idea: &IdeaRow,
    challenge: &ChallengeRow,
    phases: &[Phase],
    now: Instant,
) -> IdeaCan {
    let role = |action| actor.may(action);
    let mine = || match idea.author_id == Some(actor.id) {
        true => Ok(()),
        false => Err(Error::not_found("idea of yours")),
    };
    let support = || -> Result<()> {
        role(Action::SupportIdea)?;
        may_support(idea.state, challenge, phases, facts, now)
    };
    let withdraw_support = || -> Result<()> {
        role(Action::SupportIdea)?;
        may_withdraw(idea.state, challenge, phases, facts, now)
    };
    let comment = || -> Result<()> {
        role(Action::WriteComment)?;
        may_comment(idea, &[], (challenge, phases), facts, now)
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
    let report = || -> Result<()> {
        role(Action::ReportIdea)?;
        may_report(idea.state, idea.author_id == Some(actor.id))
    };
    IdeaCan {
        report: report().into(),
        support: support().into(),
        withdraw_support: withdraw_support().into(),
        comment: comment().into(),
        revise: revise().into(),
        withdraw: withdraw().into(),
        answer: answer().into(),
        commit: commit().into(),
        open_case: open_case().into(),
    }
}
