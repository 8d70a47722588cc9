//! Single sign-on: the way to a provider and back, and what is refused on it.

use folkmoot::people::factors::rules::code_at;
use folkmoot::platform::config::Config;
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::provider::{Provider, SECRET, Signed};
use crate::support::{Actor, Answer, PASSWORD, TestApp};

const PAGE: &str = "https://ideas.example/signed-in";

fn with_loopback(config: &mut Config) {
    config.loopback = true;
}

fn provider(app: &TestApp) -> Provider {
    Provider::start(app.app.db.clock().now().seconds())
}

async fn set_up(app: &TestApp, admin: &Actor, provider: &Provider) -> String {
    let wish = json!({ "name": "Aldermoor account", "issuer": provider.issuer, "client_id": "folkmoot",
        "client_secret": SECRET, "scopes": ["residency"],
        "claims": [{ "claim": "residency", "value": "harbour", "verified": true, "ward": "harbour" }] });
    let made = admin.post("/identity-providers", &wish).await.is(201).json();
    let id = made["id"].as_str().unwrap().to_owned();
    let address = format!("https://ideas.example/councils/{}/sso/{id}/callback", app.council.id);
    assert_eq!(made["redirect_uri"], address);
    id
}

/// What somebody brings back from a provider.
async fn comes_back(who: &Actor, provider: &Provider, id: &str, link: bool) -> Value {
    let wish = if link {
        json!({ "return_to": PAGE, "link": true, "proof": { "password": PASSWORD } })
    } else {
        json!({ "return_to": PAGE })
    };
    let started = who.post(&format!("/sso/{id}/start"), &wish).await.is(200).json();
    let going = started["authorization_url"].as_str().unwrap();
    let url = url::Url::parse(going).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    json!({ "flow": started["flow"], "state": state, "code": provider.signs_in(going) })
}

async fn finishes(who: &Actor, id: &str, brought: &Value) -> Answer {
    who.post(&format!("/sso/{id}/finish"), brought).await
}

fn signed_in(app: &TestApp, session: &Value) -> Actor {
    Actor { token: session["access_token"].as_str().map(str::to_owned), ..app.visitor() }
}

/// Somebody signs in for the first time and takes a name.
async fn joins(app: &TestApp, provider: &Provider, id: &str, name: &str) -> Actor {
    let brought = comes_back(&app.visitor(), provider, id, false).await;
    let ticket = finishes(&app.visitor(), id, &brought).await.is(202).json()["ticket"].take();
    let wish = json!({ "ticket": ticket, "display_name": name });
    signed_in(app, &app.visitor().post("/sso/accounts", &wish).await.is(201).json())
}

#[on_both_databases(with_loopback)]
async fn a_resident_comes_by_a_provider_takes_a_name_and_is_known_the_next_time(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    let buttons = app.visitor().get("/sso").await.is(200).json();
    assert_eq!(buttons["items"], json!([{ "id": id, "name": "Aldermoor account" }]));
    provider.says(|says| says.claims = json!({ "name": "Ana Maria Register", "residency": ["harbour"] }));

    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    let first = finishes(&app.visitor(), &id, &brought).await.is(202).json();
    assert_eq!(first["suggested_name"], "Ana Maria Register");
    let wish = json!({ "ticket": first["ticket"], "display_name": "Ana" });
    let session = app.visitor().post("/sso/accounts", &wish).await.is(201).json();
    app.visitor().post("/sso/accounts", &wish).await.refused(422, "link_invalid");
    let ana = signed_in(&app, &session);
    let me = ana.get("/me").await.is(200).json();
    assert_eq!((&me["display_name"], &me["email"]), (&json!("Ana"), &json!(null)));
    let identities = ana.get("/me/identities").await.is(200).json();
    assert_eq!(identities["items"][0]["issuer"], provider.issuer);
    assert_eq!(
        (&identities["items"][0]["verified"], &identities["items"][0]["ward"]),
        (&json!(true), &json!("harbour"))
    );
    let verified = ana.get("/me/verification").await.is(200).json();
    assert_eq!((&verified["method"], &verified["ward"]), (&json!("sso_claim"), &json!("harbour")));
    app.visitor().post("/sessions/refresh", &json!({ "refresh_token": session["refresh_token"] })).await.is(200);

    // What the claims mean is looked at again each time.
    provider.says(|says| says.claims = json!({ "name": "Ana Maria Register" }));
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    let again = signed_in(&app, &finishes(&app.visitor(), &id, &brought).await.is(201).json());
    assert_eq!(again.get("/me").await.json()["id"], me["id"]);
    assert_eq!(again.get("/me/identities").await.json()["items"][0]["verified"], false);
}

