//! What the tables of outcomes hold of people.

use crate::holds;

holds! {
    outcomes: "What came of a challenge, in public.", [Of::Office("published_by")], Kept::WithOwner => {
        Nothing: council_id, challenge_id, summary, themes, next_steps, version;
        Identifier: published_by;
        Time: published_at;
    }
}

holds! {
    outcome_ideas: "What became of each idea that an outcome names.", [], Kept::WithOwner => {
        Nothing: council_id, challenge_id, idea_id, what_became_of_it, position;
    }
}
