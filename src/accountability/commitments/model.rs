//! Rows of commitments, and what is recorded of them.

use diesel::prelude::*;
use serde::Serialize;

use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{CommitmentStatus, EntryKind, Visibility};

/// A commitment.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::commitments)]
pub struct CommitmentRow {
    /// Its id.
    pub id: Id,
    /// The challenge of its idea.
    pub challenge_id: Id,
    /// The idea it follows from.
    pub idea_id: Id,
    /// What will be done.
    pub what: String,
    /// Who does it.
    pub office: String,
    /// The last day, `YYYY-MM-DD`.
    pub due_on: String,
    /// How it stands.
    pub status: CommitmentStatus,
    /// Why it stands so.
    pub status_reason: Option<String>,
    /// Raised by each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
    /// Since when it is delivered.
    pub delivered_at: Option<Instant>,
    /// Since which day it is dropped, `YYYY-MM-DD`: what was late by then stays so.
    pub dropped_on: Option<String>,
}

/// A commitment with what is shown of its idea.
#[derive(Clone, Debug, Queryable)]
pub struct Listed {
    /// The commitment.
    pub row: CommitmentRow,
    /// The number of its idea.
    pub number: i64,
    /// The title of its idea.
    pub title: String,
}

/// What a commitment is made of, tidied and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitmentDraft {
    /// What will be done.
    pub what: String,
    /// Who does it.
    pub office: String,
    /// The last day, `YYYY-MM-DD`.
    pub due_on: String,
}

/// What is asked for in the list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Of one challenge.
    pub challenge: Option<Id>,
    /// On one idea.
    pub idea: Option<Id>,
    /// In one status.
    pub status: Option<CommitmentStatus>,
}

/// A commitment was made.
#[derive(Clone, Debug, Serialize)]
pub struct CommitmentMade {
    /// The commitment.
    pub commitment: Id,
    /// The idea it follows from.
    pub idea: Id,
    /// The challenge of its idea.
    pub challenge: Id,
    /// The last day.
    pub due_on: String,
}

impl Entry for CommitmentMade {
    const KIND: EntryKind = EntryKind::CommitmentMade;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.commitment
    }
}

/// A commitment stands differently.
#[derive(Clone, Debug, Serialize)]
pub struct CommitmentChanged {
    /// The commitment.
    pub commitment: Id,
    /// The idea it follows from.
    pub idea: Id,
    /// How it stands.
    pub status: CommitmentStatus,
}

impl Entry for CommitmentChanged {
    const KIND: EntryKind = EntryKind::CommitmentChanged;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.commitment
    }
}
