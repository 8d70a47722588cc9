//! What else moderators decide: give an idea back, take words out of it, and withhold it for somebody's safety.

use std::time::Duration;

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, TestApp, days};

const BODY: &str = "Ask Ada Okoro at 9 Mill Lane, she knows.";

async fn submits(author: &Actor, challenge: &str) -> String {
    let idea = json!({ "title": "A crossing", "body": BODY });
    let made = author.post(&format!("/challenges/{challenge}/ideas"), &idea).await.is(201).json();
    format!("/ideas/{}", made["id"].as_str().unwrap())
}

async fn revises(author: &Actor, idea: &str, body: &str) -> Answer {
    let version = author.get(idea).await.is(200).json()["version"].take();
    author.change("PATCH", idea, &version, &json!({ "body": body })).await
}

fn gives_back() -> Value {
    json!({ "decision": "return_for_changes", "ground": "personal_data", "statement": "Leave the name of your neighbour out." })
}

fn takes_out(body: &str) -> Value {
    json!({
        "decision": "publish_with_edit", "ground": "personal_data", "statement": "It tells where a neighbour lives.",
        "edit": { "body": body },
    })
}

async fn may(who: &Actor, idea: &str, what: &str) -> bool {
    let id = idea.trim_start_matches("/ideas/");
    let state = who.get(&format!("/me/state?ideas={id}")).await.is(200).json();
    state["ideas"][0]["can"][what]["allowed"].as_bool().unwrap()
}

async fn appeals(author: &Actor) -> Answer {
    let statement = author.get("/me/statements").await.is(200).json()["items"][0].take();
    let path = format!("/me/statements/{}/appeal", statement["id"].as_str().unwrap());
    author.post(&path, &json!({ "text": "Ada Okoro is the mayor, and this is her office." })).await
}

async fn decides_appeal(moderator: &Actor, body: &Value) -> Answer {
    let appeal = moderator.get("/appeals").await.is(200).json()["items"][0].take();
    let path = format!("/appeals/{}/decision", appeal["appeal"]["id"].as_str().unwrap());
    moderator.change("POST", &path, &appeal["version"], body).await
}

#[on_both_databases]
async fn what_is_given_back_is_out_of_sight_until_its_author_has_changed_it_and_somebody_has_looked(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mo = app.member("mo", Role::Moderator).await;
    let idea = submits(&ana, &challenge).await;
    ben.supports(&idea).await.is(201);
    mo.decides(&json!({ "decision": "return_for_changes" })).await.refused(422, "invalid");
    assert_eq!(mo.decides(&gives_back()).await.is(201).json()["item_state"], "returned");
    app.run_jobs().await;
    let told = app.last_mail("ana@people.example", "we give your idea back to you");
    assert!(told.contains("Leave the name of your neighbour out.") && told.contains("appeal#token="), "{told}");

    let shown = app.visitor().get(&idea).await.is(200).json();
    assert_eq!((&shown["state"], &shown["body"], &shown["supports"]), (&json!("returned"), &Value::Null, &json!(0)));
    assert_eq!((&shown["tombstone"]["ground"], &shown["author"]), (&json!("personal_data"), &Value::Null));
    let own = ana.get(&idea).await.is(200).json();
    assert_eq!(
        (&own["body"], &own["tombstone"]["statement"]),
        (&json!(BODY), &json!("Leave the name of your neighbour out."))
    );
    assert!(may(&ana, &idea, "revise").await && may(&ana, &idea, "withdraw").await);
    assert!(mo.get("/cases").await.is(200).json()["items"].as_array().unwrap().is_empty());

    // The challenge takes nothing new any more; what was sent in in time can still be put right.
    app.advance(days(31));
    let (ana, mo) = (app.signs_in("ana").await, app.signs_in("mo").await);
    assert!(may(&ana, &idea, "revise").await);
    let held = revises(&ana, &idea, "Ask at the corner, they know.").await.is(200).json();
    assert_eq!((&held["state"], &held["held_for"]), (&json!("held"), &json!(["returned"])));
    assert!(!may(&ana, &idea, "revise").await, "now its time is over");
    app.visitor().get(&idea).await.refused(404, "not_found");
    let case = mo.get("/cases").await.is(200).json()["items"][0].take();
    assert_eq!((&case["reason"], &case["revision"]), (&json!("before_publication"), &json!(2)));
    mo.decides(&json!({ "decision": "publish" })).await.is(201);
    let public = app.visitor().get(&idea).await.is(200).json();
    assert_eq!((&public["body"], &public["supports"]), (&json!("Ask at the corner, they know."), &json!(1)));
    assert!(public["tombstone"].is_null());
}

