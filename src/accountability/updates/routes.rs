//! Publish, put right and read updates.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::{UpdateDraft, UpdatePublished, UpdateRow};
use super::views::{CorrectUpdate, PublishUpdate, UpdateView};
use super::{jobs, queries, rules};
use crate::accountability::audience::Place;
use crate::accountability::id_of;
use crate::accountability::quiet::held::acting::do_or_hold;
use crate::accountability::quiet::held::model::{Act, Speaker};
use crate::accountability::quiet::held::views::HeldActView;
use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::people::accounts::Allowed;
use crate::people::councils::model::Council;
use crate::people::offices::queries::office_to_speak_for;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::entries;
use crate::platform::error::Result;
use crate::platform::html::prepare;
use crate::platform::http::doors::{Doors, get, post, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{IfMatch, Json, Once, Page, Paging, Query, Reply};
use crate::platform::jobs::enqueue;
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(publish_update)
        .service(list_updates)
        .service(read_update)
        .service(correct_update)
        .service(list_update_revisions);
}

/// Publish an update
///
/// Tells how it goes with a challenge, from its opening on, in the name of an office. Authors and supporters of its ideas are told by mail,
/// each once, unless `mail` is false. In a quiet period it is checked and held, and published when that is over.
#[utoipa::path(tag = "Answering", operation_id = "publish_update", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge")),
    request_body = PublishUpdate, responses((status = 201, description = "Published", body = UpdateView),
        (status = 202, description = "The council is quiet: held until that is over", body = HeldActView)))]
#[post("/councils/{council}/challenges/{challenge}/updates")]
async fn publish_update(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<PublishUpdate>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    // Rendered here, the text is at hand inside the write.
    prepare(&rules::draft(&wish)?.body);
    let (council, speaker) = (Arc::clone(&who.council), Speaker::of(&who)?);
    let act = Act::Update { challenge: id_of(&path.1, "challenge")?, body: wish };
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| do_or_hold(tx, &council, speaker, &act)).await
}

/// Publishes an update.
///
/// # Errors
/// 404 where there is no such challenge, 422 and 403 where nobody may speak so, 409 before it has opened.
pub fn publish(tx: &mut Tx<'_>, council: &Council, who: Speaker, challenge: Id, wish: &PublishUpdate) -> Result<Reply> {
    let draft = rules::draft(wish)?;
    tx.hold(Root::Challenge, council.id, challenge, Hold::Alone)?;
    let draft = spoken(tx, council.id, challenge, &draft, who.account)?;
    let row = queries::insert_update(tx, (council.id, challenge), &draft, wish.mail, who.account)?;
    record(tx, council.id, &row, who.by)?;
    if wish.mail {
        enqueue(tx, council.id, &jobs::TellOfUpdate { update: row.id, from: Place::default() })?;
    }
    let location = format!("/v1/councils/{}/challenges/{challenge}/updates/{}", council.slug, row.id);
    Ok(Reply::created(location, &UpdateView::from(row))?.version(1))
}

/// Put an update right
///
/// Publishes a further revision with what it puts right; the ones before stay readable, and nobody is told by mail again. In a
/// quiet period it is checked and held.
#[utoipa::path(tag = "Answering", operation_id = "correct_update", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge"),
        ("update" = Id, Path, description = "Id of the update"),
        ("If-Match" = String, Header, description = "The ETag you last read, or its `revision` in quotation marks")),
    request_body = CorrectUpdate, responses((status = 200, description = "Put right", body = UpdateView),
        (status = 202, description = "The council is quiet: held until that is over", body = HeldActView)))]
#[put("/councils/{council}/challenges/{challenge}/updates/{update}")]
async fn correct_update(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String, String)>,
    if_match: IfMatch,
    body: Json<CorrectUpdate>,
) -> Result<Reply> {
    prepare(&rules::corrected(&body.value)?.body);
    let (council, speaker) = (Arc::clone(&who.council), Speaker::of(&who)?);
    let (challenge, update) = (id_of(&path.1, "challenge")?, id_of(&path.2, "update")?);
    let act = Act::UpdateCorrection { challenge, update, if_match, body: body.value };
    who.write(&app, Limited::Write, move |tx| do_or_hold(tx, &council, speaker, &act)).await
}

