//! Look at signals, take the steps, contest, and read how many votes are not counted.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::entries::{VotesInvalidated, VotesQuarantined, VotesReleased, VotesRestored};
use super::jobs::TellVoters;
use super::moving::{give_back, set_aside, sums};
use super::queries::{self, Changes, ContestRow, SignalRow};
use super::rules::{self, Step};
use super::views::{
    ContestByLink, ContestView, ContestVotes, OwnSignal, OwnSignals, SignalQuery, SignalStep, SignalView, VoteChecks,
};
use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::people::accounts::Allowed;
use crate::people::accounts::routes::limited;
use crate::people::accounts::tokens::redeem_token;
use crate::people::councils::model::Council;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, post, put};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{IfMatch, Json, Page, Paging, Query, Reply};
use crate::platform::jobs::enqueue;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, SignalState, TokenKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(list_signals)
        .service(read_signal)
        .service(list_contests)
        .service(quarantine_votes)
        .service(release_votes)
        .service(propose_invalidation)
        .service(approve_invalidation)
        .service(reverse_invalidation)
        .service(list_own_signals)
        .service(contest_votes)
        .service(contest_by_link)
        .service(read_vote_checks);
}

fn views(tx: &mut Tx<'_>, council: &Council, rows: Vec<SignalRow>, me: Id) -> Result<Vec<SignalView>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut ideas = queries::ideas_among(tx, council.id, &ids)?;
    let contested = queries::contests_among(tx, council.id, &ids)?;
    let view = |row: SignalRow| {
        let (of, contests) = (ideas.remove(&row.id).unwrap_or_default(), contested.get(&row.id).copied());
        SignalView::of(row, of, contests.unwrap_or_default(), (&council.idea_prefix, me))
    };
    Ok(rows.into_iter().map(view).collect::<anyhow::Result<_>>()?)
}

fn view(tx: &mut Tx<'_>, council: &Council, row: SignalRow, me: Id) -> Result<SignalView> {
    views(tx, council, vec![row], me)?.pop().ok_or_else(|| Error::not_found("signal"))
}

/// List signals
///
/// Votes that look as if they did not come from people: very many of new accounts in an hour, many of them from one network, or
/// accounts that vote together again and again. A program finds them, within ten minutes, and decides nothing: a class, a shared
/// link or a good speech looks like it, too. The last one first.
#[utoipa::path(tag = "Moderation", operation_id = "list_signals", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), SignalQuery),
    responses((status = 200, description = "A page of signals", body = Page<SignalView>)))]
#[get("/councils/{council}/signals")]
async fn list_signals(
    app: App,
    who: Allowed<acts::Moderate>,
    query: Query<SignalQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let state = query.0.state.unwrap_or(SignalState::Open);
    let (council, me, secrets) = (Arc::clone(&who.council), who.actor()?.id, app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let list = format!("signals:{}:{state}", council.id);
        let rows = queries::list_signals(tx, council.id, state, paging.after(&secrets, &list)?, paging.load())?;
        let views = views(tx, &council, rows, me)?;
        paging.page(&secrets, &list, views, |view: &SignalView| view.id, |view| view)
    });
    page.await?.reply(&request)
}

/// Read a signal
///
/// What was found, by counts, times and the thresholds that were passed; never a name or a network.
#[utoipa::path(tag = "Moderation", operation_id = "read_signal", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("signal" = Id, Path, description = "Id of the signal")),
    responses((status = 200, description = "The signal", body = SignalView)))]
#[get("/councils/{council}/signals/{signal}")]
async fn read_signal(app: App, who: Allowed<acts::Moderate>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, me, signal) = (Arc::clone(&who.council), who.actor()?.id, id_of(&path.1, "signal")?);
    let shown = app.db.read(move |tx| {
        let row = queries::find_signal(tx, council.id, signal)?;
        view(tx, &council, row, me)
    });
    let shown = shown.await?;
    Ok(Reply::ok(&shown)?.version(shown.version))
}

