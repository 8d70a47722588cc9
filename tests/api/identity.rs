//! How residents are shown to each other: by a name of their choice, and by nothing that follows them around.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, PASSWORD, TestApp};

async fn me(actor: &Actor) -> Value {
    actor.get("/me").await.is(200).json()
}

async fn changes(actor: &Actor, body: &Value) -> crate::support::Answer {
    let version = me(actor).await["version"].take();
    actor.change("PATCH", "/me", &version, body).await
}

// case G1
#[on_both_databases]
async fn an_author_has_another_id_in_each_challenge_until_they_make_their_profile_public(app: TestApp) {
    let (one, other) = (app.open_challenge("post").await, app.open_challenge("post").await);
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let ideas = [
        ana.submits("A crossing", &one).await,
        ana.submits("A bench", &one).await,
        ana.submits("A tree", &other).await,
        ben.submits("A lamp", &one).await,
    ];
    let authors = async || {
        let mut ids = Vec::new();
        for idea in &ideas {
            let author = app.visitor().get(idea).await.is(200).json()["author"].take();
            assert!(author["display_name"].is_string());
            ids.push(author["id"].as_str().unwrap().to_owned());
        }
        ids
    };
    let account = me(&ana).await["id"].as_str().unwrap().to_owned();
    let private = authors().await;
    assert_eq!(private[0], private[1]);
    assert_ne!(private[0], private[2], "nobody is followed from one challenge to another");
    assert_ne!(private[0], private[3]);
    let visitor = app.visitor();
    visitor.get(&format!("/profiles/{}", private[0])).await.refused(404, "not_found");
    visitor.get(&format!("/profiles/{account}")).await.refused(404, "not_found");
    // Nowhere in what is public does the account's own id stand.
    app.run_jobs().await;
    for path in [ideas[0].clone(), format!("/challenges/{one}/ideas"), "/changes".into()] {
        assert!(!visitor.get(&path).await.is(200).text().contains(&account), "{path}");
    }

    let shown = changes(&ana, &json!({ "profile_public": true })).await.is(200).json();
    let profile = shown["profile"].as_str().unwrap();
    let public = authors().await;
    assert_eq!(public[..3], [profile, profile, profile]);
    assert_ne!(profile, account);
    let read = visitor.get(&format!("/profiles/{profile}")).await.is(200).json();
    assert_eq!(read, json!({ "id": profile, "display_name": "ana" }));
    changes(&ana, &json!({ "profile_public": false })).await.is(200);
    assert_eq!(authors().await, private);
    visitor.get(&format!("/profiles/{profile}")).await.refused(404, "not_found");
}

#[on_both_databases]
async fn a_name_can_be_anybodys_invention_and_nobody_elses_office(app: TestApp) {
    app.open_challenge("post").await;
    let ana = app.resident("ana").await;
    assert_eq!(
        changes(&ana, &json!({ "display_name": "Fröhliche Eule" })).await.is(200).json()["display_name"],
        "Fröhliche Eule"
    );
    for (name, code) in [
        ("Director of Streets", "reserved"),
        ("dіrector of streets", "reserved"),
        ("aldermoor council", "reserved"),
        ("M0derator", "reserved"),
        ("Pаypal", "mixed_scripts"),
        ("=1+1", "wrong_format"),
        ("An\u{202e}a", "wrong_character"),
    ] {
        let refused = changes(&ana, &json!({ "display_name": name })).await.refused(422, "invalid").json();
        let codes: Vec<&str> =
            refused["errors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
        assert!(codes.contains(&code), "{name}: {codes:?}");
        let register = json!({ "email": "x@people.example", "password": PASSWORD, "display_name": name });
        let refused = app.visitor().post("/accounts", &register).await.refused(422, "invalid").json();
        for fault in refused["errors"].as_array().unwrap() {
            assert_eq!(fault["pointer"], "/display_name", "{refused}");
        }
    }
    assert_eq!(me(&ana).await["display_name"], "Fröhliche Eule");
    ana.change("PATCH", "/me", &json!(1), &json!({ "display_name": "Late" })).await.refused(412, "changed");
    app.visitor().change("PATCH", "/me", &json!(1), &json!({})).await.refused(401, "unauthenticated");
}

#[on_both_databases]
async fn whoever_says_later_that_they_are_under_eighteen_is_protected_and_does_not_lay_it_down(app: TestApp) {
    let (admin, tim) = (app.member("ada", Role::Admin).await, app.resident("tim").await);
    let rule = async |under_18: &str| {
        let council = admin.get("").await.is(200).json();
        admin.change("PATCH", "", &council["version"], &json!({ "under_18": under_18 })).await.is(200);
    };
    changes(&tim, &json!({ "profile_public": true })).await.is(200);
    rule("refused").await;
    let refused = changes(&tim, &json!({ "age_band": "under_18" })).await.refused(422, "invalid").json();
    assert_eq!(
        (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
        (&json!("/age_band"), &json!("too_young"))
    );
    rule("allowed_protected").await;
    // Not in one breath either: a name of one's own is refused to whoever is protected.
    changes(&tim, &json!({ "age_band": "under_18", "display_name": "Timmy" })).await.refused(409, "wrong_state");
    assert_eq!(me(&tim).await["protected"], false);
    changes(&tim, &json!({ "age_band": "under_18" })).await.is(200);
    let now = me(&tim).await;
    assert_eq!(
        (&now["protected"], &now["age_band"], &now["profile"]),
        (&json!(true), &json!("under_18"), &Value::Null)
    );
    assert_ne!(now["display_name"], "tim");
    changes(&tim, &json!({ "age_band": "adult", "display_name": "Tim" })).await.refused(409, "wrong_state");
    assert_eq!(me(&tim).await["protected"], true);
    let ana = app.resident("ana").await;
    changes(&ana, &json!({ "age_band": "adult" })).await.is(200);
    assert_eq!((&me(&ana).await["protected"], &me(&ana).await["age_band"]), (&json!(false), &json!("adult")));
}
