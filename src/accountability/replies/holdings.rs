//! What the tables of replies hold of people.

use crate::holds;

holds! {
    answer_questions: "Who was asked whether an answer was one, and what they said; the counts stay without them.",
    [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id, id, answer_id;
        Identifier: account_id;
        Opinion: reply;
        Writing: line;
        Time: asked_at, replied_at;
    }
}

holds! {
    answer_counts: "How many were asked about an answer, and how many said what.", [], Kept::WithOwner => {
        Nothing: council_id, answer_id, asked, yes, partly, no;
    }
}
