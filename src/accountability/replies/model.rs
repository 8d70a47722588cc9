//! Rows of replies.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::AnswerReply;

/// What somebody was asked, and said.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::answer_questions)]
pub struct QuestionRow {
    /// About which answer.
    pub answer_id: Id,
    /// When they were asked.
    pub asked_at: Instant,
    /// What they said.
    pub reply: Option<AnswerReply>,
    /// In a line of their own.
    pub line: Option<String>,
    /// When.
    pub replied_at: Option<Instant>,
}

/// How many were asked, and how many said what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Were asked.
    pub asked: i64,
    /// Said yes.
    pub yes: i64,
    /// Said partly.
    pub partly: i64,
    /// Said no.
    pub no: i64,
}

/// What was said of one answer.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The answer.
    pub answer: Id,
    /// Its revision.
    pub revision: i32,
    /// The office that gave it.
    pub office: String,
    /// What was said.
    pub counts: Counts,
}

/// What somebody wrote beside their reply; not who.
#[derive(Clone, Debug, Queryable)]
pub struct Line {
    /// Of the question: random, and says nothing of when or who.
    pub id: Id,
    /// The answer.
    pub answer_id: Id,
    /// Its revision.
    pub revision: i32,
    /// What they said.
    pub reply: Option<AnswerReply>,
    /// In a line of their own.
    pub line: Option<String>,
}
