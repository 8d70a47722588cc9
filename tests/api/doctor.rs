//! `folkmoot doctor`: each fault that is planted is named, and nothing is changed by looking.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use diesel::connection::SimpleConnection as _;
use folkmoot::each;
use folkmoot::platform::db::{Location, migrate};
use on_both_databases::on_both_databases;
use serde_json::Value;

use crate::support::TestApp;
use crate::support::server::Server;
use crate::support::smtp::SmtpServer;

/// What it said, as text and read.
struct Report {
    code: Option<i32>,
    text: String,
    findings: Vec<Value>,
}

impl Report {
    /// What was found there, when it was found to be so.
    #[track_caller]
    fn says(&self, result: &str, looked_at: &str, words: &str) {
        let there = self.findings.iter().filter(|finding| finding["looked_at"] == looked_at);
        let found: Vec<String> = there.filter(|finding| finding["result"] == result).map(Value::to_string).collect();
        assert!(found.iter().any(|found| found.contains(words)), "{result} {looked_at} {words:?} in {}", self.text);
        if result != "ok" {
            assert!(found.iter().all(|found| found.contains("\"to_do\":\"")), "{found:?}");
        }
        if result == "fail" {
            assert_eq!(self.code, Some(1), "{}", self.text);
        }
    }

    /// What has failed, but for what a machine for tests may have on purpose: no fsync, and its files in memory.
    fn failed(&self) -> Vec<&str> {
        let failed = self.findings.iter().filter(|finding| finding["result"] == "fail");
        let at = failed.map(|finding| finding["looked_at"].as_str().unwrap());
        at.filter(|at| !["fsync", "full_page_writes", "file system", "free space"].contains(at)).collect()
    }
}

fn run(arguments: &[&str]) -> Report {
    let mut command = Command::new(env!("CARGO_BIN_EXE_folkmoot"));
    let output = command.args(["doctor", "--json"]).args(arguments).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    let document: Value =
        serde_json::from_str(text.split_inclusive("\n}\n").next().unwrap()).unwrap_or_else(|_| panic!("{text}"));
    let findings = document["findings"].as_array().unwrap().clone();
    Report { code: output.status.code(), text, findings }
}

/// Looks at a directory, with more or other settings.
fn look(data_dir: &Path, more: &[&str]) -> Report {
    let data_dir = data_dir.to_str().unwrap();
    // A setting is given once only.
    let listen: &[&str] = if more.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
    run(&[&["--data-dir", data_dir, "--public-url", "https://ideas.example"], listen, more].concat())
}

fn look_at(app: &TestApp, more: &[&str]) -> Report {
    look(&app.app.config.data_dir, &[&["--database-url", app.database_url.as_str()], more].concat())
}

fn change(app: &TestApp, statement: &str) {
    let mut conn = migrate::connect(&Location::parse(&app.database_url).unwrap()).unwrap();
    each!(&mut conn, c => c.batch_execute(statement)).unwrap();
}

/// Every file with its content and mode, but for the index of the WAL, in which readers note that they read.
fn files(directory: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entries = std::fs::read_dir(directory).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let read = files.map(|entry| {
        let mode = entry.metadata().unwrap().permissions().mode();
        (entry.file_name().into_string().unwrap(), (mode, std::fs::read(entry.path()).unwrap()))
    });
    read.filter(|(name, _)| !name.ends_with("-shm")).collect()
}

/// An installation at rest: a directory with an embedded database that no server has open.
fn at_rest() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let mut migrated = Command::new(env!("CARGO_BIN_EXE_folkmoot"));
    assert!(migrated.args(["migrate", "--data-dir"]).arg(place.path()).output().unwrap().status.success());
    place
}

#[on_both_databases]
async fn a_place_in_order_has_no_fault_and_is_left_as_it_was(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    app.resident("ana").await.submits("A crossing at Mill Lane", &challenge).await;
    app.run_jobs().await;
    let before = files(&app.app.config.data_dir);
    let report = look_at(&app, &[]);
    assert_eq!(report.failed(), Vec::<&str>::new(), "{}", report.text);
    report.says("ok", "schema", "");
    report.says("ok", "secret", &app.app.config.secrets.fingerprint());
    report.says("ok", "dead jobs", "none");
    report.says("warn", "mail", "files");
    assert!(files(&app.app.config.data_dir) == before, "something was changed");
}

#[on_both_databases]
async fn a_server_that_runs_is_recognised_and_not_disturbed(app: TestApp) {
    let server = Server::start(&app);
    let listen = server.address.trim_start_matches("http://");
    let report = look_at(&app, &["--listen", listen]);
    report.says("ok", "port", "is ready; whether it uses this database is not asked");
    assert_eq!(report.failed(), Vec::<&str>::new(), "{}", report.text);
}

