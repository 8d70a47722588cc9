//! Merges: proposed by the staff, put to those whose support it is about, counted once, and undone as exactly.

use std::time::Duration;

use folkmoot::participation::voting::queries::drifted;
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::support::stored::{texts, tries};
use crate::support::{Actor, Answer, PASSWORD, TestApp, days};

const WHY: &str = "Both ask for a crossing at the same place.";

fn id_in(address: &str) -> &str {
    address.rsplit('/').next().unwrap()
}

async fn proposes(moderator: &Actor, into: &str, ideas: &[&String]) -> Answer {
    let ideas: Vec<&str> = ideas.iter().map(|idea| id_in(idea)).collect();
    moderator.post(&format!("{into}/merges"), &json!({ "ideas": ideas, "reason": WHY })).await
}

fn at(merge: &Value) -> String {
    format!("/merges/{}", merge["id"].as_str().unwrap())
}

async fn chooses(who: &Actor, merge: &Value, choice: &str) -> Answer {
    who.put(&format!("{}/choice", at(merge)), &json!({ "choice": choice })).await
}

/// Eight days later, when all is done that was to be.
async fn when_the_time_is_over(app: &TestApp) {
    app.advance(days(7));
    app.run_jobs().await;
}

async fn supports(app: &TestApp, idea: &str) -> i64 {
    app.visitor().get(idea).await.is(200).json()["supports"].as_i64().unwrap()
}

async fn no_count_has_drifted(app: &TestApp) {
    assert_eq!(app.app.db.read(drifted).await.unwrap(), []);
}

/// Every support and every count, as the database has them.
async fn rows(app: &TestApp) -> Vec<String> {
    let id = |name: &str| match app.database_url.starts_with("postgres") {
        true => format!("{name}::text"),
        false => format!("lower(hex({name}))"),
    };
    let (idea, voter) = (id("idea_id"), id("voter_id"));
    let supports = format!("SELECT {idea} || ' ' || {voter} || ' ' || created_at AS text FROM supports");
    let counts = format!("SELECT {idea} || ' ' || supports AS text FROM idea_counters");
    let mut all = texts(app, &supports).await;
    all.extend(texts(app, &counts).await);
    all.sort();
    all
}

