//! Offices speak in public, and nobody learns who spoke for them.

use folkmoot::platform::http::openapi::operations;
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, promise};

async fn id(who: &Actor) -> String {
    who.get("/me").await.is(200).json()["id"].as_str().unwrap().to_owned()
}

#[on_both_databases]
async fn an_office_is_made_by_an_admin_and_shown_without_its_members(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let officer = id(&app.member("officer", Role::Officer).await).await;
    let body = json!({ "name": " Parks  Office ", "members": [officer] });
    let made = admin.post("/offices", &body).await.is(201).json();
    assert_eq!((&made["name"], &made["members"]), (&json!("Parks  Office"), &json!([officer])));
    admin.post("/offices", &json!({ "name": "PARKS office" })).await.refused(409, "already_exists");
    let resident = id(&app.resident("ana").await).await;
    let nobody = json!({ "name": "Trees", "members": [resident, officer] });
    let refused = admin.post("/offices", &nobody).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["pointer"], "/members/0");
    let listed = app.visitor().get("/offices").await.is(200).json();
    let names: Vec<&str> =
        listed["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Director of Streets", "Parks  Office", "Streets"]);
    assert!(!listed.to_string().contains(&officer));
    let path = format!("/offices/{}", made["id"].as_str().unwrap());
    let renamed = admin.change("PATCH", &path, &json!(1), &json!({ "name": "Parks and Trees" })).await.is(200).json();
    assert_eq!((&renamed["members"], &renamed["version"]), (&json!([officer]), &json!(2)));
    admin.change("PATCH", &path, &json!(1), &json!({ "members": [] })).await.refused(412, "changed");
    admin.change("PATCH", &path, &json!(2), &json!({ "name": "streets" })).await.refused(409, "already_exists");
    assert_eq!(admin.get(&path).await.is(200).json(), renamed);
}

#[on_both_databases]
async fn only_a_member_or_an_admin_speaks_for_an_office_and_only_for_one_that_there_is(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    let officer = app.member("officer", Role::Officer).await;
    let parks = admin.post("/offices", &json!({ "name": "Parks" })).await.is(201).json()["id"].clone();
    let answer = |office: &Value| json!({ "kind": "accepted", "office": office, "reason": "It will be built." });
    let unknown = officer.answers(&idea, &answer(&json!("Nowhere"))).await.refused(422, "invalid").json();
    assert_eq!(unknown["errors"][0]["pointer"], "/office");
    officer.answers(&idea, &answer(&json!("Parks"))).await.refused(403, "forbidden");
    officer.answers(&idea, &answer(&parks)).await.refused(403, "forbidden");
    officer.answers(&idea, &answer(&json!("streets"))).await.is(201);
    let commitment = |office: &Value| json!({ "what": "Paint it", "office": office, "due_on": "2027-10-01" });
    let path = format!("{idea}/commitments");
    officer.post(&path, &commitment(&parks)).await.refused(403, "forbidden");
    officer.post(&path, &commitment(&json!("Streets"))).await.is(201);
    let made = admin.post(&path, &commitment(&parks)).await.is(201).json();
    assert_eq!(made["office"], "Parks", "what is named by id is shown by name");
    admin.answers(&idea, &answer(&parks)).await.is(201);
    // Somebody who joins speaks from then on; an office of another council is none.
    let member = json!({ "members": [id(&officer).await] });
    let place = format!("/offices/{}", parks.as_str().unwrap());
    admin.change("PATCH", &place, &json!(1), &member).await.is(200);
    officer.answers(&idea, &answer(&parks)).await.is(201);
    let other = app.other_council().await;
    let stranger = app.member_of(&other, "stranger", Role::Admin).await;
    let theirs = stranger.post("/offices", &json!({ "name": "Harbour" })).await.is(201).json()["id"].clone();
    admin.answers(&idea, &answer(&theirs)).await.refused(422, "invalid");
    // A promise names an office that there is as well.
    let now = app.app.db.clock().now();
    let drafted = officer.post("/challenges", &crate::support::draft(now, "pre")).await.is(201).json();
    let path = format!("/challenges/{}/promise", drafted["id"].as_str().unwrap());
    let mut body = promise(now);
    body["decision_office"] = json!("Nowhere");
    officer.change("PUT", &path, &json!(1), &body).await.refused(422, "invalid");
    body["decision_office"] = parks;
    let promised = officer.change("PUT", &path, &json!(1), &body).await.is(200).json();
    assert_eq!(promised["decision_office"], "Parks");
}

// cases A7, G1
#[on_both_databases]
async fn no_public_answer_tells_who_of_the_staff_did_what(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let (idea, hidden) = (ana.submits("A crossing", &challenge).await, ana.submits("Another", &challenge).await);
    let canary = "zx-canary";
    let (officer, moderator, admin) = (
        app.member(&format!("{canary}-officer"), Role::Officer).await,
        app.member(&format!("{canary}-moderator"), Role::Moderator).await,
        app.member(&format!("{canary}-admin"), Role::Admin).await,
    );
    let mut secrets = vec![canary.to_owned()];
    for one in [&officer, &moderator, &admin] {
        secrets.push(id(one).await);
    }
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    moderator.post(&format!("{hidden}/cases"), &json!({})).await.is(201);
    let hide = json!({ "decision": "hide", "ground": "personal_data", "statement": "A telephone number." });
    moderator.decides(&hide).await.is(201);
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "It will be built." });
    officer.answers(&idea, &answer).await.is(201);
    let commitment = json!({ "what": "Paint it", "office": "Streets", "due_on": "2027-10-01" });
    let made = officer.post(&format!("{idea}/commitments"), &commitment).await.is(201).json();
    officer.post(&format!("/challenges/{challenge}/close"), &json!({})).await.is(200);
    let outcome = json!({ "summary": "It was worth asking.", "ideas": [] });
    officer.put(&format!("/challenges/{challenge}/outcome"), &outcome).await.is(201);
    app.run_jobs().await;
    let mut read = 0;
    let mut document = folkmoot::router::document();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            let public = operation.security.as_ref().is_some_and(|all| {
                serde_json::to_value(all).unwrap().as_array().unwrap().iter().any(|one| one == &json!({}))
            });
            if method != "get" || !public || !path.contains("{council}") {
                continue;
            }
            for about in [&idea, &hidden] {
                let path = path
                    .replace("{council}", &app.council.slug)
                    .replace("{challenge}", &challenge)
                    .replace("{idea}", about.trim_start_matches("/ideas/"))
                    .replace("{commitment}", made["id"].as_str().unwrap());
                if path.contains('{') {
                    continue;
                }
                let path = if path.ends_with("/changes") { format!("{path}?after=0") } else { path };
                let answer = app.call(actix_web::test::TestRequest::with_uri(&path)).await;
                read += usize::from(answer.status == 200);
                for secret in &secrets {
                    assert!(!answer.text().contains(secret), "{path} tells {secret}: {}", answer.text());
                }
            }
        }
    }
    assert!(read > 30, "only {read} public answers were read");
    // The search itself finds: staff are told.
    assert!(admin.get("/staff").await.is(200).text().contains(canary));
}
