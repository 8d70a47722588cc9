//! Votes that look as if they did not come from people: found by a program, decided by two, contested and reversible.

use std::time::Duration;

use folkmoot::participation::voting::queries::drifted;
use folkmoot::process::signals::jobs::recent_votes;
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::stored::{texts, tries};
use crate::support::{Actor, TestApp, days};

const WHY: &str = "Sixty accounts were made and voted within ten minutes.";

fn why() -> Value {
    json!({ "reason": WHY })
}

/// So many new accounts support an idea, two a minute.
async fn crowd(app: &TestApp, idea: &str, names: std::ops::Range<usize>) {
    for n in names {
        app.resident(&format!("resident{n}")).await.supports(idea).await.is(201);
        app.advance(Duration::from_secs(30));
    }
}

/// The sweep that has the votes looked at, and what it has others do.
async fn looks(app: &TestApp) {
    app.app.sweep().await.unwrap();
    app.run_jobs().await;
}

async fn signals(moderator: &Actor, state: &str) -> Vec<Value> {
    moderator.get(&format!("/signals?state={state}")).await.is(200).json()["items"].as_array().unwrap().clone()
}

/// A step with a signal as it is now.
async fn steps(moderator: &Actor, signal: &Value, step: &str) -> crate::support::Answer {
    let now = moderator.get(&at(signal)).await.is(200).json();
    steps_with(moderator, &now, step).await
}

/// A step with a signal as it was read.
async fn steps_with(moderator: &Actor, signal: &Value, step: &str) -> crate::support::Answer {
    moderator.change("POST", &format!("{}/{step}", at(signal)), &signal["version"], &why()).await
}

fn at(signal: &Value) -> String {
    format!("/signals/{}", signal["id"].as_str().unwrap())
}

async fn supports(app: &TestApp, idea: &str) -> i64 {
    app.visitor().get(idea).await.is(200).json()["supports"].as_i64().unwrap()
}

async fn checks(app: &TestApp, challenge: &str) -> Value {
    app.visitor().get(&format!("/challenges/{challenge}/vote-checks")).await.is(200).json()
}

async fn rows(app: &TestApp) -> Vec<String> {
    let id = |name: &str| match app.database_url.starts_with("postgres") {
        true => format!("{name}::text"),
        false => format!("lower(hex({name}))"),
    };
    let (idea, voter) = (id("idea_id"), id("voter_id"));
    let mut all =
        texts(app, &format!("SELECT {idea} || ' ' || {voter} || ' ' || created_at AS text FROM supports")).await;
    all.sort();
    assert_eq!(app.app.db.read(drifted).await.unwrap(), []);
    all
}

