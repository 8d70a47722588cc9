//! What single sign-on takes and gives.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{IdentityRow, ProviderRow};
use crate::people::factors::views::Proof;
use crate::platform::db::{Id, Instant};
use crate::platform::error::Result;
use crate::vocabulary::AgeBand;

/// What a claim of a provider means here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRule {
    /// The claim of the ID token.
    #[schema(min_length = 1, max_length = 100, example = "residency")]
    pub claim: String,
    /// The value it has to have; of a list, one of its values.
    #[schema(max_length = 200, example = "aldermoor")]
    pub value: String,
    /// Whether it makes a verified resident.
    pub verified: bool,
    /// Of which ward.
    #[schema(min_length = 1, max_length = 60, nullable = false, example = "harbour")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ward: Option<String>,
}

/// Set a provider up.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeProvider {
    /// What the button says.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[^\r\n]*$", example = "Aldermoor account")]
    pub name: String,
    /// The issuer, letter for letter as the provider writes itself.
    #[schema(min_length = 8, max_length = 300, example = "https://login.aldermoor.example")]
    pub issuer: String,
    /// What the council is called there.
    #[schema(min_length = 1, max_length = 200, example = "folkmoot")]
    pub client_id: String,
    /// Its secret there; left out for a public client. It is never shown again.
    #[schema(min_length = 1, max_length = 500, nullable = false)]
    pub client_secret: Option<String>,
    /// What is asked for beside `openid`.
    #[schema(max_items = 10, nullable = false)]
    pub scopes: Option<Vec<String>>,
    /// What its claims mean here; the first rule that fits holds.
    #[schema(max_items = 50, nullable = false)]
    pub claims: Option<Vec<ClaimRule>>,
    /// Whether anybody can sign in by it; yes unless told.
    #[schema(nullable = false)]
    pub enabled: Option<bool>,
}

/// Change a provider; what is left out stays (RFC 7396). The issuer stays: another is another provider.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeProvider {
    /// What the button says.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[^\r\n]*$", nullable = false)]
    pub name: Option<String>,
    /// What the council is called there.
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub client_id: Option<String>,
    /// Its secret there.
    #[schema(min_length = 1, max_length = 500, nullable = false)]
    pub client_secret: Option<String>,
    /// What is asked for beside `openid`.
    #[schema(max_items = 10, nullable = false)]
    pub scopes: Option<Vec<String>>,
    /// What its claims mean here; the first rule that fits holds.
    #[schema(max_items = 50, nullable = false)]
    pub claims: Option<Vec<ClaimRule>>,
    /// Whether anybody can sign in by it.
    #[schema(nullable = false)]
    pub enabled: Option<bool>,
}

/// A provider, for who sets the council up.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProviderView {
    /// Its id.
    pub id: Id,
    /// What the button says.
    pub name: String,
    /// The issuer.
    pub issuer: String,
    /// What the council is called there.
    pub client_id: String,
    /// Whether a secret is kept for it.
    pub has_client_secret: bool,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// What its claims mean here.
    pub claims: Vec<ClaimRule>,
    /// Whether anybody can sign in by it.
    pub enabled: bool,
    /// What to enter at the provider as the address that it sends browsers back to.
    pub redirect_uri: String,
    /// Counts its changes.
    pub version: i64,
}

impl ProviderView {
    /// A provider, and the address that it sends browsers back to.
    ///
    /// # Errors
    /// Where another version wrote the row.
    pub fn new(row: &ProviderRow, redirect_uri: String) -> Result<Self> {
        Ok(Self {
            id: row.id,
            name: row.name.clone(),
            issuer: row.issuer.clone(),
            client_id: row.client_id.clone(),
            has_client_secret: row.client_secret.is_some(),
            scopes: row.scopes()?,
            claims: row.rules()?,
            enabled: row.enabled,
            redirect_uri,
            version: row.version,
        })
    }
}

/// All providers of a council.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProviderList {
    /// In the order in which they were set up.
    pub items: Vec<ProviderView>,
}

