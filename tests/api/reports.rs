//! Residents report what breaks the rules, nobody learns who they are, and one moderator at a time has it in hand.

use std::time::Duration;

use folkmoot::platform::http::openapi::operations;
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, TestApp};

fn says(reason: &str) -> Value {
    json!({ "reason": reason })
}

async fn reports(who: &Actor, idea: &str, body: &Value) -> Answer {
    who.put(&format!("{idea}/report"), body).await
}

async fn queue(moderator: &Actor, query: &str) -> Vec<Value> {
    moderator.get(&format!("/cases{query}")).await.is(200).json()["items"].as_array().unwrap().clone()
}

fn path(case: &Value, rest: &str) -> String {
    format!("/cases/{}{rest}", case["id"].as_str().unwrap())
}

#[on_both_databases]
async fn whoever_reports_is_heard_once_and_told_what_came_of_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, eve) = (app.resident("ana").await, app.resident("ben").await, app.resident("eve").await);
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    mo.decides(&json!({ "decision": "publish" })).await.is(201);
    assert!(queue(&mo, "").await.is_empty());

    reports(&ana, &idea, &says("insult")).await.refused(409, "wrong_state");
    reports(&ben, &idea, &says("other")).await.refused(422, "invalid");
    let told = json!({ "reason": "personal_data", "words": "It gives the number of my neighbour." });
    let own = reports(&ben, &idea, &told).await.is(201).json();
    assert_eq!(
        (&own["reason"], &own["state"], &own["decision"]),
        (&json!("personal_data"), &json!("open"), &Value::Null)
    );
    assert_eq!(reports(&ben, &idea, &told).await.is(200).json(), own);
    reports(&ben, &idea, &says("spam")).await.refused(409, "already_exists");
    reports(&eve, &idea, &says("spam")).await.is(201);
    app.visitor().put(&format!("{idea}/report"), &says("spam")).await.refused(401, "unauthenticated");

    // Two reports are one case, due as the challenge promises.
    let waiting = queue(&mo, "").await;
    let case = &waiting[0];
    assert_eq!((waiting.len(), &case["reason"], &case["reports"]), (1, &json!("report"), &json!(2)));
    assert_eq!(app.visitor().get(&idea).await.json()["state"], "published");
    let said = mo.get(&path(case, "/reports")).await.is(200).json();
    assert_eq!(
        said,
        json!({
            "count": 2,
            "reasons": [{ "reason": "personal_data", "count": 1 }, { "reason": "spam", "count": 1 }],
            "words": [{ "reason": "personal_data", "revision": 1, "words": "It gives the number of my neighbour." }],
        })
    );
    mo.decides(&json!({ "decision": "hide", "ground": "personal_data", "statement": "It gives a number." }))
        .await
        .is(201);
    app.run_jobs().await;
    for reporter in ["ben", "eve"] {
        let mail = app.last_mail(&format!("{reporter}@people.example"), "you reported the idea");
        assert!(mail.contains("It is hidden") && !mail.contains("A crossing"), "{mail}");
    }
    let heard = eve.get(&format!("{idea}/report")).await.is(200).json();
    assert_eq!((&heard["state"], &heard["decision"]), (&json!("decided"), &json!("hide")));
    ana.get(&format!("{idea}/report")).await.refused(404, "not_found");
    reports(&app.resident("lou").await, &idea, &says("insult")).await.refused(404, "not_found");
    reports(&app.member("otto", Role::Officer).await, &idea, &says("insult")).await.refused(409, "wrong_state");
}

#[on_both_databases]
async fn what_was_found_to_be_right_and_is_reported_again_is_another_case(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, eve) = (app.resident("ana").await, app.resident("ben").await, app.resident("eve").await);
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    reports(&ben, &idea, &says("insult")).await.is(201);
    // The case of the policy `post` is the case of the report too.
    assert_eq!(queue(&mo, "").await[0]["reason"], "after_publication");
    mo.decides(&json!({ "decision": "publish" })).await.is(201);
    app.run_jobs().await;
    app.last_mail("ben@people.example", "stays public");
    reports(&eve, &idea, &says("insult")).await.is(201);
    let waiting = queue(&mo, "").await;
    assert_eq!((&waiting[0]["reason"], &waiting[0]["reports"]), (&json!("report"), &json!(1)));
    assert_eq!(ben.get(&format!("{idea}/report")).await.json()["decision"], "publish");
    assert_eq!(eve.get(&format!("{idea}/report")).await.json()["decision"], Value::Null);
}

