//! What the tables of comments hold of people.

use crate::holds;

holds! {
    comments: "What residents say of ideas, in public.", [Of::Cut("author_id")], Kept::WithOwner => {
        Nothing: council_id, parent_id, depth, state, digest, revision, version, published_at, locked_by;
        Identifier: id, idea_id, author_id;
        Opinion: stance;
        Writing: body;
        Time: written_at;
    }
}

holds! {
    comment_revisions: "How a comment read before it was changed.",
    [Of::Through { column: "comment_id", table: "comments", owner: "author_id" }], Kept::WithOwner => {
        Nothing: council_id, revision;
        Identifier: comment_id;
        Writing: body;
        Time: created_at;
    }
}
