//! What a feed is made of.

use crate::platform::db::{Id, Instant};
use crate::vocabulary::AnswerKind;

/// An answer or an outcome that everybody sees.
#[derive(Clone, Debug)]
pub struct Item {
    /// When.
    pub at: Instant,
    /// The answer, or the challenge of the outcome.
    pub id: Id,
    /// The challenge.
    pub challenge: Id,
    /// Its title.
    pub challenge_title: String,
    /// The reason, or the summary; Markdown.
    pub text: String,
    /// What was answered; `None` for an outcome.
    pub answer: Option<Answered>,
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
