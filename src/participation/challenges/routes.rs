//! From a draft through the gate to the end.

use actix_web::web;
use serde_json::json;

use super::entries::{ChallengeClosed, ChallengeOpened};
use super::jobs::AskAcceptance;
use super::model::{Phase, PromiseRow, Whole};
use super::readiness::may_open;
use super::readiness::routes::facts;
use super::views::{ChallengeSummary, ChallengeView, DraftChallenge, OpenChallenge, PromiseView, WritePromise};
use super::{queries, rehearsals, rules};
use crate::accountability::promises::calendar::day_of;
use crate::accountability::quiet::held::acting::do_or_hold;
use crate::accountability::quiet::held::model::{Act, Speaker};
use crate::accountability::quiet::held::views::HeldActView;
use crate::accountability::{promises, quiet};
use crate::app::App;
use crate::participation::ballots::jobs as ballots;
use crate::people::accounts::Allowed;
use crate::people::accounts::rules::email_key;
use crate::people::accounts::tokens::redeem_token;
use crate::people::accounts::views::Token;
use crate::people::councils::model::Council;
use crate::people::councils::queries::council_by_id;
use crate::people::offices::queries::named_office;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::{prepare, tidy};
use crate::platform::http::doors::{Doors, get, post, put};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::page::{ListQuery, Page, Paging};
use crate::platform::http::{IfMatch, Json, MaybeJson, Once, Query, Reply};
use crate::platform::jobs::enqueue;
use crate::process::signals::traces;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AgeBand, AuditAction, ChallengeKind, ChallengeState, TokenKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(draft_challenge)
        .service(list_challenges)
        .service(read_challenge)
        .service(rewrite_challenge)
        .service(write_promise)
        .service(ask_for_acceptance)
        .service(accept_promise)
        .service(open_challenge)
        .service(close_challenge);
    super::readiness::routes::routes(doors);
    super::rehearsals::routes::routes(doors);
}

fn faults_of(wish: &DraftChallenge) -> Result<Vec<Phase>> {
    let phases: Vec<Phase> = wish.phases.iter().cloned().map(Phase::from).collect();
    let mut faults = rules::phase_faults(&phases);
    match (wish.kind, phases.is_empty()) {
        (ChallengeKind::Question, true) => {
            faults.push(Fault::at("/phases", "too_few", "At least 1 item: say what is taken when."));
        }
        (ChallengeKind::OpenDoor, false) => {
            faults.push(Fault::at(
                "/phases",
                "not_taken",
                "An open door takes ideas and support always: leave it empty.",
            ));
        }
        _ => {}
    }
    if wish.eligibility.minimum_age_band == Some(AgeBand::UnderMinimum) {
        let detail = "Nobody so young has an account. Say under_18, adult, or nothing.";
        faults.push(Fault::at("/eligibility/minimum_age_band", "not_in_list", detail));
    }
    if let Some(at) = wish.eligibility.wards.iter().position(|ward| !(1..=80).contains(&tidy(ward).chars().count())) {
        faults.push(Fault::at(
            format!("/eligibility/wards/{at}"),
            "wrong_format",
            "The name of a ward, 80 characters at most.",
        ));
    }
    let mut keys: Vec<&str> = Vec::new();
    for (index, category) in wish.categories.iter().enumerate() {
        if keys.contains(&category.key.as_str()) {
            faults.push(Fault::at(format!("/categories/{index}/key"), "already_exists", "This key is there twice."));
        }
        keys.push(&category.key);
    }
    faults.extend(wish.background.faults());
    if faults.is_empty() { Ok(phases) } else { Err(Error::invalid(faults)) }
}

fn store(tx: &mut Tx<'_>, council: Id, id: Id, wish: &DraftChallenge, phases: &[Phase]) -> Result<()> {
    let categories: Vec<_> = wish.categories.iter().map(|c| (c.key.clone(), tidy(&c.label))).collect();
    queries::set_phases(tx, council, id, phases)?;
    queries::set_categories(tx, council, id, &categories)
}

