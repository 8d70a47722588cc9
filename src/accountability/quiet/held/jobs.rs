//! Does what was held when the quiet period is over, and tells who asked of what could not be done any more.

use std::collections::BTreeMap;

use anyhow::Context as _;
use futures_util::future::LocalBoxFuture;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::Listed;
use super::queries;
use crate::accountability::promises::calendar::start_of;
use crate::accountability::quiet::model::QuietRow;
use crate::accountability::quiet::queries::quiet_now;
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::queries::{mail_address, officers};
use crate::people::councils::model::Council;
use crate::people::councils::queries::council_by_id;
use crate::people::keys::queries::still_may;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::error::{Code, Error, Problem, Result};
use crate::platform::jobs::{ATTEMPTS, Job, enqueue, enqueue_at, is_under_way};
use crate::vocabulary::permissions::Action;
use crate::vocabulary::{AuditAction, HeldActState};

/// What one run does at most.
const AT_ONCE: u32 = 50;

/// Does what is held, in the order in which it was asked for, unless the council is quiet again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CarryOutHeld {
    /// The quiet period that is over; an id that nothing has where a sweep found something.
    pub quiet_period: Id,
    /// The first day after it, which changes where it is ended early; nothing in a sweep.
    pub until: String,
    /// Raised where there was more than one run does.
    pub part: u32,
    /// What was tried last: what was asked for after it is still to be done.
    pub after: Option<Id>,
}

/// Tells somebody what could not be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOfFailedActs {
    /// Who is told.
    pub account: Id,
    /// Of what.
    pub acts: Vec<Id>,
    /// Whether others had asked for it, who may not do it any more.
    pub of_others: bool,
}

/// Has what is held done when a quiet period ends, or at once where it has ended.
///
/// # Errors
/// What the database answers.
pub fn schedule(tx: &mut Tx<'_>, council: &Council, quiet: &QuietRow) -> Result<()> {
    let day: Date = quiet.until_day.parse().context("a quiet period ends on what is no day")?;
    let job = CarryOutHeld { quiet_period: quiet.id, until: quiet.until_day.clone(), part: 0, after: None };
    enqueue_at(tx, council.id, &job, start_of(day, &council.time_zone)?)
}

/// Has done what is held where no quiet period is, if there is any and nothing is about to do it: what was asked for at the very end
/// of one, or whose job was laid aside.
///
/// # Errors
/// What the database answers.
pub fn sweep(tx: &mut Tx<'_>) -> Result<()> {
    for council in queries::councils_that_hold(tx)? {
        if quiet_now(tx, council)?.is_none() && !is_under_way::<App, CarryOutHeld>(tx, council)? {
            let quiet_period = Id::at(tx.now());
            enqueue(tx, council, &CarryOutHeld { quiet_period, until: String::new(), part: 0, after: None })?;
        }
    }
    Ok(())
}

/// What became of one try.
enum Step {
    /// Nothing is left to do now.
    End,
    /// It was settled.
    Settled(Id),
    /// Something is wrong with it on our side: it is tried again.
    Broken(Id, anyhow::Error),
}

impl Job<App> for CarryOutHeld {
    const KIND: &'static str = "carry_out_held";

    fn key(&self) -> String {
        format!("{}:{}:{}", self.quiet_period, self.until, self.part)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let (mut after, mut broken) = (self.after, None);
            for _ in 0..AT_ONCE {
                after = match next(&app, council, after).await? {
                    Step::End => {
                        app.db.write(move |tx| tell(tx, council)).await?;
                        return broken.map_or(Ok(()), Err);
                    }
                    Step::Settled(id) => Some(id),
                    // It keeps no other from being done.
                    Step::Broken(id, reason) => {
                        broken.get_or_insert(reason);
                        Some(id)
                    }
                };
            }
            let more = Self { part: self.part.saturating_add(1), after, ..self };
            app.db.write(move |tx| enqueue(tx, council, &more)).await?;
            broken.map_or(Ok(()), Err)
        })
    }
}

/// Settles the next of what is held. It is done in one unit with the note of it, so that it is never done twice.
async fn next(app: &App, council: Id, after: Option<Id>) -> Result<Step> {
    let first = app.db.read(move |tx| queries::first_held(tx, council, after)).await?;
    let Some(id) = first else { return Ok(Step::End) };
    match app.db.write(move |tx| carry_out(tx, council, id)).await {
        Err(Error::Problem(problem)) if problem.code.status() < 500 => fail(app, council, id, *problem).await,
        Err(Error::Internal(reason)) => {
            tracing::error!(held_act = %id, error = format!("{reason:#}"), "what was held could not be done");
            match app.db.write(move |tx| queries::count_try(tx, council, id)).await? {
                tries if tries < ATTEMPTS => Ok(Step::Broken(id, reason.context("what is held could not be done"))),
                _ => fail(app, council, id, Code::Internal.problem()).await,
            }
        }
        other => other,
    }
}

