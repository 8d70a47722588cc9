//! What reports take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::queries::OwnRow;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{CaseState, DecisionKind, ReportReason};

/// Report an idea or a comment.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// What is wrong with it.
    pub reason: ReportReason,
    /// In words of your own, for those who decide; needed with `other`. Nobody is told whose they are.
    #[schema(
        min_length = 3,
        max_length = 500,
        nullable = false,
        example = "It gives the house number of a neighbour."
    )]
    pub words: Option<String>,
}

/// What you have reported, and what came of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnReport {
    /// The idea, or that under which the comment is.
    pub idea: Id,
    /// The comment; null where you have reported the idea itself.
    #[schema(required = true)]
    pub comment: Option<Id>,
    /// The revision that you had read.
    pub revision: i32,
    /// What you find wrong with it.
    pub reason: ReportReason,
    /// In words of your own.
    #[schema(required = true)]
    pub words: Option<String>,
    /// When.
    pub reported_at: Instant,
    /// Whether a moderator has still to look at it.
    pub state: CaseState,
    /// Until when that was promised.
    pub due_at: Instant,
    /// What was decided; null while it waits, and where it was gone before.
    #[schema(required = true)]
    pub decision: Option<DecisionKind>,
}

impl From<OwnRow> for OwnReport {
    fn from(row: OwnRow) -> Self {
        let OwnRow { idea, comment, revision, reason, words, reported_at, state, due_at, decision } = row;
        Self { idea, comment, revision, reason, words, reported_at, state, due_at, decision }
    }
}

/// What was reported in a case; nobody is named, and nothing tells when.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseReports {
    /// How many reported it; more than are listed where some of them have gone since.
    #[schema(example = 2)]
    pub count: i32,
    /// For which reasons, the most frequent first.
    pub reasons: Vec<ReasonCount>,
    /// Words that came with it, in no order; a hundred at most.
    pub words: Vec<ReportWords>,
}

/// How often something was reported.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReasonCount {
    /// What.
    pub reason: ReportReason,
    /// How often.
    #[schema(example = 2)]
    pub count: i64,
}

/// What somebody says of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReportWords {
    /// What is wrong.
    pub reason: ReportReason,
    /// The revision that they had read.
    pub revision: i32,
    /// In their words.
    pub words: String,
}
