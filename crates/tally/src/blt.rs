//! Rankings as files of the form that David Hill's program read first and most programs for transferable votes have read since: `.blt`.
//!
//! A line with the numbers of candidates and seats; the numbers of candidates who have withdrawn, each with a minus; a line for
//! each ballot, of how many voters, the candidates' numbers in order, and 0; a line of 0; the names, and the title.

use std::io::{BufRead, Write};

use thiserror::Error;

use crate::profile::{self, Ballot, Candidate, Form, Mark, Profile};

/// More candidates than anybody can rank.
const MAX_CANDIDATES: usize = 10_000;

/// Why a file is none that can be counted.
#[derive(Debug, Error)]
pub enum Fault {
    /// Reading or writing failed.
    #[error("the file cannot be read or written: {0}")]
    Io(#[from] std::io::Error),
    /// A line is wrong.
    #[error("line {line}: {what}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// The file ends too early.
    #[error("the file ends before {0}")]
    Ends(&'static str),
    /// What is there cannot be counted.
    #[error(transparent)]
    Uncountable(#[from] profile::Fault),
}

/// An election as such a file has it.
#[derive(Clone, Debug)]
pub struct Election {
    /// What it is called.
    pub title: String,
    /// How many are to be elected.
    pub seats: usize,
    /// The numbers of those who have withdrawn: they are no candidates.
    pub withdrawn: Vec<usize>,
    /// Candidates (their ids are their numbers) and ballots.
    pub profile: Profile,
}

/// Reads an election.
///
/// # Errors
/// What is wrong with the file, with its line.
pub fn read(source: impl BufRead) -> Result<Election, Fault> {
    let mut lines = source.lines().zip(1_usize..).map(|(text, line)| Ok::<_, Fault>((line, text?)));
    let mut next = |before: &'static str| loop {
        let (line, text) = lines.next().ok_or(Fault::Ends(before))??;
        let text = text.trim().trim_start_matches('\u{feff}').to_owned();
        if !text.is_empty() {
            return Ok::<_, Fault>((line, text));
        }
    };
    let (line, head) = next("its first line")?;
    let wrong = |line: usize, what: &str| Fault::Line { line, what: what.to_owned() };
    let head: Vec<Option<usize>> = head.split_whitespace().map(|one| one.parse().ok()).collect();
    let [Some(count), Some(seats)] = head.as_slice() else {
        return Err(wrong(line, "it has to be the number of candidates and that of seats"));
    };
    let (count, seats) = (*count, *seats);
    if seats == 0 {
        return Err(wrong(line, "nobody is to be elected"));
    }
    if count == 0 || count > MAX_CANDIDATES {
        return Err(wrong(line, "there have to be candidates, and at most 10,000"));
    }
    let (mut withdrawn, mut ballots) = (Vec::new(), Vec::new());
    loop {
        let (line, text) = next("the line of 0 after the ballots")?;
        let numbers: Vec<i64> = text
            .split_whitespace()
            .map(|one| {
                one.parse().map_err(|_not_one| wrong(line, "it has to be whole numbers; equal ranks are not counted"))
            })
            .collect::<Result<_, _>>()?;
        let position = |number: i64| {
            let position = usize::try_from(number).ok().filter(|number| (1..=count).contains(number));
            position.map(|number| number - 1).ok_or_else(|| wrong(line, "it names a candidate that there is not"))
        };
        match numbers.as_slice() {
            [0] => break,
            gone if gone.iter().all(|one| *one < 0) => {
                for one in gone {
                    withdrawn.push(position(one.checked_neg().unwrap_or(0))?);
                }
            }
            [weight, ranked @ .., 0] => {
                let weight =
                    u64::try_from(*weight).map_err(|_negative| wrong(line, "it begins with how many voted so"))?;
                let marks: Vec<Mark> = ranked
                    .iter()
                    .map(|one| Ok(Mark { candidate: position(*one)?, points: 1 }))
                    .collect::<Result<_, Fault>>()?;
                ballots.push(Ballot { marks, weight });
            }
            _ => return Err(wrong(line, "a ballot ends in 0")),
        }
    }
    let mut candidates = Vec::new();
    // Who has withdrawn is no candidate; the others move up, and keep their numbers.
    let mut places: Vec<Option<usize>> = Vec::new();
    for number in 1..=count {
        let (line, name) = next("the last name")?;
        let name = unquoted(&name).ok_or_else(|| wrong(line, "it has to be one name, in quotation marks"))?;
        let stands = !withdrawn.contains(&(number - 1));
        places.push(stands.then_some(candidates.len()));
        if stands {
            let wide = u64::try_from(number).unwrap_or(u64::MAX);
            candidates.push(Candidate { id: number.to_string(), name, cost: 0, number: Some(wide) });
        }
    }
    for ballot in &mut ballots {
        let marks = ballot.marks.iter().filter_map(|mark| Some(Mark { candidate: places[mark.candidate]?, ..*mark }));
        ballot.marks = marks.collect();
    }
    let title = match next("the title") {
        Ok((line, title)) => {
            unquoted(&title).ok_or_else(|| wrong(line, "the title has to be one, in quotation marks"))?
        }
        Err(Fault::Ends(_)) => String::new(),
        Err(fault) => return Err(fault),
    };
    let profile = Profile::new(Form::Ranked, candidates, ballots)?;
    let withdrawn = withdrawn.into_iter().map(|position| position + 1).collect();
    Ok(Election { title, seats, withdrawn, profile })
}

/// A text without its quotation marks; nothing where there are two on one line.
fn unquoted(text: &str) -> Option<String> {
    let inner = match text.strip_prefix('"') {
        Some(text) => text.strip_suffix('"')?,
        None => text,
    };
    let doubled = inner.replace("\"\"", "\u{0}");
    (!doubled.contains('"')).then(|| doubled.replace('\u{0}', "\""))
}

/// Writes an election as such a file, ballots that are alike on one line; names and title on one line each.
///
/// # Errors
/// What writing answers.
pub fn write(mut target: impl Write, title: &str, seats: usize, profile: &Profile) -> std::io::Result<()> {
    writeln!(target, "{} {seats}", profile.candidates().len())?;
    for ballot in profile.ballots() {
        write!(target, "{}", ballot.weight)?;
        for mark in &ballot.marks {
            write!(target, " {}", mark.candidate + 1)?;
        }
        writeln!(target, " 0")?;
    }
    writeln!(target, "0")?;
    let quoted = |text: &str| format!("\"{}\"", text.replace(['\n', '\r'], " ").replace('"', "\"\""));
    for one in profile.candidates() {
        writeln!(target, "{}", quoted(&one.name))?;
    }
    writeln!(target, "{}", quoted(title))
}
