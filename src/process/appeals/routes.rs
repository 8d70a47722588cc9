//! Statements of reasons, appeals against them, and the decisions on these.

use actix_web::web;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::entries::{AppealDecided, AppealMade};
use super::force::in_force;
use super::jobs::TellOfAppeal;
use super::model::{AppealRow, StatementRow};
use super::queries::{self, NewAppeal};
use super::rules::{self, Restriction};
use super::views::{AppealByLink, AppealToDecide, AppealView, DecideAppeal, MakeAppeal, StatementView};
use crate::accountability::{open_door, promises};
use crate::app::App;
use crate::participation::comments::jobs::{is_out, tell_thread};
use crate::people::accounts::Allowed;
use crate::people::accounts::routes::limited;
use crate::people::accounts::tokens::redeem_token;
use crate::people::councils::model::Council;
use crate::people::councils::queries::find_ground;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, post};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::page::{Page, Paging};
use crate::platform::http::{IfMatch, Json, Once, Query, Reply};
use crate::platform::jobs::enqueue;
use crate::process::moderation::edits::{EditView, pieces};
use crate::process::moderation::item::{self, Item};
use crate::process::moderation::queries::{NewCase, NewDecision};
use crate::process::reviews::granting::grant_where_nobody_can;
use crate::process::reviews::queries::Subject;
use crate::process::screening::queries::findings_of;
use crate::process::{moderation, sanctions};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AppealResult, AuditAction, CaseReason, CaseState, DecisionKind, IdeaState, TokenKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(list_own_statements)
        .service(read_own_statement)
        .service(make_appeal)
        .service(appeal_by_link)
        .service(list_appeals)
        .service(read_appeal)
        .service(decide_appeal);
}

/// A page.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StatementQuery {
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

/// List the statements of reasons about what one has written
///
/// Each restriction of what you have written: what, on which ground, for which facts, and until when you can appeal. The
/// last one first.
#[utoipa::path(tag = "Appeals", operation_id = "list_own_statements", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council"), StatementQuery),
    responses((status = 200, description = "A page of them", body = Page<StatementView>)))]
#[get("/councils/{council}/me/statements")]
async fn list_own_statements(
    app: App,
    who: Allowed<acts::UseAccount>,
    query: Query<StatementQuery>,
    request: actix_web::HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, author) = (who.council.clone(), who.actor()?.id);
    let list = format!("statements:{}:{author}", council.id);
    let after: Option<(i64, Id)> = paging.after(&app.config.secrets, &list)?;
    let after = after.map(|(micros, id)| (Instant::from_micros(micros), id));
    let load = paging.load();
    let rows = app.db.read(move |tx| {
        let rows = queries::list_statements(tx, council.id, author, after, load)?;
        with_appeals(tx, &council, rows)
    });
    let place = |view: &StatementView| (view.decided_at.micros(), view.id);
    paging.page(&app.config.secrets, &list, rows.await?, place, |view| view)?.reply(&request)
}

/// Statements with the appeals against them, and whether screening had a part in them: four readings however many there are.
fn with_appeals(tx: &mut Tx<'_>, council: &Council, rows: Vec<StatementRow>) -> Result<Vec<StatementView>> {
    let now = tx.now();
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let appeals = queries::appeals_against(tx, council.id, &ids)?;
    let mut appeals = appeals_of(tx, council.id, appeals, now)?;
    let found = findings_of(tx, council.id, rows.iter().map(|row| row.case_id).collect())?;
    rows.into_iter()
        .map(|row| {
            let at = appeals.iter().position(|(against, _)| *against == row.id);
            let edit = taken_out(tx, council.id, &row)?;
            let screened = found.iter().any(|(case, ..)| *case == row.case_id);
            StatementView::of(row, council, screened, at.map(|at| appeals.swap_remove(at).1), edit)
        })
        .collect()
}

