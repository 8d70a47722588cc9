//! Every restriction has its reasons, and an appeal that somebody else decides.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::support::{Actor, PASSWORD, TestApp};

const WHY: &str = "The number in it is the council's own hotline.";

fn restriction(decision: &str) -> Value {
    json!({ "decision": decision, "ground": "personal_data", "statement": "It gives the number of a neighbour." })
}

async fn statement(author: &Actor) -> Value {
    author.get("/me/statements").await.is(200).json()["items"][0].take()
}

async fn appeals(author: &Actor, statement: &Value) -> crate::support::Answer {
    let path = format!("/me/statements/{}/appeal", statement["id"].as_str().unwrap());
    author.post(&path, &json!({ "text": WHY })).await
}

async fn waiting(moderator: &Actor) -> Value {
    moderator.get("/appeals").await.is(200).json()["items"].get(0).cloned().unwrap_or_default()
}

async fn decides(moderator: &Actor, appeal: &Value, body: &Value) -> crate::support::Answer {
    let path = format!("/appeals/{}/decision", appeal["appeal"]["id"].as_str().unwrap());
    moderator.change("POST", &path, &appeal["version"], body).await
}

fn verdict(result: &str) -> Value {
    json!({ "result": result, "reasons": "We have called the number, and it is ours." })
}

// cases G7, G8
#[on_both_databases]
async fn whoever_is_right_has_their_idea_back_with_all_its_support_by_somebody_else_than_who_took_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let (first, second) = (app.member("first", Role::Moderator).await, app.member("second", Role::Moderator).await);
    let idea = ana.submits("A crossing", &challenge).await;
    ben.supports(&idea).await.is(201);
    let before = app.visitor().get(&idea).await.is(200).json();
    first.decides(&restriction("remove")).await.is(201);
    assert!(app.visitor().get(&idea).await.is(200).json()["tombstone"].is_object());

    let told = statement(&ana).await;
    assert_eq!((&told["decision"], &told["found_by"]), (&json!("remove"), &json!("after_publication")));
    assert_eq!(told["statement"], "It gives the number of a neighbour.");
    assert!(told["ground_body"].as_str().unwrap().len() > 3 && told["appeal"].is_null(), "{told}");
    let path = format!("/me/statements/{}", told["id"].as_str().unwrap());
    assert_eq!(ana.get(&path).await.is(200).json(), told);
    ben.get(&path).await.refused(404, "not_found");
    appeals(&ben, &told).await.refused(404, "not_found");

    let made = appeals(&ana, &told).await.is(201).json();
    assert_eq!((&made["appeal"]["state"], &made["appeal"]["text"]), (&json!("open"), &json!(WHY)));
    appeals(&ana, &told).await.refused(409, "already_exists");
    let (mine, theirs) = (waiting(&first).await, waiting(&second).await);
    assert_eq!((&mine["may_decide"], &theirs["may_decide"]), (&json!(false), &json!(true)));
    let whole = theirs.to_string();
    assert!(!whole.contains("ana") && !whole.contains(ana.get("/me").await.json()["id"].as_str().unwrap()), "{whole}");
    decides(&first, &mine, &verdict("upheld")).await.refused(403, "forbidden");
    let case = second.get(&format!("/cases/{}", theirs["case"].as_str().unwrap())).await.is(200).json();
    assert_eq!((&case["reason"], &case["title"]), (&json!("appeal"), &json!("A crossing")));
    assert!(!case.to_string().contains("ana"), "whoever decides does not see whose it is: {case}");
    let claim = format!("/cases/{}/claim", theirs["case"].as_str().unwrap());
    second.change("PUT", &claim, &case["version"], &json!({})).await.refused(409, "wrong_state");
    let plain = format!("/cases/{}/decision", theirs["case"].as_str().unwrap());
    second
        .change("POST", &plain, &theirs["version"], &json!({ "decision": "publish" }))
        .await
        .refused(409, "wrong_state");

    let decided = decides(&second, &theirs, &verdict("reversed")).await.is(201).json();
    assert_eq!(
        (&decided["appeal"]["result"], &decided["against"]["item_state"]),
        (&json!("reversed"), &json!("published"))
    );
    decides(&second, &theirs, &verdict("upheld")).await.refused(409, "already_decided");
    let after = app.visitor().get(&idea).await.is(200).json();
    for same in ["title", "body", "supports", "status", "number", "submitted_at", "answer_due_at", "author"] {
        assert_eq!(after[same], before[same], "{same}");
    }
    assert_eq!(waiting(&second).await, Value::Null);
    let heard = statement(&ana).await;
    assert_eq!((&heard["appeal"]["result"], &heard["item_state"]), (&json!("reversed"), &json!("published")));
    let admin = app.member("ada", Role::Admin).await;
    let log = admin.get("/audit-log?action=appeal.decided").await.is(200).json();
    assert_eq!(log["items"][0]["before"], json!({ "state": "removed" }));
    app.run_jobs().await;
    app.last_mail("ana@people.example", "the decision is taken back");
}

