//! Read a promise and its history; change it, stop its clock and start it again.

use std::sync::Arc;

use actix_web::web;
use serde_json::json;

use super::calendar::{Calendar, day_of};
use super::changes;
use super::entries::{PromiseChanged, PromisePaused, PromiseResumed};
use super::forecast::{Forecast, WEEKS, forecast};
use super::jobs::{MoveDues, move_dues};
use super::model::PauseRow;
use super::queries::{self, original};
use super::views::{
    ChangePromise, ClockView, KeptPromise, PausePromise, PauseView, PromiseChangeView, PromiseHistory, PromiseQuery,
};
use crate::accountability::calendars::queries::find_working_days;
use crate::accountability::id_of;
use crate::accountability::quiet::queries::{quiet_between, stop};
use crate::app::App;
use crate::participation::challenges::model::ChallengeRow;
use crate::participation::challenges::queries::{find_challenge, list_phases, set_terms};
use crate::people::accounts::Allowed;
use crate::people::councils::model::Council;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Code, Result};
use crate::platform::http::doors::{Doors, get, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Query, Reply};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, ClockState};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(read_promise)
        .service(read_promise_history)
        .service(change_promise)
        .service(pause_promise)
        .service(resume_promise);
}

/// Read a promise
///
/// What the council promised for a challenge, and how it keeps it: ideas, answers, answers in time, what is overdue at this
/// moment, computed from the clock, and whether that runs. Before the challenge opens only staff see it. Staff are told what it
/// takes to keep it, from the ideas that came in lately or from `ideas_per_week`.
#[utoipa::path(tag = "Feedback", operation_id = "read_promise", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge"), PromiseQuery),
    responses((status = 200, description = "The promise and its figures", body = KeptPromise)))]
#[get("/councils/{council}/challenges/{challenge}/promise")]
async fn read_promise(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
    query: Query<PromiseQuery>,
) -> Result<Reply> {
    let (council, staff) = (Arc::clone(&who.council), who.is_staff());
    let challenge = id_of(&path.1, "challenge")?;
    let promise = app.db.read(move |tx| {
        let version = find_challenge(tx, council.id, challenge, staff)?.version;
        let mut view = kept(tx, &council, challenge)?;
        if staff {
            view.decision_email = Some(queries::find_promise(tx, council.id, challenge)?.decision_email);
            view.forecast = forecast_of(tx, council.id, view.answer_within_days, query.0.ideas_per_week)?;
        }
        Ok((view, version))
    });
    // The version is the challenge's, as for a change of the promise.
    let (promise, version) = promise.await?;
    let reply = Reply::ok(&promise)?.version(version);
    Ok(if staff { reply } else { reply.public(60) })
}

/// A promise as everybody sees it now.
///
/// # Errors
/// 404 where none was made yet.
pub fn kept(tx: &mut Tx<'_>, council: &Council, challenge: Id) -> Result<KeptPromise> {
    let row = queries::find_promise(tx, council.id, challenge)?;
    let figures = queries::figures(tx, council.id, challenge)?;
    let clock = queries::find_clock(tx, council, challenge)?;
    let outcome_due = clock.outcome_due()?.or(row.publish_outcome_by);
    let standing = view_of_clock(tx, council, challenge, &clock.calendar)?;
    Ok(KeptPromise::new(row, figures, standing, outcome_due, tx.now()))
}

/// What it takes to keep a promise of so many days, where it is told or can be known how many ideas come in each week.
///
/// # Errors
/// What the database answers.
pub fn forecast_of(tx: &mut Tx<'_>, council: Id, days: i32, told: Option<i64>) -> Result<Option<Forecast>> {
    let (pace, measured) = pace(tx, council, told)?;
    let week = find_working_days(tx, council)?.weekdays.len();
    Ok(pace.map(|pace| forecast(pace, measured, days, week)))
}

/// How many ideas come in each week, where that is told or can be known, and whether it was measured.
fn pace(tx: &mut Tx<'_>, council: Id, told: Option<i64>) -> Result<(Option<i64>, bool)> {
    if told.is_some() {
        return Ok((told, false));
    }
    let weeks = WEEKS.unsigned_abs();
    let since = tx.now().minus(std::time::Duration::from_secs(weeks.saturating_mul(7 * 86_400)));
    let ideas = queries::count_ideas_since(tx, council, since)?;
    Ok((Some(ideas.saturating_add(WEEKS - 1) / WEEKS).filter(|pace| *pace > 0), true))
}

