//! What is found in a text has it held and looked at, and decides nothing.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::stored::{texts, tries};
use crate::support::{Actor, Answer, PASSWORD, TestApp, days, draft};

fn hours(n: u64) -> std::time::Duration {
    std::time::Duration::from_secs(n * 3_600)
}

async fn sends(who: &Actor, challenge: &str, title: &str, body: &str) -> Value {
    let idea = json!({ "title": title, "body": body });
    who.post(&format!("/challenges/{challenge}/ideas"), &idea).await.is(201).json()
}

async fn case_of(staff: &Actor, idea: &Value) -> Value {
    let path = format!("/cases?idea={}", idea["id"].as_str().unwrap());
    staff.get(&path).await.is(200).json()["items"][0].take()
}

async fn revises(who: &Actor, idea: &Value, body: &str) -> Answer {
    let path = format!("/ideas/{}", idea["id"].as_str().unwrap());
    let version = who.get(&path).await.is(200).json()["version"].take();
    who.change("PATCH", &path, &version, &json!({ "body": body })).await
}

#[on_both_databases]
async fn an_idea_with_a_link_is_held_where_ideas_are_public_at_once_and_its_moderator_sees_where(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let moderator = app.member("moderator", Role::Moderator).await;
    let idea = sends(&ana, &challenge, "A crossing", "Größe 👩‍🚒: https://example.org/map shows where.").await;
    assert_eq!((&idea["state"], &idea["held_for"]), (&json!("held"), &json!(["screening"])));
    let path = format!("/ideas/{}", idea["id"].as_str().unwrap());
    ben.get(&path).await.refused(404, "not_found");
    app.visitor().get(&path).await.refused(404, "not_found");
    assert_eq!(ana.get(&path).await.is(200).json()["held_for"], json!(["screening"]));

    let case = case_of(&moderator, &idea).await;
    assert_eq!(case["reason"], "before_publication");
    let finding = json!({
        "revision": 1, "screener": "links", "kind": "link", "detail": "A web address.",
        "place": { "field": "body", "start": 11, "end": 34 },
    });
    assert_eq!(case["findings"], json!([finding]));
    let meant: String = case["body"].as_str().unwrap().chars().skip(11).take(34 - 11).collect();
    assert_eq!(meant, "https://example.org/map");
    // Staff alone see it, and nothing of it is in the news.
    assert!(!app.visitor().get("/changes?after=0").await.is(200).text().contains("example.org"));

    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    let shown = app.visitor().get(&path).await.is(200).json();
    assert_eq!((&shown["state"], shown.get("held_for")), (&json!("published"), None));
    assert!(shown.get("findings").is_none());
}

#[on_both_databases]
async fn a_text_in_which_nothing_is_found_is_public_at_once(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let moderator = app.member("moderator", Role::Moderator).await;
    let idea = sends(&ana, &challenge, "A crossing", "At Mill Lane, by no.7, e.g. from 8 a.m. on. **Please.**").await;
    assert_eq!((&idea["state"], idea.get("held_for")), (&json!("published"), None));
    assert_eq!(case_of(&moderator, &idea).await["findings"], json!([]));
}

#[on_both_databases]
async fn each_screener_has_an_idea_held_and_says_what_it_found(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let moderator = app.member("moderator", Role::Moderator).await;
    let words = json!({ "words": ["wazzock"] });
    moderator.change("PUT", "/word-lists/en", &json!(0), &words).await.is(200);
    let found = [
        ("mail_address", "personal_data", "Write to ana@example.org."),
        ("phone_number", "personal_data", "Ring 020 7946 0958."),
        ("postal_address", "personal_data", "She lives at 12 Mill Lane, ST5 2AB."),
        ("link", "screening", "See www.example.com for more."),
        ("repeated_characters", "screening", "Nooooooooo!"),
        ("repeated_words", "screening", "Buy buy buy buy buy it."),
        ("invisible_character", "screening", "A pest\u{200b}icide."),
        ("confusable_letters", "screening", "Ask pаypal."),
        ("styled_letters", "screening", "𝓯𝓻𝓮𝓮 money."),
        ("stacked_marks", "screening", "Z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}algo."),
        ("listed_word", "screening", "Whoever did it is a WÁZZOCK."),
    ];
    for (n, (kind, reason, body)) in found.into_iter().enumerate() {
        let ana = app.resident(&format!("ana{n}")).await;
        let idea = sends(&ana, &challenge, &format!("Idea {n}"), body).await;
        assert_eq!((&idea["state"], &idea["held_for"]), (&json!("held"), &json!([reason])), "{body}");
        let case = case_of(&moderator, &idea).await;
        assert_eq!(case["findings"].as_array().unwrap().len(), 1, "{case}");
        let finding = &case["findings"][0];
        assert_eq!((&finding["kind"], &finding["place"]["field"]), (&json!(kind), &json!("body")), "{case}");
    }
}

