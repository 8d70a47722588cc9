//! Rows of promises, and what is counted beside them.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::PromiseChange;

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
    /// When the outcome is out at the latest; none of an open door.
    pub publish_outcome_by: Option<Instant>,
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
    /// Have had an answer.
    pub answered: i64,
    /// Owed an answer, the first one or another, that is late.
    pub overdue: i64,
    /// First answered before they were due, as it was promised.
    pub on_time: i64,
    /// First answered before they were due, but only because their clock was stopped or given more time.
    pub in_added_time: i64,
    /// What was asked back.
    pub follow_ups: FollowUps,
    /// Whether the outcome is out.
    pub outcome_published: bool,
}

/// How what was asked back is answered, by a clock of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct FollowUps {
    /// Questions.
    pub asked: i64,
    /// Answered before they were due, without any time that was added.
    pub on_time: i64,
    /// Answered before they were due only because time was added.
    pub in_added_time: i64,
    /// Answered after they were due.
    pub late: i64,
    /// Not answered and due.
    pub overdue: i64,
}

/// An idea that waits for its answer.
#[derive(Clone, Debug, Queryable)]
pub struct Waiting {
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
}

/// One change of a promise, the first one being how it was when the challenge opened.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::promise_changes)]
pub struct ChangeRow {
    /// Counts up in its challenge.
    pub number: i32,
    /// In which direction.
    pub kind: PromiseChange,
    /// Working days for each answer from then on.
    pub answer_within_days: i32,
    /// Hours for each held idea from then on.
    pub moderate_within_hours: i32,
    /// The outcome is published by then; none of an open door.
    pub publish_outcome_by: Option<Instant>,
    /// Working days that the answers owed then were given on top.
    pub extension_days: Option<i32>,
    /// Why, where that has to be said.
    pub reason: Option<String>,
    /// When.
    pub changed_at: Instant,
}

/// Days on which the clock of a promise stands still.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::promise_pauses)]
pub struct PauseRow {
    /// Counts up in its challenge.
    pub number: i32,
    /// The first day that does not count.
    pub from_day: String,
    /// The first day that counts again.
    pub until_day: String,
    /// Why.
    pub reason: String,
    /// When it was stopped.
    pub paused_at: Instant,
    /// When it was started again before its time.
    pub resumed_at: Option<Instant>,
}
