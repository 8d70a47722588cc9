//! Rows of statements and appeals.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::vocabulary::{AppealResult, CaseReason, CaseState, DecisionKind, IdeaState};

/// A restriction, with the reasons that its author is given.
#[derive(Clone, Debug, Queryable)]
pub struct StatementRow {
    /// The decision.
    pub id: Id,
    /// In which case it was taken.
    pub case_id: Id,
    /// The idea.
    pub idea_id: Id,
    /// Its author, while they are here.
    pub author_id: Option<Id>,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    /// What the idea is now.
    pub idea_state: IdeaState,
    /// The revision that was decided upon.
    pub idea_revision: i32,
    /// What was decided.
    pub kind: DecisionKind,
    /// Why there was a case.
    pub case_reason: CaseReason,
    /// The code of the ground.
    pub ground: Option<String>,
    /// Its title, in the council's words.
    pub ground_title: String,
    /// Its text.
    pub ground_body: String,
    /// The facts.
    pub statement: Option<String>,
    /// By whom; never told.
    pub decided_by: Id,
    /// When.
    pub decided_at: Instant,
}

impl StatementRow {
    /// The revision that the staff made of it, where they took words out: the next one, in the same unit.
    pub fn edited_revision(&self) -> i32 {
        self.idea_revision.saturating_add(1)
    }
}

/// An appeal.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::appeals)]
pub struct AppealRow {
    /// Its id.
    pub id: Id,
    /// Against which decision.
    pub decision_id: Id,
    /// The case in which it is decided.
    pub case_id: Id,
    /// Whose; never told to who decides.
    pub account_id: Id,
    /// Who may not decide it.
    pub barred_id: Id,
    /// What they say.
    pub text: String,
    /// When.
    pub made_at: Instant,
    /// What came of it.
    pub result: Option<AppealResult>,
}

/// How the case of an appeal stands.
#[derive(Clone, Debug, Queryable)]
pub struct Standing {
    /// Whether it waits.
    pub state: CaseState,
    /// Until when it was promised.
    pub due_at: Instant,
    /// Raised by each change.
    pub version: i64,
    /// What was decided.
    pub kind: Option<DecisionKind>,
    /// On which ground.
    pub ground: Option<String>,
    /// For which reasons.
    pub reasons: Option<String>,
    /// When.
    pub decided_at: Option<Instant>,
}
