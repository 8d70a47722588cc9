//! What looks as if votes did not come from people, and what may be done about it. Pure, and the same whatever the order of input.
//!
//! A signal is a reason to look and no verdict: a school class, a shared link or a good speech looks like one, too. So thresholds are
//! high, what was found is shown with the thresholds, and a program decides nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};

use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Result};
use crate::vocabulary::{SignalKind, SignalState};

/// For so long an account is new.
pub const NEW: Duration = Duration::from_secs(24 * 3_600);
/// Bursts are looked for in so much time.
pub const WINDOW: Duration = Duration::from_secs(3_600);
/// So many new accounts support one idea within it.
pub const BURST: usize = 60;
/// So many of them from one network.
pub const NETWORK: usize = 20;
/// So near to each other two accounts support the same idea.
pub const NEAR: Duration = Duration::from_secs(60);
/// So many ideas two accounts support together.
pub const SHARED: u32 = 4;
/// So many accounts are a cohort.
pub const COHORT: usize = 5;
/// With so many that came before it a vote is compared, at most: the rest is a burst anyway.
const NEIGHBOURS: usize = 20;

/// For so long voters contest before anything is decided.
pub const CONTEST: Duration = Duration::from_secs(7 * 24 * 3_600);
/// For so long an invalidation can be reversed.
pub const REVERSIBLE: Duration = Duration::from_secs(30 * 24 * 3_600);

/// Support of an idea, as it is looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Vote {
    /// The idea.
    pub idea: Id,
    /// When.
    pub at: Instant,
    /// By which voter.
    pub voter: Id,
    /// Whether their account was new.
    pub is_new: bool,
    /// What is left of the network.
    pub trace: Option<String>,
    /// The open signal that it is in already.
    pub signal: Option<Id>,
}

/// Votes that belong together, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What they look like.
    pub kind: SignalKind,
    /// The votes, each once.
    pub votes: BTreeSet<Vote>,
}

impl Found {
    /// Those of them that are in no signal yet.
    pub fn fresh(&self) -> impl Iterator<Item = &Vote> {
        self.votes.iter().filter(|vote| vote.signal.is_none())
    }

    /// The open signal that they belong to: the one that most of them are in.
    pub fn belongs_to(&self) -> Option<Id> {
        let mut votes: BTreeMap<Id, usize> = BTreeMap::new();
        for signal in self.votes.iter().filter_map(|vote| vote.signal) {
            *votes.entry(signal).or_default() += 1;
        }
        votes.into_iter().max_by_key(|(signal, votes)| (*votes, *signal)).map(|(signal, _)| signal)
    }
}

/// What is shown of a signal: counts, times and thresholds; never a network or a name.
pub fn evidence(kind: SignalKind, of_new: i64, accounts: i64) -> Value {
    match kind {
        SignalKind::Burst => json!({ "of_new_accounts": of_new, "within_minutes": 60, "threshold": BURST }),
        SignalKind::OneNetwork => json!({ "of_new_accounts": of_new, "within_minutes": 60, "threshold": NETWORK }),
        SignalKind::Lockstep => json!({
            "accounts": accounts, "within_seconds": NEAR.as_secs(), "ideas_in_common": SHARED, "threshold": COHORT,
        }),
    }
}

/// All that is new among the votes of one challenge; each vote is in one finding at most. Those that are in an open signal are looked
/// at with the others: what goes on after it was found belongs to it, and is no second one below the threshold.
pub fn look(votes: Vec<Vote>) -> Vec<Found> {
    let mut left: BTreeSet<Vote> = votes.into_iter().collect();
    let mut all = Vec::new();
    let mut keep = |found: Vec<Found>, left: &mut BTreeSet<Vote>| {
        let taken: BTreeSet<&Vote> = found.iter().flat_map(|one| &one.votes).collect();
        left.retain(|vote| !taken.contains(vote));
        all.extend(found.into_iter().filter(|one| one.fresh().next().is_some()));
    };
    keep(crowded(&left, SignalKind::OneNetwork, NETWORK, |vote| vote.trace.clone()), &mut left);
    keep(crowded(&left, SignalKind::Burst, BURST, |_| Some(String::new())), &mut left);
    keep(lockstep(&left), &mut left);
    all
}

