//! Residents say what the council has to deal with, and it does so in public and in time.

use folkmoot::vocabulary::Role;
use futures_util::future::join_all;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, days, draft, promise};

fn door_draft(app: &TestApp) -> Value {
    let mut door = draft(app.app.db.clock().now(), "post");
    door["kind"] = json!("open_door");
    door["title"] = json!("The open door");
    door["phases"] = json!([]);
    door
}

fn door_promise(app: &TestApp) -> Value {
    let mut promise = promise(app.app.db.clock().now());
    promise.as_object_mut().unwrap().remove("publish_outcome_by");
    promise
}

async fn sets_threshold(officer: &Actor, last: i64, wish: Value) -> crate::support::Answer {
    officer.change("PUT", "/open-door/threshold", &json!(last), &wish).await
}

/// The open door of the council, at which so many have to support an idea.
pub async fn open_door(app: &TestApp, officer: &Actor, supports: i64, verified: Option<i64>) -> String {
    // Grounds, a notice and people who moderate come with it.
    app.open_challenge("post").await;
    let drafted = officer.post("/challenges", &door_draft(app)).await.is(201).json();
    let door = format!("/challenges/{}", drafted["id"].as_str().unwrap());
    officer.change("PUT", &format!("{door}/promise"), &json!(1), &door_promise(app)).await.is(200);
    app.accept_promise(&drafted["id"]).await;
    let mut wish = json!({ "supports": supports, "within_days": 10 });
    if let Some(verified) = verified {
        wish["verified_residents"] = json!(verified);
    }
    sets_threshold(officer, 0, wish).await.is(200);
    officer.post(&format!("{door}/open"), &json!({})).await.is(200);
    drafted["id"].as_str().unwrap().to_owned()
}

async fn raised(app: &TestApp) -> Vec<Value> {
    app.visitor().get("/open-door/ideas").await.is(200).json()["items"].as_array().unwrap().clone()
}

async fn supporters(app: &TestApp, from: usize, count: usize) -> Vec<Actor> {
    let all = (from..from + count).map(|n| async move { app.resident(&format!("r{n}")).await });
    join_all(all).await
}

