//! What these doors take and show.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::people::factors::views::Proof;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::FateOfIdeas;

/// Leave for good.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseAccount {
    /// Who you are.
    pub proof: Proof,
    /// What becomes of your public ideas. Ideas that are not public go whatever you choose.
    pub ideas: FateOfIdeas,
}

/// All that is kept of somebody.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DataCopy {
    /// The slug of the council.
    pub council: String,
    /// The id of the account.
    pub account: Id,
    /// When this copy was made.
    pub made_at: Instant,
    /// One for each kind of data that there is something of.
    pub kept: Vec<Kept>,
}

/// What is kept of somebody in one table.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Kept {
    /// The table.
    pub table: String,
    /// What it is kept for.
    pub purpose: String,
    /// For how long.
    pub kept: String,
    /// What becomes of it when the account is erased.
    pub when_erased: String,
    /// Its rows. What shows that somebody is who they say (hashes, keys) is left out.
    pub rows: Vec<std::collections::BTreeMap<String, serde_json::Value>>,
}
