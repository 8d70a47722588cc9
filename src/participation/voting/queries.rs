//! All the SQL of voters and supports. The database holds what must never be false: one row for one voter and idea.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::each;
use crate::people::verification::model::Facts;
use crate::platform::db::schema::{idea_counters, ideas, supports, voters};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Result};
use crate::process::merges::queries::forget_carried;
use crate::vocabulary::{AccountKind, AgeBand};

/// The voter of an account in a challenge, made where there is none; says whether it was. What gave it its say is written
/// down with it, and an entry of the register has one say, whichever accounts come with it.
///
/// # Errors
/// 409 where another voter came with the same entry.
pub fn voter_of(tx: &mut Tx<'_>, council: Id, challenge: Id, account: Id, facts: &Facts) -> Result<(Id, bool)> {
    let now = tx.now();
    let shown = facts.verified.as_ref();
    let origin = match facts.kind {
        AccountKind::Full => "account",
        AccountKind::Ephemeral => "ephemeral",
    };
    let made = each!(&mut **tx, c => diesel::insert_into(voters::table)
        .values((
            voters::council_id.eq(council),
            voters::id.eq(Id::random()),
            voters::challenge_id.eq(challenge),
            voters::origin.eq(origin),
            voters::account_id.eq(Some(account)),
            voters::register_tag.eq(shown.and_then(|shown| shown.tag.as_deref())),
            voters::verified_by.eq(shown.map(|shown| shown.method.as_str())),
            voters::ward.eq(shown.and_then(|shown| shown.ward.as_deref())),
            voters::age_band.eq(facts.age_band.map(AgeBand::as_str)),
            voters::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    let voter = find_voter(tx, council, challenge, account)?;
    Ok((voter.ok_or_else(|| Code::AlreadyVoted.problem())?, made == 1))
}

/// Writes down what a voter has shown since they were made, where nobody else came with the same entry: at the open door, which does not
/// close, that counts from then on.
///
/// # Errors
/// What the database answers.
pub fn verify_voter(tx: &mut Tx<'_>, council: Id, challenge: Id, account: Id, facts: &Facts) -> Result<()> {
    let Some(shown) = &facts.verified else { return Ok(()) };
    let of = voters::table.filter(voters::council_id.eq(council)).filter(voters::challenge_id.eq(challenge));
    let taken = of
        .filter(voters::register_tag.eq(&shown.tag))
        .filter(voters::account_id.is_null().or(voters::account_id.ne(account)));
    if diesel::select(diesel::dsl::exists(taken)).get_result(&mut **tx)? {
        return Ok(());
    }
    diesel::update(of.filter(voters::account_id.eq(account)).filter(voters::verified_by.is_null()))
        .set((
            voters::register_tag.eq(&shown.tag),
            voters::verified_by.eq(Some(shown.method.as_str())),
            voters::ward.eq(&shown.ward),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The voter of an account in a challenge, where there is one.
///
/// # Errors
/// What the database answers.
pub fn find_voter(tx: &mut Tx<'_>, council: Id, challenge: Id, account: Id) -> Result<Option<Id>> {
    Ok(voters::table
        .filter(voters::council_id.eq(council))
        .filter(voters::challenge_id.eq(challenge))
        .filter(voters::account_id.eq(account))
        .select(voters::id)
        .first(&mut **tx)
        .optional()?)
}

/// Adds a support and counts it; says whether it is new (case C1). Where it came from is kept as a trace, if at all.
///
/// # Errors
/// What the database answers.
pub fn insert_support(tx: &mut Tx<'_>, council: Id, idea: Id, voter: Id, trace: Option<&str>) -> Result<bool> {
    let now = tx.now();
    let inserted = each!(&mut **tx, c => diesel::insert_into(supports::table)
        .values((
            supports::council_id.eq(council),
            supports::idea_id.eq(idea),
            supports::voter_id.eq(voter),
            supports::created_at.eq(now),
            supports::trace.eq(trace),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 1 {
        count(tx, council, idea, 1)?;
    }
    Ok(inserted == 1)
}

/// Takes a support back and uncounts it; says whether there was one.
///
/// # Errors
/// What the database answers.
pub fn delete_support(tx: &mut Tx<'_>, council: Id, idea: Id, voter: Id) -> Result<bool> {
    let deleted = diesel::delete(supports::table.find((council, idea, voter))).execute(&mut **tx)?;
    if deleted == 1 {
        count(tx, council, idea, -1)?;
        // What came by a merge and is taken back does not go back with it.
        forget_carried(tx, council, idea, voter)?;
    }
    Ok(deleted == 1)
}

fn count(tx: &mut Tx<'_>, council: Id, idea: Id, by: i64) -> Result<()> {
    diesel::update(idea_counters::table.find((council, idea)))
        .set(idea_counters::supports.eq(idea_counters::supports + by))
        .execute(&mut **tx)?;
    Ok(())
}

/// Those of these ideas that an account supports.
///
/// # Errors
/// What the database answers.
pub fn supported_among(tx: &mut Tx<'_>, council: Id, account: Id, among: &[Id]) -> Result<BTreeSet<Id>> {
    let ideas: Vec<Id> = supports::table
        .inner_join(
            voters::table.on(voters::council_id.eq(supports::council_id).and(voters::id.eq(supports::voter_id))),
        )
        .filter(supports::council_id.eq(council))
        .filter(supports::idea_id.eq_any(among.to_vec()))
        .filter(voters::account_id.eq(account))
        .select(supports::idea_id)
        .load(&mut **tx)?;
    Ok(ideas.into_iter().collect())
}

/// How many support an idea.
///
/// # Errors
/// What the database answers.
pub fn count_of(tx: &mut Tx<'_>, council: Id, idea: Id) -> Result<i64> {
    Ok(idea_counters::table.find((council, idea)).select(idea_counters::supports).first(&mut **tx)?)
}

/// The ideas whose count is not the number of their rows: there are none, or something is broken (case C6).
///
/// # Errors
/// What the database answers.
pub fn drifted(tx: &mut Tx<'_>) -> Result<Vec<(Id, i64, i64)>> {
    let all: Vec<(Id, Id, i64)> = idea_counters::table
        .inner_join(
            ideas::table.on(ideas::council_id.eq(idea_counters::council_id).and(ideas::id.eq(idea_counters::idea_id))),
        )
        .select((idea_counters::council_id, idea_counters::idea_id, idea_counters::supports))
        .load(&mut **tx)?;
    let rows: Vec<(Id, Id, i64)> = supports::table
        .group_by((supports::council_id, supports::idea_id))
        .select((supports::council_id, supports::idea_id, diesel::dsl::count_star()))
        .load(&mut **tx)?;
    let rows: std::collections::HashMap<(Id, Id), i64> = rows.into_iter().map(|(c, i, n)| ((c, i), n)).collect();
    Ok(all
        .into_iter()
        .map(|(council, idea, counted)| (idea, counted, rows.get(&(council, idea)).copied().unwrap_or(0)))
        .filter(|(_, counted, rows)| counted != rows)
        .collect())
}
