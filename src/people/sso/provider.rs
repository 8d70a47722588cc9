//! Speaking to a provider: discovery, the address to go to, the exchange of a code, and the reading of an ID token.
//!
//! Everything goes out through the guarded client (case E3). Keys come from the key set of the issuer that the council has
//! set up, and never from where a token says (case E10).

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreJwsSigningAlgorithm, CoreResponseMode, CoreResponseType, CoreRevocableToken, CoreRevocationErrorResponse,
    CoreSubjectIdentifierType, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AdditionalProviderMetadata, AuthType, AuthenticationFlow, AuthorizationCode,
    ClaimsVerificationError, Client, ClientId, ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    ProviderMetadata, RedirectUrl, Scope, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _,
};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::model::{Known, ProviderRow};
use super::rules;
use crate::platform::db::Instant;
use crate::platform::error::{Code, Error, Result};
use crate::platform::http::outbound::Outbound;
use crate::platform::secrets::Secrets;

/// How long what a provider publishes is taken for true.
const KEPT: Duration = Duration::from_secs(3_600);
/// How old it has to be before a key that it does not name makes us look again.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// As long it is not looked for again where it could not be read.
const FAILED: Duration = Duration::from_secs(10);
/// How far a provider's clock may go before ours.
const AHEAD: i64 = 60;
/// What a secret is sealed for.
pub const SECRET: &str = "identity-provider";

/// RFC 9207: whether the provider names itself in what it sends back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct More {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}
impl AdditionalProviderMetadata for More {}

/// Every claim that has no name of its own in the standard.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Rest(Map<String, Value>);
impl AdditionalClaims for Rest {}

/// What a provider publishes.
pub type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Fields = IdTokenFields<
    Rest,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

type OurClient = Client<
    Rest,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Nonce and PKCE verifier of one trip, which stay here.
#[derive(Debug, Serialize, Deserialize)]
pub struct Kept {
    nonce: String,
    verifier: String,
}

/// Who came back, and what they may be called.
#[derive(Debug)]
pub struct Arrived {
    /// Who.
    pub known: Known,
    /// What the provider calls them.
    pub name: Option<String>,
}

/// What providers publish, kept for an hour on this node; none where one could not be read a moment ago.
pub struct Published(Cache<String, (Instant, Option<Arc<Metadata>>)>);

impl Default for Published {
    fn default() -> Self {
        Self(Cache::new(1_000))
    }
}

impl Published {
    /// What an issuer publishes, not older than `most`.
    ///
    /// # Errors
    /// What went wrong, for the log: never what was answered.
    pub async fn read(
        &self,
        out: &Outbound,
        issuer: &str,
        now: Instant,
        most: Duration,
    ) -> anyhow::Result<Arc<Metadata>> {
        match self.0.get(issuer).filter(|(read, _)| *read <= now) {
            Some((read, Some(known))) if now.since(read) < most => {
                tracing::trace!(%read, "a provider is known");
                return Ok(known);
            }
            // Who waits for it keeps others from being answered, so not each of many waits in turn.
            Some((read, None)) if now.since(read) < most.min(FAILED) => {
                anyhow::bail!("it could not be read a moment ago");
            }
            _ => {}
        }
        let found = self.look(out, issuer).await;
        let kept = found.as_ref().ok().map(Arc::clone);
        // What is still good for others stays.
        if kept.is_some() || self.0.get(issuer).is_none_or(|(read, known)| known.is_none() || now.since(read) >= KEPT) {
            self.0.insert(issuer.to_owned(), (now, kept));
        }
        found
    }

    async fn look(&self, out: &Outbound, issuer: &str) -> anyhow::Result<Arc<Metadata>> {
        let url = IssuerUrl::new(issuer.to_owned())?;
        let call = |request| out.call(request);
        let found = Metadata::discover_async(url, &call).await.map_err(|fault| anyhow::anyhow!("{}", told(&fault)))?;
        for endpoint in [Some(found.authorization_endpoint().url()), found.token_endpoint().map(|one| one.url())] {
            let endpoint = endpoint.ok_or_else(|| anyhow::anyhow!("it names no token endpoint"))?;
            out.takes(endpoint.as_str()).map_err(anyhow::Error::msg)?;
        }
        Ok(Arc::new(found))
    }

