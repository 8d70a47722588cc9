//! What accounts take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::AccountRow;
use crate::platform::db::Id;
use crate::vocabulary::{AccountKind, AgeBand, Role};

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
    #[schema(min_length = 1, max_length = 60, pattern = r"^[^\r\n]*$", example = "Ana")]
    pub display_name: String,
    /// How old you are; needed where the council's rules for people under eighteen are not those for everybody. Nobody asks
    /// for your date of birth.
    #[schema(nullable = false)]
    pub age_band: Option<AgeBand>,
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
    /// Whether it is your own, or for a mailed link only.
    pub kind: AccountKind,
    /// Where others may read your profile, under `…/profiles/`; null while it is private.
    #[schema(required = true)]
    pub profile: Option<Id>,
    /// How old you said that you are; null where you were not asked.
    #[schema(required = true)]
    pub age_band: Option<AgeBand>,
    /// Whether the council protects you, since you are under eighteen.
    pub protected: bool,
    /// Counts its changes.
    pub version: i64,
}

/// Change how you are shown (JSON Merge Patch, RFC 7396): what is left out stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAccount {
    /// How you wish to be called; need not be your name.
    #[schema(min_length = 1, max_length = 60, nullable = false, example = "Ana")]
    pub display_name: Option<String>,
    /// Whether others can see that what you wrote in several challenges is yours.
    #[schema(nullable = false)]
    pub profile_public: Option<bool>,
    /// How old you are, where you had not said it, or said it wrongly.
    #[schema(nullable = false)]
    pub age_band: Option<AgeBand>,
}

/// A public profile.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProfileView {
    /// The id that their ideas carry as the author's.
    pub id: Id,
    /// How they wish to be called.
    pub display_name: String,
}

impl From<AccountRow> for AccountView {
    fn from(row: AccountRow) -> Self {
        let email = Some(row.email).filter(|email| !email.is_empty());
        Self {
            id: row.id,
            email,
            display_name: row.display_name,
            role: row.role,
            kind: row.kind,
            profile: row.profile_id,
            age_band: row.age_band,
            protected: row.protected,
            version: row.version,
        }
    }
}
