//! What is written down of a ballot so that it can be shown later that it was not changed: a hash of it with a salt that nobody is told.

use rand::Rng as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::model::BallotMark;
use crate::platform::db::Id;
use crate::platform::error::Result;

/// What the hash is of, and nothing else is hashed with.
const DOMAIN: &[u8] = b"folkmoot ballot v1\0";

/// A salt of 32 bytes in hexadecimal.
pub fn draw_salt() -> String {
    let mut salt = [0_u8; 32];
    rand::rng().fill_bytes(&mut salt);
    hex::encode(salt)
}

/// What a ballot says, in the one form in which it is hashed and stored: RFC 8785, of which ids and whole numbers need no more than
/// that members stand in order and nothing stands between.
///
/// # Errors
/// Where it cannot be written, which is a fault of ours.
pub fn canonical(marks: &[BallotMark]) -> Result<String> {
    let marks: Vec<_> = marks
        .iter()
        .map(|mark| match mark.points {
            Some(points) => json!({ "idea": mark.idea, "points": points }),
            None => json!({ "idea": mark.idea }),
        })
        .collect();
    Ok(serde_json::to_string(&marks).map_err(anyhow::Error::from)?)
}

/// SHA-256 over a domain tag, the challenge, the salt and the canonical ballot, in hexadecimal.
pub fn commitment(challenge: Id, salt: &str, canonical: &str) -> String {
    let hash = Sha256::new()
        .chain_update(DOMAIN)
        .chain_update(challenge.bytes())
        .chain_update(salt.as_bytes())
        .chain_update(canonical.as_bytes());
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::Instant;

    #[test]
    fn a_commitment_is_of_one_ballot_one_salt_and_one_challenge() {
        let [one, two] = [1, 2].map(|n| Id::at(Instant::from_micros(n)));
        let ballot = canonical(&[BallotMark { idea: one, points: Some(3) }]).unwrap();
        assert_eq!(ballot, format!(r#"[{{"idea":"{one}","points":3}}]"#));
        let salt = draw_salt();
        assert_eq!((salt.len(), salt == draw_salt()), (64, false));
        let made = commitment(one, &salt, &ballot);
        assert_eq!(made, commitment(one, &salt, &ballot));
        assert_ne!(made, commitment(two, &salt, &ballot));
        assert_ne!(made, commitment(one, &draw_salt(), &ballot));
        assert_ne!(made, commitment(one, &salt, "[]"));
    }
}