#[on_both_databases]
async fn what_was_given_back_is_not_published_by_the_clock(app: TestApp) {
    let admin = app.member("ada", Role::Admin).await;
    let version = admin.get("").await.is(200).json()["version"].take();
    admin.change("PATCH", "", &version, &json!({ "publish_clean_by_clock": true })).await.is(200);
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let mo = app.member("mo", Role::Moderator).await;
    let idea = submits(&ana, &challenge).await;
    mo.decides(&gives_back()).await.is(201);
    app.visitor().get(&idea).await.refused(404, "not_found");
    revises(&ana, &idea, "Ask at the corner, they know.").await.is(200);
    app.advance(days(3));
    app.run_jobs().await;
    app.visitor().get(&idea).await.refused(404, "not_found");
    assert_eq!(app.signs_in("ana").await.get(&idea).await.json()["state"], "held");
}

// case G8
#[on_both_databases]
async fn an_appeal_against_giving_back_is_right_about_the_text_that_was_and_not_about_a_later_one(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    let right = json!({ "result": "reversed", "reasons": "It is the mayor's office indeed." });
    let first = submits(&ana, &challenge).await;
    mo.decides(&gives_back()).await.is(201);
    appeals(&ana).await.is(201);
    let amended = json!({
        "result": "amended", "reasons": "Words cannot be taken out like this.",
        "instead": { "decision": "publish_with_edit", "ground": "personal_data" },
    });
    decides_appeal(&max, &amended).await.refused(422, "invalid");
    assert_eq!(decides_appeal(&max, &right).await.is(201).json()["against"]["item_state"], "published");
    assert_eq!(app.visitor().get(&first).await.is(200).json()["body"], BODY);

    app.advance(Duration::from_secs(60));
    let second = submits(&ana, &challenge).await;
    mo.decides(&gives_back()).await.is(201);
    appeals(&ana).await.is(201);
    revises(&ana, &second, "Something rude.").await.is(200);
    assert_eq!(decides_appeal(&max, &right).await.is(201).json()["against"]["item_state"], "held");
    app.visitor().get(&second).await.refused(404, "not_found");
    app.run_jobs().await;
    app.last_mail("ana@people.example", "as soon as somebody has looked at it");
}

