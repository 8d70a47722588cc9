//! The audit log: who did what, kept from everybody and filled by nobody.

use diesel::connection::SimpleConnection as _;
use folkmoot::platform::db::{Location, migrate};
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Store, TestApp, days, postgres};

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
    assert_eq!(by("case.decided")["before"], json!({ "idea_state": "held" }));
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
