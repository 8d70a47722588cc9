//! What waits for one of the staff: theirs, not their colleagues', and by the clock of the council.

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, days};

async fn work(who: &Actor) -> Value {
    who.get("/me/work").await.is(200).json()
}

#[on_both_databases]
async fn everybody_of_the_staff_sees_what_waits_for_them_and_when(app: TestApp) {
    let challenge = app.open_challenge("pre").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let (mo, max) = (app.member("mo", Role::Moderator).await, app.member("max", Role::Moderator).await);
    let (otto, admin) = (app.member("otto", Role::Officer).await, app.member("ada", Role::Admin).await);
    let nothing = work(&mo).await;
    assert_eq!((&nothing["line"], &nothing["answers"]), (&json!("Nothing waits for you."), &Value::Null));
    ana.get("/me/work").await.refused(403, "forbidden");
    app.member("nan", Role::Analyst).await.get("/me/work").await.refused(403, "forbidden");

    // Forty-eight hours from Monday noon.
    let idea = ana.submits("A crossing", &challenge).await;
    app.advance(std::time::Duration::from_secs(1));
    ben.submits("A bench", &challenge).await;
    let both = work(&mo).await;
    assert_eq!((&both["cases"]["waiting"], &both["line"]), (&json!(2), &json!("next due 3 March")));
    assert_eq!(work(&otto).await["answers"]["waiting"], 0, "nobody sees it yet");
    let case = mo.get("/cases").await.json()["items"][0].take();
    let path = format!("/cases/{}", case["id"].as_str().unwrap());
    mo.change("PUT", &format!("{path}/claim"), &case["version"], &json!({})).await.is(200);
    assert_eq!((&work(&mo).await["claimed"], &work(&mo).await["cases"]["waiting"]), (&json!(1), &json!(2)));
    assert_eq!((&work(&max).await["claimed"], &work(&max).await["cases"]["waiting"]), (&json!(0), &json!(1)));
    mo.decides(&json!({ "decision": "publish" })).await.is(201);

    // What no office has is everybody's; what another office has is not.
    assert_eq!(work(&otto).await["answers"]["waiting"], 1);
    let due = otto.get("/me/work/answers").await.is(200).json();
    assert_eq!((&due["items"][0]["title"], &due["items"][0]["office"]), (&json!("A crossing"), &Value::Null));
    mo.get("/me/work/answers").await.refused(403, "forbidden");
    assert_eq!(work(&admin).await["cases"]["waiting"], 1);
    let parks = admin.post("/offices", &json!({ "name": "Parks" })).await.is(201).json();
    otto.put(&format!("{idea}/assignment"), &json!({ "office": parks["id"] })).await.is(200);
    assert_eq!(work(&otto).await["answers"]["waiting"], 0);
    assert_eq!(otto.get("/me/work/answers").await.is(200).json()["items"], json!([]));
    let highways = json!({ "name": "Highways", "members": [otto.get("/me").await.json()["id"]] });
    let highways = admin.post("/offices", &highways).await.is(201).json();
    otto.put(&format!("{idea}/assignment"), &json!({ "office": highways["id"] })).await.is(200);
    assert_eq!(otto.get("/me/work/answers").await.is(200).json()["items"][0]["office_name"], "Highways");

    // By the next evening it is late, and by the morning after it is due today.
    app.advance(days(2) - std::time::Duration::from_secs(3 * 3_600));
    let mo = app.signs_in("mo").await;
    assert_eq!(work(&mo).await["line"], "1 due today, next due 12:00");
    app.advance(std::time::Duration::from_secs(4 * 3_600));
    let mo = app.signs_in("mo").await;
    assert_eq!(work(&mo).await["line"], "1 overdue");
    let hide = json!({ "decision": "hide", "ground": "personal_data", "statement": "It gives a number." });
    mo.decides(&hide).await.is(201);
    let ben = app.signs_in("ben").await;
    let statement = ben.get("/me/statements").await.json()["items"][0]["id"].take();
    let appeal = format!("/me/statements/{}/appeal", statement.as_str().unwrap());
    ben.post(&appeal, &json!({ "text": "There is no number in it." })).await.is(201);
    // Whoever decided has no appeal to decide.
    assert_eq!(work(&app.signs_in("mo").await).await["line"], "Nothing waits for you.");
    let line = work(&app.signs_in("max").await).await["line"].take();
    assert!(line.as_str().unwrap().starts_with("1 appeal, next due"), "{line}");
}
