//! Ideas from elsewhere: what becomes of each row of a file, and how the rows are stored. Reading files is not done
//! here; the cleaning is pure.

use std::collections::{HashMap, HashSet};

use super::queries::{self, NewIdea};
use crate::accountability::promises;
use crate::participation::challenges::model::PromiseRow;
use crate::participation::challenges::queries::{find_challenge, find_promise};
use crate::people::councils::model::Council;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Code, Result};
use crate::platform::html::{text_of, tidy};
use crate::process::moderation;
use crate::process::moderation::item::Subject;
use crate::vocabulary::{IdeaOrigin, IdeaState};

/// Characters of a title at least, as for those who submit.
const TITLE_LEAST: usize = 3;
/// Characters of a title at most.
const TITLE_MOST: usize = 120;
/// Characters of a title that is taken from the text.
const TITLE_FROM_TEXT: usize = 80;
/// Characters of a body at most.
const BODY_MOST: usize = 10_000;
/// Elements that tell HTML from text that happens to hold a `<`.
const TAGS: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "br",
    "div",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "iframe",
    "img",
    "li",
    "ol",
    "p",
    "script",
    "span",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "td",
    "tr",
    "u",
    "ul",
];

/// One idea of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Where it begins in the file.
    pub line: u64,
    /// What it is called there: the kind of file, a colon, its id.
    pub source_ref: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// When it was submitted; `None` is the time of the import.
    pub submitted_at: Option<Instant>,
    /// Whether a moderator looks at it first.
    pub held: bool,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Taken as it is, but for white space at the ends.
    Accepted,
    /// Taken, with what was done to it or is to be known of it.
    Cleaned(Vec<String>),
    /// Left out, and why.
    Refused(String),
}

/// Cleans the rows of one file, in order; knows those it has seen.
#[derive(Debug)]
pub struct Cleaner {
    now: Instant,
    title_from_text: bool,
    references: HashMap<String, u64>,
    texts: HashMap<(String, String), u64>,
}

impl Cleaner {
    /// For one file at one instant. Where the file has no titles, a title is the beginning of the text.
    pub fn new(now: Instant, title_from_text: bool) -> Self {
        Self { now, title_from_text, references: HashMap::new(), texts: HashMap::new() }
    }

    /// The row as it is stored, unless it is refused. `notes` are told with it.
    pub fn clean(&mut self, row: Row, notes: Vec<String>) -> (Verdict, Option<Row>) {
        let mut reasons = notes;
        match self.checked(row, &mut reasons) {
            Err(reason) => (Verdict::Refused(reason), None),
            Ok(row) if reasons.is_empty() => (Verdict::Accepted, Some(row)),
            Ok(row) => (Verdict::Cleaned(reasons), Some(row)),
        }
    }

    fn checked(&mut self, row: Row, reasons: &mut Vec<String>) -> std::result::Result<Row, String> {
        let body = body_of(&row.body, reasons);
        let title = if self.title_from_text {
            let line = one_line(&body);
            cut(&line, TITLE_FROM_TEXT).unwrap_or(line)
        } else {
            title_of(&row.title, reasons)
        };
        match title.chars().count() {
            0 => return Err("no title".into()),
            some if some < TITLE_LEAST => return Err(format!("a title of fewer than {TITLE_LEAST} characters")),
            _ => {}
        }
        match body.chars().count() {
            0 => reasons.push("no text".into()),
            some if some > BODY_MOST => return Err(format!("a text of {some} characters; {BODY_MOST} are taken")),
            _ => {}
        }
        let submitted_at = row.submitted_at.filter(|at| *at <= self.now);
        if submitted_at != row.submitted_at {
            reasons.push("dated in the future: the time of the import is used".into());
        }
        if let Some(first) = self.references.get(&row.source_ref) {
            return Err(format!("the same id as line {first}"));
        }
        let text = (title.clone(), body.clone());
        if let Some(first) = self.texts.get(&text) {
            return Err(format!("the same title and text as line {first}"));
        }
        self.references.insert(row.source_ref.clone(), row.line);
        self.texts.insert(text, row.line);
        Ok(Row { title, body, submitted_at, ..row })
    }
}

