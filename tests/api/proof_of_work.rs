//! Work that is asked for where very much comes: who does it goes on, once, and who cannot has another way.

use std::time::Duration;

use altcha::{Challenge, Payload, SolveChallengeOptions, solve_challenge};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use folkmoot::platform::config::{Config, Work};
use folkmoot::platform::http::limit::{Limited, take};
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, PASSWORD, TestApp};

fn with_limits(config: &mut Config) {
    config.limits = true;
}

/// What the widget sends.
pub fn solved(work: &Value) -> String {
    let challenge: Challenge = serde_json::from_value(work.clone()).unwrap();
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge)).unwrap().unwrap();
    STANDARD.encode(serde_json::to_vec(&Payload { challenge, solution }).unwrap())
}

async fn proof(actor: &Actor) -> String {
    solved(&actor.get("/proof-of-work").await.is(200).json())
}

async fn sends(actor: &Actor, path: &str, body: &Value, proof: Option<&str>) -> Answer {
    let request = actor.request("POST", path).set_json(body);
    actor
        .app
        .call(match proof {
            Some(proof) => request.insert_header(("Proof-Of-Work", proof)),
            None => request,
        })
        .await
}

async fn always(app: &TestApp) -> Actor {
    let admin = app.member("admin", Role::Admin).await;
    admin.change("PATCH", "", &json!(1), &json!({ "proof_of_work": "always" })).await.is(200);
    admin
}

/// Somebody else has used up so many of a budget.
async fn is_used(app: &TestApp, limited: Limited, key: String, times: u32) {
    let used = app.app.db.write(move |tx| {
        for _ in 0..times {
            take(tx, limited, &key)?;
        }
        Ok(())
    });
    used.await.unwrap();
}

// case B4
#[on_both_databases(with_limits)]
async fn work_is_asked_for_after_sixty_passwords_and_done_it_lets_on_once(app: TestApp) {
    app.resident("ana").await;
    let (visitor, ana) = (app.visitor(), json!({ "email": "ana@people.example", "password": PASSWORD }));
    for n in 0..60 {
        let body = json!({ "email": format!("nobody{n}@people.example"), "password": "not this one either" });
        sends(&visitor, "/sessions", &body, None).await.refused(401, "bad_credentials");
    }
    let asked = sends(&visitor, "/sessions", &ana, None).await.refused(428, "proof_of_work_needed");
    let told = asked.json();
    assert_eq!(told["proof_of_work"], "/v1/councils/aldermoor/proof-of-work");
    assert_eq!(told["instead"], "/v1/councils/aldermoor/sign-in-codes");
    assert!(told["detail"].as_str().unwrap().contains("mailed"), "{told}");
    let wait: u64 = asked.header("retry-after").unwrap().parse().unwrap();
    assert!((5..=6).contains(&wait), "{wait}");

    let good = proof(&visitor).await;
    sends(&visitor, "/sessions", &ana, Some(&good)).await.is(201);
    // Once, and on another node neither.
    let again = sends(&visitor, "/sessions", &ana, Some(&good)).await.refused(428, "proof_of_work_needed");
    assert!(again.json()["detail"].as_str().unwrap().contains("was used"));
    let elsewhere = app.other_node().await.visitor();
    sends(&elsewhere, "/sessions", &ana, Some(&good)).await.refused(428, "proof_of_work_needed");
    // What one node gave to do another takes.
    let other = proof(&visitor).await;
    sends(&elsewhere, "/sessions", &ana, Some(&other)).await.is(201);
    sends(&visitor, "/sessions", &ana, Some("")).await.refused(422, "invalid");
    for wrong in ["x", &proof(&visitor).await.replacen('e', "f", 1)] {
        sends(&visitor, "/sessions", &ana, Some(wrong)).await.refused(428, "proof_of_work_needed");
    }
    let late = proof(&visitor).await;
    let asked = sends(&visitor, "/sessions", &ana, None).await.refused(428, "proof_of_work_needed");
    let wait: u64 = asked.header("retry-after").unwrap().parse().unwrap();
    assert!((15..=16).contains(&wait), "{wait}");
    app.advance(Duration::from_secs(wait));
    // Who waits needs none, and a proof that nobody asked for is not spent.
    sends(&visitor, "/sessions", &ana, Some(&late)).await.is(201);
    sends(&visitor, "/sessions", &ana, Some(&late)).await.is(201);
    sends(&visitor, "/sessions", &ana, Some(&late)).await.refused(428, "proof_of_work_needed");
}

#[on_both_databases]
async fn a_proof_runs_out_and_is_none_in_another_council(app: TestApp) {
    let other = app.other_council().await;
    always(&app).await;
    app.resident("ana").await;
    let (here, ana) = (app.visitor(), json!({ "email": "ana@people.example", "password": PASSWORD }));
    let there = Actor { base: format!("/v1/councils/{}", other.slug), ..app.visitor() };
    let foreign = proof(&there).await;
    sends(&here, "/sessions", &ana, Some(&foreign)).await.refused(428, "proof_of_work_needed");
    let (early, late) = (proof(&here).await, proof(&here).await);
    app.advance(Duration::from_secs(599));
    sends(&here, "/sessions", &ana, Some(&early)).await.is(201);
    app.advance(Duration::from_secs(1));
    sends(&here, "/sessions", &ana, Some(&late)).await.refused(428, "proof_of_work_needed");
    // What was spent is forgotten once it has run out, and is refused for that.
    app.advance(Duration::from_secs(1));
    app.app.sweep().await.unwrap();
    sends(&here, "/sessions", &ana, Some(&early)).await.refused(428, "proof_of_work_needed");
}

