//! What the tables of challenges hold of people.

use crate::holds;

holds! {
    challenges: "What the council asks.", [], Kept::WithOwner => {
        Nothing: council_id, id, kind, title, question, body, language, moderation, trusted_after, voting_rule, eligibility,
            background, readiness, opened_at, closes_at, version, created_at, updated_at;
    }
}

holds! {
    challenge_categories: "What ideas are sorted by.", [], Kept::WithOwner => {
        Nothing: council_id, challenge_id, key, label, position;
    }
}

holds! {
    phases: "What may be done when.", [], Kept::WithOwner => {
        Nothing: council_id, challenge_id, position, kind, starts_at, ends_at, submit, comment, support, vote;
    }
}
