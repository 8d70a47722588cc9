//! Read how the council keeps its promises.

use super::queries::list_figures;
use super::table::csv;
use super::views::Accountability;
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::error::Result;
use crate::platform::http::Reply;
use crate::platform::http::doors::{Doors, get};
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_accountability).service(read_accountability_table);
    super::moderation::routes(doors);
}

/// Read how the council keeps its promises
///
/// Of the whole council and of each office: answers on time, how long they took, what waits, commitments, and what those say who
/// had asked. Counted once an hour from the 365 days before; a share of few is not told, and why stands beside it.
#[utoipa::path(tag = "Feedback", operation_id = "read_accountability", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The figures", body = Accountability)))]
#[get("/councils/{council}/accountability")]
async fn read_accountability(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let council = who.council.id;
    let rows = app.db.read(move |tx| list_figures(tx, council)).await?;
    Ok(Reply::ok(&Accountability::new(&rows))?.public(60))
}

/// Read how the council keeps its promises as a table
///
/// The same figures as CSV (RFC 4180), a line for each: office, figure, value, sample, why it is withheld, and the period.
#[utoipa::path(tag = "Feedback", operation_id = "read_accountability_table", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The table", body = String, content_type = "text/csv")))]
#[get("/councils/{council}/accountability.csv")]
async fn read_accountability_table(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let council = who.council.id;
    let rows = app.db.read(move |tx| list_figures(tx, council)).await?;
    Ok(Reply::text("text/csv; charset=utf-8; header=present", csv(&Accountability::new(&rows))?).public(60))
}
