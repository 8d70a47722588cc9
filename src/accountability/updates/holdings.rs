//! What the tables of updates hold of people.

use crate::holds;

holds! {
    updates: "What a council tells of a challenge that runs, in public.", [], Kept::WithOwner => {
        Nothing: council_id, id, challenge_id, revision, mailed;
        Time: published_at, revised_at;
    }
}

holds! {
    update_revisions: "Each version of such an update, in public.", [Of::Office("published_by")], Kept::WithOwner => {
        Nothing: council_id, update_id, revision, title, body, office, correction;
        Identifier: published_by;
        Time: published_at;
    }
}
