//! Those who asked say whether they were answered, and may ask back once.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, days, proof};

fn answer(kind: &str) -> Value {
    json!({ "kind": kind, "office": "Streets", "reason": "Too narrow." })
}

async fn answered(app: &TestApp, officer: &Actor, idea: &str) -> String {
    let answer = officer.answers(idea, &answer("declined")).await.is(201).json()["id"].as_str().unwrap().to_owned();
    app.run_jobs().await;
    format!("/answers/{answer}/reply")
}

#[on_both_databases]
async fn author_and_supporters_are_asked_once_whether_they_were_answered_and_nobody_else_is(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, eve) = (app.resident("ana").await, app.resident("ben").await, app.resident("eve").await);
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    ben.supports(&idea).await.is(201);
    let path = answered(&app, &officer, &idea).await;
    for who in ["ana", "ben"] {
        let mail = app.last_mail(&format!("{who}@people.example"), "Did we answer what you asked?");
        assert!(mail.contains("https://ideas.example/reply#token="), "{mail}");
        assert_eq!(mail.contains("ask back, once"), who == "ana", "{mail}");
    }
    assert!(ana.get(&path).await.is(200).json()["reply"].is_null());
    let said = json!({ "reply": "partly", "line": "You did not say by when." });
    ana.put(&path, &said).await.is(201);
    ana.put(&path, &said).await.is(200);
    ana.put(&path, &json!({ "reply": "yes" })).await.refused(409, "already_exists");
    assert_eq!(ana.get(&path).await.is(200).json()["reply"], "partly");
    ben.put(&path, &json!({ "reply": "no" })).await.is(201);
    eve.put(&path, &json!({ "reply": "no" })).await.refused(404, "not_found");
    eve.get(&path).await.refused(404, "not_found");
    officer.put(&path, &json!({ "reply": "yes" })).await.refused(403, "forbidden");
    // The line is for staff, who do not read whose it is.
    let lines = officer.get(&format!("{idea}/reply-lines")).await.is(200);
    assert_eq!(lines.json()["items"][0]["line"], "You did not say by when.");
    assert_eq!(lines.json()["items"].as_array().unwrap().len(), 1);
    let account = ana.get("/me").await.json()["id"].take();
    assert!(!lines.text().contains(account.as_str().unwrap()));
    ana.get(&format!("{idea}/reply-lines")).await.refused(403, "forbidden");
    for public in
        [format!("{idea}/replies"), format!("{idea}/answers"), "/changes?after=0".into(), "/office-replies".into()]
    {
        assert!(!app.visitor().get(&public).await.is(200).text().contains("by when"), "{public}");
    }
}

#[on_both_databases]
async fn what_was_said_is_published_from_ten_replies_on_and_stays_when_somebody_goes(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let other = ana.submits("A bench", &challenge).await;
    let mut supporters = Vec::new();
    for n in 0..11 {
        let one = app.resident(&format!("s{n}")).await;
        one.supports(&idea).await.is(201);
        supporters.push(one);
    }
    let path = answered(&app, &officer, &idea).await;
    let few = answered(&app, &officer, &other).await;
    ana.put(&few, &json!({ "reply": "no" })).await.is(201);
    let figures =
        async || app.visitor().get(&format!("{idea}/replies")).await.is(200).json()["answers"][0]["figures"].take();
    let of_office = async || app.visitor().get("/office-replies").await.is(200).json()["offices"][0].take();
    for (n, one) in supporters.iter().take(9).enumerate() {
        let reply = if n < 6 { "yes" } else { "no" };
        one.put(&path, &json!({ "reply": reply })).await.is(201);
    }
    assert!(figures().await.is_null(), "nine are too few");
    // Nine and one are ten of the office.
    assert_eq!(of_office().await["figures"], json!({ "asked": 13, "yes": 6, "partly": 0, "no": 4, "no_reply": 3 }));
    supporters[9].put(&path, &json!({ "reply": "partly" })).await.is(201);
    let told = json!({ "asked": 12, "yes": 6, "partly": 1, "no": 3, "no_reply": 2 });
    assert_eq!(figures().await, told);
    // Now the one of the other idea could be had by subtraction, and is left out.
    assert_eq!(of_office().await, json!({ "office": "Streets", "figures": told }));
    supporters[0].post("/me/erasure", &json!({ "proof": proof(), "ideas": "anonymise" })).await.is(204);
    assert_eq!(figures().await, told);
}

