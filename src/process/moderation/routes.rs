//! The queue and the decisions.

use actix_web::web;
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;

use super::deciding::{Decider, Decision, Verdict, decide, hold_case};
use super::due;
use super::item::{self, Item, Subject};
use super::jobs::TellAuthor;
use super::queries::{self, Filter, NewCase};
use super::rules::may_decide;
use super::views::{CaseView, DecideCase, DecisionView, ModerationClock};
use crate::app::App;
use crate::participation::challenges::queries::{find_challenge, the_promise};
use crate::participation::comments::queries::find_comment;
use crate::participation::ideas::queries::find_idea;
use crate::participation::ideas::rules::{Move, next};
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::http::doors::{Doors, get, post};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::page::{Page, Paging};
use crate::platform::http::{IfMatch, Json, Once, Query, Reply};
use crate::platform::jobs::enqueue;
use crate::process::screening::queries::findings_of;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, CaseReason, CaseState, Claimed};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(read_moderation_clock)
        .service(list_cases)
        .service(read_case)
        .service(open_case)
        .service(open_case_of_comment)
        .service(decide_case);
    super::claims::routes(doors);
    super::batches::routes(doors);
    super::safeguarding::routes(doors);
    super::reports::routes(doors);
}

/// Read how the promise to moderate is kept
///
/// Ideas and comments of a challenge that wait for a moderator before they are public: how many, how many of them longer than was promised, and
/// since when the oldest. Never which, or what they say.
#[utoipa::path(tag = "Feedback", operation_id = "read_moderation_clock", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "How it stands", body = ModerationClock)))]
#[get("/councils/{council}/challenges/{challenge}/moderation")]
async fn read_moderation_clock(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, staff, challenge) = (who.council.id, who.is_staff(), id_of(&path.1, "challenge")?);
    let clock = app.db.read(move |tx| {
        find_challenge(tx, council, challenge, staff)?;
        let hours = the_promise(tx, council, challenge)?.moderate_within_hours;
        let (waiting, overdue, since) = queries::waiting(tx, council, challenge)?;
        Ok(ModerationClock { moderate_within_hours: hours, waiting, overdue, waiting_since: since })
    });
    let reply = Reply::ok(&clock.await?)?;
    Ok(if staff { reply } else { reply.public(60) })
}

/// The queue's filter.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CaseQuery {
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
    /// `open` unless told.
    #[param(nullable = false)]
    pub state: Option<CaseState>,
    /// Of this challenge.
    #[param(nullable = false)]
    pub challenge: Option<Id>,
    /// About this idea, and comments under it.
    #[param(nullable = false)]
    pub idea: Option<Id>,
    /// About what whoever wrote that of this case has written: everything that one account has in the queue.
    #[param(nullable = false)]
    pub author_of: Option<Id>,
    /// In whose hands.
    #[param(inline, nullable = false)]
    pub claimed: Option<Claimed>,
}

/// List cases
///
/// The queue: first what is due first.
#[utoipa::path(tag = "Moderation", operation_id = "list_cases", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), CaseQuery),
    responses((status = 200, description = "A page of the queue", body = Page<CaseView>)))]
#[get("/councils/{council}/cases")]
async fn list_cases(
    app: App,
    who: Allowed<acts::Moderate>,
    query: Query<CaseQuery>,
    request: actix_web::HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, by) = (who.council.clone(), who.actor()?.id);
    let claimed = query.0.claimed.map(|claimed| (claimed == Claimed::ByMe).then_some(by));
    let state = query.0.state.unwrap_or(CaseState::Open);
    let CaseQuery { challenge, idea, author_of, .. } = query.0;
    let filter = Filter { state, challenge, idea, author_of, claimed };
    let list = format!("cases:{}:{filter:?}", council.id);
    let after: Option<(i64, Id)> = paging.after(&app.config.secrets, &list)?;
    let after = after.map(|(micros, id)| (Instant::from_micros(micros), id));
    let (id, load) = (council.id, paging.load());
    let listed = app.db.read(move |tx| {
        let rows = queries::list_cases(tx, id, &filter, after, load)?;
        let findings = findings_of(tx, id, rows.iter().map(|row| row.id).collect())?;
        Ok((rows, findings, tx.now()))
    });
    let (rows, findings, now) = listed.await?;
    paging
        .page(
            &app.config.secrets,
            &list,
            rows,
            |row| (row.due_at.micros(), row.id),
            |row| CaseView::of(row, &findings, &council.idea_prefix, by, now),
        )?
        .reply(&request)
}

/// Read a case
///
/// With the idea, or the comment, as it is now.
#[utoipa::path(tag = "Moderation", operation_id = "read_case", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("case" = Id, Path, description = "Id of the case")),
    responses((status = 200, description = "The case", body = CaseView)))]
#[get("/councils/{council}/cases/{case}")]
async fn read_case(app: App, who: Allowed<acts::Moderate>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, case, by) = (who.council.clone(), id_of(&path.1, "case")?, who.actor()?.id);
    let id = council.id;
    let view = app.db.read(move |tx| view_case(tx, id, case, &council.idea_prefix, by)).await?;
    let version = view.version;
    Ok(Reply::ok(&view)?.version(version))
}

