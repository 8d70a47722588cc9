//! News of ballots: what is put to the vote. Of a ballot itself there is none.

use serde::Serialize;

use super::model::BallotTerms;
use crate::platform::db::Id;
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility};

/// Ideas are put to the vote, by these terms.
#[derive(Debug, Serialize)]
pub struct BallotPaperWritten {
    /// In which challenge.
    pub challenge: Id,
    /// Raised by each change.
    pub version: i64,
    /// How ballots look and are counted.
    pub terms: BallotTerms,
    /// Which ideas.
    pub ideas: Vec<Id>,
}

impl Entry for BallotPaperWritten {
    const KIND: EntryKind = EntryKind::BallotPaperWritten;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.challenge
    }
}
