//! All the SQL of rehearsals.

use diesel::prelude::*;

use super::jobs::EmptyRehearsal;
use super::rules::{READABLE, Seen, laid, read_address};
use crate::each;
use crate::participation::challenges::model::Whole;
use crate::participation::challenges::readiness::Item;
use crate::people::accounts::model::AccountRow;
use crate::people::councils::model::Council;
use crate::people::offices::queries::copy_memberships;
use crate::people::sandboxes::queries::{copy_challenge, copy_council, empty_sandbox, end_sandbox, insert_nobody};
use crate::platform::db::schema::{
    accounts, answers, councils, decisions, ideas, rehearsal_parts as parts, rehearsals,
};
use crate::platform::db::{Hold, Id, Instant, Json, Root, Tx};
use crate::platform::error::{Code, Error, Fault, OrNotFound as _, Result};
use crate::platform::jobs::enqueue_at;
use crate::vocabulary::{AccountKind, AccountState, Audience, Role};

/// A rehearsal.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = rehearsals)]
pub struct RehearsalRow {
    /// Its id, and that of the council that it is.
    pub id: Id,
    /// What is rehearsed.
    pub challenge_id: Id,
    /// Who is there.
    pub audience: Audience,
    /// When it began.
    pub begun_at: Instant,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// What had taken place when it ended.
    pub seen: Option<Json>,
}

