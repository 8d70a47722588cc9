//! `folkmoot tally`: counts a file of ballots, offline.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use comfy_table::{CellAlignment, ContentArrangement, Table, presets};
use folkmoot_tally::count::votes;
use folkmoot_tally::equal_shares::{Completion, Utility};
use folkmoot_tally::pabulib::money;
use folkmoot_tally::{BrokenBy, Form, Means, Profile, Rule, Step, Tie, TieOrder, Told, blt, count, pabulib};
use serde_json::json;

use super::progress::spinner;
use super::say;

/// Count a .pb file of Pabulib or a .blt file, on this machine and with nothing else
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  folkmoot tally amsterdam.pb --rule equal_shares           with add1, as elections have been held\n  folkmoot tally ward.blt --seats 4                         Scottish STV\n  folkmoot tally amsterdam.pb --json | jq .winners"
)]
pub(super) struct Tally {
    /// The file; which of the two it is follows from what is in it
    file: PathBuf,
    /// What to count by; what the file says by default, and a .blt file is counted by stv
    #[arg(long, value_enum)]
    rule: Option<RuleName>,
    /// How Equal Shares spends what is left [default: add1, or what the file says]
    #[arg(long, value_enum)]
    completion: Option<CompletionName>,
    /// What a project is worth to whoever votes for it, for Equal Shares [default: cost]
    #[arg(long, value_enum)]
    utility: Option<UtilityName>,
    /// Let the greedy outcome win over Equal Shares where more voters have more of it
    #[arg(long)]
    comparison: bool,
    /// How many win, where that does not follow from the money [default: what the file says, or 1]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    seats: Option<u32>,
    /// By what ties are broken; ids are the last word
    #[arg(long, value_enum, default_value_t = TiesName::MoreVotes)]
    ties: TiesName,
    /// What lots are drawn with, for --ties drawn_lots
    #[arg(long)]
    seed: Option<String>,
    /// Print JSON: winners, rounds and ties_broken by the ids of the file. Money is in the smallest unit, of which `unit` are a whole one;
    /// transferred votes are in hundred-thousandths
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum RuleName {
    /// By votes for as long as there is money; what costs too much is passed over
    Greedy,
    /// The same, and over at the first that costs too much
    GreedyNoSkip,
    /// From the shares of those who voted for it
    EqualShares,
    /// Scottish single transferable vote
    Stv,
    /// Instant runoff
    Irv,
    /// Points by place
    Borda,
    /// The strongest chains of preferences
    Schulze,
    /// Votes
    Count,
    /// Points
    Sum,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum CompletionName {
    None,
    Add1,
    Add1u,
    Utilitarian,
    Phragmen,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum UtilityName {
    Cost,
    Cardinality,
    Score,
    Borda,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum TiesName {
    LowerCost,
    MoreVotes,
    EarlierSubmission,
    Lexicographic,
    DrawnLots,
}

/// A file of ballots, whichever it is.
struct Election {
    title: String,
    profile: Profile,
    budget: Option<u64>,
    unit: u64,
    seats: Option<usize>,
    rule: Option<String>,
}

impl Tally {
    /// Counts and prints.
    ///
    /// # Errors
    /// Where the file cannot be read or counted, and what to do.
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let election = read(&self.file).with_context(|| self.file.display().to_string())?;
        let (rule, told_rule) = self.rule(&election)?;
        let seats = self.seats.and_then(|seats| usize::try_from(seats).ok()).or(election.seats).unwrap_or(1);
        let order = match (self.ties, &self.seed) {
            (TiesName::DrawnLots, Some(seed)) => TieOrder::DrawnLots(seed.clone()),
            (TiesName::DrawnLots, None) => bail!("Say what lots are drawn with: --seed."),
            (_, Some(_)) => bail!("--seed goes with --ties drawn_lots only."),
            (TiesName::LowerCost, None) => TieOrder::LowerCost,
            (TiesName::MoreVotes, None) => TieOrder::MoreVotes,
            (TiesName::EarlierSubmission, None) => TieOrder::EarlierSubmission,
            (TiesName::Lexicographic, None) => TieOrder::Lexicographic,
        };
        let seated = matches!(rule, Rule::Totals | Rule::Stv | Rule::Schulze);
        if self.seats.is_some() && !seated {
            bail!("--seats goes with stv, schulze, borda, count and sum only.");
        }
        if let (Rule::Greedy | Rule::GreedyNoSkip | Rule::EqualShares { .. }, None) = (rule, election.budget) {
            bail!(
                "{told_rule} needs costs and a budget, and this file has none. Count it by stv, irv, borda or schulze."
            );
        }
        let means = Means { budget: election.budget.unwrap_or(0), unit: election.unit, seats, order };
        let busy = spinner("Counting");
        let progress = |raised| busy.set_message(format!("Counting, share raised {raised} times"));
        let told = count(&election.profile, rule, &means, progress)?;
        busy.finish_and_clear();
        if self.json {
            let mut document = json!({ "rule": told_rule, "ties": means.order.name() });
            let counted = serde_json::to_value(&told)?;
            if let (Some(document), Some(counted)) = (document.as_object_mut(), counted.as_object()) {
                if let Some(budget) = election.budget {
                    document.extend([("budget".into(), budget.into()), ("unit".into(), election.unit.into())]);
                }
                document.extend(seated.then(|| ("seats".into(), seats.into())));
                document.extend(counted.clone());
            }
            say(&format!("{document}\n"))
        } else {
            say(&text(&election, &told_rule, &means, &told))
        }
    }

    /// What to count by, and its name.
    fn rule(&self, election: &Election) -> anyhow::Result<(Rule, String)> {
        let held = |rule: &str| -> anyhow::Result<(RuleName, Option<CompletionName>)> {
            let unknown = || {
                anyhow::anyhow!("The file was counted by a rule of its own, {rule}. Say by what to count it: --rule.")
            };
            match rule.split_once('/').map_or((rule, None), |(rule, completion)| (rule, Some(completion))) {
                ("greedy", None) => Ok((RuleName::Greedy, None)),
                ("greedy-no-skip", None) => Ok((RuleName::GreedyNoSkip, None)),
                ("equalshares", completion) => {
                    let completion = CompletionName::from_str(completion.unwrap_or("none"), true);
                    Ok((RuleName::EqualShares, Some(completion.map_err(|_unknown| unknown())?)))
                }
                ("unknown", None) => bail!("The file does not know by what rule it was counted. Say it: --rule."),
                _ => Err(unknown()),
            }
        };
        let (name, said) = match (self.rule, election.rule.as_deref()) {
            (Some(RuleName::EqualShares), Some(rule)) => {
                (RuleName::EqualShares, held(rule).ok().and_then(|(_, completion)| completion))
            }
            (Some(name), _) => (name, None),
            (None, None) => (RuleName::Stv, None),
            (None, Some(rule)) => held(rule)?,
        };
        let given = [
            ("--completion", self.completion.is_some()),
            ("--utility", self.utility.is_some()),
            ("--comparison", self.comparison),
        ];
        if let (true, Some((option, _))) = (name != RuleName::EqualShares, given.iter().find(|(_, given)| *given)) {
            bail!("{option} goes with equal_shares only.");
        }
        let completion = match self.completion.or(said).unwrap_or(CompletionName::Add1) {
            CompletionName::None => Completion::None,
            CompletionName::Add1 => Completion::Add1,
            CompletionName::Add1u => Completion::Add1u,
            CompletionName::Utilitarian => Completion::Utilitarian,
            CompletionName::Phragmen => Completion::Phragmen,
        };
        let utility_name = self.utility.unwrap_or(UtilityName::Cost);
        let utility = match utility_name {
            UtilityName::Cost => Utility::Cost,
            UtilityName::Cardinality => Utility::Cardinality,
            UtilityName::Score => Utility::Score,
            UtilityName::Borda => Utility::Borda,
        };
        let (rule, wanted) = match name {
            RuleName::Greedy => (Rule::Greedy, None),
            RuleName::GreedyNoSkip => (Rule::GreedyNoSkip, None),
            RuleName::EqualShares => (Rule::EqualShares { utility, completion, comparison: self.comparison }, None),
            RuleName::Stv => (Rule::Stv, Some([Form::Ranked, Form::Ranked])),
            RuleName::Irv => (Rule::Irv, Some([Form::Ranked, Form::Ranked])),
            RuleName::Schulze => (Rule::Schulze, Some([Form::Ranked, Form::Ranked])),
            RuleName::Borda => (Rule::Totals, Some([Form::Ranked, Form::Ranked])),
            RuleName::Count => (Rule::Totals, Some([Form::Approval, Form::Approval])),
            RuleName::Sum => (Rule::Totals, Some([Form::Points, Form::Score])),
        };
        let form = election.profile.form();
        let named = |value: &dyn Fn() -> Option<clap::builder::PossibleValue>| {
            value().map_or_else(String::new, |value| value.get_name().to_owned())
        };
        let told = named(&|| name.to_possible_value());
        if wanted.is_some_and(|wanted| !wanted.contains(&form))
            || folkmoot_tally::count::fits(rule, &election.profile).is_err()
        {
            let by = match name {
                RuleName::EqualShares => format!("{told} with this utility and completion"),
                _ => told,
            };
            bail!("These ballots {}, and cannot be counted by {by}. They can by {}.", form.verb(), countable(form));
        }
        let told = match rule {
            Rule::EqualShares { .. } => {
                let completion = self.completion.or(said).unwrap_or(CompletionName::Add1);
                let comparison = if self.comparison { "/comparison" } else { "" };
                format!(
                    "{told}/{}/{}{comparison}",
                    named(&|| completion.to_possible_value()),
                    named(&|| utility_name.to_possible_value())
                )
            }
            _ => told,
        };
        Ok((rule, told))
    }
}

fn countable(form: Form) -> &'static str {
    match form {
        Form::Approval => "count, greedy, greedy_no_skip and equal_shares",
        Form::Points | Form::Score => "sum, greedy, greedy_no_skip and equal_shares",
        Form::Ranked => {
            "stv, irv, schulze and borda, and where there is money by greedy, greedy_no_skip and equal_shares"
        }
    }
}

/// What a file says, as a terminal may show it.
fn shown(text: &str) -> String {
    text.chars().map(|one| if one.is_control() { char::REPLACEMENT_CHARACTER } else { one }).collect()
}

fn read(path: &Path) -> anyhow::Result<Election> {
    let mut file = File::open(path)?;
    let mut head = [0; 64];
    let length = file.read(&mut head)?;
    file.rewind()?;
    let head = String::from_utf8_lossy(head.get(..length).unwrap_or_default()).to_uppercase();
    let named = || path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if head.trim_start_matches(['\u{feff}', ' ', '\r', '\n']).starts_with("META") {
        let pabulib::Election { meta, budget, unit, profile, .. } = pabulib::read(file)?;
        let title = meta.get("description").cloned().unwrap_or_else(named);
        let rule = Some(meta.get("rule").cloned().unwrap_or_else(|| "unknown".into()));
        return Ok(Election { title, profile, budget: Some(budget), unit, seats: None, rule });
    }
    let blt::Election { title, seats, profile, .. } = blt::read(BufReader::new(file))?;
    let title = if title.is_empty() { named() } else { title };
    Ok(Election { title, profile, budget: None, unit: 1, seats: Some(seats), rule: None })
}

/// A table of the rounds, and who won.
fn text(election: &Election, rule: &str, means: &Means, told: &Told) -> String {
    let Election { title, profile, unit, .. } = election;
    let name = |id: &str| {
        let found = profile.candidates().iter().find(|one| one.id == id && one.name != id);
        let name: Option<String> = found.map(|one| one.name.chars().take(50).collect());
        name.map_or_else(|| shown(id), |name| shown(&format!("{id} {name}")))
    };
    let mut lines = vec![
        shown(title),
        format!(
            "{} candidates, {} voters; counted by {rule}, ties by {}.",
            profile.candidates().len(),
            told.voters,
            means.order.name()
        ),
    ];
    if let Some(share) = told.share {
        lines.push(format!("Each voter began with {} of {}.", share_of(share, *unit), money(means.budget, *unit)));
    }
    if let Some(quota) = told.quota {
        lines.push(format!("{quota} votes elect."));
    }
    lines.extend(stages(told, &name).unwrap_or_else(|| vec![table(told, &name, *unit)]));
    lines.extend(told.ties_broken.iter().map(|tie| tie_told(tie, &name)));
    if let Some(compared) = &told.compared {
        lines.push(format!(
            "{} voters have more of Equal Shares, {} of greedy.",
            compared.prefer_equal_shares, compared.prefer_greedy
        ));
    }
    lines.push(format!("{} won:", told.winners.len()));
    lines.extend(told.winners.iter().map(|id| format!("  {}", name(id))));
    lines.push(String::new());
    lines.join("\n")
}

fn tie_told(tie: &Tie, name: &dyn Fn(&str) -> String) -> String {
    let tied: Vec<String> = tie.tied.iter().map(|one| name(one)).collect();
    let by = match tie.by {
        BrokenBy::Order => "by the published order".to_owned(),
        BrokenBy::EarlierRound(round) => format!("by round {round}"),
    };
    format!(
        "Tie in round {}: {}. Chosen, to come first or to drop out, {by}: {}.",
        tie.round,
        tied.join(", "),
        name(&tie.chosen)
    )
}

fn share_of(share: folkmoot_tally::Share, unit: u64) -> String {
    if unit == 1 { share.to_string() } else { money(share.floor(), unit) }
}

fn bare() -> Table {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table
}

/// A line for each step.
fn table(told: &Told, name: &dyn Fn(&str) -> String, unit: u64) -> String {
    let mut table = bare();
    table.set_header(["", "candidate", "what came of it", "figures"]);
    for (n, step) in told.rounds.iter().enumerate() {
        let (candidate, what, figures) = row(step, name, unit);
        table.add_row([(n + 1).to_string(), candidate, what, figures]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.trim_fmt()
}

/// Transferable votes: a column for each stage, and below what happened at it. Nothing where votes were not transferred.
fn stages(told: &Told, name: &dyn Fn(&str) -> String) -> Option<Vec<String>> {
    let Some(Step::Stage { votes: first, .. }) = told.rounds.first() else { return None };
    let mut table = bare();
    let numbers = (1..=told.rounds.len()).map(|stage| stage.to_string());
    table.set_header(std::iter::once("stage".to_owned()).chain(numbers));
    let mut ids: Vec<&String> = first.keys().collect();
    ids.sort_by_key(|id| (std::cmp::Reverse(first[*id]), *id));
    type Figure<'a> = Box<dyn Fn(&Step) -> Option<u64> + 'a>;
    let mut rows: Vec<(String, Figure<'_>)> = Vec::new();
    for id in ids {
        let has = move |step: &Step| match step {
            Step::Stage { votes, .. } => votes.get(id).copied(),
            _ => None,
        };
        rows.push((name(id), Box::new(has)));
    }
    let exhausted = |step: &Step| if let Step::Stage { exhausted, .. } = step { Some(*exhausted) } else { None };
    let lost = |step: &Step| if let Step::Stage { lost, .. } = step { Some(*lost) } else { None };
    rows.push(("exhausted".into(), Box::new(exhausted)));
    rows.push(("lost by truncating".into(), Box::new(lost)));
    for (who, figure) in rows {
        let cells = told.rounds.iter().map(|step| figure(step).map_or_else(String::new, votes));
        table.add_row(std::iter::once(who).chain(cells));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut lines = vec![table.trim_fmt()];
    for (n, step) in told.rounds.iter().enumerate() {
        let Step::Stage { elected, next, surplus, .. } = step else { continue };
        let elected = elected.iter().map(|one| format!("{} is elected", name(one)));
        let next = next.iter().map(|next| match surplus {
            Some(surplus) => format!("the surplus of {} is transferred: {}", name(next), votes(*surplus)),
            None => format!("{} drops out", name(next)),
        });
        let happened: Vec<String> = elected.chain(next).collect();
        lines.push(format!(
            "Stage {}: {}.",
            n + 1,
            if happened.is_empty() { "over".into() } else { happened.join("; ") }
        ));
    }
    Some(lines)
}

/// Who a step is about, what came of it, and on what figures.
fn row(step: &Step, name: &dyn Fn(&str) -> String, unit: u64) -> (String, String, String) {
    use folkmoot_tally::greedy::Turn;
    let amount = |amount: u64| money(amount, unit);
    match step {
        Step::Total { candidate, total, supporters, wins, .. } => {
            (name(candidate), if *wins { "wins" } else { "" }.into(), format!("{total} by {supporters}"))
        }
        Step::Turn { candidate, total, cost, left, turn } => {
            let what = match turn {
                Turn::Funded => "paid for",
                Turn::Skipped => "costs more than is left",
                Turn::Stopped => "costs more than is left: over",
            };
            (name(candidate), what.into(), format!("{total}; costs {}, {} left", amount(*cost), amount(*left)))
        }
        Step::Purchase { candidate, cost, payers, most, had } => (
            name(candidate),
            "paid for by its supporters".into(),
            format!(
                "costs {}; {payers} pay, {} at most; they had {}",
                amount(*cost),
                share_of(*most, unit),
                share_of(*had, unit)
            ),
        ),
        Step::Unfunded { candidate, cost, left } => (
            name(candidate),
            "not by its supporters".into(),
            format!("costs {}; they had {} left", amount(*cost), share_of(*left, unit)),
        ),
        Step::Earned { candidate, cost, load } => (
            name(candidate),
            "paid for of what is left".into(),
            format!("costs {}; each has earned {}", amount(*cost), share_of(*load, unit)),
        ),
        // They have a table of their own.
        Step::Stage { .. } => Default::default(),
        Step::Rank { candidate, beats, preferred, .. } => {
            let preferred: Vec<String> = preferred.iter().map(|(id, by)| format!("{id}: {by}")).collect();
            (name(candidate), format!("beats {beats}"), format!("preferred to {}", preferred.join(", ")))
        }
    }
}
