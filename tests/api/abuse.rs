//! Those who come in great number, or as if they did.

use std::net::SocketAddr;
use std::time::Duration;

use actix_web::test::TestRequest;
use folkmoot::people::accounts::platform_admins::upsert_platform_admin;
use folkmoot::platform::config::Config;
use folkmoot::platform::http::limit::{Limited, MAILS_WHOM_ONE_NAMES, take};
use folkmoot::platform::http::openapi::operations;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::proof_of_work::solved;
use crate::support::{Actor, Answer, PASSWORD, TestApp};

fn behind_a_proxy(config: &mut Config) {
    config.limits = true;
    config.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
}

/// A try of a password, from a peer and with what it says of where it comes from.
async fn tries(app: &TestApp, peer: &str, forwarded: Option<&str>, email: &str, password: &str) -> Answer {
    let peer: SocketAddr = peer.parse().unwrap();
    let mut request = app.visitor().request("POST", "/sessions").peer_addr(peer);
    if let Some(forwarded) = forwarded {
        request = request.insert_header(("X-Forwarded-For", forwarded));
    }
    app.call(request.set_json(json!({ "email": email, "password": password }))).await
}

/// How many of a hundred tries at different addresses are let through.
async fn let_through(app: &TestApp, from: impl Fn(usize) -> (String, Option<String>)) -> usize {
    let mut through = 0;
    for n in 0..100 {
        let (peer, forwarded) = from(n);
        let email = format!("nobody{n}@people.example");
        let answer = tries(app, &peer, forwarded.as_deref(), &email, "not this one either").await;
        assert!(matches!(answer.status, 401 | 428), "{}", answer.text());
        through += usize::from(answer.status == 401);
    }
    through
}

// case C9
#[on_both_databases(behind_a_proxy)]
async fn a_network_is_counted_as_one_through_the_proxy_and_around_it(app: TestApp) {
    let through = |n: usize, client: &str| ("10.0.0.1:1".to_owned(), Some(format!("1.2.{n}.4, {client}")));
    assert_eq!(
        let_through(&app, |n| through(n, "203.0.113.7")).await,
        60,
        "what the client says of itself is not believed"
    );
    assert_eq!(let_through(&app, |n| through(n, "203.0.113.8")).await, 60, "another client has its own");
    let around = |n: usize| ("203.0.113.9:1".to_owned(), Some(format!("198.51.{n}.1")));
    assert_eq!(let_through(&app, around).await, 60, "nor what somebody says who is no proxy of ours");
    // Somebody who comes around the proxy is who came through it.
    assert_eq!(let_through(&app, |_| ("203.0.113.7:1".to_owned(), None)).await, 0);
    let rotating = |n: usize| (format!("[2001:db8:1:1:{n:x}::{n:x}]:1"), None);
    assert_eq!(let_through(&app, rotating).await, 60, "a /64 is one network");
    assert_eq!(let_through(&app, |n| through(n, "2001:db8:1:1:ffff::1")).await, 0, "through the proxy too");
    assert_eq!(let_through(&app, |n| (format!("[2001:db8:1:2::{n:x}]:1"), None)).await, 60);
    let mapped = |n: usize| (format!("[::ffff:203.0.113.7]:{}", n + 1), None);
    assert_eq!(let_through(&app, mapped).await, 0, "and an IPv4 address in the clothes of the other kind");
}

/// Asks again with a proof of work, where one is asked for.
async fn with_proof(app: &TestApp, from: &str, request: impl Fn() -> TestRequest) -> (Answer, bool) {
    let ask = || request().insert_header(("X-Forwarded-For", from)).peer_addr("10.0.0.1:1".parse().unwrap());
    let answer = app.call(ask()).await;
    if answer.status != 428 {
        return (answer, false);
    }
    let told = answer.refused(428, "proof_of_work_needed").json();
    let path = told["proof_of_work"].as_str().unwrap().to_owned();
    let work = app.visitor().request("GET", &path).insert_header(("X-Forwarded-For", from));
    let work = app.call(work.peer_addr("10.0.0.1:1".parse().unwrap())).await.is(200);
    (app.call(ask().insert_header(("Proof-Of-Work", solved(&work.json())))).await, true)
}