/// A provider that one can sign in by.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignInProvider {
    /// Its id.
    pub id: Id,
    /// What the button says.
    #[schema(example = "Aldermoor account")]
    pub name: String,
}

/// The providers that one can sign in by.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignInProviderList {
    /// In the order in which they were set up.
    pub items: Vec<SignInProvider>,
}

/// Go to a provider.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StartSignOn {
    /// The page that the browser comes back to, with `code`, `state` and `iss` behind `#`; on the council's site, on one
    /// of the installation's frontends, or on the installation itself.
    #[schema(min_length = 8, max_length = 500, example = "https://ideas.aldermoor.example/signed-in")]
    pub return_to: String,
    /// To link the provider to the account that is signed in, and not to sign in.
    #[schema(nullable = false)]
    pub link: Option<bool>,
    /// With `link`, what shows that it is you.
    #[schema(nullable = false)]
    pub proof: Option<Proof>,
}

/// Where to go, and what to keep meanwhile.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignOnStarted {
    /// Send the browser here.
    pub authorization_url: String,
    /// Keep it where no other page can read it, and send it with the answer: who has none cannot use the answer.
    pub flow: String,
}

/// What came back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishSignOn {
    /// What was kept.
    #[schema(max_length = 200)]
    pub flow: String,
    /// As it came back.
    #[schema(max_length = 200)]
    pub state: String,
    /// As it came back.
    #[schema(min_length = 1, max_length = 2_000)]
    pub code: String,
    /// As it came back, where it did (RFC 9207).
    #[schema(max_length = 300, nullable = false)]
    pub iss: Option<String>,
}

/// What came back, to be linked.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkIdentity {
    /// By which provider.
    pub provider: Id,
    /// What was kept.
    #[schema(max_length = 200)]
    pub flow: String,
    /// As it came back.
    #[schema(max_length = 200)]
    pub state: String,
    /// As it came back.
    #[schema(min_length = 1, max_length = 2_000)]
    pub code: String,
    /// As it came back, where it did (RFC 9207).
    #[schema(max_length = 300, nullable = false)]
    pub iss: Option<String>,
}

/// Nobody here is known by this identity yet, or their account asks for a second factor.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FirstSignIn {
    /// Send it with the chosen name to make the account, or as `token` with a `code` to `sessions/link`; good for an hour.
    pub ticket: String,
    /// Whether there is an account, and a code of its app or from paper is needed.
    pub second_factor_needed: bool,
    /// What the provider calls its owner; to be shown, and used only if they agree.
    #[schema(required = true)]
    pub suggested_name: Option<String>,
}

/// Make the account of a first sign-in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeAccount {
    /// The ticket of the first sign-in.
    #[schema(max_length = 200)]
    pub ticket: String,
    /// How you wish to be called; need not be your name.
    #[schema(min_length = 1, max_length = 60, pattern = r"^[^\r\n]*$", example = "Ana")]
    pub display_name: String,
    /// How old you are; needed where the council's rules for people under eighteen are not those for everybody.
    #[schema(nullable = false)]
    pub age_band: Option<AgeBand>,
}

/// An identity of one's own account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentityView {
    /// Its id.
    pub id: Id,
    /// The provider.
    #[schema(example = "https://login.aldermoor.example")]
    pub issuer: String,
    /// Whether the provider's claims make a verified resident.
    pub verified: bool,
    /// Of which ward.
    #[schema(required = true)]
    pub ward: Option<String>,
    /// When it was linked.
    pub created_at: Instant,
    /// When it was last used.
    pub used_at: Instant,
}

impl From<IdentityRow> for IdentityView {
    fn from(row: IdentityRow) -> Self {
        let IdentityRow { id, issuer, verified, ward, created_at, used_at, .. } = row;
        Self { id, issuer, verified, ward, created_at, used_at }
    }
}

/// The identities of one's own account.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdentityList {
    /// In the order in which they were linked.
    pub items: Vec<IdentityView>,
}
