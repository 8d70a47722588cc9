//! What the tables of templates hold of people.

use crate::holds;

holds! {
    answer_templates: "Texts that officers answer with again and again.", [], Kept::WithOwner => {
        Nothing: council_id, id, title, kind, body, version, created_at, updated_at;
    }
}
