//! Residents talk about ideas; what they write is looked at, restricted and given back by the same rules as ideas are.

use std::time::Duration;

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, TestApp, days, proof};

async fn says(who: &Actor, idea: &str, body: &str) -> String {
    let made = who.post(&format!("{idea}/comments"), &json!({ "body": body })).await.is(201).json();
    format!("/comments/{}", made["id"].as_str().unwrap())
}

async fn answers(who: &Actor, idea: &str, to: &str, body: &str) -> String {
    let wish = json!({ "body": body, "parent": id(to) });
    let made = who.post(&format!("{idea}/comments"), &wish).await.is(201).json();
    format!("/comments/{}", made["id"].as_str().unwrap())
}

fn id(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

async fn texts(who: &Actor, list: &str) -> Vec<Value> {
    let items = who.get(list).await.is(200).json()["items"].take();
    items.as_array().unwrap().iter().map(|one| one["body"].clone()).collect()
}

async fn revises(author: &Actor, comment: &str, body: &str) -> Answer {
    let version = author.get(comment).await.is(200).json()["version"].take();
    author.change("PATCH", comment, &version, &json!({ "body": body })).await
}

/// Opens a case about a comment or an idea, and decides it.
async fn decides(moderator: &Actor, of: &str, decision: &Value) -> Answer {
    // What was decided last is what is in force.
    moderator.app.advance(Duration::from_secs(1));
    let case = moderator.post(&format!("{of}/cases"), &json!({})).await.json();
    let path = format!("/cases/{}/decision", case["id"].as_str().unwrap());
    moderator.change("POST", &path, &case["version"], decision).await
}

fn restricts(kind: &str) -> Value {
    json!({ "decision": kind, "ground": "personal_data", "statement": "It gives the number of a neighbour." })
}

async fn appeals(author: &Actor) -> Answer {
    let statement = author.get("/me/statements").await.is(200).json()["items"][0].take();
    let path = format!("/me/statements/{}/appeal", statement["id"].as_str().unwrap());
    author.post(&path, &json!({ "text": "The number is that of the council." })).await
}

async fn decides_appeal(moderator: &Actor, result: &str) -> Answer {
    let appeal = moderator.get("/appeals").await.is(200).json()["items"][0].take();
    let path = format!("/appeals/{}/decision", appeal["appeal"]["id"].as_str().unwrap());
    let verdict = json!({ "result": result, "reasons": "We have looked the number up." });
    moderator.change("POST", &path, &appeal["version"], &verdict).await
}

async fn kinds(app: &TestApp) -> Vec<String> {
    kinds_of(app, "comment").await
}

async fn kinds_of(app: &TestApp, what: &str) -> Vec<String> {
    app.app.number_entries().await.unwrap();
    let all = app.visitor().get("/changes?limit=500").await.is(200).json();
    let kind = |one: &Value| one["kind"].as_str().unwrap().to_owned();
    all["items"].as_array().unwrap().iter().map(kind).filter(|kind| kind.starts_with(what)).collect()
}

#[on_both_databases]
async fn residents_answer_each_other_three_deep_and_beside_each_other_from_there(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, eve) = (app.resident("ana").await, app.resident("ben").await, app.resident("eve").await);
    let idea = ana.submits("A crossing", &challenge).await;
    let first = says(&ben, &idea, "Yes, **please**.").await;
    app.advance(Duration::from_secs(1));
    let other =
        ben.post(&format!("{idea}/comments"), &json!({ "body": "And a bench.", "stance": "for" })).await.is(201);
    assert_eq!((&other.json()["stance"], &other.json()["state"]), (&json!("for"), &json!("published")));
    let second = answers(&eve, &idea, &first, "Why?").await;
    let third = answers(&ben, &idea, &second, "For the children.").await;
    let fourth = answers(&eve, &idea, &third, "I see.").await;

    let shown = app.visitor().get(&first).await.is(200).json();
    assert_eq!((&shown["body_html"], &shown["replies"]), (&json!("<p>Yes, <strong>please</strong>.</p>\n"), &json!(1)));
    assert_eq!((&shown["stance"], &shown["author"]["display_name"]), (&json!("neutral"), &json!("ben")));
    let deepest = app.visitor().get(&fourth).await.is(200).json();
    assert_eq!((&deepest["depth"], &deepest["parent"]), (&json!(2), &json!(id(&second))));
    let list = format!("{idea}/comments");
    assert_eq!(texts(&app.visitor(), &list).await, ["Yes, **please**.", "And a bench."]);
    assert_eq!(texts(&app.visitor(), &format!("{list}?sort=newest")).await, ["And a bench.", "Yes, **please**."]);
    let below = texts(&app.visitor(), &format!("{list}?parent={}", id(&second))).await;
    assert_eq!(below.len(), 2);
    let page = app.visitor().get(&format!("{list}?limit=1")).await.is(200).json();
    let next = page["next_cursor"].as_str().unwrap();
    assert_eq!(texts(&app.visitor(), &format!("{list}?limit=1&cursor={next}")).await, ["And a bench."]);

    let elsewhere = ana.submits("A bridge", &challenge).await;
    let astray = json!({ "body": "Here?", "parent": id(&first) });
    ben.post(&format!("{elsewhere}/comments"), &astray).await.refused(422, "invalid");
    app.visitor().get(&format!("{elsewhere}/comments?parent={}", id(&first))).await.refused(404, "not_found");
    ben.post(&list, &json!({ "body": " \n " })).await.refused(422, "invalid");
    app.visitor().post(&list, &json!({ "body": "Hello" })).await.refused(401, "unauthenticated");
    let officer = app.member("otto", Role::Officer).await;
    officer.post(&list, &json!({ "body": "Hello" })).await.refused(403, "forbidden");
    assert_eq!(kinds(&app).await, ["comment.published"; 5]);
}

