//! News of votes that are not counted: of which challenge, how many, and why; never whose.

use serde::Serialize;

use crate::platform::db::Id;
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility};

macro_rules! entries {
    ($($(#[$meta:meta])* $name:ident,)+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Serialize)]
            pub struct $name {
                /// Of which challenge.
                pub challenge: Id,
                /// The signal.
                pub signal: Id,
                /// How many votes.
                pub votes: i64,
                /// Why.
                pub reason: String,
            }

            impl Entry for $name {
                const KIND: EntryKind = EntryKind::$name;
                const VISIBILITY: Visibility = Visibility::Public;
                fn subject(&self) -> Id {
                    self.challenge
                }
            }
        )+
    };
}

entries! {
    /// Votes are not counted while it is looked at where they came from.
    VotesQuarantined,
    /// They are counted again.
    VotesReleased,
    /// They are not counted.
    VotesInvalidated,
    /// That was wrong, and they are counted again.
    VotesRestored,
}
