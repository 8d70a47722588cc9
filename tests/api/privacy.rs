//! What is kept of somebody: they get all of it, it goes when they go, and the rest goes by the clock.

use std::collections::BTreeSet;
use std::process::Command;

use folkmoot::platform::db::personal::{Kept, Of};
use folkmoot::platform::db::schema::HOLDINGS;
use folkmoot::vocabulary::Role;
use futures_util::future::join_all;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};

use crate::support::stored::{dump, texts};
use crate::support::{Actor, Answer, PASSWORD, Store, TestApp, database_empty, days};

fn proof() -> Value {
    json!({ "proof": { "password": PASSWORD } })
}

pub async fn leaves(who: &Actor, ideas: &str) -> Answer {
    who.post("/me/erasure", &json!({ "proof": { "password": PASSWORD }, "ideas": ideas })).await
}

fn holds(stored: &[u8], text: &str) -> bool {
    stored.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Somebody of whom a word is kept wherever a resident can leave one: `zanzibar`.
async fn somebody_everywhere(app: &TestApp, challenge: &str, other: &str) -> Actor {
    app.resident("zanzibar").await;
    let body = json!({ "email": "zanzibar@people.example", "password": PASSWORD, "device": "Zanzibar phone" });
    let session = app.visitor().post("/sessions", &body).await.is(201).json();
    let who = Actor { token: session["access_token"].as_str().map(str::to_owned), ..app.visitor() };
    let mine = who.submits("A zanzibar crossing", challenge).await;
    let idea = who.get(&mine).await.is(200).json();
    let change = json!({ "title": "A zanzibar crossing at Mill Lane", "body": "For zanzibar children." });
    who.change("PATCH", &mine, &idea["version"], &change).await.is(200);
    who.supports(other).await.is(201);
    who.put("/me/address", &json!({ "proof": proof()["proof"], "email": "zanzibar@elsewhere.example" })).await.is(202);
    app.visitor().post("/sign-in-codes", &json!({ "email": "zanzibar@people.example" })).await.is(202);
    app.run_jobs().await;
    who
}

// case G4
#[on_both_databases]
async fn a_resident_takes_a_copy_of_all_that_is_kept_of_them_and_of_nobody_else(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ben").await.submits("A bench of ben", &challenge).await;
    let ana = somebody_everywhere(&app, &challenge, &idea).await;
    ana.post("/me/data", &json!({ "proof": {} })).await.refused(422, "invalid");
    app.visitor().post("/me/data", &proof()).await.refused(401, "unauthenticated");
    let both = join_all([(); 2].map(|()| async { ana.post("/me/data", &proof()).await.is(200) })).await;
    let [one, other] = both.try_into().unwrap_or_else(|_| unreachable!());
    let (copy, text) = (one.json(), one.text());
    let kept = |copy: &Value| -> BTreeSet<String> {
        copy["kept"].as_array().unwrap().iter().map(|kept| kept["table"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kept(&copy), kept(&other.json()));
    for table in
        ["accounts", "sessions", "one_time_tokens", "voters", "supports", "ideas", "idea_revisions", "transitions"]
    {
        assert!(kept(&copy).contains(table), "{table} is not in {text}");
    }
    for known in ["zanzibar@people.example", "Zanzibar phone", "A zanzibar crossing at Mill Lane", "zanzibar@elsewhere"]
    {
        assert!(text.contains(known), "{known} is not in {text}");
    }
    // Ids, instants and yes or no read the same on both databases.
    let table =
        |name: &str| copy["kept"].as_array().unwrap().iter().find(|kept| kept["table"] == name).unwrap().clone();
    let account = table("accounts")["rows"][0].clone();
    assert_eq!(account["id"], copy["account"]);
    assert_eq!((&account["protected"], &account["age_band"]), (&json!(false), &Value::Null));
    assert_eq!((&account["profile_id"], &table("sessions")["rows"][0]["ended_at"]), (&Value::Null, &Value::Null));
    assert!(account["created_at"].as_str().unwrap().parse::<folkmoot::platform::db::Instant>().is_ok());
    assert_eq!(table("supports")["rows"][0]["idea_id"], json!(idea.trim_start_matches("/ideas/")));
    for foreign in ["ben", "argon2", "token_hash", "password_hash", "email_key@"] {
        assert!(!text.contains(foreign), "{foreign} is in {text}");
    }
}

// case G5
#[on_both_databases]
async fn whoever_leaves_is_nowhere_and_their_vote_stays_counted_and_nobodys(app: TestApp) {
    let (challenge, held) = (app.open_challenge("post").await, app.open_challenge("pre").await);
    let ben = app.resident("ben").await;
    let idea = ben.submits("A bench", &challenge).await;
    let ana = somebody_everywhere(&app, &challenge, &idea).await;
    ana.submits("Zanzibar waits", &held).await;
    let id = ana.get("/me").await.is(200).json()["id"].as_str().unwrap().to_owned();
    assert!(holds(&dump(&app).await, "anzibar"), "the word is there to be found");
    leaves(&ana, "withdraw").await.is(204);
    ana.get("/me").await.refused(401, "bad_token");
    assert_eq!(app.visitor().get(&idea).await.is(200).json()["supports"], 1);
    app.run_jobs().await;
    app.app.number_entries().await.unwrap();
    let gone = app.last_mail("zanzibar@people.example", "is erased");
    assert!(gone.contains("The texts of your ideas and comments are gone"), "{gone}");
    app.app.sweep().await.unwrap();
    let stored = dump(&app).await;
    let found = stored.to_ascii_lowercase().windows(8).position(|window| window == b"zanzibar");
    let around = found.map(|at| String::from_utf8_lossy(&stored[at.saturating_sub(80)..at + 80]).into_owned());
    assert_eq!(around, None, "after erasure");
    let votes = texts(&app, "SELECT CASE WHEN account_id IS NULL THEN 'cut' ELSE 'tied' END AS text FROM voters").await;
    assert_eq!(votes, ["cut"]);
    let journal = std::fs::read_to_string(app.app.config.data_dir.join("erasures.jsonl")).unwrap();
    assert!(journal.contains(&id) && !journal.contains("anzibar"), "{journal}");
    assert_eq!(texts(&app, "SELECT 'left' AS text FROM erasures").await, [""; 0]);
    // The queue has nothing left to decide, and whoever comes back is somebody else.
    let open = "SELECT i.title AS text FROM cases c JOIN ideas i ON i.council_id = c.council_id AND i.id = c.idea_id \
                WHERE c.state = 'open'";
    assert_eq!(texts(&app, open).await, ["A bench"]);
    let again = app.resident("zanzibar").await;
    again.supports(&idea).await.is(201);
    assert_eq!(again.get("/me").await.json()["version"], 1);
}

// case G5
#[on_both_databases]
async fn public_ideas_stay_without_a_name_or_go_as_their_author_wishes(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let (stays, goes) = (ana.submits("A crossing", &challenge).await, ben.submits("A bench", &challenge).await);
    ben.supports(&stays).await.is(201);
    ana.supports(&goes).await.is(201);
    assert_eq!(app.visitor().get(&stays).await.json()["author"]["display_name"], "ana");
    leaves(&ana, "anonymise").await.is(204);
    leaves(&ben, "withdraw").await.is(204);
    let idea = app.visitor().get(&stays).await.is(200).json();
    assert_eq!((&idea["author"], &idea["title"], &idea["supports"]), (&Value::Null, &json!("A crossing"), &json!(1)));
    app.visitor().get(&goes).await.refused(404, "not_found");
    let list = app.visitor().get(&format!("/challenges/{challenge}/ideas")).await.is(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    app.app.number_entries().await.unwrap();
    let news = app.visitor().get("/changes").await.is(200).json();
    let told = |kind: &str| news["items"].as_array().unwrap().iter().filter(|one| one["kind"] == kind).count();
    assert_eq!((told("idea.anonymised"), told("idea.taken_down")), (1, 1), "mirrors are told");
}

#[on_both_databases]
async fn what_was_done_in_office_stays_and_the_last_admin_cannot_go(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A crossing", &challenge).await;
    let olga = app.member("olga", Role::Officer).await;
    let answer = json!({ "kind": "accepted", "reason": "We shall build it.", "office": "Streets" });
    olga.answers(&idea, &answer).await.is(201);
    leaves(&olga, "anonymise").await.is(204);
    assert_eq!(app.visitor().get(&idea).await.json()["status"], "accepted");
    let left = texts(&app, "SELECT email || display_name || role AS text FROM accounts WHERE state = 'erased'").await;
    assert_eq!(left, ["resident"]);
    app.member("olga", Role::Officer).await;
    let (ada, eve) = (app.member("ada", Role::Admin).await, app.member("eve", Role::Admin).await);
    leaves(&ada, "anonymise").await.is(204);
    leaves(&eve, "anonymise").await.refused(409, "last_admin");
    let events = eve.get("/audit-log?action=account.erased").await.is(200).json();
    assert_eq!(events["items"].as_array().unwrap().len(), 2);
}

// case C6
#[on_both_databases]
async fn nothing_of_somebody_is_left_over_where_they_write_while_they_go(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ben").await.submits("A bench", &challenge).await;
    for round in 0..4 {
        let ana = app.resident(&format!("ana{round}")).await;
        let body = json!({ "title": "A lamp", "body": "" });
        let (ideas, erasure) = (format!("/challenges/{challenge}/ideas"), leaves(&ana, "withdraw"));
        let (supported, gone, submitted) = futures_util::join!(ana.supports(&idea), erasure, ana.post(&ideas, &body));
        gone.is(204);
        for answer in [supported, submitted] {
            assert!([201, 401, 404, 409].contains(&answer.status), "{}", answer.text());
        }
    }
    let tied = "SELECT 'tied' AS text FROM voters WHERE account_id IS NOT NULL UNION ALL \
                SELECT 'tied' FROM ideas WHERE author_id IS NOT NULL AND title <> 'A bench'";
    assert_eq!(texts(&app, tied).await, [""; 0]);
    let counted = texts(&app, "SELECT CAST(count(*) AS TEXT) AS text FROM supports").await;
    assert_eq!(app.visitor().get(&idea).await.json()["supports"].to_string(), counted[0]);
}

// cases G5, H11
#[on_both_databases]
async fn a_restored_backup_brings_nobody_back(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ben").await.submits("A bench", &challenge).await;
    let ana = somebody_everywhere(&app, &challenge, &idea).await;
    let place = tempfile::tempdir().unwrap();
    let (file, data_dir) = (place.path().join("one.backup"), place.path().join("data"));
    let folkmoot = |arguments: &[&str], database: &str, data_dir: &std::path::Path| {
        let command = Command::new(env!("CARGO_BIN_EXE_folkmoot"))
            .args(arguments)
            .args(["--database-url", database, "--data-dir"])
            .arg(data_dir)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&command.stdout).into_owned();
        assert!(command.status.success(), "{said}{}", String::from_utf8_lossy(&command.stderr));
        said
    };
    let file = file.to_str().unwrap();
    folkmoot(&["backup", file], &app.database_url, &app.app.config.data_dir);
    leaves(&ana, "withdraw").await.is(204);
    let store = if app.database_url.starts_with("sqlite:") { Store::Sqlite } else { Store::Postgres };
    let empty = database_empty(store, place.path()).unwrap();
    let said = folkmoot(&["restore", file], &empty, &data_dir);
    assert!(said.contains("erasures.jsonl"), "{said}");
    let restored = app.with(|config| {
        config.location = folkmoot::platform::db::Location::parse(&empty).unwrap();
        config.data_dir.clone_from(&data_dir);
    });
    let mut restored = restored.await;
    restored.database_url.clone_from(&empty);
    assert!(holds(&dump(&restored).await, "anzibar"), "the backup has brought her back");
    let journal = app.app.config.data_dir.join("erasures.jsonl");
    let said = folkmoot(&["privacy", "replay", journal.to_str().unwrap()], &empty, &data_dir);
    assert!(said.contains("1 account(s) were back"), "{said}");
    assert!(!holds(&dump(&restored).await, "anzibar@"), "she is gone again");
    assert_eq!(restored.visitor().get(&idea).await.is(200).json()["supports"], 1);
    let said = folkmoot(&["privacy", "replay"], &empty, &data_dir);
    assert!(said.contains("1 erasure(s) in the journal; 0 account(s)"), "{said}");
}

#[on_both_databases]
async fn an_operator_erases_somebody_who_asks_by_letter(app: TestApp) {
    app.resident("ana").await;
    let erase = |email: &str| {
        Command::new(env!("CARGO_BIN_EXE_folkmoot"))
            .args(["privacy", "erase", "--council", &app.council.slug, "--email", email, "--ideas", "withdraw"])
            .args(["--database-url", &app.database_url, "--data-dir"])
            .arg(&app.app.config.data_dir)
            .output()
            .unwrap()
    };
    let nobody = erase("nobody@people.example");
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("account of this address"), "{nobody:?}");
    assert!(erase("Ana@people.example").status.success());
    assert_eq!(texts(&app, "SELECT email AS text FROM accounts").await, [""; 0]);
}

// case G6
#[on_both_databases]
async fn guests_are_forgotten_a_year_after_their_challenge_and_their_vote_stays(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ben").await.submits("A bench", &challenge).await;
    let body = json!({ "email": "gwen@people.example" });
    app.visitor().post(&format!("/challenges/{challenge}/participations"), &body).await.is(202);
    app.run_jobs().await;
    let token = app.token_in_mail("gwen@people.example");
    let session = app.visitor().post("/participations/redeem", &json!({ "token": token })).await.is(201).json();
    let gwen = Actor { token: session["access_token"].as_str().map(str::to_owned), ..app.visitor() };
    gwen.supports(&idea).await.is(201);
    let guests = "SELECT email AS text FROM accounts WHERE kind = 'ephemeral'";
    app.advance(days(30 + 364));
    app.app.sweep().await.unwrap();
    assert_eq!(texts(&app, guests).await, ["gwen@people.example"]);
    app.advance(days(2));
    join_all([app.app.sweep(), app.app.sweep()]).await.into_iter().collect::<Result<Vec<()>, _>>().unwrap();
    assert_eq!(texts(&app, guests).await, [""; 0]);
    assert_eq!(app.visitor().get(&idea).await.json()["supports"], 1);
}

// case G6
#[on_both_databases]
async fn what_is_kept_for_a_time_is_gone_when_it_is_over(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ben").await.submits("A bench", &challenge).await;
    let ana = somebody_everywhere(&app, &challenge, &idea).await;
    let wish = json!({ "email": "uma@people.example", "password": PASSWORD, "display_name": "Uma" });
    app.visitor().post("/accounts", &wish).await.is(202);
    let admin = app.member("ada", Role::Admin).await;
    admin.post("/invitations", &json!({ "email": "moe@people.example", "role": "moderator" })).await.is(202);
    let id = ana.get("/me").await.json()["id"].as_str().unwrap().to_owned();
    app.suspends(&admin, &id, "For a test of clocks.").await.is(201);
    admin.delete(&format!("/accounts/{id}/suspension")).await.is(204);
    app.run_jobs().await;
    let clocks: Vec<_> = HOLDINGS
        .iter()
        .filter_map(
            |one| if let Kept::Hours { after, hours } = one.kept { Some((one.table, after, hours)) } else { None },
        )
        .collect();
    let count = async |table: &str, after: &str| {
        let condition = after.rsplit_once(" AND ").map_or("1 = 1", |(condition, _)| condition);
        let rows = format!("SELECT CAST(count(*) AS TEXT) AS text FROM {table} WHERE {condition}");
        texts(&app, &rows).await[0].parse::<i64>().unwrap()
    };
    let mut tried = BTreeSet::new();
    for (table, after, _) in &clocks {
        if count(table, after).await > 0 {
            tried.insert(*table);
        }
    }
    for table in ["accounts", "sessions", "one_time_tokens", "jobs", "invitations", "sanctions"] {
        assert!(tried.contains(table), "there is nothing in {table} to be forgotten");
    }
    app.advance(days(3 * 366));
    app.app.sweep().await.unwrap();
    app.app.sweep().await.unwrap();
    for (table, after, _) in &clocks {
        assert_eq!(count(table, after).await, 0, "{table}");
    }
}

/// What names an account, by the database's own word, is in the classification as well: nothing that refers to somebody is
/// kept when they go because its room forgot to say so.
#[on_both_databases]
async fn every_reference_to_an_account_says_what_becomes_of_it(app: TestApp) {
    let references = if app.database_url.starts_with("sqlite:") {
        "SELECT m.name || '.' || f.\"from\" AS text FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f \
         WHERE f.\"table\" = 'accounts' AND f.\"to\" = 'id'"
    } else {
        "SELECT c.conrelid::regclass::text || '.' || a.attname AS text FROM pg_constraint c \
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) \
         WHERE c.contype = 'f' AND c.confrelid = 'accounts'::regclass AND a.attname <> 'council_id'"
    };
    let named: BTreeSet<String> = texts(&app, references).await.into_iter().collect();
    assert!(named.contains("sessions.account_id"), "{named:?}");
    let mut told = BTreeSet::new();
    for holding in HOLDINGS {
        for of in holding.of {
            if let Of::Goes(column) | Of::Cut(column) | Of::Office(column) | Of::Stays(column) = of {
                told.insert(format!("{}.{column}", holding.table));
            }
        }
    }
    assert!(named.is_subset(&told), "{:?}", named.difference(&told));
    // And a column of that name is spoken for even where no foreign key says so.
    for holding in HOLDINGS {
        for column in holding.columns.iter().filter(|column| column.name == "account_id") {
            let spoken_for =
                told.contains(&format!("{}.{}", holding.table, column.name)) || holding.table == "erasures";
            assert!(spoken_for, "{}.account_id", holding.table);
        }
    }
}
