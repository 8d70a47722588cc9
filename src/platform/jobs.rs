//! Work that is done after the answer: rows written in the transaction that causes them, run by leased workers,
//! tried again with growing pauses, laid aside after the last try.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use diesel::prelude::*;
use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::each;
use crate::platform::db::dialect::{ClaimedJob, claim_jobs};
use crate::platform::db::schema::jobs;
use crate::platform::db::{Db, Id, Instant, Json, Tx};
use crate::platform::error::Result;
use crate::platform::metrics::{JobLabels, Metrics};

crate::holds! {
    jobs: "Mails and other work after an answer. What a job is about is forgotten when it has ended.", [],
    Kept::Hours { after: "state <> 'waiting' AND run_at", hours: 30 * 24 } => {
        Nothing: council_id, id, kind, state, attempts, lease, leased_until, last_error;
        Identifier: dedup_key;
        Address: payload;
        Time: run_at, created_at;
    }
}

/// How long a claimed job belongs to its worker.
const LEASE: Duration = Duration::from_secs(120);
/// How long it may take; shorter, so that no second worker begins while the first goes on.
const MOST: Duration = Duration::from_secs(100);
/// Tries before a job is laid aside: with the pauses below, about a day.
pub const ATTEMPTS: i32 = 17;

/// What jobs work with.
pub trait Context: Clone + 'static {
    /// The same for the jobs of one council.
    fn of_council(&self, council: Id) -> impl Future<Output = Result<Self>>;
}

/// A kind of work. Running it twice must do no harm: it may be run again after a crash.
pub trait Job<C>: Serialize + DeserializeOwned + 'static {
    /// Stable name.
    const KIND: &'static str;
    /// Two jobs of one kind with the same key are one job.
    fn key(&self) -> String;
    /// Does it.
    fn run(self, context: C, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>>;
}

