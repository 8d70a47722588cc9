//! `folkmoot import`: ideas from files of others. All that is taken is stored in one transaction; the report tells
//! of every row that was changed or left out.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::progress::bar;
use anyhow::Context as _;
use clap::{Args, Subcommand};
use csv::ByteRecord;
use jiff::tz::TimeZone;

use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::participation::ideas::import::{self, Cleaner, Report, Row, Verdict};
use crate::participation::ideas::queries::imported_refs;
use crate::people::councils::model::Council;
use crate::people::councils::queries::find_council;
use crate::platform::clock::Clock;
use crate::platform::config::Settings;
use crate::platform::db::{Id, Instant};
use crate::platform::error::Error;
use crate::vocabulary::ModerationPolicy;

#[derive(Debug, Subcommand)]
pub(super) enum Import {
    /// Any table of ideas in UTF-8, with a heading
    Csv {
        /// The file
        file: PathBuf,
        /// Which column is what: id=COLUMN,title=COLUMN,body=COLUMN and, if there is one, date=COLUMN
        #[arg(long, required = true, value_delimiter = ',', value_parser = pair)]
        map: Vec<(String, String)>,
        /// How dates are written, for instance %d/%m/%Y; without it as in 2026-11-16 or 2026-11-16T10:00:00Z
        #[arg(long)]
        date_format: Option<String>,
        /// What parts the columns; guessed from the heading by default
        #[arg(long, value_parser = delimiter)]
        delimiter: Option<u8>,
        /// They have been public before: publish them even where a moderator looks at ideas first
        #[arg(long)]
        published: bool,
        #[command(flatten)]
        target: Target,
    },
    /// The comments of an exported Polis conversation, with the labels of its moderators
    Polis {
        /// The directory that holds comments.csv
        directory: PathBuf,
        #[command(flatten)]
        target: Target,
    },
}

/// Where the ideas go.
#[derive(Debug, Args)]
pub(super) struct Target {
    /// The council, by its name in addresses
    #[arg(long)]
    council: String,
    /// The id of the challenge
    #[arg(long)]
    challenge: Id,
    /// The name that this file's ids belong to, the same each time; for Polis the name of the directory by default
    #[arg(long)]
    source: Option<String>,
    /// Report only, store nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    settings: Settings,
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=').map(|(what, column)| (what.trim(), column.trim())) {
        Some((what @ ("id" | "title" | "body" | "date"), column)) if !column.is_empty() => {
            Ok((what.into(), column.into()))
        }
        _ => Err("write id=COLUMN, title=COLUMN, body=COLUMN or date=COLUMN".into()),
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "tab" | "\\t" => Ok(b'\t'),
        one => match one.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
            _ => Err("one character, or \"tab\"".into()),
        },
    }
}

impl Import {
    pub(super) fn run(self, file: Option<&Path>) -> anyhow::Result<()> {
        let (source, target, own_name) = match self {
            Self::Csv { file, map, date_format, delimiter, published, target } => {
                (Source::csv(&file, &map, date_format, delimiter, published)?, target, None)
            }
            // Every conversation numbers its comments from 0. An export of a table has its own ids, whatever its file
            // is called this month.
            Self::Polis { directory, target } => {
                let name = directory.canonicalize()?.file_name().map(|name| name.to_string_lossy().into_owned());
                (Source::polis(&directory.join("comments.csv"))?, target, name)
            }
        };
        let Target { council, challenge, source: name, dry_run, settings } = target;
        let name = name.or(own_name);
        let config = settings.over_file(file)?.check()?;
        super::block_on(async move {
            let app = App::build(config, Clock::system()).await?;
            let slug = council.clone();
            let found = app
                .db
                .read(move |tx| {
                    let Some(council) = find_council(tx, &slug)? else { return Ok(None) };
                    let policy = find_challenge(tx, council.id, challenge, true)?.moderation;
                    import::promise_of(tx, &council, challenge)?;
                    Ok(Some((council, policy != ModerationPolicy::Post)))
                })
                .await
                .map_err(told)?;
            let (council, hold) = found.with_context(|| format!("There is no council \"{council}\"."))?;
            let read = source.read(&council, name.as_deref(), hold, app.db.clock().now())?;
            let stored = if dry_run {
                let (council, rows) = (council.id, read.rows);
                app.db
                    .read(move |tx| {
                        let there = imported_refs(tx, council, challenge)?;
                        let there: std::collections::HashSet<_> = there.into_iter().collect();
                        let again = rows.iter().filter(|row| there.contains(&row.source_ref)).count() as u64;
                        Ok(Report { inserted: rows.len() as u64 - again, already_there: again })
                    })
                    .await
            } else {
                let (rows, bar) = (read.rows, bar(read.verdicts.len() as u64, "storing"));
                let told = bar.clone();
                let stored = app
                    .db
                    .write(move |tx| import::store(tx, &council, challenge, &rows, &|done| told.set_position(done)))
                    .await;
                bar.finish_and_clear();
                stored
            };
            tell(&report(&read.verdicts, stored.map_err(told)?, dry_run))
        })
    }
}

