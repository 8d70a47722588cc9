//! No input gives a 5xx, and nothing hostile comes back to life.

use actix_web::test::TestRequest;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, PASSWORD, TestApp, draft, promise};

fn naughty() -> Vec<String> {
    let mut all: Vec<String> = serde_json::from_str(include_str!("../data/blns.json")).unwrap();
    all.push("\0".into());
    all.push("\u{feff}\u{202e}\u{2028}".into());
    all.push("=cmd|' /C calc'!A0".into());
    all.push("x".repeat(200_000));
    all
}

/// Somebody who sends a body that would be taken, if one text in it were another.
pub struct Sender {
    pub who: Actor,
    pub method: &'static str,
    path: String,
    /// Where the version is read that the body is about.
    versioned: Option<String>,
    pub body: Value,
}

impl Sender {
    /// The path as the document writes it.
    pub fn pattern(&self) -> String {
        let mut before = "";
        let path = self.path.strip_prefix("/v1/platform").map(|rest| format!("/v1/platform{rest}"));
        let path = path.unwrap_or_else(|| format!("/v1/councils/aldermoor{}", self.path));
        let parts = path.split('/').map(|part| {
            let name = match before {
                "councils" => Some("{council}"),
                "challenges" => Some("{challenge}"),
                "ideas" => Some("{idea}"),
                "commitments" => Some("{commitment}"),
                _ => None,
            };
            before = part;
            name.unwrap_or(part)
        });
        parts.collect::<Vec<_>>().join("/")
    }

    pub async fn send(&self, body: &Value) -> Answer {
        let mut request = self.who.request(self.method, &self.path);
        if let Some(path) = &self.versioned {
            let read = self.who.get(path).await;
            request = request.insert_header(("If-Match", read.header("etag").unwrap_or("\"0\"").to_owned()));
        }
        self.who.app.call(request.set_json(body)).await
    }
}

/// The pointers of all texts in a body.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(items) => items.iter().enumerate().for_each(|(n, one)| texts(one, &format!("{at}/{n}"), found)),
        Value::Object(members) => members.iter().for_each(|(name, one)| texts(one, &format!("{at}/{name}"), found)),
        _ => {}
    }
}

