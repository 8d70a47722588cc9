//! What the tables of reviews hold of people.

use crate::holds;

holds! {
    outside_reviewers: "Who decides appeals that nobody else of the staff may decide.", [Of::Office("account_id")], Kept::WithOwner => {
        Nothing: council_id;
        Identifier: account_id;
        Name: name;
        Address: email;
        Time: named_at;
    }
}

holds! {
    reviews: "Which appeal the outside reviewer was shown, and for how long.", [Of::Office("account_id")], Kept::WithOwner => {
        Nothing: council_id, id;
        Identifier: appeal_id, sanction_appeal_id, account_id;
        Time: granted_at, expires_at;
    }
}
