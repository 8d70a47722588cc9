//! What sessions take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::SessionRow;
use super::token::GOOD_FOR;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::SignInMethod;

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
    /// What this device was given at an earlier sign-in, so that its owner is not told of a new device.
    #[schema(max_length = 100, nullable = false)]
    pub device_token: Option<String>,
    /// A code of the app or from paper, where the account has a second factor.
    #[schema(max_length = 40, nullable = false, example = "492039")]
    pub code: Option<String>,
}

/// Sign in to operate the platform.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInToPlatform {
    /// The address of the account.
    #[schema(max_length = 254, example = "platform@folkmoot.example")]
    pub email: String,
    /// Its password.
    #[schema(max_length = 1024)]
    pub password: String,
}

/// Where a mail is wanted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// The address of the account.
    #[schema(max_length = 254, example = "ana@example.org")]
    pub email: String,
}

/// Sign in with a mailed code.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInWithCode {
    /// The address that the mail went to.
    #[schema(max_length = 254, example = "ana@example.org")]
    pub email: String,
    /// The six digits in it.
    #[schema(min_length = 6, max_length = 12, example = "492039")]
    pub mailed_code: String,
    /// A code of the app or from paper, where the account has a second factor.
    #[schema(max_length = 40, nullable = false)]
    pub code: Option<String>,
    /// What you call this device, for the list of your sessions.
    #[schema(min_length = 1, max_length = 60, nullable = false)]
    pub device: Option<String>,
    /// What this device was given at an earlier sign-in.
    #[schema(max_length = 100, nullable = false)]
    pub device_token: Option<String>,
}

/// Sign in with a mailed link.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInWithLink {
    /// What follows `token=` in the link.
    #[schema(max_length = 200)]
    pub token: String,
    /// A code of the app or from paper, where the account has a second factor.
    #[schema(max_length = 40, nullable = false)]
    pub code: Option<String>,
    /// What you call this device, for the list of your sessions.
    #[schema(min_length = 1, max_length = 60, nullable = false)]
    pub device: Option<String>,
    /// What this device was given at an earlier sign-in.
    #[schema(max_length = 100, nullable = false)]
    pub device_token: Option<String>,
}

/// A device that is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OneSession {
    /// Its id.
    pub id: Id,
    /// What its owner calls the device.
    pub device: Option<String>,
    /// How it was signed in.
    pub method: SignInMethod,
    /// Whether two factors were shown, or a passkey.
    pub two_factors: bool,
    /// Whether it is this one.
    pub current: bool,
    /// Since when.
    pub created_at: Instant,
    /// When it was last refreshed.
    pub last_used_at: Instant,
}

impl OneSession {
    /// A session, seen from another.
    pub fn of(row: SessionRow, current: Id) -> Self {
        Self {
            current: row.id == current,
            id: row.id,
            device: row.device,
            method: row.method,
            two_factors: row.two_factors,
            created_at: row.created_at,
            last_used_at: row.refreshed_at,
        }
    }
}

/// Every device that is signed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionList {
    /// The one last used first.
    pub items: Vec<OneSession>,
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
    /// After signing in: keep it on this device and send it along the next time, so that its owner is not told of a new device.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub device_token: Option<String>,
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
