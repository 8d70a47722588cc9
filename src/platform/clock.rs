//! The one source of time. Everything that asks "when is it?" is handed a [`Clock`].

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::platform::db::Instant;

/// A clock that can be shared: the system's, shifted by an offset.
///
/// The offset is zero, or what disciplines this node to its database, or what a test or the demo moved it by.
#[derive(Clone, Debug)]
pub struct Clock {
    offset_micros: Arc<AtomicI64>,
    /// Stands still where a test set it.
    fixed_micros: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self { offset_micros: Arc::default(), fixed_micros: None }
    }

    /// A clock that stands still until it is moved.
    pub fn standing_at(at: Instant) -> Self {
        Self { offset_micros: Arc::default(), fixed_micros: Some(Arc::new(AtomicI64::new(at.micros()))) }
    }

    /// Now, to the microsecond.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn now(&self) -> Instant {
        let base = match &self.fixed_micros {
            Some(fixed) => fixed.load(Ordering::SeqCst),
            None => jiff::Timestamp::now().as_microsecond(),
        };
        Instant::from_micros(base.saturating_add(self.offset_micros.load(Ordering::SeqCst)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.shift(i64::try_from(by.as_micros()).unwrap_or(i64::MAX));
    }

    /// Moves the clock by microseconds, backward where negative.
    pub fn shift(&self, micros: i64) {
        self.offset_micros.fetch_add(micros, Ordering::SeqCst);
    }

    /// Sets the distance from the system's clock.
    pub fn set_offset(&self, micros: i64) {
        self.offset_micros.store(micros, Ordering::SeqCst);
    }
}
