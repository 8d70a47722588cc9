//! Rows of follow-up questions, and what is recorded of them.

use diesel::prelude::*;
use serde::Serialize;

use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility};

/// A follow-up question.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::follow_ups)]
pub struct FollowUpRow {
    /// The idea.
    pub idea_id: Id,
    /// The answer that it follows.
    pub answer_id: Id,
    /// What was asked; gone with the idea or its author.
    pub question: Option<String>,
    /// When.
    pub asked_at: Instant,
    /// The council owes an answer by then.
    pub due_at: Instant,
}

/// The author of an idea asked back; what they asked is not said.
#[derive(Clone, Debug, Serialize)]
pub struct IdeaFollowedUp {
    /// The idea.
    pub idea: Id,
    /// Its challenge.
    pub challenge: Id,
    /// The answer that was not enough.
    pub answer: Id,
    /// The council owes another by then.
    pub answer_due_at: Instant,
}

impl Entry for IdeaFollowedUp {
    const KIND: EntryKind = EntryKind::IdeaFollowedUp;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.idea
    }
}
