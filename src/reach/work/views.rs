//! What the view of one's work gives.

use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::db::Instant;

/// What waits for one of the staff.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkView {
    /// In a line.
    #[schema(example = "3 due today, 1 appeal, next due 14:00")]
    pub line: String,
    /// When it was looked at.
    pub now: Instant,
    /// Cases that nobody else has in hand (`…/cases`); null for who does not moderate.
    #[schema(required = true)]
    pub cases: Option<Pile>,
    /// Appeals that you may decide (`…/appeals`); null for who does not moderate.
    #[schema(required = true)]
    pub appeals: Option<Pile>,
    /// Ideas that wait for an answer and are your offices', or nobody's yet (`…/assignments`); null for who does not answer.
    #[schema(required = true)]
    pub answers: Option<Pile>,
    /// Cases that you have in hand (`…/cases?claimed=by_me`).
    #[schema(example = 1)]
    pub claimed: usize,
}

/// What waits of one kind; 1,000 are counted at most.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Pile {
    /// In all.
    #[schema(example = 5)]
    pub waiting: usize,
    /// Of them later than was promised.
    #[schema(example = 0)]
    pub overdue: usize,
    /// Of them due before the day ends, where the council is.
    #[schema(example = 3)]
    pub due_today: usize,
    /// When the next one is due; null where none is.
    #[schema(required = true)]
    pub next_due_at: Option<Instant>,
}
