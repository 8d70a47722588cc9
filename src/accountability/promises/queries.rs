//! All the SQL of promises.

use diesel::dsl::{auto_type, case_when, exists};
use diesel::prelude::*;

use super::clock::{Clock, Due, Term};
use super::model::{ChangeRow, Figures, PauseRow, PromiseRow, Waiting};
use super::rules;
use crate::accountability::calendars::queries::find_calendar;
use crate::accountability::quiet::queries::{stop, stops};
use crate::people::councils::model::Council;
use crate::platform::db::schema::{
    answers, challenges, follow_ups, ideas, outcomes, promise_changes as changes, promise_pauses as pauses, promises,
};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{OrNotFound as _, Result};
use crate::vocabulary::{IdeaState, IdeaStatus, PromiseChange};

/// Ideas named in one reminder at most.
const NAMED: usize = 200;

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

/// The first answer to an idea.
#[auto_type]
fn first_answer() -> _ {
    let of_idea = answers::council_id.eq(ideas::council_id).and(answers::idea_id.eq(ideas::id));
    of_idea.and(answers::revision.eq(1_i32))
}

/// What was asked back of an idea.
#[auto_type]
fn asked_back() -> _ {
    follow_ups::council_id.eq(ideas::council_id).and(follow_ups::idea_id.eq(ideas::id))
}

/// When the first answer to an idea was due: of one whose author asked back, earlier than what is owed now.
#[auto_type]
fn first_due() -> _ {
    case_when(follow_ups::first_due_at.nullable().is_not_null(), follow_ups::first_due_at.assume_not_null())
        .otherwise(ideas::answer_due_at)
}

/// When the answer to each question that was asked back of a visible idea of a challenge is due, and when it came.
fn asked(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<(Due, Option<Instant>)>> {
    let rows: Vec<(Instant, Instant, Option<Instant>)> = ideas::table
        .inner_join(follow_ups::table.on(asked_back()))
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::state.eq(IdeaState::Published))
        .select((follow_ups::due_at, follow_ups::promised_by, follow_ups::answered_at))
        .load(&mut **tx)?;
    Ok(rows.into_iter().map(|(at, promised_by, came)| (Due { at, promised_by }, came)).collect())
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
    let answered =
        || visible().inner_join(answers::table.on(first_answer())).left_join(follow_ups::table.on(asked_back()));
    Ok(Figures {
        ideas: visible().count().get_result(&mut **tx)?,
        answered: answered().count().get_result(&mut **tx)?,
        overdue: waiting().filter(ideas::answer_due_at.le(now)).count().get_result(&mut **tx)?,
        on_time: answered().filter(answers::answered_at.lt(ideas::answer_promised_by)).count().get_result(&mut **tx)?,
        in_added_time: answered()
            .filter(answers::answered_at.ge(ideas::answer_promised_by))
            .filter(answers::answered_at.lt(first_due()))
            .count()
            .get_result(&mut **tx)?,
        follow_ups: rules::follow_ups(&asked(tx, council, challenge)?, now),
        outcome_published: diesel::select(exists(outcomes::table.find((council, challenge)))).get_result(&mut **tx)?,
    })
}

/// The visible ideas of a challenge whose first answer came after it was due.
///
/// # Errors
/// What the database answers.
pub fn answered_late(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<Id>> {
    Ok(ideas::table
        .inner_join(answers::table.on(first_answer()))
        .left_join(follow_ups::table.on(asked_back()))
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::state.eq(IdeaState::Published))
        .filter(answers::answered_at.ge(first_due()))
        .select(ideas::id)
        .load(&mut **tx)?)
}

/// The visible ideas of a challenge that wait for an answer due at exactly this instant.
///
/// # Errors
/// What the database answers.
pub fn waiting(tx: &mut Tx<'_>, council: Id, challenge: Id, due_at: Instant) -> Result<Vec<Waiting>> {
    let mut waiting: Vec<Waiting> = ideas::table
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::answer_due_at.eq(due_at))
        .filter(ideas::state.eq(IdeaState::Published))
        .filter(ideas::status.eq(IdeaStatus::AwaitingAnswer))
        .select((ideas::number, ideas::title))
        .load(&mut **tx)?;
    // Sorted here: in the order of the numbers, the database would look at all ideas of the council for those few.
    waiting.sort_unstable_by_key(|idea| idea.number);
    waiting.truncate(NAMED);
    Ok(waiting)
}

/// The clock of a promise, with all that has moved it.
///
/// # Errors
/// 404 where no promise was made yet.
pub fn find_clock(tx: &mut Tx<'_>, council: &Council, challenge: Id) -> Result<Clock> {
    let (promised, outcome_by): (i32, Option<Instant>) = promises::table
        .find((council.id, challenge))
        .select((promises::answer_within_days, promises::publish_outcome_by))
        .first(&mut **tx)
        .or_not_found("promise")?;
    let rows = list_changes(tx, council.id, challenge)?;
    let first = rows.first().map_or(promised, |original| original.answer_within_days).unsigned_abs();
    let term = |row: &ChangeRow| match row.extension_days {
        Some(days) => (row.changed_at, Term::Extended(days.unsigned_abs())),
        None => (row.changed_at, Term::Within(row.answer_within_days.unsigned_abs())),
    };
    let terms = rows.iter().skip(1).map(term).collect();
    let mut stopped = stops(tx, council.id)?;
    for pause in list_pauses(tx, council.id, challenge)? {
        stopped.push(stop(&pause.from_day, &pause.until_day, pause.paused_at)?);
    }
    let outcomes = match rows.is_empty() {
        true => outcome_by.map(|by| (tx.now(), by)).into_iter().collect(),
        false => rows.iter().filter_map(|row| Some((row.changed_at, row.publish_outcome_by?))).collect(),
    };
    Ok(Clock { calendar: find_calendar(tx, council)?, first, terms, stops: stopped, outcomes })
}

