//! What the tables of calendars hold of people.

use crate::holds;

holds! {
    calendars: "On which days of the week the council works.", [], Kept::WithOwner => {
        Nothing: council_id, working_days, version, updated_at;
    }
}

holds! {
    holidays: "On which days it does not.", [], Kept::WithOwner => {
        Nothing: council_id, day, name;
    }
}
