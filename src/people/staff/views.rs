//! What staff, invitations and suspensions take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Invitation, Suspension};
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

/// Suspend an account.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Suspend {
    /// Why; its owner is told so by mail.
    #[schema(min_length = 1, max_length = 2000, example = "You have published the addresses of three neighbours.")]
    pub reason: String,
    /// Until when; without it, until somebody ends it.
    #[schema(nullable = false)]
    pub until: Option<Instant>,
}

/// That an account may not sign in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SuspensionView {
    /// Its id.
    pub id: Id,
    /// Whose account.
    pub account: Id,
    /// Why, as its owner was told.
    pub reason: String,
    /// Until when; null until somebody ends it.
    #[schema(required = true)]
    pub until: Option<Instant>,
    /// Since when.
    pub created_at: Instant,
}

impl From<Suspension> for SuspensionView {
    fn from(row: Suspension) -> Self {
        Self {
            id: row.id,
            account: row.account_id,
            reason: row.reason,
            until: row.suspended_until,
            created_at: row.created_at,
        }
    }
}
