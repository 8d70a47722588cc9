//! What waits for me?

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use jiff::tz::TimeZone;

use super::rules::{COUNTED, line, pile};
use super::views::{Held, WaitingIdea, WorkView};
use crate::accountability::assignments::model::Waiting;
use crate::accountability::assignments::queries::{answers_due, list_waiting};
use crate::accountability::quiet::held::queries::count_held;
use crate::accountability::quiet::queries::quiet_now;
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::error::{Error, Result};
use crate::platform::http::doors::{Doors, get};
use crate::platform::http::page::ListQuery;
use crate::platform::http::{Page, Paging, Query, Reply};
use crate::process::moderation::queries as moderation;
use crate::process::sanctions::queries as sanctions;
use crate::vocabulary::permissions::{Action, acts};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_work).service(list_answers_due);
}

/// Read what waits for you
///
/// In a line and in counts: the cases and appeals that you may decide, the ideas that your offices have to answer or that no
/// office has yet, and what is held while the council is quiet. What is yours depends on your role.
#[utoipa::path(tag = "Staff", operation_id = "read_work", security(("bearer" = ["work.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "Your work", body = WorkView)))]
#[get("/councils/{council}/me/work")]
async fn read_work(app: App, who: Allowed<acts::ReadWork>, _path: web::Path<String>) -> Result<Reply> {
    let (council, actor) = (Arc::clone(&who.council), who.actor()?.clone());
    let zone = TimeZone::get(&council.time_zone).map_err(|error| Error::Internal(error.into()))?;
    let (moderates, answers) = (actor.may(Action::Moderate).is_ok(), actor.may(Action::Answer).is_ok());
    let read = app.db.read(move |tx| {
        let (id, now) = (council.id, tx.now());
        let mut view =
            WorkView { line: String::new(), now, cases: None, appeals: None, answers: None, held: None, claimed: 0 };
        if moderates {
            view.cases = Some(pile(&moderation::cases_due(tx, id, actor.id, COUNTED)?, now, &zone));
            let mut appeals = moderation::appeals_due(tx, id, actor.id, COUNTED)?;
            appeals.extend(sanctions::appeals_due(tx, id, actor.id, COUNTED)?);
            appeals.sort_unstable();
            view.appeals = Some(pile(&appeals, now, &zone));
            view.claimed = moderation::claimed_by(tx, id, actor.id, COUNTED)?;
        }
        if answers {
            view.answers = Some(pile(&answers_due(tx, id, actor.id, COUNTED)?, now, &zone));
            let waiting = count_held(tx, id, COUNTED)?;
            view.held = Some(Held { waiting, until: quiet_now(tx, id)?.map(|quiet| quiet.until_day) });
        }
        view.line = line(&view, now, &zone);
        Ok(view)
    });
    Reply::ok(&read.await?)
}

/// List the ideas that wait for your answer
///
/// Those that your offices are to answer and those that no office has yet, the one due first first: what `answers` of your work
/// counts.
#[utoipa::path(tag = "Staff", operation_id = "list_answers_due", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ListQuery),
    responses((status = 200, description = "The ideas, by due date", body = Page<WaitingIdea>)))]
#[get("/councils/{council}/me/work/answers")]
async fn list_answers_due(
    app: App,
    who: Allowed<acts::Answer>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, secrets, officer) = (Arc::clone(&who.council), app.config.secrets.clone(), who.actor()?.id);
    let page = app.db.read(move |tx| {
        let list = format!("answers-due:{}:{officer}", council.id);
        let rows = list_waiting(tx, council.id, officer, paging.after(&secrets, &list)?, paging.load())?;
        let now = tx.now();
        let key = |one: &Waiting| (one.answer_due_at, one.idea_id);
        paging.page(&secrets, &list, rows, key, |one| WaitingIdea::of(one, &council.idea_prefix, now))
    });
    page.await?.reply(&request)
}
