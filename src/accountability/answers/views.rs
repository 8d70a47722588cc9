//! What answers take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::AnswerRow;
use crate::platform::db::{Id, Instant};
use crate::platform::error::Problem;
use crate::platform::html::markdown;
use crate::vocabulary::{AnswerKind, BulkResult};

/// Answer an idea.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerIdea {
    /// Yes, no, and what lies between; becomes the status of the idea.
    pub kind: AnswerKind,
    /// The office that answers, never a person: the name or id of one that the council has made, and that you belong to unless
    /// you are an admin.
    #[schema(min_length = 1, max_length = 200, example = "The Highways Office")]
    pub office: String,
    /// Why; Markdown.
    #[schema(min_length = 1, max_length = 20000, example = "The crossing will be built in the summer holidays.")]
    pub reason: String,
}

/// Answer many ideas with one text.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerIdeas {
    /// Yes, no, and what lies between; becomes the status of each.
    pub kind: AnswerKind,
    /// The office that answers, never a person: the name or id of one that the council has made, and that you belong to unless
    /// you are an admin.
    #[schema(min_length = 1, max_length = 200, example = "The Highways Office")]
    pub office: String,
    /// Why; Markdown. It is the reason of each.
    #[schema(
        min_length = 1,
        max_length = 20000,
        example = "These roads are the county's. We have passed your ideas on."
    )]
    pub reason: String,
    /// The ideas, each once.
    #[schema(min_items = 1, max_items = 200)]
    pub ideas: Vec<IdeaToAnswer>,
}

/// One of many ideas, as it was read.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdeaToAnswer {
    /// Its id or number.
    #[schema(min_length = 1, max_length = 40, example = "ALD-1042")]
    pub idea: String,
    /// Its `version` as it was read.
    #[schema(minimum = 1, example = 3)]
    pub version: i64,
}

/// What became of each idea, in the order in which they were named.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnsweredIdeas {
    /// One for each.
    pub items: Vec<OneAnswered>,
}

/// What became of one idea.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OneAnswered {
    /// Its public number; as it was named, where there is no such idea.
    #[schema(example = "ALD-1042")]
    pub idea: String,
    /// What became of it.
    #[serde(flatten)]
    pub became: WhatBecame,
}

/// Whether an idea was answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WhatBecame {
    /// Whether it was.
    pub result: BulkResult,
    /// Its answer, where it has one by this.
    #[schema(required = true)]
    pub answer: Option<Id>,
    /// The revision of that answer.
    #[schema(required = true)]
    pub revision: Option<i32>,
    /// What is held of it, in a quiet period.
    #[schema(required = true)]
    pub held_act: Option<Id>,
    /// Where it was refused: the code of the problem.
    #[schema(required = true, example = "changed")]
    pub code: Option<String>,
    /// Where it was refused: why.
    #[schema(required = true)]
    pub detail: Option<String>,
}

impl WhatBecame {
    /// It has a new answer.
    pub fn answered(row: AnswerRow) -> Self {
        let (answer, revision) = (Some(row.id), Some(row.revision));
        Self { result: BulkResult::Answered, answer, revision, held_act: None, code: None, detail: None }
    }

    /// It had this answer before.
    pub fn unchanged(row: AnswerRow) -> Self {
        Self { result: BulkResult::Unchanged, ..Self::answered(row) }
    }

    /// It could not be answered.
    pub fn refused(problem: &Problem) -> Self {
        let detail = problem.detail.clone().unwrap_or_else(|| problem.code.detail().to_owned());
        let code = Some(problem.code.as_str().to_owned());
        Self { result: BulkResult::Refused, answer: None, revision: None, held_act: None, code, detail: Some(detail) }
    }

    /// It is answered when the quiet period is over.
    pub fn held(act: Id) -> Self {
        let held_act = Some(act);
        Self { result: BulkResult::Held, answer: None, revision: None, held_act, code: None, detail: None }
    }
}

/// An answer, or a revision of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnswerView {
    /// Its id.
    pub id: Id,
    /// The idea.
    pub idea: Id,
    /// Counts from one; the greatest is the one that holds.
    #[schema(example = 1)]
    pub revision: i32,
    /// The revision of the idea that it answers.
    #[schema(example = 1)]
    pub idea_revision: i32,
    /// Yes, no, and what lies between.
    pub kind: AnswerKind,
    /// The office that answers.
    #[schema(example = "The Highways Office")]
    pub office: String,
    /// Why; Markdown.
    pub reason: String,
    /// Why; HTML, safe to show.
    pub reason_html: String,
    /// When.
    pub answered_at: Instant,
}

impl From<AnswerRow> for AnswerView {
    fn from(row: AnswerRow) -> Self {
        Self {
            id: row.id,
            idea: row.idea_id,
            revision: row.revision,
            idea_revision: row.idea_revision,
            kind: row.kind,
            office: row.office,
            reason_html: markdown(&row.reason),
            reason: row.reason,
            answered_at: row.answered_at,
        }
    }
}