#[on_both_databases]
async fn words_are_taken_out_and_only_the_author_and_who_decides_the_appeal_still_see_them(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    let idea = submits(&ana, &challenge).await;
    let mut none = takes_out("");
    none.as_object_mut().unwrap().remove("edit");
    mo.decides(&none).await.refused(422, "invalid");
    let words = mo.decides(&takes_out("Ask the council, she knows.")).await.refused(422, "invalid").json();
    assert_eq!(words["errors"][0]["pointer"], "/edit/body");
    assert_eq!(mo.decides(&takes_out(BODY)).await.refused(422, "invalid").json()["errors"][0]["code"], "unchanged");
    let mut other = takes_out("Ask, she knows.");
    other["decision"] = json!("hide");
    mo.decides(&other).await.refused(422, "invalid");
    assert_eq!(ana.get(&idea).await.json()["state"], "held", "what is refused changes nothing");

    let decided = mo.decides(&takes_out("Ask [a name] at [an address], she knows.")).await.is(201).json();
    assert_eq!((&decided["item_state"], &decided["revision"]), (&json!("published"), &json!(1)));
    let public = app.visitor().get(&idea).await.is(200).json();
    assert_eq!((&public["body"], &public["revision"]), (&json!("Ask [a name] at [an address], she knows."), &json!(2)));
    app.run_jobs().await;
    let told = app.last_mail("ana@people.example", "we have taken words out of your idea");
    assert!(!told.contains("Okoro") && told.contains("appeal#token="), "{told}");
    let statement = ana.get("/me/statements").await.is(200).json()["items"][0].take();
    let taken = |edit: &Value| -> String {
        let pieces = edit["body"].as_array().unwrap();
        let out = pieces.iter().filter(|piece| piece["change"] == "taken_out");
        out.map(|piece| piece["text"].as_str().unwrap()).collect::<Vec<_>>().join("|")
    };
    assert!(taken(&statement["edit"]).contains("Ada"), "{statement}");
    for reader in [&mo, &max] {
        let case = reader.get(&format!("/cases/{}", decided["case"].as_str().unwrap())).await.is(200);
        assert!(!case.text().contains("Okoro"), "{}", case.text());
    }

    appeals(&ana).await.is(201);
    let (mine, theirs) = (mo.get("/appeals").await.is(200), max.get("/appeals").await.is(200));
    assert!(mine.json()["items"][0]["against"]["edit"].is_null(), "{}", mine.text());
    assert!(taken(&theirs.json()["items"][0]["against"]["edit"]).contains("Ada"));
    decides_appeal(&max, &json!({ "result": "reversed", "reasons": "She is the mayor indeed." })).await.is(201);
    let back = app.visitor().get(&idea).await.is(200).json();
    assert_eq!((&back["body"], &back["revision"], &back["state"]), (&json!(BODY), &json!(3), &json!("published")));
}

#[on_both_databases]
async fn an_author_who_has_written_other_words_keeps_them_where_an_appeal_is_right(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    let idea = submits(&ana, &challenge).await;
    mo.decides(&takes_out("Ask [a name], she knows.")).await.is(201);
    app.run_jobs().await;
    app.last_mail("ana@people.example", "we have taken words out of your idea");
    revises(&ana, &idea, "Ask at the corner, they know.").await.is(200);
    appeals(&ana).await.is(201);
    decides_appeal(&max, &json!({ "result": "reversed", "reasons": "She is the mayor indeed." })).await.is(201);
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["body"], "Ask at the corner, they know.");
}