/// Every answer that somebody can get about an idea and its case, by whatever can be read.
async fn all_that_is_read(who: &Actor, known: &[(&str, &str)]) -> String {
    let mut all = String::new();
    let mut document = folkmoot::router::document();
    for (path, item) in &mut document.paths.paths {
        let endless = path.ends_with("/stream");
        if endless || !operations(item).iter().any(|(method, _)| *method == "get") {
            continue;
        }
        let mut uri = path.clone();
        for (name, value) in known {
            uri = uri.replace(&format!("{{{name}}}"), value);
        }
        if !uri.contains('{') {
            let answer = who.app.call_raw(who.absolute("GET", &uri)).await;
            all.push_str(&format!("{uri}: {} {:?} {}\n", answer.status, answer.headers, answer.text()));
        }
    }
    all
}

// cases A8, G1: Decidim showed who had reported.
#[on_both_databases]
async fn who_reported_is_in_no_answer_no_feed_no_export_and_no_mail_but_their_own(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("whistler").await);
    let reporter = ben.get("/me").await.is(200).json()["id"].as_str().unwrap().to_owned();
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let said = json!({ "reason": "insult", "words": "It calls me a fool." });
    reports(&ben, &idea, &said).await.is(201);
    let case = queue(&mo, "").await.remove(0);
    let id = idea.trim_start_matches("/ideas/").to_owned();
    let known = [
        ("council", app.council.slug.as_str()),
        ("challenge", challenge.as_str()),
        ("idea", id.as_str()),
        ("case", case["id"].as_str().unwrap()),
    ];
    let mut readers = vec![ana.clone(), mo.clone(), app.visitor(), app.resident("eve").await];
    for role in [Role::Officer, Role::Analyst, Role::Admin] {
        readers.push(app.member(role.as_str(), role).await);
    }
    for decided in [false, true] {
        if decided {
            let hide = json!({ "decision": "hide", "ground": "personal_data", "statement": "It gives a number." });
            mo.decides(&hide).await.is(201);
            app.run_jobs().await;
        }
        for reader in &readers {
            let read = all_that_is_read(reader, &known).await;
            assert!(read.contains(&case["id"].as_str().unwrap().to_owned()) || reader.token != mo.token, "{read}");
            // An admin sees the accounts of residents in no list of theirs either.
            assert!(!read.contains("whistler") && !read.contains(&reporter), "{read}");
        }
    }
    let told = app.last_mail("ana@people.example", "hidden");
    assert!(!told.contains("report") && !told.contains("whistler"), "{told}");
    let copy = all_that_is_read(&ben, &known).await;
    assert!(copy.contains("\"reason\":\"insult\""), "whoever reported sees their own: {copy}");
    ben.delete(&format!("{idea}/report")).await.is(405);
}

#[on_both_databases]
async fn two_moderators_do_not_decide_what_one_has_in_hand(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    ana.submits("A crossing", &challenge).await;
    app.advance(Duration::from_secs(1));
    ana.submits("A bench", &challenge).await;
    let first = queue(&mo, "").await.remove(0);
    let publish = json!({ "decision": "publish" });
    let claim = path(&first, "/claim");
    mo.put(&claim, &json!({})).await.refused(428, "precondition_needed");
    let mine = mo.change("PUT", &claim, &first["version"], &json!({})).await.is(200).json();
    assert_eq!((&mine["claim"]["by"], &mine["claim"]["mine"]), (&json!("mo"), &json!(true)));
    // Both had read the same version; only one of them has it.
    max.change("PUT", &claim, &first["version"], &json!({})).await.refused(409, "wrong_state");
    let refused = max.change("POST", &path(&first, "/decision"), &mine["version"], &publish).await;
    assert!(refused.refused(409, "wrong_state").json()["detail"].as_str().unwrap().starts_with("mo has this case"));
    let of = |cases: &[Value]| cases.iter().map(|case| case["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(of(&queue(&mo, "?claimed=by_me").await), ["A crossing"]);
    assert_eq!(of(&queue(&max, "?claimed=by_nobody").await), ["A bench"]);
    assert!(queue(&max, "?claimed=by_me").await.is_empty());
    assert_eq!(queue(&max, "").await[0]["claim"]["mine"], false);

    // Releasing what is not one's own does nothing; what was forgotten is free after half an hour.
    max.delete(&claim).await.is(204);
    assert!(queue(&max, "?claimed=by_me").await.is_empty());
    app.advance(Duration::from_secs(30 * 60));
    let (mo, max) = (app.signs_in("mo").await, app.signs_in("max").await);
    assert_eq!(of(&queue(&max, "?claimed=by_nobody").await), ["A crossing", "A bench"]);
    let theirs = max.change("PUT", &claim, &mine["version"], &json!({})).await.is(200).json();
    mo.change("POST", &path(&first, "/decision"), &theirs["version"], &publish).await.refused(409, "wrong_state");
    max.delete(&claim).await.is(204);
    let free = mo.get(&path(&first, "")).await.is(200).json();
    assert_eq!(free["claim"], Value::Null);
    mo.change("POST", &path(&first, "/decision"), &free["version"], &publish).await.is(201);
    max.change("PUT", &claim, &json!(9), &json!({})).await.refused(409, "already_decided");
}
