//! List, read and withdraw what is held.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::Listed;
use super::queries;
use super::rules::may_withdraw;
use super::views::{HeldActView, HeldQuery};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::audit::{self, Event};
use crate::platform::db::Id;
use crate::platform::error::{Code, Result};
use crate::platform::http::doors::{Doors, delete, get};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::{Page, Paging, Query, Reply};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, HeldActState};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(list_held_acts).service(read_held_act).service(withdraw_held_act);
}

/// List what is held
///
/// What the staff asked for in a quiet period, and what became of it, the last asked for first: answers, updates, outcomes and
/// openings. They are done when the quiet period is over, in the order in which they were asked for. Nobody else sees them before.
#[utoipa::path(tag = "Staff", operation_id = "list_held_acts", security(("bearer" = ["work.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), HeldQuery),
    responses((status = 200, description = "A page of held acts", body = Page<HeldActView>)))]
#[get("/councils/{council}/held-acts")]
async fn list_held_acts(
    app: App,
    who: Allowed<acts::ReadWork>,
    query: Query<HeldQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let HeldQuery { state, limit, cursor } = query.0;
    let (paging, council, me) = (Paging::new(limit, cursor), Arc::clone(&who.council), who.actor()?.id);
    let secrets = app.config.secrets.clone();
    let page = app.db.read(move |tx| {
        let list = format!("held-acts:{}:{}", council.id, state.map_or("", HeldActState::as_str));
        let rows = queries::list_held(tx, council.id, &[], state, paging.after(&secrets, &list)?, paging.load())?;
        let key = |one: &Listed| one.row.id;
        paging.page(&secrets, &list, rows, key, |one| HeldActView::of(one, &council.idea_prefix, me))
    });
    page.await?.reply(&request)
}

/// Read what is held
///
/// Whether it waits, was done, could not be done any more, and then why, or was withdrawn.
#[utoipa::path(tag = "Staff", operation_id = "read_held_act", security(("bearer" = ["work.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("held_act" = Id, Path, description = "Id of the held act")),
    responses((status = 200, description = "The held act", body = HeldActView)))]
#[get("/councils/{council}/held-acts/{held_act}")]
async fn read_held_act(app: App, who: Allowed<acts::ReadWork>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, me, id) = (Arc::clone(&who.council), who.actor()?.id, id_of(&path.1, "held act")?);
    let listed = app.db.read(move |tx| Ok((queries::find_listed(tx, council.id, id)?, council))).await?;
    Reply::ok(&HeldActView::of(listed.0, &listed.1.idea_prefix, me))
}

/// Withdraw what is held
///
/// It is not done, and another may be asked for in its place. Until the quiet period is over: 409 from then on.
#[utoipa::path(tag = "Staff", operation_id = "withdraw_held_act", security(("bearer" = ["promise.keep"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("held_act" = Id, Path, description = "Id of the held act")),
    responses((status = 200, description = "Withdrawn", body = HeldActView)))]
#[delete("/councils/{council}/held-acts/{held_act}")]
async fn withdraw_held_act(
    app: App,
    who: Allowed<acts::KeepPromises>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, me, by) = (Arc::clone(&who.council), who.actor()?.id, who.by());
    let id = id_of(&path.1, "held act")?;
    who.write(&app, Limited::Write, move |tx| {
        let row = queries::find_held(tx, council.id, id)?;
        if may_withdraw(row.state)? {
            if !queries::settle(tx, council.id, id, HeldActState::Withdrawn, None)? {
                return Err(Code::Changed.problem().into());
            }
            let what = json!({ "kind": row.kind, "subject": row.subject_id });
            audit::record(tx, council.id, Event::new(AuditAction::HeldActWithdrawn, by).to(id).before(what))?;
        }
        Reply::ok(&HeldActView::of(queries::find_listed(tx, council.id, id)?, &council.idea_prefix, me))
    })
    .await
}
