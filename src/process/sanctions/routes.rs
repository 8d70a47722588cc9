//! Warning and suspending, and reading what was decided.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::entries::{AccountSanctioned, SanctionAppealDecided};
use super::jobs::{EndSuspension, TellOfLifting, TellOfSanction};
use super::model::SanctionRow;
use super::queries::{self, NewSanction};
use super::rules;
use super::views::{ImposeSanction, SanctionView};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::queries::{find_account, set_standing};
use crate::people::councils::model::Council;
use crate::people::councils::queries::find_ground;
use crate::people::sessions::queries::end_sessions;
use crate::people::staff::routes::{begin, put};
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, delete, get, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{Json, Once, Page, Paging, Query, Reply, id_of};
use crate::platform::jobs::{enqueue, enqueue_at};
use crate::process::moderation::queries::{find_author, find_case};
use crate::process::moderation::{NO_GROUND, rules::is_no_appeal};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountState, AppealResult, AuditAction, Role, SanctionKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(impose_sanction)
        .service(list_sanctions)
        .service(lift_suspension)
        .service(sanction_author)
        .service(list_sanctions_of_author)
        .service(list_own_sanctions);
    super::appeals::routes(doors);
}

/// Warns or suspends, in the transaction of whoever does, who holds the council.
fn impose(
    tx: &mut Tx<'_>,
    council: &Council,
    (account, case): (Id, Option<Id>),
    wish: &ImposeSanction,
    (actor, by): (Id, By),
) -> Result<SanctionView> {
    let statement = tidy(&wish.statement);
    if statement.is_empty() {
        return Err(Error::fault("/statement", "too_short", "At least 10 characters that can be seen."));
    }
    rules::lasts(wish.decision, wish.until, tx.now())?;
    if account == actor {
        return Err(Code::Forbidden.because("Nobody decides on themselves.").into());
    }
    let row = find_account(tx, council.id, account)?.ok_or_else(|| Error::not_found("account"))?;
    rules::in_use(row.state)?;
    if find_ground(tx, council.id, &wish.ground)?.is_none() {
        return Err(Error::fault("/ground", "not_in_list", NO_GROUND));
    }
    let new = NewSanction {
        account,
        kind: wish.decision,
        ground: &wish.ground,
        statement: &statement,
        case,
        until: wish.until,
        by: actor,
    };
    let sanction = queries::insert_sanction(tx, council.id, &new)?;
    let action = match wish.decision {
        SanctionKind::Warn => AuditAction::AccountWarned,
        SanctionKind::Suspend => {
            put(tx, &row, row.role, AccountState::Suspended, by)?;
            let ended = end_sessions(tx, council.id, account, None)?;
            if ended > 0 {
                let event = Event::new(AuditAction::SessionEnded, by).to(account);
                audit::record(tx, council.id, event.after(json!({ "sessions": ended })))?;
            }
            AuditAction::AccountSuspended
        }
    };
    if let Some(until) = wish.until {
        enqueue_at(tx, council.id, &EndSuspension { sanction, until }, until)?;
    }
    let what = json!({ "sanction": sanction, "ground": wish.ground, "case": case, "until": wish.until });
    audit::record(tx, council.id, Event::new(action, by).to(account).after(what))?;
    record(tx, council.id, &AccountSanctioned { sanction, kind: wish.decision, ground: wish.ground.clone() })?;
    enqueue(tx, council.id, &TellOfSanction { sanction })?;
    view(tx, council, sanction)
}

fn view(tx: &mut Tx<'_>, council: &Council, sanction: Id) -> Result<SanctionView> {
    let row = queries::find_sanction(tx, council.id, sanction)?;
    with_appeals(tx, council, vec![row])?.pop().ok_or_else(|| Error::not_found("sanction"))
}

/// Sanctions with the appeals against them.
///
/// # Errors
/// What the database answers.
pub(super) fn with_appeals(tx: &mut Tx<'_>, council: &Council, rows: Vec<SanctionRow>) -> Result<Vec<SanctionView>> {
    let now = tx.now();
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut appeals = queries::appeals_against(tx, council.id, &ids)?;
    rows.into_iter()
        .map(|row| {
            let at = appeals.iter().position(|appeal| appeal.sanction_id == row.id);
            SanctionView::of(row, at.map(|at| appeals.swap_remove(at)), council, now)
        })
        .collect()
}

