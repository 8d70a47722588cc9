//! All the SQL of milestones.

use diesel::prelude::*;

use super::model::{MilestoneRow, Reached};
use crate::platform::db::schema::milestones;
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};

/// Plans a step of a commitment.
///
/// # Errors
/// What the database answers.
pub fn insert_milestone(
    tx: &mut Tx<'_>,
    council: Id,
    commitment: Id,
    (title, planned_on): (&str, &str),
) -> Result<MilestoneRow> {
    let now = tx.now();
    let id = Id::at(now);
    diesel::insert_into(milestones::table)
        .values((
            milestones::council_id.eq(council),
            milestones::id.eq(id),
            milestones::commitment_id.eq(commitment),
            milestones::title.eq(title),
            milestones::planned_on.eq(planned_on),
            milestones::version.eq(1_i64),
            milestones::created_at.eq(now),
            milestones::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    find_milestone(tx, council, commitment, id)
}

/// A step of a commitment.
///
/// # Errors
/// 404 where there is none.
pub fn find_milestone(tx: &mut Tx<'_>, council: Id, commitment: Id, id: Id) -> Result<MilestoneRow> {
    milestones::table
        .find((council, id))
        .filter(milestones::commitment_id.eq(commitment))
        .select(MilestoneRow::as_select())
        .first(&mut **tx)
        .or_not_found("milestone")
}

/// The steps of a commitment, by planned day.
///
/// # Errors
/// What the database answers.
pub fn list_milestones(tx: &mut Tx<'_>, council: Id, commitment: Id) -> Result<Vec<MilestoneRow>> {
    Ok(milestones::table
        .filter(milestones::council_id.eq(council))
        .filter(milestones::commitment_id.eq(commitment))
        .order((milestones::planned_on.asc(), milestones::id.asc()))
        .select(MilestoneRow::as_select())
        .load(&mut **tx)?)
}

/// Counts the steps of a commitment.
///
/// # Errors
/// What the database answers.
pub fn count_milestones(tx: &mut Tx<'_>, council: Id, commitment: Id) -> Result<i64> {
    let steps =
        milestones::table.filter(milestones::council_id.eq(council)).filter(milestones::commitment_id.eq(commitment));
    Ok(steps.count().get_result(&mut **tx)?)
}

/// Writes that a step was reached, unless it was changed meanwhile.
///
/// # Errors
/// 412 where it was.
pub fn set_reached(tx: &mut Tx<'_>, council: Id, row: &MilestoneRow, reached: &Reached) -> Result<MilestoneRow> {
    let now = tx.now();
    let updated = diesel::update(milestones::table.find((council, row.id)).filter(milestones::version.eq(row.version)))
        .set((
            milestones::done_on.eq(Some(&reached.done_on)),
            milestones::evidence.eq(Some(&reached.evidence)),
            milestones::evidence_url.eq(&reached.evidence_url),
            milestones::version.eq(row.version.saturating_add(1)),
            milestones::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    if updated == 0 {
        return Err(Code::Changed.problem().into());
    }
    find_milestone(tx, council, row.commitment_id, row.id)
}