#[on_both_databases]
async fn what_is_planted_in_the_database_is_named(app: TestApp) {
    let challenge = app.open_challenge("post").await;
    app.resident("ana").await.submits("A crossing at Mill Lane", &challenge).await;
    let is_sqlite = app.database_url.starts_with("sqlite:");
    let (past, future) = match is_sqlite {
        true => ("1577836800000000", "4102444800000000"),
        false => ("'2020-01-01T00:00:00Z'", "'2100-01-01T00:00:00Z'"),
    };
    let yes = if is_sqlite { "1" } else { "true" };
    for (statement, result, looked_at, words) in [
        ("UPDATE jobs SET state = 'dead'".to_owned(), "warn", "dead jobs", "days"),
        (
            format!("UPDATE jobs SET state = 'waiting', leased_until = NULL, run_at = {past}"),
            "warn",
            "late jobs",
            "days ago",
        ),
        (format!("UPDATE entries SET number = NULL, recorded_at = {past}"), "warn", "numbering", "days"),
        (format!("UPDATE entries SET number = place, recorded_at = {future}"), "warn", "time", "in the future"),
        (format!("UPDATE challenges SET opened_at = {past}, closes_at = {future}"), "ok", "moderators", "2 or more"),
        ("UPDATE accounts SET state = 'suspended' WHERE role <> 'officer'".to_owned(), "warn", "moderators", "has 0"),
        (
            "UPDATE installation SET secret_fingerprint = 'abcdef0123456789'".to_owned(),
            "fail",
            "secret",
            "abcdef0123456789",
        ),
        (format!("UPDATE installation SET demo = {yes}"), "fail", "demo", "everybody knows"),
        (
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')".to_owned(),
            "fail",
            "schema",
            "29990101000000",
        ),
        ("DELETE FROM __diesel_schema_migrations".to_owned(), "warn", "schema", "migrate"),
    ] {
        change(&app, &statement);
        look_at(&app, &[]).says(result, looked_at, words);
    }
}

#[on_both_databases]
async fn how_the_database_is_set_is_told(app: TestApp) {
    if app.database_url.starts_with("sqlite:") {
        let report = look_at(&app, &[]);
        report.says("ok", "database", "SQLite 3.");
        report.says("ok", "journal", "WAL");
        return;
    }
    let limit = "EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 12', current_database())";
    change(&app, &format!("DO $$ BEGIN {limit}; END $$"));
    let report = look_at(&app, &[]);
    report.says("ok", "database", "PostgreSQL 1");
    report.says("warn", "connections", "a node takes up to 16");
    report.says("ok", "database TLS", "off");
    report.says("warn", "audit log", "could change it");
    report.says("ok", "clock", "agree");
    // As the harness has started the server: fast and not to be kept.
    if report.text.contains("Set fsync = on") {
        report.says("fail", "fsync", "off");
        report.says("fail", "full_page_writes", "off");
    }
}

#[on_both_databases]
async fn a_secret_of_another_database_is_refused_and_not_shown(app: TestApp) {
    let other: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
    let report = look_at(&app, &["--secret", &other, "--smtp-url", "smtp://ops:geheim@127.0.0.1:1"]);
    report.says("fail", "secret", &app.app.config.secrets.fingerprint());
    report.says("fail", "mail", "ops:hidden@");
    let own = std::fs::read_to_string(app.app.config.data_dir.join("secret")).unwrap();
    for secret in [&other, &own, "geheim"] {
        assert!(!report.text.contains(secret), "{}", report.text);
    }
    // Without its secret it is not to be started either.
    let elsewhere = tempfile::tempdir().unwrap();
    let report = look(elsewhere.path(), &["--database-url", &app.database_url]);
    report.says("fail", "secret", "there is none here");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0, "a look makes no secret");
}

#[test]
fn a_database_at_rest_is_read_and_nothing_is_left_beside_it() {
    let place = at_rest();
    let before = files(place.path());
    let report = look(place.path(), &[]);
    assert_eq!(report.failed(), Vec::<&str>::new(), "{}", report.text);
    assert_eq!(report.code == Some(0), !report.text.contains("\"fail\""));
    assert!(files(place.path()) == before && std::fs::read_dir(place.path()).unwrap().count() == before.len());
    // Nor is anything made where there is nothing yet.
    let report = look(&place.path().join("later"), &[]);
    report.says("warn", "data directory", "is not there");
    report.says("warn", "database", "there is none");
    assert!(!place.path().join("later").exists());
}

