//! What appeals take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{AppealRow, Standing, StatementRow};
use super::rules;
use crate::participation::ideas::rules::public_number;
use crate::people::councils::model::Council;
use crate::platform::db::{Id, Instant};
use crate::platform::error::Result;
use crate::process::moderation::edits::EditView;
use crate::vocabulary::{AppealResult, CaseReason, CaseState, DecisionKind, IdeaState};

/// A statement of reasons: what was restricted, on which ground, for which facts, and what can be done about it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StatementView {
    /// The decision.
    pub id: Id,
    /// The idea that was restricted, or under which the comment is.
    pub idea: Id,
    /// The comment that was restricted; null where it is the idea itself.
    #[schema(required = true)]
    pub comment: Option<Id>,
    /// Its public number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// The revision that was decided upon.
    pub revision: i32,
    /// Where the idea, or the comment, stands now.
    pub item_state: IdeaState,
    /// What was decided.
    pub decision: DecisionKind,
    /// Why somebody looked at it.
    pub found_by: CaseReason,
    /// Whether an automatic check had pointed to something in it. It never decides: a person did.
    pub screened: bool,
    /// The code of the ground.
    #[schema(required = true)]
    pub ground: Option<String>,
    /// The ground in the council's words.
    pub ground_title: String,
    /// Its text.
    pub ground_body: String,
    /// The facts, and why the ground applies to them.
    #[schema(required = true)]
    pub statement: Option<String>,
    /// What was taken out; null with every decision but `publish_with_edit`. Nobody else is shown it, but for who decides an appeal.
    #[schema(required = true)]
    pub edit: Option<EditView>,
    /// When.
    pub decided_at: Instant,
    /// Until when an appeal can be made.
    pub appeal_until: Instant,
    /// The appeal; null where there is none.
    #[schema(required = true)]
    pub appeal: Option<AppealView>,
}

/// An appeal against a decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AppealView {
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
    /// What is in force from then on; null while it waits.
    #[schema(required = true)]
    pub decision: Option<DecisionKind>,
    /// On which ground; null while it waits, and where nothing is restricted any more.
    #[schema(required = true)]
    pub ground: Option<String>,
    /// For which reasons; null while it waits.
    #[schema(required = true)]
    pub reasons: Option<String>,
    /// When; null while it waits.
    #[schema(required = true)]
    pub decided_at: Option<Instant>,
}

/// An appeal as those see it who decide it: not whose it is.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AppealToDecide {
    /// The appeal.
    pub appeal: AppealView,
    /// The case, which shows the idea, or the comment, as it is now.
    pub case: Id,
    /// Send it as `If-Match: "<version>"` with the decision.
    pub version: i64,
    /// What it is against.
    pub against: Against,
    /// Whether you may decide it: not whoever took the decision that it is against.
    pub may_decide: bool,
}

/// The decision that an appeal is against.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Against {
    /// Its id.
    pub id: Id,
    /// The idea that it is about, or under which the comment is.
    pub idea: Id,
    /// The comment; null where it is about the idea itself.
    #[schema(required = true)]
    pub comment: Option<Id>,
    /// The idea's public number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Where the idea, or the comment, stands now.
    pub item_state: IdeaState,
    /// What was decided.
    pub decision: DecisionKind,
    /// On which ground.
    #[schema(required = true)]
    pub ground: Option<String>,
    /// The ground in the council's words.
    pub ground_title: String,
    /// Its text.
    pub ground_body: String,
    /// The statement of reasons.
    #[schema(required = true)]
    pub statement: Option<String>,
    /// What was taken out, where you may decide the appeal; null with every decision but `publish_with_edit`.
    #[schema(required = true)]
    pub edit: Option<EditView>,
    /// When.
    pub decided_at: Instant,
}

impl AppealView {
    /// As it stands at an instant.
    pub fn of(row: AppealRow, standing: Standing, now: Instant) -> Self {
        Self {
            id: row.id,
            text: row.text,
            made_at: row.made_at,
            state: standing.state,
            due_at: standing.due_at,
            overdue: standing.state == CaseState::Open && standing.due_at <= now,
            result: row.result,
            decision: standing.kind,
            ground: standing.ground,
            reasons: standing.reasons,
            decided_at: standing.decided_at,
        }
    }
}

impl StatementView {
    /// With whether something was found in it, and the appeal, if there is one.
    ///
    /// # Errors
    /// Where the council's time zone is unknown.
    pub fn of(
        row: StatementRow,
        council: &Council,
        screened: bool,
        appeal: Option<AppealView>,
        edit: Option<EditView>,
    ) -> Result<Self> {
        Ok(Self {
            id: row.id,
            idea: row.idea_id,
            number: public_number(&council.idea_prefix, row.number),
            comment: row.subject().comment,
            item_state: row.state(),
            title: row.title,
            revision: row.revision,
            decision: row.kind,
            found_by: row.case_reason,
            screened,
            ground: row.ground,
            ground_title: row.ground_title,
            ground_body: row.ground_body,
            statement: row.statement,
            decided_at: row.decided_at,
            appeal_until: rules::until(row.decided_at, &council.time_zone)?,
            appeal,
            edit,
        })
    }
}

impl AppealToDecide {
    /// For one of the staff.
    pub fn of(
        appeal: AppealRow,
        standing: Standing,
        against: StatementRow,
        edit: Option<EditView>,
        (prefix, by, now): (&str, Id, Instant),
    ) -> Self {
        Self {
            case: appeal.case_id,
            version: standing.version,
            may_decide: rules::may_decide(appeal.barred_id, appeal.account_id, by).is_ok(),
            appeal: AppealView::of(appeal, standing, now),
            against: Against {
                id: against.id,
                idea: against.idea_id,
                number: public_number(prefix, against.number),
                comment: against.subject().comment,
                item_state: against.state(),
                title: against.title,
                decision: against.kind,
                ground: against.ground,
                ground_title: against.ground_title,
                ground_body: against.ground_body,
                statement: against.statement,
                edit,
                decided_at: against.decided_at,
            },
        }
    }
}

/// Appeal against a decision.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MakeAppeal {
    /// Why it was wrong, in your own words.
    #[schema(
        min_length = 10,
        max_length = 4_000,
        example = "The number in the text is the council's own hotline, not a neighbour's."
    )]
    pub text: String,
}

/// Appeal by a mailed link.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealByLink {
    /// What follows `token=` in the link.
    #[schema(max_length = 200)]
    pub token: String,
    /// Why it was wrong, in your own words.
    #[schema(
        min_length = 10,
        max_length = 4_000,
        example = "The number in the text is the council's own hotline, not a neighbour's."
    )]
    pub text: String,
}

/// Decide an appeal.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideAppeal {
    /// What comes of it.
    pub result: AppealResult,
    /// Why, for who made it.
    #[schema(
        min_length = 10,
        max_length = 4_000,
        example = "You are right: the number is ours. The idea is public again."
    )]
    pub reasons: String,
    /// What takes the place of the decision, where it is amended; only then.
    #[schema(nullable = false)]
    pub instead: Option<Instead>,
}

/// What takes the place of a decision.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instead {
    /// What.
    pub decision: DecisionKind,
    /// The code of the ground.
    #[schema(max_length = 40)]
    pub ground: String,
}
