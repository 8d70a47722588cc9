//! The one writer of SQLite: a bounded queue, a thread, and one commit for all that arrived together.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Instant as Deadline;

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use tokio::sync::oneshot;

use super::{Committed, Conn, Tx};
use crate::platform::clock::Clock;
use crate::platform::error::{Error, Result};

/// Units that wait at most; one more is answered 503.
const QUEUE: usize = 10_000;
/// Units in one commit at most.
const GROUP: usize = 256;

type Manager = <Conn as diesel::Connection>::TransactionManager;

/// A unit that has been run and waits for the commit to be answered.
type Settle = Box<dyn FnOnce(std::result::Result<(), String>) + Send>;

/// A unit that waits: it is run inside a savepoint, or refused without having run.
enum Step<'a, 'b> {
    Run(&'a mut Tx<'b>),
    Refuse(Error),
}

/// Runs once; says whether to keep the savepoint, and gives what answers the caller.
type Unit = Box<dyn FnOnce(Step<'_, '_>) -> (bool, Settle) + Send>;

pub(super) struct Writer {
    queue: SyncSender<(Deadline, Unit)>,
}

impl Writer {
    pub(super) fn start(manager: super::Manager, clock: Clock, committed: Arc<Committed>) -> anyhow::Result<Self> {
        let conn = manager.open()?;
        let (queue, units) = sync_channel(QUEUE);
        std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || write_groups(&manager, conn, &clock, &committed, &units))?;
        Ok(Self { queue })
    }

    pub(super) async fn submit<T: Send + 'static>(
        &self,
        deadline: Deadline,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, verdict) = oneshot::channel();
        let unit: Unit = Box::new(move |step| {
            let outcome = match step {
                Step::Refuse(error) => Err(error),
                Step::Run(tx) => catch_unwind(AssertUnwindSafe(|| work(tx)))
                    .unwrap_or_else(|_panic| Err(Error::Internal(anyhow::anyhow!("a unit of work panicked")))),
            };
            let keep = outcome.is_ok();
            let settle: Settle = Box::new(move |committed| {
                let outcome = match (committed, outcome) {
                    (Err(reason), Ok(_)) => Err(Error::unavailable(anyhow::anyhow!(reason))),
                    (_, outcome) => outcome,
                };
                // The caller may have gone away; what is committed stays committed.
                drop(answer.send(outcome));
            });
            (keep, settle)
        });
        self.queue.try_send((deadline, unit)).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::busy(),
            TrySendError::Disconnected(_) => Error::unavailable(anyhow::anyhow!("the writer has stopped")),
        })?;
        verdict.await.map_err(|_gone| Error::unavailable(anyhow::anyhow!("the writer has stopped")))?
    }
}

fn write_groups(
    manager: &super::Manager,
    mut conn: Conn,
    clock: &Clock,
    told: &Committed,
    units: &Receiver<(Deadline, Unit)>,
) {
    while let Ok(first) = units.recv() {
        let mut group = vec![first];
        // No timer: what arrived while the last group was being committed is the next group.
        while group.len() < GROUP {
            match units.try_recv() {
                Ok(unit) => group.push(unit),
                Err(_) => break,
            }
        }
        if commit_group(&mut conn, clock, told, group).is_err() {
            // After some faults (a full disk, a failing one) SQLite has rolled back by itself and the connection no
            // longer knows where it stands; a fresh one does.
            match manager.open() {
                Ok(fresh) => conn = fresh,
                Err(error) => tracing::error!(%error, "the writer could not open the database again"),
            }
        }
    }
}

fn commit_group(
    conn: &mut Conn,
    clock: &Clock,
    told: &Committed,
    group: Vec<(Deadline, Unit)>,
) -> std::result::Result<(), String> {
    let begun = match conn {
        Conn::Sqlite(c) => AnsiTransactionManager::begin_transaction_sql(c, "BEGIN IMMEDIATE"),
        Conn::Pg(c) => AnsiTransactionManager::begin_transaction(c),
    };
    if let Err(error) = begun {
        let reason = error.to_string();
        tracing::error!(error = %reason, "the writer could not begin");
        for (_, unit) in group {
            let (_, settle) = unit(Step::Refuse(Error::unavailable(anyhow::anyhow!(reason.clone()))));
            settle(Err(reason.clone()));
        }
        return Err(reason);
    }
    let mut settles = Vec::with_capacity(group.len());
    let mut broken: Option<String> = None;
    for (deadline, unit) in group {
        if broken.is_some() || Deadline::now() > deadline {
            settles.push(unit(Step::Refuse(Error::busy())).1);
            continue;
        }
        if let Err(error) = Manager::begin_transaction(conn) {
            broken = Some(error.to_string());
            settles.push(unit(Step::Refuse(Error::unavailable(error))).1);
            continue;
        }
        let (keep, settle) = unit(Step::Run(&mut Tx::new(conn, clock)));
        let closed = if keep { Manager::commit_transaction(conn) } else { Manager::rollback_transaction(conn) };
        if let Err(error) = closed {
            broken = Some(error.to_string());
        }
        settles.push(settle);
    }
    let committed = match broken {
        None => Manager::commit_transaction(conn).map_err(|error| error.to_string()),
        Some(reason) => Err(reason),
    };
    match &committed {
        Ok(()) => told.one_more(clock),
        Err(reason) => tracing::error!(error = %reason, "a group of writes was not committed"),
    }
    for settle in settles {
        settle(committed.clone());
    }
    committed
}