/// Draft a challenge
///
/// Only staff see it until it has passed the gate.
#[utoipa::path(tag = "Preparing challenges", operation_id = "draft_challenge", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = DraftChallenge,
    responses((status = 201, description = "Drafted", body = ChallengeView)))]
#[post("/councils/{council}/challenges")]
async fn draft_challenge(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    once: Once,
    body: Json<DraftChallenge>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let phases = faults_of(&wish)?;
    // Rendered here, the background is at hand inside the write.
    prepare(&tidy(&wish.body));
    let (council, by) = (who.council.clone(), who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let id = queries::insert_challenge(tx, council.id, &wish.text(&council.language))?;
        audit::record(tx, council.id, Event::new(AuditAction::ChallengeDrafted, by).to(id))?;
        store(tx, council.id, id, &wish, &phases)?;
        let whole = queries::find_whole(tx, council.id, id, true)?;
        let version = whole.row.version;
        let location = format!("/v1/councils/{}/challenges/{id}", council.slug);
        Ok(Reply::created(location, &ChallengeView::of(whole, tx.now()))?.version(version))
    })
    .await
}

/// List challenges
///
/// The last drafted first. Visitors and residents see those that have opened.
#[utoipa::path(tag = "Challenges", operation_id = "list_challenges", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ListQuery),
    responses((status = 200, description = "A page of challenges", body = Page<ChallengeSummary>)))]
#[get("/councils/{council}/challenges")]
async fn list_challenges(
    app: App,
    who: Allowed<acts::ReadPublic>,
    query: Query<ListQuery>,
    request: actix_web::HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let staff = who.is_staff();
    let list = format!("challenges:{}:{staff}", who.council.id);
    let after: Option<(i64, Id)> = paging.after(&app.config.secrets, &list)?;
    let (council, load) = (who.council.id, paging.load());
    let before = after.map(|(micros, id)| (Instant::from_micros(micros), id));
    let (rows, now) =
        app.db.read(move |tx| Ok((queries::list_challenges(tx, council, staff, before, load)?, tx.now()))).await?;
    let page = paging.page(
        &app.config.secrets,
        &list,
        rows,
        |(row, _)| (row.created_at.micros(), row.id),
        |(row, concluded)| ChallengeSummary::of(row, concluded, now),
    )?;
    let reply = page.reply(&request)?;
    Ok(if staff { reply } else { reply.public(10) })
}

/// Read a challenge
///
/// With its phases, categories and promise. Caches keep it until the next phase begins at the latest.
#[utoipa::path(tag = "Challenges", operation_id = "read_challenge", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The challenge", body = ChallengeView)))]
#[get("/councils/{council}/challenges/{challenge}")]
async fn read_challenge(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, id, staff) = (who.council.id, id_of(&path.1, "challenge")?, who.is_staff());
    let (whole, now) = app.db.read(move |tx| Ok((queries::find_whole(tx, council, id, staff)?, tx.now()))).await?;
    let version = whole.row.version;
    let keep = seconds_to_boundary(&whole, now);
    let reply = Reply::ok(&ChallengeView::of(whole, now))?.version(version);
    Ok(if staff { reply } else { reply.public(keep) })
}

/// Sixty, or fewer where a phase begins or ends before that.
fn seconds_to_boundary(whole: &Whole, now: Instant) -> u32 {
    let boundaries = whole.phases.iter().flat_map(|phase| [phase.starts_at, phase.ends_at]).chain(whole.row.closes_at);
    let next = boundaries.filter(|at| *at > now).map(|at| at.since(now).as_secs()).min().unwrap_or(60);
    u32::try_from(next.min(60)).unwrap_or(60)
}