// case G8
#[on_both_databases]
async fn an_appeal_is_made_from_the_mail_by_whoever_cannot_sign_in_and_once(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let (first, second) = (app.member("first", Role::Moderator).await, app.member("second", Role::Moderator).await);
    let idea = ana.submits("A crossing", &challenge).await;
    first.decides(&restriction("hide")).await.is(201);
    app.run_jobs().await;
    let link = json!({ "token": app.token_in_mail("ana@people.example"), "text": WHY });
    app.visitor().post("/appeals", &json!({ "token": link["token"], "text": "No." })).await.refused(422, "invalid");
    app.visitor().post("/appeals", &link).await.is(204);
    app.visitor().post("/appeals", &link).await.refused(422, "link_invalid");
    // Amended is another decision with its own ground, and no more and no less.
    let amended = json!({ "result": "amended", "reasons": "It is worse than it looked.", "instead": { "decision": "remove", "ground": "personal_data" } });
    let appeal = waiting(&second).await;
    let without = json!({ "result": "amended", "reasons": "It is worse than it looked." });
    decides(&second, &appeal, &without).await.refused(422, "invalid");
    let mut unknown = amended.clone();
    unknown["instead"]["ground"] = json!("taste");
    decides(&second, &appeal, &unknown).await.refused(422, "invalid");
    decides(&second, &appeal, &amended).await.is(201);
    let heard = statement(&ana).await;
    assert_eq!((&heard["item_state"], &heard["appeal"]["decision"]), (&json!("removed"), &json!("remove")));
    assert_eq!(
        ana.get("/me/statements").await.json()["items"].as_array().unwrap().len(),
        1,
        "one statement, one appeal"
    );
    app.run_jobs().await;
    app.last_mail("ana@people.example", "changed the decision");
    app.visitor().get(&idea).await.refused(404, "not_found");
}

// case G8
#[on_both_databases]
async fn there_are_six_months_to_appeal_in_and_not_a_day_more(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let first = app.member("first", Role::Moderator).await;
    for title in ["A crossing", "A bridge"] {
        ana.submits(title, &challenge).await;
        first.decides(&restriction("hide")).await.is(201);
    }
    let statements = ana.get("/me/statements").await.is(200).json()["items"].take();
    let until: folkmoot::platform::db::Instant = statements[0]["appeal_until"].as_str().unwrap().parse().unwrap();
    let left = until.since(app.app.db.clock().now());
    assert!((181..186).contains(&(left.as_secs() / 86_400)), "{left:?}");
    app.advance(left - std::time::Duration::from_secs(1));
    let ana = app.signs_in("ana").await;
    appeals(&ana, &statements[0]).await.is(201);
    app.advance(std::time::Duration::from_secs(1));
    appeals(&ana, &statements[1]).await.refused(409, "wrong_state");
}

