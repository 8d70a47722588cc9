//! What the tables of promises hold of people.

use crate::holds;

holds! {
    promises: "What the council promises, and who accepts that it does.", [], Kept::WithOwner => {
        Nothing: council_id, challenge_id, decision_office, in_their_power, answer_within_days, moderate_within_hours,
            publish_outcome_by, success_measure, accepted_at, updated_at;
        Address: decision_email;
    }
}
