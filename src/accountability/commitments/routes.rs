//! Make, change and read commitments.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::{CommitmentChanged, CommitmentDraft, CommitmentMade, CommitmentRow, Listed, Wanted};
use super::views::{ChangeCommitment, CommitmentQuery, CommitmentView, MakeCommitment};
use super::{queries, rules};
use crate::accountability::id_of;
use crate::accountability::promises::calendar::day_of;
use crate::app::App;
use crate::participation::ideas::queries::{find_idea, hold_idea};
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::people::offices::queries::office_to_speak_for;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Id, Instant, Tx};
use crate::platform::entries;
use crate::platform::error::{Error, Result};
use crate::platform::http::doors::{Doors, get, patch, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Once, Page, Paging, Query, Reply};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, CommitmentStatus};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(make_commitment).service(list_commitments).service(read_commitment).service(change_commitment);
}

/// Make a commitment
///
/// Says what will be done, by whom and by when, where an idea was accepted in whole or in part.
#[utoipa::path(tag = "Answering", operation_id = "make_commitment", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042")),
    request_body = MakeCommitment, responses((status = 201, description = "Made", body = CommitmentView)))]
#[post("/councils/{council}/ideas/{idea}/commitments")]
async fn make_commitment(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<MakeCommitment>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let draft = rules::draft(&wish)?;
    let (council, viewer, (_, idea)) = (Arc::clone(&who.council), who.viewer(), path.into_inner());
    let (by, officer) = (who.by(), who.actor()?.id);
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let office = office_to_speak_for(tx, council.id, &draft.office, officer)?;
        let draft = CommitmentDraft { office: office.name, ..draft.clone() };
        let made = make(tx, &council, &viewer, &idea, &draft)?;
        let event = Event::new(AuditAction::CommitmentMade, by).to(made.row.id);
        audit::record(tx, council.id, event.after(json!({ "idea": made.row.idea_id, "due_on": made.row.due_on })))?;
        let (location, version) = (address(&council, made.row.id), made.row.version);
        Ok(Reply::created(location, &view(&council, made, tx.now())?)?.version(version))
    })
    .await
}

/// Makes a commitment on an idea.
///
/// # Errors
/// 409 where the idea is not one that was accepted, 422 where the day is over.
pub fn make(
    tx: &mut Tx<'_>,
    council: &Council,
    viewer: &Viewer,
    idea: &str,
    draft: &CommitmentDraft,
) -> Result<Listed> {
    let today = day_of(tx.now(), &council.time_zone)?.to_string();
    if draft.due_on < today {
        return Err(Error::fault("/due_on", "too_small", "This day is over: a commitment is about what will be done."));
    }
    let idea = hold_idea(tx, council, idea, viewer, Hold::Shared)?;
    rules::can_be_committed(idea.state, idea.status)?;
    let row = queries::insert_commitment(tx, council.id, (idea.id, idea.challenge_id), draft)?;
    let happened =
        CommitmentMade { commitment: row.id, idea: idea.id, challenge: idea.challenge_id, due_on: row.due_on.clone() };
    entries::record(tx, council.id, &happened)?;
    Ok(Listed { row, number: idea.number, title: idea.title })
}

fn address(council: &Council, commitment: Id) -> String {
    format!("/v1/councils/{}/commitments/{commitment}", council.slug)
}

fn view(council: &Council, listed: Listed, now: Instant) -> Result<CommitmentView> {
    Ok(CommitmentView::new(listed, &council.idea_prefix, &day_of(now, &council.time_zone)?.to_string()))
}

/// List commitments
///
/// What the council said it will do, the one due first first, with what is late by today's date where the council
/// is. Commitments on ideas that are out of sight are left out.
#[utoipa::path(tag = "Feedback", operation_id = "list_commitments", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), CommitmentQuery),
    responses((status = 200, description = "The commitments, by due date", body = Page<CommitmentView>)))]
