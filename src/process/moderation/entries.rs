//! News of decisions: which, on what ground; never who or what was said.

use serde::Serialize;

use crate::platform::db::Id;
use crate::platform::entries::Entry;
use crate::vocabulary::{DecisionKind, EntryKind, Visibility};

/// A case was decided with a restriction.
#[derive(Debug, Serialize)]
pub struct IdeaRestricted {
    /// Which idea.
    pub idea: Id,
    /// By which decision.
    pub decision: Id,
    /// What was decided.
    pub kind: DecisionKind,
    /// On which ground.
    pub ground: String,
}

/// A case about a comment was decided with a restriction.
#[derive(Debug, Serialize)]
pub struct CommentRestricted {
    /// Which comment.
    pub comment: Id,
    /// By which decision.
    pub decision: Id,
    /// What was decided.
    pub kind: DecisionKind,
    /// On which ground.
    pub ground: String,
}

impl Entry for CommentRestricted {
    const KIND: EntryKind = EntryKind::CommentRestricted;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.comment
    }
}

impl Entry for IdeaRestricted {
    const KIND: EntryKind = EntryKind::IdeaRestricted;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.idea
    }
}
