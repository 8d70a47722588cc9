//! Answer many ideas with one text. Each has its own answer, and each is told of by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use actix_web::web;

use super::model::AnswerDraft;
use super::routes::give_in_office;
use super::views::{AnswerIdea, AnswerIdeas, AnsweredIdeas, IdeaToAnswer, OneAnswered, WhatBecame};
use super::{queries, rules};
use crate::accountability::quiet::held::acting::{hold, quiet_to_the_end};
use crate::accountability::quiet::held::model::{Act, Speaker};
use crate::accountability::quiet::model::QuietRow;
use crate::app::App;
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::queries::{find_idea, hold_idea};
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::people::offices::queries::office_to_speak_for;
use crate::platform::db::{Hold, Id, Tx};
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::prepare;
use crate::platform::http::doors::post;
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Once, Reply};
use crate::vocabulary::permissions::acts;

/// Answer many ideas
///
/// Gives up to 200 ideas an answer with one text. Each idea has an answer of its own, with its own revisions, and is told of as any
/// other; one that cannot be answered keeps no other from it, and `items` says of each what became of it. Each is
/// answered as it was read: send its `version`. An idea that has this very answer to the text it has now is left as it is, so
/// that the same may be sent again. In a quiet period each answer is held by itself (`held_act`), so that one which cannot be
/// given any more when that is over keeps no other from it.
#[utoipa::path(tag = "Answering", operation_id = "answer_ideas", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    request_body = AnswerIdeas,
    responses((status = 200, description = "What became of each", body = AnsweredIdeas),
        (status = 202, description = "The council is quiet: what could be is held until that is over", body = AnsweredIdeas)))]
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
    let (council, viewer, speaker) = (Arc::clone(&who.council), who.viewer(), Speaker::of(&who)?);
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let quiet = quiet_to_the_end(tx, council.id)?;
        let office = office_to_speak_for(tx, council.id, &draft.office, speaker.account)?;
        let draft = AnswerDraft { office: office.name, ..draft.clone() };
        let found = find_all(tx, &council, &viewer, &wish.ideas)?;
        // In one order, so that two who answer the same ideas do not wait for each other.
        let mut became = BTreeMap::new();
        let mut in_order: Vec<_> =
            found.iter().enumerate().filter_map(|(n, one)| Some((one.as_ref()?.id, n))).collect();
        in_order.sort_unstable();
        for (id, n) in in_order {
            let version = wish.ideas.get(n).map_or(0, |one| one.version);
            let one = answer(tx, &council, &viewer, (id, version), speaker, (&draft, quiet.as_ref()));
            became.insert(n, refused_or(one)?);
        }
        let item = |(n, one): (usize, &IdeaToAnswer)| {
            let what = became.remove(&n).unwrap_or_else(|| WhatBecame::refused(&Code::NotFound.problem()));
            let idea = found.get(n).and_then(Option::as_ref);
            let number = idea.map(|idea| public_number(&council.idea_prefix, idea.number));
            OneAnswered { idea: number.unwrap_or_else(|| one.idea.clone()), became: what }
        };
        let answered = AnsweredIdeas { items: wish.ideas.iter().enumerate().map(item).collect() };
        if quiet.is_some() { Reply::accepted(&answered) } else { Reply::ok(&answered) }
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
    who: Speaker,
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
        let AnswerDraft { kind, office, reason } = draft.clone();
        let (if_match, body) = (IfMatch::Versions(vec![version]), AnswerIdea { kind, office, reason });
        let act = Act::Answer { idea: id.to_string(), if_match, read: None, body };
        return Ok(WhatBecame::held(hold(tx, council, who, &act, quiet)?));
    }
    Ok(WhatBecame::answered(give_in_office(tx, council.id, &idea, who, draft)?))
}

fn refused_or(one: Result<WhatBecame>) -> Result<WhatBecame> {
    match one {
        Err(Error::Problem(problem)) => Ok(WhatBecame::refused(&problem)),
        other => other,
    }
}