#[get("/councils/{council}/commitments")]
async fn list_commitments(
    app: App,
    who: Allowed<acts::ReadPublic>,
    query: Query<CommitmentQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let CommitmentQuery { challenge, idea, status, limit, cursor } = query.0;
    let paging = Paging::new(limit, cursor);
    let list = format!("commitments:{challenge:?}:{idea:?}:{status:?}");
    let (council, viewer, secrets) = (Arc::clone(&who.council), who.viewer(), app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let today = day_of(tx.now(), &council.time_zone)?.to_string();
        let after = paging.after(&secrets, &list)?;
        let idea = idea.as_deref().map(|idea| find_idea(tx, &council, idea, &viewer)).transpose()?;
        let wanted = Wanted { challenge, idea: idea.map(|idea| idea.id), status };
        let rows = queries::list_commitments(tx, council.id, wanted, after, paging.load())?;
        let key = |listed: &Listed| (listed.row.due_on.clone(), listed.row.id);
        paging.page(&secrets, &list, rows, key, |listed| CommitmentView::new(listed, &council.idea_prefix, &today))
    });
    Ok(page.await?.reply(&request)?.public(60))
}

/// Read a commitment
///
/// One commitment, with the ETag that a change of it needs.
#[utoipa::path(tag = "Feedback", operation_id = "read_commitment", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("commitment" = Id, Path, description = "Id of the commitment")),
    responses((status = 200, description = "The commitment", body = CommitmentView)))]
#[get("/councils/{council}/commitments/{commitment}")]
async fn read_commitment(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, staff) = (Arc::clone(&who.council), who.is_staff());
    let commitment = id_of(&path.1, "commitment")?;
    let found = app.db.read(move |tx| {
        let listed = queries::find_commitment(tx, council.id, commitment, staff)?;
        Ok((listed.row.version, view(&council, listed, tx.now())?))
    });
    let (version, view) = found.await?;
    let reply = Reply::ok(&view)?.version(version);
    Ok(if staff { reply } else { reply.public(60) })
}

/// Says how a commitment stands from now on.
///
/// # Errors
/// 412 where it was changed meanwhile.
pub fn change(
    tx: &mut Tx<'_>,
    council: Id,
    row: &CommitmentRow,
    next: (CommitmentStatus, Option<String>),
) -> Result<CommitmentRow> {
    let row = queries::update_commitment(tx, council, row, next)?;
    let happened = CommitmentChanged { commitment: row.id, idea: row.idea_id, status: row.status };
    entries::record(tx, council, &happened)?;
    Ok(row)
}

/// Change a commitment
///
/// Says how a commitment stands: planned, in progress, delivered, or dropped with a reason. Who, what and by when
/// stay as they were said.
#[utoipa::path(tag = "Answering", operation_id = "change_commitment", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("commitment" = Id, Path, description = "Id of the commitment"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = ChangeCommitment, responses((status = 200, description = "Changed", body = CommitmentView)))]
#[patch("/councils/{council}/commitments/{commitment}")]
async fn change_commitment(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    if_match: IfMatch,
    body: Json<ChangeCommitment>,
) -> Result<Reply> {
    let (council, wish) = (Arc::clone(&who.council), body.value);
    let (commitment, by) = (id_of(&path.1, "commitment")?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let Listed { row, number, title } = queries::find_commitment(tx, council.id, commitment, true)?;
        if_match.require(row.version)?;
        let next = rules::changed((row.status, row.status_reason.as_deref()), &wish)?;
        let unchanged = next == (row.status, row.status_reason.clone());
        let before = json!({ "status": row.status });
        let row = if unchanged { row } else { change(tx, council.id, &row, next)? };
        if !unchanged {
            let event = Event::new(AuditAction::CommitmentChanged, by).to(row.id).before(before);
            audit::record(tx, council.id, event.after(json!({ "status": row.status })))?;
        }
        let version = row.version;
        Ok(Reply::ok(&view(&council, Listed { row, number, title }, tx.now())?)?.version(version))
    })
    .await
}
