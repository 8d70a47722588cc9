//! Rankings without rounds of transfers: Schulze's method. (Borda's is [`crate::totals`] of a ranked profile.)
//!
//! Method: Schulze, *A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner election method*, Social Choice and
//! Welfare 36 (2011), with the strength of a link by the votes of those who won it ("winning votes").

use crate::Outcome;
use crate::profile::Profile;
use crate::ties::{TieOrder, Ties};

/// A candidate as it stands against all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which.
    pub candidate: usize,
    /// How many prefer it to each candidate; whoever ranks one and not the other prefers the one they rank.
    pub preferred: Vec<u64>,
    /// The strength of the strongest chain of such preferences from it to each candidate; 0 where there is none.
    pub path: Vec<u64>,
    /// How many candidates it beats by that.
    pub beats: usize,
}

/// Most candidates that [`schulze`] compares: the work grows with the third power.
pub const MAX_RANKED: usize = 1_000;

/// Ranks candidates by Schulze's method; the first so many win, and nobody where nobody was ranked.
pub fn schulze(profile: &Profile, seats: usize, order: &TieOrder) -> Outcome<Line> {
    let count = profile.candidates().len();
    let preferred = preferences(profile);
    let mut path = vec![vec![0; count]; count];
    for (one, row) in path.iter_mut().enumerate() {
        for (other, strength) in row.iter_mut().enumerate() {
            if preferred[one][other] > preferred[other][one] {
                *strength = preferred[one][other];
            }
        }
    }
    for through in 0..count {
        for from in 0..count {
            for to in 0..count {
                if from != to && through != from && through != to {
                    let chain = path[from][through].min(path[through][to]);
                    path[from][to] = path[from][to].max(chain);
                }
            }
        }
    }
    let mut ties = Ties::new(order, profile, &profile.first_preferences());
    let mut left: Vec<usize> = (0..count).collect();
    let mut ranked = Vec::new();
    while !left.is_empty() {
        // Whom nobody beats who is left: there is always somebody, for the relation is transitive.
        let unbeaten: Vec<usize> = left
            .iter()
            .copied()
            .filter(|one| left.iter().all(|other| path[*other][*one] <= path[*one][*other]))
            .collect();
        let round = ranked.len() + 1;
        // Where all of them win, it does not matter who comes first.
        let next = if ranked.len() < seats && unbeaten.len() > seats - ranked.len() {
            ties.first(round, &unbeaten)
        } else {
            unbeaten.iter().copied().min_by_key(|one| ties.place(*one))
        };
        let Some(next) = next else { break };
        ranked.push(next);
        left.retain(|one| *one != next);
    }
    let beats = |one: usize| (0..count).filter(|other| path[one][*other] > path[*other][one]).count();
    let lines = ranked.iter().map(|one| Line {
        candidate: *one,
        preferred: preferred[*one].clone(),
        path: path[*one].clone(),
        beats: beats(*one),
    });
    let rounds = lines.collect();
    let anybody = profile.first_preferences().iter().any(|first| *first > 0);
    ranked.truncate(if anybody { seats } else { 0 });
    Outcome { winners: ranked, rounds, ties_broken: ties.into_broken() }
}

/// How many prefer each candidate to each other.
pub fn preferences(profile: &Profile) -> Vec<Vec<u64>> {
    let count = profile.candidates().len();
    let mut preferred = vec![vec![0; count]; count];
    let mut seen = vec![usize::MAX; count];
    for (n, ballot) in profile.ballots().iter().enumerate() {
        ballot.marks.iter().for_each(|mark| seen[mark.candidate] = n);
        for (at, mark) in ballot.marks.iter().enumerate() {
            for below in ballot.marks.iter().skip(at + 1) {
                preferred[mark.candidate][below.candidate] += ballot.weight;
            }
            for unranked in (0..count).filter(|one| seen[*one] != n) {
                preferred[mark.candidate][unranked] += ballot.weight;
            }
        }
    }
    preferred
}
