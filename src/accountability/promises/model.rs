//! Rows of promises, and what is counted beside them.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};

/// The promise of a challenge, without the address of the decision-maker, which is nobody's business.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::promises)]
pub struct PromiseRow {
    /// Its challenge.
    pub challenge_id: Id,
    /// Who decides.
    pub decision_office: String,
    /// Where that office is asked; never public.
    pub decision_email: String,
    /// What they can decide.
    pub in_their_power: String,
    /// Working days to an answer.
    pub answer_within_days: i32,
    /// Hours to a moderator's decision.
    pub moderate_within_hours: i32,
    /// When the outcome is out at the latest.
    pub publish_outcome_by: Instant,
    /// How one will see that it was worth it.
    pub success_measure: String,
    /// When the decision-maker accepted it.
    pub accepted_at: Option<Instant>,
}

/// How a promise stands, of the ideas that everybody sees.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figures {
    /// All.
    pub ideas: i64,
    /// Still without an answer.
    pub waiting: i64,
    /// Without an answer, and late.
    pub overdue: i64,
    /// First answered before they were due.
    pub on_time: i64,
    /// Whether the outcome is out.
    pub outcome_published: bool,
}

/// An idea that waits for its answer.
#[derive(Clone, Debug, Queryable)]
pub struct Waiting {
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
}