// case C6
#[on_both_databases]
async fn whoever_agrees_counts_once_for_the_other_idea_and_whoever_says_nothing_stays_where_they_were(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let (cat, dan) = (app.resident("cat").await, app.resident("dan").await);
    let mo = app.member("mo", Role::Moderator).await;
    let into = ana.submits("A crossing at Mill Lane", &challenge).await;
    let idea = ben.submits("A zebra crossing in Mill Lane", &challenge).await;
    for (who, what) in [(&ana, &into), (&cat, &into), (&cat, &idea), (&dan, &idea), (&ben, &idea)] {
        who.supports(what).await.is(201);
    }
    app.run_jobs().await;
    let merge = proposes(&mo, &into, &[&idea]).await.is(201).json();
    assert_eq!((&merge["state"], &merge["silence"]), (&json!("proposed"), &json!("consent")));
    app.run_jobs().await;
    // Author and supporters are asked by mail, each once; who supports only the other idea is not concerned.
    for who in ["ben", "cat", "dan"] {
        let mails = app.mails_to(who);
        assert_eq!(mails.iter().filter(|mail| mail.contains("/merge#token=")).count(), 1, "{who}");
    }
    assert!(app.mails_to("ana").iter().all(|mail| !mail.contains("/merge#token=")));
    chooses(&ana, &merge, "carry").await.refused(404, "not_found");
    let told = app.last_mail("ben@people.example", "Choose by");
    for said in
        [WHY, "A zebra crossing in Mill Lane", "A crossing at Mill Lane", "not merged at all", "stays where it is"]
    {
        assert!(told.contains(said), "{said} in {told}");
    }
    // Ben by his link, once; Cat signed in, and thinks again.
    let link = json!({ "token": app.token_in_mail("ben@people.example"), "choice": "carry" });
    app.visitor().post("/merge-choices", &link).await.is(204);
    app.visitor().post("/merge-choices", &link).await.refused(422, "link_invalid");
    chooses(&cat, &merge, "leave").await.is(200);
    let chosen = chooses(&cat, &merge, "carry").await.is(200).json();
    assert_eq!(cat.get(&format!("{}/choice", at(&merge))).await.is(200).json(), chosen);
    assert_eq!(dan.get(&format!("{}/choice", at(&merge))).await.is(200).json()["choice"], json!(null));
    // Nothing has moved yet.
    assert_eq!((supports(&app, &into).await, supports(&app, &idea).await), (2, 3));

    when_the_time_is_over(&app).await;
    // Ana, Cat and Ben: Cat, who supported both, once.
    assert_eq!(supports(&app, &into).await, 3);
    let merged = app.visitor().get(&idea).await.is(200).json();
    assert_eq!((&merged["state"], &merged["title"]), (&json!("merged"), &json!("A zebra crossing in Mill Lane")));
    assert_eq!((&merged["supports"], &merged["merged_into"]["idea"]), (&json!(3), &json!(id_in(&into))));
    no_count_has_drifted(&app).await;
    let (cat, dan, mo) = (app.signs_in("cat").await, app.signs_in("dan").await, app.signs_in("mo").await);
    // The one who said nothing is where they were; nobody can add to it or take from it.
    let standing = dan.get(&format!("/me/state?ideas={}", id_in(&into))).await.is(200).json();
    assert_eq!(standing["ideas"][0]["supported"], false);
    let refused = dan.supports(&idea).await.refused(409, "wrong_state").json();
    assert!(refused["detail"].as_str().unwrap().contains("merged into another"), "{refused}");
    dan.delete(&format!("{idea}/support")).await.refused(409, "wrong_state");
    chooses(&dan, &merge, "carry").await.refused(409, "wrong_state");
    dan.supports(&into).await.is(201);
    assert_eq!(supports(&app, &into).await, 4);
    // It is in no list, and the trail is the same on both ideas.
    let list = app.visitor().get(&format!("/challenges/{challenge}/ideas")).await.is(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    let trail = app.visitor().get(&format!("{idea}/merges")).await.is(200).json();
    assert_eq!(app.visitor().get(&format!("{into}/merges")).await.is(200).json(), trail);
    let done = trail["items"][0].clone();
    assert_eq!(done, app.visitor().get(&at(&merge)).await.is(200).json());
    assert_eq!((&done["state"], &done["ideas"][0]["state"]), (&json!("carried_out"), &json!("merged")));
    // Of three it is not told how many chose what: it could be one person's choice.
    assert_eq!(
        (&done["asked"], &done["choices"], &done["ideas"][0]["carried"]),
        (&json!(3), &json!(null), &json!(null))
    );
    let news = app.visitor().get("/changes?after=0&limit=500").await.is(200);
    for kind in ["merge.proposed", "merge.carried_out"] {
        assert_eq!(news.text().matches(kind).count(), 1, "{kind}");
    }
    assert!(!news.text().contains("idea.taken_down") && !trail.to_string().contains("cat"));
    assert!(app.last_mail("ben@people.example", "was merged into the other one").contains("A zebra crossing"));
    // The other idea is answered, and with it what was merged into it: also for who said nothing and who wrote it.
    let officer = app.member("officer", Role::Officer).await;
    officer.answers(&into, &json!({ "kind": "accepted", "office": "Streets", "reason": "It will be." })).await.is(201);
    app.run_jobs().await;
    for who in ["ana", "ben", "cat", "dan"] {
        app.last_mail(&format!("{who}@people.example"), "has answered this idea");
    }
    // Staff find it in a list with the figure that it has everywhere, and its author has no smaller one in their copy.
    let listed = mo.get(&format!("/challenges/{challenge}/ideas?state=merged")).await.is(200).json();
    let listed = &listed["items"][0];
    assert_eq!((&listed["supports"], &listed["merged_into"]["idea"]), (&json!(3), &json!(id_in(&into))));
    let proof = json!({ "proof": { "password": PASSWORD } });
    let copy = app.signs_in("ben").await.post("/me/data", &proof).await.is(200).text();
    assert!(copy.contains("\"left_because\"") && !copy.contains("\"carried\""), "{copy}");
    drop(cat);
}

#[on_both_databases]
async fn an_idea_is_not_withdrawn_with_the_support_of_others_in_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, mo) = (app.resident("ana").await, app.member("mo", Role::Moderator).await);
    let (into, idea) = (ana.submits("A crossing", &challenge).await, ana.submits("A zebra crossing", &challenge).await);
    let merge = proposes(&mo, &into, &[&idea]).await.is(201).json();
    when_the_time_is_over(&app).await;
    let (ana, mo) = (app.signs_in("ana").await, app.signs_in("mo").await);
    ana.change("DELETE", &into, &json!(1), &json!({})).await.refused(409, "wrong_state");
    let back = json!({ "reason": "One is about the crossing, the other about lights." });
    mo.post(&format!("{}/reversal", at(&merge)), &back).await.is(200);
    ana.change("DELETE", &into, &json!(1), &json!({})).await.is(204);
}

