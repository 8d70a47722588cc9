//! The only place that knows which database is behind.
//!
//! [`Db::read`] and [`Db::write`] are the only ways to a connection. A write is one atomic unit, answered only
//! after its commit. On SQLite one thread takes the writes from a bounded queue and commits those that arrived
//! together as one group, each in a savepoint of its own; on PostgreSQL each is a transaction, run again where
//! the database asks for it.

pub mod checkup;
pub mod conn;
pub mod dialect;
pub mod migrate;
pub mod personal;
mod readers;
pub mod schema;
pub mod types;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::platform::clock::Clock;
use crate::platform::error::{Error, Result};

pub use conn::{Conn, Location, Manager};
pub use dialect::{Hold, Root};
pub use types::{Id, Instant, Json};

type Pool = r2d2::Pool<Manager>;

/// How often a transaction that PostgreSQL refused (40001, 40P01) is run again before the caller hears 503.
const ATTEMPTS: u32 = 6;

/// How long a read waits for a connection.
const READ_PATIENCE: Duration = Duration::from_secs(5);

/// How long a statement that reads, or one that writes, may take (PostgreSQL).
const READ_TIMEOUT: Duration = Duration::from_secs(5);
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

/// One unit of work in progress: a connection inside a transaction, and the instant it takes place at.
pub struct Tx<'a> {
    conn: &'a mut Conn,
    clock: &'a Clock,
    now: Instant,
}

impl<'a> Tx<'a> {
    fn new(conn: &'a mut Conn, clock: &'a Clock) -> Self {
        Self { conn, clock, now: clock.now() }
    }

    /// The instant of this unit, taken inside the transaction and again after each wait for a lock, so that what
    /// waited past a deadline is late.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Holds a root to the end of this unit, so that what is checked now is still so when its effect commits.
    ///
    /// From the outer to the inner: council, challenge, idea, voter. What was read before is read again after it.
    ///
    /// # Errors
    /// What the database answers.
    pub fn hold(&mut self, root: Root, council: Id, id: Id, hold: Hold) -> Result<()> {
        dialect::lock_root(self.conn, root, council, id, hold)?;
        self.now = self.clock.now();
        Ok(())
    }

    /// Does `work` and undoes all that it wrote: what it answers is what it would answer now. What it
    /// holds may be free afterwards: on PostgreSQL a lock that was taken in a savepoint goes with it.
    ///
    /// # Errors
    /// What `work` answers.
    pub fn undone<T>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        use diesel::connection::TransactionManager;
        type Manager = <Conn as diesel::Connection>::TransactionManager;
        // Within a transaction this is a savepoint.
        Manager::begin_transaction(self.conn)?;
        let outcome = work(&mut Tx { conn: &mut *self.conn, clock: self.clock, now: self.now });
        Manager::rollback_transaction(self.conn)?;
        outcome
    }
}

impl std::ops::Deref for Tx<'_> {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        self.conn
    }
}
impl std::ops::DerefMut for Tx<'_> {
    fn deref_mut(&mut self) -> &mut Conn {
        self.conn
    }
}

/// When something was read.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    commits: u64,
    at: Instant,
}

impl Stamp {
    /// How long something read is taken for true without looking: other nodes commit too, and this one does not hear of
    /// it (case I6: five seconds at most).
    const LOOK_AGAIN: Duration = Duration::from_secs(1);

    /// Whether what was read then is true for somebody who comes at `moment`: this node had committed nothing in between,
    /// and other nodes had no more than a second to, or `most`.
    pub fn holds(self, moment: Self, most: Duration) -> bool {
        self.commits >= moment.commits && self.is_within(moment, most.min(Self::LOOK_AGAIN))
    }

    /// Whether less than `most` lies between the two, whichever came first: a clock can be set back.
    pub fn is_within(self, moment: Self, most: Duration) -> bool {
        self.age(moment) < most && moment.age(self) < most
    }

    /// Whether it was at most so long before an instant.
    pub fn is_at_most(self, before: Duration, at: Instant) -> bool {
        at.since(self.at) <= before
    }

    /// How long before `moment` it was.
    pub fn age(self, moment: Self) -> Duration {
        moment.at.since(self.at)
    }
}

/// The database of this installation.
#[derive(Clone)]
pub struct Db {
    inner: Arc<Inner>,
}

struct Inner {
    location: Location,
    reads: readers::Readers,
    // One place for each connection: who waits, waits without a thread, and no longer than the deadline.
    write_places: Semaphore,
    writes: Writes,
    clock: Clock,
    committed: Arc<Committed>,
    write_deadline: Duration,
}

