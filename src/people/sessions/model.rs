//! Rows of sessions.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::SignInMethod;

/// A session: a family of refresh tokens.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::sessions)]
pub struct SessionRow {
    /// Its council.
    pub council_id: Id,
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account_id: Id,
    /// Of the one refresh token that is good.
    pub token_hash: String,
    /// How often it was refreshed.
    pub generation: i32,
    /// How its owner signed in.
    pub method: SignInMethod,
    /// Whether two factors were shown, or a passkey, which is two in one.
    pub two_factors: bool,
    /// What its owner calls the device.
    pub device: Option<String>,
    /// When its owner last showed who they are.
    pub authenticated_at: Instant,
    /// When it was last refreshed.
    pub refreshed_at: Instant,
    /// When it ends by itself.
    pub expires_at: Instant,
    /// When it was ended.
    pub ended_at: Option<Instant>,
    /// When it began.
    pub created_at: Instant,
}
