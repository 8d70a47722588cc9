//! Decisions on people have a ground, reasons and an end, and an appeal that somebody else decides.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::stored::{texts, tries};
use crate::support::{Actor, Answer, PASSWORD, TestApp, days};

const WHY: &str = "Two of the three addresses are of shops.";

async fn id(who: &Actor) -> String {
    who.get("/me").await.is(200).json()["id"].as_str().unwrap().to_owned()
}

fn warning() -> Value {
    json!({ "decision": "warn", "ground": "personal_data", "statement": "You have published an address." })
}

fn suspension(app: &TestApp, of_days: u64) -> Value {
    let until = app.app.db.clock().now().plus(days(of_days));
    json!({ "decision": "suspend", "ground": "personal_data", "statement": "Three addresses of neighbours.", "until": until })
}

async fn signs_in(app: &TestApp) -> u16 {
    let sign_in = json!({ "email": "ana@people.example", "password": PASSWORD });
    app.visitor().post("/sessions", &sign_in).await.status
}

async fn waiting(moderator: &Actor) -> Value {
    moderator.get("/sanction-appeals").await.is(200).json()["items"].get(0).cloned().unwrap_or_default()
}

async fn decides(moderator: &Actor, one: &Value, body: &Value) -> Answer {
    let appeal = one["sanction"]["appeal"]["id"].as_str().unwrap();
    moderator.post(&format!("/sanction-appeals/{appeal}/decision"), body).await
}

fn verdict(result: &str) -> Value {
    json!({ "result": result, "reasons": "We have looked the addresses up." })
}

