//! Greedy: by votes or points, for as long as there is money. The rule of most participatory budgets, and unfair to whoever votes
//! for what others do not: it is here to be compared with.

use serde::Serialize;

use crate::Outcome;
use crate::profile::Profile;
use crate::ties::{TieOrder, Ties};

/// What becomes of a candidate whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// It is paid for.
    Funded,
    /// It costs more than is left; the rule goes on to the next.
    Skipped,
    /// It costs more than is left; the rule ends here.
    Stopped,
}

/// One turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Whose.
    pub candidate: usize,
    /// Votes or points, by which it comes.
    pub total: u64,
    /// What it costs.
    pub cost: u64,
    /// What was left before it.
    pub left: u64,
    /// What became of it.
    pub turn: Turn,
}

/// Pays for candidates by votes, the most first. Where one costs more than is left, the rule either skips it and goes on (`skip`)
/// or ends. What nobody voted for is never paid for.
pub fn greedy(profile: &Profile, budget: u64, skip: bool, order: &TieOrder) -> Outcome<Round> {
    let totals = profile.totals();
    let mut ties = Ties::new(order, profile, &totals);
    let mut rounds = Vec::new();
    fill(profile, &totals, &mut ties, budget, skip, &[], 0, &mut rounds);
    let winners = rounds.iter().filter(|one| one.turn == Turn::Funded).map(|one| one.candidate).collect();
    Outcome { winners, rounds, ties_broken: ties.into_broken() }
}

/// Goes on where something is chosen already; the budget is what is left, and so many rounds were before.
#[expect(clippy::too_many_arguments, reason = "two callers, each with all of it at hand")]
pub(crate) fn fill(
    profile: &Profile,
    totals: &[u64],
    ties: &mut Ties,
    budget: u64,
    skip: bool,
    chosen: &[usize],
    from: usize,
    rounds: &mut Vec<Round>,
) {
    let mut queue: Vec<usize> = (0..totals.len()).filter(|n| totals[*n] > 0 && !chosen.contains(n)).collect();
    queue.sort_by_key(|n| (std::cmp::Reverse(totals[*n]), ties.place(*n)));
    let mut left = budget;
    for tied in queue.chunk_by(|one, other| totals[*one] == totals[*other]) {
        // Whoever comes first takes the money of the others only where it is not enough for all who could have it; and where the rule
        // ends at the first that costs too much, it matters whether that comes first.
        let cost = |one: &usize| profile.candidates()[*one].cost;
        let can: Vec<usize> = tied.iter().copied().filter(|one| cost(one) <= left).collect();
        let sum = |all: &[usize]| all.iter().fold(0_u64, |sum, one| sum.saturating_add(cost(one)));
        let round = from + rounds.len() + 1;
        if skip && sum(&can) > left {
            ties.first(round, &can);
        } else if !skip && !can.is_empty() && sum(tied) > left {
            ties.first(round, tied);
        }
        for candidate in tied.iter().copied() {
            let cost = profile.candidates()[candidate].cost;
            let turn = match (cost <= left, skip) {
                (true, _) => Turn::Funded,
                (false, true) => Turn::Skipped,
                (false, false) => Turn::Stopped,
            };
            rounds.push(Round { candidate, total: totals[candidate], cost, left, turn });
            match turn {
                Turn::Funded => left -= cost,
                Turn::Skipped => {}
                Turn::Stopped => return,
            }
        }
    }
}
