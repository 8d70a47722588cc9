//! What the tables of screening hold of people.

use crate::holds;

holds! {
    findings: "Where in an idea or a comment screeners found what a moderator should look at; never what stands there.",
    [Of::Item], Kept::WithOwner => {
        Nothing: council_id, revision, position;
        Identifier: case_id, idea_id, comment_id;
        Standing: screener, kind, field, place_start, place_end;
    }
}

holds! {
    text_digests: "A keyed hash of the letters of an idea, by which the same text is known again.",
    [Of::Through { column: "idea_id", table: "ideas", owner: "author_id" }], Kept::WithOwner => {
        Nothing: council_id;
        Identifier: idea_id;
        Writing: digest;
    }
}

holds! {
    word_lists: "Words that the council wants to have looked at.", [], Kept::WithOwner => {
        Nothing: council_id, language, words, version, updated_at;
    }
}