/// Write a draft anew
///
/// Replaces the text, phases and categories; a promise that was accepted has to be accepted again. Once a challenge
/// has opened its rules stand.
#[utoipa::path(tag = "Preparing challenges", operation_id = "rewrite_challenge", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = DraftChallenge, responses((status = 200, description = "Written", body = ChallengeView)))]
#[put("/councils/{council}/challenges/{challenge}")]
async fn rewrite_challenge(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    path: web::Path<(String, String)>,
    version: IfMatch,
    body: Json<DraftChallenge>,
) -> Result<Reply> {
    let wish = body.value;
    let phases = faults_of(&wish)?;
    prepare(&tidy(&wish.body));
    let (council, id, by) = (who.council.clone(), id_of(&path.1, "challenge")?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let row = queries::hold_draft(tx, council.id, id)?;
        let before = row.version;
        version.require(before)?;
        if row.kind != wish.kind {
            return Err(Error::fault("/kind", "not_taken", "What it is stays as it was drafted: draft another one."));
        }
        queries::set_text(tx, council.id, id, &wish.text(&council.language))?;
        store(tx, council.id, id, &wish, &phases)?;
        let whole = queries::find_whole(tx, council.id, id, true)?;
        let version = whole.row.version;
        let event = Event::new(AuditAction::ChallengeRewritten, by).to(id).before(json!({ "version": before }));
        audit::record(tx, council.id, event.after(json!({ "version": version })))?;
        Ok(Reply::ok(&ChallengeView::of(whole, tx.now()))?.version(version))
    })
    .await
}

/// Write the promise
///
/// Who decides, what is in their power, and by when; the answer says what it takes to keep it. A promise that was accepted has to be accepted again, and links
/// that were mailed before accept nothing any more.
#[utoipa::path(tag = "Preparing challenges", operation_id = "write_promise", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge"),
        ("If-Match" = String, Header, description = "The ETag of the challenge you last read")),
    request_body = WritePromise, responses((status = 200, description = "Written", body = PromiseView)))]
#[put("/councils/{council}/challenges/{challenge}/promise")]
async fn write_promise(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    path: web::Path<(String, String)>,
    version: IfMatch,
    body: Json<WritePromise>,
) -> Result<Reply> {
    let (wish, council, id) = (body.value, who.council.id, id_of(&path.1, "challenge")?);
    if email_key(&wish.decision_email).is_none() {
        return Err(Error::fault("/decision_email", "wrong_format", "This is not a mail address."));
    }
    let by = who.by();
    who.write(&app, Limited::Write, move |tx| {
        let row = queries::hold_draft(tx, council, id)?;
        version.require(row.version)?;
        let last = queries::list_phases(tx, council, id)?.iter().map(|phase| phase.ends_at).max();
        match (row.kind, wish.publish_outcome_by) {
            (ChallengeKind::Question, None) => {
                return Err(Error::fault("/publish_outcome_by", "required", "This is needed."));
            }
            (ChallengeKind::OpenDoor, Some(_)) => {
                return Err(Error::fault(
                    "/publish_outcome_by",
                    "not_taken",
                    "An open door has no outcome: leave it out.",
                ));
            }
            _ => {}
        }
        if last.zip(wish.publish_outcome_by).is_some_and(|(last, by)| by < last) {
            let detail = "The outcome cannot be promised for before the last phase has ended.";
            return Err(Error::fault("/publish_outcome_by", "too_small", detail));
        }
        let promise = PromiseRow {
            decision_office: named_office(tx, council, "/decision_office", &tidy(&wish.decision_office))?.name,
            decision_email: tidy(&wish.decision_email),
            in_their_power: tidy(&wish.in_their_power),
            answer_within_days: wish.answer_within_days,
            moderate_within_hours: wish.moderate_within_hours,
            publish_outcome_by: wish.publish_outcome_by,
            success_measure: tidy(&wish.success_measure),
            accepted_at: None,
        };
        queries::set_promise(tx, council, id, &promise)?;
        let what = json!({ "version": row.version.saturating_add(1) });
        audit::record(tx, council, Event::new(AuditAction::PromiseWritten, by).to(id).after(what))?;
        let forecast = promises::routes::forecast_of(tx, council, promise.answer_within_days, None)?;
        let view = PromiseView { forecast, ..promise.into() };
        Ok(Reply::ok(&view)?.version(row.version.saturating_add(1)))
    })
    .await
}