/// The sentence of a refusal; anything else as it is.
fn told(error: Error) -> anyhow::Error {
    match &error {
        Error::Problem(problem) => {
            let sentence = problem.detail.clone().unwrap_or_else(|| problem.code.detail().to_owned());
            anyhow::anyhow!("Nothing was imported. {sentence}")
        }
        _ => anyhow::anyhow!("Nothing was imported: {error}"),
    }
}

/// A file in memory, and how its rows are read.
struct Source {
    bytes: Vec<u8>,
    delimiter: u8,
    headings: Vec<String>,
    kind: Kind,
}

enum Kind {
    Csv { id: usize, title: usize, body: usize, date: Option<usize>, format: Option<String>, published: bool },
    Polis { id: usize, body: usize, stamp: Option<usize>, date: Option<usize>, label: usize },
}

/// What a file comes to.
struct Read {
    verdicts: Vec<(u64, Verdict)>,
    rows: Vec<Row>,
}

impl Source {
    fn open(path: &Path, delimiter: Option<u8>) -> anyhow::Result<(Vec<u8>, u8, Vec<String>)> {
        let mut bytes =
            std::fs::read(path).map_err(|error| anyhow::anyhow!("{} cannot be read: {error}.", path.display()))?;
        if bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        let delimiter = delimiter.unwrap_or_else(|| guessed(&bytes));
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(bytes.as_slice());
        let headings = reader
            .headers()
            .with_context(|| format!("The heading of {} is not UTF-8; save the file as UTF-8", path.display()))?;
        let headings: Vec<String> = headings.iter().map(|heading| heading.trim().to_owned()).collect();
        anyhow::ensure!(headings.iter().any(|heading| !heading.is_empty()), "{} has no heading.", path.display());
        Ok((bytes, delimiter, headings))
    }

    fn csv(
        path: &Path,
        map: &[(String, String)],
        format: Option<String>,
        delimiter: Option<u8>,
        published: bool,
    ) -> anyhow::Result<Self> {
        let (bytes, delimiter, headings) = Self::open(path, delimiter)?;
        let column = |what: &str| -> anyhow::Result<Option<usize>> {
            let mut named = map.iter().filter(|(key, _)| key == what);
            let first = named.next();
            anyhow::ensure!(named.next().is_none(), "--map names {what} twice.");
            first.map(|(_, name)| position(&headings, name)).transpose()
        };
        let needed = |what: &str| column(what)?.with_context(|| format!("--map does not say which column is {what}."));
        let kind = Kind::Csv {
            id: needed("id")?,
            title: needed("title")?,
            body: needed("body")?,
            date: column("date")?,
            format,
            published,
        };
        Ok(Self { bytes, delimiter, headings, kind })
    }

    fn polis(path: &Path) -> anyhow::Result<Self> {
        let (bytes, delimiter, headings) = Self::open(path, Some(b','))?;
        let kind = Kind::Polis {
            id: position(&headings, "comment-id")?,
            body: position(&headings, "comment-body")?,
            stamp: position(&headings, "timestamp").ok(),
            date: position(&headings, "datetime").ok(),
            label: position(&headings, "moderated")?,
        };
        Ok(Self { bytes, delimiter, headings, kind })
    }

    fn read(&self, council: &Council, name: Option<&str>, hold: bool, now: Instant) -> anyhow::Result<Read> {
        let zone = TimeZone::get(&council.time_zone)
            .with_context(|| format!("the time zone {} is not known", council.time_zone))?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(self.delimiter)
            .flexible(true)
            .has_headers(true)
            .from_reader(self.bytes.as_slice());
        let mut cleaner = Cleaner::new(now, matches!(self.kind, Kind::Polis { .. }));
        let mut read = Read { verdicts: Vec::new(), rows: Vec::new() };
        let bar = bar(self.bytes.len() as u64, "reading");
        let mut record = ByteRecord::new();
        let mut lines = Lines { bytes: &self.bytes, seen: 0, line: 1 };
        while reader.read_byte_record(&mut record).context("The file cannot be read as CSV")? {
            let byte = record.position().map_or(0, csv::Position::byte);
            bar.set_position(byte);
            let line = lines.at(usize::try_from(byte).unwrap_or(usize::MAX));
            let (verdict, row) = match self.row(&record, line, &zone, hold) {
                Ok((mut row, notes)) => {
                    if let (Some(name), Some((kind, id))) = (name, row.source_ref.split_once(':')) {
                        row.source_ref = format!("{kind}:{name}:{id}");
                    }
                    cleaner.clean(row, notes)
                }
                Err(reason) => (Verdict::Refused(reason), None),
            };
            read.verdicts.push((line, verdict));
            read.rows.extend(row);
        }
        bar.finish_and_clear();
        Ok(read)
    }

