//! The SQL of when answers to ideas are due, for promises that change after they were made.

use diesel::prelude::*;

use crate::accountability::promises::clock::Due;
use crate::platform::db::schema::ideas;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::vocabulary::{IdeaState, IdeaStatus};

/// An idea whose answer is owed and not late.
#[derive(Clone, Copy, Debug, Queryable)]
pub struct Owed {
    /// Which.
    pub id: Id,
    /// When it was submitted.
    pub submitted_at: Instant,
    /// When the council's clock began.
    pub clock_from: Instant,
    /// When its answer is due.
    pub due_at: Instant,
    /// When it would be, had nothing moved it.
    pub promised_by: Instant,
}

impl Owed {
    /// When its answer is due, as was told.
    pub fn due(&self) -> Due {
        Due { at: self.due_at, promised_by: self.promised_by }
    }
}

/// The ideas of a challenge after a place whose answers are owed and not late, in the order of submission.
///
/// # Errors
/// What the database answers.
pub fn list_owed(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<Owed>> {
    let now = tx.now();
    let mut query = ideas::table
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::status.eq(IdeaStatus::AwaitingAnswer))
        .filter(ideas::state.ne(IdeaState::Erased))
        .filter(ideas::answer_due_at.gt(now))
        // A question that was asked back has its own clock.
        .filter(ideas::followed_up_at.is_null())
        .into_boxed();
    if let Some((at, id)) = after {
        query = query.filter(ideas::submitted_at.ge(at)).filter(ideas::submitted_at.gt(at).or(ideas::id.gt(id)));
    }
    Ok(query
        .order((ideas::submitted_at, ideas::id))
        .limit(limit)
        .select((ideas::id, ideas::submitted_at, ideas::clock_from, ideas::answer_due_at, ideas::answer_promised_by))
        .load(&mut **tx)?)
}

/// Says when the answers to these ideas are due.
///
/// # Errors
/// What the database answers.
pub fn set_due(tx: &mut Tx<'_>, council: Id, among: &[Id], due: Due) -> Result<()> {
    diesel::update(ideas::table.filter(ideas::council_id.eq(council)).filter(ideas::id.eq_any(among.to_vec())))
        .set((ideas::answer_due_at.eq(due.at), ideas::answer_promised_by.eq(due.promised_by)))
        .execute(&mut **tx)?;
    Ok(())
}
