//! Answers that do not end: which are open on this node, for whom, and how they are fed and closed.
//!
//! There is one way to open one, so that every kind is counted, watched and closed alike (cases A10, B17, J10). Each has a
//! bounded buffer: whoever reads too slowly is told to read again, and let go.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use actix_web::web::Bytes;
use tokio::sync::mpsc;

use crate::platform::db::Id;
use crate::platform::error::{Code, Result};
use crate::vocabulary::Role;

/// A kind of stream. Every operation that answers with `text/event-stream` has one, which a test makes sure of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The public changes of a council.
    Changes,
}

impl Kind {
    /// Every kind.
    pub const ALL: &'static [Self] = &[Self::Changes];
    /// The operation that opens it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Changes => "stream_changes",
        }
    }
}

/// Streams of one account, one network, one council and one node at most. A network may be a school.
const MOST: [usize; 4] = [10, 500, 2_000, 4_000];
/// Events that wait for one reader at most.
const WAITING: usize = 64;

/// Whose token a stream was opened with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// The session, or the key that was shown in place of one.
    pub id: Id,
    /// Whether it is a key.
    pub key: bool,
    /// Its account.
    pub account: Id,
    /// What the account could do.
    pub role: Role,
}

/// For whom a stream is opened.
#[derive(Clone, Debug)]
pub struct Asker {
    /// The council that it is about.
    pub council: Id,
    /// A MAC of the network.
    pub network: String,
    /// None for a visitor.
    pub session: Option<Session>,
}

/// Why a stream is closed from here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its reader is too slow.
    Slow,
    /// Its session has ended, or its account is another than it was.
    Session,
    /// The server stops.
    Stopping,
}

struct Open {
    kind: Kind,
    asker: Asker,
    events: mpsc::Sender<Bytes>,
    why: Arc<Mutex<Option<Why>>>,
    /// The number up to which it has been told; none while it catches up by itself.
    told: Option<i64>,
}

impl Open {
    fn close(&self, why: Why) {
        *held(&self.why) = Some(why);
    }
}

#[derive(Default)]
struct Inner {
    next: u64,
    open: HashMap<u64, Open>,
    stopping: bool,
}

/// The open streams of a node.
#[derive(Clone, Default)]
pub struct Streams(Arc<Mutex<Inner>>);

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The reader's end of a stream. Dropping it frees the place.
pub struct Reader {
    id: u64,
    streams: Streams,
    events: mpsc::Receiver<Bytes>,
    why: Arc<Mutex<Option<Why>>>,
}

impl Drop for Reader {
    fn drop(&mut self) {
        held(&self.streams.0).open.remove(&self.id);
    }
}

impl Reader {
    /// The next event; none where the stream was closed from here.
    pub async fn next(&mut self) -> Option<Bytes> {
        self.events.recv().await
    }

    /// Whether it was closed from here.
    pub fn is_closed(&self) -> bool {
        self.events.is_closed()
    }

    /// Why it was closed from here.
    pub fn why(&self) -> Option<Why> {
        *held(&self.why)
    }

    /// It has caught up to this number by itself, and is fed with the others from now on.
    pub fn join(&self, told: i64) {
        if let Some(open) = held(&self.streams.0).open.get_mut(&self.id) {
            open.told = Some(told);
        }
    }
}

impl Streams {
    /// Opens a stream.
    ///
    /// # Errors
    /// 429 where the account or network has too many, 503 where the council or node has.
    pub fn open(&self, kind: Kind, asker: Asker) -> Result<Reader> {
        let mut inner = held(&self.0);
        let count = |same: &dyn Fn(&Asker) -> bool| inner.open.values().filter(|open| same(&open.asker)).count();
        let account = asker.session.map(|session| session.account);
        let [of_account, of_network, of_council, of_node] = MOST;
        // Whoever is signed in is counted as such, so that those beside them on the network keep nobody out.
        let own = match account {
            Some(account) => count(&|one| one.session.is_some_and(|session| session.account == account)) >= of_account,
            None => count(&|one| one.session.is_none() && one.network == asker.network) >= of_network,
        };
        if own {
            let detail = "Too many streams are open. Close one, or follow the list of changes.";
            return Err(Code::TooMany.because(detail).retry_in(5).into());
        }
        if inner.stopping || count(&|one| one.council == asker.council) >= of_council || inner.open.len() >= of_node {
            return Err(Code::Busy
                .because("No more streams are opened. Follow the list of changes.")
                .retry_in(5)
                .into());
        }
        let (events, reader) = mpsc::channel(WAITING);
        let (id, why) = (inner.next, Arc::default());
        inner.next = inner.next.wrapping_add(1);
        inner.open.insert(id, Open { kind, asker, events, why: Arc::clone(&why), told: None });
        Ok(Reader { id, streams: self.clone(), events: reader, why })
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        held(&self.0).open.len()
    }

