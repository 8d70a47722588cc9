//! The schema, embedded: two folders of migrations with the same names in the same order.

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use diesel::migration::{Migration, MigrationSource as _};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};

use super::{Conn, Location, Manager, dialect};

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
    if let Conn::Pg(c) = &mut conn {
        c.batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))?;
    }
    if let Standing::Newer(version) = standing(&mut conn)? {
        anyhow::bail!(
            "The database was written by a newer Folkmoot (its migration {version} is unknown here): run that version or restore an older backup."
        );
    }
    match &mut conn {
        Conn::Sqlite(c) => run(c.run_pending_migrations(SQLITE)),
        Conn::Pg(c) => run(c.run_pending_migrations(POSTGRES)),
    }
}

/// Brings the database up to date as its owner and, where another role serves, lets that one do what serving needs and no
/// more: it adds to the audit log, and can neither change nor empty it.
///
/// # Errors
/// One sentence for the operator, as [`up`]; also where the role that serves could change the audit log all the same.
pub fn prepare(serving: &Location, owner: Option<&Location>) -> anyhow::Result<Vec<String>> {
    let Some(owner) = owner else { return up(serving) };
    let ran = up(owner)?;
    #[derive(diesel::QueryableByName)]
    struct Role {
        #[diesel(sql_type = diesel::sql_types::Text)]
        role: String,
    }
    let (Conn::Pg(mut owning), Conn::Pg(mut served)) = (connect(owner)?, connect(serving)?) else {
        anyhow::bail!("Only PostgreSQL has an owner of its own.");
    };
    let Role { role } = diesel::sql_query("SELECT quote_ident(current_user) AS role").get_result(&mut served)?;
    owning.batch_execute(&format!(
        "BEGIN; SELECT pg_advisory_xact_lock({LOCK}); \
         GRANT USAGE ON SCHEMA public TO {role}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}; \
         GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}; \
         REVOKE UPDATE, DELETE, TRUNCATE ON audit_events FROM {role}; \
         REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON audit_retention, __diesel_schema_migrations FROM {role}; COMMIT"
    ))?;
    anyhow::ensure!(
        !could_change_audit_log(&mut served)?,
        "The role of FOLKMOOT_DATABASE_URL could change the audit log: let it be neither the owner of the tables, nor a member of that role, nor a superuser."
    );
    Ok(ran)
}

/// Whether the role of a connection could change the audit log.
///
/// # Errors
/// What the database answers.
pub fn could_change_audit_log(conn: &mut diesel::PgConnection) -> diesel::QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Able {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        able: bool,
    }
    let able = diesel::sql_query(
        "SELECT has_table_privilege('audit_events', 'UPDATE, DELETE, TRUNCATE, TRIGGER') \
         OR has_table_privilege('audit_retention', 'INSERT, UPDATE, DELETE') AS able",
    );
    able.get_result::<Able>(conn).map(|row| row.able)
}

/// Where a database stands beside this binary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No migration was ever run on it.
    Empty,
    /// It lacks these migrations.
    Older(Vec<String>),
    /// It is at this binary's schema.
    Current,
    /// It has a migration that this binary does not know.
    Newer(String),
}

/// Compares the database's migrations with this binary's, and changes nothing: diesel's own list makes its table.
///
/// # Errors
/// What the database answers.
pub fn standing(conn: &mut Conn) -> anyhow::Result<Standing> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    if !dialect::has_table(conn, "__diesel_schema_migrations")? {
        return Ok(Standing::Empty);
    }
    let statement = "SELECT version FROM __diesel_schema_migrations ORDER BY version";
    let applied: Vec<Row> = crate::each!(&mut *conn, c => diesel::sql_query(statement).load(c))?;
    let known = known(conn)?;
    let known_versions: Vec<String> = known.iter().map(|name| version_of(name)).collect();
    if let Some(newer) = applied.iter().find(|row| !known_versions.contains(&row.version)) {
        return Ok(Standing::Newer(newer.version.clone()));
    }
    let lacking: Vec<String> =
        known.into_iter().filter(|name| !applied.iter().any(|row| row.version == version_of(name))).collect();
    Ok(match lacking.as_slice() {
        [] => Standing::Current,
        _ if applied.is_empty() => Standing::Empty,
        _ => Standing::Older(lacking),
    })
}

/// The names of this binary's migrations for the database of `conn`.
fn known(conn: &Conn) -> anyhow::Result<Vec<String>> {
    let names: Result<Vec<String>, _> = match conn {
        Conn::Sqlite(_) => SQLITE
            .migrations()
            .map(|all| all.iter().map(|m| Migration::<diesel::sqlite::Sqlite>::name(m).to_string()).collect()),
        Conn::Pg(_) => POSTGRES
            .migrations()
            .map(|all| all.iter().map(|m| Migration::<diesel::pg::Pg>::name(m).to_string()).collect()),
    };
    names.map_err(|error| anyhow::anyhow!("{error}"))
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
        let version = sqlite_version(c)?;
        let number =
            version.split('.').filter_map(|part| part.parse::<i32>().ok()).fold(0, |sum, part| sum * 1_000 + part);
        anyhow::ensure!(number >= SQLITE_FLOOR, "SQLite {version} can corrupt a database; 3.51.3 is the oldest taken.");
    }
    Ok(conn)
}

/// The SQLite that is built in.
///
/// # Errors
/// What it answers.
pub fn sqlite_version(conn: &mut diesel::SqliteConnection) -> diesel::QueryResult<String> {
    diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("sqlite_version()")).get_result(conn)
}

fn run<T: ToString>(done: Result<Vec<T>, Box<dyn std::error::Error + Send + Sync>>) -> anyhow::Result<Vec<String>> {
    done.map(|names| names.iter().map(ToString::to_string).collect())
        .map_err(|error| anyhow::anyhow!("The database refused a migration: {error}."))
}

// Diesel keeps the part of the name before the underscore, without its dashes.
fn version_of(name: &str) -> String {
    name.split('_').next().unwrap_or_default().replace('-', "")
}
