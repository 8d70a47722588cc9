//! Rows of providers and identities, and what goes with somebody on the way to a provider and back.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::views::ClaimRule;
use crate::platform::db::{Id, Instant, Json};
use crate::platform::error::Result;

/// A provider of a council.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::identity_providers)]
pub struct ProviderRow {
    /// Its council.
    pub council_id: Id,
    /// Its id.
    pub id: Id,
    /// What the button says.
    pub name: String,
    /// As the provider writes itself.
    pub issuer: String,
    /// What the council is called there.
    pub client_id: String,
    /// Sealed; none for a public client.
    pub client_secret: Option<String>,
    /// What is asked for beside `openid`.
    pub scopes: Json,
    /// What its claims mean here.
    pub claims: Json,
    /// Whether anybody can sign in by it.
    pub enabled: bool,
    /// Raised by each change.
    pub version: i64,
    /// When it was set up.
    pub created_at: Instant,
}

impl ProviderRow {
    /// What is asked for beside `openid`.
    ///
    /// # Errors
    /// Where another version wrote it.
    pub fn scopes(&self) -> Result<Vec<String>> {
        Ok(serde_json::from_value(self.scopes.0.clone()).map_err(anyhow::Error::from)?)
    }

    /// What its claims mean here.
    ///
    /// # Errors
    /// Where another version wrote it.
    pub fn rules(&self) -> Result<Vec<ClaimRule>> {
        Ok(serde_json::from_value(self.claims.0.clone()).map_err(anyhow::Error::from)?)
    }
}

/// Somebody of a provider who is an account here.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::identities)]
pub struct IdentityRow {
    /// Its council.
    pub council_id: Id,
    /// Its id.
    pub id: Id,
    /// Whose it is.
    pub account_id: Id,
    /// Who says so.
    pub issuer: String,
    /// Who it is there.
    pub subject: String,
    /// Whether the provider's claims make a verified resident.
    pub verified: bool,
    /// Of which ward.
    pub ward: Option<String>,
    /// When it was first seen.
    pub created_at: Instant,
    /// When it was last used.
    pub used_at: Instant,
}

/// What is kept of somebody who is on the way to a provider, behind the hash of `state`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Trip {
    /// To which provider.
    pub provider: Id,
    /// The hash of what the client keeps.
    pub flow: String,
    /// Nonce and PKCE verifier, sealed.
    pub sealed: String,
    /// Where the browser goes afterwards.
    pub return_to: String,
    /// The account that is to be linked; none for a sign-in.
    pub account: Option<Id>,
}

/// Who a provider says that somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Who says so.
    pub issuer: String,
    /// Who it is there.
    pub subject: String,
    /// Whether its claims make a verified resident.
    pub verified: bool,
    /// Of which ward.
    pub ward: Option<String>,
}
