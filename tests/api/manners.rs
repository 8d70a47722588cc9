//! How the API behaves towards those who build on it.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::json;

use crate::support::{PASSWORD, TestApp, days, draft};

#[on_both_databases]
async fn a_patch_that_changes_nothing_is_no_news(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let (ana, moderator) = (app.resident("ana").await, app.member("moderator", Role::Moderator).await);
    let idea = ana.submits("A crossing", &challenge).await;
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    let before = ana.get(&idea).await.is(200).json();
    for body in [json!({}), json!({ "title": "A crossing", "category": null })] {
        let after = ana.change("PATCH", &idea, &before["version"], &body).await.is(200).json();
        assert_eq!(after, before);
    }
    assert_eq!(moderator.get("/cases").await.is(200).json()["items"], json!([]));
}

#[on_both_databases]
async fn head_is_answered_like_get_and_another_method_is_told_which_there_are(app: TestApp) {
    let visitor = app.visitor();
    let read = app.call(visitor.request("HEAD", "")).await.is(200);
    assert!(read.header("etag").is_some());
    let refused = app.call(visitor.request("DELETE", "")).await.refused(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), Some("GET, HEAD, PATCH"));
    let refused = app.call(visitor.request("PATCH", "/challenges")).await.refused(405, "method_not_allowed");
    assert_eq!(refused.header("allow"), Some("GET, HEAD, POST"));
    app.call(visitor.request("DELETE", "/nowhere/at/all")).await.refused(404, "not_found");
}

#[on_both_databases]
async fn a_token_that_has_run_out_is_told_apart_and_keeps_nobody_from_signing_in_again(app: TestApp) {
    let ana = app.resident("ana").await;
    app.advance(days(1));
    let stale = ana.get("/me").await.refused(401, "token_expired");
    assert_eq!(stale.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    assert_eq!(app.visitor().get("/me").await.is(401).header("www-authenticate"), Some("Bearer"));
    ana.post("/sessions", &json!({ "email": "ana@people.example", "password": PASSWORD })).await.is(201);
    ana.get("/challenges").await.refused(401, "token_expired");
    let ana = app.signs_in("ana").await;
    ana.delete("/sessions/current").await.is(204);
    ana.get("/me").await.refused(401, "bad_token");
    ana.post("/sessions", &json!({ "email": "ana@people.example", "password": PASSWORD })).await.is(201);
}

#[on_both_databases]
async fn if_match_takes_any_version_and_lists_and_says_what_it_cannot_read(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let idea = ana.submits("A crossing", &challenge).await;
    let revise = |matched: &'static str, body: &'static str| {
        let request = ana.request("PATCH", &idea).insert_header(("If-Match", matched));
        app.call(request.set_json(json!({ "body": body })))
    };
    revise("\"7\"", "a").await.refused(412, "changed");
    revise("\"7\", \"1-abc\"", "b").await.is(200);
    revise("*", "c").await.is(200);
    for unreadable in ["abc", "3", "\"3", "3\""] {
        let refused = revise(unreadable, "d").await.refused(422, "invalid").json();
        assert_eq!(refused["errors"][0]["pointer"], "If-Match");
    }
}

#[on_both_databases]
async fn a_refusal_says_in_words_what_a_place_takes(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    let ideas = format!("/challenges/{challenge}/ideas");
    let told = async |body: serde_json::Value| {
        let refused = ana.post(&ideas, &body).await.refused(422, "invalid").json();
        refused["errors"][0]["detail"].as_str().unwrap_or_default().to_owned()
    };
    let title = async |title: serde_json::Value| told(json!({ "title": title, "body": "b" })).await;
    assert_eq!(title(json!(null)).await, "It takes text in quotation marks; what was sent is null.");
    assert_eq!(title(json!("")).await, "This is empty. At least 3 characters.");
    assert_eq!(title(json!("a crossing\nat Mill Lane")).await, "It takes one line. Leave out the line breaks.");
    for (body, said) in [("", "There is no body. Send one, as JSON."), ("{\"title\":", "Was it cut off?")] {
        let request = ana.request("POST", &ideas).insert_header(("content-type", "application/json"));
        let refused = app.call(request.set_payload(body)).await.refused(400, "malformed").json();
        assert!(refused["detail"].as_str().unwrap_or_default().ends_with(said), "{refused}");
    }
    let request = app.visitor().request("GET", "/me").insert_header(("authorization", "Basic YTpi"));
    let refused = app.call(request).await.refused(401, "bad_token").json();
    assert!(refused["detail"].as_str().unwrap_or_default().contains("Bearer"), "{refused}");
}

#[on_both_databases]
async fn a_mirror_that_is_ahead_is_told_so(app: TestApp) {
    app.open_challenge("post").await;
    app.run_jobs().await;
    let changes = app.visitor().get("/changes?after=0").await.is(200).json();
    let next = changes["next_after"].as_i64().unwrap();
    assert_eq!(app.visitor().get(&format!("/changes?after={next}")).await.is(200).json()["items"], json!([]));
    let refused = app.visitor().get(&format!("/changes?after={}", next + 1)).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["pointer"], "?after");
}

