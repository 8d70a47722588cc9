//! All the SQL of figures.

use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;

use super::model::{FiguresRow, Owed, Undertaken};
use super::rules::Period;
use crate::platform::db::schema::{
    accountability_figures as figures, answers, commitments, councils, follow_ups, ideas, promises,
};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::vocabulary::{IdeaState, IdeaStatus};

/// Answers that were owed to ideas that everybody sees, and came or were due from the beginning of a period on.
///
/// # Errors
/// What the database answers.
pub fn list_owed(tx: &mut Tx<'_>, council: Id, period: &Period) -> Result<Vec<Owed>> {
    type Came = (String, Instant, Instant, Instant, Option<Instant>, Instant);
    let promise = promises::council_id.eq(ideas::council_id).and(promises::challenge_id.eq(ideas::challenge_id));
    let came: Vec<Came> = answers::table
        .inner_join(ideas::table.on(ideas::council_id.eq(answers::council_id).and(ideas::id.eq(answers::idea_id))))
        .inner_join(promises::table.on(promise))
        .left_join(
            follow_ups::table.on(follow_ups::council_id.eq(ideas::council_id).and(follow_ups::idea_id.eq(ideas::id))),
        )
        .filter(answers::council_id.eq(council))
        .filter(answers::revision.eq(1))
        .filter(answers::answered_at.ge(period.from))
        .filter(ideas::state.eq(IdeaState::Published))
        .select((
            promises::decision_office,
            ideas::clock_from,
            ideas::answer_promised_by,
            ideas::answer_due_at,
            follow_ups::first_due_at.nullable(),
            answers::answered_at,
        ))
        .load(&mut **tx)?;
    let missing: Vec<(String, Instant, Instant, Instant)> = ideas::table
        .inner_join(promises::table.on(promise))
        .filter(ideas::council_id.eq(council))
        .filter(ideas::status.eq(IdeaStatus::AwaitingAnswer))
        .filter(ideas::answer_due_at.ge(period.from))
        .filter(ideas::answer_due_at.lt(period.until))
        .filter(ideas::followed_up_at.is_null())
        .filter(ideas::state.eq(IdeaState::Published))
        .select((promises::decision_office, ideas::clock_from, ideas::answer_promised_by, ideas::answer_due_at))
        .load(&mut **tx)?;
    let came = came.into_iter().map(|(office, clock_from, promised_by, due_at, first_due_at, answered_at)| Owed {
        office,
        clock_from,
        promised_by,
        // Of an idea whose author asked back, the first answer was owed earlier.
        due_at: first_due_at.unwrap_or(due_at),
        answered_at: Some(answered_at),
    });
    let missing = missing.into_iter().map(|(office, clock_from, promised_by, due_at)| Owed {
        office,
        clock_from,
        promised_by,
        due_at,
        answered_at: None,
    });
    Ok(came.chain(missing).collect())
}

/// Answers to what was asked back of ideas that everybody sees, and that came or were due from the beginning of a period on.
///
/// # Errors
/// What the database answers.
pub fn list_asked_back(tx: &mut Tx<'_>, council: Id, period: &Period) -> Result<Vec<Owed>> {
    let promise = promises::council_id.eq(ideas::council_id).and(promises::challenge_id.eq(ideas::challenge_id));
    Ok(follow_ups::table
        .inner_join(
            ideas::table.on(ideas::council_id.eq(follow_ups::council_id).and(ideas::id.eq(follow_ups::idea_id))),
        )
        .inner_join(promises::table.on(promise))
        .filter(follow_ups::council_id.eq(council))
        .filter(follow_ups::due_at.ge(period.from).or(follow_ups::answered_at.ge(period.from).assume_not_null()))
        .filter(ideas::state.eq(IdeaState::Published))
        .select((
            promises::decision_office,
            follow_ups::asked_at,
            follow_ups::promised_by,
            follow_ups::due_at,
            follow_ups::answered_at,
        ))
        .load(&mut **tx)?)
}

