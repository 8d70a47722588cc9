//! News of calendars.

use serde::Serialize;

use crate::platform::db::Id;
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility, Weekday};

/// Working days or holidays are others.
#[derive(Debug, Serialize)]
pub struct CalendarWritten {
    /// Whose.
    pub council: Id,
    /// The working days.
    pub working_days: Vec<Weekday>,
    /// How many holidays it has.
    pub holidays: usize,
    /// The calendar's version.
    pub version: i64,
}

impl Entry for CalendarWritten {
    const KIND: EntryKind = EntryKind::CalendarWritten;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.council
    }
}
