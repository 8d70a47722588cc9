//! What accounts take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::AccountRow;
use crate::platform::db::Id;
use crate::vocabulary::Role;

/// Make an account.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// Where the confirming link is sent.
    #[schema(max_length = 254, example = "ana@example.org")]
    pub email: String,
    /// Fifteen characters or more.
    #[schema(min_length = 15, max_length = 128, example = "four words that do not belong")]
    pub password: String,
    /// How you wish to be called; need not be your name.
    #[schema(min_length = 1, max_length = 60, example = "Ana")]
    pub display_name: String,
    /// The code of the campaign that brought you, if any.
    #[schema(max_length = 40, nullable = false)]
    pub campaign: Option<String>,
}

/// Confirm an address.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmEmail {
    /// What follows `token=` in the link.
    #[schema(max_length = 200)]
    pub token: String,
    /// The password that was chosen with the request.
    #[schema(max_length = 1024)]
    pub password: String,
}

/// A token from a mailed link.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// What follows `token=` in the link.
    #[schema(max_length = 200)]
    pub token: String,
}

/// What was noted; the same for everybody, so that nobody learns who has an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Noted {
    /// What happens next.
    pub detail: String,
}

/// One's own account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountView {
    /// Its id.
    pub id: Id,
    /// Its address; null where it came by a sign-in provider and has given none.
    #[schema(required = true)]
    pub email: Option<String>,
    /// How its owner is called.
    pub display_name: String,
    /// What it may do.
    pub role: Role,
}

impl From<AccountRow> for AccountView {
    fn from(row: AccountRow) -> Self {
        let email = Some(row.email).filter(|email| !email.is_empty());
        Self { id: row.id, email, display_name: row.display_name, role: row.role }
    }
}
