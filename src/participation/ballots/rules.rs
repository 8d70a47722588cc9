//! What a ballot may say, and what terms can be counted. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{BallotMark, BallotTerms};
use crate::participation::challenges::model::Phase;
use crate::platform::db::{Id, Instant};
use crate::platform::error::Fault;
use crate::vocabulary::{BallotRule, BallotTally, BallotTies};

/// When votes are taken, from the first phase that takes them to the end of the last; never where the challenge closes before.
pub fn voting_time(phases: &[Phase], closes_at: Option<Instant>) -> Option<(Instant, Instant)> {
    let voting = || phases.iter().filter(|phase| phase.vote);
    let starts = voting().map(|phase| phase.starts_at).min()?;
    let ends = voting().map(|phase| phase.ends_at).max()?;
    let ends = closes_at.map_or(ends, |closes| ends.min(closes));
    (starts < ends).then_some((starts, ends))
}

/// Whether a count is one of ballots that look so.
fn counts(rule: BallotRule, tally: BallotTally) -> bool {
    match tally {
        BallotTally::Count => rule == BallotRule::Approval,
        BallotTally::Sum => matches!(rule, BallotRule::Points | BallotRule::Score),
        BallotTally::Irv | BallotTally::Stv | BallotTally::Borda | BallotTally::Schulze => rule == BallotRule::Ranked,
        BallotTally::Greedy | BallotTally::GreedyNoSkip | BallotTally::EqualShares => true,
    }
}

/// Whether a count spends money.
pub fn spends(tally: BallotTally) -> bool {
    matches!(tally, BallotTally::Greedy | BallotTally::GreedyNoSkip | BallotTally::EqualShares)
}

/// What is wrong with terms and the costs of what they put to the vote.
pub fn terms_faults(terms: &BallotTerms, costs: &[Option<i64>]) -> Vec<Fault> {
    use BallotRule::{Budget, Points, Score};
    let mut faults = Vec::new();
    let mut say = |pointer: &str, code: &str, detail: &str| faults.push(Fault::at(pointer, code, detail));
    let only = |given: bool, fits: bool| given && !fits;
    if terms.rule == Points && terms.points.is_none() {
        say("/terms/points", "required", "How many points a ballot gives in all.");
    }
    if terms.rule == Score && terms.max_score.is_none() {
        say("/terms/max_score", "required", "The highest score that an idea can be given.");
    }
    for (pointer, given) in [
        ("/terms/points", terms.points.is_some()),
        ("/terms/max_per_idea", terms.max_per_idea.is_some()),
        ("/terms/quadratic", terms.quadratic),
    ] {
        if only(given, terms.rule == Points) {
            say(pointer, "not_taken", "This goes with the rule `points` only.");
        }
    }
    if only(terms.max_score.is_some(), terms.rule == Score) {
        say("/terms/max_score", "not_taken", "This goes with the rule `score` only.");
    }
    if only(terms.fits_budget, terms.rule == Budget) {
        say("/terms/fits_budget", "not_taken", "This goes with the rule `budget` only.");
    }
    if let (Some(least), Some(most)) = (terms.min_choices, terms.max_choices)
        && least > most
    {
        say("/terms/min_choices", "out_of_order", "No more than `max_choices`.");
    }
    if terms.unit.checked_ilog10().and_then(|zeros| 10_i64.checked_pow(zeros)) != Some(terms.unit) {
        say(
            "/terms/unit",
            "not_in_list",
            "1, 10, 100 or another power of ten: amounts are written with decimal places.",
        );
    }
    if terms.binding == BallotTally::Irv && terms.seats != 1 {
        say("/terms/seats", "not_taken", "One wins by `irv`. For several take `stv`.");
    }
    if let (Some(least), Some(points)) = (terms.min_choices, terms.points)
        && least > points
    {
        say(
            "/terms/min_choices",
            "too_many",
            "There are fewer points to give, and each idea that is marked takes one at least.",
        );
    }
    let places = i64::try_from(costs.len()).unwrap_or(i64::MAX);
    if terms.min_choices.is_some_and(|least| least > places) {
        say("/terms/min_choices", "too_many", "There are fewer ideas to choose from.");
    }
    let tallies: Vec<(String, BallotTally)> = std::iter::once(("/terms/binding".to_owned(), terms.binding))
        .chain(terms.beside.iter().enumerate().map(|(n, tally)| (format!("/terms/beside/{n}"), *tally)))
        .collect();
    let mut seen = Vec::new();
    for (pointer, tally) in &tallies {
        if seen.contains(tally) {
            say(pointer, "already_exists", "This count is there twice.");
        } else if !counts(terms.rule, *tally) {
            say(pointer, "not_in_list", "Ballots of this rule cannot be counted so.");
        }
        seen.push(*tally);
    }
    let money = terms.rule == Budget || tallies.iter().any(|(_, tally)| spends(*tally));
    if money && terms.budget.is_none() {
        say("/terms/budget", "required", "What there is to spend: this is counted with costs.");
    }
    if terms.rule == Budget && !spends(terms.binding) {
        say("/terms/binding", "not_in_list", "A budget is spent by greedy, greedy_no_skip or equal_shares.");
    }
    if (terms.ties == BallotTies::DrawnLots) != terms.seed.is_some() {
        say("/terms/seed", "required", "What lots are drawn with goes with `drawn_lots`, and with nothing else.");
    }
    for (n, cost) in costs.iter().enumerate() {
        match cost {
            None if money => say(&format!("/options/{n}/cost"), "required", "This is counted with costs."),
            Some(_) if !money => say(&format!("/options/{n}/cost"), "not_taken", "Nothing is counted with costs here."),
            _ => {}
        }
    }
    faults
}

