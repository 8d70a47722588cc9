//! `folkmoot backup` and `folkmoot restore`: one file with the database, the attached files and the secret that the
//! database belongs to. The server may go on while it is made.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use clap::Args;
use diesel::RunQueryDsl as _;
use diesel::sql_types::{BigInt, Text};

use super::progress;
use crate::platform::config::{Config, Settings, private_directory};
use crate::platform::db::{Conn, Location, migrate};
use crate::platform::entries;
use crate::platform::secrets::Secrets;

const SQLITE: &str = "database.sqlite";
const POSTGRES: &str = "database.pgdump";
/// What lies beside the database in the data directory and belongs to it.
const BESIDE: [&str; 2] = [SECRET, "files"];
const SECRET: &str = "secret";

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  folkmoot backup /var/backups/folkmoot-$(date +%F).backup")]
pub(super) struct Backup {
    /// The file to write; it must not be there yet
    file: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  folkmoot restore /var/backups/folkmoot-2026-11-16.backup --data-dir /var/lib/folkmoot-again"
)]
pub(super) struct Restore {
    /// The file that `folkmoot backup` wrote
    file: PathBuf,
    #[command(flatten)]
    settings: Settings,
}

impl Backup {
    pub(super) fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        let settings = self.settings.over_file(file)?;
        // Before anything is made: where there is no database, nothing is left behind.
        if let Some(Location::Sqlite(path)) = settings.clone().look().location {
            anyhow::ensure!(path.exists(), "There is no database at {}.", path.display());
        }
        let config = settings.check()?;
        // A copy that could not be opened again would be found out on the day it is needed.
        anyhow::ensure!(
            kept_fingerprint(&config.location)? == config.secrets.fingerprint(),
            "The secret here is not the one of this database: set FOLKMOOT_SECRET, or name its data directory."
        );
        let place = tempfile::tempdir_in(&config.data_dir)?;
        let copying = progress::spinner("Copying the database");
        let name = copy_database(&config, place.path())?;
        copying.finish_and_clear();
        // Readable by its owner only: it holds what the database holds, and the secret.
        let target = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.file);
        let target = target.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => anyhow::anyhow!(
                "{} is there already, and no backup is written over another: name a new file.",
                self.file.display()
            ),
            _ => anyhow::anyhow!("The backup {} cannot be written: {error}.", self.file.display()),
        })?;
        let packing = progress::bytes("Packing");
        let mut archive = tar::Builder::new(zstd::Encoder::new(packing.wrap_write(target), 0)?);
        archive.append_path_with_name(place.path().join(name), name)?;
        // Wherever it was given: without it the copy cannot be opened.
        let secret = place.path().join(SECRET);
        let mut kept = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&secret)?;
        kept.write_all(config.secrets.to_hex().as_bytes())?;
        archive.append_path_with_name(&secret, SECRET)?;
        for beside in BESIDE.into_iter().filter(|beside| *beside != SECRET) {
            let path = config.data_dir.join(beside);
            if path.is_dir() {
                archive.append_dir_all(beside, &path)?;
            } else if path.is_file() {
                archive.append_path_with_name(&path, beside)?;
            }
        }
        archive.into_inner()?.finish()?.flush()?;
        packing.finish_and_clear();
        let target = File::open(&self.file)?;
        target.sync_all()?;
        println!("Written: {} ({} bytes)", self.file.display(), target.metadata()?.len());
        Ok(())
    }
}

impl Restore {
    pub(super) fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        let mut settings = self.settings.over_file(file)?;
        let data_dir = settings.data_dir.clone().unwrap_or_else(|| PathBuf::from("data"));
        private_directory(&data_dir).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => {
                anyhow::anyhow!("{} is a file: name a new directory with --data-dir.", data_dir.display())
            }
            _ => anyhow::anyhow!("The data directory {} cannot be made: {error}.", data_dir.display()),
        })?;
        for beside in BESIDE {
            anyhow::ensure!(
                !data_dir.join(beside).exists(),
                "{} has something in it: restore into a new data directory.",
                data_dir.display()
            );
        }
        let source = File::open(&self.file)
            .map_err(|error| anyhow::anyhow!("The backup {} cannot be read: {error}.", self.file.display()))?;
        let place = tempfile::tempdir_in(&data_dir)?;
        let unpacking = progress::bar(source.metadata()?.len(), "Unpacking");
        tar::Archive::new(zstd::Decoder::new(unpacking.wrap_read(source))?)
            .unpack(place.path())
            .map_err(|error| not_unpacked(&self.file, &data_dir, &error))?;
        unpacking.finish_and_clear();
        // The secret of the backup and no new one: the database would refuse any other.
        if let Ok(secret) = fs::read_to_string(place.path().join("secret")) {
            settings.secret = settings.secret.or(Some(secret));
        }
        let config = settings.check()?;
        // Before anything is touched: with another secret the database could not be opened.
        if let Ok(theirs) = fs::read_to_string(place.path().join(SECRET)) {
            anyhow::ensure!(
                Secrets::from_hex(&theirs)?.fingerprint() == config.secrets.fingerprint(),
                "FOLKMOOT_SECRET is not the secret of this backup: leave it out, or set it to that one."
            );
            fs::set_permissions(place.path().join(SECRET), fs::Permissions::from_mode(0o600))?;
        }
        let loading = progress::spinner("Loading the database");
        bring_back(&config, place.path())?;
        loading.finish_and_clear();
        for beside in BESIDE {
            if place.path().join(beside).exists() {
                fs::rename(place.path().join(beside), config.data_dir.join(beside))?;
            }
        }
        let ran = migrate::prepare(&config.location, config.owner_location.as_ref())?;
        leave_a_gap(config.as_owner())?;
        println!("Restored; {} migration(s) brought it to this version.", ran.len());
        let journal = crate::stewardship::privacy::journal::path(&config.data_dir);
        if journal.exists() {
            println!("Whoever was erased since is erased again when the server starts ({}).", journal.display());
        } else {
            println!(
                "Has anybody been erased since? Put erasures.jsonl of the old data directory into {}.",
                config.data_dir.display()
            );
        }
        println!("Mails that waited when the backup was made are sent when the server starts, perhaps again.");
        Ok(())
    }
}