/// What the staff took out of a text by a decision, while both texts are kept. They are read only where there is such a one.
fn taken_out(tx: &mut Tx<'_>, council: Id, of: &StatementRow) -> Result<Option<EditView>> {
    if of.kind != DecisionKind::PublishWithEdit {
        return Ok(None);
    }
    let before = item::find_revision(tx, council, of.subject(), of.revision)?;
    let after = item::find_revision(tx, council, of.subject(), of.edited_revision())?;
    let pair = before.zip(after);
    Ok(pair.map(|(before, after)| EditView { title: pieces(&before.0, &after.0), body: pieces(&before.1, &after.1) }))
}

/// The author has their own words back, unless they have written others since.
fn give_words_back(tx: &mut Tx<'_>, council: Id, item: &Item, first: &StatementRow) -> Result<()> {
    if first.kind != DecisionKind::PublishWithEdit || item.revision() != first.edited_revision() {
        return Ok(());
    }
    match item::find_revision(tx, council, item.subject(), first.revision)? {
        Some((title, body)) => item::revise(tx, council, item, &title, &body),
        None => Ok(()),
    }
}

fn appeals_of(tx: &mut Tx<'_>, council: Id, rows: Vec<AppealRow>, now: Instant) -> Result<Vec<(Id, AppealView)>> {
    let cases: Vec<Id> = rows.iter().map(|row| row.case_id).collect();
    let standings = queries::standings(tx, council, &cases)?;
    let found = rows.into_iter().filter_map(|row| {
        let standing = standings.iter().find(|(case, _)| *case == row.case_id)?.1.clone();
        Some((row.decision_id, AppealView::of(row, standing, now)))
    });
    Ok(found.collect())
}

/// Read a statement of reasons
///
/// About an idea or a comment of one's own.
#[utoipa::path(tag = "Appeals", operation_id = "read_own_statement", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("decision" = Id, Path, description = "Id of the decision, which is the `id` of its statement; the member `decision` says what was decided")),
    responses((status = 200, description = "The statement", body = StatementView)))]
#[get("/councils/{council}/me/statements/{decision}")]
async fn read_own_statement(
    app: App,
    who: Allowed<acts::UseAccount>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, author, decision) = (who.council.clone(), who.actor()?.id, id_of(&path.1, "statement")?);
    Reply::ok(&app.db.read(move |tx| own_statement(tx, &council, author, decision)).await?)
}

fn own_statement(tx: &mut Tx<'_>, council: &Council, author: Id, decision: Id) -> Result<StatementView> {
    let row = own(queries::find_statement(tx, council.id, decision)?, author)?;
    let view = with_appeals(tx, council, vec![row])?.pop();
    view.ok_or_else(|| Error::not_found("statement"))
}

/// That of somebody else is the same as none.
fn own(row: StatementRow, author: Id) -> Result<StatementRow> {
    if row.author() == Some(author) { Ok(row) } else { Err(Error::not_found("statement")) }
}

/// Appeal against a decision
///
/// Once, within six months, without charge. Somebody else than who decided looks at it and gives you their reasons; they do not
/// see whose it is. Where it is reversed, everything is as it was before, support included.
#[utoipa::path(tag = "Appeals", operation_id = "make_appeal", security(("bearer" = ["appeal.make"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("decision" = Id, Path, description = "Id of the decision")),
    request_body = MakeAppeal, responses((status = 201, description = "Made", body = StatementView)))]
#[post("/councils/{council}/me/statements/{decision}/appeal")]
async fn make_appeal(
    app: App,
    who: Allowed<acts::MakeAppeal>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<MakeAppeal>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (council, author, decision) = (who.council.clone(), who.actor()?.id, id_of(&path.1, "statement")?);
    let text = tidy(&wish.text);
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        appeal(tx, &council, author, decision, &text)?;
        let place = format!("/v1/councils/{}/me/statements/{decision}", council.slug);
        Reply::created(place, &own_statement(tx, &council, author, decision)?)
    })
    .await
}