/// What is wrong with a ballot: each entry, and the whole of it (case C4).
pub fn ballot_faults(terms: &BallotTerms, costs: &BTreeMap<Id, Option<i64>>, marks: &[BallotMark]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    let pointed = matches!(terms.rule, BallotRule::Points | BallotRule::Score);
    let most = match terms.rule {
        BallotRule::Score => terms.max_score,
        _ => terms.max_per_idea.or(terms.points),
    };
    for (n, mark) in marks.iter().enumerate() {
        let mut say =
            |what: &str, code: &str, detail: String| faults.push(Fault::at(format!("/marks/{n}{what}"), code, detail));
        if !costs.contains_key(&mark.idea) {
            say("/idea", "not_in_list", "This idea is not put to the vote here.".into());
        }
        if !seen.insert(mark.idea) {
            say("/idea", "already_exists", "This idea is on the ballot twice.".into());
        }
        match (pointed, mark.points, most) {
            (true, None, _) => say("/points", "required", "Say how many points.".into()),
            (false, Some(_), _) => say("/points", "not_taken", "Ballots of this rule give no points.".into()),
            (true, Some(points), Some(most)) if points > most => {
                say("/points", "too_many", format!("At most {most} for one idea."));
            }
            _ => {}
        }
    }
    let count = i64::try_from(marks.len()).unwrap_or(i64::MAX);
    let (least, most) = (terms.min_choices.unwrap_or(1), terms.max_choices.unwrap_or(i64::MAX));
    if count < least {
        faults.push(Fault::at(
            "/marks",
            "too_few",
            format!("Mark {least} at least; to take a ballot back, withdraw it."),
        ));
    }
    if count > most {
        faults.push(Fault::at("/marks", "too_many", format!("Mark {most} at most.")));
    }
    if let (BallotRule::Points, Some(all)) = (terms.rule, terms.points) {
        let price = |points: i64| if terms.quadratic { points.saturating_mul(points) } else { points };
        let given = marks.iter().filter_map(|mark| mark.points).fold(0_i64, |sum, one| sum.saturating_add(price(one)));
        if given > all {
            faults.push(Fault::at(
                "/marks",
                "too_many",
                format!("There are {all} points to give, and this takes {given}."),
            ));
        }
    }
    if let (true, Some(budget)) = (terms.fits_budget, terms.budget) {
        let cost = |mark: &BallotMark| costs.get(&mark.idea).copied().flatten().unwrap_or(0);
        let spent = marks.iter().fold(0_i64, |sum, mark| sum.saturating_add(cost(mark)));
        if spent > budget {
            faults.push(Fault::at(
                "/marks",
                "too_many",
                format!("There are {budget} to spend, and this takes {spent}."),
            ));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Interim;

    fn terms(rule: BallotRule, binding: BallotTally) -> BallotTerms {
        BallotTerms {
            rule,
            min_choices: None,
            max_choices: None,
            points: None,
            max_per_idea: None,
            quadratic: false,
            max_score: None,
            budget: None,
            unit: 100,
            fits_budget: false,
            binding,
            beside: Vec::new(),
            seats: 1,
            ties: BallotTies::MoreVotes,
            seed: None,
            interim: Interim::Hidden,
        }
    }

    fn told(faults: &[Fault]) -> Vec<(&str, &str)> {
        faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect()
    }

    #[test]
    fn terms_say_all_that_their_rule_needs_and_nothing_that_it_does_not() {
        let approval = terms(BallotRule::Approval, BallotTally::Count);
        assert_eq!(told(&terms_faults(&approval, &[None, None])), []);
        let points = terms(BallotRule::Points, BallotTally::Stv);
        let found = terms_faults(&points, &[None]);
        assert_eq!(told(&found), [("/terms/points", "required"), ("/terms/binding", "not_in_list")]);
        let budget = BallotTerms { quadratic: true, ..terms(BallotRule::Budget, BallotTally::EqualShares) };
        let found = terms_faults(&budget, &[Some(5), None]);
        assert_eq!(
            told(&found),
            [("/terms/quadratic", "not_taken"), ("/terms/budget", "required"), ("/options/1/cost", "required")]
        );
        let irv = BallotTerms { seats: 3, unit: 12, ..terms(BallotRule::Ranked, BallotTally::Irv) };
        assert_eq!(told(&terms_faults(&irv, &[None])), [("/terms/unit", "not_in_list"), ("/terms/seats", "not_taken")]);
        let few = BallotTerms { points: Some(1), min_choices: Some(2), ..terms(BallotRule::Points, BallotTally::Sum) };
        assert_eq!(told(&terms_faults(&few, &[None, None])), [("/terms/min_choices", "too_many")]);
        let lots = BallotTerms { ties: BallotTies::DrawnLots, ..approval.clone() };
        assert_eq!(told(&terms_faults(&lots, &[None])), [("/terms/seed", "required")]);
        let twice =
            BallotTerms { beside: vec![BallotTally::Count], min_choices: Some(3), max_choices: Some(2), ..approval };
        assert_eq!(
            told(&terms_faults(&twice, &[None, None])),
            [
                ("/terms/min_choices", "out_of_order"),
                ("/terms/min_choices", "too_many"),
                ("/terms/beside/0", "already_exists")
            ]
        );
    }

    // case C4
    #[test]
    fn a_ballot_that_breaks_its_rule_is_told_each_entry_and_the_limit() {
        let [one, two, three] = [1, 2, 3].map(|n| Id::at(Instant::from_micros(n)));
        let costs = BTreeMap::from([(one, Some(30)), (two, Some(40))]);
        let mark = |idea, points| BallotMark { idea, points };
        let found = |terms: &BallotTerms, marks: &[BallotMark]| -> Vec<(String, String)> {
            ballot_faults(terms, &costs, marks).into_iter().map(|fault| (fault.pointer, fault.code)).collect()
        };
        let is = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        let approval = BallotTerms { max_choices: Some(1), ..terms(BallotRule::Approval, BallotTally::Count) };
        assert_eq!(found(&approval, &[mark(one, None)]), []);
        assert_eq!(found(&approval, &[]), [is("/marks", "too_few")]);
        assert_eq!(
            found(&approval, &[mark(one, None), mark(three, None), mark(one, Some(2))]),
            [
                is("/marks/1/idea", "not_in_list"),
                is("/marks/2/idea", "already_exists"),
                is("/marks/2/points", "not_taken"),
                is("/marks", "too_many")
            ]
        );
        let points = BallotTerms { points: Some(9), quadratic: true, ..terms(BallotRule::Points, BallotTally::Sum) };
        assert_eq!(found(&points, &[mark(one, Some(3))]), []);
        assert_eq!(found(&points, &[mark(one, Some(3)), mark(two, Some(1))]), [is("/marks", "too_many")]);
        assert_eq!(found(&points, &[mark(one, None)]), [is("/marks/0/points", "required")]);
        let score = BallotTerms { max_score: Some(5), ..terms(BallotRule::Score, BallotTally::Sum) };
        assert_eq!(found(&score, &[mark(one, Some(6)), mark(two, Some(5))]), [is("/marks/0/points", "too_many")]);
        let knapsack =
            BallotTerms { budget: Some(60), fits_budget: true, ..terms(BallotRule::Budget, BallotTally::Greedy) };
        assert_eq!(found(&knapsack, &[mark(two, None)]), []);
        assert_eq!(found(&knapsack, &[mark(one, None), mark(two, None)]), [is("/marks", "too_many")]);
    }
}
