//! What an operator wants to know of a database, found without changing it: no file is made, nothing is written, and
//! a server that runs beside it is not disturbed.

use std::ffi::OsStr;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use diesel::sqlite::SqliteConnection;
use diesel::{Connection as _, ConnectionError, RunQueryDsl as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::{Conn, Location, Manager};

/// The oldest PostgreSQL that is supported, as `server_version_num` tells it.
pub const POSTGRES_FLOOR: i32 = 140_000;

const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// A connection that only reads.
///
/// # Errors
/// Why the database cannot be opened.
pub fn open(location: &Location) -> Result<Conn, ConnectionError> {
    match location {
        Location::Sqlite(path) => open_file(path).map(Conn::Sqlite),
        Location::Postgres(url) => {
            let manager =
                Manager { location: Location::Postgres(impatient(url)), read_only: true, statement_timeout_ms: 10_000 };
            let mut conn = manager.open()?;
            crate::each!(&mut conn, c => c.batch_execute("SET default_transaction_read_only = on"))
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
    }
}

/// Whoever has the file open keeps a `-wal` beside it: then it is read with its locks. Where there is none, SQLite would
/// make one, and leave it, merely to read; so the file is taken for one that nobody changes.
fn open_file(path: &Path) -> Result<SqliteConnection, ConnectionError> {
    let at_rest = !beside(path, "-wal").exists() && !beside(path, "-journal").exists();
    let immutable = if at_rest { "&immutable=1" } else { "" };
    let address = format!("file:{}?mode=ro{immutable}", percent_encode(path.as_os_str().as_bytes(), PATH));
    let mut conn = SqliteConnection::establish(&address)?;
    conn.batch_execute("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON;")
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(conn)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(OsStr::new(suffix));
    name.into()
}

/// An address at which nothing answers is given up after seconds, unless it says for itself how long to wait.
fn impatient(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) if !parsed.query_pairs().any(|(name, _)| name == "connect_timeout") => {
            parsed.query_pairs_mut().append_pair("connect_timeout", "5");
            parsed.into()
        }
        _ => url.to_owned(),
    }
}

/// Whether the journal of a SQLite file is WAL, by its header, since a file at rest does not tell otherwise.
///
/// # Errors
/// Where the file cannot be read.
pub fn is_wal(path: &Path) -> std::io::Result<bool> {
    let mut header = [0; 20];
    std::fs::File::open(path)?.read_exact(&mut header)?;
    Ok(header.ends_with(&[2, 2]))
}

/// What SQLite finds wrong with its file; nothing where it is whole.
///
/// # Errors
/// What the database answers, which is a fault of the file as well.
pub fn quick_check(conn: &mut SqliteConnection) -> diesel::QueryResult<Vec<String>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        quick_check: String,
    }
    let rows: Vec<Row> = diesel::sql_query("PRAGMA quick_check(10)").load(conn)?;
    Ok(rows.into_iter().map(|row| row.quick_check).filter(|found| found != "ok").collect())
}

/// How a PostgreSQL server is set, as one of our connections finds it.
#[derive(Debug, diesel::QueryableByName)]
pub struct Server {
    /// For instance 170002.
    #[diesel(sql_type = Integer)]
    pub number: i32,
    /// For people.
    #[diesel(sql_type = Text)]
    pub version: String,
    /// Whether what is written is forced to the disk.
    #[diesel(sql_type = Text)]
    pub fsync: String,
    /// Whether half-written pages can be mended.
    #[diesel(sql_type = Text)]
    pub full_page_writes: String,
    /// Whether this connection has TLS.
    #[diesel(sql_type = Bool)]
    pub encrypted: bool,
    /// Whether it follows another server and takes no writes.
    #[diesel(sql_type = Bool)]
    pub standby: bool,
    /// Connections that this role could still open.
    #[diesel(sql_type = BigInt)]
    pub left: i64,
}

/// Asks a PostgreSQL server how it is set.
///
/// # Errors
/// What the database answers.
pub fn server(conn: &mut diesel::PgConnection) -> diesel::QueryResult<Server> {
    // The connection that asks is counted among those that are left.
    diesel::sql_query(
        "SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version, \
         current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes, \
         coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS encrypted, \
         pg_is_in_recovery() AS standby, \
         1 + least( \
           current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint \
             - coalesce(current_setting('reserved_connections', true), '0')::bigint \
             - (SELECT coalesce(sum(numbackends), 0) FROM pg_stat_database)::bigint, \
           (SELECT CASE WHEN rolconnlimit < 0 THEN 1000000 ELSE rolconnlimit - \
             (SELECT count(*) FROM pg_stat_activity WHERE usename = current_user) END \
             FROM pg_roles WHERE rolname = current_user), \
           (SELECT CASE WHEN d.datconnlimit < 0 THEN 1000000 ELSE d.datconnlimit - s.numbackends END \
             FROM pg_database d JOIN pg_stat_database s ON s.datid = d.oid WHERE d.datname = current_database()) \
         )::bigint AS \"left\"",
    )
    .get_result(conn)
}
