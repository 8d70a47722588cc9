//! Answer an idea; read its answers.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::{AnswerDraft, AnswerRow, IdeaAnswered};
use super::views::{AnswerIdea, AnswerView};
use super::{jobs, queries, rules};
use crate::accountability::follow_ups::queries::set_answered;
use crate::accountability::open_door;
use crate::accountability::quiet::held::acting::do_or_hold;
use crate::accountability::quiet::held::model::{Act, Speaker};
use crate::accountability::quiet::held::views::HeldActView;
use crate::app::App;
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::queries::{find_idea, hold_idea, set_answer};
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::people::offices::queries::office_to_speak_for;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Id, Tx};
use crate::platform::entries;
use crate::platform::error::Result;
use crate::platform::html::prepare;
use crate::platform::http::doors::{Doors, get, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{IfMatch, Json, Once, Page, Paging, Query, Reply};
use crate::platform::jobs::enqueue;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, IdeaState};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(answer_idea).service(super::bulk::answer_ideas).service(list_answers);
}

/// Answer an idea
///
/// Gives the council's official answer to a published idea, with its reason. A further answer is a further
/// revision: nothing is edited silently. The idea takes the kind of the latest as its status, and its author and
/// supporters are told by mail. It answers the text that was read: `If-Match` is refused where the author has revised
/// the idea since. In a quiet period it is checked and held, and given when that is over.
#[utoipa::path(tag = "Answering", operation_id = "answer_idea", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042"),
        ("If-Match" = String, Header, description = "The ETag of the idea, or its `version` in quotation marks")),
    request_body = AnswerIdea, responses((status = 201, description = "Answered", body = AnswerView),
        (status = 202, description = "The council is quiet: held until that is over", body = HeldActView)))]
#[post("/councils/{council}/ideas/{idea}/answers")]
async fn answer_idea(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    version: IfMatch,
    once: Once,
    body: Json<AnswerIdea>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    // Rendered here, the answer is at hand inside the write.
    prepare(&rules::draft(&wish)?.reason);
    let (council, speaker) = (Arc::clone(&who.council), Speaker::of(&who)?);
    let act = Act::Answer { idea: path.into_inner().1, if_match: version, read: None, body: wish };
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| do_or_hold(tx, &council, speaker, &act)).await
}

/// Answers an idea.
///
/// # Errors
/// 404 and 412 as it is addressed, 422 and 403 where nobody may speak so, 409 where it is not public.
pub fn answer(
    tx: &mut Tx<'_>,
    council: &Council,
    who: Speaker,
    (idea, version): (&str, &IfMatch),
    wish: &AnswerIdea,
) -> Result<Reply> {
    let draft = rules::draft(wish)?;
    let idea = hold_idea(tx, council, idea, &Viewer::Staff, Hold::Alone)?;
    version.require(idea.version)?;
    let office = office_to_speak_for(tx, council.id, &draft.office, who.account)?;
    let answer = give_in_office(tx, council.id, &idea, who, &AnswerDraft { office: office.name, ..draft })?;
    let location = format!("/v1/councils/{}/ideas/{}/answers", council.slug, answer.idea_id);
    Reply::created(location, &AnswerView::from(answer))
}

/// Gives an answer, and writes down who gave it.
pub(super) fn give_in_office(
    tx: &mut Tx<'_>,
    council: Id,
    idea: &IdeaRow,
    who: Speaker,
    draft: &AnswerDraft,
) -> Result<AnswerRow> {
    let answer = give(tx, council, idea, who.account, draft)?;
    let event = Event::new(AuditAction::AnswerGiven, who.by).to(idea.id).before(json!({ "status": idea.status }));
    let what = json!({ "status": draft.kind, "answer": answer.id, "revision": answer.revision });
    audit::record(tx, council, event.after(what))?;
    Ok(answer)
}

/// Gives an answer to an idea that the unit holds; the caller has seen that the council is not quiet.
///
/// # Errors
/// 409 where it is not public.
pub fn give(tx: &mut Tx<'_>, council: Id, idea: &IdeaRow, officer: Id, draft: &AnswerDraft) -> Result<AnswerRow> {
    rules::can_be_answered(idea.state)?;
    let id = Id::at(tx.now());
    set_answer(tx, council, idea.id, draft.kind.status(), id)?;
    let answer = queries::insert_answer(tx, council, id, idea, officer, draft)?;
    if let Some(settled) = open_door::rules::settled_by(draft.kind) {
        open_door::queries::settle(tx, council, idea.id, settled, id)?;
    }
    if idea.followed_up_at.is_some() {
        set_answered(tx, council, idea.id)?;
    }
    let happened = IdeaAnswered {
        idea: idea.id,
        challenge: idea.challenge_id,
        answer: id,
        revision: answer.revision,
        kind: draft.kind,
    };
    entries::record(tx, council, &happened)?;
    enqueue(tx, council, &jobs::TellOfAnswer { answer: id, after: None })?;
    Ok(answer)
}

/// List the answers to an idea
///
/// All revisions, the one that holds first. The names of the officers are not shown.
#[utoipa::path(tag = "Feedback", operation_id = "list_answers", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042"), ListQuery),
    responses((status = 200, description = "The revisions, newest first", body = Page<AnswerView>)))]
#[get("/councils/{council}/ideas/{idea}/answers")]
async fn list_answers(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, viewer, staff) = (Arc::clone(&who.council), who.viewer(), who.is_staff());
    let (secrets, (_, reference)) = (app.config.secrets.clone(), path.into_inner());
    let page = app.db.read(move |tx| {
        let idea = find_idea(tx, &council, &reference, &viewer)?;
        // Its author sees the idea, but no more of what was said of it than everybody did.
        if idea.state != IdeaState::Published && !staff {
            return Ok(Page { items: Vec::new(), next_cursor: None });
        }
        let list = format!("answers:{}", idea.id);
        let rows = queries::list_answers(tx, council.id, idea.id, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &AnswerRow| row.revision, AnswerView::from)
    });
    let reply = page.await?.reply(&request)?;
    Ok(if staff { reply } else { reply.public(60) })
}
