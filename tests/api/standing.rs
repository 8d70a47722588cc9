//! What one may do, asked beforehand, is what happens when one does it.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, TestApp, days};

const STATES: [&str; 6] = ["held", "published", "accepted", "hidden", "removed", "withdrawn"];
const WHO: [&str; 5] = ["ana", "ben", "mo", "otto", "ada"];
const OPERATIONS: [&str; 8] =
    ["report", "support", "withdraw_support", "revise", "withdraw", "answer", "commit", "open_case"];

async fn anyway(actor: &Actor, method: &str, path: &str, body: Value) -> Answer {
    actor.app.call(actor.request(method, path).insert_header(("If-Match", "*")).set_json(body)).await
}

async fn attempt(actor: &Actor, operation: &str, idea: &str) -> Answer {
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "Yes." });
    let commitment = json!({ "what": "Paint it", "office": "Streets", "due_on": "2028-10-01" });
    match operation {
        "report" => anyway(actor, "PUT", &format!("{idea}/report"), json!({ "reason": "insult" })).await,
        "support" => anyway(actor, "PUT", &format!("{idea}/support"), json!({})).await,
        "withdraw_support" => anyway(actor, "DELETE", &format!("{idea}/support"), json!({})).await,
        "revise" => anyway(actor, "PATCH", idea, json!({ "body": "Otherwise." })).await,
        "withdraw" => anyway(actor, "DELETE", idea, json!({})).await,
        "answer" => anyway(actor, "POST", &format!("{idea}/answers"), answer).await,
        "commit" => anyway(actor, "POST", &format!("{idea}/commitments"), commitment).await,
        _ => anyway(actor, "POST", &format!("{idea}/cases"), json!({})).await,
    }
}

/// An idea of Ana's in a state, under a title of its own: the second of two that are the same would be held.
async fn idea_that_is(state: &str, title: &str, people: &[Actor], challenges: &(String, String)) -> String {
    let [ana, _, mo, otto, _] = people else { panic!("five people") };
    if state == "held" {
        return ana.submits(title, &challenges.0).await;
    }
    let idea = ana.submits(title, &challenges.1).await;
    match state {
        "hidden" | "removed" => {
            let case = mo.post(&format!("{idea}/cases"), &json!({})).await.json();
            let decision = if state == "hidden" { "hide" } else { "remove" };
            let body = json!({ "decision": decision, "ground": "personal_data", "statement": "A telephone number." });
            let path = format!("/cases/{}/decision", case["id"].as_str().unwrap());
            anyway(mo, "POST", &path, body).await.is(201);
        }
        "withdrawn" => drop(attempt(ana, "withdraw", &idea).await.is(204)),
        "accepted" => drop(attempt(otto, "answer", &idea).await.is(201)),
        _ => {}
    }
    idea
}

#[on_both_databases]
async fn what_one_may_do_with_an_idea_is_what_happens_when_one_does_it(app: TestApp) {
    let roles = [Role::Resident, Role::Resident, Role::Moderator, Role::Officer, Role::Admin];
    for (name, role) in WHO.into_iter().zip(roles) {
        app.member(name, role).await;
    }
    // So much from a new account would be held.
    app.advance(days(2));
    let mut people = Vec::new();
    for name in WHO {
        people.push(app.signs_in(name).await);
    }
    let challenges = (app.open_challenge("pre").await, app.open_challenge("post").await);
    let mut seen = std::collections::BTreeSet::new();
    for late in [false, true] {
        let mut ideas = Vec::new();
        for state in STATES {
            for who in 0..WHO.len() {
                for operation in OPERATIONS {
                    let title = format!("Crossing {late} {}", ideas.len());
                    ideas.push((state, who, operation, idea_that_is(state, &title, &people, &challenges).await));
                }
            }
        }
        if late {
            app.advance(days(40));
            people.clear();
            for name in WHO {
                people.push(app.signs_in(name).await);
            }
        }
        for (state, who, operation, idea) in ideas {
            let (actor, id) = (&people[who], idea.trim_start_matches("/ideas/"));
            let told = actor.get(&format!("/me/state?ideas={id}")).await.is(200).json();
            let answer = attempt(actor, operation, &idea).await;
            let place = format!("{} to {operation} a {state} idea (late: {late}): {}", WHO[who], answer.text());
            let Some(standing) = told["ideas"].as_array().unwrap().first() else {
                assert!(matches!(answer.status, 403 | 404), "{place}");
                continue;
            };
            let permit = &standing["can"][operation];
            assert_eq!(permit["allowed"] == true, answer.status < 300, "{place} {permit}");
            if answer.status >= 300 {
                assert_eq!(permit["code"], answer.json()["code"], "{place}");
            }
            seen.insert((operation, answer.status < 300));
        }
    }
    assert_eq!(seen.len(), 2 * OPERATIONS.len(), "each was allowed to somebody and refused to somebody");
}