/// Writes a job in the caller's transaction, to be run at `at`; one with the same key is left as it is.
///
/// # Errors
/// What the database answers.
pub fn enqueue_at<C, J: Job<C>>(tx: &mut Tx<'_>, council: Id, job: &J, at: Instant) -> Result<()> {
    let now = tx.now();
    let payload = Json(serde_json::to_value(job).map_err(anyhow::Error::from)?);
    each!(&mut **tx, c => diesel::insert_into(jobs::table)
        .values((
            jobs::council_id.eq(council),
            jobs::id.eq(Id::at(now)),
            jobs::kind.eq(J::KIND),
            jobs::dedup_key.eq(job.key()),
            jobs::payload.eq(payload),
            jobs::state.eq("waiting"),
            jobs::run_at.eq(at),
            jobs::attempts.eq(0),
            jobs::lease.eq(0_i64),
            jobs::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Writes a job to be run as soon as may be.
///
/// # Errors
/// What the database answers.
pub fn enqueue<C, J: Job<C>>(tx: &mut Tx<'_>, council: Id, job: &J) -> Result<()> {
    let now = tx.now();
    enqueue_at(tx, council, job, now)
}

/// Whether a job of this kind is due, or is to be tried again.
///
/// # Errors
/// What the database answers.
pub fn is_under_way<C, J: Job<C>>(tx: &mut Tx<'_>, council: Id) -> Result<bool> {
    let now = tx.now();
    let waiting = jobs::table
        .filter(jobs::council_id.eq(council))
        .filter(jobs::kind.eq(J::KIND))
        .filter(jobs::state.eq("waiting"))
        .filter(jobs::run_at.le(now).or(jobs::attempts.gt(0)));
    Ok(diesel::select(diesel::dsl::exists(waiting)).get_result(&mut **tx)?)
}

/// What of the work has not been done as it should have been.
#[derive(Clone, Debug, Default)]
pub struct Backlog {
    /// Kinds of jobs that were laid aside after the last try, with how many there are.
    pub dead: Vec<(String, i64)>,
    /// When the oldest job that nobody has in hand should have run.
    pub due_since: Option<Instant>,
}

/// Looks at what should have been done.
///
/// # Errors
/// What the database answers.
pub fn find_backlog(tx: &mut Tx<'_>) -> Result<Backlog> {
    let now = tx.now();
    let dead = jobs::table
        .filter(jobs::state.eq("dead"))
        .group_by(jobs::kind)
        .order(jobs::kind)
        .select((jobs::kind, diesel::dsl::count_star()))
        .load(&mut **tx)?;
    let due_since = jobs::table
        .filter(jobs::state.eq("waiting"))
        .filter(jobs::run_at.le(now))
        .filter(jobs::leased_until.is_null().or(jobs::leased_until.lt(now)))
        .select(diesel::dsl::min(jobs::run_at))
        .first(&mut **tx)?;
    Ok(Backlog { dead, due_since })
}

type Run<C> = Box<dyn Fn(C, Id, serde_json::Value) -> LocalBoxFuture<'static, anyhow::Result<()>> + Send + Sync>;

/// Every kind of job there is.
pub struct Catalogue<C> {
    kinds: HashMap<&'static str, Run<C>>,
}

impl<C: 'static> Default for Catalogue<C> {
    fn default() -> Self {
        Self { kinds: HashMap::new() }
    }
}

impl<C: 'static> Catalogue<C> {
    /// Adds a kind.
    #[must_use]
    pub fn with<J: Job<C>>(mut self) -> Self {
        self.kinds.insert(
            J::KIND,
            Box::new(|context, council, payload| match serde_json::from_value::<J>(payload) {
                Ok(job) => job.run(context, council),
                Err(fault) => Box::pin(async move { Err(anyhow::anyhow!("the job cannot be read: {fault}")) }),
            }),
        );
        self
    }
}

/// Runs jobs.
pub struct Runner<C> {
    db: Db,
    metrics: Metrics,
    catalogue: Arc<Catalogue<C>>,
}

impl<C: Context> Runner<C> {
    /// A runner over this database.
    pub fn new(db: Db, metrics: Metrics, catalogue: Arc<Catalogue<C>>) -> Self {
        Self { db, metrics, catalogue }
    }

    /// Claims and runs up to `most` jobs that are due; says how many there were.
    ///
    /// # Errors
    /// Where the database does not answer; what a job answers is written beside it.
    pub async fn run_some(&self, context: &C, most: i64) -> Result<usize> {
        // A kind of a newer version waits for a node that knows it.
        let kinds: Vec<&'static str> = self.catalogue.kinds.keys().copied().collect();
        let claimed = self
            .db
            .write(move |tx| {
                let now = tx.now();
                Ok(claim_jobs(tx, &kinds, now, now.plus(LEASE), most)?)
            })
            .await?;
        let count = claimed.len();
        let runs = claimed.into_iter().map(|job| self.run_one(context, job));
        futures_util::future::join_all(runs).await.into_iter().collect::<Result<Vec<()>>>()?;
        Ok(count)
    }

    async fn run_one(&self, context: &C, job: ClaimedJob) -> Result<()> {
        let ClaimedJob { council_id, id, kind, payload, lease, attempts } = job;
        let outcome = match self.catalogue.kinds.get(kind.as_str()) {
            None => Err(anyhow::anyhow!("unknown kind of job")),
            Some(_) if attempts > ATTEMPTS => Err(anyhow::anyhow!("the last try never ended")),
            Some(run) => {
                let work = async { run(context.of_council(council_id).await?, council_id, payload.0).await };
                let work = std::panic::AssertUnwindSafe(work);
                let bounded = tokio::time::timeout(MOST, futures_util::FutureExt::catch_unwind(work));
                match bounded.await {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(_panic)) => Err(anyhow::anyhow!("the job panicked")),
                    Err(_elapsed) => Err(anyhow::anyhow!("the job took too long")),
                }
            }
        };
        let result = match &outcome {
            Ok(()) => "done",
            Err(_) if attempts >= ATTEMPTS => "dead",
            Err(_) => "failed",
        };
        self.metrics.jobs.get_or_create(&JobLabels { kind: kind.clone(), result }).inc();
        let error = outcome.err().map(|error| format!("{error:#}"));
        if let Some(error) = &error {
            tracing::warn!(job.kind = %kind, job.id = %id, attempts, result, error, "job did not succeed");
        }
        self.db
            .write(move |tx| {
                let now = tx.now();
                // The fence: whoever lost the lease to another finishes nothing (case I7).
                let held = jobs::table.find((council_id, id)).filter(jobs::lease.eq(lease));
                match &error {
                    // What has ended keeps its key, so that it is not done again, and forgets what it was about.
                    None => diesel::update(held)
                        .set((
                            jobs::state.eq("done"),
                            jobs::payload.eq(Json(serde_json::json!({}))),
                            jobs::last_error.eq(None::<String>),
                        ))
                        .execute(&mut **tx)?,
                    Some(error) if attempts >= ATTEMPTS => diesel::update(held)
                        .set((
                            jobs::state.eq("dead"),
                            jobs::payload.eq(Json(serde_json::json!({}))),
                            jobs::leased_until.eq(None::<Instant>),
                            jobs::last_error.eq(Some(error)),
                        ))
                        .execute(&mut **tx)?,
                    Some(error) => diesel::update(held)
                        .set((
                            jobs::leased_until.eq(None::<Instant>),
                            jobs::run_at.eq(now.plus(pause(attempts))),
                            jobs::last_error.eq(Some(error)),
                        ))
                        .execute(&mut **tx)?,
                };
                Ok(())
            })
            .await
    }

    /// Runs until nothing is due. For tests and commands.
    ///
    /// # Errors
    /// As [`Runner::run_some`].
    pub async fn run_until_empty(&self, context: &C) -> Result<usize> {
        let mut sum = 0;
        loop {
            match self.run_some(context, 50).await? {
                0 => return Ok(sum),
                some => sum += some,
            }
        }
    }
}

/// Doubles from ten seconds to four hours, with a fifth of jitter so that what failed together is not tried together.
fn pause(attempts: i32) -> Duration {
    Duration::from_millis(seconds(attempts).saturating_mul(rand::random_range(800..=1_200)))
}

fn seconds(attempts: i32) -> u64 {
    let doublings = u32::try_from(attempts.clamp(1, 12)).unwrap_or(1);
    (5_u64 << doublings).min(4 * 3_600)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_tried_for_about_a_day() {
        let hours = (1..ATTEMPTS).map(seconds).sum::<u64>() / 3_600;
        assert!((20..30).contains(&hours), "{hours}");
    }
}
