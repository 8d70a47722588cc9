//! Ties are broken by an order that was published before anybody voted, and each of them is listed.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::profile::{Candidate, Profile};

/// What a seed of drawn lots is hashed with, so that the hash is of nothing else.
const LOTS: &[u8] = b"folkmoot tally drawn lots v1\0";

/// By what ties are broken. Each order is total: it ends in the number of a candidate, or in its id compared as bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TieOrder {
    /// What costs less.
    LowerCost,
    /// What has more votes by the rule that counts, then what costs less.
    MoreVotes,
    /// The lower number: what was submitted earlier.
    EarlierSubmission,
    /// The id, compared as bytes.
    Lexicographic,
    /// Lots: the least SHA-256 of a domain tag, this seed and the id. The seed is published before voting opens.
    DrawnLots(String),
}

impl TieOrder {
    /// Its name as it is written.
    pub fn name(&self) -> &'static str {
        match self {
            Self::LowerCost => "lower_cost",
            Self::MoreVotes => "more_votes",
            Self::EarlierSubmission => "earlier_submission",
            Self::Lexicographic => "lexicographic",
            Self::DrawnLots(_) => "drawn_lots",
        }
    }
}

/// A tie, and how it was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieBroken {
    /// In which round, from 1.
    pub round: usize,
    /// Between whom, in the order that broke it.
    pub tied: Vec<usize>,
    /// Who was chosen of them: to win, or to drop out.
    pub chosen: usize,
    /// By what: the published order, or an earlier round (from 1) in which they differed.
    pub by: BrokenBy,
}

/// What broke a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BrokenBy {
    /// The published order.
    Order,
    /// This round, the last in which the tied had different votes.
    EarlierRound(usize),
}

/// The published order, as places of candidates.
#[derive(Clone, Debug)]
pub(crate) struct Ties {
    place: Vec<usize>,
    broken: Vec<TieBroken>,
}

impl Ties {
    /// The order among the candidates of a profile; `votes` are what the rule counts.
    pub(crate) fn new(order: &TieOrder, profile: &Profile, votes: &[u64]) -> Self {
        let all = profile.candidates();
        let mut sorted: Vec<usize> = (0..all.len()).collect();
        let last = |n: &usize| (all[*n].number.is_none(), all[*n].number, all[*n].id.as_bytes());
        match order {
            TieOrder::LowerCost => sorted.sort_by_key(|n| (all[*n].cost, last(n))),
            TieOrder::MoreVotes => sorted.sort_by_key(|n| (Reverse(votes[*n]), all[*n].cost, last(n))),
            TieOrder::EarlierSubmission => sorted.sort_by_key(last),
            TieOrder::Lexicographic => sorted.sort_by_key(|n| all[*n].id.as_bytes()),
            TieOrder::DrawnLots(seed) => sorted.sort_by_cached_key(|n| lot(seed, &all[*n])),
        }
        let mut place = vec![0; all.len()];
        for (at, candidate) in sorted.into_iter().enumerate() {
            place[candidate] = at;
        }
        Self { place, broken: Vec::new() }
    }

    /// Where a candidate stands in the order.
    pub(crate) fn place(&self, candidate: usize) -> usize {
        self.place[candidate]
    }

    /// The first of the tied by the order; nobody where there is nobody.
    pub(crate) fn first(&mut self, round: usize, tied: &[usize]) -> Option<usize> {
        let chosen = tied.iter().copied().min_by_key(|one| self.place[*one])?;
        self.note(round, tied, chosen, BrokenBy::Order);
        Some(chosen)
    }

    /// Writes down how a tie was broken, if it was one.
    pub(crate) fn note(&mut self, round: usize, tied: &[usize], chosen: usize, by: BrokenBy) {
        if tied.len() > 1 {
            let mut tied = tied.to_vec();
            tied.sort_unstable_by_key(|one| self.place[*one]);
            self.broken.push(TieBroken { round, tied, chosen, by });
        }
    }

    /// All that were broken.
    pub(crate) fn into_broken(self) -> Vec<TieBroken> {
        self.broken
    }
}

/// What is drawn for a candidate.
fn lot(seed: &str, candidate: &Candidate) -> [u8; 32] {
    let length = u64::try_from(seed.len()).unwrap_or(u64::MAX).to_be_bytes();
    Sha256::new()
        .chain_update(LOTS)
        .chain_update(length)
        .chain_update(seed)
        .chain_update(&candidate.id)
        .finalize()
        .into()
}