#[on_both_databases]
async fn an_appeal_goes_with_whoever_made_it_and_leaves_nothing_to_decide(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let moderator = app.member("first", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    moderator.decides(&restriction("hide")).await.is(201);
    appeals(&ana, &statement(&ana).await).await.is(201);
    // Somebody makes it public again meanwhile, so that it stays when she goes.
    moderator.post(&format!("{idea}/cases"), &json!({})).await.is(201);
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    let case = waiting(&moderator).await["case"].as_str().unwrap().to_owned();
    ana.post("/me/erasure", &json!({ "ideas": "anonymise", "proof": { "password": PASSWORD } })).await.is(204);
    assert_eq!(waiting(&moderator).await, Value::Null);
    assert_eq!(moderator.get(&format!("/cases/{case}")).await.is(200).json()["state"], "decided");
    app.visitor().get(&idea).await.is(200);
}

async fn appeal_against(moderator: &Actor, statement: &Value) -> Value {
    let open = moderator.get("/appeals?limit=100").await.is(200).json()["items"].take();
    open.as_array().unwrap().iter().find(|one| one["against"]["id"] == statement["id"]).unwrap().clone()
}

// case G8
#[on_both_databases]
async fn an_appeal_lifts_the_decision_that_it_is_against_and_no_other(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let (first, second) = (app.member("first", Role::Moderator).await, app.member("second", Role::Moderator).await);
    let decide_twice = async |title: &str| {
        let idea = ana.submits(title, &challenge).await;
        first.decides(&restriction("hide")).await.is(201);
        app.advance(std::time::Duration::from_secs(1));
        first.post(&format!("{idea}/cases"), &json!({})).await.is(201);
        first.decides(&restriction("remove")).await.is(201);
        app.advance(std::time::Duration::from_secs(1));
        let told = ana.get("/me/statements").await.is(200).json()["items"].take();
        let (removal, hiding) = (told[0].clone(), told[1].clone());
        assert_eq!((&removal["decision"], &hiding["decision"]), (&json!("remove"), &json!("hide")));
        for statement in [&removal, &hiding] {
            appeals(&ana, statement).await.is(201);
        }
        (idea, removal, hiding)
    };
    let stands = async |idea: &str| {
        let now = app.visitor().get(idea).await.is(200).json();
        (now["state"].clone(), now["tombstone"]["decision"].clone())
    };

    let (idea, removal, hiding) = decide_twice("A crossing").await;
    decides(&second, &appeal_against(&second, &hiding).await, &verdict("reversed")).await.is(201);
    assert_eq!(stands(&idea).await, (json!("removed"), removal["id"].clone()), "the removal stands");
    app.run_jobs().await;
    app.last_mail("ana@people.example", "Another decision about your idea stands");
    decides(&second, &appeal_against(&second, &removal).await, &verdict("reversed")).await.is(201);
    assert_eq!(stands(&idea).await, (json!("published"), Value::Null));

    let (idea, removal, hiding) = decide_twice("A bridge").await;
    decides(&second, &appeal_against(&second, &hiding).await, &verdict("upheld")).await.is(201);
    assert_eq!(stands(&idea).await, (json!("removed"), removal["id"].clone()));
    decides(&second, &appeal_against(&second, &removal).await, &verdict("reversed")).await.is(201);
    assert_eq!(stands(&idea).await, (json!("hidden"), hiding["id"].clone()), "what stood before stands again");
}

// case G8
#[on_both_databases]
async fn an_appeal_is_answered_whatever_has_become_of_the_idea_since(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let (first, second) = (app.member("first", Role::Moderator).await, app.member("second", Role::Moderator).await);
    let idea = ana.submits("A crossing", &challenge).await;
    first.decides(&restriction("hide")).await.is(201);
    appeals(&ana, &statement(&ana).await).await.is(201);
    app.advance(std::time::Duration::from_secs(1));
    first.post(&format!("{idea}/cases"), &json!({})).await.is(201);
    first.decides(&json!({ "decision": "publish" })).await.is(201);
    let version = ana.get(&idea).await.is(200).json()["version"].take();
    ana.change("DELETE", &idea, &version, &json!({})).await.is(204);
    let appeal = waiting(&second).await;
    assert_eq!(appeal["appeal"]["result"], Value::Null, "it waits still");
    let decided = decides(&second, &appeal, &verdict("reversed")).await.is(201).json();
    assert_eq!(
        (&decided["appeal"]["result"], &decided["against"]["item_state"]),
        (&json!("reversed"), &json!("withdrawn"))
    );
    app.run_jobs().await;
    app.last_mail("ana@people.example", "What has become of your idea since stays so.");
}

#[on_both_databases]
async fn what_is_hidden_may_be_hidden_once_more_on_other_reasons_and_its_author_hears_them(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, moderator) = (app.resident("ana").await, app.member("first", Role::Moderator).await);
    let idea = ana.submits("A crossing", &challenge).await;
    moderator.decides(&restriction("hide")).await.is(201);
    app.advance(std::time::Duration::from_secs(1));
    moderator.post(&format!("{idea}/cases"), &json!({})).await.is(201);
    let other = json!({ "decision": "hide", "ground": "personal_data", "statement": "It names her school, too." });
    let decision = moderator.decides(&other).await.is(201).json();
    let shown = app.visitor().get(&idea).await.is(200).json();
    assert_eq!((&shown["state"], &shown["tombstone"]["decision"]), (&json!("hidden"), &decision["id"]));
    app.run_jobs().await;
    app.last_mail("ana@people.example", "It names her school, too.");
}

