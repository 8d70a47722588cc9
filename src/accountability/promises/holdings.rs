//! What the tables of promises hold of people.

use crate::holds;

holds! {
    promises: "What the council promises, and who accepts that it does.", [], Kept::WithOwner => {
        Nothing: council_id, challenge_id, decision_office, in_their_power, answer_within_days, moderate_within_hours,
            publish_outcome_by, success_measure, accepted_at, updated_at;
        Address: decision_email;
    }
}

holds! {
    promise_changes: "How a promise was changed after it was made, and why.", [], Kept::WithOwner => {
        Nothing: council_id, challenge_id, number, kind, answer_within_days, moderate_within_hours, publish_outcome_by,
            extension_days, reason, changed_at;
    }
}

holds! {
    promise_pauses: "When the clock of a promise stood still, and why.", [], Kept::WithOwner => {
        Nothing: council_id, challenge_id, number, from_day, until_day, reason, paused_at, resumed_at;
    }
}
