//! What milestones take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::MilestoneRow;
use super::rules::late;
use crate::platform::db::{Id, Instant};

/// Plan a step.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanMilestone {
    /// What is to be reached.
    #[schema(min_length = 1, max_length = 300, pattern = r"^[^\r\n]*$", example = "The road is surveyed")]
    pub title: String,
    /// By when, where the council is.
    #[schema(format = Date, min_length = 10, max_length = 10, example = "2027-05-31")]
    pub planned_on: String,
}

/// Say that a step was reached, and what shows it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReachMilestone {
    /// When, where the council is; not in the future.
    #[schema(format = Date, min_length = 10, max_length = 10, example = "2027-05-20")]
    pub done_on: String,
    /// What shows it.
    #[schema(min_length = 1, max_length = 5000, example = "The survey was received by the committee on 20 May.")]
    pub evidence: String,
    /// Where that is to be seen: http or https.
    #[schema(min_length = 1, max_length = 2000, nullable = false, example = "https://aldermoor.example/survey")]
    pub evidence_url: Option<String>,
}

/// A dated step of a commitment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestoneView {
    /// Its id.
    pub id: Id,
    /// The commitment.
    pub commitment: Id,
    /// What is to be reached.
    #[schema(example = "The road is surveyed")]
    pub title: String,
    /// By when, where the council is.
    #[schema(format = Date, example = "2027-05-31")]
    pub planned_on: String,
    /// When it was reached; null where it is not yet.
    #[schema(required = true, format = Date)]
    pub done_on: Option<String>,
    /// Whether it was reached after that day, or is not and the day is over, or was when the commitment was dropped.
    pub late: bool,
    /// What shows that it was reached.
    #[schema(required = true)]
    pub evidence: Option<String>,
    /// Where that is to be seen.
    #[schema(required = true)]
    pub evidence_url: Option<String>,
    /// Raised by each change.
    #[schema(example = 1)]
    pub version: i64,
    /// When it was planned.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl MilestoneView {
    /// A step of a commitment, which was dropped on a day or is not, on the local day `today`.
    pub fn new(row: MilestoneRow, dropped_on: Option<&str>, today: &str) -> Self {
        Self {
            late: late(&row.planned_on, row.done_on.as_deref(), dropped_on, today),
            id: row.id,
            commitment: row.commitment_id,
            title: row.title,
            planned_on: row.planned_on,
            done_on: row.done_on,
            evidence: row.evidence,
            evidence_url: row.evidence_url,
            version: row.version,
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// The steps of a commitment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MilestonesView {
    /// By planned day; fifty at most.
    pub items: Vec<MilestoneView>,
}
