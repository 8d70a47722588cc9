//! Who takes part without an account, and who is young: let in, and looked after.

use folkmoot::people::accounts::queries::find_by_email;
use folkmoot::vocabulary::Role;
use futures_util::future::join_all;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, PASSWORD, TestApp};

async fn asks(app: &TestApp, email: &str, challenge: &str) -> crate::support::Answer {
    app.visitor().post(&format!("/challenges/{challenge}/participations"), &json!({ "email": email })).await
}

/// Somebody who has followed the link of a mail.
async fn guest(app: &TestApp, email: &str, challenge: &str) -> Actor {
    asks(app, email, challenge).await.is(202);
    app.run_jobs().await;
    let token = json!({ "token": app.token_in_mail(email) });
    let session = app.visitor().post("/participations/redeem", &token).await.is(201).json();
    Actor { token: session["access_token"].as_str().map(str::to_owned), ..app.visitor() }
}

#[on_both_databases]
async fn a_guest_takes_part_in_one_challenge_and_loses_nothing_by_making_it_an_account(app: TestApp) {
    let (one, other) = (app.open_challenge("post").await, app.open_challenge("post").await);
    let ben = app.resident("ben").await;
    let (here, elsewhere) = (ben.submits("A bench", &one).await, ben.submits("A tree", &other).await);
    let ana = guest(&app, "ana@people.example", &one).await;
    let me = ana.get("/me").await.is(200).json();
    assert_eq!((&me["kind"], &me["role"]), (&json!("ephemeral"), &json!("resident")));
    let mine = ana.submits("A crossing", &one).await;
    ana.supports(&here).await.is(201);
    // It is for that challenge alone, and the rules say so beforehand.
    assert_eq!(ana.supports(&elsewhere).await.refused(403, "forbidden").json()["fix"], "upgrade");
    let body = json!({ "title": "A lamp", "body": "" });
    ana.post(&format!("/challenges/{other}/ideas"), &body).await.refused(403, "forbidden");
    let state = ana.get(&format!("/me/state?challenges={one},{other}")).await.is(200).json();
    assert_eq!(state["challenges"][0]["can"]["support"]["allowed"], true);
    assert_eq!(state["challenges"][1]["can"]["support"]["code"], "forbidden");
    ana.change("PATCH", "/me", &me["version"], &json!({ "profile_public": true })).await.refused(409, "wrong_state");

    ana.post("/me/upgrade", &json!({ "password": "short", "display_name": "Admin" })).await.refused(422, "invalid");
    let wish = json!({ "password": PASSWORD, "display_name": "Ana" });
    assert_eq!(ana.post("/me/upgrade", &wish).await.is(200).json()["kind"], "full");
    ana.post("/me/upgrade", &wish).await.refused(409, "wrong_state");
    let ana = app.signs_in("ana").await;
    assert_eq!(ana.get("/me").await.json()["id"], me["id"]);
    let id = |idea: &str| idea.trim_start_matches("/ideas/").to_owned();
    let state = ana.get(&format!("/me/state?ideas={},{}", id(&mine), id(&here))).await.is(200).json();
    assert_eq!((&state["ideas"][0]["mine"], &state["ideas"][1]["supported"]), (&json!(true), &json!(true)));
    ana.supports(&elsewhere).await.is(201);
    assert_eq!(app.visitor().get(&mine).await.json()["author"]["display_name"], "Ana");
}

// case C8
#[on_both_databases]
async fn one_address_is_one_voter_whether_by_link_or_by_account(app: TestApp) {
    let (one, other) = (app.open_challenge("post").await, app.open_challenge("post").await);
    let idea = app.resident("ben").await.submits("A bench", &one).await;
    let first = guest(&app, "ana@people.example", &one).await;
    first.supports(&idea).await.is(201);
    // Another spelling may be another mailbox: the link goes where the first one was followed.
    asks(&app, "Ana+votes@people.example", &one).await.is(202);
    app.run_jobs().await;
    let token = json!({ "token": app.token_in_mail("ana@people.example") });
    let session = app.visitor().post("/participations/redeem", &token).await.is(201).json();
    let again = Actor { token: session["access_token"].as_str().map(str::to_owned), ..app.visitor() };
    assert_eq!(again.get("/me").await.json()["id"], first.get("/me").await.json()["id"]);
    again.supports(&idea).await.is(200);
    let there = guest(&app, "ana@people.example", &other).await;
    there.supports(&idea).await.is(200);
    assert_eq!(app.visitor().get(&idea).await.json()["supports"], 1);
    // Whoever has an account is told to sign in with it; who asks is not told who has.
    let known = asks(&app, "ben@people.example", &one).await.is(202);
    let unknown = asks(&app, "cleo@people.example", &one).await.is(202);
    assert_eq!(known.body, unknown.body);
    app.run_jobs().await;
    app.last_mail("ben@people.example", "has an account");
    app.last_mail("cleo@people.example", "#token=");
    asks(&app, "nobody", &one).await.refused(422, "invalid");
    asks(&app, "ana@people.example", "0192f3a4-0000-7000-8000-000000000000").await.refused(404, "not_found");
}

