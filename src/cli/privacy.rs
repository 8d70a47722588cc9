//! `folkmoot privacy`: what an operator does for the data of residents.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::progress;
use crate::app::App;
use crate::people::accounts::queries::find_by_email;
use crate::people::accounts::rules::email_key;
use crate::people::councils::queries::list_councils;
use crate::platform::audit::By;
use crate::platform::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::error::Error;
use crate::stewardship::privacy::{journal, queries, record};
use crate::vocabulary::FateOfIdeas;

const BEGIN: &str = "<!-- record -->";
const END: &str = "<!-- /record -->";

#[derive(Debug, Subcommand)]
pub(super) enum Privacy {
    /// Erase again whoever a restored backup has brought back; `folkmoot serve` does it by itself for its own journal
    #[command(after_help = "Example:\n  folkmoot privacy replay node-1/erasures.jsonl node-2/erasures.jsonl")]
    Replay {
        /// Journals of erasures [default: DATA_DIR/erasures.jsonl]
        files: Vec<PathBuf>,
        #[command(flatten)]
        settings: Settings,
    },
    /// Erase the account of somebody who asks for it without signing in; make sure first that it is them
    #[command(
        after_help = "Example:\n  folkmoot privacy erase --council aldermoor --email ana@example.org --ideas anonymise"
    )]
    Erase {
        /// The council, by its name in addresses
        #[arg(long)]
        council: String,
        /// The address of the account
        #[arg(long)]
        email: String,
        /// What becomes of public ideas: anonymise or withdraw
        #[arg(long)]
        ideas: FateOfIdeas,
        #[command(flatten)]
        settings: Settings,
    },
    /// Print the record of processing: what is kept of people, for what, and for how long
    Record {
        /// Write it between the marks of this file instead
        #[arg(long)]
        into: Option<PathBuf>,
    },
}

impl Privacy {
    pub(super) fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        match self {
            Self::Record { into: None } => {
                print!("{}", record::markdown());
                Ok(())
            }
            Self::Record { into: Some(file) } => {
                let text = std::fs::read_to_string(&file)?;
                let parts = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
                let (before, after) = parts.ok_or_else(|| anyhow::anyhow!("{} has no marks.", file.display()))?;
                std::fs::write(&file, format!("{before}{BEGIN}\n{}{END}{after}", record::markdown()))?;
                println!("Written: {}", file.display());
                Ok(())
            }
            Self::Replay { files, settings } => {
                let config = settings.over_file(file)?.check()?;
                let files = if files.is_empty() { vec![journal::path(&config.data_dir)] } else { files };
                let mut erasures = Vec::new();
                for file in &files {
                    erasures.extend(journal::read(file)?);
                }
                super::block_on(async move {
                    let app = App::build(config, Clock::system()).await?;
                    let (sum, bar) = (erasures.len(), progress::bar(erasures.len() as u64, "Looking"));
                    let again = journal::replay(&app.db, erasures, || bar.inc(1)).await;
                    bar.finish_and_clear();
                    println!("{sum} erasure(s) in the journal; {} account(s) were back and are erased again.", again?);
                    journal::write(&app).await?;
                    app.db.tidy_log().await
                })
            }
            Self::Erase { council, email, ideas, settings } => {
                let config = settings.over_file(file)?.check()?;
                let key = email_key(&email).ok_or_else(|| anyhow::anyhow!("{email} is not a mail address."))?;
                super::block_on(async move {
                    let app = App::build(config, Clock::system()).await?;
                    let erased = app.db.write(move |tx| {
                        let council = list_councils(tx)?.into_iter().find(|one| one.slug == council);
                        let council = council.ok_or_else(|| Error::not_found("council"))?;
                        let account = find_by_email(tx, council.id, &key)?;
                        let account = account.ok_or_else(|| Error::not_found("account of this address"))?;
                        queries::erase(tx, &council, account.id, ideas, By::Nobody)
                    });
                    erased.await.map_err(|error| {
                        anyhow::anyhow!("{}", error.problem().detail.unwrap_or_else(|| error.to_string()))
                    })?;
                    journal::write(&app).await?;
                    app.db.tidy_log().await?;
                    println!("Erased.");
                    Ok(())
                })
            }
        }
    }
}

/// Replays the journal of the data directory, where there is one; says how many were back.
pub(super) async fn replay_own(app: &App) -> anyhow::Result<usize> {
    let path = journal::path(&app.config.data_dir);
    if !path.exists() {
        return Ok(0);
    }
    let again = journal::replay(&app.db, journal::read(&path)?, || {}).await?;
    journal::write(app).await?;
    Ok(again)
}