/// Warn or suspend
///
/// Whoever the account belongs to, resident or staff, is told on which ground and why by mail, and can appeal from it. Who is suspended
/// is signed out everywhere at once, and cannot sign in until it ends by itself. The last admin who can sign in cannot be suspended
/// (409 `last_admin`). `…/cases/{case}/sanctions` does the same to the author of an idea or a comment.
#[utoipa::path(tag = "Sanctions", operation_id = "impose_sanction", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("account" = Id, Path, description = "Id of the account")),
    request_body = ImposeSanction, responses((status = 201, description = "Decided", body = SanctionView)))]
#[post("/councils/{council}/accounts/{account}/sanctions")]
async fn impose_sanction(
    app: App,
    who: Allowed<acts::ManageStaff>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<ImposeSanction>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let council = Arc::clone(&who.council);
    let (account, actor, by) = (id_of(&path.1, "account")?, who.actor()?.id, who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        begin(tx, council.id, actor)?;
        let view = impose(tx, &council, (account, None), &wish, (actor, by))?;
        Reply::created(format!("/v1/councils/{}/accounts/{account}/sanctions", council.slug), &view)
    })
    .await
}

/// List what was decided on an account
///
/// Its warnings and suspensions, the last first.
#[utoipa::path(tag = "Sanctions", operation_id = "list_sanctions", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("account" = Id, Path, description = "Id of the account"), ListQuery),
    responses((status = 200, description = "A page of them", body = Page<SanctionView>)))]
#[get("/councils/{council}/accounts/{account}/sanctions")]
async fn list_sanctions(
    app: App,
    who: Allowed<acts::ManageStaff>,
    path: web::Path<(String, String)>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let account = id_of(&path.1, "account")?;
    page(&app, &who.council, query.0, &request, move |_| Ok(account)).await
}

/// A page of the sanctions of an account, which `of` finds.
async fn page(
    app: &App,
    council: &Arc<Council>,
    query: ListQuery,
    request: &HttpRequest,
    of: impl Fn(&mut Tx<'_>) -> Result<Id> + Send + 'static,
) -> Result<Reply> {
    let paging = Paging::new(query.limit, query.cursor);
    let (council, secrets) = (Arc::clone(council), app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let account = of(tx)?;
        let list = format!("sanctions:{}:{account}", council.id);
        let before: Option<(i64, Id)> = paging.after(&secrets, &list)?;
        let before = before.map(|(micros, id)| (Instant::from_micros(micros), id));
        let rows = queries::list_sanctions(tx, council.id, account, before, paging.load())?;
        let views = with_appeals(tx, &council, rows)?;
        paging.page(&secrets, &list, views, |one| (one.decided_at.micros(), one.id), |one| one)
    });
    page.await?.reply(request)
}

/// End a suspension
///
/// Before its time: the account can sign in again, with the role that it has, and its owner is told by mail. An appeal that nobody
/// has decided is `reversed` by it, with `lifted_at`: whoever made it has got all that they asked for. So whoever suspended may lift,
/// too, which `lifted_by_who_suspended` says to all who read the appeal; what gives less is somebody else's decision. 404 where none
/// runs.
#[utoipa::path(tag = "Sanctions", operation_id = "lift_suspension", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("account" = Id, Path, description = "Id of the account")),
    responses((status = 204, description = "Ended")))]
#[delete("/councils/{council}/accounts/{account}/suspension")]
async fn lift_suspension(
    app: App,
    who: Allowed<acts::ManageStaff>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, account, actor, by) = (who.council.id, id_of(&path.1, "suspension")?, who.actor()?.id, who.by());
    who.write(&app, Limited::Write, move |tx| {
        begin(tx, council, actor)?;
        let running = queries::running_suspension(tx, council, account)?;
        let running = running.ok_or_else(|| Error::not_found("suspension"))?;
        restore(tx, council, &running, by)?;
        if let Some(appeal) = queries::reverse_by_lifting(tx, council, running.id, actor)? {
            let by_who_suspended = appeal.lifted_by_who_suspended();
            let (result, sanction) = (AppealResult::Reversed, running.id);
            let what = json!({ "sanction": sanction, "result": result, "lifted_by_who_suspended": by_who_suspended });
            audit::record(tx, council, Event::new(AuditAction::SanctionAppealDecided, by).to(appeal.id).after(what))?;
            let news = SanctionAppealDecided {
                appeal: appeal.id,
                sanction,
                result,
                lifted_by_who_suspended: by_who_suspended,
            };
            record(tx, council, &news)?;
        }
        enqueue(tx, council, &TellOfLifting { sanction: running.id })?;
        Ok(Reply::nothing())
    })
    .await
}