/// How a promise was changed, in order; nothing, where it never was.
///
/// # Errors
/// What the database answers.
pub fn list_changes(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<ChangeRow>> {
    Ok(changes::table
        .filter(changes::council_id.eq(council))
        .filter(changes::challenge_id.eq(challenge))
        .order(changes::number)
        .select(ChangeRow::as_select())
        .load(&mut **tx)?)
}

/// When its clock stood still, in order.
///
/// # Errors
/// What the database answers.
pub fn list_pauses(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<PauseRow>> {
    Ok(pauses::table
        .filter(pauses::council_id.eq(council))
        .filter(pauses::challenge_id.eq(challenge))
        .order(pauses::number)
        .select(PauseRow::as_select())
        .load(&mut **tx)?)
}

/// Writes one change of a promise. The caller holds the challenge.
///
/// # Errors
/// What the database answers.
pub fn insert_change(tx: &mut Tx<'_>, council: Id, challenge: Id, row: &ChangeRow) -> Result<()> {
    diesel::insert_into(changes::table)
        .values((
            changes::council_id.eq(council),
            changes::challenge_id.eq(challenge),
            changes::number.eq(row.number),
            changes::kind.eq(row.kind),
            changes::answer_within_days.eq(row.answer_within_days),
            changes::moderate_within_hours.eq(row.moderate_within_hours),
            changes::publish_outcome_by.eq(row.publish_outcome_by),
            changes::extension_days.eq(row.extension_days),
            changes::reason.eq(row.reason.as_deref()),
            changes::changed_at.eq(row.changed_at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The first entry in the history of a promise: as it was when its challenge opened.
pub fn original(promise: &PromiseRow, opened_at: Instant) -> ChangeRow {
    ChangeRow {
        number: 1,
        kind: PromiseChange::Original,
        answer_within_days: promise.answer_within_days,
        moderate_within_hours: promise.moderate_within_hours,
        publish_outcome_by: promise.publish_outcome_by,
        extension_days: None,
        reason: None,
        changed_at: opened_at,
    }
}

/// Writes a pause. The caller holds the challenge.
///
/// # Errors
/// What the database answers.
pub fn insert_pause(tx: &mut Tx<'_>, council: Id, challenge: Id, row: &PauseRow) -> Result<()> {
    diesel::insert_into(pauses::table)
        .values((
            pauses::council_id.eq(council),
            pauses::challenge_id.eq(challenge),
            pauses::number.eq(row.number),
            pauses::from_day.eq(&row.from_day),
            pauses::until_day.eq(&row.until_day),
            pauses::reason.eq(&row.reason),
            pauses::paused_at.eq(row.paused_at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Ends a pause with the beginning of a day.
///
/// # Errors
/// What the database answers.
pub fn end_pause(tx: &mut Tx<'_>, council: Id, challenge: Id, number: i32, until: &str) -> Result<()> {
    let now = tx.now();
    diesel::update(pauses::table.find((council, challenge, number)))
        .set((pauses::until_day.eq(until), pauses::resumed_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(())
}

/// The challenges of a council in which answers are late, with how many; the first twenty by title.
///
/// # Errors
/// What the database answers.
pub fn overdue_challenges(tx: &mut Tx<'_>, council: Id) -> Result<Vec<(Id, String, i64)>> {
    let now = tx.now();
    Ok(ideas::table
        .inner_join(
            challenges::table
                .on(challenges::council_id.eq(ideas::council_id).and(challenges::id.eq(ideas::challenge_id))),
        )
        .filter(ideas::council_id.eq(council))
        .filter(ideas::state.eq(IdeaState::Published))
        .filter(ideas::status.eq(IdeaStatus::AwaitingAnswer))
        .filter(ideas::answer_due_at.le(now))
        .group_by((challenges::id, challenges::title))
        .order((challenges::title, challenges::id))
        .limit(20)
        .select((challenges::id, challenges::title, diesel::dsl::count_star()))
        .load(&mut **tx)?)
}

/// The challenges of a council that have opened.
///
/// # Errors
/// What the database answers.
pub fn opened_challenges(tx: &mut Tx<'_>, council: Id) -> Result<Vec<Id>> {
    Ok(challenges::table
        .filter(challenges::council_id.eq(council))
        .filter(challenges::opened_at.is_not_null())
        .select(challenges::id)
        .load(&mut **tx)?)
}

/// How many ideas came in to a council since an instant.
///
/// # Errors
/// What the database answers.
pub fn count_ideas_since(tx: &mut Tx<'_>, council: Id, since: Instant) -> Result<i64> {
    // Ids begin with the time at which they were made: the primary key leads to what came since.
    Ok(ideas::table
        .filter(ideas::council_id.eq(council))
        .filter(ideas::id.ge(Id::first_at(since)))
        .filter(ideas::submitted_at.ge(since))
        .count()
        .get_result(&mut **tx)?)
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
