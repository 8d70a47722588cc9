//! A backup taken while the server runs, brought back into an empty place.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use on_both_databases::on_both_databases;

use crate::support::{Store, TestApp, database_empty};

fn folkmoot(arguments: &[&str], file: &Path, data_dir: &Path, database: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_folkmoot"))
        .args(arguments)
        .arg(file)
        .args(["--database-url", database, "--data-dir"])
        .arg(data_dir)
        .output()
        .unwrap()
}

// case H11
#[on_both_databases]
async fn what_was_backed_up_is_brought_back_with_its_secret(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    let idea = app.resident("ana").await.submits("A crossing at Mill Lane", &challenge).await;
    app.resident("ben").await.supports(&idea).await.is(201);
    let place = tempfile::tempdir().unwrap();
    let (file, data_dir) = (place.path().join("one.backup"), place.path().join("data"));
    let backup = folkmoot(&["backup"], &file, &app.app.config.data_dir, &app.database_url);
    assert!(backup.status.success(), "{}", String::from_utf8_lossy(&backup.stderr));
    let again = folkmoot(&["backup"], &file, &app.app.config.data_dir, &app.database_url);
    assert!(!again.status.success(), "a backup is never overwritten");

    let store = if app.database_url.starts_with("sqlite:") { Store::Sqlite } else { Store::Postgres };
    let empty = database_empty(store, place.path()).unwrap();
    let restore = folkmoot(&["restore"], &file, &data_dir, &empty);
    assert!(restore.status.success(), "{}", String::from_utf8_lossy(&restore.stderr));
    let secret = |directory: &Path| std::fs::read_to_string(directory.join("secret")).unwrap();
    assert_eq!(secret(&data_dir), secret(&app.app.config.data_dir));
    let location = folkmoot::platform::db::Location::parse(&empty).unwrap();
    let clock = folkmoot::platform::clock::Clock::system();
    let restored = folkmoot::platform::db::Db::open(location, clock, Default::default()).unwrap();
    let council = app.council.clone();
    let reference = idea.trim_start_matches("/ideas/").to_owned();
    let shown = restored
        .read(move |tx| folkmoot::participation::ideas::queries::find_shown(tx, &council, &reference))
        .await
        .unwrap();
    assert_eq!((shown.idea.title.as_str(), shown.supports), ("A crossing at Mill Lane", 1));
    if let folkmoot::platform::db::Location::Sqlite(path) = folkmoot::platform::db::Location::parse(&empty).unwrap() {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600, "others could read it");
    }
    let refused = folkmoot(&["restore"], &file, &place.path().join("other"), &empty);
    assert!(!refused.status.success(), "a database with something in it is never written over");

    let says = |refused: Output, words: &str| {
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains(words) && !said.contains("os error"), "{said}");
    };
    says(again, "is there already, and no backup is written over another");
    let half = place.path().join("half.backup");
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&half, &whole[..whole.len() / 2]).unwrap();
    says(folkmoot(&["restore"], &half, &place.path().join("halved"), &empty), "not the whole of one");
    says(folkmoot(&["restore"], &file, &half, &empty), "is a file: name a new directory");
}
