//! What the tables of follow-up questions hold of people.

use crate::holds;

holds! {
    follow_ups: "What the author of an idea asked back when it was answered; the text goes when the idea or its author does.",
    [Of::Through { column: "idea_id", table: "ideas", owner: "author_id" }], Kept::WithOwner => {
        Nothing: council_id, answer_id, due_at, promised_by, first_due_at, answered_at;
        Identifier: idea_id;
        Writing: question;
        Time: asked_at;
    }
}
