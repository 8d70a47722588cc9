//! What the tables of milestones hold of people.

use crate::holds;

holds! {
    milestones: "Dated steps of what the council has said that it will do.", [], Kept::WithOwner => {
        Nothing: council_id, id, commitment_id, title, planned_on, done_on, evidence, evidence_url, version, created_at,
            updated_at;
    }
}
