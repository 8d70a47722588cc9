//! Getting in, staying in, and keeping others out.

use std::time::Duration;

use folkmoot::people::accounts::platform_admins::{remove_platform_admin, upsert_platform_admin};
use folkmoot::people::factors::rules::code_at;
use folkmoot::people::sso::model::Known;
use folkmoot::people::sso::queries::{insert_identity, list_identities};
use folkmoot::platform::db::Tx;
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, PASSWORD, TestApp};

const OTHER: &str = "nine kettles under an orange sky";

fn minutes(n: u64) -> Duration {
    Duration::from_secs(n * 60)
}

fn address(name: &str) -> String {
    format!("{name}@people.example")
}

async fn signs_in(app: &TestApp, name: &str, more: Value) -> crate::support::Answer {
    let mut body = json!({ "email": address(name), "password": PASSWORD });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.visitor().post("/sessions", &body).await
}

fn with(app: &TestApp, session: &Value) -> Actor {
    Actor { token: session["access_token"].as_str().map(str::to_owned), ..app.visitor() }
}

/// Adds an app to an account; gives its seed and the codes on paper.
async fn adds_an_app(app: &TestApp, who: &Actor) -> (Vec<u8>, Vec<String>) {
    let seed = who.post("/me/totp", &json!({ "proof": { "password": PASSWORD } })).await.is(201).json();
    let seed = data_encoding::BASE32_NOPAD.decode(seed["secret"].as_str().unwrap().as_bytes()).unwrap();
    let codes = who.post("/me/totp/confirm", &json!({ "code": code(app, &seed) })).await.is(200).json();
    app.advance(Duration::from_secs(30));
    (seed, serde_json::from_value(codes["codes"].clone()).unwrap())
}

fn code(app: &TestApp, seed: &[u8]) -> String {
    code_at(seed, app.app.db.clock().now()).unwrap()
}

#[on_both_databases]
async fn whoever_has_no_password_at_hand_signs_in_with_a_mailed_code_or_link(app: TestApp) {
    app.resident("ana").await;
    let visitor = app.visitor();
    visitor.post("/sign-in-codes", &json!({ "email": "ANA@people.example" })).await.is(202);
    app.run_jobs().await;
    let code = app.code_in_mail(&address("ana"));
    let wish = json!({ "email": address("ana"), "mailed_code": code });
    let session = visitor.post("/sessions/code", &wish).await.is(201).json();
    assert_eq!(with(&app, &session).get("/me").await.is(200).json()["display_name"], "ana");
    visitor.post("/sessions/code", &wish).await.refused(401, "bad_credentials");
    // The link of the same mail was the same chance.
    let link = json!({ "token": app.token_in_mail(&address("ana")) });
    visitor.post("/sessions/link", &link).await.refused(422, "link_invalid");
    visitor.post("/sign-in-codes", &json!({ "email": address("ana") })).await.is(202);
    app.run_jobs().await;
    let link = json!({ "token": app.token_in_mail(&address("ana")), "device": "Ana's phone" });
    let session = visitor.post("/sessions/link", &link).await.is(201).json();
    let sessions = with(&app, &session).get("/me/sessions").await.is(200).json();
    let this = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap();
    assert_eq!((&this["device"], &this["method"]), (&json!("Ana's phone"), &json!("mail")));
}

// case B9
#[on_both_databases]
async fn a_mailed_code_is_good_for_five_tries_and_ten_minutes_and_a_new_one_voids_it(app: TestApp) {
    app.resident("ana").await;
    let visitor = app.visitor();
    let asks = async || {
        visitor.post("/sign-in-codes", &json!({ "email": address("ana") })).await.is(202);
        app.run_jobs().await;
        app.code_in_mail(&address("ana"))
    };
    let tries = async |code: &str| {
        let wish = json!({ "email": address("ana"), "mailed_code": code });
        visitor.post("/sessions/code", &wish).await.status
    };
    let other = |code: &str| if code == "000000" { "000001" } else { "000000" }.to_owned();
    let first = asks().await;
    for _ in 0..5 {
        assert_eq!(tries(&other(&first)).await, 401);
    }
    assert_eq!(tries(&first).await, 401, "five wrong ones have voided it");
    let second = asks().await;
    let third = asks().await;
    if second != third {
        assert_eq!(tries(&second).await, 401, "the third has voided it");
    }
    app.advance(minutes(10));
    assert_eq!(tries(&third).await, 401, "it has run out");
    let fourth = asks().await;
    assert_eq!(tries(&fourth).await, 201);
}

