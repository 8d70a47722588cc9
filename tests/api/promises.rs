//! Promises and their clocks: the calendar, changes in public, pauses, quiet periods, and what follows from them.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::stored::tries;
use crate::support::{Actor, Answer, TestApp, days, draft};

async fn due(app: &TestApp, idea: &str) -> (String, String) {
    let shown = app.visitor().get(idea).await.is(200).json();
    let day = |name: &str| shown[name].as_str().unwrap()[..10].to_owned();
    (day("answer_due_at"), day("answer_promised_by"))
}

/// Does something with the version of the challenge.
async fn changes(officer: &Actor, challenge: &str, what: &str, body: &Value) -> Answer {
    let path = format!("/challenges/{challenge}/promise");
    let etag = officer.get(&path).await.is(200).header("etag").unwrap().to_owned();
    let version: Value = etag.trim_matches('"').split('-').next().unwrap().parse::<i64>().unwrap().into();
    officer.change("POST", &format!("{path}/{what}"), &version, body).await
}

async fn promise(app: &TestApp, challenge: &str) -> Value {
    app.visitor().get(&format!("/challenges/{challenge}/promise")).await.is(200).json()
}

#[on_both_databases]
async fn an_officer_writes_the_calendar_and_what_is_due_follows_with_its_reminders(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    // Monday, the first of March: ten working days end with the fifteenth.
    assert_eq!(due(&app, &idea).await, ("2027-03-16".into(), "2027-03-16".into()));
    let read = app.visitor().get("/calendar").await.is(200).json();
    assert_eq!((read["version"].as_i64(), read["working_days"].as_array().unwrap().len()), (Some(1), 5));
    let wish = json!({
        "working_days": ["friday", "monday", "tuesday", "wednesday", "thursday"],
        "holidays": [{ "day": "2027-03-08", "name": "Day of the council" }],
    });
    ana.change("PUT", "/calendar", &json!(1), &wish).await.refused(403, "forbidden");
    officer.put("/calendar", &wish).await.refused(428, "precondition_needed");
    officer.change("PUT", "/calendar", &json!(7), &wish).await.refused(412, "changed");
    let written = officer.change("PUT", "/calendar", &json!(1), &wish).await.is(200).json();
    assert_eq!(written["working_days"][0], "monday");
    app.run_jobs().await;
    // A holiday that nobody knew of adds time, and what was promised stays.
    assert_eq!(due(&app, &idea).await, ("2027-03-17".into(), "2027-03-16".into()));
    let after = ana.submits("A bench", &challenge).await;
    assert_eq!(due(&app, &after).await.0, "2027-03-17");
    let faulty = json!({ "working_days": ["monday"], "holidays": [{ "day": "2027-02-30", "name": "No day" }] });
    let refused = officer.change("PUT", "/calendar", &json!(2), &faulty).await.refused(422, "invalid");
    assert_eq!(refused.json()["errors"][0]["pointer"], "/holidays/0/day");
    let kinds = app.visitor().get("/changes?after=0").await.is(200).text();
    assert!(kinds.contains("calendar.written"));
    let reminders = || app.mails_that_say("for an answer in the challenge");
    // A week before the old day, nobody is reminded of it; a week before the new one, everybody is, once.
    app.advance(days(7));
    app.run_jobs().await;
    assert_eq!(reminders(), 0);
    app.advance(days(2));
    app.run_jobs().await;
    let each = reminders();
    assert!(each > 0 && app.has_mail("16 March 2027"));
    app.advance(days(6));
    app.run_jobs().await;
    assert_eq!(reminders(), 2 * each, "the day before");
    app.advance(days(1));
    app.run_jobs().await;
    assert_eq!(reminders(), 3 * each, "and when it is late");
    assert_eq!(promise(&app, &challenge).await["figures"]["overdue_now"], 2);
}

