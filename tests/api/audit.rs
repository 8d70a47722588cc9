//! The audit log: who did what, kept from everybody and filled by nobody.

use diesel::connection::SimpleConnection as _;
use folkmoot::platform::db::{Location, migrate};
use folkmoot::vocabulary::{AuditAction, Role};
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Store, TestApp, days, postgres, proof};

async fn log(admin: &Actor, query: &str) -> Vec<Value> {
    admin.get(&format!("/audit-log?limit=100{query}")).await.is(200).json()["items"].as_array().unwrap().clone()
}

fn id_of(who: &Value) -> String {
    who["id"].as_str().unwrap().to_owned()
}

// case G10
#[on_both_databases]
async fn an_admin_reads_who_was_refused_what_and_nobody_else_reads_the_log(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let resident = app.resident("ana").await;
    for reader in
        [&resident, &app.member("moderator", Role::Moderator).await, &app.member("officer", Role::Officer).await]
    {
        reader.get("/audit-log").await.is(403);
    }
    app.visitor().get("/audit-log").await.is(401);
    let me = id_of(&resident.get("/me").await.is(200).json());
    let mine = log(&admin, &format!("&actor={me}")).await;
    assert_eq!(mine.len(), 1);
    assert_eq!(mine[0]["action"], "authorisation.refused");
    assert_eq!(mine[0]["actor"], json!({ "kind": "account", "id": me, "key": null }));
    assert_eq!(
        mine[0]["after"],
        json!({ "permission": "audit.read", "operation": "GET /v1/councils/{council}/audit-log" })
    );
    assert_eq!(log(&admin, "&action=authorisation.refused").await.len(), 3);
    assert_eq!(log(&admin, "&action=key.made").await.len(), 0);
    // Another council's log is another log.
    let other = app.other_council().await;
    let stranger = app.member_of(&other, "stranger", Role::Admin).await;
    assert_eq!(log(&stranger, "").await.len(), 0);
    stranger.get("/v1/platform/councils").await.is(403);
    assert_eq!(log(&stranger, "&action=authorisation.refused").await.len(), 1);
}

// case G10
#[on_both_databases]
async fn somebody_who_is_refused_again_and_again_cannot_fill_the_log(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let resident = app.resident("ana").await;
    for _ in 0..57 {
        resident.get("/audit-log").await.is(403);
    }
    assert_eq!(log(&admin, "&action=authorisation.refused").await.len(), 20);
    assert_eq!(log(&admin, "&action=authorisation.refusals_left_out").await.len(), 0);
    app.advance(std::time::Duration::from_secs(3_600));
    let admin = app.signs_in("admin").await;
    app.app.sweep().await.unwrap();
    app.app.sweep().await.unwrap();
    let more = log(&admin, "&action=authorisation.refusals_left_out").await;
    assert_eq!(more.len(), 1);
    assert_eq!(more[0]["after"]["left_out"], 37);
    // A new hour has a budget of its own.
    app.signs_in("ana").await.get("/audit-log").await.is(403);
    assert_eq!(log(&admin, "&action=authorisation.refused").await.len(), 21);
}

// cases G10, G6
#[on_both_databases]
async fn what_the_log_tells_is_changed_by_nobody_and_forgotten_after_its_time(app: TestApp) {
    app.resident("ana").await.get("/audit-log").await.is(403);
    let mut conn = migrate::connect(&Location::parse(&app.database_url).unwrap()).unwrap();
    let mut refused = |statement: &str| {
        let error = conn.batch_execute(statement).unwrap_err().to_string();
        assert!(error.contains("only added to"), "{statement}: {error}");
    };
    refused("UPDATE audit_events SET action = 'key.made'");
    refused("DELETE FROM audit_events");
    if app.database_url.starts_with("postgres") {
        refused("TRUNCATE audit_events");
    }
    let admin = app.member("admin", Role::Admin).await;
    app.advance(days(730));
    app.app.sweep().await.unwrap();
    let admin_later = app.signs_in("admin").await;
    assert_eq!(log(&admin_later, "&action=authorisation.refused").await.len(), 1);
    drop(admin);
    app.advance(days(2));
    app.app.sweep().await.unwrap();
    assert_eq!(log(&app.signs_in("admin").await, "&action=authorisation.refused").await.len(), 0);
}

