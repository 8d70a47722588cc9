//! News of promises.

use serde::Serialize;

use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, PromiseChange, Visibility};

/// An open challenge is promised otherwise, or its answers were given more time.
#[derive(Debug, Serialize)]
pub struct PromiseChanged {
    /// The challenge.
    pub challenge: Id,
    /// Which change of its promise; the first one is how it was when it opened.
    pub number: i32,
    /// In which direction.
    pub kind: PromiseChange,
    /// Working days for each answer from now on.
    pub answer_within_days: i32,
    /// Hours for each held idea from now on.
    pub moderate_within_hours: i32,
    /// The outcome is published by then; none of an open door.
    pub publish_outcome_by: Option<Instant>,
    /// Working days that the answers owed now were given on top.
    pub extension_days: Option<i32>,
    /// Why, where that has to be said.
    pub reason: Option<String>,
}

impl Entry for PromiseChanged {
    const KIND: EntryKind = EntryKind::PromiseChanged;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.challenge
    }
}

/// The clock of a promise stands still.
#[derive(Debug, Serialize)]
pub struct PromisePaused {
    /// The challenge.
    pub challenge: Id,
    /// The first day that does not count.
    pub from: String,
    /// The first day that counts again.
    pub until: String,
    /// Why.
    pub reason: String,
}

impl Entry for PromisePaused {
    const KIND: EntryKind = EntryKind::PromisePaused;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.challenge
    }
}

/// The clock of a promise goes on before it had to.
#[derive(Debug, Serialize)]
pub struct PromiseResumed {
    /// The challenge.
    pub challenge: Id,
    /// The first day that counts again.
    pub until: String,
}

impl Entry for PromiseResumed {
    const KIND: EntryKind = EntryKind::PromiseResumed;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.challenge
    }
}