#[on_both_databases]
async fn an_open_promise_is_made_weaker_with_a_reason_only_and_keeps_its_history(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let late = changes(&officer, &challenge, "changes", &json!({ "answer_within_days": 12 })).await;
    assert_eq!(late.refused(422, "invalid").json()["errors"][0]["pointer"], "/reason");
    let wish = json!({ "answer_within_days": 12, "reason": "Two of us have left." });
    changes(&ana, &challenge, "changes", &wish).await.refused(403, "forbidden");
    assert_eq!(changes(&officer, &challenge, "changes", &wish).await.is(201).json()["kind"], "weaker");
    assert_eq!(due(&app, &idea).await, ("2027-03-18".into(), "2027-03-16".into()));
    let more = json!({ "extension_days": 3, "reason": "The surveys are late." });
    assert_eq!(changes(&officer, &challenge, "changes", &more).await.is(201).json()["kind"], "extension");
    assert_eq!(due(&app, &idea).await, ("2027-03-23".into(), "2027-03-16".into()));
    let stricter = json!({ "answer_within_days": 5 });
    assert_eq!(changes(&officer, &challenge, "changes", &stricter).await.is(201).json()["kind"], "stricter");
    assert_eq!(due(&app, &idea).await, ("2027-03-09".into(), "2027-03-09".into()));
    let history = app.visitor().get(&format!("/challenges/{challenge}/promise/history")).await.is(200).json();
    let told: Vec<_> = history["changes"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(told, ["original", "weaker", "extension", "stricter"]);
    assert_eq!(history["changes"][0]["answer_within_days"], 10);
    assert_eq!(history["changes"][1]["reason"], "Two of us have left.");
    let kept = promise(&app, &challenge).await;
    assert_eq!(kept["answer_within_days"], 5);
    assert!(kept["accepted_at"].is_string(), "who accepted it at first stays");
    app.run_jobs().await;
    assert_eq!(app.visitor().get("/changes?after=0").await.text().matches("promise.changed").count(), 3);
}

#[on_both_databases]
async fn a_paused_clock_says_so_and_its_days_count_neither_as_late_nor_as_on_time(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    app.advance(days(14));
    // The due day itself.
    let wish = json!({ "until": "2027-03-22", "reason": "Everybody is out with the pumps." });
    let officer = Actor { token: app.signs_in("officer").await.token, ..officer };
    changes(&officer, &challenge, "pauses", &wish).await.is(201);
    changes(&officer, &challenge, "pauses", &wish).await.refused(409, "wrong_state");
    let clock = promise(&app, &challenge).await["clock"].take();
    assert_eq!((clock["state"].as_str(), clock["until"].as_str()), (Some("paused"), Some("2027-03-22")));
    assert_eq!(clock["reason"], "Everybody is out with the pumps.");
    assert_eq!(due(&app, &idea).await, ("2027-03-23".into(), "2027-03-16".into()));
    app.advance(days(3));
    let figures = promise(&app, &challenge).await["figures"].take();
    assert_eq!(figures["overdue_now"], 0);
    let officer = app.signs_in("officer").await;
    assert_eq!(changes(&officer, &challenge, "resume", &json!({})).await.is(200).json()["until"], "2027-03-18");
    assert_eq!(promise(&app, &challenge).await["clock"]["state"], "running");
    assert_eq!(due(&app, &idea).await, ("2027-03-19".into(), "2027-03-16".into()));
    officer.answers(&idea, &json!({ "kind": "accepted", "office": "Streets", "reason": "Yes." })).await.is(201);
    let figures = promise(&app, &challenge).await["figures"].take();
    assert_eq!((figures["answered_on_time"].as_i64(), figures["answered_in_added_time"].as_i64()), (Some(0), Some(1)));
    changes(&officer, &challenge, "resume", &json!({})).await.refused(409, "wrong_state");
}

#[on_both_databases]
async fn in_a_quiet_period_nothing_opens_and_nothing_is_answered_and_clocks_stand_still(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let idea = ana.submits("A crossing", &challenge).await;
    let waits = ana.submits("A bench", &challenge).await;
    let wish = json!({
        "starts_on": "2027-03-08", "ends_on": "2027-03-12", "area": "The whole borough",
        "ground": "Pre-election period.",
    });
    let quiet = officer.post("/quiet-periods", &wish).await.is(201).json();
    assert_eq!((quiet["until"].as_str(), quiet["days"].as_i64()), (Some("2027-03-13"), Some(5)));
    app.run_jobs().await;
    assert_eq!(due(&app, &idea).await, ("2027-03-23".into(), "2027-03-16".into()));
    // What would run into it is confirmed with a reason, or does not open.
    let now = app.app.db.clock().now();
    let drafted = officer.post("/challenges", &crate::support::draft(now, "post")).await.is(201).json();
    let path = format!("/challenges/{}", drafted["id"].as_str().unwrap());
    officer.change("PUT", &format!("{path}/promise"), &json!(1), &crate::support::promise(now)).await.is(200);
    app.accept_promise(&drafted["id"]).await;
    let refused = officer.post(&format!("{path}/open"), &json!({})).await.refused(409, "quiet_period").json();
    assert_eq!(
        (refused["ground"].as_str(), refused["fix"].as_str()),
        (Some("Pre-election period."), Some("quiet_period_reason"))
    );
    app.advance(days(8));
    let officer = app.signs_in("officer").await;
    let confirmed = json!({ "quiet_period_reason": "The school asked for it." });
    let opening = officer.post(&format!("{path}/open"), &confirmed).await.is(202).json();
    assert_eq!((&opening["kind"], &opening["until"]), (&json!("opening"), &json!("2027-03-13")));
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "Yes." });
    officer.answers(&idea, &answer).await.is(202);
    assert_eq!(promise(&app, &challenge).await["clock"]["state"], "quiet");
    let end = format!("/quiet-periods/{}/end", quiet["id"].as_str().unwrap());
    assert_eq!(officer.post(&end, &json!({})).await.is(200).json()["until"], "2027-03-09");
    officer.post(&end, &json!({})).await.refused(409, "wrong_state");
    app.run_jobs().await;
    assert_eq!(due(&app, &waits).await, ("2027-03-17".into(), "2027-03-16".into()));
    // What was held has been done, and what is answered keeps the day on which it was.
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["status"], "accepted");
    assert_eq!(app.visitor().get(&path).await.is(200).json()["state"], "open");
    assert_eq!(app.visitor().get("/quiet-periods").await.is(200).json()["items"][0]["ground"], "Pre-election period.");
}