    /// The same, for somebody who wants to sign in.
    ///
    /// # Errors
    /// 503 where the provider cannot be read.
    pub async fn of(&self, out: &Outbound, row: &ProviderRow, now: Instant) -> Result<Arc<Metadata>> {
        self.read(out, &row.issuer, now, KEPT).await.map_err(|fault| away(row, fault))
    }

    // A key that is not known may be a new one. Not more often than once a minute, whoever sends what.
    async fn again(&self, out: &Outbound, row: &ProviderRow, now: Instant) -> Result<Arc<Metadata>> {
        self.read(out, &row.issuer, now, LOOK_AGAIN).await.map_err(|fault| away(row, fault))
    }
}

fn away(row: &ProviderRow, fault: anyhow::Error) -> Error {
    Error::unavailable(fault.context(format!("the sign-in provider {} cannot be read", row.id)))
}

// The body of an answer may hold anything, and stays out of the log.
fn told<E: std::error::Error>(fault: &openidconnect::DiscoveryError<E>) -> String {
    use openidconnect::DiscoveryError::{Parse, Request, Response, UrlParse, Validation};
    match fault {
        Parse(fault) => format!("what it publishes is not understood at {}", fault.path()),
        Request(fault) => format!("it does not answer: {fault}"),
        Response(status, ..) => format!("it answers {status}"),
        UrlParse(_) => "its address cannot be read".into(),
        Validation(_) => "it names itself otherwise".into(),
        _ => "it cannot be read".into(),
    }
}

fn client(row: &ProviderRow, metadata: &Metadata, secrets: &Secrets, redirect: &str) -> Result<OurClient> {
    let secret = match &row.client_secret {
        None => None,
        Some(sealed) => {
            let opened = secrets.unseal(SECRET, &bound(row), sealed).and_then(|plain| String::from_utf8(plain).ok());
            Some(opened.ok_or_else(|| anyhow::anyhow!("the secret of provider {} cannot be opened", row.id))?)
        }
    };
    let redirect = RedirectUrl::new(redirect.to_owned()).map_err(anyhow::Error::from)?;
    let client = OurClient::from_provider_metadata(
        metadata.clone(),
        ClientId::new(row.client_id.clone()),
        secret.map(ClientSecret::new),
    );
    // Basic is what holds where nothing is said (OpenID Connect Discovery 1.0, 3).
    let methods = metadata.token_endpoint_auth_methods_supported();
    let basic = methods.is_none_or(|all| all.contains(&CoreClientAuthMethod::ClientSecretBasic));
    let auth = if basic { AuthType::BasicAuth } else { AuthType::RequestBody };
    Ok(client.set_redirect_uri(redirect).set_auth_type(auth))
}

/// Whose a secret is.
pub fn bound(row: &ProviderRow) -> Vec<u8> {
    [&row.council_id.bytes()[..], &row.id.bytes()[..]].concat()
}

/// Where to send a browser, and what stays here of it.
///
/// # Errors
/// Where the secret cannot be opened, which is a fault of ours.
pub fn departure(
    row: &ProviderRow,
    metadata: &Metadata,
    secrets: &Secrets,
    redirect: &str,
    state: &str,
    kept: &Kept,
) -> Result<String> {
    let challenge = PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(kept.verifier.clone()));
    let (state, nonce) = (state.to_owned(), kept.nonce.clone());
    let client = client(row, metadata, secrets, redirect)?;
    let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
    let going = client.authorize_url(flow, || CsrfToken::new(state), || Nonce::new(nonce));
    let going = going.add_scopes(row.scopes()?.into_iter().map(Scope::new)).set_pkce_challenge(challenge);
    Ok(going.url().0.to_string())
}

impl Kept {
    /// Two fresh ones.
    pub fn fresh() -> Self {
        let fresh = || crate::platform::secrets::fresh_token().0;
        Self { nonce: fresh(), verifier: fresh() }
    }
}

/// The refusal of what a provider said; why is told to the log, and to nobody who might have sent it.
fn refused(row: &ProviderRow, why: &'static str) -> Error {
    tracing::warn!(provider.id = %row.id, why, "what a sign-in provider answered is refused");
    Code::ProviderRefused.problem().into()
}

