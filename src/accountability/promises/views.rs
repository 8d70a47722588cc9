//! What promises give.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::{Figures, PromiseRow};
use super::rules::outcome_overdue;
use crate::platform::db::{Id, Instant};

/// What the council promised, and how it keeps it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeptPromise {
    /// The challenge.
    pub challenge: Id,
    /// The office that decides.
    #[schema(example = "Cabinet member for transport")]
    pub decision_office: String,
    /// What is in their power, and what is not.
    pub in_their_power: String,
    /// Working days, Monday to Friday, from submission to an answer.
    #[schema(example = 20)]
    pub answer_within_days: i32,
    /// Hours from submission to a moderator's decision.
    #[schema(example = 48)]
    pub moderate_within_hours: i32,
    /// The outcome is published by then.
    pub publish_outcome_by: Instant,
    /// How one will see that it was worth it.
    pub success_measure: String,
    /// When the decision-maker accepted it; null while it is only proposed.
    #[schema(required = true)]
    pub accepted_at: Option<Instant>,
    /// Where the decision-maker is asked; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decision_email: Option<String>,
    /// How it stands now.
    pub figures: PromiseFigures,
}

/// How a promise stands at the time of the answer; only ideas that everybody sees are counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromiseFigures {
    /// Ideas.
    #[schema(example = 86)]
    pub ideas: i64,
    /// Ideas with an answer.
    #[schema(example = 80)]
    pub answered: i64,
    /// Ideas whose first answer came before it was due.
    #[schema(example = 78)]
    pub answered_on_time: i64,
    /// Ideas without an answer that is already due.
    #[schema(example = 1)]
    pub overdue_now: i64,
    /// Whether the outcome is published.
    pub outcome_published: bool,
    /// Whether the outcome is late.
    pub outcome_overdue: bool,
}

impl KeptPromise {
    /// A promise as it stands at `now`.
    pub fn new(row: PromiseRow, figures: Figures, now: Instant, staff: bool) -> Self {
        Self {
            challenge: row.challenge_id,
            decision_office: row.decision_office,
            in_their_power: row.in_their_power,
            answer_within_days: row.answer_within_days,
            moderate_within_hours: row.moderate_within_hours,
            publish_outcome_by: row.publish_outcome_by,
            success_measure: row.success_measure,
            accepted_at: row.accepted_at,
            decision_email: Some(row.decision_email).filter(|_| staff),
            figures: PromiseFigures {
                ideas: figures.ideas,
                answered: figures.ideas.saturating_sub(figures.waiting),
                answered_on_time: figures.on_time,
                overdue_now: figures.overdue,
                outcome_published: figures.outcome_published,
                outcome_overdue: outcome_overdue(row.publish_outcome_by, figures.outcome_published, now),
            },
        }
    }
}
