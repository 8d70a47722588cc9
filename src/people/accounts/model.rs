//! Rows of accounts and sessions.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::{AccountKind, AccountState, AgeBand, Role};

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
    /// Whether it is its owner's own, or for a mailed link only.
    pub kind: AccountKind,
    /// Under which its profile is public; none where it is private.
    pub profile_id: Option<Id>,
    /// How old its owner said that they are, where they were asked.
    pub age_band: Option<AgeBand>,
    /// Whether its owner is under eighteen and the council protects them.
    pub protected: bool,
    /// Raised by each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
}

impl AccountRow {
    /// Whether more is withheld of its owner, and more of what they write is looked at, than the rules of a challenge say:
    /// what shows people or places asks this first.
    pub fn is_protected(&self) -> bool {
        self.protected
    }
}