// case E10: wrong issuer, audience and nonce; unsigned, `none`, HS256; run out; a key from where the token says
#[on_both_databases(with_loopback)]
async fn a_token_with_a_fault_signs_nobody_in(app: TestApp) {
    let (admin, provider, elsewhere) = (app.member("admin", Role::Admin).await, provider(&app), provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    let now = app.app.db.clock().now().seconds();
    let good = |says: &mut crate::support::provider::Says| {
        (says.claims, says.without, says.signed) = (json!({}), vec![], Signed::Well);
    };
    let claims = [
        ("another issuer", json!({ "iss": elsewhere.issuer })),
        ("an issuer with a slash more", json!({ "iss": format!("{}/", provider.issuer) })),
        ("another audience", json!({ "aud": "somebody-else" })),
        ("an audience beside ours", json!({ "aud": ["folkmoot", "somebody-else"] })),
        ("another nonce", json!({ "nonce": "of-another-sign-in" })),
        ("run out", json!({ "iat": now - 600, "exp": now })),
        ("from tomorrow", json!({ "iat": now + 86_400, "exp": now + 90_000 })),
        ("a subject without a letter", json!({ "sub": "" })),
        ("a subject beyond measure", json!({ "sub": "s".repeat(256) })),
    ];
    for (what, claims) in claims {
        provider.says(|says| {
            good(says);
            says.claims = claims;
        });
        let brought = comes_back(&app.visitor(), &provider, &id, false).await;
        let answer = finishes(&app.visitor(), &id, &brought).await;
        assert_eq!((answer.status, &answer.json()["code"]), (422, &json!("provider_refused")), "{what}");
    }
    for without in ["iss", "sub", "aud", "nonce", "exp", "iat"] {
        provider.says(|says| {
            good(says);
            says.without = vec![without];
        });
        let brought = comes_back(&app.visitor(), &provider, &id, false).await;
        let answer = finishes(&app.visitor(), &id, &brought).await;
        assert_eq!((answer.status, &answer.json()["code"]), (422, &json!("provider_refused")), "without {without}");
    }
    for signed in [Signed::NotAtAll, Signed::WithTheSecret, Signed::WithAnotherKey] {
        for claims in [json!({}), json!({ "iss": elsewhere.issuer })] {
            provider.says(|says| {
                good(says);
                (says.signed, says.claims) = (signed, claims);
            });
            let brought = comes_back(&app.visitor(), &provider, &id, false).await;
            let answer = finishes(&app.visitor(), &id, &brought).await;
            assert_eq!((answer.status, &answer.json()["code"]), (422, &json!("provider_refused")), "{signed:?}");
        }
    }
    assert_eq!(elsewhere.asked(), Vec::<String>::new(), "no token says where keys are");
    provider.says(good);
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    finishes(&app.visitor(), &id, &brought).await.is(202);
}

// case E10: replay
#[on_both_databases(with_loopback)]
async fn what_was_brought_back_is_good_once_and_for_whoever_went(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    let ana = comes_back(&app.visitor(), &provider, &id, false).await;
    let eve = comes_back(&app.visitor(), &provider, &id, false).await;
    // Eve's own answer in Ana's browser, and Ana's answer without what Ana has kept.
    let mixed = json!({ "flow": ana["flow"], "state": eve["state"], "code": eve["code"] });
    finishes(&app.visitor(), &id, &mixed).await.refused(422, "link_invalid");
    let stolen = json!({ "flow": eve["flow"], "state": ana["state"], "code": ana["code"] });
    finishes(&app.visitor(), &id, &stolen).await.refused(422, "link_invalid");
    // Which has used nothing up.
    finishes(&app.visitor(), &id, &ana).await.is(202);
    finishes(&app.visitor(), &id, &ana).await.refused(422, "link_invalid");
    // A code that was used, with a state of its own.
    let again = comes_back(&app.visitor(), &provider, &id, false).await;
    let replayed = json!({ "flow": again["flow"], "state": again["state"], "code": ana["code"] });
    finishes(&app.visitor(), &id, &replayed).await.refused(422, "provider_refused");
    // Too late.
    app.advance(std::time::Duration::from_secs(3_601));
    finishes(&app.visitor(), &id, &eve).await.refused(422, "link_invalid");
    let other = app.other_council().await;
    let elsewhere = Actor { base: format!("/v1/councils/{}", other.slug), ..app.visitor() };
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    finishes(&elsewhere, &id, &brought).await.refused(422, "link_invalid");
}

// case E10: mix-up (RFC 9207)
#[on_both_databases(with_loopback)]
async fn an_answer_of_one_provider_is_not_shown_to_another(app: TestApp) {
    let (admin, honest, evil) = (app.member("admin", Role::Admin).await, provider(&app), provider(&app));
    let (good, bad) = (set_up(&app, &admin, &honest).await, set_up(&app, &admin, &evil).await);
    // Sent to the evil one, which has sent the browser on to the honest one and wants its code.
    let mut brought = comes_back(&app.visitor(), &evil, &bad, false).await;
    finishes(&app.visitor(), &good, &brought).await.refused(422, "link_invalid");
    brought["iss"] = json!(honest.issuer);
    finishes(&app.visitor(), &bad, &brought).await.refused(422, "provider_refused");
    assert!(!evil.asked().contains(&"/token".to_owned()), "it was not shown the code");
    // At the honest one's address the browser comes back with the state of a trip to the other.
    let trip = comes_back(&app.visitor(), &evil, &bad, false).await;
    let path = |id: &str| {
        format!("/councils/{}/sso/{id}/callback?code=x&state={}", app.council.id, trip["state"].as_str().unwrap())
    };
    let get = |path: String| app.call_raw(actix_web::test::TestRequest::with_uri(&path));
    assert_eq!(get(path(&good)).await.status, 422);
    let on = get(path(&bad) + "&iss=http%3A%2F%2Fa&session_state=s").await.is(303);
    let state = trip["state"].as_str().unwrap();
    assert_eq!(on.header("location").unwrap(), format!("{PAGE}#code=x&state={state}&iss=http%3A%2F%2Fa"));
    assert_eq!(on.header("cache-control"), Some("no-store"));
    assert_eq!(get(path(&bad) + "&code=y").await.status, 422, "twice is not once");
    assert_eq!(get(format!("/councils/{}/sso/{bad}/callback?code=x&state=y", app.council.id)).await.status, 422);
    // One that says it names itself has to.
    honest.says(|says| says.configuration = json!({ "authorization_response_iss_parameter_supported": true }));
    app.advance(std::time::Duration::from_secs(3_601));
    let now = app.app.db.clock().now().seconds();
    honest.says(|says| says.claims = json!({ "iat": now, "exp": now + 300 }));
    let brought = comes_back(&app.visitor(), &honest, &good, false).await;
    finishes(&app.visitor(), &good, &brought).await.refused(422, "provider_refused");
    let mut brought = comes_back(&app.visitor(), &honest, &good, false).await;
    brought["iss"] = json!(honest.issuer);
    finishes(&app.visitor(), &good, &brought).await.is(202);
}

// case E10: one subject of two providers
#[on_both_databases(with_loopback)]
async fn the_same_subject_of_two_providers_is_two_people(app: TestApp) {
    let (admin, one, two) = (app.member("admin", Role::Admin).await, provider(&app), provider(&app));
    let (first, second) = (set_up(&app, &admin, &one).await, set_up(&app, &admin, &two).await);
    let ana = joins(&app, &one, &first, "Ana").await.get("/me").await.json();
    let ben = joins(&app, &two, &second, "Ben").await.get("/me").await.json();
    assert_ne!(ana["id"], ben["id"]);
    // And the identity of one council is nobody's in another.
    let other = app.other_council().await;
    let elsewhere =
        Actor { base: format!("/v1/councils/{}", other.slug), ..app.member_of(&other, "ada", Role::Admin).await };
    let wish = json!({ "name": "A", "issuer": one.issuer, "client_id": "folkmoot", "client_secret": SECRET });
    let there = elsewhere.post("/identity-providers", &wish).await.is(201).json();
    let visitor = Actor { token: None, ..elsewhere };
    let brought = comes_back(&visitor, &one, there["id"].as_str().unwrap(), false).await;
    finishes(&visitor, there["id"].as_str().unwrap(), &brought).await.is(202);
}

// case E10: linking by an address, verified there or not
#[on_both_databases(with_loopback)]
async fn an_address_that_a_provider_claims_finds_nobody(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let (id, ana) = (set_up(&app, &admin, &provider).await, app.resident("ana").await);
    for verified in [true, false] {
        let claims =
            json!({ "email": "ana@people.example", "email_verified": verified, "sub": format!("eve-{verified}") });
        provider.says(|says| says.claims = claims);
        let eve = joins(&app, &provider, &id, "Ana").await.get("/me").await.json();
        assert_ne!(eve["id"], ana.get("/me").await.json()["id"]);
        assert_eq!(eve["email"], json!(null));
    }
    assert_eq!(ana.get("/me/identities").await.json()["items"], json!([]));
    app.signs_in("ana").await;
}

#[on_both_databases(with_loopback)]
async fn a_resident_links_a_provider_when_signed_in_and_keeps_a_way_in(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let (id, ana, ben) = (set_up(&app, &admin, &provider).await, app.resident("ana").await, app.resident("ben").await);
    app.visitor().post(&format!("/sso/{id}/start"), &json!({ "return_to": PAGE, "link": true })).await.is(401);
    ana.post(&format!("/sso/{id}/start"), &json!({ "return_to": PAGE, "link": true })).await.refused(422, "invalid");
    let link = |brought: &Value| {
        let mut wish = brought.clone();
        wish["provider"] = json!(id);
        wish
    };
    let brought = comes_back(&ana, &provider, &id, true).await;
    // What was to be linked signs nobody in, and is linked to nobody else.
    finishes(&app.visitor(), &id, &brought).await.refused(422, "link_invalid");
    ben.post("/me/identities", &link(&brought)).await.refused(422, "link_invalid");
    let linked = ana.post("/me/identities", &link(&brought)).await.is(201).json();
    app.run_jobs().await;
    app.last_mail("ana@people.example", "was linked to it");
    let brought = comes_back(&ben, &provider, &id, true).await;
    ben.post("/me/identities", &link(&brought)).await.refused(409, "already_exists");
    // What was to sign in links nothing.
    let brought = comes_back(&ana, &provider, &id, false).await;
    ana.post("/me/identities", &link(&brought)).await.refused(422, "link_invalid");
    let session = finishes(&app.visitor(), &id, &brought).await.is(201).json();
    assert_eq!(signed_in(&app, &session).get("/me").await.json()["id"], ana.get("/me").await.json()["id"]);

    let path = format!("/me/identities/{}", linked["id"].as_str().unwrap());
    ben.delete(&path).await.refused(404, "not_found");
    ana.delete(&path).await.is(204);
    app.run_jobs().await;
    app.last_mail("ana@people.example", "was unlinked");
    for action in ["identity.linked", "identity.unlinked"] {
        let told = admin.get(&format!("/audit-log?action={action}")).await.is(200).json()["items"].take();
        assert_eq!(told.as_array().unwrap().len(), 1);
        assert_eq!(told[0]["subject"], ana.get("/me").await.json()["id"]);
    }
    provider.says(|says| says.claims = json!({ "sub": "cyd" }));
    let cyd = joins(&app, &provider, &id, "Cyd").await;
    let only = cyd.get("/me/identities").await.json()["items"][0]["id"].as_str().unwrap().to_owned();
    cyd.delete(&format!("/me/identities/{only}")).await.refused(409, "wrong_state");
    assert_eq!(cyd.get("/me/identities").await.json()["items"][0]["id"], only);
}

#[on_both_databases(with_loopback)]
async fn an_admin_sets_providers_up_and_their_secrets_are_sealed(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    let path = format!("/identity-providers/{id}");
    let read = admin.get(&path).await.is(200);
    assert!(!read.text().contains(SECRET) && read.json()["has_client_secret"] == true);
    let council = app.council.id;
    let rows = app.app.db.read(move |tx| folkmoot::people::sso::queries::list_providers(tx, council)).await.unwrap();
    let kept = rows[0].client_secret.clone().unwrap();
    assert!(!kept.contains(SECRET) && kept.len() > 40);
    let again = json!({ "name": "B", "issuer": provider.issuer, "client_id": "b" });
    admin.post("/identity-providers", &again).await.refused(409, "already_exists");

    // Whoever is on the way is not let in when it is switched off.
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    admin.change("PATCH", &path, &json!(9), &json!({ "enabled": false })).await.refused(412, "changed");
    let off = admin.change("PATCH", &path, &json!(1), &json!({ "enabled": false })).await.is(200).json();
    assert_eq!(
        (&off["version"], &off["enabled"], &off["name"]),
        (&json!(2), &json!(false), &json!("Aldermoor account"))
    );
    finishes(&app.visitor(), &id, &brought).await.refused(404, "not_found");
    assert_eq!(app.visitor().get("/sso").await.json()["items"], json!([]));
    app.visitor().post(&format!("/sso/{id}/start"), &json!({ "return_to": PAGE })).await.refused(404, "not_found");
    admin.change("PATCH", &path, &json!(2), &json!({ "enabled": true })).await.is(200);
    finishes(&app.visitor(), &id, &brought).await.is(202);

    let wrong = json!({ "name": "C", "issuer": format!("{}/other", provider.issuer), "client_id": "c", "scopes": ["a b"],
        "claims": [{ "claim": "email", "value": "x", "verified": true }] });
    let faults = admin.post("/identity-providers", &wrong).await.refused(422, "invalid").json()["errors"].take();
    assert_eq!(faults.as_array().unwrap().len(), 2, "{faults}");
    let wrong = json!({ "name": "C", "issuer": format!("{}/other", provider.issuer), "client_id": "c" });
    let faults = admin.post("/identity-providers", &wrong).await.refused(422, "invalid").json()["errors"].take();
    assert_eq!((&faults[0]["pointer"], &faults[0]["code"]), (&json!("/issuer"), &json!("cannot_be_read")));
    admin.delete(&path).await.is(204);
    admin.get(&path).await.refused(404, "not_found");
    for (action, times) in [("provider.made", 1), ("provider.changed", 2), ("provider.removed", 1)] {
        let told = admin.get(&format!("/audit-log?action={action}")).await.is(200).json()["items"].take();
        assert_eq!((told.as_array().unwrap().len(), &told[0]["subject"]), (times, &json!(id)), "{action}");
    }
    app.run_jobs().await;
    assert_eq!(app.mails(), 4, "the admins hear of each");
    app.last_mail("admin@people.example", "A sign-in provider of the council was set up, changed or taken away.");
}

#[on_both_databases(with_loopback)]
async fn a_key_that_a_provider_has_changed_is_read_again(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    provider.rotates();
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    finishes(&app.visitor(), &id, &brought).await.refused(422, "provider_refused");
    app.advance(std::time::Duration::from_secs(61));
    let now = app.app.db.clock().now().seconds();
    provider.says(|says| says.claims = json!({ "iat": now, "exp": now + 300 }));
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    finishes(&app.visitor(), &id, &brought).await.is(202);
    let asked = provider.asked().iter().filter(|path| *path == "/keys").count();
    assert_eq!(asked, 2, "when it was set up, and once again");
}

// case E3
#[on_both_databases]
async fn no_provider_is_looked_for_inside_the_house(app: TestApp) {
    let (admin, here) = (app.member("admin", Role::Admin).await, provider(&app));
    for issuer in [
        here.issuer.as_str(),
        "http://login.example.org",
        "https://127.0.0.1:8443",
        "https://localhost",
        "https://[::1]",
        "https://169.254.169.254",
        "https://10.0.0.1",
        "https://user:pass@example.org",
        "https://example.org:5432",
        "file:///etc/passwd",
        "https://example.org/?a=b",
        "https://example.org/#a",
    ] {
        let wish = json!({ "name": "A", "issuer": issuer, "client_id": "a" });
        let faults = admin.post("/identity-providers", &wish).await.refused(422, "invalid").json()["errors"].take();
        assert_eq!(faults[0]["pointer"], "/issuer", "{issuer}");
    }
    assert_eq!(here.asked(), Vec::<String>::new());
}

// case E3: what a provider publishes leads nowhere inside either
#[on_both_databases(with_loopback)]
async fn no_endpoint_that_a_provider_names_is_inside_the_house(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    for endpoint in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        for address in ["http://10.0.0.1/a", "https://169.254.169.254/a", "http://example.org/a", "file:///etc/passwd"]
        {
            provider.says(|says| says.configuration = json!({ endpoint: address }));
            let wish = json!({ "name": "A", "issuer": provider.issuer, "client_id": "a" });
            let faults = admin.post("/identity-providers", &wish).await.refused(422, "invalid").json()["errors"].take();
            assert_eq!(faults[0]["pointer"], "/issuer", "{endpoint} {address}");
        }
    }
}