#[test]
fn a_file_that_others_can_read_is_named() {
    let place = at_rest();
    let mode = |name: &str, mode| {
        std::fs::set_permissions(place.path().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("secret", 0o640);
    look(place.path(), &[]).says("fail", "secret file", "mode 640");
    std::fs::remove_file(place.path().join("secret")).unwrap();
    std::fs::create_dir(place.path().join("secret")).unwrap();
    look(place.path(), &[]).says("fail", "settings", "cannot be read");
    mode("", 0o755);
    look(place.path(), &[]).says("warn", "data directory", "mode 755");
    let file = place.path().join("folkmoot.toml");
    std::fs::write(&file, "smtp_url = \"smtp://ops:geheim@127.0.0.1:1\"\n").unwrap();
    mode("folkmoot.toml", 0o644);
    let report = look(place.path(), &["--config", file.to_str().unwrap()]);
    report.says("warn", "settings", "everybody on this machine");
    assert!(!report.text.contains("geheim"), "{}", report.text);
}

#[test]
fn a_directory_that_takes_no_file_is_named() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    look(&file, &[]).says("fail", "data directory", "cannot be written");
    look(&file.join("below"), &[]).says("fail", "data directory", "cannot be looked at");
    // Even for root, who may write wherever there is something to write on.
    look(Path::new("/proc"), &[]).says("fail", "data directory", "cannot be written");
}

#[test]
fn a_damaged_file_is_named() {
    let place = at_rest();
    let path = place.path().join("folkmoot.sqlite");
    let mut bytes = std::fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0x5a);
    std::fs::write(&path, bytes).unwrap();
    look(place.path(), &[]).says("fail", "integrity", "restore a backup");
    std::fs::write(&path, "no database at all, but some text in its place").unwrap();
    assert!(!look(place.path(), &[]).failed().is_empty());
}

#[test]
fn every_fault_of_the_settings_is_told_and_the_rest_is_looked_at_all_the_same() {
    let place = at_rest();
    let report = look(place.path(), &["--listen", "nowhere", "--mail-from", "nobody", "--trusted-proxies", "all"]);
    report.says("fail", "settings", "FOLKMOOT_LISTEN");
    report.says("fail", "settings", "FOLKMOOT_MAIL_FROM");
    report.says("fail", "settings", "FOLKMOOT_TRUSTED_PROXIES");
    report.says("ok", "integrity", "");
    let file = place.path().join("folkmoot.toml");
    let secret = "0123456789abcdef".repeat(4);
    std::fs::write(&file, format!("listen = \"127.0.0.1:0\"\nsecret = {secret}\n")).unwrap();
    let report = look(place.path(), &["--config", file.to_str().unwrap()]);
    report.says("fail", "settings", "line 2");
    assert!(!report.text.contains(&secret), "{}", report.text);
}

#[test]
fn a_database_that_does_not_answer_is_told_without_its_password() {
    let place = at_rest();
    let address = "postgres://ops:ge%20heim@127.0.0.1:1/folkmoot?connect_timeout=2";
    let report = look(place.path(), &["--database-url", address]);
    report.says("fail", "database", "does not answer");
    report.says("warn", "mail", "files");
    assert!(!report.text.contains("ge heim") && !report.text.contains("ge%20heim"), "{}", report.text);
}

#[test]
fn a_port_that_something_else_has_is_named() {
    let place = at_rest();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let other = std::thread::spawn(move || {
        let (mut stream, _peer) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nhi\n").unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        listener
    });
    look(place.path(), &["--listen", &address]).says("fail", "port", "no Folkmoot");
    drop(other.join().unwrap());
}

#[test]
fn a_mail_server_that_refuses_is_named_and_one_that_takes_mail_gets_none() {
    let place = at_rest();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let refusing = std::thread::spawn(move || {
        let (mut stream, _peer) = listener.accept().unwrap();
        let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
        stream.write_all(b"220 ready\r\n").unwrap();
        while let Some(Ok(line)) = lines.next() {
            let answer: &[u8] = match line.get(..4) {
                Some("EHLO") => b"250-here\r\n250 AUTH PLAIN LOGIN\r\n",
                Some("AUTH") => b"535 5.7.8 ops: geheim is not it\r\n",
                _ => b"250 ok\r\n",
            };
            if stream.write_all(answer).is_err() {
                return;
            }
        }
    });
    let report = look(place.path(), &["--smtp-url", &format!("smtp://ops:geheim@{address}")]);
    report.says("fail", "mail", "535");
    assert!(!report.text.contains("geheim"), "{}", report.text);
    refusing.join().unwrap();
    if let Some(server) = SmtpServer::start() {
        let report = look(place.path(), &["--smtp-url", &server.url()]);
        report.says("ok", "mail", "would take mails");
        report.says("warn", "mail_from", "localdomain");
        assert_eq!(server.messages(), []);
    }
}
