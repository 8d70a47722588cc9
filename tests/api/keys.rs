//! Keys for programs: a part of what their maker may do now, in one council, until a day.

use folkmoot::platform::config::Config;
use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, PASSWORD, TestApp, days};

pub async fn made(admin: &Actor, scopes: &[&str]) -> (Actor, String) {
    let expires_at = admin.app.app.db.clock().now().plus(days(30));
    let body =
        json!({ "proof": { "password": PASSWORD }, "name": "Editor", "scopes": scopes, "expires_at": expires_at });
    let made = admin.post("/api-keys", &body).await.is(201).json();
    let key = made["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("fm_live_"));
    (Actor { token: Some(key), ..admin.clone() }, made["id"].as_str().unwrap().to_owned())
}

#[on_both_databases]
async fn a_key_does_what_it_is_for_and_nothing_else(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let (program, key) = made(&admin, &["public.read", "campaign.run"]).await;
    program.get("/campaigns").await.is(200);
    program.get("/challenges").await.is(200);
    for path in ["/cases", "/audit-log", "/me", "/staff", "/api-keys"] {
        program.get(path).await.refused(403, "forbidden");
    }
    let campaign = json!({ "name": "Shelters", "channel": "bus", "target_url": "https://ideas.example/" });
    program.post("/campaigns", &campaign).await.is(201);
    let log = admin.get("/audit-log?action=campaign.made").await.is(200).json();
    assert_eq!(log["items"][0]["actor"]["kind"], "key");
    assert_eq!(log["items"][0]["actor"]["key"], key);
    // Without the row it does not even read what is public: it would see it with staff's eyes.
    let (narrow, _) = made(&admin, &["campaign.run"]).await;
    narrow.get("/challenges").await.refused(403, "forbidden");
    for never in ["account.use", "staff.manage", "key.manage", "idea.submit"] {
        let until = app.app.db.clock().now().plus(days(1));
        let body = json!({ "proof": { "password": PASSWORD }, "name": "x", "scopes": [never], "expires_at": until });
        admin.post("/api-keys", &body).await.refused(422, "invalid");
    }
}

// case A10
#[on_both_databases]
async fn a_key_loses_what_its_maker_loses_and_ends_with_them(app: TestApp) {
    let (admin, second) = (app.member("admin", Role::Admin).await, app.member("second", Role::Admin).await);
    let (program, _) = made(&second, &["public.read", "audit.read", "campaign.run"]).await;
    program.get("/audit-log").await.is(200);
    let whom = second.get("/me").await.is(200).json()["id"].as_str().unwrap().to_owned();
    let officer = json!({ "role": "officer" });
    admin.change("PATCH", &format!("/staff/{whom}"), &json!(1), &officer).await.is(200);
    program.get("/audit-log").await.refused(403, "forbidden");
    program.get("/campaigns").await.is(200);
    app.suspends(&admin, &whom, "Away for a while.").await.is(201);
    program.get("/campaigns").await.refused(401, "bad_token");
}

// case A1
#[on_both_databases]
async fn a_key_is_refused_elsewhere_altered_ended_and_after_its_day(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let (program, key) = made(&admin, &["public.read"]).await;
    let other = app.other_council().await;
    let elsewhere = Actor { base: format!("/v1/councils/{}", other.slug), ..program.clone() };
    elsewhere.get("/challenges").await.refused(401, "bad_token");
    let token = program.token.clone().unwrap();
    for altered in [format!("{token}x"), token[..token.len() - 1].to_owned(), token.replace("fm_live", "fm_test")] {
        let altered = Actor { token: Some(altered), ..program.clone() };
        altered.get("/challenges").await.refused(401, "bad_token");
    }
    admin.delete(&format!("/api-keys/{key}")).await.is(204);
    program.get("/challenges").await.refused(401, "bad_token");
    admin.delete(&format!("/api-keys/{key}")).await.is(404);
    let (program, _) = made(&admin, &["public.read"]).await;
    app.advance(days(30));
    program.get("/challenges").await.refused(401, "bad_token");
}

#[on_both_databases]
async fn a_key_is_shown_once_and_its_last_day_of_use_is_known(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let expires_at = app.app.db.clock().now().plus(days(366));
    let proof = json!({ "password": PASSWORD });
    let body = json!({ "proof": proof, "name": "Editor", "scopes": ["public.read"], "expires_at": expires_at });
    let once = || admin.request("POST", "/api-keys").insert_header(("Idempotency-Key", "one")).set_json(&body);
    let key = app.call(once()).await.is(201).json()["key"].as_str().unwrap().to_owned();
    app.call(once()).await.refused(409, "already_done");
    let listed = async || admin.get("/api-keys").await.is(200).json()["items"][0].take();
    let before: Value = listed().await;
    assert_eq!((&before["last_used_on"], before.get("key")), (&json!(null), None));
    let program = Actor { token: Some(key.clone()), ..admin.clone() };
    program.get("/challenges").await.is(200);
    program.get("/challenges").await.is(200);
    assert_eq!(listed().await["last_used_on"], "2027-03-01");
    let secret = key.splitn(4, '_').last().unwrap().to_owned();
    assert!(!listed().await.to_string().contains(&secret));
}

fn with_limits(config: &mut Config) {
    config.limits = true;
}

// case I5
#[on_both_databases(with_limits)]
async fn a_key_that_writes_too_much_hears_so_and_its_maker_and_their_other_keys_go_on(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let (busy, _) = made(&admin, &["public.read", "council.manage"]).await;
    let (other, _) = made(&admin, &["public.read", "council.manage"]).await;
    let notice = |n: usize| json!({ "body": format!("What we keep and why, version {n}.") });
    for n in 0..120 {
        busy.put("/privacy-notice", &notice(n)).await.is(200);
    }
    let refused = busy.put("/privacy-notice", &notice(120)).await.refused(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("2"));
    assert_eq!(refused.header("ratelimit-policy"), Some("\"write\";q=120;w=120"));
    admin.put("/privacy-notice", &notice(121)).await.is(200);
    other.put("/privacy-notice", &notice(122)).await.is(200);
    app.advance(std::time::Duration::from_secs(2));
    busy.put("/privacy-notice", &notice(123)).await.is(200);
}

fn counting_requests(config: &mut Config) {
    config.requests_per_second = 1;
}

#[on_both_databases(counting_requests)]
async fn a_key_that_asks_too_much_hears_so_wherever_it_asks_from_and_its_maker_goes_on(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let (busy, _) = made(&admin, &["public.read"]).await;
    let ask = async |n: u8| {
        let peer = format!("198.51.100.{n}:1").parse().unwrap();
        app.call(busy.request("GET", "/challenges").peer_addr(peer)).await
    };
    // As many as come at once in six seconds, each from a network that has not been seen; a second or two may pass.
    let mut passed = 0;
    let refused = loop {
        let answer = ask(passed).await;
        if answer.status != 200 {
            break answer;
        }
        passed += 1;
        assert!(passed < 30, "nobody counts");
    };
    assert!(passed >= 6, "{passed}");
    let refused = refused.refused(429, "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("1"));
    admin.get("/challenges").await.is(200);
}

#[on_both_databases]
async fn an_account_has_twenty_keys_at_most_and_room_again_once_one_has_ended(app: TestApp) {
    let (admin, second) = (app.member("admin", Role::Admin).await, app.member("second", Role::Admin).await);
    let mut keys = Vec::new();
    for _ in 0..19 {
        keys.push(made(&admin, &["public.read"]).await.1);
    }
    // Two at once do not both find the last place.
    let expires_at = app.app.db.clock().now().plus(days(30));
    let proof = json!({ "password": PASSWORD });
    let body = json!({ "proof": proof, "name": "Editor", "scopes": ["public.read"], "expires_at": expires_at });
    let (one, other) = futures_util::join!(admin.post("/api-keys", &body), admin.post("/api-keys", &body));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let refused = admin.post("/api-keys", &body).await.refused(409, "wrong_state");
    assert!(refused.text().contains("End one"), "{}", refused.text());
    second.post("/api-keys", &body).await.is(201);
    admin.delete(&format!("/api-keys/{}", keys[0])).await.is(204);
    admin.post("/api-keys", &body).await.is(201);
    admin.post("/api-keys", &body).await.is(409);
    app.advance(days(31));
    let admin = app.signs_in("admin").await;
    made(&admin, &["public.read"]).await;
}

// case B11
#[on_both_databases]
async fn taking_a_new_address_back_ends_the_keys_that_were_made_since(app: TestApp) {
    app.member("admin", Role::Admin).await;
    let second = app.member("second", Role::Admin).await;
    let (before, _) = made(&second, &["public.read"]).await;
    app.advance(days(15));
    let (admin, second) = (app.signs_in("admin").await, app.signs_in("second").await);
    let (shortly, _) = made(&second, &["public.read"]).await;
    app.advance(std::time::Duration::from_secs(60));
    let wish = json!({ "proof": { "password": PASSWORD }, "email": "thief@elsewhere.example" });
    second.put("/me/address", &wish).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail("thief@elsewhere.example");
    second.post("/addresses/confirm", &json!({ "token": token })).await.is(204);
    app.run_jobs().await;
    let (since, key) = made(&second, &["public.read"]).await;
    let undo = app.token_in_mail("second@people.example");
    app.visitor().post("/addresses/undo", &json!({ "token": undo })).await.is(204);
    since.get("/challenges").await.refused(401, "bad_token");
    shortly.get("/challenges").await.refused(401, "bad_token");
    before.get("/challenges").await.is(200);
    let log = admin.get("/audit-log?action=key.ended").await.is(200).json();
    assert_eq!(log["items"].as_array().unwrap().len(), 2);
    assert!(log.to_string().contains(&key));
}

// case B11
#[on_both_databases]
async fn whoever_makes_a_key_shows_who_they_are_is_told_and_ends_it_with_a_forgotten_password(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let until = app.app.db.clock().now().plus(days(1));
    for (proof, status) in [(json!({}), 422), (json!({ "password": "a guess that is not right" }), 401)] {
        let body = json!({ "proof": proof, "name": "x", "scopes": ["public.read"], "expires_at": until });
        admin.post("/api-keys", &body).await.is(status);
    }
    app.run_jobs().await;
    assert_eq!(app.mails(), 0);
    let (program, key) = made(&admin, &["public.read"]).await;
    app.run_jobs().await;
    app.last_mail("admin@people.example", "A key was made");
    program.get("/challenges").await.is(200);
    let visitor = app.visitor();
    visitor.post("/password-resets", &json!({ "email": "admin@people.example" })).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail("admin@people.example");
    visitor.post("/password-resets/redeem", &json!({ "token": token, "password": PASSWORD })).await.is(204);
    program.get("/challenges").await.refused(401, "bad_token");
    let log = app.signs_in("admin").await.get("/audit-log?action=key.ended").await.is(200).json();
    assert_eq!(log["items"][0]["subject"], key);
}

// case A10
#[on_both_databases]
async fn a_key_that_was_made_without_a_second_factor_is_weak_once_the_council_asks_for_one(app: TestApp) {
    let strong = app.member("admin", Role::Admin).await;
    let weak = app.signs_in("admin").await;
    let scopes = ["public.read", "audit.read"];
    let ((good, _), (other, _)) = (made(&strong, &scopes).await, made(&weak, &scopes).await);
    other.get("/audit-log").await.is(200);
    strong.change("PATCH", "", &json!(1), &json!({ "staff_second_factor": true })).await.is(200);
    other.get("/audit-log").await.refused(403, "staff_second_factor");
    other.get("/challenges").await.is(200);
    good.get("/audit-log").await.is(200);
}

#[on_both_databases]
async fn no_key_says_where_mailed_links_lead_or_by_what_people_get_in_and_all_admins_hear_who_does(app: TestApp) {
    let (admin, _) = (app.member("admin", Role::Admin).await, app.member("second", Role::Admin).await);
    let (program, _) = made(&admin, &["public.read", "council.manage"]).await;
    app.run_jobs().await;
    program.change("PATCH", "", &json!(1), &json!({ "name": "Aldermoor" })).await.is(200);
    let evil = json!({ "site_url": "https://evil.example" });
    let provider = json!({ "name": "Evil", "issuer": "https://id.evil.example", "client_id": "x" });
    program.change("PATCH", "", &json!(2), &evil).await.refused(403, "forbidden");
    program.change("PATCH", "", &json!(2), &json!({ "staff_second_factor": true })).await.refused(403, "forbidden");
    program.post("/identity-providers", &provider).await.refused(403, "forbidden");
    let nobodys = "/identity-providers/0192f3a4-0000-7000-8000-000000000000";
    program.change("PATCH", nobodys, &json!(1), &json!({ "enabled": false })).await.refused(403, "forbidden");
    program.delete(nobodys).await.refused(403, "forbidden");
    app.run_jobs().await;
    let sent = app.mails();
    assert_eq!(sent, 1, "of the key");
    admin.change("PATCH", "", &json!(2), &evil).await.is(200);
    admin.change("PATCH", "", &json!(3), &json!({ "staff_second_factor": true })).await.is(200);
    app.run_jobs().await;
    assert_eq!(app.mails(), sent + 4);
    for told in ["admin@people.example", "second@people.example"] {
        let mail = app.last_mail(told, "site was changed");
        assert!(mail.contains("https://ideas.example") && !mail.contains("evil"), "{mail}");
        app.last_mail(told, "asked for a second factor");
    }
}

// case A7
#[on_both_databases]
async fn a_website_with_a_key_to_read_what_is_public_does_not_read_what_only_the_staff_sees(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let admin = app.member("admin", Role::Admin).await;
    let held = app.resident("ana").await.submits("A crossing", &challenge).await;
    admin.get(&held).await.is(200);
    let (website, _) = made(&admin, &["public.read"]).await;
    website.get(&held).await.refused(404, "not_found");
    let (moderation, _) = made(&admin, &["public.read", "moderation.decide"]).await;
    moderation.get(&held).await.is(200);
}