#[on_both_databases]
async fn an_author_revises_and_withdraws_what_is_theirs_and_nobody_else_does(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let idea = ana.submits("A crossing", &challenge).await;
    let comment = says(&ben, &idea, "Yes, plaese.").await;
    answers(&ana, &idea, &comment, "Thank you.").await;
    let read = app.visitor().get(&comment).await.is(200).json()["version"].take();
    ana.change("PATCH", &comment, &read, &json!({ "body": "No." })).await.refused(404, "not_found");
    ana.change("DELETE", &comment, &read, &Value::Null).await.refused(404, "not_found");
    let revised = revises(&ben, &comment, "Yes, please.").await.is(200).json();
    assert_eq!((&revised["body"], &revised["revision"]), (&json!("Yes, please."), &json!(2)));
    ben.change("PATCH", &comment, &read, &json!({ "body": "No." })).await.refused(412, "changed");
    ben.change("DELETE", &comment, &revised["version"], &Value::Null).await.is(204);
    // Its place stays, and what others have written below it.
    let place = app.visitor().get(&comment).await.is(200).json();
    assert_eq!((&place["state"], &place["body"], &place["author"]), (&json!("withdrawn"), &Value::Null, &Value::Null));
    assert_eq!((&place["replies"], &place["tombstone"]), (&json!(1), &Value::Null));
    assert_eq!(texts(&app.visitor(), &format!("{idea}/comments")).await, [Value::Null]);
    assert_eq!(texts(&app.visitor(), &format!("{idea}/comments?parent={}", id(&comment))).await, ["Thank you."]);
    let late = json!({ "body": "Why?", "parent": id(&comment) });
    ana.post(&format!("{idea}/comments"), &late).await.refused(422, "invalid");
    assert_eq!(kinds(&app).await[2..], ["comment.revised", "comment.taken_down"]);
}

#[on_both_databases]
async fn a_challenge_takes_comments_while_its_phase_does_and_looks_at_them_by_its_policy(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    ben.post(&format!("{idea}/comments"), &json!({ "body": "Yes." })).await.refused(404, "not_found");
    ana.post(&format!("{idea}/comments"), &json!({ "body": "Yes." })).await.refused(409, "wrong_state");
    mo.decides(&json!({ "decision": "publish" })).await.is(201);

    let comment = says(&ben, &idea, "Yes, please.").await;
    let own = ben.get(&comment).await.is(200).json();
    assert_eq!((&own["state"], &own["held_for"]), (&json!("held"), &json!(["policy"])));
    for reader in [&app.visitor(), &ana] {
        reader.get(&comment).await.refused(404, "not_found");
        assert!(texts(reader, &format!("{idea}/comments")).await.is_empty());
    }
    assert_eq!(texts(&ben, &format!("{idea}/comments")).await, ["Yes, please."]);
    let clock = app.visitor().get(&format!("/challenges/{challenge}/moderation")).await.is(200).json();
    assert_eq!(clock["waiting"], 1);
    let case = mo.get("/cases").await.is(200).json()["items"][0].take();
    assert_eq!((&case["comment"], &case["body"]), (&json!(id(&comment)), &json!("Yes, please.")));
    assert_eq!((&case["title"], &case["author"]), (&json!("A crossing"), &json!("ben")));
    let decided = mo.decides(&json!({ "decision": "publish" })).await.is(201).json();
    assert_eq!((&decided["comment"], &decided["item_state"]), (&json!(id(&comment)), &json!("published")));
    app.run_jobs().await;
    let mail = app.last_mail("ben@people.example", "Your comment is published");
    assert!(mail.contains("Yes, please.") && mail.contains("Under the idea"), "{mail}");
    assert_eq!(texts(&app.visitor(), &format!("{idea}/comments")).await, ["Yes, please."]);

    app.advance(days(31));
    let ben = app.signs_in("ben").await;
    ben.post(&format!("{idea}/comments"), &json!({ "body": "Late." })).await.refused(409, "phase_not_open");
}

