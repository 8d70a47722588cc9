//! Appeals against sanctions: made by whom they are about, decided by somebody else than who imposed them.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::entries::SanctionAppealDecided;
use super::jobs::{EndSuspension, TellOfSanctionAppeal};
use super::model::SanctionAppealRow;
use super::queries::{self, Verdict};
use super::routes::{restore, with_appeals};
use super::rules::{Effect, outcome};
use super::views::{DecideSanctionAppeal, SanctionAppealToDecide, SanctionView};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::councils::model::Council;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Once, Page, Paging, Query, Reply, id_of};
use crate::platform::jobs::{enqueue, enqueue_at};
use crate::process::appeals::routes::AppealQuery;
use crate::process::appeals::rules::{in_time, may_decide, until};
use crate::process::appeals::views::MakeAppeal;
use crate::process::moderation::reminders;
use crate::process::reviews::granting::grant_where_nobody_can;
use crate::process::reviews::queries::Subject;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AppealResult, AuditAction, CaseState};

pub(super) fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(appeal_against_sanction)
        .service(list_sanction_appeals)
        .service(read_sanction_appeal)
        .service(decide_sanction_appeal);
}

/// Writes an appeal against what was decided on an account.
///
/// # Errors
/// 404 where it is about somebody else, 409 where it is too late or there is one.
pub fn appeal(tx: &mut Tx<'_>, council: &Council, account: Id, sanction: Id, text: &str) -> Result<SanctionView> {
    tx.hold(Root::Council, council.id, council.id, Hold::Alone)?;
    let against = queries::find_sanction(tx, council.id, sanction)?;
    if against.account_id != account {
        return Err(Error::not_found("sanction"));
    }
    in_time(tx.now(), until(against.decided_at, &council.time_zone)?)?;
    let made_at = tx.now();
    let (appeal, due_at) = queries::insert_appeal(tx, council.id, &against, text)?;
    reminders::schedule(tx, council.id, made_at, due_at)?;
    grant_where_nobody_can(tx, council.id, Subject::SanctionAppeal(appeal), [against.decided_by, account])?;
    with_appeals(tx, council, vec![against])?.pop().ok_or_else(|| Error::not_found("sanction"))
}

/// Appeal against a decision on oneself
///
/// Once, within six months, without charge. Somebody else than who decided looks at it, without being told whose it is, and gives you
/// their reasons within fourteen days. Who is suspended appeals by the link in the mail (`…/appeals`), or, where the account has no
/// address, with the `appeal_token` that its sign-in provider's way in (`…/sso/{provider}/finish`) is refused with.
#[utoipa::path(tag = "Sanctions", operation_id = "appeal_against_sanction", security(("bearer" = ["appeal.make"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("sanction" = Id, Path, description = "Id of the sanction")),
    request_body = MakeAppeal, responses((status = 201, description = "Made", body = SanctionView)))]
#[post("/councils/{council}/me/sanctions/{sanction}/appeal")]
async fn appeal_against_sanction(
    app: App,
    who: Allowed<acts::MakeAppeal>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<MakeAppeal>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let council = Arc::clone(&who.council);
    let (me, sanction, text) = (who.actor()?.id, id_of(&path.1, "sanction")?, tidy(&wish.text));
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let view = appeal(tx, &council, me, sanction, &text)?;
        Reply::created(format!("/v1/councils/{}/me/sanctions", council.slug), &view)
    })
    .await
}

/// List appeals against sanctions
///
/// First what is to be decided first. Whose they are is not told.
#[utoipa::path(tag = "Sanctions", operation_id = "list_sanction_appeals", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), AppealQuery),
    responses((status = 200, description = "A page of them", body = Page<SanctionAppealToDecide>)))]
#[get("/councils/{council}/sanction-appeals")]
async fn list_sanction_appeals(
    app: App,
    who: Allowed<acts::Moderate>,
    query: Query<AppealQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let state = query.0.state.unwrap_or(CaseState::Open);
    let (council, by, secrets) = (Arc::clone(&who.council), who.actor()?.id, app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let list = format!("sanction-appeals:{}:{state}", council.id);
        let after: Option<(i64, Id)> = paging.after(&secrets, &list)?;
        let after = after.map(|(micros, id)| (Instant::from_micros(micros), id));
        let rows = queries::list_appeals(tx, council.id, state, after, paging.load())?;
        let key = |(due, id, _): &(Instant, Id, _)| (due.micros(), *id);
        paging.page(&secrets, &list, to_decide(tx, &council, rows, by)?, key, |(.., view)| view)
    });
    page.await?.reply(&request)
}

