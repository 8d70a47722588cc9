//! What offices take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::Office;
use crate::platform::db::{Id, Instant};

/// Make an office.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeOffice {
    /// What the public reads.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\r\n]*$", example = "Director of Place")]
    pub name: String,
    /// The accounts that speak for it; staff of this council.
    #[serde(default)]
    #[schema(max_items = 200, nullable = false)]
    pub members: Vec<Id>,
}

/// Change an office; what is left out stays (RFC 7396).
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeOffice {
    /// What the public reads from now on.
    #[schema(min_length = 1, max_length = 200, pattern = r"^[^\r\n]*$", nullable = false)]
    pub name: Option<String>,
    /// All who speak for it from now on.
    #[schema(max_items = 200, nullable = false)]
    pub members: Option<Vec<Id>>,
}

/// An office, as everybody sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeView {
    /// Its id.
    pub id: Id,
    /// What the public reads.
    pub name: String,
    /// Since when there is one.
    pub created_at: Instant,
}

/// An office with its members, as admins see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeWithMembers {
    /// Its id.
    pub id: Id,
    /// What the public reads.
    pub name: String,
    /// The accounts that speak for it.
    pub members: Vec<Id>,
    /// Raised by each change.
    pub version: i64,
    /// Since when there is one.
    pub created_at: Instant,
}

impl From<Office> for OfficeView {
    fn from(row: Office) -> Self {
        Self { id: row.id, name: row.name, created_at: row.created_at }
    }
}

impl OfficeWithMembers {
    /// An office with its members.
    pub fn of(row: Office, members: Vec<Id>) -> Self {
        Self { id: row.id, name: row.name, members, version: row.version, created_at: row.created_at }
    }
}