#[on_both_databases]
async fn the_author_asks_back_once_and_the_idea_waits_again_for_ten_working_days(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let path = format!("{idea}/follow-up");
    let ask = json!({ "question": "By when does the county look?" });
    let version = async || app.visitor().get(&idea).await.is(200).json()["version"].take();
    ana.change("POST", &path, &version().await, &ask).await.refused(409, "wrong_state");
    answered(&app, &officer, &idea).await;
    ben.change("POST", &path, &version().await, &ask).await.refused(404, "not_found");
    ana.change("POST", &path, &json!(1), &ask).await.refused(412, "changed");
    // A Monday; ten working days later is the Monday after next, which ends as Tuesday begins.
    app.advance(days(7));
    let (ana, officer) = (app.signs_in("ana").await, app.signs_in("officer").await);
    let asked = ana.change("POST", &path, &version().await, &ask).await.is(201).json();
    assert_eq!(asked["answer_due_at"], "2027-03-23T00:00:00Z");
    let shown = app.visitor().get(&idea).await.is(200).json();
    assert_eq!((shown["status"].as_str(), &shown["answer_due_at"]), (Some("awaiting_answer"), &asked["answer_due_at"]));
    assert_eq!(shown["followed_up_at"], asked["asked_at"]);
    let promise =
        async || app.visitor().get(&format!("/challenges/{challenge}/promise")).await.json()["figures"].take();
    let now = promise().await;
    assert_eq!((now["answered"].as_i64(), now["answered_on_time"].as_i64()), (Some(1), Some(1)));
    // What was asked is read by its author and staff.
    assert_eq!(officer.get(&path).await.is(200).json()["question"], ask["question"]);
    assert_eq!(ana.get(&path).await.is(200).json()["question"], ask["question"]);
    app.signs_in("ben").await.get(&path).await.refused(404, "not_found");
    app.run_jobs().await;
    let changes = app.visitor().get("/changes?after=0").await.is(200).text();
    assert!(changes.contains("idea.followed_up") && !changes.contains("county look"), "{changes}");
    let earlier = app.visitor().get(&format!("{idea}/answers")).await.is(200).json();
    assert_eq!(earlier["items"].as_array().unwrap().len(), 1, "what was answered stays to be read");
    let text = json!({ "body": "Something else." });
    ana.change("PATCH", &idea, &version().await, &text).await.refused(409, "wrong_state");
    // Late is shown as late, and the officers are reminded.
    app.advance(days(15));
    app.run_jobs().await;
    let officer = app.signs_in("officer").await;
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["overdue"], true);
    app.last_mail("officer@people.example", "Still without an answer");
    let revised = officer.answers(&idea, &answer("accepted")).await.is(201).json();
    assert_eq!(revised["revision"], 2);
    let shown = app.visitor().get(&idea).await.is(200).json();
    assert_eq!((shown["status"].as_str(), shown["overdue"].as_bool()), (Some("accepted"), Some(false)));
    let ana = app.signs_in("ana").await;
    ana.change("POST", &path, &version().await, &ask).await.refused(409, "already_exists");
}

#[on_both_databases]
async fn what_was_asked_back_goes_with_its_author(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    answered(&app, &officer, &idea).await;
    let version = app.visitor().get(&idea).await.is(200).json()["version"].take();
    let path = format!("{idea}/follow-up");
    ana.change("POST", &path, &version, &json!({ "question": "I live at 3 Mill Lane; and now?" })).await.is(201);
    ana.post("/me/erasure", &json!({ "proof": proof(), "ideas": "anonymise" })).await.is(204);
    assert!(officer.get(&path).await.is(200).json()["question"].is_null());
    assert!(app.visitor().get(&idea).await.is(200).json()["followed_up_at"].is_string());
}

#[on_both_databases]
async fn whoever_has_the_mail_replies_by_its_link_without_signing_in_and_once(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    ben.supports(&idea).await.is(201);
    let path = answered(&app, &officer, &idea).await;
    let reply = json!({ "token": app.token_in_mail("ana@people.example"), "reply": "partly", "line": "By when?" });
    app.visitor()
        .post("/replies", &json!({ "token": reply["token"], "reply": "perhaps" }))
        .await
        .refused(422, "invalid");
    app.visitor().post("/replies", &reply).await.is(204);
    app.visitor().post("/replies", &reply).await.refused(422, "link_invalid");
    let own = ana.get(&path).await.is(200).json();
    assert_eq!((&own["reply"], &own["line"]), (&json!("partly"), &json!("By when?")));
    // Who has said it signed in has said it; who has gone was not asked.
    ben.put(&path, &json!({ "reply": "yes" })).await.is(201);
    let late = json!({ "token": app.token_in_mail("ben@people.example"), "reply": "no" });
    app.visitor().post("/replies", &late).await.refused(409, "already_exists");
    assert_eq!(ben.get(&path).await.json()["reply"], "yes");
}
