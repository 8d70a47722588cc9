//! Moderators decide many cases at once, see beforehand what comes of it, and can take it back for a minute.

use std::time::Duration;

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, TestApp, days};

const BATCHES: &str = "/case-batches";

async fn queue(moderator: &Actor) -> Vec<Value> {
    moderator.get("/cases?limit=100").await.is(200).json()["items"].as_array().unwrap().clone()
}

/// All of these cases as they were read, to be decided like this.
fn all(cases: &[Value], decision: &Value) -> Value {
    let cases: Vec<_> = cases.iter().map(|case| json!({ "case": case["id"], "version": case["version"] })).collect();
    let mut body = decision.clone();
    body["cases"] = json!(cases);
    body
}

fn hide() -> Value {
    json!({ "decision": "hide", "ground": "personal_data", "statement": "Each of them gives the number of a shop." })
}

fn publish() -> Value {
    json!({ "decision": "publish" })
}

async fn makes(moderator: &Actor, cases: &[Value], decision: &Value) -> Answer {
    moderator.post(BATCHES, &all(cases, decision)).await
}

fn at(batch: &Value) -> String {
    format!("{BATCHES}/{}", batch["id"].as_str().unwrap())
}

fn members<'a>(batch: &'a Value, name: &str) -> Vec<&'a str> {
    batch["items"].as_array().unwrap().iter().map(|item| item[name].as_str().unwrap_or("-")).collect()
}

/// The news of ideas that were taken down.
async fn restrictions(moderator: &Actor) -> usize {
    let news = moderator.get("/changes?after=0&limit=500").await.is(200);
    news.text().matches("idea.taken_down").count()
}

// case G7, many times
#[on_both_databases]
async fn many_ideas_of_one_account_are_hidden_after_a_minute_with_one_mail_and_one_link_to_appeal(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    let mut ideas = Vec::new();
    for (who, title) in [(&ana, "Buy shoes"), (&ana, "Buy hats"), (&ana, "Buy gloves"), (&ben, "A shoe shop")] {
        ideas.push(who.submits(title, &challenge).await);
        app.advance(Duration::from_secs(1));
    }
    app.run_jobs().await;
    let (cases, mails) = (queue(&mo).await, app.mails());
    let read = all(&cases, &hide());

    let preview = mo.post(&format!("{BATCHES}?dry_run=true"), &read).await.is(200).json();
    assert_eq!(preview["authors_mailed"], 2);
    assert_eq!(members(&preview, "title"), ["Buy shoes", "Buy hats", "Buy gloves", "A shoe shop"]);
    assert_eq!(members(&preview, "would_be"), ["hidden"; 4]);
    assert_eq!(queue(&mo).await, cases, "nothing was stored");

    let made = makes(&mo, &cases, &hide()).await.is(201).json();
    assert_eq!((&made["state"], &made["mine"]), (&json!("waiting"), &json!(true)));
    assert_eq!(members(&made, "state"), ["waiting"; 4]);
    // Nobody else decides them meanwhile, and not even whoever asked asks twice.
    let now = queue(&max).await;
    assert!(now.iter().all(|case| case["claim"]["by"] == "mo"));
    let refused = makes(&max, &now, &publish()).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"].as_array().unwrap().len(), 4);
    assert_eq!(refused["errors"][3]["pointer"], "/cases/3");
    assert_eq!(makes(&mo, &now, &publish()).await.refused(422, "invalid").json()["errors"][0]["code"], "wrong_state");
    app.advance(Duration::from_secs(59));
    app.run_jobs().await;
    assert_eq!(app.visitor().get(&ideas[0]).await.is(200).json()["state"], "published");
    assert_eq!((app.mails(), restrictions(&mo).await), (mails, 0), "nothing is decided before its time");

    app.advance(Duration::from_secs(1));
    app.run_jobs().await;
    let done = mo.get(&at(&made)).await.is(200).json();
    assert_eq!((&done["state"], members(&done, "state")), (&json!("carried_out"), vec!["decided"; 4]));
    assert_eq!(restrictions(&mo).await, 4);
    assert!(queue(&mo).await.is_empty());
    assert_eq!(app.visitor().get(&ideas[0]).await.is(200).json()["tombstone"]["ground"], "personal_data");
    mo.delete(&at(&made)).await.refused(409, "wrong_state");

    // Ana has three statements and one mail; Ben, of whose ideas there is one, the mail that everybody gets.
    assert_eq!(app.mails(), mails + 2);
    let told = app.last_mail("ana@people.example", "we have hidden 3 of your texts");
    for title in ["Buy shoes", "Buy hats", "Buy gloves", "Each of them gives the number of a shop."] {
        assert!(told.contains(title), "{told}");
    }
    app.last_mail("ben@people.example", "we have hidden your idea");
    let link = json!({ "token": app.token_in_mail("ana@people.example"), "text": "I have no shop at all." });
    // Against one of them she has appealed by herself before.
    let statements = ana.get("/me/statements").await.is(200).json()["items"].take();
    let first = format!("/me/statements/{}/appeal", statements[0]["id"].as_str().unwrap());
    ana.post(&first, &json!({ "text": "These are not shoes." })).await.is(201);
    app.visitor().post("/appeals", &link).await.is(204);
    app.visitor().post("/appeals", &link).await.refused(422, "link_invalid");
    let appeals = max.get("/appeals").await.is(200).json()["items"].take();
    assert_eq!(appeals.as_array().unwrap().len(), 3);
    let mine = mo.get("/appeals").await.is(200).json()["items"].take();
    assert!(mine.as_array().unwrap().iter().all(|appeal| appeal["may_decide"] == false));
}

