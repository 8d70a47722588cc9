//! What passwords and addresses take.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::people::factors::views::Proof;

/// Set another password.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// Who you are.
    pub proof: Proof,
    /// Fifteen characters or more; eight, where the account has a second factor.
    #[schema(min_length = 8, max_length = 128, example = "four other words that do not belong")]
    pub password: String,
}

/// Set a forgotten password anew.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedeemPasswordReset {
    /// What follows `token=` in the link.
    #[schema(max_length = 200)]
    pub token: String,
    /// Fifteen characters or more; eight, where the account has a second factor.
    #[schema(min_length = 8, max_length = 128, example = "four other words that do not belong")]
    pub password: String,
    /// A code of the app or from paper, where the account has a second factor.
    #[schema(max_length = 40, nullable = false)]
    pub code: Option<String>,
}

/// Give the account another address.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAddress {
    /// Who you are.
    pub proof: Proof,
    /// The new address.
    #[schema(max_length = 254, example = "ana@example.net")]
    pub email: String,
}

/// Confirm a new address.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmNewAddress {
    /// What follows `token=` in the link.
    #[schema(max_length = 200)]
    pub token: String,
    /// The password of the account, where you are not signed in to it.
    #[schema(max_length = 1024, nullable = false)]
    pub password: Option<String>,
}