// case C8
#[on_both_databases]
async fn a_link_that_went_to_another_spelling_does_not_open_an_account_that_was_made_meanwhile(app: TestApp) {
    let (one, other) = (app.open_challenge("post").await, app.open_challenge("post").await);
    asks(&app, "ana+eve@people.example", &one).await.is(202);
    app.run_jobs().await;
    let token = json!({ "token": app.token_in_mail("ana+eve@people.example") });
    guest(&app, "ana@people.example", &other).await;
    app.visitor().post("/participations/redeem", &token).await.refused(422, "link_invalid");
}

#[on_both_databases]
async fn a_guest_who_says_later_that_they_are_under_eighteen_is_protected_from_then_on(app: TestApp) {
    let (one, other) = (app.open_challenge("post").await, app.open_challenge("post").await);
    let admin = app.member("ada", Role::Admin).await;
    admin.change("PATCH", "", &json!(1), &json!({ "under_18": "allowed_protected" })).await.is(200);
    let comes = async |challenge: &str, age_band: &str| {
        let wish = json!({ "email": "tim@people.example", "age_band": age_band });
        app.visitor().post(&format!("/challenges/{challenge}/participations"), &wish).await.is(202);
        app.run_jobs().await;
        let token = json!({ "token": app.token_in_mail("tim@people.example") });
        let session = app.visitor().post("/participations/redeem", &token).await.is(201).json();
        let tim = Actor { token: session["access_token"].as_str().map(str::to_owned), ..app.visitor() };
        tim.get("/me").await.is(200).json()
    };
    assert_eq!(comes(&one, "adult").await["protected"], false);
    let me = comes(&other, "under_18").await;
    assert_eq!((&me["protected"], &me["age_band"]), (&json!(true), &json!("under_18")));
    let me = comes(&one, "adult").await;
    assert_eq!((&me["protected"], &me["age_band"]), (&json!(true), &json!("under_18")));
}

// case B6
#[on_both_databases]
async fn of_many_who_follow_one_link_at_once_exactly_one_gets_in_and_a_newer_link_voids_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    asks(&app, "ana@people.example", &challenge).await.is(202);
    app.run_jobs().await;
    let older = json!({ "token": app.token_in_mail("ana@people.example") });
    asks(&app, "ana@people.example", &challenge).await.is(202);
    app.run_jobs().await;
    let newer = json!({ "token": app.token_in_mail("ana@people.example") });
    let visitor = app.visitor();
    visitor.post("/participations/redeem", &older).await.refused(422, "link_invalid");
    let tries = join_all((0..32).map(|_| visitor.post("/participations/redeem", &newer))).await;
    assert_eq!(tries.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(tries.iter().filter(|answer| answer.status == 422).count(), 31);
}

fn register(name: &str, age_band: &str) -> Value {
    let email = format!("{name}@people.example");
    json!({ "email": email, "password": PASSWORD, "display_name": name, "age_band": age_band })
}

async fn joins(app: &TestApp, name: &str, age_band: &str) -> Actor {
    app.visitor().post("/accounts", &register(name, age_band)).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail(&format!("{name}@people.example"));
    app.visitor().post("/accounts/confirm", &json!({ "token": token, "password": PASSWORD })).await.is(204);
    app.signs_in(name).await
}

