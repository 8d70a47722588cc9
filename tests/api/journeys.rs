//! The main job, from an empty installation to a published outcome, with mails through a real SMTP server.

use std::time::Duration;

use folkmoot::people::accounts::platform_admins::upsert_platform_admin;
use folkmoot::platform::clock::Clock;
use folkmoot::platform::config::Config;
use folkmoot::platform::db::Instant;
use serde_json::{Value, json};

use crate::support::server::{Server, create_platform_admin, over_http};
use crate::support::smtp::{Received, SmtpServer};
use crate::support::{Actor, PASSWORD, Store, TestApp, days, draft, promise};

#[actix_web::test]
async fn the_whole_loop_on_sqlite() {
    the_whole_loop(Store::Sqlite).await;
}

#[actix_web::test]
async fn the_whole_loop_on_postgres() {
    the_whole_loop(Store::Postgres).await;
}

#[actix_web::test]
async fn the_whole_loop_through_the_real_binary_on_sqlite() {
    the_whole_loop_through_the_real_binary(Store::Sqlite).await;
}

#[actix_web::test]
async fn the_whole_loop_through_the_real_binary_on_postgres() {
    the_whole_loop_through_the_real_binary(Store::Postgres).await;
}

struct Stage {
    app: TestApp,
    smtp: SmtpServer,
    /// Where the server is a process of its own, it does its work by itself and at its own time.
    server: Option<Server>,
}

impl Stage {
    /// The mail to an address with these words in it, once the work that waits has been done.
    async fn mail(&self, to: &str, words: &str) -> Received {
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        loop {
            if self.server.is_none() {
                self.app.run_jobs().await;
            }
            let found = self.smtp.messages().into_iter().rev().find(|mail| {
                mail.to.iter().any(|one| one == to) && (mail.text.contains(words) || mail.subject.contains(words))
            });
            match found {
                Some(mail) => return mail,
                None if self.server.is_some() && std::time::Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                None => panic!("no mail to {to} with {words}"),
            }
        }
    }

    /// The token in the link of a mail.
    async fn token_for(&self, to: &str, path: &str) -> String {
        let mail = self.mail(to, path).await;
        let (_, rest) = mail.text.split_once("#token=").unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    }

    async fn signs_in(&self, email: &str) -> Actor {
        let visitor = Actor { base: "/v1/councils/millford".into(), ..self.app.visitor() };
        let session = visitor.post("/sessions", &json!({ "email": email, "password": PASSWORD })).await.is(201).json();
        Actor { token: Some(session["access_token"].as_str().unwrap().to_owned()), ..visitor }
    }

    async fn joins(&self, admin: &Actor, email: &str, role: &str) -> Actor {
        admin.post("/invitations", &json!({ "email": email, "role": role })).await.is(202);
        self.accepts(email).await
    }

    async fn accepts(&self, email: &str) -> Actor {
        let token = self.token_for(email, "/join").await;
        let visitor = Actor { base: "/v1/councils/millford".into(), ..self.app.visitor() };
        let body = json!({ "token": token, "password": PASSWORD, "display_name": "Somebody" });
        visitor.post("/invitation-acceptances", &body).await.is(204);
        visitor.post("/invitation-acceptances", &body).await.refused(422, "link_invalid");
        self.signs_in(email).await
    }

    async fn registers(&self, email: &str, campaign: Option<&str>) -> Actor {
        let visitor = Actor { base: "/v1/councils/millford".into(), ..self.app.visitor() };
        let mut body = json!({ "email": email, "password": PASSWORD, "display_name": "Ana" });
        if let Some(code) = campaign {
            body["campaign"] = json!(code);
        }
        visitor.post("/accounts", &body).await.is(202);
        let sign_in = json!({ "email": email, "password": PASSWORD });
        visitor.post("/sessions", &sign_in).await.refused(401, "bad_credentials");
        let token = self.token_for(email, "/confirm-email").await;
        visitor
            .post("/accounts/confirm", &json!({ "token": token, "password": "not the one that was chosen" }))
            .await
            .refused(422, "invalid");
        visitor.post("/accounts/confirm", &json!({ "token": token, "password": PASSWORD })).await.is(204);
        self.signs_in(email).await
    }
}

async fn the_whole_loop(store: Store) {
    let Some(smtp) = SmtpServer::start() else { return };
    let url = smtp.url();
    let Some(app) = TestApp::start_with(store, |config| config.smtp_url = Some(url)).await else { return };
    let hash = app.app.hasher.place().unwrap().hash(PASSWORD.into()).await.unwrap();
    app.app.db.write(move |tx| upsert_platform_admin(tx, "ops@folkmoot.example", &hash)).await.unwrap();
    play(&Stage { app, smtp, server: None }).await;
}

async fn the_whole_loop_through_the_real_binary(store: Store) {
    let Some(smtp) = SmtpServer::start() else { return };
    let url = smtp.url();
    let change = |config: &mut Config| config.smtp_url = Some(url);
    let Some(app) = TestApp::start_at(store, change, Clock::system()).await else { return };
    create_platform_admin(&app, "ops@folkmoot.example", PASSWORD);
    let server = Server::start(&app);
    let app = app.through(over_http(&server.address));
    play(&Stage { app, smtp, server: Some(server) }).await;
}

