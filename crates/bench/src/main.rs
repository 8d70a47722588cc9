//! What Folkmoot is measured beside. `scripts/bench` calls it; it is no part of the product.
//!
//! - `bytes` answers every request with the same bytes: the limit of a cached read.
//! - `sql` runs the statements that Folkmoot runs, and nothing around them: the limit of everything else.
//! - `seed`, `tokens` and `capture` prepare both.

mod bytes;
mod capture;
mod flood;
mod pool;
mod replay;
mod seed;
mod sql;
mod timing;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use folkmoot::app::App;
use folkmoot::platform::clock::Clock;
use folkmoot::platform::config::{Config, Settings};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What Folkmoot is measured beside; called by scripts/bench.
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Fill an empty database
    Seed {
        #[command(flatten)]
        place: Place,
        /// Ideas, all public, in one challenge
        #[arg(long)]
        ideas: u32,
        /// Residents, each with a session
        #[arg(long)]
        accounts: u32,
    },
    /// Write access tokens of the seeded residents, one a line; they are good for ten minutes
    Tokens {
        #[command(flatten)]
        place: Place,
        #[arg(long)]
        accounts: u32,
        #[arg(long)]
        out: PathBuf,
    },
    /// Write the statements that Folkmoot runs for a request, as its own connections report them
    Capture {
        #[command(flatten)]
        place: Place,
        #[arg(long)]
        out: PathBuf,
    },
    /// Does the time of an answer tell which addresses have an account? Fails where it does
    SignInTiming {
        #[command(flatten)]
        place: Place,
        /// Tries of each door for either address
        #[arg(long, default_value_t = 500)]
        tries: usize,
    },
    /// Do reads stay quick while a thousand sign in with a password at once? Fails where they do not
    SignInFlood {
        #[command(flatten)]
        place: Place,
        /// The server to start
        #[arg(long)]
        server: PathBuf,
        /// Who signs in at once
        #[arg(long, default_value_t = 1_000)]
        people: u32,
        /// How long
        #[arg(long, default_value_t = 20)]
        seconds: u64,
    },
    /// Bare actix: the same bytes to every request
    Bytes {
        #[arg(long)]
        listen: SocketAddr,
        /// Headers as a JSON list of pairs
        #[arg(long)]
        headers: PathBuf,
        /// The body
        #[arg(long)]
        body: PathBuf,
    },
    /// Bare handlers that run the captured statements
    Sql {
        #[arg(long)]
        listen: SocketAddr,
        #[arg(long)]
        database_url: String,
        /// What `capture` wrote
        #[arg(long)]
        statements: PathBuf,
        /// SQLite: one commit for all writes that wait, as Folkmoot's writer does; otherwise one commit each
        #[arg(long)]
        group: bool,
    },
}

/// Where Folkmoot finds the database and its secret; the same as its server is given.
#[derive(Debug, Args)]
struct Place {
    #[arg(long)]
    database_url: String,
    #[arg(long)]
    data_dir: PathBuf,
    #[arg(long)]
    public_url: String,
}

impl Place {
    fn config(self) -> anyhow::Result<Config> {
        let settings = Settings {
            database_url: Some(self.database_url),
            data_dir: Some(self.data_dir),
            public_url: Some(self.public_url),
            requests_per_second: Some(0),
            ..Settings::default()
        };
        settings.check()
    }

    async fn app(self) -> anyhow::Result<App> {
        App::build(self.config()?, Clock::system()).await
    }
}

fn main() -> ExitCode {
    let run = |command| {
        // It has threads of its own.
        if let Command::SignInFlood { place, server, people, seconds } = command {
            return flood::measure(place.config()?, &server, flood::Size { people, seconds });
        }
        actix_web::rt::System::new().block_on(async {
            match command {
                Command::Seed { place, ideas, accounts } => seed::fill(&place.app().await?, ideas, accounts).await,
                Command::Tokens { place, accounts, out } => seed::tokens(&place.config()?, accounts, &out),
                Command::Capture { place, out } => capture::capture(place, &out).await,
                Command::SignInTiming { place, tries } => timing::measure(place.config()?, tries).await,
                Command::SignInFlood { .. } => Ok(()),
                Command::Bytes { listen, headers, body } => bytes::serve(listen, &headers, &body).await,
                Command::Sql { listen, database_url, statements, group } => {
                    replay::serve(listen, &database_url, &statements, group).await
                }
            }
        })
    };
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("folkmoot-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
