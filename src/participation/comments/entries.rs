//! News of comments. No author is named in any of it.

use serde::Serialize;

use crate::platform::db::Id;
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, IdeaState, Visibility};

/// A comment became public.
#[derive(Debug, Serialize)]
pub struct CommentPublished {
    /// Which.
    pub comment: Id,
    /// About which idea.
    pub idea: Id,
}

/// The text of a public comment changed.
#[derive(Debug, Serialize)]
pub struct CommentRevised {
    /// Which.
    pub comment: Id,
    /// The revision in force.
    pub revision: i32,
}

/// A public comment left the public eye: mirrors take its text down, and what stands below it.
#[derive(Debug, Serialize)]
pub struct CommentTakenDown {
    /// Which.
    pub comment: Id,
    /// What it is now.
    pub state: IdeaState,
}

/// The author of a public comment has gone: mirrors take the name down.
#[derive(Debug, Serialize)]
pub struct CommentAnonymised {
    /// Which.
    pub comment: Id,
}

/// A comment waits for a moderator.
#[derive(Debug, Serialize)]
pub struct CommentHeld {
    /// Which.
    pub comment: Id,
}

macro_rules! entries {
    ($($kind:ident $visibility:ident),+) => {$(
        impl Entry for $kind {
            const KIND: EntryKind = EntryKind::$kind;
            const VISIBILITY: Visibility = Visibility::$visibility;
            fn subject(&self) -> Id {
                self.comment
            }
        }
    )+};
}

entries! {
    CommentPublished Public, CommentRevised Public, CommentTakenDown Public, CommentAnonymised Public, CommentHeld Staff
}
