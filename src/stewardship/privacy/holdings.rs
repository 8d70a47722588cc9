//! What the table of erasures holds of people.

use crate::holds;

holds! {
    erasures: "Who was erased, until it is written into the journal beside the database.", [],
    Kept::Otherwise("until it is in the journal, a second or so") => {
        Nothing: council_id, ideas;
        Identifier: account_id;
        Time: erased_at;
    }
}
