//! What the list of held acts gives.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::Listed;
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{HeldActKind, HeldActState};

/// Which held acts.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct HeldQuery {
    /// Only those that stand so.
    #[param(inline, nullable = false)]
    pub state: Option<HeldActState>,
    /// How many; 20 unless told.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

/// Something official that was asked for in a quiet period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HeldActView {
    /// Its id.
    pub id: Id,
    /// What it is.
    pub kind: HeldActKind,
    /// Whether it waits, and what became of it.
    pub state: HeldActState,
    /// The challenge that it is about.
    pub challenge: Id,
    /// The title of the challenge.
    pub challenge_title: String,
    /// The public number of the idea, where it is about one.
    #[schema(required = true, example = "ALD-1042")]
    pub idea: Option<String>,
    /// The title of the idea.
    #[schema(required = true)]
    pub idea_title: Option<String>,
    /// The update, where one is to be put right.
    #[schema(required = true)]
    pub update: Option<Id>,
    /// The request as it was sent.
    #[schema(value_type = Object)]
    pub body: serde_json::Value,
    /// Whether it was you who asked.
    pub mine: bool,
    /// When it was asked for. What is held is done in this order.
    pub asked_at: Instant,
    /// The quiet period.
    pub quiet_period: Id,
    /// The first day after the quiet period. Where another one follows at once, it is done after that.
    #[schema(example = "2027-05-07")]
    pub until: String,
    /// When it was done, could not be done, or was taken back.
    #[schema(required = true)]
    pub settled_at: Option<Instant>,
    /// Where it could not be done: the code of the problem.
    #[schema(required = true, example = "changed")]
    pub code: Option<String>,
    /// Where it could not be done: why.
    #[schema(required = true)]
    pub detail: Option<String>,
}

impl HeldActView {
    /// As one of the staff sees it.
    pub fn of(listed: Listed, prefix: &str, me: Id) -> Self {
        let Listed { row, challenge, idea, until } = listed;
        let told = |name: &str| row.problem.as_ref()?.0.get(name)?.as_str().map(str::to_owned);
        let (number, title) = idea.unzip();
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state,
            challenge: row.challenge_id,
            challenge_title: challenge,
            idea: number.map(|number| public_number(prefix, number)),
            idea_title: title,
            update: (row.kind == HeldActKind::UpdateCorrection).then_some(row.subject_id),
            mine: row.asked_by == me,
            asked_at: row.asked_at,
            quiet_period: row.quiet_period_id,
            until,
            settled_at: row.settled_at,
            code: told("code"),
            detail: told("detail"),
            body: row.request.0.get("body").cloned().unwrap_or_default(),
        }
    }
}
