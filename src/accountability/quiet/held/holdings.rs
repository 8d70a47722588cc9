//! What the table of held acts holds of people.

use crate::holds;

holds! {
    held_acts: "What somebody of the staff asked for in a quiet period, and what became of it.", [Of::Office("asked_by")],
    Kept::WithOwner => {
        Nothing: council_id, id, kind, challenge_id, subject_id, request, quiet_period_id, key_id, asked_at, state, settled_at,
            problem, told_at, tries;
        Identifier: asked_by;
    }
}