// case D11
#[on_both_databases(with_loopback)]
async fn a_browser_is_sent_back_to_the_council_only(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    for evil in [
        "//evil.example/a",
        "/\\evil.example/a",
        "%2f%2fevil.example",
        "https://evil.example/",
        "https://ideas.example@evil.example/",
    ] {
        let wish = json!({ "return_to": evil });
        app.visitor().post(&format!("/sso/{id}/start"), &wish).await.refused(422, "invalid");
    }
}

#[on_both_databases(with_loopback)]
async fn who_comes_by_a_provider_is_as_old_as_anybody_else(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    let rule = async |under_18: &str| {
        let version = admin.get("").await.is(200).json()["version"].take();
        admin.change("PATCH", "", &version, &json!({ "under_18": under_18 })).await.is(200);
    };
    rule("refused").await;
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    let ticket = finishes(&app.visitor(), &id, &brought).await.is(202).json()["ticket"].take();
    for (age_band, code) in [(None, "required"), (Some("under_18"), "too_young"), (Some("under_minimum"), "too_young")]
    {
        let mut wish = json!({ "ticket": ticket, "display_name": "Tim Register" });
        if let Some(age_band) = age_band {
            wish["age_band"] = json!(age_band);
        }
        let refused = app.visitor().post("/sso/accounts", &wish).await.refused(422, "invalid").json();
        let fault = &refused["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/age_band"), &json!(code)));
    }
    rule("allowed_protected").await;
    let wish = json!({ "ticket": ticket, "display_name": "Tim Register", "age_band": "under_18" });
    let session = app.visitor().post("/sso/accounts", &wish).await.is(201).json();
    let me = signed_in(&app, &session).get("/me").await.is(200).json();
    assert_eq!((&me["protected"], &me["age_band"]), (&json!(true), &json!("under_18")));
    assert_ne!(me["display_name"], "Tim Register");
}

