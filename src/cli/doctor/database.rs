//! The database: whether it answers, whether it is whole and ours, and how it is set.

use std::path::Path;

use diesel::SqliteConnection;

use super::report::Findings;
use super::{backlog, roughly};
use crate::platform::clock::Clock;
use crate::platform::config::{Looked, Secret, shown};
use crate::platform::db::checkup::{self, Server};
use crate::platform::db::migrate::{self, Standing};
use crate::platform::db::{Conn, Location, Sizes, dialect};
use crate::platform::entries;

pub(super) fn look(looked: &Looked, findings: &mut Findings) {
    // What is wrong with its address has been told.
    let Some(location) = &looked.location else { return };
    if let Location::Sqlite(path) = location {
        match path.try_exists() {
            Ok(true) => {}
            Ok(false) => {
                findings.warn(
                    "database",
                    format!("there is none at {}", path.display()),
                    "The first start makes it; if there is one elsewhere, set data_dir or database_url to it.",
                );
                return look_at_secret(&looked.secrets, None, findings);
            }
            Err(error) => {
                return findings.fail(
                    "database",
                    format!("{} cannot be looked at: {error}", path.display()),
                    "Look as the user that the server runs as.",
                );
            }
        }
    }
    let mut conn = match checkup::open(location) {
        Ok(conn) => conn,
        Err(error) => {
            let to_do = match location {
                Location::Sqlite(_) => {
                    "See that this user may read and write it, and that it is a database of Folkmoot."
                }
                Location::Postgres(_) => {
                    "See that the server runs and that database_url has its address, name, user and password."
                }
            };
            findings.fail(
                "database",
                format!("{} does not answer: {}", shown(location), without_password(&error.to_string(), location)),
                to_do,
            );
            return;
        }
    };
    let clock = Clock::system();
    match (&mut conn, location) {
        (Conn::Sqlite(c), Location::Sqlite(path)) => look_at_file(c, path, findings),
        (Conn::Pg(c), _) => match checkup::server(c) {
            Ok(server) => look_at_server(&server, location, findings),
            Err(error) => findings.fail(
                "database",
                format!("{} does not tell how it is set: {error}", shown(location)),
                "Let its role read pg_settings, pg_roles and pg_stat_database.",
            ),
        },
        (Conn::Sqlite(_), Location::Postgres(_)) => {}
    }
    look_at_clock(&mut conn, &clock, findings);
    let current = look_at_schema(&mut conn, findings);
    let installation = entries::find_installation(&mut conn);
    match &installation {
        Ok(installation) => {
            look_at_secret(&looked.secrets, installation.as_ref().map(|(kept, ..)| kept.as_str()), findings);
            if let Some((_, true, offset)) = installation {
                clock.shift(*offset);
                findings.fail(
                    "demo",
                    "this database was set up by `folkmoot demo`",
                    "Name another: everybody knows its passwords, and `serve` refuses it.",
                );
            }
        }
        // An older schema may not have it; a current one has.
        Err(error) if current => findings.fail("database", format!("it cannot be read: {error}"), "Restore a backup."),
        Err(_) => {}
    }
    if current {
        look_at_audit_log(&mut conn, findings);
    }
    if current && installation.is_ok() {
        backlog::look(&mut conn, &clock, findings);
    }
}

fn look_at_file(conn: &mut SqliteConnection, path: &Path, findings: &mut Findings) {
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len() >> 10);
    let version = migrate::sqlite_version(conn).unwrap_or_default();
    findings.ok("database", format!("SQLite {version}, {size} KiB at {}", path.display()));
    match checkup::quick_check(conn) {
        Ok(faults) if faults.is_empty() => findings.ok("integrity", "SQLite's quick check finds nothing"),
        Ok(faults) => {
            findings.fail("integrity", faults.join("; "), "Stop the server, keep this file, and restore a backup.")
        }
        Err(error) => findings.fail("integrity", error, "Stop the server, keep this file, and restore a backup."),
    }
    match checkup::is_wal(path) {
        Ok(true) => findings.ok("journal", "WAL"),
        _ => findings.warn(
            "journal",
            "it is not WAL",
            "The next start sets it; if it stays so, this file system cannot hold it: take a disk of this machine.",
        ),
    }
}

fn look_at_server(server: &Server, location: &Location, findings: &mut Findings) {
    let Server { version, number, .. } = server;
    let what = format!("PostgreSQL {version} at {}", shown(location));
    if *number < checkup::POSTGRES_FLOOR {
        findings.fail(
            "database",
            what,
            format!("PostgreSQL {} is the oldest taken: bring it up to that.", checkup::POSTGRES_FLOOR / 10_000),
        );
    } else if server.standby {
        findings.fail(
            "database",
            format!("{what} follows another server and takes no writes"),
            "Name the server that it follows.",
        );
    } else {
        findings.ok("database", what);
    }
    for (name, value, loss) in [
        ("fsync", &server.fsync, "what was acknowledged may be gone after a power cut, and the database with it"),
        ("full_page_writes", &server.full_page_writes, "a power cut can leave pages half written"),
        // Not synchronous_commit: every connection sets it for itself.
    ] {
        match value.as_str() {
            "off" => findings.fail(name, "off", format!("Set {name} = on in postgresql.conf: {loss}.")),
            on => findings.ok(name, on),
        }
    }
    match (server.encrypted, location) {
        (true, _) => findings.ok("database TLS", "on"),
        (false, Location::Postgres(url)) if url.contains("sslmode=verify-full") => {
            findings.fail("database TLS", "off, though verify-full is set", "See that nothing else sets sslmode.");
        }
        (false, _) => {
            findings.ok("database TLS", "off, as it is set: the server is on this machine or on a private network")
        }
    }
    let wanted = i64::from(Sizes::default().sum());
    if server.left < wanted {
        findings.warn(
            "connections",
            format!("{} are left, and a node takes up to {wanted}", server.left.max(0)),
            "Raise max_connections, or what limits this role or database, before another node starts.",
        );
    } else {
        findings.ok("connections", format!("{} are left; a node takes up to {wanted}", server.left));
    }
}

