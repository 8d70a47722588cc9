//! The SQL of when answers to ideas are due, for promises that change after they were made.

use diesel::prelude::*;

use crate::accountability::promises::clock::Due;
use crate::platform::db::schema::{follow_ups, ideas};
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
    /// When the first one would have been, had nothing moved it.
    pub promised_by: Instant,
    /// When its author asked back, and when an answer to that would be due, had nothing moved it.
    pub asked: Option<(Instant, Instant)>,
}

impl Owed {
    /// When its answer is due, as was told: the one that is owed now.
    pub fn due(&self) -> Due {
        let promised_by = self.asked.map_or(self.promised_by, |(_, promised_by)| promised_by);
        Due { at: self.due_at, promised_by }
    }
}

/// The ideas of a challenge after a place whose answers are owed and were not late at an instant, in the order of submission.
///
/// # Errors
/// What the database answers.
pub fn list_owed(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    at: Instant,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<Owed>> {
    let asked_back = follow_ups::council_id.eq(ideas::council_id).and(follow_ups::idea_id.eq(ideas::id));
    let mut query = ideas::table
        .left_join(follow_ups::table.on(asked_back))
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::status.eq(IdeaStatus::AwaitingAnswer))
        .filter(ideas::state.ne(IdeaState::Erased))
        .filter(ideas::answer_due_at.gt(at))
        .into_boxed();
    if let Some((at, id)) = after {
        query = query.filter(ideas::submitted_at.ge(at)).filter(ideas::submitted_at.gt(at).or(ideas::id.gt(id)));
    }
    Ok(query
        .order((ideas::submitted_at, ideas::id))
        .limit(limit)
        .select((
            ideas::id,
            ideas::submitted_at,
            ideas::clock_from,
            ideas::answer_due_at,
            ideas::answer_promised_by,
            (follow_ups::asked_at, follow_ups::promised_by).nullable(),
        ))
        .load(&mut **tx)?)
}

/// Says when the first answers to these ideas are due.
///
/// # Errors
/// What the database answers.
pub fn set_due(tx: &mut Tx<'_>, council: Id, among: &[Id], due: Due) -> Result<()> {
    diesel::update(ideas::table.filter(ideas::council_id.eq(council)).filter(ideas::id.eq_any(among.to_vec())))
        .set((ideas::answer_due_at.eq(due.at), ideas::answer_promised_by.eq(due.promised_by)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Says when the answers to what was asked back of these ideas are due; when the first ones were stays as it is.
///
/// # Errors
/// What the database answers.
pub fn set_due_again(tx: &mut Tx<'_>, council: Id, among: &[Id], due_at: Instant) -> Result<()> {
    diesel::update(ideas::table.filter(ideas::council_id.eq(council)).filter(ideas::id.eq_any(among.to_vec())))
        .set(ideas::answer_due_at.eq(due_at))
        .execute(&mut **tx)?;
    Ok(())
}