#[on_both_databases(with_loopback)]
async fn a_provider_leads_nobody_around_the_second_factor_of_their_account(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    let ana = joins(&app, &provider, &id, "Ana").await;
    let begun = ana.post("/me/totp", &json!({ "proof": {} })).await.is(201).json();
    let seed = data_encoding::BASE32_NOPAD.decode(begun["secret"].as_str().unwrap().as_bytes()).unwrap();
    let code = || code_at(&seed, app.app.db.clock().now()).unwrap();
    ana.post("/me/totp/confirm", &json!({ "code": code() })).await.is(200);
    app.advance(std::time::Duration::from_secs(30));
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    let half = finishes(&app.visitor(), &id, &brought).await.is(202).json();
    assert_eq!((&half["second_factor_needed"], &half["suggested_name"]), (&json!(true), &json!(null)));
    let mut wish = json!({ "token": half["ticket"] });
    app.visitor().post("/sessions/link", &wish).await.refused(401, "second_factor_needed");
    wish["code"] = json!(code());
    let session = app.visitor().post("/sessions/link", &wish).await.is(201).json();
    let sessions = signed_in(&app, &session).get("/me/sessions").await.is(200).json();
    let this = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == true).unwrap();
    assert_eq!((&this["method"], &this["two_factors"]), (&json!("single_sign_on"), &json!(true)));
    app.visitor().post("/sessions/link", &wish).await.refused(422, "link_invalid");
}

