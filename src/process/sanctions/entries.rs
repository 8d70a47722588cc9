//! News of decisions on people: that there was one, on which ground, and what came of an appeal; never about whom.

use serde::Serialize;

use crate::platform::db::Id;
use crate::platform::entries::Entry;
use crate::vocabulary::{AppealResult, EntryKind, SanctionKind, Visibility};

/// Somebody was warned or suspended.
#[derive(Debug, Serialize)]
pub struct AccountSanctioned {
    /// By which decision.
    pub sanction: Id,
    /// What was decided.
    pub kind: SanctionKind,
    /// On which ground.
    pub ground: String,
}

impl Entry for AccountSanctioned {
    const KIND: EntryKind = EntryKind::AccountSanctioned;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.sanction
    }
}

/// An appeal against such a decision was decided.
#[derive(Debug, Serialize)]
pub struct SanctionAppealDecided {
    /// Which appeal.
    pub appeal: Id,
    /// Against which decision.
    pub sanction: Id,
    /// What came of it.
    pub result: AppealResult,
    /// Where it was reversed by lifting the suspension: whether that was done by whoever had suspended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifted_by_who_suspended: Option<bool>,
}

impl Entry for SanctionAppealDecided {
    const KIND: EntryKind = EntryKind::SanctionAppealDecided;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.sanction
    }
}
