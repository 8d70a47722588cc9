//! The threads that read: each has a connection of its own and takes the next unit that waits.
//!
//! A pool of connections over a pool of threads wakes a thread for each unit. Here a thread that has read goes on with
//! what came meanwhile, so under load none of them is put to sleep and woken again (docs/PERFORMANCE.md).

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use diesel::ConnectionError;
use r2d2::ManageConnection as _;
use tokio::sync::oneshot;

use super::conn::Pooled;
use super::{Manager, Tx};
use crate::platform::clock::Clock;
use crate::platform::error::{Error, Result};

/// Units that wait at most; one more is answered 503.
const QUEUE: usize = 10_000;

/// Runs with a connection, or with why there is none.
type Unit = Box<dyn FnOnce(std::result::Result<&mut Pooled, ConnectionError>) + Send>;

pub(super) struct Readers {
    shared: Arc<Shared>,
    clock: Clock,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    more: Condvar,
}

#[derive(Default)]
struct Queue {
    units: VecDeque<Unit>,
    /// Threads that sleep.
    idle: usize,
    closed: bool,
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next unit; none once the last is done and no more will come.
    fn next(&self) -> Option<Unit> {
        let mut queue = self.queue();
        loop {
            if let Some(unit) = queue.units.pop_front() {
                return Some(unit);
            }
            if queue.closed {
                return None;
            }
            queue.idle = queue.idle.saturating_add(1);
            queue = self.more.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle = queue.idle.saturating_sub(1);
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.shared.queue().closed = true;
        self.shared.more.notify_all();
    }
}

impl Readers {
    pub(super) fn start(manager: &Manager, clock: Clock, threads: u32) -> anyhow::Result<Self> {
        let shared = Arc::<Shared>::default();
        for _ in 0..threads {
            let (shared, manager) = (Arc::clone(&shared), manager.clone());
            std::thread::Builder::new().name("reader".into()).spawn(move || read_units(&manager, &shared))?;
        }
        Ok(Self { shared, clock })
    }

    /// Runs `work` on one of the threads.
    ///
    /// # Errors
    /// What `work` answers; 503 where its turn does not come within `patience`, or the database is away.
    pub(super) async fn submit<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, mut verdict) = oneshot::channel();
        let (turn, clock) = (Arc::new(AtomicBool::new(false)), self.clock.clone());
        let taken = Arc::clone(&turn);
        self.push(Box::new(move |conn| {
            // Whoever has given up is not read for.
            if taken.swap(true, Ordering::AcqRel) {
                return;
            }
            let outcome = match conn {
                Ok(conn) => {
                    let read = catch_unwind(AssertUnwindSafe(|| run(conn, &clock, work)));
                    read.unwrap_or_else(|_panic| {
                        conn.distrust();
                        Err(Error::Internal(anyhow::anyhow!("a read panicked")))
                    })
                }
                Err(away) => Err(Error::unavailable(away)),
            };
            drop(answer.send(outcome));
        }))?;
        let gone = |_| Error::unavailable(anyhow::anyhow!("the readers have stopped"));
        match tokio::time::timeout(patience, &mut verdict).await {
            Ok(verdict) => verdict.map_err(gone)?,
            // Not begun: it never will be. Begun: the database ends what takes too long.
            Err(_elapsed) if !turn.swap(true, Ordering::AcqRel) => Err(Error::busy()),
            Err(_elapsed) => verdict.await.map_err(gone)?,
        }
    }

    fn push(&self, unit: Unit) -> Result<()> {
        let mut queue = self.shared.queue();
        if queue.units.len() >= QUEUE {
            return Err(Error::busy());
        }
        queue.units.push_back(unit);
        let asleep = queue.idle > 0;
        drop(queue);
        if asleep {
            self.shared.more.notify_one();
        }
        Ok(())
    }
}

fn run<T>(conn: &mut Pooled, clock: &Clock, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
    let begun = std::time::Instant::now();
    let answer = work(&mut Tx::new(conn, clock));
    match answer {
        Err(error) if !error.is_refusal() => {
            // The database ends what takes too long in words of its own language; the clock says the same.
            let took_too_long = begun.elapsed() >= super::READ_TIMEOUT && error.is_unnamed();
            Err(match conn.works() {
                Err(gone) => Error::unavailable(anyhow::anyhow!("{error}; {gone}")),
                Ok(()) if took_too_long => Error::busy(),
                Ok(()) => error,
            })
        }
        answer => {
            conn.worked();
            answer
        }
    }
}

fn read_units(manager: &Manager, shared: &Shared) {
    let mut conn: Option<Pooled> = None;
    while let Some(unit) = shared.next() {
        conn = conn.take().and_then(|mut there| manager.is_valid(&mut there).is_ok().then_some(there));
        let opened = match &mut conn {
            Some(there) => Ok(there),
            none => manager.connect().map(|fresh| none.insert(fresh)),
        };
        unit(opened);
        conn = conn.take().and_then(|mut there| (!manager.has_broken(&mut there)).then_some(there));
    }
}