/// The rehearsal of a challenge that goes on, or else the last one.
///
/// # Errors
/// 404 where there was none.
pub fn last_rehearsal(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<RehearsalRow> {
    if let Some(running) = running(tx, council, challenge)? {
        return Ok(running);
    }
    rehearsals::table
        .filter(rehearsals::council_id.eq(council))
        .filter(rehearsals::challenge_id.eq(challenge))
        .order(rehearsals::begun_at.desc())
        .select(RehearsalRow::as_select())
        .first(&mut **tx)
        .or_not_found("rehearsal")
}

/// The rehearsal of a challenge that goes on.
///
/// # Errors
/// What the database answers.
pub fn running(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<RehearsalRow>> {
    Ok(rehearsals::table
        .filter(rehearsals::council_id.eq(council))
        .filter(rehearsals::challenge_id.eq(challenge))
        .filter(rehearsals::ended_at.is_null())
        .select(RehearsalRow::as_select())
        .first(&mut **tx)
        .optional()?)
}

/// Makes the council in which a draft is rehearsed, with the draft opened as if all were ready.
///
/// # Errors
/// 409 where one goes on.
pub fn begin(
    tx: &mut Tx<'_>,
    council: Id,
    by: Id,
    audience: Audience,
    (whole, readiness): (Whole, &[Item]),
) -> Result<RehearsalRow> {
    let (now, challenge) = (tx.now(), whole.row.id);
    if running(tx, council, challenge)?.is_some() {
        let detail = "A rehearsal of this challenge goes on. End it first, or say anew who is there (PUT).";
        return Err(Code::AlreadyExists.because(detail).into());
    }
    let made = copy_council(tx, council, Some(challenge))?;
    let phases = laid(&whole.phases, now);
    let closes_at = phases.iter().map(|phase| phase.ends_at).max();
    let mut copy = Whole { phases, ..whole };
    copy.row.opened_at = Some(now);
    copy.row.closes_at = closes_at;
    if let Some(promise) = &mut copy.promise {
        promise.accepted_at = promise.accepted_at.or(Some(now));
    }
    let readiness = Json(serde_json::to_value(readiness).map_err(anyhow::Error::from)?);
    copy_challenge(tx, made, copy, Some(readiness))?;
    diesel::insert_into(rehearsals::table)
        .values((
            rehearsals::council_id.eq(council),
            rehearsals::id.eq(made),
            rehearsals::challenge_id.eq(challenge),
            rehearsals::audience.eq(audience),
            rehearsals::begun_by.eq(by),
            rehearsals::begun_at.eq(now),
        ))
        .execute(&mut **tx)?;
    last_rehearsal(tx, council, challenge)
}

/// Says who is there beside the staff. Whoever is not invited any more stays out from now on; what they did there stays.
///
/// # Errors
/// 422 for whom there is no account of the council in use.
pub fn set_audience(tx: &mut Tx<'_>, council: Id, rehearsal: Id, audience: Audience, invited: &[Id]) -> Result<()> {
    let now = tx.now();
    let known: Vec<Id> = accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::id.eq_any(invited.to_vec()))
        .filter(accounts::state.eq(AccountState::Active))
        .filter(accounts::kind.eq(AccountKind::Full))
        .select(accounts::id)
        .load(&mut **tx)?;
    let faults: Vec<Fault> = (invited.iter().enumerate())
        .filter(|(_, id)| !known.contains(id))
        .map(|(at, _)| Fault::at(format!("/invited/{at}"), "not_in_list", "No account of this council that is in use."))
        .collect();
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    diesel::update(rehearsals::table.find((council, rehearsal)))
        .set(rehearsals::audience.eq(audience))
        .execute(&mut **tx)?;
    let uninvited = parts::table
        .filter(parts::council_id.eq(council))
        .filter(parts::rehearsal_id.eq(rehearsal))
        .filter(parts::account_id.ne_all(invited.to_vec()));
    diesel::update(uninvited).set(parts::invited.eq(false)).execute(&mut **tx)?;
    for account in invited {
        let guest = (
            parts::council_id.eq(council),
            parts::rehearsal_id.eq(rehearsal),
            parts::account_id.eq(account),
            parts::as_resident.eq(true),
            parts::invited.eq(true),
            parts::created_at.eq(now),
        );
        each!(&mut **tx, c => diesel::insert_into(parts::table)
            .values(guest)
            .on_conflict((parts::council_id, parts::rehearsal_id, parts::account_id, parts::as_resident))
            .do_update()
            .set(parts::invited.eq(true))
            .execute(c))?;
    }
    Ok(())
}

/// How many are invited beside the staff.
///
/// # Errors
/// What the database answers.
pub fn count_invited(tx: &mut Tx<'_>, council: Id, rehearsal: Id) -> Result<i64> {
    Ok(parts::table
        .filter(parts::council_id.eq(council))
        .filter(parts::rehearsal_id.eq(rehearsal))
        .filter(parts::invited.eq(true))
        .count()
        .get_result(&mut **tx)?)
}

/// What has taken place: as it is, or as it was when it ended.
///
/// # Errors
/// What the database answers.
pub fn seen(tx: &mut Tx<'_>, council: Id, row: &RehearsalRow) -> Result<Seen> {
    if let Some(kept) = &row.seen {
        return Ok(Seen::try_from(kept.clone()).map_err(anyhow::Error::from)?);
    }
    let people = parts::table
        .filter(parts::council_id.eq(council))
        .filter(parts::rehearsal_id.eq(row.id))
        .filter(parts::part_id.is_not_null())
        .select(diesel::dsl::count(parts::account_id).aggregate_distinct())
        .get_result(&mut **tx)?;
    let submitted = ideas::table.filter(ideas::council_id.eq(row.id)).count().get_result(&mut **tx)?;
    let decided = decisions::table
        .filter(decisions::council_id.eq(row.id))
        .select(diesel::dsl::count(decisions::idea_id).aggregate_distinct())
        .get_result(&mut **tx)?;
    let answered = answers::table
        .filter(answers::council_id.eq(row.id))
        .select(diesel::dsl::count(answers::idea_id).aggregate_distinct())
        .get_result(&mut **tx)?;
    Ok(Seen { people, submitted, decided, answered })
}

/// What took place in the rehearsals of a challenge: of the last in which the whole way was tried out, where there was one.
///
/// # Errors
/// What the database answers.
pub fn rehearsed(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<Seen>> {
    let rows: Vec<RehearsalRow> = rehearsals::table
        .filter(rehearsals::council_id.eq(council))
        .filter(rehearsals::challenge_id.eq(challenge))
        .order(rehearsals::begun_at.desc())
        .select(RehearsalRow::as_select())
        .load(&mut **tx)?;
    for row in rows {
        let seen = seen(tx, council, &row)?;
        if seen.whole_way() {
            return Ok(Some(seen));
        }
    }
    Ok(None)
}

/// Ends a rehearsal: nothing is done there any more, the staff can read it for a time, and then it is emptied.
///
/// # Errors
/// What the database answers.
pub fn end(tx: &mut Tx<'_>, council: Id, row: &RehearsalRow) -> Result<()> {
    let now = tx.now();
    let seen = Json(serde_json::to_value(seen(tx, council, row)?).map_err(anyhow::Error::from)?);
    diesel::update(rehearsals::table.find((council, row.id)))
        .set((rehearsals::ended_at.eq(Some(now)), rehearsals::seen.eq(Some(seen))))
        .execute(&mut **tx)?;
    end_sandbox(tx, row.id)?;
    enqueue_at(tx, council, &EmptyRehearsal { rehearsal: row.id }, now.plus(READABLE))
}

/// Deletes all that was done in a rehearsal that is over, and who was there.
///
/// # Errors
/// What the database answers.
pub fn empty(tx: &mut Tx<'_>, council: Id, rehearsal: Id) -> Result<()> {
    let there = parts::table.filter(parts::council_id.eq(council)).filter(parts::rehearsal_id.eq(rehearsal));
    diesel::delete(there).execute(&mut **tx)?;
    empty_sandbox(tx, rehearsal)
}

/// Where somebody is led who shows the token of their council at the address of a rehearsal of it.
#[derive(Clone, Debug)]
pub enum Way {
    /// In, as this account.
    In(Box<(Council, AccountRow)>),
    /// In, once they have a part there, which has to be written.
    Join,
    /// It is over: what was done can be read.
    Over(Box<(Council, AccountRow)>),
}

/// Where a rehearsal stands in the way of an account, if it is there at all for it.
///
/// # Errors
/// What the database answers.
pub fn way_into(tx: &mut Tx<'_>, account: &AccountRow, reference: &str) -> Result<Option<Way>> {
    let Some((id, as_resident)) = read_address(reference) else { return Ok(None) };
    let found: Option<(Option<Instant>, Council)> = rehearsals::table
        .inner_join(councils::table.on(councils::id.eq(rehearsals::id)))
        .filter(rehearsals::council_id.eq(account.council_id))
        .filter(rehearsals::id.eq(id))
        .select((rehearsals::ended_at, Council::as_select()))
        .first(&mut **tx)
        .optional()?;
    let Some((ended_at, council)) = found else { return Ok(None) };
    let guest = account.role == Role::Resident;
    let over = ended_at.is_some();
    if ended_at.is_some_and(|ended| guest || ended.plus(READABLE) <= tx.now()) {
        return Ok(None);
    }
    let part: Option<(bool, Option<Id>)> = parts::table
        .find((account.council_id, id, account.id, guest || as_resident))
        .select((parts::invited, parts::part_id))
        .first(&mut **tx)
        .optional()?;
    if guest && !part.is_some_and(|(invited, _)| invited) {
        return Ok(None);
    }
    let played = match part.and_then(|(_, part)| part) {
        Some(part) => accounts::table
            .find((id, part))
            .select(AccountRow::as_select())
            .first::<AccountRow>(&mut **tx)
            .optional()?,
        None => None,
    };
    let plays = if as_resident { Role::Resident } else { account.role };
    Ok(Some(match played.filter(|played| played.role == plays) {
        Some(played) if over => Way::Over(Box::new((council, played))),
        Some(played) => Way::In(Box::new((council, played))),
        None => Way::Join,
    }))
}

/// Gives an account a part in a rehearsal, with the role that it has now. Under a part nobody is named.
///
/// # Errors
/// What the database answers.
pub fn join(tx: &mut Tx<'_>, account: &AccountRow, reference: &str) -> Result<()> {
    let Some((id, as_resident)) = read_address(reference) else { return Ok(()) };
    let (now, home) = (tx.now(), account.council_id);
    let as_resident = as_resident || account.role == Role::Resident;
    let role = if as_resident { Role::Resident } else { account.role };
    // Of two first requests at once one finds the part of the other.
    tx.hold(Root::Council, id, id, Hold::Alone)?;
    let part: Option<Option<Id>> =
        parts::table.find((home, id, account.id, as_resident)).select(parts::part_id).first(&mut **tx).optional()?;
    if let Some(Some(part)) = part {
        diesel::update(accounts::table.find((id, part))).set(accounts::role.eq(role)).execute(&mut **tx)?;
        return Ok(());
    }
    let there: i64 = accounts::table
        .filter(accounts::council_id.eq(id))
        .filter(accounts::role.eq(role))
        .count()
        .get_result(&mut **tx)?;
    let name = format!("Rehearsal {} {}", role.as_str(), there.saturating_add(1));
    let made = insert_nobody(tx, id, role, &name)?;
    if !as_resident {
        copy_memberships(tx, (home, account.id), (id, made))?;
    }
    let part = (
        parts::council_id.eq(home),
        parts::rehearsal_id.eq(id),
        parts::account_id.eq(account.id),
        parts::as_resident.eq(as_resident),
        parts::invited.eq(false),
        parts::part_id.eq(Some(made)),
        parts::created_at.eq(now),
    );
    each!(&mut **tx, c => diesel::insert_into(parts::table)
        .values(part)
        .on_conflict((parts::council_id, parts::rehearsal_id, parts::account_id, parts::as_resident))
        .do_update()
        .set(parts::part_id.eq(Some(made)))
        .execute(c))?;
    Ok(())
}
