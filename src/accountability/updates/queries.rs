//! All the SQL of updates.

use diesel::prelude::*;

use super::model::{UpdateDraft, UpdateRow};
use crate::platform::db::schema::{challenges, update_revisions as revisions, updates};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{OrNotFound as _, Result};

/// Publishes an update.
///
/// # Errors
/// What the database answers.
pub fn insert_update(
    tx: &mut Tx<'_>,
    (council, challenge): (Id, Id),
    draft: &UpdateDraft,
    mailed: bool,
    officer: Id,
) -> Result<UpdateRow> {
    let now = tx.now();
    let id = Id::at(now);
    diesel::insert_into(updates::table)
        .values((
            updates::council_id.eq(council),
            updates::id.eq(id),
            updates::challenge_id.eq(challenge),
            updates::revision.eq(1),
            updates::mailed.eq(mailed),
            updates::published_at.eq(now),
            updates::revised_at.eq(now),
        ))
        .execute(&mut **tx)?;
    insert_revision(tx, (council, id), 1, draft, officer)?;
    find_update(tx, council, challenge, id)
}

/// Puts another revision in the place of `row`. The caller holds the challenge alone.
///
/// # Errors
/// What the database answers.
pub fn correct_update(
    tx: &mut Tx<'_>,
    council: Id,
    row: &UpdateRow,
    draft: &UpdateDraft,
    officer: Id,
) -> Result<UpdateRow> {
    let (now, next) = (tx.now(), row.revision.saturating_add(1));
    insert_revision(tx, (council, row.id), next, draft, officer)?;
    diesel::update(updates::table.find((council, row.id)))
        .set((updates::revision.eq(next), updates::revised_at.eq(now)))
        .execute(&mut **tx)?;
    find_update(tx, council, row.challenge_id, row.id)
}

fn insert_revision(
    tx: &mut Tx<'_>,
    (council, id): (Id, Id),
    revision: i32,
    draft: &UpdateDraft,
    officer: Id,
) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(revisions::table)
        .values((
            revisions::council_id.eq(council),
            revisions::update_id.eq(id),
            revisions::revision.eq(revision),
            revisions::title.eq(&draft.title),
            revisions::body.eq(&draft.body),
            revisions::office.eq(&draft.office),
            revisions::correction.eq(&draft.correction),
            revisions::published_by.eq(officer),
            revisions::published_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

macro_rules! rows {
    () => {
        updates::table
            .inner_join(
                revisions::table
                    .on(revisions::council_id.eq(updates::council_id).and(revisions::update_id.eq(updates::id))),
            )
            .select((
                updates::id,
                updates::challenge_id,
                updates::mailed,
                updates::published_at,
                revisions::revision,
                revisions::title,
                revisions::body,
                revisions::office,
                revisions::correction,
                revisions::published_at,
            ))
    };
}

/// An update of a challenge, as it holds.
///
/// # Errors
/// 404 where there is none.
pub fn find_update(tx: &mut Tx<'_>, council: Id, challenge: Id, id: Id) -> Result<UpdateRow> {
    rows!()
        .filter(updates::council_id.eq(council))
        .filter(updates::id.eq(id))
        .filter(updates::challenge_id.eq(challenge))
        .filter(revisions::revision.eq(updates::revision))
        .first(&mut **tx)
        .or_not_found("update")
}

/// The updates of a challenge before one, as they hold, the newest first.
///
/// # Errors
/// What the database answers.
pub fn list_updates(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<UpdateRow>> {
    let mut query = rows!()
        .filter(updates::council_id.eq(council))
        .filter(updates::challenge_id.eq(challenge))
        .filter(revisions::revision.eq(updates::revision))
        .order(updates::id.desc())
        .limit(limit)
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(updates::id.lt(before));
    }
    Ok(query.load(&mut **tx)?)
}

/// The revisions of an update before one, the newest first.
///
/// # Errors
/// What the database answers.
pub fn list_revisions(tx: &mut Tx<'_>, council: Id, id: Id, before: Option<i32>, limit: i64) -> Result<Vec<UpdateRow>> {
    Ok(rows!()
        .filter(updates::council_id.eq(council))
        .filter(updates::id.eq(id))
        .filter(revisions::revision.lt(before.unwrap_or(i32::MAX)))
        .order(revisions::revision.desc())
        .limit(limit)
        .load(&mut **tx)?)
}

/// An update as it holds, and the title of its challenge.
///
/// # Errors
/// What the database answers.
pub fn find_told(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<Option<(UpdateRow, String)>> {
    let row: Option<UpdateRow> = rows!()
        .filter(updates::council_id.eq(council))
        .filter(updates::id.eq(id))
        .filter(revisions::revision.eq(updates::revision))
        .first(&mut **tx)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let title = challenges::table.find((council, row.challenge_id)).select(challenges::title).first(&mut **tx)?;
    Ok(Some((row, title)))
}
