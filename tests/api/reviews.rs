//! Where one person moderates, somebody from outside decides the appeals: one case at a time, by a link.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::stored::tries;
use crate::support::{Actor, TestApp, days, draft};

const KIT: &str = "kit@thornby.example";

fn named() -> Value {
    json!({ "name": "Kit Moss", "email": KIT })
}

fn hides() -> Value {
    json!({ "decision": "hide", "ground": "personal_data", "statement": "It gives the number of a neighbour." })
}

fn verdict(token: &str, result: &str) -> Value {
    json!({ "token": token, "result": result, "reasons": "The number is the council's own hotline." })
}

/// Ana's idea is hidden by the only one who moderates, and she appeals.
async fn appealed(app: &TestApp) -> (Actor, Actor, String) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let idea = ana.submits("A crossing", &challenge).await;
    // Whoever else could decide is gone.
    assert!(tries(app, "UPDATE accounts SET role = 'resident' WHERE role = 'moderator'").await);
    let admin = app.member("admin", Role::Admin).await;
    admin.put("/outside-reviewer", &named()).await.is(200);
    admin.decides(&hides()).await.is(201);
    (admin, ana, idea)
}

async fn appeals(ana: &Actor) {
    let statement = ana.get("/me/statements").await.is(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    let text = json!({ "text": "It is the number of the council." });
    ana.post(&format!("/me/statements/{statement}/appeal"), &text).await.is(201);
}

// case G8
#[on_both_databases]
async fn who_is_named_from_outside_is_shown_one_case_and_decides_it_where_nobody_else_may(app: TestApp) {
    let (admin, ana, idea) = appealed(&app).await;
    appeals(&ana).await;
    app.run_jobs().await;
    let token = app.token_in_mail(KIT);
    let visitor = app.visitor();
    let case = visitor.post("/reviews", &json!({ "token": token })).await.is(200).json();
    assert_eq!(case["idea"]["title"], "A crossing");
    assert_eq!((&case["appeal"]["decision"], &case["sanction_appeal"]), (&json!("hide"), &Value::Null));
    // As it was decided, and nothing by which whoever wrote it could be found.
    let number = ana.get(&idea).await.is(200).json()["number"].as_str().unwrap().to_owned();
    for trace in ["ana", idea.trim_start_matches("/ideas/"), number.as_str()] {
        assert!(!case.to_string().contains(trace), "{trace} in {case}");
    }
    // Read as often as it takes, and only by the link.
    visitor.post("/reviews", &json!({ "token": token })).await.is(200);
    visitor.post("/reviews", &json!({ "token": "guessed" })).await.refused(422, "link_invalid");
    let until = json!({ "token": token, "result": "upheld", "reasons": "It stands as it is.", "until": "2099-01-01T00:00:00Z" });
    visitor.post("/reviews/decision", &until).await.refused(422, "invalid");
    visitor.post("/reviews/decision", &verdict(&token, "reversed")).await.is(204);
    visitor.post("/reviews/decision", &verdict(&token, "upheld")).await.refused(422, "link_invalid");
    visitor.post("/reviews", &json!({ "token": token })).await.refused(422, "link_invalid");
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["state"], "published");
    app.run_jobs().await;
    app.last_mail("ana@people.example", "hotline");
    let log = admin.get("/audit-log?action=review.granted").await.is(200).json();
    assert_eq!(log["items"][0]["actor"]["kind"], "nobody", "nobody had to ask: no other could decide");
    let log = admin.get("/audit-log?action=appeal.decided").await.is(200).json();
    let by = log["items"][0]["actor"]["id"].clone();
    assert!(!log.to_string().contains("hotline"));
    // Who that was stands in the log when somebody else is named.
    let next = json!({ "name": "Lou Reed", "email": "lou@thornby.example" });
    admin.put("/outside-reviewer", &next).await.is(200);
    let log = admin.get("/audit-log?action=outside_reviewer.named").await.is(200).json();
    let named = log["items"].as_array().unwrap().iter().find(|one| one["subject"] == by).unwrap();
    assert_eq!(named["after"], json!({ "named": true, "name": "Kit Moss" }));
}

// case G8
#[on_both_databases]
async fn a_link_of_the_outside_reviewer_ends_with_its_days_and_with_their_name(app: TestApp) {
    let (admin, ana, _) = appealed(&app).await;
    let second = app.member("second", Role::Moderator).await;
    app.run_jobs().await;
    let mails = app.mails();
    appeals(&ana).await;
    app.run_jobs().await;
    let appeal = second.get("/appeals").await.is(200).json()["items"][0]["appeal"]["id"].as_str().unwrap().to_owned();
    // A second moderator could have decided it, so that nobody was asked; the staff may ask all the same.
    assert_eq!(app.mails(), mails);
    let path = format!("/appeals/{appeal}/review");
    ana.post(&path, &json!({})).await.refused(403, "forbidden");
    admin.post(&path, &json!({})).await.is(200);
    admin.post(&path, &json!({})).await.refused(409, "already_exists");
    app.run_jobs().await;
    let first = app.token_in_mail(KIT);
    app.advance(days(15));
    app.visitor().post("/reviews", &json!({ "token": first })).await.refused(422, "link_invalid");
    let admin = app.signs_in("admin").await;
    admin.post(&path, &json!({})).await.is(200);
    app.run_jobs().await;
    let again = app.token_in_mail(KIT);
    assert_ne!(first, again);
    app.visitor().post("/reviews", &json!({ "token": again })).await.is(200);
    admin.delete("/outside-reviewer").await.is(204);
    admin.delete("/outside-reviewer").await.refused(404, "not_found");
    app.visitor().post("/reviews", &json!({ "token": again })).await.refused(422, "link_invalid");
    app.visitor().post("/reviews/decision", &verdict(&again, "upheld")).await.refused(422, "link_invalid");
    admin.post(&path, &json!({})).await.refused(409, "wrong_state");
}