#[on_both_databases]
async fn a_council_may_open_nothing_while_answers_are_overdue_and_is_told_which(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, admin) = (app.resident("ana").await, app.member("admin", Role::Admin).await);
    ana.submits("A crossing", &challenge).await;
    let setting = json!({ "no_new_challenges_while_overdue": true });
    let set = admin.change("PATCH", "", &json!(1), &setting).await.is(200).json();
    assert_eq!(set["no_new_challenges_while_overdue"], true);
    app.advance(days(15));
    let admin = app.signs_in("admin").await;
    let now = app.app.db.clock().now();
    let drafted = admin.post("/challenges", &crate::support::draft(now, "post")).await.is(201).json();
    let path = format!("/challenges/{}", drafted["id"].as_str().unwrap());
    admin.change("PUT", &format!("{path}/promise"), &json!(1), &crate::support::promise(now)).await.is(200);
    app.accept_promise(&drafted["id"]).await;
    let refused = admin.post(&format!("{path}/open"), &json!({})).await.refused(409, "answers_overdue").json();
    assert_eq!(
        (&refused["challenges"][0]["challenge"], &refused["challenges"][0]["overdue"]),
        (&json!(challenge), &json!(1))
    );
    admin.change("PATCH", "", &json!(2), &json!({ "no_new_challenges_while_overdue": false })).await.is(200);
    admin.post(&format!("{path}/open"), &json!({})).await.is(200);
}

