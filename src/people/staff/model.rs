//! Rows of invitations and suspensions.

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

/// That an account may not sign in, and why.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::suspensions)]
pub struct Suspension {
    /// Its id.
    pub id: Id,
    /// Whose account.
    pub account_id: Id,
    /// Why, as its owner is told.
    pub reason: String,
    /// Until when; none until somebody ends it.
    pub suspended_until: Option<Instant>,
    /// Since when.
    pub created_at: Instant,
}
