//! What the council would say in a quiet period waits for its end, and nobody sees it before.

use std::time::Duration;

use folkmoot::accountability::quiet::held::jobs::CarryOutHeld;
use folkmoot::platform::db::{Id, Tx};
use folkmoot::platform::jobs::enqueue;
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::open_door::open_door;
use crate::support::stored::{texts, tries};
use crate::support::{Actor, TestApp, days, draft, promise};

fn answer(reason: &str) -> Value {
    json!({ "kind": "accepted", "office": "Streets", "reason": reason })
}

/// A quiet period from the eighth to the twelfth of March, which has begun.
async fn quiet(app: &TestApp, officer: &Actor) -> (String, Actor) {
    let wish = json!({
        "starts_on": "2027-03-08", "ends_on": "2027-03-12", "area": "The whole borough",
        "ground": "Pre-election period.",
    });
    let declared = officer.post("/quiet-periods", &wish).await.is(201).json();
    app.run_jobs().await;
    app.advance(days(8));
    (declared["id"].as_str().unwrap().to_owned(), app.signs_in("officer").await)
}

/// The quiet period ends by itself, and what was held is done.
async fn over(app: &TestApp) {
    app.advance(days(4));
    app.run_jobs().await;
}

/// A draft that could open today.
async fn ready(app: &TestApp, officer: &Actor) -> String {
    let now = app.app.db.clock().now();
    let mut wish = draft(now, "post");
    wish["title"] = json!("A safer Mill Lane");
    let drafted = officer.post("/challenges", &wish).await.is(201).json();
    let path = format!("/challenges/{}", drafted["id"].as_str().unwrap());
    officer.change("PUT", &format!("{path}/promise"), &json!(1), &promise(now)).await.is(200);
    app.accept_promise(&drafted["id"]).await;
    path
}

async fn held(officer: &Actor, state: &str) -> Vec<Value> {
    let page = officer.get(&format!("/held-acts?state={state}&limit=100")).await.is(200).json();
    page["items"].as_array().unwrap().clone()
}

/// All that anybody can see of a council who is not of its staff.
async fn seen(app: &TestApp, challenge: &str) -> Vec<String> {
    let mut seen = Vec::new();
    let ana = app.signs_in("ana").await;
    for path in ["/changes", "/challenges", "/feedback", "/feedback.atom", "/open-door/ideas", "/accountability"] {
        seen.push(app.visitor().get(path).await.is(200).text());
        seen.push(ana.get(path).await.is(200).text());
    }
    let page = format!("/councils/aldermoor/challenges/{challenge}");
    seen.push(app.call(app.visitor().absolute("GET", &page)).await.is(200).text());
    seen.push(app.visitor().get(&format!("/challenges/{challenge}/updates")).await.is(200).text());
    seen.push(app.visitor().get(&format!("/challenges/{challenge}/ideas")).await.is(200).text());
    seen
}

