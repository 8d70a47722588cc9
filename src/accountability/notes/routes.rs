//! Write and read notes.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::{NoteRow, NoteWritten};
use super::queries;
use super::views::{NoteView, WriteNote};
use crate::accountability::filled;
use crate::app::App;
use crate::participation::ideas::queries::{find_idea, hold_idea};
use crate::people::accounts::Allowed;
use crate::platform::audit::{self, Event};
use crate::platform::db::Hold;
use crate::platform::entries;
use crate::platform::error::{Code, Error, Result};
use crate::platform::http::doors::{Doors, get, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{Json, Once, Page, Paging, Query, Reply};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, IdeaState};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(write_note).service(list_notes);
}

/// Write a note on an idea
///
/// For colleagues: it is in no answer, feed or export. What is written of somebody goes with the idea, and with its author's
/// account.
#[utoipa::path(tag = "Staff", operation_id = "write_note", security(("bearer" = ["note.keep"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042")),
    request_body = WriteNote, responses((status = 201, description = "Written", body = NoteView)))]
#[post("/councils/{council}/ideas/{idea}/notes")]
async fn write_note(
    app: App,
    who: Allowed<acts::KeepNotes>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<WriteNote>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let mut faults = Vec::new();
    let text = filled("/body", &wish.body, &mut faults);
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let (council, viewer, account) = (Arc::clone(&who.council), who.viewer(), who.actor()?.id);
    let ((_, idea), by) = (path.into_inner(), who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let idea = hold_idea(tx, &council, &idea, &viewer, Hold::Shared)?;
        if idea.state == IdeaState::Erased {
            return Err(Code::WrongState.because("Nothing more is written on an idea that is erased.").into());
        }
        let note = queries::insert_note(tx, council.id, idea.id, &text, account)?;
        entries::record(tx, council.id, &NoteWritten { idea: idea.id, note: note.id })?;
        let event = Event::new(AuditAction::NoteWritten, by).to(idea.id);
        audit::record(tx, council.id, event.after(json!({ "note": note.id })))?;
        Reply::created(format!("/v1/councils/{}/ideas/{}/notes", council.slug, idea.id), &NoteView::from(note))
    })
    .await
}

/// List the notes on an idea
///
/// The oldest first.
#[utoipa::path(tag = "Staff", operation_id = "list_notes", security(("bearer" = ["note.keep"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042"), ListQuery),
    responses((status = 200, description = "The notes", body = Page<NoteView>)))]
#[get("/councils/{council}/ideas/{idea}/notes")]
async fn list_notes(
    app: App,
    who: Allowed<acts::KeepNotes>,
    path: web::Path<(String, String)>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, viewer, secrets) = (Arc::clone(&who.council), who.viewer(), app.config.secrets.clone());
    let (_, reference) = path.into_inner();
    let page = app.db.read(move |tx| {
        let idea = find_idea(tx, &council, &reference, &viewer)?;
        let list = format!("notes:{}", idea.id);
        let rows = queries::list_notes(tx, council.id, idea.id, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &NoteRow| row.id, NoteView::from)
    });
    page.await?.reply(&request)
}
