//! All the SQL of outside reviewers and of what they are shown.

use diesel::prelude::*;

use crate::people::accounts::queries::{empty_account, insert_account_without_address};
use crate::platform::db::schema::{outside_reviewers as reviewers, reviews};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{OrNotFound as _, Result};

/// Who is named.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = reviewers)]
pub struct ReviewerRow {
    /// The account that their decisions are written to; nobody signs in to it.
    pub account_id: Id,
    /// How they are called.
    pub name: String,
    /// Where the links are sent.
    pub email: String,
    /// Since when.
    pub named_at: Instant,
}

/// The outside reviewer of a council.
///
/// # Errors
/// What the database answers.
pub fn find_reviewer(tx: &mut Tx<'_>, council: Id) -> Result<Option<ReviewerRow>> {
    Ok(reviewers::table.find(council).select(ReviewerRow::as_select()).first(&mut **tx).optional()?)
}

/// Names somebody, in place of whoever was named before.
///
/// # Errors
/// What the database answers.
pub fn name_reviewer(tx: &mut Tx<'_>, council: Id, name: &str, email: &str) -> Result<Id> {
    withdraw_reviewer(tx, council)?;
    let now = tx.now();
    let account = insert_account_without_address(tx, council, name, None, false)?;
    diesel::insert_into(reviewers::table)
        .values((
            reviewers::council_id.eq(council),
            reviewers::account_id.eq(account),
            reviewers::name.eq(name),
            reviewers::email.eq(email),
            reviewers::named_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(account)
}

/// Names nobody any more; says whose account it was. Their address goes; their name stays in the audit log, with their decisions.
///
/// # Errors
/// What the database answers.
pub fn withdraw_reviewer(tx: &mut Tx<'_>, council: Id) -> Result<Option<Id>> {
    let Some(before) = find_reviewer(tx, council)? else { return Ok(None) };
    diesel::delete(reviewers::table.find(council)).execute(&mut **tx)?;
    empty_account(tx, council, before.account_id)?;
    Ok(Some(before.account_id))
}

/// What an appeal is against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Against a decision about an idea.
    Appeal(Id),
    /// Against a decision on a person.
    SanctionAppeal(Id),
}

impl Subject {
    fn columns(self) -> (Option<Id>, Option<Id>) {
        match self {
            Self::Appeal(id) => (Some(id), None),
            Self::SanctionAppeal(id) => (None, Some(id)),
        }
    }

    /// The id of the appeal.
    pub fn id(self) -> Id {
        match self {
            Self::Appeal(id) | Self::SanctionAppeal(id) => id,
        }
    }
}

/// A case that the outside reviewer is shown.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = reviews)]
pub struct ReviewRow {
    /// Its id.
    pub id: Id,
    appeal_id: Option<Id>,
    sanction_appeal_id: Option<Id>,
    /// To whom.
    pub account_id: Id,
    /// Until when.
    pub expires_at: Instant,
}

impl ReviewRow {
    /// What is to be decided; none where the database holds what it never takes.
    pub fn subject(&self) -> Option<Subject> {
        match (self.appeal_id, self.sanction_appeal_id) {
            (Some(id), None) => Some(Subject::Appeal(id)),
            (None, Some(id)) => Some(Subject::SanctionAppeal(id)),
            _ => None,
        }
    }
}

/// Writes a grant.
///
/// # Errors
/// What the database answers.
pub fn insert_review(tx: &mut Tx<'_>, council: Id, of: Subject, account: Id, expires_at: Instant) -> Result<Id> {
    let (id, now) = (Id::random(), tx.now());
    let (appeal, sanction_appeal) = of.columns();
    diesel::insert_into(reviews::table)
        .values((
            reviews::council_id.eq(council),
            reviews::id.eq(id),
            reviews::appeal_id.eq(appeal),
            reviews::sanction_appeal_id.eq(sanction_appeal),
            reviews::account_id.eq(account),
            reviews::granted_at.eq(now),
            reviews::expires_at.eq(expires_at),
        ))
        .execute(&mut **tx)?;
    Ok(id)
}

/// One grant, also where it has run out.
///
/// # Errors
/// 404 where there is none.
pub fn find_review(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<ReviewRow> {
    reviews::table.find((council, id)).select(ReviewRow::as_select()).first(&mut **tx).or_not_found("review")
}

/// The grant of an appeal to somebody that has not run out.
///
/// # Errors
/// What the database answers.
pub fn running_review(tx: &mut Tx<'_>, council: Id, of: Subject, to: Id) -> Result<Option<ReviewRow>> {
    let now = tx.now();
    let running = reviews::table
        .filter(reviews::council_id.eq(council))
        .filter(reviews::account_id.eq(to))
        .filter(reviews::expires_at.gt(now));
    let running = match of {
        Subject::Appeal(id) => running.filter(reviews::appeal_id.eq(id)).into_boxed(),
        Subject::SanctionAppeal(id) => running.filter(reviews::sanction_appeal_id.eq(id)).into_boxed(),
    };
    Ok(running.select(ReviewRow::as_select()).first(&mut **tx).optional()?)
}