/// What somebody does, whether or not it is the time for it.
#[derive(Clone, Copy, Debug)]
enum Step {
    Decide(usize, &'static str),
    OpenCase(usize),
    Appeal(usize),
    DecideAppeal(usize, &'static str),
    Support,
    Wait,
}

fn step() -> impl Strategy<Value = Step> {
    let kind = || proptest::sample::select(vec!["publish", "hide", "remove", "lock"]);
    let result = || proptest::sample::select(vec!["upheld", "reversed", "hide", "remove"]);
    prop_oneof![
        3 => (0..2_usize, kind()).prop_map(|(who, kind)| Step::Decide(who, kind)),
        2 => (0..2_usize).prop_map(Step::OpenCase),
        3 => (0..3_usize).prop_map(Step::Appeal),
        3 => (0..2_usize, result()).prop_map(|(who, result)| Step::DecideAppeal(who, result)),
        1 => Just(Step::Support),
        1 => Just(Step::Wait),
    ]
}

// cases G7, G8: in whatever order moderation, appeal and restoration come
#[on_both_databases]
async fn no_state_changes_without_a_statement_and_nobody_decides_twice_in_whatever_order_things_come(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let admin = app.member("ada", Role::Admin).await;
    let moderators = [app.member("one", Role::Moderator).await, app.member("two", Role::Moderator).await];
    let names =
        [moderators[0].get("/me").await.json()["id"].take(), moderators[1].get("/me").await.json()["id"].take()];
    let mut runner = TestRunner::deterministic();
    for walk in 0..12 {
        let steps = proptest::collection::vec(step(), 6..16).new_tree(&mut runner).unwrap().current();
        let (ana, ben) = (app.resident(&format!("ana{walk}")).await, app.resident(&format!("ben{walk}")).await);
        // Every other walk is about a comment: the same happens to it, and nothing to the idea that it is under.
        let under = ana.submits(&format!("Idea {walk}"), &challenge).await;
        let said = ana.post(&format!("{under}/comments"), &json!({ "body": "Yes, please." })).await.is(201).json();
        let (idea, id) = match walk % 2 {
            0 => (under.clone(), json!(under.trim_start_matches("/ideas/"))),
            _ => (format!("/comments/{}", said["id"].as_str().unwrap()), said["id"].clone()),
        };
        let is_it = |one: &Value| match one["comment"].is_null() {
            true => one["idea"] == id,
            false => one["comment"] == id,
        };
        let (mut supports, mut decided_by) = (0, std::collections::HashMap::new());
        // Each decision with what an appeal has made of it: what was reversed counts as never taken.
        let mut taken: Vec<(String, &str, Option<&str>)> = Vec::new();
        // Those that a moderator took having opened the case for it.
        let mut looked_again = std::collections::HashSet::new();
        for (n, step) in steps.iter().enumerate() {
            let told = format!("walk {walk}, step {n} of {steps:?}");
            app.advance(std::time::Duration::from_secs(1));
            let before = ana.get(&idea).await.is(200).json();
            let statements = ana.get("/me/statements").await.is(200).json()["items"].as_array().unwrap().clone();
            let status = match *step {
                Step::Decide(who, kind) => {
                    let cases = moderators[who].get("/cases?limit=100").await.is(200).json()["items"].take();
                    let case = cases.as_array().unwrap().iter().find(|case| is_it(case)).cloned();
                    let Some(case) = case else { continue };
                    let body = if kind == "publish" { json!({ "decision": kind }) } else { restriction(kind) };
                    let path = format!("/cases/{}/decision", case["id"].as_str().unwrap());
                    let answer = moderators[who].change("POST", &path, &case["version"], &body).await;
                    if answer.status == 201 {
                        let decision = answer.json()["id"].as_str().unwrap().to_owned();
                        taken.push((decision.clone(), kind, None));
                        if case["reason"] == "own_motion" {
                            looked_again.insert(decision.clone());
                        }
                        decided_by.insert(decision, who);
                    }
                    answer.status
                }
                Step::OpenCase(who) => moderators[who].post(&format!("{idea}/cases"), &json!({})).await.status,
                Step::Appeal(which) => match statements.get(which) {
                    Some(statement) => appeals(&ana, statement).await.status,
                    None => continue,
                },
                Step::DecideAppeal(who, result) => {
                    let open = moderators[who].get("/appeals?limit=100").await.is(200).json()["items"].take();
                    let appeal = open.as_array().unwrap().iter().find(|one| is_it(&one["against"])).cloned();
                    let Some(appeal) = appeal else { continue };
                    let mut body = verdict(result);
                    if matches!(result, "hide" | "remove") {
                        body["result"] = json!("amended");
                        body["instead"] = json!({ "decision": result, "ground": "personal_data" });
                    }
                    let own = decided_by[appeal["against"]["id"].as_str().unwrap()] == who;
                    let status = decides(&moderators[who], &appeal, &body).await.status;
                    assert_eq!(own, status == 403, "{told}");
                    if status == 201 {
                        let against = taken.iter_mut().find(|(id, ..)| appeal["against"]["id"] == **id).unwrap();
                        against.2 = Some(result);
                    }
                    if result == "reversed" && status == 201 && walk % 2 == 0 {
                        assert_eq!(app.visitor().get(&idea).await.is(200).json()["supports"], supports, "{told}");
                    }
                    status
                }
                Step::Support => {
                    let status = ben.supports(&under).await.status;
                    supports = if status == 201 { 1 } else { supports };
                    status
                }
                Step::Wait => {
                    app.advance(std::time::Duration::from_secs(1));
                    204
                }
            };
            assert!(status < 500, "{told}: {status}");
            let after = ana.get(&idea).await.is(200).json();
            let stands = taken.iter().fold("publish", |stands, (_, kind, verdict)| match verdict {
                Some("reversed") => stands,
                Some(instead @ ("hide" | "remove")) => instead,
                _ => kind,
            });
            let locked = taken.iter().fold(false, |locked, (decision, kind, verdict)| match (*kind, verdict) {
                ("lock", None | Some("upheld")) => true,
                ("publish", _) if looked_again.contains(decision) => false,
                _ => locked,
            });
            assert_eq!(after["locked"], locked, "{told}");
            let stands = if stands == "lock" { "publish" } else { stands };
            let state = ["published", "hidden", "removed"]
                [["publish", "hide", "remove"].iter().position(|one| *one == stands).unwrap()];
            assert_eq!(after["state"], state, "{told}");
            let restricted = matches!(after["state"].as_str(), Some("hidden" | "removed"));
            if restricted {
                let now = ana.get("/me/statements").await.is(200).json()["items"].take();
                let reasons = now.as_array().unwrap().iter().any(|one| {
                    let last = if one["appeal"]["decision"].is_string() { &one["appeal"] } else { one };
                    !one["statement"].as_str().unwrap().is_empty() && last["decision"].as_str().is_some()
                });
                assert!(reasons, "{told}: restricted without a statement");
            }
            if before["state"] != after["state"] && !matches!(step, Step::Decide(..) | Step::DecideAppeal(..)) {
                panic!("{told}: {} became {} by nobody's decision", before["state"], after["state"]);
            }
            let around = ana.get(&under).await.is(200).json();
            assert_eq!(around["supports"], supports, "{told}: votes are never lost");
            if walk % 2 == 1 {
                assert_eq!((&around["state"], &around["locked"]), (&json!("published"), &json!(false)), "{told}");
            }
        }
        // And nobody decided upon themselves, as the council's own log has it.
        let log = admin.get("/audit-log?action=appeal.decided&limit=100").await.is(200).json()["items"].take();
        for line in log.as_array().unwrap() {
            assert!(names.contains(&line["actor"]["id"]), "{line}");
        }
    }
}
