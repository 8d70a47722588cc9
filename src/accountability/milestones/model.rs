//! Rows of milestones, and what is recorded of them.

use diesel::prelude::*;
use serde::Serialize;

use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility};

/// A milestone.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::milestones)]
pub struct MilestoneRow {
    /// Its id.
    pub id: Id,
    /// The commitment.
    pub commitment_id: Id,
    /// What is to be reached.
    pub title: String,
    /// By when, `YYYY-MM-DD`.
    pub planned_on: String,
    /// When it was, `YYYY-MM-DD`.
    pub done_on: Option<String>,
    /// What shows it.
    pub evidence: Option<String>,
    /// Where that is to be seen.
    pub evidence_url: Option<String>,
    /// Raised by each change.
    pub version: i64,
    /// When it was planned.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// That a milestone was reached, and what shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// When, `YYYY-MM-DD`.
    pub done_on: String,
    /// What shows it.
    pub evidence: String,
    /// Where that is to be seen.
    pub evidence_url: Option<String>,
}

/// A milestone was planned.
#[derive(Clone, Debug, Serialize)]
pub struct MilestonePlanned {
    /// Which.
    pub milestone: Id,
    /// Of which commitment.
    pub commitment: Id,
    /// By when.
    pub planned_on: String,
}

impl Entry for MilestonePlanned {
    const KIND: EntryKind = EntryKind::MilestonePlanned;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.commitment
    }
}

/// A milestone was reached, or what shows it was put right.
#[derive(Clone, Debug, Serialize)]
pub struct MilestoneReached {
    /// Which.
    pub milestone: Id,
    /// Of which commitment.
    pub commitment: Id,
    /// When.
    pub done_on: String,
    /// SHA-256 of what shows it, in hex: of the text and, where there is one, a line break and the address.
    pub evidence_hash: String,
}

impl Entry for MilestoneReached {
    const KIND: EntryKind = EntryKind::MilestoneReached;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.commitment
    }
}
