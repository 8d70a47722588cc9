//! Showing an appeal to the outside reviewer.

use std::time::Duration;

use serde_json::json;

use super::jobs::AskReviewer;
use super::queries::{self, Subject};
use super::views::ReviewView;
use crate::people::accounts::queries::moderators;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Result};
use crate::platform::jobs::enqueue;
use crate::vocabulary::AuditAction;

/// Days that a case is shown for.
pub const DAYS: u64 = 14;

/// Shows an appeal to the outside reviewer, and mails them the link.
///
/// # Errors
/// 409 where nobody is named, or they are shown it already.
pub fn grant(tx: &mut Tx<'_>, council: Id, of: Subject, by: By) -> Result<ReviewView> {
    let Some(reviewer) = queries::find_reviewer(tx, council)? else {
        let detail = "The council has named no outside reviewer: an admin does, at `/outside-reviewer`.";
        return Err(Code::WrongState.because(detail).into());
    };
    if queries::running_review(tx, council, of, reviewer.account_id)?.is_some() {
        return Err(Code::AlreadyExists.because("The outside reviewer is shown this appeal already.").into());
    }
    let expires_at = tx.now().plus(Duration::from_secs(DAYS * 86_400));
    let review = queries::insert_review(tx, council, of, reviewer.account_id, expires_at)?;
    let what = json!({ "review": review, "reviewer": reviewer.account_id, "expires_at": expires_at });
    audit::record(tx, council, Event::new(AuditAction::ReviewGranted, by).to(of.id()).after(what))?;
    enqueue(tx, council, &AskReviewer { review })?;
    Ok(ReviewView { reviewer: reviewer.name, expires_at })
}

/// Shows a new appeal to the outside reviewer where nobody of the staff may decide it but who decided before, and who made it.
///
/// # Errors
/// What the database answers.
pub fn grant_where_nobody_can(tx: &mut Tx<'_>, council: Id, of: Subject, not: [Id; 2]) -> Result<()> {
    let can = moderators(tx, council)?.into_iter().any(|one| !not.contains(&one));
    if !can && queries::find_reviewer(tx, council)?.is_some() {
        grant(tx, council, of, By::Nobody)?;
    }
    Ok(())
}
