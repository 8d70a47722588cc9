//! Visits are counted in memory and written now and then: following a link writes nothing by itself.

use std::collections::HashMap;
use std::sync::{MutexGuard, PoisonError};

use super::queries;
use crate::app::App;
use crate::platform::db::Id;
use crate::platform::error::Result;
use crate::vocabulary::CampaignAction;

// A count is whole after every step, so that a thread that panicked beside it has spoilt nothing.
fn waiting(app: &App) -> MutexGuard<'_, HashMap<(Id, Id), i64>> {
    app.visits.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts visits to a campaign of a council.
pub(super) fn note(app: &App, council: Id, campaign: Id, n: i64) {
    let mut waiting = waiting(app);
    let sum = waiting.entry((council, campaign)).or_default();
    *sum = sum.saturating_add(n);
}

/// Writes the visits that wait.
///
/// # Errors
/// What the database answers; the visits then wait for the next time.
pub async fn flush(app: &App) -> Result<()> {
    let mut taken: Vec<_> = std::mem::take(&mut *waiting(app)).into_iter().collect();
    if taken.is_empty() {
        return Ok(());
    }
    // In one order on all nodes, so that two of them do not wait for each other.
    taken.sort_unstable();
    let visits = taken.clone();
    let written = app
        .db
        .write(move |tx| {
            for ((council, campaign), n) in &visits {
                queries::add(tx, *council, *campaign, CampaignAction::Visit, *n)?;
            }
            Ok(())
        })
        .await;
    if written.is_err() {
        for ((council, campaign), n) in taken {
            note(app, council, campaign, n);
        }
    }
    written
}
