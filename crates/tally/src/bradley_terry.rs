//! How strong candidates are, from choices between two at a time. Advisory: it is estimated in floating point, and never the count that decides.
//!
//! Method: Bradley and Terry, *Rank Analysis of Incomplete Block Designs: I*, Biometrika 39 (1952). Strengths are logarithms, with a
//! normal prior of mean 0 and variance [`VARIANCE`], so that there is an estimate for who was never beaten and for pairs that nothing
//! connects; it is found by Newton's method. "Can't decide" is half a win for each.

use serde::Serialize;

/// Variance of the prior: 95 in 100 of all odds lie between 1 to 330 and 330 to 1.
pub const VARIANCE: f64 = 4.4;
/// A step goes at most 1, and then the digits double with each: strengths beyond this are not told apart any more.
const STEPS: usize = 1_000;
const ENOUGH: f64 = 1e-10;

/// Choices between two candidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair {
    /// One of them.
    pub one: usize,
    /// The other.
    pub other: usize,
    /// How many chose `one`.
    pub for_one: u64,
    /// How many chose `other`.
    pub for_other: u64,
    /// How many could not decide.
    pub undecided: u64,
}

/// How strong a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Strength {
    /// Logarithm: whoever has one more is chosen 2.7 times as often.
    pub strength: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// Estimates the strengths of so many candidates; pairs that name others, or one twice, are left out.
#[expect(clippy::cast_precision_loss, reason = "numbers of voters; an estimate")]
pub fn strengths(candidates: usize, pairs: &[Pair]) -> Vec<Strength> {
    // Sums of floating point depend on their order, which is not to be that of the choices.
    let mut pairs = pairs.to_vec();
    pairs.sort_unstable();
    let known: Vec<(usize, usize, f64, f64)> = pairs
        .iter()
        .filter(|pair| pair.one < candidates && pair.other < candidates && pair.one != pair.other)
        .map(|pair| {
            let won = pair.for_one as f64 + pair.undecided as f64 / 2.0;
            (pair.one, pair.other, won, (pair.for_one + pair.for_other + pair.undecided) as f64)
        })
        .collect();
    let mut at = vec![0.0; candidates];
    for _ in 0..STEPS {
        let (slope, curve) = shape(&at, &known);
        let Some(inverse) = inverted(curve) else { break };
        let step: Vec<f64> =
            inverse.iter().map(|row| row.iter().zip(&slope).map(|(entry, slope)| entry * slope).sum()).collect();
        // A long step of Newton's may lead away.
        let longest = step.iter().fold(0.0_f64, |longest, one| longest.max(one.abs()));
        let shortened = if longest > 1.0 { 1.0 / longest } else { 1.0 };
        at.iter_mut().zip(&step).for_each(|(at, step)| *at += step * shortened);
        if longest < ENOUGH {
            break;
        }
    }
    let errors = inverted(shape(&at, &known).1);
    let error = |n: usize| errors.as_ref().map_or(VARIANCE.sqrt(), |inverse| inverse[n][n].sqrt());
    at.iter().enumerate().map(|(n, strength)| Strength { strength: *strength, standard_error: error(n) }).collect()
}

/// How the logarithm of the posterior rises at a point, and how it bends there (with the sign turned).
fn shape(at: &[f64], pairs: &[(usize, usize, f64, f64)]) -> (Vec<f64>, Vec<Vec<f64>>) {
    let mut slope: Vec<f64> = at.iter().map(|strength| -strength / VARIANCE).collect();
    let mut curve = vec![vec![0.0; at.len()]; at.len()];
    for (n, row) in curve.iter_mut().enumerate() {
        row[n] = 1.0 / VARIANCE;
    }
    for (one, other, won, all) in pairs.iter().copied() {
        let odds = 1.0 / (1.0 + (at[other] - at[one]).exp());
        slope[one] += won - all * odds;
        slope[other] -= won - all * odds;
        let bend = all * odds * (1.0 - odds);
        curve[one][one] += bend;
        curve[other][other] += bend;
        curve[one][other] -= bend;
        curve[other][one] -= bend;
    }
    (slope, curve)
}

/// The inverse of a positive definite matrix, by Gauss and Jordan without pivots: it needs none.
fn inverted(mut matrix: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let size = matrix.len();
    for (n, row) in matrix.iter_mut().enumerate() {
        row.resize(2 * size, 0.0);
        row[size + n] = 1.0;
    }
    for n in 0..size {
        let pivot = matrix[n][n];
        if !pivot.is_normal() || pivot <= 0.0 {
            return None;
        }
        matrix[n].iter_mut().for_each(|entry| *entry /= pivot);
        let own = matrix[n].clone();
        for (_, row) in matrix.iter_mut().enumerate().filter(|(other, _)| *other != n) {
            let times = row[n];
            row.iter_mut().zip(&own).for_each(|(entry, own)| *entry -= times * own);
        }
    }
    Some(matrix.into_iter().map(|row| row[size..].to_vec()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(one: usize, other: usize, for_one: u64, for_other: u64) -> Pair {
        Pair { one, other, for_one, for_other, undecided: 0 }
    }

    #[test]
    fn of_two_with_many_choices_the_difference_is_the_logarithm_of_the_odds() {
        let both = strengths(2, &[pair(0, 1, 750_000, 250_000)]);
        assert!((both[0].strength - both[1].strength - 3.0_f64.ln()).abs() < 1e-4, "{both:?}");
    }

    #[test]
    fn whoever_always_won_has_a_strength_and_whoever_was_never_asked_about_has_none_and_the_widest_error() {
        let all = strengths(3, &[pair(0, 1, 20, 0)]);
        assert!(all[0].strength > 1.0 && all[0].strength < 5.0, "{all:?}");
        assert!((all[0].strength + all[1].strength).abs() < 1e-9);
        assert!(all[2].strength.abs() < 1e-12 && (all[2].standard_error - VARIANCE.sqrt()).abs() < 1e-9);
        assert!(all[0].standard_error < all[2].standard_error);
    }

    #[test]
    fn more_choices_make_errors_smaller_and_undecided_ones_strengths_alike() {
        let error = |times: u64| strengths(2, &[pair(0, 1, 3 * times, 2 * times)])[0].standard_error;
        assert!(error(100) < error(10));
        let undecided = strengths(2, &[Pair { undecided: 50, ..pair(0, 1, 0, 0) }]);
        assert!(undecided[0].strength.abs() < 1e-9);
        assert_eq!(strengths(2, &[pair(0, 0, 5, 5), pair(0, 7, 5, 5)])[0].strength, 0.0);
    }
}
