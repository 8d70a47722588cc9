//! What was done before the public was asked, for everybody to read.

use actix_web::web;

use super::views::ReadinessView;
use super::{Gate, readiness, time_given};
use crate::accountability::open_door::routes::has_threshold;
use crate::app::App;
use crate::participation::challenges::model::Whole;
use crate::participation::challenges::queries;
use crate::participation::challenges::rehearsals::queries::rehearsed;
use crate::people::accounts::Allowed;
use crate::people::accounts::queries::count_moderators;
use crate::people::councils::queries::{latest_notice, list_grounds};
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::http::Reply;
use crate::platform::http::doors::{Doors, get};
use crate::platform::http::id_of;
use crate::process::reviews::queries::find_reviewer;
use crate::vocabulary::ChallengeKind;
use crate::vocabulary::permissions::acts;

pub(in crate::participation::challenges) fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_readiness);
}

/// What the gate looks at, as it is now.
///
/// # Errors
/// What the database answers.
pub fn facts(tx: &mut Tx<'_>, council: Id, whole: &Whole) -> Result<Gate> {
    let now = tx.now();
    let last = whole.phases.iter().map(|phase| phase.ends_at).max();
    Ok(Gate {
        open_door: whole.row.kind == ChallengeKind::OpenDoor,
        threshold: has_threshold(tx, council, whole.row.id)?,
        promise: whole.promise.is_some(),
        accepted: whole.promise.as_ref().is_some_and(|promise| promise.accepted_at.is_some()),
        grounds: !list_grounds(tx, council)?.is_empty(),
        notice: latest_notice(tx, council)?.is_some(),
        moderators: count_moderators(tx, council)?,
        outside_reviewer: find_reviewer(tx, council)?.is_some(),
        submitting_phase: whole.phases.iter().any(|phase| phase.submit && phase.ends_at > now),
        time: time_given(&whole.phases, now),
        outcome_after_phases: whole
            .promise
            .as_ref()
            .zip(last)
            .is_some_and(|(promise, last)| promise.publish_outcome_by.is_some_and(|by| by >= last)),
        rehearsed: rehearsed(tx, council, whole.row.id)?,
        background: whole.background.clone(),
    })
}

/// Read the readiness
///
/// What a council owes the public before it asks, each item done, missing or waived with a reason. While the challenge is a draft
/// only staff see it, as it is at the moment; from its opening on everybody does, as it was then: "Before we asked you, we …".
#[utoipa::path(tag = "Challenges", operation_id = "read_readiness", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The list", body = ReadinessView)))]
#[get("/councils/{council}/challenges/{challenge}/readiness")]
async fn read_readiness(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, id, staff) = (who.council.id, id_of(&path.1, "challenge")?, who.is_staff());
    let view = app.db.read(move |tx| {
        let whole = queries::find_whole(tx, council, id, staff)?;
        let items = match queries::find_readiness(tx, council, id)? {
            Some(as_it_was) => as_it_was,
            None => readiness(&facts(tx, council, &whole)?),
        };
        Ok(ReadinessView::of(items, whole.row.opened_at))
    });
    let reply = Reply::ok(&view.await?)?;
    Ok(if staff { reply } else { reply.public(60) })
}