// cases C10, C11
#[on_both_databases]
async fn a_burst_is_flagged_set_aside_by_one_contested_and_invalidated_by_two_and_reversed_to_the_row(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let (idea, other) = (ana.submits("A bypass", &challenge).await, ana.submits("A bench", &challenge).await);
    app.advance(days(2));
    app.signs_in("ana").await.supports(&idea).await.is(201);
    crowd(&app, &idea, 0..60).await;
    app.signs_in("ana").await.supports(&other).await.is(201);
    let before = rows(&app).await;
    looks(&app).await;
    let mo = app.member("mo", Role::Moderator).await;
    app.member("max", Role::Moderator).await;
    let found = signals(&mo, "open").await;
    assert_eq!(found.len(), 1);
    let signal = &found[0];
    assert_eq!(
        (&signal["votes"], &signal["accounts"], &signal["ideas"][0]["votes"]),
        (&json!(60), &json!(60), &json!(60))
    );
    assert!(
        signal["evidence"]["threshold"].as_i64().unwrap() >= 20 && !signal.to_string().contains("resident"),
        "{signal}"
    );
    // A program decides nothing, and what it has found is not found again.
    assert_eq!(supports(&app, &idea).await, 61);
    app.advance(Duration::from_secs(600));
    looks(&app).await;
    let mo = app.signs_in("mo").await;
    assert_eq!(signals(&mo, "open").await.len(), 1);

    let aside = steps(&mo, signal, "quarantine").await.is(200).json();
    assert_eq!((&aside["state"], &aside["quarantine_reason"]), (&json!("quarantined"), &json!(WHY)));
    app.run_jobs().await;
    assert_eq!((supports(&app, &idea).await, supports(&app, &other).await), (1, 1));
    assert_eq!(checks(&app, &challenge).await["quarantined"], 60);
    assert_eq!(app.mails_that_say("Support of yours is set aside"), 60);
    steps(&mo, signal, "quarantine").await.refused(409, "wrong_state");
    // It cannot be given once more beside it; whoever takes it back has taken it back.
    let (one, two) = (app.signs_in("resident1").await, app.signs_in("resident2").await);
    one.supports(&idea).await.refused(409, "wrong_state");
    two.delete(&format!("{idea}/support")).await.is(200);
    two.supports(&idea).await.refused(409, "wrong_state");
    // One contests by the link, one signed in; each once, and neither is named.
    let link = json!({ "token": app.token_in_mail("resident0@people.example"), "text": "We are a class of thirty." });
    app.visitor().post("/vote-contests", &link).await.is(204);
    app.visitor().post("/vote-contests", &link).await.refused(422, "link_invalid");
    let own = one.get("/me/signals").await.is(200).json()["items"][0].take();
    let path = format!("/me/signals/{}/contest", own["signal"].as_str().unwrap());
    let text = json!({ "text": "I am one of that class." });
    one.put(&path, &text).await.is(200);
    one.put(&path, &text).await.refused(409, "already_exists");
    ana.app.signs_in("ana").await.put(&path, &text).await.refused(404, "not_found");
    let said = mo.get(&format!("/signals/{}/contests", signal["id"].as_str().unwrap())).await.is(200);
    assert_eq!(said.json()["items"].as_array().unwrap().len(), 2);
    assert!(!said.text().contains("resident"));
    // Nothing is decided before they have had their time, and not by one alone.
    steps(&mo, signal, "invalidation").await.refused(409, "wrong_state");
    app.advance(days(7));
    let (mo, max) = (app.signs_in("mo").await, app.signs_in("max").await);
    steps(&max, signal, "approval").await.refused(409, "wrong_state");
    steps(&mo, signal, "invalidation").await.is(200);
    steps(&mo, signal, "approval").await.refused(409, "wrong_state");
    assert_eq!(app.signs_in("resident1").await.get("/me/signals").await.json()["items"][0]["state"], "quarantined");
    let done = steps(&max, signal, "approval").await.is(200).json();
    assert_eq!((&done["state"], &done["reason"]), (&json!("invalidated"), &json!(WHY)));
    app.run_jobs().await;
    assert!(app.last_mail("resident3@people.example", "Two of our staff").contains(WHY));
    assert_eq!(
        checks(&app, &challenge).await,
        json!({ "quarantined": 0, "invalidated": 59, "released": 0, "reversed": 0 })
    );
    app.advance(days(20));
    let max = app.signs_in("max").await;
    steps(&max, signal, "reversal").await.is(200);
    app.run_jobs().await;
    app.last_mail("resident3@people.example", "it was wrong not to");
    assert_eq!(checks(&app, &challenge).await["reversed"], 59);
    let after = rows(&app).await;
    assert_eq!(after.len(), before.len() - 1);
    assert!(after.iter().all(|row| before.contains(row)), "each as it was, but for what was taken back");
    let news = app.visitor().get("/changes?after=0&limit=500").await.is(200).text();
    for kind in ["votes.quarantined", "votes.invalidated", "votes.restored"] {
        assert!(news.contains(kind), "{kind}");
    }
    let news: Value = serde_json::from_str(&news).unwrap();
    let told = news["items"].as_array().unwrap().iter().find(|one| one["kind"] == "votes.invalidated");
    assert_eq!(told.unwrap()["data"]["votes"], 59, "but for what was taken back");
}

