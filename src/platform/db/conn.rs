//! One connection type over both databases, and the pool manager that opens it.

use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;
use diesel::{Connection as _, ConnectionError};

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL 14 or later.
    Pg(PgConnection),
    /// The embedded SQLite.
    Sqlite(SqliteConnection),
}

/// Compiles one body once per backend: for what the multi backend cannot say (`ON CONFLICT`, batches, `UNION`), and for
/// what is read most, because the multi backend writes the SQL of a statement anew, several times, at each use.
#[macro_export]
macro_rules! each {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::platform::db::Conn::Pg($c) => $body,
            $crate::platform::db::Conn::Sqlite($c) => $body,
        }
    };
}

/// Where the data lives, told by the scheme of the address; an unknown scheme is refused, so that a
/// misspelt address never makes an empty SQLite file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// `sqlite:PATH`
    Sqlite(std::path::PathBuf),
    /// `postgres://…`
    Postgres(String),
}

impl Location {
    /// Reads a database address.
    ///
    /// # Errors
    /// A sentence for the operator where the scheme is neither `sqlite:` nor `postgres://`.
    pub fn parse(url: &str) -> Result<Self, String> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err("The database address names no file: write sqlite:PATH.".into());
            }
            Ok(Self::Sqlite(path.into()))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Ok(Self::Postgres(url.into()))
        } else {
            Err("The database address must begin with sqlite: or postgres://.".into())
        }
    }
}

/// Opens connections for the pools.
#[derive(Clone, Debug)]
pub struct Manager {
    pub(super) location: Location,
    pub(super) read_only: bool,
    pub(super) statement_timeout_ms: u32,
}

impl Manager {
    /// Opens one connection and sets what every connection needs.
    pub(super) fn open(&self) -> Result<Conn, ConnectionError> {
        match &self.location {
            Location::Sqlite(path) => {
                // Made readable by its owner only, which the files that SQLite puts beside it follow. Where that cannot
                // be done, opening it says why.
                use std::os::unix::fs::OpenOptionsExt as _;
                drop(std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path));
                let path = path.to_str().ok_or_else(|| ConnectionError::BadConnection("path is not UTF-8".into()))?;
                let mut conn = SqliteConnection::establish(path)?;
                // The timeout comes first: the pragmas after it may themselves have to wait.
                // FULL and not NORMAL: an acknowledged write survives a power cut (case H2).
                conn.batch_execute(
                    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;",
                )
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                if self.read_only {
                    conn.batch_execute("PRAGMA query_only = ON;")
                        .map_err(ConnectionError::CouldntSetupConfiguration)?;
                }
                Ok(Conn::Sqlite(conn))
            }
            Location::Postgres(url) => {
                let mut conn = PgConnection::establish(url)?;
                conn.batch_execute(&format!(
                    "SET statement_timeout = {0}; SET idle_in_transaction_session_timeout = 60000; SET timezone = 'UTC'; \
                     SET synchronous_commit = on;",
                    self.statement_timeout_ms
                ))
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Conn::Pg(conn))
            }
        }
    }
}

/// A connection of a pool, and when it last worked.
pub struct Pooled {
    conn: Conn,
    worked: Option<std::time::Instant>,
}

impl Pooled {
    /// How long a connection that worked is taken to work: to try it is a round trip, as long as a short request.
    const TRUSTED: std::time::Duration = std::time::Duration::from_millis(500);

    /// Looks whether it still works, and remembers it. What is wrong with a connection is told in the language of its
    /// server, so it is tried.
    pub(super) fn works(&mut self) -> Result<(), ConnectionError> {
        self.worked = None;
        if let Conn::Pg(c) = &mut self.conn {
            c.batch_execute("SELECT 1").map_err(ConnectionError::CouldntSetupConfiguration)?;
        }
        self.worked();
        Ok(())
    }

    /// Has it tried before it is used again.
    pub(super) fn distrust(&mut self) {
        self.worked = None;
    }

    /// Remembers that it worked just now.
    pub(super) fn worked(&mut self) {
        self.worked = Some(std::time::Instant::now());
    }
}

impl std::ops::Deref for Pooled {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.conn
    }
}

impl std::ops::DerefMut for Pooled {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = Pooled;
    type Error = ConnectionError;

    fn connect(&self) -> Result<Pooled, ConnectionError> {
        Ok(Pooled { conn: self.open()?, worked: None })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), ConnectionError> {
        if pooled.worked.is_some_and(|last| last.elapsed() < Pooled::TRUSTED) { Ok(()) } else { pooled.works() }
    }

    // A connection that was dropped in the middle of a transaction or of a panic is never handed on.
    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        use diesel::connection::TransactionManager as _;
        std::thread::panicking()
            || <Conn as diesel::Connection>::TransactionManager::transaction_manager_status_mut(&mut pooled.conn)
                .transaction_depth()
                .map_or(true, |depth| depth.is_some())
    }
}

#[cfg(test)]
mod tests {
    use diesel::dsl::sql;
    use diesel::prelude::*;
    use diesel::sql_types::Bool;

    #[test]
    fn the_sqlite_inside_keeps_statements_planned() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        let built = sql::<Bool>("EXISTS (SELECT 1 FROM pragma_compile_options WHERE compile_options = 'ENABLE_QPSG')");
        assert!(diesel::select(built).get_result::<bool>(&mut conn).unwrap(), "see .cargo/config.toml");
    }
}
