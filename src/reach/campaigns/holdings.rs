//! What the tables of campaigns hold of people.

use crate::holds;

holds! {
    campaigns: "Short links that are counted.", [], Kept::WithOwner => {
        Nothing: council_id, id, code, name, channel, target_url, created_at;
    }
}

holds! {
    campaign_counts: "Counts of a day and an action; nothing here is about a person.", [], Kept::WithOwner => {
        Nothing: council_id, campaign_id, day, action, n;
    }
}
