//! The reading of the audit log.

use diesel::prelude::*;

use super::model::AuditRow;
use crate::platform::db::schema::audit_events as events;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::vocabulary::AuditAction;

/// Which events.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this kind.
    pub action: Option<AuditAction>,
    /// By this account.
    pub actor: Option<Id>,
    /// To this.
    pub subject: Option<Id>,
}

/// The events before a key, newest first.
///
/// # Errors
/// What the database answers.
pub fn list_events(
    tx: &mut Tx<'_>,
    council: Id,
    filter: Filter,
    before: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<AuditRow>> {
    let mut query = events::table.filter(events::council_id.eq(council)).into_boxed();
    if let Some(action) = filter.action {
        query = query.filter(events::action.eq(action));
    }
    if let Some(actor) = filter.actor {
        query = query.filter(events::actor_id.eq(actor));
    }
    if let Some(subject) = filter.subject {
        query = query.filter(events::subject_id.eq(subject));
    }
    if let Some((at, id)) = before {
        query = query.filter(events::at.le(at)).filter(events::at.lt(at).or(events::id.lt(id)));
    }
    Ok(query
        .order((events::at.desc(), events::id.desc()))
        .limit(limit)
        .select(AuditRow::as_select())
        .load(&mut **tx)?)
}
