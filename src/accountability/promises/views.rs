//! What promises give.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::forecast::Forecast;
use super::model::{ChangeRow, Figures, FollowUps, PauseRow, PromiseRow};
use super::rules::outcome_overdue;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{ClockState, PromiseChange};

/// What the council promised, and how it keeps it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeptPromise {
    /// The challenge.
    pub challenge: Id,
    /// The office that decides.
    #[schema(example = "Cabinet member for transport")]
    pub decision_office: String,
    /// What is in their power, and what is not.
    pub in_their_power: String,
    /// Working days of the council's calendar from submission to an answer.
    #[schema(example = 20)]
    pub answer_within_days: i32,
    /// Hours from submission to a moderator's decision.
    #[schema(example = 48)]
    pub moderate_within_hours: i32,
    /// The outcome is published by then; null of an open door.
    #[schema(required = true)]
    pub publish_outcome_by: Option<Instant>,
    /// How one will see that it was worth it.
    pub success_measure: String,
    /// When the decision-maker accepted it; null while it is only proposed.
    #[schema(required = true)]
    pub accepted_at: Option<Instant>,
    /// Where the decision-maker is asked; for staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decision_email: Option<String>,
    /// Whether its clock runs.
    pub clock: ClockView,
    /// How it stands now.
    pub figures: PromiseFigures,
    /// What it takes to keep it; for staff only, and only where it is known how many ideas come in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub forecast: Option<Forecast>,
}

/// Whether the clock of a promise runs today.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClockView {
    /// Whether working days count.
    pub state: ClockState,
    /// Why it stands still.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// The first day on which it stood still.
    #[schema(required = true, example = "2027-03-25")]
    pub since: Option<String>,
    /// The day on which it goes on.
    #[schema(required = true, example = "2027-05-07")]
    pub until: Option<String>,
}

/// How to read a promise.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PromiseQuery {
    /// For the forecast that staff are given: how many ideas are expected each week. As many as came in over the last twelve
    /// weeks, unless told.
    #[param(minimum = 0, maximum = 100_000, nullable = false)]
    pub ideas_per_week: Option<i64>,
}

/// Change the promise of an open challenge; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePromise {
    /// Working days for each answer.
    #[schema(minimum = 1, maximum = 260, nullable = false)]
    pub answer_within_days: Option<i32>,
    /// Hours for each held idea.
    #[schema(minimum = 1, maximum = 720, nullable = false)]
    pub moderate_within_hours: Option<i32>,
    /// The outcome is published by then.
    #[schema(nullable = false)]
    pub publish_outcome_by: Option<Instant>,
    /// More working days for the answers that are owed now, and for those alone.
    #[schema(minimum = 1, maximum = 260, nullable = false)]
    pub extension_days: Option<i32>,
    /// Why, as everybody reads it; needed for whatever promises less.
    #[schema(min_length = 3, max_length = 1_000, nullable = false)]
    pub reason: Option<String>,
}

/// One change of a promise.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromiseChangeView {
    /// Counts up in its challenge; the first one is how it was when the challenge opened.
    pub number: i32,
    /// In which direction.
    pub kind: PromiseChange,
    /// Working days for each answer from then on.
    pub answer_within_days: i32,
    /// Hours for each held idea from then on.
    pub moderate_within_hours: i32,
    /// The outcome is published by then; null of an open door.
    #[schema(required = true)]
    pub publish_outcome_by: Option<Instant>,
    /// Working days that the answers owed then were given on top.
    #[schema(required = true)]
    pub extension_days: Option<i32>,
    /// Why.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// When.
    pub changed_at: Instant,
}

impl From<ChangeRow> for PromiseChangeView {
    fn from(row: ChangeRow) -> Self {
        Self {
            number: row.number,
            kind: row.kind,
            answer_within_days: row.answer_within_days,
            moderate_within_hours: row.moderate_within_hours,
            publish_outcome_by: row.publish_outcome_by,
            extension_days: row.extension_days,
            reason: row.reason,
            changed_at: row.changed_at,
        }
    }
}

/// Stop the clock of a promise, from today on.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PausePromise {
    /// The first day that counts again.
    #[schema(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2027-04-12")]
    pub until: String,
    /// Why, as everybody reads it.
    #[schema(min_length = 3, max_length = 1_000, example = "The flood of 20 March: everybody is out with the pumps.")]
    pub reason: String,
}

