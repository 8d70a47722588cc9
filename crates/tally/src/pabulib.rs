//! Elections as files of Pabulib, the library of participatory budgets.
//!
//! Format: Stolicki, Szufa and Talmon, *Pabulib: A Participatory Budgeting Library* (arXiv 2012.06539): three sections of
//! semicolon-separated values, `META`, `PROJECTS` and `VOTES`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Read, Write};

use thiserror::Error;

use crate::profile::{self, Ballot, Candidate, Form, Mark, Profile};

/// The most decimal places that money may have.
const MAX_DECIMALS: usize = 6;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a file is none that can be counted.
#[derive(Debug, Error)]
pub enum Fault {
    /// It is not the text that it should be.
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] csv::Error),
    /// Nothing can be written there.
    #[error("the file cannot be written: {0}")]
    Unwritable(#[from] std::io::Error),
    /// A line is wrong.
    #[error("line {line}: {what}")]
    Line {
        /// Which, from 1.
        line: u64,
        /// What is wrong.
        what: String,
    },
    /// Something is not there.
    #[error("{0}")]
    Missing(String),
    /// What is there cannot be counted.
    #[error(transparent)]
    Uncountable(#[from] profile::Fault),
}

/// An election as such a file has it. Who voters are (age, sex, district) is not read.
#[derive(Clone, Debug)]
pub struct Election {
    /// What its first section says, by name.
    pub meta: BTreeMap<String, String>,
    /// In the smallest unit of money.
    pub budget: u64,
    /// How many of them are a whole unit: 100 where the file has two decimal places.
    pub unit: u64,
    /// Projects and ballots.
    pub profile: Profile,
    /// Whatever else the file says of each project, by name.
    pub projects: Vec<BTreeMap<String, String>>,
}

impl Election {
    /// The rule by which it was held, as the file names it.
    pub fn rule(&self) -> Option<&str> {
        self.meta.get("rule").map(String::as_str)
    }
}

/// Rows of a section by the names of its columns.
struct Section {
    names: Vec<String>,
    rows: Vec<(u64, csv::StringRecord)>,
}

impl Section {
    fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|one| one == name)
    }

    fn needed(&self, name: &str, section: &str) -> Result<usize, Fault> {
        self.column(name).ok_or_else(|| Fault::Missing(format!("{section} has no column {name}")))
    }
}

/// Reads an election.
///
/// # Errors
/// What is wrong with the file, with its line where there is one.
pub fn read(source: impl Read) -> Result<Election, Fault> {
    let mut sections = sections(source)?;
    let mut take = |name: &str| sections.remove(name).ok_or_else(|| Fault::Missing(format!("there is no {name}")));
    let (meta, projects, votes) = (take("META")?, take("PROJECTS")?, take("VOTES")?);
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for (line, row) in &meta.rows {
        let name = field(row, 0).to_lowercase();
        if known.insert(name.clone(), field(row, 1).to_owned()).is_some() {
            return Err(fault(*line, format!("META says the {name} twice")));
        }
    }
    let meta = known;
    let said = |name: &str| meta.get(name).ok_or_else(|| Fault::Missing(format!("META does not say the {name}")));
    let form = match said("vote_type")?.as_str() {
        "approval" | "choose-1" => Form::Approval,
        "cumulative" => Form::Points,
        "scoring" => Form::Score,
        "ordinal" => Form::Ranked,
        other => return Err(Fault::Missing(format!("the vote_type {other} cannot be counted"))),
    };
    for (name, counted) in [("num_projects", projects.rows.len()), ("num_votes", votes.rows.len())] {
        if let Some(told) = meta.get(name).filter(|told| told.parse() != Ok(counted)) {
            return Err(Fault::Missing(format!(
                "META says {name} {told}, and there are {counted}: is the file whole?"
            )));
        }
    }
    let (id, cost) = (projects.needed("project_id", "PROJECTS")?, projects.needed("cost", "PROJECTS")?);
    let mut money: Vec<(u64, &str)> = projects.rows.iter().map(|(line, row)| (*line, field(row, cost))).collect();
    money.push((0, said("budget")?));
    let decimals =
        money.iter().map(|(_, text)| decimals(text)).filter(|places| *places <= MAX_DECIMALS).max().unwrap_or(0);
    let amounts: Vec<u64> = money
        .iter()
        .map(|(line, text)| {
            amount(text, decimals).ok_or_else(|| fault(*line, format!("{text:?} is no amount that can be counted")))
        })
        .collect::<Result<_, _>>()?;
    let name = projects.column("name");
    let mut candidates = Vec::new();
    for ((_, row), cost) in projects.rows.iter().zip(&amounts) {
        let id = field(row, id).to_owned();
        let name = name.map(|name| field(row, name)).filter(|name| !name.is_empty());
        candidates.push(Candidate {
            name: name.map_or_else(|| id.clone(), str::to_owned),
            id,
            cost: *cost,
            number: None,
        });
    }
    let told = |row: &csv::StringRecord| {
        projects.names.iter().zip(row).map(|(name, field)| (name.clone(), field.to_owned())).collect()
    };
    let told = projects.rows.iter().map(|(_, row)| told(row)).collect();
    let ballots = ballots(&votes, form, &candidates)?;
    let budget = amounts.last().copied().unwrap_or(0);
    let unit = 10_u64.pow(u32::try_from(decimals).unwrap_or(0));
    let places = match meta.get("max_length").map(|places| places.parse::<u64>()) {
        Some(Ok(places)) if form == Form::Ranked => places,
        Some(Err(_)) => return Err(Fault::Missing("META has a max_length that is no number".into())),
        _ => u64::try_from(candidates.len()).unwrap_or(u64::MAX),
    };
    let profile = Profile::with_places(form, candidates, ballots, places)?;
    Ok(Election { meta, budget, unit, profile, projects: told })
}