#[on_both_databases]
async fn where_the_council_says_so_silence_is_consent_and_whoever_objects_stays(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let admin = app.member("admin", Role::Admin).await;
    admin.change("PATCH", "", &json!(1), &json!({ "silence_in_merges": "opt_out" })).await.is(200);
    let ana = app.resident("ana").await;
    let (into, idea) = (ana.submits("A crossing", &challenge).await, ana.submits("A zebra crossing", &challenge).await);
    for n in 0..12 {
        app.resident(&format!("resident{n}")).await.supports(&idea).await.is(201);
    }
    let merge = proposes(&admin, &into, &[&idea]).await.is(201).json();
    // What it means is what it meant when they were asked.
    admin.change("PATCH", "", &json!(2), &json!({ "silence_in_merges": "consent" })).await.is(200);
    app.run_jobs().await;
    // Who comes later was asked nothing, so that silence says nothing of theirs.
    app.resident("late").await.supports(&idea).await.is(201);
    for n in 0..10 {
        let choice = if n < 2 { "leave" } else { "carry" };
        chooses(&app.signs_in(&format!("resident{n}")).await, &merge, choice).await.is(200);
    }
    when_the_time_is_over(&app).await;
    assert_eq!(supports(&app, &into).await, 10);
    let done = app.visitor().get(&at(&merge)).await.is(200).json();
    let source = &done["ideas"][0];
    assert_eq!(
        (&source["supports"], &source["carried"], &source["counted_already"]),
        (&json!(13), &json!(10), &json!(0))
    );
    assert_eq!(done["choices"], json!({ "carry": 8, "leave": 2, "silent": 3 }));
    no_count_has_drifted(&app).await;
}

#[on_both_databases]
async fn an_idea_whose_author_wishes_so_stays_by_itself_and_so_do_all_where_it_is_withdrawn(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, mo) =
        (app.resident("ana").await, app.resident("ben").await, app.member("mo", Role::Moderator).await);
    let into = ana.submits("A crossing", &challenge).await;
    let (idea, other) = (ben.submits("A zebra crossing", &challenge).await, ben.submits("Lights", &challenge).await);
    ana.supports(&idea).await.is(201);
    let merge = proposes(&mo, &into, &[&idea, &other]).await.is(201).json();
    let taken = proposes(&mo, &into, &[&idea]).await.refused(422, "invalid").json();
    assert_eq!(taken["errors"][0]["code"], "already_exists");
    let back = json!({ "reason": "One is about the crossing, the other about lights." });
    mo.post(&format!("{}/withdrawal", at(&merge)), &back).await.is(200);
    mo.post(&format!("{}/withdrawal", at(&merge)), &back).await.refused(409, "wrong_state");
    chooses(&ben, &merge, "carry").await.refused(409, "wrong_state");
    let again = proposes(&mo, &into, &[&idea]).await.is(201).json();
    app.run_jobs().await;
    app.last_mail("ben@people.example", "The proposal was taken back");
    chooses(&ana, &again, "carry").await.is(200);
    chooses(&ben, &again, "leave").await.is(200);
    let before = rows(&app).await;
    // What he said holds when he is gone.
    ben.post("/me/erasure", &json!({ "proof": { "password": PASSWORD }, "ideas": "anonymise" })).await.is(204);
    when_the_time_is_over(&app).await;
    let done = app.visitor().get(&at(&again)).await.is(200).json();
    assert_eq!((&done["state"], &done["ideas"][0]["left_because"]), (&json!("lapsed"), &json!("author")));
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["state"], "published");
    assert_eq!(rows(&app).await, before);
    let news = app.visitor().get("/changes?after=0&limit=500").await.is(200).text();
    assert!(news.contains("merge.withdrawn") && news.contains("merge.lapsed") && !news.contains("merge.carried_out"));
}

