//! The commands. Each says what went wrong in one sentence and exits with 1.

mod admin;
mod backup;
mod demo;
mod doctor;
mod document;
mod import;
mod privacy;
mod progress;
mod serve;
mod tally;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args as _, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::platform::config::{Config, Settings};
use crate::platform::{db, telemetry};
use crate::vocabulary::permissions;

/// Folkmoot: the backend of a public ideas platform.
#[derive(Debug, Parser)]
#[command(
    name = "folkmoot",
    version,
    about,
    after_help = "Examples:\n  folkmoot demo                                     try everything, on this machine\n  folkmoot config check                             what is set, and what is wrong with it\n  folkmoot admin create --email ops@example.org     whoever operates the platform\n  folkmoot serve --listen 127.0.0.1:8080            the server\n  folkmoot doctor                                   what is wrong, and what to do\n  folkmoot backup /var/backups/folkmoot.backup      while it runs"
)]
struct Cli {
    /// A TOML file of settings; folkmoot.toml here, if there is one
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start a platform with a fictitious council in it, to try everything
    Demo(demo::Demo),
    /// Start the server
    Serve {
        #[command(flatten)]
        settings: Settings,
    },
    /// Bring the database to this version's schema
    #[command(after_help = "Example:\n  folkmoot migrate --database-url postgres://folkmoot@db.example.org/folkmoot")]
    Migrate {
        #[command(flatten)]
        settings: Settings,
    },
    /// Make those who operate the platform
    Admin {
        #[command(subcommand)]
        command: admin::Admin,
    },
    /// Bring in ideas from files of others
    Import {
        #[command(subcommand)]
        command: import::Import,
    },
    Tally(tally::Tally),
    /// Copy database, attached files and secret into one file, while the server goes on
    Backup(backup::Backup),
    /// Bring a backup back into an empty place
    Restore(backup::Restore),
    /// Look at settings, machine, database, mail and backlog, and say what is wrong and what to do; changes nothing
    Doctor(doctor::Doctor),
    /// Erase again after a restore, erase somebody who asks by letter, and print the record of processing
    Privacy {
        #[command(subcommand)]
        command: privacy::Privacy,
    },
    /// Look at the configuration
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Write openapi.yaml, or check that it is the one the code yields
    Openapi(document::Openapi),
    /// Print who may do what
    Permissions,
    /// Look at the mails
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Print the completions of a shell, for instance into ~/.local/share/bash-completion/completions/folkmoot
    Completions {
        /// Which
        shell: clap_complete::Shell,
    },
    /// Write a man page for each command
    Man {
        /// Where
        directory: PathBuf,
    },
    /// Ask a running server whether it is ready; for container health checks
    #[command(after_help = "Example:\n  folkmoot healthcheck --listen 127.0.0.1:8080 && echo ready")]
    Healthcheck {
        #[command(flatten)]
        settings: Settings,
    },
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Check every setting and print what is in force, with secrets hidden
    Check {
        #[command(flatten)]
        settings: Settings,
    },
}

#[derive(Debug, Subcommand)]
enum MailCommand {
    /// Write each mail with sample data into a directory
    Preview {
        /// The directory
        directory: PathBuf,
    },
}

/// The settings that matter to a command which works on the data and serves nobody.
const OF_DATA: [&str; 5] = ["database_url", "database_owner_url", "database_tls", "data_dir", "secret"];
/// The settings that say where a server is.
const OF_ADDRESS: [&str; 1] = ["listen"];
/// Commands that take every setting, for a file or an environment may hold any, and where only some are told of.
const TELLS: [(&str, &[&str]); 7] = [
    ("admin", &OF_DATA),
    ("backup", &OF_DATA),
    ("healthcheck", &OF_ADDRESS),
    ("import", &OF_DATA),
    ("migrate", &OF_DATA),
    ("privacy", &OF_DATA),
    ("restore", &OF_DATA),
];

/// The command line, with help that tells of what matters.
fn command() -> clap::Command {
    TELLS.iter().fold(Cli::command(), |cli, (name, told)| cli.mut_subcommand(*name, |command| shorten(command, told)))
}

fn shorten(command: clap::Command, told: &[&str]) -> clap::Command {
    let settings: Vec<clap::Id> = Settings::augment_args(clap::Command::new("settings"))
        .get_arguments()
        .map(|setting| setting.get_id().clone())
        .filter(|id| !told.contains(&id.as_str()))
        .collect();
    let command = command.mut_args(|arg| if settings.contains(arg.get_id()) { arg.hide(true) } else { arg });
    if !command.has_subcommands() {
        let more =
            "The other settings of `folkmoot serve --help` are taken too: one file and one environment do for all.";
        let text = command.get_after_help().map_or_else(|| more.to_owned(), |text| format!("{text}\n\n{more}"));
        return command.after_help(text);
    }
    let inner: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    inner.into_iter().fold(command, |command, name| command.mut_subcommand(name, |inner| shorten(inner, told)))
}

/// Prints; where the reader has gone away, as `head` does, there is nobody to be told.
fn say(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let matches = command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("folkmoot: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let checked = |settings: Settings| -> anyhow::Result<Config> { settings.over_file(cli.config.as_deref())?.check() };
    match cli.command {
        Command::Demo(demo) => demo.run(),
        Command::Serve { settings } => serve::run(checked(settings)?),
        Command::Migrate { settings } => {
            let config = checked(settings)?;
            let ran = db::migrate::prepare(&config.location, config.owner_location.as_ref())?;
            match ran.len() {
                0 => println!("The database is up to date."),
                _ => println!("Done: {}.", ran.join(", ")),
            }
            Ok(())
        }
        Command::Admin { command } => command.run(cli.config.as_deref()),
        Command::Import { command } => command.run(cli.config.as_deref()),
        Command::Tally(tally) => tally.run(),
        Command::Backup(backup) => backup.run(cli.config.as_deref()),
        Command::Restore(restore) => restore.run(cli.config.as_deref()),
        Command::Privacy { command } => command.run(cli.config.as_deref()),
        Command::Doctor(doctor) => doctor.run(cli.config.as_deref()),
        Command::Config { command: ConfigCommand::Check { settings } } => {
            print!("{}", checked(settings)?.describe());
            Ok(())
        }
        Command::Openapi(openapi) => openapi.run(),
        Command::Permissions => say(&permissions::print()),
        Command::Mail { command: MailCommand::Preview { directory } } => preview_mails(&directory),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut command(), "folkmoot", &mut std::io::stdout());
            Ok(())
        }
        Command::Man { directory } => {
            std::fs::create_dir_all(&directory)?;
            clap_mangen::generate_to(command(), &directory)?;
            println!("The pages are in {}; read one with `man -l`.", directory.display());
            Ok(())
        }
        Command::Healthcheck { settings } => serve::healthcheck(&checked(settings)?),
    }
}

fn preview_mails(directory: &std::path::Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory)?;
    for (name, mail) in crate::platform::mail::previews() {
        std::fs::write(directory.join(format!("{name}.txt")), format!("Subject: {}\n\n{}", mail.subject, mail.text))?;
        std::fs::write(directory.join(format!("{name}.html")), &mail.html)?;
    }
    println!("The mails are in {}.", directory.display());
    Ok(())
}

/// A runtime for commands that wait.
fn block_on<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    actix_web::rt::System::new().block_on(work)
}

/// Logs until what it gives is dropped.
fn start_logs(config: &Config) -> impl Drop + use<> {
    telemetry::start(config.log.clone(), config.log_json)
}