// case G10
#[actix_web::test]
async fn a_role_that_only_serves_adds_to_the_log_and_cannot_change_it_and_the_owner_forgets() {
    let Some(app) = TestApp::start_with(Store::Postgres, |_| {}).await else { return };
    let name = app.database_url.rsplit('/').next().unwrap().to_owned();
    let role = format!("serves_{name}");
    let owner = Location::parse(&app.database_url).unwrap();
    migrate::connect(&owner).unwrap().batch_execute(&format!("CREATE ROLE \"{role}\" LOGIN")).unwrap();
    let (_, address) = app.database_url.split_once('@').unwrap();
    let url = format!("postgres://{role}@{address}");
    let serving = Location::parse(&url).unwrap();
    let served = app.with(|config| {
        config.location = serving.clone();
        config.owner_location = Some(owner.clone());
    });
    let served = served.await;
    served.resident("ana").await.get("/audit-log").await.is(403);
    let admin = served.member("admin", Role::Admin).await;
    assert_eq!(log(&admin, "").await.len(), 1);
    let mut conn = migrate::connect(&serving).unwrap();
    for statement in [
        "UPDATE audit_events SET action = 'key.made'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "UPDATE audit_retention SET forget_before = now()",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "DROP TABLE audit_events",
    ] {
        let error = conn.batch_execute(statement).unwrap_err().to_string();
        assert!(error.contains("permission denied") || error.contains("must be owner"), "{statement}: {error}");
    }
    let looks = std::process::Command::new(env!("CARGO_BIN_EXE_folkmoot"))
        .args(["doctor", "--database-url", &url, "--data-dir"])
        .arg(&app.app.config.data_dir)
        .output()
        .unwrap();
    let said = String::from_utf8(looks.stdout).unwrap();
    assert!(said.contains("adds to it and cannot change it"), "{said}");
    // The rest of serving goes on as that role, and the owner forgets.
    served.open_challenge("post").await;
    served.run_jobs().await;
    served.advance(days(732));
    served.app.sweep().await.unwrap();
    assert_eq!(log(&served.signs_in("admin").await, "&action=authorisation.refused").await.len(), 0);
    // One who is the owner all the same is no role that only serves.
    let error = migrate::prepare(&owner, Some(&owner)).unwrap_err().to_string();
    assert!(error.contains("could change the audit log"), "{error}");
    drop(conn);
    postgres::drop_role(&app.database_url, &role);
}