#[on_both_databases]
async fn what_was_set_aside_for_nothing_is_released_to_the_row_and_what_was_dismissed_was_always_counted(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A bypass", &challenge).await;
    crowd(&app, &idea, 0..20).await;
    let before = rows(&app).await;
    looks(&app).await;
    let mo = app.member("mo", Role::Moderator).await;
    // In tests all come from one network.
    let found = signals(&mo, "open").await;
    assert_eq!((found.len(), &found[0]["kind"]), (1, &json!("one_network")));
    steps(&mo, &found[0], "quarantine").await.is(200);
    assert_eq!(supports(&app, &idea).await, 0);
    steps(&mo, &found[0], "release").await.is(200);
    app.run_jobs().await;
    assert_eq!(rows(&app).await, before);
    assert_eq!(checks(&app, &challenge).await["released"], 20);
    app.last_mail("resident3@people.example", "is counted again");
    steps(&mo, &found[0], "reversal").await.refused(409, "wrong_state");

    crowd(&app, &idea, 20..40).await;
    looks(&app).await;
    let mo = app.signs_in("mo").await;
    let found = signals(&mo, "open").await;
    let told = app.mails_that_say("Support of yours");
    let dismissed = steps(&mo, &found[0], "release").await.is(200).json();
    app.run_jobs().await;
    assert_eq!((&dismissed["state"], app.mails_that_say("Support of yours")), (&json!("dismissed"), told));
    assert_eq!(supports(&app, &idea).await, 40);
}

#[on_both_databases]
async fn the_trace_of_a_network_is_another_each_day_is_shown_to_nobody_and_goes_two_weeks_after_the_close(
    app: TestApp,
) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let (idea, other) = (ana.submits("A bypass", &challenge).await, ana.submits("A bench", &challenge).await);
    ana.supports(&idea).await.is(201);
    app.advance(days(1));
    app.signs_in("ana").await.supports(&other).await.is(201);
    let traces = async || texts(&app, "SELECT DISTINCT trace AS text FROM supports WHERE trace IS NOT NULL").await;
    let both = traces().await;
    assert_eq!(both.len(), 2, "of one network on two days");
    let proof = json!({ "proof": { "password": crate::support::PASSWORD } });
    let copy = app.signs_in("ana").await.post("/me/data", &proof).await.is(200);
    assert!(copy.text().contains("\"supports\"") && copy.text().contains(idea.rsplit('/').next().unwrap()));
    assert!(both.iter().all(|trace| !copy.text().contains(trace.as_str())), "{}", copy.text());
    let keys = async || texts(&app, "SELECT day AS text FROM trace_keys").await.len();
    assert_eq!(keys().await, 2);
    app.advance(days(2) + Duration::from_secs(1));
    looks(&app).await;
    assert_eq!(keys().await, 0);
    app.advance(days(27 + 13));
    looks(&app).await;
    assert_eq!(traces().await.len(), 2);
    app.advance(days(1));
    app.run_jobs().await;
    assert!(traces().await.is_empty());
}

// case C10
#[on_both_databases]
async fn what_goes_on_after_a_burst_was_found_joins_it_and_is_set_aside_with_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A bypass", &challenge).await;
    crowd(&app, &idea, 0..20).await;
    looks(&app).await;
    crowd(&app, &idea, 20..23).await;
    app.advance(Duration::from_secs(600));
    looks(&app).await;
    let mo = app.member("mo", Role::Moderator).await;
    let found = signals(&mo, "open").await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (&found[0]["votes"], &found[0]["accounts"], &found[0]["evidence"]["of_new_accounts"]),
        (&json!(23), &json!(23), &json!(23))
    );
    assert!(found[0]["until"].as_str() > found[0]["from"].as_str());
    steps(&mo, &found[0], "quarantine").await.is(200);
    assert_eq!((supports(&app, &idea).await, &checks(&app, &challenge).await["quarantined"]), (0, &json!(23)));
    app.run_jobs().await;
}

