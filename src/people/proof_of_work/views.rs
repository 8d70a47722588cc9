//! What is to be worked on, as ALTCHA writes it: its names are its own.

use altcha::Challenge;
use serde::Serialize;
use utoipa::ToSchema;

/// What is to be worked on (ALTCHA, version 2). Find the `counter`, from 0 on, for which PBKDF2 of `nonce` (as bytes) followed
/// by it (four bytes, the greatest first) with `salt` (as bytes) begins with `keyPrefix`; or leave it all to ALTCHA's widget.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkParameters {
    /// How a key is made.
    #[schema(example = "PBKDF2/SHA-256")]
    pub algorithm: String,
    /// Rounds of each try.
    #[schema(example = 1000)]
    pub cost: u32,
    /// When it runs out, in seconds since 1970.
    #[schema(example = 1803902400)]
    pub expires_at: i64,
    /// Bytes of a key.
    #[schema(example = 32)]
    pub key_length: usize,
    /// What the right key begins with, in hexadecimal.
    #[schema(example = "5a3ad2f1a9b3a3c2b4cc5ed4e5ae0a6d")]
    pub key_prefix: String,
    /// Send it back as it is.
    pub key_signature: String,
    /// Sixteen bytes in hexadecimal.
    #[schema(example = "a3f0c7f7a08d4f6c8d24e4a5a2f7b0c1")]
    pub nonce: String,
    /// Sixteen bytes in hexadecimal.
    #[schema(example = "0b9e3e4d5c6f708192a3b4c5d6e7f809")]
    pub salt: String,
}

/// A proof to be worked on: send `{"challenge": …, "solution": {"counter": …, "derivedKey": …}}` as Base64 in the header
/// `Proof-Of-Work`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ProofOfWorkView {
    /// What is to be done.
    pub parameters: WorkParameters,
    /// Send it back as it is.
    pub signature: String,
}

impl From<Challenge> for ProofOfWorkView {
    fn from(made: Challenge) -> Self {
        let parameters = made.parameters;
        Self {
            signature: made.signature.unwrap_or_default(),
            parameters: WorkParameters {
                algorithm: parameters.algorithm,
                cost: parameters.cost,
                expires_at: parameters.expires_at.unwrap_or_default(),
                key_length: parameters.key_length,
                key_prefix: parameters.key_prefix,
                key_signature: parameters.key_signature.unwrap_or_default(),
                nonce: parameters.nonce,
                salt: parameters.salt,
            },
        }
    }
}
