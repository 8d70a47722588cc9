//! Propose, choose, withdraw, undo, and read what was merged.

use std::sync::Arc;

use actix_web::web;
use serde_json::json;

use super::carrying::carry_back;
use super::entries::{MergeProposed, MergeReversed, MergeWithdrawn};
use super::jobs::{CarryOutMerge, TellAuthorOfMerge, TellOfMerge, hold};
use super::queries::{self, MergeRow, NewMerge};
use super::rules;
use super::views::{ChooseByLink, ChooseInMerge, EndMerge, MergeList, MergeView, OwnMergeChoice, ProposeMerge};
use crate::accountability::answers::queries::list_answers;
use crate::accountability::promises;
use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::queries::{find_shown, ideas_among, move_idea};
use crate::participation::ideas::rules::{Move, Reference, is_public};
use crate::participation::voting::queries::find_voter;
use crate::people::accounts::routes::limited;
use crate::people::accounts::tokens::redeem_token;
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, post, put};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Once, Reply};
use crate::platform::jobs::{enqueue, enqueue_at};
use crate::process::signals::queries::unsettled_among;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, IdeaState, LeftBecause, MergeChoice, MergeSourceState, MergeState, TokenKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(propose_merge)
        .service(list_merges)
        .service(read_merge)
        .service(withdraw_merge)
        .service(reverse_merge)
        .service(choose_in_merge)
        .service(read_own_merge_choice)
        .service(choose_by_link);
}

fn place(council: &Council, merge: Id) -> String {
    format!("/v1/councils/{}/merges/{merge}", council.slug)
}

/// Merges as everybody sees them, in three statements whatever their number.
///
/// # Errors
/// What the database answers.
pub fn views(tx: &mut Tx<'_>, council: &Council, rows: Vec<MergeRow>) -> Result<Vec<MergeView>> {
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let numbers = queries::numbers_of(tx, council.id, rows.iter().map(|row| row.target_id).collect())?;
    let mut sources = queries::sources_among(tx, council.id, &ids)?;
    let counts = queries::choices_among(tx, council.id, &ids)?;
    let view = |row: MergeRow| {
        let number = numbers.get(&row.target_id).copied().unwrap_or_default();
        let (of, counted) = (sources.remove(&row.id), counts.get(&row.id).copied());
        MergeView::of(row, number, of.unwrap_or_default(), counted.unwrap_or_default(), &council.idea_prefix)
    };
    Ok(rows.into_iter().map(view).collect())
}

fn read(tx: &mut Tx<'_>, council: &Council, merge: Id) -> Result<MergeView> {
    let row = queries::find_merge(tx, council.id, merge)?;
    views(tx, council, vec![row])?.pop().ok_or_else(|| Error::not_found("merge"))
}

/// Propose to merge ideas into another one
///
/// Up to twenty ideas of the same challenge that say what this one says. Their authors and supporters are told at once and choose
/// by themselves whether their support counts for this one; what it means to say nothing, the council has set beforehand
/// (`silence_in_merges`). An idea whose author wishes so stays by itself. When the time is over it is carried out: whoever supports
/// both counts once, each idea keeps its address and its text, takes no more support and is answered with this one, by the earliest
/// due date of them. The time ends before the challenge closes. Nobody merges an idea of their own: 403. What has an answer, or waits for one that is late, is not merged.
#[utoipa::path(tag = "Moderation", operation_id = "propose_merge", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or public number of the idea that the others are joined to")),
    request_body = ProposeMerge, responses((status = 201, description = "Proposed", body = MergeView)))]
