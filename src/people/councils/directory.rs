//! Councils by the names that addresses give them, kept in memory for a moment: every request names one.

use std::sync::Arc;
use std::time::Duration;

use quick_cache::sync::Cache;

use super::model::Council;
use crate::platform::db::{Db, Stamp};

/// Names kept at most: slugs and ids.
const NAMES: usize = 10_000;

/// The councils that this node has lately read.
#[derive(Clone)]
pub struct Directory {
    db: Db,
    known: Arc<Cache<String, (Stamp, Arc<Council>)>>,
}

impl Directory {
    /// Of the councils in `db`.
    pub fn new(db: Db) -> Self {
        Self { db, known: Arc::new(Cache::new(NAMES)) }
    }

    /// The council of a slug or id, where it was read lately and is still so.
    pub fn known(&self, reference: &str) -> Option<Arc<Council>> {
        let (read, council) = self.known.get(reference)?;
        read.holds(self.db.stamp(), Duration::MAX).then_some(council)
    }

    /// Keeps what was found at a moment that was taken before.
    pub fn note(&self, reference: String, read: Stamp, council: &Arc<Council>) {
        self.known.insert(reference, (read, Arc::clone(council)));
    }
}
