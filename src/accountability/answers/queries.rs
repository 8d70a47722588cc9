//! All the SQL of answers.

use diesel::dsl::max;
use diesel::prelude::*;

use super::model::{AnswerDraft, AnswerRow, Told};
use crate::participation::ideas::model::IdeaRow;
use crate::platform::db::schema::{answers, ideas, supports, voters};
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::vocabulary::IdeaState;

/// Writes the next revision of the answer to an idea. The caller holds the row of the idea, so that two officers
/// do not write the same one.
///
/// # Errors
/// What the database answers.
pub fn insert_answer(
    tx: &mut Tx<'_>,
    council: Id,
    id: Id,
    idea: &IdeaRow,
    officer: Id,
    draft: &AnswerDraft,
) -> Result<AnswerRow> {
    let now = tx.now();
    let last: Option<i32> = answers::table
        .filter(answers::council_id.eq(council))
        .filter(answers::idea_id.eq(idea.id))
        .select(max(answers::revision))
        .first(&mut **tx)?;
    let revision = last.unwrap_or(0).saturating_add(1);
    diesel::insert_into(answers::table)
        .values((
            answers::council_id.eq(council),
            answers::id.eq(id),
            answers::idea_id.eq(idea.id),
            answers::challenge_id.eq(idea.challenge_id),
            answers::revision.eq(revision),
            answers::idea_revision.eq(idea.revision),
            answers::kind.eq(draft.kind),
            answers::office.eq(&draft.office),
            answers::reason.eq(&draft.reason),
            answers::answered_by.eq(officer),
            answers::answered_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(AnswerRow {
        id,
        idea_id: idea.id,
        challenge_id: idea.challenge_id,
        revision,
        idea_revision: idea.revision,
        kind: draft.kind,
        office: draft.office.clone(),
        reason: draft.reason.clone(),
        answered_at: now,
    })
}

/// The revisions of an answer before one of them, newest first.
///
/// # Errors
/// What the database answers.
pub fn list_answers(tx: &mut Tx<'_>, council: Id, idea: Id, before: Option<i32>, limit: i64) -> Result<Vec<AnswerRow>> {
    Ok(answers::table
        .filter(answers::council_id.eq(council))
        .filter(answers::idea_id.eq(idea))
        .filter(answers::revision.lt(before.unwrap_or(i32::MAX)))
        .order(answers::revision.desc())
        .limit(limit)
        .select(AnswerRow::as_select())
        .load(&mut **tx)?)
}

/// An answer and its idea, while everybody sees the idea.
///
/// # Errors
/// What the database answers.
pub fn find_told(tx: &mut Tx<'_>, council: Id, answer: Id) -> Result<Option<(AnswerRow, Told)>> {
    let answer: Option<AnswerRow> =
        answers::table.find((council, answer)).select(AnswerRow::as_select()).first(&mut **tx).optional()?;
    let Some(answer) = answer else { return Ok(None) };
    let told: Option<Told> = ideas::table
        .find((council, answer.idea_id))
        .filter(ideas::state.eq(IdeaState::Published))
        .select((ideas::number, ideas::title, ideas::author_id, ideas::followed_up_at))
        .first(&mut **tx)
        .optional()?;
    Ok(told.map(|told| (answer, told)))
}

/// The voters after one that support any of these ideas, each once, with their accounts.
///
/// # Errors
/// What the database answers.
pub fn supporters_of(
    tx: &mut Tx<'_>,
    council: Id,
    ideas: &[Id],
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<(Id, Option<Id>)>> {
    let mut all = Vec::new();
    // One idea after the other: each is read in the order of its index.
    for idea in ideas {
        all.extend(supporters(tx, council, *idea, after, limit)?);
    }
    all.sort_unstable();
    all.dedup();
    all.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(all)
}

/// The voters after one that support an idea, with their accounts.
///
/// # Errors
/// What the database answers.
pub fn supporters(
    tx: &mut Tx<'_>,
    council: Id,
    idea: Id,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<(Id, Option<Id>)>> {
    Ok(supports::table
        .inner_join(
            voters::table.on(voters::council_id.eq(supports::council_id).and(voters::id.eq(supports::voter_id))),
        )
        .filter(supports::council_id.eq(council))
        .filter(supports::idea_id.eq(idea))
        .filter(supports::voter_id.gt(after.unwrap_or(Id::NONE)))
        .order(supports::voter_id)
        .limit(limit)
        .select((supports::voter_id, voters::account_id))
        .load(&mut **tx)?)
}