#[on_both_databases]
async fn what_is_taken_back_within_the_minute_was_never_decided(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    ana.submits("A crossing", &challenge).await;
    app.advance(Duration::from_secs(1));
    ana.submits("A bench", &challenge).await;
    app.run_jobs().await;
    let (cases, mails) = (queue(&mo).await, app.mails());
    let made = makes(&mo, &cases, &hide()).await.is(201).json();
    max.delete(&at(&made)).await.refused(403, "forbidden");
    assert_eq!(max.get(&at(&made)).await.is(200).json()["mine"], false);
    let back = mo.delete(&at(&made)).await.is(200).json();
    assert_eq!((&back["state"], members(&back, "state")), (&json!("taken_back"), vec!["taken_back"; 2]));
    assert_eq!(mo.delete(&at(&made)).await.is(200).json(), back);
    app.advance(Duration::from_secs(120));
    app.run_jobs().await;
    assert_eq!((mo.get(&at(&made)).await.is(200).json(), app.mails()), (back, mails));
    let free = queue(&max).await;
    assert!(free.iter().all(|case| case["claim"].is_null() && case["item_state"] == "held"));

    // Somebody else may decide them now; each author is told once that all of theirs are public.
    let made = makes(&max, &free, &publish()).await.is(201).json();
    app.advance(Duration::from_secs(60));
    app.run_jobs().await;
    assert_eq!(max.get(&at(&made)).await.is(200).json()["state"], "carried_out");
    assert!(app.last_mail("ana@people.example", "published 2 of your texts").contains("A bench"));
    assert_eq!(app.mails(), mails + 1);
}

#[on_both_databases]
async fn what_was_changed_or_decided_meanwhile_is_skipped_and_the_rest_decided(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let mo = app.member("mo", Role::Moderator).await;
    let mut ideas = Vec::new();
    for title in ["A crossing", "A bench", "A lamp", "A bin"] {
        ideas.push(ana.submits(title, &challenge).await);
        app.advance(Duration::from_secs(1));
    }
    let made = makes(&mo, &queue(&mo).await, &publish()).await.is(201).json();
    let version = ana.get(&ideas[0]).await.json()["version"].take();
    ana.change("PATCH", &ideas[0], &version, &json!({ "body": "Something rude." })).await.is(200);
    let version = ana.get(&ideas[1]).await.json()["version"].take();
    ana.change("DELETE", &ideas[1], &version, &Value::Null).await.is(204);
    let third = queue(&mo).await.into_iter().find(|case| case["title"] == "A lamp").unwrap();
    let alone = format!("/cases/{}/decision", third["id"].as_str().unwrap());
    mo.change("POST", &alone, &third["version"], &hide()).await.is(201);
    app.advance(Duration::from_secs(60));
    app.run_jobs().await;
    let done = mo.get(&at(&made)).await.is(200).json();
    assert_eq!(members(&done, "state"), ["skipped", "skipped", "skipped", "decided"]);
    assert_eq!(members(&done, "code"), ["changed", "already_decided", "already_decided", "-"]);
    assert!(members(&done, "detail")[0].contains("changed since"), "{done}");
    let left = queue(&mo).await;
    assert_eq!((left.len(), &left[0]["title"], &left[0]["claim"]), (1, &json!("A crossing"), &Value::Null));
}

#[on_both_databases]
async fn whoever_may_not_decide_any_more_has_decided_nothing(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let made = makes(&mo, &queue(&mo).await, &publish()).await.is(201).json();
    let id = mo.get("/me").await.json()["id"].as_str().unwrap().to_owned();
    app.demote_directly(&id).await;
    app.advance(Duration::from_secs(60));
    app.run_jobs().await;
    let max = app.member("max", Role::Moderator).await;
    let done = max.get(&at(&made)).await.is(200).json();
    assert_eq!((members(&done, "state"), members(&done, "code")), (vec!["skipped"], vec!["forbidden"]));
    assert_eq!(ana.get(&idea).await.json()["state"], "held");
    assert_eq!(queue(&max).await[0]["claim"], Value::Null);
}

