//! What the table of proofs of work holds of people: nothing, for a nonce is drawn when a proof is given out to whoever asks.

use crate::holds;

holds! {
    spent_proofs: "Proofs of work that were shown, so that each is good once; not by whom.", [],
    Kept::Hours { after: "expires_at", hours: 0 } => {
        Nothing: council_id, nonce, expires_at;
    }
}
