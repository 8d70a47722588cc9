//! Counts the elections of a folder again and compares with what others have published of them: `expected.json` there, by file, program and rule.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::time::Instant;

use folkmoot_tally::TieOrder;
use folkmoot_tally::equal_shares::{Completion, Terms, Utility, equal_shares};
use folkmoot_tally::greedy::greedy;
use folkmoot_tally::pabulib::{self, Election};

type Published = BTreeMap<String, BTreeMap<String, BTreeMap<String, Vec<String>>>>;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let folder = Path::new(&folder);
    let published: Published = serde_json::from_reader(File::open(folder.join("expected.json"))?)?;
    let mut differ = 0;
    for (name, programs) in published {
        let election = pabulib::read(File::open(folder.join(format!("{name}.pb")))?)?;
        for (program, rules) in programs {
            let order = if program.starts_with("pabutools") { TieOrder::Lexicographic } else { TieOrder::MoreVotes };
            for (rule, mut expected) in rules {
                let begun = Instant::now();
                let mut winners: Vec<String> = count(&election, &rule, order.clone())
                    .into_iter()
                    .filter_map(|one| Some(election.profile.candidates().get(one)?.id.clone()))
                    .collect();
                let took = begun.elapsed();
                winners.sort();
                expected.sort();
                let same = winners == expected;
                differ += usize::from(!same);
                let how = if same { "same" } else { "DIFFERS" };
                println!("{how:8} {took:>10.1?}  {name} {program} {rule}: {} winners", winners.len());
                if !same {
                    let only = |one: &[String], other: &[String]| -> Vec<String> {
                        one.iter().filter(|id| !other.contains(id)).cloned().collect()
                    };
                    println!(
                        "         only here {:?}, only there {:?}",
                        only(&winners, &expected),
                        only(&expected, &winners)
                    );
                }
            }
        }
    }
    if differ > 0 { Err(format!("{differ} differ").into()) } else { Ok(()) }
}

fn count(election: &Election, rule: &str, order: TieOrder) -> Vec<usize> {
    let (method, what) = rule.split_once('/').unwrap_or((rule, "cost"));
    let (completion, utility) = match (method, what) {
        ("greedy_utilitarian", _) => return greedy(&election.profile, election.budget, true, &order).winners,
        ("floats" | "fractions", "add1") => (Completion::Add1, Utility::Cost),
        ("floats" | "fractions", "add1u") => (Completion::Add1u, Utility::Cost),
        ("floats" | "fractions", "utilitarian") => (Completion::Utilitarian, Utility::Cost),
        ("mes_util_completion", _) => (Completion::Utilitarian, Utility::Cost),
        ("mes_phragmen_completion", _) => (Completion::Phragmen, Utility::Cost),
        (_, "cardinality") => (Completion::None, Utility::Cardinality),
        (_, "score") => (Completion::None, Utility::Score),
        (_, "borda") => (Completion::None, Utility::Borda),
        _ => (Completion::None, Utility::Cost),
    };
    let (budget, unit) = (election.budget, election.unit);
    let terms = Terms { budget, unit, utility, completion, comparison: false, order };
    equal_shares(&election.profile, &terms, |_| {}).winners
}
