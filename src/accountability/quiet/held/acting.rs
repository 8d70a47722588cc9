//! Does what is official now, or holds it while the council is quiet.

use serde_json::json;

use super::jobs;
use super::model::{Act, ReadIdea, Speaker};
use super::queries::{self, About};
use super::views::HeldActView;
use crate::accountability::quiet::model::QuietRow;
use crate::accountability::quiet::queries::quiet_now;
use crate::accountability::{answers, open_door, outcomes, updates};
use crate::participation::challenges;
use crate::participation::ideas::queries::{find_idea, hold_idea};
use crate::people::accounts::Viewer;
use crate::people::councils::model::Council;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::http::{IfMatch, Reply};
use crate::vocabulary::AuditAction;

impl Act {
    /// Does it.
    ///
    /// # Errors
    /// What its own room answers.
    pub fn carry_out(&self, tx: &mut Tx<'_>, council: &Council, who: Speaker) -> Result<Reply> {
        match self {
            Self::Answer { idea, if_match, body, .. } => {
                answers::routes::answer(tx, council, who, (idea, if_match), body)
            }
            Self::TakeUp { idea, if_match, body, .. } => {
                open_door::routes::take_up(tx, council, who, (idea, if_match), body)
            }
            Self::Update { challenge, body } => updates::routes::publish(tx, council, who, *challenge, body),
            Self::UpdateCorrection { challenge, update, if_match, body } => {
                updates::routes::correct(tx, council, who, (*challenge, *update, if_match), body)
            }
            Self::Outcome { challenge, if_match, body } => {
                outcomes::routes::conclude(tx, council, who, (*challenge, if_match.as_ref()), body)
            }
            Self::Opening { challenge, body } => challenges::routes::open(tx, council, who, *challenge, body),
        }
    }

    /// What is done weeks later is done to what was read, and to nothing else.
    fn names_what_was_read(&self) -> Result<()> {
        match self {
            Self::Answer { if_match: IfMatch::Any, .. }
            | Self::TakeUp { if_match: IfMatch::Any, .. }
            | Self::UpdateCorrection { if_match: IfMatch::Any, .. }
            | Self::Outcome { if_match: Some(IfMatch::Any), .. } => {
                let detail = "The council is quiet, and this is done when that is over: name the version that you have read, not *.";
                Err(Error::fault("If-Match", "not_taken", detail))
            }
            _ => Ok(()),
        }
    }

    /// With what has been read of the idea, where it is about one.
    ///
    /// # Errors
    /// 412 where somebody has changed it since: trying it out gave its lock back.
    fn with_what_was_read(mut self, tx: &mut Tx<'_>, council: &Council) -> Result<Self> {
        if let Self::Answer { idea, read, if_match, .. } | Self::TakeUp { idea, read, if_match, .. } = &mut self {
            let (now, version) = reads_now(tx, council, idea)?;
            if_match.require(version)?;
            *read = Some(now);
        }
        Ok(self)
    }

    /// For the version that there is now, where the idea reads as it did.
    ///
    /// # Errors
    /// 404 where it is gone.
    pub fn as_it_stands(mut self, tx: &mut Tx<'_>, council: &Council) -> Result<Self> {
        if let Self::Answer { idea, read: Some(read), if_match, .. }
        | Self::TakeUp { idea, read: Some(read), if_match, .. } = &mut self
        {
            let (now, version) = reads_now(tx, council, idea)?;
            if *read == now {
                *if_match = IfMatch::Versions(vec![version]);
            }
        }
        Ok(self)
    }

    fn about(&self, tx: &mut Tx<'_>, council: &Council) -> Result<About> {
        Ok(match self {
            Self::Answer { idea, .. } | Self::TakeUp { idea, .. } => {
                let idea = find_idea(tx, council, idea, &Viewer::Staff)?;
                About { subject: idea.id, challenge: idea.challenge_id }
            }
            Self::UpdateCorrection { challenge, update, .. } => About { subject: *update, challenge: *challenge },
            Self::Update { challenge, .. } | Self::Outcome { challenge, .. } | Self::Opening { challenge, .. } => {
                About { subject: *challenge, challenge: *challenge }
            }
        })
    }
}

/// What there is to read of an idea now, and its version; nobody changes it until this unit ends.
fn reads_now(tx: &mut Tx<'_>, council: &Council, idea: &str) -> Result<(ReadIdea, i64)> {
    let idea = hold_idea(tx, council, idea, &Viewer::Staff, Hold::Alone)?;
    let answer = answers::queries::list_answers(tx, council.id, idea.id, None, 1)?.pop();
    Ok((ReadIdea::of(&idea, answer.map(|answer| answer.id)), idea.version))
}

/// The quiet period that a council has now. Until this unit ends nobody declares or ends one.
///
/// # Errors
/// What the database answers.
pub fn quiet_to_the_end(tx: &mut Tx<'_>, council: Id) -> Result<Option<QuietRow>> {
    tx.hold(Root::Council, council, council, Hold::Shared)?;
    quiet_now(tx, council)
}

/// Does it, or answers 202 with what is held.
///
/// # Errors
/// What doing it answers, held or not; 409 where the same is held already.
pub fn do_or_hold(tx: &mut Tx<'_>, council: &Council, who: Speaker, act: &Act) -> Result<Reply> {
    let Some(quiet) = quiet_to_the_end(tx, council.id)? else { return act.carry_out(tx, council, who) };
    let id = hold(tx, council, who, act, &quiet)?;
    let view = HeldActView::of(queries::find_listed(tx, council.id, id)?, &council.idea_prefix, who.account);
    let location = format!("/v1/councils/{}/held-acts/{id}", council.slug);
    Ok(Reply { location: Some(location), ..Reply::accepted(&view)? })
}

/// Holds it for the end of a quiet period. It is done and undone, so that what would be refused now is refused now.
///
/// # Errors
/// What doing it answers; 409 where the same is held already.
pub fn hold(tx: &mut Tx<'_>, council: &Council, who: Speaker, act: &Act, quiet: &QuietRow) -> Result<Id> {
    act.names_what_was_read()?;
    tx.undone(|tx| act.carry_out(tx, council, who))?;
    let about = act.about(tx, council)?;
    if let Some(first) = queries::held_about(tx, council.id, act.kind(), about.subject)? {
        let detail =
            "This is held already until the quiet period is over. To put another in its place, withdraw it first.";
        return Err(Code::AlreadyExists.because(detail).with("held_act", first).into());
    }
    let read = act.clone().with_what_was_read(tx, council)?;
    let id = queries::insert_held(tx, council.id, who, &read, about, quiet.id)?;
    jobs::schedule(tx, council, quiet)?;
    let what = json!({ "kind": act.kind(), "subject": about.subject, "quiet_period": quiet.id });
    audit::record(tx, council.id, Event::new(AuditAction::ActHeld, who.by).to(id).after(what))?;
    Ok(id)
}
