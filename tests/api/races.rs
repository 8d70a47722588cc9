//! Two people at once: whoever checks something relies on it until the effect is committed. Each of them is another
//! account, for the writes of one account wait for each other anyway.

use folkmoot::vocabulary::Role;
use futures_util::future::join_all;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, PASSWORD, TestApp, draft, promise};

async fn several(app: &TestApp, role: Role, count: usize) -> Vec<Actor> {
    join_all((0..count).map(|n| async move { app.member(&format!("{}-{n}", role.as_str()), role).await })).await
}

#[on_both_databases]
async fn no_challenge_opens_with_a_promise_that_nobody_accepted(app: TestApp) {
    app.open_challenge("pre").await;
    let officers = several(&app, Role::Officer, 4).await;
    let now = app.app.db.clock().now();
    for _ in 0..12 {
        let drafted = officers[0].post("/challenges", &draft(now, "pre")).await.is(201).json();
        let path = format!("/challenges/{}", drafted["id"].as_str().unwrap());
        officers[0].change("PUT", &format!("{path}/promise"), &json!(1), &promise(now)).await.is(200);
        app.accept_promise(&drafted["id"]).await;
        let etag = officers[0].get(&path).await.is(200).header("etag").unwrap().to_owned();
        let version: Value = etag.trim_matches('"').split('-').next().unwrap().parse::<i64>().unwrap().into();
        let weaker = {
            let mut body = promise(now);
            body["answer_within_days"] = json!(260);
            body
        };
        let (open, promised, rewritten) = futures_util::join!(
            async { officers[1].post(&format!("{path}/open"), &json!({})).await },
            async { officers[2].change("PUT", &format!("{path}/promise"), &version, &weaker).await },
            async { officers[3].change("PUT", &path, &version, &draft(now, "post")).await },
        );
        let won = [promised.status, rewritten.status].iter().filter(|status| **status == 200).count();
        assert!(won <= 1, "{} {}", promised.text(), rewritten.text());
        let shown = officers[0].get(&path).await.is(200).json();
        if open.status == 200 {
            assert_eq!(shown["promise"]["answer_within_days"], 10);
            assert!(shown["promise"]["accepted_at"].is_string(), "{shown}");
            assert_eq!(won, 0, "a challenge that has opened was changed");
        } else {
            assert_eq!((open.status, won), (409, 1), "{}", open.text());
        }
    }
}

#[on_both_databases]
async fn admins_who_publish_a_notice_at_once_publish_one_version_each(app: TestApp) {
    let admins = several(&app, Role::Admin, 6).await;
    for _ in 0..4 {
        let body = json!({ "body": "We keep what we need, and nothing else." });
        let answers = join_all(admins.iter().map(|admin| admin.put("/privacy-notice", &body))).await;
        let mut versions: Vec<i64> =
            answers.into_iter().map(|one| one.is(200).json()["version"].as_i64().unwrap()).collect();
        versions.sort_unstable();
        versions.dedup();
        assert_eq!(versions.len(), admins.len());
    }
}

#[on_both_databases]
async fn an_idea_has_one_open_case_however_many_moderators_open_one(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    let moderators = several(&app, Role::Moderator, 6).await;
    moderators[0].decides(&json!({ "decision": "publish" })).await.is(201);
    let (path, nothing) = (format!("{idea}/cases"), json!({}));
    let opened = join_all(moderators.iter().map(|one| one.post(&path, &nothing))).await;
    assert_eq!(opened.iter().filter(|one| one.status == 201).count(), 1);
    let mut cases: Vec<String> = opened.into_iter().map(|one| one.json()["id"].as_str().unwrap().to_owned()).collect();
    cases.sort_unstable();
    cases.dedup();
    assert_eq!(cases.len(), 1);
}

#[on_both_databases]
async fn a_case_is_in_one_pair_of_hands_however_many_reach_for_it(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let moderators = several(&app, Role::Moderator, 6).await;
    for round in 0..5 {
        app.resident(&format!("ana{round}")).await.submits(&format!("A crossing {round}"), &challenge).await;
        let case = moderators[0].get("/cases?claimed=by_nobody").await.is(200).json()["items"][0].take();
        let (path, nothing) = (format!("/cases/{}/claim", case["id"].as_str().unwrap()), json!({}));
        let claimed = join_all(moderators.iter().map(|one| one.change("PUT", &path, &case["version"], &nothing))).await;
        assert_eq!(claimed.iter().filter(|one| one.status == 200).count(), 1, "round {round}");
    }
}

