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
    /// Against which decision.
    pub decision: Id,
}

impl Entry for AppealMade {
    const KIND: EntryKind = EntryKind::AppealMade;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.idea
    }
}

/// An appeal was decided.
#[derive(Debug, Serialize)]
pub struct AppealDecided {
    /// Which appeal.
    pub appeal: Id,
    /// About which idea.
    pub idea: Id,
    /// Against which decision.
    pub decision: Id,
    /// What came of it.
    pub result: AppealResult,
}

impl Entry for AppealDecided {
    const KIND: EntryKind = EntryKind::AppealDecided;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.idea
    }
}
