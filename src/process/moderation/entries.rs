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

/// Nobody may write under an idea or a comment any more.
#[derive(Debug, Serialize)]
pub struct DiscussionLocked {
    /// The idea.
    pub idea: Id,
    /// The comment under it, where it is only what stands below that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Id>,
}

/// One may write under an idea or a comment again.
#[derive(Debug, Serialize)]
pub struct DiscussionOpened {
    /// The idea.
    pub idea: Id,
    /// The comment under it, where it is only what stands below that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Id>,
}

impl Entry for DiscussionLocked {
    const KIND: EntryKind = EntryKind::DiscussionLocked;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.comment.unwrap_or(self.idea)
    }
}

impl Entry for DiscussionOpened {
    const KIND: EntryKind = EntryKind::DiscussionOpened;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.comment.unwrap_or(self.idea)
    }
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
