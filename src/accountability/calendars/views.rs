//! What calendars take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::WorkingDays;
use crate::vocabulary::Weekday;

/// A day on which the council does not work.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HolidayView {
    /// Which, in the council's time zone.
    #[schema(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2027-12-27")]
    pub day: String,
    /// What it is called.
    #[schema(min_length = 1, max_length = 120, example = "Christmas Day (in lieu)")]
    pub name: String,
}

/// Write the calendar; it replaces the one before.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteCalendar {
    /// The days of the week on which the council works.
    #[schema(min_items = 1, max_items = 7)]
    pub working_days: Vec<Weekday>,
    /// Days on which it does not, past ones too: what was promised then is counted by them.
    #[schema(max_items = 1_000)]
    pub holidays: Vec<HolidayView>,
}

/// When the council works.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CalendarView {
    /// IANA time zone: its days begin and end there.
    #[schema(example = "Europe/London")]
    pub time_zone: String,
    /// The days of the week on which it works.
    pub working_days: Vec<Weekday>,
    /// Days on which it does not, in order.
    pub holidays: Vec<HolidayView>,
    /// Counts its changes.
    pub version: i64,
}

impl CalendarView {
    /// A calendar in a zone.
    pub fn of(days: WorkingDays, zone: &str) -> Self {
        let holiday = |(day, name): (jiff::civil::Date, String)| HolidayView { day: day.to_string(), name };
        Self {
            time_zone: zone.to_owned(),
            working_days: days.weekdays,
            holidays: days.holidays.into_iter().map(holiday).collect(),
            version: days.version,
        }
    }
}
