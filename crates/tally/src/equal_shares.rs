//! The Method of Equal Shares: the budget belongs to the voters, each of whom has an equal share of it, and what is paid for is paid for
//! by those who voted for it.
//!
//! Method: Peters, Pierczyński and Skowron, *Proportional Participatory Budgeting with Additive Utilities* (NeurIPS 2021), as used in
//! Wieliczka, Aarau and Świecie. Nothing is ever rounded: balances are integers over one common denominator, which grows with each
//! purchase by the least factor that keeps them integers, and rates are compared by cross-multiplication. Voters who have the same are
//! counted with once, so that the large numbers are few.

use std::cmp::Ordering;
use std::collections::HashMap;

use num_bigint::BigUint;
use num_integer::Integer as _;
use num_traits::{ToPrimitive as _, Zero as _};
use serde::{Deserialize, Serialize};

use crate::greedy;
use crate::phragmen;
use crate::profile::{Ballot, Profile};
use crate::share::Share;
use crate::ties::{TieBroken, TieOrder, Ties};

/// What a candidate is worth to whoever votes for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Utility {
    /// What it costs.
    #[default]
    Cost,
    /// One: candidates are counted.
    Cardinality,
    /// The points it was given.
    Score,
    /// Borda's points by its place on the ballot: the last is worth nothing, each before it one more.
    Borda,
}

/// How money that Equal Shares leaves is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completion {
    /// It is left.
    None,
    /// Every voter's share is raised, from whole unit of money to whole unit, and all is counted anew, for as long as something more could be
    /// paid for and the outcome costs no more than the budget; the last that fits is kept. These are both options that the Equal Shares compute tool
    /// has on unless told otherwise, by which elections have been held. At most [`MAX_RAISES`] counts are made.
    #[default]
    Add1,
    /// As [`Completion::Add1`], and then greedily by votes.
    Add1u,
    /// Greedily by votes.
    Utilitarian,
    /// By sequential Phragmén, with nothing spent yet.
    Phragmen,
}

/// Where [`Completion::Add1`] ends whatever could still be paid for: each unit is a count, and whoever alone wants something costly could ask for
/// millions.
pub const MAX_RAISES: u64 = 100_000;

/// What to count by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// In the smallest unit of money.
    pub budget: u64,
    /// How many of them are a whole unit: 100 where costs are in pence.
    pub unit: u64,
    /// What a candidate is worth.
    pub utility: Utility,
    /// How what is left is spent.
    pub completion: Completion,
    /// Whether the greedy outcome wins where more voters have more of it.
    pub comparison: bool,
    /// By what ties are broken.
    pub order: TieOrder,
}

/// One purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// What was bought.
    pub candidate: usize,
    /// What it costs.
    pub cost: u64,
    /// How many paid for it.
    pub payers: u64,
    /// The most that one of them paid; whoever had less paid all they had.
    pub most: Share,
    /// What its supporters had before, together.
    pub had: Share,
}

/// What was not bought by the shares of those who voted for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfunded {
    /// Which.
    pub candidate: usize,
    /// What it costs.
    pub cost: u64,
    /// What its supporters had left in the end, together.
    pub left: Share,
}

/// How the count went and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What is paid for, in the order in which it was chosen.
    pub winners: Vec<usize>,
    /// What voters' shares bought, in order.
    pub rounds: Vec<Purchase>,
    /// What they did not buy.
    pub unfunded: Vec<Unfunded>,
    /// What each voter began with.
    pub share: Share,
    /// How often it was raised to the next whole unit ([`Completion::Add1`]).
    pub raised: u64,
    /// What was bought greedily with what was left, or looked at and skipped.
    pub filled: Vec<greedy::Round>,
    /// What was bought by Phragmén with what was left.
    pub completed: Vec<phragmen::Round>,
    /// The comparison with the greedy outcome, where it was asked for.
    pub compared: Option<Comparison>,
    /// Every tie that was broken on the way to this outcome.
    pub ties_broken: Vec<TieBroken>,
}

