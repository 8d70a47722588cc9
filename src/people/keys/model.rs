//! Rows of keys.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant, Json};
use crate::vocabulary::KeyMode;
use crate::vocabulary::permissions::Action;

/// A key for a program.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::api_keys)]
pub struct KeyRow {
    /// Its council.
    pub council_id: Id,
    /// Its id, which the key itself begins with.
    pub id: Id,
    /// Whose rights it has a part of.
    pub account_id: Id,
    /// What it is for.
    pub name: String,
    /// Of its secret part.
    pub secret_hash: String,
    /// What it works with.
    pub mode: KeyMode,
    /// Whether the session that made it had shown two factors.
    pub two_factors: bool,
    /// Names of rows of the permission table.
    pub scopes: Json,
    /// When it ends by itself.
    pub expires_at: Instant,
    /// The day on which it was last used.
    pub last_used_on: Option<String>,
    /// When it was made.
    pub created_at: Instant,
}

impl KeyRow {
    /// The rows of the permission table that it names; a row that is no more allows nothing.
    pub fn scopes(&self) -> Vec<Action> {
        let names = self.scopes.0.as_array().into_iter().flatten();
        names.filter_map(|name| name.as_str().and_then(Action::named)).collect()
    }
}
