//! What is left of where a vote came from: good for telling two networks of one day apart, and for nothing else.

use std::time::Duration;

use diesel::prelude::*;
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::each;
use crate::platform::db::schema::{challenges, idea_counters, supports, trace_keys as keys};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue_at};
use crate::platform::secrets::{Secrets, fresh_token};

/// Days for which traces are kept after their challenge has closed.
const KEPT_DAYS: u64 = 14;
/// Ideas whose traces go in one unit.
const BATCH: i64 = 100;

/// The trace of a network, as a MAC, in a challenge today.
///
/// # Errors
/// What the database answers.
pub fn trace_of(tx: &mut Tx<'_>, secrets: &Secrets, council: Id, challenge: Id, network: &str) -> Result<String> {
    let key = key_of_today(tx, council)?;
    Ok(secrets.mac("vote-trace", &[key.as_bytes(), challenge.bytes(), network.as_bytes()]))
}

/// Random, and gone two days later: then nobody can tell any more which network a trace was of, whatever else they have.
fn key_of_today(tx: &mut Tx<'_>, council: Id) -> Result<String> {
    let (now, day) = (tx.now(), tx.now().to_string().chars().take(10).collect::<String>());
    let find =
        |tx: &mut Tx<'_>| keys::table.find((council, &day)).select(keys::key).first::<String>(&mut **tx).optional();
    if let Some(key) = find(tx)? {
        return Ok(key);
    }
    let (fresh, _) = fresh_token();
    each!(&mut **tx, c => diesel::insert_into(keys::table)
        .values((
            keys::council_id.eq(council),
            keys::day.eq(&day),
            keys::key.eq(&fresh),
            keys::made_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(find(tx)?.unwrap_or(fresh))
}

/// Forgets the traces of a challenge, when their time is over.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct ForgetTraces {
    /// The challenge.
    pub challenge: Id,
    /// When it closes, as far as was known.
    pub closes_at: Instant,
}

/// Has the traces of a challenge forgotten that closes then.
///
/// # Errors
/// What the database answers.
pub fn schedule(tx: &mut Tx<'_>, council: Id, challenge: Id, closes_at: Instant) -> Result<()> {
    let over = closes_at.plus(Duration::from_secs(KEPT_DAYS * 86_400));
    enqueue_at(tx, council, &ForgetTraces { challenge, closes_at }, over)
}

impl Job<App> for ForgetTraces {
    const KIND: &'static str = "forget_traces";

    fn key(&self) -> String {
        format!("{}:{}", self.challenge, self.closes_at)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let mut after = Id::NONE;
            loop {
                let next = app.db.write(move |tx| forget(tx, council, self.challenge, after)).await?;
                match next {
                    Some(last) => after = last,
                    None => return Ok(()),
                }
            }
        })
    }
}

fn forget(tx: &mut Tx<'_>, council: Id, challenge: Id, after: Id) -> Result<Option<Id>> {
    let closes_at: Option<Option<Instant>> =
        challenges::table.find((council, challenge)).select(challenges::closes_at).first(&mut **tx).optional()?;
    let edge = tx.now().minus(Duration::from_secs(KEPT_DAYS * 86_400));
    // One that closes later than was thought has another job.
    if closes_at.flatten().is_none_or(|at| at > edge) {
        return Ok(None);
    }
    let ideas: Vec<Id> = idea_counters::table
        .filter(idea_counters::council_id.eq(council))
        .filter(idea_counters::challenge_id.eq(challenge))
        .filter(idea_counters::idea_id.gt(after))
        .order(idea_counters::idea_id)
        .limit(BATCH)
        .select(idea_counters::idea_id)
        .load(&mut **tx)?;
    let theirs = supports::table
        .filter(supports::council_id.eq(council))
        .filter(supports::idea_id.eq_any(ideas.clone()))
        .filter(supports::trace.is_not_null());
    diesel::update(theirs).set(supports::trace.eq(None::<String>)).execute(&mut **tx)?;
    Ok(ideas.last().copied().filter(|_| i64::try_from(ideas.len()).is_ok_and(|count| count == BATCH)))
}
