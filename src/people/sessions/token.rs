//! Access tokens: JWT signed with Ed25519 (RFC 7519, 8037, 9068), good for minutes, all claims required.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Error, Result};
use crate::platform::secrets::{Secrets, digest};

/// Seconds an access token is good for.
pub const GOOD_FOR: u64 = 600;
/// Days a session lasts without use.
pub const SESSION_DAYS: u64 = 30;
/// The audience of the installation's own tokens.
pub const PLATFORM: &str = "platform";

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// The council's id, or `platform`.
    pub aud: String,
    /// The account.
    pub sub: String,
    /// The session.
    pub sid: String,
    /// Issued at.
    pub iat: i64,
    /// Not before.
    pub nbf: i64,
    /// Good until.
    pub exp: i64,
}

/// Signs and reads tokens. Every node with the same secret has the same keys.
pub struct Keys {
    kid: String,
    issuer: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    jwk: Value,
}

impl Keys {
    /// Derives the key of this installation.
    pub fn new(secrets: &Secrets, issuer: &str) -> Self {
        let seed = secrets.key("access-token-ed25519");
        let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        // PKCS #8 (RFC 8410): a fixed head before the seed.
        let mut der =
            vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        der.extend_from_slice(&seed);
        let kid = digest(&public, 9);
        Self {
            issuer: issuer.trim_end_matches('/').to_owned(),
            encoding: EncodingKey::from_ed_der(&der),
            decoding: DecodingKey::from_ed_der(&public),
            jwk: json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": URL_SAFE_NO_PAD.encode(public) }),
            kid,
        }
    }

    /// The public keys (RFC 7517).
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.jwk] })
    }

    /// Signs a token for a session.
    ///
    /// # Errors
    /// Where signing fails, which is a fault of ours.
    pub fn sign(&self, audience: &str, account: Id, session: Id, now: Instant) -> Result<String> {
        let header =
            Header { typ: Some("at+jwt".into()), kid: Some(self.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        let at = now.seconds();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: audience.into(),
            sub: account.to_string(),
            sid: session.to_string(),
            iat: at,
            nbf: at,
            exp: at.saturating_add(i64::try_from(GOOD_FOR).unwrap_or(600)),
        };
        jsonwebtoken::encode(&header, &claims, &self.encoding).map_err(|fault| Error::Internal(fault.into()))
    }

    /// Reads a token: the algorithm and type are ours, never what its header proposes (cases B12, B13).
    ///
    /// # Errors
    /// 401, whatever is wrong with it.
    pub fn read(&self, token: &str, now: Instant) -> Result<Claims> {
        let bad = || Error::from(Code::BadToken.problem());
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "nbf", "aud", "iss", "sub"]);
        validation.set_issuer(&[&self.issuer]);
        // The times are compared below, with the clock that everything here is told by; the audience by the caller.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &validation).map_err(|_fault| bad())?;
        let at = now.seconds();
        let begun = data.claims.nbf <= at.saturating_add(5) && data.claims.iat <= at.saturating_add(5);
        let ours = data.header.typ.as_deref() == Some("at+jwt") && data.header.kid.as_deref() == Some(&self.kid);
        if !(begun && ours) {
            return Err(bad());
        }
        if at < data.claims.exp { Ok(data.claims) } else { Err(Code::TokenExpired.problem().into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys() -> Keys {
        Keys::new(&Secrets::generate(), "https://ideas.example/")
    }

    #[test]
    fn a_token_is_read_until_it_runs_out() {
        let (keys, now) = (keys(), Instant::from_micros(1_800_000_000_000_000));
        let token = keys.sign("council", Id::random(), Id::random(), now).unwrap();
        assert_eq!(keys.read(&token, now).unwrap().aud, "council");
        assert!(keys.read(&token, now.plus(std::time::Duration::from_secs(GOOD_FOR))).is_err());
        assert!(keys.read(&token, now.minus(std::time::Duration::from_secs(60))).is_err());
        assert!(super::tests::keys().read(&token, now).is_err(), "another installation's key");
    }

    // case B12
    #[test]
    fn a_token_with_another_algorithm_or_type_is_refused() {
        let (keys, now) = (keys(), Instant::from_micros(1_800_000_000_000_000));
        let token = keys.sign("council", Id::random(), Id::random(), now).unwrap();
        let body = token.split('.').nth(1).unwrap();
        for header in [r#"{"alg":"none","typ":"at+jwt"}"#, r#"{"alg":"HS256","typ":"at+jwt"}"#] {
            let forged = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(header));
            assert!(keys.read(&forged, now).is_err(), "{header}");
        }
        for typ in [None, Some("JWT".to_owned())] {
            let header = Header { typ, kid: Some(keys.kid.clone()), ..Header::new(Algorithm::EdDSA) };
            let claims = keys.read(&token, now).unwrap();
            let other = jsonwebtoken::encode(&header, &claims, &keys.encoding).unwrap();
            assert!(keys.read(&other, now).is_err());
        }
    }

    // case B13
    #[test]
    fn a_token_without_each_claim_or_with_one_of_another_type_is_refused() {
        let (keys, now) = (keys(), Instant::from_micros(1_800_000_000_000_000));
        let token = keys.sign("council", Id::random(), Id::random(), now).unwrap();
        let whole = serde_json::to_value(keys.read(&token, now).unwrap()).unwrap();
        let header =
            Header { typ: Some("at+jwt".into()), kid: Some(keys.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        for claim in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"] {
            for wrong in [None, Some(Value::Null), Some(json!([])), Some(json!(1.5)), Some(json!({}))] {
                let mut claims = whole.clone();
                match wrong {
                    None => drop(claims.as_object_mut().unwrap().remove(claim)),
                    Some(value) => claims[claim] = value,
                }
                let forged = jsonwebtoken::encode(&header, &claims, &keys.encoding).unwrap();
                assert!(keys.read(&forged, now).is_err(), "{claims}");
            }
        }
    }
}