#[on_both_databases]
async fn what_is_cast_in_the_last_minutes_is_looked_at_when_the_challenge_has_closed(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A bypass", &challenge).await;
    crowd(&app, &idea, 0..20).await;
    let officer = app.member("officer", Role::Officer).await;
    officer.post(&format!("/challenges/{challenge}/close"), &json!({})).await.is(200);
    app.advance(Duration::from_secs(600));
    looks(&app).await;
    let mo = app.member("mo", Role::Moderator).await;
    assert_eq!(signals(&mo, "open").await.len(), 1);
}

#[on_both_databases]
async fn all_votes_of_a_day_are_looked_at_however_many_pages_they_are(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A bypass", &challenge).await;
    let since = app.app.db.clock().now();
    crowd(&app, &idea, 0..5).await;
    let id = challenge.parse().unwrap();
    let whole = recent_votes(&app.app.db, app.council.id, since, 1_000).await.unwrap();
    assert_eq!(whole[&id].len(), 5);
    for page in [1, 2, 5] {
        assert_eq!(recent_votes(&app.app.db, app.council.id, since, page).await.unwrap(), whole, "{page} at a time");
    }
}

#[on_both_databases]
async fn what_was_said_against_a_quarantine_is_answered_and_something_can_be_said_against_the_decision(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A bypass", &challenge).await;
    crowd(&app, &idea, 0..20).await;
    looks(&app).await;
    let mo = app.member("mo", Role::Moderator).await;
    let signal = signals(&mo, "open").await.remove(0);
    steps(&mo, &signal, "quarantine").await.is(200);
    app.run_jobs().await;
    let says = |text: &str| json!({ "token": app.token_in_mail("resident0@people.example"), "text": text });
    app.visitor().post("/vote-contests", &says("We are a class of thirty.")).await.is(204);
    let one = app.signs_in("resident0").await;
    let state = one.get(&format!("/me/state?ideas={}", idea.rsplit('/').next().unwrap())).await.is(200).json();
    let support = &state["ideas"][0]["can"]["support"];
    assert_eq!((&support["allowed"], &support["code"]), (&json!(false), &json!("wrong_state")));
    app.advance(days(7));
    let (mo, max) = (app.signs_in("mo").await, app.member("max", Role::Moderator).await);
    steps(&mo, &signal, "invalidation").await.is(200);
    steps(&max, &signal, "approval").await.is(200);
    app.run_jobs().await;
    let mail = app.last_mail("resident0@people.example", "Two of our staff");
    for told in ["We are a class of thirty.", "Each person supports an idea once", WHY] {
        assert!(mail.contains(told), "{told} in {mail}");
    }
    assert!(!app.last_mail("resident1@people.example", "Two of our staff").contains("class of thirty"));
    app.visitor().post("/vote-contests", &says("Our teacher can tell you so.")).await.is(204);
    let said = max.get(&format!("/signals/{}/contests", signal["id"].as_str().unwrap())).await.is(200).json();
    assert_eq!(said["items"][0]["text"], "We are a class of thirty.\n\nOur teacher can tell you so.");
    let path = format!("/me/signals/{}/contest", signal["id"].as_str().unwrap());
    let more = json!({ "text": "And once more than that." });
    app.signs_in("resident0").await.put(&path, &more).await.refused(409, "already_exists");
}

