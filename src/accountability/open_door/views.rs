//! What the open door takes and gives.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Figures, Listed, ThresholdRow};
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{IdeaState, SettledAs};

/// Say how many have to support an idea so that it is owed a decision.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetThreshold {
    /// Whoever they are.
    #[schema(minimum = 1, maximum = 10_000_000, example = 200)]
    pub supports: i64,
    /// Of whom so many have shown that they live in the council's area.
    #[schema(minimum = 1, maximum = 10_000_000, nullable = false, example = 100)]
    pub verified_residents: Option<i64>,
    /// And of a hundred who have shown that, so many: a share that follows how many they are.
    #[schema(minimum = 1, maximum = 100, nullable = false, example = 2)]
    pub verified_percent: Option<i32>,
    /// Working days from that on in which the council decides.
    #[schema(minimum = 1, maximum = 260, example = 30)]
    pub within_days: i32,
    /// Why more is asked than before, for everybody to read.
    #[schema(min_length = 3, max_length = 1_000, nullable = false)]
    pub reason: Option<String>,
}

/// How many have to support an idea so that it is owed a decision, from an instant on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ThresholdView {
    /// Counts from one; the greatest is the one that holds.
    #[schema(example = 1)]
    pub number: i32,
    /// Whoever they are.
    #[schema(example = 200)]
    pub supports: i64,
    /// Of whom so many have shown that they live in the council's area; null where that is not asked.
    #[schema(required = true, example = 100)]
    pub verified_residents: Option<i64>,
    /// And of a hundred who have shown that, so many; null where that is not asked.
    #[schema(required = true, example = 2)]
    pub verified_percent: Option<i32>,
    /// Working days from that on in which the council decides.
    #[schema(example = 30)]
    pub within_days: i32,
    /// Why, where more is asked than before.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// From when on.
    pub changed_at: Instant,
}

impl From<ThresholdRow> for ThresholdView {
    fn from(row: ThresholdRow) -> Self {
        let ThresholdRow { number, supports, verified, verified_percent, within_days, reason, changed_at } = row;
        Self { number, supports, verified_residents: verified, verified_percent, within_days, reason, changed_at }
    }
}

/// The open door of a council.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenDoorView {
    /// The challenge in which ideas are submitted and supported.
    pub challenge: Id,
    /// When it opened.
    #[schema(required = true)]
    pub opened_at: Option<Instant>,
    /// How many have to support an idea now; null while that is not said.
    #[schema(required = true)]
    pub threshold: Option<ThresholdView>,
    /// How many had to before, the last first.
    pub before: Vec<ThresholdView>,
    /// How many the share of those who have shown where they live is today; null where none is asked.
    #[schema(required = true, example = 84)]
    pub verified_needed: Option<i64>,
    /// How the council deals with what was raised.
    pub figures: OpenDoorFigures,
}

/// How the council deals with what was raised; of ideas in public.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OpenDoorFigures {
    /// Ideas that so many supported.
    #[schema(example = 4)]
    pub raised: i64,
    /// Those of which a challenge was made.
    #[schema(example = 1)]
    pub taken_up: i64,
    /// Those that were answered.
    #[schema(example = 1)]
    pub answered: i64,
    /// Those that were declined.
    #[schema(example = 1)]
    pub declined: i64,
    /// Those that wait for a decision.
    #[schema(example = 1)]
    pub waiting: i64,
    /// Those of them whose decision is late.
    #[schema(example = 0)]
    pub overdue: i64,
}

impl From<Figures> for OpenDoorFigures {
    fn from(counted: Figures) -> Self {
        let Figures { raised, taken_up, answered, declined, waiting, overdue } = counted;
        Self { raised, taken_up, answered, declined, waiting, overdue }
    }
}

/// Which of the ideas that were raised.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RaisedQuery {
    /// Only those that wait for a decision.
    #[param(nullable = false)]
    pub waiting: Option<bool>,
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

/// An idea that so many have supported that it is owed a decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RaisedIdeaView {
    /// The idea.
    pub idea: Id,
    /// Its number.
    #[schema(example = "ALD-1042")]
    pub number: String,
    /// Its title.
    pub title: String,
    /// How many supported it when it reached the threshold.
    #[schema(example = 200)]
    pub supports_then: i64,
    /// How many do now.
    #[schema(example = 214)]
    pub supports: i64,
    /// Which threshold it reached.
    #[schema(example = 1)]
    pub threshold: i32,
    /// When.
    pub reached_at: Instant,
    /// The decision is due by then.
    pub due_at: Instant,
    /// The decision would be due by then had nothing moved it.
    pub promised_by: Instant,
    /// Whether it is late.
    pub overdue: bool,
    /// What the council made of it; null while it waits.
    #[schema(required = true)]
    pub settled_as: Option<SettledAs>,
    /// The answer that says so, with its office and reason.
    #[schema(required = true)]
    pub answer: Option<Id>,
    /// The challenge that was made of it, once it has opened.
    #[schema(required = true)]
    pub taken_up_as: Option<Id>,
    /// When.
    #[schema(required = true)]
    pub settled_at: Option<Instant>,
}

impl RaisedIdeaView {
    /// As it stands at an instant; drafts are for staff.
    pub fn new(listed: Listed, prefix: &str, staff: bool, now: Instant) -> Self {
        let Listed { row, number, title, state, supports, opened_at } = listed;
        let waits = row.settled_as.is_none() && state == IdeaState::Published;
        Self {
            idea: row.idea_id,
            number: public_number(prefix, number),
            title,
            supports_then: row.supports,
            supports,
            threshold: row.threshold,
            reached_at: row.reached_at,
            due_at: row.due_at,
            promised_by: row.promised_by,
            overdue: waits && row.due_at <= now,
            settled_as: row.settled_as,
            answer: row.answer_id,
            taken_up_as: row.taken_up_as.filter(|_| staff || opened_at.is_some()),
            settled_at: row.settled_at,
        }
    }
}

/// Make a challenge of an idea that is owed a decision.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeUpIdea {
    /// The office that takes it up, never a person: the name or id of one that the council has made, and that you belong to
    /// unless you are an admin.
    #[schema(min_length = 1, max_length = 200, example = "The Highways Office")]
    pub office: String,
    /// Why, and what happens now; Markdown. It is the answer to the idea.
    #[schema(
        min_length = 1,
        max_length = 20000,
        example = "So many want it that we ask everybody how it should be done."
    )]
    pub reason: String,
}