// case B9
#[on_both_databases]
async fn many_tries_of_a_mailed_code_at_the_same_moment_are_no_more_than_five(app: TestApp) {
    app.resident("ana").await;
    app.visitor().post("/sign-in-codes", &json!({ "email": address("ana") })).await.is(202);
    app.run_jobs().await;
    let code = app.code_in_mail(&address("ana"));
    let right = json!({ "email": address("ana"), "mailed_code": code });
    let wrong = json!({ "email": address("ana"), "mailed_code": if code == "123456" { "654321" } else { "123456" } });
    let visitor = app.visitor();
    let tries = (0..20).map(|_| visitor.post("/sessions/code", &wrong));
    futures_util::future::join_all(tries).await;
    visitor.post("/sessions/code", &right).await.refused(401, "bad_credentials");
}

// case B6
#[on_both_databases]
async fn a_forgotten_password_is_set_anew_once_and_everybody_is_signed_out(app: TestApp) {
    let thief = app.resident("ana").await;
    let visitor = app.visitor();
    let asks = async || {
        visitor.post("/password-resets", &json!({ "email": address("ana") })).await.is(202);
        app.run_jobs().await;
        app.token_in_mail(&address("ana"))
    };
    let first = asks().await;
    visitor.post("/sign-in-codes", &json!({ "email": address("ana") })).await.is(202);
    app.run_jobs().await;
    let link = app.token_in_mail(&address("ana"));
    let second = asks().await;
    let redeems = async |token: &str| {
        visitor.post("/password-resets/redeem", &json!({ "token": token, "password": OTHER })).await
    };
    redeems(&first).await.refused(422, "link_invalid");
    let both = futures_util::future::join_all((0..8).map(|_| redeems(&second))).await;
    assert_eq!(both.iter().filter(|answer| answer.status == 204).count(), 1);
    thief.get("/me").await.refused(401, "bad_token");
    app.run_jobs().await;
    assert!(app.last_mail(&address("ana"), "").contains("set anew by a link"));
    visitor.post("/sessions/link", &json!({ "token": link })).await.refused(422, "link_invalid");
    signs_in(&app, "ana", json!({})).await.refused(401, "bad_credentials");
    signs_in(&app, "ana", json!({ "password": OTHER })).await.is(201);
    let late = asks().await;
    app.advance(minutes(60));
    redeems(&late).await.refused(422, "link_invalid");
}

// case B6
#[on_both_databases]
async fn an_invitation_that_has_run_out_opens_nothing_by_way_of_a_forgotten_password(app: TestApp) {
    let admin = app.member("ada", Role::Admin).await;
    admin.post("/invitations", &json!({ "email": "mo@people.example", "role": "moderator" })).await.is(202);
    app.run_jobs().await;
    let sent = app.mails();
    app.advance(Duration::from_secs(8 * 86_400));
    app.visitor().post("/password-resets", &json!({ "email": "mo@people.example" })).await.is(202);
    app.visitor().post("/sign-in-codes", &json!({ "email": "mo@people.example" })).await.is(202);
    app.run_jobs().await;
    assert_eq!(app.mails(), sent);
}

