//! What a feed is made of.

use crate::platform::db::{Id, Instant};
use crate::vocabulary::AnswerKind;

/// An answer, an update or an outcome that everybody sees.
#[derive(Clone, Debug)]
pub struct Item {
    /// When.
    pub at: Instant,
    /// The answer, the update, or the challenge of the outcome.
    pub id: Id,
    /// The challenge.
    pub challenge: Id,
    /// Its title.
    pub challenge_title: String,
    /// The reason, what was told, or the summary; Markdown.
    pub text: String,
    /// What it is.
    pub what: What,
}

/// What a feed tells of.
#[derive(Clone, Debug)]
pub enum What {
    /// An answer to an idea.
    Answer(Answered),
    /// How it goes with a challenge.
    Update(Updated),
    /// What came of a challenge.
    Outcome,
}

/// How it goes with a challenge, in the revision that holds.
#[derive(Clone, Debug)]
pub struct Updated {
    /// In a few words.
    pub title: String,
    /// The office that speaks.
    pub office: String,
    /// Counts from one.
    pub revision: i32,
    /// What this revision puts right.
    pub correction: Option<String>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The idea.
    pub idea: Id,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// The office that answered.
    pub office: String,
    /// Yes, no, and what lies between.
    pub kind: AnswerKind,
    /// Counts from one.
    pub revision: i32,
    /// Whether a later one has taken its place.
    pub superseded: bool,
}

/// Where a page ended.
pub type Key = (Instant, Id);