#[on_both_databases]
async fn each_kind_of_act_is_held_unseen_and_done_in_order_when_the_quiet_period_is_over(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    let door = open_door(&app, &officer, 1, None).await;
    let (running, ended) = (app.open_challenge("post").await, app.open_challenge("post").await);
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let (crossing, bench) = (ana.submits("A crossing", &running).await, ana.submits("A bench", &ended).await);
    let raised = ana.submits("A tower", &door).await;
    ben.supports(&raised).await.is(201);
    officer.post(&format!("/challenges/{ended}/close"), &json!({})).await.is(200);
    let updates = format!("/challenges/{running}/updates");
    let first = officer.post(&updates, &json!({ "title": "Counts", "body": "2140.", "office": "Streets" })).await;
    let update = format!("{updates}/{}", first.is(201).json()["id"].as_str().unwrap());
    let (_, officer) = quiet(&app, &officer).await;
    let opens = ready(&app, &officer).await;
    app.run_jobs().await;
    let before = seen(&app, &running).await;

    let mut places = Vec::new();
    let version = officer.get(&raised).await.is(200).json()["version"].take();
    for n in 0..6 {
        app.advance(Duration::from_secs(1));
        let asked = match n {
            0 => officer.answers(&crossing, &answer("It will be built.")).await,
            1 => {
                let take_up = json!({ "office": "Streets", "reason": "So many want it." });
                officer.change("POST", &format!("{raised}/take-up"), &version, &take_up).await
            }
            2 => officer.post(&updates, &json!({ "title": "News", "body": "2410.", "office": "Streets" })).await,
            3 => {
                let right = json!({ "title": "Counts", "body": "2014.", "office": "Streets", "correction": "Digits." });
                officer.change("PUT", &update, &json!(1), &right).await
            }
            4 => {
                let idea = json!({ "idea": bench.trim_start_matches("/ideas/"), "what_became_of_it": "It stands." });
                let outcome = json!({ "summary": "One bench.", "ideas": [idea] });
                officer.put(&format!("/challenges/{ended}/outcome"), &outcome).await
            }
            _ => officer.post(&format!("{opens}/open"), &json!({})).await,
        };
        let asked = asked.is(202);
        let place = asked.header("location").unwrap().to_owned();
        assert!(place.ends_with(asked.json()["id"].as_str().unwrap()), "{place}");
        assert_eq!(asked.json()["until"], "2027-03-13");
        places.push(asked.json());
    }
    let kinds: Vec<_> = places.iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["answer", "take_up", "update", "update_correction", "outcome", "opening"]);
    assert_eq!(places[0]["body"], answer("It will be built."));
    // The same is held once.
    let twice = officer.answers(&crossing, &answer("No.")).await.refused(409, "already_exists").json();
    assert_eq!(twice["held_act"], places[0]["id"]);
    // Staff see it, and how much there is; nobody else does, by any way, and nobody is written to.
    let work = officer.get("/me/work").await.is(200).json();
    assert_eq!(work["held"], json!({ "waiting": 6, "until": "2027-03-13" }));
    assert!(work["line"].as_str().unwrap().contains("6 held until 13 March"), "{work}");
    assert_eq!(held(&officer, "held").await.len(), 6);
    ana_sees_none(&app).await;
    app.run_jobs().await;
    assert_eq!(seen(&app, &running).await, before);
    for words in ["It will be built.", "So many want it.", "2410.", "2014.", "One bench."] {
        assert!(!app.has_mail(words), "{words}");
    }
    app.visitor().get(&format!("/challenges/{ended}/outcome")).await.refused(404, "not_found");
    app.visitor().get(&opens).await.refused(404, "not_found");

    // On two nodes at once, and again, it is done once.
    app.advance(days(4));
    let elsewhere = app.other_node().await;
    let again = async |app: &TestApp, until: &str| {
        let (council, until) = (app.council.id, until.to_owned());
        let asked = move |tx: &mut Tx<'_>| {
            enqueue(tx, council, &CarryOutHeld { quiet_period: Id::NONE, until: until.clone(), part: 0, after: None })
        };
        app.app.db.write(asked).await.unwrap();
    };
    again(&app, "once").await;
    futures_util::future::join(app.run_jobs(), elsewhere.run_jobs()).await;
    again(&app, "twice").await;
    app.run_jobs().await;
    // One of the nodes numbers what happened, whichever it is.
    elsewhere.app.number_entries().await.unwrap();
    let officer = app.signs_in("officer").await;
    let done = held(&officer, "carried_out").await;
    assert_eq!((done.len(), held(&officer, "held").await.len(), held(&officer, "failed").await.len()), (6, 0, 0));
    let answers = app.visitor().get(&format!("{crossing}/answers")).await.is(200).json();
    assert_eq!(answers["items"].as_array().unwrap().len(), 1);
    assert_eq!(answers["items"][0]["reason"], "It will be built.");
    let published = app.visitor().get(&updates).await.is(200).json();
    assert_eq!(published["items"].as_array().unwrap().len(), 2);
    assert_eq!(app.visitor().get(&update).await.is(200).json()["body"], "2014.");
    assert_eq!(
        app.visitor().get(&format!("/challenges/{ended}/outcome")).await.is(200).json()["summary"],
        "One bench."
    );
    assert_eq!(app.visitor().get(&opens).await.is(200).json()["state"], "open");
    let door = app.visitor().get("/open-door").await.is(200).json();
    assert_eq!(door["figures"]["taken_up"], 1);
    assert_eq!(app.mails_that_say("It will be built."), 1);
    let changes = app.visitor().get("/changes?limit=500").await.is(200).json();
    let kinds: Vec<_> = changes["items"].as_array().unwrap().iter().filter_map(|one| one["kind"].as_str()).collect();
    let place =
        |kind: &str| kinds.iter().rposition(|one| *one == kind).unwrap_or_else(|| panic!("{kind} in {kinds:?}"));
    assert!(
        place("outcome.published") < place("challenge.opened") && place("idea.answered") < place("outcome.published")
    );
    assert_eq!(kinds.iter().filter(|kind| **kind == "outcome.published").count(), 1);
}