// case C1
#[on_both_databases(with_loopback)]
async fn who_was_verified_from_another_account_signs_in_all_the_same_and_unlinking_frees_it(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let (id, ana) = (set_up(&app, &admin, &provider).await, app.resident("ana").await);
    let verified = async |who: &Actor| who.get("/me/verification").await.is(200).json()["verified"].clone();
    provider.says(|says| says.claims = json!({ "residency": ["harbour"] }));
    let mut brought = comes_back(&ana, &provider, &id, true).await;
    brought["provider"] = json!(id);
    let linked = ana.post("/me/identities", &brought).await.is(201).json();
    assert_eq!(verified(&ana).await, true);
    ana.delete(&format!("/me/identities/{}", linked["id"].as_str().unwrap())).await.is(204);
    assert_eq!(verified(&ana).await, false);
    let first = joins(&app, &provider, &id, "Ana").await;
    assert_eq!(verified(&first).await, true);
    // As it is where the identity went and the account stayed.
    let gone = |tx: &mut folkmoot::platform::db::Tx<'_>| {
        Ok(diesel::RunQueryDsl::execute(diesel::sql_query("DELETE FROM identities"), &mut **tx)?)
    };
    app.app.db.write(gone).await.unwrap();
    let second = joins(&app, &provider, &id, "Ana again").await;
    assert_eq!(verified(&second).await, false, "one person is verified once");
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    finishes(&app.visitor(), &id, &brought).await.is(201);
}