/// Writes an appeal, and the case in which somebody else decides it.
fn appeal(tx: &mut Tx<'_>, council: &Council, author: Id, decision: Id, text: &str) -> Result<()> {
    let against = own(queries::find_statement(tx, council.id, decision)?, author)?;
    let of = against.subject();
    let item = item::hold(tx, council, of)?;
    rules::in_time(tx.now(), rules::until(against.decided_at, &council.time_zone)?)?;
    let (barred, due_at) = (against.decided_by, moderation::due(tx, council.id, item.idea.challenge_id)?);
    let case = NewCase { of, reason: CaseReason::Appeal, due_at, barred };
    let case = moderation::queries::insert_case(tx, council.id, &case)?;
    let new = NewAppeal { decision, barred, case, account: author, text };
    let appeal = queries::insert_appeal(tx, council.id, &new)?;
    grant_where_nobody_can(tx, council.id, Subject::Appeal(appeal), [barred, author])?;
    record(tx, council.id, &AppealMade { appeal, idea: of.idea, comment: of.comment, decision })
}

/// What the mail told of that came with the link.
#[derive(Deserialize)]
struct ToldOf {
    account: Id,
    #[serde(default)]
    decisions: Vec<Id>,
    #[serde(default)]
    sanctions: Vec<Id>,
}

/// Appeal by a mailed link
///
/// Uses up the token of the link that came with the statement of reasons: nobody has to sign in to disagree. Otherwise as for who
/// is signed in. Where one mail told of several decisions, this appeals against each of them.
#[utoipa::path(tag = "Appeals", operation_id = "appeal_by_link", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = AppealByLink,
    responses((status = 204, description = "Made")))]
#[post("/councils/{council}/appeals")]
async fn appeal_by_link(app: App, who: Allowed<acts::ReadPublic>, body: Json<AppealByLink>) -> Result<Reply> {
    let (wish, council) = (body.value, who.council.clone());
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let text = tidy(&wish.text);
    let made = app.db.write(move |tx| {
        let (_, told) = redeem_token(tx, council.id, TokenKind::Appeal, &wish.token)?;
        let told: ToldOf = serde_json::from_value(told).map_err(anyhow::Error::from)?;
        // What has been appealed against by itself meanwhile is left out.
        let made = queries::appeals_against(tx, council.id, &told.decisions)?;
        let open: Vec<Id> =
            told.decisions.into_iter().filter(|one| made.iter().all(|appeal| appeal.decision_id != *one)).collect();
        if open.is_empty() && told.sanctions.is_empty() {
            return Err(queries::appealed_already());
        }
        for sanction in told.sanctions {
            sanctions::appeals::appeal(tx, &council, told.account, sanction, &text)?;
        }
        for decision in open {
            let author = queries::find_statement(tx, council.id, decision)?.author();
            let author = author.ok_or_else(|| Error::from(Code::LinkInvalid.problem()))?;
            appeal(tx, &council, author, decision, &text)?;
        }
        Ok(Reply::nothing())
    });
    Ok(made.await?.limited(standings))
}

/// The filter of appeals.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AppealQuery {
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
    /// `open` unless told.
    #[param(nullable = false)]
    pub state: Option<CaseState>,
}

/// List appeals
///
/// First what is to be decided first. Whose they are is not told.
#[utoipa::path(tag = "Appeals", operation_id = "list_appeals", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), AppealQuery),
    responses((status = 200, description = "A page of them", body = Page<AppealToDecide>)))]