/// How many voters have more of which outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// What Equal Shares chose.
    pub equal_shares: Vec<usize>,
    /// What greedy chose, and how.
    pub greedy: crate::Outcome<greedy::Round>,
    /// Voters with more of Equal Shares.
    pub prefer_equal_shares: u64,
    /// Voters with more of greedy.
    pub prefer_greedy: u64,
}

/// Counts by Equal Shares; `progress` hears of each count after the first (`add1` makes many): how often shares are raised.
pub fn equal_shares(profile: &Profile, terms: &Terms, mut progress: impl FnMut(u64)) -> Outcome {
    let market = Market::new(profile, terms);
    let totals = profile.totals();
    let fresh = || Ties::new(&terms.order, profile, &totals);
    let mut raised = 0;
    if matches!(terms.completion, Completion::Add1 | Completion::Add1u) {
        let run = |raised| market.run(share(profile, terms, raised), &mut fresh(), false);
        let mut last = run(0);
        while raised < MAX_RAISES && market.could_have_more(&last, terms.budget) {
            last = run(raised + 1);
            if market.cost(&last) > terms.budget {
                break;
            }
            raised += 1;
            progress(raised);
        }
    }
    let (began, mut ties) = (share(profile, terms, raised), fresh());
    let run = market.run(began.clone(), &mut ties, true);
    let mut winners = run.bought.clone();
    let (mut filled, mut completed) = (Vec::new(), Vec::new());
    let told = run.rounds.len() + run.unfunded.len();
    match terms.completion {
        Completion::None | Completion::Add1 => {}
        Completion::Add1u | Completion::Utilitarian => {
            let left = terms.budget.saturating_sub(market.cost(&run));
            greedy::fill(profile, &totals, &mut ties, left, true, &winners, told, &mut filled);
            winners.extend(filled.iter().filter(|one| one.turn == greedy::Turn::Funded).map(|one| one.candidate));
        }
        Completion::Phragmen => {
            completed = phragmen::complete(profile, &mut ties, terms.budget, &winners, told + 1);
            winners.extend(completed.iter().map(|one| one.candidate));
        }
    }
    let ties_broken = ties.into_broken();
    let mut compared = None;
    if terms.comparison {
        let other = greedy::greedy(profile, terms.budget, true, &terms.order);
        let comparison = compare(profile, terms.utility, winners.clone(), other);
        if comparison.prefer_greedy > comparison.prefer_equal_shares {
            winners.clone_from(&comparison.greedy.winners);
        }
        compared = Some(comparison);
    }
    let share = if began.1.is_zero() { Share::default() } else { Share::of(&began.0, &began.1) };
    let Run { rounds, unfunded, .. } = run;
    Outcome { winners, rounds, unfunded, share, raised, filled, completed, compared, ties_broken }
}

/// What each voter begins with, as a fraction: an equal share of the budget, or, raised, so many whole units more than the whole units of it.
fn share(profile: &Profile, terms: &Terms, raised: u64) -> (BigUint, BigUint) {
    let (voters, unit) = (profile.voters(), terms.unit.max(1));
    match voters {
        0 => (BigUint::zero(), BigUint::zero()),
        _ if raised == 0 => (terms.budget.into(), voters.into()),
        _ => (BigUint::from(terms.budget / voters / unit + raised) * unit, 1_u32.into()),
    }
}

/// How many voters have more of which outcome, by what candidates are worth to them.
fn compare(
    profile: &Profile,
    utility: Utility,
    equal_shares: Vec<usize>,
    greedy: crate::Outcome<greedy::Round>,
) -> Comparison {
    let mut in_which = vec![(false, false); profile.candidates().len()];
    equal_shares.iter().for_each(|one| in_which[*one].0 = true);
    greedy.winners.iter().for_each(|one| in_which[*one].1 = true);
    let (mut prefer_equal_shares, mut prefer_greedy) = (0, 0);
    for ballot in profile.ballots() {
        let (mut ours, mut theirs) = (0_u128, 0_u128);
        for (candidate, given) in given(utility, ballot) {
            let factor = if utility == Utility::Cost { profile.candidates()[candidate].cost } else { 1 };
            let worth = u128::from(given) * u128::from(factor);
            ours += if in_which[candidate].0 { worth } else { 0 };
            theirs += if in_which[candidate].1 { worth } else { 0 };
        }
        match ours.cmp(&theirs) {
            Ordering::Greater => prefer_equal_shares += ballot.weight,
            Ordering::Less => prefer_greedy += ballot.weight,
            Ordering::Equal => {}
        }
    }
    Comparison { equal_shares, greedy, prefer_equal_shares, prefer_greedy }
}

