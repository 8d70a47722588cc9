//! Write, read and remove templates.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::{TemplateChanged, TemplateRow};
use super::views::{TemplateView, WriteTemplate};
use super::{queries, rules};
use crate::accountability::id_of;
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Id, Tx};
use crate::platform::entries;
use crate::platform::error::Result;
use crate::platform::http::doors::{Doors, delete, get, post, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{IfMatch, Json, Once, Page, Paging, Query, Reply};
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(make_answer_template)
        .service(list_answer_templates)
        .service(read_answer_template)
        .service(rewrite_answer_template)
        .service(remove_answer_template);
}

// Told in the unit of the deed, to staff and to the audit log.
fn told(tx: &mut Tx<'_>, council: Id, by: By, action: AuditAction, row: &TemplateRow) -> Result<()> {
    let version = (action != AuditAction::TemplateRemoved).then_some(row.version);
    entries::record(tx, council, &TemplateChanged { template: row.id, version })?;
    audit::record(tx, council, Event::new(action, by).to(row.id).after(json!({ "version": version })))
}

/// Make a template of answers
///
/// A text that officers answer with again and again. It answers nothing by itself: whoever answers sends the text.
#[utoipa::path(tag = "Answering", operation_id = "make_answer_template", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = WriteTemplate,
    responses((status = 201, description = "Made", body = TemplateView)))]
#[post("/councils/{council}/answer-templates")]
async fn make_answer_template(
    app: App,
    who: Allowed<acts::Answer>,
    once: Once,
    body: Json<WriteTemplate>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let draft = rules::draft(&wish)?;
    let (council, by) = (Arc::clone(&who.council), who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let row = queries::insert_template(tx, council.id, &draft)?;
        told(tx, council.id, by, AuditAction::TemplateMade, &row)?;
        let location = format!("/v1/councils/{}/answer-templates/{}", council.slug, row.id);
        let version = row.version;
        Ok(Reply::created(location, &TemplateView::from(row))?.version(version))
    })
    .await
}

/// List templates of answers
///
/// The oldest first.
#[utoipa::path(tag = "Answering", operation_id = "list_answer_templates", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ListQuery),
    responses((status = 200, description = "The templates", body = Page<TemplateView>)))]
#[get("/councils/{council}/answer-templates")]
async fn list_answer_templates(
    app: App,
    who: Allowed<acts::Answer>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, secrets) = (who.council.id, app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let list = format!("answer-templates:{council}");
        let rows = queries::list_templates(tx, council, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &TemplateRow| row.id, TemplateView::from)
    });
    page.await?.reply(&request)
}

/// Read a template of answers
///
/// With the ETag that a change needs.
#[utoipa::path(tag = "Answering", operation_id = "read_answer_template", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("template" = Id, Path, description = "Id of the template")),
    responses((status = 200, description = "The template", body = TemplateView)))]
#[get("/councils/{council}/answer-templates/{template}")]
async fn read_answer_template(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, template) = (who.council.id, id_of(&path.1, "template")?);
    let row = app.db.read(move |tx| queries::find_template(tx, council, template)).await?;
    let version = row.version;
    Ok(Reply::ok(&TemplateView::from(row))?.version(version))
}

/// Write a template of answers anew
///
/// Answers that were given with it stay as they are.
#[utoipa::path(tag = "Answering", operation_id = "rewrite_answer_template", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("template" = Id, Path, description = "Id of the template"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = WriteTemplate, responses((status = 200, description = "Written", body = TemplateView)))]
#[put("/councils/{council}/answer-templates/{template}")]
async fn rewrite_answer_template(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    if_match: IfMatch,
    body: Json<WriteTemplate>,
) -> Result<Reply> {
    let draft = rules::draft(&body.value)?;
    let (council, template, by) = (who.council.id, id_of(&path.1, "template")?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let row = queries::find_template(tx, council, template)?;
        if_match.require(row.version)?;
        let row = queries::update_template(tx, council, &row, &draft)?;
        told(tx, council, by, AuditAction::TemplateChanged, &row)?;
        let version = row.version;
        Ok(Reply::ok(&TemplateView::from(row))?.version(version))
    })
    .await
}

/// Remove a template of answers
///
/// Answers that were given with it stay as they are.
#[utoipa::path(tag = "Answering", operation_id = "remove_answer_template", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("template" = Id, Path, description = "Id of the template"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    responses((status = 204, description = "Removed")))]
#[delete("/councils/{council}/answer-templates/{template}")]
async fn remove_answer_template(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    if_match: IfMatch,
) -> Result<Reply> {
    let (council, template, by) = (who.council.id, id_of(&path.1, "template")?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let row = queries::find_template(tx, council, template)?;
        if_match.require(row.version)?;
        queries::delete_template(tx, council, &row)?;
        told(tx, council, by, AuditAction::TemplateRemoved, &row)?;
        Ok(Reply::nothing())
    })
    .await
}