async fn play(stage: &Stage) {
    let admin = a_council_is_made(stage).await;
    let officer = stage.joins(&admin, "otto@millford.example", "officer").await;
    let member = officer.get("/me").await.is(200).json()["id"].take();
    for name in ["Director of Streets", "Streets"] {
        admin.post("/offices", &json!({ "name": name, "members": [member] })).await.is(201);
    }
    let moderator = stage.joins(&admin, "mo@millford.example", "moderator").await;
    let challenge = a_challenge_opens(stage, &admin, &officer).await;

    let campaign =
        json!({ "name": "Bus shelter", "channel": "poster", "target_url": "https://ideas.example/mill-lane" });
    let campaign = officer.post("/campaigns", &campaign).await.is(201).json();
    let code = campaign["code"].as_str().unwrap();
    let ana = stage.registers("ana@people.example", Some(code)).await;
    let ben = stage.registers("ben@people.example", None).await;

    // Ana's idea is held, seen by nobody but her and the moderators, then published.
    let body = json!({ "title": "A crossing at Mill Lane", "body": "For **children**.", "category": "streets", "campaign": code });
    let submitted = ana.post(&format!("/challenges/{challenge}/ideas"), &body).await.is(201).json();
    assert_eq!(submitted["state"], "held");
    if stage.server.is_none() {
        // Ten working days from a Monday: the last ends at midnight, which in March is also midnight in UTC.
        assert_eq!(submitted["answer_due_at"], "2027-03-16T00:00:00Z");
    }
    let idea = format!("/ideas/{}", submitted["number"].as_str().unwrap());
    ana.get(&idea).await.is(200);
    ben.get(&idea).await.refused(404, "not_found");
    ben.supports(&idea).await.refused(404, "not_found");
    let queue = moderator.get("/cases").await.is(200).json();
    let case = format!("/cases/{}/decision", queue["items"][0]["id"].as_str().unwrap());
    let publish = json!({ "decision": "publish" });
    moderator.post(&case, &publish).await.refused(428, "precondition_needed");
    moderator.change("POST", &case, &json!(1), &publish).await.is(201);
    moderator.change("POST", &case, &json!(1), &publish).await.refused(409, "already_decided");
    stage.mail("ana@people.example", "A crossing at Mill Lane").await;
    assert_eq!(ben.supports(&idea).await.is(201).json()["supports"], 1);
    ben.supports(&idea).await.is(200);

    // Ben's is removed, with its ground and reasons, and leaves a tombstone only if it was ever public.
    let second = ben.submits("Somebody's telephone number", &challenge).await;
    moderator.decides(&json!({ "decision": "remove" })).await.refused(422, "invalid");
    let statement = "The text tells a neighbour's telephone number.";
    let removal = json!({ "decision": "remove", "ground": "personal_data", "statement": statement });
    moderator.decides(&removal).await.is(201);
    stage.mail("ben@people.example", statement).await;
    let visitor = Actor { token: None, ..ben.clone() };
    visitor.get(&second).await.refused(404, "not_found");

    // The promise is kept: overdue first, for all to see, then answered.
    let officer = if stage.server.is_none() { overdue(stage, &officer, &visitor, &idea).await } else { officer };
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "It will be built in autumn." });
    officer.answers(&idea, &answer).await.is(201);
    stage.mail("ana@people.example", "It will be built in autumn.").await;
    stage.mail("ben@people.example", "It will be built in autumn.").await;
    let shown = visitor.get(&idea).await.json();
    assert_eq!((shown["status"].as_str(), shown["overdue"].as_bool()), (Some("accepted"), Some(false)));
    let commitment = json!({ "what": "Paint the crossing", "office": "Streets", "due_on": "2027-10-01" });
    officer.post(&format!("{idea}/commitments"), &commitment).await.is(201);

    // The challenge ends with its outcome.
    let outcome = json!({ "summary": "One crossing, by October.",
        "ideas": [{ "idea": submitted["id"], "what_became_of_it": "Being built." }] });
    officer.put(&format!("/challenges/{challenge}/outcome"), &outcome).await.refused(409, "wrong_state");
    officer.post(&format!("/challenges/{challenge}/close"), &json!({})).await.is(200);
    let published = officer.put(&format!("/challenges/{challenge}/outcome"), &outcome).await;
    assert!(matches!(published.status, 200 | 201), "{}", published.text());
    stage.mail("ana@people.example", "One crossing, by October.").await;
    assert_eq!(visitor.get(&format!("/challenges/{challenge}")).await.json()["state"], "concluded");
    the_public_record(stage, &visitor, &challenge).await;
}

