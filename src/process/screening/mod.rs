//! Screening: what is looked at before a text is public. Screeners are pure, find places in a text or in how it came, and may
//! only have it held: whether it stays is decided by a moderator, who is shown what was found.
//!
//! What the text itself says is read before the write ([`read`]); what only the database knows, inside it ([`weigh`]).

mod holdings;
#[cfg(test)]
mod measure;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod screeners;
pub mod views;

use model::{Finding, Item, Listed, Seen};

use crate::app::App;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::metrics::{Metrics, ScreeningLabels};
use crate::process::moderation::item::Subject;
use crate::vocabulary::FindingKind;

/// What the list of the words of a council comes to, where it can be read.
pub type Words = std::result::Result<Vec<Listed>, model::Unchecked>;

/// Reads a text by itself: everything that takes time, before anybody waits for the writer.
///
/// # Errors
/// What the database answers.
pub async fn read(app: &App, council: Id, challenge: Id, title: &str, body: &str) -> Result<Seen> {
    let words = app.db.read(move |tx| queries::words_for(tx, council, challenge)).await?;
    Ok(see(app, &words, title, body))
}

/// What a text shows by itself.
pub fn see(app: &App, words: &Words, title: &str, body: &str) -> Seen {
    let findings = rules::read(&screeners::ALL, &Item { title, body, words: words.as_deref() });
    let likeness = screeners::repetition::likeness(title, body);
    let digest = likeness.map(|text| app.config.secrets.mac("text-digest", &[text.as_bytes()]));
    let seen = Seen { findings, digest };
    count(&app.metrics, &seen);
    seen
}

fn count(metrics: &Metrics, seen: &Seen) {
    for screener in screeners::ALL {
        let of_it = || seen.findings.iter().filter(|finding| finding.screener == screener.name());
        let result = match of_it().next() {
            None => "nothing",
            Some(_) if of_it().any(|finding| finding.mark.kind == FindingKind::NotChecked) => "failed",
            Some(_) => "found",
        };
        metrics.screenings.get_or_create(&ScreeningLabels { screener: screener.name().as_str(), result }).inc();
    }
}

/// As what a text comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coming {
    /// A new idea.
    Idea,
    /// A new comment.
    Comment,
    /// Another revision of what there is: no further submission.
    Revision(Subject),
}

/// Everything that was found: in the text, and in how it came.
///
/// # Errors
/// What the database answers.
pub fn weigh(tx: &mut Tx<'_>, council: Id, author: Id, of: Coming, seen: &Seen) -> Result<Vec<Finding>> {
    let circumstances = queries::circumstances(tx, council, author, of, seen.digest.as_deref())?;
    let mut findings = seen.findings.clone();
    findings.extend(rules::weigh(&screeners::ALL, &circumstances));
    Ok(findings)
}

/// What was found in a revision, with the case that shows it.
#[derive(Clone, Copy, Debug)]
pub struct Kept<'a> {
    /// In which case a moderator looks at it.
    pub case: Id,
    /// Of what.
    pub of: Subject,
    /// In which revision.
    pub revision: i32,
    /// What the text showed by itself.
    pub seen: &'a Seen,
    /// Everything that was found.
    pub findings: &'a [Finding],
}

/// Writes down what was found, and by what the text is known again.
///
/// # Errors
/// What the database answers.
pub fn keep(tx: &mut Tx<'_>, council: Id, kept: &Kept<'_>) -> Result<()> {
    queries::insert_findings(tx, council, kept)?;
    queries::set_digest(tx, council, kept.of, kept.seen.digest.as_deref())
}

/// Since when an account is new, at an instant.
pub fn new_since(now: Instant) -> Instant {
    now.minus(screeners::bursts::NEW)
}