/// What each candidate of a ballot is worth to its voter, beside what it is worth to others.
fn given(utility: Utility, ballot: &Ballot) -> impl Iterator<Item = (usize, u64)> + '_ {
    let length = u64::try_from(ballot.marks.len()).unwrap_or(u64::MAX);
    // A score of nothing is no vote.
    ballot.marks.iter().zip(1_u64..).filter(|(mark, _)| mark.points > 0).map(move |(mark, place)| match utility {
        Utility::Cost | Utility::Cardinality => (mark.candidate, 1),
        Utility::Score => (mark.candidate, mark.points),
        Utility::Borda => (mark.candidate, length - place),
    })
}

/// Who votes for a candidate: a group of like ballots, and the points of each of them.
#[derive(Clone, Copy, Debug)]
struct Supporter {
    group: usize,
    points: u64,
}

/// What does not change from one count to the next.
struct Market<'a> {
    profile: &'a Profile,
    supporters: Vec<Vec<Supporter>>,
    /// Voters times points, of all supporters.
    points: Vec<u64>,
    /// What a candidate is worth is its points times this.
    factor: Vec<u64>,
}

/// One count.
#[derive(Default)]
struct Run {
    bought: Vec<usize>,
    /// As people are told of it, where they are.
    rounds: Vec<Purchase>,
    unfunded: Vec<Unfunded>,
}

/// The rate at which a candidate can be had: what is left to pay once those who cannot pay in full have given all they have, by the
/// points of the others. The common denominator is a further factor of its own.
#[derive(Clone, Debug)]
struct Rate {
    rest: BigUint,
    points: u64,
}

/// Supporters who have the same and give the same points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pile {
    place: usize,
    points: u64,
    voters: u64,
}

/// What it takes to have a candidate.
struct Offer {
    rate: Rate,
    /// By what they have for each point, the least first.
    piles: Vec<Pile>,
    /// From here on they pay in proportion; those before give all they have.
    in_full: usize,
}

/// What voters have.
struct Purses {
    /// What anybody has: each amount once, the least first, over the common denominator.
    amounts: Vec<BigUint>,
    /// Which of them a voter of each group has.
    of: Vec<usize>,
    scale: BigUint,
}

impl<'a> Market<'a> {
    fn new(profile: &'a Profile, terms: &Terms) -> Self {
        let candidates = profile.candidates();
        let (mut supporters, mut points) = (vec![Vec::new(); candidates.len()], vec![0; candidates.len()]);
        for (group, ballot) in profile.ballots().iter().enumerate() {
            for (candidate, given) in given(terms.utility, ballot) {
                if given > 0 {
                    supporters[candidate].push(Supporter { group, points: given });
                    points[candidate] += given * ballot.weight;
                }
            }
        }
        // What costs nothing is had for nothing whatever it is worth.
        let factor = |cost: u64| if terms.utility == Utility::Cost { cost.max(1) } else { 1 };
        let factor = candidates.iter().map(|one| factor(one.cost)).collect();
        Self { profile, supporters, points, factor }
    }

    /// What so many candidates cost.
    fn cost(&self, run: &Run) -> u64 {
        run.bought.iter().fold(0, |sum, one| sum.saturating_add(self.profile.candidates()[*one].cost))
    }

    /// Whether the money that is left would do for something more that anybody voted for.
    fn could_have_more(&self, run: &Run, budget: u64) -> bool {
        let left = budget.saturating_sub(self.cost(run));
        let open = |one: &usize| !self.supporters[*one].is_empty() && !run.bought.contains(one);
        (0..self.supporters.len()).filter(open).any(|one| self.profile.candidates()[one].cost <= left)
    }