// cases G7, G8: and nobody is blamed for what somebody else wrote.
#[on_both_databases]
async fn what_is_hidden_takes_its_thread_out_of_sight_and_an_appeal_brings_all_of_it_back(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, eve) = (app.resident("ana").await, app.resident("ben").await, app.resident("eve").await);
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let first = says(&ben, &idea, "Ask at 12, she knows.").await;
    let second = answers(&eve, &idea, &first, "I did.").await;
    answers(&ben, &idea, &second, "Good.").await;
    decides(&mo, &first, &json!({ "decision": "hide" })).await.refused(422, "invalid");
    let decided = decides(&mo, &first, &restricts("hide")).await.is(201).json();
    assert_eq!(decided["item_state"], "hidden");
    app.run_jobs().await;

    // The idea and whoever's it is have no part in it.
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["state"], "published");
    assert!(ana.get("/me/statements").await.json()["items"].as_array().unwrap().is_empty());
    assert!(app.mails_to("ana").iter().all(|mail| !mail.contains("hidden")));
    let statement = ben.get("/me/statements").await.is(200).json()["items"][0].take();
    assert_eq!((&statement["comment"], &statement["item_state"]), (&json!(id(&first)), &json!("hidden")));
    let mail = app.last_mail("ben@people.example", "we have hidden your comment");
    assert!(mail.contains("It gives the number of a neighbour.") && mail.contains("appeal#token="), "{mail}");

    let tombstone = app.visitor().get(&first).await.is(200).json();
    assert_eq!(
        (&tombstone["body"], &tombstone["author"], &tombstone["replies"]),
        (&Value::Null, &Value::Null, &json!(0))
    );
    assert_eq!(tombstone["tombstone"]["ground"], "personal_data");
    assert_eq!(texts(&app.visitor(), &format!("{idea}/comments")).await, [Value::Null]);
    app.visitor().get(&second).await.refused(404, "not_found");
    for reader in [&app.visitor(), &ben] {
        reader.get(&format!("{idea}/comments?parent={}", id(&first))).await.refused(404, "not_found");
    }
    assert_eq!(ben.get(&first).await.is(200).json()["replies"], 0);
    assert_eq!(mo.get(&first).await.is(200).json()["replies"], 1);
    let own = eve.get(&second).await.is(200).json();
    assert_eq!((&own["state"], &own["hidden_with"]), (&json!("published"), &json!(id(&first))));
    let wish = json!({ "body": "Here?", "parent": id(&second) });
    eve.post(&format!("{idea}/comments"), &wish).await.refused(409, "wrong_state");

    // Whoever wrote below it is told the truth.
    let told = app.mails_to("eve");
    let told: Vec<_> = told.iter().filter(|mail| mail.contains("thread")).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("It is not for what you wrote.") && !told[0].contains("personal"), "{}", told[0]);
    assert!(!app.mails_to("eve").iter().any(|mail| mail.contains("your comment") || mail.contains("Your comment")));
    assert!(!app.mails_to("ben").iter().any(|mail| mail.contains("A thread that you wrote in")));

    appeals(&ben).await.is(201);
    let to_decide = max.get("/appeals").await.is(200).json()["items"][0].take();
    assert_eq!(to_decide["against"]["comment"], json!(id(&first)));
    let case = max.get(&format!("/cases/{}", to_decide["case"].as_str().unwrap())).await.is(200).json();
    assert_eq!((&case["body"], &case["author"]), (&json!("Ask at 12, she knows."), &Value::Null));
    decides_appeal(&mo, "reversed").await.refused(403, "forbidden");
    assert_eq!(decides_appeal(&max, "reversed").await.is(201).json()["against"]["item_state"], "published");
    app.run_jobs().await;
    assert_eq!(texts(&app.visitor(), &format!("{idea}/comments")).await, ["Ask at 12, she knows."]);
    assert_eq!(app.visitor().get(&second).await.is(200).json()["body"], "I did.");
    app.last_mail("eve@people.example", "is shown again, and so is what you wrote");
    app.last_mail("ben@people.example", "Your comment is public.");
}

#[on_both_databases]
async fn a_hidden_idea_takes_what_was_said_of_it_out_of_sight_and_back(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let comment = says(&ben, &idea, "Yes, please.").await;
    says(&ana, &idea, "Thank you all.").await;
    decides(&mo, &idea, &restricts("hide")).await.is(201);
    app.run_jobs().await;
    app.visitor().get(&comment).await.refused(404, "not_found");
    app.visitor().get(&format!("{idea}/comments")).await.refused(404, "not_found");
    assert_eq!(ben.get(&comment).await.is(200).json()["body"], "Yes, please.");
    app.last_mail("ben@people.example", "It is not for what you wrote.");
    assert!(!app.mails_to("ana").iter().any(|mail| mail.contains("thread")), "she has heard the reasons");
    let own = ben.get(&comment).await.is(200).json();
    assert_eq!((&own["state"], &own["hidden_with"]), (&json!("published"), &json!(id(&idea))));
    revises(&ben, &comment, "No.").await.refused(409, "wrong_state");
    decides(&mo, &idea, &json!({ "decision": "publish" })).await.is(201);
    assert_eq!(app.visitor().get(&comment).await.is(200).json()["body"], "Yes, please.");
    app.run_jobs().await;
    app.last_mail("ben@people.example", "is shown again, and so is what you wrote");

    // Whoever is hidden for something else hears nothing of the idea.
    let (eve, told) = (app.resident("eve").await, app.mails_to("ben").len());
    let below = answers(&eve, &idea, &comment, "And a bench.").await;
    decides(&mo, &comment, &restricts("hide")).await.is(201);
    app.run_jobs().await;
    let of_comment = app.mails_to("eve").len();
    decides(&mo, &idea, &restricts("hide")).await.is(201);
    decides(&mo, &idea, &json!({ "decision": "publish" })).await.is(201);
    app.run_jobs().await;
    assert_eq!((app.mails_to("eve").len(), app.mails_to("ben").len()), (of_comment, told + 1));
    app.visitor().get(&below).await.refused(404, "not_found");
}

