//! What a court is given of a challenge.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use folkmoot::vocabulary::Role;
use on_both_databases::on_both_databases;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{TestApp, days};

/// As many as the largest council has in a challenge in the long run (`just long`), fewer otherwise.
const MANY: usize = if cfg!(debug_assertions) { 450 } else { 20_000 };

struct Bundle {
    bytes: Vec<u8>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Bundle {
    async fn of(app: &TestApp, challenge: &str) -> Self {
        let answer = app.visitor().get(&format!("/challenges/{challenge}/decision-bundle.zip")).await.is(200);
        assert_eq!(answer.header("content-type"), Some("application/zip"));
        let mut archive = zip::ZipArchive::new(Cursor::new(answer.body.clone())).unwrap();
        let mut files = BTreeMap::new();
        for n in 0..archive.len() {
            let mut file = archive.by_index(n).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            files.insert(file.name().unwrap().into_owned(), content);
        }
        Self { bytes: answer.body, files }
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.files[name].clone()).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.files["bundle.json"]).unwrap()
    }

    fn table(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_reader(self.files[&format!("csv/{name}.csv")].as_slice())
            .deserialize()
            .map(Result::unwrap)
            .collect()
    }
}

/// A challenge with an idea that was answered, and one that was hidden.
async fn a_challenge(app: &TestApp) -> (String, String, String) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let officer = app.member("officer", Role::Officer).await;
    let (kept, hidden) = (ana.submits("=A crossing", &challenge).await, ben.submits("Ben's secret", &challenge).await);
    ben.supports(&kept).await.is(201);
    officer
        .answers(&kept, &json!({ "kind": "accepted", "office": "Streets", "reason": "Yes.\n\nIt \"will\" be, soon." }))
        .await
        .is(201);
    let commitment = json!({ "what": "Paint it", "office": "Streets", "due_on": "2027-10-01" });
    let made = officer.post(&format!("{kept}/commitments"), &commitment).await.is(201).json();
    let step = json!({ "title": "Drawn", "planned_on": "2027-06-01" });
    officer.post(&format!("/commitments/{}/milestones", made["id"].as_str().unwrap()), &step).await.is(201);
    let update = json!({ "title": "Counted", "body": "2140", "office": "Streets", "mail": false });
    let update = officer.post(&format!("/challenges/{challenge}/updates"), &update).await.is(201).json();
    let right = json!({ "title": "Counted", "body": "2410", "office": "Streets", "correction": "Digits." });
    let path = format!("/challenges/{challenge}/updates/{}", update["id"].as_str().unwrap());
    officer.change("PUT", &path, &json!(1), &right).await.is(200);
    let said = format!("{kept}/comments");
    for body in ["=1+1, ana thinks", "Ana's slip"] {
        ana.post(&said, &json!({ "body": body, "stance": "for" })).await.is(201);
        app.advance(std::time::Duration::from_secs(1));
    }
    let moderator = app.member("moderator", Role::Moderator).await;
    let slip = app.visitor().get(&format!("{said}?sort=newest")).await.is(200).json()["items"][0]["id"].take();
    let case = moderator.post(&format!("/comments/{}/cases", slip.as_str().unwrap()), &json!({})).await.json();
    let hide = json!({ "decision": "hide", "ground": "personal_data", "statement": "It tells of the neighbour." });
    moderator
        .change("POST", &format!("/cases/{}/decision", case["id"].as_str().unwrap()), &case["version"], &hide)
        .await
        .is(201);
    let case = moderator.get("/cases?limit=100").await.is(200).json();
    let case = case["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| hidden.ends_with(one["idea"].as_str().unwrap()))
        .unwrap()
        .clone();
    let hide = json!({ "decision": "hide", "ground": "personal_data", "statement": "It tells of the neighbour." });
    moderator
        .change("POST", &format!("/cases/{}/decision", case["id"].as_str().unwrap()), &case["version"], &hide)
        .await
        .is(201);
    officer.post(&format!("/challenges/{challenge}/close"), &json!({})).await.is(200);
    let outcome = json!({ "summary": "One crossing.", "ideas": [{ "idea": kept.trim_start_matches("/ideas/"),
        "what_became_of_it": "Being built." }], "themes": [{ "title": "Crossing", "heard": "Too fast.", "effect": "changed",
        "how": "It is first." }] });
    officer.put(&format!("/challenges/{challenge}/outcome"), &outcome).await.is(201);
    (challenge, kept, hidden)
}