// case G10
#[on_both_databases]
async fn what_the_staff_does_is_told_with_who_did_it_and_how_it_was_before(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let challenge = app.open_challenge("pre").await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    let moderator = app.member("moderator", Role::Moderator).await;
    app.advance(std::time::Duration::from_secs(1));
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    let officer = app.member("officer", Role::Officer).await;
    app.advance(std::time::Duration::from_secs(1));
    officer.answers(&idea, &json!({ "kind": "accepted", "office": "Streets", "reason": "It will be." })).await.is(201);
    let commitment = json!({ "what": "Paint it", "office": "Streets", "due_on": "2027-10-01" });
    app.advance(std::time::Duration::from_secs(1));
    let made = officer.post(&format!("{idea}/commitments"), &commitment).await.is(201).json();
    let path = format!("/commitments/{}", made["id"].as_str().unwrap());
    app.advance(std::time::Duration::from_secs(1));
    officer.change("PATCH", &path, &json!(1), &json!({ "status": "delivered" })).await.is(200);
    // What changes nothing is no deed.
    app.advance(std::time::Duration::from_secs(1));
    officer.change("PATCH", &path, &json!(2), &json!({ "status": "delivered" })).await.is(200);
    app.advance(std::time::Duration::from_secs(1));
    officer.post(&format!("/challenges/{challenge}/close"), &json!({})).await.is(200);
    let outcome = json!({ "summary": "It was worth asking.", "ideas": [] });
    app.advance(std::time::Duration::from_secs(1));
    officer.put(&format!("/challenges/{challenge}/outcome"), &outcome).await.is(201);
    let campaign = json!({ "name": "Shelters", "channel": "bus", "target_url": "https://ideas.example/" });
    app.advance(std::time::Duration::from_secs(1));
    officer.post("/campaigns", &campaign).await.is(201);
    app.advance(std::time::Duration::from_secs(1));
    admin.change("PATCH", "", &json!(1), &json!({ "name": "Aldermoor" })).await.is(200);
    let ground = json!({ "code": "insults", "title": "Insults", "body": "We take insults out of sight." });
    app.advance(std::time::Duration::from_secs(1));
    admin.post("/grounds", &ground).await.is(201);
    app.advance(std::time::Duration::from_secs(1));
    admin.put("/privacy-notice", &json!({ "body": "We keep what we need, and nothing else." })).await.is(200);

    let told = log(&admin, "").await;
    let mut actions: Vec<&str> = told.iter().map(|one| one["action"].as_str().unwrap()).collect();
    actions.reverse();
    let mut prepared = actions.drain(..3).collect::<Vec<_>>();
    prepared.sort_unstable();
    assert_eq!(prepared, ["challenge.drafted", "challenge.opened", "promise.written"]);
    assert_eq!(
        actions,
        [
            "case.decided",
            "answer.given",
            "commitment.made",
            "commitment.changed",
            "challenge.closed",
            "outcome.published",
            "campaign.made",
            "settings.changed",
            "ground.written",
            "notice.published"
        ]
    );
    let by = |action: &str| told.iter().find(|one| one["action"] == action).unwrap();
    let me = id_of(&officer.get("/me").await.is(200).json());
    assert_eq!(by("commitment.changed")["actor"]["id"], me);
    assert_eq!(by("commitment.changed")["before"], json!({ "status": "planned" }));
    assert_eq!(by("commitment.changed")["after"], json!({ "status": "delivered" }));
    assert_eq!(by("case.decided")["before"], json!({ "state": "held" }));
    assert_eq!(by("settings.changed")["before"]["name"], "aldermoor council");
    // One page follows the other without a gap or a repeat, though the first three were written in one instant.
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = admin.get(&format!("/audit-log?limit=3{next}")).await.is(200).json();
        seen.extend(page["items"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    assert_eq!(seen, told);
    // Neither names nor addresses nor texts.
    let text = Value::from(told).to_string();
    for word in ["@people.example", "ana", "moderator", "It will be", "crossing", "Paint"] {
        assert!(!text.contains(word), "{word} is in the audit log: {text}");
    }
}

// case A1
#[on_both_databases]
async fn a_token_or_key_that_is_shown_to_another_council_is_told_at_home_and_cannot_fill_the_log(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let ana = app.resident("ana").await;
    let other = app.other_council().await;
    let elsewhere = |who: &Actor| Actor { base: format!("/v1/councils/{}", other.slug), ..who.clone() };
    for _ in 0..31 {
        elsewhere(&ana).get("/challenges").await.refused(401, "bad_token");
    }
    let me = id_of(&ana.get("/me").await.is(200).json());
    let told = log(&admin, "&action=token.shown_elsewhere").await;
    assert_eq!(told.len(), 20);
    assert_eq!(told[0]["actor"], json!({ "kind": "account", "id": me, "key": null }));
    assert_eq!(told[0]["subject"], other.id.to_string());
    app.advance(std::time::Duration::from_secs(1));
    let expires_at = app.app.db.clock().now().plus(days(1));
    let wish = json!({ "proof": proof(), "name": "x", "scopes": ["public.read"], "expires_at": expires_at });
    let key = admin.post("/api-keys", &wish).await.is(201).json();
    let program = Actor { token: key["key"].as_str().map(str::to_owned), ..ana.clone() };
    elsewhere(&program).get("/challenges").await.refused(401, "bad_token");
    // What the key is not for is told too.
    program.get("/cases").await.refused(403, "forbidden");
    for action in ["token.shown_elsewhere", "authorisation.refused"] {
        let by = log(&admin, &format!("&action={action}")).await[0]["actor"].take();
        assert_eq!((&by["kind"], &by["key"]), (&json!("key"), &key["id"]), "{action}");
    }
    // One that has ended is nobody's any more, and the other council hears of none.
    ana.delete("/sessions/current").await.is(204);
    elsewhere(&ana).get("/challenges").await.refused(401, "bad_token");
    assert_eq!(log(&admin, "&action=token.shown_elsewhere").await.len(), 21);
    let stranger = app.member_of(&other, "stranger", Role::Admin).await;
    assert_eq!(log(&stranger, "").await.len(), 0);
}

// case G10
#[on_both_databases]
async fn whoever_ends_sessions_is_told_of_with_how_many_there_were(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let ana = app.resident("ana").await;
    let (second, third) = (app.signs_in("ana").await, app.signs_in("ana").await);
    let me = id_of(&ana.get("/me").await.is(200).json());
    let list = ana.get("/me/sessions").await.is(200).json();
    let other = list["items"].as_array().unwrap().iter().find(|one| one["current"] == false).unwrap();
    ana.delete(&format!("/me/sessions/{}", id_of(other))).await.is(204);
    app.advance(std::time::Duration::from_secs(1));
    ana.delete("/me/sessions").await.is(204);
    for gone in [&second, &third] {
        gone.get("/me").await.refused(401, "bad_token");
    }
    // There are no others: nothing is ended.
    ana.delete("/me/sessions").await.is(204);
    app.advance(std::time::Duration::from_secs(1));
    app.suspends(&admin, &me, "Spam in three places.").await.is(201);
    app.advance(std::time::Duration::from_secs(1));
    let moderator = app.member("moderator", Role::Moderator).await;
    let who = id_of(&moderator.get("/me").await.is(200).json());
    moderator.delete("/sessions/current").await.is(204);
    // That residents sign out is their own affair.
    app.resident("ben").await.delete("/sessions/current").await.is(204);
    let told = log(&admin, "&action=session.ended").await;
    let told: Vec<(&Value, &Value)> = told.iter().map(|one| (&one["actor"]["id"], &one["after"])).collect();
    let boss = json!(id_of(&admin.get("/me").await.is(200).json()));
    assert_eq!(
        told,
        [
            (&json!(who), &json!(null)),
            (&boss, &json!({ "sessions": 1 })),
            (&json!(me), &json!({ "sessions": 1 })),
            (&json!(me), &json!(null)),
        ]
    );
}

/// The operations, or what else, that an event comes from. A new kind of event does not compile until it is told here.
fn told_by(action: AuditAction) -> &'static [&'static str] {
    use AuditAction as A;
    match action {
        // By whatever is refused, and by the sweeping of hours that are over.
        A::AuthorisationRefused | A::AuthorisationRefusalsLeftOut | A::TokenShownElsewhere => &[],
        A::RefreshTokenReused => &["refresh_session"],
        A::SessionBegun => &["sign_in", "sign_in_with_code", "sign_in_with_link", "sign_in_with_passkey"],
        A::SessionEnded => &["end_session", "end_other_sessions", "sign_out", "impose_sanction"],
        A::PasswordChanged => &["change_password"],
        A::PasswordReset => &["redeem_password_reset"],
        A::EmailChanged => &["confirm_new_address", "undo_new_address"],
        A::FactorAdded => &["confirm_totp", "add_passkey"],
        A::FactorRemoved => &["remove_totp", "remove_passkey"],
        A::RecoveryCodesMade => &["renew_recovery_codes"],
        A::RecoveryCodeUsed => &["sign_in"],
        A::InvitationMade => &["invite_staff", "invite_admin"],
        A::InvitationAccepted => &["accept_invitation"],
        A::InvitationWithdrawn => &["withdraw_invitation"],
        A::RoleChanged => &["change_role"],
        A::StaffRemoved => &["remove_from_staff"],
        A::OutsideReviewerNamed => &["name_outside_reviewer", "withdraw_outside_reviewer"],
        A::ReviewGranted => &["grant_review", "grant_sanction_review"],
        A::AccountWarned => &["impose_sanction", "sanction_author"],
        A::AccountSuspended => &["impose_sanction", "sanction_author"],
        A::SanctionAppealDecided => &["decide_sanction_appeal", "lift_suspension"],
        A::AccountRestored => &["lift_suspension", "decide_sanction_appeal"],
        A::CouncilMade => &["create_council"],
        A::SettingsChanged => &["change_council"],
        A::NoticePublished => &["publish_privacy_notice"],
        A::WordListWritten => &["write_word_list"],
        // By the clock.
        A::PublishedByClock => &[],
        A::GroundWritten => &["create_ground"],
        A::OfficeMade => &["make_office"],
        A::OfficeChanged => &["change_office"],
        A::KeyMade => &["make_key"],
        A::KeyEnded => &["end_key", "undo_new_address", "redeem_password_reset"],
        A::ProviderMade => &["make_identity_provider"],
        A::ProviderChanged => &["change_identity_provider"],
        A::ProviderRemoved => &["remove_identity_provider"],
        A::IdentityLinked => &["link_identity"],
        A::IdentityUnlinked => &["unlink_identity"],
        A::ResidentVerified => &["record_in_person"],
        A::ProtectionEnded => &["record_in_person"],
        A::PostcodesUploaded => &["upload_postcodes"],
        A::LettersMade => &["make_letters"],
        A::RegisterUploaded => &["upload_register"],
        A::SandboxReset => &["reset_sandbox"],
        A::ChallengeDrafted => &["draft_challenge"],
        A::RehearsalBegun => &["begin_rehearsal"],
        A::RehearsalAudienceChanged => &["change_rehearsal_audience"],
        A::RehearsalEnded => &["end_rehearsal"],
        A::ChallengeRewritten => &["rewrite_challenge"],
        A::PromiseWritten => &["write_promise"],
        A::PromiseAccepted => &["accept_promise"],
        A::PromiseChanged => &["change_promise"],
        A::PromisePaused => &["pause_promise"],
        A::PromiseResumed => &["resume_promise"],
        A::CalendarWritten => &["write_calendar"],
        A::QuietPeriodDeclared => &["declare_quiet_period"],
        A::QuietPeriodEnded => &["end_quiet_period"],
        A::ActHeld => &[
            "answer_idea",
            "answer_ideas",
            "take_up_idea",
            "publish_update",
            "correct_update",
            "publish_outcome",
            "open_challenge",
        ],
        A::HeldActWithdrawn => &["withdraw_held_act"],
        // By the clock.
        A::HeldActFailed => &[],
        A::ChallengeOpened => &["open_challenge"],
        A::ChallengeClosed => &["close_challenge"],
        A::CaseOpened => &["open_case"],
        // Many at once by the clock.
        A::CaseDecided => &["decide_case"],
        A::SafeguardingLeadNamed => &["name_safeguarding_lead"],
        A::CaseBatchMade => &["make_case_batch"],
        A::CaseBatchTakenBack => &["take_back_case_batch"],
        A::AnswerGiven => &["answer_idea", "answer_ideas"],
        A::TemplateMade => &["make_answer_template"],
        A::TemplateChanged => &["rewrite_answer_template"],
        A::TemplateRemoved => &["remove_answer_template"],
        A::IdeaAssigned => &["assign_idea", "unassign_idea"],
        A::NoteWritten => &["write_note"],
        A::AppealDecided => &["decide_appeal"],
        A::MergeProposed => &["propose_merge"],
        A::MergeWithdrawn => &["withdraw_merge"],
        // By the clock.
        A::MergeEnded => &[],
        A::MergeReversed => &["reverse_merge"],
        A::SignalDismissed | A::VotesReleased => &["release_votes"],
        A::VotesQuarantined => &["quarantine_votes"],
        A::InvalidationProposed => &["propose_invalidation"],
        A::VotesInvalidated => &["approve_invalidation"],
        A::InvalidationReversed => &["reverse_invalidation"],
        A::CommitmentMade => &["make_commitment"],
        A::CommitmentChanged => &["change_commitment"],
        A::MilestonePlanned => &["plan_milestone"],
        A::MilestoneReached => &["reach_milestone"],
        A::OutcomePublished => &["publish_outcome"],
        A::ThresholdSet => &["set_threshold"],
        A::BallotPaperWritten => &["write_ballot_paper"],
        A::IdeaTakenUp => &["take_up_idea"],
        A::UpdatePublished => &["publish_update", "correct_update"],
        A::CampaignMade => &["make_campaign"],
        A::DataDownloaded => &["copy_data"],
        A::AccountErased => &["erase_account"],
    }
}

/// The text of every file of the house.
fn sources(directory: &std::path::Path, text: &mut String) {
    for entry in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, text);
        } else if entry.extension().is_some_and(|extension| extension == "rs") && !entry.ends_with("vocabulary/mod.rs")
        {
            text.push_str(&std::fs::read_to_string(&entry).unwrap());
        }
    }
}

// case G10
#[test]
fn there_is_no_kind_of_event_that_nothing_writes() {
    let document = serde_json::to_value(folkmoot::router::document()).unwrap().to_string();
    let mut text = String::new();
    sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    for action in AuditAction::ALL {
        // A query may name it once; whoever writes it names it so.
        let written = regex::Regex::new(&format!(r"AuditAction::{action:?}\b")).unwrap();
        assert!(written.is_match(&text), "{action} is declared, and never written");
        for operation in told_by(*action) {
            assert!(document.contains(&format!("\"operationId\":\"{operation}\"")), "{action}: {operation}");
        }
    }
}
