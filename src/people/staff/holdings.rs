//! What the tables of staff hold of people.

use crate::holds;

holds! {
    invitations: "Asking somebody to join the staff.", [Of::Cut("invited_by")], Kept::Hours { after: "expires_at", hours: 0 } => {
        Nothing: council_id;
        Identifier: id, invited_by;
        Address: email;
        Standing: role;
        Time: expires_at, created_at;
    }
}