#[on_both_databases]
async fn what_is_removed_is_not_answered_or_supported_afterwards(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let officer = app.member("officer", Role::Officer).await;
    let moderator = app.member("moderator", Role::Moderator).await;
    for n in 0..10 {
        let idea = ana.submits(&format!("Idea {n}"), &challenge).await;
        let removal = json!({ "decision": "remove", "ground": "personal_data", "statement": "A telephone number." });
        let answer = json!({ "kind": "accepted", "office": "Streets", "reason": "It will be built." });
        let (removed, answered, supported) = futures_util::join!(
            async { moderator.decides(&removal).await },
            async { officer.change("POST", &format!("{idea}/answers"), &json!(1), &answer).await },
            async { ben.supports(&idea).await },
        );
        assert_eq!(removed.status, 201, "{}", removed.text());
        assert!(matches!(answered.status, 201 | 409 | 412), "{}", answered.text());
        assert!(matches!(supported.status, 201 | 404), "{}", supported.text());
        // Whichever came first, the news of the answer is never after the news of the removal.
        app.run_jobs().await;
        let id = idea.trim_start_matches("/ideas/");
        let changes = app.visitor().get("/changes?after=0&limit=500").await.is(200).json();
        let kinds: Vec<&str> = changes["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["subject"] == id)
            .filter_map(|one| one["kind"].as_str())
            .filter(|kind| matches!(*kind, "idea.answered" | "idea.taken_down"))
            .collect();
        let expected: &[&str] =
            if answered.status == 201 { &["idea.answered", "idea.taken_down"] } else { &["idea.taken_down"] };
        assert_eq!(kinds, expected);
    }
}

#[on_both_databases]
async fn an_invitation_is_accepted_once_or_withdrawn_and_never_both(app: TestApp) {
    let admin = app.member("ada", Role::Admin).await;
    for n in 0..6 {
        let email = format!("kim{n}@aldermoor.example");
        admin.post("/invitations", &json!({ "email": email, "role": "moderator" })).await.is(202);
        app.run_jobs().await;
        let wish =
            json!({ "token": app.token_in_mail(&email), "password": PASSWORD, "display_name": format!("Kim {n}") });
        let invitation = admin.get("/invitations").await.is(200).json()["items"][0]["id"].take();
        let visitor = app.visitor();
        let (one, other, withdrawn) = futures_util::join!(
            async { visitor.post("/invitation-acceptances", &wish).await.status },
            async { visitor.post("/invitation-acceptances", &wish).await.status },
            async { admin.delete(&format!("/invitations/{}", invitation.as_str().unwrap())).await.status },
        );
        let took = [(one, 204), (other, 204), (withdrawn, 204)].iter().filter(|(status, good)| status == good).count();
        assert_eq!(took, 1, "{one} {other} {withdrawn}");
        let session = json!({ "email": email, "password": PASSWORD });
        let may = app.visitor().post("/sessions", &session).await.status == 201;
        assert_eq!(may, withdrawn != 204);
    }
}

#[on_both_databases]
async fn an_account_that_is_confirmed_as_its_owner_follows_the_link_of_a_guest_keeps_its_password(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    for n in 0..6 {
        let email = format!("ana{n}@people.example");
        let wish = json!({ "email": email, "password": PASSWORD, "display_name": format!("Ana {n}") });
        app.visitor().post("/accounts", &wish).await.is(202);
        app.run_jobs().await;
        let confirms = json!({ "token": app.token_in_mail(&email), "password": PASSWORD });
        let path = format!("/challenges/{challenge}/participations");
        app.visitor().post(&path, &json!({ "email": email })).await.is(202);
        app.run_jobs().await;
        let comes = json!({ "token": app.token_in_mail(&email) });
        let visitor = app.visitor();
        let (confirmed, came) =
            futures_util::join!(async { visitor.post("/accounts/confirm", &confirms).await.status }, async {
                visitor.post("/participations/redeem", &comes).await.status
            },);
        // Whichever was first, the other hears that it was too late, and nobody is a guest and has a password.
        assert!(matches!((confirmed, came), (204, 409) | (422, 201)), "{confirmed} {came}");
        let session = json!({ "email": email, "password": PASSWORD });
        assert_eq!(app.visitor().post("/sessions", &session).await.status == 201, confirmed == 204);
    }
}