/// Every operation with a body, each with one that is taken.
pub async fn senders(app: &TestApp) -> Vec<Sender> {
    use folkmoot::vocabulary::Role;
    let (open, closed) = (app.open_challenge("post").await, app.open_challenge("post").await);
    let (ana, visitor) = (app.resident("ana").await, app.visitor());
    let officer = app.member("officer", Role::Officer).await;
    let admin = app.member("admin", Role::Admin).await;
    let (revised, answered) = (ana.submits("A bench", &open).await, ana.submits("A crossing", &open).await);
    let shown = ana.submits("A tree", &closed).await;
    officer.post(&format!("/challenges/{closed}/close"), &json!({})).await.is(200);
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "It will be built." });
    officer.answers(&answered, &answer).await.is(201);
    let commitment = json!({ "what": "Paint it", "office": "Streets", "due_on": "2027-10-01" });
    let made = officer.post(&format!("{answered}/commitments"), &commitment).await.is(201).json();
    let commitments = format!("/commitments/{}", made["id"].as_str().unwrap());
    let now = app.app.db.clock().now();
    let drafted = officer.post("/challenges", &draft(now, "pre")).await.is(201).json();
    let drafted = format!("/challenges/{}", drafted["id"].as_str().unwrap());
    let idea = json!({ "title": "A crossing", "body": "For children.", "category": "streets", "campaign": "BUS42" });
    let outcome = json!({ "summary": "A tree.", "ideas": [{ "idea": shown.trim_start_matches("/ideas/"),
        "what_became_of_it": "Planted." }] });
    let account =
        json!({ "email": "x@people.example", "password": PASSWORD, "display_name": "X", "campaign": "BUS42" });
    let joining = json!({ "token": "x", "password": PASSWORD, "display_name": "X" });
    let council = json!({ "slug": "elsewhere", "name": "Elsewhere", "time_zone": "Europe/London", "language": "en-GB",
        "idea_prefix": "ELS", "site_url": "https://ideas.example", "first_admin_email": "ada@elsewhere.example" });
    let campaign = json!({ "name": "Bus shelter", "channel": "poster", "target_url": "https://ideas.example/" });
    let platform = Actor { token: Some(app.platform_token().await), ..app.visitor() };
    let one = |who: &Actor, method, path: &str, versioned: Option<&str>, body: Value| Sender {
        who: who.clone(),
        method,
        path: path.to_owned(),
        versioned: versioned.map(str::to_owned),
        body,
    };
    vec![
        one(&ana, "POST", &format!("/challenges/{open}/ideas"), None, idea),
        one(&ana, "PATCH", &revised, Some(&revised), json!({ "title": "A seat", "body": "b", "category": "streets" })),
        one(&ana, "PUT", &format!("{revised}/support"), None, json!({ "campaign": "BUS42" })),
        one(&officer, "POST", &format!("{answered}/answers"), Some(&answered), answer),
        one(&officer, "POST", &format!("{answered}/commitments"), None, commitment),
        one(
            &officer,
            "PATCH",
            &commitments,
            Some(&commitments),
            json!({ "status": "dropped", "status_reason": "No." }),
        ),
        one(
            &officer,
            "PUT",
            &format!("/challenges/{closed}/outcome"),
            Some(&format!("/challenges/{closed}/outcome")),
            outcome,
        ),
        one(&officer, "POST", "/challenges", None, draft(now, "pre")),
        one(&officer, "PUT", &drafted, Some(&drafted), draft(now, "pre")),
        one(&officer, "PUT", &format!("{drafted}/promise"), Some(&drafted), promise(now)),
        one(&officer, "POST", "/campaigns", None, campaign),
        one(&admin, "POST", "/grounds", None, json!({ "code": "rude", "title": "Rude", "body": "No insults." })),
        one(&admin, "PUT", "/privacy-notice", None, json!({ "body": "We keep what we need, and nothing else." })),
        one(&admin, "POST", "/invitations", None, json!({ "email": "mo@people.example", "role": "moderator" })),
        one(&visitor, "POST", "/accounts", None, account),
        one(&visitor, "POST", "/accounts/confirm", None, json!({ "token": "x", "password": PASSWORD })),
        one(&visitor, "POST", "/invitation-acceptances", None, joining),
        one(&visitor, "POST", "/promises/accept", None, json!({ "token": "x" })),
        one(&visitor, "POST", "/sessions", None, json!({ "email": "ana@people.example", "password": PASSWORD })),
        one(&visitor, "POST", "/sessions/refresh", None, json!({ "refresh_token": "x" })),
        one(&visitor, "POST", "/v1/platform/sessions", None, json!({ "email": "a@b.example", "password": PASSWORD })),
        one(&platform, "POST", "/v1/platform/councils", None, council),
        one(&platform, "POST", "/v1/platform/councils/otherham/invitations", None, json!({ "email": "a@b.example" })),
    ]
}

fn is_harmless(text: &str, answer: &Answer) {
    assert!(answer.status < 500, "{text:?}: {}", answer.text());
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return };
    for html in ["body_html", "reason_html", "summary_html"].iter().filter_map(|name| body[name].as_str()) {
        let lowered = html.to_lowercase();
        for forbidden in ["<script", "<img", "<iframe", "<svg", "href=\"javascript", "<style"] {
            assert!(!lowered.contains(forbidden), "{text:?} became {html}");
        }
    }
}

// cases D1, D9
#[on_both_databases]
async fn every_naughty_string_through_every_text_field_is_taken_or_refused_with_reasons(app: TestApp) {
    // At full size every string goes through every field; else every field sees some, and an idea sees all.
    let step = if cfg!(debug_assertions) { 24 } else { 1 };
    app.other_council().await;
    let (senders, mut field) = (senders(&app).await, 0);
    for sender in &senders {
        let mut pointers = Vec::new();
        texts(&sender.body, "", &mut pointers);
        for pointer in pointers {
            field += 1;
            let all = sender.path.ends_with("/ideas") && matches!(pointer.as_str(), "/title" | "/body");
            for (n, text) in naughty().into_iter().enumerate() {
                if !all && !(n + field).is_multiple_of(step) {
                    continue;
                }
                let mut body = sender.body.clone();
                *body.pointer_mut(&pointer).unwrap() = json!(text);
                is_harmless(&text, &sender.send(&body).await);
            }
        }
    }
    assert!(field > 60, "{field} fields");
    everything_can_still_be_read(&app).await;
}

