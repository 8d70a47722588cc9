//! What outcomes take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Linked, OutcomeRow, Theme};
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::platform::html::markdown;
use crate::vocabulary::IdeaStatus;

/// Publish what came of a challenge.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishOutcome {
    /// What came of it; Markdown.
    #[schema(min_length = 1, max_length = 50000, example = "Of 86 ideas, 9 will be done this year.")]
    pub summary: String,
    /// What was heard, and for each theme what it changed, or why it changed nothing.
    #[serde(default)]
    #[schema(max_items = 50, required = false)]
    pub themes: Vec<Theme>,
    /// What happens from now on, and when.
    #[schema(
        min_length = 3,
        max_length = 5_000,
        nullable = false,
        example = "The crossing is drawn by March and built in August."
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_steps: Option<String>,
    /// What became of single ideas.
    #[schema(max_items = 200)]
    pub ideas: Vec<LinkIdea>,
}

/// What became of one idea.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkIdea {
    /// Id or number of a published idea of this challenge.
    #[schema(min_length = 1, max_length = 64, example = "ALD-1042")]
    pub idea: String,
    /// What became of it.
    #[schema(min_length = 1, max_length = 2000, example = "The crossing opened in August.")]
    pub what_became_of_it: String,
}

/// What came of a challenge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutcomeView {
    /// The challenge.
    pub challenge: Id,
    /// What came of it; Markdown.
    pub summary: String,
    /// What came of it; HTML, safe to show.
    pub summary_html: String,
    /// What was heard, and what it changed.
    pub themes: Vec<Theme>,
    /// What happens from now on.
    #[schema(required = true)]
    pub next_steps: Option<String>,
    /// What became of single ideas.
    pub ideas: Vec<LinkedIdea>,
    /// When it was published, or last revised.
    pub published_at: Instant,
}

/// What became of one idea.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LinkedIdea {
    /// The idea.
    pub idea: Id,
    /// Its number.
    #[schema(example = "ALD-1042")]
    pub number: String,
    /// Its title.
    pub title: String,
    /// What the council has said to it.
    pub status: IdeaStatus,
    /// What became of it.
    pub what_became_of_it: String,
}

impl OutcomeView {
    /// An outcome with its ideas.
    pub fn new(row: OutcomeRow, links: Vec<Linked>, prefix: &str) -> Self {
        let linked = |link: Linked| LinkedIdea {
            idea: link.idea_id,
            number: public_number(prefix, link.number),
            title: link.title,
            status: link.status,
            what_became_of_it: link.what_became_of_it,
        };
        Self {
            challenge: row.challenge_id,
            summary_html: markdown(&row.summary),
            summary: row.summary,
            themes: row.themes.0,
            next_steps: row.next_steps,
            ideas: links.into_iter().map(linked).collect(),
            published_at: row.published_at,
        }
    }
}