    fn row(&self, record: &ByteRecord, line: u64, zone: &TimeZone, hold: bool) -> Result<(Row, Vec<String>), String> {
        let (fields, wanted) = (record.len(), self.headings.len());
        if fields != wanted {
            return Err(format!("{fields} columns where the heading has {wanted}"));
        }
        let field = |n: usize| {
            let name = || self.headings.get(n).map(String::as_str).unwrap_or_default();
            std::str::from_utf8(record.get(n).unwrap_or_default())
                .map_err(|fault| format!("\"{}\" is not UTF-8 from its byte {}", name(), fault.valid_up_to() + 1))
        };
        let named = |kind: &str, id: &str| match id.trim() {
            "" => Err("no id".to_owned()),
            id => Ok(format!("{kind}:{id}")),
        };
        match &self.kind {
            Kind::Csv { id, title, body, date, format, published } => {
                let submitted_at = match date {
                    Some(date) => dated(field(*date)?, format.as_deref(), zone)?,
                    None => None,
                };
                let notes = match (date, submitted_at) {
                    (Some(_), None) => vec!["no date: the time of the import is used".to_owned()],
                    _ => Vec::new(),
                };
                let row = Row {
                    line,
                    source_ref: named("csv", field(*id)?)?,
                    title: field(*title)?.to_owned(),
                    body: field(*body)?.to_owned(),
                    submitted_at,
                    held: hold && !published,
                };
                Ok((row, notes))
            }
            Kind::Polis { id, body, stamp, date, label } => {
                let submitted_at = match (stamp, date) {
                    (Some(stamp), _) if !field(*stamp)?.trim().is_empty() => Some(stamped(field(*stamp)?)?),
                    (_, Some(date)) => dated(field(*date)?, None, zone)?,
                    _ => None,
                };
                let mut notes = Vec::new();
                if submitted_at.is_none() {
                    notes.push("no date: the time of the import is used".to_owned());
                }
                let held = match field(*label)?.trim() {
                    "1" => false,
                    "0" => true,
                    "-1" => {
                        notes.push("held: the source gives a label but no reason".to_owned());
                        true
                    }
                    other => {
                        notes.push(format!("held: the label {other:?} is not known"));
                        true
                    }
                };
                let row = Row {
                    line,
                    source_ref: named("polis", field(*id)?)?,
                    title: String::new(),
                    body: field(*body)?.to_owned(),
                    submitted_at,
                    held,
                };
                Ok((row, notes))
            }
        }
    }
}

/// Counts lines. The reader's own count is one short where lines end in CR LF, and does not know empty ones.
struct Lines<'a> {
    bytes: &'a [u8],
    seen: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the first byte from `from` on that ends no line; never asked for an earlier one than before.
    fn at(&mut self, from: usize) -> u64 {
        while let Some(byte) = self.bytes.get(self.seen) {
            if self.seen >= from && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(*byte == b'\n');
            self.seen += 1;
        }
        self.line
    }
}

fn position(headings: &[String], name: &str) -> anyhow::Result<usize> {
    headings
        .iter()
        .position(|heading| heading == name)
        .with_context(|| format!("There is no column \"{name}\"; there are: {}.", headings.join(", ")))
}

/// The delimiter that the first line has most of, outside quotes.
fn guessed(bytes: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0_u32), (b';', 0), (b'\t', 0), (b'|', 0)];
    for byte in bytes {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            byte if !quoted => counts.iter_mut().filter(|(one, _)| one == byte).for_each(|(_, count)| *count += 1),
            _ => {}
        }
    }
    // The comma comes first, and the last of equals is taken.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(one, _)| *one)
}