fn with_loopback_and_limits(config: &mut Config) {
    (config.loopback, config.limits) = (true, true);
}

// case E3
#[on_both_databases(with_loopback_and_limits)]
async fn a_provider_that_is_away_is_not_asked_by_everybody_who_comes(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    app.advance(std::time::Duration::from_secs(3_601));
    provider.says(|says| says.configuration = json!({ "issuer": "https://elsewhere.example" }));
    let asked = || provider.asked().iter().filter(|path| path.starts_with("/.well-known")).count();
    let before = asked();
    let goes = async || app.visitor().post(&format!("/sso/{id}/start"), &json!({ "return_to": PAGE })).await;
    for _ in 0..400 {
        goes().await.refused(503, "unavailable");
    }
    assert_eq!(asked(), before + 1);
    // The budget is taken from before anybody is asked.
    goes().await.refused(429, "too_many_requests");
    app.advance(std::time::Duration::from_secs(11));
    provider.says(|says| says.configuration = json!({}));
    goes().await.is(200);
    assert_eq!(asked(), before + 2);
}

#[on_both_databases(with_loopback)]
async fn who_has_no_address_reads_why_they_are_suspended_when_they_come_again(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    let ana = joins(&app, &provider, &id, "Ana").await;
    app.run_jobs().await;
    let sent = app.mails();
    let whom = ana.get("/me").await.json()["id"].as_str().unwrap().to_owned();
    app.suspends(&admin, &whom, "You have published three addresses.").await.is(201);
    app.run_jobs().await;
    assert_eq!(app.mails(), sent, "there is nowhere to write to");
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    let refused = finishes(&app.visitor(), &id, &brought).await.refused(422, "provider_refused").json();
    assert!(refused["detail"].as_str().unwrap().contains("three addresses"), "{refused}");
    // Nor has a link come by mail: they appeal with what they are given here.
    let appeal = json!({ "token": refused["appeal_token"], "text": "They were addresses of shops." });
    app.visitor().post("/appeals", &appeal).await.is(204);
    app.visitor().post("/appeals", &appeal).await.refused(422, "link_invalid");
    let waits = app.member("mo", Role::Moderator).await.get("/sanction-appeals").await.is(200).json();
    assert_eq!(waits["items"][0]["sanction"]["appeal"]["text"], "They were addresses of shops.");
    let brought = comes_back(&app.visitor(), &provider, &id, false).await;
    let again = finishes(&app.visitor(), &id, &brought).await.refused(422, "provider_refused").json();
    assert!(again.get("appeal_token").is_none(), "{again}");
}

