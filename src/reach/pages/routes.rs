//! Pages and what they need to look well.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::{Next, from_fn};
use actix_web::{HttpRequest, HttpResponse, get, web};
use serde_json::{Value, json};
use utoipa_actix_web::scope;

use super::feedback::{feedback_page, outcome_page, update_page};
use super::render::page;
use crate::accountability::answers::queries::list_answers;
use crate::accountability::answers::views::AnswerView;
use crate::accountability::commitments::model::Wanted;
use crate::accountability::commitments::queries::list_commitments;
use crate::accountability::commitments::views::CommitmentView;
use crate::accountability::figures::plots::{WHOLE, plots};
use crate::accountability::figures::queries::list_figures;
use crate::accountability::figures::views::Accountability;
use crate::accountability::open_door;
use crate::accountability::open_door::views::RaisedIdeaView;
use crate::accountability::promises;
use crate::accountability::updates::queries::list_updates;
use crate::accountability::updates::views::UpdateView;
use crate::app::App;
use crate::participation::challenges::queries::{find_readiness, find_whole, list_challenges};
use crate::participation::challenges::views::{ChallengeSummary, ChallengeView, PhaseView};
use crate::participation::ideas;
use crate::participation::ideas::queries::{Filter, Order, list_ideas};
use crate::participation::ideas::views::{Eyes, IdeaView};
use crate::people::accounts::look_up::{asker, look_up};
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::people::councils::queries::list_councils;
use crate::people::councils::views::CouncilView;
use crate::people::sso::routes::sign_on_callback;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Code, Error, Problem, Result};
use crate::platform::http::Reply;
use crate::platform::http::id_of;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{ChallengeKind, ChallengeState};

/// Ideas shown on the page of their challenge.
const SHOWN: i64 = 50;
/// Updates shown there.
const UPDATES: i64 = 10;

/// The doors of this room, which all lie outside `/v1`.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config
        .service(
            scope::scope("/councils")
                .wrap(from_fn(look_up))
                .wrap(from_fn(as_page))
                .service(council_page)
                .service(accountability_page)
                .service(feedback_page)
                .service(challenge_page)
                .service(outcome_page)
                .service(update_page)
                .service(idea_page)
                .service(confirm_email_page)
                .service(sign_in_page)
                .service(take_part_page)
                .service(forgot_password_page)
                .service(reset_password_page)
                .service(confirm_new_address_page)
                .service(undo_new_address_page)
                .service(join_page)
                .service(accept_promise_page)
                .service(appeal_page)
                .service(review_page)
                .service(reply_page)
                .service(merge_page)
                .service(contest_page)
                .service(sign_on_callback),
        )
        .service(scope::scope("/problems").wrap(from_fn(as_page)).service(problem_page))
        .service(scope::scope("/assets").service(style).service(links).service(review_script));
}

/// The page at `/`.
///
/// # Errors
/// What the database answers.
pub async fn front_page(app: App, request: HttpRequest) -> Result<HttpResponse> {
    app.requests.pass(asker(&app, &request))?;
    let councils = app.db.read(list_councils).await?;
    let councils: Vec<CouncilView> = councils.iter().map(CouncilView::from).collect();
    let html =
        page("front", &json!({ "councils": councils, "demo": app.config.demo, "staff_page": app.config.staff_page }))?;
    Ok(dressed(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "public, max-age=60")), html))
}

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// A page with the headers that every page has.
pub fn dressed(response: &mut actix_web::HttpResponseBuilder, html: String) -> HttpResponse {
    response
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(html)
}

/// The page of a refusal, for a person who looks at it in a browser.
pub fn refusal_for(request: &HttpRequest, problem: &Problem) -> Option<HttpResponse> {
    let accepts = request.headers().get(header::ACCEPT)?.to_str().ok()?;
    let html = page("refused", &problem.document(None)).ok().filter(|_| accepts.contains("text/html"))?;
    let status = StatusCode::from_u16(problem.code.status()).ok()?;
    Some(dressed(HttpResponse::build(status).insert_header((header::CACHE_CONTROL, "no-store")), html))
}

