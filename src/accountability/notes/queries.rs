//! All the SQL of notes.

use diesel::prelude::*;

use super::model::NoteRow;
use crate::platform::db::schema::idea_notes as notes;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;

/// Writes a note.
///
/// # Errors
/// What the database answers.
pub fn insert_note(tx: &mut Tx<'_>, council: Id, idea: Id, body: &str, by: Id) -> Result<NoteRow> {
    let now = tx.now();
    let row = NoteRow { id: Id::at(now), idea_id: idea, body: body.to_owned(), written_by: by, written_at: now };
    diesel::insert_into(notes::table)
        .values((
            notes::council_id.eq(council),
            notes::id.eq(row.id),
            notes::idea_id.eq(idea),
            notes::body.eq(&row.body),
            notes::written_by.eq(by),
            notes::written_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(row)
}

/// The notes on an idea after one of them, the oldest first.
///
/// # Errors
/// What the database answers.
pub fn list_notes(tx: &mut Tx<'_>, council: Id, idea: Id, after: Option<Id>, limit: i64) -> Result<Vec<NoteRow>> {
    Ok(notes::table
        .filter(notes::council_id.eq(council))
        .filter(notes::idea_id.eq(idea))
        .filter(notes::id.gt(after.unwrap_or(Id::NONE)))
        .order(notes::id)
        .limit(limit)
        .select(NoteRow::as_select())
        .load(&mut **tx)?)
}

/// Forgets what was written on an idea: it may say whose it was.
///
/// # Errors
/// What the database answers.
pub fn forget_notes(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<()> {
    diesel::delete(notes::table.filter(notes::council_id.eq(council)).filter(notes::idea_id.eq(idea)))
        .execute(&mut **tx)?;
    Ok(())
}
