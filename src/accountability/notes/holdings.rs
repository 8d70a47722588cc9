//! What the tables of notes hold of people.

use crate::holds;

holds! {
    idea_notes: "What staff write down on an idea for each other; it goes when the idea is erased or its author is.",
    [Of::Office("written_by")], Kept::WithOwner => {
        Nothing: council_id, id;
        Identifier: idea_id, written_by;
        Writing: body;
        Time: written_at;
    }
}
