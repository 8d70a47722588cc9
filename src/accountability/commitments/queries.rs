//! All the SQL of commitments.

use diesel::prelude::*;

use super::model::{CommitmentDraft, CommitmentRow, Listed, Wanted};
use crate::platform::db::schema::{commitments, ideas};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, OrNotFound as _, Result};
use crate::vocabulary::{CommitmentStatus, IdeaState};

/// Makes a commitment on an idea of a challenge.
///
/// # Errors
/// What the database answers.
pub fn insert_commitment(
    tx: &mut Tx<'_>,
    council: Id,
    (idea, challenge): (Id, Id),
    draft: &CommitmentDraft,
) -> Result<CommitmentRow> {
    let now = tx.now();
    let row = CommitmentRow {
        id: Id::at(now),
        challenge_id: challenge,
        idea_id: idea,
        what: draft.what.clone(),
        office: draft.office.clone(),
        due_on: draft.due_on.clone(),
        status: CommitmentStatus::Planned,
        status_reason: None,
        version: 1,
        created_at: now,
        updated_at: now,
        delivered_at: None,
        dropped_on: None,
    };
    diesel::insert_into(commitments::table)
        .values((
            commitments::council_id.eq(council),
            commitments::id.eq(row.id),
            commitments::challenge_id.eq(row.challenge_id),
            commitments::idea_id.eq(row.idea_id),
            commitments::what.eq(&row.what),
            commitments::office.eq(&row.office),
            commitments::due_on.eq(&row.due_on),
            commitments::status.eq(row.status),
            commitments::version.eq(row.version),
            commitments::created_at.eq(now),
            commitments::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(row)
}

/// A commitment with its idea; one whose idea is out of sight is seen by staff only.
///
/// # Errors
/// 404 where there is none to see.
pub fn find_commitment(tx: &mut Tx<'_>, council: Id, id: Id, staff: bool) -> Result<Listed> {
    let (row, number, title, state) = commitments::table
        .inner_join(
            ideas::table.on(ideas::council_id.eq(commitments::council_id).and(ideas::id.eq(commitments::idea_id))),
        )
        .filter(commitments::council_id.eq(council))
        .filter(commitments::id.eq(id))
        .select((CommitmentRow::as_select(), ideas::number, ideas::title, ideas::state))
        .first::<(CommitmentRow, i64, String, IdeaState)>(&mut **tx)
        .or_not_found("commitment")?;
    if state != IdeaState::Published && !staff {
        return Err(Error::not_found("commitment"));
    }
    Ok(Listed { row, number, title })
}

/// Writes how a commitment stands from the local day `today` on, unless it was changed meanwhile.
///
/// # Errors
/// 412 where it was.
pub fn update_commitment(
    tx: &mut Tx<'_>,
    council: Id,
    row: &CommitmentRow,
    (status, reason): (CommitmentStatus, Option<String>),
    today: &str,
) -> Result<CommitmentRow> {
    let now = tx.now();
    let version = row.version.saturating_add(1);
    let delivered_at = (status == CommitmentStatus::Delivered).then(|| row.delivered_at.unwrap_or(now));
    let dropped = status == CommitmentStatus::Dropped;
    let dropped_on = dropped.then(|| row.dropped_on.clone().unwrap_or_else(|| today.to_owned()));
    let changed =
        diesel::update(commitments::table.find((council, row.id)).filter(commitments::version.eq(row.version)))
            .set((
                commitments::status.eq(status),
                commitments::status_reason.eq(&reason),
                commitments::version.eq(version),
                commitments::updated_at.eq(now),
                commitments::delivered_at.eq(delivered_at),
                commitments::dropped_on.eq(&dropped_on),
            ))
            .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Code::Changed.problem().into());
    }
    Ok(CommitmentRow {
        status,
        status_reason: reason,
        version,
        updated_at: now,
        delivered_at,
        dropped_on,
        ..row.clone()
    })
}

/// The commitments after a key, the one due first first; only of ideas that everybody sees.
///
/// # Errors
/// What the database answers.
pub fn list_commitments(
    tx: &mut Tx<'_>,
    council: Id,
    wanted: Wanted,
    after: Option<(String, Id)>,
    limit: i64,
) -> Result<Vec<Listed>> {
    let mut query = commitments::table
        .inner_join(
            ideas::table.on(ideas::council_id.eq(commitments::council_id).and(ideas::id.eq(commitments::idea_id))),
        )
        .filter(commitments::council_id.eq(council))
        .filter(ideas::state.eq(IdeaState::Published))
        .into_boxed();
    if let Some(challenge) = wanted.challenge {
        query = query.filter(commitments::challenge_id.eq(challenge));
    }
    if let Some(idea) = wanted.idea {
        query = query.filter(commitments::idea_id.eq(idea));
    }
    if let Some(status) = wanted.status {
        query = query.filter(commitments::status.eq(status));
    }
    if let Some((due_on, id)) = after {
        query = query
            .filter(commitments::due_on.ge(due_on.clone()))
            .filter(commitments::due_on.gt(due_on).or(commitments::id.gt(id)));
    }
    Ok(query
        .order((commitments::due_on.asc(), commitments::id.asc()))
        .limit(limit)
        .select((CommitmentRow::as_select(), ideas::number, ideas::title))
        .load(&mut **tx)?)
}
