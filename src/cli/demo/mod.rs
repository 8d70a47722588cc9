//! `folkmoot demo`: a fictitious council with real wording, made once and continued ever after.

mod story;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::app::App;
use crate::participation::challenges::queries as challenges;
use crate::participation::ideas::queries::{Filter, Order, list_ideas};
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::Viewer;
use crate::people::councils::queries as councils;
use crate::platform::clock::Clock;
use crate::platform::config::{Config, Settings};
use crate::platform::db::{Location, Tx};
use crate::platform::error::Result;
use crate::reach::demonstration::{COUNCIL, PASSWORD, STAFF, sign_in_as};
use crate::vocabulary::Role;

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
                let app = App::build(config, Clock::system()).await?;
                println!("{}", token(&app, role).await?);
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
    if path.exists() {
        // Refuses what is no demo.
        super::block_on(async { App::build(config.clone(), Clock::system()).await.map(drop) })?;
    }
    std::fs::remove_dir_all(&config.data_dir)
        .with_context(|| format!("The demo in {} cannot be removed", config.data_dir.display()))
}

async fn serve(config: Config, command: String) -> anyhow::Result<()> {
    let app = App::build(config, Clock::system()).await?;
    let there = app.db.read(|tx| Ok(councils::find_council(tx, COUNCIL)?.is_some())).await?;
    if !there {
        let hash = app.hasher.place()?.hash(PASSWORD.into()).await?;
        let told = story::tell(&app, hash).await;
        told.map_err(|error| anyhow::anyhow!("The demo could not be loaded: {error}"))?;
    }
    let tour = app.db.read(sights).await?.context("The demo is not whole: begin again with --reset.")?;
    super::serve::serve(app, move |address| greet(address, &tour, &command, !there)).await
}

/// A token of somebody of that role.
async fn token(app: &App, role: Role) -> anyhow::Result<String> {
    let for_signing = app.clone();
    let signed = app.db.write(move |tx| sign_in_as(tx, &for_signing, role)).await?;
    signed.context("There is no demo here yet: start it with `folkmoot demo`.")
}

/// What the tour leads to.
struct Sights {
    running: String,
    finished: String,
    overdue: String,
    late: usize,
}

fn sights(tx: &mut Tx<'_>) -> Result<Option<Sights>> {
    let Some(council) = councils::find_council(tx, COUNCIL)? else { return Ok(None) };
    let found = challenges::list_challenges(tx, council.id, false, None, 100)?;
    let (Some((running, _)), Some((finished, _))) = (found.first(), found.last()) else { return Ok(None) };
    let late = Filter { overdue_at: Some(tx.now()), ..Filter::default() };
    let order = Order::Newest(None);
    let late = list_ideas(tx, council.id, running.id, &Viewer::Visitor, &late, order, 100)?;
    let overdue = late.first().map(|shown| public_number(&council.idea_prefix, shown.idea.number));
    Ok(Some(Sights {
        running: running.id.to_string(),
        finished: finished.id.to_string(),
        overdue: overdue.unwrap_or_else(|| public_number(&council.idea_prefix, 1013)),
        late: late.len(),
    }))
}

fn greet(address: SocketAddr, tour: &Sights, command: &str, fresh: bool) {
    let base = format!("http://{address}");
    let (council, pages) = (format!("{base}/v1/councils/aldermoor"), format!("{base}/councils/aldermoor"));
    let Sights { running, finished, overdue, late } = tour;
    println!("{}", if fresh { "The demo is loaded." } else { "The demo goes on where it was." });
    println!("Aldermoor Borough Council is fictitious; its ideas are from Polis \"Bowling Green\" (CC BY 4.0).\n");
    println!("Open    {base}/\n        {base}/docs/\n        {base}/demo/mail\n");
    println!("Sign in with the password \"{PASSWORD}\" as");
    for (email, _, role) in STAFF {
        println!("        {:<10} {email}", role.as_str());
    }
    println!("        {:<10} platform@folkmoot.example, at /v1/platform/sessions", "platform");
    println!("        {:<10} resident1@aldermoor.example … resident45@aldermoor.example\n", "resident");
    println!("A tour in six steps, to paste one after the other into another terminal:\n");
    let late = if *late == 1 { "One answer is overdue.".to_owned() } else { format!("{late} answers are overdue.") };
    println!("1. A promise and how it is kept, in public. {late}");
    println!("   curl -s {council}/challenges/{running}/promise\n");
    println!("2. What became of ideas: answers, two commitments (one late), an outcome.");
    println!("   curl -s '{council}/feedback?limit=5'");
    println!("   curl -s {council}/challenges/{finished}/outcome");
    println!("   curl -s {council}/commitments\n");
    println!("3. A moderator decides the one case that waits (once: --reset brings it back).");
    println!("   token=$({command} token moderator)");
    println!(
        "   case=$(curl -s {council}/cases -H \"authorization: Bearer $token\" | grep -o '\"id\":\"[^\"]*' | head -1 | cut -c7-)"
    );
    println!(
        "   curl -s -X POST {council}/cases/$case/decision -H \"authorization: Bearer $token\" -H 'if-match: \"1\"' \\\n        -H 'content-type: application/json' -d '{{\"decision\":\"publish\"}}'\n"
    );
    println!("4. An officer answers the overdue idea; its supporters get a mail.");
    println!("   token=$({command} token officer)");
    println!(
        "   curl -s -X POST {council}/ideas/{overdue}/answers -H \"authorization: Bearer $token\" -H 'if-match: \"1\"' \\\n        -H 'content-type: application/json' \\\n        -d '{{\"kind\":\"out_of_scope\",\"office\":\"Director of Place\",\"reason\":\"Colleges are not ours to run; we have passed this on to them.\"}}'\n"
    );
    println!("5. Three days pass: the next promise is overdue, and the officers are told.");
    println!(
        "   curl -s -X POST {base}/v1/demo/clock -H 'content-type: application/json' -d '{{\"advance\":\"P3D\"}}'\n"
    );
    println!("6. Everything that happened in public, in one order, and the pages behind the links.");
    println!("   curl -s '{council}/changes?after=0&limit=500'");
    println!("   and in a browser {pages}/ideas/{overdue} and {base}/demo/mail\n");
    println!("Stop with Ctrl-C; run again to go on, or with --reset to begin anew.");
}
