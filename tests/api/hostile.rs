//! No input gives a 5xx, and nothing hostile comes back to life.

use actix_web::test::TestRequest;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::TestApp;

fn naughty() -> Vec<String> {
    let mut all: Vec<String> = serde_json::from_str(include_str!("../data/blns.json")).unwrap();
    all.push("\0".into());
    all.push("\u{feff}\u{202e}\u{2028}".into());
    all.push("=cmd|' /C calc'!A0".into());
    all.push("x".repeat(200_000));
    all
}

// cases D1, D9
#[on_both_databases]
async fn every_naughty_string_through_every_text_field_is_taken_or_refused_with_reasons(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let officer = app.member("officer", folkmoot::vocabulary::Role::Officer).await;
    let admin = app.member("admin", folkmoot::vocabulary::Role::Admin).await;
    let idea = ana.submits("A crossing at Mill Lane", &challenge).await;
    let ideas = format!("/challenges/{challenge}/ideas");
    let answers = format!("{idea}/answers");
    let now = app.app.db.clock().now();
    for text in naughty() {
        let draft = json!({ "title": text, "question": text, "body": text, "moderation": "pre", "language": text,
            "categories": [{ "key": text, "label": text }],
            "phases": [{ "kind": "ideation", "starts_at": now, "ends_at": text, "submit": true }] });
        let answers = [
            ana.post(&ideas, &json!({ "title": text, "body": "" })).await,
            ana.post(&ideas, &json!({ "title": "A title", "body": text })).await,
            ana.post(&ideas, &json!({ "title": "A title", "body": "", "category": text, "campaign": text })).await,
            ana.put(&format!("{idea}/support"), &json!({ "campaign": text })).await,
            officer.post(&answers, &json!({ "kind": "accepted", "office": text, "reason": text })).await,
            officer.post("/challenges", &draft).await,
            admin.post("/grounds", &json!({ "code": text, "title": text, "body": text })).await,
            admin.post("/invitations", &json!({ "email": text, "role": text })).await,
            app.visitor().post("/accounts", &json!({ "email": text, "password": text, "display_name": text })).await,
            app.visitor().post("/sessions", &json!({ "email": text, "password": text })).await,
            app.visitor().post("/sessions/refresh", &json!({ "refresh_token": text })).await,
            app.visitor().post("/accounts/confirm", &json!({ "token": text })).await,
        ];
        for answer in answers {
            assert!(answer.status < 500, "{text:?}: {}", answer.text());
            if answer.status == 201
                && let Some(html) = answer.json()["body_html"].as_str()
            {
                let lowered = html.to_lowercase();
                for forbidden in ["<script", "<img", "<iframe", "<svg", "href=\"javascript", "<style"] {
                    assert!(!lowered.contains(forbidden), "{text:?} became {html}");
                }
            }
        }
        let query: String = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("q", &text.chars().take(2_000).collect::<String>())
            .finish();
        let found = app.visitor().get(&format!("{ideas}?{query}")).await;
        assert!(found.status < 500, "{text:?}: {}", found.text());
    }
    for path in ["/feedback.atom", "/feedback", "/changes?after=0", "/grounds"] {
        let answer = app.visitor().get(path).await.is(200);
        if path.ends_with("atom") {
            let mut reader = quick_xml::Reader::from_reader(answer.body.as_slice());
            while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
        }
    }
}

// case A9
#[on_both_databases]
async fn every_file_of_the_json_test_suite_as_a_body_is_refused_in_words(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let mut seen = 0;
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/jsontestsuite")).unwrap() {
        let path = file.unwrap().path();
        let body = std::fs::read(&path).unwrap();
        let place = format!("/challenges/{challenge}/ideas");
        let request = ana.request("POST", &place).insert_header(("content-type", "application/json")).set_payload(body);
        let answer = app.call(request).await;
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(matches!(answer.status, 400 | 413 | 422), "{name}: {} {}", answer.status, answer.text());
        if name.starts_with("n_") {
            assert!(matches!(answer.status, 400 | 413), "{name} was read: {}", answer.text());
        }
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{name}");
        seen += 1;
    }
    assert!(seen > 300);
}

// case A8
#[on_both_databases]
async fn fields_that_are_not_the_callers_to_set_are_refused(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    for field in ["role", "council_id", "author_id", "state", "status", "supports", "number", "id", "version", "origin"]
    {
        let mut body = json!({ "title": "A crossing", "body": "" });
        body[field] = json!("x");
        let answer = ana.post(&format!("/challenges/{challenge}/ideas"), &body).await.refused(422, "invalid");
        assert_eq!(answer.json()["errors"][0]["code"], "unknown_field");
    }
}

// case G12
#[on_both_databases]
async fn every_answer_has_the_headers_of_a_careful_server_and_only_json_is_taken(app: TestApp) {
    let ana = app.resident("ana").await;
    for answer in [
        ana.get("").await.is(200),
        ana.get("/nowhere").await.is(404),
        app.call(TestRequest::get().uri("/nowhere")).await.is(404),
        app.call(ana.request("POST", "/sessions").insert_header(("content-type", "text/plain")).set_payload("{}"))
            .await
            .is(415),
        app.call(ana.request("GET", "").insert_header(("authorization", "Bearer nonsense"))).await.is(401),
    ] {
        for (name, value) in
            [("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"), ("referrer-policy", "no-referrer")]
        {
            assert_eq!(answer.header(name), Some(value), "{}", answer.text());
        }
        assert!(answer.header("content-security-policy").is_some_and(|policy| policy.contains("default-src 'none'")));
        assert!(answer.header("x-request-id").is_some());
        if answer.status >= 400 {
            let problem: Value = answer.json();
            assert_eq!(problem["instance"].as_str(), answer.header("x-request-id"));
        }
    }
}