/// What this node has committed so far.
#[derive(Default)]
struct Committed {
    count: AtomicU64,
    /// Microseconds since 1970.
    last: AtomicI64,
}

impl Committed {
    /// After a commit, and before anybody is answered.
    fn one_more(&self, clock: &Clock) {
        self.last.store(clock.now().micros(), Ordering::SeqCst);
        self.count.fetch_add(1, Ordering::SeqCst);
    }
}

enum Writes {
    Sqlite(writer::Writer),
    Postgres(Pool),
}

/// Sizes of the pools.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// Connections for reading.
    pub reads: u32,
    /// Connections for writing (PostgreSQL only: SQLite has one writer).
    pub writes: u32,
}

impl Sizes {
    /// Connections of one node.
    pub fn sum(self) -> u32 {
        self.reads.saturating_add(self.writes)
    }
}

impl Default for Sizes {
    fn default() -> Self {
        Self { reads: 8, writes: 8 }
    }
}

impl Db {
    /// Opens the pools and, on SQLite, starts the writer. The schema must be in place.
    ///
    /// # Errors
    /// Where the database cannot be reached.
    pub fn open(location: Location, clock: Clock, sizes: Sizes) -> anyhow::Result<Self> {
        let manager = |read_only, timeout: Duration| Manager {
            location: location.clone(),
            read_only,
            statement_timeout_ms: u32::try_from(timeout.as_millis()).unwrap_or(0),
        };
        let pool = |size: u32, manager: Manager| {
            r2d2::Pool::builder()
                .max_size(size)
                .min_idle(Some(1))
                // J6: a full pool is told in a second, not in r2d2's thirty.
                .connection_timeout(Duration::from_secs(1))
                .error_handler(Box::new(r2d2::NopErrorHandler))
                .build(manager)
        };
        // One plain connection first: its error says why, where a pool says only that time ran out.
        drop(manager(false, Duration::ZERO).open()?);
        let committed = Arc::<Committed>::default();
        let manager_of_reads = manager(matches!(location, Location::Sqlite(_)), READ_TIMEOUT);
        let reads = readers::Readers::start(&manager_of_reads, clock.clone(), sizes.reads)?;
        let writes = match &location {
            Location::Sqlite(_) => Writes::Sqlite(writer::Writer::start(
                manager(false, Duration::ZERO),
                clock.clone(),
                Arc::clone(&committed),
            )?),
            Location::Postgres(_) => Writes::Postgres(pool(sizes.writes, manager(false, WRITE_TIMEOUT))?),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                location,
                reads,
                write_places: Semaphore::new(places(sizes.writes)),
                writes,
                clock,
                committed,
                write_deadline: WRITE_TIMEOUT,
            }),
        })
    }

    /// Where the data lives.
    pub fn location(&self) -> &Location {
        &self.inner.location
    }

    /// The clock that every unit of work takes its instant from.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// This moment, to be taken before something is read that shall be kept in memory.
    pub fn stamp(&self) -> Stamp {
        Stamp { commits: self.inner.committed.count.load(Ordering::SeqCst), at: self.inner.clock.now() }
    }

    /// When this node last committed something. What runs beside the requests does so every second, so it is when the
    /// database was last there.
    pub fn last_commit(&self) -> Instant {
        Instant::from_micros(self.inner.committed.last.load(Ordering::SeqCst))
    }

    /// Reads off the async workers. Statements see committed data, each for itself.
    ///
    /// # Errors
    /// What `work` answers; [`Error::unavailable`] where no connection is free in time.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let span = tracing::Span::current();
        let work = move |tx: &mut Tx<'_>| {
            let _entered = span.entered();
            work(tx)
        };
        self.inner.reads.submit(READ_PATIENCE, work).await
    }

    /// Reads as [`Db::read`] does, and every statement sees the same moment.
    ///
    /// # Errors
    /// What `work` answers; [`Error::unavailable`] where no connection is free in time.
    pub async fn snapshot<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.read(move |tx| {
            dialect::begin_snapshot(tx)?;
            let read = work(tx);
            dialect::end_snapshot(tx)?;
            read
        })
        .await
    }

    /// Writes one atomic unit and answers after its commit.
    ///
    /// `work` may run more than once and so does nothing but speak to the database.
    ///
    /// # Errors
    /// What `work` answers, with nothing written; 503 where the queue is full, the wait too long or the database away.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let span = tracing::Span::current();
        let deadline = std::time::Instant::now() + self.inner.write_deadline;
        match &self.inner.writes {
            Writes::Sqlite(writer) => {
                writer
                    .submit(deadline, move |tx| {
                        let _entered = span.enter();
                        work(tx)
                    })
                    .await
            }
            Writes::Postgres(_) => {
                let _place = place(&self.inner.write_places, self.inner.write_deadline).await?;
                let inner = Arc::clone(&self.inner);
                tokio::task::spawn_blocking(move || {
                    let _entered = span.entered();
                    inner.write_postgres(deadline, &work)
                })
                .await
                .map_err(|stopped| Error::Internal(anyhow::anyhow!("a write stopped: {stopped}")))?
            }
        }
    }
}