fn look_at_clock(conn: &mut Conn, clock: &Clock, findings: &mut Findings) {
    let asked = clock.now();
    let Ok(Some(theirs)) = dialect::database_time(conn) else { return };
    let answered = clock.now();
    let apart = if theirs > answered { theirs.since(answered) } else { asked.since(theirs) };
    if apart.as_secs() >= 2 {
        findings.warn(
            "clock",
            format!("this machine and the database are {} apart", roughly(apart)),
            "Synchronise both (NTP). Folkmoot goes by the database's, but logs and certificates by this one.",
        );
    } else {
        findings.ok("clock", "this machine and the database agree");
    }
    // Which is what a node does.
    clock.set_offset(theirs.micros().saturating_sub(answered.micros()));
}

/// On PostgreSQL the role that serves need not be the one that owns the tables.
fn look_at_audit_log(conn: &mut Conn, findings: &mut Findings) {
    const AT: &str = "audit log";
    let Conn::Pg(c) = conn else { return };
    match migrate::could_change_audit_log(c) {
        Ok(false) => findings.ok(AT, "this role adds to it and cannot change it"),
        Ok(true) => findings.warn(
            AT,
            "this role owns it, or could change it in another way",
            "Let another role serve: set database_url to it, and database_owner_url to the owner.",
        ),
        Err(error) => findings.fail(AT, format!("it does not tell who may change it: {error}"), "Restore a backup."),
    }
}

/// Says whether the schema is the one that is known here.
fn look_at_schema(conn: &mut Conn, findings: &mut Findings) -> bool {
    const AT: &str = "schema";
    match migrate::standing(conn) {
        Ok(Standing::Current) => {
            findings.ok(AT, "as this program needs it");
            return true;
        }
        Ok(Standing::Empty) => findings.warn(AT, "there is none", "`folkmoot serve` or `folkmoot migrate` makes it."),
        Ok(Standing::Older(lacking)) => findings.warn(
            AT,
            format!("older than this program: {} is to be done", lacking.join(", ")),
            "Take a backup; then `folkmoot serve` or `folkmoot migrate` brings it up to date.",
        ),
        Ok(Standing::Newer(version)) => findings.fail(
            AT,
            format!("written by a newer Folkmoot: its migration {version} is unknown here"),
            "Run that version, or restore an older backup.",
        ),
        Err(error) => findings.fail(AT, error, "See that the role of database_url may read its tables."),
    }
    false
}

fn look_at_secret(secret: &Secret, kept: Option<&str>, findings: &mut Findings) {
    const AT: &str = "secret";
    match (secret, kept) {
        (Secret::Known(ours), Some(kept)) if ours.fingerprint() == kept => {
            findings.ok(AT, format!("the database belongs to it (fingerprint {kept})"));
        }
        (Secret::Known(ours), Some(kept)) => findings.fail(
            AT,
            format!("its fingerprint is {}, and the database belongs to {kept}", ours.fingerprint()),
            "Set FOLKMOOT_SECRET to the one it was set up with, or bring its file back from a backup.",
        ),
        (Secret::Known(ours), None) => {
            findings.ok(AT, format!("fingerprint {}; no database belongs to it yet", ours.fingerprint()))
        }
        (Secret::Missing, Some(kept)) => findings.fail(
            AT,
            format!("there is none here, and the database belongs to {kept}"),
            "Bring its file back from a backup or set FOLKMOOT_SECRET: a start would make another, and be refused.",
        ),
        (Secret::Missing, None) => findings.ok(AT, "none yet; the first start makes one"),
        // That fault is one of the settings'.
        (Secret::Faulty, _) => {}
    }
}

/// What libpq answers may repeat the address.
fn without_password(text: &str, location: &Location) -> String {
    let Location::Postgres(url) = location else { return text.to_owned() };
    let Ok(parsed) = url::Url::parse(url) else { return "its address cannot be read".into() };
    let mut hidden: Vec<String> = parsed.password().into_iter().map(str::to_owned).collect();
    hidden.extend(
        parsed.query_pairs().filter(|(name, _)| name.contains("password")).map(|(_, value)| value.into_owned()),
    );
    let decoded = hidden.iter().map(|one| percent_encoding::percent_decode_str(one).decode_utf8_lossy().into_owned());
    let decoded: Vec<String> = decoded.collect();
    hidden
        .into_iter()
        .chain(decoded)
        .filter(|one| !one.is_empty())
        .fold(text.to_owned(), |text, one| text.replace(&one, "hidden"))
}
