//! What the tables of ideas hold of people.

use crate::holds;

holds! {
    ideas: "What residents propose, in public.", [Of::Cut("author_id")], Kept::WithOwner => {
        Nothing: council_id, challenge_id, number, origin, source_ref, state, status, answer_id, shuffle, revision,
            version, answer_due_at, clock_from, answer_promised_by, followed_up_at, locked_by;
        Identifier: id, author_id;
        Writing: title, body, category, search_text;
        Time: submitted_at, updated_at;
    }
}

holds! {
    idea_revisions: "How an idea read before it was changed.",
    [Of::Through { column: "idea_id", table: "ideas", owner: "author_id" }], Kept::WithOwner => {
        Nothing: council_id, revision;
        Identifier: idea_id;
        Writing: title, body, category;
        Time: created_at;
    }
}

holds! {
    idea_counters: "How many support an idea, and how much was said of it.", [], Kept::WithOwner => {
        Nothing: council_id, idea_id, challenge_id, supports, announced, comments_for, comments_against, comments_neutral;
    }
}

holds! {
    transitions: "How an idea or a comment came to stand as it does.",
    [Of::Item], Kept::WithOwner => {
        Nothing: council_id, id, decision_id;
        Identifier: idea_id, comment_id;
        Standing: from_state, to_state;
        Time: at;
    }
}
