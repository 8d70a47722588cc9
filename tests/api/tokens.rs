//! Links, sessions and tokens: one is good for one thing, in one council, once.

use std::time::Duration;

use folkmoot::people::accounts::tokens::{issue_token, redeem_token};
use folkmoot::platform::clock::Clock;
use folkmoot::platform::db::Id;
use folkmoot::platform::error::Error;
use folkmoot::vocabulary::TokenKind;
use futures_util::future::join_all;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::server::Server;
use crate::support::stored::dump;
use crate::support::{Actor, PASSWORD, Store, TestApp, server};

/// Where a token of a kind is redeemed, and with what beside it. A new kind does not compile until it is told here.
fn door(kind: TokenKind, token: &str) -> (&'static str, Value) {
    match kind {
        TokenKind::ConfirmEmail => ("/accounts/confirm", json!({ "token": token, "password": PASSWORD })),
        TokenKind::Invitation => {
            ("/invitation-acceptances", json!({ "token": token, "password": PASSWORD, "display_name": "Mo" }))
        }
        TokenKind::AcceptPromise => ("/promises/accept", json!({ "token": token })),
        TokenKind::SignIn => ("/sessions/link", json!({ "token": token })),
        TokenKind::ResetPassword => ("/password-resets/redeem", json!({ "token": token, "password": PASSWORD })),
        TokenKind::ChangeEmail => ("/addresses/confirm", json!({ "token": token })),
        TokenKind::Participate => ("/participations/redeem", json!({ "token": token })),
        TokenKind::UndoEmail => ("/addresses/undo", json!({ "token": token })),
        TokenKind::SignOn => {
            ("/sso/0192f3a4-0000-7000-8000-000000000000/finish", json!({ "flow": "kept", "state": token, "code": "x" }))
        }
        TokenKind::Appeal => ("/appeals", json!({ "token": token, "text": "It was not what they say." })),
        TokenKind::Review => ("/reviews", json!({ "token": token })),
        TokenKind::Reply => ("/replies", json!({ "token": token, "reply": "yes" })),
        TokenKind::Merge => ("/merge-choices", json!({ "token": token, "choice": "carry" })),
        TokenKind::Contest => ("/vote-contests", json!({ "token": token, "text": "We are a class of thirty." })),
        TokenKind::FirstSignOn => ("/sso/accounts", json!({ "ticket": token, "display_name": "Ana" })),
    }
}

async fn issued(app: &TestApp, kind: TokenKind, subject: Id, data: Value) -> String {
    let council = app.council.id;
    app.app.db.write(move |tx| issue_token(tx, council, kind, subject, data.clone(), 1)).await.unwrap()
}

async fn redeems(app: &TestApp, council: Id, kind: TokenKind, token: &str) -> Result<Id, Error> {
    let token = token.to_owned();
    app.app.db.write(move |tx| redeem_token(tx, council, kind, &token)).await.map(|(subject, _)| subject)
}

// cases A2, B6
#[on_both_databases]
async fn a_link_of_any_kind_is_good_in_its_council_for_its_purpose_once_and_in_time(app: TestApp) {
    let other = app.other_council().await;
    let there = Actor { base: format!("/v1/councils/{}", other.slug), ..app.visitor() };
    for kind in TokenKind::ALL.iter().copied() {
        // Some kinds are about an account, and go with it.
        let ana = app.resident(kind.as_str()).await;
        let subject: Id = ana.get("/me").await.json()["id"].as_str().unwrap().parse().unwrap();
        let token = issued(&app, kind, subject, json!({})).await;
        let (path, body) = door(kind, &token);
        let elsewhere = there.post(path, &body).await.refused(422, "link_invalid").json();
        let unknown = there.post(path, &door(kind, "never-ours").1).await.refused(422, "link_invalid").json();
        assert_eq!(elsewhere["detail"], unknown["detail"], "{kind}");
        for another in TokenKind::ALL.iter().copied().filter(|another| *another != kind) {
            let (path, body) = door(another, &token);
            let answer = app.visitor().post(path, &body).await;
            assert_eq!((answer.status, &answer.json()["code"]), (422, &json!("link_invalid")), "{kind} as {another}");
        }
        let tries = join_all((0..32).map(|_| redeems(&app, app.council.id, kind, &token))).await;
        let won: Vec<Id> = tries.into_iter().flatten().collect();
        assert_eq!(won, [subject], "{kind}: still good at home, and once");
        let first = issued(&app, kind, subject, json!({})).await;
        let second = issued(&app, kind, subject, json!({})).await;
        assert!(redeems(&app, app.council.id, kind, &first).await.is_err(), "{kind}: a newer one voids it");
        app.advance(Duration::from_secs(3_600));
        assert!(redeems(&app, app.council.id, kind, &second).await.is_err(), "{kind}: it has run out");
    }
}

// case B16
#[on_both_databases]
async fn fifty_refreshes_at_once_on_two_nodes_give_one_successor_and_sign_nobody_out(app: TestApp) {
    app.resident("ana").await;
    let wish = json!({ "email": "ana@people.example", "password": PASSWORD });
    let session = app.visitor().post("/sessions", &wish).await.is(201).json();
    let nodes = [app.clone(), app.other_node().await];
    let old = json!({ "refresh_token": session["refresh_token"] });
    let visitors: Vec<Actor> = nodes.iter().map(TestApp::visitor).collect();
    let refreshed = join_all((0..50).map(|n| visitors[n % 2].post("/sessions/refresh", &old))).await;
    let mut next: Vec<String> =
        refreshed.into_iter().map(|one| one.is(200).json()["refresh_token"].to_string()).collect();
    next.dedup();
    assert_eq!(next.len(), 1);
    let ana = Actor { token: session["access_token"].as_str().map(str::to_owned), ..app.visitor() };
    ana.get("/me").await.is(200);
    let next = json!({ "refresh_token": serde_json::from_str::<Value>(&next[0]).unwrap() });
    app.visitor().post("/sessions/refresh", &next).await.is(200);
    // case B15: later, the old one is a thief's, or the owner's after a thief.
    app.advance(Duration::from_secs(21));
    app.visitor().post("/sessions/refresh", &old).await.refused(401, "bad_token");
    ana.get("/me").await.refused(401, "bad_token");
}