#[on_both_databases]
async fn staff_are_told_what_it_takes_to_keep_a_promise(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let path = format!("/challenges/{challenge}/promise");
    assert!(officer.get(&path).await.is(200).json()["forecast"].is_null(), "nobody knows");
    for pace in ["-1", "100001"] {
        officer.get(&format!("{path}?ideas_per_week={pace}")).await.refused(422, "invalid");
    }
    let told = officer.get(&format!("{path}?ideas_per_week=40")).await.is(200).json()["forecast"].take();
    assert_eq!((told["answers_per_working_day"].as_i64(), told["measured"].as_bool()), (Some(8), Some(false)));
    ana.submits("A crossing", &challenge).await;
    assert_eq!(officer.get(&path).await.is(200).json()["forecast"]["ideas_per_week"], 1);
    assert!(app.visitor().get(&path).await.is(200).json()["forecast"].is_null());
    // And as they write one.
    let now = app.app.db.clock().now();
    let drafted = officer.post("/challenges", &crate::support::draft(now, "post")).await.is(201).json();
    let path = format!("/challenges/{}/promise", drafted["id"].as_str().unwrap());
    let written = officer.change("PUT", &path, &json!(1), &crate::support::promise(now)).await.is(200).json();
    assert_eq!(written["forecast"]["ideas_per_week"], 1);
}

#[on_both_databases]
async fn before_the_public_is_asked_everything_is_there_or_waived_for_a_reason_that_everybody_reads(app: TestApp) {
    let open = app.open_challenge("post").await;
    let officer = app.member("officer", Role::Officer).await;
    let now = app.app.db.clock().now();
    let mut wish = draft(now, "post");
    wish["background"] = json!({ "documents": [{ "title": "Counts", "url": "ftp://aldermoor.example" }] });
    let refused = officer.post("/challenges", &wish).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["pointer"], "/background/documents/0/url");
    wish["background"] = json!({ "waived": [{ "item": "promise", "reason": "We never promise." }] });
    officer.post("/challenges", &wish).await.refused(422, "invalid");
    wish["background"] = json!({});
    wish["phases"][0]["ends_at"] = json!(now.plus(days(13)));
    let drafted = officer.post("/challenges", &wish).await.is(201).json();
    let path = format!("/challenges/{}", drafted["id"].as_str().unwrap());
    app.visitor().get(&format!("{path}/readiness")).await.refused(404, "not_found");
    let missing = async || {
        let list = officer.get(&format!("{path}/readiness")).await.is(200).json();
        let items = list["items"].as_array().unwrap().clone();
        let codes = items.iter().filter(|item| item["state"] == "missing").map(|item| item["code"].clone());
        Value::Array(codes.collect())
    };
    let lacks = json!([
        "promise",
        "acceptance",
        "stage",
        "already_decided",
        "documents",
        "time_to_answer",
        "outcome_date",
        "rehearsal"
    ]);
    assert_eq!(missing().await, lacks);
    wish["background"] = json!({
        "stage": "options", "already_decided": "  That the lane is rebuilt.  ",
        "waived": [
            { "item": "documents", "reason": "There are none: nobody has counted." },
            { "item": "time_to_answer", "reason": "The money has to be claimed by the end of the month." },
            { "item": "rehearsal", "reason": "There is no time for it, either." },
        ],
    });
    officer.change("PUT", &path, &json!(1), &wish).await.is(200);
    officer.change("PUT", &format!("{path}/promise"), &json!(2), &crate::support::promise(now)).await.is(200);
    assert_eq!(missing().await, json!(["acceptance"]));
    let (council, challenge) = (app.council.id, drafted["id"].as_str().unwrap().parse().unwrap());
    let accepted = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
        folkmoot::participation::challenges::queries::set_accepted(tx, council, challenge)
    };
    app.app.db.write(accepted).await.unwrap();
    officer.post(&format!("{path}/open"), &json!({})).await.is(200);

    let told = app.visitor().get(&format!("{path}/readiness")).await.is(200).json();
    assert_eq!((&told["ready"], told["opened_at"].is_string()), (&json!(true), true));
    let waived: Vec<_> = told["items"].as_array().unwrap().iter().filter(|item| item["state"] == "waived").collect();
    assert_eq!(waived.len(), 3);
    assert_eq!(waived[1]["detail"], "The money has to be claimed by the end of the month.");
    let shown = app.visitor().get(&path).await.is(200).json();
    assert_eq!(shown["background"]["already_decided"], "That the lane is rebuilt.");
    // What was so then is told, whatever has become of it: nobody is there to moderate by now.
    assert!(tries(&app, "UPDATE accounts SET state = 'suspended' WHERE role = 'moderator'").await);
    assert_eq!(app.visitor().get(&format!("{path}/readiness")).await.is(200).json(), told);
    let whole = app.visitor().get(&format!("/challenges/{open}/readiness")).await.is(200).json();
    let items = whole["items"].as_array().unwrap();
    assert!(items.iter().all(|item| item["state"] == "done" || item["code"] == "rehearsal"), "{whole}");
}