#[on_both_databases]
async fn all_that_is_wrong_with_a_proposal_is_said_at_once(app: TestApp) {
    let (challenge, elsewhere) = (app.open_challenge("post").await, app.open_challenge("post").await);
    let (ana, mo) = (app.resident("ana").await, app.member("mo", Role::Moderator).await);
    let into = ana.submits("A crossing", &challenge).await;
    let (idea, strange) = (ana.submits("Lights", &challenge).await, ana.submits("A bench", &elsewhere).await);
    let (answered, withdrawn) = (ana.submits("A tree", &challenge).await, ana.submits("A pond", &challenge).await);
    let officer = app.member("officer", Role::Officer).await;
    officer.answers(&answered, &json!({ "kind": "declined", "office": "Streets", "reason": "No." })).await.is(201);
    ana.change("DELETE", &withdrawn, &json!(1), &json!({})).await.is(204);
    let refused = proposes(
        &mo,
        &into,
        &[&idea, &idea, &into, &strange, &answered, &withdrawn, &"/ideas/ALD-1".to_owned(), &"/ideas/none".to_owned()],
    )
    .await
    .refused(422, "invalid")
    .json();
    let told: Vec<(&str, &str)> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["pointer"].as_str().unwrap(), fault["code"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("/ideas/1", "repeated"),
            ("/ideas/2", "not_taken"),
            ("/ideas/3", "not_taken"),
            ("/ideas/4", "wrong_state"),
            ("/ideas/5", "wrong_state"),
            ("/ideas/6", "not_in_list"),
            ("/ideas/7", "not_in_list"),
        ]
    );
    // Thirty days would be over at the moment at which the challenge closes, and what counts is final then.
    let long = |days: u32| json!({ "ideas": [id_in(&idea)], "reason": WHY, "days": days });
    mo.post(&format!("{into}/merges"), &long(30)).await.refused(409, "wrong_state");
    mo.post(&format!("{into}/merges"), &long(29)).await.is(201);
    app.advance(Duration::from_secs(3_600));
    let mo = app.signs_in("mo").await;
    let other = app.signs_in("ana").await.submits("Another crossing", &challenge).await;
    let late = json!({ "ideas": [id_in(&other)], "reason": WHY, "days": 30 });
    mo.post(&format!("{into}/merges"), &late).await.refused(409, "wrong_state");
    proposes(&mo, &withdrawn, &[&other]).await.refused(409, "wrong_state");
    proposes(&mo, &idea, &[&other]).await.refused(409, "wrong_state");
    // What has its answer does not owe one for others.
    proposes(&mo, &answered, &[&other]).await.refused(409, "wrong_state");
    // Another council has none of it.
    let there = app.other_council().await;
    let stranger = app.member_of(&there, "stranger", Role::Moderator).await;
    proposes(&stranger, &into, &[&other]).await.refused(404, "not_found");
}

#[on_both_databases]
async fn what_nobody_has_carried_out_can_be_withdrawn_and_lapses_when_its_challenge_is_closed(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, mo) = (app.resident("ana").await, app.member("mo", Role::Moderator).await);
    let (into, idea) = (ana.submits("A crossing", &challenge).await, ana.submits("A zebra crossing", &challenge).await);
    let (third, target) = (ana.submits("A bench", &challenge).await, ana.submits("A seat", &challenge).await);
    let stuck = proposes(&mo, &into, &[&idea]).await.is(201).json();
    let late = proposes(&mo, &target, &[&third]).await.is(201).json();
    app.advance(days(8));
    let mo = app.signs_in("mo").await;
    let back = json!({ "reason": "One is about the crossing, the other about lights." });
    mo.post(&format!("{}/withdrawal", at(&stuck)), &back).await.is(200);
    app.advance(days(40));
    app.run_jobs().await;
    assert_eq!(app.visitor().get(&at(&late)).await.is(200).json()["state"], "lapsed");
}