async fn ana_sees_none(app: &TestApp) {
    app.visitor().get("/held-acts").await.refused(401, "unauthenticated");
    app.signs_in("ana").await.get("/held-acts").await.refused(403, "forbidden");
}

#[on_both_databases]
async fn what_would_be_refused_is_refused_at_once_and_leaves_nothing_behind(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let (_, officer) = quiet(&app, &officer).await;
    let nobodys = json!({ "kind": "accepted", "office": "Nobody", "reason": "Yes." });
    officer.answers(&idea, &nobodys).await.refused(422, "invalid");
    officer.change("POST", &format!("{idea}/answers"), &json!(7), &answer("Yes.")).await.refused(412, "changed");
    let nowhere = format!("/ideas/{}/answers", Id::random());
    officer.change("POST", &nowhere, &json!(1), &answer("Yes.")).await.refused(404, "not_found");
    let outcome = json!({ "summary": "Early.", "ideas": [] });
    officer.put(&format!("/challenges/{challenge}/outcome"), &outcome).await.refused(409, "wrong_state");
    let drafted = officer.post("/challenges", &draft(app.app.db.clock().now(), "post")).await.is(201).json();
    let open = format!("/challenges/{}/open", drafted["id"].as_str().unwrap());
    officer.post(&open, &json!({})).await.refused(409, "not_ready");
    assert!(held(&officer, "held").await.is_empty());
    // What is done weeks later is done to what was read.
    let blind = officer.request("POST", &format!("{idea}/answers")).insert_header(("If-Match", "*"));
    app.call(blind.set_json(answer("Yes."))).await.refused(422, "invalid");
    // What is sent twice with one key is held once.
    let version = officer.get(&idea).await.is(200).json()["version"].take();
    let once = || {
        let request = officer.request("POST", &format!("{idea}/answers")).insert_header(("Idempotency-Key", "a"));
        request.insert_header(("If-Match", format!("\"{version}\""))).set_json(answer("Yes."))
    };
    let (first, second) = (app.call(once()).await.is(202).json(), app.call(once()).await.is(202).json());
    assert_eq!(first, second);
    assert_eq!(held(&officer, "held").await.len(), 1);
}

