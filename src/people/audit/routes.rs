//! Read the audit log.

use actix_web::HttpRequest;

use super::model::AuditRow;
use super::queries::{self, Filter};
use super::views::{AuditQuery, AuditView};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::error::Result;
use crate::platform::http::doors::{Doors, get};
use crate::platform::http::{Page, Paging, Query, Reply};
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(list_audit_events);
}

/// Read the audit log
///
/// Who did what to what, newest first: deeds of the staff, and what concerns the safety of accounts. Events are kept for two
/// years and changed by nobody. They hold ids and words; look a name up where it still is. Of what one account was refused
/// the first twenty of an hour are listed, and once the hour is over one event says how many more there were.
#[utoipa::path(tag = "Councils", operation_id = "list_audit_events", security(("bearer" = ["audit.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), AuditQuery),
    responses((status = 200, description = "What was done, newest first", body = Page<AuditView>)))]
#[get("/councils/{council}/audit-log")]
async fn list_audit_events(
    app: App,
    who: Allowed<acts::ReadAudit>,
    query: Query<AuditQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let AuditQuery { limit, cursor, action, actor, subject } = query.0;
    let paging = Paging::new(limit, cursor);
    let (council, secrets) = (who.council.id, app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let list = format!("audit:{council}:{action:?}:{actor:?}:{subject:?}");
        let filter = Filter { action, actor, subject };
        let rows = queries::list_events(tx, council, filter, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &AuditRow| (row.at, row.id), AuditView::from)
    });
    page.await?.reply(&request)
}