// case G8
#[on_both_databases]
async fn who_is_named_from_outside_decides_on_people_too(app: TestApp) {
    let (admin, ana, _) = appealed(&app).await;
    // The mail about her idea has a link of its own.
    app.run_jobs().await;
    let case = admin.get("/cases?state=decided").await.is(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    let until = app.app.db.clock().now().plus(days(60));
    let suspension = json!({ "decision": "suspend", "ground": "personal_data", "statement": "Three addresses of neighbours.", "until": until });
    admin.post(&format!("/cases/{case}/sanctions"), &suspension).await.is(201);
    ana.get("/me").await.is(401);
    app.run_jobs().await;
    let link = json!({ "token": app.token_in_mail("ana@people.example"), "text": "They were of shops." });
    app.visitor().post("/appeals", &link).await.is(204);
    app.run_jobs().await;
    let token = app.token_in_mail(KIT);
    let shown = app.visitor().post("/reviews", &json!({ "token": token })).await.is(200).json();
    let about = &shown["sanction_appeal"];
    assert_eq!((&about["text"], &about["decision"]), (&json!("They were of shops."), &json!("suspend")));
    assert_eq!(about["statement"], "Three addresses of neighbours.");
    // Nothing by which anybody could be found: no id of an appeal, a decision, a case or a person.
    let any_id = regex::Regex::new("[0-9a-f]{8}-[0-9a-f]{4}-").unwrap();
    assert!(!any_id.is_match(&shown.to_string()), "{shown}");
    let instead = json!({ "token": token, "result": "amended", "reasons": "It is too long.", "instead": { "decision": "hide", "ground": "personal_data" } });
    app.visitor().post("/reviews/decision", &instead).await.refused(422, "invalid");
    let ends = app.app.db.clock().now().plus(days(2));
    let shorter = json!({ "token": token, "result": "amended", "reasons": "Two days are enough.", "until": ends });
    app.visitor().post("/reviews/decision", &shorter).await.is(204);
    app.advance(days(2));
    app.run_jobs().await;
    app.signs_in("ana").await.get("/me").await.is(200);
}

#[on_both_databases]
async fn a_council_with_one_moderator_opens_a_challenge_where_it_has_named_somebody_from_outside(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let ready = async |id: &str| {
        let list = admin.get(&format!("/challenges/{id}/readiness")).await.is(200).json();
        let items = list["items"].as_array().unwrap().clone();
        items.iter().find(|one| one["code"] == "moderators").unwrap()["state"].clone()
    };
    let drafted = admin.post("/challenges", &draft(app.app.db.clock().now(), "pre")).await.is(201).json();
    let draft = drafted["id"].as_str().unwrap().to_owned();
    assert_eq!(ready(&draft).await, "missing");
    admin.put("/outside-reviewer", &json!({ "name": " ", "email": KIT })).await.refused(422, "invalid");
    admin.put("/outside-reviewer", &named()).await.is(200);
    assert_eq!(admin.get("/outside-reviewer").await.is(200).json()["name"], "Kit Moss");
    assert_eq!(ready(&draft).await, "done");
    admin.delete("/outside-reviewer").await.is(204);
    assert_eq!(ready(&draft).await, "missing");
}

// case G8
#[on_both_databases]
async fn what_the_staff_has_decided_is_shown_to_nobody_from_outside_any_more(app: TestApp) {
    let (admin, ana, _) = appealed(&app).await;
    let second = app.member("second", Role::Moderator).await;
    let theirs = json!({ "name": "Me", "email": "admin@people.example" });
    admin.put("/outside-reviewer", &theirs).await.refused(422, "invalid");
    appeals(&ana).await;
    let one = second.get("/appeals").await.is(200).json()["items"][0].clone();
    let path = format!("/appeals/{}", one["appeal"]["id"].as_str().unwrap());
    admin.post(&format!("{path}/review"), &json!({})).await.is(200);
    // Whoever is named next is shown what the one before was.
    admin.put("/outside-reviewer", &json!({ "name": "Kim", "email": "kim@thornby.example" })).await.is(200);
    admin.post(&format!("{path}/review"), &json!({})).await.is(200);
    app.run_jobs().await;
    let token = app.token_in_mail("kim@thornby.example");
    app.visitor().post("/reviews", &json!({ "token": token })).await.is(200);
    let upheld = json!({ "result": "upheld", "reasons": "It is a neighbour's number." });
    second.change("POST", &format!("{path}/decision"), &one["version"], &upheld).await.is(201);
    app.visitor().post("/reviews", &json!({ "token": token })).await.refused(422, "link_invalid");
    admin.post(&format!("{path}/review"), &json!({})).await.refused(409, "already_decided");
}