#[on_both_databases]
async fn nothing_is_said_of_a_merged_idea_nor_published_by_the_clock_where_nobody_sees_it(app: TestApp) {
    let admin = app.member("ada", Role::Admin).await;
    let version = admin.get("").await.is(200).json()["version"].take();
    admin.change("PATCH", "", &version, &json!({ "publish_clean_by_clock": true })).await.is(200);
    let challenge = app.open_challenge("pre").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mo = app.member("mo", Role::Moderator).await;
    let (seen, unseen) = (ana.submits("A crossing", &challenge).await, ana.submits("A bench", &challenge).await);
    for _ in 0..2 {
        mo.decides(&json!({ "decision": "publish" })).await.is(201);
    }
    let (one, other) = (says(&ben, &seen, "Yes, please.").await, says(&ben, &unseen, "No, thank you.").await);
    decides(&mo, &unseen, &restricts("hide")).await.is(201);
    app.advance(days(3));
    app.run_jobs().await;
    let ben = app.signs_in("ben").await;
    assert_eq!(ben.get(&one).await.is(200).json()["state"], "published");
    assert_eq!(ben.get(&other).await.is(200).json()["state"], "held");
    assert_eq!(app.mails_to("ben").iter().filter(|mail| mail.contains("Your comment is published")).count(), 1);

    // Merged, it takes no comments: they belong to the idea that it was merged into.
    let id: folkmoot::platform::db::Id = id(&seen).parse().unwrap();
    let council = app.council.id;
    let merge = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
        use folkmoot::participation::ideas::queries::{find_idea, move_idea};
        let home = folkmoot::people::councils::queries::council_by_id(tx, council)?;
        let idea = find_idea(tx, &home, &id.to_string(), &folkmoot::people::accounts::Viewer::Staff)?;
        move_idea(tx, &home, &idea, folkmoot::participation::ideas::rules::Move::Merge, None)
    };
    app.app.db.write(merge).await.unwrap();
    let merged =
        ben.post(&format!("{seen}/comments"), &json!({ "body": "And here?" })).await.refused(409, "wrong_state");
    assert!(merged.text().contains("merged into another one"), "{}", merged.text());
}

#[on_both_databases]
async fn a_locked_discussion_stays_as_it_is_until_the_lock_is_reversed_or_somebody_looks_again(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let first = says(&ben, &idea, "Yes, please.").await;
    let other = says(&ben, &idea, "And a bench.").await;
    let list = format!("{idea}/comments");
    let below = |comment: &str| json!({ "body": "Once more.", "parent": id(comment) });

    // A thread by itself.
    decides(&mo, &first, &json!({ "decision": "lock" })).await.refused(422, "invalid");
    assert_eq!(decides(&mo, &first, &restricts("lock")).await.is(201).json()["item_state"], "published");
    ana.post(&list, &below(&first)).await.refused(409, "wrong_state");
    ana.post(&list, &below(&other)).await.is(201);
    let shown = app.visitor().get(&first).await.is(200).json();
    assert_eq!((&shown["locked"], &shown["body"]), (&json!(true), &json!("Yes, please.")));
    app.run_jobs().await;
    let mail = app.last_mail("ben@people.example", "we have locked the discussion of your comment");
    assert!(mail.contains("Nobody can write under it any more."), "{mail}");
    appeals(&ben).await.is(201);
    decides_appeal(&max, "reversed").await.is(201);
    ana.post(&list, &below(&first)).await.is(201);

    // All that is said of an idea. A report that comes to nothing leaves the lock as it is.
    decides(&mo, &idea, &restricts("lock")).await.is(201);
    assert_eq!(app.visitor().get(&idea).await.json()["locked"], true);
    ben.post(&list, &json!({ "body": "Once more." })).await.refused(409, "wrong_state");
    revises(&ben, &first, "Yes!").await.refused(409, "wrong_state");
    assert!(kinds_of(&app, "discussion").await.ends_with(&["discussion.locked".to_owned()]));
    ben.put(&format!("{idea}/report"), &json!({ "reason": "spam" })).await.is(201);
    let cases = mo.get(&format!("/cases?idea={}", id(&idea))).await.is(200).json()["items"].take();
    let reported = cases.as_array().unwrap().iter().find(|one| one["reason"] == "report").unwrap();
    let path = format!("/cases/{}/decision", reported["id"].as_str().unwrap());
    app.advance(Duration::from_secs(1));
    mo.change("POST", &path, &reported["version"], &json!({ "decision": "publish" })).await.is(201);
    ben.post(&list, &json!({ "body": "Once more." })).await.refused(409, "wrong_state");
    decides(&max, &idea, &json!({ "decision": "publish" })).await.is(201);
    ben.post(&list, &json!({ "body": "Once more." })).await.is(201);
    assert_eq!(app.visitor().get(&idea).await.json()["locked"], false);
    let told = kinds_of(&app, "discussion").await;
    assert_eq!(told, ["discussion.locked", "discussion.opened", "discussion.locked", "discussion.opened"]);
}

