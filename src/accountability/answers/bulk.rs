//! Answer many ideas with one text. Each has its own answer, and each is told of by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use actix_web::web;
use serde_json::json;

use super::model::AnswerDraft;
use super::routes::give;
use super::views::{AnswerIdeas, AnsweredIdeas, IdeaToAnswer, OneAnswered, WhatBecame};
use super::{queries, rules};
use crate::accountability::quiet::model::QuietRow;
use crate::accountability::quiet::queries::quiet_now;
use crate::accountability::quiet::rules::refusal;
use crate::app::App;
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::queries::{find_idea, hold_idea};
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::people::offices::queries::office_to_speak_for;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Tx};
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::prepare;
use crate::platform::http::doors::post;
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Once, Reply};
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// Answer many ideas
///
/// Gives up to 200 ideas an answer with one text. Each idea has an answer of its own, with its own revisions, and is told of as any
/// other; one that cannot be answered keeps no other from it, and `items` says of each what became of it. Each is
/// answered as it was read: send its `version`. An idea that has this very answer to the text it has now is left as it is, so
/// that the same may be sent again.
#[utoipa::path(tag = "Answering", operation_id = "answer_ideas", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    request_body = AnswerIdeas,
    responses((status = 200, description = "What became of each", body = AnsweredIdeas)))]
#[post("/councils/{council}/bulk-answers")]
pub(super) async fn answer_ideas(
    app: App,
    who: Allowed<acts::Answer>,
    _path: web::Path<String>,
    once: Once,
    body: Json<AnswerIdeas>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let draft = rules::shared_draft(&wish)?;
    prepare(&draft.reason);
    let (council, viewer, officer) = (Arc::clone(&who.council), who.viewer(), who.actor()?.id);
    let by = who.by();
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let office = office_to_speak_for(tx, council.id, &draft.office, officer)?;
        let draft = AnswerDraft { office: office.name, ..draft.clone() };
        let quiet = quiet_now(tx, council.id)?;
        let found = find_all(tx, &council, &viewer, &wish.ideas)?;
        // In one order, so that two who answer the same ideas do not wait for each other.
        let mut became = BTreeMap::new();
        let mut in_order: Vec<_> =
            found.iter().enumerate().filter_map(|(n, one)| Some((one.as_ref()?.id, n))).collect();
        in_order.sort_unstable();
        for (id, n) in in_order {
            let version = wish.ideas.get(n).map_or(0, |one| one.version);
            let one = answer(tx, &council, &viewer, (id, version), (officer, by), (&draft, quiet.as_ref()));
            became.insert(n, refused_or(one)?);
        }
        let item = |(n, one): (usize, &IdeaToAnswer)| {
            let what = became.remove(&n).unwrap_or_else(|| WhatBecame::refused(&Code::NotFound.problem()));
            let idea = found.get(n).and_then(Option::as_ref);
            let number = idea.map(|idea| public_number(&council.idea_prefix, idea.number));
            OneAnswered { idea: number.unwrap_or_else(|| one.idea.clone()), became: what }
        };
        Reply::ok(&AnsweredIdeas { items: wish.ideas.iter().enumerate().map(item).collect() })
    })
    .await
}

// What is named twice is a fault of the whole: nobody could say which of the two was meant.
fn find_all(
    tx: &mut Tx<'_>,
    council: &Council,
    viewer: &Viewer,
    wish: &[IdeaToAnswer],
) -> Result<Vec<Option<IdeaRow>>> {
    let (mut found, mut seen, mut faults) = (Vec::with_capacity(wish.len()), BTreeSet::new(), Vec::new());
    for (n, one) in wish.iter().enumerate() {
        let idea = match find_idea(tx, council, &one.idea, viewer) {
            Err(error) if error.code() == Code::NotFound => None,
            idea => Some(idea?),
        };
        if idea.as_ref().is_some_and(|idea| !seen.insert(idea.id)) {
            faults.push(Fault::at(format!("/ideas/{n}/idea"), "repeated", "Name each idea once."));
        }
        found.push(idea);
    }
    if faults.is_empty() { Ok(found) } else { Err(Error::invalid(faults)) }
}

/// Answers one of them. It refuses before it writes anything, so that a refusal leaves nothing behind.
fn answer(
    tx: &mut Tx<'_>,
    council: &Council,
    viewer: &Viewer,
    (id, version): (Id, i64),
    (officer, by): (Id, By),
    (draft, quiet): (&AnswerDraft, Option<&QuietRow>),
) -> Result<WhatBecame> {
    let idea = hold_idea(tx, council, &id.to_string(), viewer, Hold::Alone)?;
    if let Some(last) = queries::list_answers(tx, council.id, id, None, 1)?.into_iter().next()
        && rules::says_the_same(&last, draft, &idea)
    {
        return Ok(WhatBecame::unchanged(last));
    }
    rules::can_be_answered(idea.state)?;
    if idea.version != version {
        return Err(Code::Changed.problem().into());
    }
    if let Some(quiet) = quiet {
        return Err(refusal(quiet).into());
    }
    let answer = give(tx, council.id, &idea, officer, draft)?;
    let event = Event::new(AuditAction::AnswerGiven, by).to(id).before(json!({ "status": idea.status }));
    let what = json!({ "status": draft.kind, "answer": answer.id, "revision": answer.revision });
    audit::record(tx, council.id, event.after(what))?;
    Ok(WhatBecame::answered(answer))
}

fn refused_or(one: Result<WhatBecame>) -> Result<WhatBecame> {
    match one {
        Err(Error::Problem(problem)) => Ok(WhatBecame::refused(&problem)),
        other => other,
    }
}
