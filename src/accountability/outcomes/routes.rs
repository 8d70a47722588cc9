//! Publish and read an outcome.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::web;
use serde_json::json;

use super::model::{NewLink, OutcomeDraft, OutcomePublished};
use super::views::{OutcomeView, PublishOutcome};
use super::{jobs, queries, rules};
use crate::accountability::audience::Place;
use crate::accountability::id_of;
use crate::accountability::quiet::held::acting::do_or_hold;
use crate::accountability::quiet::held::model::{Act, Speaker};
use crate::accountability::quiet::held::views::HeldActView;
use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::participation::ideas::queries::find_idea;
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::entries;
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::prepare;
use crate::platform::http::doors::{Doors, get, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, MaybeIfMatch, Reply};
use crate::platform::jobs::enqueue;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, IdeaState};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(publish_outcome).service(read_outcome);
}

/// Publish an outcome
///
/// Says what came of a closed challenge: what was heard and what it changed, what came up beside the question, what became of its
/// ideas and what happens next. Those who took part are told by mail at the
/// first publication. A revision needs `If-Match` and is recorded as well. In a quiet period it is checked and held, and
/// published when that is over.
#[utoipa::path(tag = "Answering", operation_id = "publish_outcome", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge"),
        ("If-Match" = Option<String>, Header, description = "The ETag you last read, where there is an outcome")),
    request_body = PublishOutcome,
    responses((status = 200, description = "Revised", body = OutcomeView),
        (status = 201, description = "Published", body = OutcomeView),
        (status = 202, description = "The council is quiet: held until that is over", body = HeldActView)))]
#[put("/councils/{council}/challenges/{challenge}/outcome")]
async fn publish_outcome(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    if_match: MaybeIfMatch,
    body: Json<PublishOutcome>,
) -> Result<Reply> {
    // Rendered here, the summary is at hand inside the write.
    prepare(&rules::draft(&body.value)?.summary);
    let (council, speaker) = (Arc::clone(&who.council), Speaker::of(&who)?);
    let challenge = id_of(&path.1, "challenge")?;
    let act = Act::Outcome { challenge, if_match: if_match.0, body: body.value };
    who.write(&app, Limited::Write, move |tx| do_or_hold(tx, &council, speaker, &act)).await
}

/// Publishes an outcome in the name of the council.
///
/// # Errors
/// As [`publish`].
pub fn conclude(
    tx: &mut Tx<'_>,
    council: &Council,
    who: Speaker,
    (challenge, if_match): (Id, Option<&IfMatch>),
    wish: &PublishOutcome,
) -> Result<Reply> {
    let version = publish(tx, council, challenge, if_match, &rules::draft(wish)?, who.account)?;
    let event = Event::new(AuditAction::OutcomePublished, who.by).to(challenge);
    audit::record(tx, council.id, event.after(json!({ "version": version })))?;
    let view = view(tx, council, challenge)?.1;
    let location = format!("/v1/councils/{}/challenges/{challenge}/outcome", council.slug);
    let reply = if version == 1 { Reply::created(location, &view)? } else { Reply::ok(&view)? };
    Ok(reply.version(version))
}

/// Publishes an outcome, or revises it; gives its version. The caller has seen that the council is not quiet.
///
/// # Errors
/// 409 before the challenge has closed, 412 and 428 as `If-Match` says, 422 where an idea cannot be linked.
pub fn publish(
    tx: &mut Tx<'_>,
    council: &Council,
    challenge: Id,
    if_match: Option<&IfMatch>,
    draft: &OutcomeDraft,
    officer: Id,
) -> Result<i64> {
    tx.hold(Root::Challenge, council.id, challenge, Hold::Alone)?;
    let row = find_challenge(tx, council.id, challenge, true)?;
    let current = queries::find_outcome(tx, council.id, challenge)?.map(|outcome| outcome.version);
    rules::can_be_concluded(row.state(tx.now(), current.is_some()), row.closes_at)?;
    if let Some(current) = current {
        if_match.ok_or_else(|| Code::PreconditionNeeded.problem())?.require(current)?;
    }
    let version = queries::write_outcome(tx, (council.id, challenge), current, draft, officer)?;
    let links = links(tx, council, challenge, draft)?;
    queries::replace_links(tx, council.id, challenge, &links)?;
    entries::record(tx, council.id, &OutcomePublished { challenge, version })?;
    if version == 1 {
        enqueue(tx, council.id, &jobs::TellOfOutcome { challenge, from: Place::default() })?;
    }
    Ok(version)
}

// Looks the ideas up: each once, of this challenge, and one that everybody sees.
fn links(tx: &mut Tx<'_>, council: &Council, challenge: Id, draft: &OutcomeDraft) -> Result<Vec<NewLink>> {
    let (mut links, mut faults, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (position, (reference, became)) in (0_i32..).zip(&draft.ideas) {
        let pointer = format!("/ideas/{position}/idea");
        let idea = match find_idea(tx, council, reference, &Viewer::Visitor) {
            Err(error) if error.code() == Code::NotFound => None,
            found => Some(found?),
        };
        match idea.filter(|idea| idea.state == IdeaState::Published && idea.challenge_id == challenge) {
            None => faults.push(Fault::at(pointer, "unknown", "No published idea of this challenge.")),
            Some(idea) if !seen.insert(idea.id) => faults.push(Fault::at(pointer, "repeated", "Name each idea once.")),
            Some(idea) => links.push(NewLink {
                council_id: council.id,
                challenge_id: challenge,
                idea_id: idea.id,
                what_became_of_it: became.clone(),
                position,
            }),
        }
    }
    if faults.is_empty() { Ok(links) } else { Err(Error::invalid(faults)) }
}

/// An outcome with its version.
///
/// # Errors
/// 404 where none is published.
pub fn view(tx: &mut Tx<'_>, council: &Council, challenge: Id) -> Result<(i64, OutcomeView)> {
    let row = queries::find_outcome(tx, council.id, challenge)?.ok_or_else(|| Error::not_found("outcome"))?;
    let links = queries::links(tx, council.id, challenge)?;
    Ok((row.version, OutcomeView::new(row, links, &council.idea_prefix)))
}

/// Read an outcome
///
/// What came of a challenge. Ideas that are out of sight by now are left out.
#[utoipa::path(tag = "Feedback", operation_id = "read_outcome", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The outcome", body = OutcomeView)))]
#[get("/councils/{council}/challenges/{challenge}/outcome")]
async fn read_outcome(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let council = Arc::clone(&who.council);
    let challenge = id_of(&path.1, "outcome")?;
    let (version, view) = app.db.read(move |tx| view(tx, &council, challenge)).await?;
    Ok(Reply::ok(&view)?.version(version).public(60))
}