/// A case as one of the staff sees it.
///
/// # Errors
/// 404 where there is none.
pub(super) fn view_case(tx: &mut Tx<'_>, council: Id, case: Id, prefix: &str, me: Id) -> Result<CaseView> {
    let row = queries::find_case(tx, council, case)?;
    let findings = findings_of(tx, council, vec![case])?;
    Ok(CaseView::of(row, &findings, prefix, me, tx.now()))
}

/// Open a case
///
/// To look again at an idea that was decided before, or that nobody has looked at. One that was removed or withdrawn
/// has nothing left to decide. Where a report or another case is open already, that one is
/// answered with. `publish` in a case that you opened about what is public opens a locked discussion again.
#[utoipa::path(tag = "Moderation", operation_id = "open_case", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("idea" = String, Path, description = "Id or public number of the idea")),
    responses((status = 201, description = "Opened", body = CaseView), (status = 200, description = "It was open already", body = CaseView)))]
#[post("/councils/{council}/ideas/{idea}/cases")]
async fn open_case(app: App, who: Allowed<acts::Moderate>, path: web::Path<(String, String)>) -> Result<Reply> {
    let reference = path.1.clone();
    look_again_at(app, who, move |tx, council| {
        Ok(Subject::idea(find_idea(tx, council, &reference, &Viewer::Staff)?.id))
    })
    .await
}

/// Open a case about a comment
///
/// As for an idea.
#[utoipa::path(tag = "Moderation", operation_id = "open_case_of_comment", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("comment" = Id, Path, description = "Id of the comment")),
    responses((status = 201, description = "Opened", body = CaseView), (status = 200, description = "It was open already", body = CaseView)))]
#[post("/councils/{council}/comments/{comment}/cases")]
async fn open_case_of_comment(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let comment = id_of(&path.1, "comment")?;
    look_again_at(app, who, move |tx, council| {
        Ok(Subject { idea: find_comment(tx, council.id, comment)?.idea_id, comment: Some(comment) })
    })
    .await
}

/// Opens a case about what is found, or answers with the one that is open.
async fn look_again_at(
    app: App,
    who: Allowed<acts::Moderate>,
    find: impl Fn(&mut Tx<'_>, &Council) -> Result<Subject> + Send + 'static,
) -> Result<Reply> {
    let (council, by, actor) = (who.council.clone(), who.actor()?.id, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let of = find(tx, &council)?;
        let item = item::hold(tx, &council, of)?;
        next(item.state(), Move::Publish)?;
        let open = queries::find_open_case(tx, council.id, of)?;
        let case = match open {
            Some(case) => case,
            None => {
                let due_at = due(tx, council.id, item.idea.challenge_id)?;
                let new = NewCase { of, reason: CaseReason::OwnMotion, due_at, barred: Id::NONE };
                let case = queries::insert_case(tx, council.id, &new)?;
                let event = Event::new(AuditAction::CaseOpened, actor).to(case);
                audit::record(tx, council.id, event.after(json!({ "idea": of.idea, "comment": of.comment })))?;
                case
            }
        };
        let view = view_case(tx, council.id, case, &council.idea_prefix, by)?;
        let version = view.version;
        let reply = Reply::created(format!("/v1/councils/{}/cases/{case}", council.slug), &view)?.version(version);
        Ok(if open.is_some() { Reply { status: 200, ..reply } } else { reply })
    })
    .await
}

/// Decide a case
///
/// Publish; or publish without words that you take out, give back for changes, hide, remove, or lock, so that nobody writes under
/// it any more, with a ground and a statement of reasons. The author is told by mail; where others have written under what is no
/// longer shown, they are told that their thread is hidden, and that it is not for what they wrote. What is given back is out of sight until its author has revised it and somebody has
/// looked again. A comment that waited is published also where its thread has been locked meanwhile: it was written before. What is taken out only the author still sees, and whoever decides an appeal. A case is decided once, and
/// upon the text that was read: `If-Match` is refused where the author has revised it since.
#[utoipa::path(tag = "Moderation", operation_id = "decide_case", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("case" = Id, Path, description = "Id of the case"),
        ("If-Match" = String, Header, description = "The ETag of the case, or its `version` in quotation marks")),
    request_body = DecideCase, responses((status = 201, description = "Decided", body = DecisionView)))]
#[post("/councils/{council}/cases/{case}/decision")]
async fn decide_case(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    version: IfMatch,
    once: Once,
    body: Json<DecideCase>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (council, case) = (who.council.clone(), id_of(&path.1, "case")?);
    let decider = Decider { account: who.actor()?.id, by: who.by() };
    let edit = wish.edit.clone().map(Into::into);
    let verdict = Verdict::read(wish.decision, wish.ground.as_deref(), wish.statement.as_deref(), edit)?;
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let held = hold_case(tx, &council, case)?;
        may_decide(&held.case, verdict.kind, decider.account, tx.now())?;
        version.require(held.case.version)?;
        let Decision { id, state, is_news } = decide(tx, &council, &held, &verdict, decider)?;
        if is_news {
            enqueue(tx, council.id, &TellAuthor { decision: id })?;
        }
        let Item { idea, comment } = &held.item;
        let view = DecisionView {
            id,
            case,
            idea: idea.id,
            comment: comment.as_ref().map(|comment| comment.id),
            decision: verdict.kind,
            revision: held.item.revision(),
            item_state: state,
        };
        Reply::created(format!("/v1/councils/{}/cases/{case}", council.slug), &view)
    })
    .await
}