fn body_of(source: &str, reasons: &mut Vec<String>) -> String {
    let plain = plain_of(source, "text", reasons);
    let mut lines: Vec<String> = Vec::new();
    for line in plain.lines().map(one_line) {
        // Paragraphs are parted by one empty line, however many there were.
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    let body = tidy(&lines.join("\n"));
    let told = reasons.iter().any(|reason| reason.starts_with("HTML in the text"));
    if !told && body != tidy(&plain.replace("\r\n", "\n")) {
        reasons.push("white space in the text tidied".into());
    }
    body
}

fn title_of(source: &str, reasons: &mut Vec<String>) -> String {
    let plain = plain_of(source, "title", reasons);
    if plain.trim().contains(['\n', '\r']) {
        reasons.push("line breaks in the title removed".into());
    }
    let title = tidy(&one_line(&plain));
    match cut(&title, TITLE_MOST) {
        Some(short) => {
            reasons.push(format!("title of {} characters cut to {TITLE_MOST}", title.chars().count()));
            short
        }
        None => title,
    }
}

/// Without HTML and control characters. They are removed twice, because HTML can spell them.
fn plain_of(source: &str, place: &str, reasons: &mut Vec<String>) -> String {
    let (first, mut removed) = without_controls(source);
    let plain = if is_html(&first) {
        reasons.push(format!("HTML in the {place} made text"));
        let (second, more) = without_controls(&text_of(&first));
        removed |= more;
        second
    } else {
        first
    };
    if removed {
        reasons.push(format!("control characters in the {place} removed"));
    }
    plain
}

fn without_controls(text: &str) -> (String, bool) {
    let unwanted = |c: char| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || c == '\u{feff}';
    (text.chars().filter(|c| !unwanted(*c)).collect(), text.contains(unwanted))
}

fn is_html(text: &str) -> bool {
    let tag = text.split('<').skip(1).any(|rest| {
        // Up to the next `<`, so that a tag must end in what is looked at.
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        let after = rest.strip_prefix(name.as_str()).and_then(|rest| rest.chars().next());
        TAGS.contains(&name.to_ascii_lowercase().as_str())
            && rest.contains('>')
            && after.is_some_and(|c| c == '>' || c == '/' || c.is_whitespace())
    });
    let entity = text.split('&').skip(1).any(|rest| {
        rest.split_once(';').is_some_and(|(name, _)| {
            let digits = name.strip_prefix('#');
            let bare = digits.unwrap_or(name);
            (2..=8).contains(&name.len()) && bare.bytes().all(|b| b.is_ascii_alphanumeric())
        })
    });
    tag || entity
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cut at a word where it is longer than `most` characters.
pub fn cut(text: &str, most: usize) -> Option<String> {
    if text.chars().count() <= most {
        return None;
    }
    let head: String = text.chars().take(most.saturating_sub(1)).collect();
    let within_a_word = !text.chars().nth(most.saturating_sub(1)).is_some_and(char::is_whitespace);
    let kept = match head.rsplit_once(' ') {
        // A word that fills half of the title is cut; there is no title without it.
        Some((before, _)) if within_a_word && before.chars().count() > most / 2 => before,
        _ => head.as_str(),
    };
    Some(format!("{}…", kept.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '–'))))
}

/// What was stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Ideas that are new.
    pub inserted: u64,
    /// Rows that an earlier import had stored.
    pub already_there: u64,
}

/// The promise that imported ideas fall under.
///
/// # Errors
/// 404 where there is no such challenge; 409 where it has no promise yet or is a draft, whose ideas nobody may see.
pub fn promise_of(tx: &mut Tx<'_>, council: &Council, challenge: Id) -> Result<PromiseRow> {
    let row = find_challenge(tx, council.id, challenge, true)?;
    let Some(promise) = find_promise(tx, council.id, challenge)? else {
        return Err(Code::WrongState
            .because("This challenge has no promise, so nobody owes its ideas an answer: write the promise first.")
            .into());
    };
    if row.opened_at.is_none() {
        return Err(Code::WrongState
            .because("This challenge is a draft and its promise not yet in force: open it, then import.")
            .into());
    }
    Ok(promise)
}