/// Ana has written an idea, and there is a case about it.
async fn case_of_ana(app: &TestApp, moderator: &Actor) -> (Actor, String) {
    let challenge = app.open_challenge("pre").await;
    let ana = app.resident("ana").await;
    ana.submits("A crossing", &challenge).await;
    let case = moderator.get("/cases").await.is(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    (ana, case)
}

// cases A11, G7
#[on_both_databases]
async fn who_is_suspended_is_signed_out_at_once_and_told_why_and_comes_back_when_the_time_is_over(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let ana = app.resident("ana").await;
    let path = format!("/accounts/{}/sanctions", id(&ana).await);
    app.open_challenge("post").await;
    let mut late = suspension(&app, 3);
    late["until"] = json!(app.app.db.clock().now());
    admin.post(&path, &late).await.refused(422, "invalid");
    let mut unknown = suspension(&app, 3);
    unknown["ground"] = json!("taste");
    admin.post(&path, &unknown).await.refused(422, "invalid");
    admin.post(&path, &suspension(&app, 3)).await.is(201);
    admin.post(&path, &suspension(&app, 3)).await.refused(409, "wrong_state");
    ana.get("/me").await.is(401);
    assert_eq!(signs_in(&app).await, 401);
    let told = admin.get(&path).await.is(200).json();
    assert_eq!(told["items"][0]["statement"], "Three addresses of neighbours.");
    assert!(told["items"][0]["ended_at"].is_null());
    app.run_jobs().await;
    app.last_mail("ana@people.example", "Three addresses of neighbours.");
    app.advance(days(2));
    app.run_jobs().await;
    assert_eq!(signs_in(&app).await, 401);
    app.advance(days(1));
    app.run_jobs().await;
    let ana = app.signs_in("ana").await;
    assert!(ana.get("/me/sanctions").await.is(200).json()["items"][0]["ended_at"].is_string());
    let log = app.signs_in("admin").await.get("/audit-log?action=account.restored").await.is(200).json();
    assert_eq!(log["items"][0]["actor"]["kind"], "nobody");
    assert!(!log.to_string().contains("neighbours"));
}

#[on_both_databases]
async fn a_suspension_that_somebody_ended_does_not_end_a_later_one(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let ana = id(&app.resident("ana").await).await;
    app.open_challenge("post").await;
    let (path, running) = (format!("/accounts/{ana}/sanctions"), format!("/accounts/{ana}/suspension"));
    admin.post(&path, &suspension(&app, 3)).await.is(201);
    admin.delete(&running).await.is(204);
    admin.delete(&running).await.refused(404, "not_found");
    admin.post(&path, &suspension(&app, 30)).await.is(201);
    app.advance(days(4));
    app.run_jobs().await;
    assert_eq!(signs_in(&app).await, 401);
}

#[on_both_databases]
async fn who_suspended_may_lift_it_and_the_appeal_is_reversed_by_that_which_everybody_is_told(app: TestApp) {
    let (admin, mo) = (app.member("admin", Role::Admin).await, app.member("mo", Role::Moderator).await);
    let ana = id(&app.resident("ana").await).await;
    app.open_challenge("post").await;
    admin.post(&format!("/accounts/{ana}/sanctions"), &suspension(&app, 30)).await.is(201);
    app.run_jobs().await;
    let link = json!({ "token": app.token_in_mail("ana@people.example"), "text": "They were of shops." });
    app.visitor().post("/appeals", &link).await.is(204);
    let waits = waiting(&mo).await;
    assert_eq!(waits["sanction"]["appeal"]["state"], "open");
    admin.delete(&format!("/accounts/{ana}/suspension")).await.is(204);
    app.run_jobs().await;
    let mail = app.last_mail("ana@people.example", "lifted before its time");
    assert!(mail.contains("counts as reversed") && mail.contains("by the person who had suspended you"), "{mail}");
    assert_eq!(waiting(&mo).await, Value::Null);
    decides(&mo, &waits, &verdict("upheld")).await.refused(409, "already_decided");
    let closed = mo.get("/sanction-appeals?state=decided").await.is(200).json();
    let appeal = &closed["items"][0]["sanction"]["appeal"];
    assert_eq!((&appeal["state"], &appeal["result"]), (&json!("decided"), &json!("reversed")));
    assert!(appeal["lifted_at"].is_string() && appeal["lifted_at"] == appeal["decided_at"]);
    assert_eq!((&appeal["lifted_by_who_suspended"], &appeal["reasons"]), (&json!(true), &Value::Null));
    let own = app.signs_in("ana").await.get("/me/sanctions").await.is(200).json();
    assert_eq!(own["items"][0]["appeal"]["lifted_by_who_suspended"], true);
    app.app.number_entries().await.unwrap();
    let sql = "SELECT CAST(data AS TEXT) AS text FROM entries WHERE kind = 'sanction_appeal.decided'";
    let news = texts(&app, sql).await;
    assert!(news.len() == 1 && news[0].contains("reversed") && news[0].contains("lifted_by_who_suspended"), "{news:?}");
    let log = admin.get("/audit-log?action=sanction_appeal.decided").await.is(200).json();
    let told = &log["items"][0]["after"];
    assert_eq!((&told["result"], &told["lifted_by_who_suspended"]), (&json!("reversed"), &json!(true)));
    // Lifting is all, or nothing; and what is lifted nobody upholds.
    for wrong in
        ["result = 'upheld'", "result = NULL, decided_at = NULL", "lifted_by = account_id", "decided_by = lifted_by"]
    {
        assert!(!tries(&app, &format!("UPDATE sanction_appeals SET {wrong}")).await, "{wrong}");
    }
    // It is counted as made, as decided and as having changed the decision.
    app.advance(days(1));
    app.app.sweep().await.unwrap();
    app.run_jobs().await;
    let told = app.visitor().get("/moderation-statistics").await.is(200).json()["figures"]["appeals"].take();
    assert_eq!(
        (&told["made"], &told["decided"], &told["changed"], &told["lifted"]),
        (&json!(1), &json!(1), &json!(1), &json!(1))
    );
}

#[on_both_databases]
async fn what_somebody_else_lifts_was_not_lifted_by_who_suspended(app: TestApp) {
    let (admin, mo) = (app.member("admin", Role::Admin).await, app.member("mo", Role::Moderator).await);
    let (ana, case) = case_of_ana(&app, &mo).await;
    let me = id(&ana).await;
    mo.post(&format!("/cases/{case}/sanctions"), &suspension(&app, 30)).await.is(201);
    app.run_jobs().await;
    let link = json!({ "token": app.token_in_mail("ana@people.example"), "text": WHY });
    app.visitor().post("/appeals", &link).await.is(204);
    admin.delete(&format!("/accounts/{me}/suspension")).await.is(204);
    app.run_jobs().await;
    let mail = app.last_mail("ana@people.example", "lifted before its time");
    assert!(mail.contains("by somebody else than the person who had suspended you"), "{mail}");
    let own = app.signs_in("ana").await.get("/me/sanctions").await.is(200).json();
    let appeal = &own["items"][0]["appeal"];
    assert_eq!((&appeal["result"], &appeal["lifted_by_who_suspended"]), (&json!("reversed"), &json!(false)));
}

// case G7
#[on_both_databases]
async fn a_moderator_warns_the_author_of_an_idea_without_being_told_whose_account_it_is(app: TestApp) {
    let moderator = app.member("moderator", Role::Moderator).await;
    let (ana, case) = case_of_ana(&app, &moderator).await;
    let me = id(&ana).await;
    let path = format!("/cases/{case}/sanctions");
    moderator.post(&format!("/accounts/{me}/sanctions"), &warning()).await.refused(403, "forbidden");
    ana.post(&path, &warning()).await.refused(403, "forbidden");
    let told = moderator.post(&path, &warning()).await.is(201).json();
    assert_eq!((&told["decision"], &told["case"], &told["until"]), (&json!("warn"), &json!(case), &Value::Null));
    assert!(!told.to_string().contains(&me));
    // Who is warned goes on; and the next moderator knows of it.
    ana.get("/me").await.is(200);
    assert_eq!(moderator.get(&path).await.is(200).json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(ana.get("/me/sanctions").await.is(200).json()["items"][0]["id"], told["id"]);
    app.resident("ben").await.get("/me/sanctions").await.is(200);
    app.run_jobs().await;
    let mail = app.last_mail("ana@people.example", "You have published an address.");
    assert!(mail.contains("Personal data of others"), "{mail}");
    app.app.number_entries().await.unwrap();
    let told = texts(&app, "SELECT CAST(data AS TEXT) AS text FROM entries WHERE kind = 'account.sanctioned'").await;
    assert!(told.len() == 1 && !told[0].contains(&me), "{told:?}");
    let public = app.visitor().get("/changes?after=0").await.is(200).json();
    assert!(!public.to_string().contains("account.sanctioned"));
}

// cases G7, G8
#[on_both_databases]
async fn who_is_suspended_appeals_by_the_link_and_somebody_else_ends_it(app: TestApp) {
    let (first, second) = (app.member("first", Role::Moderator).await, app.member("second", Role::Moderator).await);
    let (ana, case) = case_of_ana(&app, &first).await;
    let me = id(&ana).await;
    first.post(&format!("/cases/{case}/sanctions"), &suspension(&app, 60)).await.is(201);
    app.run_jobs().await;
    let link = json!({ "token": app.token_in_mail("ana@people.example"), "text": WHY });
    app.visitor().post("/appeals", &link).await.is(204);
    app.visitor().post("/appeals", &link).await.refused(422, "link_invalid");
    let one = waiting(&second).await;
    assert_eq!((&one["may_decide"], &one["sanction"]["appeal"]["text"]), (&json!(true), &json!(WHY)));
    assert!(!one.to_string().contains(&me) && !one.to_string().contains("ana"), "{one}");
    assert_eq!(waiting(&first).await["may_decide"], false);
    assert_eq!(second.get("/me/work").await.is(200).json()["appeals"]["waiting"], 1);
    assert_eq!(first.get("/me/work").await.is(200).json()["appeals"]["waiting"], 0);
    decides(&first, &one, &verdict("reversed")).await.refused(403, "forbidden");
    decides(&second, &one, &verdict("reversed")).await.is(201);
    decides(&second, &one, &verdict("upheld")).await.refused(409, "already_decided");
    assert_eq!(waiting(&second).await, Value::Null);
    app.run_jobs().await;
    app.last_mail("ana@people.example", "You can sign in as before");
    let heard = app.signs_in("ana").await.get("/me/sanctions").await.is(200).json();
    let heard = &heard["items"][0];
    assert_eq!((&heard["appeal"]["result"], heard["ended_at"].is_string()), (&json!("reversed"), true));
    assert_eq!(heard["appeal"]["reasons"], "We have looked the addresses up.");
    // The end that was first decided brings nothing back.
    app.advance(days(61));
    app.run_jobs().await;
    assert_eq!(signs_in(&app).await, 201);
}

// case G8
#[on_both_databases]
async fn an_appeal_makes_a_suspension_shorter_and_never_longer_and_is_made_once_in_six_months(app: TestApp) {
    let (first, second) = (app.member("first", Role::Moderator).await, app.member("second", Role::Moderator).await);
    let (ana, case) = case_of_ana(&app, &first).await;
    let path = format!("/cases/{case}/sanctions");
    let warned = first.post(&path, &warning()).await.is(201).json();
    let appeal = format!("/me/sanctions/{}/appeal", warned["id"].as_str().unwrap());
    app.resident("ben").await.post(&appeal, &json!({ "text": WHY })).await.refused(404, "not_found");
    ana.post(&appeal, &json!({ "text": WHY })).await.is(201);
    ana.post(&appeal, &json!({ "text": WHY })).await.refused(409, "already_exists");
    let one = waiting(&second).await;
    decides(&second, &one, &json!({ "result": "amended", "reasons": "It was half as bad." }))
        .await
        .refused(422, "invalid");
    decides(&second, &one, &verdict("upheld")).await.is(201);
    app.run_jobs().await;
    app.last_mail("ana@people.example", "The decision stands");

    first.post(&path, &suspension(&app, 60)).await.is(201);
    app.run_jobs().await;
    let link = json!({ "token": app.token_in_mail("ana@people.example"), "text": WHY });
    app.visitor().post("/appeals", &link).await.is(204);
    let one = waiting(&second).await;
    let amended = |until: u64| {
        let until = app.app.db.clock().now().plus(days(until));
        json!({ "result": "amended", "reasons": "Ten days are enough.", "until": until })
    };
    decides(&second, &one, &amended(70)).await.refused(422, "invalid");
    let told = decides(&second, &one, &amended(10)).await.is(201).json();
    assert_ne!(told["sanction"]["until"], one["sanction"]["until"]);
    app.advance(days(9));
    app.run_jobs().await;
    assert_eq!(signs_in(&app).await, 401);
    app.advance(days(1));
    app.run_jobs().await;
    let ana = app.signs_in("ana").await;
    let third = app.signs_in("first").await.post(&path, &warning()).await.is(201).json();
    app.advance(days(190));
    let late = format!("/me/sanctions/{}/appeal", third["id"].as_str().unwrap());
    drop(ana);
    app.signs_in("ana").await.post(&late, &json!({ "text": WHY })).await.refused(409, "wrong_state");
}

// cases G7, G8
#[on_both_databases]
async fn the_database_takes_no_decision_on_a_person_without_reasons_or_by_who_decided_before(app: TestApp) {
    let (first, second) = (app.member("first", Role::Moderator).await, app.member("second", Role::Moderator).await);
    let (ana, case) = case_of_ana(&app, &first).await;
    let warned = first.post(&format!("/cases/{case}/sanctions"), &warning()).await.is(201).json();
    ana.post(&format!("/me/sanctions/{}/appeal", warned["id"].as_str().unwrap()), &json!({ "text": WHY }))
        .await
        .is(201);
    for never in [
        "UPDATE sanctions SET statement = NULL",
        "UPDATE sanctions SET ground_code = NULL",
        "UPDATE sanctions SET kind = 'suspend'",
        "UPDATE sanctions SET decided_by = account_id",
        "UPDATE sanction_appeals SET result = 'upheld'",
        "UPDATE sanction_appeals SET result = 'upheld', reasons = 'So.', decided_at = made_at, decided_by = barred_id",
    ] {
        assert!(!tries(&app, never).await, "{never}");
    }
    decides(&second, &waiting(&second).await, &verdict("upheld")).await.is(201);
}

#[on_both_databases]
async fn decisions_on_people_are_counted_in_public_and_go_with_the_account(app: TestApp) {
    let moderator = app.member("moderator", Role::Moderator).await;
    let (ana, case) = case_of_ana(&app, &moderator).await;
    let warned = moderator.post(&format!("/cases/{case}/sanctions"), &warning()).await.is(201).json();
    ana.post(&format!("/me/sanctions/{}/appeal", warned["id"].as_str().unwrap()), &json!({ "text": WHY }))
        .await
        .is(201);
    app.advance(days(1));
    app.app.sweep().await.unwrap();
    app.run_jobs().await;
    let figures = app.visitor().get("/moderation-statistics").await.is(200).json();
    assert_eq!((&figures["figures"]["warned"], &figures["figures"]["suspended"]), (&json!(1), &json!(0)), "{figures}");
    assert_eq!(figures["figures"]["appeals"]["made"], 1);
    let moderator = app.signs_in("moderator").await;
    let ana = app.signs_in("ana").await;
    let erase = json!({ "proof": { "password": PASSWORD }, "ideas": "withdraw" });
    let gone = ana.post("/me/erasure", &erase).await;
    assert!(gone.status < 300, "{}", gone.text());
    assert_eq!(waiting(&moderator).await, Value::Null);
}

// case G8
#[on_both_databases]
async fn nobody_of_the_staff_decides_an_appeal_of_their_own(app: TestApp) {
    let (admin, mo) = (app.member("admin", Role::Admin).await, app.member("mo", Role::Moderator).await);
    app.open_challenge("post").await;
    let path = format!("/accounts/{}/sanctions", id(&mo).await);
    let warned = admin.post(&path, &warning()).await.is(201).json();
    mo.post(&format!("/me/sanctions/{}/appeal", warned["id"].as_str().unwrap()), &json!({ "text": WHY })).await.is(201);
    let one = waiting(&mo).await;
    assert_eq!(one["may_decide"], false);
    assert_eq!(mo.get("/me/work").await.is(200).json()["appeals"]["waiting"], 0);
    decides(&mo, &one, &verdict("reversed")).await.refused(403, "forbidden");
    decides(&admin, &one, &verdict("reversed")).await.refused(403, "forbidden");
    let never =
        "UPDATE sanction_appeals SET result = 'upheld', reasons = 'So.', decided_at = made_at, decided_by = account_id";
    assert!(!tries(&app, never).await);
}

// cases G7, G8
#[on_both_databases]
async fn who_is_suspended_hears_of_their_idea_and_can_appeal_against_that_too(app: TestApp) {
    let first = app.member("first", Role::Moderator).await;
    let (_, case) = case_of_ana(&app, &first).await;
    first.post(&format!("/cases/{case}/sanctions"), &suspension(&app, 60)).await.is(201);
    app.run_jobs().await;
    let hide =
        json!({ "decision": "hide", "ground": "personal_data", "statement": "It gives the number of a neighbour." });
    first.decides(&hide).await.is(201);
    app.run_jobs().await;
    app.last_mail("ana@people.example", "we have hidden your idea");
}
