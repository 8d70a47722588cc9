//! Rows of sanctions and of appeals against them.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::{AppealResult, CaseState, SanctionKind};

/// A decision on a person, with the ground that it rests on.
#[derive(Clone, Debug, Queryable)]
pub struct SanctionRow {
    /// Its id.
    pub id: Id,
    /// Whose account.
    pub account_id: Id,
    /// What was decided.
    pub kind: SanctionKind,
    /// The code of the ground.
    pub ground: String,
    /// Its title, in the council's words.
    pub ground_title: String,
    /// Its text.
    pub ground_body: String,
    /// The facts.
    pub statement: String,
    /// The case in which they were seen, where it was one.
    pub case_id: Option<Id>,
    /// Until when a suspension lasts, as it was decided.
    pub until: Option<Instant>,
    /// By whom; never told.
    pub decided_by: Id,
    /// When.
    pub decided_at: Instant,
    /// When a suspension was over, or was ended.
    pub ended_at: Option<Instant>,
}

/// An appeal against a sanction.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::sanction_appeals)]
pub struct SanctionAppealRow {
    /// Its id.
    pub id: Id,
    /// Against which sanction.
    pub sanction_id: Id,
    /// Whose; never told to who decides.
    pub account_id: Id,
    /// Who may not decide it.
    pub barred_id: Id,
    /// What they say.
    pub text: String,
    /// When.
    pub made_at: Instant,
    /// Until when it is to be decided.
    pub due_at: Instant,
    /// What came of it.
    pub result: Option<AppealResult>,
    /// For which reasons.
    pub reasons: Option<String>,
    /// Until when the suspension lasts instead, where it was amended.
    pub until: Option<Instant>,
    /// When it was decided.
    pub decided_at: Option<Instant>,
    /// When the suspension was lifted before anybody had decided.
    pub lifted_at: Option<Instant>,
    /// By whom; never told.
    pub lifted_by: Option<Id>,
}

impl SanctionAppealRow {
    /// Whether there is something to decide still.
    pub fn state(&self) -> CaseState {
        if self.result.is_none() { CaseState::Open } else { CaseState::Decided }
    }

    /// Where it came to its end by a lifting: whether that was done by whoever had suspended.
    pub fn lifted_by_who_suspended(&self) -> Option<bool> {
        self.lifted_by.map(|by| by == self.barred_id)
    }
}

impl SanctionRow {
    /// Until when a suspension lasts, where an appeal may have made it shorter.
    pub fn lasts_until(&self, appeal: Option<&SanctionAppealRow>) -> Option<Instant> {
        appeal.and_then(|appeal| appeal.until).or(self.until)
    }
}
