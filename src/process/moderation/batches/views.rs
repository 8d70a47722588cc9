//! What decisions on many cases take and give.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::queries::{BatchRow, ItemRow};
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Problem};
use crate::process::moderation::queries::CaseRow;
use crate::vocabulary::{BatchItemState, BatchState, DecisionKind, IdeaState};

/// How to decide.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BatchQuery {
    /// Only say what would become of each.
    #[param(nullable = false)]
    pub dry_run: Option<bool>,
}

/// A case as it was read.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseToDecide {
    /// The case.
    pub case: Id,
    /// Its `version`.
    #[schema(minimum = 1)]
    pub version: i64,
}

/// Decide many cases alike.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeCaseBatch {
    /// Which ones; each once.
    #[schema(min_items = 1, max_items = 100)]
    pub cases: Vec<CaseToDecide>,
    /// What.
    pub decision: DecisionKind,
    /// The code of the ground; needed with all but `publish`.
    #[schema(max_length = 40, nullable = false)]
    pub ground: Option<String>,
    /// The statement of reasons for the authors; needed with all but `publish`.
    #[schema(min_length = 10, max_length = 4_000, nullable = false)]
    pub statement: Option<String>,
}

/// What would become of each case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseBatchPreview {
    /// How many authors would be mailed: each once, however much of it is theirs.
    #[schema(example = 1)]
    pub authors_mailed: usize,
    /// One for each case, in the order of asking.
    pub items: Vec<CasePreview>,
}

/// What would become of one case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CasePreview {
    /// The case.
    pub case: Id,
    /// Its idea, or that under which its comment is.
    pub idea: Id,
    /// Its comment; null where it is about the idea itself.
    #[schema(required = true)]
    pub comment: Option<Id>,
    /// The idea's public number.
    #[schema(example = "ALD-1042")]
    pub number: String,
    /// The idea's title.
    pub title: String,
    /// Where the idea, or the comment, stands.
    pub item_state: IdeaState,
    /// Where it would stand; null where the case cannot be decided so.
    #[schema(required = true)]
    pub would_be: Option<IdeaState>,
    /// Whether its author would be mailed.
    pub author_mailed: bool,
    /// Where it cannot: the code of the problem.
    #[schema(required = true, example = "changed")]
    pub code: Option<String>,
    /// Where it cannot: why.
    #[schema(required = true)]
    pub detail: Option<String>,
}

/// Decisions on many cases.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseBatchView {
    /// Their id.
    pub id: Id,
    /// Whether they wait, are carried out, or were taken back.
    pub state: BatchState,
    /// What.
    pub decision: DecisionKind,
    /// The code of the ground.
    #[schema(required = true)]
    pub ground: Option<String>,
    /// The statement of reasons.
    #[schema(required = true)]
    pub statement: Option<String>,
    /// Whether it was you who asked; only then you can take them back.
    pub mine: bool,
    /// When they were asked for.
    pub asked_at: Instant,
    /// When they are carried out; until then they can be taken back.
    pub due_at: Instant,
    /// One for each case, in the order of asking.
    pub items: Vec<CaseBatchItem>,
}

/// What became of one case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseBatchItem {
    /// The case.
    pub case: Id,
    /// Its idea, or that under which its comment is.
    pub idea: Id,
    /// Its comment; null where it is about the idea itself.
    #[schema(required = true)]
    pub comment: Option<Id>,
    /// The idea's public number.
    #[schema(example = "ALD-1042")]
    pub number: String,
    /// The idea's title.
    pub title: String,
    /// What became of it.
    pub state: BatchItemState,
    /// The decision, where there is one.
    #[schema(required = true)]
    pub decision: Option<Id>,
    /// Where it was skipped: the code of the problem.
    #[schema(required = true, example = "changed")]
    pub code: Option<String>,
    /// Where it was skipped: why.
    #[schema(required = true)]
    pub detail: Option<String>,
}

impl CasePreview {
    /// What would become of a case.
    pub fn of(
        row: CaseRow,
        verdict: Result<IdeaState, Problem>,
        has_address: bool,
        restricts: bool,
        prefix: &str,
    ) -> Self {
        let would_be = verdict.as_ref().ok().copied();
        let problem = verdict.err();
        Self {
            case: row.id,
            idea: row.idea_id,
            number: public_number(prefix, row.number),
            comment: row.subject().comment,
            item_state: row.item_state(),
            author_mailed: has_address && would_be.is_some_and(|state| restricts || state != row.item_state()),
            title: row.title,
            would_be,
            code: problem.as_ref().map(|problem| problem.code.as_str().to_owned()),
            detail: problem.map(|problem| problem.detail.unwrap_or_else(|| problem.code.detail().to_owned())),
        }
    }
}

impl CaseBatchView {
    /// As one of the staff sees it.
    pub fn of(row: BatchRow, items: Vec<(ItemRow, i64, String)>, prefix: &str, me: Id) -> Self {
        let item = |(item, number, title): (ItemRow, i64, String)| {
            let code = Code::ALL.iter().find(|code| item.refused_with.as_deref() == Some(code.as_str()));
            CaseBatchItem {
                case: item.case_id,
                idea: item.idea_id,
                comment: item.comment_id,
                number: public_number(prefix, number),
                title,
                state: item.state,
                decision: item.decision_id,
                code: item.refused_with,
                detail: code.map(|code| code.detail().to_owned()),
            }
        };
        Self {
            id: row.id,
            state: row.state,
            decision: row.kind,
            ground: row.ground_code,
            statement: row.statement,
            mine: row.asked_by == me,
            asked_at: row.asked_at,
            due_at: row.due_at,
            items: items.into_iter().map(item).collect(),
        }
    }
}