#[on_both_databases]
async fn of_two_who_take_a_step_at_once_one_does_and_the_other_hears_so(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A bypass", &challenge).await;
    crowd(&app, &idea, 0..20).await;
    looks(&app).await;
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    let signal = signals(&mo, "open").await.remove(0);
    let won = |one: crate::support::Answer, other: crate::support::Answer| {
        let mut both = [one.status, other.status];
        both.sort_unstable();
        assert_eq!(both, [200, 412], "{} {}", one.text(), other.text());
        one.status == 200
    };
    let (one, other) = tokio::join!(steps_with(&mo, &signal, "quarantine"), steps_with(&max, &signal, "quarantine"));
    won(one, other);
    app.advance(days(7));
    let (mo, max) = (app.signs_in("mo").await, app.signs_in("max").await);
    let signal = mo.get(&at(&signal)).await.json();
    let (one, other) =
        tokio::join!(steps_with(&mo, &signal, "invalidation"), steps_with(&max, &signal, "invalidation"));
    let (proposer, second) = if won(one, other) { (mo, max) } else { (max, mo) };
    let signal = second.get(&at(&signal)).await.json();
    let (one, other) =
        tokio::join!(steps_with(&second, &signal, "approval"), steps_with(&proposer, &signal, "release"));
    let approved = won(one, other);
    assert_eq!(supports(&app, &idea).await, if approved { 0 } else { 20 });
    rows(&app).await;
    app.run_jobs().await;
}

// case C10
#[on_both_databases]
async fn who_takes_a_step_has_read_every_vote_that_it_is_about_and_all_that_was_said(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A bypass", &challenge).await;
    crowd(&app, &idea, 0..20).await;
    looks(&app).await;
    let mo = app.member("mo", Role::Moderator).await;
    let read = signals(&mo, "open").await.remove(0);
    mo.post(&format!("{}/release", at(&read)), &why()).await.refused(428, "precondition_needed");
    crowd(&app, &idea, 20..40).await;
    looks(&app).await;
    let mo = app.signs_in("mo").await;
    let grown = signals(&mo, "open").await.remove(0);
    assert_eq!((&read["id"], &read["votes"], &grown["votes"]), (&grown["id"], &json!(20), &json!(40)));
    for step in ["release", "quarantine"] {
        steps_with(&mo, &read, step).await.refused(412, "changed");
    }
    let aside = steps_with(&mo, &grown, "quarantine").await.is(200).json();
    app.run_jobs().await;
    let says = json!({ "token": app.token_in_mail("resident0@people.example"), "text": "We are a class of thirty." });
    app.visitor().post("/vote-contests", &says).await.is(204);
    app.advance(days(7));
    let mo = app.signs_in("mo").await;
    steps_with(&mo, &aside, "invalidation").await.refused(412, "changed");
    let said = mo.get(&at(&aside)).await.is(200).json();
    assert_eq!(said["contested"], 1);
    steps_with(&mo, &said, "invalidation").await.is(200);
}

#[on_both_databases]
async fn nobody_decides_about_votes_for_an_idea_of_their_own(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("mo").await.submits("A bypass", &challenge).await;
    // Who has written it belongs to the staff since.
    assert!(tries(&app, "UPDATE accounts SET role = 'moderator' WHERE display_name = 'mo'").await);
    crowd(&app, &idea, 0..20).await;
    looks(&app).await;
    let (mo, max) = (app.signs_in("mo").await, app.member("max", Role::Moderator).await);
    let signal = signals(&mo, "open").await.remove(0);
    for step in ["quarantine", "release"] {
        steps(&mo, &signal, step).await.refused(403, "forbidden");
    }
    steps(&max, &signal, "release").await.is(200);
}

#[on_both_databases]
async fn the_database_takes_no_approval_by_whoever_proposed_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A bypass", &challenge).await;
    crowd(&app, &idea, 0..20).await;
    looks(&app).await;
    let mo = app.member("mo", Role::Moderator).await;
    let signal = signals(&mo, "open").await.remove(0);
    steps(&mo, &signal, "quarantine").await.is(200);
    app.advance(days(7));
    let mo = app.signs_in("mo").await;
    steps(&mo, &signal, "invalidation").await.is(200);
    let alone = "UPDATE vote_signals SET state = 'invalidated', approved_by = proposed_by, settled_at = found_at";
    assert!(!tries(&app, alone).await);
    assert!(!tries(&app, "UPDATE vote_signals SET state = 'invalidated'").await);
    app.run_jobs().await;
}

