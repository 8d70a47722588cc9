//! Moving support from ideas to the one that they are joined to, and back: set by set, whatever their number, in the unit that
//! also moves the counts.

use diesel::prelude::*;
use diesel::sql_types::Text;

use super::rules::unsaid;
use crate::each;
use crate::platform::db::schema::idea_counters as counters;
use crate::platform::db::types::SqlUuid;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::vocabulary::MergeSilence;

/// Ties choices of those who had no voter when they were asked, as authors, to the one that they have by now.
const TIE: &str = "UPDATE merge_choices SET voter_id = (
       SELECT voters.id FROM voters WHERE voters.council_id = $1 AND voters.challenge_id = $2
          AND voters.account_id = merge_choices.account_id)
     WHERE council_id = $1 AND merge_id = $3 AND voter_id IS NULL AND account_id IS NOT NULL";

/// Support of those who wish it, or were asked and said nothing where that means the same; none of it moves yet. What a program
/// has pointed to stays while nobody has looked, or it would be out of reach.
const CHOOSE: &str =
    "INSERT INTO merge_supports (council_id, merge_id, idea_id, voter_id, into_id, supported_at, added)
     SELECT s.council_id, m.id, s.idea_id, s.voter_id, m.target_id, s.created_at, NOT EXISTS (
              SELECT 1 FROM supports t
              WHERE t.council_id = s.council_id AND t.idea_id = m.target_id AND t.voter_id = s.voter_id)
       FROM merges m
       JOIN supports s ON s.council_id = m.council_id
       LEFT JOIN merge_choices c ON c.council_id = s.council_id AND c.merge_id = m.id AND c.voter_id = s.voter_id
      WHERE m.council_id = $1 AND m.id = $2 AND s.idea_id = $3 AND COALESCE(c.choice, CASE WHEN c.id IS NULL THEN 'leave' ELSE $4 END) = 'carry'
        AND NOT EXISTS (
              SELECT 1 FROM signal_votes v
              JOIN vote_signals g ON g.council_id = v.council_id AND g.id = v.signal_id
              WHERE v.council_id = s.council_id AND v.idea_id = s.idea_id AND v.voter_id = s.voter_id AND g.state = 'open')";

/// What is left of the network that support came from goes along: a signal may be found in it still.
const GIVE: &str = "INSERT INTO supports (council_id, idea_id, voter_id, created_at, trace)
     SELECT m.council_id, m.into_id, m.voter_id, m.supported_at, s.trace
       FROM merge_supports m
       JOIN supports s ON s.council_id = m.council_id AND s.idea_id = m.idea_id AND s.voter_id = m.voter_id
      WHERE m.council_id = $1 AND m.merge_id = $2 AND m.idea_id = $3 AND m.added";

const TAKE: &str = "DELETE FROM supports WHERE council_id = $1 AND EXISTS (
       SELECT 1 FROM merge_supports m WHERE m.council_id = $1 AND m.merge_id = $2 AND m.idea_id = $3
          AND m.voter_id = supports.voter_id)
     AND idea_id = $3";

/// What was carried goes back, unless it was taken back where it had gone.
const GIVE_BACK: &str = "INSERT INTO supports (council_id, idea_id, voter_id, created_at, trace)
     SELECT m.council_id, m.idea_id, m.voter_id, m.supported_at, CASE WHEN m.added THEN t.trace END
       FROM merge_supports m
       JOIN supports t ON t.council_id = m.council_id AND t.idea_id = m.into_id AND t.voter_id = m.voter_id
      WHERE m.council_id = $1 AND m.merge_id = $2 AND m.idea_id = $3";

const TAKE_BACK: &str = "DELETE FROM supports WHERE council_id = $1 AND EXISTS (
       SELECT 1 FROM merge_supports m WHERE m.council_id = $1 AND m.merge_id = $2 AND m.into_id = $3
          AND m.voter_id = supports.voter_id AND m.added)
     AND idea_id = $3";

const FORGET: &str = "DELETE FROM merge_supports WHERE council_id = $1 AND merge_id = $2";

fn run(tx: &mut Tx<'_>, statement: &str, ids: [Id; 3]) -> Result<i64> {
    let [council, merge, idea] = ids;
    let rows = each!(&mut **tx, c => diesel::sql_query(statement)
        .bind::<SqlUuid, _>(council)
        .bind::<SqlUuid, _>(merge)
        .bind::<SqlUuid, _>(idea)
        .execute(c))?;
    Ok(i64::try_from(rows).map_err(anyhow::Error::from)?)
}

/// Prepares the choices of a merge for being carried out.
///
/// # Errors
/// What the database answers.
pub(super) fn tie(tx: &mut Tx<'_>, council: Id, challenge: Id, merge: Id) -> Result<()> {
    run(tx, TIE, [council, challenge, merge]).map(drop)
}

/// Moves support of an idea to the one that it is joined to; gives how much there was, how much of it moved, and how much of
/// that the other did not have before.
///
/// # Errors
/// What the database answers.
pub(super) fn carry(
    tx: &mut Tx<'_>,
    council: Id,
    merge: Id,
    (idea, target): (Id, Id),
    silence: MergeSilence,
) -> Result<(i64, i64, i64)> {
    let all: i64 = counters::table.find((council, idea)).select(counters::supports).first(&mut **tx)?;
    let carried = each!(&mut **tx, c => diesel::sql_query(CHOOSE)
        .bind::<SqlUuid, _>(council)
        .bind::<SqlUuid, _>(merge)
        .bind::<SqlUuid, _>(idea)
        .bind::<Text, _>(unsaid(silence).as_str())
        .execute(c))?;
    let carried = i64::try_from(carried).map_err(anyhow::Error::from)?;
    let added = run(tx, GIVE, [council, merge, idea])?;
    run(tx, TAKE, [council, merge, idea])?;
    count_in_silence(tx, council, idea, carried.saturating_neg())?;
    count(tx, council, target, added)?;
    Ok((all, carried, added))
}

/// Moves all of it back, to each of the ideas.
///
/// # Errors
/// What the database answers.
pub(super) fn carry_back(tx: &mut Tx<'_>, council: Id, merge: Id, ideas: &[Id], target: Id) -> Result<()> {
    for idea in ideas {
        let back = run(tx, GIVE_BACK, [council, merge, *idea])?;
        // It stands by itself again, so its count is told again.
        count(tx, council, *idea, back)?;
    }
    let taken = run(tx, TAKE_BACK, [council, merge, target])?;
    count(tx, council, target, taken.saturating_neg())?;
    each!(&mut **tx, c => diesel::sql_query(FORGET)
        .bind::<SqlUuid, _>(council)
        .bind::<SqlUuid, _>(merge)
        .execute(c))?;
    Ok(())
}

fn count(tx: &mut Tx<'_>, council: Id, idea: Id, by: i64) -> Result<()> {
    diesel::update(counters::table.find((council, idea)))
        .set(counters::supports.eq(counters::supports + by))
        .execute(&mut **tx)?;
    Ok(())
}

/// The same without news of it: how much stayed with an idea that is merged tells, of few, what they chose.
fn count_in_silence(tx: &mut Tx<'_>, council: Id, idea: Id, by: i64) -> Result<()> {
    diesel::update(counters::table.find((council, idea)))
        .set((counters::supports.eq(counters::supports + by), counters::announced.eq(counters::supports + by)))
        .execute(&mut **tx)?;
    Ok(())
}