#[on_both_databases]
async fn a_bundle_says_all_that_is_public_in_two_forms_and_its_sums_are_right(app: TestApp) {
    let (challenge, kept, hidden) = a_challenge(&app).await;
    let bundle = Bundle::of(&app, &challenge).await;
    for line in bundle.text("SHA256SUMS").lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        assert_eq!(sum, hex::encode(Sha256::digest(&bundle.files[name])), "{name}");
    }
    assert_eq!(bundle.text("SHA256SUMS").lines().count(), bundle.files.len() - 1);
    let whole = bundle.json();
    let readme = bundle.text("README.txt");
    // Each list is a table too, row for row and column for column, and each is explained.
    for (name, rows) in whole.as_object().unwrap().iter().filter(|(name, _)| *name != "format") {
        let (rows, table) = (rows.as_array().unwrap(), bundle.table(name));
        assert_eq!(rows.len(), table.len(), "{name}");
        assert!(
            !rows.is_empty() || ["promise_pauses", "merges", "merged_ideas"].contains(&name.as_str()),
            "{name} is empty"
        );
        assert!(readme.contains(&format!("csv/{name}.csv")));
        for (row, line) in rows.iter().zip(&table) {
            for (column, value) in row.as_object().unwrap() {
                let told = match value {
                    Value::Null => String::new(),
                    Value::String(text) if text.starts_with('=') => format!("'{text}"),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                assert_eq!(line[column], told, "{name}.{column}");
                assert!(readme.contains(&format!("  {column}: ")), "{column} is not explained");
            }
        }
    }
    let idea = |path: &str| {
        whole["ideas"]
            .as_array()
            .unwrap()
            .iter()
            .find(|one| path.ends_with(one["id"].as_str().unwrap()))
            .unwrap()
            .clone()
    };
    assert_eq!(
        (&idea(&kept)["title"], &idea(&kept)["author_name"], &idea(&kept)["supports"]),
        (&json!("=A crossing"), &json!("ana"), &json!(1))
    );
    assert_eq!(
        (&idea(&hidden)["state"], &idea(&hidden)["title"], &idea(&hidden)["author_name"]),
        (&json!("hidden"), &Value::Null, &Value::Null)
    );
    assert_eq!(whole["decisions"][0]["ground"], "personal_data");
    let bodies: Vec<&Value> = whole["updates"].as_array().unwrap().iter().map(|one| &one["body"]).collect();
    assert_eq!(bodies, ["2140", "2410"]);
    // Neither what is hidden nor who acted nor where anybody is written to.
    for (name, content) in &bundle.files {
        let text = String::from_utf8_lossy(content);
        for secret in [
            "Ben's secret",
            "Ana's slip",
            "ben\"",
            "neighbour",
            "@people.example",
            "@aldermoor.example",
            "officer",
            "moderator0",
        ] {
            assert!(!text.contains(secret), "{secret} is in {name}");
        }
    }
}