// case B16, as an operator runs it
#[actix_web::test]
async fn fifty_refreshes_at_once_on_two_processes_give_one_successor_and_sign_nobody_out() {
    let Some(app) = TestApp::start_at(Store::Postgres, |_| {}, Clock::system()).await else { return };
    let ana = app.resident("ana").await;
    let me: Id = ana.get("/me").await.json()["id"].as_str().unwrap().parse().unwrap();
    let wish = json!({ "email": "ana@people.example", "password": PASSWORD });
    let servers = [Server::start(&app), Server::start(&app)];
    let visitors = servers.each_ref().map(|server| app.through(server::over_http(&server.address)).visitor());
    let session = visitors[0].post("/sessions", &wish).await.is(201).json();
    let rows = async || {
        let council = app.council.id;
        let read = app.app.db.read(move |tx| {
            use diesel::prelude::*;
            use folkmoot::platform::db::schema::sessions;
            let of_ana = sessions::table.filter(sessions::council_id.eq(council)).filter(sessions::account_id.eq(me));
            let rows = of_ana.select((sessions::id, sessions::generation, sessions::ended_at.is_null()));
            Ok(rows.load::<(Id, i32, bool)>(&mut **tx)?)
        });
        let mut rows = read.await.unwrap();
        rows.sort_by_key(|(_, generation, _)| *generation);
        rows.into_iter().map(|(_, generation, open)| (generation, open)).collect::<Vec<_>>()
    };
    // Her first session, of the operator, and the one that is refreshed.
    assert_eq!(rows().await, [(0, true), (0, true)]);
    let old = json!({ "refresh_token": session["refresh_token"] });
    let refreshed = join_all((0..50).map(|n| visitors[n % 2].post("/sessions/refresh", &old))).await;
    let mut next: Vec<String> =
        refreshed.into_iter().map(|one| one.is(200).json()["refresh_token"].as_str().unwrap().to_owned()).collect();
    next.dedup();
    assert_eq!(next.len(), 1, "all three tabs have the same");
    assert_eq!(rows().await, [(0, true), (1, true)], "one successor, and nobody was signed out");
    for visitor in &visitors {
        let tab = Actor { token: session["access_token"].as_str().map(str::to_owned), ..visitor.clone() };
        tab.get("/me").await.is(200);
    }
    visitors[1].post("/sessions/refresh", &json!({ "refresh_token": next[0] })).await.is(200);
    assert_eq!(rows().await, [(0, true), (2, true)]);
}

// cases B7, B18
#[on_both_databases]
async fn no_token_password_or_code_that_is_alive_stands_in_the_database_or_the_log(app: TestApp) {
    app.follow_the_real_time();
    let log = app.app.config.data_dir.join("server.log");
    let server = Server::start_logging(&app, &log);
    let app = app.through(server::over_http(&server.address));
    let ana = app.resident("ana").await;
    let visitor = app.visitor();
    let wish = json!({ "email": "ana@people.example", "password": PASSWORD, "device": "Phone" });
    let first = visitor.post("/sessions", &wish).await.is(201).json();
    let session = visitor.post("/sessions/refresh", &json!({ "refresh_token": first["refresh_token"] })).await.is(200);
    let session = session.json();
    let seed = ana.post("/me/totp", &json!({ "proof": { "password": PASSWORD } })).await.is(201).json();
    for path in ["/sign-in-codes", "/password-resets"] {
        visitor.post(path, &json!({ "email": "ana@people.example" })).await.is(202);
    }
    // Tokens where they do not belong are refused, and not told to anybody either.
    let astray = format!("/me?access_token={}", session["access_token"].as_str().unwrap());
    visitor.get(&astray).await.refused(401, "unauthenticated");
    // The server does its jobs by itself; whoever is first sends them.
    while !(app.has_mail("your code to sign in is") && app.has_mail("/reset-password#token=")) {
        app.run_jobs().await;
    }
    let mut secrets: Vec<String> = vec![PASSWORD.into(), app.code_in_mail("ana@people.example")];
    secrets.extend(
        [
            app.last_mail("ana@people.example", "/sign-in#token="),
            app.last_mail("ana@people.example", "/reset-password#token="),
        ]
        .map(|text| text.split_once("#token=").unwrap().1.split_whitespace().next().unwrap().to_owned()),
    );
    for (from, name) in [
        (&first, "refresh_token"),
        (&first, "device_token"),
        (&session, "access_token"),
        (&session, "refresh_token"),
        (&seed, "secret"),
    ] {
        secrets.push(from[name].as_str().unwrap().to_owned());
    }
    let places = [("database", dump(&app).await), ("log", std::fs::read(&log).unwrap())];
    assert!(String::from_utf8_lossy(&places[1].1).contains("answered"), "the log is written");
    for (place, bytes) in &places {
        let text = String::from_utf8_lossy(bytes);
        for secret in &secrets {
            // Six digits are found by chance in a file of numbers; as a word they are not.
            let found = if secret.len() == 6 { text.contains(&format!("\"{secret}\"")) } else { text.contains(secret) };
            assert!(!found, "{secret} stands in the {place}");
        }
        assert!(*place == "database" || !text.contains("people.example"), "an address stands in the {place}");
    }
}
