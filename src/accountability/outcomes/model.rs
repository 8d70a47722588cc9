//! Rows of outcomes, and what is recorded of them.

use diesel::prelude::*;
use serde::Serialize;

use crate::platform::db::schema::outcome_ideas;
use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, IdeaStatus, Visibility};

/// An outcome, without who published it.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::outcomes)]
pub struct OutcomeRow {
    /// Its challenge.
    pub challenge_id: Id,
    /// What came of it; Markdown.
    pub summary: String,
    /// When it was published, or last revised.
    pub published_at: Instant,
    /// Raised by each revision.
    pub version: i64,
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
