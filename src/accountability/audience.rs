//! Whom a challenge concerns: the authors of its public ideas and those who support one, some at a time, so that a hundred thousand
//! of them are no problem.

use diesel::dsl::exists;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::platform::db::schema::{ideas, supports, voters};
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::vocabulary::IdeaState;

/// Ideas or voters that are looked at in one unit at most, so that others write in between.
const BATCH: i64 = 100;

/// How far the looking has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Whether the authors are through.
    pub supporters: bool,
    /// The last idea or voter that was looked at.
    pub after: Option<Id>,
}

impl Place {
    /// It in the key of a job.
    pub fn key(self) -> String {
        let part = if self.supporters { "supporters" } else { "authors" };
        self.after.map_or_else(|| part.to_owned(), |after| format!("{part}:{after}"))
    }
}

/// The accounts from a place on, and the next place; `None` at the end. An account can come more than once: whoever queues a job of
/// a key that names it tells it once.
///
/// # Errors
/// What the database answers.
pub fn accounts_from(tx: &mut Tx<'_>, council: Id, challenge: Id, from: Place) -> Result<(Vec<Id>, Option<Place>)> {
    let after = from.after.unwrap_or(Id::NONE);
    let rows: Vec<(Id, Option<Id>)> = if from.supporters {
        let of_voter = supports::table
            .filter(supports::council_id.eq(voters::council_id))
            .filter(supports::voter_id.eq(voters::id));
        voters::table
            .filter(voters::council_id.eq(council))
            .filter(voters::challenge_id.eq(challenge))
            .filter(voters::id.gt(after))
            .filter(exists(of_voter))
            .order(voters::id)
            .limit(BATCH)
            .select((voters::id, voters::account_id))
            .load(&mut **tx)?
    } else {
        ideas::table
            .filter(ideas::council_id.eq(council))
            .filter(ideas::challenge_id.eq(challenge))
            .filter(ideas::state.eq(IdeaState::Published))
            .filter(ideas::id.gt(after))
            .order(ideas::id)
            .limit(BATCH)
            .select((ideas::id, ideas::author_id))
            .load(&mut **tx)?
    };
    let full = i64::try_from(rows.len()).is_ok_and(|count| count == BATCH);
    let next = match (full, from.supporters) {
        (true, supporters) => Some(Place { supporters, after: rows.last().map(|(id, _)| *id) }),
        (false, false) => Some(Place { supporters: true, after: None }),
        (false, true) => None,
    };
    Ok((rows.into_iter().filter_map(|(_, account)| account).collect(), next))
}
