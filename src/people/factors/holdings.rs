//! What the tables of second factors and passkeys hold of people.

use crate::holds;

holds! {
    totp_seeds: "A second factor: codes of an app.", [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id, last_step;
        Identifier: account_id;
        Credential: sealed_seed;
        Time: confirmed_at, created_at;
    }
}

holds! {
    recovery_codes: "A second factor: codes on paper.", [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id;
        Identifier: account_id;
        Credential: code_mac;
        Time: used_at, created_at;
    }
}

holds! {
    passkeys: "Signing in without a password.", [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id;
        Identifier: id, account_id;
        Credential: credential_id, credential;
        Device: name;
        Time: last_used_at, created_at;
    }
}

holds! {
    passkey_ceremonies: "What a browser was asked to sign, for the minutes in which it does.", [Of::Goes("account_id")],
    Kept::Hours { after: "expires_at", hours: 0 } => {
        Nothing: council_id;
        Identifier: id, account_id;
        Credential: state;
        Time: expires_at, created_at;
    }
}
