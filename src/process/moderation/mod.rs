//! Moderation: a case for each idea and each comment that needs a look, one decision for each case, a statement for each restriction.

mod batches;
pub mod claims;
pub mod clock;
pub mod deciding;
pub mod edits;
pub mod entries;
mod holdings;
pub mod item;
pub mod jobs;
pub mod queries;
pub mod reminders;
pub mod reports;
pub mod routes;
pub mod rules;
mod safeguarding;
pub mod views;

use std::time::Duration;

pub use batches::{CarryOutBatch, TellAuthorOfMany};
use clock::PublishByClock;
use item::Subject;
use queries::NewCase;
pub use safeguarding::{AlertOfSafety, AlertOneOfSafety};

use crate::participation::challenges::queries::the_promise;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::enqueue_at;
use crate::vocabulary::{CaseReason, IdeaState};

/// What is said of a ground that there is not.
pub const NO_GROUND: &str = "The council has no such ground: `/grounds` lists them.";

/// Opens the case of a new idea or comment, in the transaction that stores it: before publication where it is held, after it
/// where it is public already.
///
/// # Errors
/// What the database answers.
pub fn open_case(tx: &mut Tx<'_>, council: Id, of: Subject, state: IdeaState, within_hours: u32) -> Result<Id> {
    let reason = match state {
        IdeaState::Held => CaseReason::BeforePublication,
        _ => CaseReason::AfterPublication,
    };
    let due_at = tx.now().plus(Duration::from_secs(u64::from(within_hours) * 3_600));
    let case = queries::insert_case(tx, council, &NewCase { of, reason, due_at, barred: Id::NONE })?;
    if state == IdeaState::Held {
        enqueue_at(tx, council, &PublishByClock { case, due_at }, due_at)?;
    }
    Ok(case)
}

/// When a case of a challenge that is opened now is to be decided.
///
/// # Errors
/// 404 where the challenge has no promise.
pub fn due(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Instant> {
    let hours = the_promise(tx, council, challenge)?.moderate_within_hours;
    Ok(tx.now().plus(Duration::from_secs(u64::from(hours.unsigned_abs()) * 3_600)))
}

/// Has an idea or a comment looked at whose text has changed: what a moderator has read of it is no longer what there is. Where it was public
/// and is held from now on, the promised hours begin now, also in a case that was open before.
///
/// # Errors
/// What the database answers.
pub fn look_again(
    tx: &mut Tx<'_>,
    council: Id,
    of: Subject,
    (was, is): (IdeaState, IdeaState),
    within_hours: u32,
) -> Result<Id> {
    let Some(case) = queries::touch_open_case(tx, council, of)? else {
        return open_case(tx, council, of, is, within_hours);
    };
    if is == IdeaState::Held && was != IdeaState::Held {
        let due_at = tx.now().plus(Duration::from_secs(u64::from(within_hours) * 3_600));
        queries::begin_again(tx, council, case, due_at)?;
        enqueue_at(tx, council, &PublishByClock { case, due_at }, due_at)?;
    }
    Ok(case)
}

/// Takes the open case of what was withdrawn out of the queue.
///
/// # Errors
/// What the database answers.
pub fn drop_case(tx: &mut Tx<'_>, council: Id, of: Subject) -> Result<()> {
    queries::close_cases_of(tx, council, of)
}
