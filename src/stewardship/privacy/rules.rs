//! What erasing means for what somebody has written. Pure.

use crate::vocabulary::{FateOfIdeas, IdeaState};

/// What becomes of one idea.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays, and nobody is named.
    Anonymised,
    /// Its text goes.
    Erased,
    /// It went before.
    Gone,
}

/// Only what is public can stay without its author: nobody could answer a moderator for the rest, and nobody has read it.
pub fn fate(state: IdeaState, wish: FateOfIdeas) -> Fate {
    match (state, wish) {
        (IdeaState::Erased, _) => Fate::Gone,
        (IdeaState::Published | IdeaState::Merged, FateOfIdeas::Anonymise) => Fate::Anonymised,
        _ => Fate::Erased,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public_stays_where_its_author_wishes_and_the_rest_goes() {
        for state in IdeaState::ALL.iter().copied().filter(|state| *state != IdeaState::Erased) {
            let public = matches!(state, IdeaState::Published | IdeaState::Merged);
            let stays = if public { Fate::Anonymised } else { Fate::Erased };
            assert_eq!(fate(state, FateOfIdeas::Anonymise), stays, "{state}");
            assert_eq!(fate(state, FateOfIdeas::Withdraw), Fate::Erased, "{state}");
            assert_eq!(fate(IdeaState::Erased, FateOfIdeas::Withdraw), Fate::Gone);
        }
    }
}
