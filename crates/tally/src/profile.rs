//! Candidates and ballots, checked once so that no count has to.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Most voters of one profile.
pub const MAX_VOTERS: u64 = u32::MAX as u64;
/// Most points of one mark.
pub const MAX_POINTS: u64 = u32::MAX as u64;
/// The highest cost, in the smallest unit of money.
pub const MAX_COST: u64 = 1 << 53;

/// What can be chosen: an idea, a project, a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// By which it is known: one of its kind in a profile.
    pub id: String,
    /// For people to read.
    pub name: String,
    /// In the smallest unit of money; 0 where nothing is paid for.
    pub cost: u64,
    /// What has the last word on ties, the lower first: the number of an idea. Where there is none, the id is compared as bytes.
    pub number: Option<u64>,
}

impl Candidate {
    /// A candidate that costs nothing.
    pub fn free(id: impl Into<String>) -> Self {
        let id = id.into();
        Self { name: id.clone(), id, cost: 0, number: None }
    }

    /// A candidate with a cost.
    pub fn costing(id: impl Into<String>, cost: u64) -> Self {
        Self { cost, ..Self::free(id) }
    }
}

/// How ballots mark candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Chosen or not: points are 1.
    Approval,
    /// Points shared out among candidates.
    Points,
    /// Each candidate by itself, on a scale.
    Score,
    /// In order, the best first: points do not matter.
    Ranked,
}

impl Form {
    /// What such ballots do, for people to read.
    pub fn verb(self) -> &'static str {
        match self {
            Self::Approval => "choose",
            Self::Points => "share out points",
            Self::Score => "give scores",
            Self::Ranked => "rank",
        }
    }
}

/// What one ballot says of one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// Its position among the candidates.
    pub candidate: usize,
    /// How many points it was given.
    pub points: u64,
}

/// A ballot, and how many cast one like it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Ballot {
    /// Each candidate at most once; where the form is [`Form::Ranked`], the best first.
    pub marks: Vec<Mark>,
    /// Voters.
    pub weight: u64,
}

impl Ballot {
    /// A ballot of one voter that marks candidates with one point each, or ranks them.
    pub fn of(candidates: impl IntoIterator<Item = usize>) -> Self {
        Self { marks: candidates.into_iter().map(|candidate| Mark { candidate, points: 1 }).collect(), weight: 1 }
    }

    /// A ballot of one voter that gives points.
    pub fn points(marks: impl IntoIterator<Item = (usize, u64)>) -> Self {
        Self { marks: marks.into_iter().map(|(candidate, points)| Mark { candidate, points }).collect(), weight: 1 }
    }
}

/// Why candidates and ballots are none to count.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Two candidates have one id.
    #[error("two candidates have the id {0}")]
    SameId(String),
    /// It costs more than can be counted with.
    #[error("{0} costs more than {MAX_COST}")]
    TooCostly(String),
    /// A ballot marks what is no candidate.
    #[error("ballot {ballot} marks candidate {candidate}, and there are {candidates}")]
    NoCandidate {
        /// Which ballot, from 0.
        ballot: usize,
        /// What it marks.
        candidate: usize,
        /// How many there are.
        candidates: usize,
    },
    /// A ballot marks a candidate twice.
    #[error("ballot {ballot} marks {id} twice")]
    Twice {
        /// Which ballot, from 0.
        ballot: usize,
        /// The candidate.
        id: String,
    },
    /// More points than can be counted with.
    #[error("ballot {0} gives more than {MAX_POINTS} points to one candidate")]
    TooManyPoints(usize),
    /// A ballot ranks more than may be.
    #[error("ballot {ballot} ranks {ranked}, and at most {places} may be")]
    TooLong {
        /// Which ballot, from 0.
        ballot: usize,
        /// How many it ranks.
        ranked: usize,
        /// How many may be.
        places: u64,
    },
    /// More places than can be counted with.
    #[error("a ballot may rank {0}, and at most {MAX_POINTS} can be counted with")]
    TooManyPlaces(u64),
    /// More voters than can be counted with.
    #[error("there are more than {MAX_VOTERS} voters")]
    TooManyVoters,
}

/// Candidates and the ballots about them. Ballots that are alike stand together, in an order that does not depend on the one
/// in which they came, so that no count can either.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    form: Form,
    candidates: Vec<Candidate>,
    ballots: Vec<Ballot>,
    voters: u64,
    places: u64,
}

impl Profile {
    /// Takes them if they can be counted.
    ///
    /// A ballot that marks nothing is a ballot all the same: its voter has a share of the budget, and counts towards no quota.
    ///
    /// # Errors
    /// The first fault, by the position of its ballot.
    pub fn new(form: Form, candidates: Vec<Candidate>, ballots: Vec<Ballot>) -> Result<Self, Fault> {
        let places = u64::try_from(candidates.len()).unwrap_or(u64::MAX);
        Self::with_places(form, candidates, ballots, places)
    }

