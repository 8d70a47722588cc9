//! What waits for me?

use std::sync::Arc;

use actix_web::web;
use jiff::tz::TimeZone;

use super::rules::{COUNTED, line, pile};
use super::views::WorkView;
use crate::accountability::assignments::queries::answers_due;
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::error::{Error, Result};
use crate::platform::http::Reply;
use crate::platform::http::doors::{Doors, get};
use crate::process::moderation::queries as moderation;
use crate::vocabulary::permissions::{Action, acts};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_work);
}

/// Read what waits for you
///
/// In a line and in counts: the cases and appeals that you may decide, and the ideas that your offices have to answer or that no
/// office has yet. What is yours depends on your role.
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
        let mut view = WorkView { line: String::new(), now, cases: None, appeals: None, answers: None, claimed: 0 };
        if moderates {
            view.cases = Some(pile(&moderation::cases_due(tx, id, actor.id, COUNTED)?, now, &zone));
            view.appeals = Some(pile(&moderation::appeals_due(tx, id, actor.id, COUNTED)?, now, &zone));
            view.claimed = moderation::claimed_by(tx, id, actor.id, COUNTED)?;
        }
        if answers {
            view.answers = Some(pile(&answers_due(tx, id, actor.id, COUNTED)?, now, &zone));
        }
        view.line = line(&view, now, &zone);
        Ok(view)
    });
    Reply::ok(&read.await?)
}
