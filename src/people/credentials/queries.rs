//! The SQL of addresses that were taken back.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::platform::db::schema::{audit_events as events, one_time_tokens as tokens};
use crate::platform::db::{Id, Instant, Json, Tx};
use crate::platform::error::Result;
use crate::vocabulary::{AuditAction, TokenKind};

/// What the token that takes a new address back carries.
#[derive(Debug, Serialize, Deserialize)]
pub struct Before {
    /// Whose.
    pub account: Id,
    /// The address before.
    pub email: String,
    /// When it was changed.
    pub at: Instant,
}

/// Voids the open links that take a change back which an account's address has gone through since an instant: with it,
/// whoever took the account could take back that it was taken back.
///
/// # Errors
/// What the database answers.
pub fn void_undo_since(tx: &mut Tx<'_>, council: Id, account: Id, since: Instant) -> Result<()> {
    let now = tx.now();
    let open: Vec<(Id, Json)> = tokens::table
        .filter(tokens::council_id.eq(council))
        .filter(tokens::kind.eq(TokenKind::UndoEmail))
        .filter(tokens::account_id.eq(account))
        .filter(tokens::used_at.is_null())
        .select((tokens::id, tokens::data))
        .load(&mut **tx)?;
    for (id, data) in open {
        let later = |before: Before| before.at >= since;
        if serde_json::from_value(data.0).is_ok_and(later) {
            diesel::update(tokens::table.find((council, id)))
                .set((tokens::used_at.eq(Some(now)), tokens::expires_at.eq(now)))
                .execute(&mut **tx)?;
        }
    }
    Ok(())
}

/// Whether an account's address was taken back since an instant.
///
/// # Errors
/// What the database answers.
pub fn was_taken_back(tx: &mut Tx<'_>, council: Id, account: Id, since: Instant) -> Result<bool> {
    let changes: Vec<Option<Json>> = events::table
        .filter(events::council_id.eq(council))
        .filter(events::subject_id.eq(account))
        .filter(events::at.ge(since))
        .filter(events::action.eq(AuditAction::EmailChanged))
        .select(events::after)
        .load(&mut **tx)?;
    let back = |after: &Json| after.0.get("taken_back").is_some();
    Ok(changes.iter().flatten().any(back))
}
