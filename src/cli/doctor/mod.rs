//! `folkmoot doctor`: looks at everything an installation stands on, tells all it found at once, and changes nothing.
//!
//! A file for each area. What is found holds no secret and nothing about a person, so that it can be sent to whoever
//! is asked for help.

mod addresses;
mod backlog;
mod database;
mod machine;
mod mail;
mod report;

use std::path::Path;
use std::time::Duration;

use clap::Args;

use crate::platform::config::{Settings, file_in_force};
use report::Findings;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  folkmoot doctor                                         in the directory of folkmoot.toml\n  folkmoot doctor --data-dir /var/lib/folkmoot            the server may run beside it\n  folkmoot doctor --json | jq '.findings[] | select(.result != \"ok\")'\n\nIt sends no mail, brings no schema up to date and leaves no file behind. It exits with 0 where nothing has failed, and with 1 otherwise; a warning is no failure. Run it as the user that the server runs as: others may not see the same."
)]
pub(super) struct Doctor {
    /// For programs: one JSON document
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Doctor {
    pub(super) fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        let findings = look(self.settings, file);
        findings.print(self.json)?;
        match findings.failed() {
            0 => Ok(()),
            1 => anyhow::bail!("One thing has failed."),
            failed => anyhow::bail!("{failed} things have failed."),
        }
    }
}

fn look(settings: Settings, file: Option<&Path>) -> Findings {
    let mut findings = Findings::default();
    let looked = match settings.over_file(file) {
        Ok(settings) => settings.look(),
        Err(error) => {
            findings.fail("settings", error, "Mend the file: nothing else was looked at, for it says where that is.");
            return findings;
        }
    };
    let path = file_in_force(file);
    for fault in &looked.faults {
        findings.fail(
            "settings",
            fault,
            "Mend it in the file, the environment or the flags: the server does not start.",
        );
    }
    if looked.faults.is_empty() {
        let origin = path.map_or_else(|| "no file is read".into(), |path| format!("{} is read", path.display()));
        findings.ok("settings", format!("all are well-formed; {origin}"));
    }
    if let Some(path) = path {
        machine::look_at_file(path, &mut findings);
    }
    machine::look(&looked, &mut findings);
    database::look(&looked, &mut findings);
    mail::look(&looked, &mut findings);
    addresses::look(&looked, &mut findings);
    findings
}

/// How long something is, roughly.
fn roughly(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}
