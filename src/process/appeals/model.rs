//! Rows of statements and appeals.

use diesel::prelude::*;

use crate::platform::db::{Id, Instant};
use crate::process::moderation::item::{Subject, beginning};
use crate::vocabulary::{AppealResult, CaseReason, CaseState, DecisionKind, IdeaState};

/// A restriction, with the reasons that its author is given.
#[derive(Clone, Debug, Queryable)]
pub struct StatementRow {
    /// The decision.
    pub id: Id,
    /// In which case it was taken.
    pub case_id: Id,
    /// The idea, or that under which the comment is.
    pub idea_id: Id,
    idea_author: Option<Id>,
    /// Its number.
    pub number: i64,
    /// Its title.
    pub title: String,
    idea_state: IdeaState,
    /// Where it is about a comment: its id, whose it is while they are here, what it is now, and its text.
    comment: Option<(Id, Option<Id>, IdeaState, String)>,
    /// The revision that was decided upon.
    pub revision: i32,
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
    /// What it is about.
    pub fn subject(&self) -> Subject {
        Subject { idea: self.idea_id, comment: self.comment.as_ref().map(|(id, ..)| *id) }
    }

    /// Whose it is, while they are here.
    pub fn author(&self) -> Option<Id> {
        self.comment.as_ref().map_or(self.idea_author, |(_, author, ..)| *author)
    }

    /// What the idea, or the comment, is now.
    pub fn state(&self) -> IdeaState {
        self.comment.as_ref().map_or(self.idea_state, |(.., state, _)| *state)
    }

    /// What a mail about it quotes: the title of the idea, or how the comment begins.
    pub fn quoted(&self) -> String {
        self.comment.as_ref().map_or_else(|| self.title.clone(), |(.., body)| beginning(body))
    }

    /// The revision that the staff made of it, where they took words out: the next one, in the same unit.
    pub fn edited_revision(&self) -> i32 {
        self.revision.saturating_add(1)
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
