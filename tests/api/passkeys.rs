//! Passkeys, made and used by a software authenticator.

use folkmoot::people::accounts::queries::insert_account_without_address;
use folkmoot::people::factors::rules::code_at;
use folkmoot::people::sessions::routes::open_session;
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::rust_crypto::RustCryptoBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::{CredentialCreationOptions, CredentialRequestOptions};
use public_suffix::PublicSuffixList;
use serde_json::{Value, json};

use crate::support::{Actor, PASSWORD, TestApp};

/// Somebody who says yes and shows a finger.
struct Willing;

#[async_trait::async_trait]
impl UserValidationMethod for Willing {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Self::PasskeyItem>,
        _presence: bool,
        _verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence: true, verification: true })
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(true)
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }
}

type Phone = Client<Option<Passkey>, Willing, RustCryptoBackend, PublicSuffixList, ()>;

fn phone() -> Phone {
    Client::new(Authenticator::new(Aaguid::new_empty(), None, Willing, RustCryptoBackend))
}

const SITE: &str = "https://ideas.example";

async fn makes(phone: &mut Phone, site: &str, options: &Value) -> Value {
    let options: CredentialCreationOptions = serde_json::from_value(json!({ "publicKey": options })).unwrap();
    let site = url::Url::parse(site).unwrap();
    serde_json::to_value(phone.register(&site, options, DefaultClientData).await.unwrap()).unwrap()
}

async fn signs(phone: &mut Phone, options: &Value) -> Value {
    let options: CredentialRequestOptions = serde_json::from_value(json!({ "publicKey": options })).unwrap();
    let site = url::Url::parse(SITE).unwrap();
    serde_json::to_value(phone.authenticate(&site, options, DefaultClientData).await.unwrap()).unwrap()
}

async fn adds_a_passkey(who: &Actor, phone: &mut Phone) -> Value {
    let asked = who.post("/me/passkey-options", &json!({ "proof": { "password": PASSWORD } })).await.is(201).json();
    let credential = makes(phone, SITE, &asked["options"]).await;
    let wish = json!({ "ceremony": asked["ceremony"], "credential": credential, "name": "Ana's phone" });
    who.post("/me/passkeys", &wish).await.is(201).json()
}

#[on_both_databases]
async fn whoever_has_a_passkey_signs_in_without_a_word_and_counts_as_two_factors(app: TestApp) {
    let ada = app.member("ada", Role::Admin).await;
    ada.change("PATCH", "", &json!(1), &json!({ "staff_second_factor": true })).await.is(200);
    let mut phone = phone();
    let passkey = adds_a_passkey(&ada, &mut phone).await;
    let visitor = app.visitor();
    let asked = visitor.post("/sessions/passkey/options", &json!({})).await.is(201).json();
    let credential = signs(&mut phone, &asked["options"]).await;
    let wish = json!({ "ceremony": asked["ceremony"], "credential": credential, "device": "Phone" });
    let session = visitor.post("/sessions/passkey", &wish).await.is(201).json();
    let again = Actor { token: session["access_token"].as_str().map(str::to_owned), ..app.visitor() };
    again.get("/cases").await.is(200);
    let known = again.get("/me/factors").await.is(200).json();
    assert_eq!(known["passkeys"][0]["name"], "Ana's phone");
    assert!(known["passkeys"][0]["last_used_at"].is_string());
    // What was signed once signs nobody in again, nor does another ceremony take it.
    visitor.post("/sessions/passkey", &wish).await.refused(409, "ceremony_over");
    let other = visitor.post("/sessions/passkey/options", &json!({})).await.is(201).json();
    let stale = json!({ "ceremony": other["ceremony"], "credential": wish["credential"] });
    visitor.post("/sessions/passkey", &stale).await.refused(401, "bad_credentials");
    let path = format!("/me/passkeys/{}/remove", passkey["id"].as_str().unwrap());
    ada.post(&path, &json!({ "proof": {} })).await.refused(422, "invalid");
    // The council asks for a second factor, and it is the last one.
    let proof = json!({ "proof": { "password": PASSWORD } });
    ada.post(&path, &proof).await.refused(409, "wrong_state");
    ada.change("PATCH", "", &json!(2), &json!({ "staff_second_factor": false })).await.is(200);
    ada.post(&path, &proof).await.is(204);
    ada.post(&path, &proof).await.refused(404, "not_found");
    let asked = visitor.post("/sessions/passkey/options", &json!({})).await.is(201).json();
    let credential = signs(&mut phone, &asked["options"]).await;
    let wish = json!({ "ceremony": asked["ceremony"], "credential": credential });
    visitor.post("/sessions/passkey", &wish).await.refused(401, "bad_credentials");
}