/// List what was said against a signal
///
/// By voters whose support is set aside, in their own words. Nobody is named, and they come in no order that would tell who.
#[utoipa::path(tag = "Moderation", operation_id = "list_contests", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("signal" = Id, Path, description = "Id of the signal"), ListQuery),
    responses((status = 200, description = "A page of them", body = Page<ContestView>)))]
#[get("/councils/{council}/signals/{signal}/contests")]
async fn list_contests(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, secrets, signal) = (who.council.id, app.config.secrets.clone(), id_of(&path.1, "signal")?);
    let page = app.db.read(move |tx| {
        queries::find_signal(tx, council, signal)?;
        let list = format!("contests:{signal}");
        let rows = queries::list_contests(tx, council, signal, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &ContestRow| row.id, ContestView::from)
    });
    page.await?.reply(&request)
}

fn reasoned(text: &str) -> Result<String> {
    let text = tidy(text);
    match text.chars().count() {
        0..10 => Err(Error::fault("/reason", "too_short", "At least 10 characters that can be seen.")),
        _ => Ok(text),
    }
}

/// A signal that somebody takes a step with, as they have read it, whose ideas this unit holds, and these: of two who do so at once
/// one comes after the other.
fn hold(tx: &mut Tx<'_>, council: Id, signal: Id, (me, read): (Id, &IfMatch)) -> Result<(SignalRow, Vec<Id>)> {
    let row = queries::find_signal(tx, council, signal)?;
    if queries::touches(tx, council, signal, me)? {
        let detail = "Support of yours is among these votes, or an idea of yours: somebody else of the staff decides.";
        return Err(Code::Forbidden.because(detail).into());
    }
    tx.hold(Root::Challenge, council, row.challenge_id, Hold::Shared)?;
    // In the order of their ids, so that two who move votes of the same ideas do not wait for each other.
    let ideas: Vec<Id> = queries::ideas_of(tx, council, signal)?.into_iter().map(|(idea, ..)| idea).collect();
    for idea in &ideas {
        tx.hold(Root::Idea, council, *idea, Hold::Alone)?;
    }
    let row = queries::find_signal(tx, council, signal)?;
    read.require(row.version)?;
    Ok((row, ideas))
}

/// What a step leaves behind it beside the state: the audit log, the voters' mail, and the staff's answer.
fn took(
    tx: &mut Tx<'_>,
    council: &Council,
    row: SignalRow,
    (action, by, me): (AuditAction, By, Id),
    tell: bool,
) -> Result<Reply> {
    let event = Event::new(action, by).to(row.id);
    audit::record(tx, council.id, event.after(json!({ "state": row.state, "votes": row.votes })))?;
    if tell {
        enqueue(tx, council.id, &TellVoters { signal: row.id, state: row.state, after: None })?;
    }
    let view = view(tx, council, row, me)?;
    let version = view.version;
    Ok(Reply::ok(&view)?.version(version))
}

/// Set the votes of a signal aside
///
/// They are there still, in a figure of their own (`…/vote-checks`), and not in `supports`, while it is looked at where they came
/// from. The voters are told at once, with the reason, and have seven days to contest before anything is decided.
/// Nobody decides about votes of their own, or for an idea of their own: 403.
#[utoipa::path(tag = "Moderation", operation_id = "quarantine_votes", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("signal" = Id, Path, description = "Id of the signal"),
        ("If-Match" = String, Header, description = "The ETag of the signal, or its `version` in quotation marks")),
    request_body = SignalStep, responses((status = 200, description = "Set aside", body = SignalView)))]
#[post("/councils/{council}/signals/{signal}/quarantine")]
async fn quarantine_votes(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<SignalStep>,
) -> Result<Reply> {
    let (council, me, by) = (Arc::clone(&who.council), who.actor()?.id, who.by());
    let (signal, reason) = (id_of(&path.1, "signal")?, reasoned(&body.value.reason)?);
    who.write(&app, Limited::Write, move |tx| {
        let (row, ideas) = hold(tx, council.id, signal, (me, &read))?;
        let to = rules::next(row.state, Step::Quarantine)?;
        let row = queries::set_state(tx, council.id, &row, to, &Changes::quarantine(me, tx.now(), &reason))?;
        let mut votes = 0_i64;
        for idea in ideas {
            votes = votes.saturating_add(set_aside(tx, council.id, signal, idea)?);
        }
        let news = VotesQuarantined { challenge: row.challenge_id, signal, votes, reason: reason.clone() };
        record(tx, council.id, &news)?;
        took(tx, &council, row, (AuditAction::VotesQuarantined, by, me), true)
    })
    .await
}

