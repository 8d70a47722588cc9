//! The single transferable vote as Scotland counts it, and instant runoff.
//!
//! Source: The Scottish Local Government Elections Order 2007 (SSI 2007/42), schedule 1, rules 45 to 52, made again by that of 2011 (SSI 2011/399): Droop quota, Weighted Inclusive
//! Gregory transfers truncated to five decimal places, ties by the most recent earlier stage in which the tied had different votes. Where
//! the Order has lots drawn, the published order decides.

use crate::Outcome;
use crate::profile::Profile;
use crate::ties::{BrokenBy, TieOrder, Ties};

/// A vote in the unit in which votes are counted: five decimal places.
pub const VOTE: u64 = 100_000;

/// One stage of a count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What each candidate has, in hundred-thousandths of a vote; 0 for who has dropped out.
    pub votes: Vec<u64>,
    /// What can be transferred to nobody any more.
    pub exhausted: u64,
    /// What was lost so far by truncating transfers to five places.
    pub lost: u64,
    /// Who reached the quota at this stage, or took the last seats; the most votes first.
    pub elected: Vec<usize>,
    /// What happens next.
    pub then: Then,
}

/// What happens after a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// What somebody has beyond the quota goes to the next preferences.
    Surplus {
        /// Who.
        candidate: usize,
        /// By how much.
        surplus: u64,
    },
    /// Somebody drops out, and their votes go to the next preferences.
    Excluded {
        /// Who.
        candidate: usize,
    },
    /// Nothing: the count is over.
    Over,
}

/// A count, with the quota.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// Votes that elect, whole ones.
    pub quota: u64,
    /// Who was elected, and how.
    pub outcome: Outcome<Stage>,
}

/// Where somebody stands in a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Continuing,
    /// Elected; what they have beyond the quota is still to be transferred.
    Elected,
    /// Elected or dropped out, with nothing left to transfer.
    Done,
}

/// Ballots that a candidate holds: which, from which preference, and what each is worth.
#[derive(Clone, Copy, Debug)]
struct Papers {
    ballot: usize,
    at: usize,
    value: u64,
}

struct Counting<'a> {
    profile: &'a Profile,
    standing: Vec<Standing>,
    holds: Vec<Vec<Papers>>,
    votes: Vec<u64>,
    exhausted: u64,
    lost: u64,
    stages: Vec<Stage>,
    ties: Ties,
}

/// Scottish STV for so many seats. Ballots that rank nobody count towards nothing, and where all do, nobody is elected.
pub fn stv(profile: &Profile, seats: usize, order: &TieOrder) -> Count {
    let mut counting = Counting::new(profile, order);
    let seats_wide = u64::try_from(seats).unwrap_or(u64::MAX);
    let valid: u64 = counting.votes.iter().sum::<u64>() / VOTE;
    let quota = (valid / seats_wide.saturating_add(1)) + 1;
    let mut winners: Vec<usize> = Vec::new();
    while valid > 0 && winners.len() < seats {
        let mut elected = counting
            .who(|counting, one| counting.standing[one] == Standing::Continuing && counting.votes[one] >= quota * VOTE);
        // More than there are seats cannot reach the quota.
        elected = counting.by_votes(elected);
        for one in &elected {
            let over = counting.votes[*one] > quota * VOTE;
            counting.standing[*one] = if over { Standing::Elected } else { Standing::Done };
        }
        winners.extend(&elected);
        let continuing = counting.who(|counting, one| counting.standing[one] == Standing::Continuing);
        if winners.len() < seats && continuing.len() <= seats - winners.len() {
            let last = counting.by_votes(continuing.clone());
            winners.extend(&last);
            elected.extend(&last);
        }
        if winners.len() >= seats || continuing.iter().all(|one| winners.contains(one)) {
            counting.stage(elected, Then::Over);
            break;
        }
        let with_surplus = counting.who(|counting, one| counting.standing[one] == Standing::Elected);
        match counting.pick(&with_surplus, true) {
            Some(candidate) => {
                let surplus = counting.votes[candidate] - quota * VOTE;
                counting.stage(elected, Then::Surplus { candidate, surplus });
                counting.transfer(candidate, surplus, quota * VOTE);
            }
            None => {
                let Some(candidate) = counting.pick(&continuing, false) else { break };
                counting.stage(elected, Then::Excluded { candidate });
                counting.exclude(candidate);
            }
        }
    }
    let Counting { stages, ties, .. } = counting;
    Count { quota, outcome: Outcome { winners, rounds: stages, ties_broken: ties.into_broken() } }
}

