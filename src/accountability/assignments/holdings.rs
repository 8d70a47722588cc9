//! What the tables of assignments hold of people.

use crate::holds;

holds! {
    idea_assignments: "Which office is to answer an idea, and who in it.", [Of::Cut("officer_id")], Kept::WithOwner => {
        Nothing: council_id, office_id, version;
        Identifier: idea_id, officer_id;
        Time: assigned_at;
    }
}
