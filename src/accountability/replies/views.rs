//! What replies take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Counted, Counts, Line, QuestionRow};
use super::rules::SAMPLE;
use crate::accountability::figures::model::FiguresRow;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::AnswerReply;

/// Say whether an answer was one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyToAnswer {
    /// Whether it answers what was asked.
    pub reply: AnswerReply,
    /// In a line of your own, for the council's staff; nobody else reads it, and they do only where ten at least were asked.
    #[schema(min_length = 1, max_length = 280, nullable = false, example = "You did not say by when.")]
    pub line: Option<String>,
}

/// Say whether an answer was one, by a mailed link.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyByLink {
    /// What follows `token=` in the link.
    #[schema(max_length = 200)]
    pub token: String,
    /// Whether it answers what was asked.
    pub reply: AnswerReply,
    /// In a line of your own, for the council's staff; nobody else reads it, and they do only where ten at least were asked.
    #[schema(min_length = 1, max_length = 280, nullable = false, example = "You did not say by when.")]
    pub line: Option<String>,
}

/// What you were asked about an answer, and said.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnReply {
    /// The answer.
    pub answer: Id,
    /// When you were asked.
    pub asked_at: Instant,
    /// What you said; null where you have not yet.
    #[schema(required = true)]
    pub reply: Option<AnswerReply>,
    /// In a line of your own.
    #[schema(required = true)]
    pub line: Option<String>,
    /// When.
    #[schema(required = true)]
    pub replied_at: Option<Instant>,
}

impl From<QuestionRow> for OwnReply {
    fn from(row: QuestionRow) -> Self {
        let QuestionRow { answer_id, asked_at, reply, line, replied_at } = row;
        Self { answer: answer_id, asked_at, reply, line, replied_at }
    }
}

/// What was said, by how many.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct ReplyFigures {
    /// Were asked.
    #[schema(example = 40)]
    pub asked: i64,
    /// Said that it answers what was asked.
    #[schema(example = 18)]
    pub yes: i64,
    /// Said that it does in part.
    #[schema(example = 5)]
    pub partly: i64,
    /// Said that it does not.
    #[schema(example = 2)]
    pub no: i64,
    /// Said nothing.
    #[schema(example = 15)]
    pub no_reply: i64,
}

impl From<Counts> for ReplyFigures {
    fn from(counts: Counts) -> Self {
        let no_reply = counts.asked.saturating_sub(counts.replies()).max(0);
        Self { asked: counts.asked, yes: counts.yes, partly: counts.partly, no: counts.no, no_reply }
    }
}

/// What was said of the answers to an idea.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdeaReplies {
    /// The idea.
    pub idea: Id,
    /// From how many replies on a figure is published.
    #[schema(example = 10)]
    pub sample: i64,
    /// Each revision of the answer, the latest first; a hundred at most.
    pub answers: Vec<AnswerReplies>,
}

/// What was said of one answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnswerReplies {
    /// The answer.
    pub answer: Id,
    /// Its revision.
    #[schema(example = 1)]
    pub revision: i32,
    /// The office that gave it.
    #[schema(example = "The Highways Office")]
    pub office: String,
    /// What was said; null where too few have said anything.
    #[schema(required = true)]
    pub figures: Option<ReplyFigures>,
}

impl IdeaReplies {
    /// Of the answers to an idea.
    pub fn new(idea: Id, counted: Vec<Counted>) -> Self {
        let one = |one: Counted| AnswerReplies {
            answer: one.answer,
            revision: one.revision,
            office: one.office,
            figures: one.counts.published().map(ReplyFigures::from),
        };
        Self { idea, sample: SAMPLE, answers: counted.into_iter().map(one).collect() }
    }
}

/// What was said of the answers of each office.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficesReplies {
    /// From how many replies on a figure is published.
    #[schema(example = 10)]
    pub sample: i64,
    /// When they were counted, which is done once an hour; null before anything was.
    #[schema(required = true)]
    pub counted_at: Option<Instant>,
    /// By name: every office that promised, committed itself or answered.
    pub offices: Vec<OfficeReplies>,
}

/// What was said of the answers of one office.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeReplies {
    /// The office, by the name under which it answered.
    #[schema(example = "The Highways Office")]
    pub office: String,
    /// What was said; null where too few have said anything. Answers with few replies are counted along only where these are
    /// enough together.
    #[schema(required = true)]
    pub figures: Option<ReplyFigures>,
}

impl From<FiguresRow> for OfficeReplies {
    fn from(row: FiguresRow) -> Self {
        Self { figures: row.said().map(ReplyFigures::from), office: row.office }
    }
}

/// What somebody wrote beside their reply; not who.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LineView {
    /// The answer.
    pub answer: Id,
    /// Its revision.
    #[schema(example = 1)]
    pub revision: i32,
    /// What they said.
    #[schema(required = true)]
    pub reply: Option<AnswerReply>,
    /// In a line of their own.
    #[schema(required = true)]
    pub line: Option<String>,
}

impl From<Line> for LineView {
    fn from(line: Line) -> Self {
        Self { answer: line.answer_id, revision: line.revision, reply: line.reply, line: line.line }
    }
}