/// A refusal is a page too, and every page may use its style sheet and nothing else.
async fn as_page(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> std::result::Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let mut response = next.call(request).await?.map_into_boxed_body();
    let refusal = response.response().error().and_then(|error| error.as_error::<Error>());
    // What went wrong on our side is written to the log where every request ends.
    let refusal = refusal.filter(|error| matches!(error, Error::Problem(_))).map(Error::problem);
    if let Some(problem) = refusal {
        let html = page("refused", &problem.document(None))?;
        let mut fresh = dressed(&mut HttpResponse::build(response.status()), html);
        let own: Vec<_> = fresh.headers().keys().cloned().collect();
        for (name, value) in response.headers() {
            if !own.contains(name) {
                fresh.headers_mut().append(name.clone(), value.clone());
            }
        }
        return Ok(ServiceResponse::new(response.into_parts().0, fresh));
    }
    let policy = header::HeaderValue::from_static(POLICY);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

pub(super) fn html(name: &str, context: &Value) -> Result<Reply> {
    Ok(Reply::text("text/html; charset=utf-8", page(name, context)?).public(10))
}

pub(super) fn told(council: &Council) -> CouncilView {
    CouncilView::from(council)
}

/// What a challenge still takes, and until when: its last phase may end long after it takes no more ideas.
fn taken(challenge: &ChallengeView, now: Instant) -> Vec<Value> {
    type Allows = fn(&PhaseView) -> bool;
    let allowed: [(&str, Allows); 2] = [("ideas", |phase| phase.submit), ("support", |phase| phase.support)];
    let mut taken: Vec<(&str, Option<Instant>, Instant)> = Vec::new();
    for (what, allows) in allowed {
        let mut ahead = challenge.phases.iter().filter(|phase| allows(phase) && phase.ends_at > now);
        let Some(first) = ahead.next() else { continue };
        let from = Some(first.starts_at).filter(|starts| *starts > now);
        // Phases that follow upon each other are one time.
        let until = ahead.try_fold(first.ends_at, |end, phase| match phase.starts_at > end {
            true => Err(end),
            false => Ok(phase.ends_at),
        });
        taken.push((what, from, until.unwrap_or_else(|before_a_gap| before_a_gap)));
    }
    if let [("ideas", from, until), ("support", also_from, also_until)] = taken.as_slice()
        && (from, until) == (also_from, also_until)
    {
        taken = vec![("ideas and support", *from, *until)];
    }
    taken.into_iter().map(|(what, from, until)| json!({ "what": what, "from": from, "until": until })).collect()
}

/// A council's page
///
/// What it asks and has asked.
#[utoipa::path(tag = "Pages", operation_id = "council_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}")]
async fn council_page(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let council = who.council.clone();
    let read = move |tx: &mut Tx<'_>| {
        let rows = list_challenges(tx, council.id, false, None, 100)?;
        let now = tx.now();
        let mut challenges = Vec::new();
        for (row, concluded) in rows {
            let one = ChallengeSummary::of(row, concluded, now);
            let whole = match one.state {
                ChallengeState::Open => Some(ChallengeView::of(find_whole(tx, council.id, one.id, false)?, now)),
                _ => None,
            };
            challenges.push(json!({ "taken": whole.map(|whole| taken(&whole, now)), "challenge": one }));
        }
        Ok(json!({ "council": told(&council), "challenges": challenges }))
    };
    html("council", &app.db.read(read).await?)
}

/// The page of a council's promises
///
/// How it keeps them, as a whole and office by office, in tables and pictures.
#[utoipa::path(tag = "Pages", operation_id = "accountability_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/accountability")]
async fn accountability_page(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let council = who.council.clone();
    let rows = app.db.read(move |tx| list_figures(tx, council.id)).await?;
    let figures = Accountability::new(&rows);
    let plots = plots(&figures)?;
    let whole = figures.council.iter().map(|whole| json!({ "name": WHOLE, "figures": whole, "whole": true }));
    let offices =
        figures.offices.iter().map(|one| json!({ "name": one.office, "figures": one.figures, "whole": false }));
    let rows: Vec<Value> = whole.chain(offices).collect();
    html("accountability", &json!({ "council": told(&who.council), "figures": figures, "rows": rows, "plots": plots }))
}