#[on_both_databases]
async fn what_is_merged_can_be_hidden_and_is_merged_again_when_it_is_restored(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, mo) = (app.resident("ana").await, app.member("mo", Role::Moderator).await);
    let (into, idea) = (ana.submits("A crossing", &challenge).await, ana.submits("A zebra crossing", &challenge).await);
    let (third, target) = (ana.submits("A bench", &challenge).await, ana.submits("A seat", &challenge).await);
    proposes(&mo, &into, &[&idea]).await.is(201);
    let lapses = proposes(&mo, &target, &[&third]).await.is(201).json();
    let hide =
        json!({ "decision": "hide", "ground": "personal_data", "statement": "It gives the number of a neighbour." });
    let decide = async |mo: &Actor, idea: &str, decision: &Value| {
        let case = mo.get(&format!("/cases?idea={}", id_in(idea))).await.is(200).json()["items"][0].take();
        let path = format!("/cases/{}/decision", case["id"].as_str().unwrap());
        mo.change("POST", &path, &case["version"], decision).await.is(201).json()
    };
    decide(&mo, &target, &hide).await;
    when_the_time_is_over(&app).await;
    let lapsed = app.visitor().get(&at(&lapses)).await.is(200).json();
    assert_eq!((&lapsed["state"], &lapsed["ideas"][0]["left_because"]), (&json!("lapsed"), &json!("lapsed")));
    let (mo, ben) = (app.signs_in("mo").await, app.resident("ben").await);
    ben.put(&format!("{idea}/report"), &json!({ "reason": "personal_data" })).await.is(201);
    assert_eq!(decide(&mo, &idea, &hide).await["item_state"], "hidden");
    assert!(app.visitor().get(&idea).await.is(200).json()["title"].is_null());
    mo.post(&format!("{idea}/cases"), &json!({})).await.is(201);
    assert_eq!(decide(&mo, &idea, &json!({ "decision": "publish" })).await["item_state"], "merged");
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["merged_into"]["idea"], id_in(&into));
}

#[on_both_databases]
async fn what_was_taken_back_since_stays_taken_back_when_a_merge_is_undone(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, mo) =
        (app.resident("ana").await, app.resident("ben").await, app.member("mo", Role::Moderator).await);
    let (into, idea) = (ana.submits("A crossing", &challenge).await, ana.submits("A zebra crossing", &challenge).await);
    for who in [&ana, &ben] {
        who.supports(&idea).await.is(201);
    }
    let merge = proposes(&mo, &into, &[&idea]).await.is(201).json();
    for who in [&ana, &ben] {
        chooses(who, &merge, "carry").await.is(200);
    }
    when_the_time_is_over(&app).await;
    let (ben, mo) = (app.signs_in("ben").await, app.signs_in("mo").await);
    ben.delete(&format!("{into}/support")).await.is(200);
    let back = json!({ "reason": "One is about the crossing, the other about lights." });
    let undone = mo.post(&format!("{}/reversal", at(&merge)), &back).await.is(200).json();
    assert_eq!((&undone["state"], &undone["ideas"][0]["state"]), (&json!("reversed"), &json!("reversed")));
    assert_eq!((supports(&app, &into).await, supports(&app, &idea).await), (0, 1));
    mo.post(&format!("{}/reversal", at(&merge)), &back).await.refused(409, "wrong_state");
    app.run_jobs().await;
    // Whoever mirrors the ideas has the count that is true again.
    let news = app.visitor().get("/changes?after=0&limit=500").await.is(200).json();
    let told = news["items"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .find(|one| one["kind"] == "idea.supports_counted" && one["data"]["idea"] == id_in(&idea));
    assert_eq!(told.unwrap()["data"]["supports"], 1, "{news}");
    app.last_mail("ana@people.example", "stands by itself again");
    no_count_has_drifted(&app).await;
}

/// Who supports which of five ideas, and what they choose in the first merge and in the second.
type Somebody = ([bool; 5], Option<bool>, Option<bool>);
type Crowd = Vec<Somebody>;

