//! All the SQL of follow-up questions.

use diesel::prelude::*;

use super::model::FollowUpRow;
use crate::accountability::promises::clock::Due;
use crate::participation::ideas::model::IdeaRow;
use crate::platform::db::schema::follow_ups;
use crate::platform::db::{Id, Tx};
use crate::platform::error::{OrNotFound as _, Result};

/// Writes what is asked of an answer, and until when the first one had been owed. The caller holds the idea.
///
/// # Errors
/// What the database answers.
pub fn insert_follow_up(
    tx: &mut Tx<'_>,
    council: Id,
    idea: &IdeaRow,
    answer: Id,
    question: &str,
    due: Due,
) -> Result<FollowUpRow> {
    let now = tx.now();
    diesel::insert_into(follow_ups::table)
        .values((
            follow_ups::council_id.eq(council),
            follow_ups::idea_id.eq(idea.id),
            follow_ups::answer_id.eq(answer),
            follow_ups::question.eq(question),
            follow_ups::asked_at.eq(now),
            follow_ups::due_at.eq(due.at),
            follow_ups::promised_by.eq(due.promised_by),
            follow_ups::first_due_at.eq(idea.answer_due_at),
        ))
        .execute(&mut **tx)?;
    find_follow_up(tx, council, idea.id)
}

/// What was asked of the answer to an idea.
///
/// # Errors
/// 404 where nothing was.
pub fn find_follow_up(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<FollowUpRow> {
    follow_ups::table.find((council, idea)).select(FollowUpRow::as_select()).first(&mut **tx).or_not_found("follow-up")
}

/// Says when the answers to what was asked back of these ideas are due.
///
/// # Errors
/// What the database answers.
pub fn set_due(tx: &mut Tx<'_>, council: Id, among: &[Id], due: Due) -> Result<()> {
    let asked = follow_ups::table.filter(follow_ups::council_id.eq(council));
    diesel::update(asked.filter(follow_ups::idea_id.eq_any(among.to_vec())))
        .set((follow_ups::due_at.eq(due.at), follow_ups::promised_by.eq(due.promised_by)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes when what was asked back of an idea was answered; a further revision changes nothing of it.
///
/// # Errors
/// What the database answers.
pub fn set_answered(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(follow_ups::table.find((council, idea)).filter(follow_ups::answered_at.is_null()))
        .set(follow_ups::answered_at.eq(Some(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets the text of what was asked; that something was stays.
///
/// # Errors
/// What the database answers.
pub fn forget_question(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<()> {
    diesel::update(follow_ups::table.find((council, idea)))
        .set(follow_ups::question.eq(None::<String>))
        .execute(&mut **tx)?;
    Ok(())
}
