//! Rows of notes, and what is recorded of them.

use diesel::prelude::*;
use serde::Serialize;

use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility};

/// A note, with who wrote it: colleagues may know.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::idea_notes)]
pub struct NoteRow {
    /// Its id.
    pub id: Id,
    /// The idea.
    pub idea_id: Id,
    /// What was written.
    pub body: String,
    /// Who wrote it.
    pub written_by: Id,
    /// When.
    pub written_at: Instant,
}

/// Somebody of the staff wrote a note.
#[derive(Clone, Debug, Serialize)]
pub struct NoteWritten {
    /// On which idea.
    pub idea: Id,
    /// Which.
    pub note: Id,
}

impl Entry for NoteWritten {
    const KIND: EntryKind = EntryKind::NoteWritten;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.idea
    }
}
