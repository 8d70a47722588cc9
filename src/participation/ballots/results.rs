//! From what is stored to a count, and from a count to what people are told.

use std::collections::BTreeMap;

use folkmoot_tally::count::votes;
use folkmoot_tally::equal_shares::{Completion, Utility};
use folkmoot_tally::greedy::Turn;
use folkmoot_tally::pabulib::money;
use folkmoot_tally::{
    Ballot, BrokenBy, Candidate, Form, Mark, Means, Profile, Rule, Share, Step, TieOrder, Told, count,
};

use super::model::{BallotMark, BallotTerms, Paper};
use super::views::{OutcomeOfTally, ReasonView, RoundView, TieView, VotesView};
use crate::platform::db::Id;
use crate::platform::error::Result;
use crate::vocabulary::{BallotRule, BallotTally, BallotTies, RoundKind};

/// Ballots as they are counted.
///
/// # Errors
/// Where what is stored is none that was taken, which is a fault of ours.
pub fn profile(paper: &Paper, ballots: &[Vec<BallotMark>]) -> Result<Profile> {
    let terms = &paper.row.terms;
    let form = match terms.rule {
        BallotRule::Approval | BallotRule::Budget => Form::Approval,
        BallotRule::Points => Form::Points,
        BallotRule::Score => Form::Score,
        BallotRule::Ranked => Form::Ranked,
    };
    let names = Names::of(paper);
    let candidates = paper.options.iter().map(|option| Candidate {
        id: names.name(option.number),
        // Not the title: it may be taken down, and the file stays.
        name: names.name(option.number),
        cost: whole(option.cost.unwrap_or(0)),
        number: Some(whole(option.number)),
    });
    let at: BTreeMap<Id, usize> = paper.options.iter().enumerate().map(|(n, option)| (option.idea_id, n)).collect();
    let mark =
        |mark: &BallotMark| Some(Mark { candidate: *at.get(&mark.idea)?, points: whole(mark.points.unwrap_or(1)) });
    let ballots = ballots.iter().map(|marks| Ballot { marks: marks.iter().filter_map(mark).collect(), weight: 1 });
    let places = terms.max_choices.map_or(u64::MAX, whole).min(u64::try_from(paper.options.len()).unwrap_or(u64::MAX));
    Ok(Profile::with_places(form, candidates.collect(), ballots.collect(), places).map_err(anyhow::Error::from)?)
}