    /// Buys for as long as supporters of something have what it costs; `told` whether people are to be told how.
    fn run(&self, (numerator, denominator): (BigUint, BigUint), ties: &mut Ties, told: bool) -> Run {
        let groups = self.profile.ballots().len();
        let mut purses = Purses { amounts: vec![numerator], of: vec![0; groups], scale: denominator };
        // Balances only fall, so rates only rise: a candidate whose last known rate is worse than the best of this round is not looked at.
        let mut known: Vec<(usize, Rate)> = (0..self.supporters.len())
            .filter(|one| !self.supporters[*one].is_empty())
            .map(|one| (one, Rate { rest: BigUint::zero(), points: 1 }))
            .collect();
        let mut run = Run::default();
        let mut scratch = Vec::new();
        loop {
            known.sort_by(|one, other| self.compare((one.0, &one.1), (other.0, &other.1)));
            let mut best: Vec<(usize, Offer)> = Vec::new();
            let mut gone = Vec::new();
            for (candidate, rate) in &mut known {
                let against = |rate: &Rate| {
                    best.first().map(|(found, offer)| self.compare((*candidate, rate), (*found, &offer.rate)))
                };
                if against(rate) == Some(Ordering::Greater) {
                    break;
                }
                let Some(offer) = self.offer(*candidate, &purses, &mut scratch) else {
                    gone.push(*candidate);
                    continue;
                };
                rate.clone_from(&offer.rate);
                match against(rate) {
                    Some(Ordering::Greater) => {}
                    Some(Ordering::Equal) => best.push((*candidate, offer)),
                    Some(Ordering::Less) | None => best = vec![(*candidate, offer)],
                }
            }
            let tied: Vec<usize> = best.iter().map(|(candidate, _)| *candidate).collect();
            // Among those that cost nothing it does not matter which comes first.
            let free = best.first().is_some_and(|(_, offer)| offer.rate.rest.is_zero());
            let one_of = if free { tied.get(..1).unwrap_or_default() } else { tied.as_slice() };
            let Some(bought) = ties.first(run.bought.len() + 1, one_of) else { break };
            let Some((_, offer)) = best.into_iter().find(|(candidate, _)| *candidate == bought) else { break };
            known.retain(|(candidate, _)| *candidate != bought && !gone.contains(candidate));
            run.bought.push(bought);
            let had = told.then(|| self.have(bought, &purses));
            let (payers, most) = self.buy(bought, offer, &mut purses, &mut known);
            run.rounds.extend(had.map(|had| {
                let cost = self.profile.candidates()[bought].cost;
                Purchase { candidate: bought, cost, payers, most: Share::of(&most, &purses.scale), had }
            }));
        }
        if told {
            let left = (0..self.supporters.len()).filter(|one| !run.bought.contains(one)).map(|candidate| Unfunded {
                candidate,
                cost: self.profile.candidates()[candidate].cost,
                left: self.have(candidate, &purses),
            });
            run.unfunded = left.collect();
        }
        run
    }

    fn voters(&self, group: usize) -> u64 {
        self.profile.ballots()[group].weight
    }

    /// What the supporters of a candidate have, together.
    fn have(&self, candidate: usize, purses: &Purses) -> Share {
        let all = &self.supporters[candidate];
        let sum: BigUint = all.iter().map(|one| &purses.amounts[purses.of[one.group]] * self.voters(one.group)).sum();
        if purses.scale.is_zero() { Share::default() } else { Share::of(&sum, &purses.scale) }
    }

    fn compare(&self, one: (usize, &Rate), other: (usize, &Rate)) -> Ordering {
        let times = |this: (usize, &Rate), that: (usize, &Rate)| {
            &this.1.rest * (u128::from(that.1.points) * u128::from(self.factor[that.0]))
        };
        times(one, other).cmp(&times(other, one))
    }

