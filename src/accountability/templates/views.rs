//! What templates take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::TemplateRow;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::AnswerKind;

/// Write a template.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteTemplate {
    /// By which officers find it.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\r\n]*$", example = "Belongs to the county")]
    pub title: String,
    /// The kind of the answers that it is for.
    pub kind: AnswerKind,
    /// The text of such an answer; Markdown.
    #[schema(min_length = 1, max_length = 20000, example = "This road is the county's. We have passed your idea on.")]
    pub body: String,
}

/// A text that officers answer with again and again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TemplateView {
    /// Its id.
    pub id: Id,
    /// By which officers find it.
    #[schema(example = "Belongs to the county")]
    pub title: String,
    /// The kind of the answers that it is for.
    pub kind: AnswerKind,
    /// The text of such an answer; Markdown.
    pub body: String,
    /// Raised by each change.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl From<TemplateRow> for TemplateView {
    fn from(row: TemplateRow) -> Self {
        Self {
            id: row.id,
            title: row.title,
            kind: row.kind,
            body: row.body,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}