/// So many new accounts in an hour on one idea, of one kind; and where it is not one network, at least as many as others.
fn crowded(votes: &BTreeSet<Vote>, kind: SignalKind, least: usize, by: impl Fn(&Vote) -> Option<String>) -> Vec<Found> {
    let mut groups: BTreeMap<(Id, String), Vec<&Vote>> = BTreeMap::new();
    for vote in votes {
        if let Some(key) = by(vote) {
            groups.entry((vote.idea, key)).or_default().push(vote);
        }
    }
    let of_group = |group: Vec<&Vote>| {
        // In the order of time, as the set is within one idea.
        let mut marked = BTreeSet::new();
        let (mut first, mut new, mut looked) = (0, 0_usize, 0);
        for (last, vote) in group.iter().enumerate() {
            new += usize::from(vote.is_new);
            while let Some(left) = group.get(first).filter(|left| left.at.plus(WINDOW) <= vote.at) {
                new -= usize::from(left.is_new);
                first += 1;
            }
            let all = last.saturating_sub(first).saturating_add(1);
            if new >= least && new.saturating_mul(2) >= all {
                // Each is marked once, however many windows it is in.
                let window = group.get(looked.max(first)..=last).into_iter().flatten();
                marked.extend(window.filter(|vote| vote.is_new).map(|vote| (*vote).clone()));
                looked = last.saturating_add(1);
            }
        }
        (!marked.is_empty()).then_some(Found { kind, votes: marked })
    };
    groups.into_values().filter_map(of_group).collect()
}

/// Accounts that support the same ideas at nearly the same times, again and again.
fn lockstep(votes: &BTreeSet<Vote>) -> Vec<Found> {
    let ordered: Vec<&Vote> = votes.iter().collect();
    let mut pairs: BTreeMap<(Id, Id), Vec<(usize, usize)>> = BTreeMap::new();
    for (place, vote) in ordered.iter().enumerate() {
        let before = ordered.get(..place).unwrap_or_default().iter().enumerate().rev().take(NEIGHBOURS);
        let near = before.take_while(|(_, other)| other.idea == vote.idea && other.at.plus(NEAR) >= vote.at);
        for (there, other) in near {
            let pair = if other.voter < vote.voter { (other.voter, vote.voter) } else { (vote.voter, other.voter) };
            pairs.entry(pair).or_default().push((there, place));
        }
    }
    let strong: Vec<_> = pairs
        .into_iter()
        .filter(|(_, shared)| u32::try_from(shared.len()).is_ok_and(|shared| shared >= SHARED))
        .collect();
    // Those who are tied to each other, by way of others too, are one cohort, named by the least of them.
    let mut cohort: BTreeMap<Id, Id> = strong.iter().flat_map(|((a, b), _)| [(*a, *a), (*b, *b)]).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for ((a, b), _) in &strong {
            let (of_a, of_b) = (cohort.get(a).copied().unwrap_or(*a), cohort.get(b).copied().unwrap_or(*b));
            let least = of_a.min(of_b);
            changed |= of_a != of_b;
            cohort.insert(*a, least);
            cohort.insert(*b, least);
        }
    }
    let mut found: BTreeMap<Id, (BTreeSet<Id>, BTreeSet<Vote>)> = BTreeMap::new();
    for ((a, b), shared) in strong {
        let (voters, theirs) = found.entry(cohort.get(&a).copied().unwrap_or(a)).or_default();
        voters.extend([a, b]);
        let places = shared.into_iter().flat_map(|(one, other)| [one, other]);
        theirs.extend(places.filter_map(|place| ordered.get(place)).map(|vote| (*vote).clone()));
    }
    let large = found.into_values().filter(|(voters, _)| voters.len() >= COHORT);
    large.map(|(_, votes)| Found { kind: SignalKind::Lockstep, votes }).collect()
}

/// A step that somebody of the staff takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The votes are not counted while it is looked at.
    Quarantine,
    /// They are counted, as before.
    Release,
    /// They are not to be counted at all, if a second person agrees.
    ProposeInvalidation,
    /// The second person agrees.
    Approve,
    /// It was wrong: they are counted, as before.
    Reverse,
}

/// How a signal stands after a step.
///
/// # Errors
/// 409 where it cannot be taken.
pub fn next(state: SignalState, step: Step) -> Result<SignalState> {
    use SignalState::{Dismissed, Invalidated, Open, Proposed, Quarantined, Released, Reversed};
    match (state, step) {
        (Open, Step::Quarantine) => Ok(Quarantined),
        (Open, Step::Release) => Ok(Dismissed),
        (Quarantined | Proposed, Step::Release) => Ok(Released),
        (Quarantined, Step::ProposeInvalidation) => Ok(Proposed),
        (Proposed, Step::Approve) => Ok(Invalidated),
        (Invalidated, Step::Reverse) => Ok(Reversed),
        _ => Err(Code::WrongState.because(format!("A signal that is {state} cannot take that step.")).into()),
    }
}