    /// The councils that a kind of stream is open for, each with the number from which on its streams want to be told.
    pub fn wanted(&self, kind: Kind) -> HashMap<Id, i64> {
        let mut wanted = HashMap::new();
        for open in held(&self.0).open.values().filter(|open| open.kind == kind) {
            if let Some(told) = open.told {
                wanted
                    .entry(open.asker.council)
                    .and_modify(|least: &mut i64| *least = told.min(*least))
                    .or_insert(told);
            }
        }
        wanted
    }

    /// Tells the streams of a kind and council what has happened, in the order of the numbers, each what it has not been told.
    pub fn tell(&self, kind: Kind, council: Id, events: &[(i64, Bytes)]) {
        self.each(|open| {
            let Some(told) = open.told.filter(|_| open.kind == kind && open.asker.council == council) else {
                return true;
            };
            for (number, event) in events.iter().filter(|(number, _)| *number > told) {
                if open.events.try_send(event.clone()).is_err() {
                    open.close(Why::Slow);
                    return false;
                }
                open.told = Some(*number);
            }
            true
        });
    }

    /// Sends something to all, so that connections which nobody holds any more are found out.
    pub fn beat(&self) {
        let beat = Bytes::from_static(b": here\n\n");
        self.each(|open| {
            let full = open.told.is_some() && open.events.try_send(beat.clone()).is_err();
            if full {
                open.close(Why::Slow);
            }
            !full
        });
    }

    /// The sessions that streams were opened with.
    pub fn sessions(&self) -> Vec<(Id, Session)> {
        let inner = held(&self.0);
        let mut all: Vec<_> =
            inner.open.values().filter_map(|open| Some((open.asker.council, open.asker.session?))).collect();
        all.sort_unstable_by_key(|(council, session)| (*council, session.id));
        all.dedup();
        all
    }

    /// Closes those whose session is not what it was.
    pub fn close_unless(&self, good: impl Fn(Id, Session) -> bool) {
        self.each(|open| {
            let keep = open.asker.session.is_none_or(|session| good(open.asker.council, session));
            if !keep {
                open.close(Why::Session);
            }
            keep
        });
    }

    /// Closes all, and opens no more.
    pub fn stop(&self) {
        held(&self.0).stopping = true;
        self.each(|open| {
            open.close(Why::Stopping);
            false
        });
    }

    // Whatever is not kept is closed: its reader finds the end of what was sent, and why.
    fn each(&self, keep: impl Fn(&mut Open) -> bool) {
        held(&self.0).open.retain(|_, open| keep(open));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(streams: &Streams, asker: Asker) -> (u16, bool) {
        let Err(crate::platform::error::Error::Problem(problem)) = streams.open(Kind::Changes, asker) else {
            panic!("it was opened");
        };
        (problem.code.status(), problem.retry_after.is_some())
    }

    // case J10
    #[test]
    fn a_network_a_council_and_a_node_have_so_many_streams_and_whoever_comes_after_is_told_when_to_come_again() {
        let (streams, councils) = (Streams::default(), [Id::random(), Id::random(), Id::random()]);
        let asker = |council: usize, network: usize| Asker {
            council: councils[council],
            network: format!("network {network}"),
            session: None,
        };
        let mut open = Vec::new();
        let mut opens = |council, network, times| {
            open.extend(
                (0..times).map(|_| streams.open(Kind::Changes, asker(council, network)).unwrap_or_else(|_| panic!())),
            );
        };
        opens(0, 0, 500);
        assert_eq!(refused(&streams, asker(0, 0)), (429, true));
        for network in 1..4 {
            opens(0, network, 500);
        }
        assert_eq!(refused(&streams, asker(0, 4)), (503, true));
        for network in 4..8 {
            opens(1, network, 500);
        }
        assert_eq!(refused(&streams, asker(2, 8)), (503, true), "the node is full, whatever the council");
        open.pop();
        assert!(streams.open(Kind::Changes, asker(2, 8)).is_ok(), "and whoever leaves makes room");
    }

    // case J10
    #[test]
    fn nothing_more_is_kept_for_a_reader_that_does_not_read() {
        let (streams, council) = (Streams::default(), Id::random());
        let asker = Asker { council, network: String::new(), session: None };
        let reader = streams.open(Kind::Changes, asker).unwrap_or_else(|_| panic!());
        reader.join(0);
        let event = Bytes::from_static(b"x");
        let events: Vec<(i64, Bytes)> = (1..10_000).map(|number| (number, event.clone())).collect();
        streams.tell(Kind::Changes, council, &events);
        assert_eq!((reader.events.len(), reader.why()), (WAITING, Some(Why::Slow)));
        assert_eq!(streams.count(), 0, "and its place is free");
    }
}