fn view_of_clock(tx: &mut Tx<'_>, council: &Council, challenge: Id, calendar: &Calendar) -> Result<ClockView> {
    let today = calendar.day_of(tx.now());
    let still =
        |state, reason, since, until| ClockView { state, reason: Some(reason), since: Some(since), until: Some(until) };
    if let Some(quiet) = quiet_between(tx, council.id, today, today)? {
        return Ok(still(ClockState::Quiet, quiet.ground, quiet.from_day, quiet.until_day));
    }
    for pause in queries::list_pauses(tx, council.id, challenge)? {
        if stop(&pause.from_day, &pause.until_day, pause.paused_at)?.covers(today) {
            return Ok(still(ClockState::Paused, pause.reason, pause.from_day, pause.until_day));
        }
    }
    Ok(ClockView { state: ClockState::Running, reason: None, since: None, until: None })
}

/// Read the history of a promise
///
/// How it was when the challenge opened, every change since with its reason, and when its clock stood still. Nothing of it is
/// ever taken away.
#[utoipa::path(tag = "Feedback", operation_id = "read_promise_history", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The history", body = PromiseHistory)))]
#[get("/councils/{council}/challenges/{challenge}/promise/history")]
async fn read_promise_history(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, staff, challenge) = (who.council.id, who.is_staff(), id_of(&path.1, "challenge")?);
    let history = app.db.read(move |tx| {
        let row = find_challenge(tx, council, challenge, staff)?;
        let mut changes = queries::list_changes(tx, council, challenge)?;
        let promise = queries::find_promise(tx, council, challenge)?;
        if let (true, Some(opened_at)) = (changes.is_empty(), row.opened_at) {
            changes.push(original(&promise, opened_at));
        }
        let pauses = queries::list_pauses(tx, council, challenge)?.into_iter().map(PauseView::from).collect();
        let changes = changes.into_iter().map(PromiseChangeView::from).collect();
        Ok((PromiseHistory { changes, pauses }, row.version))
    });
    let (history, version) = history.await?;
    let reply = Reply::ok(&history)?.version(version);
    Ok(if staff { reply } else { reply.public(60) })
}

/// Holds a challenge that has opened and is what was read; gives it and when that was.
fn hold_open(tx: &mut Tx<'_>, council: Id, challenge: Id, read: &IfMatch) -> Result<(ChallengeRow, Instant)> {
    tx.hold(Root::Challenge, council, challenge, Hold::Alone)?;
    let row = find_challenge(tx, council, challenge, true)?;
    let Some(opened_at) = row.opened_at else {
        return Err(Code::WrongState.because("This challenge is a draft: write its promise anew.").into());
    };
    read.require(row.version)?;
    Ok((row, opened_at))
}

/// Change a promise
///
/// Of a challenge that has opened. It may be made stricter at any time: a working day is left at least for what is there. What
/// promises less, and more time (`extension_days`) for the answers that are owed, needs a reason that everybody reads. What is
/// late already stays late, the history keeps how it was, and due instants and reminders follow.
#[utoipa::path(tag = "Preparing challenges", operation_id = "change_promise", security(("bearer" = ["promise.keep"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge"),
        ("If-Match" = String, Header, description = "The ETag of the challenge or its promise you last read")),
    request_body = ChangePromise,
    responses((status = 201, description = "Changed", body = PromiseChangeView)))]
#[post("/councils/{council}/challenges/{challenge}/promise/changes")]
async fn change_promise(
    app: App,
    who: Allowed<acts::KeepPromises>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<ChangePromise>,
) -> Result<Reply> {
    let (wish, council, challenge) = (body.value, Arc::clone(&who.council), id_of(&path.1, "challenge")?);
    let by = who.by();
    who.write(&app, Limited::Write, move |tx| {
        let (row, opened_at) = hold_open(tx, council.id, challenge, &read)?;
        let promise = queries::find_promise(tx, council.id, challenge)?;
        let known = queries::list_changes(tx, council.id, challenge)?;
        let first = original(&promise, opened_at);
        let ends = list_phases(tx, council.id, challenge)?.iter().map(|phase| phase.ends_at).max();
        let change = changes::next(known.last().unwrap_or(&first), &wish, ends, tx.now())?;
        if known.is_empty() {
            queries::insert_change(tx, council.id, challenge, &first)?;
        }
        queries::insert_change(tx, council.id, challenge, &change)?;
        let terms = (change.answer_within_days, change.moderate_within_hours, change.publish_outcome_by);
        set_terms(tx, council.id, challenge, terms)?;
        move_dues(tx, &council, MoveDues::new(challenge, Id::random(), tx.now()))?;
        let news = PromiseChanged {
            challenge,
            number: change.number,
            kind: change.kind,
            answer_within_days: change.answer_within_days,
            moderate_within_hours: change.moderate_within_hours,
            publish_outcome_by: change.publish_outcome_by,
            extension_days: change.extension_days,
            reason: change.reason.clone(),
        };
        record(tx, council.id, &news)?;
        let what = json!({ "number": change.number, "kind": change.kind });
        audit::record(tx, council.id, Event::new(AuditAction::PromiseChanged, by).to(challenge).after(what))?;
        let location = format!("/v1/councils/{}/challenges/{challenge}/promise/history", council.slug);
        Ok(Reply::created(location, &PromiseChangeView::from(change))?.version(row.version.saturating_add(1)))
    })
    .await
}

