//! The machine: the data directory and what it lies on, the secret's file, how many files may be open.

use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use super::report::Findings;
use crate::cli::serve;
use crate::platform::config::{Looked, Settings, hide_password};
use crate::platform::db::Location;

const MIB: u64 = 1 << 20;

/// Fewer than these, and the server turns people away before it is busy.
const OPEN_FILES: u64 = 8_192;

pub(super) fn look(looked: &Looked, findings: &mut Findings) {
    let there = look_at_directory(&looked.data_dir, findings);
    let mut places = vec![looked.data_dir.as_path()];
    if let Some(Location::Sqlite(path)) = &looked.location {
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        places.push(parent);
    }
    if there {
        let mut devices = Vec::new();
        for place in places {
            let Ok(metadata) = std::fs::metadata(place) else { continue };
            if !devices.contains(&metadata.dev()) {
                devices.push(metadata.dev());
                look_at_file_system(place, findings);
            }
        }
    }
    look_at_secret_file(looked, findings);
    match serve::open_files() {
        Some(most) if most < OPEN_FILES => findings.warn(
            "open files",
            format!("{most} at most, and each connection is one"),
            "Raise it: LimitNOFILE= in the unit of the service, or `ulimit -Hn`.",
        ),
        Some(most) => findings.ok("open files", format!("up to {most}")),
        None => findings.ok("open files", "any number"),
    }
}

/// A file of settings with a password in it is for those who run the server only.
pub(super) fn look_at_file(path: &Path, findings: &mut Findings) {
    let Ok(held) = Settings::default().over_file(Some(path)) else { return };
    let password = |address: &String| hide_password(address) != *address;
    let secret = held.secret.is_some()
        || held.smtp_url.as_ref().is_some_and(password)
        || held.database_url.as_ref().is_some_and(password);
    if secret && std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o007 != 0) {
        findings.warn(
            "settings",
            format!("{} holds a secret, and everybody on this machine can read it", path.display()),
            format!("`chmod o= {}`, and let the group be the server's.", path.display()),
        );
    }
}

/// Says whether it is there.
fn look_at_directory(path: &Path, findings: &mut Findings) -> bool {
    const AT: &str = "data directory";
    let shown = path.display();
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let above =
                path.ancestors().skip(1).map(|above| if above == Path::new("") { Path::new(".") } else { above });
            let above = above.into_iter().find(|above| above.exists()).unwrap_or(Path::new("/"));
            match tempfile::tempfile_in(above) {
                Ok(_) => findings.warn(
                    AT,
                    format!("{shown} is not there"),
                    "The first start makes it; if there is one elsewhere, set data_dir to it.",
                ),
                Err(error) => findings.fail(
                    AT,
                    format!("{shown} is not there, and cannot be made in {}: {error}", above.display()),
                    "Make it, and give it to the user that the server runs as.",
                ),
            }
            return false;
        }
        Err(error) => {
            findings.fail(
                AT,
                format!("{shown} cannot be looked at: {error}"),
                "Set data_dir to a directory of its own.",
            );
            return false;
        }
    };
    let mode = metadata.permissions().mode() & 0o777;
    // A file without a name: what is tried is what the server does, and nothing is left of it.
    if let Err(error) = tempfile::tempfile_in(path) {
        let to_do = if metadata.is_dir() {
            "Give it to the user that the server runs as, or look as that user."
        } else {
            "Set data_dir to a directory of its own."
        };
        findings.fail(AT, format!("{shown} cannot be written: {error}"), to_do);
    } else if metadata.uid() != rustix::process::geteuid().as_raw() {
        findings.warn(
            AT,
            format!("{shown} belongs to another user (number {})", metadata.uid()),
            "Look as that user, for what this one may do says little of what the server may.",
        );
    } else if mode & 0o077 != 0 {
        findings.warn(
            AT,
            format!("{shown} can be looked into by others (mode {mode:o})"),
            format!("`chmod 700 {shown}`: it holds addresses, mails and the secret."),
        );
    } else {
        findings.ok(AT, format!("{shown}, writable, for its owner only"));
    }
    true
}

fn look_at_file_system(path: &Path, findings: &mut Findings) {
    const AT: &str = "file system";
    let shown = path.display();
    #[cfg(target_os = "linux")]
    if let Ok(about) = rustix::fs::statfs(path) {
        // By the numbers of statfs(2), whose type differs by architecture.
        match about.f_type & 0xffff_ffff {
            0x0102_1994 | 0x8584_58f6 => findings.fail(
                AT,
                format!("{shown} is in memory"),
                "Move it to a disk: the next restart of this machine forgets everything.",
            ),
            0x794c_7630 => findings.warn(
                AT,
                format!("{shown} is a layer of a container"),
                "Mount a volume there: with the container everything would be gone.",
            ),
            0x6969 | 0x517b | 0xfe53_4d42 | 0xff53_4d42 | 0x0102_1997 => findings.warn(
                AT,
                format!("{shown} is on another machine"),
                "Keep SQLite on a disk of this machine, or take PostgreSQL: locks over a network lose data.",
            ),
            _ => findings.ok(AT, format!("{shown} is on a disk")),
        }
    }
    match rustix::fs::statvfs(path) {
        Ok(about) => look_at_space(about.f_bavail.saturating_mul(about.f_frsize) / MIB, path, findings),
        Err(error) => findings.warn("free space", format!("{shown} does not tell: {error}"), "Look with `df`."),
    }
}

fn look_at_space(mebibytes: u64, path: &Path, findings: &mut Findings) {
    const AT: &str = "free space";
    let shown = path.display();
    match mebibytes {
        0..100 => findings.fail(
            AT,
            format!("{mebibytes} MiB at {shown}"),
            "Make room at once: when the disk is full, nothing can be submitted or answered.",
        ),
        100..1_024 => {
            findings.warn(AT, format!("{mebibytes} MiB at {shown}"), "Make room before backups and uploads need it.");
        }
        _ => findings.ok(AT, format!("{} GiB at {shown}", mebibytes / 1_024)),
    }
}

fn look_at_secret_file(looked: &Looked, findings: &mut Findings) {
    let path = looked.secret_file();
    let Ok(metadata) = std::fs::metadata(&path) else { return };
    match metadata.permissions().mode() & 0o777 {
        mode if mode & 0o077 != 0 => findings.fail(
            "secret file",
            format!("{} can be read by others (mode {mode:o})", path.display()),
            format!("`chmod 600 {}`: who has read it can sign in as anybody.", path.display()),
        ),
        _ => findings.ok("secret file", format!("{}, for its owner only", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_a_warning_and_none_a_failure() {
        for (mebibytes, failed) in [(99, 1), (100, 0), (1_023, 0), (1_024, 0)] {
            let mut findings = Findings::default();
            look_at_space(mebibytes, Path::new("data"), &mut findings);
            assert_eq!(findings.failed(), failed, "{mebibytes}");
        }
    }
}