// case C9
#[on_both_databases(behind_a_proxy)]
async fn whoever_has_a_whole_48_causes_as_many_mails_as_one_network(app: TestApp) {
    let ask = async |peer: String, n: usize| {
        let peer: SocketAddr = peer.parse().unwrap();
        let wish = json!({ "email": format!("nobody{n}@people.example") });
        app.call(app.visitor().request("POST", "/sign-in-codes").peer_addr(peer).set_json(wish)).await.status
    };
    let mut sent = 0;
    for n in 0..70 {
        sent += usize::from(ask(format!("[2001:db8:9:{n:x}::1]:1"), n).await == 202);
    }
    assert_eq!(sent, 60);
    assert_eq!(ask("[2001:db8:a:1::1]:1".into(), 100).await, 202);
}

// cases B4, C9
#[on_both_databases(behind_a_proxy)]
async fn a_school_behind_one_address_signs_in_and_supports_within_an_hour_and_works_at_most(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    for n in 0..200 {
        app.resident(&format!("pupil{n}")).await;
    }
    // Nine in ten at the bell, all in one minute; the others trickle in.
    let mut worked = 0;
    for n in 0..200 {
        app.advance(Duration::from_millis(if n < 180 { 300 } else { 160_000 }));
        let body = json!({ "email": format!("pupil{n}@people.example"), "password": PASSWORD });
        let visitor = app.visitor();
        let (answer, asked) =
            with_proof(&app, "198.51.100.1", || visitor.request("POST", "/sessions").set_json(&body)).await;
        worked += usize::from(asked);
        let token = answer.is(201).json()["access_token"].as_str().unwrap().to_owned();
        Actor { token: Some(token), ..app.visitor() }.supports(&idea).await.is(201);
    }
    assert!((100..180).contains(&worked), "{worked} had to work");
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["supports"], 200);

    // One password at each of them, from one network, as fast as it goes.
    let mut tried = 0;
    for n in 0..200 {
        let email = format!("pupil{n}@people.example");
        let answer = tries(&app, "10.0.0.1:1", Some("203.0.113.66"), &email, "four words of somebody else").await;
        tried += usize::from(answer.status == 401);
    }
    assert_eq!(tried, 60);
    // The school is not the one that pays.
    app.advance(Duration::from_secs(600));
    tries(&app, "10.0.0.1:1", Some("198.51.100.1"), "pupil1@people.example", PASSWORD).await.is(201);
}

// case C9
#[on_both_databases(behind_a_proxy)]
async fn a_class_registers_and_whoever_rotates_through_a_64_works_as_if_they_did_not(app: TestApp) {
    let register = |n: usize| {
        let body =
            json!({ "email": format!("pupil{n}@people.example"), "password": PASSWORD, "display_name": "Pupil" });
        app.visitor().request("POST", "/accounts").set_json(body)
    };
    let mut worked = 0;
    for n in 0..60 {
        let (answer, asked) = with_proof(&app, &format!("2001:db8:7:7:{n:x}::1"), || register(n)).await;
        answer.is(202);
        worked += usize::from(asked);
    }
    assert_eq!(worked, 40);
    // However much one works, there is an end.
    let network = app.app.config.secrets.mac("network", &[b"198.51.100.9"]);
    let worked = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
        for _ in 0..299 {
            take(tx, Limited::Register, &network)?;
        }
        Ok(())
    };
    app.app.db.write(worked).await.unwrap();
    let (answer, asked) = with_proof(&app, "198.51.100.9", || register(100)).await;
    answer.is(202);
    assert!(asked);
    let last = with_proof(&app, "198.51.100.9", || register(101)).await.0;
    assert!(last.refused(429, "too_many_requests").header("retry-after").is_some());
}

