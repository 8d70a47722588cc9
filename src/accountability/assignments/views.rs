//! What assignments take and give.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Assigned;
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::IdeaStatus;

/// Say which office is to answer an idea.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignIdea {
    /// The name or id of an office.
    #[schema(min_length = 1, max_length = 200, example = "The Highways Office")]
    pub office: String,
    /// The account of somebody who belongs to it.
    #[schema(nullable = false)]
    pub officer: Option<Id>,
}

/// Which office is to answer an idea.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AssignmentView {
    /// The idea.
    pub idea: Id,
    /// Its public number.
    #[schema(example = "ALD-1042")]
    pub idea_number: String,
    /// Its title.
    pub idea_title: String,
    /// What the council has said to it.
    pub status: IdeaStatus,
    /// The council owes an answer by then.
    pub answer_due_at: Instant,
    /// The office.
    pub office: Id,
    /// Its name.
    #[schema(example = "The Highways Office")]
    pub office_name: String,
    /// The account of who is to answer, while they belong to the office.
    #[schema(required = true)]
    pub officer: Option<Id>,
    /// Raised by each change.
    #[schema(example = 1)]
    pub version: i64,
    /// Since when.
    pub assigned_at: Instant,
}

impl AssignmentView {
    /// As it is shown where ideas are numbered with `prefix`.
    pub fn new(assigned: Assigned, prefix: &str) -> Self {
        Self {
            idea: assigned.idea_id,
            idea_number: public_number(prefix, assigned.number),
            idea_title: assigned.title,
            status: assigned.status,
            answer_due_at: assigned.answer_due_at,
            office: assigned.office_id,
            office_name: assigned.office,
            officer: assigned.officer_id,
            version: assigned.version,
            assigned_at: assigned.assigned_at,
        }
    }
}

/// Which assignments.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AssignmentQuery {
    /// Only of this office.
    #[param(nullable = false)]
    pub office: Option<Id>,
    /// Only your own.
    #[param(nullable = false)]
    pub mine: Option<bool>,
    /// Only ideas that wait for an answer.
    #[param(nullable = false)]
    pub waiting: Option<bool>,
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}
