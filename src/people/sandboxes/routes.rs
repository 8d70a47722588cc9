//! Begin a sandbox anew.

use super::jobs::retire;
use super::queries;
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Root};
use crate::platform::error::{Error, Result};
use crate::platform::http::Reply;
use crate::platform::http::doors::{Doors, post};
use crate::platform::http::limit::Limited;
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(reset_sandbox);
}

/// Begin the sandbox anew
///
/// What test keys did is gone, and how the council is set up now is copied again. The keys stay good. 404 where there is no
/// sandbox: the first test key makes one, and it goes with the last.
#[utoipa::path(tag = "Staff", operation_id = "reset_sandbox", security(("bearer" = ["key.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 204, description = "Begun anew")))]
#[post("/councils/{council}/sandbox/reset")]
async fn reset_sandbox(app: App, who: Allowed<acts::ManageKeys>) -> Result<Reply> {
    let (council, by) = (who.council.id, who.by());
    who.write(&app, Limited::Write, move |tx| {
        tx.hold(Root::Council, council, council, Hold::Alone)?;
        let old = queries::find_sandbox(tx, council)?.ok_or_else(|| Error::not_found("sandbox"))?;
        let keys = queries::keys_of(tx, council, old)?;
        retire(tx, council, old)?;
        let new = queries::make_sandbox(tx, council)?;
        for (key, role) in keys {
            queries::insert_part(tx, new, key, role)?;
        }
        audit::record(tx, council, Event::new(AuditAction::SandboxReset, by))?;
        Ok(Reply::nothing())
    })
    .await
}
