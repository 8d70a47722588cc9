//! What follow-up questions take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::FollowUpRow;
use crate::platform::db::{Id, Instant};

/// Ask back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskBack {
    /// What the answer leaves open; plain text.
    #[schema(min_length = 3, max_length = 1000, example = "By when will the county have looked at it?")]
    pub question: String,
}

/// What was asked back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FollowUpView {
    /// The idea.
    pub idea: Id,
    /// The answer that it follows.
    pub answer: Id,
    /// What was asked; plain text. Null where it is gone.
    #[schema(required = true)]
    pub question: Option<String>,
    /// When.
    pub asked_at: Instant,
    /// The council owes an answer by then.
    pub answer_due_at: Instant,
}

impl From<FollowUpRow> for FollowUpView {
    fn from(row: FollowUpRow) -> Self {
        Self {
            idea: row.idea_id,
            answer: row.answer_id,
            question: row.question,
            asked_at: row.asked_at,
            answer_due_at: row.due_at,
        }
    }
}