/// Instant runoff: whoever has the fewest votes drops out until somebody has more than half of those that still count; nobody wins where
/// nobody was ranked.
pub fn irv(profile: &Profile, order: &TieOrder) -> Outcome<Stage> {
    let mut counting = Counting::new(profile, order);
    let mut winners = Vec::new();
    while counting.votes.iter().any(|votes| *votes > 0) {
        let continuing = counting.who(|counting, one| counting.standing[one] == Standing::Continuing);
        let counted: u64 = counting.votes.iter().sum();
        let majority = continuing.iter().copied().find(|one| counting.votes[*one] * 2 > counted);
        if let Some(winner) = majority.or(if continuing.len() == 1 { continuing.first().copied() } else { None }) {
            winners.push(winner);
            counting.stage(vec![winner], Then::Over);
            break;
        }
        let Some(candidate) = counting.pick(&continuing, false) else { break };
        counting.stage(Vec::new(), Then::Excluded { candidate });
        counting.exclude(candidate);
    }
    Outcome { winners, rounds: counting.stages, ties_broken: counting.ties.into_broken() }
}

impl<'a> Counting<'a> {
    fn new(profile: &'a Profile, order: &TieOrder) -> Self {
        let count = profile.candidates().len();
        let mut counting = Self {
            profile,
            standing: vec![Standing::Continuing; count],
            holds: vec![Vec::new(); count],
            votes: vec![0; count],
            exhausted: 0,
            lost: 0,
            stages: Vec::new(),
            ties: Ties::new(order, profile, &profile.first_preferences()),
        };
        for (ballot, papers) in profile.ballots().iter().enumerate() {
            if !papers.marks.is_empty() {
                counting.give(Papers { ballot, at: 0, value: VOTE });
            }
        }
        counting
    }

    fn who(&self, wanted: impl Fn(&Self, usize) -> bool) -> Vec<usize> {
        (0..self.standing.len()).filter(|one| wanted(self, *one)).collect()
    }

    /// Gives ballots to the next candidate who is neither elected nor has dropped out.
    fn give(&mut self, papers: Papers) -> u64 {
        let ballot = &self.profile.ballots()[papers.ballot];
        let worth = papers.value * ballot.weight;
        let next = (papers.at..ballot.marks.len())
            .find(|at| self.standing[ballot.marks[*at].candidate] == Standing::Continuing);
        match next {
            Some(at) => {
                let to = ballot.marks[at].candidate;
                self.votes[to] += worth;
                self.holds[to].push(Papers { at, ..papers });
            }
            None => self.exhausted += worth,
        }
        worth
    }

    /// Transfers what somebody has beyond what they keep.
    fn transfer(&mut self, candidate: usize, surplus: u64, keeps: u64) {
        let total = u128::from(self.votes[candidate]);
        self.standing[candidate] = Standing::Done;
        self.votes[candidate] = keeps;
        let mut given = 0;
        for papers in std::mem::take(&mut self.holds[candidate]) {
            let value = u128::from(surplus) * u128::from(papers.value) / total;
            let value = u64::try_from(value).unwrap_or(u64::MAX);
            given += self.give(Papers { at: papers.at + 1, value, ..papers });
        }
        self.lost += surplus - given;
    }

    fn exclude(&mut self, candidate: usize) {
        self.standing[candidate] = Standing::Done;
        self.votes[candidate] = 0;
        for papers in std::mem::take(&mut self.holds[candidate]) {
            self.give(Papers { at: papers.at + 1, ..papers });
        }
    }

    fn stage(&mut self, elected: Vec<usize>, then: Then) {
        let (votes, exhausted, lost) = (self.votes.clone(), self.exhausted, self.lost);
        self.stages.push(Stage { votes, exhausted, lost, elected, then });
    }

    /// Candidates with the most votes first. All of them are elected, so that no tie between them is one that decides.
    fn by_votes(&self, mut all: Vec<usize>) -> Vec<usize> {
        all.sort_by_key(|one| (std::cmp::Reverse(self.votes[*one]), self.ties.place(*one)));
        all
    }

    /// Who has the most votes, or the fewest; by the last stage in which the tied differed, then by the published order.
    fn pick(&mut self, among: &[usize], most: bool) -> Option<usize> {
        let best = |votes: &[u64], among: &[usize]| -> Vec<usize> {
            let all = among.iter().map(|one| votes[*one]);
            let wanted = if most { all.max() } else { all.min() };
            among.iter().copied().filter(|one| Some(votes[*one]) == wanted).collect()
        };
        let tied = best(&self.votes, among);
        let round = self.stages.len() + 1;
        let mut left = tied.clone();
        for (n, stage) in self.stages.iter().enumerate().rev() {
            left = best(&stage.votes, &left);
            if let [chosen] = left.as_slice() {
                let chosen = *chosen;
                self.ties.note(round, &tied, chosen, BrokenBy::EarlierRound(n + 1));
                return Some(chosen);
            }
        }
        let chosen = left.iter().copied();
        let chosen = if most {
            chosen.min_by_key(|one| self.ties.place(*one))
        } else {
            chosen.max_by_key(|one| self.ties.place(*one))
        }?;
        // Those whom an earlier stage has told apart are not among whom the order decides.
        self.ties.note(round, &left, chosen, BrokenBy::Order);
        Some(chosen)
    }
}
