//! The one order of events.

use folkmoot::people::councils::model::Ground;
use folkmoot::people::councils::queries::insert_ground;
use folkmoot::platform::db::Id;
use folkmoot::platform::entries::{Entry, record};
use folkmoot::vocabulary::{EntryKind, Visibility};
use on_both_databases::on_both_databases;
use serde::Serialize;

use crate::support::TestApp;

#[derive(Serialize)]
struct Happened {
    id: Id,
}

impl Entry for Happened {
    const KIND: EntryKind = EntryKind::IdeaRevised;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.id
    }
}

#[on_both_databases]
async fn a_reader_misses_nothing_that_commits_late(app: TestApp) {
    let council = app.council.id;
    let (early, late) = (Id::random(), Id::random());
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (release, released) = std::sync::mpsc::channel::<()>();
    let (begun, released) = (std::sync::Mutex::new(Some(begun)), std::sync::Mutex::new(released));
    // The early one writes its entry and is held open; on SQLite, where there is one writer, it delays the other.
    let db = app.app.db.clone();
    let held = actix_web::rt::spawn(async move {
        db.write(move |tx| {
            record(tx, council, &Happened { id: early })?;
            if let Some(begun) = begun.lock().unwrap().take() {
                begun.send(()).unwrap();
            }
            released.lock().unwrap().recv().unwrap();
            Ok(())
        })
        .await
    });
    has_begun.await.unwrap();
    let db = app.app.db.clone();
    let other =
        actix_web::rt::spawn(async move { db.write(move |tx| record(tx, council, &Happened { id: late })).await });
    let on_postgres = matches!(app.app.db.location(), folkmoot::platform::db::Location::Postgres(_));
    let mut seen = Vec::new();
    let mut after = 0;
    if on_postgres {
        // Two transactions at once: the late one commits first, is numbered and read.
        other.await.unwrap().unwrap();
        app.app.number_entries().await.unwrap();
        let page = app.visitor().get("/changes?after=0").await.is(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["subject"].clone()));
        after = page["next_after"].as_i64().unwrap();
        assert_eq!(seen, [serde_json::json!(late)]);
        release.send(()).unwrap();
    } else {
        release.send(()).unwrap();
        other.await.unwrap().unwrap();
    }
    held.await.unwrap().unwrap();
    app.app.number_entries().await.unwrap();
    let page = app.visitor().get(&format!("/changes?after={after}")).await.is(200).json();
    seen.extend(page["items"].as_array().unwrap().iter().map(|entry| entry["subject"].clone()));
    assert!(seen.contains(&serde_json::json!(early)) && seen.contains(&serde_json::json!(late)), "{seen:?}");
    assert_eq!(seen.len(), 2);
}

#[on_both_databases]
async fn what_is_rolled_back_never_happened(app: TestApp) {
    let council = app.council.id;
    let ground = Ground {
        code: "twice".into(),
        title: "Twice".into(),
        body: "A rule that is written only once.".into(),
        safeguarding: false,
    };
    let failed = app
        .app
        .db
        .write(move |tx| {
            record(tx, council, &Happened { id: Id::random() })?;
            insert_ground(tx, council, &ground)?;
            insert_ground(tx, council, &ground)
        })
        .await;
    assert!(failed.is_err());
    app.app.number_entries().await.unwrap();
    assert_eq!(app.visitor().get("/changes?after=0").await.json()["items"], serde_json::json!([]));
    assert_eq!(app.visitor().get("/grounds").await.json()["items"], serde_json::json!([]));
}

// case H6
#[on_both_databases]
async fn a_unit_that_panics_takes_nothing_with_it(app: TestApp) {
    let council = app.council.id;
    let panicked = app
        .app
        .db
        .write(move |tx| -> folkmoot::platform::error::Result<()> {
            record(tx, council, &Happened { id: Id::random() })?;
            panic!("on purpose");
        })
        .await;
    assert!(panicked.is_err());
    let id = Id::random();
    app.app.db.write(move |tx| record(tx, council, &Happened { id })).await.unwrap();
    app.app.number_entries().await.unwrap();
    let page = app.visitor().get("/changes?after=0").await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["subject"], serde_json::json!(id));
}
