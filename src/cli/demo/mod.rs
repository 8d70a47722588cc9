//! `folkmoot demo`: a fictitious council, made once and continued ever after.

mod deeds;
mod posters;
mod story;
mod town;
mod words;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use sha2::{Digest as _, Sha256};

use crate::accountability::promises::calendar::last_day;
use crate::app::App;
use crate::participation::challenges::queries as challenges;
use crate::participation::ideas::model::Shown;
use crate::participation::ideas::queries::{Filter, Order, list_ideas};
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::Viewer;
use crate::people::councils::queries as councils;
use crate::platform::clock::Clock;
use crate::platform::config::{Config, Settings};
use crate::platform::db::{Location, Tx};
use crate::platform::error::Result;
use crate::process::moderation::queries::{Filter as CaseFilter, list_cases};
use crate::reach::campaigns::queries::list_campaigns;
use crate::reach::demonstration::{COUNCIL, PASSWORD, RESIDENTS, STAFF, sign_in_as};
use crate::vocabulary::{IdeaState, IdeaStatus, Role};

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Address to listen on
    #[arg(long, global = true, default_value = "127.0.0.1:8080", env = "FOLKMOOT_LISTEN", hide_env_values = true)]
    listen: SocketAddr,
    /// Where the demo is kept
    // Not from the environment: it has known passwords, and must never be set up where an installation is named.
    #[arg(long, global = true, default_value = "demo-data")]
    data_dir: PathBuf,
    /// The demo on PostgreSQL instead of the embedded database
    #[arg(long, global = true)]
    database_url: Option<String>,
    /// What one may ask of it in the long run; 0 for any number
    #[arg(long, global = true)]
    requests_per_second: Option<u32>,
    /// What it calls itself, where that is not the address; passkeys need a name: http://localhost:8080
    #[arg(long, global = true)]
    public_url: Option<String>,
    /// Take sign-in providers on this very machine
    #[arg(long, global = true)]
    loopback: bool,
    /// Forget what was tried and begin again
    #[arg(long)]
    reset: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print an access token, good for ten minutes, of a role: resident, moderator, officer, analyst or admin
    Token {
        /// Whose
        role: Role,
    },
}

impl Demo {
    fn config(&self) -> anyhow::Result<Config> {
        let settings = Settings {
            listen: Some(self.listen.to_string()),
            data_dir: Some(self.data_dir.clone()),
            database_url: self.database_url.clone(),
            public_url: self.public_url.clone(),
            requests_per_second: self.requests_per_second,
            log: Some("warn".into()),
            staff_page: Some(true),
            ..Settings::default()
        };
        Ok(Config { demo: true, loopback: self.loopback, ..settings.check()? })
    }

    /// How this very demo is called again.
    fn command(&self) -> String {
        let program = std::env::current_exe().map_or_else(|_| "folkmoot".into(), |path| path.display().to_string());
        let mut command = format!("{program} demo");
        // Whole, for it may be pasted anywhere.
        let data_dir = std::path::absolute(&self.data_dir).unwrap_or_else(|_relative| self.data_dir.clone());
        for (flag, value, usual) in [
            ("--listen", self.listen.to_string(), "127.0.0.1:8080"),
            ("--data-dir", data_dir.display().to_string(), ""),
            ("--database-url", self.database_url.clone().unwrap_or_default(), ""),
            ("--public-url", self.public_url.clone().unwrap_or_default(), ""),
        ] {
            if value != usual {
                command.push_str(&format!(" {flag} '{value}'"));
            }
        }
        command
    }

    pub(super) fn run(self) -> anyhow::Result<()> {
        let config = self.config()?;
        let _logs = super::start_logs(&config);
        match self.what {
            Some(What::Token { role }) => super::block_on(async move {
                ours(&config)?;
                let listen = config.listen;
                let app = App::build(config, Clock::system()).await?;
                println!("{}", token(&app, role).await?);
                if std::net::TcpStream::connect_timeout(&listen, std::time::Duration::from_secs(1)).is_err() {
                    eprintln!(
                        "Nothing answers on {listen}, the one address that this token is good for. Name that of the \
                         running demo with --listen."
                    );
                }
                Ok(())
            }),
            None => {
                let alone = alone(&config)?;
                if self.reset {
                    super::serve::try_to_listen(config.listen)?;
                    reset(&config)?;
                }
                drop(alone);
                // What was removed is made again.
                let config = self.config()?;
                let _alone = self::alone(&config)?;
                super::block_on(serve(config, self.command()))
            }
        }
    }
}