/// Release the votes of a signal
///
/// They are counted as before, and the voters are told. A signal that nobody has set aside is dismissed by it, and nobody is told,
/// for nothing was done. What was looked at is not flagged again.
#[utoipa::path(tag = "Moderation", operation_id = "release_votes", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("signal" = Id, Path, description = "Id of the signal"),
        ("If-Match" = String, Header, description = "The ETag of the signal, or its `version` in quotation marks")),
    request_body = SignalStep, responses((status = 200, description = "Released", body = SignalView)))]
#[post("/councils/{council}/signals/{signal}/release")]
async fn release_votes(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<SignalStep>,
) -> Result<Reply> {
    let (council, me, by) = (Arc::clone(&who.council), who.actor()?.id, who.by());
    let (signal, reason) = (id_of(&path.1, "signal")?, reasoned(&body.value.reason)?);
    who.write(&app, Limited::Write, move |tx| {
        let (row, ideas) = hold(tx, council.id, signal, (me, &read))?;
        let to = rules::next(row.state, Step::Release)?;
        let now = tx.now();
        let changes =
            Changes { settled_by: Some(me), settled_at: Some(now), reason: Some(&reason), ..Changes::default() };
        let row = queries::set_state(tx, council.id, &row, to, &changes)?;
        if to == SignalState::Dismissed {
            return took(tx, &council, row, (AuditAction::SignalDismissed, by, me), false);
        }
        let votes = all_back(tx, council.id, signal, &ideas)?;
        record(tx, council.id, &VotesReleased { challenge: row.challenge_id, signal, votes, reason: reason.clone() })?;
        took(tx, &council, row, (AuditAction::VotesReleased, by, me), true)
    })
    .await
}

fn all_back(tx: &mut Tx<'_>, council: Id, signal: Id, ideas: &[Id]) -> Result<i64> {
    let mut votes = 0_i64;
    for idea in ideas {
        votes = votes.saturating_add(give_back(tx, council, signal, *idea)?);
    }
    Ok(votes)
}

/// Propose to invalidate the votes of a signal
///
/// When the seven days of their voters are over. It takes effect when somebody else of the staff approves.
#[utoipa::path(tag = "Moderation", operation_id = "propose_invalidation", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("signal" = Id, Path, description = "Id of the signal"),
        ("If-Match" = String, Header, description = "The ETag of the signal, or its `version` in quotation marks")),
    request_body = SignalStep, responses((status = 200, description = "Proposed", body = SignalView)))]
#[post("/councils/{council}/signals/{signal}/invalidation")]
async fn propose_invalidation(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<SignalStep>,
) -> Result<Reply> {
    let (council, me, by) = (Arc::clone(&who.council), who.actor()?.id, who.by());
    let (signal, reason) = (id_of(&path.1, "signal")?, reasoned(&body.value.reason)?);
    who.write(&app, Limited::Write, move |tx| {
        let (row, _) = hold(tx, council.id, signal, (me, &read))?;
        let to = rules::next(row.state, Step::ProposeInvalidation)?;
        rules::after_contest(row.contest_until, tx.now())?;
        let changes = Changes { proposed_by: Some(me), reason: Some(&reason), ..Changes::default() };
        let row = queries::set_state(tx, council.id, &row, to, &changes)?;
        took(tx, &council, row, (AuditAction::InvalidationProposed, by, me), false)
    })
    .await
}

