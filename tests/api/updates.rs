//! How it goes with a challenge, told by its council while it runs.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, days};

fn update(body: &str) -> Value {
    json!({ "title": "The counts are done", "body": body, "office": "Streets" })
}

fn path_of(challenge: &str, published: &Value) -> String {
    format!("/challenges/{challenge}/updates/{}", published["id"].as_str().unwrap())
}

async fn publishes(officer: &Actor, challenge: &str, wish: &Value) -> Value {
    officer.post(&format!("/challenges/{challenge}/updates"), wish).await.is(201).json()
}

#[on_both_databases]
async fn an_update_reaches_everybody_whom_the_challenge_concerns_once(app: TestApp) {
    let (challenge, other) = (app.open_challenge("post").await, app.open_challenge("post").await);
    let (ana, ben, cid) = (app.resident("ana").await, app.resident("ben").await, app.resident("cid").await);
    let officer = app.member("officer", Role::Officer).await;
    let idea = ana.submits("A crossing", &challenge).await;
    ana.submits("A bench", &challenge).await;
    ana.supports(&idea).await.is(201);
    ben.supports(&idea).await.is(201);
    cid.submits("A tree", &other).await;
    publishes(&officer, &challenge, &update("**2140** people cross.")).await;
    app.run_jobs().await;
    for (name, mails) in [("ana", 1), ("ben", 1), ("cid", 0), ("officer", 0)] {
        let told = app.mails_to(name).iter().filter(|text| text.contains("2140")).count();
        assert_eq!(told, mails, "{name}");
    }
    // What is not worth a mail is published without one.
    let quiet = json!({ "title": "A small thing", "body": "Paint.", "office": "Streets", "mail": false });
    assert_eq!(publishes(&officer, &challenge, &quiet).await["mailed"], false);
    app.run_jobs().await;
    assert!(!app.has_mail("Paint."));
    // It is public: as a list, in the feeds, on the pages and among the changes.
    let list = app.visitor().get(&format!("/challenges/{challenge}/updates")).await.is(200).json();
    let titles: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|one| one["title"].as_str().unwrap()).collect();
    assert_eq!(titles.len(), 2);
    assert!(
        app.visitor().get("/feedback.atom").await.is(200).text().contains("A better Mill Lane: The counts are done")
    );
    let said = app.visitor().get(&format!("/feedback?challenge={challenge}")).await.is(200).json();
    assert!(said["items"].as_array().unwrap().iter().all(|one| one["kind"] == "update" && one["answer"].is_null()));
    let changes = app.visitor().get("/changes").await.is(200).json();
    let told = changes["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "update.published").count();
    assert_eq!(told, 2);
    let page = app.call(app.visitor().absolute("GET", &format!("/councils/aldermoor/challenges/{challenge}"))).await;
    assert!(page.is(200).text().contains("The counts are done"));
}

#[on_both_databases]
async fn everybody_of_many_is_told_in_pieces(app: TestApp) {
    use folkmoot::accountability::audience::{Place, accounts_from};
    use folkmoot::platform::db::Id;
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    for n in 0..205 {
        app.resident(&format!("r{n}")).await.supports(&idea).await.is(201);
    }
    let (council, id): (Id, Id) = (app.council.id, challenge.parse().unwrap());
    let read = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
        let (mut pieces, mut from) = (Vec::new(), Some(Place::default()));
        while let Some(place) = from {
            let (accounts, next) = accounts_from(tx, council, id, place)?;
            pieces.push(accounts.len());
            from = next;
        }
        Ok(pieces)
    };
    assert_eq!(app.app.db.read(read).await.unwrap(), [1, 100, 100, 5]);
}

