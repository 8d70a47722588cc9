//! News of ideas. No author is named in any of it.

use serde::Serialize;

use crate::platform::db::Id;
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, IdeaState, Visibility};

/// An idea became public.
#[derive(Debug, Serialize)]
pub struct IdeaPublished {
    /// Which.
    pub idea: Id,
    /// Of which challenge.
    pub challenge: Id,
    /// Its public number.
    pub number: String,
}

impl Entry for IdeaPublished {
    const KIND: EntryKind = EntryKind::IdeaPublished;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.idea
    }
}

/// The text of a public idea changed.
#[derive(Debug, Serialize)]
pub struct IdeaRevised {
    /// Which.
    pub idea: Id,
    /// The revision in force.
    pub revision: i32,
}

impl Entry for IdeaRevised {
    const KIND: EntryKind = EntryKind::IdeaRevised;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.idea
    }
}

/// A public idea left the public eye: mirrors take its text down.
#[derive(Debug, Serialize)]
pub struct IdeaTakenDown {
    /// Which.
    pub idea: Id,
    /// What it is now.
    pub state: IdeaState,
}

impl Entry for IdeaTakenDown {
    const KIND: EntryKind = EntryKind::IdeaTakenDown;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.idea
    }
}

/// The author of a public idea has gone: mirrors take the name down.
#[derive(Debug, Serialize)]
pub struct IdeaAnonymised {
    /// Which.
    pub idea: Id,
}

impl Entry for IdeaAnonymised {
    const KIND: EntryKind = EntryKind::IdeaAnonymised;
    const VISIBILITY: Visibility = Visibility::Public;
    fn subject(&self) -> Id {
        self.idea
    }
}

/// An idea waits for a moderator.
#[derive(Debug, Serialize)]
pub struct IdeaHeld {
    /// Which.
    pub idea: Id,
}

impl Entry for IdeaHeld {
    const KIND: EntryKind = EntryKind::IdeaHeld;
    const VISIBILITY: Visibility = Visibility::Staff;
    fn subject(&self) -> Id {
        self.idea
    }
}
