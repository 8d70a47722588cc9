//! What is published of the ballots when votes are over, so that anybody can count again, and why not where they are kept.

use folkmoot_tally::{Told, pabulib};
use sha2::{Digest as _, Sha256};

use super::model::{BallotMark, Paper};
use super::results::{Counted, count_all, profile, whole};
use crate::platform::error::{Error, Result};
use crate::vocabulary::{BallotRule, BallotTally, Withheld};

/// Ballots without which none is published: among fewer, one's own can be told by what is rare.
pub const LEAST: usize = 100;

/// What becomes of the ballots.
#[derive(Debug)]
pub enum Publication {
    /// All of them are public.
    Ballots {
        /// A file of Pabulib, in which ideas are called by their numbers.
        file: String,
        /// Its SHA-256, in hexadecimal.
        sha256: String,
    },
    /// They are kept, and the totals and rounds are what is public.
    Totals(Withheld),
}

/// Decides, and writes the file. `ballots` come in an order that says nothing of when they were cast.
///
/// # Errors
/// Where what is stored is none that was taken, which is a fault of ours.
pub fn publication(
    paper: &Paper,
    title: &str,
    ballots: &[Vec<BallotMark>],
    counted: &[Counted],
) -> Result<Publication> {
    if ballots.len() < LEAST {
        return Ok(Publication::Totals(Withheld::FewBallots));
    }
    let terms = &paper.row.terms;
    let ranked = terms.rule == BallotRule::Ranked;
    if ranked && !counted.iter().all(|one| matches!(one.tally, BallotTally::Irv | BallotTally::Stv)) {
        return Ok(Publication::Totals(Withheld::WholeRankings));
    }
    let shown = if ranked { cut(ballots, deepest(paper, ballots, counted)?) } else { ballots.to_vec() };
    let unit = whole(terms.unit);
    let meta = [
        ("description", title.replace(['\n', '\r'], " ")),
        ("comment", "Project ids are the numbers of the ideas.".to_owned()),
        ("rule", rule(terms.binding).to_owned()),
        ("ties", terms.ties.to_string()),
        ("seats", terms.seats.to_string()),
    ];
    let meta: Vec<(&str, &str)> = meta.iter().map(|(key, value)| (*key, value.as_str())).collect();
    let mut file = Vec::new();
    pabulib::write(&mut file, &meta, whole(terms.budget.unwrap_or(0)), unit, &profile(paper, &shown)?)
        .map_err(anyhow::Error::from)?;
    let sha256 = hex::encode(Sha256::digest(&file));
    let file = String::from_utf8(file).map_err(anyhow::Error::from)?;
    Ok(Publication::Ballots { file, sha256 })
}

/// What such files call a rule; there is no word for counts that spend nothing.
fn rule(tally: BallotTally) -> &'static str {
    match tally {
        BallotTally::Greedy => "greedy",
        BallotTally::GreedyNoSkip => "greedy-no-skip",
        BallotTally::EqualShares => "equalshares/add1",
        _ => "unknown",
    }
}

/// Rankings down to a place.
fn cut(ballots: &[Vec<BallotMark>], places: usize) -> Vec<Vec<BallotMark>> {
    ballots.iter().map(|marks| marks.iter().take(places).cloned().collect()).collect()
}