#[on_both_databases]
async fn a_program_whose_key_has_ended_has_decided_nothing(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let admin = app.member("admin", Role::Admin).await;
    let (kept, _) = crate::keys::made(&admin, &["public.read", "moderation.decide"]).await;
    let (ended, key) = crate::keys::made(&admin, &["public.read", "moderation.decide"]).await;
    let (crossing, bench) = (ana.submits("A crossing", &challenge).await, ana.submits("A bench", &challenge).await);
    let cases = queue(&admin).await;
    let of = |idea: &str| cases.iter().find(|one| idea.ends_with(one["idea"].as_str().unwrap())).cloned().unwrap();
    makes(&kept, &[of(&crossing)], &publish()).await.is(201);
    makes(&ended, &[of(&bench)], &publish()).await.is(201);
    admin.delete(&format!("/api-keys/{key}")).await.is(204);
    app.advance(Duration::from_secs(60));
    app.run_jobs().await;
    assert_eq!(ana.get(&crossing).await.json()["state"], "published");
    assert_eq!(ana.get(&bench).await.json()["state"], "held");
}

#[on_both_databases]
async fn everything_that_is_wrong_with_many_decisions_is_told_at_once(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let mo = app.member("mo", Role::Moderator).await;
    ana.submits("A crossing", &challenge).await;
    app.advance(Duration::from_secs(1));
    ana.submits("A bench", &challenge).await;
    let cases = queue(&mo).await;
    let bare = mo.post(BATCHES, &all(&cases, &json!({ "decision": "hide" }))).await.refused(422, "invalid").json();
    assert_eq!(bare["errors"].as_array().unwrap().len(), 2);
    let mut twice = all(&[cases[0].clone(), cases[0].clone(), cases[1].clone()], &publish());
    twice["cases"][2]["case"] = json!("0192f3a4-0000-7000-8000-000000000000");
    let told = mo.post(BATCHES, &twice).await.refused(422, "invalid").json();
    let named: Vec<_> = told["errors"].as_array().unwrap().iter().map(|fault| fault["pointer"].clone()).collect();
    assert_eq!(named, ["/cases/1/case", "/cases/2/case"]);
    let mut old = all(&cases, &publish());
    old["cases"][1]["version"] = json!(7);
    let told = mo.post(BATCHES, &old).await.refused(422, "invalid").json();
    assert_eq!((&told["errors"][0]["pointer"], &told["errors"][0]["code"]), (&json!("/cases/1"), &json!("changed")));
    let preview = mo.post(&format!("{BATCHES}?dry_run=true"), &old).await.is(200).json();
    assert_eq!(members(&preview, "code"), ["-", "changed"]);
    assert_eq!(members(&preview, "would_be"), ["published", "-"]);
    let mut unknown = all(&cases, &hide());
    unknown["ground"] = json!("no_such_ground");
    mo.post(BATCHES, &unknown).await.refused(422, "invalid");
    mo.post(BATCHES, &all(&[], &publish())).await.refused(422, "invalid");
    ana.post(BATCHES, &all(&cases, &publish())).await.refused(403, "forbidden");
    let other = app.other_council().await;
    let stranger = app.member_of(&other, "stranger", Role::Moderator).await;
    let stranger = Actor { base: format!("/v1/councils/{}", other.slug), ..stranger };
    stranger.post(BATCHES, &all(&cases, &publish())).await.refused(422, "invalid");
    let made = makes(&mo, &cases, &publish()).await.is(201).json();
    stranger.get(&at(&made)).await.refused(404, "not_found");
    stranger.delete(&at(&made)).await.refused(404, "not_found");
}

#[on_both_databases]
async fn a_batch_that_waited_for_days_decides_only_what_is_still_as_it_was(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let mo = app.member("mo", Role::Moderator).await;
    app.member("max", Role::Moderator).await;
    ana.submits("A crossing", &challenge).await;
    app.advance(Duration::from_secs(1));
    ana.submits("A bench", &challenge).await;
    let made = makes(&mo, &queue(&mo).await, &hide()).await.is(201).json();
    // No node has run meanwhile, and the claims are over.
    app.advance(days(1));
    let max = app.signs_in("max").await;
    let cases = queue(&max).await;
    let claim = format!("/cases/{}/claim", cases[0]["id"].as_str().unwrap());
    max.change("PUT", &claim, &cases[0]["version"], &json!({})).await.is(200);
    app.run_jobs().await;
    let done = max.get(&at(&made)).await.is(200).json();
    assert_eq!(members(&done, "state"), ["skipped", "decided"]);
    assert_eq!(members(&done, "code"), ["wrong_state", "-"]);
}