/// Days on which the clock of a promise stands still.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PauseView {
    /// Counts up in its challenge.
    pub number: i32,
    /// The first day that does not count.
    pub from: String,
    /// The first day that counts again.
    pub until: String,
    /// Why.
    pub reason: String,
    /// When it was stopped.
    pub paused_at: Instant,
    /// When it was started again before its time.
    #[schema(required = true)]
    pub resumed_at: Option<Instant>,
}

impl From<PauseRow> for PauseView {
    fn from(row: PauseRow) -> Self {
        Self {
            number: row.number,
            from: row.from_day,
            until: row.until_day,
            reason: row.reason,
            paused_at: row.paused_at,
            resumed_at: row.resumed_at,
        }
    }
}

/// All that has become of a promise since its challenge opened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromiseHistory {
    /// How it was at first and how it was changed, in order.
    pub changes: Vec<PromiseChangeView>,
    /// When its clock stood still, in order; quiet periods of the whole council are listed with the council.
    pub pauses: Vec<PauseView>,
}

/// How a promise stands at the time of the answer; only ideas that everybody sees are counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromiseFigures {
    /// Ideas.
    #[schema(example = 86)]
    pub ideas: i64,
    /// Ideas that have had an answer; what is asked back of one does not take it back.
    #[schema(example = 80)]
    pub answered: i64,
    /// Ideas whose first answer came before it was due, without any time that was added.
    #[schema(example = 78)]
    pub answered_on_time: i64,
    /// Ideas whose first answer came before it was due only because of pauses, quiet periods, extensions, days off that were
    /// written later or a promise that was made weaker.
    #[schema(example = 1)]
    pub answered_in_added_time: i64,
    /// Ideas that are owed an answer that is due already: the first one, or one to what was asked back.
    #[schema(example = 1)]
    pub overdue_now: i64,
    /// What was asked back.
    pub follow_ups: FollowUpFigures,
    /// Whether the outcome is published.
    pub outcome_published: bool,
    /// Whether the outcome is late.
    pub outcome_overdue: bool,
}

/// How what was asked back is answered, by its own clock of ten working days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FollowUpFigures {
    /// Questions that were asked back.
    #[schema(example = 4)]
    pub asked: i64,
    /// Answered before they were due, without any time that was added.
    #[schema(example = 2)]
    pub answered_on_time: i64,
    /// Answered before they were due only because of pauses, quiet periods or days off that were written later.
    #[schema(example = 0)]
    pub answered_in_added_time: i64,
    /// Answered after they were due.
    #[schema(example = 1)]
    pub answered_late: i64,
    /// Not answered and due.
    #[schema(example = 0)]
    pub overdue_now: i64,
}

impl From<FollowUps> for FollowUpFigures {
    fn from(counted: FollowUps) -> Self {
        let FollowUps { asked, on_time, in_added_time, late, overdue } = counted;
        Self {
            asked,
            answered_on_time: on_time,
            answered_in_added_time: in_added_time,
            answered_late: late,
            overdue_now: overdue,
        }
    }
}

impl KeptPromise {
    /// A promise as it stands at `now`, as everybody sees it; its outcome is late from `outcome_due` on.
    pub fn new(
        row: PromiseRow,
        figures: Figures,
        clock: ClockView,
        outcome_due: Option<Instant>,
        now: Instant,
    ) -> Self {
        Self {
            challenge: row.challenge_id,
            decision_office: row.decision_office,
            in_their_power: row.in_their_power,
            answer_within_days: row.answer_within_days,
            moderate_within_hours: row.moderate_within_hours,
            publish_outcome_by: row.publish_outcome_by,
            success_measure: row.success_measure,
            accepted_at: row.accepted_at,
            decision_email: None,
            clock,
            forecast: None,
            figures: PromiseFigures {
                ideas: figures.ideas,
                answered: figures.answered,
                answered_on_time: figures.on_time,
                answered_in_added_time: figures.in_added_time,
                overdue_now: figures.overdue,
                follow_ups: figures.follow_ups.into(),
                outcome_published: figures.outcome_published,
                outcome_overdue: outcome_due.is_some_and(|due| outcome_overdue(due, figures.outcome_published, now)),
            },
        }
    }
}
