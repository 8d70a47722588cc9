//! Assign ideas and read who is to answer them.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::{Assigned, IdeaAssigned, Wanted};
use super::queries;
use super::views::{AssignIdea, AssignmentQuery, AssignmentView};
use crate::app::App;
use crate::participation::ideas::queries::{find_idea, hold_idea};
use crate::people::accounts::Allowed;
use crate::people::offices::queries::{members_of, named_office};
use crate::platform::audit::{self, Event};
use crate::platform::db::Hold;
use crate::platform::entries;
use crate::platform::error::{Error, Result};
use crate::platform::http::doors::{Doors, delete, get, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Page, Paging, Query, Reply};
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(list_assignments).service(assign_idea).service(read_assignment).service(unassign_idea);
}

/// Assign an idea
///
/// Says which office is to answer an idea, and who in it, in place of what was said before. Only staff know of it; in
/// public it is the office that answers.
#[utoipa::path(tag = "Staff", operation_id = "assign_idea", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042")),
    request_body = AssignIdea, responses((status = 200, description = "Assigned", body = AssignmentView)))]
#[put("/councils/{council}/ideas/{idea}/assignment")]
async fn assign_idea(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    body: Json<AssignIdea>,
) -> Result<Reply> {
    let (council, viewer, by, wish) = (Arc::clone(&who.council), who.viewer(), who.by(), body.value);
    let (_, reference) = path.into_inner();
    who.write(&app, Limited::Write, move |tx| {
        let idea = hold_idea(tx, &council, &reference, &viewer, Hold::Alone)?;
        let office = named_office(tx, council.id, "/office", &wish.office)?;
        if let Some(officer) = wish.officer
            && !members_of(tx, council.id, office.id)?.contains(&officer)
        {
            return Err(Error::fault("/officer", "not_in_list", "Nobody of this office has this id."));
        }
        queries::put_assignment(tx, council.id, idea.id, office.id, wish.officer)?;
        entries::record(tx, council.id, &IdeaAssigned { idea: idea.id, office: Some(office.id) })?;
        let event = Event::new(AuditAction::IdeaAssigned, by).to(idea.id);
        audit::record(tx, council.id, event.after(json!({ "office": office.id, "officer": wish.officer })))?;
        let assigned = queries::find_assignment(tx, council.id, idea.id)?;
        let version = assigned.version;
        Ok(Reply::ok(&AssignmentView::new(assigned, &council.idea_prefix))?.version(version))
    })
    .await
}

/// Read an assignment
///
/// Which office is to answer an idea.
#[utoipa::path(tag = "Staff", operation_id = "read_assignment", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042")),
    responses((status = 200, description = "The assignment", body = AssignmentView)))]
#[get("/councils/{council}/ideas/{idea}/assignment")]
async fn read_assignment(app: App, who: Allowed<acts::Answer>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, viewer) = (Arc::clone(&who.council), who.viewer());
    let (_, reference) = path.into_inner();
    let found = app.db.read(move |tx| {
        let idea = find_idea(tx, &council, &reference, &viewer)?;
        let assigned = queries::find_assignment(tx, council.id, idea.id)?;
        Ok((assigned.version, AssignmentView::new(assigned, &council.idea_prefix)))
    });
    let (version, view) = found.await?;
    Ok(Reply::ok(&view)?.version(version))
}

/// Take an assignment back
///
/// The idea is no office's any more.
#[utoipa::path(tag = "Staff", operation_id = "unassign_idea", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042")),
    responses((status = 204, description = "Taken back")))]
#[delete("/councils/{council}/ideas/{idea}/assignment")]
async fn unassign_idea(app: App, who: Allowed<acts::Answer>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, viewer, by) = (Arc::clone(&who.council), who.viewer(), who.by());
    let (_, reference) = path.into_inner();
    who.write(&app, Limited::Write, move |tx| {
        let idea = hold_idea(tx, &council, &reference, &viewer, Hold::Alone)?;
        queries::delete_assignment(tx, council.id, idea.id)?;
        entries::record(tx, council.id, &IdeaAssigned { idea: idea.id, office: None })?;
        audit::record(tx, council.id, Event::new(AuditAction::IdeaAssigned, by).to(idea.id))?;
        Ok(Reply::nothing())
    })
    .await
}

/// List assignments
///
/// What the offices have to answer, the one due first first: of one office, or your own.
#[utoipa::path(tag = "Staff", operation_id = "list_assignments", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"), AssignmentQuery),
    responses((status = 200, description = "The assignments, by due date", body = Page<AssignmentView>)))]
#[get("/councils/{council}/assignments")]
async fn list_assignments(
    app: App,
    who: Allowed<acts::Answer>,
    query: Query<AssignmentQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let AssignmentQuery { office, mine, waiting, limit, cursor } = query.0;
    let paging = Paging::new(limit, cursor);
    let officer = mine.unwrap_or(false).then_some(who.actor()?.id);
    let wanted = Wanted { office, officer, waiting: waiting.unwrap_or(false) };
    let list = format!("assignments:{wanted:?}");
    let (council, secrets) = (Arc::clone(&who.council), app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let rows = queries::list_assignments(tx, council.id, wanted, paging.after(&secrets, &list)?, paging.load())?;
        let key = |one: &Assigned| (one.answer_due_at, one.idea_id);
        paging.page(&secrets, &list, rows, key, |one| AssignmentView::new(one, &council.idea_prefix))
    });
    page.await?.reply(&request)
}