/// Ends a suspension and puts its account in use again; nothing where it has ended.
///
/// # Errors
/// What the database answers.
pub fn restore(tx: &mut Tx<'_>, council: Id, suspension: &SanctionRow, by: By) -> Result<()> {
    tx.hold(Root::Council, council, council, Hold::Alone)?;
    if !queries::end_suspension(tx, council, suspension.id)? {
        return Ok(());
    }
    if let Some(row) = find_account(tx, council, suspension.account_id)?
        && row.state == AccountState::Suspended
    {
        set_standing(tx, &row, row.role, AccountState::Active)?;
    }
    let event = Event::new(AuditAction::AccountRestored, by).to(suspension.account_id);
    audit::record(tx, council, event.before(json!({ "sanction": suspension.id })))
}

/// Warn or suspend an author
///
/// For what was seen in a case, which stands with the decision; whose account it is, is not told. They hear on which ground and why by
/// mail, and can appeal from it. What becomes of the idea or the comment is a decision of its own.
#[utoipa::path(tag = "Sanctions", operation_id = "sanction_author", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("case" = Id, Path, description = "Id of the case")),
    request_body = ImposeSanction, responses((status = 201, description = "Decided", body = SanctionView)))]
#[post("/councils/{council}/cases/{case}/sanctions")]
async fn sanction_author(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<ImposeSanction>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let council = Arc::clone(&who.council);
    let (case, actor, by) = (id_of(&path.1, "case")?, who.actor()?.id, who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        tx.hold(Root::Council, council.id, council.id, Hold::Alone)?;
        let author = author_of(tx, council.id, case)?;
        let row = find_account(tx, council.id, author)?.ok_or_else(|| Error::not_found("account"))?;
        if row.role != Role::Resident {
            let detail = "They belong to the staff by now, whom only an admin warns or suspends.";
            return Err(Code::Forbidden.because(detail).into());
        }
        let view = impose(tx, &council, (author, Some(case)), &wish, (actor, by))?;
        Reply::created(format!("/v1/councils/{}/cases/{case}/sanctions", council.slug), &view)
    })
    .await
}

/// Whose idea or comment a case is about; in an appeal nobody is told.
fn author_of(tx: &mut Tx<'_>, council: Id, case: Id) -> Result<Id> {
    is_no_appeal(&find_case(tx, council, case)?)?;
    let nobody = || Error::from(Code::WrongState.because("Nobody who has an account here has written this."));
    find_author(tx, council, case)?.ok_or_else(nobody)
}

/// List what was decided on an author
///
/// The warnings and suspensions of whoever wrote what a case is about, the last first: what to know before the next one.
#[utoipa::path(tag = "Sanctions", operation_id = "list_sanctions_of_author", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("case" = Id, Path, description = "Id of the case"), ListQuery),
    responses((status = 200, description = "A page of them", body = Page<SanctionView>)))]
#[get("/councils/{council}/cases/{case}/sanctions")]
async fn list_sanctions_of_author(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let (council, case) = (who.council.id, id_of(&path.1, "case")?);
    page(&app, &who.council, query.0, &request, move |tx| author_of(tx, council, case)).await
}

/// List the decisions on oneself
///
/// Warnings and suspensions, with their reasons, until when you can appeal, and what came of it. The last one first.
#[utoipa::path(tag = "Sanctions", operation_id = "list_own_sanctions", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ListQuery),
    responses((status = 200, description = "A page of them", body = Page<SanctionView>)))]
#[get("/councils/{council}/me/sanctions")]
async fn list_own_sanctions(
    app: App,
    who: Allowed<acts::UseAccount>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let me = who.actor()?.id;
    page(&app, &who.council, query.0, &request, move |_| Ok(me)).await
}
