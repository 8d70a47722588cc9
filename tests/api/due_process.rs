//! Nobody decides upon, accepts or confirms what they have not read.

use std::time::Duration;

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, PASSWORD, TestApp, days, draft, promise};

async fn revise(author: &Actor, idea: &str, body: &str) -> crate::support::Answer {
    let version = author.get(idea).await.is(200).json()["version"].take();
    author.change("PATCH", idea, &version, &json!({ "body": body })).await
}

#[on_both_databases]
async fn a_published_idea_that_is_revised_is_held_again_where_ideas_are_looked_at_first(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let moderator = app.member("moderator", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    ben.supports(&idea).await.is(201);
    assert_eq!(revise(&ana, &idea, "Something rude.").await.is(200).json()["state"], "held");
    app.visitor().get(&idea).await.refused(404, "not_found");
    let case = moderator.get("/cases").await.is(200).json()["items"][0].take();
    assert_eq!((case["revision"].as_i64(), case["reason"].as_str()), (Some(2), Some("before_publication")));
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    let shown = app.visitor().get(&idea).await.is(200).json();
    assert_eq!((shown["supports"].as_i64(), shown["body"].as_str()), (Some(1), Some("Something rude.")));
    app.advance(days(40));
    let ana = app.signs_in("ana").await;
    revise(&ana, &idea, "Once more.").await.refused(409, "phase_not_open");
}

#[on_both_databases]
async fn a_moderator_decides_upon_the_text_they_have_read(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let moderator = app.member("moderator", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let read = moderator.get("/cases").await.is(200).json()["items"][0].take();
    revise(&ana, &idea, "Something rude.").await.is(200);
    let decision = format!("/cases/{}/decision", read["id"].as_str().unwrap());
    let publish = json!({ "decision": "publish" });
    moderator.change("POST", &decision, &read["version"], &publish).await.refused(412, "changed");
    let decided = moderator.decides(&publish).await.is(201).json();
    assert_eq!(decided["revision"], 2);
}

#[on_both_databases]
async fn an_officer_answers_the_text_they_have_read(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let read = officer.get(&idea).await.is(200).json()["version"].take();
    revise(&ana, &idea, "A bridge, and a tunnel.").await.is(200);
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "Yes." });
    officer.change("POST", &format!("{idea}/answers"), &read, &answer).await.refused(412, "changed");
    assert_eq!(officer.answers(&idea, &answer).await.is(201).json()["idea_revision"], 2);
    revise(&ana, &idea, "And now for something else.").await.refused(409, "wrong_state");
}

#[on_both_databases]
async fn what_has_no_step_left_gets_no_case(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let moderator = app.member("moderator", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let version = ana.get(&idea).await.json()["version"].take();
    ana.change("DELETE", &idea, &version, &Value::Null).await.is(204);
    moderator.post(&format!("{idea}/cases"), &json!({})).await.refused(409, "wrong_state");
    assert_eq!(moderator.get("/cases").await.is(200).json()["items"], json!([]));
}

#[on_both_databases]
async fn the_decision_maker_accepts_what_the_mail_said_and_nothing_written_since(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    let now = app.app.db.clock().now();
    let drafted = officer.post("/challenges", &draft(now, "pre")).await.is(201).json();
    let path = format!("/challenges/{}", drafted["id"].as_str().unwrap());
    let ask = format!("{path}/promise/acceptance-request");
    officer.change("PUT", &format!("{path}/promise"), &json!(1), &promise(now)).await.is(200);
    officer.post(&ask, &json!({})).await.is(202);
    app.run_jobs().await;
    let before = app.token_in_mail("streets@aldermoor.example");
    let mut weaker = promise(now);
    weaker["answer_within_days"] = json!(260);
    officer.change("PUT", &format!("{path}/promise"), &json!(2), &weaker).await.is(200);
    app.visitor().post("/promises/accept", &json!({ "token": before })).await.refused(422, "link_invalid");
    officer.post(&ask, &json!({})).await.is(202);
    app.run_jobs().await;
    let after = app.token_in_mail("streets@aldermoor.example");
    app.visitor().post("/promises/accept", &json!({ "token": after })).await.is(204);
    assert!(officer.get(&path).await.json()["promise"]["accepted_at"].is_string());
    officer.change("PUT", &path, &json!(4), &draft(now, "post")).await.is(200);
    assert!(officer.get(&path).await.json()["promise"]["accepted_at"].is_null());
}

// case B6
#[on_both_databases]
async fn nobody_confirms_an_account_with_the_password_of_somebody_else(app: TestApp) {
    let theirs = "a password that somebody else chose";
    let register = |email: &'static str, name: &'static str, password: &'static str| {
        let visitor = app.visitor();
        async move {
            let body = json!({ "email": email, "password": password, "display_name": name });
            visitor.post("/accounts", &body).await.is(202);
        }
    };
    register("ana+trap@people.example", "Somebody else", theirs).await;
    register("ana@people.example", "Ana", PASSWORD).await;
    app.run_jobs().await;
    let anas = app.token_in_mail("ana@people.example");
    // Whoever asks after her does not take her link away, and cannot have her follow theirs with her own password.
    register("ana@people.example", "Ana", theirs).await;
    app.run_jobs().await;
    let trap = app.token_in_mail("ana@people.example");
    assert_ne!(anas, trap);
    let confirm = |token: String| {
        let visitor = app.visitor();
        async move { visitor.post("/accounts/confirm", &json!({ "token": token, "password": PASSWORD })).await }
    };
    let refused = confirm(trap.clone()).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["pointer"], "/password");
    confirm(anas).await.is(204);
    confirm(trap).await.refused(422, "invalid");
    let ana = app.signs_in("ana").await.get("/me").await.is(200).json();
    assert_eq!((ana["display_name"].as_str(), ana["email"].as_str()), (Some("Ana"), Some("ana@people.example")));
}