#[on_both_databases]
async fn the_same_text_again_is_held_whoever_sends_it_and_however_it_is_dressed_up(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let moderator = app.member("moderator", Role::Moderator).await;
    let text = "Everybody would be safer by a crossing.";
    let first = sends(&ana, &challenge, "A crossing", text).await;
    assert_eq!(first["state"], "published");
    let other = sends(&ben, &challenge, "A CROSSING!", "**Everybody** would be sáfer, by a crossing").await;
    assert_eq!(other["state"], "held");
    let found = case_of(&moderator, &other).await["findings"].take();
    assert_eq!(
        (&found[0]["kind"], &found[0]["place"], found.as_array().unwrap().len()),
        (&json!("repeated_text"), &Value::Null, 1)
    );
    // A revision is compared with what others have sent, and not with itself.
    assert_eq!(
        revises(&ana, &first, "Everybody would be safer by two crossings.").await.is(200).json()["state"],
        "published"
    );
    // Whoever takes an idea back may send it again.
    let path = format!("/ideas/{}", first["id"].as_str().unwrap());
    let version = ana.get(&path).await.is(200).json()["version"].take();
    ana.change("DELETE", &path, &version, &Value::Null).await.is(204);
    let again = sends(&ana, &challenge, "A crossing", "Everybody would be safer by two crossings.").await;
    assert_eq!(again["state"], "published");
    let digests = texts(&app, "SELECT digest AS text FROM text_digests").await;
    assert!(digests.len() == 3 && digests.iter().all(|digest| !digest.contains("crossing")), "{digests:?}");
}

#[on_both_databases]
async fn a_revision_is_screened_as_a_new_idea_is_and_its_moderator_sees_what_was_found_in_each(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let moderator = app.member("moderator", Role::Moderator).await;
    let idea = sends(&ana, &challenge, "A crossing", "Please.").await;
    assert_eq!(idea["state"], "published");
    let revised = revises(&ana, &idea, "Please write to ana@example.org.").await.is(200).json();
    assert_eq!((&revised["state"], &revised["held_for"]), (&json!("held"), &json!(["personal_data"])));
    let case = case_of(&moderator, &idea).await;
    assert_eq!((&case["reason"], &case["findings"][0]["kind"]), (&json!("before_publication"), &json!("mail_address")));
    // What was found is not undone by another text: somebody looks.
    let mended = revises(&ana, &idea, "Please write to the council.").await.is(200).json();
    assert_eq!((&mended["state"], &mended["held_for"]), (&json!("held"), &json!(["personal_data"])));
    let case = case_of(&moderator, &idea).await;
    assert_eq!((&case["revision"], &case["findings"][0]["revision"]), (&json!(3), &json!(2)), "why it waits is told");
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    assert_eq!(ana.get(&format!("/ideas/{}", idea["id"].as_str().unwrap())).await.json()["state"], "published");
}

#[on_both_databases]
async fn what_would_be_held_is_told_before_anything_is_stored(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let would = |body: &'static str| {
        let (ana, path) = (ana.clone(), format!("/challenges/{challenge}/ideas?dry_run=true"));
        async move { ana.post(&path, &json!({ "title": "A crossing", "body": body })).await.is(200).json() }
    };
    let held = would("Ring 020 7946 0958.").await;
    assert_eq!((&held["state"], &held["held_for"]), (&json!("held"), &json!(["personal_data"])));
    let public = would("Please.").await;
    assert_eq!((&public["state"], &public["held_for"]), (&json!("published"), &json!([])));
    assert_eq!(texts(&app, "SELECT digest AS text FROM text_digests").await, Vec::<String>::new());
}

