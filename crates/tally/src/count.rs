//! One way to count by every rule, and to tell what came of it by the ids of candidates.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::equal_shares::{self, Completion, Terms, Utility};
use crate::greedy::{self, Turn};
use crate::phragmen;
use crate::profile::{Form, Profile};
use crate::ranking;
use crate::share::Share;
use crate::stv::{self, Then, VOTE};
use crate::ties::{BrokenBy, TieBroken, TieOrder};
use crate::totals;

/// What to count by, but for what money there is and by what ties are broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Votes, points or Borda's points; the most win.
    Totals,
    /// By votes, for as long as there is money; what costs too much is skipped.
    Greedy,
    /// As [`Rule::Greedy`], and over at the first that costs too much.
    GreedyNoSkip,
    /// The Method of Equal Shares.
    EqualShares {
        /// What a candidate is worth.
        utility: Utility,
        /// How what is left is spent.
        completion: Completion,
        /// Whether the greedy outcome wins where more voters have more of it.
        comparison: bool,
    },
    /// Scottish STV.
    Stv,
    /// Instant runoff.
    Irv,
    /// Schulze's method.
    Schulze,
}

/// What a rule needs to know beside the ballots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Means {
    /// In the smallest unit of money.
    pub budget: u64,
    /// How many of them are a whole unit.
    pub unit: u64,
    /// How many win, where that does not follow from the money.
    pub seats: usize,
    /// By what ties are broken.
    pub order: TieOrder,
}

/// A count as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The ids of those who won, in the order in which they did.
    pub winners: Vec<String>,
    /// Voters.
    pub voters: u64,
    /// What each voter began with, where the budget is theirs.
    pub share: Option<Share>,
    /// How often it was raised to the next whole unit.
    pub raised: Option<u64>,
    /// Votes that elect, where there is a quota.
    pub quota: Option<u64>,
    /// Step by step.
    pub rounds: Vec<Step>,
    /// The comparison with the greedy outcome, where it was asked for.
    pub compared: Option<Compared>,
    /// Every tie that was broken, in order.
    pub ties_broken: Vec<Tie>,
}

/// One step of a count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// What somebody was given in all.
    Total {
        /// Who.
        candidate: String,
        /// Votes, points, or Borda's points.
        total: u64,
        /// How many marked them, and with more than nothing.
        supporters: u64,
        /// Where scores were given: the mean of them, in thousandths.
        #[serde(skip_serializing_if = "Option::is_none")]
        mean_thousandths: Option<u64>,
        /// Whether they win.
        wins: bool,
    },
    /// A turn of the greedy rule, or of the greedy part of another.
    Turn {
        /// Whose.
        candidate: String,
        /// Votes or points, by which it comes.
        total: u64,
        /// What it costs.
        cost: u64,
        /// What was left before it.
        left: u64,
        /// What became of it.
        turn: Turn,
    },
    /// Supporters pay for a candidate from their shares.
    Purchase {
        /// Which.
        candidate: String,
        /// What it costs.
        cost: u64,
        /// How many paid.
        payers: u64,
        /// The most that one of them paid.
        most: Share,
        /// What its supporters had before, together.
        had: Share,
    },
    /// A candidate is not paid for by the shares of its supporters.
    Unfunded {
        /// Which.
        candidate: String,
        /// What it costs.
        cost: u64,
        /// What its supporters had left in the end, together.
        left: Share,
    },
    /// Supporters have earned what a candidate costs.
    Earned {
        /// Which.
        candidate: String,
        /// What it costs.
        cost: u64,
        /// What each of them has earned since the beginning.
        load: Share,
    },
    /// A stage of a count of transferable votes.
    Stage {
        /// What each candidate has who is not out, in hundred-thousandths of a vote.
        votes: BTreeMap<String, u64>,
        /// What can be transferred to nobody any more.
        exhausted: u64,
        /// What was lost so far by truncating transfers.
        lost: u64,
        /// Who was elected.
        elected: Vec<String>,
        /// Who drops out, or whose surplus is transferred.
        next: Option<String>,
        /// The surplus, where it is one.
        surplus: Option<u64>,
    },
    /// How somebody stands against all others.
    Rank {
        /// Who.
        candidate: String,
        /// How many of the others they beat.
        beats: usize,
        /// How many prefer them to each other.
        preferred: BTreeMap<String, u64>,
        /// The strength of the strongest chain of preferences to each other.
        path: BTreeMap<String, u64>,
    },
}