// case B4
#[on_both_databases(behind_a_proxy)]
async fn nobody_locks_the_owner_out_of_a_device_that_they_have_signed_in_on(app: TestApp) {
    app.resident("ana").await;
    let known = tries(&app, "203.0.113.5:1", None, "ana@people.example", PASSWORD).await.is(201).json();
    // As many as there may be have tried, from wherever, and have worked for it.
    let address = app.app.config.secrets.mac("address", &[app.council.id.bytes(), b"ana@people.example"]);
    let flood = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
        for _ in 0..100 {
            take(tx, Limited::SignInAsAll, &address)?;
        }
        Ok(())
    };
    app.app.db.write(flood).await.unwrap();
    tries(&app, "203.0.113.5:1", None, "ana@people.example", PASSWORD).await.refused(429, "too_many_requests");
    let peer: SocketAddr = "203.0.113.6:1".parse().unwrap();
    for (token, status) in [(json!("made.up"), 429), (known["device_token"].clone(), 201)] {
        let wish = json!({ "email": "ana@people.example", "password": PASSWORD, "device_token": token });
        app.call(app.visitor().request("POST", "/sessions").peer_addr(peer).set_json(wish)).await.is(status);
    }
}

// case B4
#[on_both_databases(behind_a_proxy)]
async fn nobody_locks_whoever_operates_the_platform_out(app: TestApp) {
    let hash = app.app.hasher.place().unwrap().hash(PASSWORD.into()).await.unwrap();
    let made = app.app.db.write(move |tx| upsert_platform_admin(tx, "platform@folkmoot.example", &hash));
    made.await.unwrap();
    // Eleven networks, ten times each.
    for n in 0..110 {
        let peer: SocketAddr = format!("198.51.100.{}:1", n / 10 + 1).parse().unwrap();
        let wish = json!({ "email": "platform@folkmoot.example", "password": "not this one either" });
        let request = app.visitor().request("POST", "/v1/platform/sessions").peer_addr(peer);
        app.call(request.set_json(wish)).await.refused(401, "bad_credentials");
    }
    let peer: SocketAddr = "203.0.113.5:1".parse().unwrap();
    let wish = json!({ "email": "platform@folkmoot.example", "password": PASSWORD });
    app.call(app.visitor().request("POST", "/v1/platform/sessions").peer_addr(peer).set_json(wish)).await.is(201);
    // One network has few tries all the same.
    let peer: SocketAddr = "198.51.100.1:1".parse().unwrap();
    let wish = json!({ "email": "platform@folkmoot.example", "password": PASSWORD });
    app.call(app.visitor().request("POST", "/v1/platform/sessions").peer_addr(peer).set_json(wish)).await.is(429);
}

// case J4
#[on_both_databases(behind_a_proxy)]
async fn in_a_flood_whoever_has_to_wait_hears_so_at_once_and_is_not_charged_for_a_try(app: TestApp) {
    app.resident("ana").await;
    let crowd: Vec<_> = std::iter::from_fn(|| app.app.hasher.place().ok()).collect();
    assert!(crowd.len() < 100, "{} may wait", crowd.len());
    for _ in 0..30 {
        let refused = tries(&app, "203.0.113.5:1", None, "ana@people.example", PASSWORD).await;
        assert!(refused.refused(503, "busy").header("retry-after").is_some());
    }
    drop(crowd);
    tries(&app, "203.0.113.5:1", None, "ana@people.example", PASSWORD).await.is(201);
}

// case E11
#[test]
fn whatever_mails_an_address_that_one_names_is_limited_by_network_or_account_by_address_and_by_council() {
    let mut document = folkmoot::router::document();
    let mut found = Vec::new();
    for item in document.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            let name = operation.operation_id.clone().unwrap();
            let limits = Limited::of(&name, method);
            let has = |one| limits.contains(&one);
            let one = has(Limited::MailTo) || has(Limited::MailToAll) || has(Limited::MailOf) || has(Limited::MailFrom);
            if one || MAILS_WHOM_ONE_NAMES.contains(&name.as_str()) {
                let all = has(Limited::MailTo) && has(Limited::MailToAll) && has(Limited::MailOf);
                let by = has(Limited::MailFrom) || has(Limited::Register) || has(Limited::Write);
                assert!(all && by, "{name}: {limits:?}");
                found.push(name);
            }
        }
    }
    found.sort();
    let mut named = MAILS_WHOM_ONE_NAMES.to_vec();
    named.sort_unstable();
    assert_eq!(found, named);
}

