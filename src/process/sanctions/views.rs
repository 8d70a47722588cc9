//! What sanctions take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{SanctionAppealRow, SanctionRow};
use crate::people::councils::model::Council;
use crate::platform::db::{Id, Instant};
use crate::platform::error::Result;
use crate::process::appeals::rules::{may_decide, until};
use crate::vocabulary::{AppealResult, CaseState, SanctionKind};

/// A decision on a person, with its reasons. Whose it is stands nowhere in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SanctionView {
    /// Its id.
    pub id: Id,
    /// What was decided.
    pub decision: SanctionKind,
    /// The code of the ground.
    #[schema(example = "insult")]
    pub ground: String,
    /// The ground in the council's words.
    pub ground_title: String,
    /// Its text.
    pub ground_body: String,
    /// The facts, and why the ground applies to them.
    pub statement: String,
    /// The case in which they were seen; null where it was none.
    #[schema(required = true)]
    pub case: Option<Id>,
    /// Until when a suspension lasts, by what was decided last; null for a warning.
    #[schema(required = true)]
    pub until: Option<Instant>,
    /// When a suspension was over, or was ended before; null while it runs, and for a warning.
    #[schema(required = true)]
    pub ended_at: Option<Instant>,
    /// When it was decided.
    pub decided_at: Instant,
    /// Until when an appeal can be made.
    pub appeal_until: Instant,
    /// The appeal; null where there is none.
    #[schema(required = true)]
    pub appeal: Option<SanctionAppealView>,
}

/// An appeal against a sanction.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SanctionAppealView {
    /// Its id.
    pub id: Id,
    /// What was said.
    pub text: String,
    /// When.
    pub made_at: Instant,
    /// Whether it waits.
    pub state: CaseState,
    /// Until when it is to be decided.
    pub due_at: Instant,
    /// Whether that has passed.
    pub overdue: bool,
    /// What came of it; null while it waits.
    #[schema(required = true)]
    pub result: Option<AppealResult>,
    /// For which reasons; null while it waits, and where the suspension was lifted.
    #[schema(required = true)]
    pub reasons: Option<String>,
    /// When; null while it waits.
    #[schema(required = true)]
    pub decided_at: Option<Instant>,
    /// When the suspension was lifted before anybody had decided, by which it is reversed; null otherwise.
    #[schema(required = true)]
    pub lifted_at: Option<Instant>,
    /// Where it was lifted: whether by whoever had suspended, so that nobody else has looked at it; null otherwise.
    #[schema(required = true)]
    pub lifted_by_who_suspended: Option<bool>,
}

/// An appeal as those see it who decide it: not whose it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SanctionAppealToDecide {
    /// What it is against, with what is said against it.
    pub sanction: SanctionView,
    /// Whether you may decide it: not whoever took the decision that it is against.
    pub may_decide: bool,
}

impl SanctionAppealView {
    fn of(row: SanctionAppealRow, now: Instant) -> Self {
        let (state, lifted_by_who_suspended) = (row.state(), row.lifted_by_who_suspended());
        Self {
            id: row.id,
            text: row.text,
            made_at: row.made_at,
            state,
            due_at: row.due_at,
            overdue: state == CaseState::Open && row.due_at <= now,
            result: row.result,
            reasons: row.reasons,
            decided_at: row.decided_at,
            lifted_at: row.lifted_at,
            lifted_by_who_suspended,
        }
    }
}

impl SanctionView {
    /// With the appeal, if there is one.
    ///
    /// # Errors
    /// Where the council's time zone is unknown.
    pub fn of(row: SanctionRow, appeal: Option<SanctionAppealRow>, council: &Council, now: Instant) -> Result<Self> {
        Ok(Self {
            appeal_until: until(row.decided_at, &council.time_zone)?,
            until: row.lasts_until(appeal.as_ref()),
            id: row.id,
            decision: row.kind,
            ground: row.ground,
            ground_title: row.ground_title,
            ground_body: row.ground_body,
            statement: row.statement,
            case: row.case_id,
            ended_at: row.ended_at,
            decided_at: row.decided_at,
            appeal: appeal.map(|appeal| SanctionAppealView::of(appeal, now)),
        })
    }
}

impl SanctionAppealToDecide {
    /// For one of the staff.
    ///
    /// # Errors
    /// As [`SanctionView::of`].
    pub fn of(
        row: SanctionRow,
        appeal: SanctionAppealRow,
        council: &Council,
        (by, now): (Id, Instant),
    ) -> Result<Self> {
        let may_decide = may_decide(appeal.barred_id, appeal.account_id, by).is_ok();
        Ok(Self { sanction: SanctionView::of(row, Some(appeal), council, now)?, may_decide })
    }
}

/// Warn or suspend somebody.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ImposeSanction {
    /// What.
    pub decision: SanctionKind,
    /// The code of the ground.
    #[schema(max_length = 40, example = "insult")]
    pub ground: String,
    /// The statement of reasons, for whom it is about.
    #[schema(min_length = 10, max_length = 4_000, example = "You have published the addresses of three neighbours.")]
    pub statement: String,
    /// Until when, 366 days away at most; needed with `suspend`, and only then.
    #[schema(nullable = false)]
    pub until: Option<Instant>,
}

/// Decide an appeal against a sanction.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideSanctionAppeal {
    /// What comes of it.
    pub result: AppealResult,
    /// Why, for who made it.
    #[schema(min_length = 10, max_length = 4_000, example = "You are right: two of the addresses were of shops.")]
    pub reasons: String,
    /// When the suspension ends instead, where it is amended; only then.
    #[schema(nullable = false)]
    pub until: Option<Instant>,
}
