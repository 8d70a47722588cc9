//! What sessions take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::token::GOOD_FOR;

/// Sign in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// The address of the account.
    #[schema(max_length = 254, example = "ana@example.org")]
    pub email: String,
    /// Its password.
    #[schema(max_length = 1024)]
    pub password: String,
    /// What you call this device, for the list of your sessions.
    #[schema(min_length = 1, max_length = 60, nullable = false, example = "Ana's phone")]
    pub device: Option<String>,
}

/// Go on with a session.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    /// The refresh token you were last given.
    #[schema(max_length = 400)]
    pub refresh_token: String,
}

/// What a session consists of.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token runs out.
    pub expires_in: u64,
    /// Good once, for the next pair.
    pub refresh_token: String,
}

/// An access token that is not renewed: sign in again.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccessView {
    /// Send it as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token runs out.
    pub expires_in: u64,
}

impl AccessView {
    /// Of a token signed just now.
    pub fn of(access_token: String) -> Self {
        Self { access_token, token_type: "Bearer".into(), expires_in: GOOD_FOR }
    }
}