// case B11
#[on_both_databases]
async fn a_stolen_session_changes_neither_the_password_nor_the_address(app: TestApp) {
    let thief = app.resident("ana").await;
    let tries = async |proof: Value| {
        let password = json!({ "proof": proof, "password": OTHER });
        let email = json!({ "proof": proof, "email": "thief@elsewhere.example" });
        let only = json!({ "proof": proof });
        [
            thief.put("/me/password", &password).await,
            thief.put("/me/address", &email).await,
            thief.post("/me/passkey-options", &only).await,
            thief.post("/me/totp", &only).await,
        ]
    };
    for answer in tries(json!({})).await {
        let refused = answer.refused(422, "invalid").json();
        assert_eq!(
            (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
            (&json!("/proof/password"), &json!("required"))
        );
    }
    for answer in tries(json!({ "password": "a guess that is not right" })).await {
        answer.refused(401, "bad_credentials");
    }
    app.run_jobs().await;
    assert_eq!(app.mails(), 0);
    signs_in(&app, "ana", json!({})).await.is(201);
    // It was the password that was missing, and nothing else.
    let right = tries(json!({ "password": PASSWORD })).await.map(|answer| answer.status);
    assert_eq!(right, [204, 401, 401, 401], "the first has changed it");
}

#[on_both_databases]
async fn a_password_that_is_changed_signs_all_other_devices_out(app: TestApp) {
    let phone = app.resident("ana").await;
    let laptop = with(&app, &signs_in(&app, "ana", json!({})).await.is(201).json());
    let wish = json!({ "proof": { "password": PASSWORD }, "password": "short" });
    laptop.put("/me/password", &wish).await.refused(422, "invalid");
    let wish = json!({ "proof": { "password": PASSWORD }, "password": OTHER });
    laptop.put("/me/password", &wish).await.is(204);
    laptop.get("/me").await.is(200);
    phone.get("/me").await.refused(401, "bad_token");
    signs_in(&app, "ana", json!({})).await.refused(401, "bad_credentials");
    signs_in(&app, "ana", json!({ "password": OTHER })).await.is(201);
}

// case B11
#[on_both_databases]
async fn a_new_address_is_confirmed_there_told_to_the_old_one_and_can_be_taken_back(app: TestApp) {
    let ana = app.resident("ana").await;
    let visitor = app.visitor();
    let wish = json!({ "proof": { "password": PASSWORD }, "email": "Ana@New.example" });
    ana.put("/me/address", &wish).await.is(202);
    app.run_jobs().await;
    assert_eq!(ana.get("/me").await.json()["email"], address("ana"));
    let token = app.token_in_mail("Ana@New.example");
    ana.post("/addresses/confirm", &json!({ "token": token })).await.is(204);
    assert_eq!(ana.get("/me").await.is(200).json()["email"], "Ana@New.example");
    app.run_jobs().await;
    let undo = app.token_in_mail(&address("ana"));
    // The thief adds what would outlast it.
    let (council, owner) = (app.council.id, ana.get("/me").await.json()["id"].as_str().unwrap().parse().unwrap());
    let linked = Known { issuer: "https://id.example".into(), subject: "thief".into(), verified: false, ward: None };
    app.app.db.write(move |tx| insert_identity(tx, council, owner, &linked).map(drop)).await.unwrap();
    let (seed, _) = adds_an_app(&app, &ana).await;
    let session = json!({ "email": "ana@new.example", "password": PASSWORD, "code": code(&app, &seed) });
    let thief = with(&app, &visitor.post("/sessions", &session).await.is(201).json());
    visitor.post("/addresses/undo", &json!({ "token": undo })).await.is(204);
    thief.get("/me").await.refused(401, "bad_token");
    app.advance(Duration::from_secs(30));
    let left = app.app.db.read(move |tx| list_identities(tx, council, owner)).await.unwrap();
    assert!(left.is_empty(), "what was linked since is gone");
    visitor.post("/sessions", &session).await.refused(401, "bad_credentials");
    signs_in(&app, "ana", json!({})).await.refused(401, "bad_credentials");
    visitor.post("/password-resets", &json!({ "email": address("ana") })).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail(&address("ana"));
    visitor.post("/password-resets/redeem", &json!({ "token": token, "password": OTHER })).await.is(204);
    signs_in(&app, "ana", json!({ "password": OTHER })).await.is(201);
    visitor.post("/addresses/undo", &json!({ "token": undo })).await.refused(422, "link_invalid");
}

/// Gives an account a new address and follows the link there; the mail to the old one waits.
async fn moves(app: &TestApp, who: &Actor, proof: Value, to: &str) {
    who.put("/me/address", &json!({ "proof": proof, "email": to })).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail(to);
    who.post("/addresses/confirm", &json!({ "token": token })).await.is(204);
}

// case B11
#[on_both_databases]
async fn whoever_took_an_account_cannot_take_back_that_it_was_taken_back(app: TestApp) {
    let thief = app.resident("ana").await;
    let visitor = app.visitor();
    let proof = json!({ "password": PASSWORD });
    moves(&app, &thief, proof.clone(), &address("evil")).await;
    app.run_jobs().await;
    let undo = app.token_in_mail(&address("ana"));
    app.advance(Duration::from_secs(1));
    moves(&app, &thief, proof.clone(), &address("evil2")).await;
    app.run_jobs().await;
    let counter = app.token_in_mail(&address("evil"));
    app.advance(Duration::from_secs(1));
    // The mail with the link to take this one back has not been sent yet.
    moves(&app, &thief, proof, &address("evil3")).await;
    let sent = app.mails();
    visitor.post("/addresses/undo", &json!({ "token": undo })).await.is(204);
    app.run_jobs().await;
    assert_eq!(app.mails(), sent + 2, "both addresses are told, and nobody gets another link");
    for told in ["ana", "evil3"] {
        app.last_mail(&address(told), "was taken back");
    }
    visitor.post("/addresses/undo", &json!({ "token": counter })).await.refused(422, "link_invalid");
    visitor.post("/sign-in-codes", &json!({ "email": address("ana") })).await.is(202);
    app.run_jobs().await;
    let link = json!({ "token": app.token_in_mail(&address("ana")) });
    visitor.post("/sessions/link", &link).await.is(201);
}

// case B11
#[on_both_databases]
async fn what_a_thief_had_added_before_they_changed_the_address_is_gone_too_and_what_was_there_long_before_stays(
    app: TestApp,
) {
    for days in [0, 15] {
        let name = format!("ana{days}");
        let mut thief = app.resident(&name).await;
        let (council, owner) = (app.council.id, thief.get("/me").await.json()["id"].as_str().unwrap().parse().unwrap());
        let linked = Known { issuer: "https://id.example".into(), subject: name.clone(), verified: false, ward: None };
        app.app.db.write(move |tx| insert_identity(tx, council, owner, &linked).map(drop)).await.unwrap();
        let (seed, paper) = adds_an_app(&app, &thief).await;
        app.advance(crate::support::days(days));
        thief = with(&app, &signs_in(&app, &name, json!({ "code": code(&app, &seed) })).await.is(201).json());
        let proof = json!({ "password": PASSWORD, "code": paper[0] });
        let renewed = thief.post("/me/recovery-codes", &json!({ "proof": proof })).await.is(201).json();
        let renewed = |n: usize| renewed["codes"][n].clone();
        let proof = json!({ "password": PASSWORD, "code": renewed(0) });
        moves(&app, &thief, proof, &address(&format!("evil{days}"))).await;
        app.run_jobs().await;
        let undo = json!({ "token": app.token_in_mail(&address(&name)) });
        app.visitor().post("/addresses/undo", &undo).await.is(204);
        let left = app.app.db.read(move |tx| list_identities(tx, council, owner)).await.unwrap();
        app.visitor().post("/password-resets", &json!({ "email": address(&name) })).await.is(202);
        app.run_jobs().await;
        let wish = json!({ "token": app.token_in_mail(&address(&name)), "password": OTHER });
        let answer = app.visitor().post("/password-resets/redeem", &wish).await;
        match days {
            0 => assert_eq!((left.len(), answer.status), (0, 204)),
            _ => assert_eq!((left.len(), answer.json()["code"].as_str()), (1, Some("second_factor_needed"))),
        }
        // Nor do the codes that the thief wrote down stand in for an app that stays.
        let wish = json!({ "token": wish["token"], "password": OTHER, "code": renewed(1) });
        let status = app.visitor().post("/password-resets/redeem", &wish).await.status;
        assert!(matches!(status, 401 | 422), "after {days} days: {status}");
    }
}

// case B6
#[on_both_databases]
async fn a_new_address_that_was_asked_for_before_the_password_changed_gets_no_link_afterwards(app: TestApp) {
    let ana = app.resident("ana").await;
    let wish = json!({ "proof": { "password": PASSWORD }, "email": "thief@elsewhere.example" });
    ana.put("/me/address", &wish).await.is(202);
    ana.put("/me/password", &json!({ "proof": { "password": PASSWORD }, "password": OTHER })).await.is(204);
    app.run_jobs().await;
    assert_eq!(app.mails(), 1);
    app.last_mail(&address("ana"), "Your password was changed");
}

// case B11
#[on_both_databases]
async fn nobody_gives_an_account_of_somebody_else_their_own_address_by_a_click(app: TestApp) {
    let (eve, ana) = (app.resident("eve").await, app.resident("ana").await);
    let wish = json!({ "proof": { "password": PASSWORD }, "email": "ana@elsewhere.example" });
    eve.put("/me/address", &wish).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail("ana@elsewhere.example");
    let fault = |answer: crate::support::Answer| {
        let refused = answer.refused(422, "invalid").json();
        (refused["errors"][0]["pointer"].clone(), refused["errors"][0]["code"].clone())
    };
    for clicks in [&app.visitor(), &ana] {
        let refused = clicks.post("/addresses/confirm", &json!({ "token": token })).await;
        assert_eq!(fault(refused), (json!("/password"), json!("required")));
        let refused = clicks.post("/addresses/confirm", &json!({ "token": token, "password": OTHER })).await;
        assert_eq!(fault(refused), (json!("/password"), json!("wrong_password")));
    }
    assert_eq!(eve.get("/me").await.json()["email"], address("eve"));
    // Who reads the mail on another device sends the password along.
    app.visitor().post("/addresses/confirm", &json!({ "token": token, "password": PASSWORD })).await.is(204);
    assert_eq!(eve.get("/me").await.json()["email"], "ana@elsewhere.example");
}

// case B9
#[on_both_databases]
async fn the_last_try_of_a_mailed_code_signs_in_with_a_second_factor_and_wastes_none(app: TestApp) {
    let ana = app.resident("ana").await;
    let (_, paper) = adds_an_app(&app, &ana).await;
    app.visitor().post("/sign-in-codes", &json!({ "email": address("ana") })).await.is(202);
    app.run_jobs().await;
    let mailed = app.code_in_mail(&address("ana"));
    let wrong = if mailed == "000000" { "000001" } else { "000000" };
    let tries = async |mailed: &str| {
        let wish = json!({ "email": address("ana"), "mailed_code": mailed, "code": paper[0] });
        app.visitor().post("/sessions/code", &wish).await
    };
    for _ in 0..4 {
        tries(wrong).await.refused(401, "bad_credentials");
    }
    tries(&mailed).await.is(201);
}

#[on_both_databases]
async fn a_new_password_of_a_platform_admin_ends_what_was_signed_in_with_the_old_one(app: TestApp) {
    let sets = async |password: &str| {
        let hash = app.app.hasher.place().unwrap().hash(password.into()).await.unwrap();
        let set = app.app.db.write(move |tx| upsert_platform_admin(tx, "platform@folkmoot.example", &hash));
        set.await.unwrap();
    };
    let signs_in = async |password: &str| {
        let wish = json!({ "email": "platform@folkmoot.example", "password": password });
        app.visitor().post("/v1/platform/sessions", &wish).await
    };
    sets(PASSWORD).await;
    let stolen = with(&app, &signs_in(PASSWORD).await.is(201).json());
    stolen.get("/v1/platform/councils").await.is(200);
    sets(OTHER).await;
    stolen.get("/v1/platform/councils").await.refused(401, "bad_token");
    signs_in(PASSWORD).await.refused(401, "bad_credentials");
    let admin = with(&app, &signs_in(OTHER).await.is(201).json());
    admin.get("/v1/platform/councils").await.is(200);
    let removes = |tx: &mut Tx<'_>| remove_platform_admin(tx, "platform@folkmoot.example");
    assert!(app.app.db.write(removes).await.unwrap());
    admin.get("/v1/platform/councils").await.refused(401, "bad_token");
    signs_in(OTHER).await.refused(401, "bad_credentials");
    assert!(!app.app.db.write(removes).await.unwrap(), "there was none any more");
}

#[on_both_databases]
async fn the_address_of_somebody_else_cannot_be_taken_nor_found_out(app: TestApp) {
    let ana = app.resident("ana").await;
    app.resident("ben").await;
    let wish = |email: &str| json!({ "proof": { "password": PASSWORD }, "email": email });
    let taken = ana.put("/me/address", &wish(&address("ben"))).await.is(202);
    let free = ana.put("/me/address", &wish("nobody@people.example")).await.is(202);
    assert_eq!(taken.body, free.body);
    // Jobs of one moment run side by side, and the last link that was made is the one that is good.
    app.run_jobs().await;
    ana.put("/me/address", &wish(&address("ben"))).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail(&address("ben"));
    ana.post("/addresses/confirm", &json!({ "token": token })).await.refused(409, "already_exists");
    signs_in(&app, "ben", json!({})).await.is(201);
}

#[on_both_databases]
async fn an_app_is_asked_for_beside_the_password_and_paper_stands_in_for_it(app: TestApp) {
    let ana = app.resident("ana").await;
    let (seed, paper) = adds_an_app(&app, &ana).await;
    let needed = signs_in(&app, "ana", json!({})).await.refused(401, "second_factor_needed");
    assert!(needed.header("www-authenticate").is_some());
    signs_in(&app, "ana", json!({ "password": "a guess that is not right" })).await.refused(401, "bad_credentials");
    let right = code(&app, &seed);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    signs_in(&app, "ana", json!({ "code": wrong })).await.refused(401, "second_factor_needed");
    let session = signs_in(&app, "ana", json!({ "code": right })).await.is(201).json();
    signs_in(&app, "ana", json!({ "code": right })).await.refused(401, "second_factor_needed");
    let sessions = with(&app, &session).get("/me/sessions").await.is(200).json();
    assert_eq!(sessions["items"].as_array().unwrap().iter().filter(|one| one["two_factors"] == true).count(), 2);
    signs_in(&app, "ana", json!({ "code": paper[0].to_uppercase() })).await.is(201);
    signs_in(&app, "ana", json!({ "code": paper[0] })).await.refused(401, "second_factor_needed");
    assert_eq!(with(&app, &session).get("/me/factors").await.is(200).json()["recovery_codes_left"], 9);
    // Neither a mailed code nor a forgotten password leads around it.
    app.visitor().post("/sign-in-codes", &json!({ "email": address("ana") })).await.is(202);
    app.run_jobs().await;
    let link = app.token_in_mail(&address("ana"));
    app.visitor().post("/sessions/link", &json!({ "token": link })).await.refused(401, "second_factor_needed");
    let wish = json!({ "token": link, "code": paper[1] });
    app.visitor().post("/sessions/link", &wish).await.is(201);
    app.visitor().post("/password-resets", &json!({ "email": address("ana") })).await.is(202);
    app.run_jobs().await;
    let mut wish = json!({ "token": app.token_in_mail(&address("ana")), "password": OTHER });
    app.visitor().post("/password-resets/redeem", &wish).await.refused(401, "second_factor_needed");
    wish["code"] = paper[2].clone().into();
    app.visitor().post("/password-resets/redeem", &wish).await.is(204);
}

// case B5
#[on_both_databases]
async fn beside_a_second_factor_a_shorter_password_will_do_until_it_is_taken_away(app: TestApp) {
    let ana = app.resident("ana").await;
    let short = "k7 hy-Qe4";
    let wish = json!({ "proof": { "password": PASSWORD }, "password": short });
    let refused = ana.put("/me/password", &wish).await.refused(422, "invalid");
    assert_eq!(refused.json()["errors"][0]["code"], "too_short");
    let (seed, _) = adds_an_app(&app, &ana).await;
    let wish = json!({ "proof": { "password": PASSWORD, "code": code(&app, &seed) }, "password": short });
    ana.put("/me/password", &wish).await.is(204);
    app.advance(Duration::from_secs(30));
    let proof = json!({ "proof": { "password": short, "code": code(&app, &seed) } });
    ana.post("/me/totp/remove", &proof).await.refused(409, "wrong_state");
    app.advance(Duration::from_secs(30));
    let wish = json!({ "proof": { "password": short, "code": code(&app, &seed) }, "password": OTHER });
    ana.put("/me/password", &wish).await.is(204);
    app.advance(Duration::from_secs(30));
    let proof = json!({ "proof": { "password": OTHER, "code": code(&app, &seed) } });
    ana.post("/me/totp/remove", &proof).await.is(204);
    signs_in(&app, "ana", json!({ "password": OTHER })).await.is(201);
}

// case A10
#[on_both_databases]
async fn a_council_that_asks_its_staff_for_a_second_factor_is_heard_on_their_next_request(app: TestApp) {
    let admin = app.member("ada", Role::Admin).await;
    let (seed, _) = adds_an_app(&app, &admin).await;
    app.member("mo", Role::Moderator).await;
    let mo = with(&app, &signs_in(&app, "mo", json!({})).await.is(201).json());
    mo.get("/cases").await.is(200);
    let challenge = app.open_challenge("pre").await;
    let held = app.resident("ana").await.submits("A crossing", &challenge).await;
    mo.get(&held).await.is(200);
    admin.change("PATCH", "", &json!(1), &json!({ "staff_second_factor": true })).await.is(200);
    mo.get("/cases").await.refused(403, "staff_second_factor");
    mo.get(&held).await.refused(404, "not_found");
    assert_eq!(mo.get("/me/factors").await.is(200).json()["second_factor_needed"], true);
    adds_an_app(&app, &mo).await;
    mo.get("/cases").await.is(200);
    let weak = signs_in(&app, "ada", json!({})).await.refused(401, "second_factor_needed");
    assert!(!weak.text().contains("access_token"));
    let strong = signs_in(&app, "ada", json!({ "code": code(&app, &seed) })).await.is(201).json();
    with(&app, &strong).get("/cases").await.is(200);
}

#[on_both_databases]
async fn the_owner_hears_of_a_device_that_was_not_seen_before_and_of_no_other(app: TestApp) {
    app.resident("ana").await;
    let session = signs_in(&app, "ana", json!({})).await.is(201).json();
    app.run_jobs().await;
    assert_eq!(app.mails(), 1);
    assert!(app.last_mail(&address("ana"), "").contains("device that had not been used"));
    let known = json!({ "device_token": session["device_token"] });
    signs_in(&app, "ana", known.clone()).await.is(201);
    app.run_jobs().await;
    assert_eq!(app.mails(), 1);
    app.resident("ben").await;
    let wish = json!({ "email": address("ben"), "password": PASSWORD, "device_token": session["device_token"] });
    app.visitor().post("/sessions", &wish).await.is(201);
    app.run_jobs().await;
    assert_eq!(app.mails(), 2, "a device of somebody else is no device of Ben's");
}

// case B17
#[on_both_databases]
async fn a_session_is_ended_from_another_device(app: TestApp) {
    let phone = app.resident("ana").await;
    let laptop = with(&app, &signs_in(&app, "ana", json!({ "device": "Laptop" })).await.is(201).json());
    let items = phone.get("/me/sessions").await.is(200).json()["items"].take();
    let lost = items.as_array().unwrap().iter().find(|one| one["device"] == "Laptop").unwrap().clone();
    let path = format!("/me/sessions/{}", lost["id"].as_str().unwrap());
    app.resident("ben").await.delete(&path).await.refused(404, "not_found");
    phone.delete(&path).await.is(204);
    laptop.get("/me").await.refused(401, "bad_token");
    let third = with(&app, &signs_in(&app, "ana", json!({})).await.is(201).json());
    phone.delete("/me/sessions").await.is(204);
    third.get("/me").await.refused(401, "bad_token");
    phone.get("/me").await.is(200);
}

// case B1
#[on_both_databases]
async fn nobody_learns_from_an_answer_which_addresses_have_an_account(app: TestApp) {
    app.resident("known").await;
    let registered = json!({ "email": address("unconfirmed"), "password": PASSWORD, "display_name": "Una" });
    app.visitor().post("/accounts", &registered).await.is(202);
    let same = async |path: &str, body: &dyn Fn(&str) -> Value| {
        let mut told = Vec::new();
        for name in ["known", "unconfirmed", "unknown"] {
            let answer = app.visitor().post(path, &body(name)).await;
            let mut problem: Value = serde_json::from_slice(&answer.body).unwrap();
            problem.as_object_mut().unwrap().remove("instance");
            let mut headers: Vec<_> = answer.headers.into_iter().filter(|(name, _)| name != "x-request-id").collect();
            headers.sort();
            // The order in the list of exposed headers is that of a hash table.
            headers.retain(|(name, _)| name != "access-control-expose-headers");
            told.push((answer.status, headers, problem));
        }
        assert_eq!(told[0], told[2], "{path}");
        assert_eq!(told[1], told[2], "{path}");
    };
    same("/sessions", &|name| json!({ "email": address(name), "password": "a guess that is not right" })).await;
    same("/sign-in-codes", &|name| json!({ "email": address(name) })).await;
    same("/sessions/code", &|name| json!({ "email": address(name), "mailed_code": "000000" })).await;
    same("/password-resets", &|name| json!({ "email": address(name) })).await;
    same("/accounts", &|name| json!({ "email": address(name), "password": OTHER, "display_name": "Una" })).await;
}