/// Whether the voters have had their time.
///
/// # Errors
/// 409 with the instant from which it can be proposed.
pub fn after_contest(contest_until: Option<Instant>, now: Instant) -> Result<()> {
    match contest_until {
        Some(until) if now < until => {
            let detail = format!("The voters can contest until {until}. Decide then, or release the votes before.");
            Err(Code::WrongState.because(detail).with("opens_at", until).into())
        }
        _ => Ok(()),
    }
}

/// Whether it is another person who agrees.
///
/// # Errors
/// 409 where it is the same.
pub fn second_person(proposed_by: Option<Id>, by: Id) -> Result<()> {
    if proposed_by == Some(by) {
        return Err(Code::WrongState.because("Somebody else than who proposed it has to approve.").into());
    }
    Ok(())
}

/// Whether an invalidation can be reversed still.
///
/// # Errors
/// 409 where its time is over.
pub fn in_time(settled_at: Option<Instant>, now: Instant) -> Result<()> {
    match settled_at {
        Some(at) if now < at.plus(REVERSIBLE) => Ok(()),
        _ => Err(Code::WrongState.because("The thirty days in which this could be reversed are over.").into()),
    }
}

/// Whether a voter can contest: while it is not decided, and for as long as the decision can be reversed.
///
/// # Errors
/// 409 where their votes are counted, or the time is over.
pub fn may_contest(state: SignalState, settled_at: Option<Instant>, now: Instant) -> Result<()> {
    match state {
        SignalState::Quarantined | SignalState::Proposed => Ok(()),
        SignalState::Invalidated => in_time(settled_at, now),
        _ => Err(Code::WrongState.because("Your support is counted: there is nothing to contest.").into()),
    }
}

