//! All the SQL of reports.

use diesel::prelude::*;

use crate::platform::db::schema::{cases, decisions, reports};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::process::moderation::item::Subject;
use crate::vocabulary::{CaseState, DecisionKind, ReportReason};
use crate::{about, each};

/// Words that are shown of one case at most.
const WORDS: i64 = 100;

/// A report as whoever made it sees it.
#[derive(Clone, Debug, Queryable)]
pub struct OwnRow {
    /// The idea, or that under which the comment is.
    pub idea: Id,
    /// The comment, where it is one.
    pub comment: Option<Id>,
    /// In which revision.
    pub revision: i32,
    /// What is wrong.
    pub reason: ReportReason,
    /// In words.
    pub words: Option<String>,
    /// When.
    pub reported_at: Instant,
    /// Whether the case waits.
    pub state: CaseState,
    /// Until when it was promised.
    pub due_at: Instant,
    /// What was decided.
    pub decision: Option<DecisionKind>,
}

/// What somebody has reported of an idea or a comment.
///
/// # Errors
/// What the database answers.
pub fn find_own(tx: &mut Tx<'_>, council: Id, of: Subject, account: Id) -> Result<Option<OwnRow>> {
    let all = reports::table
        .inner_join(cases::table.on(cases::council_id.eq(reports::council_id).and(cases::id.eq(reports::case_id))))
        .left_join(
            decisions::table
                .on(decisions::council_id.eq(reports::council_id).and(decisions::case_id.eq(reports::case_id))),
        )
        .filter(reports::council_id.eq(council))
        .filter(reports::account_id.eq(account));
    Ok(about!(all, reports, of)
        .select((
            reports::idea_id,
            reports::comment_id,
            reports::idea_revision,
            reports::reason,
            reports::words,
            reports::reported_at,
            cases::state,
            cases::due_at,
            decisions::kind.nullable(),
        ))
        .first(&mut **tx)
        .optional()?)
}

/// What a report is made of.
#[derive(Clone, Debug)]
pub struct NewReport<'a> {
    /// Of what.
    pub of: Subject,
    /// In which revision.
    pub revision: i32,
    /// In which case it is looked at.
    pub case: Id,
    /// Whose.
    pub account: Id,
    /// What is wrong.
    pub reason: ReportReason,
    /// In words.
    pub words: Option<&'a str>,
}

/// Writes a report and counts it in its case; the case keeps its version, for what a moderator has read of it is what it
/// is.
///
/// # Errors
/// What the database answers.
pub fn insert_report(tx: &mut Tx<'_>, council: Id, new: &NewReport<'_>) -> Result<()> {
    let now = tx.now();
    each!(&mut **tx, c => diesel::insert_into(reports::table)
        .values((
            reports::council_id.eq(council),
            reports::id.eq(Id::random()),
            reports::idea_id.eq(new.of.idea),
            reports::comment_id.eq(new.of.comment),
            reports::case_id.eq(new.case),
            reports::account_id.eq(new.account),
            reports::idea_revision.eq(new.revision),
            reports::reason.eq(new.reason),
            reports::words.eq(new.words),
            reports::reported_at.eq(now),
        ))
        .execute(c))?;
    diesel::update(cases::table.find((council, new.case)))
        .set(cases::reports.eq(cases::reports + 1))
        .execute(&mut **tx)?;
    Ok(())
}

/// How often what was reported in a case, the most frequent first.
///
/// # Errors
/// What the database answers.
pub fn reasons_in(tx: &mut Tx<'_>, council: Id, case: Id) -> Result<Vec<(ReportReason, i64)>> {
    let mut counted: Vec<(ReportReason, i64)> = reports::table
        .filter(reports::council_id.eq(council))
        .filter(reports::case_id.eq(case))
        .group_by(reports::reason)
        .select((reports::reason, diesel::dsl::count_star()))
        .load(&mut **tx)?;
    counted.sort_by_key(|(reason, count)| (-count, reason.as_str()));
    Ok(counted)
}

/// Words that came with reports in a case, in no order.
///
/// # Errors
/// What the database answers.
pub fn words_in(tx: &mut Tx<'_>, council: Id, case: Id) -> Result<Vec<(ReportReason, i32, String)>> {
    let rows: Vec<(ReportReason, i32, Option<String>)> = reports::table
        .filter(reports::council_id.eq(council))
        .filter(reports::case_id.eq(case))
        .filter(reports::words.is_not_null())
        .select((reports::reason, reports::idea_revision, reports::words))
        .order(reports::id.asc())
        .limit(WORDS)
        .load(&mut **tx)?;
    Ok(rows.into_iter().filter_map(|(reason, revision, words)| Some((reason, revision, words?))).collect())
}

/// Who reported what a case is about.
///
/// # Errors
/// What the database answers.
pub fn reporters(tx: &mut Tx<'_>, council: Id, case: Id) -> Result<Vec<Id>> {
    Ok(reports::table
        .filter(reports::council_id.eq(council))
        .filter(reports::case_id.eq(case))
        .select(reports::account_id)
        .load(&mut **tx)?)
}