#[on_both_databases]
async fn a_comment_is_given_back_or_published_without_words_as_an_idea_is(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let comment = says(&ben, &idea, "Ask Ada Okoro, she knows.").await;
    let mut edit = restricts("publish_with_edit");
    edit["edit"] = json!({ "title": "A title", "body": "Ask [a name], she knows." });
    decides(&mo, &comment, &edit).await.refused(422, "invalid");
    edit["edit"] = json!({ "body": "" });
    decides(&mo, &comment, &edit).await.refused(422, "invalid");
    edit["edit"] = json!({ "body": "Ask [a name], she knows." });
    decides(&mo, &comment, &edit).await.is(201);
    assert_eq!(app.visitor().get(&comment).await.is(200).json()["body"], "Ask [a name], she knows.");
    let statement = ben.get("/me/statements").await.is(200).json()["items"][0].take();
    let out = statement["edit"]["body"].as_array().unwrap().iter().find(|piece| piece["change"] == "taken_out");
    assert!(out.unwrap()["text"].as_str().unwrap().contains("Ada"));
    appeals(&ben).await.is(201);
    decides_appeal(&max, "reversed").await.is(201);
    assert_eq!(app.visitor().get(&comment).await.is(200).json()["body"], "Ask Ada Okoro, she knows.");

    assert_eq!(decides(&mo, &comment, &restricts("return_for_changes")).await.is(201).json()["item_state"], "returned");
    let held = revises(&ben, &comment, "Ask at the town hall.").await.is(200).json();
    assert_eq!((&held["state"], &held["held_for"]), (&json!("held"), &json!(["returned"])));
    let place = app.visitor().get(&comment).await.is(200).json();
    assert_eq!((&place["state"], &place["body"]), (&json!("held"), &Value::Null));
    let cases = mo.get("/cases").await.is(200).json()["items"].take();
    let case = cases.as_array().unwrap().iter().find(|one| one["comment"] == json!(id(&comment))).unwrap();
    assert_eq!((&case["reason"], &case["body"]), (&json!("before_publication"), &json!("Ask at the town hall.")));
    decides(&mo, &comment, &json!({ "decision": "publish" })).await.is(201);
    assert_eq!(app.visitor().get(&comment).await.is(200).json()["body"], "Ask at the town hall.");
}

// case A8
#[on_both_databases]
async fn a_comment_is_reported_once_by_each_and_what_is_withheld_for_safety_tells_nothing(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, eve) = (app.resident("ana").await, app.resident("ben").await, app.resident("eve").await);
    let mo = app.member("mo", Role::Moderator).await;
    let ground = json!({
        "code": "safety", "title": "Somebody may be in danger", "body": "We withhold what puts somebody in danger.",
        "safeguarding": true,
    });
    app.member("ada", Role::Admin).await.post("/grounds", &ground).await.is(201);
    let idea = ana.submits("A crossing", &challenge).await;
    let comment = says(&ben, &idea, "I know where you live.").await;
    for _ in 0..2 {
        mo.decides(&json!({ "decision": "publish" })).await.is(201);
    }
    app.advance(Duration::from_secs(1));
    let report = format!("{comment}/report");
    ben.put(&report, &json!({ "reason": "danger" })).await.refused(409, "wrong_state");
    for who in [&ana, &eve] {
        let told = who.put(&report, &json!({ "reason": "danger" })).await.is(201).json();
        assert_eq!((&told["comment"], &told["idea"]), (&json!(id(&comment)), &json!(id(&idea))));
    }
    ana.put(&report, &json!({ "reason": "spam" })).await.refused(409, "already_exists");
    ana.get(&format!("{idea}/report")).await.refused(404, "not_found");
    // Whoever reports a comment can report the idea too.
    eve.put(&format!("{idea}/report"), &json!({ "reason": "spam" })).await.is(201);
    let about = |case: &&Value| case["comment"] == json!(id(&comment));
    let cases = mo.get("/cases").await.is(200).json()["items"].take();
    let case = cases.as_array().unwrap().iter().find(about).unwrap();
    assert_eq!((&case["reason"], &case["reports"]), (&json!("report"), &json!(2)));
    let by_author = mo.get(&format!("/cases?author_of={}", case["id"].as_str().unwrap())).await.is(200).json();
    assert!(by_author["items"].as_array().unwrap().iter().all(|one| one["comment"] == json!(id(&comment))));
    let path = format!("/cases/{}/decision", case["id"].as_str().unwrap());
    let hide = json!({ "decision": "hide", "ground": "safety", "statement": "It is a threat to somebody." });
    mo.change("POST", &path, &case["version"], &hide).await.is(201);
    app.run_jobs().await;
    let shown = app.visitor().get(&comment).await.is(200).json()["tombstone"].take();
    assert_eq!(
        (&shown["withheld_for_safety"], &shown["ground"], &shown["decision"]),
        (&json!(true), &Value::Null, &Value::Null)
    );
    app.last_mail("ada@people.example", "a comment on the idea");
    app.last_mail("eve@people.example", "you reported a comment on the idea");
    let heard = ana.get(&report).await.is(200).json();
    assert_eq!((&heard["state"], &heard["decision"]), (&json!("decided"), &json!("hide")));
}