/// Nothing stored is below nothing.
pub fn whole(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// Counts by one rule.
///
/// # Errors
/// Where the terms name a count that these ballots cannot be counted by, which is a fault of ours.
pub fn counted(terms: &BallotTerms, profile: &Profile, tally: BallotTally) -> Result<Told> {
    let rule = match tally {
        BallotTally::Count | BallotTally::Sum | BallotTally::Borda => Rule::Totals,
        BallotTally::Irv => Rule::Irv,
        BallotTally::Stv => Rule::Stv,
        BallotTally::Schulze => Rule::Schulze,
        BallotTally::Greedy => Rule::Greedy,
        BallotTally::GreedyNoSkip => Rule::GreedyNoSkip,
        BallotTally::EqualShares => {
            let utility = match terms.rule {
                BallotRule::Approval | BallotRule::Budget => Utility::Cost,
                BallotRule::Points | BallotRule::Score => Utility::Score,
                BallotRule::Ranked => Utility::Borda,
            };
            Rule::EqualShares { utility, completion: Completion::Add1, comparison: false }
        }
    };
    let order = match terms.ties {
        BallotTies::LowerCost => TieOrder::LowerCost,
        BallotTies::MoreVotes => TieOrder::MoreVotes,
        BallotTies::EarlierSubmission => TieOrder::EarlierSubmission,
        BallotTies::DrawnLots => TieOrder::DrawnLots(terms.seed.clone().unwrap_or_default()),
    };
    let seats = usize::try_from(terms.seats).unwrap_or(1);
    let means = Means { budget: whole(terms.budget.unwrap_or(0)), unit: whole(terms.unit), seats, order };
    Ok(count(profile, rule, &means, |_| {}).map_err(anyhow::Error::from)?)
}

/// A count, and by what.
#[derive(Debug)]
pub struct Counted {
    /// By what.
    pub tally: BallotTally,
    /// Whether it decides.
    pub binding: bool,
    /// How many of the smallest unit of the currency are a whole one.
    pub unit: u64,
    /// What it came to.
    pub told: Told,
    /// Who is who in it.
    pub names: Names,
}

/// Counts by all that the terms name, what decides first.
///
/// # Errors
/// Where what is stored is none that was taken, which is a fault of ours.
pub fn count_all(paper: &Paper, ballots: &[Vec<BallotMark>]) -> Result<Vec<Counted>> {
    let (terms, profile) = (&paper.row.terms, profile(paper, ballots)?);
    let all = std::iter::once((true, terms.binding)).chain(terms.beside.iter().map(|tally| (false, *tally)));
    let unit = whole(terms.unit);
    all.map(|(binding, tally)| {
        Ok(Counted { tally, binding, unit, told: counted(terms, &profile, tally)?, names: Names::of(paper) })
    })
    .collect()
}

/// What ideas are called in a count and in the file that is published: by their numbers, all of one width, so that names in the order of
/// their bytes are in the order of the numbers, and whoever counts the file breaks ties as we do.
#[derive(Clone, Debug)]
pub struct Names {
    width: usize,
    ids: BTreeMap<String, Id>,
}

impl Names {
    fn of(paper: &Paper) -> Self {
        let last = paper.options.iter().map(|option| option.number).max().unwrap_or(0);
        let mut names = Self { width: last.to_string().len(), ids: BTreeMap::new() };
        names.ids = paper.options.iter().map(|option| (names.name(option.number), option.idea_id)).collect();
        names
    }

    fn name(&self, number: i64) -> String {
        format!("{number:0width$}", width = self.width)
    }

    fn id(&self, candidate: &str) -> Id {
        // Every name in a count is from here.
        self.ids.get(candidate).copied().unwrap_or(Id::NONE)
    }

    fn ids(&self, candidates: &[String]) -> Vec<Id> {
        candidates.iter().map(|one| self.id(one)).collect()
    }
}

fn number(number: u64) -> Option<i64> {
    i64::try_from(number).ok()
}

impl From<Counted> for OutcomeOfTally {
    fn from(counted: Counted) -> Self {
        let Counted { tally, binding, unit, told, names } = counted;
        Self {
            tally,
            binding,
            winners: names.ids(&told.winners),
            share: told.share.map(|share| share.to_string()),
            raised: told.raised.and_then(number),
            quota: told.quota.and_then(number),
            reasons: reasons(&told, unit, &names),
            rounds: told.rounds.iter().map(|step| round(step, &names)).collect(),
            ties_broken: told
                .ties_broken
                .iter()
                .map(|tie| TieView {
                    round: i64::try_from(tie.round).unwrap_or(i64::MAX),
                    tied: names.ids(&tie.tied),
                    chosen: names.id(&tie.chosen),
                    earlier_round: match tie.by {
                        BrokenBy::EarlierRound(round) => i64::try_from(round).ok(),
                        BrokenBy::Order => None,
                    },
                })
                .collect(),
        }
    }
}

fn round(step: &Step, names: &Names) -> RoundView {
    let of = |kind, candidate: &str| RoundView { idea: Some(names.id(candidate)), ..RoundView::of(kind) };
    match step {
        Step::Total { candidate, total, supporters, .. } => {
            RoundView { total: number(*total), supporters: number(*supporters), ..of(RoundKind::Total, candidate) }
        }
        Step::Turn { candidate, total, cost, left, turn } => {
            let kind = match turn {
                Turn::Funded => RoundKind::Funded,
                Turn::Skipped => RoundKind::Skipped,
                Turn::Stopped => RoundKind::Stopped,
            };
            let left = Some(Share::whole(*left).to_string());
            RoundView { total: number(*total), cost: number(*cost), left, ..of(kind, candidate) }
        }
        Step::Purchase { candidate, cost, payers, most, .. } => RoundView {
            cost: number(*cost),
            supporters: number(*payers),
            most: Some(most.to_string()),
            ..of(RoundKind::Bought, candidate)
        },
        Step::Unfunded { candidate, cost, left } => {
            RoundView { cost: number(*cost), left: Some(left.to_string()), ..of(RoundKind::NotBought, candidate) }
        }
        Step::Earned { candidate, cost, load } => {
            RoundView { cost: number(*cost), most: Some(load.to_string()), ..of(RoundKind::Earned, candidate) }
        }
        Step::Stage { votes: all, exhausted, lost, elected, next, surplus } => {
            let kind = match (next, surplus) {
                (Some(_), Some(_)) => RoundKind::Surplus,
                (Some(_), None) => RoundKind::Excluded,
                (None, _) => RoundKind::Over,
            };
            RoundView {
                idea: next.as_deref().map(|one| names.id(one)),
                votes: all.iter().map(|(id, has)| VotesView { idea: names.id(id), votes: votes(*has) }).collect(),
                elected: names.ids(elected),
                surplus: surplus.map(votes),
                exhausted: Some(votes(*exhausted)),
                lost: Some(votes(*lost)),
                ..RoundView::of(kind)
            }
        }
        Step::Rank { candidate, beats, .. } => {
            RoundView { beats: i64::try_from(*beats).ok(), ..of(RoundKind::Ranked, candidate) }
        }
    }
}

/// Why each idea won or lost, each once: by the last step that says so.
fn reasons(told: &Told, unit: u64, names: &Names) -> Vec<ReasonView> {
    let amount = |amount: u64| money(amount, unit);
    let mut found: BTreeMap<Id, String> = BTreeMap::new();
    let mut order = Vec::new();
    let mut say = |candidate: &str, reason: String| {
        let idea = names.id(candidate);
        if found.insert(idea, reason).is_none() {
            order.push(idea);
        }
    };
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    for step in &told.rounds {
        match step {
            Step::Total { candidate, total, .. } => say(candidate, format!("It has {total}.")),
            Step::Turn { candidate, total, cost, left, turn } => say(
                candidate,
                match turn {
                    Turn::Funded => {
                        format!("It has {total}; it costs {}, and {} was left.", amount(*cost), amount(*left))
                    }
                    _ => {
                        format!("It has {total}, but it costs {}, and only {} was left.", amount(*cost), amount(*left))
                    }
                },
            ),
            Step::Purchase { candidate, cost, payers, most, .. } => say(
                candidate,
                format!(
                    "Paid for, {}, from the shares of {payers} who voted for it, {} at most each.",
                    amount(*cost),
                    amount(most.floor())
                ),
            ),
            Step::Unfunded { candidate, cost, left } => {
                say(
                    candidate,
                    format!("Its supporters had {} left; it costs {}.", amount(left.floor()), amount(*cost)),
                );
            }
            Step::Earned { candidate, cost, .. } => {
                say(candidate, format!("It costs {}, and was paid for with what was left.", amount(*cost)));
            }
            Step::Stage { votes: all, elected, next, surplus, .. } => {
                for one in elected {
                    let has = all.get(one).copied().unwrap_or(0);
                    say(one, format!("It won with {} votes.", votes(has)));
                }
                if let (Some(next), None) = (next, surplus) {
                    let has = all.get(next).copied().unwrap_or(0);
                    say(
                        next,
                        format!("It had the fewest votes, {}, and they went to the next preferences.", votes(has)),
                    );
                }
                last.clone_from(all);
            }
            Step::Rank { candidate, beats, .. } => {
                say(candidate, format!("Compared one to one, voters prefer it to {beats} of the others."));
            }
        }
    }
    for (candidate, has) in last {
        if !found.contains_key(&names.id(&candidate)) {
            let idea = names.id(&candidate);
            found.insert(idea, format!("It had {} votes when the last place was taken.", votes(has)));
            order.push(idea);
        }
    }
    let won = names.ids(&told.winners);
    order
        .into_iter()
        .filter_map(|idea| Some(ReasonView { idea, won: won.contains(&idea), reason: found.remove(&idea)? }))
        .collect()
}
