//! What the tables of sign-in providers and the people they name hold of people.

use crate::holds;

holds! {
    identity_providers: "Where the council lets people sign in.", [], Kept::WithOwner => {
        Nothing: council_id, id, name, issuer, client_id, client_secret, scopes, claims, enabled, version, created_at;
    }
}

holds! {
    identities: "Signing in by a provider: who somebody is to it.", [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id;
        Identifier: id, account_id, issuer, subject;
        Residency: verified, ward;
        Time: created_at, used_at;
    }
}
