//! All the SQL of decisions on many cases.

use diesel::prelude::*;

use super::rules::UNDO;
use crate::platform::audit::By;
use crate::platform::db::schema::{case_batch_items as items, case_batches as batches, ideas};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::process::moderation::deciding::{Decider, Verdict};
use crate::process::moderation::item::Subject;
use crate::vocabulary::{BatchItemState, BatchState, DecisionKind};

/// Decisions that were asked for together.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = batches)]
pub struct BatchRow {
    /// Their id.
    pub id: Id,
    /// Whether they wait.
    pub state: BatchState,
    /// What.
    pub kind: DecisionKind,
    /// On which ground.
    pub ground_code: Option<String>,
    /// The statement of reasons.
    pub statement: Option<String>,
    /// Who asked.
    pub asked_by: Id,
    /// With which key, if any.
    pub key_id: Option<Id>,
    /// When.
    pub asked_at: Instant,
    /// When they are carried out.
    pub due_at: Instant,
}

/// One of the cases.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = items)]
pub struct ItemRow {
    /// Which one, in the order of asking.
    pub position: i32,
    /// The case.
    pub case_id: Id,
    /// Its idea, or that under which its comment is.
    pub idea_id: Id,
    /// Its comment, where it is about one.
    pub comment_id: Option<Id>,
    /// The version that it had when it was taken in hand.
    pub case_version: i64,
    /// What became of it.
    pub state: BatchItemState,
    /// The decision, where there is one.
    pub decision_id: Option<Id>,
    /// The code of the refusal, where it was skipped.
    pub refused_with: Option<String>,
}

/// A case to be decided: its id, what it is about, and the version that it has by now.
pub type NewItem = (Id, Subject, i64);

/// Writes down what is to be decided in a minute.
///
/// # Errors
/// What the database answers.
pub fn insert_batch(tx: &mut Tx<'_>, council: Id, verdict: &Verdict, who: Decider, of: &[NewItem]) -> Result<BatchRow> {
    let now = tx.now();
    let key = if let By::Key { key, .. } = who.by { Some(key) } else { None };
    let row = BatchRow {
        id: Id::at(now),
        state: BatchState::Waiting,
        kind: verdict.kind,
        ground_code: verdict.ground.clone(),
        statement: verdict.statement.clone(),
        asked_by: who.account,
        key_id: key,
        asked_at: now,
        due_at: now.plus(UNDO),
    };
    diesel::insert_into(batches::table)
        .values((
            batches::council_id.eq(council),
            batches::id.eq(row.id),
            batches::state.eq(row.state),
            batches::kind.eq(row.kind),
            batches::ground_code.eq(&row.ground_code),
            batches::statement.eq(&row.statement),
            batches::asked_by.eq(row.asked_by),
            batches::key_id.eq(row.key_id),
            batches::asked_at.eq(row.asked_at),
            batches::due_at.eq(row.due_at),
        ))
        .execute(&mut **tx)?;
    for (position, (case, subject, version)) in (0_i32..).zip(of) {
        diesel::insert_into(items::table)
            .values((
                items::council_id.eq(council),
                items::batch_id.eq(row.id),
                items::position.eq(position),
                items::case_id.eq(case),
                items::idea_id.eq(subject.idea),
                items::comment_id.eq(subject.comment),
                items::case_version.eq(version),
                items::state.eq(BatchItemState::Waiting),
            ))
            .execute(&mut **tx)?;
    }
    Ok(row)
}

/// Some decisions that were asked for together.
///
/// # Errors
/// 404 where there are none.
pub fn find_batch(tx: &mut Tx<'_>, council: Id, batch: Id) -> Result<BatchRow> {
    let row = batches::table.find((council, batch)).select(BatchRow::as_select());
    row.first(&mut **tx).or_not_found("batch of decisions")
}

/// Its cases in the order of asking, each with the number and title of its idea.
///
/// # Errors
/// What the database answers.
pub fn items_of(tx: &mut Tx<'_>, council: Id, batch: Id) -> Result<Vec<(ItemRow, i64, String)>> {
    Ok(items::table
        .inner_join(ideas::table.on(ideas::council_id.eq(items::council_id).and(ideas::id.eq(items::idea_id))))
        .filter(items::council_id.eq(council))
        .filter(items::batch_id.eq(batch))
        .order(items::position)
        .select((ItemRow::as_select(), ideas::number, ideas::title))
        .load(&mut **tx)?)
}

/// Those of these cases that wait in a batch.
///
/// # Errors
/// What the database answers.
pub fn waiting_among(tx: &mut Tx<'_>, council: Id, cases: &[Id]) -> Result<Vec<Id>> {
    Ok(items::table
        .filter(items::council_id.eq(council))
        .filter(items::case_id.eq_any(cases))
        .filter(items::state.eq(BatchItemState::Waiting))
        .select(items::case_id)
        .load(&mut **tx)?)
}

/// Ends the waiting of a batch, one way or the other: only one of two who try at the same moment does.
///
/// # Errors
/// 409 where it does not wait any more.
pub fn end_waiting(tx: &mut Tx<'_>, council: Id, batch: Id, state: BatchState) -> Result<()> {
    let waiting = batches::table.find((council, batch)).filter(batches::state.eq(BatchState::Waiting));
    let ended = diesel::update(waiting).set(batches::state.eq(state)).execute(&mut **tx)?;
    if ended == 1 { Ok(()) } else { Err(Code::Changed.problem().into()) }
}

/// Notes what became of a case.
///
/// # Errors
/// What the database answers.
pub fn set_result(tx: &mut Tx<'_>, council: Id, batch: Id, position: i32, result: Result<Id, Code>) -> Result<()> {
    let state = if result.is_ok() { BatchItemState::Decided } else { BatchItemState::Skipped };
    diesel::update(items::table.find((council, batch, position)))
        .set((
            items::state.eq(state),
            items::decision_id.eq(result.ok()),
            items::refused_with.eq(result.err().map(Code::as_str)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Notes that nothing became of any case, for all was taken back.
///
/// # Errors
/// What the database answers.
pub fn set_taken_back(tx: &mut Tx<'_>, council: Id, batch: Id) -> Result<()> {
    let all = items::table.filter(items::council_id.eq(council)).filter(items::batch_id.eq(batch));
    diesel::update(all).set(items::state.eq(BatchItemState::TakenBack)).execute(&mut **tx)?;
    Ok(())
}