// case C6
#[on_both_databases]
async fn undone_in_turn_any_merges_leave_every_row_and_every_count_as_it_was(app: TestApp) {
    let rounds = if cfg!(debug_assertions) { 3 } else { 40 };
    let crowds = proptest::collection::vec(
        (any::<[bool; 5]>(), proptest::option::of(any::<bool>()), proptest::option::of(any::<bool>())),
        1..9,
    );
    let mut runner = TestRunner::deterministic();
    for round in 0..rounds {
        let crowd: Crowd = crowds.new_tree(&mut runner).unwrap().current();
        let challenge = app.open_challenge("post").await;
        let author = app.resident(&format!("author{round}")).await;
        let mo = app.member(&format!("mo{round}"), Role::Moderator).await;
        let mut ideas = Vec::new();
        for n in 0..5 {
            ideas.push(author.submits(&format!("Idea {round} {n}"), &challenge).await);
            app.advance(Duration::from_secs(1));
        }
        let mut people = Vec::new();
        for (n, (backs, ..)) in crowd.iter().enumerate() {
            let who = app.resident(&format!("resident{round}-{n}")).await;
            for (idea, _) in ideas.iter().zip(backs).filter(|(_, backs)| **backs) {
                who.supports(idea).await.is(201);
            }
            people.push(who);
        }
        let choose = async |merge: &Value, people: &[Actor], of: fn(&Somebody) -> Option<bool>| {
            for (who, choice) in people.iter().zip(crowd.iter().map(of)) {
                let Some(carry) = choice else { continue };
                let answer = chooses(who, merge, if carry { "carry" } else { "leave" }).await;
                assert!(matches!(answer.status, 200 | 404), "{}", answer.text());
            }
        };
        let first = rows(&app).await;
        // One and then another into the third, and that into the fourth.
        let one = proposes(&mo, &ideas[2], &[&ideas[0]]).await.is(201).json();
        app.advance(Duration::from_secs(1));
        let other = proposes(&mo, &ideas[2], &[&ideas[1]]).await.is(201).json();
        choose(&one, &people, |(_, first, _)| *first).await;
        choose(&other, &people, |(_, first, _)| *first).await;
        when_the_time_is_over(&app).await;
        no_count_has_drifted(&app).await;
        let second = rows(&app).await;
        let mut again = Vec::new();
        for n in 0..people.len() {
            again.push(app.signs_in(&format!("resident{round}-{n}")).await);
        }
        let mo = app.signs_in(&format!("mo{round}")).await;
        let two = proposes(&mo, &ideas[3], &[&ideas[2]]).await.is(201).json();
        choose(&two, &again, |(_, _, second)| *second).await;
        when_the_time_is_over(&app).await;
        no_count_has_drifted(&app).await;

        let mo = app.signs_in(&format!("mo{round}")).await;
        let back = json!({ "reason": "It turned out that they ask for other things." });
        mo.post(&format!("{}/reversal", at(&one)), &back).await.refused(409, "wrong_state");
        mo.post(&format!("{}/reversal", at(&two)), &back).await.is(200);
        assert_eq!(rows(&app).await, second, "{crowd:?}");
        let refused = mo.post(&format!("{}/reversal", at(&one)), &back).await.refused(409, "wrong_state").json();
        assert_eq!(refused["merge"], other["id"], "{refused}");
        mo.post(&format!("{}/reversal", at(&other)), &back).await.is(200);
        mo.post(&format!("{}/reversal", at(&one)), &back).await.is(200);
        assert_eq!(rows(&app).await, first, "{crowd:?}");
        no_count_has_drifted(&app).await;
        app.run_jobs().await;
    }
}

#[on_both_databases]
async fn the_database_takes_no_second_proposal_of_an_idea_and_no_second_choice_of_an_account(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, mo) = (app.resident("ana").await, app.member("mo", Role::Moderator).await);
    let (into, idea) = (ana.submits("A crossing", &challenge).await, ana.submits("A zebra crossing", &challenge).await);
    let other = ana.submits("Lights", &challenge).await;
    let merge = proposes(&mo, &into, &[&idea]).await.is(201).json();
    proposes(&mo, &into, &[&other]).await.is(201);
    chooses(&ana, &merge, "carry").await.is(200);
    let literal = |text: &str| match app.database_url.starts_with("postgres") {
        true => format!("'{text}'"),
        false => format!("x'{}'", text.replace('-', "")),
    };
    let (source, twin) = (literal(id_in(&idea)), literal(id_in(&other)));
    assert!(!tries(&app, &format!("UPDATE merge_sources SET idea_id = {source} WHERE idea_id = {twin}")).await);
    let merge = literal(merge["id"].as_str().unwrap());
    let twice = format!(
        "INSERT INTO merge_choices (council_id, id, merge_id, account_id, asked_at)
           SELECT council_id, merge_id, merge_id, account_id, asked_at FROM merge_choices WHERE merge_id = {merge}"
    );
    assert!(!tries(&app, &twice).await);
}
