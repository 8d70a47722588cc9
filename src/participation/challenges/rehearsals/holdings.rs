//! What the tables of rehearsals hold of people.

use crate::holds;

holds! {
    rehearsals: "That a challenge was tried out before the public was asked, and what took place.", [Of::Office("begun_by")],
    Kept::WithOwner => {
        Nothing: council_id, id, challenge_id, audience, begun_at, ended_at, seen;
        Identifier: begun_by;
    }
}

holds! {
    rehearsal_parts: "Who was invited to a rehearsal, and whose part they play there, under which nobody is named.",
    [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id, rehearsal_id, as_resident, invited, part_id, created_at;
        Identifier: account_id;
    }
}
