//! What the tables of moderation hold of people.

use crate::holds;

holds! {
    cases: "What a moderator has to look at.",
    [Of::Through { column: "idea_id", table: "ideas", owner: "author_id" }, Of::Office("barred_id")], Kept::WithOwner => {
        Nothing: council_id, id, version;
        Identifier: idea_id, barred_id;
        Standing: reason, state;
        Time: opened_at, due_at;
    }
}

holds! {
    decisions: "What was decided of an idea, on which ground and for what reasons.",
    [Of::Through { column: "idea_id", table: "ideas", owner: "author_id" }, Of::Office("decided_by")], Kept::WithOwner => {
        Nothing: council_id, id, case_id, idea_revision;
        Identifier: idea_id, decided_by, barred_id;
        Standing: kind, ground_code, statement;
        Time: decided_at;
    }
}
