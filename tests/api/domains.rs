//! Which mail domains newcomers come with.

use folkmoot::people::accounts::queries::{NewAccount, insert_account};
use folkmoot::vocabulary::{AccountState, Role};
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, PASSWORD, TestApp};

fn faults(answer: &Answer) -> Vec<Value> {
    let faults = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    faults.into_iter().map(|fault| json!([fault["pointer"], fault["code"]])).collect()
}

async fn registers(app: &TestApp, email: &str) -> Answer {
    let body = json!({ "email": email, "password": PASSWORD, "display_name": "Ana" });
    app.visitor().post("/accounts", &body).await
}

/// The ways for a newcomer's address, each with one.
async fn comes(app: &TestApp, challenge: &str, member: &Actor, email: &str) -> [Answer; 3] {
    let path = format!("/challenges/{challenge}/participations");
    [
        registers(app, email).await,
        app.visitor().post(&path, &json!({ "email": email })).await,
        member.put("/me/address", &json!({ "email": email, "proof": { "password": PASSWORD } })).await,
    ]
}

// case C8
#[on_both_databases]
async fn a_throw_away_address_is_refused_before_any_mail_and_says_why(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let member = app.resident("member").await;
    app.run_jobs().await;
    let before = app.mails();
    for email in ["ana@mailinator.com", "ana@Deep.MAILINATOR.com.", "ana+x@yopmail.com"] {
        for answer in comes(&app, &challenge, &member, email).await {
            let answer = answer.refused(422, "invalid");
            assert_eq!(faults(&answer), [json!(["/email", "throw_away_domain"])]);
            assert!(answer.text().contains("Choose an address that you keep"));
        }
    }
    app.run_jobs().await;
    assert_eq!(app.mails(), before);
    for answer in comes(&app, &challenge, &member, "ana@people.example").await {
        answer.is(202);
    }
    app.run_jobs().await;
    assert_eq!(app.mails(), before + 3);
}

// cases B1, C8
#[on_both_databases]
async fn who_is_there_with_a_throw_away_address_goes_on_and_nobody_learns_that_they_are(app: TestApp) {
    let (council, hash) = (app.council.id, app.app.hasher.place().unwrap().hash(PASSWORD.into()).await.unwrap());
    let email = "there@mailinator.com";
    let there = app.app.db.write(move |tx| {
        let (role, state) = (Role::Resident, AccountState::Active);
        let new = NewAccount { email, email_key: email, display_name: "There", password_hash: &hash, role, state };
        insert_account(tx, council, &new)
    });
    there.await.unwrap().unwrap();
    let texts = [registers(&app, email).await, registers(&app, "nobody@mailinator.com").await].map(|answer| {
        let mut said = answer.refused(422, "invalid").json();
        said["instance"] = Value::Null;
        said
    });
    assert_eq!(texts[0], texts[1]);
    let visitor = app.visitor();
    visitor.post("/sessions", &json!({ "email": email, "password": PASSWORD })).await.is(201);
    visitor.post("/sign-in-codes", &json!({ "email": email })).await.is(202);
    visitor.post("/password-resets", &json!({ "email": email })).await.is(202);
    app.run_jobs().await;
    let code = app.code_in_mail(email);
    visitor.post("/sessions/code", &json!({ "email": email, "mailed_code": code })).await.is(201);
}

#[on_both_databases]
async fn a_council_allows_and_refuses_mail_domains_of_its_own(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (admin, member) = (app.member("admin", Role::Admin).await, app.resident("member").await);
    let lists = json!({
        "mail_domains_allowed": ["Mailinator.com.", "mailinator.com"],
        "mail_domains_refused": ["spam.example", "BÜCHER.example"],
    });
    let changed = admin.change("PATCH", "", &json!(1), &lists).await.is(200).json();
    assert_eq!(changed["mail_domains_allowed"], json!(["mailinator.com"]));
    assert_eq!(changed["mail_domains_refused"], json!(["spam.example", "xn--bcher-kva.example"]));
    for answer in comes(&app, &challenge, &member, "ana@sub.mailinator.com").await {
        answer.is(202);
    }
    for email in ["ana@spam.example", "ana@sub.spam.example", "ana@xn--bcher-kva.example"] {
        for answer in comes(&app, &challenge, &member, email).await {
            assert_eq!(faults(&answer.refused(422, "invalid")), [json!(["/email", "domain_refused"])]);
        }
    }
    let log = admin.get("/audit-log?action=settings.changed").await.is(200).json();
    assert_eq!(log["items"][0]["after"]["mail_domains_refused"], json!(["spam.example", "xn--bcher-kva.example"]));
    // Another council has lists of its own.
    let other = app.other_council().await;
    let elsewhere = Actor { base: format!("/v1/councils/{}", other.slug), ..app.visitor() };
    let body = |email: &str| json!({ "email": email, "password": PASSWORD, "display_name": "Ana" });
    elsewhere.post("/accounts", &body("ana@spam.example")).await.is(202);
    elsewhere.post("/accounts", &body("ana@mailinator.com")).await.refused(422, "invalid");

    let bad = json!({ "mail_domains_allowed": ["nowhere", "ok.example"], "mail_domains_refused": ["a b.example"] });
    let refused = admin.change("PATCH", "", &json!(2), &bad).await.refused(422, "invalid");
    let wrong = ["/mail_domains_allowed/0", "/mail_domains_refused/0"].map(|place| json!([place, "wrong_format"]));
    assert_eq!(faults(&refused), wrong);
    let both = json!({ "mail_domains_allowed": ["spam.example"] });
    admin.change("PATCH", "", &json!(2), &both).await.refused(422, "invalid");
    let many: Vec<String> = (0..201).map(|n| format!("d{n}.example")).collect();
    admin.change("PATCH", "", &json!(2), &json!({ "mail_domains_refused": many })).await.refused(422, "invalid");
    let none = json!({ "mail_domains_allowed": [], "mail_domains_refused": [] });
    admin.change("PATCH", "", &json!(2), &none).await.is(200);
    registers(&app, "ana@mailinator.com").await.refused(422, "invalid");
}
