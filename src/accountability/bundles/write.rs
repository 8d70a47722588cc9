//! The writing of a bundle: one file after the other, some ideas at a time, so that it is never whole in memory.

use std::io::{self, BufWriter, Seek, Write};

use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::sections::{Read, SECTIONS, Scope, Section};
use crate::accountability::figures::table::plain;
use crate::participation::ideas::queries::ideas_in_order;
use crate::platform::db::Tx;
use crate::platform::error::Result;

/// Ideas in hand at once.
const PIECE: i64 = 200;

/// Writes a bundle; gives a digest of all that is in it.
///
/// # Errors
/// What the database or the file answers.
pub(super) fn write_bundle(tx: &mut Tx<'_>, scope: &Scope<'_>, to: impl Write + Seek) -> Result<String> {
    let mut bundle = Bundle { zip: ZipWriter::new(BufWriter::new(to)), sums: String::new() };
    bundle.file("README.txt", |out| Ok(out.write_all(readme().as_bytes())?))?;
    bundle.file("bundle.json", |out| json(tx, scope, out))?;
    for section in SECTIONS {
        bundle.file(&format!("csv/{}.csv", section.name), |out| csv(tx, scope, section, out))?;
    }
    let sums = std::mem::take(&mut bundle.sums);
    bundle.file("SHA256SUMS", |out| Ok(out.write_all(sums.as_bytes())?))?;
    let mut file = bundle.zip.finish().map_err(anyhow::Error::from)?;
    file.flush().map_err(anyhow::Error::from)?;
    Ok(hex::encode(Sha256::digest(sums)))
}

struct Bundle<W: Write + Seek> {
    zip: ZipWriter<W>,
    sums: String,
}

impl<W: Write + Seek> Bundle<W> {
    fn file(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut Summed<&mut ZipWriter<W>>) -> anyhow::Result<()>,
    ) -> Result<()> {
        // Neither the day of the writing nor the machine shows.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        self.zip.start_file(name, options).map_err(anyhow::Error::from)?;
        let mut out = Summed { to: &mut self.zip, sum: Sha256::new() };
        write(&mut out)?;
        let sum = hex::encode(out.sum.finalize());
        self.sums.push_str(&format!("{sum}  {name}\n"));
        Ok(())
    }
}

/// Sums up what goes through it.
struct Summed<W> {
    to: W,
    sum: Sha256,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.sum.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// Every row of a section, one after the other.
fn rows(
    tx: &mut Tx<'_>,
    scope: &Scope<'_>,
    section: &Section,
    mut each: impl FnMut(&Value) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let of_ideas = match section.read {
        Read::Whole(read) => return read(tx, scope)?.iter().try_for_each(each),
        Read::OfIdeas(read) => read,
    };
    let mut after = None;
    loop {
        let piece = ideas_in_order(tx, scope.council.id, scope.challenge, after, PIECE)?;
        let Some(last) = piece.last() else { return Ok(()) };
        after = Some(last.idea.id);
        of_ideas(tx, scope, &piece)?.iter().try_for_each(&mut each)?;
    }
}

fn json(tx: &mut Tx<'_>, scope: &Scope<'_>, out: &mut impl Write) -> anyhow::Result<()> {
    write!(out, "{{\n\"format\": 1")?;
    for section in SECTIONS {
        write!(out, ",\n\"{}\": [", section.name)?;
        let mut separator = "\n";
        rows(tx, scope, section, |row| {
            let members = section
                .columns
                .iter()
                .map(|(name, _)| ((*name).to_owned(), row.get(*name).cloned().unwrap_or_default()));
            write!(out, "{separator}{}", Value::Object(members.collect()))?;
            separator = ",\n";
            Ok(())
        })?;
        write!(out, "]")?;
    }
    Ok(writeln!(out, "\n}}")?)
}

fn csv(tx: &mut Tx<'_>, scope: &Scope<'_>, section: &Section, out: &mut impl Write) -> anyhow::Result<()> {
    let mut table = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(out);
    table.write_record(section.columns.iter().map(|(name, _)| *name))?;
    rows(tx, scope, section, |row| {
        Ok(table.write_record(section.columns.iter().map(|(name, _)| cell(row.get(*name))))?)
    })?;
    Ok(table.flush()?)
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => plain(text),
        Some(other) => other.to_string(),
    }
}

/// What each file and column is.
fn readme() -> String {
    let mut text = String::from(
        "This file holds all that is public of one challenge: what was asked and promised, what came in, what was answered\n\
         and decided, and what came of it. It was written from one moment of the database. The same data make the same bytes.\n\
         \n\
         bundle.json has all of it; csv/ has the same as tables (RFC 4180, UTF-8). A cell that a spreadsheet would take for a\n\
         formula begins with an apostrophe, which is not in bundle.json. Times are in UTC (RFC 3339). SHA256SUMS has the\n\
         checksum of each file: `sha256sum -c SHA256SUMS`.\n\
         \n\
         Not in here, for it is not public: statements of reasons, reports and who made them, ideas and comments that were never\n\
         public, ideas that their author has taken back, comments whose idea or thread is out of sight, earlier versions of\n\
         both, and who of the staff acted.\n",
    );
    for section in SECTIONS {
        text.push_str(&format!(
            "\ncsv/{}.csv, \"{}\" in bundle.json\n  {}\n",
            section.name, section.name, section.what
        ));
        for (name, told) in section.columns {
            text.push_str(&format!("  {name}: {told}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(cell(Some(&Value::from("=1+1"))), "'=1+1");
        assert_eq!(cell(Some(&Value::from(-1))), "-1");
        assert_eq!(cell(Some(&Value::Null)), "");
    }

    #[test]
    fn every_file_and_column_is_explained_and_none_twice() {
        let text = readme();
        for section in SECTIONS {
            let names: std::collections::BTreeSet<_> = section.columns.iter().map(|(name, _)| name).collect();
            assert_eq!(names.len(), section.columns.len(), "{}", section.name);
            assert!(text.contains(&format!("csv/{}.csv", section.name)));
        }
    }
}
