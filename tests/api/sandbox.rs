//! Test keys: a program tries everything out under the real addresses, and nobody ever notices.

use std::collections::BTreeMap;

use actix_web::test::TestRequest;
use diesel::RunQueryDsl as _;
use folkmoot::people::sandboxes::queries::{self as sandboxes, find_sandbox};
use folkmoot::platform::db::{Conn, Id};
use folkmoot::platform::http::openapi::operations;
use folkmoot::vocabulary::Role;
use folkmoot::vocabulary::permissions::{Action, Party};
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, days, draft, promise, proof};

/// Everything that a key for a role may be for.
fn scopes(role: Role) -> Vec<&'static str> {
    let never = [Action::UseAccount, Action::ManageStaff, Action::ManageKeys, Action::OperatePlatform];
    let rows = Action::ALL.iter().filter(|row| row.allows(Party::Member(role)) && !never.contains(row));
    rows.map(|row| row.as_str()).collect()
}

async fn key(admin: &Actor, role: Role) -> (Actor, String) {
    let expires_at = admin.app.app.db.clock().now().plus(days(30));
    let body = json!({ "proof": proof(), "name": "Trial", "mode": "test", "role": role, "scopes": scopes(role),
        "expires_at": expires_at });
    let made = admin.post("/api-keys", &body).await.is(201).json();
    let token = made["key"].as_str().unwrap().to_owned();
    assert!(token.starts_with("fm_test_"));
    (Actor { token: Some(token), ..admin.clone() }, made["id"].as_str().unwrap().to_owned())
}

async fn sandbox_of(app: &TestApp) -> Option<Id> {
    let council = app.council.id;
    app.app.db.read(move |tx| find_sandbox(tx, council)).await.unwrap()
}

#[derive(diesel::QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// All rows of a council, as text, by table.
async fn rows_of(app: &TestApp, council: Id) -> BTreeMap<String, String> {
    let read = app.app.db.read(move |tx| {
        let hex = council.to_string().replace('-', "");
        let mut all = BTreeMap::new();
        match &mut **tx {
            Conn::Pg(c) => {
                let tables = "SELECT table_name::text AS text FROM information_schema.columns \
                    WHERE table_schema = 'public' AND column_name = 'council_id'";
                for Text { text: table } in diesel::sql_query(tables).load::<Text>(c)? {
                    let rows = format!(
                        "SELECT coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '') AS text FROM {table} t \
                         WHERE council_id = '{hex}'::uuid"
                    );
                    all.insert(table, diesel::sql_query(rows).get_result::<Text>(c)?.text);
                }
            }
            Conn::Sqlite(c) => {
                let tables = "SELECT m.name AS text FROM sqlite_master m, pragma_table_info(m.name) c \
                    WHERE m.type = 'table' AND c.name = 'council_id'";
                for Text { text: table } in diesel::sql_query(tables).load::<Text>(c)? {
                    let columns = format!("SELECT 'quote(' || name || ')' AS text FROM pragma_table_info('{table}')");
                    let columns: Vec<Text> = diesel::sql_query(columns).load(c)?;
                    let columns: Vec<String> = columns.into_iter().map(|one| one.text).collect();
                    let row = columns.join(" || '|' || ");
                    let rows = format!(
                        "SELECT coalesce(group_concat(line, char(10)), '') AS text FROM \
                         (SELECT {row} AS line FROM {table} WHERE council_id = x'{hex}' ORDER BY 1)"
                    );
                    all.insert(table, diesel::sql_query(rows).get_result::<Text>(c)?.text);
                }
            }
        }
        Ok(all)
    });
    read.await.unwrap()
}

/// Every operation under `/v1`, with the request that the contract shows and ids that there are.
fn requests(council: &str, challenge: &str, idea: &str, account: &str) -> Vec<(String, String, Value)> {
    let examples: Value = serde_json::from_str(include_str!("../../src/reach/docs/examples.json")).unwrap();
    let mut document = folkmoot::router::document();
    let mut all = Vec::new();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let filled = |part: &str| match part {
                "{council}" => council.to_owned(),
                "{challenge}" => challenge.to_owned(),
                "{idea}" => idea.to_owned(),
                "{account}" => account.to_owned(),
                _ if part.starts_with('{') => "0192f3a4-0000-7000-8000-000000000000".to_owned(),
                _ => part.to_owned(),
            };
            let filled = path.split('/').map(filled).collect::<Vec<_>>().join("/");
            let name = operation.operation_id.as_deref().unwrap();
            let body = examples["operations"][name]["request"].clone();
            if path.starts_with("/v1") && !path.ends_with("/stream") {
                all.push((method.to_uppercase(), filled, body));
            }
        }
    }
    assert!(all.len() > 100 && all.iter().filter(|(.., body)| !body.is_null()).count() > 40);
    all
}

