//! Rows of invitations.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::Role;

/// An invitation that nobody has followed yet.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::invitations)]
pub struct Invitation {
    /// Its id.
    pub id: Id,
    /// To whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// By which account; none where whoever operates the platform has invited.
    pub invited_by: Option<Id>,
    /// Until when it is good.
    pub expires_at: Instant,
    /// When it was made.
    pub created_at: Instant,
}