    /// As [`Profile::new`], where a ballot may rank only so many: Borda's points count from there.
    ///
    /// # Errors
    /// The first fault, by the position of its ballot.
    pub fn with_places(
        form: Form,
        candidates: Vec<Candidate>,
        ballots: Vec<Ballot>,
        places: u64,
    ) -> Result<Self, Fault> {
        if places > MAX_POINTS {
            return Err(Fault::TooManyPlaces(places));
        }
        let mut ids: Vec<&str> = candidates.iter().map(|one| one.id.as_str()).collect();
        ids.sort_unstable();
        if let Some(same) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(Fault::SameId(same[0].to_owned()));
        }
        if let Some(costly) = candidates.iter().find(|one| one.cost > MAX_COST) {
            return Err(Fault::TooCostly(costly.id.clone()));
        }
        let mut seen = vec![usize::MAX; candidates.len()];
        let mut checked = Vec::with_capacity(ballots.len());
        for (n, mut ballot) in ballots.into_iter().enumerate() {
            for mark in &ballot.marks {
                let Some(last) = seen.get_mut(mark.candidate) else {
                    let (candidate, candidates) = (mark.candidate, candidates.len());
                    return Err(Fault::NoCandidate { ballot: n, candidate, candidates });
                };
                if std::mem::replace(last, n) == n {
                    return Err(Fault::Twice { ballot: n, id: candidates[mark.candidate].id.clone() });
                }
                if mark.points > MAX_POINTS {
                    return Err(Fault::TooManyPoints(n));
                }
            }
            match form {
                Form::Ranked => {
                    let ranked = ballot.marks.len();
                    if u64::try_from(ranked).is_ok_and(|ranked| ranked > places) {
                        return Err(Fault::TooLong { ballot: n, ranked, places });
                    }
                    ballot.marks.iter_mut().for_each(|mark| mark.points = 1);
                }
                Form::Approval => {
                    ballot.marks.iter_mut().for_each(|mark| mark.points = 1);
                    ballot.marks.sort_unstable();
                }
                Form::Points => {
                    ballot.marks.retain(|mark| mark.points > 0);
                    ballot.marks.sort_unstable();
                }
                // A score of nothing is a score.
                Form::Score => ballot.marks.sort_unstable(),
            }
            if ballot.weight > 0 {
                checked.push(ballot);
            }
        }
        checked.sort_unstable();
        let mut ballots: Vec<Ballot> = Vec::new();
        let mut voters = 0_u64;
        for ballot in checked {
            voters = voters.saturating_add(ballot.weight);
            if voters > MAX_VOTERS {
                return Err(Fault::TooManyVoters);
            }
            match ballots.last_mut() {
                Some(last) if last.marks == ballot.marks => last.weight += ballot.weight,
                _ => ballots.push(ballot),
            }
        }
        Ok(Self { form, candidates, ballots, voters, places })
    }

    /// How ballots mark candidates.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The candidates, in the order in which they were given.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// The ballots, those that are alike together.
    pub fn ballots(&self) -> &[Ballot] {
        &self.ballots
    }

    /// Voters: ballots, each of them.
    pub fn voters(&self) -> u64 {
        self.voters
    }

    /// How many a ballot may rank.
    pub fn places(&self) -> u64 {
        self.places
    }

    /// What a ballot gives to each candidate that it marks: one vote, the points, or Borda's points by place.
    pub fn given<'a>(&'a self, ballot: &'a Ballot) -> impl Iterator<Item = (usize, u64)> + 'a {
        ballot.marks.iter().zip(0_u64..).map(|(mark, place)| match self.form {
            Form::Ranked => (mark.candidate, self.places.saturating_sub(place)),
            _ => (mark.candidate, mark.points),
        })
    }

    /// What each candidate was given in all: votes, points, or Borda's points.
    pub fn totals(&self) -> Vec<u64> {
        let mut totals = vec![0; self.candidates.len()];
        for ballot in &self.ballots {
            for (candidate, given) in self.given(ballot) {
                totals[candidate] += given * ballot.weight;
            }
        }
        totals
    }

    /// How many marked each candidate, and with more than nothing.
    pub fn supporters(&self) -> Vec<u64> {
        self.who(|mark| mark.points > 0)
    }

    /// How many marked each candidate at all: under [`Form::Score`] also with nothing.
    pub fn marked(&self) -> Vec<u64> {
        self.who(|_| true)
    }

    fn who(&self, counts: impl Fn(&Mark) -> bool) -> Vec<u64> {
        let mut heads = vec![0; self.candidates.len()];
        for ballot in &self.ballots {
            for mark in ballot.marks.iter().filter(|mark| counts(mark)) {
                heads[mark.candidate] += ballot.weight;
            }
        }
        heads
    }

    /// How many put each candidate first.
    pub fn first_preferences(&self) -> Vec<u64> {
        let mut first = vec![0; self.candidates.len()];
        for ballot in &self.ballots {
            if let Some(mark) = ballot.marks.first() {
                first[mark.candidate] += ballot.weight;
            }
        }
        first
    }
}
