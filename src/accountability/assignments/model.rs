//! Rows of assignments, and what is recorded of them.

use diesel::prelude::*;
use serde::Serialize;

use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, IdeaStatus, Visibility};

/// An assignment, with what is shown of its idea.
#[derive(Clone, Debug, Queryable)]
pub struct Assigned {
    /// The idea.
    pub idea_id: Id,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// What the council has said to it.
    pub status: IdeaStatus,
    /// The council owes an answer by then.
    pub answer_due_at: Instant,
    /// The office.
    pub office_id: Id,
    /// Its name.
    pub office: String,
    /// Who in it, while they belong to it.
    pub officer_id: Option<Id>,
    /// Raised by each change.
    pub version: i64,
    /// Since when.
    pub assigned_at: Instant,
}

/// An idea that waits for an answer.
#[derive(Clone, Debug, Queryable)]
pub struct Waiting {
    /// The idea.
    pub idea_id: Id,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Its challenge.
    pub challenge_id: Id,
    /// The council owes an answer by then.
    pub answer_due_at: Instant,
    /// The office that is to answer it, where one is.
    pub office_id: Option<Id>,
    /// Its name.
    pub office: Option<String>,
}

/// Which assignments.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// Of one office.
    pub office: Option<Id>,
    /// Of one officer.
    pub officer: Option<Id>,
    /// Only ideas that wait for an answer.
    pub waiting: bool,
}

/// An office was given an idea to answer. Who in it, nobody is told.
#[derive(Clone, Debug, Serialize)]
pub struct IdeaAssigned {
    /// The idea.
    pub idea: Id,
    /// The office; null where it is nobody's any more.
    pub office: Option<Id>,
}

impl Entry for IdeaAssigned {
    const KIND: EntryKind = EntryKind::IdeaAssigned;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.idea
    }
}