#[on_both_databases]
async fn who_is_under_eighteen_is_protected_refused_or_let_in_as_the_council_says(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let admin = app.member("ada", Role::Admin).await;
    let rules = async |under_18: &str, minimum_age: i32| {
        let body = json!({ "under_18": under_18, "minimum_age": minimum_age });
        let version = admin.get("").await.is(200).json()["version"].take();
        admin.change("PATCH", "", &version, &body).await.is(200);
    };
    let visitor = app.visitor();
    let refused = visitor.post("/accounts", &register("tim", "under_minimum")).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["code"], "too_young");
    rules("refused", 16).await;
    for young in ["under_minimum", "under_18"] {
        visitor.post("/accounts", &register("tim", young)).await.refused(422, "invalid");
    }
    let mut silent = register("tim", "adult");
    silent.as_object_mut().unwrap().remove("age_band");
    let refused = visitor.post("/accounts", &silent).await.refused(422, "invalid").json();
    assert_eq!(
        (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
        (&json!("/age_band"), &json!("required"))
    );
    let asked = json!({ "email": "tim@people.example", "age_band": "under_18" });
    visitor.post(&format!("/challenges/{challenge}/participations"), &asked).await.refused(422, "invalid");
    assert_eq!(app.run_jobs().await, 0, "nobody is written to");
    let council = app.council.id;
    let kept = app.app.db.read(move |tx| find_by_email(tx, council, "tim@people.example")).await.unwrap();
    assert!(kept.is_none(), "nothing is kept of who was refused");
    let told = admin.get("/audit-log?action=settings.changed").await.is(200).json()["items"][0].take();
    assert_eq!((&told["before"]["under_18"], &told["after"]["under_18"]), (&json!("allowed"), &json!("refused")));
    assert_eq!((&told["before"]["minimum_age"], &told["after"]["minimum_age"]), (&json!(13), &json!(16)));

    rules("allowed_protected", 13).await;
    let (tim, ana) = (joins(&app, "tim", "under_18").await, joins(&app, "ana", "adult").await);
    let me = tim.get("/me").await.is(200).json();
    assert_eq!((&me["protected"], &me["age_band"]), (&json!(true), &json!("under_18")));
    assert_ne!(me["display_name"], "tim");
    for wish in [json!({ "display_name": "Tim" }), json!({ "profile_public": true })] {
        tim.change("PATCH", "/me", &me["version"], &wish).await.refused(409, "wrong_state");
    }
    // What they write is looked at first, though nobody else's is.
    let body = json!({ "title": "A skate park", "body": "" });
    let path = format!("/challenges/{challenge}/ideas");
    let dry = tim.post(&format!("{path}?dry_run=true"), &body).await.is(200).json();
    assert_eq!(
        (&dry["state"], &ana.post(&path, &body).await.is(201).json()["state"]),
        (&json!("held"), &json!("published"))
    );
    let idea = tim.post(&path, &body).await.is(201).json();
    assert_eq!(idea["state"], "held");
    let address = format!("/ideas/{}", idea["id"].as_str().unwrap());
    app.visitor().get(&address).await.refused(404, "not_found");
    // Nobody lays it down by a word; an office that sees that they have come of age ends it.
    let me = tim.get("/me").await.json();
    tim.change("PATCH", "/me", &me["version"], &json!({ "age_band": "adult" })).await.refused(409, "wrong_state");
    admin.post("/offices", &json!({ "name": "Mill Lane Library" })).await.is(201);
    let mut seen = json!({ "email": "tim@people.example", "office": "Mill Lane Library" });
    admin.post("/verifications", &seen).await.is(201);
    assert_eq!(tim.get("/me").await.json()["protected"], true, "that they live here tells nothing of their age");
    seen["of_age"] = json!(true);
    admin.post("/verifications", &seen).await.is(201);
    let told = admin.get("/audit-log?action=protection.ended").await.is(200).json()["items"].take();
    assert_eq!((told.as_array().unwrap().len(), &told[0]["subject"]), (1, &me["id"]));
    let me = tim.get("/me").await.json();
    assert_eq!((&me["protected"], &me["age_band"]), (&json!(false), &json!("adult")));
    tim.change("PATCH", "/me", &me["version"], &json!({ "display_name": "Tim" })).await.is(200);
    rules("allowed", 13).await;
    let zoe = joins(&app, "zoe", "under_18").await;
    assert_eq!(zoe.get("/me").await.json()["protected"], false);
}