/// The right to this demo, which nobody else has until it is dropped: a second one beside it could take it away.
fn alone(config: &Config) -> anyhow::Result<std::fs::File> {
    let place = config.data_dir.join("running");
    let file = std::fs::File::create(&place).with_context(|| format!("{} cannot be written", place.display()))?;
    file.try_lock().map_err(|_held| {
        let shown = config.data_dir.display();
        anyhow::anyhow!("The demo in {shown} is running: stop it first, or name another with --data-dir.")
    })?;
    Ok(file)
}

/// Removes the data directory of a demo, and of nothing else.
fn reset(config: &Config) -> anyhow::Result<()> {
    let Location::Sqlite(path) = &config.location else {
        anyhow::bail!("--reset is for the embedded database: empty the PostgreSQL database yourself.");
    };
    // Refuses what is no demo; what has the mark of another version is one, and cannot be opened.
    if path.exists() && mark(config).is_none() {
        super::block_on(async { App::build(config.clone(), Clock::system()).await.map(drop) })?;
    }
    std::fs::remove_dir_all(&config.data_dir)
        .with_context(|| format!("The demo in {} cannot be removed", config.data_dir.display()))
}

/// What the data of a demo are made by; data of another schema or story cannot be gone on with, for until the first
/// release there are no migrations between them.
fn version() -> String {
    let mut digest = Sha256::new();
    for text in [
        include_str!("../../../migrations/sqlite/2026-11-23-000001_baseline/up.sql"),
        include_str!("../../../migrations/postgres/2026-11-23-000001_baseline/up.sql"),
    ] {
        digest.update(text);
    }
    hex::encode(digest.finalize())
}

/// The mark of what the data of a demo were made by, where they are one's.
fn mark(config: &Config) -> Option<String> {
    let text = std::fs::read_to_string(config.data_dir.join("version")).ok()?;
    (hex::decode(&text).ok()?.len() == 32).then_some(text)
}

/// Refuses data of another version, before anything is read of them.
fn ours(config: &Config) -> anyhow::Result<()> {
    anyhow::ensure!(
        mark(config).is_none_or(|mark| mark == version()),
        "This data is of another version; run `folkmoot demo --reset`."
    );
    Ok(())
}

async fn serve(config: Config, command: String) -> anyhow::Result<()> {
    ours(&config)?;
    let place = config.data_dir.join("version");
    let app = App::build(config, Clock::system()).await?;
    let there = app.db.read(|tx| Ok(councils::find_council(tx, COUNCIL)?.is_some())).await?;
    if !there {
        let hash = app.hasher.place()?.hash(PASSWORD.into()).await?;
        let told = story::tell(&app, hash).await;
        told.map_err(|error| anyhow::anyhow!("The demo could not be loaded: {error}"))?;
        std::fs::write(&place, version()).with_context(|| format!("{} cannot be written", place.display()))?;
    }
    let tour = app.db.read(sights).await?.context("The demo is not whole: begin again with --reset.")?;
    super::serve::serve(app, move |address| greet(address, &tour, &command, !there)).await
}

/// A token of somebody of that role.
async fn token(app: &App, role: Role) -> anyhow::Result<String> {
    let for_signing = app.clone();
    let signed = app.db.write(move |tx| sign_in_as(tx, &for_signing, (role, 1))).await?;
    signed.context("There is no demo here yet: start it with `folkmoot demo`.")
}

