//! What the tables of sessions hold of people.

use crate::holds;

holds! {
    sessions: "Staying signed in, and seeing where one is.", [Of::Goes("account_id")],
    Kept::Hours { after: "expires_at", hours: 30 * 24 } => {
        Nothing: council_id, generation;
        Identifier: id, account_id;
        Credential: token_hash;
        Device: method, two_factors, device;
        Time: authenticated_at, refreshed_at, expires_at, ended_at, created_at;
    }
}