fn fault(line: u64, what: String) -> Fault {
    if line == 0 { Fault::Missing(format!("META: {what}")) } else { Fault::Line { line, what } }
}

fn field(row: &csv::StringRecord, at: usize) -> &str {
    row.get(at).unwrap_or_default().trim()
}

fn sections(mut source: impl Read) -> Result<HashMap<String, Section>, Fault> {
    let mut bytes = Vec::new();
    source.read_to_end(&mut bytes)?;
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').has_headers(false).flexible(true).from_reader(text);
    let mut sections: HashMap<String, Section> = HashMap::new();
    let (mut current, mut named) = (None, false);
    for row in reader.records() {
        let row = row?;
        let line = row.position().map_or(0, csv::Position::line);
        let title = field(&row, 0).to_uppercase();
        if row.len() == 1 && ["META", "PROJECTS", "VOTES"].contains(&title.as_str()) {
            if sections.contains_key(&title) {
                return Err(Fault::Line { line, what: format!("{title} is there twice") });
            }
            sections.insert(title.clone(), Section { names: Vec::new(), rows: Vec::new() });
            (current, named) = (Some(title), false);
            continue;
        }
        let Some(section) = current.as_ref().and_then(|title| sections.get_mut(title)) else {
            return Err(Fault::Line { line, what: "the file has to begin with META".into() });
        };
        if !std::mem::replace(&mut named, true) {
            section.names = row.iter().map(|name| name.trim().to_lowercase()).collect();
        } else if row.iter().any(|field| !field.trim().is_empty()) {
            section.rows.push((line, row));
        }
    }
    Ok(sections)
}

fn ballots(votes: &Section, form: Form, candidates: &[Candidate]) -> Result<Vec<Ballot>, Fault> {
    let vote = votes.needed("vote", "VOTES")?;
    let points = match form {
        Form::Points | Form::Score => Some(votes.needed("points", "VOTES")?),
        Form::Approval | Form::Ranked => None,
    };
    let known: HashMap<&str, usize> = candidates.iter().enumerate().map(|(n, one)| (one.id.as_str(), n)).collect();
    let listed = |text: &str| -> Vec<String> {
        text.split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
    };
    let mut ballots = Vec::with_capacity(votes.rows.len());
    let voter = votes.column("voter_id");
    let mut voters = HashSet::new();
    for (line, row) in &votes.rows {
        let id = voter.map_or("", |voter| field(row, voter));
        if !id.is_empty() && !voters.insert(id) {
            return Err(fault(*line, format!("the voter {id:?} is there twice")));
        }
        let ids = listed(field(row, vote));
        let given: Vec<u64> = match points {
            None => vec![1; ids.len()],
            Some(points) => listed(field(row, points))
                .iter()
                .map(|one| one.parse().map_err(|_not_one| fault(*line, format!("{one:?} is no number of points"))))
                .collect::<Result<_, _>>()?,
        };
        if given.len() != ids.len() {
            return Err(fault(*line, format!("{} projects and {} points", ids.len(), given.len())));
        }
        if let Some(twice) = ids.iter().enumerate().find_map(|(n, id)| ids.iter().take(n).find(|one| *one == id)) {
            return Err(fault(*line, format!("it marks {twice:?} twice")));
        }
        let mark = |(id, points): (&String, u64)| {
            let candidate = known.get(id.as_str()).copied();
            let candidate = candidate.ok_or_else(|| fault(*line, format!("there is no project {id:?}")))?;
            Ok::<Mark, Fault>(Mark { candidate, points })
        };
        ballots.push(Ballot { marks: ids.iter().zip(given).map(mark).collect::<Result<_, _>>()?, weight: 1 });
    }
    Ok(ballots)
}

