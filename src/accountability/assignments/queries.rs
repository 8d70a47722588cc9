//! All the SQL of assignments.

use diesel::prelude::*;

use super::model::{Assigned, Waiting, Wanted};
use crate::each;
use crate::platform::db::schema::{idea_assignments as assignments, ideas, office_members as members, offices};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Error, OrNotFound as _, Result};
use crate::vocabulary::{IdeaState, IdeaStatus};

macro_rules! assigned {
    ($council:expr) => {
        assignments::table
            .inner_join(
                ideas::table.on(ideas::council_id.eq(assignments::council_id).and(ideas::id.eq(assignments::idea_id))),
            )
            .inner_join(
                offices::table
                    .on(offices::council_id.eq(assignments::council_id).and(offices::id.eq(assignments::office_id))),
            )
            // Whoever has left the office has left its work.
            .left_join(
                members::table.on(members::council_id
                    .eq(assignments::council_id)
                    .and(members::office_id.eq(assignments::office_id))
                    .and(members::account_id.nullable().eq(assignments::officer_id))),
            )
            .filter(assignments::council_id.eq($council))
            .select((
                ideas::id,
                ideas::number,
                ideas::title,
                ideas::status,
                ideas::answer_due_at,
                offices::id,
                offices::name,
                members::account_id.nullable(),
                assignments::version,
                assignments::assigned_at,
            ))
    };
}

/// Gives an idea to an office, in place of the one that had it. The caller holds the idea.
///
/// # Errors
/// What the database answers.
pub fn put_assignment(tx: &mut Tx<'_>, council: Id, idea: Id, office: Id, officer: Option<Id>) -> Result<()> {
    let now = tx.now();
    each!(&mut **tx, c => diesel::insert_into(assignments::table)
        .values((
            assignments::council_id.eq(council),
            assignments::idea_id.eq(idea),
            assignments::office_id.eq(office),
            assignments::officer_id.eq(officer),
            assignments::version.eq(1_i64),
            assignments::assigned_at.eq(now),
        ))
        .on_conflict((assignments::council_id, assignments::idea_id))
        .do_update()
        .set((
            assignments::office_id.eq(office),
            assignments::officer_id.eq(officer),
            assignments::version.eq(assignments::version + 1),
            assignments::assigned_at.eq(now),
        ))
        .execute(c))?;
    Ok(())
}

/// Takes an idea from the office that had it.
///
/// # Errors
/// 404 where none had.
pub fn delete_assignment(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<()> {
    let gone = diesel::delete(assignments::table.find((council, idea))).execute(&mut **tx)?;
    if gone == 0 { Err(Error::not_found("assignment")) } else { Ok(()) }
}

/// Which office has an idea.
///
/// # Errors
/// 404 where none has.
pub fn find_assignment(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<Assigned> {
    assigned!(council).filter(assignments::idea_id.eq(idea)).first::<Assigned>(&mut **tx).or_not_found("assignment")
}

/// The assignments after a key, the one due first first.
///
/// # Errors
/// What the database answers.
pub fn list_assignments(
    tx: &mut Tx<'_>,
    council: Id,
    wanted: Wanted,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<Assigned>> {
    let mut query = assigned!(council).into_boxed();
    if let Some(office) = wanted.office {
        query = query.filter(assignments::office_id.eq(office));
    }
    if let Some(officer) = wanted.officer {
        query = query.filter(members::account_id.eq(officer));
    }
    if wanted.waiting {
        query = query.filter(ideas::status.eq(IdeaStatus::AwaitingAnswer));
    }
    if let Some((due, id)) = after {
        query = query.filter(ideas::answer_due_at.ge(due)).filter(ideas::answer_due_at.gt(due).or(ideas::id.gt(id)));
    }
    Ok(query.order((ideas::answer_due_at.asc(), ideas::id.asc())).limit(limit).load(&mut **tx)?)
}

// Ideas that wait for an answer of one of an officer's offices, or that no office has yet.
macro_rules! waiting {
    ($council:expr, $officer:expr) => {
        ideas::table
            .left_join(
                assignments::table
                    .on(assignments::council_id.eq(ideas::council_id).and(assignments::idea_id.eq(ideas::id))),
            )
            .filter(ideas::council_id.eq($council))
            .filter(ideas::state.eq(IdeaState::Published))
            .filter(ideas::status.eq(IdeaStatus::AwaitingAnswer))
            .filter(
                assignments::idea_id.is_null().or(assignments::office_id.eq_any(
                    members::table
                        .filter(members::council_id.eq($council))
                        .filter(members::account_id.eq($officer))
                        .select(members::office_id),
                )),
            )
    };
}

/// When the answers are due that an officer's offices owe, and those that are no office's yet, the first first.
///
/// # Errors
/// What the database answers.
pub fn answers_due(tx: &mut Tx<'_>, council: Id, officer: Id, limit: i64) -> Result<Vec<Instant>> {
    Ok(waiting!(council, officer)
        .order(ideas::answer_due_at.asc())
        .limit(limit)
        .select(ideas::answer_due_at)
        .load(&mut **tx)?)
}

/// The ideas that wait for those answers, after a key.
///
/// # Errors
/// What the database answers.
pub fn list_waiting(
    tx: &mut Tx<'_>,
    council: Id,
    officer: Id,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<Waiting>> {
    let mut query = waiting!(council, officer)
        .left_join(offices::table.on(
            offices::council_id.eq(ideas::council_id).and(offices::id.nullable().eq(assignments::office_id.nullable())),
        ))
        .into_boxed();
    if let Some((due, id)) = after {
        query = query.filter(ideas::answer_due_at.ge(due)).filter(ideas::answer_due_at.gt(due).or(ideas::id.gt(id)));
    }
    Ok(query
        .order((ideas::answer_due_at.asc(), ideas::id.asc()))
        .limit(limit)
        .select((
            ideas::id,
            ideas::number,
            ideas::title,
            ideas::challenge_id,
            ideas::answer_due_at,
            offices::id.nullable(),
            offices::name.nullable(),
        ))
        .load(&mut **tx)?)
}
