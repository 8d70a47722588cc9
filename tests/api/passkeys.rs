//! Passkeys, made and used by a software authenticator.

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
    ada.delete(&format!("/me/passkeys/{}", passkey["id"].as_str().unwrap())).await.is(204);
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
    for broken in [json!({}), json!({ "id": "x" }), json!("text"), json!(null)] {
        let asked = ana.post("/me/passkey-options", &proof).await.is(201).json();
        let wish = json!({ "ceremony": asked["ceremony"], "credential": broken, "name": "Phone" });
        ana.post("/me/passkeys", &wish).await.refused(422, "invalid");
        let asked = app.visitor().post("/sessions/passkey/options", &json!({})).await.is(201).json();
        let wish = json!({ "ceremony": asked["ceremony"], "credential": broken });
        assert!([401, 422].contains(&app.visitor().post("/sessions/passkey", &wish).await.status));
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
