//! All the SQL of screening.

use diesel::prelude::*;

use super::model::{Circumstances, Finding, Mark, Place, Unchecked};
use super::screeners::bursts::{LATELY, MINUTES, NEWCOMERS};
use super::screeners::words::listed;
use super::{Coming, Kept, Words};
use super::{new_since, rules};
use crate::participation::comments;
use crate::platform::db::schema::{accounts, cases, challenges, councils, findings, ideas, text_digests, word_lists};
use crate::platform::db::{Id, Instant, Json, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::process::moderation::item::Subject;
use crate::vocabulary::{CaseReason, CaseState, IdeaState, Role};
use crate::{about, each};

/// A word list of a council.
#[derive(Clone, Debug, Queryable)]
pub struct WordListRow {
    /// Its words, as they were written.
    pub words: Json,
    /// Raised by each change.
    pub version: i64,
    /// When it was last written.
    pub updated_at: Instant,
}

/// The words of a list; nothing where they are not what we have written.
pub fn words_of(json: &Json) -> Option<Vec<String>> {
    json.0.as_array()?.iter().map(|word| word.as_str().map(str::to_owned)).collect()
}

/// One word list, if it was ever written.
///
/// # Errors
/// What the database answers.
pub fn find_word_list(tx: &mut Tx<'_>, council: Id, language: &str) -> Result<Option<WordListRow>> {
    Ok(word_lists::table
        .find((council, language))
        .select((word_lists::words, word_lists::version, word_lists::updated_at))
        .first(&mut **tx)
        .optional()?)
}

/// All word lists of a council, by their languages.
///
/// # Errors
/// What the database answers.
pub fn all_word_lists(tx: &mut Tx<'_>, council: Id) -> Result<Vec<(String, Json)>> {
    Ok(word_lists::table
        .filter(word_lists::council_id.eq(council))
        .order(word_lists::language)
        .select((word_lists::language, word_lists::words))
        .load(&mut **tx)?)
}

/// Writes a list in place of the one that was read as this version; 0 where there was none.
///
/// # Errors
/// 412 where somebody else has written it since.
pub fn set_word_list(tx: &mut Tx<'_>, council: Id, language: &str, words: &Json, read: i64) -> Result<i64> {
    let (now, version) = (tx.now(), read.saturating_add(1));
    let written = match read {
        0 => each!(&mut **tx, c => diesel::insert_into(word_lists::table)
            .values((
                word_lists::council_id.eq(council),
                word_lists::language.eq(language),
                word_lists::words.eq(words),
                word_lists::version.eq(version),
                word_lists::updated_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(c))?,
        _ => diesel::update(word_lists::table.find((council, language)).filter(word_lists::version.eq(read)))
            .set((word_lists::words.eq(words), word_lists::version.eq(version), word_lists::updated_at.eq(now)))
            .execute(&mut **tx)?,
    };
    if written == 0 {
        return Err(Code::Changed.problem().into());
    }
    Ok(version)
}

/// The words to look for in a challenge: those of its language, and of the council's.
///
/// # Errors
/// What the database answers.
pub fn words_for(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Words> {
    let lists = all_word_lists(tx, council)?;
    if lists.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let of_council: String = councils::table.find(council).select(councils::language).first(&mut **tx)?;
    let of_challenge: Option<String> =
        challenges::table.find((council, challenge)).select(challenges::language).first(&mut **tx).optional()?;
    let spoken = [rules::primary(&of_council), rules::primary(of_challenge.as_deref().unwrap_or_default())];
    let mut words = Vec::new();
    for (_, list) in lists.iter().filter(|(language, _)| spoken.contains(&language.as_str())) {
        let Some(list) = words_of(list) else { return Ok(Err(Unchecked)) };
        words.extend(list.iter().filter_map(|word| listed(word)));
    }
    Ok(Ok(words))
}

/// How a text came: what else there is of it and of its author. A revision is no further submission.
///
/// # Errors
/// What the database answers.
pub fn circumstances(
    tx: &mut Tx<'_>,
    council: Id,
    author: Id,
    of: Coming,
    digest: Option<&str>,
) -> Result<Circumstances> {
    let now = tx.now();
    let (idea, comment) = match of {
        Coming::Idea | Coming::Comment => (None, None),
        Coming::Revision(Subject { comment: Some(comment), .. }) => (None, Some(comment)),
        Coming::Revision(Subject { idea, comment: None }) => (Some(idea), None),
    };
    let alike: i64 = match digest {
        // Whoever takes an idea back may send it again.
        Some(digest) => each!(&mut **tx, c => text_digests::table
            .inner_join(
                ideas::table.on(ideas::council_id.eq(text_digests::council_id).and(ideas::id.eq(text_digests::idea_id))),
            )
            .filter(text_digests::council_id.eq(council))
            .filter(text_digests::digest.eq(digest))
            .filter(text_digests::idea_id.ne(idea.unwrap_or(Id::NONE)))
            .filter(ideas::state.ne(IdeaState::Withdrawn))
            .count()
            .get_result(c))?,
        None => 0,
    };
    let alike_below = match digest {
        Some(digest) => comments::queries::count_alike(tx, council, digest, comment)?,
        None => 0,
    };
    let mut found = Circumstances { same_text: alike.saturating_add(alike_below), ..Circumstances::default() };
    if matches!(of, Coming::Revision(_)) {
        return Ok(found);
    }
    // Its owner may have erased it a moment ago.
    let made: Instant = accounts::table
        .find((council, author))
        .select(accounts::created_at)
        .first(&mut **tx)
        .or_not_found("account")?;
    found.account_is_new = made > new_since(now);
    if found.account_is_new {
        let since = now.minus(LATELY);
        let submitted: i64 = ideas::table
            .filter(ideas::council_id.eq(council))
            .filter(ideas::author_id.eq(author))
            .filter(ideas::submitted_at.gt(since))
            .count()
            .get_result(&mut **tx)?;
        let written = comments::queries::count_since(tx, council, author, since)?;
        found.submitted_lately = submitted.saturating_add(written);
        let made_between = |tx: &mut Tx<'_>, from: Instant, to: Instant| -> Result<i64> {
            // Ids go up with time, and the key of the table finds them.
            Ok(accounts::table
                .filter(accounts::council_id.eq(council))
                .filter(accounts::id.ge(Id::first_at(from)))
                .filter(accounts::role.eq(Role::Resident.as_str()))
                .filter(accounts::created_at.ge(from))
                .filter(accounts::created_at.le(to))
                .limit(NEWCOMERS)
                .select(accounts::id)
                .load::<Id>(&mut **tx)?
                .len()
                .try_into()
                .unwrap_or(NEWCOMERS))
        };
        // Among the last of a crowd, or among its first.
        let (before, after) =
            (made_between(tx, made.minus(MINUTES), made)?, made_between(tx, made, made.plus(MINUTES))?);
        found.newcomers = before.max(after);
    }
    Ok(found)
}

/// Writes down what was found in a revision.
///
/// # Errors
/// What the database answers.
pub fn insert_findings(tx: &mut Tx<'_>, council: Id, kept: &Kept<'_>) -> Result<()> {
    for (position, finding) in (0_i32..).zip(kept.findings) {
        let place = finding.mark.place;
        diesel::insert_into(findings::table)
            .values((
                findings::council_id.eq(council),
                findings::case_id.eq(kept.case),
                findings::revision.eq(kept.revision),
                findings::position.eq(position),
                findings::idea_id.eq(kept.of.idea),
                findings::comment_id.eq(kept.of.comment),
                findings::screener.eq(finding.screener.as_str()),
                findings::kind.eq(finding.mark.kind.as_str()),
                findings::field.eq(place.map(|place| place.field.as_str())),
                findings::place_start.eq(place.map(|place| place.start)),
                findings::place_end.eq(place.map(|place| place.end)),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Keeps by what the text of an idea or a comment is known again.
///
/// # Errors
/// What the database answers.
pub fn set_digest(tx: &mut Tx<'_>, council: Id, of: Subject, digest: Option<&str>) -> Result<()> {
    let Subject { idea, comment: None } = of else {
        return comments::queries::set_digest(tx, council, of.id(), digest);
    };
    diesel::delete(text_digests::table.find((council, idea))).execute(&mut **tx)?;
    if let Some(digest) = digest {
        diesel::insert_into(text_digests::table)
            .values((
                text_digests::council_id.eq(council),
                text_digests::idea_id.eq(idea),
                text_digests::digest.eq(digest),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Forgets what a text said, with the text.
///
/// # Errors
/// What the database answers.
pub fn forget_text(tx: &mut Tx<'_>, council: Id, of: Subject) -> Result<()> {
    let all = findings::table.filter(findings::council_id.eq(council)).filter(findings::idea_id.eq(of.idea));
    match of.comment {
        Some(comment) => diesel::delete(all.filter(findings::comment_id.eq(comment))).execute(&mut **tx)?,
        None => diesel::delete(all.filter(findings::comment_id.is_null())).execute(&mut **tx)?,
    };
    set_digest(tx, council, of, None)
}

type Row = (Id, i32, String, String, Option<String>, Option<i32>, Option<i32>);

/// What was found in these cases, by case and revision, in the order in which it was found.
///
/// # Errors
/// What the database answers.
pub fn findings_of(tx: &mut Tx<'_>, council: Id, cases: Vec<Id>) -> Result<Vec<(Id, i32, Finding)>> {
    let rows: Vec<Row> = findings::table
        .filter(findings::council_id.eq(council))
        .filter(findings::case_id.eq_any(cases))
        .order((findings::case_id, findings::revision, findings::position))
        .select((
            findings::case_id,
            findings::revision,
            findings::screener,
            findings::kind,
            findings::field,
            findings::place_start,
            findings::place_end,
        ))
        .load(&mut **tx)?;
    rows.into_iter().map(read_finding).collect()
}

fn read_finding((case, revision, screener, kind, field, start, end): Row) -> Result<(Id, i32, Finding)> {
    let read = || -> std::result::Result<Finding, String> {
        let place = match (field, start, end) {
            (Some(field), Some(start), Some(end)) => Some(Place { field: field.parse()?, start, end }),
            _ => None,
        };
        Ok(Finding { screener: screener.parse()?, mark: Mark { kind: kind.parse()?, place } })
    };
    Ok((case, revision, read().map_err(anyhow::Error::msg)?))
}

/// What was found in any revision of an idea or a comment while it waits: in its open case.
///
/// # Errors
/// What the database answers.
pub fn findings_in_open_case(tx: &mut Tx<'_>, council: Id, of: Subject) -> Result<Vec<Finding>> {
    let open: Vec<Id> = about!(cases::table.filter(cases::council_id.eq(council)), cases, of)
        .filter(cases::state.eq(CaseState::Open))
        .filter(cases::reason.ne(CaseReason::Appeal))
        .select(cases::id)
        .load(&mut **tx)?;
    Ok(findings_of(tx, council, open)?.into_iter().map(|(.., finding)| finding).collect())
}
