//! Public answers that are kept in memory: as new as the last change, for nobody but everybody.

use std::time::Duration;

use futures_util::future::join_all;
use on_both_databases::on_both_databases;
use serde_json::json;

use crate::support::{Actor, Answer, Store, TestApp, days, postgres};

fn readings(app: &TestApp) -> u64 {
    let text = app.app.metrics.text();
    let line = text.lines().find(|line| line.starts_with("folkmoot_public_answers_total{from=\"database\"}"));
    line.map_or(0, |line| line.rsplit_once(' ').unwrap().1.parse().unwrap())
}

async fn asks(who: &Actor, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request = headers.iter().fold(who.request("GET", path), |request, header| request.insert_header(*header));
    who.app.call(request).await
}

#[on_both_databases]
async fn a_page_is_read_once_for_all_who_ask_and_again_after_each_change(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, visitor) = (app.resident("ana").await, app.resident("ben").await, app.visitor());
    let list = format!("/challenges/{challenge}/ideas");
    ana.submits("A crossing at Mill Lane", &challenge).await;
    let before = readings(&app);
    for answer in join_all((0..64).map(|_| visitor.get(&list))).await {
        assert_eq!(answer.is(200).json()["items"].as_array().unwrap().len(), 1);
    }
    assert_eq!(readings(&app), before + 1);
    let idea = ben.submits("A bench", &challenge).await;
    assert_eq!(visitor.get(&list).await.json()["items"].as_array().unwrap().len(), 2);
    ana.supports(&idea).await.is(201);
    let supports =
        visitor.get(&list).await.json()["items"].as_array().unwrap().iter().map(|idea| idea["supports"].as_i64()).max();
    assert_eq!(supports, Some(Some(1)));
    assert_eq!(readings(&app), before + 3);
    // Another query is another page.
    assert_eq!(visitor.get(&format!("{list}?limit=1")).await.json()["items"].as_array().unwrap().len(), 1);
}

#[on_both_databases]
async fn whoever_changes_something_while_others_look_finds_it_changed(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let visitor = app.visitor();
    let idea = app.resident("ana").await.submits("A crossing at Mill Lane", &challenge).await;
    let mut people = Vec::new();
    for n in 0..24 {
        people.push(app.resident(&format!("resident{n}")).await);
    }
    let supporting = people.iter().map(async |person| {
        person.supports(&idea).await.is(201);
        visitor.get(&idea).await.is(200).json()["supports"].as_i64().unwrap()
    });
    let mut seen = join_all(supporting).await;
    seen.sort_unstable();
    // Whoever supported n-th sees at least n.
    assert!(seen.iter().zip(1..).all(|(seen, n)| *seen >= n), "{seen:?}");
    assert_eq!(visitor.get(&idea).await.json()["supports"], 24);
}

// case I6
#[on_both_databases]
async fn what_another_node_changes_is_seen_within_a_second(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A crossing at Mill Lane", &challenge).await;
    app.run_jobs().await;
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["state"], "published");

    let elsewhere = app.other_node().await;
    let moderator = elsewhere.member("mo", folkmoot::vocabulary::Role::Moderator).await;
    let hide = json!({ "decision": "hide", "ground": "personal_data", "statement": "It names a neighbour." });
    moderator.decides(&hide).await.is(201);
    assert_eq!(elsewhere.visitor().get(&idea).await.json()["state"], "hidden");

    app.advance(Duration::from_secs(1));
    assert_eq!(app.visitor().get(&idea).await.json()["state"], "hidden");
}

// case G2
#[on_both_databases]
async fn nothing_that_depends_on_the_caller_is_given_to_another(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let (ana, visitor) = (app.resident("ana").await, app.visitor());
    let held = ana.submits("A crossing at Mill Lane", &challenge).await;
    let list = format!("/challenges/{challenge}/ideas");
    // The author sees it, before and after a visitor asked; the visitor never.
    for _ in 0..2 {
        assert_eq!(ana.get(&list).await.json()["items"].as_array().unwrap().len(), 1);
        assert_eq!(visitor.get(&list).await.json()["items"].as_array().unwrap().len(), 0);
        ana.get(&held).await.is(200);
        visitor.get(&held).await.is(404);
    }
    assert_eq!(ana.get(&list).await.header("cache-control"), Some("private, no-store"));
    // A token that is none is refused, though the page is at hand.
    let forged = Actor { token: Some("forged".into()), ..visitor.clone() };
    forged.get(&list).await.refused(401, "bad_token");
    // What one caller sends along shapes no other's answer.
    let plain = visitor.get(&list).await;
    for poison in [
        ("X-Forwarded-Host", "evil.example"),
        ("Host", "evil.example"),
        ("X-Original-URL", "/v1/councils/otherham"),
        ("Accept", "text/html"),
        ("Accept-Language", "cy"),
        ("Origin", "https://evil.example"),
        ("Range", "bytes=0-3"),
        ("X-HTTP-Method-Override", "DELETE"),
    ] {
        let path = format!("{list}?status=awaiting_answer&seed={}", poison.0.len() * 100 + poison.1.len());
        asks(&visitor, &path, &[poison]).await;
        let after = visitor.get(&path).await.is(200);
        assert!(!after.text().contains("evil") && !after.headers.iter().any(|(_, value)| value.contains("evil")));
        assert_eq!(after.json(), plain.json(), "{poison:?}");
    }
    // Another council's page is another page.
    app.other_council().await;
    visitor.get(&list.replace("/challenges", "/v1/councils/otherham/challenges")).await.is(404);
}

