//! News of appeals: against which decision, and what came of it; never who or what was said.

use serde::Serialize;

use crate::platform::db::Id;
use crate::platform::entries::Entry;
use crate::vocabulary::{AppealResult, EntryKind, Visibility};

/// Somebody appealed against a decision.
#[derive(Debug, Serialize)]
pub struct AppealMade {
    /// Which appeal.
    pub appeal: Id,
    /// About which idea.
    pub idea: Id,
    /// About which comment under it, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Id>,
    /// Against which decision.
    pub decision: Id,
}

impl Entry for AppealMade {
    const KIND: EntryKind = EntryKind::AppealMade;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.comment.unwrap_or(self.idea)
    }
}

/// An appeal was decided.
#[derive(Debug, Serialize)]
pub struct AppealDecided {
    /// Which appeal.
    pub appeal: Id,
    /// About which idea.
    pub idea: Id,
    /// About which comment under it, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Id>,
    /// Against which decision.
    pub decision: Id,
    /// What came of it.
    pub result: AppealResult,
}

impl Entry for AppealDecided {
    const KIND: EntryKind = EntryKind::AppealDecided;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.comment.unwrap_or(self.idea)
    }
}
