//! What the view of one's work gives.

use serde::Serialize;
use utoipa::ToSchema;

use crate::accountability::assignments::model::Waiting;
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};

/// What waits for one of the staff.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkView {
    /// In a line.
    #[schema(example = "3 due today, 1 appeal, next due 14:00")]
    pub line: String,
    /// When it was looked at.
    pub now: Instant,
    /// Cases that nobody else has in hand (`…/cases`); null for who does not moderate.
    #[schema(required = true)]
    pub cases: Option<Pile>,
    /// Appeals that you may decide (`…/appeals`); null for who does not moderate.
    #[schema(required = true)]
    pub appeals: Option<Pile>,
    /// Ideas that wait for an answer and are your offices', or nobody's yet (`…/me/work/answers`); null for who does not answer.
    #[schema(required = true)]
    pub answers: Option<Pile>,
    /// What is held until a quiet period is over (`…/held-acts?state=held`), the colleagues' too; null for who does not answer.
    #[schema(required = true)]
    pub held: Option<Held>,
    /// Cases that you have in hand (`…/cases?claimed=by_me`).
    #[schema(example = 1)]
    pub claimed: usize,
}

/// What is held while the council is quiet; 1,000 are counted at most.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Held {
    /// In all.
    #[schema(example = 3)]
    pub waiting: usize,
    /// The first day after the quiet period; null where the council is not quiet any more, and it is being done.
    #[schema(required = true, example = "2027-05-08")]
    pub until: Option<String>,
}

/// What waits of one kind; 1,000 are counted at most.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Pile {
    /// In all.
    #[schema(example = 5)]
    pub waiting: usize,
    /// Of them later than was promised.
    #[schema(example = 0)]
    pub overdue: usize,
    /// Of them due before the day ends, where the council is.
    #[schema(example = 3)]
    pub due_today: usize,
    /// When the next one is due; null where none is.
    #[schema(required = true)]
    pub next_due_at: Option<Instant>,
}

/// An idea that waits for an answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WaitingIdea {
    /// The idea.
    pub idea: Id,
    /// Its public number.
    #[schema(example = "ALD-1042")]
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its challenge.
    pub challenge: Id,
    /// The council owes an answer by then.
    pub answer_due_at: Instant,
    /// Whether that has passed.
    pub overdue: bool,
    /// The office that is to answer it; null where none has it yet.
    #[schema(required = true)]
    pub office: Option<Id>,
    /// Its name.
    #[schema(required = true, example = "The Highways Office")]
    pub office_name: Option<String>,
}

impl WaitingIdea {
    /// As it stands at an instant, where ideas are numbered with `prefix`.
    pub fn of(row: Waiting, prefix: &str, now: Instant) -> Self {
        Self {
            idea: row.idea_id,
            number: public_number(prefix, row.number),
            title: row.title,
            challenge: row.challenge_id,
            answer_due_at: row.answer_due_at,
            overdue: row.answer_due_at <= now,
            office: row.office_id,
            office_name: row.office,
        }
    }
}