/// Appeals with what they are against, each with its place in the list.
fn to_decide(
    tx: &mut Tx<'_>,
    council: &Council,
    rows: Vec<SanctionAppealRow>,
    by: Id,
) -> Result<Vec<(Instant, Id, SanctionAppealToDecide)>> {
    let now = tx.now();
    let ids: Vec<Id> = rows.iter().map(|row| row.sanction_id).collect();
    let against = queries::find_sanctions(tx, council.id, &ids)?;
    let whole = rows.into_iter().filter_map(|row| {
        let sanction = against.iter().find(|one| one.id == row.sanction_id)?.clone();
        Some((row.due_at, row.id, SanctionAppealToDecide::of(sanction, row, council, (by, now))))
    });
    whole.map(|(due, id, view)| Ok((due, id, view?))).collect()
}

/// One appeal with what it is against, for whoever decides it.
///
/// # Errors
/// 404 where there is none.
fn one_to_decide(tx: &mut Tx<'_>, council: &Council, appeal: Id, by: Id) -> Result<SanctionAppealToDecide> {
    let row = queries::find_appeal(tx, council.id, appeal)?;
    let found = to_decide(tx, council, vec![row], by)?.pop();
    found.map(|(.., view)| view).ok_or_else(|| Error::not_found("appeal"))
}

/// Read an appeal against a sanction
///
/// With the decision that it is against.
#[utoipa::path(tag = "Sanctions", operation_id = "read_sanction_appeal", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("appeal" = Id, Path, description = "Id of the appeal")),
    responses((status = 200, description = "The appeal", body = SanctionAppealToDecide)))]
#[get("/councils/{council}/sanction-appeals/{appeal}")]
async fn read_sanction_appeal(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, by, id) = (Arc::clone(&who.council), who.actor()?.id, id_of(&path.1, "appeal")?);
    Reply::ok(&app.db.read(move |tx| one_to_decide(tx, &council, id, by)).await?)
}

/// Decide an appeal against a sanction
///
/// By somebody else than who imposed it, once. It is upheld, reversed, or a suspension is amended to an earlier end; who made it is told
/// the reasons by mail. A reversal ends a suspension at once.
#[utoipa::path(tag = "Sanctions", operation_id = "decide_sanction_appeal", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("appeal" = Id, Path, description = "Id of the appeal")),
    request_body = DecideSanctionAppeal, responses((status = 201, description = "Decided", body = SanctionAppealToDecide)))]
#[post("/councils/{council}/sanction-appeals/{appeal}/decision")]
async fn decide_sanction_appeal(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<DecideSanctionAppeal>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let council = Arc::clone(&who.council);
    let (id, by, actor) = (id_of(&path.1, "appeal")?, who.actor()?.id, who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let view = decide(tx, &council, id, &wish, (by, actor))?;
        Reply::created(format!("/v1/councils/{}/sanction-appeals/{id}", council.slug), &view)
    })
    .await
}

/// Decides an appeal, in the unit of whoever does.
///
/// # Errors
/// 403 where they took the decision that it is against, 409 where it is decided, 422 where the result does not fit.
pub fn decide(
    tx: &mut Tx<'_>,
    council: &Council,
    id: Id,
    wish: &DecideSanctionAppeal,
    (by, actor): (Id, By),
) -> Result<SanctionAppealToDecide> {
    let reasons = tidy(&wish.reasons);
    tx.hold(Root::Council, council.id, council.id, Hold::Alone)?;
    let appeal = queries::find_appeal(tx, council.id, id)?;
    may_decide(appeal.barred_id, appeal.account_id, by)?;
    if appeal.state() == CaseState::Decided {
        return Err(Code::AlreadyDecided.problem().into());
    }
    let against = queries::find_sanction(tx, council.id, appeal.sanction_id)?;
    if wish.result == AppealResult::Amended && against.ended_at.is_some() {
        let detail = "The suspension is over: it was right, or it was wrong.";
        return Err(Error::fault("/result", "not_taken", detail));
    }
    let effect = outcome(wish.result, (against.kind, against.until), wish.until, tx.now())?;
    let verdict = Verdict { result: wish.result, reasons: &reasons, until: wish.until, by };
    queries::decide_appeal(tx, council.id, id, &verdict)?;
    match effect {
        Effect::None => {}
        Effect::Ends => restore(tx, council.id, &against, actor)?,
        Effect::EndsAt(until) => {
            enqueue_at(tx, council.id, &EndSuspension { sanction: against.id, until }, until)?;
        }
    }
    let event = Event::new(AuditAction::SanctionAppealDecided, actor).to(id);
    let what = json!({ "sanction": against.id, "result": wish.result, "until": wish.until });
    audit::record(tx, council.id, event.after(what))?;
    let news =
        SanctionAppealDecided { appeal: id, sanction: against.id, result: wish.result, lifted_by_who_suspended: None };
    record(tx, council.id, &news)?;
    enqueue(tx, council.id, &TellOfSanctionAppeal { appeal: id })?;
    one_to_decide(tx, council, id, by)
}
