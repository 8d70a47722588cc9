//! `folkmoot admin`: those who operate the platform are made here and nowhere else, and keys are turned.

use std::path::Path;

use clap::Subcommand;

use crate::app::App;
use crate::people::accounts::{platform_admins, rules};
use crate::platform::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::entries;

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Make a platform admin, or give an existing one a new password, read from the standard input
    Create {
        /// Their address
        #[arg(long)]
        email: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Make somebody a platform admin no more; what they are signed in with ends at once
    Remove {
        /// Their address
        #[arg(long)]
        email: String,
        #[command(flatten)]
        settings: Settings,
    },
    /// Sign access tokens with the next key from now on; nobody is signed out, and the old key ends after eleven minutes
    RotateKeys {
        #[command(flatten)]
        settings: Settings,
    },
}

impl Admin {
    pub(super) fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        match self {
            Self::Create { email, settings } => create(&email, settings, file),
            Self::Remove { email, settings } => remove(&email, settings, file),
            Self::RotateKeys { settings } => rotate_keys(settings, file),
        }
    }
}

fn create(email: &str, settings: Settings, file: Option<&Path>) -> anyhow::Result<()> {
    let config = settings.over_file(file)?.check()?;
    let key = rules::email_key(email).ok_or_else(|| anyhow::anyhow!("{email} is not a mail address."))?;
    eprintln!("Password (fifteen characters or more), then Enter:");
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let password = password.trim_end_matches(['\n', '\r']).to_owned();
    if let Some(fault) = rules::password_faults("", &password, rules::PASSWORD_MIN, &[email]).first() {
        anyhow::bail!("This password is not taken: {}", fault.detail);
    }
    super::block_on(async move {
        let app = App::build(config, Clock::system()).await?;
        let hash = app.hasher.place()?.hash(password).await?;
        let made = key.clone();
        app.db.write(move |tx| platform_admins::upsert_platform_admin(tx, &key, &hash)).await?;
        println!("{made} operates this platform now.");
        Ok(())
    })
}

fn remove(email: &str, settings: Settings, file: Option<&Path>) -> anyhow::Result<()> {
    let config = settings.over_file(file)?.check()?;
    let key = rules::email_key(email).ok_or_else(|| anyhow::anyhow!("{email} is not a mail address."))?;
    super::block_on(async move {
        let app = App::build(config, Clock::system()).await?;
        let gone = key.clone();
        let removed = app.db.write(move |tx| platform_admins::remove_platform_admin(tx, &key)).await?;
        anyhow::ensure!(removed, "{gone} does not operate this platform.");
        println!("{gone} operates this platform no more.");
        Ok(())
    })
}

fn rotate_keys(settings: Settings, file: Option<&Path>) -> anyhow::Result<()> {
    let config = settings.over_file(file)?.check()?;
    super::block_on(async move {
        let app = App::build(config, Clock::system()).await?;
        let generation = app.db.write(entries::turn_signing_keys).await?;
        println!("Key {generation} signs access tokens now; running servers follow within half a minute.");
        Ok(())
    })
}
