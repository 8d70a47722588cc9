//! Rows of the audit log.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant, Json};
use crate::vocabulary::{AuditAction, AuditActor};

/// Something that was done.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::audit_events)]
pub struct AuditRow {
    /// Its id.
    pub id: Id,
    /// When.
    pub at: Instant,
    /// What.
    pub action: AuditAction,
    /// By whom.
    pub actor_kind: AuditActor,
    /// By which account or platform admin.
    pub actor_id: Option<Id>,
    /// With which key.
    pub key_id: Option<Id>,
    /// To what.
    pub subject_id: Option<Id>,
    /// How it was.
    pub before: Option<Json>,
    /// How it was afterwards.
    pub after: Option<Json>,
}