/// Approve that votes are invalidated
///
/// By somebody else than who proposed it: the database takes no other. The voters are told with the reasons, and it can be reversed
/// for thirty days. Whoever does not agree releases the votes.
#[utoipa::path(tag = "Moderation", operation_id = "approve_invalidation", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("signal" = Id, Path, description = "Id of the signal"),
        ("If-Match" = String, Header, description = "The ETag of the signal, or its `version` in quotation marks")),
    responses((status = 200, description = "Invalidated", body = SignalView)))]
#[post("/councils/{council}/signals/{signal}/approval")]
async fn approve_invalidation(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    read: IfMatch,
) -> Result<Reply> {
    let (council, me, by) = (Arc::clone(&who.council), who.actor()?.id, who.by());
    let signal = id_of(&path.1, "signal")?;
    who.write(&app, Limited::Write, move |tx| {
        let (row, _) = hold(tx, council.id, signal, (me, &read))?;
        let to = rules::next(row.state, Step::Approve)?;
        rules::second_person(row.proposed_by, me)?;
        let changes = Changes { approved_by: Some(me), settled_at: Some(tx.now()), ..Changes::default() };
        let row = queries::set_state(tx, council.id, &row, to, &changes)?;
        let reason = row.reason.clone().unwrap_or_default();
        // What was taken back meanwhile is not invalidated.
        let votes = queries::count_set_aside(tx, council.id, signal)?;
        let news = VotesInvalidated { challenge: row.challenge_id, signal, votes, reason };
        record(tx, council.id, &news)?;
        took(tx, &council, row, (AuditAction::VotesInvalidated, by, me), true)
    })
    .await
}

/// Reverse that votes were invalidated
///
/// Within thirty days, with a reason. They are counted as before, to the row; only what was taken back since stays taken back.
#[utoipa::path(tag = "Moderation", operation_id = "reverse_invalidation", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("signal" = Id, Path, description = "Id of the signal"),
        ("If-Match" = String, Header, description = "The ETag of the signal, or its `version` in quotation marks")),
    request_body = SignalStep, responses((status = 200, description = "Reversed", body = SignalView)))]
#[post("/councils/{council}/signals/{signal}/reversal")]
async fn reverse_invalidation(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<SignalStep>,
) -> Result<Reply> {
    let (council, me, by) = (Arc::clone(&who.council), who.actor()?.id, who.by());
    let (signal, reason) = (id_of(&path.1, "signal")?, reasoned(&body.value.reason)?);
    who.write(&app, Limited::Write, move |tx| {
        let (row, ideas) = hold(tx, council.id, signal, (me, &read))?;
        let to = rules::next(row.state, Step::Reverse)?;
        rules::in_time(row.settled_at, tx.now())?;
        let changes = Changes {
            reversed_by: Some(me),
            reversed_at: Some(tx.now()),
            reversal_reason: Some(&reason),
            ..Changes::default()
        };
        let row = queries::set_state(tx, council.id, &row, to, &changes)?;
        let votes = all_back(tx, council.id, signal, &ideas)?;
        record(tx, council.id, &VotesRestored { challenge: row.challenge_id, signal, votes, reason: reason.clone() })?;
        took(tx, &council, row, (AuditAction::InvalidationReversed, by, me), true)
    })
    .await
}

/// List your votes that were set aside
///
/// Whatever has become of them, with the reasons.
#[utoipa::path(tag = "Ideas", operation_id = "list_own_signals", security(("bearer" = ["idea.support"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "All of them", body = OwnSignals)))]
#[get("/councils/{council}/me/signals")]
async fn list_own_signals(app: App, who: Allowed<acts::SupportIdea>) -> Result<Reply> {
    let (council, account) = (who.council.id, who.actor()?.id);
    let rows = app.db.read(move |tx| queries::own_signals(tx, council, account)).await?;
    Reply::ok(&OwnSignals { items: rows.into_iter().map(OwnSignal::from).collect() })
}