/// What the tour leads to.
struct Sights {
    running: String,
    finished: String,
    /// Number of the idea with a commitment that is late.
    promised: String,
    /// Number and version.
    overdue: Vec<(String, i64)>,
    next: Option<Due>,
    hidden: Option<String>,
    campaign: Option<String>,
    /// The version of the case that waits longest.
    case: Option<i64>,
}

/// The idea whose answer is due next.
struct Due {
    number: String,
    day: String,
    /// Whole days until it is overdue.
    days: i64,
}

fn sights(tx: &mut Tx<'_>) -> Result<Option<Sights>> {
    let Some(council) = councils::find_council(tx, COUNCIL)? else { return Ok(None) };
    let found = challenges::list_challenges(tx, council.id, false, None, 100)?;
    let over = found.iter().find(|(_, concluded)| *concluded);
    let (Some((running, _)), Some((finished, _))) = (found.first(), over) else { return Ok(None) };
    let now = tx.now();
    let shown = |shown: &Shown| public_number(&council.idea_prefix, shown.idea.number);
    let newest = || Order::Newest(None);
    let late = Filter { overdue_at: Some(now), ..Filter::default() };
    let late = list_ideas(tx, council.id, running.id, &Viewer::Visitor, &late, newest(), 100)?;
    let waiting = Filter { status: Some(IdeaStatus::AwaitingAnswer), ..Filter::default() };
    let waiting = list_ideas(tx, council.id, running.id, &Viewer::Visitor, &waiting, newest(), 100)?;
    let next = waiting.iter().filter(|one| one.idea.answer_due_at > now).min_by_key(|one| one.idea.answer_due_at);
    let next = next.map(|one| {
        let left = one.idea.answer_due_at.micros() - now.micros();
        let day = last_day(one.idea.answer_due_at, &council.time_zone)?;
        Ok::<_, anyhow::Error>(Due { number: shown(one), day, days: left / 86_400_000_000 + 1 })
    });
    let hidden = Filter { state: Some(IdeaState::Hidden), ..Filter::default() };
    let hidden = list_ideas(tx, council.id, running.id, &Viewer::Staff, &hidden, newest(), 100)?;
    Ok(Some(Sights {
        running: running.id.to_string(),
        finished: finished.id.to_string(),
        // The first idea that the story tells is the one that was promised, and is late.
        promised: public_number(&council.idea_prefix, 1_001),
        overdue: late.iter().map(|one| (shown(one), one.idea.version)).collect(),
        next: next.transpose()?,
        // The one of the story; what a visitor of the demo had hidden before it was public is at no address.
        hidden: hidden.iter().rev().find(|one| one.idea.author_id.is_some()).map(shown),
        campaign: list_campaigns(tx, council.id, None, 100)?.last().map(|row| row.id.to_string()),
        case: list_cases(tx, council.id, &CaseFilter::open(), None, 1)?.first().map(|row| row.version),
    }))
}

fn greet(address: SocketAddr, sights: &Sights, command: &str, fresh: bool) {
    let base = format!("http://{address}");
    println!("{}", if fresh { "The demo is loaded." } else { "The demo goes on where it was." });
    println!(
        "Aldermoor Borough Council and its people are fictitious; three ideas are from Polis \"Bowling Green\" (CC BY 4.0).\n"
    );
    println!(
        "Open    {base}/\n        {base}/docs/\n        {base}/demo/mail\n        {base}/staff?council=aldermoor\n"
    );
    println!("Sign in with the password \"{PASSWORD}\" as");
    for (email, _, role) in STAFF {
        println!("        {:<10} {email}", role.as_str());
    }
    println!("        {:<10} platform@folkmoot.example, at /v1/platform/sessions", "platform");
    println!("        {:<10} resident1@aldermoor.example … resident{RESIDENTS}@aldermoor.example\n", "resident");
    let steps = tour(&base, sights, command);
    println!("A tour in {} steps, each to be pasted whole into another terminal:\n", steps.len());
    for (step, n) in steps.iter().zip(1_u8..) {
        println!("# {n}. {}\n", step.join("\n"));
    }
    println!("Stop with Ctrl-C; run again to go on, or with --reset to begin anew.");
}

