//! Who was erased, in a file beside the database: a backup is older than what was erased since, so after it is restored
//! they are erased again (cases G5, H11). It holds ids only, one JSON object a line, and is only ever added to.

use std::io::{BufRead as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::queries::{self, Erasure};
use crate::app::App;
use crate::people::councils::queries::council_by_id;
use crate::platform::audit::By;
use crate::platform::db::Db;
use crate::platform::error::{Code, Result};

/// The journal of a data directory.
pub fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("erasures.jsonl")
}

/// Writes down erasures that are not in the journal yet; says how many there were. One that was written and not forgotten,
/// because the power failed in between, is written twice, which does no harm.
///
/// # Errors
/// What the database or the file system answers.
pub async fn write(app: &App) -> Result<usize> {
    let unwritten = app.db.read(queries::list_unwritten).await?;
    if unwritten.is_empty() {
        return Ok(0);
    }
    let (path, lines) = (path(&app.config.data_dir), unwritten.clone());
    tokio::task::spawn_blocking(move || append(&path, &lines)).await.map_err(anyhow::Error::from)??;
    let count = unwritten.len();
    app.db.write(move |tx| unwritten.iter().try_for_each(|one| queries::forget_erasure(tx, one))).await?;
    Ok(count)
}

fn append(path: &Path, erasures: &[Erasure]) -> anyhow::Result<()> {
    let mut text = Vec::new();
    for erasure in erasures {
        serde_json::to_writer(&mut text, erasure)?;
        text.push(b'\n');
    }
    let mut file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    file.write_all(&text)?;
    file.sync_all()?;
    Ok(())
}

/// What a journal says. A line that the power cut short is the last, and its erasure is still in the database.
///
/// # Errors
/// Where it cannot be read, or holds something else.
pub fn read(path: &Path) -> anyhow::Result<Vec<Erasure>> {
    let file =
        std::fs::File::open(path).map_err(|error| anyhow::anyhow!("{} cannot be read: {error}.", path.display()))?;
    let lines: Vec<String> = std::io::BufReader::new(file).lines().collect::<std::io::Result<_>>()?;
    let mut erasures = Vec::new();
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str(line) {
            Ok(erasure) => erasures.push(erasure),
            Err(error) if error.is_eof() => {}
            Err(_) => anyhow::bail!("Line {} of {} is no erasure.", place.saturating_add(1), path.display()),
        }
    }
    Ok(erasures)
}

/// Erases again whoever a restored backup has brought back; says how many. `told` hears of each line.
///
/// # Errors
/// What the database answers.
pub async fn replay(db: &Db, erasures: Vec<Erasure>, mut told: impl FnMut()) -> Result<usize> {
    let mut back = 0;
    for erasure in erasures {
        let again = db.write(move |tx| {
            // A council that the backup does not know yet has nobody to erase.
            let council = match council_by_id(tx, erasure.council) {
                Ok(council) => council,
                Err(error) if error.code() == Code::NotFound => return Ok(false),
                Err(error) => return Err(error),
            };
            queries::erase(tx, &council, erasure.account, erasure.ideas, By::Nobody)
        });
        back += usize::from(again.await?);
        told();
    }
    Ok(back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::db::{Id, Instant};
    use crate::vocabulary::FateOfIdeas;

    fn erasure() -> Erasure {
        Erasure {
            council: Id::random(),
            account: Id::random(),
            ideas: FateOfIdeas::Withdraw,
            at: Instant::from_micros(7),
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_a_line_cut_short_is_passed_over() {
        let place = tempfile::tempdir().unwrap();
        let (path, first, second) = (path(place.path()), erasure(), erasure());
        append(&path, std::slice::from_ref(&first)).unwrap();
        append(&path, std::slice::from_ref(&second)).unwrap();
        assert_eq!(read(&path).unwrap(), [first.clone(), second.clone()]);
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(br#"{"council":"0190"#).unwrap();
        assert_eq!(read(&path).unwrap(), [first, second]);
        file.write_all(b"\nsomething else\n").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("Line 4"));
    }
}
