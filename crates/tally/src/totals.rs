//! Counting votes, adding up points: the most first.

use crate::Outcome;
use crate::profile::Profile;
use crate::ties::{TieOrder, Ties};

/// What one candidate was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The candidate.
    pub candidate: usize,
    /// Votes, points, or Borda's points (as many as places for the first, one less for each after that).
    pub total: u64,
    /// How many marked it.
    pub supporters: u64,
    /// Points by whoever marked it, also with nothing, in thousandths, rounded to the nearest; nothing where nobody did. Nothing is decided
    /// by it.
    pub mean_thousandths: Option<u64>,
    /// Whether it is among the first `seats`.
    pub wins: bool,
}

/// The candidates by what they were given in all, and the first so many as winners. One that nobody marked never wins.
pub fn totals(profile: &Profile, seats: usize, order: &TieOrder) -> Outcome<Line> {
    let (totals, supporters, marked) = (profile.totals(), profile.supporters(), profile.marked());
    let mut ties = Ties::new(order, profile, &totals);
    let mut left: Vec<usize> = (0..totals.len()).collect();
    left.sort_by_key(|n| (std::cmp::Reverse(totals[*n]), ties.place(*n)));
    for (at, tied) in left.chunk_by(|one, other| totals[*one] == totals[*other]).scan(0, |at, tied| {
        *at += tied.len();
        Some((*at - tied.len(), tied))
    }) {
        // Only where the last seat goes does it matter who of them comes first.
        if at < seats && seats < at + tied.len() && supporters[tied[0]] > 0 {
            ties.first(at + 1, tied);
        }
    }
    let lines: Vec<Line> = left
        .iter()
        .enumerate()
        .map(|(at, candidate)| Line {
            candidate: *candidate,
            total: totals[*candidate],
            supporters: supporters[*candidate],
            mean_thousandths: mean(totals[*candidate], marked[*candidate]),
            wins: at < seats && supporters[*candidate] > 0,
        })
        .collect();
    let winners = lines.iter().filter(|line| line.wins).map(|line| line.candidate).collect();
    Outcome { winners, rounds: lines, ties_broken: ties.into_broken() }
}

fn mean(total: u64, heads: u64) -> Option<u64> {
    let doubled = u128::from(total) * 2_000 + u128::from(heads);
    (heads > 0).then(|| u64::try_from(doubled / (2 * u128::from(heads))).unwrap_or(u64::MAX))
}
