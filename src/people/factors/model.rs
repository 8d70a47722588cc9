//! Rows of factors.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};

/// The seed of an app's codes.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::totp_seeds)]
pub struct SeedRow {
    /// Sealed for its account.
    pub sealed_seed: String,
    /// Since when it is asked for.
    pub confirmed_at: Option<Instant>,
    /// The step of the last code that was taken.
    pub last_step: i64,
}

/// A passkey.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::passkeys)]
pub struct PasskeyRow {
    /// Its id here.
    pub id: Id,
    /// Whose it is.
    pub account_id: Id,
    /// Its id at the authenticator.
    pub credential_id: String,
    /// Public key and state.
    pub credential: String,
    /// What its owner calls it.
    pub name: String,
    /// When it last signed somebody in.
    pub last_used_at: Option<Instant>,
    /// Since when.
    pub created_at: Instant,
}