/// A challenge's page
///
/// What is asked, what is promised and how that is kept, and the ideas with the most support.
#[utoipa::path(tag = "Pages", operation_id = "challenge_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/challenges/{challenge}")]
async fn challenge_page(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, id) = (who.council.clone(), id_of(&path.1, "challenge")?);
    let secrets = app.config.secrets.clone();
    let read = move |tx: &mut Tx<'_>| {
        let whole = find_whole(tx, council.id, id, false)?;
        let (viewer, filter) = (Viewer::Visitor, Filter::default());
        let rows = list_ideas(tx, council.id, id, &viewer, &filter, Order::MostSupported(None), SHOWN)?;
        let now = tx.now();
        let eyes = Eyes { viewer: &viewer, prefix: &council.idea_prefix, secrets: &secrets };
        let ideas: Vec<IdeaView> = rows.into_iter().map(|row| IdeaView::of(row, &eyes, now, None)).collect();
        let kept = promises::routes::kept(tx, &council, id)?;
        let late = promises::queries::answered_late(tx, council.id, id)?;
        let challenge = ChallengeView::of(whole, now);
        let before = find_readiness(tx, council.id, id)?.unwrap_or_default();
        let updates: Vec<UpdateView> =
            list_updates(tx, council.id, id, None, UPDATES)?.into_iter().map(UpdateView::from).collect();
        let door = match challenge.kind {
            ChallengeKind::OpenDoor => Some(open_door(tx, &council, id)?),
            ChallengeKind::Question => None,
        };
        Ok(json!({
            "council": told(&council), "before": before, "taken": taken(&challenge, now), "challenge": challenge, "ideas": ideas,
            "figures": kept.figures, "late": late, "updates": updates, "door": door,
        }))
    };
    html("challenge", &app.db.read(read).await?)
}

/// How much it takes at the open door, and what was raised there.
fn open_door(tx: &mut Tx<'_>, council: &Council, challenge: Id) -> Result<Value> {
    let door = open_door::routes::view(tx, council.id, false)?;
    let rows = open_door::queries::list_raised(tx, council.id, challenge, false, None, SHOWN)?;
    let now = tx.now();
    let raised = rows.into_iter().map(|one| RaisedIdeaView::new(one, &council.idea_prefix, false, now));
    Ok(json!({ "is": door, "raised": raised.collect::<Vec<_>>() }))
}

/// An idea's page
///
/// The idea, its support, what the council has answered, and what it said that it will do.
#[utoipa::path(tag = "Pages", operation_id = "idea_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council"), ("idea" = String, Path, description = "Id or public number of the idea")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/ideas/{idea}")]
async fn idea_page(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, reference) = (who.council.clone(), path.into_inner().1);
    let secrets = app.config.secrets.clone();
    let read = move |tx: &mut Tx<'_>| {
        let (idea, _) = ideas::routes::view(tx, &secrets, &council, &reference, &Viewer::Visitor)?;
        let challenge = ChallengeView::of(find_whole(tx, council.id, idea.challenge, false)?, tx.now());
        let answers: Vec<AnswerView> = match idea.title {
            Some(_) => list_answers(tx, council.id, idea.id, None, 20)?.into_iter().map(AnswerView::from).collect(),
            None => Vec::new(),
        };
        let late = promises::queries::answered_late(tx, council.id, idea.challenge)?.contains(&idea.id);
        let author_told = ideas::queries::find_shown(tx, &council, &reference)?.idea.author_id.is_some();
        let today = promises::calendar::day_of(tx.now(), &council.time_zone)?.to_string();
        let wanted = Wanted { challenge: None, idea: Some(idea.id), status: None };
        let commitments: Vec<CommitmentView> = list_commitments(tx, council.id, wanted, None, 20)?
            .into_iter()
            .map(|listed| CommitmentView::new(listed, &council.idea_prefix, &today))
            .collect();
        Ok(json!({
            "council": told(&council), "challenge": challenge, "idea": idea, "answers": answers, "commitments": commitments,
            "late": late, "told": author_told,
        }))
    };
    html("idea", &app.db.read(read).await?)
}

/// The page that confirms an address
///
/// Where a mailed link leads; it posts the token when the reader says so.
#[utoipa::path(tag = "Pages", operation_id = "confirm_email_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/confirm-email")]
async fn confirm_email_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("confirm-email", &json!({ "council": told(&who.council) }))
}

/// The page behind a link that signs in
///
/// Where a mailed link leads while the council has no frontend; it says where the code of the mail belongs.
#[utoipa::path(tag = "Pages", operation_id = "sign_in_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/sign-in")]
async fn sign_in_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("sign-in", &json!({ "council": told(&who.council) }))
}

/// The page behind a link to take part
///
/// Where a mailed link leads while the council has no frontend; it says where the link belongs.
#[utoipa::path(tag = "Pages", operation_id = "take_part_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/take-part")]
async fn take_part_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("take-part", &json!({ "council": told(&who.council) }))
}

/// The page that asks for a new password
///
/// It asks for the address, and has a link mailed to it.
#[utoipa::path(tag = "Pages", operation_id = "forgot_password_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/forgot-password")]
async fn forgot_password_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("forgot-password", &json!({ "council": told(&who.council) }))
}