#[post("/councils/{council}/ideas/{idea}/merges")]
async fn propose_merge(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<ProposeMerge>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (council, reference, by, actor) = (Arc::clone(&who.council), path.1.clone(), who.actor()?.id, who.by());
    let reason = reasoned(&wish.reason)?;
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let (target, ideas) = to_merge(tx, &council, &reference, &wish.ideas)?;
        not_of_their_own(tx, council.id, by, ideas.iter().copied().chain([target.id]))?;
        let due_at = rules::due(tx.now(), wish.days.unwrap_or(rules::DAYS));
        let challenge = find_challenge(tx, council.id, target.challenge_id, true)?;
        if !rules::is_open_until(&challenge, tx.now(), due_at) {
            let detail = "The challenge is not open until then: what counts is final when it closes. Give fewer days.";
            return Err(Code::WrongState.because(detail).with("closes_at", challenge.closes_at).into());
        }
        let new = NewMerge {
            challenge: target.challenge_id,
            target: target.id,
            sources: &ideas,
            reason: &reason,
            silence: council.silence_in_merges,
            by,
            due_at,
        };
        let merge = queries::insert_merge(tx, council.id, &new)?;
        let news =
            MergeProposed { merge, into: target.id, ideas: ideas.clone(), reason: reason.clone(), choose_by: due_at };
        record(tx, council.id, &news)?;
        let event = Event::new(AuditAction::MergeProposed, actor).to(merge);
        audit::record(tx, council.id, event.after(json!({ "into": target.id, "ideas": ideas })))?;
        enqueue(tx, council.id, &TellOfMerge { merge, after: None })?;
        enqueue_at(tx, council.id, &CarryOutMerge { merge }, due_at)?;
        Reply::created(place(&council, merge), &read(tx, &council, merge)?)
    })
    .await
}

/// Nobody of the staff decides about an idea that they have written as a resident.
fn not_of_their_own(tx: &mut Tx<'_>, council: Id, by: Id, ideas: impl Iterator<Item = Id>) -> Result<()> {
    if queries::wrote_one(tx, council, by, &ideas.collect::<Vec<_>>())? {
        let detail = "One of these ideas is your own: somebody else of the staff decides.";
        return Err(Code::Forbidden.because(detail).into());
    }
    Ok(())
}

fn reasoned(text: &str) -> Result<String> {
    let text = tidy(text);
    match text.chars().count() {
        0..10 => Err(Error::fault("/reason", "too_short", "At least 10 characters that can be seen.")),
        _ => Ok(text),
    }
}

/// The idea that others are to be joined to and these others, held to the end of the unit; or all that is wrong with them.
fn to_merge(tx: &mut Tx<'_>, council: &Council, into: &str, wished: &[String]) -> Result<(IdeaRow, Vec<Id>)> {
    let prefix = &council.idea_prefix;
    let into = find_shown(tx, council, into)?.idea;
    let named: Vec<Option<Reference>> = wished.iter().map(|text| Reference::read(prefix, text)).collect();
    let known: Vec<Reference> = named.iter().flatten().copied().collect();
    let found = ideas_among(tx, council.id, &Viewer::Staff, &known)?;
    tx.hold(Root::Challenge, council.id, into.challenge_id, Hold::Shared)?;
    let mut all: Vec<Id> = found.iter().map(|idea| idea.id).chain([into.id]).collect();
    // In one order, so that two who propose the same do not wait for each other.
    all.sort_unstable();
    all.dedup();
    for idea in &all {
        tx.hold(Root::Idea, council.id, *idea, Hold::Alone)?;
    }
    let target = find_shown(tx, council, &into.id.to_string())?.idea;
    let found = ideas_among(tx, council.id, &Viewer::Staff, &known)?;
    let taken = queries::taken_among(tx, council.id, &all)?;
    if taken.contains(&target.id) {
        let detail = "Only into a public idea, which is not to be merged itself.";
        return Err(Code::WrongState.because(detail).into());
    }
    rules::can_be_target(&target, tx.now())?;
    let unsettled = unsettled_among(tx, council.id, &all)?;
    rules::all_settled(if unsettled.contains(&target.id) { &unsettled } else { &[] })?;
    let (mut ideas, mut faults) = (Vec::with_capacity(named.len()), Vec::new());
    for (place, reference) in named.iter().enumerate() {
        let idea = found.iter().find(|idea| match reference {
            Some(Reference::Id(id)) => idea.id == *id,
            Some(Reference::Number(number)) => idea.number == *number,
            None => false,
        });
        let pointer = format!("/ideas/{place}");
        let Some(idea) = idea else {
            faults.push(Fault::at(pointer, "not_in_list", "There is no such idea."));
            continue;
        };
        let answered = !list_answers(tx, council.id, idea.id, None, 1)?.is_empty();
        let obstacle = rules::obstacle(idea, false, tx.now()).or(answered.then_some(LeftBecause::Answered));
        let obstacle = obstacle
            .map(rules::in_words)
            .or(unsettled.contains(&idea.id).then_some(rules::UNSETTLED))
            .map(|detail| ("wrong_state", detail));
        let taken = taken.contains(&idea.id).then_some(("already_exists", "It is to be merged, or is, already."));
        match rules::misfit(idea, &target, &ideas).or(taken).or(obstacle) {
            Some((code, detail)) => faults.push(Fault::at(pointer, code, detail)),
            None => ideas.push(idea.id),
        }
    }
    if faults.is_empty() { Ok((target, ideas)) } else { Err(Error::invalid(faults)) }
}

