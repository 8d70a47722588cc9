//! Officers answer many ideas well: with templates, together, in offices, and with notes that stay among them.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, TestApp, days, proof};

async fn version(who: &Actor, path: &str) -> Value {
    who.get(path).await.is(200).json()["version"].take()
}

async fn named(officer: &Actor, ideas: &[&String]) -> Value {
    let mut named = Vec::new();
    for idea in ideas {
        named.push(json!({ "idea": idea.trim_start_matches("/ideas/"), "version": version(officer, idea).await }));
    }
    json!(named)
}

fn answer(ideas: Value) -> Value {
    json!({ "kind": "out_of_scope", "office": "Streets", "reason": "These roads are the county's.", "ideas": ideas })
}

async fn with_key(who: &Actor, path: &str, key: &str, body: &Value) -> Answer {
    let request = who.request("POST", path).insert_header(("Idempotency-Key", key)).set_json(body);
    who.app.call(request).await
}

#[on_both_databases]
async fn an_officer_answers_many_ideas_at_once_and_reads_what_became_of_each(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let officer = app.member("officer", Role::Officer).await;
    let (crossing, bench) = (ana.submits("A crossing", &challenge).await, ben.submits("A bench", &challenge).await);
    let gone = ben.submits("A tree", &challenge).await;
    let revised = ana.submits("A lamp", &challenge).await;
    let mut ideas = named(&officer, &[&crossing, &bench, &gone, &revised]).await;
    ben.change("DELETE", &gone, &version(&ben, &gone).await, &Value::Null).await.is(204);
    let new = json!({ "body": "Two lamps." });
    ana.change("PATCH", &revised, &version(&ana, &revised).await, &new).await.is(200);
    ideas.as_array_mut().unwrap().push(json!({ "idea": "ALD-9999", "version": 1 }));
    let told = with_key(&officer, "/bulk-answers", "many", &answer(ideas.clone())).await.is(200);
    let items = told.json()["items"].take();
    let result =
        |n: usize| (items[n]["result"].as_str().unwrap().to_owned(), items[n]["code"].as_str().map(str::to_owned));
    assert_eq!(result(0), ("answered".into(), None));
    assert_eq!(result(1), ("answered".into(), None));
    assert_eq!(result(2), ("refused".into(), Some("wrong_state".into())));
    assert_eq!(result(3), ("refused".into(), Some("changed".into())));
    assert_eq!(result(4), ("refused".into(), Some("not_found".into())));
    assert_eq!(items[4]["idea"], "ALD-9999");
    for idea in [&crossing, &bench] {
        assert_eq!(app.visitor().get(idea).await.is(200).json()["status"], "out_of_scope");
        let answers = app.visitor().get(&format!("{idea}/answers")).await.is(200).json();
        assert_eq!(answers["items"].as_array().unwrap().len(), 1);
    }
    assert_ne!(items[0]["answer"], items[1]["answer"]);
    assert_eq!(app.visitor().get(&revised).await.json()["status"], "awaiting_answer");
    app.run_jobs().await;
    app.last_mail("ana@people.example", "A crossing");
    app.last_mail("ben@people.example", "A bench");
    // The key gives the first answer again; without it, who has the answer is left as they are.
    let again = with_key(&officer, "/bulk-answers", "many", &answer(ideas.clone())).await.is(200);
    assert_eq!(again.json()["items"], items);
    let once_more = officer.post("/bulk-answers", &answer(ideas)).await.is(200).json();
    assert_eq!(once_more["items"][0]["result"], "unchanged");
    assert_eq!(once_more["items"][0]["answer"], items[0]["answer"]);
    let answers = app.visitor().get(&format!("{crossing}/answers")).await.is(200).json();
    assert_eq!(answers["items"].as_array().unwrap().len(), 1);
}

#[on_both_databases]
async fn nobody_answers_an_idea_twice_in_one_go_or_for_an_office_that_is_not_theirs(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let number = app.visitor().get(&idea).await.json()["number"].take();
    let mut ideas = named(&officer, &[&idea]).await;
    ideas.as_array_mut().unwrap().push(json!({ "idea": number, "version": 1 }));
    let refused = officer.post("/bulk-answers", &answer(ideas)).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["pointer"], "/ideas/1/idea");
    let admin = app.member("admin", Role::Admin).await;
    admin.post("/offices", &json!({ "name": "Parks", "members": [] })).await.is(201);
    let mut parks = answer(named(&officer, &[&idea]).await);
    parks["office"] = json!("Parks");
    officer.post("/bulk-answers", &parks).await.refused(403, "forbidden");
    let many: Vec<Value> = (0..201).map(|n| json!({ "idea": format!("ALD-{n}"), "version": 1 })).collect();
    officer.post("/bulk-answers", &answer(json!(many))).await.refused(422, "invalid");
    assert_eq!(app.visitor().get(&idea).await.json()["status"], "awaiting_answer");
}

#[on_both_databases]
async fn every_revision_of_an_answer_is_read_in_public(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let officer = app.member("officer", Role::Officer).await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    for (kind, reason) in [("declined", "No money."), ("accepted", "There is money after all.")] {
        officer.answers(&idea, &json!({ "kind": kind, "office": "Streets", "reason": reason })).await.is(201);
    }
    let answers = app.visitor().get(&format!("{idea}/answers")).await.is(200).json()["items"].take();
    let told: Vec<_> =
        answers.as_array().unwrap().iter().map(|one| (one["revision"].clone(), one["reason"].clone())).collect();
    assert_eq!(told, [(json!(2), json!("There is money after all.")), (json!(1), json!("No money."))]);
}

