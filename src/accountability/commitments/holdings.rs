//! What the tables of commitments hold of people.

use crate::holds;

holds! {
    commitments: "What the council has said that it will do.", [], Kept::WithOwner => {
        Nothing: council_id, id, challenge_id, idea_id, what, office, due_on, status, status_reason, version, created_at,
            updated_at, delivered_at, dropped_on;
    }
}
