//! The SQL of signals; that of moving votes stands in `moving.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use diesel::prelude::*;

use super::rules::{CONTEST, Found, NEW, REVERSIBLE, Vote, evidence};
use crate::each;
use crate::platform::db::schema::{
    accounts, challenges, ideas, signal_voters as told, signal_votes as votes, supports, vote_signals as signals,
    voters,
};
use crate::platform::db::{Id, Instant, Json, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::process::merges::queries::numbers_of;
use crate::vocabulary::{SignalKind, SignalState, SignalVoteState};

/// So long after a challenge has closed its votes are looked at still.
const AFTER_CLOSING: Duration = Duration::from_secs(3_600);
/// Votes that are written in one statement.
const AT_ONCE: usize = 1_000;

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

/// Where a page of votes ended: they are read in the order of time.
pub type Place = (Instant, Id, Id);

/// Votes of a council in the order of time, each with its challenge, and where the next page of them begins.
#[derive(Debug)]
pub struct VotePage {
    /// Those of them that nobody has looked at yet: in no signal, or in one that is open.
    pub votes: Vec<(Id, Vote)>,
    /// The last one of all; none where there are no more.
    pub next: Option<Place>,
}

/// A page of the votes of a council after a place.
///
/// # Errors
/// What the database answers.
pub fn votes_after(tx: &mut Tx<'_>, council: Id, (at, idea, voter): Place, limit: i64) -> Result<VotePage> {
    type Row = (Id, Id, Id, Instant, Option<String>, Option<Instant>, Option<Id>);
    let flags = votes::council_id
        .eq(supports::council_id)
        .and(votes::idea_id.eq(supports::idea_id))
        .and(votes::voter_id.eq(supports::voter_id));
    let rows: Vec<Row> = supports::table
        .inner_join(
            voters::table.on(voters::council_id.eq(supports::council_id).and(voters::id.eq(supports::voter_id))),
        )
        .left_join(
            accounts::table
                .on(accounts::council_id.eq(voters::council_id).and(accounts::id.nullable().eq(voters::account_id))),
        )
        .left_join(votes::table.on(flags))
        .filter(supports::council_id.eq(council))
        .filter(supports::created_at.ge(at))
        .filter(
            supports::created_at
                .gt(at)
                .or(supports::idea_id.gt(idea))
                .or(supports::idea_id.eq(idea).and(supports::voter_id.gt(voter))),
        )
        .order((supports::created_at, supports::idea_id, supports::voter_id))
        .limit(limit)
        .select((
            voters::challenge_id,
            supports::idea_id,
            supports::voter_id,
            supports::created_at,
            supports::trace,
            accounts::created_at.nullable(),
            votes::signal_id.nullable(),
        ))
        .load(&mut **tx)?;
    let full = i64::try_from(rows.len()).is_ok_and(|count| count == limit);
    let next = rows.last().filter(|_| full).map(|(_, idea, voter, at, ..)| (*at, *idea, *voter));
    let named: BTreeSet<Id> = rows.iter().filter_map(|row| row.6).collect();
    let open: BTreeSet<Id> = signals::table
        .filter(signals::council_id.eq(council))
        .filter(signals::id.eq_any(named))
        .filter(signals::state.eq(SignalState::Open))
        .select(signals::id)
        .load::<Id>(&mut **tx)?
        .into_iter()
        .collect();
    let waits = rows.into_iter().filter(|row| row.6.is_none_or(|signal| open.contains(&signal)));
    let votes = waits.map(|(challenge, idea, voter, at, trace, made_at, signal)| {
        let is_new = made_at.is_some_and(|made| at < made.plus(NEW));
        (challenge, Vote { idea, at, voter, is_new, trace, signal })
    });
    Ok(VotePage { votes: votes.collect(), next })
}

/// Councils in which a challenge is open, or was a moment ago: what was cast in its last minutes is looked at too.
///
/// # Errors
/// What the database answers.
pub fn councils_with_votes(tx: &mut Tx<'_>) -> Result<Vec<Id>> {
    let now = tx.now();
    let open = challenges::table
        .filter(challenges::opened_at.le(now))
        .filter(challenges::closes_at.gt(now.minus(AFTER_CLOSING)));
    Ok(open.select(challenges::council_id).distinct().load(&mut **tx)?)
}

/// A vote that a signal points to.
#[derive(Insertable)]
#[diesel(table_name = votes, treat_none_as_default_value = false)]
struct NewVote {
    council_id: Id,
    signal_id: Id,
    idea_id: Id,
    voter_id: Id,
    supported_at: Instant,
    state: SignalVoteState,
}

/// Writes what was found: into the open signal that it belongs to, or as a new one. A vote that another node has flagged a moment
/// before is left to it; where all were, there is no signal. Gives the signal, where it was written.
///
/// # Errors
/// What the database answers.
pub fn write_found(tx: &mut Tx<'_>, council: Id, challenge: Id, found: &Found) -> Result<Option<Id>> {
    let times = || found.fresh().map(|vote| vote.at);
    let Some((from, until)) = times().min().zip(times().max()) else { return Ok(None) };
    let count = |n: usize| i64::try_from(n).map_err(anyhow::Error::from);
    let (fresh, new) = (count(found.fresh().count())?, count(found.fresh().filter(|vote| vote.is_new).count())?);
    // One that looks like something else has evidence of its own.
    let grows = match found.belongs_to() {
        Some(signal) => {
            Some(signal).filter(|_| find_signal(tx, council, signal).is_ok_and(|one| one.kind == found.kind))
        }
        None => None,
    };
    let id = match grows {
        Some(signal) => {
            // Whoever takes a step at this moment waits; and where somebody has, the next look finds what is left.
            let open = signals::table.find((council, signal)).filter(signals::state.eq(SignalState::Open));
            let held = diesel::update(open).set(signals::version.eq(signals::version + 1)).execute(&mut **tx)?;
            if held == 0 {
                return Ok(None);
            }
            signal
        }
        None => insert_signal(tx, council, challenge, found.kind, (from, until), fresh)?,
    };
    let rows: Vec<NewVote> = found
        .fresh()
        .map(|vote| NewVote {
            council_id: council,
            signal_id: id,
            idea_id: vote.idea,
            voter_id: vote.voter,
            supported_at: vote.at,
            state: SignalVoteState::Counted,
        })
        .collect();
    for some in rows.chunks(AT_ONCE) {
        each!(&mut **tx, c => diesel::insert_into(votes::table).values(some).on_conflict_do_nothing().execute(c))?;
    }
    let of = votes::table.filter(votes::council_id.eq(council)).filter(votes::signal_id.eq(id));
    let (all, by): (i64, i64) = of
        .select((diesel::dsl::count_star(), diesel::dsl::count(votes::voter_id).aggregate_distinct()))
        .first(&mut **tx)?;
    let signal = signals::table.find((council, id));
    if all == 0 {
        diesel::delete(signal).execute(&mut **tx)?;
        return Ok(None);
    }
    let before = find_signal(tx, council, id)?;
    let known = before.evidence.0.get("of_new_accounts").and_then(serde_json::Value::as_i64).unwrap_or_default();
    diesel::update(signal)
        .set((
            signals::votes.eq(all),
            signals::accounts.eq(by),
            signals::evidence.eq(Json(evidence(before.kind, known.saturating_add(new).min(all), by))),
            signals::from_at.eq(before.from_at.min(from)),
            signals::until_at.eq(before.until_at.max(until)),
        ))
        .execute(&mut **tx)?;
    Ok(Some(id))
}

fn insert_signal(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    kind: SignalKind,
    (from, until): (Instant, Instant),
    votes: i64,
) -> Result<Id> {
    let (now, id) = (tx.now(), Id::at(tx.now()));
    diesel::insert_into(signals::table)
        .values((
            signals::council_id.eq(council),
            signals::id.eq(id),
            signals::challenge_id.eq(challenge),
            signals::kind.eq(kind),
            signals::state.eq(SignalState::Open),
            signals::votes.eq(votes),
            signals::accounts.eq(votes),
            signals::evidence.eq(Json(evidence(kind, 0, votes))),
            signals::found_at.eq(now),
            signals::from_at.eq(from),
            signals::until_at.eq(until),
            signals::version.eq(1_i64),
        ))
        .execute(&mut **tx)?;
    Ok(id)
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

/// An idea that a signal is about: its id, its number, and how many votes.
pub type OfIdea = (Id, i64, i64);

/// For which ideas the votes of a signal are.
///
/// # Errors
/// What the database answers.
pub fn ideas_of(tx: &mut Tx<'_>, council: Id, signal: Id) -> Result<Vec<OfIdea>> {
    Ok(ideas_among(tx, council, &[signal])?.remove(&signal).unwrap_or_default())
}

/// The same of many signals at once.
///
/// # Errors
/// What the database answers.
pub fn ideas_among(tx: &mut Tx<'_>, council: Id, among: &[Id]) -> Result<BTreeMap<Id, Vec<OfIdea>>> {
    let rows: Vec<(Id, Id, i64)> = votes::table
        .filter(votes::council_id.eq(council))
        .filter(votes::signal_id.eq_any(among.to_vec()))
        .group_by((votes::signal_id, votes::idea_id))
        .order((votes::signal_id, votes::idea_id))
        .select((votes::signal_id, votes::idea_id, diesel::dsl::count_star()))
        .load(&mut **tx)?;
    let numbers = numbers_of(tx, council, rows.iter().map(|(_, idea, _)| *idea).collect())?;
    let mut all: BTreeMap<Id, Vec<OfIdea>> = BTreeMap::new();
    for (signal, idea, votes) in rows {
        let number = numbers.get(&idea).copied().unwrap_or_default();
        all.entry(signal).or_default().push((idea, number, votes));
    }
    Ok(all)
}

/// How many have contested each of these signals.
///
/// # Errors
/// What the database answers.
pub fn contests_among(tx: &mut Tx<'_>, council: Id, among: &[Id]) -> Result<BTreeMap<Id, i64>> {
    let of = told::table.filter(told::council_id.eq(council)).filter(told::signal_id.eq_any(among.to_vec()));
    let rows: Vec<(Id, i64)> = of
        .filter(told::contested_at.is_not_null())
        .group_by(told::signal_id)
        .select((told::signal_id, diesel::dsl::count_star()))
        .load(&mut **tx)?;
    Ok(rows.into_iter().collect())
}

/// Whether a signal is about somebody: a vote of theirs, or an idea that they have written.
///
/// # Errors
/// What the database answers.
pub fn touches(tx: &mut Tx<'_>, council: Id, signal: Id, account: Id) -> Result<bool> {
    let of = votes::table.filter(votes::council_id.eq(council)).filter(votes::signal_id.eq(signal));
    let voted = of
        .inner_join(voters::table.on(voters::council_id.eq(votes::council_id).and(voters::id.eq(votes::voter_id))))
        .filter(voters::account_id.eq(account));
    let wrote = of
        .inner_join(ideas::table.on(ideas::council_id.eq(votes::council_id).and(ideas::id.eq(votes::idea_id))))
        .filter(ideas::author_id.eq(account));
    Ok(diesel::select(diesel::dsl::exists(voted)).get_result::<bool>(&mut **tx)?
        || diesel::select(diesel::dsl::exists(wrote)).get_result::<bool>(&mut **tx)?)
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
/// 409 where somebody has, which the version that they sent has told them before.
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
        let detail = "Somebody else has taken a step a moment ago, or it has grown. Read the signal again.";
        return Err(Code::WrongState.because(detail).into());
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

/// About which signal somebody was told, who they are, and what they have said.
pub type Told = (Id, Option<Id>, Option<String>);

/// What somebody was told, by its id.
///
/// # Errors
/// What the database answers.
pub fn told_by(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<Option<Told>> {
    let row = told::table.find((council, id)).select((told::signal_id, told::account_id, told::text));
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

/// Writes what somebody says against a signal after what they had said before; says whether they are among its voters, and it was
/// the last that they had said.
///
/// # Errors
/// What the database answers.
pub fn write_contest(tx: &mut Tx<'_>, council: Id, account: Id, own: &OwnRow, text: &str) -> Result<bool> {
    let now = tx.now();
    let text = own.text.as_ref().map_or_else(|| text.to_owned(), |before| format!("{before}\n\n{text}"));
    let open = told::table
        .filter(told::council_id.eq(council))
        .filter(told::signal_id.eq(own.signal.id))
        .filter(told::account_id.eq(account))
        .filter(told::contested_at.is_null().or(told::contested_at.eq(own.contested_at)));
    let said = diesel::update(open).set((told::text.eq(text), told::contested_at.eq(now))).execute(&mut **tx)? == 1;
    if said {
        // Whoever decides has read it: a step with the signal as it was before is refused.
        diesel::update(signals::table.find((council, own.signal.id)))
            .set(signals::version.eq(signals::version + 1))
            .execute(&mut **tx)?;
    }
    Ok(said)
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

/// Those of these ideas that somebody cannot support now, for their support is set aside.
///
/// # Errors
/// What the database answers.
pub fn set_aside_among(tx: &mut Tx<'_>, council: Id, account: Id, among: &[Id]) -> Result<BTreeSet<Id>> {
    let theirs = votes::table
        .inner_join(signals::table.on(signals::council_id.eq(votes::council_id).and(signals::id.eq(votes::signal_id))))
        .inner_join(voters::table.on(voters::council_id.eq(votes::council_id).and(voters::id.eq(votes::voter_id))))
        .filter(votes::council_id.eq(council))
        .filter(votes::idea_id.eq_any(among.to_vec()))
        .filter(voters::account_id.eq(account))
        .filter(votes::state.ne(SignalVoteState::Counted))
        .filter(signals::state.eq_any([SignalState::Quarantined, SignalState::Proposed, SignalState::Invalidated]));
    Ok(theirs.select(votes::idea_id).load::<Id>(&mut **tx)?.into_iter().collect())
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
