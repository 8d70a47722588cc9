//! The schema, embedded: two folders of migrations with the same names in the same order.

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use diesel::migration::{Migration, MigrationSource as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::{Conn, Location, Manager};

/// For PostgreSQL.
pub const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");
/// For SQLite.
pub const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");

/// The first SQLite without the WAL-reset corruption (case H3), as `sqlite3_libversion_number` tells it.
const SQLITE_FLOOR: i32 = 3_051_003;

// One migration at a time over the whole installation; any number would do.
const LOCK: i64 = 0x666f_6c6b_6d6f_6f74;

/// Brings the database to this binary's schema; gives the names of the migrations that ran.
///
/// # Errors
/// One sentence for the operator: the database is away, newer than this binary, or refused a step.
pub fn up(location: &Location) -> anyhow::Result<Vec<String>> {
    let mut conn = connect(location)?;
    match &mut conn {
        Conn::Sqlite(c) => {
            refuse_newer(
                SQLITE
                    .migrations()
                    .map_err(|e| anyhow::anyhow!("{e}"))?
                    .iter()
                    .map(|m| Migration::<diesel::sqlite::Sqlite>::name(m).to_string()),
                &c.applied_migrations()
                    .map_err(|e| anyhow::anyhow!("{e}"))?
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
            )?;
            run(c.run_pending_migrations(SQLITE))
        }
        Conn::Pg(c) => {
            c.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
            refuse_newer(
                POSTGRES
                    .migrations()
                    .map_err(|e| anyhow::anyhow!("{e}"))?
                    .iter()
                    .map(|m| Migration::<diesel::pg::Pg>::name(m).to_string()),
                &c.applied_migrations()
                    .map_err(|e| anyhow::anyhow!("{e}"))?
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
            )?;
            run(c.run_pending_migrations(POSTGRES))
        }
    }
}

/// Undoes every migration. For the test that proves they can be undone.
///
/// # Errors
/// What the database answers.
pub fn down(location: &Location) -> anyhow::Result<()> {
    match &mut connect(location)? {
        Conn::Sqlite(c) => run(c.revert_all_migrations(SQLITE)).map(drop),
        Conn::Pg(c) => run(c.revert_all_migrations(POSTGRES)).map(drop),
    }
}

/// One connection outside the pools, after the versions of the database were looked at.
///
/// # Errors
/// Where the database is away or too old.
pub fn connect(location: &Location) -> anyhow::Result<Conn> {
    let manager = Manager { location: location.clone(), read_only: false, statement_timeout_ms: 0 };
    let mut conn = manager.open().map_err(|error| match location {
        Location::Sqlite(path) => anyhow::anyhow!("The database file {} cannot be opened: {error}.", path.display()),
        Location::Postgres(_) => anyhow::anyhow!("PostgreSQL does not answer: {}.", error.to_string().trim()),
    })?;
    if let Conn::Sqlite(c) = &mut conn {
        // case H3
        let version: String =
            diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("sqlite_version()")).get_result(c)?;
        let number =
            version.split('.').filter_map(|part| part.parse::<i32>().ok()).fold(0, |sum, part| sum * 1_000 + part);
        anyhow::ensure!(number >= SQLITE_FLOOR, "SQLite {version} can corrupt a database; 3.51.3 is the oldest taken.");
    }
    Ok(conn)
}

fn run<T: ToString>(done: Result<Vec<T>, Box<dyn std::error::Error + Send + Sync>>) -> anyhow::Result<Vec<String>> {
    done.map(|names| names.iter().map(ToString::to_string).collect())
        .map_err(|error| anyhow::anyhow!("The database refused a migration: {error}."))
}

fn refuse_newer(known: impl Iterator<Item = String>, applied: &[String]) -> anyhow::Result<()> {
    let known: Vec<String> = known.map(|name| version_of(&name)).collect();
    match applied.iter().find(|version| !known.contains(version)) {
        None => Ok(()),
        Some(version) => anyhow::bail!(
            "The database was written by a newer Folkmoot (its migration {version} is unknown here): run that version or restore an older backup."
        ),
    }
}

// Diesel keeps the part of the name before the underscore, without its dashes.
fn version_of(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}
