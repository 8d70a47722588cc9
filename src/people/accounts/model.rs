//! Rows of accounts and sessions.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::{AccountState, Role};

/// An account of a council.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::accounts)]
pub struct AccountRow {
    /// Its council.
    pub council_id: Id,
    /// Its id.
    pub id: Id,
    /// As it was typed.
    pub email: String,
    /// How its owner wishes to be called.
    pub display_name: String,
    /// argon2id, in PHC form.
    pub password_hash: Option<String>,
    /// What it may do.
    pub role: Role,
    /// Raised when the password or the address changes.
    pub credentials_version: i32,
    /// Whether it can be used.
    pub state: AccountState,
    /// Raised by each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
}
