//! What the table of figures holds of people.

use crate::holds;

holds! {
    accountability_figures: "How the council and its offices keep their promises, in numbers.", [], Kept::WithOwner => {
        Nothing: council_id, office, from_day, until_day, quiet_days, on_time, in_added_time, late, unanswered_late,
            asked_back_on_time, asked_back_in_added_time, asked_back_late, asked_back_unanswered_late, answered,
            median_tenths, ninetieth_tenths, unanswered, overdue_now, commitments_on_time, commitments_late,
            commitments_owed, commitments_dropped, asked, yes, partly, no, counted_at;
    }
}

holds! {
    moderation_figures: "What moderators decide, in numbers.", [], Kept::WithOwner => {
        Nothing: council_id, figures, counted_at;
    }
}