    /// What it takes to have a candidate; nothing where its supporters have less than it costs.
    fn offer(&self, candidate: usize, purses: &Purses, scratch: &mut Vec<(usize, u64, u64)>) -> Option<Offer> {
        scratch.clear();
        let all = &self.supporters[candidate];
        scratch.extend(all.iter().map(|one| (purses.of[one.group], one.points, self.voters(one.group))));
        scratch.sort_unstable();
        let mut piles: Vec<Pile> = Vec::new();
        for (place, points, voters) in scratch.iter().copied() {
            match piles.last_mut() {
                Some(last) if (last.place, last.points) == (place, points) => last.voters += voters,
                _ => piles.push(Pile { place, points, voters }),
            }
        }
        if piles.windows(2).any(|pair| pair[0].points != pair[1].points) {
            let amount = |pile: &Pile| &purses.amounts[pile.place];
            piles.sort_by(|one, other| (amount(one) * other.points).cmp(&(amount(other) * one.points)));
        }
        let mut rest = &purses.scale * self.profile.candidates()[candidate].cost;
        let mut points = self.points[candidate];
        for (in_full, pile) in piles.iter().enumerate() {
            let has = &purses.amounts[pile.place];
            if has * points >= &rest * pile.points {
                return Some(Offer { rate: Rate { rest, points }, piles, in_full });
            }
            rest -= has * pile.voters;
            points -= pile.points * pile.voters;
        }
        None
    }

    /// Has a candidate paid for: says how many paid, and the most that one of them did.
    fn buy(&self, candidate: usize, offer: Offer, purses: &mut Purses, known: &mut [(usize, Rate)]) -> (u64, BigUint) {
        let Offer { rate: Rate { rest, points }, piles, in_full } = offer;
        // The least factor by which all that is paid is an integer over the common denominator.
        let common = (&rest % points).to_u64().unwrap_or(0).gcd(&points);
        let (by_point, factor) = (rest / common, points / common);
        if factor > 1 {
            purses.amounts.iter_mut().for_each(|one| *one *= factor);
            purses.scale *= factor;
            known.iter_mut().for_each(|(_, rate)| rate.rest *= factor);
        }
        let (mut payers, mut most) = (0, BigUint::zero());
        let mut paid: Vec<((usize, u64), BigUint)> = Vec::with_capacity(piles.len());
        for (n, pile) in piles.iter().enumerate() {
            let has = &purses.amounts[pile.place];
            let pays = if n < in_full { has.clone() } else { &by_point * pile.points };
            payers += if pays.is_zero() { 0 } else { pile.voters };
            paid.push(((pile.place, pile.points), has - &pays));
            most = most.max(pays);
        }
        purses.settle(&self.supporters[candidate], paid);
        (payers, most)
    }
}

impl Purses {
    /// Gives supporters what they have left, by what they had and their points.
    fn settle(&mut self, supporters: &[Supporter], mut left: Vec<((usize, u64), BigUint)>) {
        left.sort_by(|one, other| one.1.cmp(&other.1));
        let paying: HashMap<(usize, u64), usize> = left.iter().zip(0..).map(|((pile, _), n)| (*pile, n)).collect();
        // Where each group goes: to an amount that was there, or to one that is left to somebody.
        const STAYS: usize = usize::MAX;
        let mut to = vec![STAYS; self.of.len()];
        for one in supporters {
            to[one.group] = paying.get(&(self.of[one.group], one.points)).copied().unwrap_or(STAYS);
        }
        let mut kept = vec![false; self.amounts.len()];
        self.of.iter().zip(&to).filter(|(_, to)| **to == STAYS).for_each(|(place, _)| kept[*place] = true);
        let (mut old, mut new) = (vec![0; self.amounts.len()], vec![0; left.len()]);
        let mut merged: Vec<BigUint> = Vec::with_capacity(self.amounts.len() + left.len());
        let add = |merged: &mut Vec<BigUint>, amount: BigUint| {
            if merged.last() != Some(&amount) {
                merged.push(amount);
            }
            merged.len() - 1
        };
        let mut left = left.into_iter().map(|(_, amount)| amount).zip(0..).peekable();
        for (amount, n) in std::mem::take(&mut self.amounts).into_iter().zip(0..) {
            if kept[n] {
                while let Some((less, at)) = left.next_if(|(other, _)| *other < amount) {
                    new[at] = add(&mut merged, less);
                }
                old[n] = add(&mut merged, amount);
            }
        }
        for (amount, at) in left {
            new[at] = add(&mut merged, amount);
        }
        self.amounts = merged;
        for (place, to) in self.of.iter_mut().zip(to) {
            *place = if to == STAYS { old[*place] } else { new[to] };
        }
    }
}