fn contest(tx: &mut Tx<'_>, council: Id, signal: Id, account: Id, text: &str) -> Result<OwnSignal> {
    let find = |tx: &mut Tx<'_>| {
        let own = queries::own_signals(tx, council, account)?.into_iter().find(|own| own.signal.id == signal);
        own.ok_or_else(|| Error::not_found("signal about votes of yours"))
    };
    let own = find(tx)?;
    let (state, settled_at) = (own.signal.state, own.signal.settled_at);
    rules::may_contest(state, settled_at, tx.now())?;
    rules::may_say(own.contested_at, state, settled_at)?;
    if !queries::write_contest(tx, council, account, &own, text)? {
        return Err(Code::AlreadyExists.because("You have said this a moment ago.").into());
    }
    find(tx).map(OwnSignal::from)
}

fn contested(text: &str) -> Result<String> {
    let text = tidy(text);
    match text.chars().count() {
        0..10 => Err(Error::fault("/text", "too_short", "At least 10 characters that can be seen.")),
        _ => Ok(text),
    }
}

/// Say why your votes are to be counted
///
/// Once while they are set aside, and once more for as long as a decision against them can be reversed: it is added to what you have
/// said. Whoever decides reads it and is not told whose it is.
#[utoipa::path(tag = "Ideas", operation_id = "contest_votes", security(("bearer" = ["idea.support"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("signal" = Id, Path, description = "Id of the signal")),
    request_body = ContestVotes, responses((status = 200, description = "Said", body = OwnSignal)))]
#[put("/councils/{council}/me/signals/{signal}/contest")]
async fn contest_votes(
    app: App,
    who: Allowed<acts::SupportIdea>,
    path: web::Path<(String, String)>,
    body: Json<ContestVotes>,
) -> Result<Reply> {
    let (council, account, text) = (who.council.id, who.actor()?.id, contested(&body.value.text)?);
    let signal = id_of(&path.1, "signal about votes of yours")?;
    who.write(&app, Limited::Write, move |tx| Reply::ok(&contest(tx, council, signal, account, &text)?)).await
}

/// Say why your votes are to be counted by a mailed link
///
/// Without signing in: the mail that told you has the link, which is good once.
#[utoipa::path(tag = "Ideas", operation_id = "contest_by_link", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = ContestByLink,
    responses((status = 204, description = "Said")))]
#[post("/councils/{council}/vote-contests")]
async fn contest_by_link(app: App, who: Allowed<acts::ReadPublic>, body: Json<ContestByLink>) -> Result<Reply> {
    let (wish, council) = (body.value, who.council.id);
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let text = contested(&wish.text)?;
    let said = app.db.write(move |tx| {
        let gone = || Error::from(Code::LinkInvalid.problem());
        let (told, _) = redeem_token(tx, council, TokenKind::Contest, &wish.token)?;
        let (signal, account, _) = queries::told_by(tx, council, told)?.ok_or_else(gone)?;
        contest(tx, council, signal, account.ok_or_else(gone)?, &text)?;
        Ok(Reply::nothing())
    });
    Ok(said.await?.limited(standings))
}

/// Read how many votes are not counted
///
/// Of a challenge: how many are set aside while it is looked at where they came from, how many were invalidated, and how many are
/// counted again. None of the first two is in any `supports`.
#[utoipa::path(tag = "Challenges", operation_id = "read_vote_checks", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The numbers", body = VoteChecks)))]
#[get("/councils/{council}/challenges/{challenge}/vote-checks")]
async fn read_vote_checks(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, staff, challenge) = (who.council.id, who.is_staff(), id_of(&path.1, "challenge")?);
    let read = app.db.read(move |tx| {
        find_challenge(tx, council, challenge, staff)?;
        let mut checks = VoteChecks::default();
        for sum in sums(tx, council, challenge)? {
            match sum.state.parse::<SignalState>().map_err(anyhow::Error::msg)? {
                SignalState::Quarantined | SignalState::Proposed => checks.quarantined += sum.votes,
                SignalState::Invalidated => checks.invalidated += sum.votes,
                SignalState::Released => checks.released += sum.votes,
                SignalState::Reversed => checks.reversed += sum.votes,
                SignalState::Open | SignalState::Dismissed => {}
            }
        }
        Ok(checks)
    });
    let reply = Reply::ok(&read.await?)?;
    Ok(if staff { reply } else { reply.public(60) })
}