#[on_both_databases]
async fn what_the_caller_has_is_not_sent_again_and_encodings_are_kept_apart(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    for n in 0..5 {
        ana.submits(&format!("A bench, number {n}"), &challenge).await;
    }
    let (visitor, list) = (app.visitor(), format!("/challenges/{challenge}/ideas"));
    let plain = visitor.get(&list).await.is(200);
    assert_eq!(plain.header("content-encoding"), None);
    let etag = plain.header("etag").unwrap().to_owned();
    for _ in 0..2 {
        let known = asks(&visitor, &list, &[("If-None-Match", &etag)]).await.is(304);
        assert_eq!((known.body.len(), known.header("etag")), (0, Some(etag.as_str())));
        asks(&visitor, &list, &[("If-None-Match", "\"0-other\"")]).await.is(200);
        for (accept, encoding) in
            [("gzip", "gzip"), ("br", "br"), ("zstd, gzip;q=0.5", "zstd"), ("deflate;q=0, gzip", "gzip")]
        {
            let packed = app.call_raw(visitor.request("GET", &list).insert_header(("Accept-Encoding", accept))).await;
            assert_eq!(packed.header("content-encoding"), Some(encoding), "{accept}");
            assert!(packed.body.len() < plain.body.len());
        }
        let head = app.call(visitor.request("HEAD", &list)).await.is(200);
        assert_eq!(head.header("etag"), Some(etag.as_str()));
        assert_eq!(visitor.get(&list).await.body, plain.body);
    }
    // Who asks for it anew has it read anew.
    let before = readings(&app);
    asks(&visitor, &list, &[("Cache-Control", "no-cache")]).await.is(200);
    assert_eq!(readings(&app), before + 1);
}

#[on_both_databases]
async fn an_answer_is_not_kept_past_the_instant_that_changes_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, visitor) = (app.resident("ana").await, app.visitor());
    let idea = ana.submits("A crossing at Mill Lane", &challenge).await;
    assert_eq!(visitor.get(&idea).await.json()["overdue"], false);
    assert_eq!(visitor.get(&format!("/challenges/{challenge}")).await.json()["phase"]["kind"], "ideation");
    app.advance(days(31));
    assert_eq!(visitor.get(&idea).await.json()["overdue"], true);
    assert_eq!(visitor.get(&format!("/challenges/{challenge}")).await.json()["phase"], json!(null));
}

// case H8: whatever a connection died of, and the first goal of availability: what was public lately can still be read.
#[actix_web::test]
async fn while_the_database_is_away_what_was_read_lately_is_given_with_its_age() {
    let Some(app) = TestApp::start_with(Store::Postgres, |_| {}).await else { return };
    let challenge = app.open_challenge("post").await;
    let (visitor, list) = (app.visitor(), format!("/challenges/{challenge}/ideas"));
    app.resident("ana").await.submits("A crossing at Mill Lane", &challenge).await;
    let (unread, long_ago) = (format!("{list}?limit=7"), format!("{list}?limit=8"));
    for path in [&long_ago, &long_ago, &list, &list] {
        visitor.get(path).await.is(200);
    }
    // Something may have been taken down elsewhere since that was read, so it is not given.
    app.advance(Duration::from_secs(6));
    app.resident("ben").await;
    let before = visitor.get(&list).await.is(200);

    postgres::close(&app.database_url);
    app.advance(Duration::from_secs(600));
    let old = visitor.get(&list).await.is(200);
    assert_eq!((&old.body, old.header("age")), (&before.body, Some("600")));
    for path in [&unread, &long_ago] {
        visitor.get(path).await.refused(503, "unavailable");
    }
    asks(&visitor, &list, &[("Cache-Control", "no-cache")]).await.refused(503, "unavailable");
    app.advance(Duration::from_secs(301));
    visitor.get(&list).await.refused(503, "unavailable");

    postgres::open(&app.database_url);
    let fresh = visitor.get(&list).await.is(200);
    assert_eq!((&fresh.body, fresh.header("age")), (&before.body, None));
}