#[on_both_databases]
async fn what_is_withdrawn_is_not_done_and_makes_room_for_another(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    app.member("admin", Role::Admin).await;
    app.member("moira", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let (_, officer) = quiet(&app, &officer).await;
    let asked = officer.answers(&idea, &answer("First.")).await.is(202).json();
    let place = format!("/held-acts/{}", asked["id"].as_str().unwrap());
    let moderator = app.signs_in("moira").await;
    assert_eq!(moderator.get(&place).await.is(200).json()["mine"], false);
    moderator.delete(&place).await.refused(403, "forbidden");
    assert_eq!(app.signs_in("admin").await.delete(&place).await.is(200).json()["state"], "withdrawn");
    // Whoever withdraws it again finds it so.
    assert_eq!(officer.delete(&place).await.is(200).json()["state"], "withdrawn");
    officer.answers(&idea, &answer("Second.")).await.is(202);
    over(&app).await;
    let answers = app.visitor().get(&format!("{idea}/answers")).await.is(200).json();
    assert_eq!(answers["items"].as_array().unwrap().len(), 1);
    assert_eq!(answers["items"][0]["reason"], "Second.");
    let officer = app.signs_in("officer").await;
    let done = held(&officer, "carried_out").await[0]["id"].take();
    officer.delete(&format!("/held-acts/{}", done.as_str().unwrap())).await.refused(409, "wrong_state");
    officer.get(&format!("/held-acts/{}", Id::random())).await.refused(404, "not_found");
}

#[on_both_databases]
async fn what_cannot_be_done_any_more_fails_and_who_asked_is_told_once_of_all(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    app.member("leaver", Role::Officer).await;
    let (crossing, bench) = (ana.submits("A crossing", &challenge).await, ana.submits("A bench", &challenge).await);
    let tree = ana.submits("A tree", &challenge).await;
    let (_, officer) = quiet(&app, &officer).await;
    let leaver = app.signs_in("leaver").await;
    for idea in [&crossing, &bench] {
        officer.answers(idea, &answer("Yes.")).await.is(202);
    }
    leaver.answers(&tree, &answer("I go.")).await.is(202);
    // Their author writes them anew, and the colleague goes.
    let ana = app.signs_in("ana").await;
    for idea in [&crossing, &bench] {
        let version = ana.get(idea).await.is(200).json()["version"].take();
        ana.change("PATCH", idea, &version, &json!({ "body": "Two of them." })).await.is(200);
    }
    let me = leaver.get("/me").await.is(200).json();
    app.demote_directly(me["id"].as_str().unwrap()).await;
    over(&app).await;
    let officer = app.signs_in("officer").await;
    let failed = held(&officer, "failed").await;
    let mut codes: Vec<_> = failed.iter().map(|one| one["code"].as_str().unwrap()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["changed", "changed", "forbidden"]);
    for idea in [&crossing, &bench, &tree] {
        assert_eq!(app.visitor().get(idea).await.is(200).json()["status"], "awaiting_answer");
    }
    let told: Vec<_> =
        app.mails_to("officer").into_iter().filter(|text| text.contains("the quiet period is over")).collect();
    let of_others = |text: &&String| text.contains("does not work here any more");
    assert_eq!((told.len(), told.iter().filter(of_others).count()), (2, 1), "{told:?}");
    let mine = told.iter().find(|text| !of_others(text)).unwrap();
    assert!(mine.contains("A crossing") && mine.contains("A bench") && !mine.contains("A tree"), "{mine}");
    // Whoever has gone is told nothing of the staff's; whoever is there is, once.
    assert!(app.mails_to("leaver").iter().all(|text| !text.contains("the quiet period is over")));
    let theirs = told.iter().find(of_others).unwrap();
    assert!(theirs.contains("A tree") && !theirs.contains("A bench"), "{theirs}");
    let again = CarryOutHeld { quiet_period: Id::NONE, until: "again".to_owned(), part: 0, after: None };
    let council = app.council.id;
    app.app.db.write(move |tx| enqueue(tx, council, &again)).await.unwrap();
    app.run_jobs().await;
    let told: Vec<_> =
        app.mails_to("officer").into_iter().filter(|text| text.contains("the quiet period is over")).collect();
    assert_eq!(told.len(), 2);
    assert!(!app.has_mail("I go."));
    // It can be asked for again.
    officer.answers(&crossing, &answer("Two, then.")).await.is(201);
}

#[on_both_databases]
async fn many_ideas_are_answered_each_by_itself_when_the_quiet_period_is_over(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let (crossing, bench) = (ana.submits("A crossing", &challenge).await, ana.submits("A bench", &challenge).await);
    let (period, officer) = quiet(&app, &officer).await;
    let named = |idea: &str, version: i64| json!({ "idea": idea.trim_start_matches("/ideas/"), "version": version });
    let version = async |idea: &str| officer.get(idea).await.is(200).json()["version"].as_i64().unwrap();
    let ideas =
        json!(
            [named(&crossing, version(&crossing).await), named(&bench, version(&bench).await), named("ALD-9999", 1),]
        );
    let mut wish = answer("Both.");
    wish["ideas"] = ideas;
    let items = officer.post("/bulk-answers", &wish).await.is(202).json()["items"].take();
    let results: Vec<_> = items.as_array().unwrap().iter().map(|one| one["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["held", "held", "refused"]);
    let again = officer.post("/bulk-answers", &wish).await.is(202).json()["items"].take();
    assert_eq!(again[0]["code"], "already_exists");
    // One is taken out of it, and the rest is answered, at once where the quiet period is ended early.
    officer.delete(&format!("/held-acts/{}", items[1]["held_act"].as_str().unwrap())).await.is(200);
    officer.post(&format!("/quiet-periods/{period}/end"), &json!({})).await.is(200);
    app.run_jobs().await;
    assert_eq!(app.visitor().get(&crossing).await.is(200).json()["status"], "accepted");
    assert_eq!(app.visitor().get(&bench).await.is(200).json()["status"], "awaiting_answer");
}

#[on_both_databases]
async fn where_one_quiet_period_follows_another_it_waits_for_the_end_of_both(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let second = json!({
        "starts_on": "2027-03-13", "ends_on": "2027-03-14", "area": "The whole borough", "ground": "Mourning.",
    });
    officer.post("/quiet-periods", &second).await.is(201);
    let (_, officer) = quiet(&app, &officer).await;
    officer.answers(&idea, &answer("Yes.")).await.is(202);
    over(&app).await;
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["status"], "awaiting_answer");
    app.advance(days(2));
    app.run_jobs().await;
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["status"], "accepted");
}

/// Opens a case about an idea, and decides it.
async fn decides(moderator: &Actor, idea: &str, decision: &Value) -> Value {
    moderator.app.advance(Duration::from_secs(1));
    let case = moderator.post(&format!("{idea}/cases"), &json!({})).await.json();
    let path = format!("/cases/{}/decision", case["id"].as_str().unwrap());
    moderator.change("POST", &path, &case["version"], decision).await.is(201).json()
}

#[on_both_databases]
async fn an_answer_is_given_to_what_was_read_whatever_else_has_raised_its_version(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    app.member("mo", Role::Moderator).await;
    let ben = app.resident("ben").await;
    let (locked, back, hidden) = (
        ana.submits("A crossing", &challenge).await,
        ana.submits("A bench", &challenge).await,
        ana.submits("A tree", &challenge).await,
    );
    let orphan = ben.submits("A well", &challenge).await;
    let (_, officer) = quiet(&app, &officer).await;
    for idea in [&locked, &back, &hidden, &orphan] {
        app.advance(Duration::from_secs(1));
        officer.answers(idea, &answer("It will be built.")).await.is(202);
    }
    let mo = app.signs_in("mo").await;
    let restricts =
        |kind: &str| json!({ "decision": kind, "ground": "personal_data", "statement": "It names a neighbour." });
    decides(&mo, &locked, &restricts("lock")).await;
    decides(&mo, &back, &restricts("hide")).await;
    decides(&mo, &back, &json!({ "decision": "publish" })).await;
    decides(&mo, &hidden, &restricts("hide")).await;
    crate::privacy::leaves(&app.signs_in("ben").await, "anonymise").await.is(204);
    over(&app).await;
    let status = async |idea: &str| app.visitor().get(idea).await.json()["status"].take();
    for idea in [&locked, &back, &orphan] {
        assert_eq!(status(idea).await, "accepted", "{idea}");
    }
    let failed = held(&app.signs_in("officer").await, "failed").await;
    assert_eq!(failed.len(), 1, "only what is not there to read: {failed:?}");
    assert_eq!(failed[0]["idea_title"], "A tree");
}

#[on_both_databases]
async fn what_goes_wrong_on_our_side_is_tried_for_a_day_and_keeps_no_other_from_being_done(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let (crossing, bench) = (ana.submits("A crossing", &challenge).await, ana.submits("A bench", &challenge).await);
    let (_, officer) = quiet(&app, &officer).await;
    officer.answers(&crossing, &answer("Yes.")).await.is(202);
    assert!(tries(&app, "UPDATE held_acts SET request = '{\"kind\":\"none\",\"body\":{}}'").await);
    app.advance(Duration::from_secs(1));
    officer.answers(&bench, &answer("Yes.")).await.is(202);
    over(&app).await;
    let status = async |idea: &str| app.visitor().get(idea).await.json()["status"].take();
    assert_eq!((status(&crossing).await, status(&bench).await), (json!("awaiting_answer"), json!("accepted")));
    let officer = app.signs_in("officer").await;
    assert_eq!((held(&officer, "held").await.len(), held(&officer, "failed").await.len()), (1, 0));
    // It is under way already: the sweep adds nothing, so that it is not tried more often.
    app.app.sweep().await.unwrap();
    let waits = "SELECT kind AS text FROM jobs WHERE kind = 'carry_out_held' AND state = 'waiting'";
    assert_eq!(texts(&app, waits).await.len(), 1);
    let failed = async || held(&app.signs_in("officer").await, "failed").await;
    // As often as any job is tried.
    for again in 0..16 {
        assert!(failed().await.is_empty(), "given up after {again} times");
        app.advance(Duration::from_secs(5 * 3_600));
        app.run_jobs().await;
    }
    assert_eq!(failed().await[0]["code"], "internal");
    app.last_mail("officer@people.example", "A crossing");
}

#[on_both_databases]
async fn what_is_held_and_nothing_is_about_to_do_is_swept_up_once_and_not_while_the_council_is_quiet(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let (_, officer) = quiet(&app, &officer).await;
    officer.answers(&idea, &answer("Yes.")).await.is(202);
    assert!(tries(&app, "DELETE FROM jobs WHERE kind = 'carry_out_held'").await);
    app.app.sweep().await.unwrap();
    app.run_jobs().await;
    assert_eq!(held(&officer, "held").await.len(), 1, "the council is quiet still");
    over(&app).await;
    let status = async || app.visitor().get(&idea).await.json()["status"].take();
    assert_eq!(status().await, "awaiting_answer", "its job is lost");
    app.app.sweep().await.unwrap();
    app.app.sweep().await.unwrap();
    let waits = "SELECT kind AS text FROM jobs WHERE kind = 'carry_out_held' AND state = 'waiting'";
    assert_eq!(texts(&app, waits).await.len(), 1);
    app.run_jobs().await;
    assert_eq!(status().await, "accepted");
}

#[on_both_databases]
async fn what_a_program_asked_for_is_not_done_where_its_key_has_ended(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    app.member("admin", Role::Admin).await;
    let (crossing, bench) = (ana.submits("A crossing", &challenge).await, ana.submits("A bench", &challenge).await);
    quiet(&app, &officer).await;
    let admin = app.signs_in("admin").await;
    let (kept, _) = crate::keys::made(&admin, &["public.read", "answer.give", "work.read"]).await;
    let (ended, key) = crate::keys::made(&admin, &["public.read", "answer.give", "work.read"]).await;
    kept.answers(&crossing, &answer("Yes.")).await.is(202);
    ended.answers(&bench, &answer("Yes.")).await.is(202);
    admin.delete(&format!("/api-keys/{key}")).await.is(204);
    over(&app).await;
    let status = async |idea: &str| app.visitor().get(idea).await.json()["status"].take();
    assert_eq!((status(&crossing).await, status(&bench).await), (json!("accepted"), json!("awaiting_answer")));
    let failed = held(&app.signs_in("officer").await, "failed").await;
    assert_eq!((failed.len(), &failed[0]["code"]), (1, &json!("forbidden")));
}