/// Whether a voter can say something: once while their votes are set aside, and once more when it was decided against them.
///
/// # Errors
/// 409 where they have.
pub fn may_say(contested_at: Option<Instant>, state: SignalState, settled_at: Option<Instant>) -> Result<()> {
    let decided_since = state == SignalState::Invalidated && contested_at < settled_at;
    if contested_at.is_some() && !decided_since {
        return Err(Code::AlreadyExists.because("You have said already what you have against it.").into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    use super::*;

    fn at(seconds: u64) -> Instant {
        Instant::from_micros(1_800_000_000_000_000).plus(Duration::from_secs(seconds))
    }

    fn named(what: &str, n: usize) -> Id {
        Id::from_text(&format!("{what}{n}"))
    }

    fn vote(voter: usize, idea: usize, seconds: u64) -> Vote {
        let trace = Some(format!("network{voter}"));
        Vote {
            idea: named("idea", idea),
            at: at(seconds),
            voter: named("voter", voter),
            is_new: true,
            trace,
            signal: None,
        }
    }

    fn kinds(votes: Vec<Vote>) -> Vec<(SignalKind, usize)> {
        look(votes).into_iter().map(|found| (found.kind, found.votes.len())).collect()
    }

    // case C10
    #[test]
    fn an_overnight_burst_is_found_within_its_first_hour_and_a_crowd_of_old_accounts_is_none() {
        // 2,850 votes in seven hours.
        let night = |n: usize| vote(n, 1, u64::try_from(n).unwrap() * 25_200 / 2_850);
        assert_eq!(kinds((0..2_850).map(night).collect()), [(SignalKind::Burst, 2_850)]);
        assert_eq!(kinds((0..60).map(night).collect()), [(SignalKind::Burst, 60)]);
        assert_eq!(kinds((0..59).map(night).collect()), []);
        let old = |n: usize| Vote { is_new: n.is_multiple_of(3), ..night(n) };
        assert_eq!(kinds((0..2_850).map(old).collect()), []);
    }

    // case C10
    #[test]
    fn what_goes_on_after_a_burst_was_found_belongs_to_it_however_little_it_is() {
        let night = |n: usize| vote(n, 1, u64::try_from(n).unwrap() * 30);
        let open = named("signal", 1);
        let flagged = |n: usize| Vote { signal: Some(open), ..night(n) };
        let found = look((0..60).map(flagged).chain((60..63).map(night)).collect());
        assert_eq!((found.len(), found[0].belongs_to(), found[0].fresh().count()), (1, Some(open), 3));
        assert_eq!(look((0..60).map(flagged).collect()), []);
        assert_eq!(look((60..63).map(night).collect()), []);
    }

    // case C10
    #[test]
    fn a_burst_from_one_network_is_found_sooner_and_a_household_is_none() {
        let same = |n: usize| Vote { trace: Some("one".into()), ..vote(n, 1, u64::try_from(n).unwrap() * 100) };
        assert_eq!(kinds((0..20).map(same).collect()), [(SignalKind::OneNetwork, 20)]);
        assert_eq!(kinds((0..19).map(same).collect()), []);
        let unknown = |n: usize| Vote { trace: None, ..same(n) };
        assert_eq!(kinds((0..36).map(unknown).collect()), []);
    }

    // case C11
    #[test]
    fn accounts_in_lockstep_are_one_cohort_and_who_shares_a_link_is_not_among_them() {
        let cohort =
            |n: usize| (0..5).map(move |idea| Vote { is_new: false, ..vote(n, idea, idea as u64 * 3_600 + n as u64) });
        let honest = |n: usize| Vote { is_new: false, ..vote(1_000 + n, 0, n as u64 * 20) };
        let mut votes: Vec<Vote> = (0..12).flat_map(cohort).chain((0..180).map(honest)).collect();
        assert_eq!(kinds(votes.clone()), [(SignalKind::Lockstep, 60)]);
        // The order in which they are read changes nothing.
        let found = look(votes.clone());
        votes.reverse();
        assert_eq!(look(votes), found);
        assert_eq!(kinds((0..4).flat_map(cohort).collect()), []);
    }

    // case C11
    #[test]
    fn honest_people_at_random_times_stay_below_every_threshold() {
        // 3,000 votes of a day on twenty ideas: a third by new accounts, from households of one to four.
        let day = proptest::collection::vec((0..20_usize, 0..86_400_u64, 0..3_u8, 0..900_usize), 3_000);
        let mut runner = TestRunner::deterministic();
        for _ in 0..if cfg!(debug_assertions) { 4 } else { 100 } {
            let votes = day.new_tree(&mut runner).unwrap().current();
            let votes: Vec<Vote> = votes
                .into_iter()
                .enumerate()
                .map(|(n, (idea, seconds, new, household))| Vote {
                    is_new: new == 0,
                    trace: Some(format!("household{household}")),
                    ..vote(n % 250, idea, seconds)
                })
                .collect();
            assert_eq!(kinds(votes), []);
        }
    }

    #[test]
    fn looking_at_very_many_votes_at_one_moment_ends() {
        let flood = |is_new| (0..30_000).map(move |n| Vote { is_new, ..vote(n, n % 3, 7) }).collect::<Vec<_>>();
        assert_eq!(kinds(flood(false)), []);
        assert_eq!(kinds(flood(true)), [(SignalKind::Burst, 10_000); 3]);
    }

    #[test]
    fn every_state_and_every_step() {
        let mut table = String::new();
        for state in SignalState::ALL {
            for step in [Step::Quarantine, Step::Release, Step::ProposeInvalidation, Step::Approve, Step::Reverse] {
                if let Ok(to) = next(*state, step) {
                    table.push_str(&format!("{state} {step:?} {to}\n"));
                }
            }
        }
        insta::assert_snapshot!(table, @r"
        open Quarantine quarantined
        open Release dismissed
        quarantined Release released
        quarantined ProposeInvalidation proposed
        proposed Release released
        proposed Approve invalidated
        invalidated Reverse reversed
        ");
    }

    #[test]
    fn voters_have_their_time_a_second_person_agrees_and_thirty_days_are_left() {
        assert!(after_contest(Some(at(10)), at(9)).is_err() && after_contest(Some(at(10)), at(10)).is_ok());
        let (one, other) = (named("one", 1), named("one", 2));
        assert!(second_person(Some(one), one).is_err() && second_person(Some(one), other).is_ok());
        let over = 30 * 86_400;
        assert!(in_time(Some(at(0)), at(over - 1)).is_ok() && in_time(Some(at(0)), at(over)).is_err());
        assert!(may_contest(SignalState::Quarantined, None, at(0)).is_ok());
        assert!(may_contest(SignalState::Released, Some(at(0)), at(0)).is_err());
        assert!(may_contest(SignalState::Invalidated, Some(at(0)), at(over)).is_err());
        assert!(may_say(None, SignalState::Quarantined, None).is_ok());
        assert!(may_say(Some(at(1)), SignalState::Quarantined, None).is_err());
        assert!(may_say(Some(at(1)), SignalState::Invalidated, Some(at(2))).is_ok());
        assert!(may_say(Some(at(3)), SignalState::Invalidated, Some(at(2))).is_err());
    }
}
