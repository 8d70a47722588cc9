//! News of ballots: what is put to the vote, and how it came out. Of a ballot itself there is none.

use serde::Serialize;

use super::model::BallotTerms;
use crate::platform::db::Id;
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility, Withheld};

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

/// Votes are over and counted.
#[derive(Debug, Serialize)]
pub struct ResultPublished {
    /// In which challenge.
    pub challenge: Id,
    /// Ballots that count.
    pub ballots: i64,
    /// Who won by the count that decides.
    pub winners: Vec<Id>,
    /// Why the ballots are not published, where they are not.
    pub withheld: Option<Withheld>,
    /// SHA-256 of the file of ballots, in hexadecimal, where it is published.
    pub sha256: Option<String>,
}

impl Entry for ResultPublished {
    const KIND: EntryKind = EntryKind::ResultPublished;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.challenge
    }
}