#[on_both_databases(with_loopback)]
async fn who_came_by_a_provider_gives_a_first_address_and_is_known_by_it(app: TestApp) {
    let (admin, provider) = (app.member("admin", Role::Admin).await, provider(&app));
    let id = set_up(&app, &admin, &provider).await;
    let ana = joins(&app, &provider, &id, "Ana").await;
    let me = ana.get("/me").await.is(200).json();
    ana.put("/me/address", &json!({ "email": "ana@people.example", "proof": {} })).await.is(202);
    app.run_jobs().await;
    let token = json!({ "token": app.token_in_mail("ana@people.example") });
    app.visitor().post("/addresses/confirm", &token).await.refused(422, "invalid");
    let mails = app.mails();
    ana.post("/addresses/confirm", &token).await.is(204);
    assert_eq!((app.run_jobs().await, app.mails()), (0, mails), "there is no old address to be told");
    assert_eq!(ana.get("/me").await.json()["email"], "ana@people.example");
    let log = admin.get("/audit-log?action=email.changed").await.is(200).json();
    let told = (log["items"].as_array().unwrap().len(), &log["items"][0]["subject"]);
    assert_eq!(told, (1, &me["id"]), "an admin sees that it was, and not to what: {log}");
    assert!(!log.to_string().contains("ana@people.example"));
    app.visitor().post("/sign-in-codes", &json!({ "email": "ana@people.example" })).await.is(202);
    app.run_jobs().await;
    let link = json!({ "token": app.token_in_mail("ana@people.example") });
    let session = app.visitor().post("/sessions/link", &link).await.is(201).json();
    assert_eq!(signed_in(&app, &session).get("/me").await.json()["id"], me["id"]);
}
