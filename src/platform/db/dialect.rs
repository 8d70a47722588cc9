//! The statements that truly differ between the databases, under names of what they are for.

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Text};
use sha2::{Digest as _, Sha256};

use super::types::{SqlInstant, SqlUuid};
use super::{Conn, Id, Instant};

/// A job that was claimed.
#[derive(Debug, diesel::QueryableByName)]
pub struct ClaimedJob {
    /// Its council.
    #[diesel(sql_type = SqlUuid)]
    pub council_id: Id,
    /// Its id.
    #[diesel(sql_type = SqlUuid)]
    pub id: Id,
    /// What kind of job.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// What it is to work on.
    #[diesel(sql_type = super::types::SqlJson)]
    pub payload: super::Json,
    /// The fence: a later claim has a greater one, and only the holder of the greatest may finish the job.
    #[diesel(sql_type = BigInt)]
    pub lease: i64,
    /// Which try this is, counted from one.
    #[diesel(sql_type = diesel::sql_types::Integer)]
    pub attempts: i32,
}

/// Claims up to `most` jobs of these kinds that are due and not in anybody's hands. A claim is a try, so that work
/// which ends its process is not tried for ever.
///
/// # Errors
/// What the database answers.
pub fn claim_jobs(
    conn: &mut Conn,
    kinds: &[&str],
    now: Instant,
    until: Instant,
    most: i64,
) -> diesel::QueryResult<Vec<ClaimedJob>> {
    const HEAD: &str = "UPDATE jobs SET lease = lease + 1, attempts = attempts + 1, leased_until = ";
    const TAIL: &str = " RETURNING council_id, id, kind, payload, lease, attempts";
    match conn {
        Conn::Pg(c) => diesel::sql_query(format!(
            "{HEAD}$1 WHERE (council_id, id) IN (SELECT council_id, id FROM jobs WHERE state = 'waiting' AND run_at <= $2 \
             AND (leased_until IS NULL OR leased_until < $2) AND kind = ANY($4) \
             ORDER BY run_at LIMIT $3 FOR UPDATE SKIP LOCKED){TAIL}"
        ))
        .bind::<SqlInstant, _>(until)
        .bind::<SqlInstant, _>(now)
        .bind::<BigInt, _>(most)
        .bind::<diesel::sql_types::Array<Text>, _>(kinds)
        .get_results(c),
        Conn::Sqlite(c) => diesel::sql_query(format!(
            "{HEAD}?1 WHERE (council_id, id) IN (SELECT council_id, id FROM jobs WHERE state = 'waiting' AND run_at <= ?2 \
             AND (leased_until IS NULL OR leased_until < ?2) AND kind IN (SELECT value FROM json_each(?4)) \
             ORDER BY run_at LIMIT ?3){TAIL}"
        ))
        .bind::<SqlInstant, _>(until)
        .bind::<SqlInstant, _>(now)
        .bind::<BigInt, _>(most)
        .bind::<Text, _>(serde_json::json!(kinds).to_string())
        .get_results(c),
    }
}

/// From now on every statement sees the same moment, until [`end_snapshot`].
///
/// # Errors
/// What the database answers.
pub fn begin_snapshot(conn: &mut Conn) -> diesel::QueryResult<()> {
    match conn {
        Conn::Pg(c) => c.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"),
        Conn::Sqlite(c) => c.batch_execute("BEGIN"),
    }
}

/// The end of it; nothing was written.
///
/// # Errors
/// What the database answers.
pub fn end_snapshot(conn: &mut Conn) -> diesel::QueryResult<()> {
    match conn {
        Conn::Pg(c) => c.batch_execute("ROLLBACK"),
        Conn::Sqlite(c) => c.batch_execute("ROLLBACK"),
    }
}

/// What is checked and changed as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// A council with its notices.
    Council,
    /// A challenge with its promise, phases and outcome.
    Challenge,
    /// An idea with its cases, answers and commitments.
    Idea,
    /// A voter with their ballots.
    Voter,
}

/// Beside whom a root is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Beside others who only rely on it.
    Shared,
    /// By nobody else.
    Alone,
}

/// Waits for the lock of a root and keeps it to the end of the transaction; on SQLite the single writer is the lock.
///
/// Not a row lock: there whoever shares may pass somebody who waits to be alone, and an idea that many support at once
/// could not be hidden for seconds. These are given in the order of asking, and write nothing.
///
/// # Errors
/// What the database answers.
pub fn lock_root(conn: &mut Conn, root: Root, council: Id, id: Id, hold: Hold) -> diesel::QueryResult<()> {
    let Conn::Pg(c) = conn else { return Ok(()) };
    let kind: &[u8] = match root {
        Root::Council => b"council",
        Root::Challenge => b"challenge",
        Root::Idea => b"idea",
        Root::Voter => b"voter",
    };
    let name = Sha256::new().chain_update(kind).chain_update(council.bytes()).chain_update(id.bytes()).finalize();
    let name = name.iter().take(8).fold(0_i64, |sum, byte| (sum << 8) | i64::from(*byte));
    let statement = match hold {
        Hold::Shared => "SELECT pg_advisory_xact_lock_shared($1)",
        Hold::Alone => "SELECT pg_advisory_xact_lock($1)",
    };
    diesel::sql_query(statement).bind::<BigInt, _>(name).execute(c).map(drop)
}

