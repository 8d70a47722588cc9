//! Rows of comments.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::{IdeaState, Stance};

/// A comment.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::comments)]
pub struct CommentRow {
    /// Its id.
    pub id: Id,
    /// The idea that it is about.
    pub idea_id: Id,
    /// The comment that it stands below.
    pub parent_id: Option<Id>,
    /// How many stand above it.
    pub depth: i32,
    /// Whose it is, while they are here.
    pub author_id: Option<Id>,
    /// What it says to the idea.
    pub stance: Stance,
    /// Where it stands.
    pub state: IdeaState,
    /// In Markdown.
    pub body: String,
    /// The revision in force.
    pub revision: i32,
    /// Raised by each change.
    pub version: i64,
    /// When it was written.
    pub written_at: Instant,
    /// When it was first public.
    pub published_at: Option<Instant>,
    /// The decision by which nobody may write below it any more.
    pub locked_by: Option<Id>,
}

/// A comment with how its author wishes to be called, and under which id their profile is public.
pub type Shown = (CommentRow, Option<String>, Option<Id>);
