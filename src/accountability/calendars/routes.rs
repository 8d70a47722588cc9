//! Read and write the calendar.

use std::sync::Arc;

use serde_json::json;

use super::entries::CalendarWritten;
use super::model::WorkingDays;
use super::queries;
use super::rules;
use super::views::{CalendarView, WriteCalendar};
use crate::accountability::promises::jobs::move_all_dues;
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Root};
use crate::platform::entries::record;
use crate::platform::error::{Error, Result};
use crate::platform::http::doors::{Doors, get, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Reply};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, Weekday};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_calendar).service(write_calendar);
}

/// Read the calendar
///
/// On which days the council works, and so by which days the clocks of its promises run. Monday to Friday without holidays,
/// where it has written nothing else.
#[utoipa::path(tag = "Councils", operation_id = "read_calendar", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The calendar", body = CalendarView)))]
#[get("/councils/{council}/calendar")]
async fn read_calendar(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let council = Arc::clone(&who.council);
    let days = app.db.read(move |tx| queries::find_working_days(tx, council.id)).await?;
    let version = days.version;
    Ok(Reply::ok(&CalendarView::of(days, &who.council.time_zone))?.version(version).public(60))
}

/// Write the calendar
///
/// Replaces working days and holidays. When the answers that are owed are due is counted anew within moments, and reminders
/// follow. What is late already stays late, and nothing is made late by it. By when answers were promised does not move to later
/// (`answer_promised_by`): days off that are written afterwards add time, as a pause does, and count as such.
#[utoipa::path(tag = "Councils", operation_id = "write_calendar", security(("bearer" = ["promise.keep"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = WriteCalendar, responses((status = 200, description = "Written", body = CalendarView)))]
#[put("/councils/{council}/calendar")]
async fn write_calendar(
    app: App,
    who: Allowed<acts::KeepPromises>,
    read: IfMatch,
    body: Json<WriteCalendar>,
) -> Result<Reply> {
    let wish = body.value;
    let mut faults = Vec::new();
    let holidays = rules::holidays(&wish.holidays, &mut faults);
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let weekdays: Vec<Weekday> = Weekday::ALL.iter().copied().filter(|day| wish.working_days.contains(day)).collect();
    let (council, by) = (Arc::clone(&who.council), who.by());
    who.write(&app, Limited::Write, move |tx| {
        tx.hold(Root::Council, council.id, council.id, Hold::Alone)?;
        let before = queries::find_working_days(tx, council.id)?;
        read.require(before.version)?;
        let version = before.version.saturating_add(1);
        let days = WorkingDays { weekdays: weekdays.clone(), holidays: holidays.clone(), version };
        queries::write_working_days(tx, council.id, &days)?;
        let (holidays, working_days) = (days.holidays.len(), days.weekdays.clone());
        record(tx, council.id, &CalendarWritten { council: council.id, working_days, holidays, version })?;
        let told = |days: &WorkingDays| {
            let holidays: Vec<_> = days.holidays.keys().map(ToString::to_string).collect();
            json!({ "working_days": days.weekdays, "holidays": holidays, "version": days.version })
        };
        let event = Event::new(AuditAction::CalendarWritten, by).to(council.id);
        audit::record(tx, council.id, event.before(told(&before)).after(told(&days)))?;
        move_all_dues(tx, council.id)?;
        Ok(Reply::ok(&CalendarView::of(days, &council.time_zone))?.version(version))
    })
    .await
}