#[on_both_databases]
async fn many_comments_are_decided_alike_with_one_mail_to_their_author(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    mo.decides(&json!({ "decision": "publish" })).await.is(201);
    for n in 1..=3 {
        says(&ben, &idea, &format!("Buy swings, number {n}.")).await;
    }
    let cases = mo.get("/cases").await.is(200).json()["items"].take();
    let named: Vec<_> =
        cases.as_array().unwrap().iter().map(|one| json!({ "case": one["id"], "version": one["version"] })).collect();
    let mut wish = restricts("remove");
    wish["cases"] = json!(named);
    let seen = mo.post("/case-batches?dry_run=true", &wish).await.is(200).json();
    assert_eq!((&seen["authors_mailed"], &seen["items"][0]["would_be"]), (&json!(1), &json!("removed")));
    mo.post("/case-batches", &wish).await.is(201);
    app.advance(Duration::from_secs(61));
    app.run_jobs().await;
    let mail = app.last_mail("ben@people.example", "we have removed 3 of your texts");
    assert!(mail.contains("Buy swings, number 2."), "{mail}");
    assert!(texts(&app.visitor(), &format!("{idea}/comments")).await.is_empty());
    assert_eq!(app.visitor().get(&idea).await.json()["state"], "published");
}

#[on_both_databases]
async fn screeners_have_comments_held_and_know_the_same_text_again(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, eve) = (app.resident("ana").await, app.resident("ben").await, app.resident("eve").await);
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let link = says(&ben, &idea, "See https://shop.example for swings.").await;
    let own = ben.get(&link).await.is(200).json();
    assert_eq!((&own["state"], &own["held_for"]), (&json!("held"), &json!(["screening"])));
    let cases = mo.get("/cases").await.is(200).json()["items"].take();
    let case = cases.as_array().unwrap().iter().find(|one| one["comment"] == json!(id(&link))).unwrap();
    assert_eq!(case["findings"][0]["kind"], "link");
    let long = "The crossing at the corner of the lane is where all of us cross on the way to school each day.";
    says(&ben, &idea, long).await;
    let again = says(&eve, &idea, long).await;
    assert_eq!(eve.get(&again).await.is(200).json()["held_for"], json!(["screening"]));
    // A revision is no repetition of what it revises.
    let first = says(&eve, &idea, &long.replace("school", "work")).await;
    assert_eq!(revises(&eve, &first, &long.replace("school", "the shops")).await.is(200).json()["state"], "published");
}

// case G7
#[on_both_databases]
async fn what_was_held_anew_and_then_hidden_takes_its_thread_along_and_all_hear_of_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ben, eve) = (app.resident("ben").await, app.resident("eve").await);
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ben.submits("A crossing", &challenge).await;
    let first = says(&ben, &idea, "Swings, please.").await;
    answers(&eve, &idea, &first, "And a slide.").await;
    let held = revises(&ben, &first, "See https://shop.example for swings.").await.is(200).json();
    assert_eq!(held["state"], "held");
    app.run_jobs().await;
    let (before, mails) = (kinds(&app).await.len(), app.mails_to("eve").len());
    let cases = mo.get("/cases").await.is(200).json()["items"].take();
    let case = cases.as_array().unwrap().iter().find(|one| one["comment"] == json!(id(&first))).unwrap();
    let path = format!("/cases/{}/decision", case["id"].as_str().unwrap());
    mo.change("POST", &path, &case["version"], &restricts("hide")).await.is(201);
    app.run_jobs().await;
    assert_eq!(kinds(&app).await[before..], ["comment.taken_down"]);
    assert_eq!(app.mails_to("eve").len(), mails + 1);
}

// case G1
#[on_both_databases]
async fn whoever_goes_leaves_their_comments_without_a_name_or_takes_them_along(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben, eve) = (app.resident("ana").await, app.resident("ben").await, app.resident("eve").await);
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let stays = says(&ben, &idea, "Yes, please.").await;
    let goes = says(&eve, &idea, "No, thank you.").await;
    decides(&mo, &stays, &restricts("lock")).await.is(201);

    // What was decided of a comment is told to whoever wrote it, and not to whose idea it is under.
    let copy = |who: &Actor| {
        let who = who.clone();
        async move { who.post("/me/data", &json!({ "proof": proof() })).await.is(200).text() }
    };
    let (of_ben, of_ana) = (copy(&ben).await, copy(&ana).await);
    assert!(of_ben.contains("It gives the number of a neighbour.") && of_ben.contains("Yes, please."));
    assert!(!of_ana.contains("It gives the number of a neighbour.") && !of_ana.contains("Yes, please."), "{of_ana}");

    let erase = |ideas: &str| json!({ "proof": proof(), "ideas": ideas });
    ben.post("/me/erasure", &erase("anonymise")).await.is(204);
    eve.post("/me/erasure", &erase("withdraw")).await.is(204);
    let kept = app.visitor().get(&stays).await.is(200).json();
    assert_eq!((&kept["body"], &kept["author"]), (&json!("Yes, please."), &Value::Null));
    let gone = app.visitor().get(&goes).await.is(200).json();
    assert_eq!((&gone["state"], &gone["body"], &gone["author"]), (&json!("erased"), &Value::Null, &Value::Null));
    let left = texts(&app.visitor(), &format!("{idea}/comments")).await;
    assert!(left.len() == 2 && left.contains(&json!("Yes, please.")) && left.contains(&Value::Null), "{left:?}");
    assert_eq!(kinds(&app).await[2..], ["comment.anonymised", "comment.taken_down"]);
}