#[on_both_databases]
async fn opening_a_challenge_changes_nothing_of_what_was_prepared(app: TestApp) {
    app.open_challenge("post").await;
    let officer = app.member("officer", Role::Officer).await;
    let now = app.app.db.clock().now();
    for moderation in ["pre", "post", "trusted"] {
        let drafted = officer.post("/challenges", &draft(now, moderation)).await.is(201).json();
        let path = format!("/challenges/{}", drafted["id"].as_str().unwrap());
        officer.change("PUT", &format!("{path}/promise"), &json!(1), &crate::support::promise(now)).await.is(200);
        let (council, challenge) = (app.council.id, drafted["id"].as_str().unwrap().parse().unwrap());
        let accepted = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
            folkmoot::participation::challenges::queries::set_accepted(tx, council, challenge)
        };
        app.app.db.write(accepted).await.unwrap();
        let settled = async |who: &Actor| {
            let mut shown = who.get(&path).await.is(200).json();
            for follows in ["state", "phase", "opened_at", "closes_at"] {
                shown.as_object_mut().unwrap().remove(follows);
            }
            shown
        };
        let prepared = settled(&officer).await;
        assert_eq!(prepared["moderation"], moderation);
        officer.post(&format!("{path}/open"), &json!({})).await.is(200);
        assert_eq!(settled(&app.visitor()).await, prepared);
    }
}

#[on_both_databases]
async fn an_outcome_that_is_late_is_healed_neither_by_another_date_nor_by_a_quiet_period(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let overdue = async || promise(&app, &challenge).await["figures"]["outcome_overdue"].as_bool().unwrap();
    // It is promised for noon on the 30th of April: a period of which the council speaks afterwards stops nothing.
    app.advance(days(60) + std::time::Duration::from_secs(3_600));
    assert!(overdue().await);
    let officer = app.member("officer", Role::Officer).await;
    let wish = json!({
        "starts_on": "2027-04-30", "ends_on": "2027-05-06", "area": "The whole borough", "ground": "Mourning.",
    });
    officer.post("/quiet-periods", &wish).await.is(201);
    assert!(overdue().await);
    let later = json!({ "publish_outcome_by": "2027-06-30T12:00:00Z", "reason": "The surveys are late." });
    changes(&officer, &challenge, "changes", &later).await.is(201);
    assert!(overdue().await);
}

#[on_both_databases]
async fn an_outcome_that_falls_into_a_quiet_period_is_late_after_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let overdue = async || promise(&app, &challenge).await["figures"]["outcome_overdue"].as_bool().unwrap();
    app.advance(days(59));
    let officer = app.member("officer", Role::Officer).await;
    let wish = json!({
        "starts_on": "2027-04-30", "ends_on": "2027-05-06", "area": "The whole borough", "ground": "Mourning.",
    });
    officer.post("/quiet-periods", &wish).await.is(201);
    app.advance(days(7));
    assert!(!overdue().await, "the 6th of May is quiet");
    app.advance(days(1));
    assert!(!overdue().await, "the 7th is the first working day after it");
    app.advance(days(1));
    assert!(overdue().await);
}

#[on_both_databases]
async fn what_falls_due_while_it_waits_to_be_counted_anew_was_not_late(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    app.advance(days(14));
    let officer = app.member("officer", Role::Officer).await;
    let wish = json!({
        "starts_on": "2027-03-15", "ends_on": "2027-03-19", "area": "The whole borough", "ground": "Mourning.",
    });
    officer.post("/quiet-periods", &wish).await.is(201);
    // The job that counts comes after the midnight on which it had been due.
    app.advance(days(1));
    app.run_jobs().await;
    assert_eq!(due(&app, &idea).await, ("2027-03-23".into(), "2027-03-16".into()));
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["overdue"], false);
}