/// Who the provider sent back with a code.
///
/// # Errors
/// 422 where what it says cannot be taken, 503 where it cannot be reached.
pub async fn arrival(
    (published, out): (&Published, &Outbound),
    row: &ProviderRow,
    secrets: &Secrets,
    redirect: &str,
    kept: &Kept,
    (code, iss): (String, Option<String>),
    now: Instant,
) -> Result<Arrived> {
    let metadata = published.of(out, row, now).await?;
    // Before the code leaves us: one that another issuer gave is not shown to this one (RFC 9207, 2.4).
    match iss {
        Some(iss) if iss != row.issuer => return Err(refused(row, "another issuer")),
        None if metadata.additional_metadata().authorization_response_iss_parameter_supported => {
            return Err(refused(row, "no issuer in the response"));
        }
        _ => {}
    }
    let mut client = client(row, &metadata, secrets, redirect)?;
    let call = |request| out.call(request);
    let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(anyhow::Error::from)?;
    let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(kept.verifier.clone()));
    let tokens = match exchange.request_async(&call).await {
        Ok(tokens) => tokens,
        Err(openidconnect::RequestTokenError::Request(fault)) => return Err(away(row, fault.into())),
        Err(_refused_or_not_understood) => return Err(refused(row, "the code is not taken")),
    };
    let Some(token) = tokens.id_token() else { return Err(refused(row, "no ID token")) };
    let nonce = Nonce::new(kept.nonce.clone());
    let mut read = token.claims(&verifier(&client, now), &nonce);
    use SignatureVerificationError::{CryptoError, NoMatchingKey};
    if let Err(ClaimsVerificationError::SignatureVerification(NoMatchingKey | CryptoError(_))) = &read {
        let metadata = published.again(out, row, now).await?;
        client = self::client(row, &metadata, secrets, redirect)?;
        read = token.claims(&verifier(&client, now), &nonce);
    }
    let claims = read.map_err(|fault| refused(row, why(&fault)))?;
    let subject = claims.subject().as_str().to_owned();
    if subject.is_empty() || subject.len() > 255 {
        return Err(refused(row, "the subject has no length that one may have"));
    }
    let Ok(Value::Object(all)) = serde_json::to_value(claims) else { return Err(refused(row, "claims")) };
    let (verified, ward) = rules::meaning(&row.rules()?, &all);
    let name = ["preferred_username", "nickname", "name"].iter().find_map(|name| all.get(*name)?.as_str());
    let name = name.map(|name| crate::platform::html::tidy(name).chars().take(60).collect());
    Ok(Arrived { known: Known { issuer: row.issuer.clone(), subject, verified, ward }, name })
}

type Verifier<'a> = openidconnect::IdTokenVerifier<'a, CoreJsonWebKey>;

fn verifier(client: &OurClient, now: Instant) -> Verifier<'_> {
    let at = DateTime::<Utc>::from_timestamp(now.seconds(), 0).unwrap_or_default();
    // What is signed with a secret that both sides know, or not at all, is signed by nobody.
    use CoreJwsSigningAlgorithm::{
        EcdsaP256Sha256, EcdsaP384Sha384, EdDsa, RsaSsaPkcs1V15Sha256, RsaSsaPkcs1V15Sha384, RsaSsaPkcs1V15Sha512,
        RsaSsaPssSha256, RsaSsaPssSha384, RsaSsaPssSha512,
    };
    client
        .id_token_verifier()
        .set_allowed_algs([
            RsaSsaPkcs1V15Sha256,
            RsaSsaPkcs1V15Sha384,
            RsaSsaPkcs1V15Sha512,
            RsaSsaPssSha256,
            RsaSsaPssSha384,
            RsaSsaPssSha512,
            EcdsaP256Sha256,
            EcdsaP384Sha384,
            EdDsa,
        ])
        .set_time_fn(move || at)
        .set_issue_time_verifier_fn(move |issued| {
            let ahead = issued.timestamp().saturating_sub(at.timestamp());
            if ahead <= AHEAD { Ok(()) } else { Err("issued in the future".into()) }
        })
}

fn why(fault: &ClaimsVerificationError) -> &'static str {
    use ClaimsVerificationError::{Expired, InvalidAudience, InvalidIssuer, InvalidNonce, SignatureVerification};
    match fault {
        Expired(_) => "expired",
        InvalidAudience(_) => "for somebody else",
        InvalidIssuer(_) => "by another issuer",
        InvalidNonce(_) => "of another sign-in",
        SignatureVerification(_) => "not signed by its keys",
        _ => "not understood",
    }
}