#[on_both_databases]
async fn what_was_said_is_in_it_as_the_public_sees_it_and_by_which_decision_it_sees_no_more(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let idea = ana.submits("A crossing", &challenge).await;
    let list = format!("{idea}/comments");
    let say = async |who: &crate::support::Actor, parent: Option<&Value>, body: &str| {
        app.advance(std::time::Duration::from_secs(1));
        let wish = match parent {
            Some(parent) => json!({ "body": body, "stance": "against", "parent": parent }),
            None => json!({ "body": body, "stance": "for" }),
        };
        who.post(&list, &wish).await.is(201).json()
    };
    let open = say(&ben, None, "=1+1").await;
    let below = say(&ana, Some(&open["id"]), "Two.").await;
    let hidden = say(&ben, None, "Number of a neighbour").await;
    say(&ana, Some(&hidden["id"]), "Out of sight with it").await;
    let gone = say(&ben, None, "Taken back").await;
    let beneath = say(&ana, Some(&gone["id"]), "Why?").await;
    ben.change("DELETE", &format!("/comments/{}", gone["id"].as_str().unwrap()), &gone["version"], &Value::Null)
        .await
        .is(204);
    let waits = say(&ben, None, "Call me: 07700 900123").await;
    assert_eq!(waits["state"], "held");
    let mo = app.member("mo", Role::Moderator).await;
    let case = mo.post(&format!("/comments/{}/cases", hidden["id"].as_str().unwrap()), &json!({})).await.json();
    let hide = json!({ "decision": "hide", "ground": "personal_data", "statement": "It tells of the neighbour." });
    let decided = mo
        .change("POST", &format!("/cases/{}/decision", case["id"].as_str().unwrap()), &case["version"], &hide)
        .await
        .is(201)
        .json();

    let bundle = Bundle::of(&app, &challenge).await;
    let (whole, table) = (bundle.json(), bundle.table("comments"));
    let comments = whole["comments"].as_array().unwrap();
    let told: Vec<_> = comments.iter().map(|one| (&one["id"], &one["parent"], &one["state"], &one["body"])).collect();
    let (none, published) = (&Value::Null, &json!("published"));
    assert_eq!(
        told,
        [
            (&open["id"], none, published, &json!("=1+1")),
            (&below["id"], &open["id"], published, &json!("Two.")),
            (&hidden["id"], none, &json!("hidden"), none),
            (&gone["id"], none, &json!("withdrawn"), none),
            (&beneath["id"], &gone["id"], published, &json!("Why?")),
        ]
    );
    // Its author is known by the id that the API shows, and by none where only the place is left.
    let shown = app.visitor().get(&format!("/comments/{}", open["id"].as_str().unwrap())).await.is(200).json();
    assert_eq!((&comments[0]["author"], &comments[0]["author_name"]), (&shown["author"]["id"], &json!("ben")));
    assert_eq!((&comments[2]["author"], &comments[2]["stance"], &comments[3]["author_name"]), (none, none, none));
    assert_eq!((table[0]["body"].as_str(), table[1]["stance"].as_str()), ("'=1+1", "against"));
    let decisions = whole["comment_decisions"].as_array().unwrap();
    assert_eq!(decisions.len(), 1);
    assert_eq!((&decisions[0]["comment"], &decisions[0]["ground"]), (&hidden["id"], &json!("personal_data")));
    assert_eq!(decisions[0]["decision"], decided["id"]);
    for (name, content) in &bundle.files {
        let text = String::from_utf8_lossy(content);
        for secret in ["neighbour", "Out of sight", "Taken back", "07700"] {
            assert!(!text.contains(secret), "{secret} is in {name}");
        }
    }
}

