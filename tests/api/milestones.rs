//! What was said to be done is done by steps, on days that stay as they were said.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{TestApp, days};

#[on_both_databases]
async fn a_step_is_planned_and_reached_with_evidence_and_late_is_shown_as_late(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let officer = app.member("officer", Role::Officer).await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "Yes." });
    officer.answers(&idea, &answer).await.is(201);
    let commitment = json!({ "what": "Build it", "office": "Streets", "due_on": "2027-10-01" });
    let made = officer.post(&format!("{idea}/commitments"), &commitment).await.is(201).json();
    let list = format!("/commitments/{}/milestones", made["id"].as_str().unwrap());
    let past = json!({ "title": "Surveyed", "planned_on": "2027-02-28" });
    assert_eq!(officer.post(&list, &past).await.refused(422, "invalid").json()["errors"][0]["code"], "too_small");
    for (title, day) in [("Built", "2027-09-01"), ("Surveyed", "2027-03-10")] {
        officer.post(&list, &json!({ "title": title, "planned_on": day })).await.is(201);
    }
    let steps = async || app.visitor().get(&list).await.is(200).json()["items"].take();
    let first = steps().await[0].take();
    assert_eq!((first["title"].as_str(), first["late"].as_bool()), (Some("Surveyed"), Some(false)));
    app.advance(days(12));
    let officer = app.signs_in("officer").await;
    assert_eq!(steps().await[0]["late"], true);
    let path = format!("{list}/{}", first["id"].as_str().unwrap());
    let evidence = format!("{path}/evidence");
    let reached = |day: &str| json!({ "done_on": day, "evidence": "The survey is out.", "evidence_url": "https://aldermoor.example/survey" });
    officer.change("PUT", &evidence, &json!(1), &reached("2027-03-14")).await.refused(422, "invalid");
    officer.change("PUT", &evidence, &json!(9), &reached("2027-03-12")).await.refused(412, "changed");
    let done = officer.change("PUT", &evidence, &json!(1), &reached("2027-03-12")).await.is(200).json();
    assert_eq!((done["late"].as_bool(), done["done_on"].as_str()), (Some(true), Some("2027-03-12")));
    let mut better = reached("2027-03-09");
    better["evidence"] = json!("The survey is out, and was on the 9th.");
    let corrected = officer.change("PUT", &evidence, &json!(2), &better).await.is(200).json();
    assert_eq!((corrected["late"].as_bool(), corrected["version"].as_i64()), (Some(false), Some(3)));
    assert_eq!(app.visitor().get(&path).await.is(200).json(), corrected);
    app.run_jobs().await;
    let changes = app.visitor().get("/changes?after=0").await.is(200).text();
    assert_eq!(changes.matches("milestone.planned").count(), 2, "{changes}");
    assert_eq!(changes.matches("milestone.reached").count(), 2, "{changes}");
    assert_eq!(changes.matches("evidence_hash").count(), 2, "{changes}");
    app.visitor().post(&list, &past).await.refused(401, "unauthenticated");
    // What was said at first is not gone.
    let admin = app.member("admin", Role::Admin).await;
    let log = admin.get("/audit-log?action=milestone.reached").await.is(200).json();
    let second = log["items"].as_array().unwrap().iter().find(|one| one["before"]["evidence"] == "The survey is out.");
    assert_eq!(second.unwrap()["after"]["evidence"], better["evidence"]);
}

#[on_both_databases]
async fn steps_of_what_is_out_of_sight_or_dropped_are_not_shown_or_planned(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    officer.answers(&idea, &json!({ "kind": "accepted", "office": "Streets", "reason": "Yes." })).await.is(201);
    let commitment = json!({ "what": "Build it", "office": "Streets", "due_on": "2027-10-01" });
    let made = officer.post(&format!("{idea}/commitments"), &commitment).await.is(201).json();
    let path = format!("/commitments/{}", made["id"].as_str().unwrap());
    let step = json!({ "title": "Surveyed", "planned_on": "2027-03-10" });
    officer.post(&format!("{path}/milestones"), &step).await.is(201);
    let dropped = json!({ "status": "dropped", "status_reason": "No money." });
    officer.change("PATCH", &path, &json!(1), &dropped).await.is(200);
    officer.post(&format!("{path}/milestones"), &step).await.refused(409, "wrong_state");
    let version = ana.get(&idea).await.json()["version"].take();
    ana.change("DELETE", &idea, &version, &Value::Null).await.is(204);
    app.visitor().get(&format!("{path}/milestones")).await.refused(404, "not_found");
    officer.get(&format!("{path}/milestones")).await.is(200);
}

#[on_both_databases]
async fn what_was_late_when_it_was_dropped_stays_late(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let officer = app.member("officer", Role::Officer).await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    officer.answers(&idea, &json!({ "kind": "accepted", "office": "Streets", "reason": "Yes." })).await.is(201);
    let mut paths = Vec::new();
    for day in ["2027-03-08", "2027-03-11"] {
        let wish = json!({ "what": "Build it", "office": "Streets", "due_on": day });
        let made = officer.post(&format!("{idea}/commitments"), &wish).await.is(201).json();
        let path = format!("/commitments/{}", made["id"].as_str().unwrap());
        let step = json!({ "title": "Surveyed", "planned_on": day });
        officer.post(&format!("{path}/milestones"), &step).await.is(201);
        paths.push(path);
    }
    app.advance(days(10));
    let officer = app.signs_in("officer").await;
    for path in &paths {
        let dropped = json!({ "status": "dropped", "status_reason": "No money." });
        let dropped = officer.change("PATCH", path, &json!(1), &dropped).await.is(200).json();
        assert_eq!(dropped["dropped_on"], "2027-03-11");
    }
    app.advance(days(10));
    for (path, late) in paths.iter().zip([true, false]) {
        assert_eq!(app.visitor().get(path).await.is(200).json()["late"], late);
        let steps = app.visitor().get(&format!("{path}/milestones")).await.is(200).json();
        assert_eq!(steps["items"][0]["late"], late);
    }
    let officer = app.signs_in("officer").await;
    let taken_up =
        officer.change("PATCH", &paths[0], &json!(2), &json!({ "status": "in_progress" })).await.is(200).json();
    assert_eq!((&taken_up["late"], &taken_up["dropped_on"]), (&json!(true), &Value::Null));
}
