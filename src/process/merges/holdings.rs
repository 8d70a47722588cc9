//! What the tables of merges hold of people.

use crate::holds;

holds! {
    merges: "Proposals to join ideas to another one, with the public reason.",
    [Of::Office("proposed_by"), Of::Office("withdrawn_by"), Of::Office("reversed_by")], Kept::WithOwner => {
        Nothing: council_id, id, challenge_id, target_id, state, reason, silence, proposed_at, due_at, ended_at,
            withdrawal_reason, reversed_at, reversal_reason;
        Identifier: proposed_by, withdrawn_by, reversed_by;
    }
}

holds! {
    merge_sources: "Which ideas were to be joined, and what became of each.",
    [Of::Through { column: "idea_id", table: "ideas", owner: "author_id" }], Kept::WithOwner => {
        Nothing: council_id, merge_id, position, left_because;
        Others: supports, carried, added;
        Identifier: idea_id;
        Standing: state;
        Opinion: kept_by_author;
    }
}

holds! {
    merge_choices: "Whom a merge was put to, and what they chose for their support; it holds for the vote without them.",
    [Of::Cut("account_id")], Kept::WithOwner => {
        Nothing: council_id, id, merge_id;
        Identifier: account_id, voter_id;
        Opinion: choice;
        Time: asked_at, chosen_at;
    }
}

holds! {
    merge_supports: "Support that counts for another idea since a merge, as it was before.",
    [Of::Through { column: "voter_id", table: "voters", owner: "account_id" }], Kept::WithOwner => {
        Nothing: council_id, merge_id, added;
        Identifier: voter_id;
        Opinion: idea_id, into_id;
        Time: supported_at;
    }
}