#[on_both_databases]
async fn a_word_list_is_written_by_the_staff_logged_and_known_to_nobody_else(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let (moderator, admin) = (app.member("moderator", Role::Moderator).await, app.member("admin", Role::Admin).await);
    let path = "/word-lists/en";
    let before = moderator.get(path).await.is(200).json();
    assert_eq!((&before["words"], &before["version"], &before["updated_at"]), (&json!([]), &json!(0), &Value::Null));
    for other in [&ana, &officer, &app.visitor()] {
        let refused = other.get(path).await;
        assert!([401, 403].contains(&refused.status), "{}", refused.status);
    }
    let faults = json!({ "words": ["good", "!", "x".repeat(61)] });
    let refused = moderator.change("PUT", path, &json!(0), &faults).await.refused(422, "invalid");
    let faults = refused.json()["errors"].take();
    assert_eq!((&faults[0]["pointer"], &faults[1]["pointer"]), (&json!("/words/1"), &json!("/words/2")), "{faults}");
    let words = json!({ "words": ["wazzock", "numpty of the year", "WAZZOCK"] });
    let written = moderator.change("PUT", path, &json!(0), &words).await.is(200).json();
    assert_eq!((&written["words"], &written["version"]), (&json!(["numpty of the year", "wazzock"]), &json!(1)));
    moderator.change("PUT", path, &json!(0), &words).await.refused(412, "changed");
    moderator.get("/word-lists/en-GB").await.refused(404, "not_found");
    let text = admin.get("/audit-log?action=word_list.written").await.is(200).json();
    assert_eq!(text["items"][0]["after"]["added"]["words"], json!(["numpty of the year", "wazzock"]), "{text}");

    // The council speaks English; a list of another language is for challenges in it.
    moderator.change("PUT", "/word-lists/cy", &json!(0), &json!({ "words": ["cath"] })).await.is(200);
    assert_eq!(sends(&ana, &challenge, "A cath", "Somewhere.").await["state"], "published");
    assert_eq!(sends(&ana, &challenge, "Mill Lane", "He is the numpty of the year.").await["state"], "held");
    assert_eq!(sends(&ana, &challenge, "Mill Street", "He is the numpty of this year.").await["state"], "published");
}

#[on_both_databases]
async fn a_screener_that_fails_is_a_finding_and_counted(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let moderator = app.member("moderator", Role::Moderator).await;
    moderator.change("PUT", "/word-lists/en", &json!(0), &json!({ "words": ["wazzock"] })).await.is(200);
    assert!(tries(&app, "UPDATE word_lists SET words = '{\"broken\": true}'").await);
    let idea = sends(&ana, &challenge, "A crossing", "Please.").await;
    assert_eq!((&idea["state"], &idea["held_for"]), (&json!("held"), &json!(["screening"])));
    let finding = case_of(&moderator, &idea).await["findings"][0].take();
    assert_eq!(
        (&finding["screener"], &finding["kind"], &finding["place"]),
        (&json!("words"), &json!("not_checked"), &Value::Null)
    );
    let metrics = app.app.metrics.text();
    assert!(metrics.contains("folkmoot_screenings_total{screener=\"words\",result=\"failed\"} 1"), "{metrics}");
    assert!(metrics.contains("folkmoot_screenings_total{screener=\"links\",result=\"nothing\"} 1"), "{metrics}");
}

#[on_both_databases]
async fn a_new_account_that_sends_very_much_is_held_and_an_old_one_is_not(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    app.resident("old").await;
    app.advance(days(2));
    let (old, moderator) = (app.signs_in("old").await, app.member("moderator", Role::Moderator).await);
    let new = app.resident("new").await;
    for n in 0..13 {
        let held = |idea: &Value| idea["state"] == "held";
        let of_new = sends(&new, &challenge, &format!("New {n}"), "A tree.").await;
        let of_old = sends(&old, &challenge, &format!("Old {n}"), "A tree.").await;
        assert_eq!((held(&of_new), held(&of_old)), (n >= 10, false), "{n}");
        if n >= 10 {
            assert_eq!(case_of(&moderator, &of_new).await["findings"][0]["kind"], "many_from_new_account");
        }
    }
}

#[on_both_databases]
async fn the_database_holds_findings_to_their_cases_screeners_and_places(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    sends(&ana, &challenge, "A crossing", "See https://example.org.").await;
    for wrong in [
        "UPDATE findings SET kind = 'listed_word'",
        "UPDATE findings SET screener = 'oracle', kind = 'not_checked'",
        "UPDATE findings SET field = NULL",
        "UPDATE findings SET place_end = place_start",
        "UPDATE findings SET place_start = -1",
        "UPDATE findings SET idea_id = council_id",
        "UPDATE findings SET case_id = council_id",
    ] {
        assert!(!tries(&app, wrong).await, "{wrong}");
    }
}

