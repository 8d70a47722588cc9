//! All the SQL of held acts.

use diesel::prelude::*;

use super::model::{Act, HeldRow, Listed, Speaker};
use crate::platform::audit::By;
use crate::platform::db::schema::held_acts::{self as held, table as acts};
use crate::platform::db::schema::{challenges, ideas, quiet_periods};
use crate::platform::db::{Id, Json, Tx};
use crate::platform::error::{OrNotFound as _, Problem, Result};
use crate::vocabulary::{HeldActKind, HeldActState};

/// What an act is about: the idea, the update or the challenge; and the challenge.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The idea, the update or the challenge.
    pub subject: Id,
    /// The challenge.
    pub challenge: Id,
}

/// Holds something.
///
/// # Errors
/// What the database answers.
pub fn insert_held(tx: &mut Tx<'_>, council: Id, who: Speaker, act: &Act, about: About, period: Id) -> Result<Id> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    let key = if let By::Key { key, .. } = who.by { Some(key) } else { None };
    diesel::insert_into(acts)
        .values((
            held::council_id.eq(council),
            held::id.eq(id),
            held::kind.eq(act.kind()),
            held::challenge_id.eq(about.challenge),
            held::subject_id.eq(about.subject),
            held::request.eq(Json(serde_json::to_value(act).map_err(anyhow::Error::from)?)),
            held::quiet_period_id.eq(period),
            held::asked_by.eq(who.account),
            held::key_id.eq(key),
            held::asked_at.eq(now),
            held::state.eq(HeldActState::Held),
        ))
        .execute(&mut **tx)?;
    Ok(id)
}

/// What is held of this kind about this subject.
///
/// # Errors
/// What the database answers.
pub fn held_about(tx: &mut Tx<'_>, council: Id, kind: HeldActKind, subject: Id) -> Result<Option<Id>> {
    Ok(acts
        .filter(held::council_id.eq(council))
        .filter(held::kind.eq(kind))
        .filter(held::subject_id.eq(subject))
        .filter(held::state.eq(HeldActState::Held))
        .select(held::id)
        .first(&mut **tx)
        .optional()?)
}

/// Something that is or was held.
///
/// # Errors
/// 404 where there is none.
pub fn find_held(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<HeldRow> {
    acts.find((council, id)).select(HeldRow::as_select()).first(&mut **tx).or_not_found("held act")
}

/// What was asked for first of all that is held, after one of them.
///
/// # Errors
/// What the database answers.
pub fn first_held(tx: &mut Tx<'_>, council: Id, after: Option<Id>) -> Result<Option<Id>> {
    Ok(acts
        .filter(held::council_id.eq(council))
        .filter(held::state.eq(HeldActState::Held))
        .filter(held::id.gt(after.unwrap_or(Id::NONE)))
        .order(held::id)
        .select(held::id)
        .first(&mut **tx)
        .optional()?)
}

/// The councils of which something is held.
///
/// # Errors
/// What the database answers.
pub fn councils_that_hold(tx: &mut Tx<'_>) -> Result<Vec<Id>> {
    Ok(acts.filter(held::state.eq(HeldActState::Held)).select(held::council_id).distinct().load(&mut **tx)?)
}

/// How much is held, so many at most.
///
/// # Errors
/// What the database answers.
pub fn count_held(tx: &mut Tx<'_>, council: Id, most: i64) -> Result<usize> {
    let found: Vec<Id> = acts
        .filter(held::council_id.eq(council))
        .filter(held::state.eq(HeldActState::Held))
        .limit(most)
        .select(held::id)
        .load(&mut **tx)?;
    Ok(found.len())
}

/// Notes what became of something held; whether it was still held, so that only one of two who try does.
///
/// # Errors
/// What the database answers.
pub fn settle(tx: &mut Tx<'_>, council: Id, id: Id, state: HeldActState, problem: Option<&Problem>) -> Result<bool> {
    let now = tx.now();
    let still = acts.find((council, id)).filter(held::state.eq(HeldActState::Held));
    let settled = diesel::update(still)
        .set((
            held::state.eq(state),
            held::settled_at.eq(Some(now)),
            held::problem.eq(problem.map(|problem| Json(problem.document(None)))),
        ))
        .execute(&mut **tx)?;
    Ok(settled == 1)
}

/// Notes that it went wrong on our side; how often it has by now.
///
/// # Errors
/// 404 where there is none.
pub fn count_try(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<i32> {
    diesel::update(acts.find((council, id))).set(held::tries.eq(held::tries + 1)).execute(&mut **tx)?;
    acts.find((council, id)).select(held::tries).first(&mut **tx).or_not_found("held act")
}

/// What failed and nobody was told of, by who asked for it, in the order of asking.
///
/// # Errors
/// What the database answers.
pub fn list_untold(tx: &mut Tx<'_>, council: Id) -> Result<Vec<(Id, Id)>> {
    Ok(acts
        .filter(held::council_id.eq(council))
        .filter(held::state.eq(HeldActState::Failed))
        .filter(held::told_at.is_null())
        .order((held::asked_by, held::id))
        .select((held::asked_by, held::id))
        .load(&mut **tx)?)
}

/// Notes that who asked is told.
///
/// # Errors
/// What the database answers.
pub fn set_told(tx: &mut Tx<'_>, council: Id, ids: &[Id]) -> Result<()> {
    let now = tx.now();
    diesel::update(acts.filter(held::council_id.eq(council)).filter(held::id.eq_any(ids)))
        .set(held::told_at.eq(Some(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Those before an id, the last asked for first; one of them alone, or all in a state.
///
/// # Errors
/// What the database answers.
pub fn list_held(
    tx: &mut Tx<'_>,
    council: Id,
    only: &[Id],
    state: Option<HeldActState>,
    before: Option<Id>,
    limit: i64,
) -> Result<Vec<Listed>> {
    let mut query = acts
        .inner_join(
            challenges::table
                .on(challenges::council_id.eq(held::council_id).and(challenges::id.eq(held::challenge_id))),
        )
        .inner_join(
            quiet_periods::table
                .on(quiet_periods::council_id.eq(held::council_id).and(quiet_periods::id.eq(held::quiet_period_id))),
        )
        .left_join(ideas::table.on(ideas::council_id.eq(held::council_id).and(ideas::id.eq(held::subject_id))))
        .filter(held::council_id.eq(council))
        .into_boxed();
    if !only.is_empty() {
        query = query.filter(held::id.eq_any(only));
    }
    if let Some(state) = state {
        query = query.filter(held::state.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(held::id.lt(before));
    }
    type Row = (HeldRow, String, Option<i64>, Option<String>, String);
    let rows: Vec<Row> = query
        .order(held::id.desc())
        .limit(limit)
        .select((
            HeldRow::as_select(),
            challenges::title,
            ideas::number.nullable(),
            ideas::title.nullable(),
            quiet_periods::until_day,
        ))
        .load(&mut **tx)?;
    let listed =
        |(row, challenge, number, title, until): Row| Listed { row, challenge, idea: number.zip(title), until };
    Ok(rows.into_iter().map(listed).collect())
}

/// One of them, with what it is about.
///
/// # Errors
/// 404 where there is none.
pub fn find_listed(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<Listed> {
    let found = list_held(tx, council, &[id], None, None, 1)?.into_iter().next();
    found.ok_or_else(|| crate::platform::error::Error::not_found("held act"))
}
