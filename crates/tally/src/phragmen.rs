//! Sequential Phragmén: all voters earn money at the same pace, and a candidate is bought as soon as its supporters have enough.
//!
//! Method: Brill, Freeman, Janson and Lackner, *Phragmén's Voting Methods and Justified Representation* (2023); for budgets, Los,
//! Christoff and Grossi, *Proportional Budget Allocations: Towards a Systematization* (2022). Loads are integers over one common
//! denominator.

use num_bigint::BigUint;
use num_integer::Integer as _;
use num_traits::Zero as _;

use crate::profile::Profile;
use crate::share::Share;
use crate::ties::Ties;

/// One purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// What was bought.
    pub candidate: usize,
    /// What it costs.
    pub cost: u64,
    /// What each of its supporters had to have earned.
    pub load: Share,
}

/// What voters have earned and spent.
struct Loads {
    of: Vec<BigUint>,
    scale: BigUint,
}

/// Buys with what is left of a budget what is not chosen yet. Nobody has spent anything before, whatever is chosen; it ends where what would
/// be bought next, or is tied with it, costs more than is left, as `pabutools` has it.
pub(crate) fn complete(profile: &Profile, ties: &mut Ties, budget: u64, chosen: &[usize], round: usize) -> Vec<Round> {
    let spent: u64 = chosen.iter().map(|one| profile.candidates()[*one].cost).sum();
    let mut left = budget.saturating_sub(spent);
    let mut supporters: Vec<Vec<usize>> = vec![Vec::new(); profile.candidates().len()];
    for (n, ballot) in profile.ballots().iter().enumerate() {
        ballot.marks.iter().filter(|mark| mark.points > 0).for_each(|mark| supporters[mark.candidate].push(n));
    }
    let mut loads = Loads { of: vec![BigUint::zero(); profile.ballots().len()], scale: BigUint::from(1_u32) };
    let heads = profile.supporters();
    let mut open: Vec<usize> = (0..supporters.len())
        .filter(|n| heads[*n] > 0 && profile.candidates()[*n].cost <= budget && !chosen.contains(n))
        .collect();
    let mut rounds = Vec::new();
    while !open.is_empty() {
        let mut best: Vec<(usize, BigUint)> = Vec::new();
        for candidate in &open {
            let mut wanted = &loads.scale * profile.candidates()[*candidate].cost;
            for group in &supporters[*candidate] {
                wanted += &loads.of[*group] * profile.ballots()[*group].weight;
            }
            let order = best.first().map(|(other, least)| (&wanted * heads[*other]).cmp(&(least * heads[*candidate])));
            match order {
                Some(std::cmp::Ordering::Greater) => {}
                Some(std::cmp::Ordering::Equal) => best.push((*candidate, wanted)),
                Some(std::cmp::Ordering::Less) | None => best = vec![(*candidate, wanted)],
            }
        }
        let tied: Vec<usize> = best.iter().map(|(candidate, _)| *candidate).collect();
        if tied.iter().any(|one| profile.candidates()[*one].cost > left) {
            break;
        }
        let Some(bought) = ties.first(round + rounds.len(), &tied) else { break };
        let Some((_, wanted)) = best.into_iter().find(|(one, _)| *one == bought) else { break };
        let common = wanted.gcd(&BigUint::from(heads[bought]));
        let (load, factor) = (wanted / &common, BigUint::from(heads[bought]) / common);
        loads.of.iter_mut().filter(|one| !one.is_zero()).for_each(|one| *one *= &factor);
        loads.scale *= factor;
        supporters[bought].iter().for_each(|group| loads.of[*group].clone_from(&load));
        let cost = profile.candidates()[bought].cost;
        left -= cost;
        rounds.push(Round { candidate: bought, cost, load: Share::of(&load, &loads.scale) });
        open.retain(|one| *one != bought);
    }
    rounds
}