#[on_both_databases]
async fn what_a_signal_points_to_is_not_carried_out_of_reach_by_a_merge(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let (into, idea) = (ana.submits("A bypass", &challenge).await, ana.submits("A new bypass", &challenge).await);
    let admin = app.member("admin", Role::Admin).await;
    admin.change("PATCH", "", &json!(1), &json!({ "silence_in_merges": "opt_out" })).await.is(200);
    let body = json!({ "ideas": [idea.rsplit('/').next()], "reason": "Both ask for a bypass." });
    crowd(&app, &idea, 0..20).await;
    let admin = app.signs_in("admin").await;
    let merge = admin.post(&format!("{into}/merges"), &body).await.is(201).json();
    looks(&app).await;
    app.advance(days(7));
    app.run_jobs().await;
    let lapsed = app.visitor().get(&format!("/merges/{}", merge["id"].as_str().unwrap())).await.is(200).json();
    assert_eq!((&lapsed["state"], &lapsed["ideas"][0]["left_because"]), (&json!("lapsed"), &json!("lapsed")));
    assert_eq!((supports(&app, &into).await, supports(&app, &idea).await), (0, 20));
    let mo = app.member("mo", Role::Moderator).await;
    let signal = signals(&mo, "open").await.remove(0);
    let refused = mo.post(&format!("{into}/merges"), &body).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["code"], "wrong_state");
    steps(&mo, &signal, "quarantine").await.is(200);
    assert_eq!(checks(&app, &challenge).await["quarantined"], 20);
    mo.post(&format!("{into}/merges"), &body).await.refused(422, "invalid");
    steps(&mo, &signal, "release").await.is(200);
    mo.post(&format!("{into}/merges"), &body).await.is(201);
    rows(&app).await;
}

#[on_both_databases]
async fn a_merge_is_not_undone_while_votes_of_it_are_looked_at_and_nothing_tells_how_many_stayed(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let (into, idea) = (ana.submits("A bypass", &challenge).await, ana.submits("A new bypass", &challenge).await);
    let mo = app.member("mo", Role::Moderator).await;
    let body = json!({ "ideas": [idea.rsplit('/').next()], "reason": "Both ask for a bypass." });
    let merge = mo.post(&format!("{into}/merges"), &body).await.is(201).json();
    app.advance(days(7) - Duration::from_secs(3_600));
    crowd(&app, &idea, 0..20).await;
    app.advance(Duration::from_secs(3_600));
    app.run_jobs().await;
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["state"], "merged");
    let before = rows(&app).await;
    looks(&app).await;
    let counted = async || {
        let news = app.visitor().get("/changes?after=0&limit=500").await.is(200);
        news.text().matches("idea.supports_counted").count()
    };
    let (mo, told) = (app.signs_in("mo").await, counted().await);
    let signal = signals(&mo, "open").await.remove(0);
    let undo = format!("/merges/{}/reversal", merge["id"].as_str().unwrap());
    mo.post(&undo, &why()).await.refused(409, "wrong_state");
    steps(&mo, &signal, "quarantine").await.is(200);
    app.run_jobs().await;
    mo.post(&undo, &why()).await.refused(409, "wrong_state");
    assert_eq!((supports(&app, &idea).await, counted().await), (20, told));
    steps(&mo, &signal, "release").await.is(200);
    app.run_jobs().await;
    assert_eq!(counted().await, told);
    mo.post(&undo, &why()).await.is(200);
    assert_eq!((supports(&app, &idea).await, rows(&app).await), (20, before));
}
