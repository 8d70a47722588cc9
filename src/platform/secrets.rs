//! The installation's root secret, and the keys derived from it (HKDF-SHA256, RFC 5869).
//!
//! Nothing derived is stored: nodes that share the root agree on every key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead as _, Payload};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// Bytes of the root at least (case B14).
const ROOT_BYTES: usize = 32;

/// The root secret. Never printed.
#[derive(Clone)]
pub struct Secrets {
    root: Vec<u8>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(hidden)")
    }
}

impl Secrets {
    /// Reads a root of at least 32 bytes in hexadecimal.
    ///
    /// # Errors
    /// A sentence for the operator: not hexadecimal, too short, or too regular to be random.
    pub fn from_hex(text: &str) -> anyhow::Result<Self> {
        let root = hex::decode(text.trim())
            .map_err(|_not_hex| anyhow::anyhow!("FOLKMOOT_SECRET must be hexadecimal: try `openssl rand -hex 32`."))?;
        anyhow::ensure!(root.len() >= ROOT_BYTES, "FOLKMOOT_SECRET must have at least 64 hexadecimal digits.");
        let mut distinct = root.clone();
        distinct.sort_unstable();
        distinct.dedup();
        anyhow::ensure!(distinct.len() >= 12, "FOLKMOOT_SECRET is not random: try `openssl rand -hex 32`.");
        Ok(Self { root })
    }

    /// A new random root.
    pub fn generate() -> Self {
        Self { root: rand::random::<[u8; ROOT_BYTES]>().to_vec() }
    }

    /// The root in hexadecimal, to be kept in a file only the service can read.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.root)
    }

    /// What tells one root from another and gives nothing away.
    pub fn fingerprint(&self) -> String {
        hex::encode(self.key("fingerprint").get(..8).unwrap_or_default())
    }

    /// The key for one purpose.
    pub fn key(&self, purpose: &str) -> [u8; 32] {
        let mut key = [0; 32];
        // Thirty-two bytes are always within what HKDF can give.
        let _fits = Hkdf::<Sha256>::new(Some(b"folkmoot/1"), &self.root).expand(purpose.as_bytes(), &mut key);
        key
    }

    /// HMAC-SHA256 of the parts, each with its length, in base64url.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> String {
        let mut bytes = [0_u8; 32];
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key(purpose)) {
            for part in parts {
                mac.update(&(part.len() as u64).to_be_bytes());
                mac.update(part);
            }
            bytes.copy_from_slice(&mac.finalize().into_bytes());
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Seals what must be read again (a provider's secret, a seed of codes) so that a copy of the database gives nothing
    /// away: XChaCha20-Poly1305 under a key of this purpose, bound to whose it is.
    pub fn seal(&self, purpose: &str, whose: &[u8], plain: &[u8]) -> String {
        let cipher = XChaCha20Poly1305::new(&self.key(purpose).into());
        let nonce = rand::random::<[u8; 24]>();
        // It fails for texts of more than 256 GiB only.
        let sealed = cipher.encrypt(&nonce.into(), Payload { msg: plain, aad: whose }).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    /// Opens what [`Secrets::seal`] has sealed; none where it is another's, for another purpose, or was changed.
    pub fn unseal(&self, purpose: &str, whose: &[u8], sealed: &str) -> Option<Vec<u8>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<24>()?;
        let cipher = XChaCha20Poly1305::new(&self.key(purpose).into());
        cipher.decrypt(&(*nonce).into(), Payload { msg: sealed, aad: whose }).ok()
    }

    /// Compares without telling by time where the two part.
    pub fn same(a: &str, b: &str) -> bool {
        a.as_bytes().ct_eq(b.as_bytes()).into()
    }
}

/// A random token of 256 bits for a link, and what of it is stored.
pub fn fresh_token() -> (String, String) {
    let token = URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let hash = token_hash(&token);
    (token, hash)
}

/// SHA-256 of a token that is itself random, in hexadecimal: all that is kept of it (case B7).
pub fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// SHA-256 in base64url, shortened to `bytes`.
pub fn digest(content: &[u8], bytes: usize) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(content).get(..bytes).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    // case B14
    #[test]
    fn a_weak_or_short_root_is_refused() {
        for weak in ["", "abc", "zz", &"00".repeat(32), &"0102".repeat(16), &"ab".repeat(31)] {
            assert!(Secrets::from_hex(weak).is_err(), "{weak}");
        }
        let root = Secrets::generate();
        assert_eq!(Secrets::from_hex(&root.to_hex()).unwrap().fingerprint(), root.fingerprint());
    }

    #[test]
    fn keys_differ_by_purpose_and_parts_do_not_run_together() {
        let root = Secrets::generate();
        assert_ne!(root.key("a"), root.key("b"));
        assert_ne!(root.mac("m", &[b"ab", b"c"]), root.mac("m", &[b"a", b"bc"]));
    }

    // case B7
    #[test]
    fn what_is_sealed_is_opened_by_its_owner_and_purpose_only() {
        let root = Secrets::generate();
        let sealed = root.seal("seed", b"ana", b"secret");
        assert!(!sealed.contains("secret"));
        assert_eq!(root.unseal("seed", b"ana", &sealed).as_deref(), Some(&b"secret"[..]));
        assert_eq!(root.unseal("seed", b"ben", &sealed), None);
        assert_eq!(root.unseal("other", b"ana", &sealed), None);
        assert_eq!(Secrets::generate().unseal("seed", b"ana", &sealed), None);
    }
}