#[on_both_databases]
async fn nobody_keeps_an_invited_person_out_by_registering_their_address(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let squatted = json!({ "email": "mo@people.example", "password": PASSWORD, "display_name": "Not Mo" });
    app.visitor().post("/accounts", &squatted).await.is(202);
    app.run_jobs().await;
    app.resident("rita").await;
    for (name, email) in [("mo", "mo@people.example"), ("rita", "rita@people.example")] {
        admin.post("/invitations", &json!({ "email": email, "role": "moderator" })).await.is(202);
        app.run_jobs().await;
        let body = json!({ "token": app.token_in_mail(email), "password": PASSWORD, "display_name": "Mo" });
        app.visitor().post("/invitation-acceptances", &body).await.is(204);
        assert_eq!(app.signs_in(name).await.get("/me").await.is(200).json()["role"], "moderator", "{name}");
    }
}

#[on_both_databases]
async fn an_idea_that_is_published_late_is_reminded_of_all_the_same(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    app.resident("ana").await.submits("A crossing", &challenge).await;
    app.advance(days(20));
    app.run_jobs().await;
    let before = app.mails();
    let moderator = app.member("moderator", Role::Moderator).await;
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    app.advance(Duration::from_secs(3_601));
    app.run_jobs().await;
    let reminders = app.mails() - before - 1;
    assert_eq!(reminders, 1, "the officer of this challenge, once");
}

#[on_both_databases]
async fn an_outcome_that_is_revised_after_months_is_no_news_to_anybody(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    ana.submits("A crossing", &challenge).await;
    app.advance(days(35));
    let officer = app.member("officer", Role::Officer).await;
    let path = format!("/challenges/{challenge}/outcome");
    officer.put(&path, &json!({ "summary": "One crossing.", "ideas": [] })).await.is(201);
    app.run_jobs().await;
    app.advance(days(60));
    app.app.sweep().await.unwrap();
    let officer = app.signs_in("officer").await;
    // Of that sign-in they hear.
    app.run_jobs().await;
    let before = app.mails();
    officer.change("PUT", &path, &json!(1), &json!({ "summary": "Two crossings.", "ideas": [] })).await.is(200);
    app.run_jobs().await;
    assert_eq!(app.mails(), before);
}

#[on_both_databases]
async fn what_was_needed_for_a_time_is_forgotten_after_it(app: TestApp) {
    let body = json!({ "email": "ana@people.example", "password": PASSWORD, "display_name": "Ana" });
    app.visitor().post("/accounts", &body).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail("ana@people.example");
    app.advance(days(8) + Duration::from_secs(1));
    app.app.sweep().await.unwrap();
    let body = json!({ "token": token, "password": PASSWORD });
    app.visitor().post("/accounts/confirm", &body).await.refused(422, "link_invalid");
    let council = app.council.id;
    let left = app
        .app
        .db
        .read(move |tx| folkmoot::people::accounts::queries::find_by_email(tx, council, "ana@people.example"))
        .await
        .unwrap();
    assert!(left.is_none());
}

// the two-sided clock: residents see that they wait, and moderators are told before it is too late
#[on_both_databases]
async fn what_waits_for_a_moderator_is_counted_in_public_and_moderators_are_reminded_until_it_is_decided(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let moderator = app.member("mo", Role::Moderator).await;
    let clock = async || app.visitor().get(&format!("/challenges/{challenge}/moderation")).await.is(200).json();
    assert_eq!((&clock().await["waiting"], &clock().await["waiting_since"]), (&json!(0), &Value::Null));
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let idea = ana.submits("A crossing", &challenge).await;
    let since = ana.get(&idea).await.json()["submitted_at"].take();
    ben.submits("A bridge", &challenge).await;
    let waits = clock().await;
    assert_eq!((&waits["waiting"], &waits["overdue"], &waits["waiting_since"]), (&json!(2), &json!(0), &since));
    assert_eq!(waits["moderate_within_hours"], 48);
    app.run_jobs().await;
    let mails = app.mails();
    app.advance(Duration::from_secs(36 * 3_600));
    app.run_jobs().await;
    app.last_mail("mo@people.example", "2 cases wait for a decision, and the time that was promised is nearly over");
    assert!(app.mails() > mails);
    let moderator = Actor { token: app.signs_in("mo").await.token, ..moderator };
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    app.advance(Duration::from_secs(13 * 3_600));
    app.run_jobs().await;
    app.last_mail("mo@people.example", "1 case waits for a decision, and the time that was promised is over");
    assert_eq!(clock().await["overdue"], 1);
    let moderator = Actor { token: app.signs_in("mo").await.token, ..moderator };
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    assert_eq!((&clock().await["waiting"], &clock().await["overdue"]), (&json!(0), &json!(0)));
    app.run_jobs().await;
    let mails = app.mails();
    app.advance(days(3));
    app.run_jobs().await;
    assert_eq!(app.mails(), mails, "nobody is reminded of what is done");
}