/// The archive says what it was about to do; what was in its way lies beneath.
fn not_unpacked(file: &Path, into: &Path, error: &std::io::Error) -> anyhow::Error {
    let mut cause: &dyn std::error::Error = error;
    while let Some(beneath) = cause.source() {
        cause = beneath;
    }
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => anyhow::anyhow!(
            "There is no way to unpack into {} ({cause}): make room there, or name another place with --data-dir.",
            into.display()
        ),
        _ => anyhow::anyhow!(
            "{} is no backup, or not the whole of one ({cause}): copy it again from where it is kept, or take an earlier one.",
            file.display()
        ),
    }
}

fn copy_database(config: &Config, place: &Path) -> anyhow::Result<&'static str> {
    match &config.location {
        Location::Sqlite(_) => {
            let Conn::Sqlite(mut conn) = migrate::connect(&config.location)? else { anyhow::bail!("not SQLite") };
            let target = place.join(SQLITE);
            // One read transaction: a consistent copy, while others go on writing.
            diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(target.to_string_lossy()).execute(&mut conn)?;
            Ok(SQLITE)
        }
        Location::Postgres(url) => {
            let target = place.join(POSTGRES);
            postgres_tool("pg_dump", &["--format=custom", "--no-owner", "--file"], &target, "--dbname", url)?;
            Ok(POSTGRES)
        }
    }
}

fn bring_back(config: &Config, place: &Path) -> anyhow::Result<()> {
    match config.as_owner() {
        Location::Sqlite(path) => {
            let copy = place.join(SQLITE);
            anyhow::ensure!(
                copy.exists(),
                "This is a backup of PostgreSQL: name a PostgreSQL database to restore into."
            );
            anyhow::ensure!(!path.exists(), "There is a database at {} already.", path.display());
            // What an older database left beside it would be played into this one.
            for left in ["-wal", "-shm", "-journal"] {
                let left = PathBuf::from(format!("{}{left}", path.display()));
                anyhow::ensure!(!left.exists(), "{} is left of an older database: move it away.", left.display());
            }
            // As the server makes it: nobody else on this machine reads it.
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o600))?;
            fs::rename(copy, path)?;
            Ok(())
        }
        Location::Postgres(url) => {
            let copy = place.join(POSTGRES);
            anyhow::ensure!(copy.exists(), "This is a backup of SQLite: name a SQLite database to restore into.");
            anyhow::ensure!(is_empty(config.as_owner())?, "The database has tables in it: restore into an empty one.");
            postgres_tool(
                "pg_restore",
                &["--no-owner", "--single-transaction", "--exit-on-error"],
                &copy,
                "--dbname",
                url,
            )
        }
    }
}

/// What came after the backup had numbers that mirrors and people have seen; none of them is given again.
fn leave_a_gap(location: &Location) -> anyhow::Result<()> {
    for statement in [
        "UPDATE installation SET last_number = last_number + 1000000",
        "UPDATE idea_numbers SET last_number = last_number + 1000",
    ] {
        crate::each!(&mut migrate::connect(location)?, c => diesel::sql_query(statement).execute(c))?;
    }
    Ok(())
}

fn kept_fingerprint(location: &Location) -> anyhow::Result<String> {
    let kept = entries::find_installation(&mut migrate::connect(location)?)?;
    let (fingerprint, ..) =
        kept.context("No server has started on this database yet, so there is nothing to back up.")?;
    Ok(fingerprint)
}

fn is_empty(location: &Location) -> anyhow::Result<bool> {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        tables: i64,
    }
    let Conn::Pg(mut conn) = migrate::connect(location)? else { return Ok(false) };
    let row: Row = diesel::sql_query("SELECT count(*) AS tables FROM pg_tables WHERE schemaname = 'public'")
        .get_result(&mut conn)?;
    Ok(row.tables == 0)
}

/// Runs one of PostgreSQL's own tools; the password goes by the environment, where other users cannot see it.
fn postgres_tool(tool: &str, options: &[&str], file: &Path, into: &str, address: &str) -> anyhow::Result<()> {
    let mut url = url::Url::parse(address)?;
    let mut command = Command::new(tool);
    if let Some(password) = url.password() {
        command.env("PGPASSWORD", percent_encoding::percent_decode_str(password).decode_utf8()?.as_ref());
        let _had_one = url.set_password(None);
    }
    let status = command
        .args(options)
        .arg(file)
        .args([into, url.as_str()])
        .status()
        .map_err(|error| anyhow::anyhow!("{tool} cannot be run ({error}): install PostgreSQL's client tools."))?;
    anyhow::ensure!(status.success(), "{tool} did not succeed; its own words are above.");
    Ok(())
}
