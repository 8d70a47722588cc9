//! What staff and invitations take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::Invitation;
use crate::people::accounts::model::AccountRow;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{AccountState, Role};

/// Somebody of the staff.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StaffView {
    /// The account.
    pub id: Id,
    /// How they are called.
    pub display_name: String,
    /// Their address.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Whether they can sign in.
    pub state: AccountState,
    /// Raised by each change.
    pub version: i64,
}

impl From<AccountRow> for StaffView {
    fn from(row: AccountRow) -> Self {
        Self {
            id: row.id,
            display_name: row.display_name,
            email: row.email,
            role: row.role,
            state: row.state,
            version: row.version,
        }
    }
}

/// Give somebody of the staff another role.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeRole {
    /// What they may do from now on; not `resident`.
    pub role: Role,
}

/// An invitation that nobody has followed yet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InvitationView {
    /// Its id.
    pub id: Id,
    /// To whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// By which account; null where whoever operates the platform has invited.
    #[schema(required = true)]
    pub invited_by: Option<Id>,
    /// Until when it is good.
    pub expires_at: Instant,
    /// When it was made.
    pub created_at: Instant,
}

impl From<Invitation> for InvitationView {
    fn from(row: Invitation) -> Self {
        Self {
            id: row.id,
            email: row.email,
            role: row.role,
            invited_by: row.invited_by,
            expires_at: row.expires_at,
            created_at: row.created_at,
        }
    }
}
