//! What keys take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::KeyRow;
use crate::people::factors::views::Proof;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{KeyMode, Role};

/// Make a key.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeKey {
    /// Who you are.
    pub proof: Proof,
    /// What it is for.
    #[schema(min_length = 1, max_length = 120, pattern = r"^[^\r\n]*$", example = "The website's answer editor")]
    pub name: String,
    /// Rows of the permission table, none that your own role lacks.
    #[schema(min_items = 1, max_items = 20, example = json!(["public.read", "answer.give"]))]
    pub scopes: Vec<String>,
    /// When it ends; in a year at the latest.
    pub expires_at: Instant,
    /// `test` for a key that works with the council's sandbox; `live` unless given.
    #[serde(default = "live")]
    #[schema(required = false)]
    pub mode: KeyMode,
    /// For a test key, whose part it plays in the sandbox: a resident's, say. Your own role unless given.
    #[schema(nullable = false)]
    pub role: Option<Role>,
}

fn live() -> KeyMode {
    KeyMode::Live
}

/// A key, without what only its holder knows.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeyView {
    /// Its id, which the key itself begins with.
    pub id: Id,
    /// What it works with.
    pub mode: KeyMode,
    /// The account whose rights it has a part of.
    pub account: Id,
    /// What it is for.
    pub name: String,
    /// Rows of the permission table. One that the account's role lacks by now allows nothing.
    pub scopes: Vec<String>,
    /// When it ends by itself.
    pub expires_at: Instant,
    /// The day, in UTC, on which it was last used; null where it never was.
    #[schema(required = true, format = Date)]
    pub last_used_on: Option<String>,
    /// When it was made.
    pub created_at: Instant,
}

/// A key that was made just now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MadeKey {
    /// The key itself: send it as a bearer token. It is shown this once.
    #[schema(example = "fm_live_01a20ae9361c78c18916a5bafb77c20d_…")]
    pub key: String,
    /// Its id, which the key itself begins with.
    pub id: Id,
    /// What it works with.
    pub mode: KeyMode,
    /// What it is for.
    pub name: String,
    /// Rows of the permission table.
    pub scopes: Vec<String>,
    /// When it ends by itself.
    pub expires_at: Instant,
}

fn names(row: &KeyRow) -> Vec<String> {
    row.scopes().iter().map(|action| action.as_str().to_owned()).collect()
}

impl From<KeyRow> for KeyView {
    fn from(row: KeyRow) -> Self {
        Self {
            scopes: names(&row),
            id: row.id,
            mode: row.mode,
            account: row.account_id,
            name: row.name,
            expires_at: row.expires_at,
            last_used_on: row.last_used_on,
            created_at: row.created_at,
        }
    }
}

impl MadeKey {
    /// A key with what it is shown with once.
    pub fn of(row: KeyRow, key: String) -> Self {
        Self { key, scopes: names(&row), id: row.id, mode: row.mode, name: row.name, expires_at: row.expires_at }
    }
}
