//! What the tables of keys of programs hold of people.

use crate::holds;

holds! {
    api_keys: "Programs that act for somebody of the staff.", [Of::Goes("account_id")],
    Kept::Hours { after: "expires_at", hours: 30 * 24 } => {
        Nothing: council_id, mode, scopes;
        Identifier: id, account_id;
        Device: name, two_factors;
        Credential: secret_hash;
        Time: expires_at, last_used_on, ended_at, created_at;
    }
}
