//! What the tables of the open door hold of people.

use crate::holds;

holds! {
    thresholds: "How many have to support an idea at the open door so that it is owed a decision, and how many it was before.", [],
    Kept::WithOwner => {
        Nothing: council_id, challenge_id, number, supports, verified, verified_percent, within_days, reason;
        Time: changed_at;
    }
}

holds! {
    raised_ideas: "The ideas that so many have supported, and what the council made of them.",
    [Of::Through { column: "idea_id", table: "ideas", owner: "author_id" }], Kept::WithOwner => {
        Nothing: council_id, challenge_id, threshold, supports, within_days, settled_as, answer_id, taken_up_as;
        Identifier: idea_id;
        Time: reached_at, due_at, promised_by, settled_at;
    }
}