#[on_both_databases]
async fn officers_keep_templates_that_nobody_else_sees(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    let wish = json!({ "title": "The county's", "kind": "out_of_scope", "body": "This road is the county's." });
    let made = officer.post("/answer-templates", &wish).await.is(201);
    let path = made.header("location").unwrap().to_owned();
    assert_eq!(officer.get("/answer-templates").await.is(200).json()["items"][0], made.json());
    let new = json!({ "title": "The county's", "kind": "declined", "body": "It is the county's; we have asked them." });
    officer.change("PUT", &path, &json!(7), &new).await.refused(412, "changed");
    let changed = officer.change("PUT", &path, &json!(1), &new).await.is(200).json();
    assert_eq!((changed["version"].as_i64(), changed["kind"].as_str()), (Some(2), Some("declined")));
    for (role, name) in [(Role::Resident, "ana"), (Role::Moderator, "mo"), (Role::Analyst, "nell")] {
        app.member(name, role).await.get(&path).await.refused(403, "forbidden");
    }
    app.visitor().get("/answer-templates").await.refused(401, "unauthenticated");
    let blank = json!({ "title": " ", "kind": "declined", "body": " " });
    assert_eq!(
        officer.post("/answer-templates", &blank).await.refused(422, "invalid").json()["errors"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    officer.change("DELETE", &path, &json!(1), &Value::Null).await.refused(412, "changed");
    officer.change("DELETE", &path, &json!(2), &Value::Null).await.is(204);
    officer.get(&path).await.refused(404, "not_found");
}

#[on_both_databases]
async fn an_idea_is_given_to_an_office_and_an_officer_and_the_public_never_hears_which(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let (officer, other) = (app.member("officer", Role::Officer).await, app.member("other", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let late = ana.submits("A bench", &challenge).await;
    let me = officer.get("/me").await.json()["id"].take();
    let path = format!("{idea}/assignment");
    officer.get(&path).await.refused(404, "not_found");
    let stranger = json!({ "office": "Streets", "officer": ana.get("/me").await.json()["id"] });
    assert_eq!(officer.put(&path, &stranger).await.refused(422, "invalid").json()["errors"][0]["pointer"], "/officer");
    let assigned = officer.put(&path, &json!({ "office": "Streets", "officer": me })).await.is(200).json();
    assert_eq!((assigned["office_name"].as_str(), &assigned["officer"]), (Some("Streets"), &me));
    officer.put(&format!("{late}/assignment"), &json!({ "office": "Director of Streets" })).await.is(200);
    let mine = officer.get("/assignments?mine=true&waiting=true").await.is(200).json()["items"].take();
    assert_eq!((mine.as_array().unwrap().len(), &mine[0]["idea_title"]), (1, &json!("A crossing")));
    assert_eq!(other.get("/assignments?mine=true").await.is(200).json()["items"], json!([]));
    assert_eq!(other.get("/assignments").await.is(200).json()["items"].as_array().unwrap().len(), 2);
    officer.answers(&idea, &json!({ "kind": "declined", "office": "Streets", "reason": "Too narrow." })).await.is(201);
    assert_eq!(officer.get("/assignments?mine=true&waiting=true").await.json()["items"], json!([]));
    app.run_jobs().await;
    let me = me.as_str().unwrap();
    for public in [idea.clone(), format!("{idea}/answers"), "/changes?after=0".into(), "/feedback".into()] {
        for reader in [app.visitor(), ana.clone()] {
            assert!(!reader.get(&public).await.is(200).text().contains(me), "{public}");
        }
    }
    ana.get(&path).await.refused(403, "forbidden");
    // Whoever leaves the office has left its work.
    let admin = app.member("admin", Role::Admin).await;
    let office = assigned["office"].as_str().unwrap();
    let members = json!({ "members": [] });
    admin.change("PATCH", &format!("/offices/{office}"), &json!(1), &members).await.is(200);
    assert!(other.get(&path).await.is(200).json()["officer"].is_null());
    other.delete(&path).await.is(204);
    other.delete(&path).await.refused(404, "not_found");
}

// case K6
#[on_both_databases]
async fn notes_stay_among_staff_and_go_with_whom_they_are_about(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let moderator = app.member("moderator", Role::Moderator).await;
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let path = format!("{idea}/notes");
    let said = "Ana Miller rang; her mother was hurt here.";
    moderator.post(&path, &json!({ "body": said })).await.is(201);
    assert_eq!(officer.get(&path).await.is(200).json()["items"][0]["body"], said);
    ana.get(&path).await.refused(403, "forbidden");
    app.member("nell", Role::Analyst).await.get(&path).await.refused(403, "forbidden");
    app.visitor().get(&path).await.refused(401, "unauthenticated");
    app.run_jobs().await;
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "Yes." });
    officer.answers(&idea, &answer).await.is(201);
    app.run_jobs().await;
    for public in [idea.clone(), format!("{idea}/answers"), "/changes?after=0".into(), "/feedback.atom".into()] {
        assert!(!app.visitor().get(&public).await.is(200).text().contains("Miller"), "{public}");
    }
    assert!(!app.has_mail("Miller"));
    let gone = json!({ "proof": proof(), "ideas": "anonymise" });
    app.advance(days(1));
    let ana = app.signs_in("ana").await;
    ana.post("/me/erasure", &gone).await.is(204);
    let officer = app.signs_in("officer").await;
    assert_eq!(officer.get(&path).await.is(200).json()["items"], json!([]));
    assert_eq!(officer.get(&idea).await.is(200).json()["title"], "A crossing");
}
