//! Access tokens: JWT signed with Ed25519 (RFC 7519, 8037, 9068), good for minutes, all claims required.

use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

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

/// Signs and reads tokens. Every node with the same secret and generation has the same keys.
pub struct Keys {
    issuer: String,
    secrets: Secrets,
    ring: RwLock<Ring>,
}

/// The keys of a generation, the one before it and the next.
///
/// The next is published before it signs, so that whoever has fetched the key set a while ago knows it already, and is
/// taken, because another node may have turned to it a moment earlier.
struct Ring {
    generation: i32,
    before: Key,
    current: Key,
    next: Key,
    /// Until when tokens of the one before are taken.
    before_until: Instant,
}

struct Key {
    kid: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
    jwk: Value,
}

impl Key {
    fn of(secrets: &Secrets, generation: i32) -> Self {
        let seed = secrets.key(&format!("access-token-ed25519/{generation}"));
        let public = SigningKey::from_bytes(&seed).verifying_key().to_bytes();
        // PKCS #8 (RFC 8410): a fixed head before the seed.
        let mut der =
            vec![0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        der.extend_from_slice(&seed);
        let kid = digest(&public, 9);
        Self {
            encoding: EncodingKey::from_ed_der(&der),
            decoding: DecodingKey::from_ed_der(&public),
            jwk: json!({ "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": URL_SAFE_NO_PAD.encode(public) }),
            kid,
        }
    }
}

impl Ring {
    fn of(secrets: &Secrets, generation: i32, since: Instant) -> Self {
        let key = |generation| Key::of(secrets, generation);
        Self {
            generation,
            before: key(generation.saturating_sub(1)),
            current: key(generation),
            next: key(generation.saturating_add(1)),
            // What was signed a moment before the change, and by nodes that heard of it a little later.
            before_until: since.plus(Duration::from_secs(GOOD_FOR + 60)),
        }
    }
}

impl Keys {
    /// Derives the keys of a generation.
    pub fn new(secrets: &Secrets, issuer: &str, generation: i32, since: Instant) -> Self {
        Self {
            issuer: issuer.trim_end_matches('/').to_owned(),
            secrets: secrets.clone(),
            ring: RwLock::new(Ring::of(secrets, generation, since)),
        }
    }

