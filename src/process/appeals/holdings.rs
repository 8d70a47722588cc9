//! What the table of appeals holds of people.

use crate::holds;

holds! {
    appeals: "What somebody says against a decision about them, and what came of it.",
    [Of::Goes("account_id"), Of::Office("barred_id")], Kept::WithOwner => {
        Nothing: council_id, id;
        Identifier: decision_id, case_id, account_id, barred_id;
        Writing: text;
        Standing: result;
        Time: made_at;
    }
}
