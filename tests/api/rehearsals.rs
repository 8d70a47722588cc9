//! Before the public is asked: the staff and whom they invite try out the whole way of an idea, and nobody else ever notices.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::stored::texts;
use crate::support::{Actor, TestApp, days, draft, promise, proof};

/// A draft with its promise, and the officer whose it is.
async fn drafted(app: &TestApp) -> (Actor, String) {
    // Grounds, a notice and two moderators.
    app.open_challenge("post").await;
    let officer = app.member("olga", Role::Officer).await;
    let now = app.app.db.clock().now();
    let mut body = draft(now, "pre");
    body["background"]["waived"] = json!([]);
    let id = officer.post("/challenges", &body).await.is(201).json()["id"].as_str().unwrap().to_owned();
    officer.change("PUT", &format!("/challenges/{id}/promise"), &json!(1), &promise(now)).await.is(200);
    (officer, id)
}

fn staff() -> Value {
    json!({ "audience": "staff" })
}

async fn inviting(guest: &Actor) -> Value {
    json!({ "audience": "invited", "invited": [id(guest).await] })
}

async fn id(who: &Actor) -> Value {
    who.get("/me").await.is(200).json()["id"].take()
}

/// Somebody at the address of a rehearsal, with the token that they have.
fn there(who: &Actor, rehearsal: &Value, address: &str) -> Actor {
    Actor { base: format!("/v1/councils/{}", rehearsal[address].as_str().unwrap()), ..who.clone() }
}

/// An idea is submitted, decided on and answered.
async fn whole_way(resident: &Actor, moderator: &Actor, officer: &Actor, challenge: &str) -> String {
    let idea = resident.submits("A zebra crossing", challenge).await;
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "It is drawn, and painted in spring." });
    officer.answers(&idea, &answer).await.is(201);
    idea
}

async fn item(who: &Actor, challenge: &str) -> Value {
    let list = who.get(&format!("/challenges/{challenge}/readiness")).await.is(200).json();
    list["items"].as_array().unwrap().iter().find(|item| item["code"] == "rehearsal").unwrap().clone()
}