#[on_both_databases]
async fn a_passkey_is_for_the_site_of_its_council_and_whoever_asked_for_it(app: TestApp) {
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let proof = json!({ "proof": { "password": PASSWORD } });
    let asked = ana.post("/me/passkey-options", &proof).await.is(201).json();
    let mut phone = phone();
    let credential = makes(&mut phone, SITE, &asked["options"]).await;
    let wish = json!({ "ceremony": asked["ceremony"], "credential": credential, "name": "Phone" });
    ben.post("/me/passkeys", &wish).await.refused(409, "ceremony_over");
    let asked = ana.post("/me/passkey-options", &proof).await.is(201).json();
    let mut elsewhere = wish.clone();
    elsewhere["ceremony"] = asked["ceremony"].clone();
    ana.post("/me/passkeys", &elsewhere).await.refused(422, "invalid");
    for (broken, status, code) in [
        (json!({}), 401, "bad_credentials"),
        (json!({ "id": "x" }), 401, "bad_credentials"),
        (json!("text"), 422, "invalid"),
        (json!(null), 422, "invalid"),
    ] {
        let asked = ana.post("/me/passkey-options", &proof).await.is(201).json();
        let wish = json!({ "ceremony": asked["ceremony"], "credential": broken, "name": "Phone" });
        ana.post("/me/passkeys", &wish).await.refused(422, "invalid");
        let asked = app.visitor().post("/sessions/passkey/options", &json!({})).await.is(201).json();
        let wish = json!({ "ceremony": asked["ceremony"], "credential": broken });
        app.visitor().post("/sessions/passkey", &wish).await.refused(status, code);
    }
    assert_eq!(ana.get("/me/factors").await.is(200).json()["passkeys"], json!([]));
}

// case A2
#[on_both_databases]
async fn a_passkey_of_one_council_signs_nobody_in_to_another(app: TestApp) {
    let ana = app.resident("ana").await;
    let mut phone = phone();
    adds_a_passkey(&ana, &mut phone).await;
    let other = app.other_council().await;
    let there = Actor { base: format!("/v1/councils/{}", other.slug), ..app.visitor() };
    let asked = there.post("/sessions/passkey/options", &json!({})).await.is(201).json();
    let credential = signs(&mut phone, &asked["options"]).await;
    let wish = json!({ "ceremony": asked["ceremony"], "credential": credential });
    app.visitor().post("/sessions/passkey", &wish).await.refused(409, "ceremony_over");
    there.post("/sessions/passkey", &wish).await.refused(401, "bad_credentials");
}

// case B11
#[on_both_databases]
async fn who_has_a_passkey_is_made_strong_by_it_and_not_by_a_password_that_somebody_has_got(app: TestApp) {
    let ada = app.member("ada", Role::Admin).await;
    let proof = json!({ "proof": { "password": PASSWORD } });
    // Begun by somebody who was in before there was a passkey.
    let pending = ada.post("/me/totp", &proof).await.is(201).json();
    let mut phone = phone();
    let passkey = adds_a_passkey(&ada, &mut phone).await;
    ada.change("PATCH", "", &json!(1), &json!({ "staff_second_factor": true })).await.is(200);
    let thief = app.signs_in("ada").await;
    thief.get("/cases").await.refused(403, "staff_second_factor");
    thief.post("/me/totp", &proof).await.refused(403, "sign_in_again");
    thief.post("/me/passkey-options", &proof).await.refused(403, "sign_in_again");
    let seed = data_encoding::BASE32_NOPAD.decode(pending["secret"].as_str().unwrap().as_bytes()).unwrap();
    let code = code_at(&seed, app.app.db.clock().now()).unwrap();
    thief.post("/me/totp/confirm", &json!({ "code": code })).await.refused(403, "sign_in_again");
    let path = format!("/me/passkeys/{}/remove", passkey["id"].as_str().unwrap());
    thief.post(&path, &proof).await.refused(403, "sign_in_again");
    thief.get("/cases").await.refused(403, "staff_second_factor");
    // The owner's own session goes on, adds an app, and may then do without the passkey.
    ada.post("/me/totp/confirm", &json!({ "code": code })).await.is(200);
    app.advance(std::time::Duration::from_secs(30));
    let code = code_at(&seed, app.app.db.clock().now()).unwrap();
    ada.post(&path, &json!({ "proof": { "password": PASSWORD, "code": code } })).await.is(204);
    ada.get("/cases").await.is(200);
}

#[on_both_databases]
async fn who_has_neither_password_nor_address_keeps_a_way_in_and_can_have_an_app(app: TestApp) {
    let (all, council) = (app.app.clone(), app.council.id);
    let made = app.app.db.write(move |tx| {
        let account = insert_account_without_address(tx, council, "Cyd", None, false)?;
        open_session(tx, &all, council, account)
    });
    let cyd = Actor { token: Some(made.await.unwrap()), ..app.visitor() };
    let asked = cyd.post("/me/passkey-options", &json!({ "proof": {} })).await.is(201).json();
    let mut phone = phone();
    let credential = makes(&mut phone, SITE, &asked["options"]).await;
    let wish = json!({ "ceremony": asked["ceremony"], "credential": credential, "name": "Phone" });
    let passkey = cyd.post("/me/passkeys", &wish).await.is(201).json();
    let path = format!("/me/passkeys/{}/remove", passkey["id"].as_str().unwrap());
    cyd.post(&path, &json!({ "proof": {} })).await.refused(409, "wrong_state");
    assert_eq!(cyd.get("/me/factors").await.is(200).json()["passkeys"][0]["id"], passkey["id"]);
    let seed = cyd.post("/me/totp", &json!({ "proof": {} })).await.is(201).json();
    assert!(seed["app_url"].as_str().unwrap().contains("Cyd"), "{seed}");
}