#[on_both_databases]
async fn one_proof_in_many_hands_at_once_is_good_for_one(app: TestApp) {
    always(&app).await;
    app.resident("ana").await;
    let (visitor, ana) = (app.visitor(), json!({ "email": "ana@people.example", "password": PASSWORD }));
    let good = proof(&visitor).await;
    let all = (0..16).map(|_| sends(&visitor, "/sessions", &ana, Some(&good)));
    let answers = futures_util::future::join_all(all).await;
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 428).count(), 15, "{statuses:?}");
}

// case E11
#[on_both_databases]
async fn a_council_that_always_asks_leaves_the_ways_by_mail_to_who_cannot_work(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    always(&app).await;
    app.resident("ana").await;
    let visitor = app.visitor();
    let register = json!({ "email": "ben@people.example", "password": PASSWORD, "display_name": "Ben" });
    let ana = json!({ "email": "ana@people.example" });
    let signing_in = json!({ "email": "ana@people.example", "password": PASSWORD });
    for (path, body, status) in
        [("/accounts", &register, 202), ("/sessions", &signing_in, 201), ("/password-resets", &ana, 202)]
    {
        let asked = sends(&visitor, path, body, None).await.refused(428, "proof_of_work_needed");
        assert_eq!(asked.header("retry-after"), None, "waiting would not help");
        let good = proof(&visitor).await;
        sends(&visitor, path, body, Some(&good)).await.is(status);
    }
    app.run_jobs().await;
    // Who has an account signs in by mail.
    sends(&visitor, "/sign-in-codes", &ana, None).await.is(202);
    app.run_jobs().await;
    let code = app.code_in_mail("ana@people.example");
    let by_mail = json!({ "email": "ana@people.example", "mailed_code": code });
    sends(&visitor, "/sessions/code", &by_mail, None).await.is(201);
    // Who has none takes part by a link, and makes it an account.
    let cleo = json!({ "email": "cleo@people.example" });
    sends(&visitor, &format!("/challenges/{challenge}/participations"), &cleo, None).await.is(202);
    app.run_jobs().await;
    let token = json!({ "token": app.token_in_mail("cleo@people.example") });
    let session = sends(&visitor, "/participations/redeem", &token, None).await.is(201).json();
    let cleo = Actor { token: session["access_token"].as_str().map(str::to_owned), ..app.visitor() };
    cleo.post("/me/upgrade", &json!({ "password": PASSWORD, "display_name": "Cleo" })).await.is(200);
}

// case B1
#[on_both_databases(with_limits)]
async fn work_is_asked_for_at_the_same_try_whether_or_not_there_is_an_account(app: TestApp) {
    app.resident("ana").await;
    let mut onsets = Vec::new();
    for who in ["ana", "nobody"] {
        let mut onset = 0;
        for n in 0..200_u8 {
            let peer = format!("198.51.100.{n}:1").parse().unwrap();
            let body = json!({ "email": format!("{who}@people.example"), "password": "not this one either" });
            let request = app.visitor().request("POST", "/sessions").peer_addr(peer).set_json(body);
            let answer = app.call(request).await;
            if answer.status == 428 {
                assert_eq!(answer.header("retry-after"), Some("901"));
                break;
            }
            answer.refused(401, "bad_credentials");
            onset += 1;
        }
        onsets.push(onset);
    }
    assert_eq!(onsets, [50, 50], "half of the tries at one address are free");
}

#[on_both_databases(with_limits)]
async fn the_more_comes_the_more_there_is_to_do_and_no_more_than_the_most(app: TestApp) {
    let app = app.with(|config| config.work = Work { rounds: 1, least: 2_000, most: 32_000 }).await;
    let council = app.council.id.to_string();
    // The counter tells the work: of so many, half are beyond a half.
    let mut most = Vec::new();
    for step in [0, 500, 125, 125, 125, 124] {
        is_used(&app, Limited::MailOf, council.clone(), step).await;
        let mut counters = Vec::new();
        for _ in 0..12 {
            let work: Challenge =
                serde_json::from_value(app.visitor().get("/proof-of-work").await.is(200).json()).unwrap();
            counters.push(solve_challenge(SolveChallengeOptions::new(&work)).unwrap().unwrap().counter);
        }
        most.push(counters.into_iter().max().unwrap());
    }
    assert!(most[0] < 2_000 && most[1] < 2_000, "{most:?}");
    assert!(most.iter().all(|counter| *counter < 32_000), "{most:?}");
    assert!(most[5] > 4_000, "{most:?}");
}

#[on_both_databases]
async fn what_is_to_be_done_is_kept_by_no_cache_and_tells_nothing(app: TestApp) {
    let (one, other) = (app.visitor().get("/proof-of-work").await.is(200), app.visitor().get("/proof-of-work").await);
    assert!(one.header("cache-control").unwrap().contains("no-store"));
    let (one, other) = (one.json(), other.json());
    assert_ne!(one["parameters"]["nonce"], other["parameters"]["nonce"]);
    assert_eq!(one["parameters"]["algorithm"], "PBKDF2/SHA-256");
    assert_eq!(one["parameters"].get("counter"), None);
}
