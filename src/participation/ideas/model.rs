//! Rows of ideas, and whose eyes they are seen with.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::{IdeaOrigin, IdeaState, IdeaStatus, Stance};

/// An idea.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::ideas)]
pub struct IdeaRow {
    /// Its council.
    pub council_id: Id,
    /// Its id.
    pub id: Id,
    /// Its challenge.
    pub challenge_id: Id,
    /// Its public number, without the prefix.
    pub number: i64,
    /// Whose it is, where it came from an account.
    pub author_id: Option<Id>,
    /// Where it came from.
    pub origin: IdeaOrigin,
    /// Where it stands.
    pub state: IdeaState,
    /// What the council has said to it.
    pub status: IdeaStatus,
    /// Its title.
    pub title: String,
    /// In Markdown.
    pub body: String,
    /// Its category.
    pub category: Option<String>,
    /// For the seeded order.
    pub shuffle: i64,
    /// The revision in force.
    pub revision: i32,
    /// Raised by each change.
    pub version: i64,
    /// When it was submitted.
    pub submitted_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// The council owes an answer by then.
    pub answer_due_at: Instant,
    /// When it would owe it without pauses and the like.
    pub answer_promised_by: Instant,
    /// When its author asked back.
    pub followed_up_at: Option<Instant>,
    /// The decision by which nobody may write under it any more.
    pub locked_by: Option<Id>,
}

/// An idea with what is shown beside it.
#[derive(Clone, Debug, Queryable)]
pub struct Shown {
    /// The idea.
    pub idea: IdeaRow,
    /// How many support it.
    pub supports: i64,
    /// How much was said of it.
    pub said: Said,
    /// How its author wishes to be called.
    pub author: Option<String>,
    /// Under which their profile is public.
    pub profile: Option<Id>,
}

/// How many comments everybody sees under an idea, by what they say to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Queryable)]
pub struct Said {
    /// For it.
    pub in_favour: i64,
    /// Against it.
    pub against: i64,
    /// Neither.
    pub neutral: i64,
}

impl Said {
    /// One more comment of this kind.
    pub fn add(&mut self, stance: Stance) {
        match stance {
            Stance::For => self.in_favour += 1,
            Stance::Against => self.against += 1,
            Stance::Neutral => self.neutral += 1,
        }
    }
}

/// Why and when an idea was restricted; all that its tombstone tells.
#[derive(Clone, Debug, Queryable)]
pub struct Restriction {
    /// On which ground.
    pub ground_code: Option<String>,
    /// When.
    pub decided_at: Instant,
    /// By which decision.
    pub decision: Id,
    /// The statement of reasons.
    pub statement: Option<String>,
    /// Whether it is about somebody's safety.
    pub safeguarding: bool,
}