/// How many voters have more of which outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Compared {
    /// What Equal Shares chose.
    pub equal_shares: Vec<String>,
    /// What greedy chose.
    pub greedy: Vec<String>,
    /// How it did.
    pub greedy_rounds: Vec<Step>,
    /// Every tie that was broken on the way to it.
    pub greedy_ties_broken: Vec<Tie>,
    /// Voters with more of Equal Shares.
    pub prefer_equal_shares: u64,
    /// Voters with more of greedy, which wins if they are more.
    pub prefer_greedy: u64,
}

/// A tie, and how it was broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tie {
    /// In which round, from 1.
    pub round: usize,
    /// Between whom.
    pub tied: Vec<String>,
    /// Who was chosen, to win or to drop out.
    pub chosen: String,
    /// By what.
    pub by: BrokenBy,
}

/// Names candidates.
struct Names<'a>(&'a Profile);

impl Names<'_> {
    fn of(&self, one: usize) -> String {
        self.0.candidates()[one].id.clone()
    }

    fn all(&self, all: &[usize]) -> Vec<String> {
        all.iter().map(|one| self.of(*one)).collect()
    }

    fn ties(&self, ties: Vec<TieBroken>) -> Vec<Tie> {
        ties.into_iter()
            .map(|TieBroken { round, tied, chosen, by }| Tie {
                round,
                tied: self.all(&tied),
                chosen: self.of(chosen),
                by,
            })
            .collect()
    }

    fn each(&self, of: &[u64], wanted: impl Fn(usize) -> bool) -> BTreeMap<String, u64> {
        of.iter().enumerate().filter(|(one, _)| wanted(*one)).map(|(one, what)| (self.of(one), *what)).collect()
    }

    fn turn(&self, greedy::Round { candidate, total, cost, left, turn }: greedy::Round) -> Step {
        Step::Turn { candidate: self.of(candidate), total, cost, left, turn }
    }
}

/// Why a rule cannot count a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It counts ballots of another form.
    #[error("ballots that {} are not counted by this rule", .0.verb())]
    Form(Form),
    /// It takes longer than anybody waits.
    #[error("more than {} candidates are too many for this rule", ranking::MAX_RANKED)]
    TooMany,
}

/// Whether a rule can count a profile.
///
/// # Errors
/// Why it cannot.
pub fn fits(rule: Rule, profile: &Profile) -> Result<(), Unfit> {
    let form = profile.form();
    let fits = match rule {
        Rule::Totals | Rule::Greedy | Rule::GreedyNoSkip => true,
        Rule::Stv | Rule::Irv | Rule::Schulze => form == Form::Ranked,
        Rule::EqualShares { utility, completion, .. } => match utility {
            Utility::Borda => form == Form::Ranked && completion != Completion::Phragmen,
            Utility::Score => form != Form::Ranked && completion != Completion::Phragmen,
            Utility::Cost | Utility::Cardinality => true,
        },
    };
    match rule {
        _ if !fits => Err(Unfit::Form(form)),
        Rule::Schulze if profile.candidates().len() > ranking::MAX_RANKED => Err(Unfit::TooMany),
        _ => Ok(()),
    }
}

