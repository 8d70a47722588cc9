//! The SQL of signals; that of moving votes stands in `moving.rs`.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::rules::{CONTEST, Found, NEW, REVERSIBLE, Vote};
use crate::each;
use crate::platform::db::schema::{
    accounts, challenges, ideas, signal_voters as told, signal_votes as votes, supports, vote_signals as signals,
    voters,
};
use crate::platform::db::{Id, Instant, Json, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::vocabulary::{SignalKind, SignalState, SignalVoteState};

/// Votes that are looked at in one go: the latest.
const MOST: i64 = 10_000;

/// A signal.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = signals)]
pub struct SignalRow {
    /// Its id.
    pub id: Id,
    /// Of which challenge.
    pub challenge_id: Id,
    /// What it looks like.
    pub kind: SignalKind,
    /// How it stands.
    pub state: SignalState,
    /// How many votes.
    pub votes: i64,
    /// By how many accounts.
    pub accounts: i64,
    /// What was found.
    pub evidence: Json,
    /// When it was flagged.
    pub found_at: Instant,
    /// When the first vote was cast.
    pub from_at: Instant,
    /// And the last.
    pub until_at: Instant,
    /// Until when nothing is decided.
    pub contest_until: Option<Instant>,
    /// Why they were set aside.
    pub quarantine_reason: Option<String>,
    /// Who proposed to invalidate them.
    pub proposed_by: Option<Id>,
    /// When it was dismissed, released or invalidated.
    pub settled_at: Option<Instant>,
    /// Why.
    pub reason: Option<String>,
    /// Why that was reversed.
    pub reversal_reason: Option<String>,
    /// Counts its changes.
    pub version: i64,
}

/// The latest votes of a council that are in no signal, by challenge.
///
/// # Errors
/// What the database answers.
pub fn recent_votes(tx: &mut Tx<'_>, council: Id, since: Instant) -> Result<BTreeMap<Id, Vec<Vote>>> {
    type Row = (Id, Id, Id, Instant, Option<String>, Option<Instant>);
    let flagged = votes::table
        .filter(votes::council_id.eq(supports::council_id))
        .filter(votes::idea_id.eq(supports::idea_id))
        .filter(votes::voter_id.eq(supports::voter_id));
    let rows: Vec<Row> = supports::table
        .inner_join(
            voters::table.on(voters::council_id.eq(supports::council_id).and(voters::id.eq(supports::voter_id))),
        )
        .left_join(
            accounts::table
                .on(accounts::council_id.eq(voters::council_id).and(accounts::id.nullable().eq(voters::account_id))),
        )
        .filter(supports::council_id.eq(council))
        .filter(supports::created_at.gt(since))
        .filter(diesel::dsl::not(diesel::dsl::exists(flagged)))
        .order(supports::created_at.desc())
        .limit(MOST)
        .select((
            voters::challenge_id,
            supports::idea_id,
            supports::voter_id,
            supports::created_at,
            supports::trace,
            accounts::created_at.nullable(),
        ))
        .load(&mut **tx)?;
    let mut by_challenge: BTreeMap<Id, Vec<Vote>> = BTreeMap::new();
    for (challenge, idea, voter, at, trace, made_at) in rows {
        let is_new = made_at.is_some_and(|made| at < made.plus(NEW));
        by_challenge.entry(challenge).or_default().push(Vote { idea, at, voter, is_new, trace });
    }
    Ok(by_challenge)
}

/// Councils in which a challenge is open.
///
/// # Errors
/// What the database answers.
pub fn councils_with_votes(tx: &mut Tx<'_>) -> Result<Vec<Id>> {
    let now = tx.now();
    let open = challenges::table.filter(challenges::opened_at.le(now)).filter(challenges::closes_at.gt(now));
    Ok(open.select(challenges::council_id).distinct().load(&mut **tx)?)
}

/// Writes what was found. A vote that another node has flagged a moment before is left to it; where all were, there is no signal.
///
/// # Errors
/// What the database answers.
pub fn insert_signal(tx: &mut Tx<'_>, council: Id, challenge: Id, found: &Found) -> Result<Option<Id>> {
    let (now, id) = (tx.now(), Id::at(tx.now()));
    let times = || found.votes.iter().map(|vote| vote.at);
    let Some((from, until)) = times().min().zip(times().max()) else { return Ok(None) };
    let number = |n: usize| i64::try_from(n).map_err(anyhow::Error::from);
    diesel::insert_into(signals::table)
        .values((
            signals::council_id.eq(council),
            signals::id.eq(id),
            signals::challenge_id.eq(challenge),
            signals::kind.eq(found.kind),
            signals::state.eq(SignalState::Open),
            signals::votes.eq(number(found.votes.len())?),
            signals::accounts.eq(number(found.votes.len())?),
            signals::evidence.eq(Json(found.evidence())),
            signals::found_at.eq(now),
            signals::from_at.eq(from),
            signals::until_at.eq(until),
            signals::version.eq(1_i64),
        ))
        .execute(&mut **tx)?;
    let (mut flagged, mut by) = (0_usize, BTreeSet::new());
    for vote in &found.votes {
        let made = each!(&mut **tx, c => diesel::insert_into(votes::table)
            .values((
                votes::council_id.eq(council),
                votes::signal_id.eq(id),
                votes::idea_id.eq(vote.idea),
                votes::voter_id.eq(vote.voter),
                votes::supported_at.eq(vote.at),
                votes::state.eq(SignalVoteState::Counted),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
        if made == 1 {
            flagged = flagged.saturating_add(1);
            by.insert(vote.voter);
        }
    }
    let signal = signals::table.find((council, id));
    if flagged == 0 {
        diesel::delete(signal).execute(&mut **tx)?;
        return Ok(None);
    }
    diesel::update(signal)
        .set((signals::votes.eq(number(flagged)?), signals::accounts.eq(number(by.len())?)))
        .execute(&mut **tx)?;
    Ok(Some(id))
}

/// One signal.
///
/// # Errors
/// 404 where there is none.
pub fn find_signal(tx: &mut Tx<'_>, council: Id, signal: Id) -> Result<SignalRow> {
    signals::table.find((council, signal)).select(SignalRow::as_select()).first(&mut **tx).or_not_found("signal")
}

/// A page of signals, the last one first.
///
/// # Errors
/// What the database answers.
pub fn list_signals(
    tx: &mut Tx<'_>,
    council: Id,
    state: SignalState,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<SignalRow>> {
    let mut query = signals::table
        .filter(signals::council_id.eq(council))
        .filter(signals::state.eq(state))
        .select(SignalRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(signals::id.lt(after));
    }
    Ok(query.order(signals::id.desc()).limit(limit).load(&mut **tx)?)
}

/// For which ideas the votes of a signal are, with the number of each and how many.
///
/// # Errors
/// What the database answers.
pub fn ideas_of(tx: &mut Tx<'_>, council: Id, signal: Id) -> Result<Vec<(Id, i64, i64)>> {
    Ok(votes::table
        .inner_join(ideas::table.on(ideas::council_id.eq(votes::council_id).and(ideas::id.eq(votes::idea_id))))
        .filter(votes::council_id.eq(council))
        .filter(votes::signal_id.eq(signal))
        .group_by((ideas::id, ideas::number))
        .order(ideas::id)
        .select((ideas::id, ideas::number, diesel::dsl::count_star()))
        .load(&mut **tx)?)
}

/// How many have contested.
///
/// # Errors
/// What the database answers.
pub fn count_contests(tx: &mut Tx<'_>, council: Id, signal: Id) -> Result<i64> {
    let of = told::table.filter(told::council_id.eq(council)).filter(told::signal_id.eq(signal));
    Ok(of.filter(told::contested_at.is_not_null()).count().get_result(&mut **tx)?)
}

/// What is changed of a signal by a step.
#[derive(AsChangeset, Default)]
#[diesel(table_name = signals)]
pub struct Changes<'a> {
    /// Who set the votes aside.
    pub quarantined_by: Option<Id>,
    /// When.
    pub quarantined_at: Option<Instant>,
    /// Until when nothing is decided.
    pub contest_until: Option<Instant>,
    /// Why.
    pub quarantine_reason: Option<&'a str>,
    /// Who proposed to invalidate them.
    pub proposed_by: Option<Id>,
    /// Who approved.
    pub approved_by: Option<Id>,
    /// Who dismissed or released them.
    pub settled_by: Option<Id>,
    /// When it was decided.
    pub settled_at: Option<Instant>,
    /// Why.
    pub reason: Option<&'a str>,
    /// Who reversed it.
    pub reversed_by: Option<Id>,
    /// When.
    pub reversed_at: Option<Instant>,
    /// Why.
    pub reversal_reason: Option<&'a str>,
}

impl<'a> Changes<'a> {
    /// The votes are set aside from now on.
    pub fn quarantine(by: Id, now: Instant, reason: &'a str) -> Self {
        Self {
            quarantined_by: Some(by),
            quarantined_at: Some(now),
            contest_until: Some(now.plus(CONTEST)),
            quarantine_reason: Some(reason),
            ..Self::default()
        }
    }
}

/// Takes a step, unless somebody else has taken one since it was read.
///
/// # Errors
/// 412 where somebody has.
pub fn set_state(
    tx: &mut Tx<'_>,
    council: Id,
    row: &SignalRow,
    to: SignalState,
    changes: &Changes<'_>,
) -> Result<SignalRow> {
    let as_read = signals::table.find((council, row.id)).filter(signals::version.eq(row.version));
    let next = (signals::state.eq(to), signals::version.eq(row.version.saturating_add(1)));
    let moved = diesel::update(as_read).set((changes, next)).execute(&mut **tx)?;
    if moved == 0 {
        return Err(Code::Changed.problem().into());
    }
    find_signal(tx, council, row.id)
}

/// The voters of a signal after one whose votes are not counted, with their accounts.
///
/// # Errors
/// What the database answers.
pub fn voters_of(
    tx: &mut Tx<'_>,
    council: Id,
    signal: Id,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<(Id, Option<Id>)>> {
    Ok(votes::table
        .inner_join(voters::table.on(voters::council_id.eq(votes::council_id).and(voters::id.eq(votes::voter_id))))
        .filter(votes::council_id.eq(council))
        .filter(votes::signal_id.eq(signal))
        .filter(votes::state.ne(SignalVoteState::Withdrawn))
        .filter(votes::voter_id.gt(after.unwrap_or(Id::NONE)))
        .select((votes::voter_id, voters::account_id))
        .distinct()
        .order(votes::voter_id)
        .limit(limit)
        .load(&mut **tx)?)
}

/// Notes that a voter is told of a signal; gives by what that is known.
///
/// # Errors
/// What the database answers.
pub fn note_told(tx: &mut Tx<'_>, council: Id, signal: Id, voter: Id, account: Id) -> Result<Option<Id>> {
    let (now, id) = (tx.now(), Id::random());
    each!(&mut **tx, c => diesel::insert_into(told::table)
        .values((
            told::council_id.eq(council),
            told::id.eq(id),
            told::signal_id.eq(signal),
            told::voter_id.eq(voter),
            told::account_id.eq(account),
            told::told_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(told::table
        .filter(told::council_id.eq(council))
        .filter(told::signal_id.eq(signal))
        .filter(told::account_id.eq(account))
        .select(told::id)
        .first(&mut **tx)
        .optional()?)
}

/// About which signal somebody was told, and who they are.
///
/// # Errors
/// What the database answers.
pub fn told_by(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<Option<(Id, Option<Id>)>> {
    let row = told::table.find((council, id)).select((told::signal_id, told::account_id));
    Ok(row.first(&mut **tx).optional()?)
}

/// What somebody was told of, and has said.
#[derive(Clone, Debug, Queryable)]
pub struct OwnRow {
    /// The signal.
    pub signal: SignalRow,
    /// What they have said.
    pub text: Option<String>,
    /// When.
    pub contested_at: Option<Instant>,
}

/// The hundred signals that somebody was told of last.
///
/// # Errors
/// What the database answers.
pub fn own_signals(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Vec<OwnRow>> {
    Ok(told::table
        .inner_join(signals::table.on(signals::council_id.eq(told::council_id).and(signals::id.eq(told::signal_id))))
        .filter(told::council_id.eq(council))
        .filter(told::account_id.eq(account))
        .order(signals::id.desc())
        .limit(100)
        .select((SignalRow::as_select(), told::text, told::contested_at))
        .load(&mut **tx)?)
}

/// Writes what somebody says against a signal, once; says whether they are among its voters, and had not said anything.
///
/// # Errors
/// What the database answers.
pub fn write_contest(tx: &mut Tx<'_>, council: Id, signal: Id, account: Id, text: &str) -> Result<bool> {
    let now = tx.now();
    let open = told::table
        .filter(told::council_id.eq(council))
        .filter(told::signal_id.eq(signal))
        .filter(told::account_id.eq(account))
        .filter(told::contested_at.is_null());
    Ok(diesel::update(open).set((told::text.eq(text), told::contested_at.eq(now))).execute(&mut **tx)? == 1)
}

/// What somebody says against it; not who.
#[derive(Clone, Debug, Queryable)]
pub struct ContestRow {
    /// Random.
    pub id: Id,
    /// What they say.
    pub text: Option<String>,
    /// When.
    pub contested_at: Instant,
}

/// What was said against a signal, in no order that would tell who.
///
/// # Errors
/// What the database answers.
pub fn list_contests(
    tx: &mut Tx<'_>,
    council: Id,
    signal: Id,
    after: Option<Id>,
    limit: i64,
) -> Result<Vec<ContestRow>> {
    Ok(told::table
        .filter(told::council_id.eq(council))
        .filter(told::signal_id.eq(signal))
        .filter(told::contested_at.is_not_null())
        .filter(told::id.gt(after.unwrap_or(Id::NONE)))
        .order(told::id)
        .limit(limit)
        .select((told::id, told::text, told::contested_at.assume_not_null()))
        .load(&mut **tx)?)
}

/// Whether support of an idea by a voter is set aside, or was and was taken back since: given again, it would be counted in spite
/// of the signal.
///
/// # Errors
/// What the database answers.
pub fn is_set_aside(tx: &mut Tx<'_>, council: Id, idea: Id, voter: Id) -> Result<bool> {
    let theirs = votes::table
        .inner_join(signals::table.on(signals::council_id.eq(votes::council_id).and(signals::id.eq(votes::signal_id))))
        .filter(votes::council_id.eq(council))
        .filter(votes::idea_id.eq(idea))
        .filter(votes::voter_id.eq(voter))
        .filter(votes::state.ne(SignalVoteState::Counted))
        .filter(signals::state.eq_any([SignalState::Quarantined, SignalState::Proposed, SignalState::Invalidated]));
    Ok(diesel::select(diesel::dsl::exists(theirs)).get_result(&mut **tx)?)
}

/// Those of these ideas whose votes a signal points to that can be set aside, or given back, still.
///
/// # Errors
/// What the database answers.
pub fn unsettled_among(tx: &mut Tx<'_>, council: Id, among: &[Id]) -> Result<Vec<Id>> {
    let reversible_from = tx.now().minus(REVERSIBLE);
    Ok(votes::table
        .inner_join(signals::table.on(signals::council_id.eq(votes::council_id).and(signals::id.eq(votes::signal_id))))
        .filter(votes::council_id.eq(council))
        .filter(votes::idea_id.eq_any(among.to_vec()))
        .filter(signals::state.eq_any([SignalState::Open, SignalState::Quarantined, SignalState::Proposed]).or(
            signals::state.eq(SignalState::Invalidated).and(signals::settled_at.gt(reversible_from).assume_not_null()),
        ))
        .select(votes::idea_id)
        .distinct()
        .load(&mut **tx)?)
}

/// How many votes of a signal are set aside.
///
/// # Errors
/// What the database answers.
pub fn count_set_aside(tx: &mut Tx<'_>, council: Id, signal: Id) -> Result<i64> {
    let of = votes::table.filter(votes::council_id.eq(council)).filter(votes::signal_id.eq(signal));
    Ok(of.filter(votes::state.eq(SignalVoteState::SetAside)).count().get_result(&mut **tx)?)
}

/// Notes that a voter has taken support back that was set aside, so that it does not come back.
///
/// # Errors
/// What the database answers.
pub fn take_back(tx: &mut Tx<'_>, council: Id, idea: Id, voter: Id) -> Result<()> {
    let theirs = votes::table
        .filter(votes::council_id.eq(council))
        .filter(votes::idea_id.eq(idea))
        .filter(votes::voter_id.eq(voter))
        .filter(votes::state.eq(SignalVoteState::SetAside));
    diesel::update(theirs).set(votes::state.eq(SignalVoteState::Withdrawn)).execute(&mut **tx)?;
    Ok(())
}