async fn does(who: &Actor, (method, path, body): &(String, String, Value)) -> u16 {
    let request = who.request(method, path).insert_header(("If-Match", "*"));
    let request = if body.is_null() { request } else { request.set_json(body) };
    who.app.call_raw(request).await.status
}

#[on_both_databases]
async fn whoever_changes_the_key_and_nothing_else_works_with_a_copy(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    ana.submits("A real one", &challenge).await;
    app.run_jobs().await;
    let before = rows_of(&app, app.council.id).await;
    let ((resident, _), (moderator, _)) = (key(&admin, Role::Resident).await, key(&admin, Role::Moderator).await);
    let officer = key(&admin, Role::Officer).await.0;
    // Whoever makes a key is told.
    app.run_jobs().await;
    let (mails, made) = (app.mails(), rows_of(&app, app.council.id).await);
    assert_eq!(resident.get("").await.is(200).json()["slug"], "aldermoor");
    assert_eq!(resident.get("/privacy-notice").await.is(200).json()["version"], 1);
    assert_eq!(resident.get("/grounds").await.is(200).json()["items"].as_array().unwrap().len(), 1);
    let there = resident.get(&format!("/challenges/{challenge}")).await.is(200);
    assert_eq!(there.header("cache-control"), Some("private, no-store"));
    assert_eq!(there.json()["promise"]["decision_office"], "Director of Streets");
    let list = format!("/challenges/{challenge}/ideas");
    assert_eq!(resident.get(&list).await.is(200).json()["items"], json!([]), "what people wrote is not copied");
    let answer = resident.post(&list, &json!({ "title": "A trial", "body": "To see what happens." })).await.is(201);
    assert!(answer.header("location").unwrap().starts_with("/v1/councils/aldermoor/ideas/"));
    let idea = format!("/ideas/{}", answer.json()["id"].as_str().unwrap());
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    resident.supports(&idea).await.is(201);
    assert_eq!(resident.get(&idea).await.is(200).json()["supports"], 1);
    app.run_jobs().await;
    assert!(!resident.get("/changes?after=0").await.is(200).json()["items"].as_array().unwrap().is_empty());
    // Nobody is asked whether a promise is accepted: it is.
    let now = app.app.db.clock().now();
    let drafted = officer.post("/challenges", &draft(now, "pre")).await.is(201).json();
    let second = format!("/challenges/{}", drafted["id"].as_str().unwrap());
    officer.change("PUT", &format!("{second}/promise"), &json!(1), &promise(now)).await.is(200);
    officer.post(&format!("{second}/promise/acceptance-request"), &json!({})).await.is(202);
    app.run_jobs().await;
    officer.post(&format!("{second}/open"), &json!({})).await.is(200);
    // Nothing of it is seen where people are, and nobody was told.
    let visitor = app.visitor();
    visitor.get(&idea).await.refused(404, "not_found");
    visitor.get(&second).await.refused(404, "not_found");
    assert_eq!(visitor.get("/challenges").await.is(200).json()["items"].as_array().unwrap().len(), 1);
    let changes = visitor.get("/changes?after=0").await.is(200).text();
    assert!(!changes.contains("A trial") && !changes.contains(drafted["id"].as_str().unwrap()), "{changes}");
    assert_eq!(app.mails(), mails);
    let after = rows_of(&app, app.council.id).await;
    let changed = |from: &BTreeMap<String, String>| -> Vec<String> {
        after.iter().filter(|(table, rows)| from[*table] != **rows).map(|(table, _)| table.clone()).collect()
    };
    assert_eq!(changed(&before), ["api_keys", "audit_events", "jobs"], "but that there are keys");
    assert_eq!(changed(&made), ["api_keys"], "and when they were used");
    let log = admin.get("/audit-log?limit=100").await.is(200).text();
    assert!(!log.contains("case.decided"));
}

