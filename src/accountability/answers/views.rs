//! What answers take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::AnswerRow;
use crate::platform::db::{Id, Instant};
use crate::platform::html::markdown;
use crate::vocabulary::AnswerKind;

/// Answer an idea.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerIdea {
    /// Yes, no, and what lies between; becomes the status of the idea.
    pub kind: AnswerKind,
    /// The office that answers, never a person: the name or id of one that the council has made, and that you belong to unless
    /// you are an admin.
    #[schema(min_length = 1, max_length = 200, example = "The Highways Office")]
    pub office: String,
    /// Why; Markdown.
    #[schema(min_length = 1, max_length = 20000, example = "The crossing will be built in the summer holidays.")]
    pub reason: String,
}

/// An answer, or a revision of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnswerView {
    /// Its id.
    pub id: Id,
    /// The idea.
    pub idea: Id,
    /// Counts from one; the greatest is the one that holds.
    #[schema(example = 1)]
    pub revision: i32,
    /// The revision of the idea that it answers.
    #[schema(example = 1)]
    pub idea_revision: i32,
    /// Yes, no, and what lies between.
    pub kind: AnswerKind,
    /// The office that answers.
    #[schema(example = "The Highways Office")]
    pub office: String,
    /// Why; Markdown.
    pub reason: String,
    /// Why; HTML, safe to show.
    pub reason_html: String,
    /// When.
    pub answered_at: Instant,
}

impl From<AnswerRow> for AnswerView {
    fn from(row: AnswerRow) -> Self {
        Self {
            id: row.id,
            idea: row.idea_id,
            revision: row.revision,
            idea_revision: row.idea_revision,
            kind: row.kind,
            office: row.office,
            reason_html: markdown(&row.reason),
            reason: row.reason,
            answered_at: row.answered_at,
        }
    }
}
