//! Does what was held when the quiet period is over, and tells who asked of what could not be done any more.

use std::collections::BTreeMap;

use anyhow::Context as _;
use futures_util::future::LocalBoxFuture;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::{HeldRow, Listed};
use super::queries;
use crate::accountability::promises::calendar::start_of;
use crate::accountability::quiet::model::QuietRow;
use crate::accountability::quiet::queries::quiet_now;
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::queries::{find_account, mail_address};
use crate::people::councils::model::Council;
use crate::people::councils::queries::council_by_id;
use crate::people::keys;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::error::{Code, Error, Problem, Result};
use crate::platform::jobs::{Job, enqueue, enqueue_at};
use crate::vocabulary::permissions::{Action, Party};
use crate::vocabulary::{AccountState, AuditAction, HeldActState};

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
}

/// Tells somebody which of their acts could not be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOfFailedActs {
    /// Who asked.
    pub account: Id,
    /// For what.
    pub acts: Vec<Id>,
}

/// Has what is held done when a quiet period ends, or at once where it has ended.
///
/// # Errors
/// What the database answers.
pub fn schedule(tx: &mut Tx<'_>, council: &Council, quiet: &QuietRow) -> Result<()> {
    let day: Date = quiet.until_day.parse().context("a quiet period ends on what is no day")?;
    let job = CarryOutHeld { quiet_period: quiet.id, until: quiet.until_day.clone(), part: 0 };
    enqueue_at(tx, council.id, &job, start_of(day, &council.time_zone)?)
}

/// Has done what is held where no quiet period is, if there is any: what was asked for at the very end of one, or whose job
/// was laid aside.
///
/// # Errors
/// What the database answers.
pub fn sweep(tx: &mut Tx<'_>) -> Result<()> {
    for council in queries::councils_that_hold(tx)? {
        if quiet_now(tx, council)?.is_none() {
            let again = CarryOutHeld { quiet_period: Id::at(tx.now()), until: String::new(), part: 0 };
            enqueue(tx, council, &again)?;
        }
    }
    Ok(())
}

/// What became of one try.
enum Step {
    /// Nothing is left to do now.
    End,
    /// One was settled.
    Next,
}

impl Job<App> for CarryOutHeld {
    const KIND: &'static str = "carry_out_held";

    fn key(&self) -> String {
        format!("{}:{}:{}", self.quiet_period, self.until, self.part)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            for _ in 0..AT_ONCE {
                if let Step::End = next(&app, council).await? {
                    return Ok(app.db.write(move |tx| tell(tx, council)).await?);
                }
            }
            let more = Self { part: self.part.saturating_add(1), ..self };
            Ok(app.db.write(move |tx| enqueue(tx, council, &more)).await?)
        })
    }
}

/// Settles the first of what is held. It is done in one unit with the note of it, so that it is never done twice.
async fn next(app: &App, council: Id) -> Result<Step> {
    let Some(id) = app.db.read(move |tx| queries::first_held(tx, council)).await? else { return Ok(Step::End) };
    match app.db.write(move |tx| carry_out(tx, council, id)).await {
        Err(Error::Problem(problem)) if problem.code.status() < 500 => fail(app, council, id, *problem).await,
        // What is wrong with one of them on our side keeps no other from being done.
        Err(Error::Internal(reason)) => {
            tracing::error!(held_act = %id, error = format!("{reason:#}"), "what was held could not be done");
            fail(app, council, id, Code::Internal.problem()).await
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
        return Ok(Step::Next);
    }
    let row = queries::find_held(tx, council.id, id)?;
    let act = row.act()?;
    if !still_may(tx, council.id, &row, act.action())? {
        return Err(Code::Forbidden.because("Who asked for it may not do it any more.").into());
    }
    act.carry_out(tx, &council, row.speaker())?;
    Ok(Step::Next)
}

async fn fail(app: &App, council: Id, id: Id, problem: Problem) -> Result<Step> {
    let failed = move |tx: &mut Tx<'_>| {
        if queries::settle(tx, council, id, HeldActState::Failed, Some(&problem))? {
            let what = json!({ "code": problem.code.as_str() });
            audit::record(tx, council, Event::new(AuditAction::HeldActFailed, By::Nobody).to(id).after(what))?;
        }
        Ok(Step::Next)
    };
    app.db.write(failed).await
}

/// Whether whoever asked may still do it, and with the key that they asked with.
fn still_may(tx: &mut Tx<'_>, council: Id, row: &HeldRow, action: Action) -> Result<bool> {
    let account = find_account(tx, council, row.asked_by)?;
    let may = account
        .is_some_and(|account| account.state == AccountState::Active && action.allows(Party::Member(account.role)));
    Ok(match row.key_id {
        Some(key) if may => keys::queries::find_shown(tx, key)?.is_some(),
        _ => may,
    })
}

/// One mail for each who asked, of all that failed.
fn tell(tx: &mut Tx<'_>, council: Id) -> Result<()> {
    let mut failed: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for (account, act) in queries::list_untold(tx, council)? {
        failed.entry(account).or_default().push(act);
    }
    for (account, acts) in failed {
        queries::set_told(tx, council, &acts)?;
        enqueue(tx, council, &TellOfFailedActs { account, acts })?;
    }
    Ok(())
}

impl Job<App> for TellOfFailedActs {
    const KIND: &'static str = "tell_of_failed_acts";

    fn key(&self) -> String {
        format!("{}:{}", self.account, self.acts.first().copied().unwrap_or(Id::NONE))
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
    /// What is said and to whom; `None` where the account is gone by now.
    fn mail(&self, tx: &mut Tx<'_>, council: Id) -> Result<Option<(serde_json::Value, String)>> {
        let Some(to) = mail_address(tx, council, self.account)? else { return Ok(None) };
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
        });
        Ok(Some((context, to)))
    }
}