fn carry_out(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<Step> {
    // One after the other, whichever node does it; and no quiet period begins meanwhile.
    tx.hold(Root::Council, council, council, Hold::Alone)?;
    let council = council_by_id(tx, council)?;
    if let Some(quiet) = quiet_now(tx, council.id)? {
        schedule(tx, &council, &quiet)?;
        return Ok(Step::End);
    }
    if !queries::settle(tx, council.id, id, HeldActState::CarriedOut, None)? {
        return Ok(Step::Settled(id));
    }
    let row = queries::find_held(tx, council.id, id)?;
    let act = row.act()?;
    if !still_may(tx, council.id, (row.asked_by, row.key_id), act.action())? {
        return Err(Code::Forbidden.because("Who asked for it may not do it any more.").into());
    }
    act.as_it_stands(tx, &council)?.carry_out(tx, &council, row.speaker())?;
    Ok(Step::Settled(id))
}

async fn fail(app: &App, council: Id, id: Id, problem: Problem) -> Result<Step> {
    let failed = move |tx: &mut Tx<'_>| {
        if queries::settle(tx, council, id, HeldActState::Failed, Some(&problem))? {
            let what = json!({ "code": problem.code.as_str() });
            audit::record(tx, council, Event::new(AuditAction::HeldActFailed, By::Nobody).to(id).after(what))?;
        }
        Ok(Step::Settled(id))
    };
    app.db.write(failed).await
}

/// One mail for each who asked, of all that failed; where they may see none of it any more, for each of those who may.
fn tell(tx: &mut Tx<'_>, council: Id) -> Result<()> {
    let (mut failed, mut of_others): (BTreeMap<Id, Vec<Id>>, Vec<Id>) = Default::default();
    for (account, act) in queries::list_untold(tx, council)? {
        match is_told(tx, council, account)? {
            true => failed.entry(account).or_default().push(act),
            false => of_others.push(act),
        }
        queries::set_told(tx, council, &[act])?;
    }
    for (account, acts) in failed {
        enqueue(tx, council, &TellOfFailedActs { account, acts, of_others: false })?;
    }
    if of_others.is_empty() {
        return Ok(());
    }
    for account in officers(tx, council)? {
        enqueue(tx, council, &TellOfFailedActs { account, acts: of_others.clone(), of_others: true })?;
    }
    Ok(())
}

/// Whether somebody may see what is held, and has an address.
fn is_told(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<bool> {
    Ok(still_may(tx, council, (account, None), Action::ReadWork)? && mail_address(tx, council, account)?.is_some())
}

impl Job<App> for TellOfFailedActs {
    const KIND: &'static str = "tell_of_failed_acts";

    fn key(&self) -> String {
        format!("{}:{}:{}", self.account, self.of_others, self.acts.first().copied().unwrap_or(Id::NONE))
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            let mail = app.db.read(move |tx| self.mail(tx, council));
            match mail.await? {
                Some((context, to)) => send(&app, "held_acts_failed", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

impl TellOfFailedActs {
    /// What is said and to whom; `None` where they may not see it any more by now.
    fn mail(&self, tx: &mut Tx<'_>, council: Id) -> Result<Option<(serde_json::Value, String)>> {
        let address = match is_told(tx, council, self.account)? {
            true => mail_address(tx, council, self.account)?,
            false => None,
        };
        let Some(to) = address else { return Ok(None) };
        let council = council_by_id(tx, council)?;
        let most = i64::try_from(self.acts.len()).unwrap_or(i64::MAX);
        let mut listed = queries::list_held(tx, council.id, &self.acts, None, None, most)?;
        listed.reverse();
        let item = |Listed { row, challenge, idea, .. }: Listed| {
            let (number, title) = idea.unzip();
            json!({
                "kind": row.kind, "title": title.unwrap_or(challenge),
                "number": number.map(|number| public_number(&council.idea_prefix, number)),
                "why": row.problem.as_ref().and_then(|problem| problem.0.get("detail")),
            })
        };
        let items: Vec<_> = listed.into_iter().map(item).collect();
        let context = json!({
            "council": council.name, "link": council.site_url.trim_end_matches('/'), "count": items.len(), "items": items,
            "of_others": self.of_others,
        });
        Ok(Some((context, to)))
    }
}