#[on_both_databases]
async fn a_decision_can_be_read_back_by_staff_and_its_reasons_by_the_author(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let moderator = app.member("moderator", Role::Moderator).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let removal = json!({ "decision": "remove", "ground": "personal_data", "statement": "A telephone number." });
    let case = moderator.decides(&removal).await.is(201).json()["case"].as_str().unwrap().to_owned();
    let case = moderator.get(&format!("/cases/{case}")).await.is(200).json();
    assert_eq!(case["decision"]["statement"], "A telephone number.");
    assert_eq!(case["author"], "ana");
    assert_eq!(ana.get(&idea).await.is(200).json()["tombstone"]["statement"], "A telephone number.");
    assert!(ben.get(&idea).await.is(200).json()["tombstone"]["statement"].is_null());
    let listed = moderator.get(&format!("/cases?state=decided&challenge={challenge}")).await.is(200).json();
    assert_eq!(listed["items"][0]["decision"]["kind"], "remove");
}

#[on_both_databases]
async fn a_dry_run_says_what_would_become_of_an_idea_and_stores_nothing(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    let path = format!("/challenges/{challenge}/ideas");
    let dry = format!("{path}?dry_run=true");
    let idea = json!({ "title": "A crossing", "body": "For children.", "category": "streets" });
    let told = ana.post(&dry, &idea).await.is(200).json();
    assert_eq!(told["state"], "held");
    assert_eq!(ana.get(&path).await.is(200).json()["items"], json!([]));
    let wrong = json!({ "title": "\u{200b}\u{200b}\u{200b}", "body": "", "category": "nowhere" });
    for path in [&dry, &path] {
        let refused = ana.post(path, &wrong).await.refused(422, "invalid").json();
        let pointers = (&refused["errors"][0]["pointer"], &refused["errors"][1]["pointer"]);
        assert_eq!(pointers, (&json!("/title"), &json!("/category")), "{refused}");
    }
    let turned = json!({ "title": "A \u{202e}gnissorc", "body": "For children." });
    let refused = ana.post(&dry, &turned).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["code"], "wrong_character");
    app.advance(days(40));
    app.signs_in("ana").await.post(&dry, &idea).await.refused(409, "phase_not_open");
}

#[on_both_databases]
async fn the_form_of_a_challenge_is_the_schema_that_its_ideas_are_held_to(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let form = app.visitor().get(&format!("/challenges/{challenge}/form")).await.is(200).json();
    assert_eq!(form["properties"]["category"]["oneOf"], json!([{ "const": "streets", "title": "Streets" }]));
    let schema = jsonschema::validator_for(&form).unwrap();
    let ana = app.resident("ana").await;
    for body in [
        json!({ "title": "A crossing", "body": "For children.", "category": "streets" }),
        json!({ "title": "A crossing", "body": "For children." }),
        json!({ "title": "A crossing", "body": "For children.", "category": "nowhere" }),
        json!({ "title": "A", "body": "For children." }),
        json!({ "title": "A crossing" }),
        json!({ "title": "A crossing", "body": "For children.", "colour": "red" }),
    ] {
        let taken = ana.post(&format!("/challenges/{challenge}/ideas?dry_run=true"), &body).await.status == 200;
        assert_eq!(taken, schema.is_valid(&body), "{body}");
    }
}

#[on_both_databases]
async fn a_list_says_what_limit_it_takes(app: TestApp) {
    let visitor = app.visitor();
    visitor.get("/challenges?limit=100").await.is(200);
    for (asked, code) in [("limit=101", "too_large"), ("limit=0", "too_small")] {
        let refused = visitor.get(&format!("/challenges?{asked}")).await.refused(422, "invalid").json();
        assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("?limit"), &json!(code)));
    }
}

#[on_both_databases]
async fn whoever_names_no_version_hears_that_first(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let (ana, moderator) = (app.resident("ana").await, app.member("moderator", Role::Moderator).await);
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    let case = moderator.get("/cases").await.is(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    moderator.decides(&json!({ "decision": "publish" })).await.is(201);
    let publish = json!({ "decision": "publish" });
    // Decided already, and open: these are said only to those who say what they read.
    moderator.post(&format!("/cases/{case}/decision"), &publish).await.refused(428, "precondition_needed");
    let text = draft(app.app.db.clock().now(), "pre");
    officer.put(&format!("/challenges/{challenge}"), &text).await.refused(428, "precondition_needed");
    ana.delete(&idea).await.refused(428, "precondition_needed");
}

#[on_both_databases]
async fn an_author_of_a_held_idea_is_told_of_no_answers_and_nobody_else_of_the_idea(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let idea = ana.submits("A crossing", &challenge).await;
    let answers = ana.get(&format!("{idea}/answers")).await.is(200).json();
    assert_eq!(answers, json!({ "items": [], "next_cursor": null }));
    ben.get(&format!("{idea}/answers")).await.refused(404, "not_found");
}

#[on_both_databases]
async fn the_commitments_of_one_idea_can_be_asked_for(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, officer) = (app.resident("ana").await, app.member("officer", Role::Officer).await);
    let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "It will be built." });
    let mut ideas = Vec::new();
    for (title, what) in [("A crossing", "Paint it"), ("A bench", "Place it")] {
        let idea = ana.submits(title, &challenge).await;
        officer.answers(&idea, &answer).await.is(201);
        let wish = json!({ "what": what, "office": "Streets", "due_on": "2036-10-01" });
        officer.post(&format!("{idea}/commitments"), &wish).await.is(201);
        ideas.push(ana.get(&idea).await.is(200).json());
    }
    let visitor = app.visitor();
    for name in ["id", "number"] {
        let reference = ideas[1][name].as_str().unwrap();
        let found = visitor.get(&format!("/commitments?idea={reference}")).await.is(200).json();
        let found: Vec<&str> =
            found["items"].as_array().unwrap().iter().filter_map(|one| one["what"].as_str()).collect();
        assert_eq!(found, ["Place it"], "by {name}");
    }
    visitor.get("/commitments?idea=OTH-1").await.refused(404, "not_found");
}
