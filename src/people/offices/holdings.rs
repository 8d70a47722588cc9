//! What the tables of offices hold of people.

use crate::holds;

holds! {
    offices: "Named units of the council, which promise and answer in public.", [], Kept::WithOwner => {
        Nothing: council_id, id, name, name_key, version, created_at;
    }
}

holds! {
    office_members: "Who works in which office; it is not shown to the public.", [Of::Goes("account_id")], Kept::WithOwner => {
        Nothing: council_id;
        Identifier: office_id, account_id;
        Time: created_at;
    }
}
