//! Staff: roles that bite at once, a last admin who stays, invitations that end with the right to invite.

use folkmoot::vocabulary::Role;
use futures_util::future::join_all;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, PASSWORD, TestApp, days};

async fn id(who: &Actor) -> String {
    who.get("/me").await.is(200).json()["id"].as_str().unwrap().to_owned()
}

async fn member(admin: &Actor, of: &str) -> (String, Value) {
    let path = format!("/staff/{of}");
    let shown = admin.get(&path).await.is(200).json();
    (path, shown["version"].clone())
}

async fn gives(admin: &Actor, to: &str, role: &str) -> crate::support::Answer {
    let (path, version) = member(admin, to).await;
    admin.change("PATCH", &path, &version, &json!({ "role": role })).await
}

async fn removes(admin: &Actor, whom: &str) -> crate::support::Answer {
    let (path, version) = member(admin, whom).await;
    admin.change("DELETE", &path, &version, &json!(null)).await
}

async fn actions(admin: &Actor, subject: &str) -> Vec<String> {
    let log = admin.get(&format!("/audit-log?subject={subject}")).await.is(200).json();
    log["items"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap().to_owned()).collect()
}

fn acceptance(token: &str) -> Value {
    json!({ "token": token, "password": PASSWORD, "display_name": "Kim" })
}

// case A10
#[on_both_databases]
async fn a_role_that_is_taken_away_is_gone_at_the_next_request(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let moderator = app.member("moderator", Role::Moderator).await;
    let whom = id(&moderator).await;
    moderator.get("/cases").await.is(200);
    gives(&admin, &whom, "officer").await.is(200);
    moderator.get("/cases").await.is(403);
    moderator.get("/campaigns").await.is(200);
    removes(&admin, &whom).await.is(204);
    moderator.get("/campaigns").await.is(403);
    assert_eq!(moderator.get("/me").await.is(200).json()["role"], "resident");
    admin.get(&format!("/staff/{whom}")).await.is(404);
    let told = actions(&admin, &whom).await;
    assert_eq!(
        (told.len(), told.contains(&"role.changed".into()), told.contains(&"staff.removed".into())),
        (2, true, true)
    );
}

#[on_both_databases]
async fn a_role_is_changed_as_it_was_read_and_never_to_resident(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let whom = id(&app.member("moderator", Role::Moderator).await).await;
    let path = format!("/staff/{whom}");
    admin.send("PATCH", &path, &json!({ "role": "officer" })).await.refused(428, "precondition_needed");
    admin.change("PATCH", &path, &json!(7), &json!({ "role": "officer" })).await.refused(412, "changed");
    admin.change("PATCH", &path, &json!(1), &json!({ "role": "resident" })).await.refused(422, "invalid");
    let resident = id(&app.resident("ana").await).await;
    let promote = json!({ "role": "admin" });
    admin.change("PATCH", &format!("/staff/{resident}"), &json!(1), &promote).await.refused(404, "not_found");
    let listed = admin.get("/staff").await.is(200).json();
    let roles: Vec<&str> =
        listed["items"].as_array().unwrap().iter().map(|one| one["role"].as_str().unwrap()).collect();
    assert_eq!(roles.len(), 2);
    assert!(roles.contains(&"admin") && roles.contains(&"moderator"));
}

#[on_both_databases]
async fn the_last_admin_cannot_leave_or_be_demoted_or_suspended(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let me = id(&admin).await;
    gives(&admin, &me, "officer").await.refused(409, "last_admin");
    removes(&admin, &me).await.refused(409, "last_admin");
    // Another one who cannot sign in is none.
    let second = app.member("second", Role::Admin).await;
    let other = id(&second).await;
    app.suspends(&second, &me, "Away for a while.").await.is(201);
    app.suspends(&second, &other, "Away for a while.").await.refused(403, "forbidden");
    second.delete(&format!("/accounts/{me}/suspension")).await.is(204);
    let admin = app.signs_in("admin").await;
    app.suspends(&admin, &other, "Away for a while.").await.is(201);
    removes(&admin, &me).await.refused(409, "last_admin");
    admin.delete(&format!("/accounts/{other}/suspension")).await.is(204);
    removes(&admin, &me).await.is(204);
}

#[on_both_databases]
async fn of_admins_who_demote_each_other_at_once_one_stays(app: TestApp) {
    for round in 0..6 {
        let one = app.member(&format!("one-{round}"), Role::Admin).await;
        let two = app.member(&format!("two-{round}"), Role::Admin).await;
        let (first, second) = (id(&one).await, id(&two).await);
        let (body, read) = (json!({ "role": "officer" }), json!(1));
        let paths = [format!("/staff/{second}"), format!("/staff/{first}")];
        let demotions = [(&one, &paths[0]), (&two, &paths[1])];
        let answers = join_all(demotions.map(|(who, path)| who.change("PATCH", path, &read, &body))).await;
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{} {}", answers[0].text(), answers[1].text());
        assert!(answers.iter().all(|answer| [200, 403, 409].contains(&answer.status)));
        let left = if answers[0].status == 200 { &one } else { &two };
        let staff = left.get("/staff?limit=100").await.is(200).json();
        let admins = staff["items"].as_array().unwrap().iter().filter(|member| member["role"] == "admin").count();
        assert_eq!(admins, 1);
        // The next round begins without anybody of this one.
        for whom in [&first, &second] {
            app.demote_directly(whom).await;
        }
    }
}

