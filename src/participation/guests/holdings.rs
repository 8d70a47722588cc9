//! What the tables of those without an account of their own hold of people.

use crate::holds;

holds! {
    participations: "In which challenges somebody without an account of their own takes part.", [Of::Goes("account_id")],
    Kept::WithOwner => {
        Nothing: council_id;
        Identifier: account_id;
        Opinion: challenge_id;
        Time: created_at;
    }
}
