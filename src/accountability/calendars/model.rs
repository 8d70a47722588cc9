//! Working days and holidays as they are kept.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::vocabulary::Weekday;

/// What a council has written of its days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkingDays {
    /// In the order of the week.
    pub weekdays: Vec<Weekday>,
    /// With their names.
    pub holidays: BTreeMap<Date, String>,
    /// Counts its changes.
    pub version: i64,
}