/// Puts an update right.
///
/// # Errors
/// 404 and 412 as it is addressed, 422 and 403 where nobody may speak so.
pub fn correct(
    tx: &mut Tx<'_>,
    council: &Council,
    who: Speaker,
    (challenge, update, if_match): (Id, Id, &IfMatch),
    wish: &CorrectUpdate,
) -> Result<Reply> {
    let draft = rules::corrected(wish)?;
    tx.hold(Root::Challenge, council.id, challenge, Hold::Alone)?;
    let row = queries::find_update(tx, council.id, challenge, update)?;
    if_match.require(i64::from(row.revision))?;
    let draft = spoken(tx, council.id, challenge, &draft, who.account)?;
    let row = queries::correct_update(tx, council.id, &row, &draft, who.account)?;
    record(tx, council.id, &row, who.by)?;
    let version = i64::from(row.revision);
    Ok(Reply::ok(&UpdateView::from(row))?.version(version))
}

/// What is said, in the name of the office that it names, where something may be said.
fn spoken(tx: &mut Tx<'_>, council: Id, challenge: Id, draft: &UpdateDraft, officer: Id) -> Result<UpdateDraft> {
    let row = find_challenge(tx, council, challenge, true)?;
    rules::can_be_told_of(row.state(tx.now(), false))?;
    let office = office_to_speak_for(tx, council, &draft.office, officer)?;
    Ok(UpdateDraft { office: office.name, ..draft.clone() })
}

fn record(tx: &mut Tx<'_>, council: Id, row: &UpdateRow, by: By) -> Result<()> {
    let (update, challenge, revision) = (row.id, row.challenge_id, row.revision);
    entries::record(tx, council, &UpdatePublished { update, challenge, revision })?;
    let event = Event::new(AuditAction::UpdatePublished, by).to(update);
    audit::record(tx, council, event.after(json!({ "challenge": challenge, "revision": revision })))
}

/// List the updates of a challenge
///
/// How it goes with a challenge, as its council tells it, the newest first, each in the revision that holds.
#[utoipa::path(tag = "Feedback", operation_id = "list_updates", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge"), ListQuery),
    responses((status = 200, description = "The updates, newest first", body = Page<UpdateView>)))]
#[get("/councils/{council}/challenges/{challenge}/updates")]
async fn list_updates(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, secrets) = (Arc::clone(&who.council), app.config.secrets.clone());
    let challenge = id_of(&path.1, "challenge")?;
    let page = app.db.read(move |tx| {
        find_challenge(tx, council.id, challenge, false)?;
        let list = format!("updates:{challenge}");
        let rows = queries::list_updates(tx, council.id, challenge, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &UpdateRow| row.id, UpdateView::from)
    });
    Ok(page.await?.reply(&request)?.public(60))
}

/// Read an update
///
/// The revision that holds, with the ETag that a correction needs.
#[utoipa::path(tag = "Feedback", operation_id = "read_update", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge"),
        ("update" = Id, Path, description = "Id of the update")),
    responses((status = 200, description = "The update", body = UpdateView)))]
#[get("/councils/{council}/challenges/{challenge}/updates/{update}")]
async fn read_update(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String, String)>,
) -> Result<Reply> {
    let (council, challenge, update) = (who.council.id, id_of(&path.1, "challenge")?, id_of(&path.2, "update")?);
    let row = app.db.read(move |tx| queries::find_update(tx, council, challenge, update)).await?;
    let version = i64::from(row.revision);
    Ok(Reply::ok(&UpdateView::from(row))?.version(version).public(60))
}

/// List the revisions of an update
///
/// All of them, the one that holds first, each with what it puts right.
#[utoipa::path(tag = "Feedback", operation_id = "list_update_revisions", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge"),
        ("update" = Id, Path, description = "Id of the update"), ListQuery),
    responses((status = 200, description = "The revisions, newest first", body = Page<UpdateView>)))]
#[get("/councils/{council}/challenges/{challenge}/updates/{update}/revisions")]
async fn list_update_revisions(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String, String)>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, secrets) = (who.council.id, app.config.secrets.clone());
    let (challenge, update) = (id_of(&path.1, "challenge")?, id_of(&path.2, "update")?);
    let page = app.db.read(move |tx| {
        queries::find_update(tx, council, challenge, update)?;
        let list = format!("update_revisions:{update}");
        let rows = queries::list_revisions(tx, council, update, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &UpdateRow| row.revision, UpdateView::from)
    });
    Ok(page.await?.reply(&request)?.public(60))
}
