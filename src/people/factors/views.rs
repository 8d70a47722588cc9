//! What factors take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::PasskeyRow;
use crate::platform::db::{Id, Instant};

/// Shows once more who you are. Where the account has no password, a session that began within ten minutes is enough.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// The password, where the account has one.
    #[schema(max_length = 1024, nullable = false)]
    pub password: Option<String>,
    /// A code of the app or from paper, where the account has a second factor.
    #[schema(max_length = 40, nullable = false, example = "492039")]
    pub code: Option<String>,
}

/// Something that asks who you are.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Proved {
    /// Who you are.
    pub proof: Proof,
}

/// A code of the app.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmCode {
    /// The six digits that the app shows.
    #[schema(min_length = 6, max_length = 12, example = "492039")]
    pub code: String,
}

/// What an app needs to show codes; told once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SeedView {
    /// In base 32, to be typed.
    pub secret: String,
    /// The same as an address for a QR picture (`otpauth:`).
    pub app_url: String,
}

/// Codes on paper; told once.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RecoveryCodes {
    /// Each is good once, in place of a code of the app.
    pub codes: Vec<String>,
}

/// What an account signs in with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FactorsView {
    /// Whether it has a password.
    pub password: bool,
    /// Whether codes of an app are asked for.
    pub totp: bool,
    /// Codes on paper that are left.
    pub recovery_codes_left: i64,
    /// Its passkeys.
    pub passkeys: Vec<PasskeyView>,
    /// Whether the council asks its staff for a second factor and this session has shown none.
    pub second_factor_needed: bool,
}

/// A passkey.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PasskeyView {
    /// Its id here.
    pub id: Id,
    /// What its owner calls it.
    pub name: String,
    /// Since when.
    pub created_at: Instant,
    /// When it last signed somebody in.
    pub last_used_at: Option<Instant>,
}

impl From<PasskeyRow> for PasskeyView {
    fn from(row: PasskeyRow) -> Self {
        Self { id: row.id, name: row.name, created_at: row.created_at, last_used_at: row.last_used_at }
    }
}

/// What a browser is to sign with a passkey.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PasskeyCeremony {
    /// Send it back with what the browser answers; good for five minutes and once.
    pub ceremony: Id,
    /// For `navigator.credentials.create` or `.get`, in JSON (`parseCreationOptionsFromJSON`, `parseRequestOptionsFromJSON`).
    #[schema(value_type = Object)]
    pub options: serde_json::Value,
}

/// A new passkey, as the browser made it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddPasskey {
    /// Which ceremony.
    pub ceremony: Id,
    /// What `credential.toJSON()` gives.
    #[schema(value_type = Object)]
    pub credential: serde_json::Value,
    /// What you call it.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[^\r\n]*$", example = "Ana's phone")]
    pub name: String,
}

/// What a passkey has signed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UsePasskey {
    /// Which ceremony.
    pub ceremony: Id,
    /// What `credential.toJSON()` gives.
    #[schema(value_type = Object)]
    pub credential: serde_json::Value,
    /// What you call this device, for the list of your sessions.
    #[schema(min_length = 1, max_length = 60, nullable = false)]
    pub device: Option<String>,
}
