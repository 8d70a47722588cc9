//! What quiet periods take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::QuietRow;
use crate::accountability::calendars::rules::day;
use crate::platform::db::{Id, Instant};

/// Declare a quiet period.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclareQuietPeriod {
    /// Its first day, today or later.
    #[schema(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2027-03-25")]
    pub starts_on: String,
    /// Its last day.
    #[schema(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2027-05-06")]
    pub ends_on: String,
    /// Where, or what it is about.
    #[schema(min_length = 3, max_length = 200, example = "The whole borough")]
    pub area: String,
    /// Why, as everybody reads it.
    #[schema(min_length = 3, max_length = 500, example = "Pre-election period of the borough election.")]
    pub ground: String,
}

/// Days on which the council opens nothing and says nothing officially.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct QuietPeriodView {
    /// Its id.
    pub id: Id,
    /// Its first day.
    pub starts_on: String,
    /// The first day that is not quiet any more; the first one itself where it was called off before it began.
    pub until: String,
    /// Where, or what it is about.
    pub area: String,
    /// Why.
    pub ground: String,
    /// How many days it lasts. None of them counts, neither as on time nor as late.
    pub days: i32,
    /// Since when it is public.
    pub declared_at: Instant,
    /// When it was ended or called off before its time.
    #[schema(required = true)]
    pub ended_at: Option<Instant>,
}

impl From<QuietRow> for QuietPeriodView {
    fn from(row: QuietRow) -> Self {
        let days = day(&row.from_day).zip(day(&row.until_day)).and_then(|(from, until)| until.since(from).ok());
        Self {
            id: row.id,
            days: days.map_or(0, |span| span.get_days()),
            starts_on: row.from_day,
            until: row.until_day,
            area: row.area,
            ground: row.ground,
            declared_at: row.declared_at,
            ended_at: row.ended_at,
        }
    }
}