#[on_both_databases]
async fn a_council_has_one_open_door_which_has_neither_phases_nor_an_end_nor_an_outcome(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    app.visitor().get("/open-door").await.refused(404, "not_found");
    let mut wrong = door_draft(&app);
    wrong["phases"] = draft(app.app.db.clock().now(), "post")["phases"].clone();
    assert_eq!(
        officer.post("/challenges", &wrong).await.refused(422, "invalid").json()["errors"][0]["pointer"],
        "/phases"
    );
    let mut wrong = draft(app.app.db.clock().now(), "post");
    wrong["phases"] = json!([]);
    assert_eq!(
        officer.post("/challenges", &wrong).await.refused(422, "invalid").json()["errors"][0]["code"],
        "too_few"
    );
    let challenge = open_door(&app, &officer, 2, None).await;
    officer.post("/challenges", &door_draft(&app)).await.refused(409, "already_exists");
    officer.post(&format!("/challenges/{challenge}/close"), &json!({})).await.refused(409, "wrong_state");
    let ana = app.resident("ana").await;
    app.advance(days(4_000));
    let ana = Actor { token: app.signs_in("ana").await.token, ..ana };
    ana.submits("A crossing", &challenge).await;
    let shown = app.visitor().get(&format!("/challenges/{challenge}")).await.is(200).json();
    assert_eq!(
        (&shown["state"], &shown["closes_at"], &shown["kind"]),
        (&json!("open"), &Value::Null, &json!("open_door"))
    );
    let promise = app.visitor().get(&format!("/challenges/{challenge}/promise")).await.is(200).json();
    assert_eq!((&promise["publish_outcome_by"], &promise["figures"]["outcome_overdue"]), (&Value::Null, &json!(false)));
    let readiness = app.visitor().get(&format!("/challenges/{challenge}/readiness")).await.is(200).json();
    let items: Vec<&str> =
        readiness["items"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert!(items.contains(&"threshold") && !items.contains(&"outcome_date"), "{items:?}");
}

#[on_both_databases]
async fn it_does_not_open_without_saying_how_much_it_takes_or_with_an_outcome(app: TestApp) {
    app.open_challenge("post").await;
    let officer = app.member("officer", Role::Officer).await;
    let drafted = officer.post("/challenges", &door_draft(&app)).await.is(201).json();
    let door = format!("/challenges/{}", drafted["id"].as_str().unwrap());
    let dated = promise(app.app.db.clock().now());
    officer.change("PUT", &format!("{door}/promise"), &json!(1), &dated).await.refused(422, "invalid");
    officer.change("PUT", &format!("{door}/promise"), &json!(1), &door_promise(&app)).await.is(200);
    app.accept_promise(&drafted["id"]).await;
    let refused = officer.post(&format!("{door}/open"), &json!({})).await.refused(409, "not_ready").json();
    assert_eq!(refused["missing"][0]["code"], "threshold");
    // What is left out of a question is needed.
    let question = officer.post("/challenges", &draft(app.app.db.clock().now(), "post")).await.is(201).json();
    let path = format!("/challenges/{}/promise", question["id"].as_str().unwrap());
    let refused = officer.change("PUT", &path, &json!(1), &door_promise(&app)).await.refused(422, "invalid").json();
    assert_eq!(
        (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
        (&json!("/publish_outcome_by"), &json!("required"))
    );
}

#[on_both_databases]
async fn an_idea_that_enough_support_is_owed_a_decision_which_is_public_when_it_is_late(app: TestApp) {
    let officer = app.member("otto", Role::Officer).await;
    let challenge = open_door(&app, &officer, 3, None).await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    let people = supporters(&app, 0, 3).await;
    for one in &people[..2] {
        one.supports(&idea).await.is(201);
    }
    assert!(raised(&app).await.is_empty());
    people[2].supports(&idea).await.is(201);
    let owed = raised(&app).await;
    assert_eq!((owed.len(), &owed[0]["supports_then"], &owed[0]["overdue"]), (1, &json!(3), &json!(false)));
    // Ten working days from a Monday on.
    assert_eq!(owed[0]["due_at"], "2027-03-16T00:00:00Z");
    // Whoever takes it back does not take that back.
    people[2].delete(&format!("{idea}/support")).await.is(200);
    people[2].supports(&idea).await.is(201);
    assert_eq!(raised(&app).await[0]["reached_at"], owed[0]["reached_at"]);
    app.run_jobs().await;
    app.advance(days(15));
    app.run_jobs().await;
    assert_eq!(raised(&app).await[0]["overdue"], true);
    app.last_mail("otto@people.example", "A crossing");
    let door = app.visitor().get("/open-door").await.is(200).json();
    assert_eq!((&door["figures"]["waiting"], &door["figures"]["overdue"]), (&json!(1), &json!(1)));
    let kinds = app.visitor().get("/changes").await.is(200).text();
    assert_eq!(kinds.matches("idea.raised").count(), 1);
}

#[on_both_databases]
async fn where_residents_have_shown_where_they_live_enough_of_them_are_needed(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    let challenge = open_door(&app, &officer, 2, Some(1)).await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    let people = supporters(&app, 0, 3).await;
    for one in &people[..2] {
        one.supports(&idea).await.is(201);
    }
    assert!(raised(&app).await.is_empty());
    let seen = json!({ "email": "r2@people.example", "office": "Streets" });
    officer.post("/verifications", &seen).await.is(201);
    people[2].supports(&idea).await.is(201);
    assert_eq!(raised(&app).await.len(), 1);
}

#[on_both_databases]
async fn a_share_of_those_who_have_shown_where_they_live_is_needed_and_who_shows_it_later_counts_from_then_on(
    app: TestApp,
) {
    let officer = app.member("officer", Role::Officer).await;
    let challenge = open_door(&app, &officer, 2, None).await;
    let half = json!({ "supports": 2, "verified_percent": 50, "within_days": 10, "reason": "Half of those we know." });
    let no_reason = json!({ "supports": 2, "verified_percent": 50, "within_days": 10 });
    sets_threshold(&officer, 1, no_reason).await.refused(422, "invalid");
    let set = sets_threshold(&officer, 1, half).await.is(200).json();
    assert_eq!(set["verified_percent"], 50);
    app.run_jobs().await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    let people = supporters(&app, 0, 5).await;
    let verifies = async |n: usize| {
        let seen = json!({ "email": format!("r{n}@people.example"), "office": "Streets" });
        officer.post("/verifications", &seen).await.is(201);
    };
    for n in 0..3 {
        verifies(n).await;
    }
    // Of three who have shown it two are half: a part of a person is one.
    assert_eq!(app.visitor().get("/open-door").await.is(200).json()["verified_needed"], 2);
    for one in [0, 3, 4] {
        people[one].supports(&idea).await.is(201);
    }
    assert!(raised(&app).await.is_empty());
    verifies(3).await;
    app.run_jobs().await;
    let owed = raised(&app).await;
    assert_eq!((owed.len(), &owed[0]["supports_then"]), (1, &json!(3)), "two of four, without another support");
}

#[on_both_databases]
async fn a_share_is_of_the_same_people_at_the_same_instant_and_who_verifies_anew_counts_anew(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    let challenge = open_door(&app, &officer, 3, None).await;
    let half = json!({ "supports": 3, "verified_percent": 50, "within_days": 10, "reason": "Half of those we know." });
    sets_threshold(&officer, 1, half).await.is(200);
    app.run_jobs().await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    let people = supporters(&app, 0, 5).await;
    let verifies = async |officer: &Actor, n: usize| {
        let seen = json!({ "email": format!("r{n}@people.example"), "office": "Streets" });
        officer.post("/verifications", &seen).await.is(201);
        app.run_jobs().await;
    };
    for n in [0, 1] {
        verifies(&officer, n).await;
        people[n].supports(&idea).await.is(201);
    }
    // What they showed has run out; others have shown it since.
    app.advance(days(800));
    let officer = app.signs_in("officer").await;
    for n in [2, 3] {
        verifies(&officer, n).await;
    }
    app.signs_in("r4").await.supports(&idea).await.is(201);
    assert!(raised(&app).await.is_empty(), "three support it, of whom nobody is among the two who are verified");
    verifies(&officer, 0).await;
    assert!(raised(&app).await.is_empty(), "one of three");
    // Of what was shown and forgotten, nothing counts, and what is shown within the month does.
    assert!(crate::support::stored::tries(&app, "DELETE FROM verifications").await);
    verifies(&officer, 3).await;
    app.advance(std::time::Duration::from_secs(1));
    verifies(&officer, 0).await;
    assert_eq!(raised(&app).await.len(), 1, "one of two");
}

#[on_both_databases]
async fn it_is_made_easier_at_any_time_and_harder_for_a_reason_and_nothing_that_was_raised_is_touched(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    let challenge = open_door(&app, &officer, 5, None).await;
    let ana = app.resident("ana").await;
    let (many, few) = (ana.submits("A crossing", &challenge).await, ana.submits("A bench", &challenge).await);
    let people = supporters(&app, 0, 3).await;
    for one in &people {
        one.supports(&many).await.is(201);
    }
    people[0].supports(&few).await.is(201);
    app.advance(days(1));
    let officer = app.signs_in("officer").await;
    sets_threshold(&officer, 2, json!({ "supports": 3, "within_days": 10 })).await.refused(412, "changed");
    let lowered = sets_threshold(&officer, 1, json!({ "supports": 3, "within_days": 10 })).await.is(200).json();
    app.run_jobs().await;
    let owed = raised(&app).await;
    assert_eq!((owed.len(), &owed[0]["title"], &owed[0]["threshold"]), (1, &json!("A crossing"), &json!(2)));
    assert_eq!(owed[0]["reached_at"], lowered["changed_at"], "its clock began when it became enough");
    let refused = sets_threshold(&officer, 2, json!({ "supports": 50, "within_days": 10 })).await;
    assert_eq!(refused.refused(422, "invalid").json()["errors"][0]["pointer"], "/reason");
    let reason = json!({ "supports": 50, "within_days": 10, "reason": "Too much came for us to decide well." });
    sets_threshold(&officer, 2, reason).await.is(200);
    app.run_jobs().await;
    assert_eq!(raised(&app).await, owed);
    let door = app.visitor().get("/open-door").await.is(200).json();
    assert_eq!(
        (&door["threshold"]["reason"], &door["before"][0]["supports"]),
        (&json!("Too much came for us to decide well."), &json!(3))
    );
}

#[on_both_databases]
async fn what_was_raised_is_taken_up_answered_or_declined_by_an_office_with_reasons(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    let challenge = open_door(&app, &officer, 1, None).await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mut ideas = Vec::new();
    for title in ["A crossing", "A bench", "A tower", "Too little said"] {
        let idea = ana.submits(title, &challenge).await;
        ben.supports(&idea).await.is(201);
        ideas.push(idea);
    }
    let unsupported = ana.submits("A tree", &challenge).await;
    let version = async |idea: &str| officer.get(idea).await.is(200).json()["version"].take();
    let take_up = json!({ "office": "Streets", "reason": "So many want it that we ask everybody." });
    let up = async |idea: &String| {
        let seen = version(idea).await;
        officer.change("POST", &format!("{idea}/take-up"), &seen, &take_up).await
    };
    up(&unsupported).await.refused(409, "wrong_state");
    let taken = up(&ideas[0]).await.is(201).json();
    up(&ideas[0]).await.refused(409, "wrong_state");
    let answer = |kind: &str| json!({ "kind": kind, "office": "Streets", "reason": "Because." });
    officer.answers(&ideas[1], &answer("already_done")).await.is(201);
    officer.answers(&ideas[2], &answer("declined")).await.is(201);
    officer.answers(&ideas[3], &answer("needs_information")).await.is(201);
    let door = app.visitor().get("/open-door").await.is(200).json();
    assert_eq!(
        door["figures"],
        json!({ "raised": 4, "taken_up": 1, "answered": 1, "declined": 1, "waiting": 1, "overdue": 0 })
    );
    let waiting = app.visitor().get("/open-door/ideas?waiting=true").await.is(200).json();
    assert_eq!(waiting["items"][0]["title"], "Too little said");
    // The draft names whose idea it was, and both lead to each other once it is public.
    let made = format!("/challenges/{}", taken["taken_up_as"].as_str().unwrap());
    let drafted = officer.get(&made).await.is(200).json();
    assert_eq!((&drafted["state"], &drafted["title"]), (&json!("draft"), &json!("A crossing")));
    assert_eq!(
        drafted["taken_up_from"],
        json!({ "idea": ideas[0].trim_start_matches("/ideas/"), "title": "A crossing", "author": "ana" })
    );
    let shown = async |title: &str| raised(&app).await.into_iter().find(|one| one["title"] == title).unwrap();
    assert_eq!(
        (&shown("A crossing").await["settled_as"], &shown("A crossing").await["taken_up_as"]),
        (&json!("taken_up"), &Value::Null)
    );
    app.run_jobs().await;
    app.last_mail("ana@people.example", "So many want it that we ask everybody.");
    app.last_mail("ben@people.example", "So many want it that we ask everybody.");
}

// Crossing is counted once, whoever is last.
#[on_both_databases]
async fn those_who_support_at_one_moment_raise_an_idea_once(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    let challenge = open_door(&app, &officer, 6, Some(3)).await;
    let people = supporters(&app, 0, 8).await;
    for n in 0..3 {
        let seen = json!({ "email": format!("r{n}@people.example"), "office": "Streets" });
        officer.post("/verifications", &seen).await.is(201);
    }
    let ana = app.resident("ana").await;
    for round in 0..6 {
        let idea = ana.submits(&format!("Idea {round}"), &challenge).await;
        for answer in join_all(people.iter().map(|one| one.supports(&idea))).await {
            answer.is(201);
        }
        app.run_jobs().await;
        let owed = raised(&app).await;
        assert_eq!(owed.len(), round + 1, "every one of them is raised");
        assert!(owed[0]["supports_then"].as_i64().unwrap() >= 6);
        let kinds = app.visitor().get("/changes?limit=500").await.is(200).text();
        assert_eq!(kinds.matches("idea.raised").count(), round + 1, "and none of them twice");
    }
}
