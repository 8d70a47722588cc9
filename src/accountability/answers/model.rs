//! Rows of answers, and what is recorded of them.

use diesel::prelude::*;
use serde::Serialize;

use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{AnswerKind, EntryKind, Visibility};

/// An answer, without who wrote it: it is the office that answers.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::answers)]
pub struct AnswerRow {
    /// Its id.
    pub id: Id,
    /// The idea.
    pub idea_id: Id,
    /// The challenge of the idea.
    pub challenge_id: Id,
    /// Counts from one.
    pub revision: i32,
    /// The revision of the idea that it answers.
    pub idea_revision: i32,
    /// Yes, no, and what lies between.
    pub kind: AnswerKind,
    /// The office that answers.
    pub office: String,
    /// Why; Markdown.
    pub reason: String,
    /// When.
    pub answered_at: Instant,
}

/// What an answer is made of, tidied and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerDraft {
    /// Yes, no, and what lies between.
    pub kind: AnswerKind,
    /// The office that answers.
    pub office: String,
    /// Why; Markdown.
    pub reason: String,
}

/// An idea has an answer, or another revision of it.
#[derive(Clone, Debug, Serialize)]
pub struct IdeaAnswered {
    /// The idea.
    pub idea: Id,
    /// Its challenge.
    pub challenge: Id,
    /// The answer.
    pub answer: Id,
    /// Counts from one.
    pub revision: i32,
    /// Yes, no, and what lies between.
    pub kind: AnswerKind,
}

impl Entry for IdeaAnswered {
    const KIND: EntryKind = EntryKind::IdeaAnswered;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.idea
    }
}

/// What a mail says of an idea that everybody sees.
#[derive(Clone, Debug, Queryable)]
pub struct Told {
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Whose it is.
    pub author_id: Option<Id>,
    /// When its author asked back.
    pub followed_up_at: Option<Instant>,
}
