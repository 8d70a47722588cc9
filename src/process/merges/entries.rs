//! News of merges: which ideas, why and how many; never who chose what.

use serde::Serialize;

use super::views::Carried;
use crate::platform::db::{Id, Instant};
use crate::platform::entries::Entry;
use crate::vocabulary::{EntryKind, Visibility};

macro_rules! entries {
    ($($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty,)+ })+) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Serialize)]
            pub struct $name {
                /// The merge.
                pub merge: Id,
                /// The idea that the others are joined to.
                pub into: Id,
                $($(#[$field_meta])* pub $field: $type,)+
            }

            impl Entry for $name {
                const KIND: EntryKind = EntryKind::$name;
                const VISIBILITY: Visibility = Visibility::Public;
                fn subject(&self) -> Id {
                    self.merge
                }
            }
        )+
    };
}

entries! {
    /// A moderator proposes to merge ideas.
    MergeProposed {
        /// The ideas that are to be joined to it.
        ideas: Vec<Id>,
        /// Why.
        reason: String,
        /// Until when those whose support it is about can choose.
        choose_by: Instant,
    }
    /// A proposal was taken back.
    MergeWithdrawn {
        /// The ideas that stay by themselves.
        ideas: Vec<Id>,
        /// Why.
        reason: String,
    }
    /// Ideas were merged.
    MergeCarriedOut {
        /// Those that were, with how much of their support went along.
        ideas: Vec<Carried>,
    }
    /// Nothing could be merged.
    MergeLapsed {
        /// The ideas that stay by themselves.
        ideas: Vec<Id>,
    }
    /// A merge was undone.
    MergeReversed {
        /// The ideas that stand by themselves again.
        ideas: Vec<Id>,
        /// Why.
        reason: String,
    }
}