#[on_both_databases]
async fn what_is_withheld_for_somebodys_safety_is_told_to_the_lead_at_once_and_to_nobody_else(app: TestApp) {
    let admin = app.member("ada", Role::Admin).await;
    let ground = json!({
        "code": "safety", "title": "Somebody may be in danger", "body": "We withhold what puts somebody in danger.",
        "safeguarding": true,
    });
    assert_eq!(admin.post("/grounds", &ground).await.is(201).json(), ground);
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mo = app.member("mo", Role::Moderator).await;
    let lead = app.member("lou", Role::Officer).await;
    let account = |who: Value| json!({ "account": who["id"] });
    let (lous, anas) = (account(lead.get("/me").await.json()), account(ana.get("/me").await.json()));
    assert_eq!(admin.get("/safeguarding-lead").await.is(200).json(), json!({ "account": null }));
    admin.put("/safeguarding-lead", &anas).await.refused(422, "invalid");
    mo.put("/safeguarding-lead", &lous).await.refused(403, "forbidden");
    assert_eq!(admin.put("/safeguarding-lead", &lous).await.is(200).json(), lous);
    assert_eq!(admin.get("/safeguarding-lead").await.is(200).json(), lous);

    let idea = submits(&ana, &challenge).await;
    ben.put(&format!("{idea}/report"), &json!({ "reason": "danger" })).await.is(201);
    let decision =
        |kind: &str| json!({ "decision": kind, "ground": "safety", "statement": "It tells where she hides from him." });
    mo.decides(&decision("return_for_changes")).await.refused(422, "invalid");
    let case = mo.get("/cases").await.is(200).json()["items"][0].take();
    let mut batch = decision("hide");
    batch["cases"] = json!([{ "case": case["id"], "version": case["version"] }]);
    let refused = mo.post("/case-batches", &batch).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["pointer"], "/ground", "it does not wait for a minute");
    let decided = mo.decides(&decision("hide")).await.is(201).json();

    let seen = app.visitor().get(&idea).await.is(200).json();
    let when = seen["tombstone"]["decided_at"].clone();
    assert_eq!(
        seen["tombstone"],
        json!({ "ground": null, "decision": null, "withheld_for_safety": true, "decided_at": when })
    );
    let seen = format!("{}{}", app.visitor().get(&idea).await.text(), ben.get(&format!("{idea}/report")).await.text());
    assert!(!seen.contains("\"safety\"") && !seen.contains("danger in") && !seen.contains("hides"), "{seen}");
    assert_eq!(mo.get(&idea).await.json()["tombstone"]["decision"], decided["id"]);

    app.run_jobs().await;
    let alert = app.last_mail("lou@people.example", "for someone's safety");
    assert!(!alert.contains("hides") && !alert.contains("A crossing"), "{alert}");
    assert!(app.mails_to("ada").iter().all(|mail| !mail.contains("for someone's safety")));
    let heard = app.last_mail("ben@people.example", "for someone's safety");
    assert!(!heard.contains("Somebody may be in danger"), "{heard}");
    // Where nobody is named, or whoever was has gone, all admins are told.
    admin.put("/safeguarding-lead", &json!({ "account": null })).await.is(200);
    app.advance(Duration::from_secs(60));
    submits(&ana, &challenge).await;
    mo.decides(&decision("remove")).await.is(201);
    app.run_jobs().await;
    app.last_mail("ada@people.example", "a moderator has removed the idea");
}

#[on_both_databases]
async fn everybody_reads_what_moderators_decide_in_numbers_and_no_share_of_few(app: TestApp) {
    let none = app.visitor().get("/moderation-statistics").await.is(200).json();
    assert_eq!((&none["figures"], &none["period"], &none["minimum_sample"]), (&Value::Null, &Value::Null, &json!(10)));
    let challenge = app.open_challenge("pre").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    for n in 0..5 {
        for author in [&ana, &ben] {
            author.submits(&format!("Idea {n}"), &challenge).await;
            app.advance(Duration::from_secs(50));
        }
    }
    mo.decides(&gives_back()).await.is(201);
    mo.decides(&json!({ "decision": "hide", "ground": "personal_data", "statement": "It names somebody." }))
        .await
        .is(201);
    appeals(&ana).await.is(201);
    decides_appeal(&max, &json!({ "result": "reversed", "reasons": "It names nobody." })).await.is(201);
    for _ in 0..8 {
        mo.decides(&json!({ "decision": "publish" })).await.is(201);
    }
    app.advance(days(1));
    app.app.sweep().await.unwrap();
    app.run_jobs().await;
    let told = app.visitor().get("/moderation-statistics").await.is(200).json();
    let figures = &told["figures"];
    assert_eq!((&figures["held"], &figures["published"], &figures["restricted"]), (&json!(10), &json!(8), &json!(2)));
    assert_eq!(
        figures["by_ground"],
        json!([{ "ground": "personal_data", "title": "Personal data of others", "restricted": 2 }])
    );
    assert_eq!((&figures["in_time"]["share"], &figures["in_time"]["sample"]), (&json!(1.0), &json!(10)));
    assert_eq!(figures["hours_to_decide"]["median"], json!(0.1));
    assert_eq!(
        (&figures["appeals"]["made"], &figures["appeals"]["changed"], &figures["appeals"]["success"]["share"]),
        (&json!(1), &json!(1), &Value::Null)
    );
    assert!(figures["appeals"]["success"]["withheld"].as_str().unwrap().contains("fewer than 10"), "{told}");
}