#[on_both_databases]
async fn nothing_about_anybody_is_in_a_sandbox(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let challenge = app.open_challenge("post").await;
    app.resident("ana").await.submits("A crossing", &challenge).await;
    key(&admin, Role::Admin).await;
    let rows = rows_of(&app, sandbox_of(&app).await.unwrap()).await;
    let filled: Vec<&str> = rows.iter().filter(|(_, rows)| !rows.is_empty()).map(|(table, _)| table.as_str()).collect();
    let set_up = [
        "accounts",
        "calendars",
        "challenge_categories",
        "challenges",
        "grounds",
        "idea_numbers",
        // What forgets the traces of networks after a challenge.
        "jobs",
        "offices",
        "phases",
        "privacy_notices",
        "promises",
        "sandbox_keys",
    ];
    assert_eq!(filled, set_up);
    for rows in rows.values() {
        assert!(!rows.contains("@people.example") && !rows.contains("@aldermoor.example"), "{rows}");
    }
    assert!(rows["promises"].contains("nobody@sandbox.invalid"));
    assert_eq!(rows["accounts"].lines().count(), 3, "two moderators and the part of the key");
}

// cases A1, A2, A3
#[on_both_databases]
async fn no_operation_with_a_test_key_touches_a_row_of_the_council_and_none_without_one_its_sandbox(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let idea = ana.submits("A crossing", &challenge).await;
    let account = ana.get("/me").await.json()["id"].as_str().unwrap().to_owned();
    app.run_jobs().await;
    let mut programs = Vec::new();
    for role in [Role::Resident, Role::Moderator, Role::Officer, Role::Analyst, Role::Admin] {
        let (program, _) = key(&admin, role).await;
        program.get("").await.is(200);
        programs.push(program);
    }
    app.run_jobs().await;
    let (mails, before) = (app.mails(), rows_of(&app, app.council.id).await);
    let walk = requests("aldermoor", &challenge, idea.trim_start_matches("/ideas/"), &account);
    let mut done = 0;
    for program in &programs {
        for request in &walk {
            let status = does(program, request).await;
            assert_ne!(status, 500, "{request:?}");
            done += usize::from(status < 300 && request.0 != "GET");
        }
    }
    assert!(done > 10, "{done}");
    app.run_jobs().await;
    assert_eq!(rows_of(&app, app.council.id).await, before);
    assert_eq!(app.mails(), mails);
    // And from outside nothing leads in: neither by its id nor by its name, for visitors, people, staff and live keys.
    let sandbox = sandbox_of(&app).await.unwrap();
    let expires_at = app.app.db.clock().now().plus(days(9));
    let live = json!({ "proof": proof(), "name": "Live", "scopes": scopes(Role::Admin), "expires_at": expires_at });
    let live = admin.post("/api-keys", &live).await.is(201).json()["key"].as_str().map(str::to_owned);
    let platform = Actor { token: Some(app.platform_token().await), ..app.visitor() };
    let outside = [app.visitor(), ana, admin.clone(), Actor { token: live, ..app.visitor() }, platform.clone()];
    let before = rows_of(&app, sandbox).await;
    let walk = requests(&sandbox.to_string(), &challenge, idea.trim_start_matches("/ideas/"), &account);
    for who in &outside {
        for request in walk.iter().filter(|(_, path, _)| path.contains(&sandbox.to_string())) {
            let status = does(who, request).await;
            assert!((401..=428).contains(&status), "{status}: {request:?}");
        }
    }
    assert_eq!(rows_of(&app, sandbox).await, before);
    let listed = platform.get("/v1/platform/councils").await.is(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
    let front = app.call_raw(TestRequest::with_uri("/")).await.is(200).text();
    assert_eq!(front.matches("aldermoor council").count(), 1, "{front}");
    // Its own caller may go by the id that its answers show.
    programs[0].get(&format!("/v1/councils/{sandbox}/challenges")).await.is(200);
    programs[0].get(&format!("/v1/councils/{}/challenges", Id::random())).await.refused(404, "not_found");
}

// case A1
#[on_both_databases]
async fn a_test_key_is_no_live_one_belongs_to_its_council_and_ends_with_its_maker(app: TestApp) {
    let (admin, second) = (app.member("admin", Role::Admin).await, app.member("second", Role::Admin).await);
    let (program, id) = key(&second, Role::Resident).await;
    let token = program.token.clone().unwrap();
    let other = app.other_council().await;
    let elsewhere = Actor { base: format!("/v1/councils/{}", other.slug), ..program.clone() };
    elsewhere.get("/challenges").await.refused(401, "bad_token");
    let as_live = Actor { token: Some(token.replace("fm_test", "fm_live")), ..program.clone() };
    as_live.get("/challenges").await.refused(401, "bad_token");
    let expires_at = app.app.db.clock().now().plus(days(1));
    let body = json!({ "proof": proof(), "name": "x", "scopes": ["public.read"], "expires_at": expires_at });
    let live = admin.post("/api-keys", &body).await.is(201).json()["key"].as_str().unwrap().to_owned();
    let as_test = Actor { token: Some(live.replace("fm_live", "fm_test")), ..program.clone() };
    as_test.get("/challenges").await.refused(401, "bad_token");
    // Where a token is overlooked, what was meant for the sandbox would be done in earnest.
    let wish = json!({ "email": "eve@people.example", "display_name": "Eve", "password": crate::support::PASSWORD });
    program.post("/accounts", &wish).await.refused(403, "forbidden");
    program.post("/sessions", &json!({ "email": "a@b.example", "password": "x" })).await.refused(403, "forbidden");
    let role = json!({ "proof": proof(), "name": "x", "role": "resident", "scopes": ["public.read"],
        "expires_at": expires_at });
    admin.post("/api-keys", &role).await.refused(422, "invalid");
    for never in ["account.use", "staff.manage", "key.manage", "moderation.decide"] {
        let body = json!({ "proof": proof(), "name": "x", "mode": "test", "role": "resident", "scopes": [never],
            "expires_at": expires_at });
        admin.post("/api-keys", &body).await.refused(422, "invalid");
    }
    let listed = admin.get("/api-keys").await.is(200).json();
    let modes: BTreeMap<&str, &str> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| (key["id"].as_str().unwrap(), key["mode"].as_str().unwrap()))
        .collect();
    assert_eq!((modes.len(), modes[id.as_str()]), (2, "test"));
    program.get("/challenges").await.is(200);
    let whom = second.get("/me").await.is(200).json()["id"].as_str().unwrap().to_owned();
    app.demote_directly(&whom).await;
    program.get("/challenges").await.refused(401, "bad_token");
}