// cases A1, A2
#[on_both_databases]
async fn the_whole_way_of_an_idea_is_tried_out_and_nobody_else_notices(app: TestApp) {
    let (officer, challenge) = drafted(&app).await;
    let (ana, bo) = (app.resident("ana").await, app.resident("bo").await);
    let mo = app.member("mo", Role::Moderator).await;
    app.run_jobs().await;
    let (mails, changes) = (app.mails(), app.visitor().get("/changes").await.is(200).text());
    assert_eq!(item(&officer, &challenge).await["state"], "missing");
    let at = format!("/challenges/{challenge}/rehearsal");
    let rehearsal = officer.post(&at, &inviting(&ana).await).await.is(201).json();
    assert_eq!((&rehearsal["invited"][0], &rehearsal["whole_way"]), (&id(&ana).await, &json!(false)));
    let resident = there(&ana, &rehearsal, "address");
    let (moderator, officer_there) = (there(&mo, &rehearsal, "address"), there(&officer, &rehearsal, "address"));
    let shown = resident.get(&format!("/challenges/{challenge}")).await.is(200).json();
    assert_eq!((&shown["state"], &shown["title"]), (&json!("open"), &json!("A better Mill Lane")));
    let body = json!({ "title": "A bench", "body": "At the ford, where the bus stops." });
    let made = resident.post(&format!("/challenges/{challenge}/ideas"), &body).await.is(201);
    let home = format!("/v1/councils/{}/", rehearsal["address"].as_str().unwrap());
    assert!(made.header("location").unwrap().starts_with(&home));
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    let idea = whole_way(&resident, &moderator, &officer_there, &challenge).await;
    // The staff play residents, too, and no role may there what it may not here.
    there(&officer, &rehearsal, "address_as_resident").supports(&idea).await.is(201);
    there(&mo, &rehearsal, "address_as_resident").get("/cases").await.refused(403, "forbidden");
    resident.get("/cases").await.refused(403, "forbidden");
    officer_there.get("/cases").await.refused(403, "forbidden");
    officer_there.supports(&idea).await.refused(403, "forbidden");
    app.run_jobs().await;
    let told = officer.get(&at).await.is(200).json();
    assert_eq!(told["seen"], json!({ "people": 3, "submitted": 2, "decided": 2, "answered": 1 }));
    let item = item(&officer, &challenge).await;
    assert_eq!(item["state"], "done");
    assert!(item["detail"].as_str().unwrap().contains("with 3 people there: of 2 ideas, 2 were decided on"), "{item}");
    // Nobody is named there, and what they did is nobody's here.
    let shown = moderator.get(&idea).await.is(200).text();
    assert!(shown.contains("Rehearsal resident") && !shown.contains("ana"), "{shown}");
    assert_eq!(app.mails(), mails);
    assert_eq!(app.visitor().get("/changes").await.is(200).text(), changes);
    let max = app.member_of(&app.other_council().await, "max", Role::Admin).await;
    for stranger in [&app.visitor(), &bo, &max] {
        for address in ["address", "address_as_resident"] {
            // As if there were no such council: what is asked first is who somebody is, and their role.
            let nowhere = Actor { base: "/v1/councils/nowhere".into(), ..stranger.clone() };
            let stranger = there(stranger, &rehearsal, address);
            let list = format!("/challenges/{challenge}/ideas");
            for (method, path) in [("GET", ""), ("GET", "/changes"), ("GET", "/me"), ("GET", &idea), ("POST", &list)] {
                let (found, not) = (stranger.send(method, path, &body).await, nowhere.send(method, path, &body).await);
                assert_eq!((found.status, found.json()["detail"].clone()), (not.status, not.json()["detail"].clone()));
                assert!(matches!(found.status, 401 | 403 | 404), "{method} {path}: {}", found.text());
            }
        }
    }
    let page = format!("/councils/{}", rehearsal["address"].as_str().unwrap());
    assert_eq!(app.call(app.visitor().absolute("GET", &page)).await.status, 404);
    app.visitor().get(&at).await.refused(401, "unauthenticated");
    bo.get(&at).await.refused(403, "forbidden");
}

#[on_both_databases]
async fn a_rehearsal_ends_at_the_launch_is_read_by_the_staff_for_a_time_and_then_is_gone(app: TestApp) {
    let (officer, challenge) = drafted(&app).await;
    let (ana, mo) = (app.resident("ana").await, app.member("mo", Role::Moderator).await);
    let at = format!("/challenges/{challenge}/rehearsal");
    let rehearsal = officer.post(&at, &inviting(&ana).await).await.is(201).json();
    let (resident, moderator) = (there(&ana, &rehearsal, "address"), there(&mo, &rehearsal, "address"));
    let open = format!("/challenges/{challenge}/open");
    officer.post(&format!("/challenges/{challenge}/promise/acceptance-request"), &json!({})).await.is(202);
    app.run_jobs().await;
    let token = json!({ "token": app.token_in_mail("streets@aldermoor.example") });
    app.visitor().post("/promises/accept", &token).await.is(204);
    let refused = officer.post(&open, &json!({})).await.refused(409, "not_ready").json();
    assert_eq!(refused["missing"].as_array().unwrap().len(), 1, "{refused}");
    let idea = whole_way(&resident, &moderator, &there(&officer, &rehearsal, "address"), &challenge).await;
    officer.post(&open, &json!({})).await.is(200);
    assert!(item(&app.visitor(), &challenge).await["detail"].as_str().unwrap().contains("1 was answered"));
    let ended = officer.get(&at).await.is(200).json();
    assert!(ended["ended_at"].is_string() && ended["whole_way"] == true, "{ended}");
    // Read, and nothing else; guests do not come back.
    assert_eq!(moderator.get(&idea).await.is(200).json()["title"], "A zebra crossing");
    moderator.post("/cases", &json!({ "idea": idea.rsplit('/').next() })).await.refused(409, "wrong_state");
    there(&mo, &rehearsal, "address_as_resident").supports(&idea).await.refused(409, "wrong_state");
    resident.get(&idea).await.refused(404, "not_found");
    officer.delete(&at).await.refused(409, "wrong_state");
    officer.post(&at, &staff()).await.refused(409, "wrong_state");
    app.advance(days(90));
    app.run_jobs().await;
    // Other jobs of the rehearsal run at the same moment; what they write into tables that are emptied makes it tried once more.
    app.advance(std::time::Duration::from_secs(3_600));
    app.run_jobs().await;
    let moderator = there(&app.signs_in("mo").await, &rehearsal, "address");
    moderator.get(&idea).await.refused(404, "not_found");
    let left = texts(&app, "SELECT title AS text FROM ideas UNION ALL SELECT display_name FROM accounts").await;
    assert!(!left.iter().any(|text| text.contains("zebra") || text.contains("Rehearsal")), "{left:?}");
    let kept = app.signs_in("olga").await.get(&at).await.is(200).json();
    assert_eq!(kept["seen"], json!({ "people": 3, "submitted": 1, "decided": 1, "answered": 1 }));
}

