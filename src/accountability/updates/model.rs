//! Rows of updates, and what is recorded of them.

use diesel::prelude::*;
use serde::Serialize;

use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility};

/// An update with one of its revisions, without who wrote it: it is the office that speaks.
#[derive(Clone, Debug, Queryable)]
pub struct UpdateRow {
    /// Its id.
    pub id: Id,
    /// Its challenge.
    pub challenge_id: Id,
    /// Whether those concerned were told by mail.
    pub mailed: bool,
    /// When the first revision was published.
    pub first_published_at: Instant,
    /// Counts from one.
    pub revision: i32,
    /// In a few words.
    pub title: String,
    /// What there is to tell; Markdown.
    pub body: String,
    /// The office that speaks.
    pub office: String,
    /// What this revision puts right; none for the first.
    pub correction: Option<String>,
    /// When this revision was published.
    pub published_at: Instant,
}

/// What an update is made of, tidied and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateDraft {
    /// In a few words.
    pub title: String,
    /// What there is to tell; Markdown.
    pub body: String,
    /// The office that speaks.
    pub office: String,
    /// What it puts right; none for a first revision.
    pub correction: Option<String>,
}

/// An update was published, or put right.
#[derive(Clone, Debug, Serialize)]
pub struct UpdatePublished {
    /// The update.
    pub update: Id,
    /// Its challenge.
    pub challenge: Id,
    /// Counts from one.
    pub revision: i32,
}

impl Entry for UpdatePublished {
    const KIND: EntryKind = EntryKind::UpdatePublished;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.update
    }
}
