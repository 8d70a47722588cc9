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
    // Of two who were asked, staff would know whose the line is.
    let lines = officer.get(&format!("{idea}/reply-lines")).await.is(200);
    assert_eq!(lines.json()["items"].as_array().unwrap().len(), 0);
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
    // The figures of offices are counted once an hour.
    let of_office = async || {
        app.advance(std::time::Duration::from_secs(3_600));
        app.app.sweep().await.unwrap();
        app.run_jobs().await;
        let read = app.visitor().get("/office-replies").await.is(200).json();
        let offices = read["offices"].as_array().unwrap();
        offices.iter().find(|one| one["office"] == "Streets").unwrap().clone()
    };
    for (n, one) in supporters.iter().take(9).enumerate() {
        let reply = if n < 6 { "yes" } else { "no" };
        one.put(&path, &json!({ "reply": reply })).await.is(201);
    }
    assert!(figures().await.is_null(), "nine are too few");
    // Nine and one are ten of the office.
    assert_eq!(of_office().await["figures"], json!({ "asked": 13, "yes": 6, "partly": 0, "no": 4, "no_reply": 3 }));
    app.signs_in("s9").await.put(&path, &json!({ "reply": "partly" })).await.is(201);
    let told = json!({ "asked": 12, "yes": 6, "partly": 1, "no": 3, "no_reply": 2 });
    assert_eq!(figures().await, told);
    // Now the one of the other idea could be had by subtraction, and is left out.
    assert_eq!(of_office().await, json!({ "office": "Streets", "figures": told }));
    app.signs_in("s0").await.post("/me/erasure", &json!({ "proof": proof(), "ideas": "anonymise" })).await.is(204);
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
    assert_eq!(now["follow_ups"]["asked"], 1);
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
    assert_eq!(promise().await["follow_ups"]["overdue_now"], 1);
    app.last_mail("officer@people.example", "Still without an answer");
    let revised = officer.answers(&idea, &answer("accepted")).await.is(201).json();
    assert_eq!(revised["revision"], 2);
    let now = promise().await;
    let asked = &now["follow_ups"];
    assert_eq!((now["answered_on_time"].as_i64(), asked["answered_late"].as_i64()), (Some(1), Some(1)));
    assert_eq!((now["overdue_now"].as_i64(), asked["overdue_now"].as_i64()), (Some(0), Some(0)));
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

#[on_both_databases]
async fn the_lines_of_ten_or_more_are_read_by_staff_who_do_not_learn_whose_they_are(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    for n in 0..9 {
        app.resident(&format!("s{n}")).await.supports(&idea).await.is(201);
    }
    let path = answered(&app, &officer, &idea).await;
    let ben = app.signs_in("s0").await;
    ana.put(&path, &json!({ "reply": "partly", "line": "You did not say by when." })).await.is(201);
    ben.put(&path, &json!({ "reply": "no", "line": "And where?" })).await.is(201);
    let list = format!("{idea}/reply-lines");
    let lines = officer.get(&list).await.is(200);
    let mut told: Vec<_> =
        lines.json()["items"].as_array().unwrap().iter().map(|one| one["line"].as_str().unwrap().to_owned()).collect();
    told.sort();
    assert_eq!(told, ["And where?", "You did not say by when."]);
    let account = ana.get("/me").await.json()["id"].take();
    assert!(!lines.text().contains(account.as_str().unwrap()));
    // Page by page, each is there once.
    let first = officer.get(&format!("{list}?limit=1")).await.is(200).json();
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = officer.get(&format!("{list}?limit=1&cursor={cursor}")).await.is(200).json();
    assert_ne!(first["items"][0]["line"], second["items"][0]["line"]);
    assert!(second["next_cursor"].is_null());
}

#[on_both_databases]
async fn everybody_of_more_supporters_than_one_unit_takes_is_asked_once(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    ana.supports(&idea).await.is(201);
    let mut some = Vec::new();
    for n in 0..101 {
        let one = app.resident(&format!("s{n}")).await;
        one.supports(&idea).await.is(201);
        some.push(one);
    }
    let path = answered(&app, &officer, &idea).await;
    assert_eq!(app.mails_that_say("Did we answer what you asked?"), 102);
    for one in some.iter().take(10) {
        one.put(&path, &json!({ "reply": "yes" })).await.is(201);
    }
    let read = app.visitor().get(&format!("{idea}/replies")).await.is(200).json();
    assert_eq!(read["answers"][0]["figures"]["asked"], 102);
}

#[on_both_databases]
async fn the_clock_of_what_was_asked_back_stands_still_while_the_council_is_quiet(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    answered(&app, &officer, &idea).await;
    let version = app.visitor().get(&idea).await.is(200).json()["version"].take();
    let question = json!({ "question": "By when does the county look?" });
    let asked = ana.change("POST", &format!("{idea}/follow-up"), &version, &question).await.is(201).json();
    assert_eq!(asked["answer_due_at"], "2027-03-16T00:00:00Z");
    app.advance(days(4));
    let officer = app.signs_in("officer").await;
    let quiet = json!({
        "starts_on": "2027-03-08", "ends_on": "2027-05-06", "area": "The whole borough", "ground": "Pre-election period.",
    });
    officer.post("/quiet-periods", &quiet).await.is(201);
    app.run_jobs().await;
    app.advance(days(12));
    app.run_jobs().await;
    let shown = app.visitor().get(&idea).await.is(200).json();
    // Four working days were over before the period, and six are left after it.
    assert_eq!((&shown["overdue"], &shown["answer_due_at"]), (&json!(false), &json!("2027-05-14T23:00:00Z")));
    assert_eq!(
        app.signs_in("ana").await.get(&format!("{idea}/follow-up")).await.json()["answer_due_at"],
        shown["answer_due_at"]
    );
    assert_eq!(app.mails_that_say("are still waiting for an answer"), 0);
    app.advance(days(55));
    app.signs_in("officer").await.answers(&idea, &answer("accepted")).await.is(201);
    let promise = app.visitor().get(&format!("/challenges/{challenge}/promise")).await.json()["figures"].take();
    assert_eq!(promise["follow_ups"]["answered_in_added_time"], 1);
    app.advance(days(1));
    app.app.sweep().await.unwrap();
    app.run_jobs().await;
    let whole = app.visitor().get("/accountability").await.is(200).json()["council"].take();
    assert_eq!((&whole["answers"]["on_time"], &whole["follow_ups"]["in_added_time"]), (&json!(1), &json!(1)));
}