/// Pause a promise
///
/// Stops the clock of a challenge's answers from today up to a day, for a reason that everybody reads. Paused days count neither
/// as on time nor as late; what is late already stays late.
#[utoipa::path(tag = "Preparing challenges", operation_id = "pause_promise", security(("bearer" = ["promise.keep"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge"),
        ("If-Match" = String, Header, description = "The ETag of the challenge or its promise you last read")),
    request_body = PausePromise, responses((status = 201, description = "Paused", body = PauseView)))]
#[post("/councils/{council}/challenges/{challenge}/promise/pauses")]
async fn pause_promise(
    app: App,
    who: Allowed<acts::KeepPromises>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<PausePromise>,
) -> Result<Reply> {
    let (wish, council, challenge) = (body.value, Arc::clone(&who.council), id_of(&path.1, "challenge")?);
    let by = who.by();
    who.write(&app, Limited::Write, move |tx| {
        let (row, _) = hold_open(tx, council.id, challenge, &read)?;
        let today = day_of(tx.now(), &council.time_zone)?;
        let last = queries::list_pauses(tx, council.id, challenge)?.pop();
        if last.as_ref().is_some_and(|pause| pause.until_day > today.to_string()) {
            return Err(Code::WrongState.because("The clock of this promise stands still already.").into());
        }
        let pause = changes::pause(&wish, last.map_or(0, |pause| pause.number), today, tx.now())?;
        queries::insert_pause(tx, council.id, challenge, &pause)?;
        follow(tx, &council, challenge)?;
        let PauseRow { from_day: from, until_day: until, reason, .. } = pause.clone();
        record(tx, council.id, &PromisePaused { challenge, from, until, reason })?;
        let what = json!({ "number": pause.number, "from": pause.from_day, "until": pause.until_day });
        audit::record(tx, council.id, Event::new(AuditAction::PromisePaused, by).to(challenge).after(what))?;
        let location = format!("/v1/councils/{}/challenges/{challenge}/promise/history", council.slug);
        Ok(Reply::created(location, &PauseView::from(pause))?.version(row.version.saturating_add(1)))
    })
    .await
}

/// The challenge has another version, and due instants follow.
fn follow(tx: &mut Tx<'_>, council: &Council, challenge: Id) -> Result<()> {
    let promise = queries::find_promise(tx, council.id, challenge)?;
    let terms = (promise.answer_within_days, promise.moderate_within_hours, promise.publish_outcome_by);
    set_terms(tx, council.id, challenge, terms)?;
    move_dues(tx, council, MoveDues::new(challenge, Id::random(), tx.now()))
}

/// Resume a promise
///
/// Starts a stopped clock before its time: today counts again.
#[utoipa::path(tag = "Preparing challenges", operation_id = "resume_promise", security(("bearer" = ["promise.keep"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge"),
        ("If-Match" = String, Header, description = "The ETag of the challenge or its promise you last read")),
    responses((status = 200, description = "The clock goes on", body = PauseView)))]
#[post("/councils/{council}/challenges/{challenge}/promise/resume")]
async fn resume_promise(
    app: App,
    who: Allowed<acts::KeepPromises>,
    path: web::Path<(String, String)>,
    read: IfMatch,
) -> Result<Reply> {
    let (council, challenge, by) = (Arc::clone(&who.council), id_of(&path.1, "challenge")?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let (row, _) = hold_open(tx, council.id, challenge, &read)?;
        let today = day_of(tx.now(), &council.time_zone)?.to_string();
        let last = queries::list_pauses(tx, council.id, challenge)?.pop();
        let Some(pause) = last.filter(|pause| pause.until_day > today) else {
            return Err(Code::WrongState.because("The clock of this promise is not paused.").into());
        };
        queries::end_pause(tx, council.id, challenge, pause.number, &today)?;
        follow(tx, &council, challenge)?;
        record(tx, council.id, &PromiseResumed { challenge, until: today.clone() })?;
        let event = Event::new(AuditAction::PromiseResumed, by).to(challenge);
        let event = event.before(json!({ "until": pause.until_day })).after(json!({ "until": today }));
        audit::record(tx, council.id, event)?;
        let pause = PauseRow { until_day: today, resumed_at: Some(tx.now()), ..pause };
        Ok(Reply::ok(&PauseView::from(pause))?.version(row.version.saturating_add(1)))
    })
    .await
}
