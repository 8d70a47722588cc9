//! News of challenges.

use serde::Serialize;

use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility};

/// A challenge passed the gate.
#[derive(Debug, Serialize)]
pub struct ChallengeOpened {
    /// Which.
    pub challenge: Id,
    /// Its title.
    pub title: String,
    /// Who decides.
    pub decision_office: String,
    /// The promise.
    pub answer_within_days: i32,
    /// The promise; none of an open door.
    pub publish_outcome_by: Option<Instant>,
    /// Why it runs into a quiet period, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_period_reason: Option<String>,
}

impl Entry for ChallengeOpened {
    const KIND: EntryKind = EntryKind::ChallengeOpened;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.challenge
    }
}

/// A challenge was closed before its last phase ended.
#[derive(Debug, Serialize)]
pub struct ChallengeClosed {
    /// Which.
    pub challenge: Id,
}

impl Entry for ChallengeClosed {
    const KIND: EntryKind = EntryKind::ChallengeClosed;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.challenge
    }
}
