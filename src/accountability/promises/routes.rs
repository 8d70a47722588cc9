//! Read a promise.

use actix_web::web;

use super::queries;
use super::views::KeptPromise;
use crate::accountability::id_of;
use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::people::accounts::Allowed;
use crate::platform::db::Id;
use crate::platform::error::Result;
use crate::platform::http::Reply;
use crate::platform::http::doors::{Doors, get};
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_promise);
}

/// Read a promise
///
/// What the council promised for a challenge, and how it keeps it: ideas, answers, answers in time, and what is
/// overdue at this moment, computed from the clock. Before the challenge opens only staff see it.
#[utoipa::path(tag = "Feedback", operation_id = "read_promise", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The promise and its figures", body = KeptPromise)))]
#[get("/councils/{council}/challenges/{challenge}/promise")]
async fn read_promise(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, staff) = (who.council.id, who.is_staff());
    let challenge = id_of(&path.1, "challenge")?;
    let promise = app.db.read(move |tx| {
        let version = find_challenge(tx, council, challenge, staff)?.version;
        let row = queries::find_promise(tx, council, challenge)?;
        let figures = queries::figures(tx, council, challenge)?;
        Ok((KeptPromise::new(row, figures, tx.now(), staff), version))
    });
    // The version is the challenge's, as for a change of the promise.
    let (promise, version) = promise.await?;
    let reply = Reply::ok(&promise)?.version(version);
    Ok(if staff { reply } else { reply.public(60) })
}
