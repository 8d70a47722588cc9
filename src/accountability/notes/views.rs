//! What notes take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::NoteRow;
use crate::platform::db::{Id, Instant};

/// Write something down for colleagues.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteNote {
    /// Plain text.
    #[schema(
        min_length = 1,
        max_length = 5000,
        example = "The county counted the traffic here in May; ask them first."
    )]
    pub body: String,
}

/// What somebody of the staff wrote down.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct NoteView {
    /// Its id.
    pub id: Id,
    /// The idea.
    pub idea: Id,
    /// What was written; plain text.
    pub body: String,
    /// The account that wrote it.
    pub written_by: Id,
    /// When.
    pub written_at: Instant,
}

impl From<NoteRow> for NoteView {
    fn from(row: NoteRow) -> Self {
        Self { id: row.id, idea: row.idea_id, body: row.body, written_by: row.written_by, written_at: row.written_at }
    }
}
