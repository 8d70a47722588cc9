//! Residents show that they live here; what they state is compared and thrown away, and nobody is counted twice.

use diesel::RunQueryDsl as _;
use folkmoot::people::verification::rules::register_hash;
use folkmoot::platform::db::{Conn, Id};
use folkmoot::vocabulary::Role;
use futures_util::future::join_all;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, days, draft, promise};

/// The codes of a fresh batch of letters to Mill.
async fn letters(admin: &Actor, n: u32) -> Vec<String> {
    let body = json!({ "wards": [{ "ward": "Mill", "letters": n }], "good_for_days": 30 });
    let made = admin.post("/verification/letters", &body).await.is(201);
    let csv = made.json()["csv"].as_str().unwrap().to_owned();
    csv.lines().skip(1).map(|line| line.strip_suffix(",Mill").unwrap().to_owned()).collect()
}

/// An open challenge for those whom `eligibility` names.
async fn challenge_for(app: &TestApp, eligibility: &Value) -> String {
    // The house is in order once one challenge has opened.
    app.open_challenge("post").await;
    let officer = officer_of(app).await;
    let now = app.app.db.clock().now();
    let mut wish = draft(now, "post");
    wish["eligibility"] = eligibility.clone();
    let drafted = officer.post("/challenges", &wish).await.is(201).json();
    let path = format!("/challenges/{}", drafted["id"].as_str().unwrap());
    officer.change("PUT", &format!("{path}/promise"), &json!(1), &promise(now)).await.is(200);
    app.accept_promise(&drafted["id"]).await;
    officer.post(&format!("{path}/open"), &json!({})).await.is(200);
    drafted["id"].as_str().unwrap().to_owned()
}

async fn officer_of(app: &TestApp) -> Actor {
    app.member(&format!("officer-{}", Id::random()), Role::Officer).await
}

