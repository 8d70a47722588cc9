//! What the tables of accounts and one-time tokens hold of people.

use crate::holds;

holds! {
    accounts: "Knowing somebody again, writing to them, and showing how they wish to be called.", [Of::Goes("id")],
    Kept::Hours { after: "state = 'unconfirmed' AND created_at", hours: 7 * 24 } => {
        Nothing: council_id, credentials_version, version;
        Identifier: id, profile_id;
        Address: email, email_key;
        Name: display_name;
        Credential: password_hash;
        Standing: role, state, kind;
        Age: age_band, protected;
        Time: created_at;
    }
}

holds! {
    one_time_tokens: "Mailed links and codes, each good once: only hashes of them, and what they are about.",
    [Of::Goes("account_id")], Kept::Hours { after: "expires_at", hours: 0 } => {
        Nothing: council_id, kind, tries;
        Identifier: id, subject_id, account_id;
        Credential: token_hash, code_mac;
        Address: data;
        Time: expires_at, used_at, created_at;
    }
}

holds! {
    platform_admins: "Whoever operates the platform, by an account of their own.", [],
    Kept::Otherwise("until whoever operates the platform takes it away") => {
        Nothing: generation;
        Identifier: id;
        Address: email;
        Credential: password_hash;
        Time: created_at;
    }
}