/// A date without a zone is one of the council's.
fn dated(text: &str, format: Option<&str>, zone: &TimeZone) -> Result<Option<Instant>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let civil = |at: jiff::civil::DateTime| at.to_zoned(zone.clone()).ok().map(|at| at.timestamp());
    let stamp = match format {
        Some(format) => jiff::fmt::strtime::parse(format, text).ok().and_then(|parts| {
            let midnight = || parts.to_date().ok().map(|day| day.at(0, 0, 0, 0));
            parts.to_timestamp().ok().or_else(|| parts.to_datetime().ok().or_else(midnight).and_then(civil))
        }),
        None => text.parse::<jiff::Timestamp>().ok().or_else(|| text.parse().ok().and_then(civil)),
    };
    match (stamp, format) {
        (Some(stamp), _) => Ok(Some(Instant::new(stamp))),
        (None, Some(format)) => Err(format!("the date {text:?} does not read as {format}")),
        (None, None) => Err(format!("the date {text:?} cannot be read")),
    }
}

/// Milliseconds since 1970.
fn stamped(text: &str) -> Result<Instant, String> {
    let unread = || format!("the timestamp {text:?} is not one in milliseconds");
    let millis: i64 = text.trim().parse().ok().ok_or_else(unread)?;
    jiff::Timestamp::from_millisecond(millis).ok().map(Instant::new).ok_or_else(unread)
}

fn report(verdicts: &[(u64, Verdict)], stored: Report, dry_run: bool) -> String {
    let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|(_, verdict)| wanted(verdict)).count();
    let lines = [
        ("rows", verdicts.len() as u64),
        ("accepted", count(|verdict| *verdict == Verdict::Accepted) as u64),
        ("cleaned", count(|verdict| matches!(verdict, Verdict::Cleaned(_))) as u64),
        ("refused", count(|verdict| matches!(verdict, Verdict::Refused(_))) as u64),
        ("already there", stored.already_there),
        (if dry_run { "would be imported" } else { "imported" }, stored.inserted),
    ];
    let mut text = String::new();
    for (what, number) in lines {
        text.push_str(&format!("{number:>8}  {what}\n"));
    }
    for (line, verdict) in verdicts {
        match verdict {
            Verdict::Accepted => {}
            Verdict::Cleaned(reasons) => text.push_str(&format!("line {line}: cleaned: {}\n", reasons.join("; "))),
            Verdict::Refused(reason) => text.push_str(&format!(
                "line {line}: refused: {reason}
"
            )),
        }
    }
    text
}

/// A reader who has seen enough (`| head`) is no error: what was imported stays so.
fn tell(report: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(report.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_guessed_from_the_heading() {
        assert_eq!(guessed(b"\"id, or so\";\"title\"\n1,2,3,4"), b';');
        assert_eq!(guessed(b"id,title\n"), b',');
        assert_eq!(guessed(b"id\ttitle\n"), b'\t');
        assert_eq!(guessed(b"id\n"), b',');
    }

    #[test]
    fn lines_are_those_of_the_file() {
        for (text, wanted) in [("a,b\n1,2\n3,4\n", [2, 3]), ("a,b\r\n1,\"x\r\ny\"\r\n\r\n3,4", [2, 5])] {
            let mut lines = Lines { bytes: text.as_bytes(), seen: 0, line: 1 };
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let mut told = Vec::new();
            for record in reader.byte_records() {
                told.push(lines.at(usize::try_from(record.unwrap().position().unwrap().byte()).unwrap()));
            }
            assert_eq!(told, wanted, "{text:?}");
        }
    }

    #[test]
    fn dates_without_a_zone_are_the_councils() {
        let madrid = TimeZone::get("Europe/Madrid").unwrap();
        let read = |text, format| dated(text, format, &madrid).map(|at| at.map(|at| at.to_string()));
        assert_eq!(read("01/07/2024", Some("%d/%m/%Y")), Ok(Some("2024-06-30T22:00:00Z".into())));
        assert_eq!(read("2024-07-01", None), Ok(Some("2024-06-30T22:00:00Z".into())));
        assert_eq!(read("2024-07-01T10:00:00Z", None), Ok(Some("2024-07-01T10:00:00Z".into())));
        assert_eq!(
            read("2024-07-01 10:00:00 +0000", Some("%Y-%m-%d %H:%M:%S %z")),
            Ok(Some("2024-07-01T10:00:00Z".into()))
        );
        assert_eq!(read(" ", None), Ok(None));
        assert!(read("31/31/2024", Some("%d/%m/%Y")).is_err());
        assert_eq!(stamped("1518501496471").unwrap().to_string(), "2018-02-13T05:58:16.471000Z");
    }
}