/// List the merges of an idea
///
/// Of one that others were to be joined to, or that was to be joined to another: what was proposed, why, what came of it, and
/// whether it was undone. Never who chose what.
#[utoipa::path(tag = "Ideas", operation_id = "list_merges", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or public number of the idea")),
    responses((status = 200, description = "Its merges", body = MergeList)))]
#[get("/councils/{council}/ideas/{idea}/merges")]
async fn list_merges(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, reference) = (Arc::clone(&who.council), path.1.clone());
    let listed = app.db.read(move |tx| {
        let idea = find_shown(tx, &council, &reference)?.idea;
        let rows = queries::merges_of(tx, council.id, idea.id)?;
        // What was never part of one may never have been public.
        if rows.is_empty() && !is_public(idea.state) {
            return Err(Error::not_found("idea"));
        }
        Ok(MergeList { items: views(tx, &council, rows)? })
    });
    Ok(Reply::ok(&listed.await?)?.public(60))
}

/// Read a merge
///
/// What was proposed, why, what came of it, and whether it was undone. Never who chose what.
#[utoipa::path(tag = "Ideas", operation_id = "read_merge", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("merge" = Id, Path, description = "Id of the merge")),
    responses((status = 200, description = "The merge", body = MergeView)))]
#[get("/councils/{council}/merges/{merge}")]
async fn read_merge(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, merge) = (Arc::clone(&who.council), id_of(&path.1, "merge")?);
    let shown = app.db.read(move |tx| read(tx, &council, merge));
    Ok(Reply::ok(&shown.await?)?.public(60))
}

/// Withdraw a proposal to merge ideas
///
/// Before it is carried out, with a public reason. Nothing is merged, and no support has moved.
#[utoipa::path(tag = "Moderation", operation_id = "withdraw_merge", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("merge" = Id, Path, description = "Id of the merge")),
    request_body = EndMerge, responses((status = 200, description = "Withdrawn", body = MergeView)))]