/// The page that sets a password anew
///
/// Where a mailed link leads; it asks for the new password.
#[utoipa::path(tag = "Pages", operation_id = "reset_password_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/reset-password")]
async fn reset_password_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("reset-password", &json!({ "council": told(&who.council) }))
}

/// The page that confirms a new address
///
/// Where the link in the mail to a new address leads.
#[utoipa::path(tag = "Pages", operation_id = "confirm_new_address_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/confirm-new-address")]
async fn confirm_new_address_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("confirm-new-address", &json!({ "council": told(&who.council) }))
}

/// The page that takes a new address back
///
/// Where the link in the mail to the old address leads.
#[utoipa::path(tag = "Pages", operation_id = "undo_new_address_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/undo-new-address")]
async fn undo_new_address_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("undo-new-address", &json!({ "council": told(&who.council) }))
}

/// The page that takes an invitation
///
/// Where a mailed link leads; it asks for a name and a password.
#[utoipa::path(tag = "Pages", operation_id = "join_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/join")]
async fn join_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("join", &json!({ "council": told(&who.council) }))
}

/// The page that accepts a promise
///
/// Where the decision-maker's link leads.
#[utoipa::path(tag = "Pages", operation_id = "accept_promise_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/accept-promise")]
async fn accept_promise_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("accept-promise", &json!({ "council": told(&who.council) }))
}

/// The page that takes an appeal
///
/// Where the link in the mail about a decision leads.
#[utoipa::path(tag = "Pages", operation_id = "appeal_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/appeal")]
async fn appeal_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("appeal", &json!({ "council": told(&who.council) }))
}

/// The page on which the outside reviewer decides
///
/// Where the link in the mail about an appeal leads: the one case, and what comes of it.
#[utoipa::path(tag = "Pages", operation_id = "review_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/review")]
async fn review_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("review", &json!({ "council": told(&who.council) }))
}

/// The page that takes what somebody says of an answer
///
/// Where the link in the mail about an answer leads.
#[utoipa::path(tag = "Pages", operation_id = "reply_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/reply")]
async fn reply_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("reply", &json!({ "council": told(&who.council) }))
}

/// The page that takes where support counts
///
/// Where the link in the mail about a merge leads.
#[utoipa::path(tag = "Pages", operation_id = "merge_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/merge")]
async fn merge_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("merge", &json!({ "council": told(&who.council) }))
}

/// The page that takes what somebody says of votes that are not counted
///
/// Where the link in the mail about them leads.
#[utoipa::path(tag = "Pages", operation_id = "contest_page", security(()),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{council}/contest")]
async fn contest_page(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    html("contest", &json!({ "council": told(&who.council) }))
}

/// What a refusal means
///
/// The address in `type` of every problem.
#[utoipa::path(tag = "Pages", operation_id = "problem_page", security(()),
    params(("code" = String, Path, description = "The `code` of a problem")),
    responses((status = 200, description = "The page", body = String, content_type = "text/html")))]
#[get("/{code}")]
async fn problem_page(path: web::Path<String>) -> Result<Reply> {
    std::future::ready(()).await;
    let code = Code::ALL.iter().find(|code| code.as_str() == path.as_str());
    let code = code.ok_or_else(|| Error::not_found("kind of problem"))?;
    html("problem", &code.problem().document(None))
}

/// The style of the pages
///
/// One sheet, without pictures or letters from elsewhere.
#[utoipa::path(tag = "Pages", operation_id = "style", security(()), responses((status = 200, description = "A style sheet", body = String, content_type = "text/css")))]
#[get("/pages.css")]
async fn style() -> Reply {
    std::future::ready(()).await;
    Reply::text("text/css; charset=utf-8", include_str!("pages.css").to_owned()).public(300)
}

/// The script of mailed links
///
/// Posts a token, when its reader says so.
#[utoipa::path(tag = "Pages", operation_id = "links", security(()), responses((status = 200, description = "A script", body = String, content_type = "text/javascript")))]
#[get("/links.js")]
async fn links() -> Reply {
    std::future::ready(()).await;
    Reply::text("text/javascript; charset=utf-8", include_str!("links.js").to_owned()).public(300)
}

/// The script of the outside reviewer's page
///
/// Shows the case that the link opens.
#[utoipa::path(tag = "Pages", operation_id = "review_script", security(()), responses((status = 200, description = "A script", body = String, content_type = "text/javascript")))]
#[get("/review.js")]
async fn review_script() -> Reply {
    std::future::ready(()).await;
    Reply::text("text/javascript; charset=utf-8", include_str!("review.js").to_owned()).public(300)
}