/// Counts; `progress` hears of each count of many, by its number.
///
/// # Errors
/// Where the rule cannot count such ballots.
pub fn count(profile: &Profile, rule: Rule, means: &Means, progress: impl FnMut(u64)) -> Result<Told, Unfit> {
    fits(rule, profile)?;
    let names = Names(profile);
    let mut told = Told {
        winners: Vec::new(),
        voters: profile.voters(),
        share: None,
        raised: None,
        quota: None,
        rounds: Vec::new(),
        compared: None,
        ties_broken: Vec::new(),
    };
    let (winners, ties) = match rule {
        Rule::Totals => {
            let outcome = totals::totals(profile, means.seats, &means.order);
            told.rounds = outcome
                .rounds
                .into_iter()
                .map(|totals::Line { candidate, total, supporters, wins, mean_thousandths }| Step::Total {
                    candidate: names.of(candidate),
                    total,
                    supporters,
                    mean_thousandths: mean_thousandths.filter(|_| profile.form() == Form::Score),
                    wins,
                })
                .collect();
            (outcome.winners, outcome.ties_broken)
        }
        Rule::Greedy | Rule::GreedyNoSkip => {
            let outcome = greedy::greedy(profile, means.budget, rule == Rule::Greedy, &means.order);
            told.rounds = outcome.rounds.into_iter().map(|round| names.turn(round)).collect();
            (outcome.winners, outcome.ties_broken)
        }
        Rule::EqualShares { utility, completion, comparison } => {
            let Means { budget, unit, ref order, .. } = *means;
            let terms = Terms { budget, unit, utility, completion, comparison, order: order.clone() };
            shares(&mut told, &names, equal_shares::equal_shares(profile, &terms, progress))
        }
        Rule::Stv => {
            let stv::Count { quota, outcome } = stv::stv(profile, means.seats, &means.order);
            told.quota = Some(quota);
            told.rounds = stages(&names, outcome.rounds);
            (outcome.winners, outcome.ties_broken)
        }
        Rule::Irv => {
            let outcome = stv::irv(profile, &means.order);
            told.rounds = stages(&names, outcome.rounds);
            (outcome.winners, outcome.ties_broken)
        }
        Rule::Schulze => {
            let outcome = ranking::schulze(profile, means.seats, &means.order);
            let others = |candidate: usize, of: &[u64]| names.each(of, |other| other != candidate);
            told.rounds = outcome
                .rounds
                .into_iter()
                .map(|ranking::Line { candidate, preferred, path, beats }| Step::Rank {
                    candidate: names.of(candidate),
                    beats,
                    preferred: others(candidate, &preferred),
                    path: others(candidate, &path),
                })
                .collect();
            (outcome.winners, outcome.ties_broken)
        }
    };
    told.winners = names.all(&winners);
    told.ties_broken = names.ties(ties);
    Ok(told)
}

fn shares(told: &mut Told, names: &Names<'_>, outcome: equal_shares::Outcome) -> (Vec<usize>, Vec<TieBroken>) {
    told.share = Some(outcome.share);
    told.raised = Some(outcome.raised);
    let bought = outcome.rounds.into_iter().map(|equal_shares::Purchase { candidate, cost, payers, most, had }| {
        Step::Purchase { candidate: names.of(candidate), cost, payers, most, had }
    });
    let unfunded = outcome.unfunded.into_iter().map(|equal_shares::Unfunded { candidate, cost, left }| {
        Step::Unfunded { candidate: names.of(candidate), cost, left }
    });
    let filled = outcome.filled.into_iter().map(|round| names.turn(round));
    let earned = outcome.completed.into_iter().map(|phragmen::Round { candidate, cost, load }| Step::Earned {
        candidate: names.of(candidate),
        cost,
        load,
    });
    told.rounds = bought.chain(unfunded).chain(filled).chain(earned).collect();
    told.compared = outcome.compared.map(|compared| Compared {
        equal_shares: names.all(&compared.equal_shares),
        greedy: names.all(&compared.greedy.winners),
        greedy_rounds: compared.greedy.rounds.into_iter().map(|round| names.turn(round)).collect(),
        greedy_ties_broken: names.ties(compared.greedy.ties_broken),
        prefer_equal_shares: compared.prefer_equal_shares,
        prefer_greedy: compared.prefer_greedy,
    });
    (outcome.winners, outcome.ties_broken)
}

fn stages(names: &Names<'_>, stages: Vec<stv::Stage>) -> Vec<Step> {
    let mut out: Vec<usize> = Vec::new();
    let told = stages.into_iter().map(|stv::Stage { votes, exhausted, lost, elected, then }| {
        let (next, surplus) = match then {
            Then::Surplus { candidate, surplus } => (Some(candidate), Some(surplus)),
            Then::Excluded { candidate } => (Some(candidate), None),
            Then::Over => (None, None),
        };
        let votes = names.each(&votes, |one| !out.contains(&one));
        out.extend(next.filter(|_| surplus.is_none()));
        let (elected, next) = (names.all(&elected), next.map(|one| names.of(one)));
        Step::Stage { votes, exhausted, lost, elected, next, surplus }
    });
    told.collect()
}

/// A number of hundred-thousandths of a vote as people write it.
pub fn votes(hundred_thousandths: u64) -> String {
    match hundred_thousandths % VOTE {
        0 => (hundred_thousandths / VOTE).to_string(),
        rest => format!("{}.{rest:05}", hundred_thousandths / VOTE).trim_end_matches('0').to_owned(),
    }
}