#[post("/councils/{council}/merges/{merge}/withdrawal")]
async fn withdraw_merge(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    body: Json<EndMerge>,
) -> Result<Reply> {
    let (council, by, actor) = (Arc::clone(&who.council), who.actor()?.id, who.by());
    let (merge, reason) = (id_of(&path.1, "merge")?, reasoned(&body.value.reason)?);
    who.write(&app, Limited::Write, move |tx| {
        let row = queries::find_merge(tx, council.id, merge)?;
        let (target, sources) = hold(tx, &council, &row)?;
        let row = queries::find_merge(tx, council.id, merge)?;
        not_of_their_own(tx, council.id, by, sources.iter().map(|(_, idea)| idea.id).chain([target.id]))?;
        rules::may_withdraw(row.state)?;
        let now = tx.now();
        queries::end_waiting(tx, council.id, merge, (MergeState::Withdrawn, now), Some((by, &reason)))?;
        for (_, idea) in &sources {
            queries::set_left(tx, council.id, merge, idea.id, LeftBecause::Withdrawn)?;
            enqueue(tx, council.id, &TellAuthorOfMerge { merge, idea: idea.id, state: MergeState::Withdrawn })?;
        }
        let ideas = sources.iter().map(|(_, idea)| idea.id).collect();
        record(tx, council.id, &MergeWithdrawn { merge, into: target.id, ideas, reason: reason.clone() })?;
        audit::record(tx, council.id, Event::new(AuditAction::MergeWithdrawn, actor).to(merge))?;
        Reply::ok(&read(tx, &council, merge)?)
    })
    .await
}

/// Undo a merge
///
/// With a public reason, whenever it was. Each idea stands by itself again with the support that it had, to the row; only what was
/// taken back since stays taken back. Where the idea that the others were joined to was itself merged since, that is undone first.
#[utoipa::path(tag = "Moderation", operation_id = "reverse_merge", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("merge" = Id, Path, description = "Id of the merge")),
    request_body = EndMerge, responses((status = 200, description = "Undone", body = MergeView)))]
#[post("/councils/{council}/merges/{merge}/reversal")]
async fn reverse_merge(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    body: Json<EndMerge>,
) -> Result<Reply> {
    let (council, by, actor) = (Arc::clone(&who.council), who.actor()?.id, who.by());
    let (merge, reason) = (id_of(&path.1, "merge")?, reasoned(&body.value.reason)?);
    who.write(&app, Limited::Write, move |tx| {
        let row = queries::find_merge(tx, council.id, merge)?;
        let (target, sources) = hold(tx, &council, &row)?;
        let row = queries::find_merge(tx, council.id, merge)?;
        not_of_their_own(tx, council.id, by, sources.iter().map(|(_, idea)| idea.id).chain([target.id]))?;
        // One that was hidden after it had been merged is restored as merged.
        let gone = queries::merged_into(tx, council.id, target.id)?.is_some();
        let later = queries::later_into(tx, council.id, target.id, row.ended_at)?;
        rules::may_reverse(row.state, if gone { IdeaState::Merged } else { target.state }, later)?;
        let merged = sources.iter().filter(|(source, _)| source.state == MergeSourceState::Merged);
        let all: Vec<Id> = merged.map(|(_, idea)| idea.id).chain([target.id]).collect();
        rules::all_settled(&unsettled_among(tx, council.id, &all)?)?;
        let ideas = queries::set_reversed(tx, council.id, merge, by, &reason)?;
        carry_back(tx, council.id, merge, &ideas, target.id)?;
        for (_, idea) in sources.iter().filter(|(_, idea)| ideas.contains(&idea.id)) {
            // What was hidden or erased meanwhile stays so.
            if idea.state == IdeaState::Merged {
                move_idea(tx, &council, idea, Move::Part, None)?;
                promises::jobs::schedule_late(tx, council.id, idea)?;
            }
            enqueue(tx, council.id, &TellAuthorOfMerge { merge, idea: idea.id, state: MergeState::Reversed })?;
        }
        let event = Event::new(AuditAction::MergeReversed, actor).to(merge);
        audit::record(tx, council.id, event.after(json!({ "ideas": ideas })))?;
        record(tx, council.id, &MergeReversed { merge, into: target.id, ideas, reason: reason.clone() })?;
        Reply::ok(&read(tx, &council, merge)?)
    })
    .await
}