// case A11
#[on_both_databases]
async fn what_somebody_invited_who_may_no_longer_invite_is_neither_sent_nor_taken(app: TestApp) {
    let (admin, second) = (app.member("admin", Role::Admin).await, app.member("second", Role::Admin).await);
    let whom = id(&second).await;
    let invite = |email: &str| json!({ "email": email, "role": "admin" });
    second.post("/invitations", &invite("sent@aldermoor.example")).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail("sent@aldermoor.example");
    second.post("/invitations", &invite("waits@aldermoor.example")).await.is(202);
    let mails = app.mails();
    gives(&admin, &whom, "officer").await.is(200);
    app.run_jobs().await;
    assert_eq!(app.mails(), mails, "an invitation was sent for somebody who may invite nobody");
    app.visitor().post("/invitation-acceptances", &acceptance(&token)).await.refused(422, "link_invalid");
    assert_eq!(admin.get("/invitations").await.is(200).json()["items"], json!([]));
    let log = admin.get("/audit-log?action=invitation.withdrawn").await.is(200).json();
    assert_eq!(log["items"].as_array().unwrap().len(), 2);
}

// case A11
#[on_both_databases]
async fn a_queued_invitation_is_looked_at_again_when_it_is_sent(app: TestApp) {
    let second = app.member("second", Role::Admin).await;
    app.member("admin", Role::Admin).await;
    second.post("/invitations", &json!({ "email": "kim@aldermoor.example", "role": "admin" })).await.is(202);
    // As if the role had gone by another way than these doors, so that the invitation is still there.
    let whom = id(&second).await;
    app.demote_directly(&whom).await;
    app.run_jobs().await;
    assert_eq!(app.mails(), 0);
}

// case A2
#[on_both_databases]
async fn an_invitation_of_one_council_opens_nothing_in_another_and_is_still_good_at_home(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    let other = app.other_council().await;
    admin.post("/invitations", &json!({ "email": "kim@aldermoor.example", "role": "officer" })).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail("kim@aldermoor.example");
    let elsewhere = Actor { base: format!("/v1/councils/{}", other.slug), ..app.visitor() };
    let theirs = elsewhere.post("/invitation-acceptances", &acceptance(&token)).await.refused(422, "link_invalid");
    let unknown =
        elsewhere.post("/invitation-acceptances", &acceptance("never-was-one")).await.refused(422, "link_invalid");
    let told = |answer: &crate::support::Answer| {
        let mut body = answer.json();
        body["instance"] = json!(null);
        body
    };
    assert_eq!(told(&theirs), told(&unknown));
    app.visitor().post("/invitation-acceptances", &acceptance(&token)).await.is(204);
    app.visitor().post("/invitation-acceptances", &acceptance(&token)).await.refused(422, "link_invalid");
    let log = admin.get("/audit-log").await.is(200).json();
    let told: Vec<&str> = log["items"].as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
    assert_eq!(told.len(), 2);
    assert!(told.contains(&"invitation.made") && told.contains(&"invitation.accepted"));
    assert!(!log.to_string().contains("kim@"), "{log}");
}

#[on_both_databases]
async fn an_open_invitation_is_listed_and_can_be_withdrawn(app: TestApp) {
    let admin = app.member("admin", Role::Admin).await;
    for (email, role) in [("kim@aldermoor.example", "officer"), ("lee@aldermoor.example", "analyst")] {
        admin.post("/invitations", &json!({ "email": email, "role": role })).await.is(202);
    }
    app.run_jobs().await;
    let listed = admin.get("/invitations").await.is(200).json();
    let kim = listed["items"].as_array().unwrap().iter().find(|one| one["email"] == "kim@aldermoor.example").unwrap();
    let path = format!("/invitations/{}", kim["id"].as_str().unwrap());
    assert_eq!(kim["invited_by"], id(&admin).await);
    admin.delete(&path).await.is(204);
    admin.delete(&path).await.is(404);
    let token = app.token_in_mail("kim@aldermoor.example");
    app.visitor().post("/invitation-acceptances", &acceptance(&token)).await.refused(422, "link_invalid");
    app.advance(days(7));
    let admin = app.signs_in("admin").await;
    assert_eq!(admin.get("/invitations").await.is(200).json()["items"], json!([]));
}

// case B17