/// Stores cleaned rows, all or none; those that were imported before are left as they are.
///
/// The council owes an answer from the import on, not from the day a row was written elsewhere: the promise was not
/// made then. `progress` is told how many rows are done, from the beginning again where the transaction is run again.
///
/// # Errors
/// Those of [`promise_of`], and what the database answers; with nothing stored.
pub fn store(
    tx: &mut Tx<'_>,
    council: &Council,
    challenge: Id,
    rows: &[Row],
    progress: &dyn Fn(u64),
) -> Result<Report> {
    let promise = promise_of(tx, council, challenge)?;
    let now = tx.now();
    let due = promises::queries::find_clock(tx, council, challenge)?.due(now)?;
    let mut there: HashSet<String> = queries::imported_refs(tx, council.id, challenge)?.into_iter().collect();
    let mut report = Report::default();
    for (row, done) in rows.iter().zip(1_u64..) {
        progress(done);
        if !there.insert(row.source_ref.clone()) {
            report.already_there += 1;
            continue;
        }
        let state = if row.held { IdeaState::Held } else { IdeaState::Published };
        let new = NewIdea {
            challenge,
            author: None,
            origin: IdeaOrigin::Import,
            source_ref: Some(&row.source_ref),
            state,
            title: &row.title,
            body: &row.body,
            category: None,
            submitted_at: row.submitted_at.unwrap_or(now),
            due,
            clock_from: now,
        };
        let id = queries::insert_idea(tx, council, &new)?;
        if row.held {
            moderation::open_case(
                tx,
                council.id,
                Subject::idea(id),
                state,
                promise.moderate_within_hours.unsigned_abs(),
            )?;
        }
        report.inserted += 1;
    }
    if report.inserted > 0 {
        promises::jobs::schedule(tx, council.id, challenge, due.at)?;
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaner() -> Cleaner {
        Cleaner::new("2026-11-16T10:00:00Z".parse().unwrap(), false)
    }

    fn row(line: u64, title: &str, body: &str) -> Row {
        Row {
            line,
            source_ref: format!("csv:{line}"),
            title: title.into(),
            body: body.into(),
            submitted_at: None,
            held: false,
        }
    }

    fn one(title: &str, body: &str) -> (Verdict, Option<Row>) {
        cleaner().clean(row(2, title, body), Vec::new())
    }

    fn cleaned(reasons: &[&str]) -> Verdict {
        Verdict::Cleaned(reasons.iter().map(|reason| (*reason).to_owned()).collect())
    }

    #[test]
    fn html_becomes_text() {
        let (verdict, stored) =
            one("M&aacute;s &aacute;rboles", "<p>Uno&nbsp;y  dos.</p>\r\n\r\n<p>Tres<br />cuatro.</p>");
        assert_eq!(verdict, cleaned(&["HTML in the text made text", "HTML in the title made text"]));
        let stored = stored.unwrap();
        assert_eq!(stored.title, "Más árboles");
        assert_eq!(stored.body, "Uno y dos.\n\nTres\ncuatro.");
        let (_, stored) = one("Script", "<script>alert(1)</script><p onclick=\"x()\">Hello</p>");
        assert_eq!(stored.unwrap().body, "Hello");
    }

    #[test]
    fn text_with_signs_is_no_html() {
        for body in ["I <3 trees", "a < b and b > c", "fish & chips; peas", "speed <p 30", "AT&T"] {
            let (verdict, stored) = one("Signs", body);
            assert_eq!((verdict, stored.unwrap().body.as_str()), (Verdict::Accepted, body));
        }
    }

    #[test]
    fn an_empty_text_is_taken_and_told() {
        for body in ["", "  \n ", "<p>&nbsp;</p>"] {
            let (verdict, stored) = one("A title", body);
            assert!(
                matches!(&verdict, Verdict::Cleaned(reasons) if reasons.contains(&"no text".to_owned())),
                "{verdict:?}"
            );
            assert_eq!(stored.unwrap().body, "");
        }
    }

    #[test]
    fn without_a_title_or_with_too_much_text_it_is_refused() {
        assert_eq!(one(" \n", "Text").0, Verdict::Refused("no title".into()));
        assert_eq!(one("ab", "Text").0, Verdict::Refused("a title of fewer than 3 characters".into()));
        assert_eq!(one("Long", &"é".repeat(10_000)).0, Verdict::Accepted);
        let (verdict, stored) = one("Long", &"é".repeat(10_001));
        assert_eq!(verdict, Verdict::Refused("a text of 10001 characters; 10000 are taken".into()));
        assert_eq!(stored, None);
    }

    #[test]
    fn a_second_of_the_same_names_the_first() {
        let mut cleaner = cleaner();
        assert_eq!(cleaner.clean(row(2, "A tree", "Here"), Vec::new()).0, Verdict::Accepted);
        assert_eq!(cleaner.clean(row(3, "A tree", "There"), Vec::new()).0, Verdict::Accepted);
        assert_eq!(
            cleaner.clean(row(4, "A  tree ", "<p>Here</p>"), Vec::new()).0,
            Verdict::Refused("the same title and text as line 2".into())
        );
        let again = Row { source_ref: "csv:3".into(), ..row(5, "Another", "Text") };
        assert_eq!(cleaner.clean(again, Vec::new()).0, Verdict::Refused("the same id as line 3".into()));
    }

    #[test]
    fn a_long_title_is_cut_at_a_word_and_has_one_line() {
        let (verdict, stored) = one("Two\r\nlines", "Text");
        assert_eq!(verdict, cleaned(&["line breaks in the title removed"]));
        assert_eq!(stored.unwrap().title, "Two lines");
        let (verdict, stored) = one(&"tree, ".repeat(40), "Text");
        assert_eq!(verdict, cleaned(&["title of 239 characters cut to 120"]));
        assert_eq!(stored.unwrap().title, format!("{}tree…", "tree, ".repeat(19)));
        let (_, stored) = one(&"ö".repeat(200), "Text");
        assert_eq!(stored.unwrap().title, format!("{}…", "ö".repeat(119)));
        assert_eq!(one(&"ö".repeat(120), "Text").0, Verdict::Accepted);
    }

    #[test]
    fn control_characters_are_removed_even_where_html_spells_them() {
        let (verdict, stored) = one("Be\u{7}ll", "Te\0xt\u{9b}");
        let stored = stored.unwrap();
        assert_eq!((stored.title.as_str(), stored.body.as_str()), ("Bell", "Text"));
        assert_eq!(
            verdict,
            cleaned(&["control characters in the text removed", "control characters in the title removed"])
        );
        let (_, stored) = one("Spelt", "a&#7;b");
        assert_eq!(stored.unwrap().body, "ab");
    }

    #[test]
    fn white_space_inside_is_tidied_and_told_at_the_ends_only_tidied() {
        let (verdict, stored) = one("A tree ", " One  two \n\n\n\n three\n");
        assert_eq!(verdict, cleaned(&["white space in the text tidied"]));
        assert_eq!(stored.unwrap().body, "One two\n\nthree");
        assert_eq!(one("A tree ", " One\r\ntwo\n").0, Verdict::Accepted);
    }

    #[test]
    fn a_title_is_taken_from_the_text_where_the_file_has_none() {
        let mut cleaner = Cleaner::new("2026-11-16T10:00:00Z".parse().unwrap(), true);
        let (verdict, stored) = cleaner.clean(row(2, "", "Short\nand good"), vec!["a note".into()]);
        assert_eq!(verdict, cleaned(&["a note"]));
        assert_eq!(stored.unwrap().title, "Short and good");
        let (_, stored) = cleaner.clean(row(3, "", &"word ".repeat(40)), Vec::new());
        let title = stored.unwrap().title;
        assert!(title.chars().count() <= 80 && title.ends_with("word…"), "{title}");
        assert_eq!(cleaner.clean(row(4, "", " "), Vec::new()).0, Verdict::Refused("no title".into()));
    }

    #[test]
    fn nothing_is_submitted_in_the_future() {
        let future = Row { submitted_at: Some("2027-01-01T00:00:00Z".parse().unwrap()), ..row(2, "A tree", "Here") };
        let (verdict, stored) = cleaner().clean(future, Vec::new());
        assert_eq!(verdict, cleaned(&["dated in the future: the time of the import is used"]));
        assert_eq!(stored.unwrap().submitted_at, None);
    }
}