#[on_both_databases]
async fn an_update_is_put_right_in_public_and_never_edited(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    app.resident("ana").await.submits("A crossing", &challenge).await;
    let officer = app.member("officer", Role::Officer).await;
    let published = publishes(&officer, &challenge, &update("2140 people.")).await;
    let path = path_of(&challenge, &published);
    app.run_jobs().await;
    let mails = app.mails();
    let mut right = update("2410 people.");
    right["correction"] = json!("  ");
    officer.put(&path, &right).await.refused(428, "precondition_needed");
    let refused = officer.change("PUT", &path, &json!(1), &right).await.refused(422, "invalid").json();
    assert_eq!(refused["errors"][0]["pointer"], "/correction");
    right["correction"] = json!("Two digits were the wrong way round.");
    officer.change("PUT", &path, &json!(1), &right).await.is(200);
    officer.change("PUT", &path, &json!(1), &right).await.refused(412, "changed");
    app.run_jobs().await;
    assert_eq!(app.mails(), mails, "nobody is told of it again");
    let holds = app.visitor().get(&path).await.is(200).json();
    assert_eq!((&holds["revision"], &holds["body"]), (&json!(2), &json!("2410 people.")));
    let revisions = app.visitor().get(&format!("{path}/revisions")).await.is(200).json();
    let bodies: Vec<&Value> = revisions["items"].as_array().unwrap().iter().map(|one| &one["body"]).collect();
    assert_eq!(bodies, ["2410 people.", "2140 people."]);
    let page = app.call(app.visitor().absolute("GET", &format!("/councils/aldermoor{path}"))).await.is(200).text();
    assert!(page.contains("2410 people.") && page.contains("2140 people.") && page.contains("wrong way round"));
    assert!(!app.visitor().get("/feedback.atom").await.text().contains("2140"));
}

#[on_both_databases]
async fn updates_are_told_by_an_office_of_a_challenge_that_is_open_and_not_while_the_council_is_quiet(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (officer, admin) = (app.member("officer", Role::Officer).await, app.member("admin", Role::Admin).await);
    let updates = format!("/challenges/{challenge}/updates");
    app.resident("ana").await.post(&updates, &update("Text.")).await.refused(403, "forbidden");
    let nobodys = json!({ "title": "News", "body": "Text.", "office": "Nobody" });
    officer.post(&updates, &nobodys).await.refused(422, "invalid");
    admin.post("/offices", &json!({ "name": "Parks", "members": [] })).await.is(201);
    let others = json!({ "title": "News", "body": "Text.", "office": "Parks" });
    officer.post(&updates, &others).await.refused(403, "forbidden");
    let draft = crate::support::draft(app.app.db.clock().now(), "post");
    let drafted = officer.post("/challenges", &draft).await.is(201).json()["id"].take();
    let of_draft = format!("/challenges/{}/updates", drafted.as_str().unwrap());
    officer.post(&of_draft, &update("Text.")).await.refused(409, "wrong_state");
    app.visitor().get(&of_draft).await.refused(404, "not_found");
    // What is sent twice with one key is published once.
    let once = || officer.request("POST", &updates).insert_header(("Idempotency-Key", "a")).set_json(update("Once."));
    let (first, second) = (app.call(once()).await.is(201).json(), app.call(once()).await.is(201).json());
    assert_eq!(first, second);
    // After the challenge has closed there is still something to tell.
    officer.post(&format!("/challenges/{challenge}/close"), &json!({})).await.is(200);
    publishes(&officer, &challenge, &update("After.")).await;
    let period =
        json!({ "starts_on": "2027-03-02", "ends_on": "2027-03-10", "area": "Aldermoor", "ground": "Election." });
    admin.post("/quiet-periods", &period).await.is(201);
    app.advance(days(2));
    let officer = app.signs_in("officer").await;
    officer.post(&updates, &update("Quiet.")).await.is(202);
    let path = path_of(&challenge, &first);
    let mut right = update("Quiet.");
    right["correction"] = json!("A word.");
    officer.change("PUT", &path, &json!(1), &right).await.is(202);
    app.run_jobs().await;
    assert!(!app.has_mail("Quiet."));
    assert_eq!(app.visitor().get(&path).await.is(200).json()["revision"], 1);
}