// A comment that nobody may see is no news; it becomes public with its thread.
#[on_both_databases]
async fn what_is_published_where_nobody_sees_it_is_news_with_its_thread(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let (ana, ben, eve) = (app.resident("ana").await, app.resident("ben").await, app.resident("eve").await);
    let mo = app.member("mo", Role::Moderator).await;
    let publish = json!({ "decision": "publish" });
    let idea = ana.submits("A crossing", &challenge).await;
    mo.decides(&publish).await.is(201);
    let first = says(&ben, &idea, "Yes, please.").await;
    mo.decides(&publish).await.is(201);

    // Below a comment that is hidden.
    let below = answers(&eve, &idea, &first, "Why?").await;
    decides(&mo, &first, &restricts("hide")).await.is(201);
    let before = kinds(&app).await;
    assert_eq!(before, ["comment.published", "comment.taken_down"]);
    mo.decides(&publish).await.is(201);
    assert_eq!(eve.get(&below).await.is(200).json()["state"], "published");
    assert_eq!(kinds(&app).await, before);
    app.visitor().get(&below).await.refused(404, "not_found");
    assert_eq!(app.visitor().get(&idea).await.json()["comments"]["total"], 0);
    decides(&mo, &first, &publish).await.is(201);
    assert_eq!(kinds(&app).await[2..], ["comment.published"], "whoever follows reads what stands below it, too");
    app.visitor().get(&below).await.is(200);
    assert_eq!(app.visitor().get(&idea).await.json()["comments"]["total"], 2);

    // Under an idea that is hidden.
    let other = says(&eve, &idea, "And a bench.").await;
    decides(&mo, &idea, &restricts("hide")).await.is(201);
    mo.decides(&publish).await.is(201);
    assert_eq!(eve.get(&other).await.is(200).json()["state"], "published");
    // What is decided of it there is none either.
    decides(&mo, &other, &restricts("hide")).await.is(201);
    decides(&mo, &other, &publish).await.is(201);
    assert_eq!(kinds(&app).await.len(), 3);
    decides(&mo, &idea, &publish).await.is(201);
    assert!(kinds_of(&app, "idea").await.ends_with(&["idea.taken_down".to_owned(), "idea.published".to_owned()]));
    app.visitor().get(&other).await.is(200);
    assert_eq!(app.visitor().get(&idea).await.json()["comments"]["total"], 3);
}

#[on_both_databases]
async fn what_waited_is_published_also_where_its_thread_was_locked_meanwhile(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mo = app.member("mo", Role::Moderator).await;
    let publish = json!({ "decision": "publish" });
    let idea = ana.submits("A crossing", &challenge).await;
    mo.decides(&publish).await.is(201);
    let comment = says(&ben, &idea, "Yes, please.").await;
    decides(&mo, &idea, &restricts("lock")).await.is(201);
    ben.post(&format!("{idea}/comments"), &json!({ "body": "And a bench." })).await.refused(409, "wrong_state");
    // It was written before.
    mo.decides(&publish).await.is(201);
    assert_eq!(texts(&app.visitor(), &format!("{idea}/comments")).await, ["Yes, please."]);
    assert_eq!(app.visitor().get(&idea).await.json()["locked"], true);
    assert_eq!(app.visitor().get(&comment).await.is(200).json()["state"], "published");
}

#[on_both_databases]
async fn an_idea_says_how_much_is_said_of_it_where_everybody_sees_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mo = app.member("mo", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let say = async |who: &Actor, parent: Option<&str>, stance: &str| {
        let mut wish = json!({ "body": format!("Say {stance} after {parent:?}."), "stance": stance });
        if let Some(parent) = parent {
            wish["parent"] = json!(id(parent));
        }
        let made = who.post(&format!("{idea}/comments"), &wish).await.is(201).json();
        format!("/comments/{}", made["id"].as_str().unwrap())
    };
    let counted = async |of: &str| {
        let read = app.visitor().get(&idea).await.is(200).json()["comments"].take();
        let listed = app.visitor().get(&format!("/challenges/{challenge}/ideas")).await.is(200).json();
        assert_eq!(listed["items"][0]["comments"], read, "{of}");
        ["total", "for", "against", "neutral"].map(|one| read[one].as_i64().unwrap())
    };
    assert_eq!(counted("nothing").await, [0, 0, 0, 0]);
    let top = say(&ben, None, "for").await;
    let below = say(&ana, Some(&top), "against").await;
    say(&ben, Some(&below), "neutral").await;
    say(&ana, None, "for").await;
    assert_eq!(counted("all").await, [4, 2, 1, 1]);
    decides(&mo, &below, &restricts("hide")).await.is(201);
    assert_eq!(counted("a thread hidden").await, [2, 2, 0, 0]);
    decides(&mo, &top, &restricts("hide")).await.is(201);
    assert_eq!(counted("the whole").await, [1, 1, 0, 0]);
    decides(&mo, &below, &json!({ "decision": "publish" })).await.is(201);
    assert_eq!(counted("still below what is hidden").await, [1, 1, 0, 0]);
    decides(&mo, &top, &json!({ "decision": "publish" })).await.is(201);
    assert_eq!(counted("all of it back").await, [4, 2, 1, 1]);
    crate::privacy::leaves(&ben, "withdraw").await.is(204);
    assert_eq!(counted("what nobody says any more").await, [2, 1, 1, 0]);
}

