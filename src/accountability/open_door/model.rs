//! Rows of the open door, and what is recorded of it.

use diesel::prelude::*;
use serde::Serialize;

use crate::accountability::promises::clock::Due;
use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, IdeaState, SettledAs, Visibility};

/// How many have to support an idea so that it is owed a decision, from an instant on.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::thresholds)]
pub struct ThresholdRow {
    /// Counts from one in its challenge; the greatest is the one that holds.
    pub number: i32,
    /// Whoever they are.
    pub supports: i64,
    /// Of whom so many have shown that they live in the council's area, where that is asked.
    pub verified: Option<i64>,
    /// And of a hundred who have shown that, so many, where that is asked.
    pub verified_percent: Option<i32>,
    /// Working days to the decision.
    pub within_days: i32,
    /// Why, where more is asked than before.
    pub reason: Option<String>,
    /// When.
    pub changed_at: Instant,
}

/// Who is behind an idea, and of how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backing {
    /// Whoever they are.
    pub supports: i64,
    /// Of whom so many had shown that they live in the council's area, or have since.
    pub verified: i64,
    /// Of whom so many have shown it and need not show it again, of how many who have at all: both at one instant, where a share is asked.
    pub share: (i64, i64),
}

/// An idea that so many have supported.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::raised_ideas)]
pub struct RaisedRow {
    /// The idea.
    pub idea_id: Id,
    /// The challenge that is the open door.
    pub challenge_id: Id,
    /// Which threshold it reached.
    pub threshold: i32,
    /// How many supported it then.
    pub supports: i64,
    /// Working days to the decision.
    pub within_days: i32,
    /// When.
    pub reached_at: Instant,
    /// The decision is due by then.
    pub due_at: Instant,
    /// It would be due by then had nothing moved it.
    pub promised_by: Instant,
    /// What the council made of it.
    pub settled_as: Option<SettledAs>,
    /// The answer that says so.
    pub answer_id: Option<Id>,
    /// The challenge that was made of it.
    pub taken_up_as: Option<Id>,
    /// When.
    pub settled_at: Option<Instant>,
}

impl RaisedRow {
    /// When the decision is due.
    pub fn due(&self) -> Due {
        Due { at: self.due_at, promised_by: self.promised_by }
    }
}

/// Such an idea with what is shown of it.
#[derive(Clone, Debug, Queryable)]
pub struct Listed {
    /// What is owed.
    pub row: RaisedRow,
    /// The number of the idea.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// Where it stands.
    pub state: IdeaState,
    /// How many support it now.
    pub supports: i64,
    /// When what was made of it opened, where it has.
    pub opened_at: Option<Instant>,
}

/// How the council deals with what was raised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// All, while they are public.
    pub raised: i64,
    /// Those of which a challenge was made.
    pub taken_up: i64,
    /// Those that were answered.
    pub answered: i64,
    /// Those that were declined.
    pub declined: i64,
    /// Those that wait.
    pub waiting: i64,
    /// Those that wait too long.
    pub overdue: i64,
}

/// So many have supported an idea that it is owed a decision.
#[derive(Clone, Debug, Serialize)]
pub struct IdeaRaised {
    /// The idea.
    pub idea: Id,
    /// The open door.
    pub challenge: Id,
    /// How many support it.
    pub supports: i64,
    /// The decision is due by then.
    pub due_at: Instant,
}

impl Entry for IdeaRaised {
    const KIND: EntryKind = EntryKind::IdeaRaised;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.idea
    }
}

/// A challenge is made of such an idea.
#[derive(Clone, Debug, Serialize)]
pub struct IdeaTakenUp {
    /// The idea.
    pub idea: Id,
    /// The open door.
    pub challenge: Id,
    /// The answer that says so.
    pub answer: Id,
}

impl Entry for IdeaTakenUp {
    const KIND: EntryKind = EntryKind::IdeaTakenUp;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.idea
    }
}

/// Another number has to support an idea from now on.
#[derive(Clone, Debug, Serialize)]
pub struct ThresholdChanged {
    /// The open door.
    pub challenge: Id,
    /// Counts from one.
    pub number: i32,
    /// Whoever they are.
    pub supports: i64,
    /// Of whom so many have shown that they live in the council's area.
    pub verified: Option<i64>,
    /// And of a hundred who have shown that, so many.
    pub verified_percent: Option<i32>,
    /// Working days to the decision.
    pub within_days: i32,
    /// Why, where more is asked than before.
    pub reason: Option<String>,
}

impl Entry for ThresholdChanged {
    const KIND: EntryKind = EntryKind::ThresholdChanged;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.challenge
    }
}