#[on_both_databases]
async fn under_trust_an_author_is_looked_at_first_until_enough_was_accepted(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    let mut rules = draft(app.app.db.clock().now(), "trusted");
    assert_eq!(officer.post("/challenges", &rules).await.is(201).json()["trusted_after"], 3);
    rules["trusted_after"] = json!(2);
    assert_eq!(officer.post("/challenges", &rules).await.is(201).json()["trusted_after"], 2);
    for wrong in [0, 101] {
        rules["trusted_after"] = json!(wrong);
        officer.post("/challenges", &rules).await.refused(422, "invalid");
    }

    let challenge = app.open_challenge("trusted").await;
    // What was announced is what holds once it is open.
    let shown = app.visitor().get(&format!("/challenges/{challenge}")).await.is(200).json();
    assert_eq!((&shown["moderation"], &shown["trusted_after"]), (&json!("trusted"), &json!(3)));
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let moderator = app.member("moderator", Role::Moderator).await;
    for n in 0..3 {
        let idea = sends(&ana, &challenge, &format!("Tree {n}"), "Here.").await;
        assert_eq!((&idea["state"], &idea["held_for"]), (&json!("held"), &json!(["new_author"])), "{n}");
        moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    }
    assert_eq!(sends(&ana, &challenge, "Tree 4", "Here.").await["state"], "published");
    assert_eq!(sends(&ana, &challenge, "Tree 5", "At https://example.org.").await["state"], "held");
    assert_eq!(sends(&ben, &challenge, "Tree 6", "Here.").await["state"], "held");
    // What is taken down again was not good for much: of the three that were accepted, two are left.
    let first =
        moderator.get(&format!("/challenges/{challenge}/ideas?q=tree+0")).await.is(200).json()["items"][0].take();
    let case =
        moderator.post(&format!("/ideas/{}/cases", first["id"].as_str().unwrap()), &json!({})).await.is(201).json();
    let hide = json!({ "decision": "hide", "ground": "personal_data", "statement": "It names a neighbour." });
    let path = format!("/cases/{}/decision", case["id"].as_str().unwrap());
    moderator.change("POST", &path, &case["version"], &hide).await.is(201);
    assert_eq!(sends(&ana, &challenge, "Tree 7", "Here.").await["state"], "held");
}

#[on_both_databases]
async fn what_was_found_goes_with_the_text(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    sends(&ana, &challenge, "A crossing", "Please write to ana@example.org about it.").await;
    let count = "SELECT kind AS text FROM findings UNION ALL SELECT digest FROM text_digests";
    assert_eq!(texts(&app, count).await.len(), 2);
    let goes = json!({ "proof": { "password": PASSWORD }, "ideas": "withdraw" });
    ana.post("/me/erasure", &goes).await.is(204);
    assert_eq!(texts(&app, count).await, Vec::<String>::new());
}

#[on_both_databases]
async fn a_revision_that_is_held_has_its_own_promised_hours_and_is_published_by_its_own_clock(app: TestApp) {
    let challenge = app.open_challenge("trusted").await;
    let admin = app.member("admin", Role::Admin).await;
    let settings = admin.get("").await.is(200).json();
    let on = json!({ "publish_clean_by_clock": true });
    admin.change("PATCH", "", &settings["version"], &on).await.is(200);
    let ana = app.resident("ana").await;
    let idea = sends(&ana, &challenge, "A crossing", "Please.").await;
    let at = format!("/ideas/{}", idea["id"].as_str().unwrap());
    app.advance(hours(49));
    app.run_jobs().await;
    assert_eq!(app.visitor().get(&at).await.is(200).json()["state"], "published");
    let ana = app.signs_in("ana").await;
    assert_eq!(revises(&ana, &idea, "Please, with lights.").await.is(200).json()["state"], "held");
    let clock = app.visitor().get(&format!("/challenges/{challenge}/moderation")).await.is(200).json();
    assert_eq!(
        (&clock["waiting"], &clock["overdue"]),
        (&json!(1), &json!(0)),
        "nobody is late with what came just now"
    );
    let mails = app.mails();
    app.advance(hours(47));
    app.run_jobs().await;
    app.visitor().get(&at).await.refused(404, "not_found");
    app.advance(hours(2));
    app.run_jobs().await;
    assert_eq!(app.visitor().get(&at).await.is(200).json()["state"], "published");
    assert!(app.mails() > mails);
    app.last_mail("ana@people.example", "Your idea is published");
}