/// Nobody answers for fifteen days: everybody sees it, and the officers are told.
async fn overdue(stage: &Stage, officer: &Actor, visitor: &Actor, idea: &str) -> Actor {
    stage.app.advance(days(15));
    stage.mail("otto@millford.example", "A crossing at Mill Lane").await;
    assert_eq!(visitor.get(idea).await.is(200).json()["overdue"], true);
    again(stage, officer, "otto@millford.example").await
}

async fn the_public_record(stage: &Stage, visitor: &Actor, challenge: &str) {
    let feed = visitor.get("/feedback.atom").await.is(200);
    assert!(feed.text().contains("It will be built in autumn.") && feed.text().contains("One crossing, by October."));
    let feed = visitor.get("/feedback").await.is(200).json();
    assert_eq!(feed["items"].as_array().unwrap().len(), 2);
    let changes = changes_with(stage, visitor, "outcome.published").await;
    let kinds: Vec<&str> =
        changes["items"].as_array().unwrap().iter().filter_map(|entry| entry["kind"].as_str()).collect();
    for kind in [
        "challenge.opened",
        "idea.published",
        "idea.supports_counted",
        "idea.answered",
        "commitment.made",
        "outcome.published",
    ] {
        assert!(kinds.contains(&kind), "{kind} is not in {kinds:?}");
    }
    // case C15, G1: who did it stands nowhere in public.
    for path in ["/changes?after=0".to_owned(), format!("/challenges/{challenge}/ideas"), "/feedback".into()] {
        let text = visitor.get(&path).await.text();
        assert!(!text.contains("@people.example") && !text.contains("telephone"), "{path}: {text}");
    }
}

/// The change feed, once it has got so far.
async fn changes_with(stage: &Stage, visitor: &Actor, kind: &str) -> Value {
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        if stage.server.is_none() {
            stage.app.run_jobs().await;
        }
        let changes = visitor.get("/changes?after=0&limit=500").await.is(200).json();
        if changes["items"].as_array().unwrap().iter().any(|entry| entry["kind"] == kind) {
            return changes;
        }
        assert!(std::time::Instant::now() < deadline, "{kind} was never numbered");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_council_is_made(stage: &Stage) -> Actor {
    let visitor = stage.app.visitor();
    let wrong = json!({ "email": "ops@folkmoot.example", "password": "not the password at all" });
    visitor.post("/v1/platform/sessions", &wrong).await.refused(401, "bad_credentials");
    let right = json!({ "email": "ops@folkmoot.example", "password": PASSWORD });
    let session: Value = visitor.post("/v1/platform/sessions", &right).await.is(201).json();
    let platform = Actor { token: session["access_token"].as_str().map(str::to_owned), ..visitor };
    let council = json!({ "slug": "millford", "name": "Millford Council", "time_zone": "Europe/London",
        "language": "en-GB", "idea_prefix": "MIL", "site_url": "https://ideas.example", "first_admin_email": "ada@millford.example" });
    platform.post("/v1/platform/councils", &council).await.is(201);
    platform.post("/v1/platform/councils", &council).await.refused(409, "already_exists");
    stage.accepts("ada@millford.example").await
}

async fn a_challenge_opens(stage: &Stage, admin: &Actor, officer: &Actor) -> String {
    let now: Instant = stage.app.app.db.clock().now();
    let challenge = officer.post("/challenges", &draft(now, "pre")).await.is(201).json();
    let id = challenge["id"].as_str().unwrap().to_owned();
    let open = format!("/challenges/{id}/open");
    let refused = officer.post(&open, &json!({})).await.refused(409, "not_ready").json();
    let missing: Vec<&str> =
        refused["missing"].as_array().unwrap().iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(missing, ["promise", "acceptance", "outcome_date", "grounds", "privacy_notice"]);
    let promised = format!("/challenges/{id}/promise");
    officer.put(&promised, &promise(now)).await.refused(428, "precondition_needed");
    officer.change("PUT", &promised, &json!(1), &promise(now)).await.is(200);
    admin.put("/privacy-notice", &json!({ "body": "We keep what we need, and nothing else." })).await.is(200);
    let ground =
        json!({ "code": "personal_data", "title": "Personal data", "body": "We take out what identifies others." });
    admin.post("/grounds", &ground).await.is(201);
    officer.post(&format!("/challenges/{id}/promise/acceptance-request"), &json!({})).await.is(202);
    let refused = officer.post(&open, &json!({})).await.refused(409, "not_ready").json();
    assert_eq!(refused["missing"][0]["code"], "acceptance");
    let token = stage.token_for("streets@aldermoor.example", "/accept-promise").await;
    let visitor = Actor { token: None, ..officer.clone() };
    visitor.post("/promises/accept", &json!({ "token": token })).await.is(204);
    visitor.get(&format!("/challenges/{id}")).await.refused(404, "not_found");
    officer.post(&open, &json!({})).await.is(200);
    visitor.get(&format!("/challenges/{id}")).await.is(200);
    id
}

/// Access tokens are good for minutes: after days, one signs in again.
async fn again(stage: &Stage, before: &Actor, email: &str) -> Actor {
    before.get("/me").await.refused(401, "token_expired");
    stage.signs_in(email).await
}