    /// Turns to another generation, where it is another one.
    pub fn turn(&self, generation: i32, since: Instant) {
        if self.ring().generation != generation {
            let fresh = Ring::of(&self.secrets, generation, since);
            *self.ring.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }

    fn ring(&self) -> RwLockReadGuard<'_, Ring> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The public keys (RFC 7517).
    pub fn jwks(&self) -> Value {
        let ring = self.ring();
        json!({ "keys": [ring.current.jwk, ring.next.jwk, ring.before.jwk] })
    }

    /// Signs a token for a session.
    ///
    /// # Errors
    /// Where signing fails, which is a fault of ours.
    pub fn sign(&self, audience: &str, account: Id, session: Id, now: Instant) -> Result<String> {
        let ring = self.ring();
        let kid = Some(ring.current.kid.clone());
        let header = Header { typ: Some("at+jwt".into()), kid, ..Header::new(Algorithm::EdDSA) };
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
        jsonwebtoken::encode(&header, &claims, &ring.current.encoding).map_err(|fault| Error::Internal(fault.into()))
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
        // The name of a key chooses among ours; it is looked for nowhere else, and no key in a header is believed.
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid).ok_or_else(bad)?;
        let ring = self.ring();
        let live = [Some(&ring.current), Some(&ring.next), (now < ring.before_until).then_some(&ring.before)];
        let key = live.into_iter().flatten().find(|key| key.kid == kid).ok_or_else(bad)?;
        let data = jsonwebtoken::decode::<Claims>(token, &key.decoding, &validation).map_err(|_fault| bad())?;
        let at = now.seconds();
        let begun = data.claims.nbf <= at.saturating_add(5) && data.claims.iat <= at.saturating_add(5);
        if !(begun && data.header.typ.as_deref() == Some("at+jwt")) {
            return Err(bad());
        }
        if at < data.claims.exp { Ok(data.claims) } else { Err(Code::TokenExpired.problem().into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Instant {
        Instant::from_micros(1_800_000_000_000_000)
    }

    fn keys() -> Keys {
        Keys::new(&Secrets::generate(), "https://ideas.example/", 1, Instant::from_micros(0))
    }

    /// A token of our own key with other claims or another header.
    fn forged(keys: &Keys, header: &Header, claims: &Value) -> String {
        jsonwebtoken::encode(header, claims, &keys.ring().current.encoding).unwrap()
    }

    fn header(keys: &Keys) -> Header {
        let kid = Some(keys.ring().current.kid.clone());
        Header { typ: Some("at+jwt".into()), kid, ..Header::new(Algorithm::EdDSA) }
    }

    // case B14
    #[test]
    fn keys_are_turned_without_anybody_being_signed_out_and_the_old_ones_end() {
        let secrets = Secrets::generate();
        let node = || Keys::new(&secrets, "https://ideas.example", 1, Instant::from_micros(0));
        let (first, second) = (node(), node());
        let sign = |keys: &Keys| keys.sign("council", Id::random(), Id::random(), at()).unwrap();
        let old = sign(&first);
        first.turn(2, at());
        let new = sign(&first);
        assert!(first.read(&old, at()).is_ok() && first.read(&new, at()).is_ok());
        assert!(second.read(&new, at()).is_ok(), "a node that has not heard of it yet");
        second.turn(2, at());
        assert!(second.read(&old, at()).is_ok());
        let kids = |keys: &Keys| keys.jwks()["keys"].as_array().unwrap().clone();
        assert!(kids(&node()).contains(&first.ring().current.jwk), "it was published before it signed");
        let late = at().plus(Duration::from_secs(GOOD_FOR + 60));
        let stolen = forged(
            &node(),
            &header(&node()),
            &json!({
                "iss": "https://ideas.example", "aud": "council", "sub": Id::random(), "sid": Id::random(),
                "iat": late.seconds(), "nbf": late.seconds(), "exp": late.seconds() + 600,
            }),
        );
        assert!(first.read(&stolen, at().plus(Duration::from_secs(GOOD_FOR + 59))).is_ok());
        assert!(first.read(&stolen, late).is_err(), "the old key ends");
    }

    #[test]
    fn a_token_is_read_until_it_runs_out() {
        let (keys, now) = (keys(), at());
        let token = keys.sign("council", Id::random(), Id::random(), now).unwrap();
        assert_eq!(keys.read(&token, now).unwrap().aud, "council");
        assert!(keys.read(&token, now.plus(std::time::Duration::from_secs(GOOD_FOR))).is_err());
        assert!(keys.read(&token, now.minus(std::time::Duration::from_secs(60))).is_err());
        assert!(super::tests::keys().read(&token, now).is_err(), "another installation's key");
    }

    // case B12
    #[test]
    fn a_token_with_another_algorithm_or_type_is_refused() {
        let (keys, now) = (keys(), at());
        let token = keys.sign("council", Id::random(), Id::random(), now).unwrap();
        let body = token.split('.').nth(1).unwrap();
        for header in [r#"{"alg":"none","typ":"at+jwt"}"#, r#"{"alg":"HS256","typ":"at+jwt"}"#] {
            let forged = format!("{}.{body}.", URL_SAFE_NO_PAD.encode(header));
            assert!(keys.read(&forged, now).is_err(), "{header}");
        }
        for typ in [None, Some("JWT".to_owned())] {
            let claims = serde_json::to_value(keys.read(&token, now).unwrap()).unwrap();
            assert!(keys.read(&forged(&keys, &Header { typ, ..header(&keys) }, &claims), now).is_err());
        }
    }

    // case B13
    #[test]
    fn a_token_without_each_claim_or_with_one_of_another_type_is_refused() {
        let (keys, now) = (keys(), at());
        let token = keys.sign("council", Id::random(), Id::random(), now).unwrap();
        let whole = serde_json::to_value(keys.read(&token, now).unwrap()).unwrap();
        assert!(keys.read(&forged(&keys, &header(&keys), &whole), now).is_ok());
        for claim in ["iss", "aud", "sub", "sid", "iat", "nbf", "exp"] {
            // A number as text, and a text as number.
            let text = if whole[claim].is_string() { json!(7) } else { json!(whole[claim].to_string()) };
            for wrong in [
                None,
                Some(Value::Null),
                Some(json!([])),
                Some(json!(1.5)),
                Some(json!({})),
                Some(json!(true)),
                Some(text),
            ] {
                let mut claims = whole.clone();
                match wrong {
                    None => drop(claims.as_object_mut().unwrap().remove(claim)),
                    Some(value) => claims[claim] = value,
                }
                assert!(keys.read(&forged(&keys, &header(&keys), &claims), now).is_err(), "{claims}");
            }
        }
    }

    // case B12
    #[test]
    fn no_key_is_believed_that_comes_with_the_token_or_is_named_by_it() {
        let keys = keys();
        let token = keys.sign("council", Id::random(), Id::random(), at()).unwrap();
        let claims = serde_json::to_value(keys.read(&token, at()).unwrap()).unwrap();
        for kid in ["", "../../dev/null", "' OR 1=1 --", "https://elsewhere.example/key"] {
            let header = Header { kid: Some(kid.into()), ..header(&keys) };
            assert!(keys.read(&forged(&keys, &header, &claims), at()).is_err(), "{kid}");
        }
        assert!(keys.read(&forged(&keys, &Header { kid: None, ..header(&keys) }, &claims), at()).is_err());
        // Somebody's own key, told by its address or brought along.
        let theirs = super::tests::keys();
        let ours = keys.ring().current.kid.clone();
        let brought = serde_json::from_value(theirs.ring().current.jwk.clone()).unwrap();
        let named =
            Header { kid: Some(ours.clone()), jku: Some("https://elsewhere.example/jwks".into()), ..header(&theirs) };
        assert!(keys.read(&forged(&theirs, &named, &claims), at()).is_err());
        let with_key = Header { kid: Some(ours.clone()), jwk: Some(brought), ..header(&theirs) };
        assert!(keys.read(&forged(&theirs, &with_key, &claims), at()).is_err());
        // The public key taken for a shared secret.
        let public = URL_SAFE_NO_PAD.decode(keys.ring().current.jwk["x"].as_str().unwrap()).unwrap();
        let shared = Header { alg: Algorithm::HS256, kid: Some(ours), ..header(&keys) };
        let signed = jsonwebtoken::encode(&shared, &claims, &EncodingKey::from_secret(&public)).unwrap();
        assert!(keys.read(&signed, at()).is_err());
    }
}