#[on_both_databases]
async fn the_clock_publishes_nothing_of_somebody_who_is_suspended(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let admin = app.member("admin", Role::Admin).await;
    let settings = admin.get("").await.is(200).json();
    let on = json!({ "publish_clean_by_clock": true });
    admin.change("PATCH", "", &settings["version"], &on).await.is(200);
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    assert!(tries(&app, "UPDATE accounts SET state = 'suspended' WHERE display_name = 'ana'").await);
    app.advance(days(3));
    app.run_jobs().await;
    app.visitor().get(&idea).await.refused(404, "not_found");
}

// case G7
#[on_both_databases]
async fn what_is_clean_is_published_by_the_clock_where_the_council_lets_it_and_nothing_else_is(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let admin = app.member("admin", Role::Admin).await;
    let (ana, ben, kim) = (app.resident("ana").await, app.resident("ben").await, app.resident("kim").await);
    assert!(tries(&app, "UPDATE accounts SET age_band = 'under_18' WHERE display_name = 'kim'").await);
    let clean = sends(&ana, &challenge, "A crossing", "Please.").await;
    let link = sends(&ben, &challenge, "A bench", "See https://example.org.").await;
    let mended = sends(&ben, &challenge, "A bridge", "See https://example.org.").await;
    revises(&ben, &mended, "Never mind.").await.is(200);
    let young = sends(&kim, &challenge, "A skate park", "Please.").await;
    let settings = admin.get("").await.is(200).json();
    assert_eq!(settings["publish_clean_by_clock"], false);
    let on = json!({ "publish_clean_by_clock": true });
    admin.change("PATCH", "", &settings["version"], &on).await.is(200);

    let at = |idea: &Value| format!("/ideas/{}", idea["id"].as_str().unwrap());
    app.advance(hours(47));
    app.run_jobs().await;
    app.visitor().get(&at(&clean)).await.refused(404, "not_found");
    app.advance(hours(1));
    app.run_jobs().await;
    app.app.number_entries().await.unwrap();
    assert_eq!(app.visitor().get(&at(&clean)).await.is(200).json()["state"], "published");
    for waits in [&link, &mended, &young] {
        app.visitor().get(&at(waits)).await.refused(404, "not_found");
    }
    app.last_mail("ana@people.example", "Your idea is published");
    let changes = app.visitor().get("/changes?after=0").await.is(200).text();
    assert!(changes.contains("idea.published") && changes.contains(clean["id"].as_str().unwrap()), "{changes}");
    let admin = app.signs_in("admin").await;
    let log = admin.get("/audit-log?action=case.published_by_clock").await.is(200).json();
    assert_eq!(log["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&log["items"][0]["actor"]["kind"], &log["items"][0]["after"]["idea"]),
        (&json!("nobody"), &clean["id"]),
        "{log}"
    );
    // Nobody has decided: somebody still looks.
    let case = case_of(&admin, &clean).await;
    assert_eq!(
        (&case["state"], &case["reason"], &case["overdue"]),
        (&json!("open"), &json!("after_publication"), &json!(true))
    );
    let clock = app.visitor().get(&format!("/challenges/{challenge}/moderation")).await.is(200).json();
    assert_eq!((&clock["waiting"], &clock["overdue"]), (&json!(3), &json!(3)));
}

#[on_both_databases]
async fn nothing_is_published_by_the_clock_where_the_council_has_not_said_so(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    app.advance(days(3));
    app.run_jobs().await;
    app.visitor().get(&idea).await.refused(404, "not_found");
}

#[on_both_databases]
async fn a_hundred_ideas_of_one_new_account_are_held_and_listed_together(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ben, mallory) = (app.resident("ben").await, app.resident("mallory").await);
    let moderator = app.member("moderator", Role::Moderator).await;
    sends(&ben, &challenge, "A crossing", "Please.").await;
    let mut last = Value::Null;
    for n in 0..100 {
        last = sends(&mallory, &challenge, &format!("Offer {n}"), "Very cheap.").await;
    }
    let public = app.visitor().get(&format!("/challenges/{challenge}/ideas?limit=100")).await.is(200).json();
    assert_eq!(public["items"].as_array().unwrap().len(), 1 + 10);
    let case = case_of(&moderator, &last).await["id"].as_str().unwrap().to_owned();
    let of_one = moderator.get(&format!("/cases?limit=100&author_of={case}")).await.is(200).json();
    assert_eq!(of_one["items"].as_array().unwrap().len(), 100);
    assert!(of_one["items"].as_array().unwrap().iter().all(|case| case["author"] == "mallory"));
    let nobody = "/cases?author_of=00000000-0000-7000-8000-000000000001";
    moderator.get(nobody).await.refused(404, "not_found");
}
