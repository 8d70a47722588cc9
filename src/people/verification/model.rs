//! What is known of a resident, as far as the rules of a challenge ask.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Result};
use crate::vocabulary::{AccountKind, AgeBand, VerificationMethod};

/// What was shown, and all that is kept of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// In which way.
    pub method: VerificationMethod,
    /// Of which ward.
    pub ward: Option<String>,
    /// Which office saw it.
    pub office: Option<String>,
    /// Stands for an entry of the register or a letter, and tells neither.
    pub tag: Option<String>,
}

/// A verification.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::verifications)]
pub struct VerificationRow {
    /// In which way.
    pub method: VerificationMethod,
    /// Of which ward.
    pub ward: Option<String>,
    /// Which office saw it.
    pub office: Option<String>,
    /// Stands for an entry of the register or a letter.
    pub tag: Option<String>,
    /// Since when.
    pub verified_at: Instant,
    /// Until when.
    pub good_until: Instant,
}

/// What is known of a resident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// A verification that is good now.
    pub verified: Option<VerificationRow>,
    /// How old they say that they are.
    pub age_band: Option<AgeBand>,
    /// Whether what they write is looked at before it is public, whatever the policy.
    pub protected: bool,
    /// Whether they have an account of their own.
    pub kind: AccountKind,
    /// Without one: the challenges that they asked to take part in.
    pub takes_part_in: Vec<Id>,
}

impl Facts {
    /// Whether they are somebody in this challenge at all.
    ///
    /// # Errors
    /// 403 where they came by a link for another.
    pub fn takes_part(&self, challenge: Id) -> Result<()> {
        if self.kind == AccountKind::Full || self.takes_part_in.contains(&challenge) {
            return Ok(());
        }
        let detail = "You take part by a mailed link, which is for another challenge. Ask for a link for this one, or make \
                      it an account of your own.";
        Err(Code::Forbidden.because(detail).with("fix", "upgrade").into())
    }
}