#[derive(diesel::QueryableByName)]
struct Stored {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// All that the database holds, but for the council's own list of postcodes.
async fn everything_stored(app: &TestApp) -> String {
    let read = app.app.db.read(|tx| {
        let sqlite = matches!(&**tx, Conn::Sqlite(_));
        let tables = match sqlite {
            true => "SELECT name AS text FROM sqlite_master WHERE type = 'table'",
            false => "SELECT table_name::text AS text FROM information_schema.tables WHERE table_schema = 'public'",
        };
        let mut whole = String::new();
        let tables: Vec<Stored> = diesel::sql_query(tables).load(&mut **tx)?;
        for table in tables.into_iter().map(|one| one.text).filter(|table| table != "area_postcodes") {
            let row = if sqlite {
                let columns =
                    "SELECT group_concat('quote(' || name || ')', ' || '' '' || ') AS text FROM pragma_table_info";
                diesel::sql_query(format!("{columns}('{table}')")).get_result::<Stored>(&mut **tx)?.text
            } else {
                "t::text".to_owned()
            };
            let all = if sqlite { "group_concat" } else { "string_agg" };
            let rows = format!("SELECT coalesce({all}({row}, ' '), '') AS text FROM {table} t");
            whole += &diesel::sql_query(rows).get_result::<Stored>(&mut **tx)?.text;
        }
        Ok(whole)
    });
    read.await.unwrap()
}

/// How many codes of letters are kept, good or not.
async fn codes_kept(app: &TestApp) -> usize {
    let codes = "SELECT code_mac AS text FROM letter_codes";
    app.app.db.read(move |tx| Ok(diesel::sql_query(codes).load::<Stored>(&mut **tx)?.len())).await.unwrap()
}

async fn logged(admin: &Actor, action: &str) -> Value {
    admin.get(&format!("/audit-log?action={action}")).await.is(200).json()["items"][0].take()
}

async fn change_stored(app: &TestApp, statement: &'static str) {
    app.app.db.write(move |tx| Ok(diesel::sql_query(statement).execute(&mut **tx)?)).await.unwrap();
}

async fn states(actor: &Actor, method: &str, body: &Value) -> crate::support::Answer {
    actor.post(&format!("/me/verification/{method}"), body).await
}

#[on_both_databases]
async fn a_resident_is_verified_by_a_postcode_of_the_councils_list_and_the_postcode_is_not_kept(app: TestApp) {
    let (admin, ana) = (app.member("ada", Role::Admin).await, app.resident("ana").await);
    assert_eq!(ana.get("/me/verification").await.is(200).json()["verified"], false);
    states(&ana, "postcode_list", &json!({ "postcode": "AB1 2CD" })).await.refused(422, "not_verified");
    let list = json!({ "replace": true, "wards": [{ "ward": "Mill", "postcodes": ["AB1 2CD", "AB1 2CE"] }, { "ward": "Hill", "postcodes": ["ab19zz"] }] });
    assert_eq!(admin.put("/verification/postcodes", &list).await.is(200).json()["postcodes"], 3);
    let shown = states(&ana, "postcode_list", &json!({ "postcode": "ab1 2cd" })).await.is(200).json();
    assert_eq!(
        (&shown["verified"], &shown["method"], &shown["ward"]),
        (&json!(true), &json!("postcode_list"), &json!("Mill"))
    );
    states(&ana, "postcode_list", &json!({ "postcode": "ZZ9 9ZZ" })).await.refused(422, "not_verified");
    assert_eq!(ana.get("/me/verification").await.is(200).json(), shown, "a wrong try takes nothing away");
    let dump = everything_stored(&app).await.to_lowercase();
    assert!(dump.contains("postcode_list"), "how it was shown is kept");
    for stated in ["ab12cd", "ab1 2cd", "zz99zz", "zz9 9zz"] {
        assert!(!dump.contains(stated), "{stated} is kept");
    }
    let told = logged(&admin, "postcodes.uploaded").await;
    assert_eq!(told["after"], json!({ "postcodes": 3, "replace": true }));
    app.advance(days(731));
    let ana = app.signs_in("ana").await;
    assert_eq!(ana.get("/me/verification").await.is(200).json()["verified"], false, "people move");
    for faulty in [json!({ "ward": "=1", "postcodes": [] }), json!({ "ward": "Mill", "postcodes": ["?"] })] {
        let admin = app.signs_in("ada").await;
        admin.put("/verification/postcodes", &json!({ "wards": [faulty] })).await.refused(422, "invalid");
    }
}

// case B9
#[on_both_databases]
async fn a_code_from_a_letter_is_good_once_and_for_a_time_and_only_in_its_council(app: TestApp) {
    let (admin, ana, ben) =
        (app.member("ada", Role::Admin).await, app.resident("ana").await, app.resident("ben").await);
    let codes = letters(&admin, 2).await;
    assert_ne!(codes[0], codes[1]);
    let typed = json!({ "code": codes[0].to_lowercase().replace('-', " ") });
    let other = app.other_council().await;
    let stranger = app.member_of(&other, "stranger", Role::Resident).await;
    states(&stranger, "code_letter", &typed).await.refused(422, "not_verified");
    let shown = states(&ana, "code_letter", &typed).await.is(200).json();
    assert_eq!((&shown["method"], &shown["ward"]), (&json!("code_letter"), &json!("Mill")));
    states(&ben, "code_letter", &typed).await.refused(422, "not_verified");
    states(&ana, "code_letter", &typed).await.refused(422, "not_verified");
    assert_eq!(ana.get("/me/verification").await.json(), shown);
    assert_eq!(admin.get("/verification").await.is(200).json()["codes"], 1);
    assert_eq!(logged(&admin, "letters.made").await["after"]["letters"], 2);
    app.app.sweep().await.unwrap();
    assert_eq!(codes_kept(&app).await, 2, "they are good still, or say that they were used");
    app.advance(days(31));
    let ben = app.signs_in("ben").await;
    states(&ben, "code_letter", &json!({ "code": codes[1] })).await.refused(422, "not_verified");
    app.app.sweep().await.unwrap();
    assert_eq!(codes_kept(&app).await, 0);
}

// cases B6, B9, C1
#[on_both_databases]
async fn of_many_who_come_with_one_letter_at_once_exactly_one_is_verified(app: TestApp) {
    let admin = app.member("ada", Role::Admin).await;
    let code = letters(&admin, 1).await.remove(0);
    let mut people = Vec::new();
    for n in 0..16 {
        people.push(app.resident(&format!("resident{n}")).await);
    }
    let body = json!({ "code": code });
    let answers = join_all(people.iter().map(|person| states(person, "code_letter", &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.json()["code"], "not_verified");
    }
}

// cases B6, C1
#[on_both_databases]
async fn one_entry_of_the_register_is_one_account_and_what_was_stated_stands_nowhere(app: TestApp) {
    let admin = app.member("ada", Role::Admin).await;
    let key = admin.get("/verification/register-key").await.is(200).json()["key"].as_str().unwrap().to_owned();
    let hash = register_hash(&key, "O'Brien", "1980-02-29", "AB1 2CD");
    let list = json!({ "replace": true, "wards": [{ "ward": "Hill", "hashes": [hash] }] });
    assert_eq!(admin.put("/verification/register", &list).await.is(200).json()["register_entries"], 1);
    assert_eq!(logged(&admin, "register.uploaded").await["after"], json!({ "entries": 1, "replace": true }));
    let mut people = Vec::new();
    for n in 0..16 {
        people.push(app.resident(&format!("resident{n}")).await);
    }
    let facts = json!({ "surname": "OBRIEN", "birth_date": "1980-02-29", "postcode": "ab12cd" });
    let answers = join_all(people.iter().map(|person| states(person, "register_match", &facts))).await;
    let first = answers.iter().position(|answer| answer.status == 200).unwrap();
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert_eq!(answers[first].json()["ward"], "Hill");
    states(&people[first], "register_match", &facts).await.is(200);
    let wrong = json!({ "surname": "OBRIEN", "birth_date": "1980-02-28", "postcode": "ab12cd" });
    states(&people[first], "register_match", &wrong).await.refused(422, "not_verified");
    let dump = everything_stored(&app).await;
    for stated in ["obrien", "o'brien", "1980-02-29", "ab12cd", "ab1 2cd", hash.as_str()] {
        assert!(!dump.to_lowercase().contains(stated), "{stated} is kept");
    }
    // Whoever has it now, and does not show it again, keeps nobody else out for ever.
    app.advance(days(731));
    let second = app.signs_in(&format!("resident{}", usize::from(first == 0))).await;
    states(&second, "register_match", &facts).await.is(200);
}

// case B9
#[actix_web::test]
async fn whoever_guesses_has_few_tries() {
    let app = TestApp::start_with(crate::support::Store::Sqlite, |config| config.limits = true).await.unwrap();
    let ana = app.resident("ana").await;
    for _ in 0..5 {
        states(&ana, "code_letter", &json!({ "code": "0000-0000-0000" })).await.refused(422, "not_verified");
    }
    states(&ana, "code_letter", &json!({ "code": "0000-0000-0000" })).await.refused(429, "too_many_requests");
}

#[on_both_databases]
async fn an_office_says_whom_it_has_seen(app: TestApp) {
    let admin = app.member("ada", Role::Admin).await;
    let office = admin.post("/offices", &json!({ "name": "Mill Lane Library" })).await.is(201).json();
    let (officer, ana) = (app.member("otto", Role::Officer).await, app.resident("ana").await);
    let seen = json!({ "email": "Ana@people.example", "office": "Mill Lane Library", "ward": "Mill" });
    let shown = officer.post("/verifications", &seen).await.is(201).json();
    assert_eq!(ana.get("/me/verification").await.is(200).json(), shown);
    assert_eq!((&shown["method"], &shown["office"]), (&json!("in_person"), &json!("Mill Lane Library")));
    let told = logged(&admin, "resident.verified").await;
    assert_eq!(told["actor"]["id"], officer.get("/me").await.json()["id"]);
    assert_eq!(told["subject"], ana.get("/me").await.json()["id"]);
    assert_eq!(told["after"], json!({ "office": office["id"] }));
    // Nobody says so for an office that is not theirs, or that there is not.
    let made = json!({ "name": "Harbour Office", "members": [] });
    admin.post("/offices", &made).await.is(201);
    let elsewhere = json!({ "email": "ana@people.example", "office": "Harbour Office" });
    officer.post("/verifications", &elsewhere).await.refused(403, "forbidden");
    let invented = json!({ "email": "ana@people.example", "office": "The Moon" });
    officer.post("/verifications", &invented).await.refused(422, "invalid");
    ana.post("/verifications", &seen).await.refused(403, "forbidden");
    let nobody = json!({ "email": "nobody@people.example", "office": "Mill Lane Library" });
    officer.post("/verifications", &nobody).await.refused(404, "not_found");
    officer
        .post("/verifications", &json!({ "email": "?", "office": "Mill Lane Library", "ward": "=x" }))
        .await
        .refused(422, "invalid");
}

#[on_both_databases]
async fn only_those_named_by_the_rules_have_a_say_and_are_told_what_would_help(app: TestApp) {
    let challenge = challenge_for(&app, &json!({ "verified": true, "wards": ["Mill"] })).await;
    assert_eq!(
        app.visitor().get(&format!("/challenges/{challenge}")).await.json()["eligibility"]["wards"],
        json!(["Mill"])
    );
    let officer = officer_of(&app).await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    // Ideas may come from everybody here.
    let idea = ana.submits("A crossing", &challenge).await;
    let refused = ben.supports(&idea).await.refused(409, "not_eligible");
    assert_eq!(refused.json()["fix"], "verify_residency");
    let id = idea.trim_start_matches("/ideas/");
    let state = ben.get(&format!("/me/state?ideas={id}&challenges={challenge}")).await.is(200).json();
    for can in [&state["ideas"][0]["can"]["support"], &state["challenges"][0]["can"]["support"]] {
        assert_eq!((&can["code"], &can["fix"]), (&json!("not_eligible"), &json!("verify_residency")));
    }
    let seen = |ward: &str| json!({ "email": "ben@people.example", "office": "Streets", "ward": ward });
    officer.post("/verifications", &seen("Hill")).await.is(201);
    assert!(ben.supports(&idea).await.refused(409, "not_eligible").json().get("fix").is_none());
    officer.post("/verifications", &seen("Mill")).await.is(201);
    ben.supports(&idea).await.is(201);
    assert_eq!(app.visitor().get(&idea).await.json()["supports"], 1);
    // Who has no say any more may still take it back.
    officer.post("/verifications", &seen("Hill")).await.is(201);
    ben.supports(&idea).await.refused(409, "not_eligible");
    assert_eq!(ben.delete(&format!("{idea}/support")).await.is(200).json()["supports"], 0);
    let strict = challenge_for(&app, &json!({ "verified": true, "to_submit": true })).await;
    let body = json!({ "title": "A bench", "body": "" });
    ana.post(&format!("/challenges/{strict}/ideas"), &body).await.refused(409, "not_eligible");
    ben.post(&format!("/challenges/{strict}/ideas"), &body).await.is(201);
}

// case C15
#[on_both_databases]
async fn an_entry_has_one_say_in_a_challenge_even_when_the_account_that_had_it_is_gone(app: TestApp) {
    let challenge = challenge_for(&app, &json!({ "verified": true })).await;
    let admin = app.member("ada", Role::Admin).await;
    let key = admin.get("/verification/register-key").await.is(200).json()["key"].as_str().unwrap().to_owned();
    let hash = register_hash(&key, "Brien", "1980-02-29", "AB1 2CD");
    admin.put("/verification/register", &json!({ "wards": [{ "hashes": [hash] }] })).await.is(200);
    let facts = json!({ "surname": "Brien", "birth_date": "1980-02-29", "postcode": "AB1 2CD" });
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let idea = ben.submits("A crossing", &challenge).await;
    states(&ana, "register_match", &facts).await.is(200);
    ana.supports(&idea).await.is(201);
    // What erasing the account leaves: a voter without one.
    change_stored(&app, "UPDATE voters SET account_id = NULL").await;
    change_stored(&app, "DELETE FROM verifications").await;
    states(&ben, "register_match", &facts).await.is(200);
    ben.supports(&idea).await.refused(409, "already_voted");
    let public = app.visitor().get(&idea).await.is(200);
    assert_eq!(public.json()["supports"], 1);
    assert!(!public.text().contains("register"), "who had their say, and by what, is nobody's to read");
}
