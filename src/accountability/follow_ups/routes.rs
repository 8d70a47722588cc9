//! Ask back, and read what was asked.

use std::sync::Arc;

use actix_web::web;

use super::model::IdeaFollowedUp;
use super::views::{AskBack, FollowUpView};
use super::{queries, rules};
use crate::accountability::answers::queries::list_answers;
use crate::accountability::promises;
use crate::app::App;
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::queries::{find_idea, hold_idea, wait_again};
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::platform::db::{Hold, Tx};
use crate::platform::entries;
use crate::platform::error::{Error, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Once, Reply};
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(follow_up).service(read_follow_up);
}

// Somebody else's idea is, to be asked back about, not there.
fn own(idea: &IdeaRow, viewer: &Viewer) -> Result<()> {
    match viewer {
        Viewer::Account(own) if idea.author_id == Some(*own) => Ok(()),
        _ => Err(Error::not_found("idea of yours")),
    }
}

/// Ask back
///
/// One question, once, by the author of an idea that was answered. The idea waits again, and the council owes another
/// revision of its answer within ten working days. That you asked is public (`followed_up_at` of the idea); what you asked
/// is read by you and the council's staff. `If-Match` is the idea's: an answer that was revised meanwhile is read first.
#[utoipa::path(tag = "Feedback", operation_id = "follow_up", security(("bearer" = ["answer.reply"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042"),
        ("If-Match" = String, Header, description = "The ETag of the idea, or its `version` in quotation marks")),
    request_body = AskBack, responses((status = 201, description = "Asked", body = FollowUpView)))]
#[post("/councils/{council}/ideas/{idea}/follow-up")]
async fn follow_up(
    app: App,
    who: Allowed<acts::ReplyToAnswer>,
    path: web::Path<(String, String)>,
    version: IfMatch,
    once: Once,
    body: Json<AskBack>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let question = tidy(&wish.question);
    let (council, viewer, (_, reference)) = (Arc::clone(&who.council), who.viewer(), path.into_inner());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let idea = hold_idea(tx, &council, &reference, &viewer, Hold::Alone)?;
        own(&idea, &viewer)?;
        rules::may_follow_up(&idea)?;
        version.require(idea.version)?;
        let view = ask(tx, &council, &idea, &question)?;
        Reply::created(format!("/v1/councils/{}/ideas/{}/follow-up", council.slug, idea.id), &view)
    })
    .await
}

fn ask(tx: &mut Tx<'_>, council: &Council, idea: &IdeaRow, question: &str) -> Result<FollowUpView> {
    let answer = list_answers(tx, council.id, idea.id, None, 1)?.into_iter().next();
    let answer = answer.ok_or_else(|| Error::not_found("answer"))?.id;
    let clock = promises::queries::find_clock(tx, council, idea.challenge_id)?;
    let due = clock.within(tx.now(), rules::ANSWERED_WITHIN_DAYS)?;
    let row = queries::insert_follow_up(tx, council.id, idea, answer, question, due)?;
    wait_again(tx, council.id, idea.id, due.at)?;
    let happened = IdeaFollowedUp { idea: idea.id, challenge: idea.challenge_id, answer, answer_due_at: due.at };
    entries::record(tx, council.id, &happened)?;
    promises::jobs::schedule(tx, council.id, idea.challenge_id, due.at)?;
    Ok(row.into())
}

/// Read what was asked back
///
/// For the author and the council's staff.
#[utoipa::path(tag = "Feedback", operation_id = "read_follow_up", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042")),
    responses((status = 200, description = "What was asked", body = FollowUpView)))]
#[get("/councils/{council}/ideas/{idea}/follow-up")]
async fn read_follow_up(app: App, who: Allowed<acts::UseAccount>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, viewer, (_, reference)) = (Arc::clone(&who.council), who.viewer(), path.into_inner());
    let read = app.db.read(move |tx| {
        let idea = find_idea(tx, &council, &reference, &viewer)?;
        if viewer != Viewer::Staff {
            own(&idea, &viewer)?;
        }
        queries::find_follow_up(tx, council.id, idea.id)
    });
    Reply::ok(&FollowUpView::from(read.await?))
}
