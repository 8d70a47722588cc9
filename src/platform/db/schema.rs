//! Every table, in the types both databases share. Common property: any room may join, only the owner writes.
//!
//! Kept by hand; `tests/api/migrations.rs` holds it to both folders of migrations. Each table is here once: the macro tells
//! diesel of it, and does not compile until its room has said what its columns hold of a person (`personal::holds!`).

use super::personal::{Holding, Holds};

macro_rules! tables {
    ($($table:ident ($($key:ident),+) { $($column:ident -> $type:ident $(<$inner:ident>)?,)+ })+) => {
        $(
            diesel::table! {
                use diesel::sql_types::*;
                use crate::platform::db::types::{SqlInstant, SqlJson, SqlUuid};

                $table ($($key),+) { $($column -> $type $(<$inner>)?,)+ }
            }
        )+
        diesel::allow_tables_to_appear_in_same_query!($($table,)+);

        /// What each table holds of people, as its room says; what refers to another comes after it.
        pub const HOLDINGS: &[&Holding] = &[$(&<$table::table as Holds>::HOLDING,)+];
    };
}

tables! {
    installation (id) {
        id -> Integer,
        secret_fingerprint -> Text,
        last_number -> BigInt,
        signing_generation -> Integer,
        signing_since -> SqlInstant,
        demo -> Bool,
        clock_offset -> BigInt,
        sequencer -> Nullable<Text>,
        sequencer_until -> Nullable<SqlInstant>,
    }

    platform_admins (id) {
        id -> SqlUuid,
        email -> Text,
        password_hash -> Text,
        generation -> Integer,
        created_at -> SqlInstant,
    }

    limit_buckets (action, key) {
        action -> Text,
        key -> Text,
        full_at -> SqlInstant,
    }

    councils (id) {
        id -> SqlUuid,
        slug -> Text,
        name -> Text,
        time_zone -> Text,
        language -> Text,
        idea_prefix -> Text,
        site_url -> Text,
        staff_second_factor -> Bool,
        minimum_age -> Integer,
        under_18 -> Text,
        proof_of_work -> Text,
        mail_domains_allowed -> SqlJson,
        mail_domains_refused -> SqlJson,
        publish_clean_by_clock -> Bool,
        no_new_challenges_while_overdue -> Bool,
        silence_in_merges -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
        sandbox_of -> Nullable<SqlUuid>,
        rehearsal_of -> Nullable<SqlUuid>,
        sandbox_ended_at -> Nullable<SqlInstant>,
    }

    idea_numbers (council_id) {
        council_id -> SqlUuid,
        last_number -> BigInt,
    }

    privacy_notices (council_id, version) {
        council_id -> SqlUuid,
        version -> Integer,
        body -> Text,
        published_at -> SqlInstant,
    }

    grounds (council_id, code) {
        council_id -> SqlUuid,
        code -> Text,
        title -> Text,
        body -> Text,
        safeguarding -> Bool,
        created_at -> SqlInstant,
    }

    accounts (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        email -> Text,
        email_key -> Text,
        display_name -> Text,
        password_hash -> Nullable<Text>,
        role -> Text,
        state -> Text,
        credentials_version -> Integer,
        kind -> Text,
        profile_id -> Nullable<SqlUuid>,
        age_band -> Nullable<Text>,
        protected -> Bool,
        version -> BigInt,
        created_at -> SqlInstant,
    }

    sessions (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        account_id -> SqlUuid,
        token_hash -> Text,
        generation -> Integer,
        method -> Text,
        two_factors -> Bool,
        device -> Nullable<Text>,
        authenticated_at -> SqlInstant,
        refreshed_at -> SqlInstant,
        expires_at -> SqlInstant,
        ended_at -> Nullable<SqlInstant>,
        created_at -> SqlInstant,
    }

    one_time_tokens (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        kind -> Text,
        token_hash -> Text,
        code_mac -> Nullable<Text>,
        tries -> Integer,
        subject_id -> SqlUuid,
        account_id -> Nullable<SqlUuid>,
        data -> SqlJson,
        expires_at -> SqlInstant,
        used_at -> Nullable<SqlInstant>,
        created_at -> SqlInstant,
    }

    totp_seeds (council_id, account_id) {
        council_id -> SqlUuid,
        account_id -> SqlUuid,
        sealed_seed -> Text,
        confirmed_at -> Nullable<SqlInstant>,
        last_step -> BigInt,
        created_at -> SqlInstant,
    }

    recovery_codes (council_id, account_id, code_mac) {
        council_id -> SqlUuid,
        account_id -> SqlUuid,
        code_mac -> Text,
        used_at -> Nullable<SqlInstant>,
        created_at -> SqlInstant,
    }

    passkeys (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        account_id -> SqlUuid,
        credential_id -> Text,
        credential -> Text,
        name -> Text,
        last_used_at -> Nullable<SqlInstant>,
        created_at -> SqlInstant,
    }

    passkey_ceremonies (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        account_id -> Nullable<SqlUuid>,
        state -> Text,
        expires_at -> SqlInstant,
        created_at -> SqlInstant,
    }

    challenges (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        kind -> Text,
        title -> Text,
        question -> Text,
        body -> Text,
        language -> Text,
        moderation -> Text,
        trusted_after -> Integer,
        voting_rule -> Text,
        eligibility -> SqlJson,
        background -> SqlJson,
        readiness -> Nullable<SqlJson>,
        opened_at -> Nullable<SqlInstant>,
        closes_at -> Nullable<SqlInstant>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }

    challenge_categories (council_id, challenge_id, key) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        key -> Text,
        label -> Text,
        position -> Integer,
    }

    phases (council_id, challenge_id, position) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        position -> Integer,
        kind -> Text,
        starts_at -> SqlInstant,
        ends_at -> SqlInstant,
        submit -> Bool,
        comment -> Bool,
        support -> Bool,
        vote -> Bool,
    }

    promises (council_id, challenge_id) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        decision_office -> Text,
        decision_email -> Text,
        in_their_power -> Text,
        answer_within_days -> Integer,
        moderate_within_hours -> Integer,
        publish_outcome_by -> Nullable<SqlInstant>,
        success_measure -> Text,
        accepted_at -> Nullable<SqlInstant>,
        updated_at -> SqlInstant,
    }

    calendars (council_id) {
        council_id -> SqlUuid,
        working_days -> Integer,
        version -> BigInt,
        updated_at -> SqlInstant,
    }

    holidays (council_id, day) {
        council_id -> SqlUuid,
        day -> Text,
        name -> Text,
    }

    quiet_periods (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        from_day -> Text,
        until_day -> Text,
        area -> Text,
        ground -> Text,
        declared_at -> SqlInstant,
        ended_at -> Nullable<SqlInstant>,
    }

    held_acts (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        kind -> Text,
        challenge_id -> SqlUuid,
        subject_id -> SqlUuid,
        request -> SqlJson,
        quiet_period_id -> SqlUuid,
        asked_by -> SqlUuid,
        key_id -> Nullable<SqlUuid>,
        asked_at -> SqlInstant,
        state -> Text,
        settled_at -> Nullable<SqlInstant>,
        problem -> Nullable<SqlJson>,
        told_at -> Nullable<SqlInstant>,
        tries -> Integer,
    }

    promise_changes (council_id, challenge_id, number) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        number -> Integer,
        kind -> Text,
        answer_within_days -> Integer,
        moderate_within_hours -> Integer,
        publish_outcome_by -> Nullable<SqlInstant>,
        extension_days -> Nullable<Integer>,
        reason -> Nullable<Text>,
        changed_at -> SqlInstant,
    }

    promise_pauses (council_id, challenge_id, number) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        number -> Integer,
        from_day -> Text,
        until_day -> Text,
        reason -> Text,
        paused_at -> SqlInstant,
        resumed_at -> Nullable<SqlInstant>,
    }

    voters (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        challenge_id -> SqlUuid,
        origin -> Text,
        account_id -> Nullable<SqlUuid>,
        register_tag -> Nullable<Text>,
        verified_by -> Nullable<Text>,
        ward -> Nullable<Text>,
        age_band -> Nullable<Text>,
        created_at -> SqlInstant,
    }

    ideas (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        challenge_id -> SqlUuid,
        number -> BigInt,
        author_id -> Nullable<SqlUuid>,
        origin -> Text,
        source_ref -> Nullable<Text>,
        state -> Text,
        status -> Text,
        answer_id -> Nullable<SqlUuid>,
        title -> Text,
        body -> Text,
        category -> Nullable<Text>,
        search_text -> Text,
        shuffle -> BigInt,
        revision -> Integer,
        version -> BigInt,
        submitted_at -> SqlInstant,
        updated_at -> SqlInstant,
        answer_due_at -> SqlInstant,
        clock_from -> SqlInstant,
        answer_promised_by -> SqlInstant,
        followed_up_at -> Nullable<SqlInstant>,
        locked_by -> Nullable<SqlUuid>,
    }

    idea_revisions (council_id, idea_id, revision) {
        council_id -> SqlUuid,
        idea_id -> SqlUuid,
        revision -> Integer,
        title -> Text,
        body -> Text,
        category -> Nullable<Text>,
        created_at -> SqlInstant,
    }

    idea_counters (council_id, idea_id) {
        council_id -> SqlUuid,
        idea_id -> SqlUuid,
        challenge_id -> SqlUuid,
        supports -> BigInt,
        announced -> BigInt,
        comments_for -> BigInt,
        comments_against -> BigInt,
        comments_neutral -> BigInt,
    }

    supports (council_id, idea_id, voter_id) {
        council_id -> SqlUuid,
        idea_id -> SqlUuid,
        voter_id -> SqlUuid,
        created_at -> SqlInstant,
        trace -> Nullable<Text>,
    }

    comments (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        idea_id -> SqlUuid,
        parent_id -> Nullable<SqlUuid>,
        depth -> Integer,
        author_id -> Nullable<SqlUuid>,
        stance -> Text,
        state -> Text,
        body -> Text,
        digest -> Nullable<Text>,
        revision -> Integer,
        version -> BigInt,
        written_at -> SqlInstant,
        published_at -> Nullable<SqlInstant>,
        locked_by -> Nullable<SqlUuid>,
    }

    comment_revisions (council_id, comment_id, revision) {
        council_id -> SqlUuid,
        comment_id -> SqlUuid,
        revision -> Integer,
        body -> Text,
        created_at -> SqlInstant,
    }

    cases (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        idea_id -> SqlUuid,
        comment_id -> Nullable<SqlUuid>,
        reason -> Text,
        state -> Text,
        opened_at -> SqlInstant,
        due_at -> SqlInstant,
        version -> BigInt,
        barred_id -> SqlUuid,
        reports -> Integer,
        claimed_by -> Nullable<SqlUuid>,
        claimed_until -> Nullable<SqlInstant>,
    }

    reports (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        idea_id -> SqlUuid,
        comment_id -> Nullable<SqlUuid>,
        case_id -> SqlUuid,
        account_id -> SqlUuid,
        idea_revision -> Integer,
        reason -> Text,
        words -> Nullable<Text>,
        reported_at -> SqlInstant,
    }

    findings (council_id, case_id, revision, position) {
        council_id -> SqlUuid,
        case_id -> SqlUuid,
        revision -> Integer,
        position -> Integer,
        idea_id -> SqlUuid,
        comment_id -> Nullable<SqlUuid>,
        screener -> Text,
        kind -> Text,
        field -> Nullable<Text>,
        place_start -> Nullable<Integer>,
        place_end -> Nullable<Integer>,
    }

    text_digests (council_id, idea_id) {
        council_id -> SqlUuid,
        idea_id -> SqlUuid,
        digest -> Text,
    }

    word_lists (council_id, language) {
        council_id -> SqlUuid,
        language -> Text,
        words -> SqlJson,
        version -> BigInt,
        updated_at -> SqlInstant,
    }

    decisions (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        case_id -> SqlUuid,
        idea_id -> SqlUuid,
        comment_id -> Nullable<SqlUuid>,
        idea_revision -> Integer,
        kind -> Text,
        ground_code -> Nullable<Text>,
        statement -> Nullable<Text>,
        decided_by -> SqlUuid,
        decided_at -> SqlInstant,
        barred_id -> SqlUuid,
    }

    safeguarding_leads (council_id) {
        council_id -> SqlUuid,
        account_id -> SqlUuid,
        named_at -> SqlInstant,
    }

    case_batches (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        state -> Text,
        kind -> Text,
        ground_code -> Nullable<Text>,
        statement -> Nullable<Text>,
        asked_by -> SqlUuid,
        key_id -> Nullable<SqlUuid>,
        asked_at -> SqlInstant,
        due_at -> SqlInstant,
    }

    case_batch_items (council_id, batch_id, position) {
        council_id -> SqlUuid,
        batch_id -> SqlUuid,
        position -> Integer,
        case_id -> SqlUuid,
        idea_id -> SqlUuid,
        comment_id -> Nullable<SqlUuid>,
        case_version -> BigInt,
        state -> Text,
        decision_id -> Nullable<SqlUuid>,
        refused_with -> Nullable<Text>,
    }

    appeals (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        decision_id -> SqlUuid,
        case_id -> SqlUuid,
        account_id -> SqlUuid,
        barred_id -> SqlUuid,
        text -> Text,
        made_at -> SqlInstant,
        result -> Nullable<Text>,
    }

    merges (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        challenge_id -> SqlUuid,
        target_id -> SqlUuid,
        state -> Text,
        reason -> Text,
        silence -> Text,
        proposed_by -> SqlUuid,
        proposed_at -> SqlInstant,
        due_at -> SqlInstant,
        ended_at -> Nullable<SqlInstant>,
        withdrawn_by -> Nullable<SqlUuid>,
        withdrawal_reason -> Nullable<Text>,
        reversed_at -> Nullable<SqlInstant>,
        reversed_by -> Nullable<SqlUuid>,
        reversal_reason -> Nullable<Text>,
    }

    merge_sources (council_id, merge_id, idea_id) {
        council_id -> SqlUuid,
        merge_id -> SqlUuid,
        idea_id -> SqlUuid,
        position -> Integer,
        state -> Text,
        left_because -> Nullable<Text>,
        kept_by_author -> Bool,
        supports -> Nullable<BigInt>,
        carried -> Nullable<BigInt>,
        added -> Nullable<BigInt>,
    }

    merge_choices (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        merge_id -> SqlUuid,
        account_id -> Nullable<SqlUuid>,
        voter_id -> Nullable<SqlUuid>,
        choice -> Nullable<Text>,
        asked_at -> SqlInstant,
        chosen_at -> Nullable<SqlInstant>,
    }

    merge_supports (council_id, merge_id, idea_id, voter_id) {
        council_id -> SqlUuid,
        merge_id -> SqlUuid,
        idea_id -> SqlUuid,
        voter_id -> SqlUuid,
        into_id -> SqlUuid,
        supported_at -> SqlInstant,
        added -> Bool,
    }

    trace_keys (council_id, day) {
        council_id -> SqlUuid,
        day -> Text,
        key -> Text,
        made_at -> SqlInstant,
    }

    vote_signals (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        challenge_id -> SqlUuid,
        kind -> Text,
        state -> Text,
        votes -> BigInt,
        accounts -> BigInt,
        evidence -> SqlJson,
        found_at -> SqlInstant,
        from_at -> SqlInstant,
        until_at -> SqlInstant,
        quarantined_by -> Nullable<SqlUuid>,
        quarantined_at -> Nullable<SqlInstant>,
        contest_until -> Nullable<SqlInstant>,
        quarantine_reason -> Nullable<Text>,
        proposed_by -> Nullable<SqlUuid>,
        approved_by -> Nullable<SqlUuid>,
        settled_by -> Nullable<SqlUuid>,
        settled_at -> Nullable<SqlInstant>,
        reason -> Nullable<Text>,
        reversed_by -> Nullable<SqlUuid>,
        reversed_at -> Nullable<SqlInstant>,
        reversal_reason -> Nullable<Text>,
        version -> BigInt,
    }

    signal_votes (council_id, signal_id, idea_id, voter_id) {
        council_id -> SqlUuid,
        signal_id -> SqlUuid,
        idea_id -> SqlUuid,
        voter_id -> SqlUuid,
        supported_at -> SqlInstant,
        state -> Text,
    }

    signal_voters (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        signal_id -> SqlUuid,
        voter_id -> SqlUuid,
        account_id -> Nullable<SqlUuid>,
        told_at -> SqlInstant,
        text -> Nullable<Text>,
        contested_at -> Nullable<SqlInstant>,
    }

    transitions (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        idea_id -> SqlUuid,
        comment_id -> Nullable<SqlUuid>,
        from_state -> Nullable<Text>,
        to_state -> Text,
        decision_id -> Nullable<SqlUuid>,
        at -> SqlInstant,
    }

    answers (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        idea_id -> SqlUuid,
        challenge_id -> SqlUuid,
        revision -> Integer,
        idea_revision -> Integer,
        kind -> Text,
        office -> Text,
        reason -> Text,
        answered_by -> SqlUuid,
        answered_at -> SqlInstant,
    }

    answer_questions (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        answer_id -> SqlUuid,
        account_id -> SqlUuid,
        asked_at -> SqlInstant,
        reply -> Nullable<Text>,
        line -> Nullable<Text>,
        replied_at -> Nullable<SqlInstant>,
    }

    answer_counts (council_id, answer_id) {
        council_id -> SqlUuid,
        answer_id -> SqlUuid,
        asked -> Integer,
        yes -> Integer,
        partly -> Integer,
        no -> Integer,
    }

    follow_ups (council_id, idea_id) {
        council_id -> SqlUuid,
        idea_id -> SqlUuid,
        answer_id -> SqlUuid,
        question -> Nullable<Text>,
        asked_at -> SqlInstant,
        due_at -> SqlInstant,
        promised_by -> SqlInstant,
        first_due_at -> SqlInstant,
        answered_at -> Nullable<SqlInstant>,
    }

    commitments (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        challenge_id -> SqlUuid,
        idea_id -> SqlUuid,
        what -> Text,
        office -> Text,
        due_on -> Text,
        status -> Text,
        status_reason -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
        delivered_at -> Nullable<SqlInstant>,
        dropped_on -> Nullable<Text>,
    }

    moderation_figures (council_id) {
        council_id -> SqlUuid,
        figures -> SqlJson,
        counted_at -> SqlInstant,
    }

    accountability_figures (council_id, office) {
        council_id -> SqlUuid,
        office -> Text,
        from_day -> Text,
        until_day -> Text,
        quiet_days -> BigInt,
        on_time -> BigInt,
        in_added_time -> BigInt,
        late -> BigInt,
        unanswered_late -> BigInt,
        asked_back_on_time -> BigInt,
        asked_back_in_added_time -> BigInt,
        asked_back_late -> BigInt,
        asked_back_unanswered_late -> BigInt,
        answered -> BigInt,
        median_tenths -> Nullable<BigInt>,
        ninetieth_tenths -> Nullable<BigInt>,
        unanswered -> BigInt,
        overdue_now -> BigInt,
        commitments_on_time -> BigInt,
        commitments_late -> BigInt,
        commitments_owed -> BigInt,
        commitments_dropped -> BigInt,
        asked -> Nullable<BigInt>,
        yes -> Nullable<BigInt>,
        partly -> Nullable<BigInt>,
        no -> Nullable<BigInt>,
        counted_at -> SqlInstant,
    }

    milestones (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        commitment_id -> SqlUuid,
        title -> Text,
        planned_on -> Text,
        done_on -> Nullable<Text>,
        evidence -> Nullable<Text>,
        evidence_url -> Nullable<Text>,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }

    outcomes (council_id, challenge_id) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        summary -> Text,
        themes -> SqlJson,
        next_steps -> Nullable<Text>,
        published_by -> SqlUuid,
        published_at -> SqlInstant,
        version -> BigInt,
    }

    outcome_ideas (council_id, challenge_id, idea_id) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        idea_id -> SqlUuid,
        what_became_of_it -> Text,
        position -> Integer,
    }

    ballot_papers (council_id, challenge_id) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        version -> BigInt,
        rule -> Text,
        terms -> SqlJson,
        updated_at -> SqlInstant,
    }

    ballot_options (council_id, challenge_id, idea_id) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        idea_id -> SqlUuid,
        position -> Integer,
        cost -> Nullable<BigInt>,
    }

    ballot_results (council_id, challenge_id) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        ballots -> BigInt,
        outcomes -> SqlJson,
        withheld -> Nullable<Text>,
        file -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        counted_at -> SqlInstant,
    }

    ballots (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        challenge_id -> SqlUuid,
        voter_id -> SqlUuid,
        number -> Integer,
        state -> Text,
        marks -> SqlJson,
        salt -> Text,
        commitment -> Text,
        cast_at -> SqlInstant,
    }

    thresholds (council_id, challenge_id, number) {
        council_id -> SqlUuid,
        challenge_id -> SqlUuid,
        number -> Integer,
        supports -> BigInt,
        verified -> Nullable<BigInt>,
        verified_percent -> Nullable<Integer>,
        within_days -> Integer,
        reason -> Nullable<Text>,
        changed_at -> SqlInstant,
    }

    raised_ideas (council_id, idea_id) {
        council_id -> SqlUuid,
        idea_id -> SqlUuid,
        challenge_id -> SqlUuid,
        threshold -> Integer,
        supports -> BigInt,
        within_days -> Integer,
        reached_at -> SqlInstant,
        due_at -> SqlInstant,
        promised_by -> SqlInstant,
        settled_as -> Nullable<Text>,
        answer_id -> Nullable<SqlUuid>,
        taken_up_as -> Nullable<SqlUuid>,
        settled_at -> Nullable<SqlInstant>,
    }

    updates (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        challenge_id -> SqlUuid,
        revision -> Integer,
        mailed -> Bool,
        published_at -> SqlInstant,
        revised_at -> SqlInstant,
    }

    update_revisions (council_id, update_id, revision) {
        council_id -> SqlUuid,
        update_id -> SqlUuid,
        revision -> Integer,
        title -> Text,
        body -> Text,
        office -> Text,
        correction -> Nullable<Text>,
        published_by -> SqlUuid,
        published_at -> SqlInstant,
    }

    campaigns (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        code -> Text,
        name -> Text,
        channel -> Text,
        target_url -> Text,
        created_at -> SqlInstant,
    }

    campaign_counts (council_id, campaign_id, day, action) {
        council_id -> SqlUuid,
        campaign_id -> SqlUuid,
        day -> Text,
        action -> Text,
        n -> BigInt,
    }

    entries (council_id, id) {
        place -> BigInt,
        council_id -> SqlUuid,
        id -> SqlUuid,
        number -> Nullable<BigInt>,
        kind -> Text,
        visibility -> Text,
        subject_id -> SqlUuid,
        data -> SqlJson,
        recorded_at -> SqlInstant,
    }

    jobs (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        kind -> Text,
        dedup_key -> Text,
        payload -> SqlJson,
        state -> Text,
        run_at -> SqlInstant,
        attempts -> Integer,
        lease -> BigInt,
        leased_until -> Nullable<SqlInstant>,
        last_error -> Nullable<Text>,
        created_at -> SqlInstant,
    }

    idempotency_keys (council_id, caller, route, key) {
        council_id -> SqlUuid,
        caller -> Text,
        route -> Text,
        key -> Text,
        body_mac -> Text,
        status -> Integer,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        response -> Nullable<Text>,
        created_at -> SqlInstant,
    }

    audit_events (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        at -> SqlInstant,
        action -> Text,
        actor_kind -> Text,
        actor_id -> Nullable<SqlUuid>,
        key_id -> Nullable<SqlUuid>,
        subject_id -> Nullable<SqlUuid>,
        before -> Nullable<SqlJson>,
        after -> Nullable<SqlJson>,
    }

    audit_retention (id) {
        id -> Integer,
        forget_before -> Nullable<SqlInstant>,
    }

    audit_refusals (council_id, account_id, hour) {
        council_id -> SqlUuid,
        account_id -> SqlUuid,
        hour -> SqlInstant,
        refused -> BigInt,
    }

    invitations (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        email -> Text,
        role -> Text,
        invited_by -> Nullable<SqlUuid>,
        expires_at -> SqlInstant,
        created_at -> SqlInstant,
    }

    sanctions (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        account_id -> SqlUuid,
        kind -> Text,
        ground_code -> Text,
        statement -> Text,
        case_id -> Nullable<SqlUuid>,
        until -> Nullable<SqlInstant>,
        decided_by -> SqlUuid,
        decided_at -> SqlInstant,
        ended_at -> Nullable<SqlInstant>,
    }

    outside_reviewers (council_id) {
        council_id -> SqlUuid,
        account_id -> SqlUuid,
        name -> Text,
        email -> Text,
        named_at -> SqlInstant,
    }

    reviews (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        appeal_id -> Nullable<SqlUuid>,
        sanction_appeal_id -> Nullable<SqlUuid>,
        account_id -> SqlUuid,
        granted_at -> SqlInstant,
        expires_at -> SqlInstant,
    }

    sanction_appeals (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        sanction_id -> SqlUuid,
        account_id -> SqlUuid,
        barred_id -> SqlUuid,
        text -> Text,
        made_at -> SqlInstant,
        due_at -> SqlInstant,
        result -> Nullable<Text>,
        reasons -> Nullable<Text>,
        until -> Nullable<SqlInstant>,
        decided_by -> Nullable<SqlUuid>,
        decided_at -> Nullable<SqlInstant>,
        lifted_at -> Nullable<SqlInstant>,
        lifted_by -> Nullable<SqlUuid>,
    }

    offices (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        name -> Text,
        name_key -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
    }

    office_members (council_id, office_id, account_id) {
        council_id -> SqlUuid,
        office_id -> SqlUuid,
        account_id -> SqlUuid,
        created_at -> SqlInstant,
    }

    answer_templates (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        title -> Text,
        kind -> Text,
        body -> Text,
        version -> BigInt,
        created_at -> SqlInstant,
        updated_at -> SqlInstant,
    }

    idea_assignments (council_id, idea_id) {
        council_id -> SqlUuid,
        idea_id -> SqlUuid,
        office_id -> SqlUuid,
        officer_id -> Nullable<SqlUuid>,
        version -> BigInt,
        assigned_at -> SqlInstant,
    }

    idea_notes (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        idea_id -> SqlUuid,
        body -> Text,
        written_by -> SqlUuid,
        written_at -> SqlInstant,
    }

    api_keys (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        account_id -> SqlUuid,
        name -> Text,
        secret_hash -> Text,
        mode -> Text,
        two_factors -> Bool,
        scopes -> SqlJson,
        expires_at -> SqlInstant,
        last_used_on -> Nullable<Text>,
        ended_at -> Nullable<SqlInstant>,
        created_at -> SqlInstant,
    }

    verifications (council_id, account_id) {
        council_id -> SqlUuid,
        account_id -> SqlUuid,
        method -> Text,
        ward -> Nullable<Text>,
        office -> Nullable<Text>,
        tag -> Nullable<Text>,
        verified_at -> SqlInstant,
        good_until -> SqlInstant,
    }

    area_postcodes (council_id, postcode) {
        council_id -> SqlUuid,
        postcode -> Text,
        ward -> Text,
    }

    letter_codes (council_id, code_mac) {
        council_id -> SqlUuid,
        code_mac -> Text,
        batch_id -> SqlUuid,
        ward -> Nullable<Text>,
        expires_at -> SqlInstant,
        used_at -> Nullable<SqlInstant>,
    }

    register_entries (council_id, tag) {
        council_id -> SqlUuid,
        tag -> Text,
        ward -> Nullable<Text>,
    }

    participations (council_id, account_id, challenge_id) {
        council_id -> SqlUuid,
        account_id -> SqlUuid,
        challenge_id -> SqlUuid,
        created_at -> SqlInstant,
    }

    identity_providers (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        name -> Text,
        issuer -> Text,
        client_id -> Text,
        client_secret -> Nullable<Text>,
        scopes -> SqlJson,
        claims -> SqlJson,
        enabled -> Bool,
        version -> BigInt,
        created_at -> SqlInstant,
    }

    identities (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        account_id -> SqlUuid,
        issuer -> Text,
        subject -> Text,
        verified -> Bool,
        ward -> Nullable<Text>,
        created_at -> SqlInstant,
        used_at -> SqlInstant,
    }

    erasures (council_id, account_id) {
        council_id -> SqlUuid,
        account_id -> SqlUuid,
        ideas -> Text,
        erased_at -> SqlInstant,
    }

    spent_proofs (council_id, nonce) {
        council_id -> SqlUuid,
        nonce -> Text,
        expires_at -> SqlInstant,
    }

    sandbox_keys (council_id, key_id) {
        council_id -> SqlUuid,
        key_id -> SqlUuid,
        account_id -> SqlUuid,
        created_at -> SqlInstant,
    }

    rehearsals (council_id, id) {
        council_id -> SqlUuid,
        id -> SqlUuid,
        challenge_id -> SqlUuid,
        audience -> Text,
        begun_by -> SqlUuid,
        begun_at -> SqlInstant,
        ended_at -> Nullable<SqlInstant>,
        seen -> Nullable<SqlJson>,
    }

    rehearsal_parts (council_id, rehearsal_id, account_id, as_resident) {
        council_id -> SqlUuid,
        rehearsal_id -> SqlUuid,
        account_id -> SqlUuid,
        as_resident -> Bool,
        invited -> Bool,
        part_id -> Nullable<SqlUuid>,
        created_at -> SqlInstant,
    }
}