/// How many ideas wait for an answer of each office; only those that were due by an instant, where one is given.
///
/// # Errors
/// What the database answers.
pub fn waiting_by_office(tx: &mut Tx<'_>, council: Id, due_by: Option<Instant>) -> Result<Vec<(String, i64)>> {
    let promise = promises::council_id.eq(ideas::council_id).and(promises::challenge_id.eq(ideas::challenge_id));
    let query = ideas::table
        .inner_join(promises::table.on(promise))
        .filter(ideas::council_id.eq(council))
        .filter(ideas::status.eq(IdeaStatus::AwaitingAnswer))
        .filter(ideas::state.eq(IdeaState::Published))
        .group_by(promises::decision_office)
        .select((promises::decision_office, count_star()));
    Ok(match due_by {
        Some(at) => query.filter(ideas::answer_due_at.le(at)).load(&mut **tx)?,
        None => query.load(&mut **tx)?,
    })
}

/// Commitments on ideas that everybody sees whose last day lies in a period.
///
/// # Errors
/// What the database answers.
pub fn list_undertaken(tx: &mut Tx<'_>, council: Id, period: &Period) -> Result<Vec<Undertaken>> {
    Ok(commitments::table
        .inner_join(
            ideas::table.on(ideas::council_id.eq(commitments::council_id).and(ideas::id.eq(commitments::idea_id))),
        )
        .filter(commitments::council_id.eq(council))
        .filter(commitments::due_on.ge(&period.from_day))
        .filter(commitments::due_on.lt(&period.until_day))
        .filter(ideas::state.eq(IdeaState::Published))
        .select((commitments::office, commitments::due_on, commitments::status, commitments::delivered_at))
        .load(&mut **tx)?)
}

/// Councils whose figures were not counted since an instant.
///
/// # Errors
/// What the database answers.
pub fn uncounted_since(tx: &mut Tx<'_>, at: Instant) -> Result<Vec<Id>> {
    let counted = figures::table
        .filter(figures::council_id.eq(councils::id))
        .filter(figures::office.eq(""))
        .filter(figures::counted_at.ge(at));
    Ok(councils::table
        .filter(councils::sandbox_of.is_null())
        .filter(not(exists(counted)))
        .select(councils::id)
        .load(&mut **tx)?)
}

/// Writes figures in place of those before.
///
/// # Errors
/// What the database answers.
pub fn replace_figures(tx: &mut Tx<'_>, council: Id, rows: &[FiguresRow]) -> Result<()> {
    diesel::delete(figures::table.filter(figures::council_id.eq(council))).execute(&mut **tx)?;
    for row in rows {
        diesel::insert_into(figures::table)
            .values((
                figures::council_id.eq(council),
                figures::office.eq(&row.office),
                figures::from_day.eq(&row.from_day),
                figures::until_day.eq(&row.until_day),
                figures::quiet_days.eq(row.quiet_days),
                figures::on_time.eq(row.on_time),
                figures::in_added_time.eq(row.in_added_time),
                figures::late.eq(row.late),
                figures::unanswered_late.eq(row.unanswered_late),
                figures::asked_back_on_time.eq(row.asked_back_on_time),
                figures::asked_back_in_added_time.eq(row.asked_back_in_added_time),
                figures::asked_back_late.eq(row.asked_back_late),
                figures::asked_back_unanswered_late.eq(row.asked_back_unanswered_late),
                figures::answered.eq(row.answered),
                figures::median_tenths.eq(row.median_tenths),
                figures::ninetieth_tenths.eq(row.ninetieth_tenths),
                figures::unanswered.eq(row.unanswered),
                figures::overdue_now.eq(row.overdue_now),
                figures::commitments_on_time.eq(row.commitments_on_time),
                figures::commitments_late.eq(row.commitments_late),
                figures::commitments_owed.eq(row.commitments_owed),
                figures::commitments_dropped.eq(row.commitments_dropped),
                figures::asked.eq(row.asked),
                figures::yes.eq(row.yes),
                figures::partly.eq(row.partly),
                figures::no.eq(row.no),
                figures::counted_at.eq(row.counted_at),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// The figures of a council, the whole council's first, then those of its offices by name; nothing before they were counted.
///
/// # Errors
/// What the database answers.
pub fn list_figures(tx: &mut Tx<'_>, council: Id) -> Result<Vec<FiguresRow>> {
    Ok(figures::table
        .filter(figures::council_id.eq(council))
        .order(figures::office)
        .limit(500)
        .select(FiguresRow::as_select())
        .load(&mut **tx)?)
}
