//! What the tables of staff hold of people.

use crate::holds;
use crate::platform::audit;

holds! {
    invitations: "Asking somebody to join the staff.", [Of::Cut("invited_by")], Kept::Hours { after: "expires_at", hours: 0 } => {
        Nothing: council_id;
        Identifier: id, invited_by;
        Address: email;
        Standing: role;
        Time: expires_at, created_at;
    }
}

holds! {
    suspensions: "Why and for how long an account may not be used.", [Of::Goes("account_id")],
    Kept::Hours { after: "ended_at", hours: audit::KEPT_DAYS * 24 } => {
        Nothing: council_id;
        Identifier: id, account_id;
        Standing: reason, suspended_until;
        Time: created_at, ended_at;
    }
}