/// The operations that a stranger mails somebody by, each sent from a network.
async fn mails(app: &TestApp, who: &Actor, operation: &str, email: &str, network: usize) -> u16 {
    let peer: SocketAddr = format!("198.51.{}.{}:1", network / 250, network % 250 + 1).parse().unwrap();
    let (path, body) = match operation {
        "register" => ("/accounts", json!({ "email": email, "password": PASSWORD, "display_name": "Eve" })),
        "mail_sign_in_code" => ("/sign-in-codes", json!({ "email": email })),
        "mail_password_reset" => ("/password-resets", json!({ "email": email })),
        "ask_to_take_part" => {
            // Where there is no challenge, one that is not there.
            let known = who.get("/challenges").await.is(200).json();
            let id = known
                .pointer("/items/0/id")
                .and_then(Value::as_str)
                .unwrap_or("0192f3a4-0000-7000-8000-000000000000")
                .to_owned();
            (&*format!("/challenges/{id}/participations").leak(), json!({ "email": email }))
        }
        "change_address" => ("/me/address", json!({ "email": email, "proof": { "password": PASSWORD } })),
        other => panic!("{other} mails somebody: say how it is sent"),
    };
    let method = if operation == "change_address" { "PUT" } else { "POST" };
    let ask = || who.request(method, path).peer_addr(peer).set_json(&body);
    let answer = app.call(ask()).await;
    if answer.status != 428 {
        return answer.status;
    }
    let work = app.visitor().get("/proof-of-work").await.is(200);
    app.call(ask().insert_header(("Proof-Of-Work", solved(&work.json())))).await.status
}

// case E11
#[on_both_databases(behind_a_proxy)]
async fn nobody_gets_more_mails_than_twenty_however_many_networks_ask_for_them(app: TestApp) {
    app.open_challenge("pre").await;
    for operation in MAILS_WHOM_ONE_NAMES {
        app.advance(Duration::from_secs(86_400));
        let email = format!("victim-{}@people.example", operation.replace('_', "-"));
        let mut sent = 0;
        for n in 0..40 {
            let who = match operation {
                "change_address" => app.resident(&format!("eve{n}")).await,
                _ => app.visitor(),
            };
            let status = mails(&app, &who, operation, &email, n).await;
            assert!(matches!(status, 202 | 429), "{operation}: {status}");
            sent += usize::from(status == 202);
        }
        assert_eq!(sent, 20, "{operation}");
        // From one network it is five.
        let email = format!("other-{}@people.example", operation.replace('_', "-"));
        let mut sent = 0;
        for n in 0..10 {
            let who = match operation {
                "change_address" => app.resident(&format!("mal{n}")).await,
                _ => app.visitor(),
            };
            sent += usize::from(mails(&app, &who, operation, &email, 7_000).await == 202);
        }
        assert_eq!(sent, 5, "{operation}");
    }
}

// case E11
#[on_both_databases(behind_a_proxy)]
async fn the_flood_of_one_council_stops_the_mail_of_no_other(app: TestApp) {
    let (council, other) = (app.council.id.to_string(), app.other_council().await);
    let flood = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
        for _ in 0..1_000 {
            take(tx, Limited::MailOf, &council)?;
        }
        Ok(())
    };
    app.app.db.write(flood).await.unwrap();
    let elsewhere = Actor { base: format!("/v1/councils/{}", other.slug), ..app.visitor() };
    app.open_challenge("pre").await;
    for operation in MAILS_WHOM_ONE_NAMES.into_iter().filter(|one| *one != "change_address") {
        assert_eq!(mails(&app, &app.visitor(), operation, "ana@people.example", 1).await, 429, "{operation}");
        // The other council has no challenge to take part in.
        let status = if operation == "ask_to_take_part" { 404 } else { 202 };
        assert_eq!(mails(&app, &elsewhere, operation, "ana@people.example", 1).await, status, "{operation}");
    }
}
