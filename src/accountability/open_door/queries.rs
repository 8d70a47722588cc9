//! All the SQL of the open door.

use diesel::prelude::*;

use super::model::{Figures, Listed, RaisedRow, ThresholdRow};
use crate::accountability::promises::clock::Due;
use crate::each;
use crate::participation::challenges::model::ChallengeRow;
use crate::platform::db::schema::{
    challenges, idea_counters, ideas, raised_ideas as raised, supports, thresholds, verifications, voters,
};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{OrNotFound as _, Result};
use crate::vocabulary::{ChallengeKind, IdeaState, SettledAs};

/// The open door of a council; a draft is for staff.
///
/// # Errors
/// 404 where there is none to see.
pub fn find_open_door(tx: &mut Tx<'_>, council: Id, staff: bool) -> Result<ChallengeRow> {
    let found: Option<ChallengeRow> = challenges::table
        .filter(challenges::council_id.eq(council))
        .filter(challenges::kind.eq(ChallengeKind::OpenDoor))
        .select(ChallengeRow::as_select())
        .first(&mut **tx)
        .optional()?;
    found
        .filter(|row| staff || row.opened_at.is_some())
        .ok_or_else(|| crate::platform::error::Error::not_found("open door"))
}

/// The thresholds of an open door, the one that holds first.
///
/// # Errors
/// What the database answers.
pub fn list_thresholds(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<ThresholdRow>> {
    Ok(thresholds::table
        .filter(thresholds::council_id.eq(council))
        .filter(thresholds::challenge_id.eq(challenge))
        .order(thresholds::number.desc())
        .select(ThresholdRow::as_select())
        .load(&mut **tx)?)
}

/// The threshold that holds.
///
/// # Errors
/// What the database answers.
pub fn find_threshold(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<ThresholdRow>> {
    Ok(thresholds::table
        .filter(thresholds::council_id.eq(council))
        .filter(thresholds::challenge_id.eq(challenge))
        .order(thresholds::number.desc())
        .select(ThresholdRow::as_select())
        .first(&mut **tx)
        .optional()?)
}

/// Writes the next threshold. The caller holds the challenge alone.
///
/// # Errors
/// What the database answers.
pub fn insert_threshold(tx: &mut Tx<'_>, council: Id, challenge: Id, row: &ThresholdRow) -> Result<()> {
    diesel::insert_into(thresholds::table)
        .values((
            thresholds::council_id.eq(council),
            thresholds::challenge_id.eq(challenge),
            thresholds::number.eq(row.number),
            thresholds::supports.eq(row.supports),
            thresholds::verified.eq(row.verified),
            thresholds::verified_percent.eq(row.verified_percent),
            thresholds::within_days.eq(row.within_days),
            thresholds::reason.eq(&row.reason),
            thresholds::changed_at.eq(row.changed_at),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// How many support an idea, and how many of them have shown that they live in the area.
///
/// Whoever has just counted a support holds the counter, so nobody else's is on its way unseen.
///
/// # Errors
/// What the database answers.
pub fn supports_of(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<(i64, i64)> {
    let all = idea_counters::table.find((council, idea)).select(idea_counters::supports).first(&mut **tx)?;
    let verified = supports::table
        .inner_join(
            voters::table.on(voters::council_id.eq(supports::council_id).and(voters::id.eq(supports::voter_id))),
        )
        .filter(supports::council_id.eq(council))
        .filter(supports::idea_id.eq(idea))
        .filter(voters::verified_by.is_not_null())
        .count()
        .get_result(&mut **tx)?;
    Ok((all, verified))
}

/// How many have shown that they live in the area, and need not show it again.
///
/// # Errors
/// What the database answers.
pub fn verified_residents(tx: &mut Tx<'_>, council: Id) -> Result<i64> {
    let now = tx.now();
    let good =
        verifications::table.filter(verifications::council_id.eq(council)).filter(verifications::good_until.gt(now));
    Ok(good.count().get_result(&mut **tx)?)
}

/// How many of these support an idea.
///
/// # Errors
/// What the database answers.
pub fn verified_supporters(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<i64> {
    let now = tx.now();
    let good = verifications::table
        .inner_join(
            voters::table.on(voters::council_id
                .eq(verifications::council_id)
                .and(voters::account_id.eq(verifications::account_id.nullable()))),
        )
        .inner_join(
            supports::table.on(supports::council_id.eq(voters::council_id).and(supports::voter_id.eq(voters::id))),
        )
        .filter(verifications::council_id.eq(council))
        .filter(verifications::good_until.gt(now))
        .filter(supports::idea_id.eq(idea));
    Ok(good.count().get_result(&mut **tx)?)
}

/// The open door where an account supports an idea: there is one at most.
///
/// # Errors
/// What the database answers.
pub fn votes_at(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Option<Id>> {
    Ok(voters::table
        .inner_join(
            challenges::table
                .on(challenges::council_id.eq(voters::council_id).and(challenges::id.eq(voters::challenge_id))),
        )
        .filter(voters::council_id.eq(council))
        .filter(voters::account_id.eq(account))
        .filter(challenges::kind.eq(ChallengeKind::OpenDoor))
        .select(challenges::id)
        .first(&mut **tx)
        .optional()?)
}

/// The public ideas of a challenge that an account supports.
///
/// # Errors
/// What the database answers.
pub fn supported_by(tx: &mut Tx<'_>, council: Id, challenge: Id, account: Id) -> Result<Vec<Id>> {
    Ok(supports::table
        .inner_join(
            voters::table.on(voters::council_id.eq(supports::council_id).and(voters::id.eq(supports::voter_id))),
        )
        .inner_join(ideas::table.on(ideas::council_id.eq(supports::council_id).and(ideas::id.eq(supports::idea_id))))
        .filter(supports::council_id.eq(council))
        .filter(voters::challenge_id.eq(challenge))
        .filter(voters::account_id.eq(account))
        .filter(ideas::state.eq(IdeaState::Published))
        .order(ideas::id)
        .select(ideas::id)
        .load(&mut **tx)?)
}

/// Writes that an idea has reached a threshold; says whether it had not before.
///
/// # Errors
/// What the database answers.
pub fn insert_raised(
    tx: &mut Tx<'_>,
    council: Id,
    (challenge, idea): (Id, Id),
    threshold: &ThresholdRow,
    count: i64,
    (reached_at, due): (Instant, Due),
) -> Result<bool> {
    let inserted = each!(&mut **tx, c => diesel::insert_into(raised::table)
        .values((
            raised::council_id.eq(council),
            raised::idea_id.eq(idea),
            raised::challenge_id.eq(challenge),
            raised::threshold.eq(threshold.number),
            raised::supports.eq(count),
            raised::within_days.eq(threshold.within_days),
            raised::reached_at.eq(reached_at),
            raised::due_at.eq(due.at),
            raised::promised_by.eq(due.promised_by),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

/// The public ideas after one with at least so many supports that have not been raised, in the order of their ids.
///
/// # Errors
/// What the database answers.
pub fn not_raised(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    least: i64,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<Id>> {
    let already = raised::table.filter(raised::council_id.eq(ideas::council_id)).filter(raised::idea_id.eq(ideas::id));
    Ok(ideas::table
        .inner_join(
            idea_counters::table
                .on(idea_counters::council_id.eq(ideas::council_id).and(idea_counters::idea_id.eq(ideas::id))),
        )
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::state.eq(IdeaState::Published))
        .filter(idea_counters::supports.ge(least))
        .filter(diesel::dsl::not(diesel::dsl::exists(already)))
        .filter(ideas::id.gt(after.unwrap_or(Id::NONE)))
        .order(ideas::id)
        .limit(limit)
        .select(ideas::id)
        .load(&mut **tx)?)
}

/// What an idea is owed, where it was raised.
///
/// # Errors
/// What the database answers.
pub fn find_raised(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<Option<RaisedRow>> {
    Ok(raised::table.find((council, idea)).select(RaisedRow::as_select()).first(&mut **tx).optional()?)
}

macro_rules! listed {
    () => {
        raised::table
            .inner_join(ideas::table.on(ideas::council_id.eq(raised::council_id).and(ideas::id.eq(raised::idea_id))))
            .inner_join(
                idea_counters::table.on(idea_counters::council_id
                    .eq(raised::council_id)
                    .and(idea_counters::idea_id.eq(raised::idea_id))),
            )
            .left_join(challenges::table.on(
                challenges::council_id.eq(raised::council_id).and(challenges::id.nullable().eq(raised::taken_up_as)),
            ))
            .select((
                RaisedRow::as_select(),
                ideas::number,
                ideas::title,
                ideas::state,
                idea_counters::supports,
                challenges::opened_at.nullable(),
            ))
    };
}

/// The public ideas that were raised before a key, the last first.
///
/// # Errors
/// What the database answers.
pub fn list_raised(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    waiting: bool,
    before: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<Listed>> {
    let mut query = listed!()
        .filter(raised::council_id.eq(council))
        .filter(raised::challenge_id.eq(challenge))
        .filter(ideas::state.eq(IdeaState::Published))
        .order((raised::reached_at.desc(), raised::idea_id.desc()))
        .limit(limit)
        .into_boxed();
    if waiting {
        query = query.filter(raised::settled_as.is_null());
    }
    if let Some((at, id)) = before {
        query = query.filter(raised::reached_at.le(at)).filter(raised::reached_at.lt(at).or(raised::idea_id.lt(id)));
    }
    Ok(query.load(&mut **tx)?)
}

/// One of them.
///
/// # Errors
/// 404 where it was not raised.
pub fn find_listed(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<Listed> {
    listed!()
        .filter(raised::council_id.eq(council))
        .filter(raised::idea_id.eq(idea))
        .first(&mut **tx)
        .or_not_found("idea")
}

/// How the council deals with what was raised.
///
/// # Errors
/// What the database answers.
pub fn figures(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Figures> {
    let now = tx.now();
    let rows: Vec<(Option<SettledAs>, Instant)> = raised::table
        .inner_join(ideas::table.on(ideas::council_id.eq(raised::council_id).and(ideas::id.eq(raised::idea_id))))
        .filter(raised::council_id.eq(council))
        .filter(raised::challenge_id.eq(challenge))
        .filter(ideas::state.eq(IdeaState::Published))
        .select((raised::settled_as, raised::due_at))
        .load(&mut **tx)?;
    let mut counted = Figures::default();
    for (settled, due_at) in rows {
        counted.raised += 1;
        match settled {
            Some(SettledAs::TakenUp) => counted.taken_up += 1,
            Some(SettledAs::Answered) => counted.answered += 1,
            Some(SettledAs::Declined) => counted.declined += 1,
            None => {
                counted.waiting += 1;
                counted.overdue += i64::from(due_at <= now);
            }
        }
    }
    Ok(counted)
}

/// Writes what an answer made of an idea that waits; nothing where it does not.
///
/// # Errors
/// What the database answers.
pub fn settle(tx: &mut Tx<'_>, council: Id, idea: Id, settled: SettledAs, answer: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(raised::table.find((council, idea)).filter(raised::settled_as.is_null()))
        .set((
            raised::settled_as.eq(Some(settled)),
            raised::answer_id.eq(Some(answer)),
            raised::settled_at.eq(Some(now)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes which challenge was made of an idea.
///
/// # Errors
/// What the database answers.
pub fn set_taken_up(tx: &mut Tx<'_>, council: Id, idea: Id, challenge: Id) -> Result<()> {
    diesel::update(raised::table.find((council, idea)))
        .set((raised::settled_as.eq(Some(SettledAs::TakenUp)), raised::taken_up_as.eq(Some(challenge))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Those of an open door that wait for a decision.
///
/// # Errors
/// What the database answers.
pub fn waiting(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<RaisedRow>> {
    Ok(raised::table
        .filter(raised::council_id.eq(council))
        .filter(raised::challenge_id.eq(challenge))
        .filter(raised::settled_as.is_null())
        .order(raised::idea_id)
        .select(RaisedRow::as_select())
        .load(&mut **tx)?)
}

/// Moves when a decision is due.
///
/// # Errors
/// What the database answers.
pub fn set_due(tx: &mut Tx<'_>, council: Id, idea: Id, due: Due) -> Result<()> {
    diesel::update(raised::table.find((council, idea)))
        .set((raised::due_at.eq(due.at), raised::promised_by.eq(due.promised_by)))
        .execute(&mut **tx)?;
    Ok(())
}