#[get("/councils/{council}/appeals")]
async fn list_appeals(
    app: App,
    who: Allowed<acts::Moderate>,
    query: Query<AppealQuery>,
    request: actix_web::HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let state = query.0.state.unwrap_or(CaseState::Open);
    let (council, by) = (who.council.clone(), who.actor()?.id);
    let list = format!("appeals:{}:{state}", council.id);
    let after: Option<(i64, Id)> = paging.after(&app.config.secrets, &list)?;
    let after = after.map(|(micros, id)| (Instant::from_micros(micros), id));
    let load = paging.load();
    let rows = app.db.read(move |tx| {
        let rows = queries::list_appeals(tx, council.id, state, after, load)?;
        all_to_decide(tx, &council, rows, by)
    });
    let place = |view: &AppealToDecide| (view.appeal.due_at.micros(), view.case);
    paging.page(&app.config.secrets, &list, rows.await?, place, |view| view)?.reply(&request)
}

/// Appeals with what they are against: two readings however many there are.
fn all_to_decide(tx: &mut Tx<'_>, council: &Council, rows: Vec<AppealRow>, by: Id) -> Result<Vec<AppealToDecide>> {
    let now = tx.now();
    let cases: Vec<Id> = rows.iter().map(|row| row.case_id).collect();
    let against: Vec<Id> = rows.iter().map(|row| row.decision_id).collect();
    let standings = queries::standings(tx, council.id, &cases)?;
    let against = queries::find_statements(tx, council.id, &against)?;
    let mut whole = Vec::with_capacity(rows.len());
    for row in rows {
        let standing = standings.iter().find(|(case, _)| *case == row.case_id).map(|(_, standing)| standing.clone());
        let against = against.iter().find(|statement| statement.id == row.decision_id).cloned();
        let Some((standing, against)) = standing.zip(against) else { continue };
        // What was taken out is shown to nobody else of the staff, for it was taken out for a reason.
        let edit = match rules::may_decide(row.barred_id, row.account_id, by) {
            Ok(()) => taken_out(tx, council.id, &against)?,
            Err(_) => None,
        };
        whole.push(AppealToDecide::of(row, standing, against, edit, (&council.idea_prefix, by, now)));
    }
    Ok(whole)
}

/// One appeal with what it is against, for whoever decides it.
///
/// # Errors
/// 404 where there is none.
pub fn to_decide(tx: &mut Tx<'_>, council: &Council, appeal: AppealRow, by: Id) -> Result<AppealToDecide> {
    all_to_decide(tx, council, vec![appeal], by)?.pop().ok_or_else(|| Error::not_found("appeal"))
}

/// Read an appeal
///
/// With the decision that it is against; its `case` shows the idea, or the comment.
#[utoipa::path(tag = "Appeals", operation_id = "read_appeal", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("appeal" = Id, Path, description = "Id of the appeal")),
    responses((status = 200, description = "The appeal", body = AppealToDecide)))]
#[get("/councils/{council}/appeals/{appeal}")]
async fn read_appeal(app: App, who: Allowed<acts::Moderate>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, by, id) = (who.council.clone(), who.actor()?.id, id_of(&path.1, "appeal")?);
    let view = app.db.read(move |tx| {
        let appeal = queries::find_appeal(tx, council.id, id)?;
        to_decide(tx, &council, appeal, by)
    });
    let view = view.await?;
    Ok(Reply::ok(&view)?.version(view.version))
}

/// Decide an appeal
///
/// By somebody else than who took the decision. It is upheld, reversed, or amended to another one; the author is told the reasons
/// by mail. A reversal makes the idea public, with the support that it had; or the comment, in its place.
#[utoipa::path(tag = "Appeals", operation_id = "decide_appeal", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("appeal" = Id, Path, description = "Id of the appeal"),
        ("If-Match" = String, Header, description = "The ETag of the appeal, or its `version` in quotation marks")),
    request_body = DecideAppeal, responses((status = 201, description = "Decided", body = AppealToDecide)))]
#[post("/councils/{council}/appeals/{appeal}/decision")]
async fn decide_appeal(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    version: IfMatch,
    once: Once,
    body: Json<DecideAppeal>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (council, by, id) = (who.council.clone(), who.actor()?.id, id_of(&path.1, "appeal")?);
    let actor = who.by();
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let view = decide(tx, &council, id, &wish, Some(&version), (by, actor))?;
        Reply::created(format!("/v1/councils/{}/appeals/{id}", council.slug), &view)
    })
    .await
}