// cases D1, D9
#[on_both_databases]
async fn every_naughty_string_in_an_address_a_query_and_a_header_is_refused_in_words(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    for text in naughty() {
        let short: String = text.chars().take(2_000).collect();
        let mut encoded = url::form_urlencoded::Serializer::new(String::new());
        let query =
            encoded.append_pair("q", &short).append_pair("cursor", &short).append_pair("category", &short).finish();
        let segment: String = url::form_urlencoded::byte_serialize(short.as_bytes()).collect();
        for path in [
            format!("/challenges/{challenge}/ideas?{query}"),
            format!("/challenges/{segment}"),
            format!("/ideas/{segment}"),
            format!("/changes?after={segment}"),
        ] {
            is_harmless(&text, &ana.get(&path).await);
        }
        is_harmless(&text, &app.call(TestRequest::get().uri(&format!("/v1/councils/{segment}"))).await);
        is_harmless(&text, &app.call(TestRequest::get().uri(&format!("/c/{segment}/{segment}"))).await);
        if let Ok(value) = actix_web::http::header::HeaderValue::from_str(&short) {
            let mut request = ana.request("POST", &format!("/challenges/{challenge}/ideas"));
            for name in ["idempotency-key", "if-match", "if-none-match", "x-request-id", "accept-language", "origin"] {
                request = request.insert_header((name, value.clone()));
            }
            is_harmless(&text, &app.call(request.set_json(json!({ "title": "A title", "body": "" }))).await);
            let request = ana.request("GET", "/me").insert_header(("authorization", value));
            is_harmless(&text, &app.call(request).await);
        }
    }
}

#[on_both_databases]
async fn an_idempotency_key_is_read_where_the_document_says_so_and_nowhere_else(app: TestApp) {
    app.other_council().await;
    let document = serde_json::to_value(folkmoot::router::document()).unwrap();
    for sender in senders(&app).await {
        let key = "k".repeat(300);
        let request = sender.who.request(sender.method, &sender.path);
        let request = request.insert_header(("Idempotency-Key", key)).insert_header(("If-Match", "\"0\""));
        let answer = app.call(request.set_json(&sender.body)).await;
        let faults = serde_json::from_slice::<Value>(&answer.body).unwrap_or_default()["errors"].take();
        let read = faults[0]["pointer"] == "Idempotency-Key";
        let pattern = sender.pattern();
        let parameters = &document["paths"][&pattern][sender.method.to_lowercase()]["parameters"];
        let documented = parameters.as_array().into_iter().flatten().any(|parameter| {
            parameter["$ref"].as_str().is_some_and(|reference| reference.ends_with("/Idempotency-Key"))
        });
        assert_eq!(read, documented, "{} {pattern}: {}", sender.method, answer.text());
    }
}

async fn everything_can_still_be_read(app: &TestApp) {
    for path in ["/feedback.atom", "/feedback", "/changes?after=0", "/grounds", "/challenges", "/commitments"] {
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

// cases A8, B9
#[on_both_databases]
async fn whoever_asks_for_a_code_to_sign_in_does_not_choose_it(app: TestApp) {
    app.resident("ana").await;
    let visitor = app.visitor();
    for field in ["code", "mailed_code", "code_mac", "token", "token_hash", "tries"] {
        let mut wish = json!({ "email": "ana@people.example" });
        wish[field] = json!("123456");
        let answer = visitor.post("/sign-in-codes", &wish).await.refused(422, "invalid");
        assert_eq!(answer.json()["errors"][0]["code"], "unknown_field", "{field}");
    }
    app.run_jobs().await;
    let guess = json!({ "email": "ana@people.example", "mailed_code": "123456" });
    visitor.post("/sessions/code", &guess).await.refused(401, "bad_credentials");
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
