//! The reading of bundles. The tables belong to other rooms, which write them.

use diesel::prelude::*;

use crate::accountability::answers::model::AnswerRow;
use crate::accountability::commitments::model::CommitmentRow;
use crate::accountability::milestones::model::MilestoneRow;
use crate::platform::db::schema::{answers, commitments, milestones};
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;

/// All revisions of the answers to these ideas.
///
/// # Errors
/// What the database answers.
pub fn answers_to(tx: &mut Tx<'_>, council: Id, ideas: &[Id]) -> Result<Vec<AnswerRow>> {
    Ok(answers::table
        .filter(answers::council_id.eq(council))
        .filter(answers::idea_id.eq_any(ideas.to_vec()))
        .order((answers::idea_id, answers::revision))
        .select(AnswerRow::as_select())
        .load(&mut **tx)?)
}

/// The commitments that follow from these ideas.
///
/// # Errors
/// What the database answers.
pub fn commitments_of(tx: &mut Tx<'_>, council: Id, ideas: &[Id]) -> Result<Vec<CommitmentRow>> {
    Ok(commitments::table
        .filter(commitments::council_id.eq(council))
        .filter(commitments::idea_id.eq_any(ideas.to_vec()))
        .order((commitments::idea_id, commitments::id))
        .select(CommitmentRow::as_select())
        .load(&mut **tx)?)
}

/// The steps of the commitments that follow from these ideas.
///
/// # Errors
/// What the database answers.
pub fn milestones_of(tx: &mut Tx<'_>, council: Id, ideas: &[Id]) -> Result<Vec<MilestoneRow>> {
    Ok(milestones::table
        .inner_join(
            commitments::table.on(commitments::council_id
                .eq(milestones::council_id)
                .and(commitments::id.eq(milestones::commitment_id))),
        )
        .filter(milestones::council_id.eq(council))
        .filter(commitments::idea_id.eq_any(ideas.to_vec()))
        .order((commitments::idea_id, milestones::commitment_id, milestones::planned_on, milestones::id))
        .select(MilestoneRow::as_select())
        .load(&mut **tx)?)
}