/// Decides an appeal, in the unit of whoever does; where it was read with a version, only as it was read.
///
/// # Errors
/// 403 where they took the decision that it is against, 409 where it is decided, 412 where it has changed, 422 where the result does
/// not fit.
pub fn decide(
    tx: &mut Tx<'_>,
    council: &Council,
    id: Id,
    wish: &DecideAppeal,
    version: Option<&IfMatch>,
    (by, actor): (Id, By),
) -> Result<AppealToDecide> {
    let reasons = tidy(&wish.reasons);
    let appeal = queries::find_appeal(tx, council.id, id)?;
    rules::may_decide(appeal.barred_id, appeal.account_id, by)?;
    let first = queries::find_statement(tx, council.id, appeal.decision_id)?;
    let of = first.subject();
    let item = item::hold(tx, council, of)?;
    let (idea, before, was_out) = (&item.idea, item.state(), is_out(tx, council.id, &item)?);
    let standing = to_decide(tx, council, appeal.clone(), by)?;
    if standing.appeal.state == CaseState::Decided {
        return Err(Code::AlreadyDecided.problem().into());
    }
    if let Some(version) = version {
        version.require(standing.version)?;
    }
    let was = Restriction { kind: first.kind, ground: first.ground.clone().unwrap_or_default() };
    let instead = wish.instead.clone().map(|one| Restriction { kind: one.decision, ground: one.ground });
    let now = rules::outcome(wish.result, &was, instead)?;
    if let Some(now) = &now
        && find_ground(tx, council.id, &now.ground)?.is_none()
    {
        return Err(Error::fault("/instead/ground", "not_in_list", moderation::NO_GROUND));
    }
    let new = NewDecision {
        case: appeal.case_id,
        of,
        revision: item.revision(),
        kind: now.as_ref().map_or(DecisionKind::Publish, |now| now.kind),
        ground: now.as_ref().map(|now| now.ground.as_str()),
        statement: Some(&reasons),
        by,
        barred: appeal.barred_id,
    };
    let decision = moderation::queries::insert_decision(tx, council.id, &new)?;
    queries::set_result(tx, council.id, id, wish.result)?;
    if wish.result == AppealResult::Reversed {
        give_words_back(tx, council.id, &item, &first)?;
    }
    let in_force = in_force(&queries::taken(tx, council.id, of)?).map(|(_, kind)| kind);
    let state = match rules::follows(before, in_force) {
        // Whatever has become of it since stays.
        None => before,
        Some(step) => item::step(tx, council, &item, step, Some(decision))?,
    };
    item::set_lock(tx, council.id, &item)?;
    if state == IdeaState::Removed {
        // Nothing is left to decide.
        moderation::drop_case(tx, council.id, of)?;
    }
    if item.comment.is_none() && state == IdeaState::Published && before != IdeaState::Published {
        promises::jobs::schedule_late(tx, council.id, idea)?;
        open_door::jobs::raise(tx, council, idea.challenge_id, idea.id)?;
    }
    tell_thread(tx, council.id, (&item, was_out), state, decision)?;
    let event = Event::new(AuditAction::AppealDecided, actor).to(id).before(json!({ "state": before }));
    let what = json!({
        "result": wish.result, "decision": decision, "idea": of.idea, "comment": of.comment, "state": state,
    });
    audit::record(tx, council.id, event.after(what))?;
    let (against, result) = (appeal.decision_id, wish.result);
    let told = AppealDecided { appeal: id, idea: of.idea, comment: of.comment, decision: against, result };
    record(tx, council.id, &told)?;
    enqueue(tx, council.id, &TellOfAppeal { appeal: id })?;
    let appeal = queries::find_appeal(tx, council.id, id)?;
    to_decide(tx, council, appeal, by)
}
