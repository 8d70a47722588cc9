//! What is held, and its rows.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::accountability::answers::views::AnswerIdea;
use crate::accountability::open_door::views::TakeUpIdea;
use crate::accountability::outcomes::views::PublishOutcome;
use crate::accountability::updates::views::{CorrectUpdate, PublishUpdate};
use crate::participation::challenges::views::OpenChallenge;
use crate::participation::ideas::model::IdeaRow;
use crate::people::accounts::Allowed;
use crate::platform::audit::By;
use crate::platform::db::schema::held_acts;
use crate::platform::db::{Id, Instant, Json};
use crate::platform::error::Result;
use crate::platform::http::IfMatch;
use crate::vocabulary::permissions::Action;
use crate::vocabulary::{HeldActKind, HeldActState, IdeaState};

/// Who says or opens something on behalf of the council.
#[derive(Clone, Copy, Debug)]
pub struct Speaker {
    /// Their account.
    pub account: Id,
    /// Whether they do it themselves or by a program.
    pub by: By,
}

impl Speaker {
    /// Whoever a request comes from.
    ///
    /// # Errors
    /// 401 for a visitor.
    pub fn of<A>(who: &Allowed<A>) -> Result<Self> {
        Ok(Self { account: who.actor()?.id, by: who.by() })
    }
}

/// A request for something official, as it was checked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Act {
    /// Answer an idea.
    Answer {
        /// Id or number of the idea.
        idea: String,
        /// The versions of it that may be answered.
        if_match: IfMatch,
        /// As it was read, where it is held.
        #[serde(default)]
        read: Option<ReadIdea>,
        /// The answer.
        body: AnswerIdea,
    },
    /// Take an idea up that was raised at the open door.
    TakeUp {
        /// Id or number of the idea.
        idea: String,
        /// The versions of it that may be taken up.
        if_match: IfMatch,
        /// As it was read, where it is held.
        #[serde(default)]
        read: Option<ReadIdea>,
        /// In whose name, and why.
        body: TakeUpIdea,
    },
    /// Publish an update.
    Update {
        /// The challenge.
        challenge: Id,
        /// The update.
        body: PublishUpdate,
    },
    /// Put an update right.
    UpdateCorrection {
        /// The challenge.
        challenge: Id,
        /// The update.
        update: Id,
        /// The revisions that may be put right.
        if_match: IfMatch,
        /// How it should read, and what was wrong.
        body: CorrectUpdate,
    },
    /// Publish an outcome, or revise it.
    Outcome {
        /// The challenge.
        challenge: Id,
        /// The versions that may be revised.
        if_match: Option<IfMatch>,
        /// The outcome.
        body: PublishOutcome,
    },
    /// Open a challenge.
    Opening {
        /// The challenge.
        challenge: Id,
        /// Why it runs into another quiet period, if it does.
        body: OpenChallenge,
    },
}

/// What an officer has read of an idea that they answer later. What else raises its version changes none of it: a lock, an author who
/// has gone, what was hidden and is shown again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadIdea {
    state: IdeaState,
    revision: i32,
    answer: Option<Id>,
    followed_up_at: Option<Instant>,
}

impl ReadIdea {
    /// How an idea reads now, with the answer that holds.
    pub fn of(idea: &IdeaRow, answer: Option<Id>) -> Self {
        Self { state: idea.state, revision: idea.revision, answer, followed_up_at: idea.followed_up_at }
    }
}

impl Act {
    /// What it is.
    pub fn kind(&self) -> HeldActKind {
        match self {
            Self::Answer { .. } => HeldActKind::Answer,
            Self::TakeUp { .. } => HeldActKind::TakeUp,
            Self::Update { .. } => HeldActKind::Update,
            Self::UpdateCorrection { .. } => HeldActKind::UpdateCorrection,
            Self::Outcome { .. } => HeldActKind::Outcome,
            Self::Opening { .. } => HeldActKind::Opening,
        }
    }

    /// What allows it.
    pub fn action(&self) -> Action {
        match self {
            Self::Opening { .. } => Action::PrepareChallenge,
            _ => Action::Answer,
        }
    }
}

/// Something that is or was held.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = held_acts)]
pub struct HeldRow {
    /// Its id.
    pub id: Id,
    /// What it is.
    pub kind: HeldActKind,
    /// The challenge that it is about, or the one of the idea.
    pub challenge_id: Id,
    /// The idea, the update or the challenge.
    pub subject_id: Id,
    /// The request.
    pub request: Json,
    /// Why it is held.
    pub quiet_period_id: Id,
    /// Who asked.
    pub asked_by: Id,
    /// With which key, if any.
    pub key_id: Option<Id>,
    /// When.
    pub asked_at: Instant,
    /// What became of it.
    pub state: HeldActState,
    /// When that was.
    pub settled_at: Option<Instant>,
    /// Why it could not be done.
    pub problem: Option<Json>,
}

impl HeldRow {
    /// The request, to be done.
    ///
    /// # Errors
    /// Where it cannot be read, which is a fault of ours.
    pub fn act(&self) -> Result<Act> {
        Ok(serde_json::from_value(self.request.0.clone()).map_err(anyhow::Error::from)?)
    }

    /// Who asked.
    pub fn speaker(&self) -> Speaker {
        let account = self.asked_by;
        Speaker { account, by: By::of(account, self.key_id) }
    }
}

/// One of them with what it is about, in words.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The row.
    pub row: HeldRow,
    /// The title of the challenge.
    pub challenge: String,
    /// Number and title of the idea, where it is about one.
    pub idea: Option<(i64, String)>,
    /// The first day after the quiet period.
    pub until: String,
}