/// Ask the decision-maker
///
/// Mails a personal link to the office that decides; whoever follows it accepts the promise.
#[utoipa::path(tag = "Preparing challenges", operation_id = "ask_for_acceptance", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 202, description = "The mail is on its way")))]
#[post("/councils/{council}/challenges/{challenge}/promise/acceptance-request")]
async fn ask_for_acceptance(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, id) = (who.council.id, id_of(&path.1, "challenge")?);
    who.write(&app, Limited::Write, move |tx| {
        queries::hold_draft(tx, council, id)?;
        if queries::the_promise(tx, council, id)?.accepted_at.is_some() {
            return Err(Code::AlreadyDone.because("The promise as it stands has been accepted.").into());
        }
        enqueue(tx, council, &AskAcceptance { challenge: id, request: Id::random() })?;
        Ok(Reply { status: 202, ..Reply::nothing() })
    })
    .await
}

/// Accept a promise
///
/// What the decision-maker's link does. Office and date are public from then on.
#[utoipa::path(tag = "Challenges", operation_id = "accept_promise", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Token,
    responses((status = 204, description = "Accepted")))]
#[post("/councils/{council}/promises/accept")]
async fn accept_promise(app: App, who: Allowed<acts::ReadPublic>, body: Json<Token>) -> Result<Reply> {
    let (council, token) = (who.council.id, body.value.token);
    who.write(&app, Limited::Write, move |tx| {
        let (challenge, data) = redeem_token(tx, council, TokenKind::AcceptPromise, &token)?;
        let row = queries::hold_draft(tx, council, challenge)?;
        // The link accepts what its mail said, and nothing that was written since.
        if data.get("version").and_then(|version| version.as_i64()) != Some(row.version) {
            let changed = "What is promised has been changed since this link was sent. Ask those who prepare the challenge for a new one.";
            return Err(Code::LinkInvalid.because(changed).into());
        }
        queries::set_accepted(tx, council, challenge)?;
        // Whoever has the mailed link is the decision-maker, whatever token came along.
        audit::record(tx, council, Event::new(AuditAction::PromiseAccepted, By::Nobody).to(challenge))?;
        Ok(Reply::nothing())
    })
    .await
}

/// Open a challenge
///
/// Passes the gate, or is refused with everything that is missing. From then on the phases follow the clock. Nothing opens in a
/// quiet period: it is checked and held, and opens when that is over, if it can by then. A quiet period that lies ahead of it within
/// its phases needs a public reason. A council may have said that nothing opens
/// while answers are overdue.
#[utoipa::path(tag = "Preparing challenges", operation_id = "open_challenge", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    request_body = inline(Option<OpenChallenge>), responses((status = 200, description = "Open", body = ChallengeView),
        (status = 202, description = "The council is quiet: held until that is over", body = HeldActView)))]
#[post("/councils/{council}/challenges/{challenge}/open")]
async fn open_challenge(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    path: web::Path<(String, String)>,
    body: MaybeJson<OpenChallenge>,
) -> Result<Reply> {
    let (council, speaker) = (who.council.clone(), Speaker::of(&who)?);
    let act = Act::Opening { challenge: id_of(&path.1, "challenge")?, body: body.0.unwrap_or_default() };
    who.write(&app, Limited::Write, move |tx| do_or_hold(tx, &council, speaker, &act)).await
}