#[on_both_databases]
async fn whatever_becomes_of_comments_the_count_is_of_what_everybody_sees(app: TestApp) {
    use folkmoot::participation::comments::model::CommentRow;
    use folkmoot::participation::comments::queries::{
        NewComment, comments_by, find_comment, insert_comment, move_comment,
    };
    use folkmoot::participation::comments::rules::{hides, place};
    use folkmoot::participation::ideas::model::Said;
    use folkmoot::participation::ideas::queries::find_shown;
    use folkmoot::participation::ideas::rules::Move;
    use folkmoot::platform::db::{Id, Tx};
    use folkmoot::vocabulary::{IdeaState, Stance};

    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mo = app.member("mo", Role::Moderator).await;
    let (idea, other) = (ana.submits("A crossing", &challenge).await, ana.submits("A bench", &challenge).await);
    // By which everything is restricted here.
    let decided = decides(&mo, &other, &restricts("hide")).await.is(201).json();
    let decision: Id = decided["id"].as_str().unwrap().parse().unwrap();
    let me: Id = ben.get("/me").await.is(200).json()["id"].as_str().unwrap().parse().unwrap();
    let (council, of): (_, Id) = (app.council.clone(), id(&idea).parse().unwrap());
    let seen = |all: &[CommentRow], one: &CommentRow| {
        let mut next = one.parent_id;
        while let Some(above) = next.and_then(|id| all.iter().find(|one| one.id == id)) {
            if hides(above.state) {
                return false;
            }
            next = above.parent_id;
        }
        one.state == IdeaState::Published
    };
    let walk = move |tx: &mut Tx<'_>| {
        // Numbers that look random and are the same each time.
        let mut last: u64 = 20_261_128;
        let mut some = |below: usize| {
            last = last.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(last >> 33).unwrap() % below
        };
        for step in 0..400 {
            let all = comments_by(tx, council.id, me)?;
            let shown: Vec<&CommentRow> = all.iter().filter(|one| seen(&all, one)).collect();
            if all.len() < 6 || some(3) == 0 {
                let answered = if shown.is_empty() || some(4) == 0 { None } else { Some(shown[some(shown.len())]) };
                let state = if some(3) == 0 { IdeaState::Held } else { IdeaState::Published };
                let stance = [Stance::For, Stance::Against, Stance::Neutral][some(3)];
                let place = place(answered);
                let new = NewComment { idea: of, place, author: me, stance, state, body: "So.", digest: None };
                insert_comment(tx, council.id, &new)?;
            } else {
                let one = find_comment(tx, council.id, all[some(all.len())].id)?;
                let by = Move::ALL[some(Move::ALL.len())];
                // A move that is none from this state is refused before anything is written; only ideas are joined.
                if by != Move::Merge && folkmoot::participation::ideas::rules::next(one.state, by).is_ok() {
                    move_comment(tx, council.id, &one, by, Some(decision))?;
                }
            }
            let all = comments_by(tx, council.id, me)?;
            let mut expected = Said::default();
            all.iter().filter(|one| seen(&all, one)).for_each(|one| expected.add(one.stance));
            assert_eq!(find_shown(tx, &council, &of.to_string())?.said, expected, "step {step}");
        }
        Ok(())
    };
    app.app.db.write(walk).await.unwrap();
}

#[on_both_databases]
async fn a_thread_of_many_people_is_told_page_by_page_and_each_of_them_once(app: TestApp) {
    use folkmoot::participation::comments::queries::{NewComment, insert_comment};
    use folkmoot::people::accounts::queries::insert_account_without_address;
    use folkmoot::platform::db::{Id, Tx};
    use folkmoot::vocabulary::{IdeaState, Stance};

    use crate::support::stored::texts;

    let challenge = app.open_challenge("post").await;
    let (ana, mo) = (app.resident("ana").await, app.member("mo", Role::Moderator).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let first = says(&ana, &idea, "What do you say?").await;
    let (council, of, parent): (_, Id, Id) = (app.council.id, id(&idea).parse().unwrap(), id(&first).parse().unwrap());
    let many = move |tx: &mut Tx<'_>| {
        for n in 0..230 {
            let author = insert_account_without_address(tx, council, &format!("Resident {n}"), None, false)?;
            let state = if n % 10 == 0 { IdeaState::Held } else { IdeaState::Published };
            for place in [(Some(parent), 1), (None, 0)].into_iter().take(if n % 5 == 1 { 2 } else { 1 }) {
                let stance = Stance::Neutral;
                insert_comment(
                    tx,
                    council,
                    &NewComment { idea: of, place, author, stance, state, body: "So.", digest: None },
                )?;
            }
        }
        Ok(())
    };
    app.app.db.write(many).await.unwrap();
    decides(&mo, &first, &restricts("hide")).await.is(201);
    app.run_jobs().await;
    let pages = texts(&app, "SELECT dedup_key AS text FROM jobs WHERE kind = 'tell_thread'").await;
    let told = texts(&app, "SELECT dedup_key AS text FROM jobs WHERE kind = 'tell_one_of_thread'").await;
    assert_eq!((pages.len(), told.len()), (3, 207), "all but ana, and those whose comment waits");
}
