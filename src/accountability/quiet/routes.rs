//! Declare, end and list quiet periods.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::entries::{QuietPeriodDeclared, QuietPeriodEnded};
use super::held;
use super::model::QuietRow;
use super::queries;
use super::rules;
use super::views::{DeclareQuietPeriod, QuietPeriodView};
use crate::accountability::id_of;
use crate::accountability::promises::calendar::day_of;
use crate::accountability::promises::jobs::move_all_dues;
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Id, Root};
use crate::platform::entries::record;
use crate::platform::error::{Code, Result};
use crate::platform::http::doors::{Doors, get, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{Json, Once, Page, Paging, Query, Reply};
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(declare_quiet_period).service(list_quiet_periods).service(end_quiet_period);
}

/// Declare a quiet period
///
/// For elections, referendums, mourning or emergencies. While it lasts no challenge opens, and no answer, update or outcome is
/// published: they are held (`…/held-acts`) and done when it is over. The clocks of promises stand still, its days count neither as on time nor as
/// late, and when answers are due is counted anew within moments.
#[utoipa::path(tag = "Councils", operation_id = "declare_quiet_period", security(("bearer" = ["promise.keep"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = DeclareQuietPeriod,
    responses((status = 201, description = "Declared", body = QuietPeriodView)))]
#[post("/councils/{council}/quiet-periods")]
async fn declare_quiet_period(
    app: App,
    who: Allowed<acts::KeepPromises>,
    once: Once,
    body: Json<DeclareQuietPeriod>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (council, by) = (Arc::clone(&who.council), who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        // One change of the days that count after the other.
        tx.hold(Root::Council, council.id, council.id, Hold::Alone)?;
        let draft = rules::draft(&wish, day_of(tx.now(), &council.time_zone)?)?;
        let row = queries::insert_quiet_period(tx, council.id, &draft)?;
        let news = QuietPeriodDeclared {
            quiet_period: row.id,
            starts_on: wish.starts_on.clone(),
            ends_on: wish.ends_on.clone(),
            area: draft.area,
            ground: draft.ground,
        };
        record(tx, council.id, &news)?;
        let what = json!({ "starts_on": wish.starts_on, "ends_on": wish.ends_on });
        audit::record(tx, council.id, Event::new(AuditAction::QuietPeriodDeclared, by).to(row.id).after(what))?;
        move_all_dues(tx, council.id)?;
        Reply::created(format!("/v1/councils/{}/quiet-periods", council.slug), &QuietPeriodView::from(row))
    })
    .await
}

/// List quiet periods
///
/// All there were and will be, the last declared first.
#[utoipa::path(tag = "Councils", operation_id = "list_quiet_periods", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ListQuery),
    responses((status = 200, description = "A page of quiet periods", body = Page<QuietPeriodView>)))]
#[get("/councils/{council}/quiet-periods")]
async fn list_quiet_periods(
    app: App,
    who: Allowed<acts::ReadPublic>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, secrets) = (who.council.id, app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let list = format!("quiet-periods:{council}");
        let rows = queries::list_quiet_periods(tx, council, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &QuietRow| row.id, QuietPeriodView::from)
    });
    Ok(page.await?.reply(&request)?.public(60))
}

/// End a quiet period
///
/// With the beginning of today, or before it begins, so that it lasts no day. It stays in the list; what is due is counted
/// anew, and what was held is done, within moments.
#[utoipa::path(tag = "Councils", operation_id = "end_quiet_period", security(("bearer" = ["promise.keep"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("quiet_period" = Id, Path, description = "Id of the quiet period")),
    responses((status = 200, description = "Ended", body = QuietPeriodView)))]
#[post("/councils/{council}/quiet-periods/{quiet_period}/end")]
async fn end_quiet_period(
    app: App,
    who: Allowed<acts::KeepPromises>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, id, by) = (Arc::clone(&who.council), id_of(&path.1, "quiet period")?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        tx.hold(Root::Council, council.id, council.id, Hold::Alone)?;
        let row = queries::find_quiet_period(tx, council.id, id)?;
        let today = day_of(tx.now(), &council.time_zone)?.to_string();
        if row.ended_at.is_some() || row.until_day <= today {
            return Err(Code::WrongState.because("This quiet period is over.").into());
        }
        // What has begun was quiet up to now; what has not lasts no day.
        let until = today.max(row.from_day.clone());
        queries::end_quiet_period(tx, council.id, id, &until)?;
        let ended = queries::find_quiet_period(tx, council.id, id)?;
        held::jobs::schedule(tx, &council, &ended)?;
        record(tx, council.id, &QuietPeriodEnded { quiet_period: id, until: until.clone() })?;
        let event = Event::new(AuditAction::QuietPeriodEnded, by).to(id);
        audit::record(
            tx,
            council.id,
            event.before(json!({ "until": row.until_day })).after(json!({ "until": until })),
        )?;
        move_all_dues(tx, council.id)?;
        Reply::ok(&QuietPeriodView::from(ended))
    })
    .await
}
