//! Support: once for each resident and idea, whatever happens at the same time.

use folkmoot::participation::voting::queries::drifted;
use futures_util::future::join_all;
use on_both_databases::on_both_databases;
use serde_json::json;

use crate::support::{TestApp, days};

// case C1
#[on_both_databases]
async fn sixty_four_identical_supports_at_once_are_one(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A crossing at Mill Lane", &challenge).await;
    let ben = app.resident("ben").await;
    let answers = join_all((0..64).map(|_| ben.supports(&idea))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 63);
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["supports"], 1);
    assert_eq!(app.app.db.read(drifted).await.unwrap(), []);
}

// case C2
#[on_both_databases]
async fn a_storm_of_supports_and_withdrawals_leaves_every_count_equal_to_its_rows(app: TestApp) {
    // 10,000 in the long run, as `just long` says.
    let rounds = if cfg!(debug_assertions) { 12 } else { 312 };
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let mut ideas = Vec::new();
    for n in 0..4 {
        ideas.push(ana.submits(&format!("Idea number {n}"), &challenge).await);
    }
    let mut people = Vec::new();
    for n in 0..32 {
        people.push(app.resident(&format!("resident{n}")).await);
    }
    let work = people.iter().enumerate().map(|(n, person)| {
        let ideas = &ideas;
        async move {
            for round in 0..rounds {
                let idea = &ideas[(n + round) % ideas.len()];
                match (n * 7 + round * 3) % 3 {
                    0 => person.delete(&format!("{idea}/support")).await.is(200),
                    _ => {
                        let answer = person.supports(idea).await;
                        assert!(matches!(answer.status, 200 | 201), "{}", answer.text());
                        answer
                    }
                };
            }
        }
    });
    join_all(work).await;
    assert_eq!(app.app.db.read(drifted).await.unwrap(), []);
}

// case C5
#[on_both_databases]
async fn support_is_refused_before_and_after_its_phase_with_the_time_it_opens(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A crossing at Mill Lane", &challenge).await;
    app.advance(days(30));
    let ben = app.resident("ben").await;
    let refused = ben.supports(&idea).await.refused(409, "phase_not_open");
    assert_eq!(refused.json()["opens_at"], json!(null));
    assert_eq!(app.visitor().get(&idea).await.json()["supports"], 0);
}

// case H7
#[on_both_databases]
async fn a_submission_repeated_with_its_key_is_one_idea_and_the_same_answer(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let path = format!("/challenges/{challenge}/ideas");
    let submit = |title: &str| {
        let request = ana.request("POST", &path).insert_header(("Idempotency-Key", "one-key"));
        app.call(request.set_json(json!({ "title": title, "body": "" })))
    };
    let first = submit("A crossing").await.is(201);
    let again = submit("A crossing").await.is(201);
    assert_eq!(first.body, again.body);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    submit("Another").await.refused(422, "key_reused");
    let list = app.visitor().get(&path).await.is(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    // Somebody else's key is another key.
    let ben = app.resident("ben").await;
    let request = ben.request("POST", &path).insert_header(("Idempotency-Key", "one-key"));
    app.call(request.set_json(json!({ "title": "A bench", "body": "" }))).await.is(201);
}

#[on_both_databases]
async fn support_needs_no_body_and_still_refuses_a_bad_one(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let idea = ana.submits("A bench", &challenge).await;
    let path = format!("{idea}/support");
    app.call(ben.request("PUT", &path)).await.is(201);
    app.call(ben.request("PUT", &path).set_payload("{}")).await.refused(415, "unsupported_type");
    ben.send("PUT", &path, &json!({ "campaign": 1 })).await.refused(422, "invalid");
}