/// The deepest place that a count used: what stands below could be a mark by which somebody knows a ballot again. One place fewer,
/// and a transfer would have come to nothing; so the least that gives the same rounds is found by halving.
fn deepest(paper: &Paper, ballots: &[Vec<BallotMark>], counted: &[Counted]) -> Result<usize> {
    let same = |places: usize| {
        let again = count_all(paper, &cut(ballots, places))?;
        let told = |all: &[Counted]| -> Vec<Told> { all.iter().map(|one| one.told.clone()).collect() };
        Ok::<_, Error>(told(&again) == told(counted))
    };
    let (mut least, mut most) = (1, ballots.iter().map(Vec::len).max().unwrap_or(1));
    while least < most {
        let middle = least.midpoint(most);
        if same(middle)? {
            most = middle;
        } else {
            least = middle.saturating_add(1);
        }
    }
    Ok(least)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::model::{BallotTerms, OptionRow, PaperRow};
    use super::*;
    use crate::platform::db::{Id, Instant};

    fn paper(terms: serde_json::Value, costs: [Option<i64>; 4]) -> Paper {
        let terms: BallotTerms = serde_json::from_value(terms).unwrap();
        let option = |(cost, n): (Option<i64>, i64)| OptionRow {
            idea_id: Id::at(Instant::from_micros(n)),
            number: n,
            title: Some(format!("Idea {n}")),
            cost,
        };
        let options = costs.into_iter().zip(8..).map(option).collect();
        Paper { row: PaperRow { version: 1, terms, updated_at: Instant::from_micros(1) }, options }
    }

    fn ballots(paper: &Paper, pattern: &[&[usize]], times: usize) -> Vec<Vec<BallotMark>> {
        let mark = |n: &usize| BallotMark { idea: paper.options[*n].idea_id, points: None };
        pattern.iter().map(|one| one.iter().map(mark).collect()).cycle().take(times).collect()
    }

    fn published(paper: &Paper, ballots: &[Vec<BallotMark>]) -> Publication {
        publication(paper, "Mill Lane", ballots, &count_all(paper, ballots).unwrap()).unwrap()
    }

    #[test]
    fn ninety_nine_ballots_are_kept_and_a_hundred_can_be_counted_again_by_anybody() {
        let terms = serde_json::json!({ "rule": "budget", "budget": 4_000, "binding": "equal_shares", "beside": ["greedy"],
            "ties": "lower_cost", "interim": "hidden" });
        let paper = paper(terms, [Some(2_005), Some(2_500), Some(1_000), Some(300)]);
        let pattern: &[&[usize]] = &[&[0, 1], &[2], &[1, 3], &[0, 2, 3]];
        assert!(matches!(published(&paper, &ballots(&paper, pattern, 99)), Publication::Totals(Withheld::FewBallots)));
        let all = ballots(&paper, pattern, 100);
        let Publication::Ballots { file, sha256 } = published(&paper, &all) else { panic!("it is published") };
        assert_eq!(sha256, hex::encode(Sha256::digest(file.as_bytes())));
        assert!(!file.contains("Idea") && !file.contains(&paper.options[0].idea_id.to_string()), "{file}");
        let read = pabulib::read(file.as_bytes()).unwrap();
        assert_eq!((read.rule(), read.profile.voters(), read.budget), (Some("equalshares/add1"), 100, 4_000));
        for ours in count_all(&paper, &all).unwrap() {
            let again = super::super::results::counted(&paper.row.terms, &read.profile, ours.tally).unwrap();
            assert_eq!(again, ours.told);
        }
    }

    #[test]
    fn rankings_are_cut_where_the_count_needs_no_more_and_kept_where_it_needs_them_whole() {
        let ranked = |beside: &[&str]| serde_json::json!({ "rule": "ranked", "binding": "irv", "beside": beside, "ties": "earlier_submission", "interim": "hidden" });
        // One that nobody has first drops out, then one whose votes go to their second place; what stands below is never read.
        let pattern: &[&[usize]] = &[&[0, 3, 1], &[0, 2, 1, 3], &[1, 3, 0], &[1, 0, 2, 3], &[2, 1, 0, 3], &[1, 0, 3]];
        let paper_of = |beside: &[&str]| paper(ranked(beside), [None; 4]);
        let paper = paper_of(&[]);
        let all = ballots(&paper, pattern, 120);
        let Publication::Ballots { file, .. } = published(&paper, &all) else { panic!("it is published") };
        let votes = file.split("VOTES").nth(1).unwrap().lines().filter_map(|line| line.split(';').nth(1));
        let places: BTreeSet<usize> = votes.skip(1).map(|vote| vote.split(',').count()).collect();
        assert_eq!(places, BTreeSet::from([2]), "{file}");
        let whole = paper_of(&["schulze"]);
        assert!(matches!(published(&whole, &all), Publication::Totals(Withheld::WholeRankings)));
    }
}
