//! What the tables of moderation hold of people.

use crate::holds;

holds! {
    cases: "What a moderator has to look at.",
    [Of::Item, Of::Office("barred_id"), Of::Office("claimed_by")], Kept::WithOwner => {
        Nothing: council_id, id, version, reports;
        Identifier: idea_id, comment_id, barred_id, claimed_by;
        Standing: reason, state;
        Time: opened_at, due_at, claimed_until;
    }
}

holds! {
    reports: "What somebody finds wrong with an idea or a comment; nobody is told whose it is.",
    [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id, id, case_id, idea_revision;
        Identifier: idea_id, comment_id, account_id;
        Opinion: reason;
        Writing: words;
        Time: reported_at;
    }
}

holds! {
    decisions: "What was decided of an idea or a comment, on which ground and for what reasons.",
    [Of::Item, Of::Office("decided_by")], Kept::WithOwner => {
        Nothing: council_id, id, case_id, idea_revision;
        Identifier: idea_id, comment_id, decided_by, barred_id;
        Standing: kind, ground_code, statement;
        Time: decided_at;
    }
}

holds! {
    case_batches: "Decisions on many cases that somebody of the staff asked for at once.",
    [Of::Office("asked_by")], Kept::WithOwner => {
        Nothing: council_id, id, state, kind, ground_code, statement, key_id, asked_at, due_at;
        Identifier: asked_by;
    }
}

holds! {
    case_batch_items: "Which cases they were about, and what became of each.",
    [Of::Item], Kept::WithOwner => {
        Nothing: council_id, batch_id, position, case_version, refused_with;
        Identifier: case_id, idea_id, comment_id, decision_id;
        Standing: state;
    }
}

holds! {
    safeguarding_leads: "Who is told at once of what is withheld for somebody's safety.",
    [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id;
        Identifier: account_id;
        Time: named_at;
    }
}