#[on_both_databases]
async fn a_sandbox_is_begun_anew_when_asked_for_and_gone_when_its_last_key_has_ended(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    admin.post("/sandbox/reset", &json!({})).await.refused(404, "not_found");
    let (program, first) = key(&admin, Role::Officer).await;
    let (second, other) = key(&admin, Role::Analyst).await;
    let old = sandbox_of(&app).await.unwrap();
    let now = app.app.db.clock().now();
    program.post("/challenges", &draft(now, "pre")).await.is(201);
    // Set up otherwise meanwhile.
    app.open_challenge("pre").await;
    admin.post("/sandbox/reset", &json!({})).await.is(204);
    let new = sandbox_of(&app).await.unwrap();
    assert_ne!(old, new);
    let held = program.get("/challenges").await.is(200).json()["items"].clone();
    assert_eq!((held.as_array().unwrap().len(), &held[0]["state"]), (1, &json!("open")));
    second.get("/campaigns").await.is(200);
    app.run_jobs().await;
    let left = |rows: BTreeMap<String, String>| -> Vec<String> {
        rows.into_iter().filter(|(_, rows)| !rows.is_empty()).map(|(table, _)| table).collect()
    };
    assert_eq!(left(rows_of(&app, old).await), ["audit_events"]);
    admin.delete(&format!("/api-keys/{first}")).await.is(204);
    app.app.sweep().await.unwrap();
    second.get("/campaigns").await.is(200);
    admin.delete(&format!("/api-keys/{other}")).await.is(204);
    app.app.sweep().await.unwrap();
    app.run_jobs().await;
    assert_eq!(sandbox_of(&app).await, None);
    assert_eq!(left(rows_of(&app, new).await), Vec::<String>::new());
    // A later key has a new one.
    let (third, _) = key(&admin, Role::Resident).await;
    third.get("/challenges").await.is(200);
    let tables: Vec<String> = rows_of(&app, new).await.into_keys().filter(|table| table != "audit_events").collect();
    let mut held: Vec<&str> = sandboxes::held().collect();
    held.sort_unstable();
    assert_eq!(held, tables, "a table that a council has is emptied with its sandbox");
}
