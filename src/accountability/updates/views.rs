//! What updates take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::UpdateRow;
use crate::platform::db::{Id, Instant};
use crate::platform::html::markdown;

/// Tell of a challenge that runs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishUpdate {
    /// In a few words.
    #[schema(min_length = 3, max_length = 120, pattern = r"^[^\r\n]*$", example = "The counts on Mill Lane are done")]
    pub title: String,
    /// What there is to tell; Markdown.
    #[schema(
        min_length = 1,
        max_length = 20000,
        example = "We counted for a week. **2,140 people** cross on a school day."
    )]
    pub body: String,
    /// The office that speaks, never a person: the name or id of one that the council has made, and that you belong to unless
    /// you are an admin.
    #[schema(min_length = 1, max_length = 200, example = "The Highways Office")]
    pub office: String,
    /// Whether authors and supporters of ideas in the challenge are told by mail; false for what is not worth one.
    #[serde(default = "told")]
    #[schema(required = false, default = true)]
    pub mail: bool,
}

fn told() -> bool {
    true
}

/// Put an update right.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectUpdate {
    /// In a few words.
    #[schema(min_length = 3, max_length = 120, pattern = r"^[^\r\n]*$", example = "The counts on Mill Lane are done")]
    pub title: String,
    /// What there is to tell; Markdown.
    #[schema(
        min_length = 1,
        max_length = 20000,
        example = "We counted for a week. **2,410 people** cross on a school day."
    )]
    pub body: String,
    /// The office that speaks, as in a first revision.
    #[schema(min_length = 1, max_length = 200, example = "The Highways Office")]
    pub office: String,
    /// What is put right, for everybody to read.
    #[schema(min_length = 3, max_length = 1000, example = "Two digits of the count were the wrong way round.")]
    pub correction: String,
}

/// What a council tells of a challenge that runs: the revision that holds, or one before it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UpdateView {
    /// Its id.
    pub id: Id,
    /// The challenge.
    pub challenge: Id,
    /// Counts from one; the greatest is the one that holds.
    #[schema(example = 1)]
    pub revision: i32,
    /// In a few words.
    #[schema(example = "The counts on Mill Lane are done")]
    pub title: String,
    /// What there is to tell; Markdown.
    pub body: String,
    /// What there is to tell; HTML, safe to show.
    pub body_html: String,
    /// The office that speaks.
    #[schema(example = "The Highways Office")]
    pub office: String,
    /// What this revision puts right; null for the first.
    #[schema(required = true)]
    pub correction: Option<String>,
    /// Whether authors and supporters were told by mail.
    pub mailed: bool,
    /// When the first revision was published.
    pub published_at: Instant,
    /// When this one was.
    pub revised_at: Instant,
}

impl From<UpdateRow> for UpdateView {
    fn from(row: UpdateRow) -> Self {
        Self {
            id: row.id,
            challenge: row.challenge_id,
            revision: row.revision,
            title: row.title,
            body_html: markdown(&row.body),
            body: row.body,
            office: row.office,
            correction: row.correction,
            mailed: row.mailed,
            published_at: row.first_published_at,
            revised_at: row.published_at,
        }
    }
}
