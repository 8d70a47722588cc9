//! Rows of outcomes, and what is recorded of them.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::db::schema::outcome_ideas;
use crate::platform::db::{Id, Instant, Json};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, IdeaStatus, ThemeEffect, Visibility};

/// An outcome, without who published it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::outcomes)]
pub struct OutcomeRow {
    /// Its challenge.
    pub challenge_id: Id,
    /// What came of it; Markdown.
    pub summary: String,
    /// What was heard, and what it changed.
    #[diesel(deserialize_as = Json)]
    pub themes: Themes,
    /// What happens from now on.
    pub next_steps: Option<String>,
    /// When it was published, or last revised.
    pub published_at: Instant,
    /// Raised by each revision.
    pub version: i64,
}

/// Something that was heard, and what it changed (the fourth Gunning principle: what comes in is conscientiously considered).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// In a few words.
    #[schema(min_length = 3, max_length = 120, pattern = r"^[^\r\n]*$", example = "Crossing Mill Lane safely")]
    pub title: String,
    /// What people said of it.
    #[schema(
        min_length = 3,
        max_length = 2_000,
        example = "A third of all ideas: cars are too fast, and sight is poor."
    )]
    pub heard: String,
    /// Whether it was asked about; what came up beside the question is heard too.
    #[serde(default = "asked")]
    #[schema(required = false, default = true)]
    pub asked_about: bool,
    /// What it changed.
    pub effect: ThemeEffect,
    /// How it changed the decision, or why it did not; of what was not asked about, what becomes of it.
    #[schema(min_length = 3, max_length = 2_000, example = "The crossing is built first, before the trees.")]
    pub how: String,
}

fn asked() -> bool {
    true
}

/// The themes of an outcome, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Themes(pub Vec<Theme>);

impl TryFrom<Json> for Themes {
    type Error = serde_json::Error;

    fn try_from(stored: Json) -> Result<Self, Self::Error> {
        serde_json::from_value(stored.0).map(Self)
    }
}

/// An idea in an outcome, with what is shown of it.
#[derive(Clone, Debug, Queryable)]
pub struct Linked {
    /// The idea.
    pub idea_id: Id,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// What the council has said to it.
    pub status: IdeaStatus,
    /// What became of it.
    pub what_became_of_it: String,
}

/// A link as it is written.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = outcome_ideas, treat_none_as_default_value = false)]
pub struct NewLink {
    /// The council.
    pub council_id: Id,
    /// The challenge.
    pub challenge_id: Id,
    /// The idea.
    pub idea_id: Id,
    /// What became of it.
    pub what_became_of_it: String,
    /// Its place among the others.
    pub position: i32,
}

/// What an outcome is made of, tidied and checked: the references to ideas are not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeDraft {
    /// What came of it; Markdown.
    pub summary: String,
    /// What was heard, and what it changed.
    pub themes: Vec<Theme>,
    /// What happens from now on.
    pub next_steps: Option<String>,
    /// Reference of an idea, and what became of it.
    pub ideas: Vec<(String, String)>,
}

/// The outcome of a challenge was published, or revised.
#[derive(Clone, Debug, Serialize)]
pub struct OutcomePublished {
    /// The challenge.
    pub challenge: Id,
    /// Counts from one.
    pub version: i64,
}

impl Entry for OutcomePublished {
    const KIND: EntryKind = EntryKind::OutcomePublished;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.challenge
    }
}
