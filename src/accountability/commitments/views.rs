//! What commitments take and give.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Listed;
use super::rules::late;
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::CommitmentStatus;

/// Say what will be done.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeCommitment {
    /// What will be done.
    #[schema(min_length = 1, max_length = 2000, example = "Build a zebra crossing at Mill Lane")]
    pub what: String,
    /// The office that does it: the name or id of one that the council has made, and that you belong to unless you are an admin.
    #[schema(min_length = 1, max_length = 200, example = "The Highways Office")]
    pub office: String,
    /// The last day, where the council is.
    #[schema(format = Date, min_length = 10, max_length = 10, example = "2027-08-31")]
    pub due_on: String,
}

/// Say how a commitment stands. What is left out stays, but a new status does not keep the reason of the old one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeCommitment {
    /// How it stands.
    #[schema(nullable = false)]
    pub status: Option<CommitmentStatus>,
    /// Why it stands so; needed to drop it.
    #[schema(min_length = 1, max_length = 2000, nullable = false)]
    pub status_reason: Option<String>,
}

/// Something the council says it will do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommitmentView {
    /// Its id.
    pub id: Id,
    /// The challenge of its idea.
    pub challenge: Id,
    /// The idea it follows from.
    pub idea: Id,
    /// The number of that idea.
    #[schema(example = "ALD-1042")]
    pub idea_number: String,
    /// The title of that idea.
    pub idea_title: String,
    /// What will be done.
    pub what: String,
    /// The office that does it.
    pub office: String,
    /// The last day, where the council is.
    #[schema(format = Date, example = "2027-08-31")]
    pub due_on: String,
    /// Whether that day is over and the work is not done, or was so when it was dropped.
    pub late: bool,
    /// How it stands.
    pub status: CommitmentStatus,
    /// Why it stands so.
    #[schema(required = true)]
    pub status_reason: Option<String>,
    /// Since which day it is dropped; null where it is not.
    #[schema(required = true, format = Date)]
    pub dropped_on: Option<String>,
    /// Send it as `If-Match: "<version>"` with a change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl CommitmentView {
    /// A commitment as it stands on the local day `today`.
    pub fn new(listed: Listed, prefix: &str, today: &str) -> Self {
        let Listed { row, number, title } = listed;
        Self {
            id: row.id,
            challenge: row.challenge_id,
            idea: row.idea_id,
            idea_number: public_number(prefix, number),
            idea_title: title,
            late: late(&row.due_on, row.status, row.dropped_on.as_deref(), today),
            what: row.what,
            office: row.office,
            due_on: row.due_on,
            status: row.status,
            status_reason: row.status_reason,
            dropped_on: row.dropped_on,
            created_at: row.created_at,
            version: row.version,
            updated_at: row.updated_at,
        }
    }
}

/// Which commitments.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CommitmentQuery {
    /// Of this challenge.
    #[param(nullable = false)]
    pub challenge: Option<Id>,
    /// On this idea: its id or public number.
    #[param(nullable = false, max_length = 40)]
    pub idea: Option<String>,
    /// In this status.
    #[param(nullable = false)]
    pub status: Option<CommitmentStatus>,
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}
