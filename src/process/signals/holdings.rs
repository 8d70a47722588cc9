//! What the tables of signals hold of people.

use crate::holds;

holds! {
    trace_keys: "The key of a day, by which networks are told apart on that day only.", [],
    Kept::Hours { after: "made_at", hours: 48 } => {
        Nothing: council_id, day, key, made_at;
    }
}

holds! {
    vote_signals: "Votes that look as if they did not come from people: what was found, and what was decided.",
    [Of::Office("quarantined_by"), Of::Office("proposed_by"), Of::Office("approved_by"), Of::Office("settled_by"),
     Of::Office("reversed_by")], Kept::WithOwner => {
        Nothing: council_id, id, challenge_id, kind, state, votes, accounts, evidence, found_at, from_at, until_at,
            quarantined_at, contest_until, quarantine_reason, settled_at, reason, reversed_at, reversal_reason, version;
        Identifier: quarantined_by, proposed_by, approved_by, settled_by, reversed_by;
    }
}

holds! {
    signal_votes: "Which votes these are, and whether they are counted.",
    [Of::Through { column: "voter_id", table: "voters", owner: "account_id" }], Kept::WithOwner => {
        Nothing: council_id, signal_id;
        Identifier: voter_id;
        Opinion: idea_id;
        Standing: state;
        Time: supported_at;
    }
}

holds! {
    signal_voters: "Who was told that their votes are not counted, and what they have said against it.",
    [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id, id, signal_id;
        Identifier: account_id, voter_id;
        Writing: text;
        Time: told_at, contested_at;
    }
}
