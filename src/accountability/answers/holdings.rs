//! What the tables of answers hold of people.

use crate::holds;

holds! {
    answers: "What the council has answered, in public.",
    [Of::Through { column: "idea_id", table: "ideas", owner: "author_id" }, Of::Office("answered_by")], Kept::WithOwner => {
        Nothing: council_id, id, challenge_id, revision, idea_revision, kind, office, reason;
        Identifier: idea_id, answered_by;
        Time: answered_at;
    }
}
