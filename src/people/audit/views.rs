//! What the audit log gives.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::AuditRow;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{AuditAction, AuditActor};

/// Which events.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
    /// Of this kind.
    #[param(nullable = false)]
    pub action: Option<AuditAction>,
    /// By this account.
    #[param(nullable = false)]
    pub actor: Option<Id>,
    /// To this: an account, a challenge, a case, an idea …
    #[param(nullable = false)]
    pub subject: Option<Id>,
}

/// Something that was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditView {
    /// Its id.
    pub id: Id,
    /// When.
    pub at: Instant,
    /// What.
    pub action: AuditAction,
    /// By whom.
    pub actor: AuditActorView,
    /// To what; null where it has no id.
    #[schema(required = true)]
    pub subject: Option<Id>,
    /// How it was: ids and words, never an address or a text, and no name but that of an outside reviewer.
    #[schema(required = true, value_type = Option<Object>)]
    pub before: Option<serde_json::Value>,
    /// How it was afterwards.
    #[schema(required = true, value_type = Option<Object>)]
    pub after: Option<serde_json::Value>,
}

/// Who did it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AuditActorView {
    /// What they are.
    pub kind: AuditActor,
    /// The account, or the platform admin.
    #[schema(required = true)]
    pub id: Option<Id>,
    /// The key of that account which a program used.
    #[schema(required = true)]
    pub key: Option<Id>,
}

impl From<AuditRow> for AuditView {
    fn from(row: AuditRow) -> Self {
        Self {
            id: row.id,
            at: row.at,
            action: row.action,
            actor: AuditActorView { kind: row.actor_kind, id: row.actor_id, key: row.key_id },
            subject: row.subject_id,
            before: row.before.map(|json| json.0),
            after: row.after.map(|json| json.0),
        }
    }
}