#[on_both_databases]
async fn who_is_there_is_said_anew_and_who_has_another_role_here_has_it_there(app: TestApp) {
    let (officer, challenge) = drafted(&app).await;
    let (ana, bo) = (app.resident("ana").await, app.resident("bo").await);
    let (admin, mo) = (app.member("admin", Role::Admin).await, app.member("mo", Role::Moderator).await);
    let at = format!("/challenges/{challenge}/rehearsal");
    let rehearsal = officer.post(&at, &inviting(&ana).await).await.is(201).json();
    let get = |who: &Actor| there(who, &rehearsal, "address");
    get(&ana).get("/grounds").await.is(200);
    get(&bo).get("/grounds").await.refused(404, "not_found");
    assert_eq!(officer.put(&at, &inviting(&bo).await).await.is(200).json()["invited"], json!([id(&bo).await]));
    get(&bo).get("/grounds").await.is(200);
    get(&ana).get("/grounds").await.refused(404, "not_found");
    let nobody = officer.put(&at, &staff()).await.is(200).json();
    assert_eq!((&nobody["audience"], &nobody["invited"]), (&json!("staff"), &json!([])));
    get(&bo).get("/grounds").await.refused(404, "not_found");
    // Of two first requests at once one makes the part, and the other finds it.
    let mo_there = get(&mo);
    let (one, other) = tokio::join!(mo_there.get("/cases"), mo_there.get("/cases"));
    assert_eq!((one.status, other.status), (200, 200));
    let names = "SELECT display_name AS text FROM accounts WHERE display_name LIKE 'Rehearsal moderator %'";
    assert_eq!(texts(&app, names).await.len(), 1);
    mo_there.delete("/sessions/current").await.refused(409, "wrong_state");
    let member = format!("/staff/{}", id(&mo).await.as_str().unwrap());
    let version = admin.get(&member).await.is(200).json()["version"].take();
    admin.change("PATCH", &member, &version, &json!({ "role": "officer" })).await.is(200);
    let mo = app.signs_in("mo").await;
    let role = mo.get("/me").await.is(200).json()["role"].clone();
    assert_eq!(get(&mo).get("/me").await.is(200).json()["role"], role);
    assert_eq!(role, "officer");
    get(&mo).get("/cases").await.refused(403, "forbidden");
    officer.delete(&at).await.is(204);
    officer.delete(&at).await.refused(404, "not_found");
    // It may be begun anew, under another address.
    let second = officer.post(&at, &staff()).await.is(201).json();
    assert_ne!(second["address"], rehearsal["address"]);
    officer.post(&at, &staff()).await.refused(409, "already_exists");
}

