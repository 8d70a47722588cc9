//! What the tables of councils hold of people.

use crate::holds;

holds! {
    councils: "The council and its settings.", [], Kept::WithOwner => {
        Nothing: id, slug, name, time_zone, language, idea_prefix, site_url, staff_second_factor, minimum_age, under_18,
            proof_of_work, mail_domains_allowed, mail_domains_refused, publish_clean_by_clock, silence_in_merges,
            no_new_challenges_while_overdue, version, created_at, sandbox_of, rehearsal_of, sandbox_ended_at;
    }
}

holds! {
    idea_numbers: "The last public number of an idea.", [], Kept::WithOwner => {
        Nothing: council_id, last_number;
    }
}

holds! {
    privacy_notices: "What residents were told of their data, in every version.", [], Kept::WithOwner => {
        Nothing: council_id, version, body, published_at;
    }
}

holds! {
    grounds: "On what grounds something may be restricted.", [], Kept::WithOwner => {
        Nothing: council_id, code, title, body, safeguarding, created_at;
    }
}
