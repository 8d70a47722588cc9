//! What the tables of votes hold of people.

use crate::holds;

holds! {
    voters: "That somebody is counted once in a challenge. Without the account nobody can tell who it was.",
    [Of::Cut("account_id")], Kept::WithOwner => {
        Nothing: council_id, challenge_id, origin;
        Identifier: id, account_id;
        Credential: register_tag;
        Residency: verified_by, ward;
        Age: age_band;
        Time: created_at;
    }
}

holds! {
    supports: "What counts for an idea; and, until two weeks after the challenge has closed, a keyed hash of the network it came from.",
    [Of::Through { column: "voter_id", table: "voters", owner: "account_id" }], Kept::WithOwner => {
        Nothing: council_id;
        Identifier: voter_id;
        Opinion: idea_id;
        Credential: trace;
        Time: created_at;
    }
}