/// Writes what somebody chooses, while they can.
fn choose(tx: &mut Tx<'_>, council: Id, merge: Id, account: Id, choice: MergeChoice) -> Result<OwnMergeChoice> {
    let target = queries::find_merge(tx, council, merge)?.target_id;
    tx.hold(Root::Idea, council, target, Hold::Shared)?;
    let row = queries::find_merge(tx, council, merge)?;
    concerned(tx, council, merge, account)?;
    rules::may_choose(row.state, row.due_at, tx.now())?;
    let voter = find_voter(tx, council, row.challenge_id, account)?;
    queries::set_choice(tx, council, (merge, account), voter, choice)?;
    let now = queries::find_choice(tx, council, merge, account)?;
    Ok(OwnMergeChoice::of(&row, now))
}

/// That somebody was asked, or has written or supports one of the ideas.
fn concerned(tx: &mut Tx<'_>, council: Id, merge: Id, account: Id) -> Result<()> {
    let asked = queries::find_choice(tx, council, merge, account)?.is_some();
    match asked || queries::is_concerned(tx, council, merge, account)? {
        true => Ok(()),
        false => Err(Error::not_found("merge that concerns you")),
    }
}

/// Choose where your support counts
///
/// Of an idea that is to be merged, if you support it or have written it; as often as you like while the time runs. `carry` counts
/// your support for the other idea, once if you support both. `leave` keeps it where you gave it, and an idea that you have
/// written by itself. Nobody is told who chose what.
#[utoipa::path(tag = "Ideas", operation_id = "choose_in_merge", security(("bearer" = ["idea.support"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("merge" = Id, Path, description = "Id of the merge")),
    request_body = ChooseInMerge, responses((status = 200, description = "Chosen", body = OwnMergeChoice)))]
#[put("/councils/{council}/merges/{merge}/choice")]
async fn choose_in_merge(
    app: App,
    who: Allowed<acts::SupportIdea>,
    path: web::Path<(String, String)>,
    body: Json<ChooseInMerge>,
) -> Result<Reply> {
    let (council, account, choice) = (who.council.id, who.actor()?.id, body.value.choice);
    let merge = id_of(&path.1, "merge")?;
    who.write(&app, Limited::Write, move |tx| Reply::ok(&choose(tx, council, merge, account, choice)?)).await
}

/// Read what you chose
///
/// 404 where the merge does not concern you.
#[utoipa::path(tag = "Ideas", operation_id = "read_own_merge_choice", security(("bearer" = ["idea.support"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("merge" = Id, Path, description = "Id of the merge")),
    responses((status = 200, description = "Your choice", body = OwnMergeChoice)))]
#[get("/councils/{council}/merges/{merge}/choice")]
async fn read_own_merge_choice(
    app: App,
    who: Allowed<acts::SupportIdea>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, account, merge) = (who.council.id, who.actor()?.id, id_of(&path.1, "merge")?);
    let own = app.db.read(move |tx| {
        let row = queries::find_merge(tx, council, merge)?;
        concerned(tx, council, merge, account)?;
        let choice = queries::find_choice(tx, council, merge, account)?;
        Ok(OwnMergeChoice::of(&row, choice))
    });
    Reply::ok(&own.await?)
}

/// Choose where your support counts by a mailed link
///
/// Without signing in: the mail about the merge has the link, which is good once, while the time to choose runs. Whoever thinks
/// again signs in.
#[utoipa::path(tag = "Ideas", operation_id = "choose_by_link", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = ChooseByLink,
    responses((status = 204, description = "Chosen")))]
#[post("/councils/{council}/merge-choices")]
async fn choose_by_link(app: App, who: Allowed<acts::ReadPublic>, body: Json<ChooseByLink>) -> Result<Reply> {
    let (wish, council) = (body.value, who.council.id);
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let chosen = app.db.write(move |tx| {
        let gone = || Error::from(Code::LinkInvalid.problem());
        let (asked, _) = redeem_token(tx, council, TokenKind::Merge, &wish.token)?;
        let (merge, account, _) = queries::asked_by(tx, council, asked)?.ok_or_else(gone)?;
        choose(tx, council, merge, account.ok_or_else(gone)?, wish.choice)?;
        Ok(Reply::nothing())
    });
    Ok(chosen.await?.limited(standings))
}