impl Db {
    /// Takes what was erased out of the log beside an SQLite database, which is otherwise written over in time; PostgreSQL
    /// has its own way (`VACUUM`).
    ///
    /// # Errors
    /// What the database answers.
    pub async fn tidy_log(&self) -> anyhow::Result<()> {
        let location = self.inner.location.clone();
        tokio::task::spawn_blocking(move || match migrate::connect(&location)? {
            Conn::Sqlite(mut conn) => Ok(dialect::truncate_log(&mut conn)?),
            Conn::Pg(_) => Ok(()),
        })
        .await?
    }
}

fn places(connections: u32) -> usize {
    usize::try_from(connections).unwrap_or(1)
}

/// Waits for a connection's place.
async fn place(places: &Semaphore, patience: Duration) -> Result<SemaphorePermit<'_>> {
    tokio::time::timeout(patience, places.acquire())
        .await
        .map_err(|_elapsed| Error::busy())?
        .map_err(Error::unavailable)
}

impl Inner {
    fn write_postgres<T>(&self, deadline: std::time::Instant, work: &impl Fn(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let Writes::Postgres(pool) = &self.writes else {
            return Err(Error::Internal(anyhow::anyhow!("not a PostgreSQL database")));
        };
        let mut conn = pool.get().map_err(Error::unavailable)?;
        for attempt in 0..ATTEMPTS {
            if std::time::Instant::now() > deadline {
                break;
            }
            let answer = unit(&mut conn, "BEGIN", &self.clock, work);
            if answer.as_ref().err().is_none_or(Error::is_refusal) {
                conn.worked();
            }
            match answer {
                // A deadlock has no name here but in the server's language, so what has none is tried again as well.
                Err(error) if error.is_unnamed() && attempt.saturating_add(1) == ATTEMPTS => return Err(error),
                Err(error) if error.wants_retry() || error.is_unnamed() => {
                    tracing::debug!(attempt, "transaction refused by the database, running it again");
                    let most = 4_u64 << attempt;
                    std::thread::sleep(Duration::from_millis(rand::random_range(1..=most)));
                }
                answer => {
                    if answer.is_ok() {
                        self.committed.one_more(&self.clock);
                    }
                    return answer;
                }
            }
        }
        Err(Error::busy())
    }
}

/// Writes one unit on a connection of its own, for what only the owner of the database may do. Blocks.
///
/// # Errors
/// What `work` answers; 503 where the database is away.
pub fn write_alone<T>(location: &Location, clock: &Clock, work: &impl Fn(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let mut conn = migrate::connect(location).map_err(Error::unavailable)?;
    unit(&mut conn, "BEGIN", clock, work)
}

/// Runs `work` in a transaction of its own on `conn`.
pub(crate) fn unit<T>(
    conn: &mut Conn,
    begin: &str,
    clock: &Clock,
    work: &impl Fn(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    use diesel::connection::{AnsiTransactionManager, TransactionManager};
    type Manager = <Conn as diesel::Connection>::TransactionManager;
    match conn {
        Conn::Pg(c) => AnsiTransactionManager::begin_transaction_sql(c, begin),
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, begin),
    }
    .map_err(Error::unavailable)?;
    match work(&mut Tx::new(conn, clock)) {
        Ok(value) => {
            Manager::commit_transaction(conn).map_err(|error| {
                let error = Error::from(error);
                if error.wants_retry() { error } else { Error::unavailable(error) }
            })?;
            Ok(value)
        }
        Err(error) => {
            if let Err(second) = Manager::rollback_transaction(conn) {
                tracing::warn!(error = %second, "rollback failed; the connection is dropped");
            }
            Err(error)
        }
    }
}

/// Whether the database says "the same once more".
pub(crate) fn is_transient(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(DatabaseErrorKind::SerializationFailure, _))
}