#[on_both_databases]
async fn whoever_begins_a_rehearsal_wrongly_is_told_what_to_do(app: TestApp) {
    let (officer, challenge) = drafted(&app).await;
    let ana = app.resident("ana").await;
    let at = format!("/challenges/{challenge}/rehearsal");
    officer.get(&at).await.refused(404, "not_found");
    officer.post(&at, &json!({ "audience": "public" })).await.refused(422, "invalid");
    officer.post(&at, &json!({ "audience": "invited" })).await.refused(422, "invalid");
    officer.post(&at, &json!({ "audience": "staff", "invited": [id(&ana).await] })).await.refused(422, "invalid");
    let nobody = json!({ "audience": "invited", "invited": [id(&ana).await, challenge] });
    let refused = officer.post(&at, &nobody).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["pointer"], "/invited/1");
    app.member("mo", Role::Moderator).await.post(&at, &staff()).await.refused(403, "forbidden");
    let body = draft(app.app.db.clock().now(), "pre");
    let bare = officer.post("/challenges", &body).await.is(201).json()["id"].as_str().unwrap().to_owned();
    officer.post(&format!("/challenges/{bare}/rehearsal"), &staff()).await.refused(409, "wrong_state");
    // A rehearsal is not rehearsed.
    let rehearsal = officer.post(&at, &staff()).await.is(201).json();
    let officer = there(&officer, &rehearsal, "address");
    let drafted = officer.post("/challenges", &body).await.is(201).json()["id"].as_str().unwrap().to_owned();
    officer.post(&format!("/challenges/{drafted}/rehearsal"), &staff()).await.refused(409, "wrong_state");
}

// case B17
#[on_both_databases]
async fn a_suspension_an_erasure_and_the_rule_of_a_second_factor_hold_in_a_rehearsal(app: TestApp) {
    let (officer, challenge) = drafted(&app).await;
    let (ana, admin) = (app.resident("ana").await, app.member("admin", Role::Admin).await);
    let mo = app.member("mo", Role::Moderator).await;
    let at = format!("/challenges/{challenge}/rehearsal");
    let rehearsal = officer.post(&at, &inviting(&ana).await).await.is(201).json();
    let idea = there(&ana, &rehearsal, "address").submits("Ana's own bench", &challenge).await;
    there(&mo, &rehearsal, "address").get(&idea).await.is(200);
    // Suspended at home, out there; and whoever leaves for good takes along what they wrote.
    app.suspends(&admin, id(&mo).await.as_str().unwrap(), "It was said in the forum.").await.is(201);
    there(&mo, &rehearsal, "address").get(&idea).await.refused(401, "bad_token");
    let copy = ana.post("/me/data", &json!({ "proof": proof() })).await.is(200).text();
    assert!(copy.contains("Ana's own bench"), "{copy}");
    ana.post("/me/erasure", &json!({ "proof": proof(), "ideas": "anonymise" })).await.is(204);
    let left = texts(&app, "SELECT title AS text FROM ideas UNION ALL SELECT title FROM idea_revisions").await;
    assert!(!left.iter().any(|text| text.contains("Ana's own bench")), "{left:?}");
    let version = admin.get("").await.is(200).json()["version"].take();
    admin.change("PATCH", "", &version, &json!({ "staff_second_factor": true })).await.is(200);
    let weak = app.signs_in("olga").await;
    for address in ["address", "address_as_resident"] {
        let path = format!("/challenges/{challenge}");
        there(&weak, &rehearsal, address).get(&path).await.refused(403, "staff_second_factor");
        there(&officer, &rehearsal, address).get(&path).await.is(200);
    }
}

#[on_both_databases]
async fn a_rehearsal_that_nobody_ends_ends_by_itself(app: TestApp) {
    let (officer, challenge) = drafted(&app).await;
    let at = format!("/challenges/{challenge}/rehearsal");
    officer.post(&at, &staff()).await.is(201);
    app.advance(days(60));
    app.run_jobs().await;
    let officer = app.signs_in("olga").await;
    let ended = officer.get(&at).await.is(200).json();
    assert!(ended["ended_at"].is_string() && ended["whole_way"] == false, "{ended}");
    officer.post(&at, &staff()).await.is(201);
}
