//! What the table of quiet periods holds of people.

use crate::holds;

holds! {
    quiet_periods: "When the council is quiet, and why.", [], Kept::WithOwner => {
        Nothing: council_id, id, from_day, until_day, area, ground, declared_at, ended_at;
    }
}