fn decimals(text: &str) -> usize {
    text.split_once('.').map_or(0, |(_, after)| after.trim_end_matches('0').len())
}

/// An amount in the unit that so many decimal places make.
fn amount(text: &str, decimals: usize) -> Option<u64> {
    let (whole, after) = text.split_once('.').unwrap_or((text, ""));
    let after = after.trim_end_matches('0');
    let digits = |text: &str| text.bytes().all(|one| one.is_ascii_digit());
    if after.len() > decimals || whole.is_empty() || !digits(whole) || !digits(after) {
        return None;
    }
    format!("{whole}{after:0<decimals$}").parse().ok().filter(|amount| *amount <= profile::MAX_COST)
}

/// Writes an election as such a file: what its first section says beside what follows from the rest, then projects with cost, votes (and points), then
/// a line for each voter, in the order of what they say and numbered so: who came first is not told.
///
/// # Errors
/// Where an id cannot stand in such a file, and what writing answers.
pub fn write(
    target: impl Write,
    meta: &[(&str, &str)],
    budget: u64,
    unit: u64,
    profile: &Profile,
) -> Result<(), Fault> {
    let ids: Vec<&str> = profile.candidates().iter().map(|one| one.id.as_str()).collect();
    if let Some(id) = ids.iter().find(|id| id.contains(',') || id.trim() != **id || id.is_empty()) {
        return Err(Fault::Missing(format!("the id {id:?} cannot stand in such a file")));
    }
    let mut rows = csv::WriterBuilder::new().delimiter(b';').flexible(true).from_writer(target);
    let (kind, pointed) = match profile.form() {
        Form::Approval => ("approval", false),
        Form::Points => ("cumulative", true),
        Form::Score => ("scoring", true),
        Form::Ranked => ("ordinal", false),
    };
    rows.write_record(["META"])?;
    rows.write_record(["key", "value"])?;
    for (key, value) in meta {
        rows.write_record([key, value])?;
    }
    rows.write_record(["num_projects", &ids.len().to_string()])?;
    rows.write_record(["num_votes", &profile.voters().to_string()])?;
    rows.write_record(["budget", &money(budget, unit)])?;
    rows.write_record(["vote_type", kind])?;
    if profile.form() == Form::Ranked {
        rows.write_record(["max_length", &profile.places().to_string()])?;
    }
    rows.write_record(["PROJECTS"])?;
    let scored = profile.form() != Form::Approval;
    let mut names = vec!["project_id", "cost", "votes"];
    names.extend(scored.then_some("score"));
    names.push("name");
    rows.write_record(&names)?;
    let (supporters, totals) = (profile.supporters(), profile.totals());
    for (n, one) in profile.candidates().iter().enumerate() {
        let mut row = vec![one.id.clone(), money(one.cost, unit), supporters[n].to_string()];
        row.extend(scored.then(|| totals[n].to_string()));
        row.push(one.name.clone());
        rows.write_record(&row)?;
    }
    rows.write_record(["VOTES"])?;
    let mut names = vec!["voter_id", "vote"];
    names.extend(pointed.then_some("points"));
    rows.write_record(&names)?;
    let mut voter = 0_u64;
    for ballot in profile.ballots() {
        let chosen: Vec<&str> = ballot.marks.iter().map(|mark| ids[mark.candidate]).collect();
        let points: Vec<String> = ballot.marks.iter().map(|mark| mark.points.to_string()).collect();
        for _ in 0..ballot.weight {
            voter += 1;
            let mut row = vec![voter.to_string(), chosen.join(",")];
            row.extend(pointed.then(|| points.join(",")));
            rows.write_record(&row)?;
        }
    }
    rows.flush()?;
    Ok(())
}

/// An amount as such files have it.
pub fn money(amount: u64, unit: u64) -> String {
    let decimals = unit.checked_ilog10().map_or(0, |decimals| usize::try_from(decimals).unwrap_or(0));
    match decimals {
        0 => amount.to_string(),
        _ => format!("{}.{:0decimals$}", amount / unit, amount % unit),
    }
}
