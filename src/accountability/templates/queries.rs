//! All the SQL of templates.

use diesel::prelude::*;

use super::model::{TemplateDraft, TemplateRow};
use crate::platform::db::schema::answer_templates as templates;
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};

/// Makes a template.
///
/// # Errors
/// What the database answers.
pub fn insert_template(tx: &mut Tx<'_>, council: Id, draft: &TemplateDraft) -> Result<TemplateRow> {
    let now = tx.now();
    let id = Id::at(now);
    diesel::insert_into(templates::table)
        .values((
            templates::council_id.eq(council),
            templates::id.eq(id),
            templates::title.eq(&draft.title),
            templates::kind.eq(draft.kind),
            templates::body.eq(&draft.body),
            templates::version.eq(1_i64),
            templates::created_at.eq(now),
            templates::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    find_template(tx, council, id)
}

/// A template.
///
/// # Errors
/// 404 where there is none.
pub fn find_template(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<TemplateRow> {
    templates::table.find((council, id)).select(TemplateRow::as_select()).first(&mut **tx).or_not_found("template")
}

/// The templates after one of them, the oldest first.
///
/// # Errors
/// What the database answers.
pub fn list_templates(tx: &mut Tx<'_>, council: Id, after: Option<Id>, limit: i64) -> Result<Vec<TemplateRow>> {
    Ok(templates::table
        .filter(templates::council_id.eq(council))
        .filter(templates::id.gt(after.unwrap_or(Id::NONE)))
        .order(templates::id)
        .limit(limit)
        .select(TemplateRow::as_select())
        .load(&mut **tx)?)
}

/// Writes a template anew, unless it was changed meanwhile.
///
/// # Errors
/// 412 where it was.
pub fn update_template(tx: &mut Tx<'_>, council: Id, row: &TemplateRow, draft: &TemplateDraft) -> Result<TemplateRow> {
    let now = tx.now();
    let updated = diesel::update(templates::table.find((council, row.id)).filter(templates::version.eq(row.version)))
        .set((
            templates::title.eq(&draft.title),
            templates::kind.eq(draft.kind),
            templates::body.eq(&draft.body),
            templates::version.eq(row.version.saturating_add(1)),
            templates::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    if updated == 0 {
        return Err(Code::Changed.problem().into());
    }
    find_template(tx, council, row.id)
}

/// Takes a template away, unless it was changed meanwhile.
///
/// # Errors
/// 412 where it was.
pub fn delete_template(tx: &mut Tx<'_>, council: Id, row: &TemplateRow) -> Result<()> {
    let gone = diesel::delete(templates::table.find((council, row.id)).filter(templates::version.eq(row.version)))
        .execute(&mut **tx)?;
    if gone == 0 { Err(Code::Changed.problem().into()) } else { Ok(()) }
}
