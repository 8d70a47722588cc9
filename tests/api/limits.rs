//! How often who may do what, and how a caller knows.

use std::collections::BTreeSet;

use folkmoot::platform::config::Config;
use folkmoot::platform::http::limit::{Limited, take};
use on_both_databases::on_both_databases;
use serde_json::json;

use crate::hostile::senders;
use crate::support::{Actor, Answer, Store, TestApp, days};

fn with_limits(config: &mut Config) {
    config.limits = true;
}

fn all(answer: &Answer, name: &str) -> Vec<String> {
    answer.headers.iter().filter(|(one, _)| one == name).map(|(_, value)| value.clone()).collect()
}

async fn idea(resident: &Actor, challenge: &str, n: usize) -> Answer {
    let body = json!({ "title": format!("A bench at stop {n}"), "body": "To wait on." });
    resident.post(&format!("/challenges/{challenge}/ideas"), &body).await
}

#[on_both_databases(with_limits)]
async fn a_resident_submits_twenty_ideas_and_then_one_in_thirty_seconds(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    for n in 0..20 {
        let answer = idea(&ana, &challenge, n).await.is(201);
        assert_eq!(all(&answer, "ratelimit-policy"), ["\"submit\";q=20;w=600"]);
        assert_eq!(all(&answer, "ratelimit"), [format!("\"submit\";r={};t={}", 19 - n, 30 * (n + 1))]);
    }
    let refused = idea(&ana, &challenge, 20).await.refused(429, "too_many_requests");
    assert_eq!(all(&refused, "ratelimit"), ["\"submit\";r=0;t=600"]);
    let wait = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((29..=31).contains(&wait), "{wait}");
    let ben = app.resident("ben").await;
    idea(&ben, &challenge, 21).await.is(201);
    app.advance(std::time::Duration::from_secs(wait));
    idea(&ana, &challenge, 22).await.is(201);
    idea(&ana, &challenge, 23).await.refused(429, "too_many_requests");
}

// case I5
#[on_both_databases(with_limits)]
async fn a_hundred_and_twenty_writes_at_once_are_shared_by_all_that_an_account_does(app: TestApp) {
    let officer = app.member("olga", folkmoot::vocabulary::Role::Admin).await;
    for n in 0..60 {
        let ground = json!({ "code": format!("g{n}"), "title": "A rule", "body": "Of this council." });
        officer.post("/grounds", &ground).await.is(201);
        officer.put("/privacy-notice", &json!({ "body": format!("What we keep, version {n}.") })).await.is(200);
    }
    officer
        .put("/privacy-notice", &json!({ "body": "What we keep, once too often." }))
        .await
        .refused(429, "too_many_requests");
    officer.get("/privacy-notice").await.is(200);
    app.advance(std::time::Duration::from_secs(2));
    officer.put("/privacy-notice", &json!({ "body": "What we keep, a little later." })).await.is(200);
}

#[on_both_databases(with_limits)]
async fn what_is_refused_takes_nothing_from_the_budget(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    app.advance(days(40));
    let ana = app.resident("ana").await;
    for n in 0..30 {
        idea(&ana, &challenge, n).await.refused(409, "phase_not_open");
    }
}

#[on_both_databases(with_limits)]
async fn passwords_are_tried_ten_times_for_one_address_and_a_failure_counts(app: TestApp) {
    app.resident("ana").await;
    let try_it = |password: &'static str| {
        let visitor = app.visitor();
        async move { visitor.post("/sessions", &json!({ "email": "ana@people.example", "password": password })).await }
    };
    for _ in 0..10 {
        try_it("not this one either").await.refused(401, "bad_credentials");
    }
    try_it(crate::support::PASSWORD).await.refused(429, "too_many_requests");
    app.advance(std::time::Duration::from_secs(61));
    let answer = try_it(crate::support::PASSWORD).await.is(201);
    let told: Vec<String> = all(&answer, "ratelimit-policy");
    assert_eq!(
        told,
        ["\"sign_in_from\";q=600;w=3000", "\"sign_in_as\";q=10;w=600", "\"sign_in_as_all\";q=100;w=90000"]
    );
}

// case J4
#[on_both_databases(with_limits)]
async fn whoever_has_passwords_judged_without_end_is_stopped_before_it_costs_anything(app: TestApp) {
    let visitor = app.visitor();
    let easy = json!({ "email": "x@people.example", "password": "p4$$w0rdp4$$w0rd", "display_name": "X" });
    let taken = |answer: &Answer| all(answer, "ratelimit-policy");
    assert_eq!(taken(&visitor.post("/accounts", &easy).await.refused(422, "invalid")), [""; 0]);
    // As many as may come at once from where a test comes from.
    let network = app.app.config.secrets.mac("network", &[b"0.0.0.0"]);
    let flood = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
        let (burst, _) = Limited::SignInFrom.rate();
        (1..burst).try_for_each(|_| take(tx, Limited::SignInFrom, &network).map(drop))
    };
    app.app.db.write(flood).await.unwrap();
    visitor.post("/accounts", &easy).await.refused(429, "too_many_requests");
}

#[on_both_databases(with_limits)]
async fn every_operation_tells_of_the_budgets_that_the_document_names(app: TestApp) {
    app.other_council().await;
    let document = serde_json::to_value(folkmoot::router::document()).unwrap();
    let mut told = BTreeSet::new();
    for sender in senders(&app).await {
        let answer = sender.send(&sender.body).await;
        // What is refused takes nothing, and tells nothing.
        if answer.status >= 300 {
            continue;
        }
        let (pattern, method) = (sender.pattern(), sender.method.to_lowercase());
        let named: Vec<String> =
            serde_json::from_value(document["paths"][&pattern][&method]["x-folkmoot"]["limits"].clone()).unwrap();
        let named: Vec<String> = named.into_iter().filter(|policy| policy != "requests").collect();
        let policies = all(&answer, "ratelimit-policy");
        let policies: Vec<&str> = policies.iter().filter_map(|one| one.split('"').nth(1)).collect();
        assert_eq!(policies, named, "{method} {pattern}");
        told.insert((pattern, method));
    }
    assert!(told.len() > 14, "{told:#?}");
}

#[actix_web::test]
async fn requests_are_counted_on_each_node_and_the_flood_of_one_account_stops_nobody_else() {
    let app = TestApp::start_with(Store::Sqlite, |config| config.requests_per_second = 1).await.unwrap();
    let (ana, ben, visitor) = (app.resident("ana").await, app.resident("ben").await, app.visitor());
    let answers: Vec<Answer> = [ana.get("/me").await, ana.get("/me").await].into();
    assert_eq!(all(&answers[0], "ratelimit-policy"), ["\"requests\";q=6;w=6"]);
    assert_eq!(all(&answers[0], "ratelimit"), ["\"requests\";r=5;t=1"]);
    assert_eq!(all(&answers[1], "ratelimit"), ["\"requests\";r=4;t=2"]);
    let mut last = ana.get("/me").await;
    for _ in 0..20 {
        last = ana.get("/me").await;
    }
    let refused = last.refused(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(all(&refused, "ratelimit").len(), 1);
    ben.get("/me").await.is(200);
    visitor.get("").await.is(200);
}