/// Waits for an account to be nobody else's in this transaction, so that nothing that refers to it is written while it goes:
/// foreign keys share its row until they commit. On SQLite the single writer is the lock.
///
/// # Errors
/// What the database answers.
pub fn lock_account(conn: &mut Conn, council: Id, id: Id) -> diesel::QueryResult<()> {
    let Conn::Pg(c) = conn else { return Ok(()) };
    diesel::sql_query("SELECT id FROM accounts WHERE council_id = $1 AND id = $2 FOR UPDATE")
        .bind::<super::types::SqlUuid, _>(council)
        .bind::<super::types::SqlUuid, _>(id)
        .execute(c)
        .map(drop)
}

/// Whether this transaction holds the named lock, which it keeps to its end; on SQLite the single writer is the lock.
///
/// # Errors
/// What the database answers.
pub fn try_lock(conn: &mut Conn, name: i64) -> diesel::QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        locked: bool,
    }
    match conn {
        Conn::Sqlite(_) => Ok(true),
        Conn::Pg(c) => diesel::sql_query("SELECT pg_try_advisory_xact_lock($1) AS locked")
            .bind::<BigInt, _>(name)
            .get_result::<Row>(c)
            .map(|row| row.locked),
    }
}

/// Waits for the row lock of the installation, so that one sequencer numbers at a time; gives the last number.
///
/// # Errors
/// What the database answers.
pub fn lock_numbering(conn: &mut Conn) -> diesel::QueryResult<i64> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        last_number: i64,
    }
    match conn {
        Conn::Sqlite(c) => diesel::sql_query("SELECT last_number FROM installation").get_result::<Row>(c),
        Conn::Pg(c) => diesel::sql_query("SELECT last_number FROM installation FOR UPDATE").get_result::<Row>(c),
    }
    .map(|row| row.last_number)
}

/// Deletes up to a thousand rows of `table` that are older than `edge` by the column and condition of `old`; says how
/// many there were.
///
/// # Errors
/// What the database answers.
pub fn forget_some(conn: &mut Conn, table: &str, old: &str, edge: Instant) -> diesel::QueryResult<usize> {
    match conn {
        // What somebody is changing at the moment is left, and what they have changed is looked at again.
        Conn::Pg(c) => diesel::sql_query(format!(
            "DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM {table} WHERE {old} < $1 LIMIT 1000 \
             FOR UPDATE SKIP LOCKED) AND {old} < $1"
        ))
        .bind::<SqlInstant, _>(edge)
        .execute(c),
        Conn::Sqlite(c) => diesel::sql_query(format!(
            "DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE {old} < ?1 LIMIT 1000)"
        ))
        .bind::<SqlInstant, _>(edge)
        .execute(c),
    }
}

/// Deletes the rows that a council has in a table; says how many there were.
///
/// # Errors
/// What the database answers.
pub fn forget_council(conn: &mut Conn, table: &str, council: Id) -> diesel::QueryResult<usize> {
    match conn {
        Conn::Pg(c) => diesel::sql_query(format!("DELETE FROM {table} WHERE council_id = $1"))
            .bind::<SqlUuid, _>(council)
            .execute(c),
        Conn::Sqlite(c) => diesel::sql_query(format!("DELETE FROM {table} WHERE council_id = ?1"))
            .bind::<SqlUuid, _>(council)
            .execute(c),
    }
}

/// Deletes up to a thousand events of the audit log from before `edge`; says how many there were. The log refuses it at any
/// other time, and to whoever may not say that it may.
///
/// # Errors
/// What the database answers.
pub fn purge_audit(conn: &mut Conn, edge: Instant) -> diesel::QueryResult<usize> {
    use super::schema::audit_retention as retention;
    use diesel::prelude::*;
    let said = |conn: &mut Conn, edge: Option<Instant>| {
        diesel::update(retention::table).set(retention::forget_before.eq(edge)).execute(conn)
    };
    said(conn, Some(edge))?;
    let forgotten = forget_some(conn, "audit_events", "at", edge)?;
    said(conn, None)?;
    Ok(forgotten)
}

/// Writes what is there already: a server that only reads, or a disk that is full, refuses it.
///
/// # Errors
/// What the database answers.
pub fn write_nothing(conn: &mut Conn) -> diesel::QueryResult<()> {
    crate::each!(conn, c => diesel::sql_query("UPDATE installation SET id = id").execute(c)).map(drop)
}

/// The database's own time, which PostgreSQL nodes discipline their clocks to; `None` on SQLite.
///
/// # Errors
/// What the database answers.
pub fn database_time(conn: &mut Conn) -> diesel::QueryResult<Option<Instant>> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = SqlInstant)]
        at: Instant,
    }
    match conn {
        Conn::Sqlite(_) => Ok(None),
        Conn::Pg(c) => diesel::sql_query("SELECT clock_timestamp() AS at").get_result::<Row>(c).map(|row| Some(row.at)),
    }
}

/// Whether there is a table of this name.
///
/// # Errors
/// What the database answers.
pub fn has_table(conn: &mut Conn, name: &str) -> diesel::QueryResult<bool> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Bool)]
        there: bool,
    }
    match conn {
        Conn::Sqlite(c) => {
            diesel::sql_query("SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?) AS there")
                .bind::<Text, _>(name)
                .get_result::<Row>(c)
        }
        Conn::Pg(c) => {
            diesel::sql_query("SELECT to_regclass($1) IS NOT NULL AS there").bind::<Text, _>(name).get_result::<Row>(c)
        }
    }
    .map(|row| row.there)
}

/// Writes SQLite's log into the database file and empties it.
///
/// # Errors
/// What the database answers; busy where somebody reads for long.
pub fn truncate_log(conn: &mut diesel::SqliteConnection) -> diesel::QueryResult<()> {
    use diesel::connection::SimpleConnection as _;
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)")
}
