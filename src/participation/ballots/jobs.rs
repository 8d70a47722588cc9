//! The count when votes are over.

use actix_web::web;
use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

use super::entries::ResultPublished;
use super::model::{Paper, marks_of};
use super::publication::{Publication, publication};
use super::queries::{self, NewResult};
use super::results::count_all;
use super::rules;
use super::views::OutcomeOfTally;
use crate::app::App;
use crate::participation::challenges::queries::{find_challenge, list_phases};
use crate::platform::db::{Hold, Id, Instant, Json, Root, Tx};
use crate::platform::entries;
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue_at};

/// Counts what was cast in a challenge, once and for all, and publishes the result.
#[derive(Debug, Serialize, Deserialize)]
pub struct CountBallots {
    /// Which.
    pub challenge: Id,
    /// When votes are over.
    pub until: Instant,
}

/// Has the ballots of a challenge counted when votes are over.
///
/// # Errors
/// What the database answers.
pub fn schedule(tx: &mut Tx<'_>, council: Id, challenge: Id, until: Instant) -> Result<()> {
    enqueue_at(tx, council, &CountBallots { challenge, until }, until)
}

/// What is to be counted, if it is time and it is not yet.
fn gather(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<(Paper, String, Vec<Json>)>> {
    // Whoever votes holds the challenge too: what was in time has committed, and what waits finds that it is late (case C5).
    tx.hold(Root::Challenge, council, challenge, Hold::Alone)?;
    let row = find_challenge(tx, council, challenge, true)?;
    let over = rules::voting_time(&list_phases(tx, council, challenge)?, row.closes_at)
        .is_some_and(|(_, until)| until <= tx.now());
    if !over || queries::find_result(tx, council, challenge)?.is_some() {
        return Ok(None);
    }
    let Some(paper) = queries::find_paper_if_any(tx, council, challenge)? else { return Ok(None) };
    Ok(Some((paper, row.title, queries::all_live(tx, council, challenge)?)))
}

impl Job<App> for CountBallots {
    const KIND: &'static str = "count_ballots";

    fn key(&self) -> String {
        format!("{} {}", self.challenge, self.until)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let challenge = self.challenge;
            let Some((paper, title, ballots)) = app.db.write(move |tx| gather(tx, council, challenge)).await? else {
                return Ok(());
            };
            let (ballots, outcomes, publication) = web::block(move || {
                let ballots = marks_of(ballots)?;
                let counted = count_all(&paper, &ballots)?;
                let publication = publication(&paper, &title, &ballots, &counted)?;
                let outcomes: Vec<OutcomeOfTally> = counted.into_iter().map(OutcomeOfTally::from).collect();
                anyhow::Ok((i64::try_from(ballots.len())?, outcomes, publication))
            })
            .await??;
            let stored = Json(serde_json::to_value(&outcomes)?);
            let winners = outcomes.first().map(|binding| binding.winners.clone()).unwrap_or_default();
            let published = app.db.write(move |tx| {
                tx.hold(Root::Challenge, council, challenge, Hold::Alone)?;
                if queries::find_result(tx, council, challenge)?.is_some() {
                    return Ok(());
                }
                let (withheld, file, sha256) = match &publication {
                    Publication::Ballots { file, sha256 } => (None, Some(file.as_str()), Some(sha256.as_str())),
                    Publication::Totals(why) => (Some(*why), None, None),
                };
                queries::insert_result(
                    tx,
                    council,
                    challenge,
                    &NewResult { ballots, outcomes: &stored, withheld, file, sha256 },
                )?;
                let news = ResultPublished {
                    challenge,
                    ballots,
                    winners: winners.clone(),
                    withheld,
                    sha256: sha256.map(str::to_owned),
                };
                entries::record(tx, council, &news)
            });
            Ok(published.await?)
        })
    }
}