/// Opens a challenge.
///
/// # Errors
/// 404 where there is none, 409 where it has opened, is not ready, runs into a quiet period, or answers are late.
pub fn open(tx: &mut Tx<'_>, council: &Council, who: Speaker, id: Id, wish: &OpenChallenge) -> Result<Reply> {
    let council = council.id;
    let reason = wish.quiet_period_reason.as_deref().map(tidy).filter(|reason| !reason.is_empty());
    queries::hold_draft(tx, council, id)?;
    let whole = queries::find_whole(tx, council, id, true)?;
    let items = may_open(&facts(tx, council, &whole)?)?;
    let quiet = opens_in_time(tx, council, &whole, reason.is_some())?;
    let ends = whole.phases.iter().map(|phase| phase.ends_at).max();
    let Some(promise) = whole.promise else { return Err(Code::NotReady.problem().into()) };
    queries::set_opened(tx, council, id, ends, &items)?;
    if let Some(rehearsal) = rehearsals::queries::running(tx, council, id)? {
        rehearsals::queries::end(tx, council, &rehearsal)?;
    }
    // The open door never closes, and keeps no traces.
    if let Some(closes_at) = ends {
        traces::schedule(tx, council, id, closes_at)?;
    }
    let news = ChallengeOpened {
        challenge: id,
        title: whole.row.title,
        decision_office: promise.decision_office,
        answer_within_days: promise.answer_within_days,
        publish_outcome_by: promise.publish_outcome_by,
        quiet_period_reason: reason.filter(|_| quiet),
    };
    record(tx, council, &news)?;
    audit::record(tx, council, Event::new(AuditAction::ChallengeOpened, who.by).to(id))?;
    let whole = queries::find_whole(tx, council, id, true)?;
    let version = whole.row.version;
    Ok(Reply::ok(&ChallengeView::of(whole, tx.now()))?.version(version))
}

/// Whether it runs into a quiet period, which was confirmed.
fn opens_in_time(tx: &mut Tx<'_>, council: Id, whole: &Whole, confirmed: bool) -> Result<bool> {
    let settings = council_by_id(tx, council)?;
    if settings.no_new_challenges_while_overdue {
        let overdue: Vec<_> = promises::queries::overdue_challenges(tx, council)?
            .into_iter()
            .map(|(id, title, answers)| json!({ "challenge": id, "title": title, "overdue": answers }))
            .collect();
        if !overdue.is_empty() {
            return Err(Code::AnswersOverdue.problem().with("challenges", overdue).into());
        }
    }
    let Some(last) = whole.phases.iter().map(|phase| phase.ends_at).max() else { return Ok(false) };
    let (today, last) = (day_of(tx.now(), &settings.time_zone)?, day_of(last, &settings.time_zone)?);
    // In a quiet period it is tried out how it will be when that is over.
    let first = match quiet::queries::quiet_now(tx, council)? {
        Some(now) => quiet::queries::stop(&now.from_day, &now.until_day, now.declared_at)?.until,
        None => today,
    };
    match quiet::queries::quiet_between(tx, council, first, last)? {
        Some(row) if !confirmed => Err(quiet::rules::refusal(&row).with("fix", "quiet_period_reason").into()),
        found => Ok(found.is_some()),
    }
}

/// Close a challenge
///
/// Ends it before its last phase does. What was promised is still owed.
#[utoipa::path(tag = "Preparing challenges", operation_id = "close_challenge", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "Closed", body = ChallengeView)))]
#[post("/councils/{council}/challenges/{challenge}/close")]
async fn close_challenge(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, id, by) = (who.council.id, id_of(&path.1, "challenge")?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        tx.hold(Root::Challenge, council, id, Hold::Alone)?;
        let whole = queries::find_whole(tx, council, id, true)?;
        if whole.row.state(tx.now(), whole.concluded) != ChallengeState::Open {
            return Err(Code::WrongState.because("Only an open challenge can be closed.").into());
        }
        if whole.row.kind == ChallengeKind::OpenDoor {
            return Err(Code::WrongState.because("The open door never closes.").into());
        }
        queries::set_closed(tx, council, id)?;
        let now = tx.now();
        traces::schedule(tx, council, id, now)?;
        ballots::schedule(tx, council, id, now)?;
        record(tx, council, &ChallengeClosed { challenge: id })?;
        audit::record(tx, council, Event::new(AuditAction::ChallengeClosed, by).to(id))?;
        let whole = queries::find_whole(tx, council, id, true)?;
        let version = whole.row.version;
        Ok(Reply::ok(&ChallengeView::of(whole, tx.now()))?.version(version))
    })
    .await
}