#[on_both_databases]
async fn what_was_merged_is_in_it_with_its_text_where_it_went_and_why(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (ana, ben) = (app.resident("ana").await, app.resident("ben").await);
    let mo = app.member("mo", Role::Moderator).await;
    let into = ana.submits("A crossing at Mill Lane", &challenge).await;
    let idea = ben.submits("A zebra crossing in Mill Lane", &challenge).await;
    ben.supports(&idea).await.is(201);
    let wish = json!({ "ideas": [idea.trim_start_matches("/ideas/")], "reason": "Both ask for a crossing there." });
    let merge = mo.post(&format!("{into}/merges"), &wish).await.is(201).json();
    app.run_jobs().await;
    app.advance(days(7));
    app.run_jobs().await;
    let bundle = Bundle::of(&app, &challenge).await;
    let (whole, number) = (bundle.json(), merge["into"]["number"].clone());
    let ideas = whole["ideas"].as_array().unwrap();
    let gone = ideas.iter().find(|one| idea.ends_with(one["id"].as_str().unwrap())).unwrap();
    assert_eq!((ideas.len(), &gone["state"], &gone["merged_into"]), (2, &json!("merged"), &number));
    assert_eq!((&gone["title"], &gone["supports"]), (&json!("A zebra crossing in Mill Lane"), &json!(1)));
    let (trail, part) = (&whole["merges"][0], &whole["merged_ideas"][0]);
    assert_eq!((&trail["id"], &trail["into_number"], &trail["state"]), (&merge["id"], &number, &json!("carried_out")));
    assert_eq!((&trail["reason"], &trail["chose_carry"]), (&json!("Both ask for a crossing there."), &Value::Null));
    assert_eq!((&part["merge"], &part["idea"], &part["state"]), (&merge["id"], &gone["id"], &json!("merged")));
    assert_eq!(bundle.table("merged_ideas")[0]["supports"], "1");
}

#[on_both_databases]
async fn the_same_data_make_the_same_bytes_whenever_they_are_asked_for(app: TestApp) {
    let (challenge, ..) = a_challenge(&app).await;
    let first = Bundle::of(&app, &challenge).await;
    app.advance(days(400));
    assert!(first.bytes == Bundle::of(&app, &challenge).await.bytes);
    let path = format!("/challenges/{challenge}/decision-bundle.zip");
    let etag = app.visitor().get(&path).await.is(200).header("etag").unwrap().to_owned();
    app.call(app.visitor().request("GET", &path).insert_header(("If-None-Match", etag))).await.is(304);
    let officer = app.signs_in("officer").await;
    let update = json!({ "title": "More", "body": "Text.", "office": "Streets", "mail": false });
    officer.post(&format!("/challenges/{challenge}/updates"), &update).await.is(201);
    assert!(first.bytes != Bundle::of(&app, &challenge).await.bytes);
}

#[on_both_databases]
async fn a_draft_and_what_there_is_not_have_no_bundle(app: TestApp) {
    let officer = app.member("officer", Role::Officer).await;
    let draft = crate::support::draft(app.app.db.clock().now(), "post");
    let drafted = officer.post("/challenges", &draft).await.is(201).json()["id"].take();
    for id in [drafted.as_str().unwrap(), "0192f3a4-6b1c-7d52-9a0e-3c5d1f2b4a68", "nothing"] {
        officer.get(&format!("/challenges/{id}/decision-bundle.zip")).await.refused(404, "not_found");
    }
}

#[on_both_databases]
async fn ideas_of_many_pages_are_each_in_it_once(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let (council, id) = (app.council.clone(), challenge.parse().unwrap());
    let many = move |tx: &mut folkmoot::platform::db::Tx<'_>| {
        use folkmoot::accountability::promises::clock::Due;
        use folkmoot::participation::ideas::queries::{NewIdea, insert_idea};
        use folkmoot::vocabulary::{IdeaOrigin, IdeaState};
        let now = tx.now();
        for n in 0..MANY {
            let title = format!("Idea {n}");
            let new = NewIdea {
                challenge: id,
                author: None,
                origin: IdeaOrigin::Import,
                source_ref: None,
                state: IdeaState::Published,
                title: &title,
                body: "Text.",
                category: None,
                submitted_at: now,
                due: Due { at: now, promised_by: now },
                clock_from: now,
            };
            insert_idea(tx, &council, &new)?;
        }
        Ok(())
    };
    app.app.db.write(many).await.unwrap();
    let ideas = Bundle::of(&app, &challenge).await.table("ideas");
    let titles: std::collections::BTreeSet<&str> = ideas.iter().map(|one| one["title"].as_str()).collect();
    assert_eq!((ideas.len(), titles.len()), (MANY, MANY));
}
