//! Setting votes aside and giving them back: set by set, in the unit that also moves the counts. What is set aside is in no count and
//! no list of supporters, so nothing else has to know of it.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::each;
use crate::platform::db::schema::{idea_counters as counters, signal_votes as votes};
use crate::platform::db::types::SqlUuid;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::process::merges::queries::merged_into;
use crate::vocabulary::SignalVoteState;

/// Of what was found, what is there still.
const MARK: &str = "UPDATE signal_votes SET state = CASE WHEN EXISTS (
         SELECT 1 FROM supports s WHERE s.council_id = signal_votes.council_id AND s.idea_id = signal_votes.idea_id
            AND s.voter_id = signal_votes.voter_id) THEN 'set_aside' ELSE 'withdrawn' END
      WHERE council_id = $1 AND signal_id = $2 AND state = 'counted' AND idea_id = $3";

const TAKE: &str = "DELETE FROM supports WHERE council_id = $1 AND EXISTS (
         SELECT 1 FROM signal_votes v WHERE v.council_id = supports.council_id AND v.signal_id = $2
            AND v.idea_id = supports.idea_id AND v.voter_id = supports.voter_id AND v.state = 'set_aside')
      AND idea_id = $3";

/// One that has come by a merge meanwhile is there already, and counts once.
const GIVE_BACK: &str = "INSERT INTO supports (council_id, idea_id, voter_id, created_at)
       SELECT council_id, idea_id, voter_id, supported_at FROM signal_votes
        WHERE council_id = $1 AND signal_id = $2 AND idea_id = $3 AND state = 'set_aside'
       ON CONFLICT DO NOTHING";

fn run(tx: &mut Tx<'_>, statement: &str, [council, signal, idea]: [Id; 3]) -> Result<i64> {
    let rows = each!(&mut **tx, c => diesel::sql_query(statement)
        .bind::<SqlUuid, _>(council)
        .bind::<SqlUuid, _>(signal)
        .bind::<SqlUuid, _>(idea)
        .execute(c))?;
    Ok(i64::try_from(rows).map_err(anyhow::Error::from)?)
}

fn count(tx: &mut Tx<'_>, council: Id, idea: Id, by: i64) -> Result<()> {
    diesel::update(counters::table.find((council, idea)))
        .set(counters::supports.eq(counters::supports + by))
        .execute(&mut **tx)?;
    // How much stayed with an idea that is merged is told to nobody.
    if merged_into(tx, council, idea)?.is_some() {
        diesel::update(counters::table.find((council, idea)))
            .set(counters::announced.eq(counters::supports))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Sets the votes of a signal for one idea aside; says how many.
///
/// # Errors
/// What the database answers.
pub(super) fn set_aside(tx: &mut Tx<'_>, council: Id, signal: Id, idea: Id) -> Result<i64> {
    run(tx, MARK, [council, signal, idea])?;
    let taken = run(tx, TAKE, [council, signal, idea])?;
    count(tx, council, idea, taken.saturating_neg())?;
    Ok(taken)
}

/// Gives the votes of a signal for one idea back, as they were; says how many.
///
/// # Errors
/// What the database answers.
pub(super) fn give_back(tx: &mut Tx<'_>, council: Id, signal: Id, idea: Id) -> Result<i64> {
    let given = run(tx, GIVE_BACK, [council, signal, idea])?;
    count(tx, council, idea, given)?;
    let theirs = votes::table
        .filter(votes::council_id.eq(council))
        .filter(votes::signal_id.eq(signal))
        .filter(votes::idea_id.eq(idea))
        .filter(votes::state.eq(SignalVoteState::SetAside));
    diesel::update(theirs).set(votes::state.eq(SignalVoteState::Counted)).execute(&mut **tx)?;
    Ok(given)
}

/// How many votes of a challenge are set aside, by how their signals stand.
#[derive(QueryableByName)]
pub(super) struct Sum {
    /// How the signal stands.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// How many votes.
    #[diesel(sql_type = BigInt)]
    pub votes: i64,
}

const SUMS: &str = "SELECT s.state AS state, COUNT(*) AS votes
       FROM vote_signals s
       JOIN signal_votes v ON v.council_id = s.council_id AND v.signal_id = s.id
      WHERE s.council_id = $1 AND s.challenge_id = $2 AND s.quarantined_at IS NOT NULL AND v.state <> 'withdrawn'
      GROUP BY s.state";

/// The votes of a challenge that are or were set aside.
///
/// # Errors
/// What the database answers.
pub(super) fn sums(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<Sum>> {
    Ok(each!(&mut **tx, c => diesel::sql_query(SUMS)
        .bind::<SqlUuid, _>(council)
        .bind::<SqlUuid, _>(challenge)
        .load::<Sum>(c))?)
}