#[on_both_databases]
async fn who_has_shown_no_second_factor_is_told_so_beforehand_where_the_council_asks_for_one(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let admin = app.member("ada", Role::Admin).await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    app.member("otto", Role::Officer).await;
    let otto = app.signs_in("otto").await;
    let path = format!("/me/state?ideas={}", idea.trim_start_matches("/ideas/"));
    assert_eq!(otto.get(&path).await.is(200).json()["ideas"][0]["can"]["answer"]["allowed"], true);
    admin.change("PATCH", "", &json!(1), &json!({ "staff_second_factor": true })).await.is(200);
    let permit = otto.get(&path).await.is(200).json()["ideas"][0]["can"]["answer"].take();
    assert_eq!((&permit["allowed"], &permit["code"]), (&json!(false), &json!("staff_second_factor")));
    attempt(&otto, "answer", &idea).await.refused(403, "staff_second_factor");
}

#[on_both_databases]
async fn a_frontend_learns_what_is_mine_what_i_support_and_when_a_door_opens(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let (first, second) = (ana.submits("A crossing", &challenge).await, ben.submits("A bench", &challenge).await);
    ana.supports(&second).await.is(201);
    let id = |idea: &str| idea.trim_start_matches("/ideas/").to_owned();
    let nobodys = "0192f3a4-0000-7000-8000-000000000000";
    let asked = format!("/me/state?ideas={},{nobodys},{}&challenges={challenge}", id(&second), id(&first));
    let state = ana.get(&asked).await.is(200);
    assert_eq!(state.header("cache-control"), Some("private, no-store"));
    let state = state.json();
    let told: Vec<(Value, Value)> =
        state["ideas"].as_array().unwrap().iter().map(|one| (one["mine"].clone(), one["supported"].clone())).collect();
    assert_eq!(told, [(json!(false), json!(true)), (json!(true), json!(false))]);
    assert_eq!(state["challenges"][0]["can"]["submit"], json!({ "allowed": true }));
    app.visitor().get(&asked).await.refused(401, "unauthenticated");
    assert_eq!(state["challenges"][0]["can"]["support"], json!({ "allowed": true }));
    let number = ana.get(&second).await.json()["number"].as_str().unwrap().to_owned();
    let by_number = ana.get(&format!("/me/state?ideas={number}")).await.is(200).json();
    assert_eq!(by_number["ideas"][0], state["ideas"][0]);
    ana.get("/me/state?ideas=bench").await.refused(422, "invalid");
    ana.get(&format!("/me/state?ideas={}", vec![nobodys; 101].join(","))).await.refused(422, "invalid");
}

#[on_both_databases]
async fn every_word_on_the_wire_has_a_label_and_a_meaning(app: TestApp) {
    let vocabulary = app.visitor().get("/v1/vocabulary").await.is(200).json();
    let source = include_str!("../../src/vocabulary/mod.rs");
    // What is kept inside goes over no wire.
    let inside = ["TokenKind", "Visibility", "IdeaOrigin", "SignalVoteState", "BallotState"];
    let declared = source.lines().filter_map(|line| line.trim().strip_prefix("pub enum ")?.strip_suffix(" {"));
    let declared = declared.filter(|name| !inside.contains(name)).count();
    let lists = vocabulary["lists"].as_array().unwrap();
    assert_eq!(lists.len(), declared + 1);
    for word in lists.iter().flat_map(|list| list["words"].as_array().unwrap()) {
        for said in ["word", "label", "explanation"] {
            assert!(word[said].as_str().is_some_and(|text| text.len() > 1), "{word}");
        }
    }
}
