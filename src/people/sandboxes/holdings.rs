//! What the table of sandboxes holds of people: whoever is in one is nobody.

use crate::holds;

holds! {
    sandbox_keys: "Whose part a test key plays in a sandbox.", [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id, key_id, account_id, created_at;
    }
}
