//! What rehearsals take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::queries::RehearsalRow;
use super::rules::{READABLE, Seen, address};
use crate::platform::db::{Id, Instant};
use crate::platform::error::{Error, Result};
use crate::vocabulary::Audience;

/// Who is to be there.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rehearse {
    /// The staff alone, or those that are invited besides.
    pub audience: Audience,
    /// The accounts of the council that are invited; of an audience of staff nobody.
    #[serde(default)]
    #[schema(max_items = 100, required = false)]
    pub invited: Vec<Id>,
}

impl Rehearse {
    /// Refuses an audience and a list that contradict each other.
    ///
    /// # Errors
    /// 422 where they do.
    pub fn check(&self) -> Result<()> {
        match (self.audience, self.invited.is_empty()) {
            (Audience::Staff, false) => {
                Err(Error::fault("/invited", "not_taken", "The audience is staff. Say `invited`, or invite nobody."))
            }
            (Audience::Invited, true) => {
                let detail = "Say whom you invite, by ids of accounts. Or let the audience be staff.";
                Err(Error::fault("/invited", "too_few", detail))
            }
            _ => Ok(()),
        }
    }
}

/// A rehearsal of a challenge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RehearsalView {
    /// Its id.
    pub id: Id,
    /// What is rehearsed.
    pub challenge: Id,
    /// Who is there.
    pub audience: Audience,
    /// How many were invited beside the staff.
    pub invited: i64,
    /// What stands in addresses for the council: `/v1/councils/{address}/…`, with the token that you have. There you have the role
    /// that you have here.
    #[schema(example = "01980c2e-7d9f-7cc3-98c4-dc0c0c07398f")]
    pub address: String,
    /// The same, and you play a resident: who submits, comments and supports.
    #[schema(example = "01980c2e-7d9f-7cc3-98c4-dc0c0c07398f.resident")]
    pub address_as_resident: String,
    /// When it began.
    pub begun_at: Instant,
    /// When it ended; null while it goes on.
    #[schema(required = true)]
    pub ended_at: Option<Instant>,
    /// Until when the staff can read what was done there; null while it goes on.
    #[schema(required = true)]
    pub readable_until: Option<Instant>,
    /// What took place.
    pub seen: Seen,
    /// Whether the whole way of an idea was tried out: one was submitted, one decided on, one answered. That is what the
    /// readiness asks for.
    pub whole_way: bool,
}

impl RehearsalView {
    /// As the staff sees it.
    pub fn of(row: RehearsalRow, invited: i64, seen: Seen) -> Self {
        Self {
            id: row.id,
            challenge: row.challenge_id,
            audience: row.audience,
            invited,
            address: address(row.id, false),
            address_as_resident: address(row.id, true),
            begun_at: row.begun_at,
            ended_at: row.ended_at,
            readable_until: row.ended_at.map(|ended| ended.plus(READABLE)),
            whole_way: seen.whole_way(),
            seen,
        }
    }
}