/// The steps of the tour that there is still something to see in, each a heading and its lines.
fn tour(base: &str, sights: &Sights, command: &str) -> Vec<Vec<String>> {
    const JSON: &str = "-H 'content-type: application/json'";
    let (council, pages) = (format!("{base}/v1/councils/aldermoor"), format!("{base}/councils/aldermoor"));
    let Sights { running, finished, promised, overdue, next, hidden, campaign, case } = sights;
    let bearer = "-H \"authorization: Bearer $token\"";
    let late = match overdue.as_slice() {
        [] => "No answer is overdue".to_owned(),
        [(one, _)] => format!("The answer to {one} is overdue"),
        many => format!("{} answers are overdue", many.len()),
    };
    let soon = next.as_ref().map(|due| format!("; {} is due by {}", due.number, due.day)).unwrap_or_default();
    let mut steps = vec![
        vec![
            format!("A promise and how it is kept, in public. {late}{soon}."),
            format!("curl -sw '\\n' {council}/challenges/{running}/promise"),
            format!("# and in a browser {pages}/challenges/{running}"),
        ],
        vec![
            "What became of ideas: answers, commitments (one late), an outcome.".into(),
            format!("curl -sw '\\n' '{council}/feedback?limit=5'"),
            format!("curl -sw '\\n' {council}/challenges/{finished}/outcome"),
            format!("curl -sw '\\n' {council}/commitments"),
            format!("# and in a browser {pages}/challenges/{finished}/outcome and {pages}/ideas/{promised}"),
        ],
    ];
    if let Some(version) = case {
        steps.push(vec![
            "A moderator decides the case that waits longest.".into(),
            format!("token=$({command} token moderator)"),
            format!("case=$(curl -s {council}/cases {bearer} | grep -o '\"id\":\"[^\"]*' | head -1 | cut -c7-)"),
            format!("curl -sw '\\n' -X POST {council}/cases/$case/decision {bearer} -H 'if-match: \"{version}\"' \\"),
            format!("     {JSON} -d '{{\"decision\":\"publish\"}}'"),
        ]);
    }
    if let Some(hidden) = hidden {
        steps.push(vec![
            format!(
                "What was taken down keeps its place and says on which ground: {hidden}. Its author was told more."
            ),
            format!("curl -sw '\\n' {council}/ideas/{hidden}"),
            format!("# and in a browser {pages}/ideas/{hidden}"),
        ]);
    }
    if let Some((overdue, version)) = overdue.first() {
        steps.push(vec![
            "An officer answers an overdue idea; its author and its supporters get a mail.".into(),
            format!("token=$({command} token officer)"),
            format!("curl -sw '\\n' -X POST {council}/ideas/{overdue}/answers {bearer} -H 'if-match: \"{version}\"' \\"),
            format!("     {JSON} \\"),
            "     -d '{\"kind\":\"out_of_scope\",\"office\":\"Director of Place\",\"reason\":\"This is for the county to decide; we have passed this on to them.\"}'".into(),
        ]);
    }
    if let Some(campaign) = campaign {
        steps.push(vec![
            "What the posters at bus shelters brought. Counts under ten are withheld, for they could tell of one person.".into(),
            format!("token=$({command} token analyst)"),
            format!("curl -sw '\\n' {council}/campaigns/{campaign} {bearer}"),
        ]);
    }
    if let Some(Due { number, days, .. }) = next {
        let pass = if *days == 1 { "One day passes".to_owned() } else { format!("{days} days pass") };
        steps.push(vec![
            format!("{pass}: the answer to {number} is overdue, and the officers are told."),
            format!("curl -sw '\\n' -X POST {base}/v1/demo/clock {JSON} -d '{{\"advance\":\"P{days}D\"}}'"),
            format!("# and in a browser {base}/demo/mail"),
        ]);
    }
    steps.push(vec![
        "Everything that happened in public, in one order, and the pages behind the links.".into(),
        format!("curl -sw '\\n' '{council}/changes?after=0&limit=500'"),
        format!("# and in a browser {base}/docs/"),
    ]);
    steps
}
