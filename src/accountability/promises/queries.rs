//! All the SQL of promises.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::model::{Figures, PromiseRow, Waiting};
use crate::platform::db::schema::{answers, challenges, follow_ups, ideas, outcomes, promises};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{OrNotFound as _, Result};
use crate::vocabulary::{IdeaState, IdeaStatus};

/// Ideas named in one reminder at most.
const NAMED: i64 = 200;

/// The promise of a challenge.
///
/// # Errors
/// 404 where none was made yet.
pub fn find_promise(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<PromiseRow> {
    promises::table
        .find((council, challenge))
        .select(PromiseRow::as_select())
        .first::<PromiseRow>(&mut **tx)
        .or_not_found("promise")
}

/// How the promise stands at the instant of this unit.
///
/// # Errors
/// What the database answers.
pub fn figures(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Figures> {
    let now = tx.now();
    let visible = || {
        ideas::table
            .filter(ideas::council_id.eq(council))
            .filter(ideas::challenge_id.eq(challenge))
            .filter(ideas::state.eq(IdeaState::Published))
    };
    let waiting = || visible().filter(ideas::status.eq(IdeaStatus::AwaitingAnswer));
    let first =
        answers::council_id.eq(ideas::council_id).and(answers::idea_id.eq(ideas::id)).and(answers::revision.eq(1));
    Ok(Figures {
        ideas: visible().count().get_result(&mut **tx)?,
        waiting: waiting().count().get_result(&mut **tx)?,
        overdue: waiting().filter(ideas::answer_due_at.le(now)).count().get_result(&mut **tx)?,
        // Of an idea whose author asked back, the first answer was owed earlier.
        on_time: visible()
            .inner_join(answers::table.on(first))
            .left_join(
                follow_ups::table
                    .on(follow_ups::council_id.eq(ideas::council_id).and(follow_ups::idea_id.eq(ideas::id))),
            )
            .filter(
                answers::answered_at.nullable().lt(follow_ups::first_due_at.nullable()).or(follow_ups::first_due_at
                    .is_null()
                    .and(answers::answered_at.lt(ideas::answer_due_at).nullable())),
            )
            .count()
            .get_result(&mut **tx)?,
        outcome_published: diesel::select(exists(outcomes::table.find((council, challenge)))).get_result(&mut **tx)?,
    })
}

/// The visible ideas of a challenge whose first answer came after it was due.
///
/// # Errors
/// What the database answers.
pub fn answered_late(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<Id>> {
    let first =
        answers::council_id.eq(ideas::council_id).and(answers::idea_id.eq(ideas::id)).and(answers::revision.eq(1));
    Ok(ideas::table
        .inner_join(answers::table.on(first))
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::state.eq(IdeaState::Published))
        .filter(answers::answered_at.ge(ideas::answer_due_at))
        .select(ideas::id)
        .load(&mut **tx)?)
}

/// The visible ideas of a challenge that wait for an answer due at exactly this instant.
///
/// # Errors
/// What the database answers.
pub fn waiting(tx: &mut Tx<'_>, council: Id, challenge: Id, due_at: Instant) -> Result<Vec<Waiting>> {
    Ok(ideas::table
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::answer_due_at.eq(due_at))
        .filter(ideas::state.eq(IdeaState::Published))
        .filter(ideas::status.eq(IdeaStatus::AwaitingAnswer))
        .order(ideas::number.asc())
        .limit(NAMED)
        .select((ideas::number, ideas::title))
        .load(&mut **tx)?)
}

/// The title of a challenge.
///
/// # Errors
/// 404 where there is none.
pub fn challenge_title(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<String> {
    challenges::table
        .find((council, challenge))
        .select(challenges::title)
        .first::<String>(&mut **tx)
        .or_not_found("challenge")
}
