//! News of quiet periods.

use serde::Serialize;

use crate::platform::db::Id;
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility};

/// The council will be quiet.
#[derive(Debug, Serialize)]
pub struct QuietPeriodDeclared {
    /// Which period.
    pub quiet_period: Id,
    /// Its first day.
    pub starts_on: String,
    /// Its last day.
    pub ends_on: String,
    /// What it is about, or where.
    pub area: String,
    /// Why.
    pub ground: String,
}

impl Entry for QuietPeriodDeclared {
    const KIND: EntryKind = EntryKind::QuietPeriodDeclared;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.quiet_period
    }
}

/// A quiet period ends sooner than was said.
#[derive(Debug, Serialize)]
pub struct QuietPeriodEnded {
    /// Which period.
    pub quiet_period: Id,
    /// The first day that is not quiet any more.
    pub until: String,
}

impl Entry for QuietPeriodEnded {
    const KIND: EntryKind = EntryKind::QuietPeriodEnded;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.quiet_period
    }
}
