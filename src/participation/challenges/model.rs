//! Rows of challenges, their phases and promises.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::readiness::Background;
use crate::platform::db::{Id, Instant, Json};
use crate::vocabulary::{AgeBand, ChallengeKind, ChallengeState, ModerationPolicy, PhaseKind, VotingRule};

/// Who has a say in a challenge.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Eligibility {
    /// Only residents who have shown that they live in the council's area.
    #[serde(default)]
    #[schema(required = false)]
    pub verified: bool,
    /// Only people who are at least in this band; null for any.
    #[serde(default)]
    #[schema(required = false)]
    pub minimum_age_band: Option<AgeBand>,
    /// Only residents of these wards, which only a verification can tell; empty for all.
    #[serde(default)]
    #[schema(max_items = 100, required = false)]
    pub wards: Vec<String>,
    /// Whether it holds for submitting too, and not for support alone.
    #[serde(default)]
    #[schema(required = false)]
    pub to_submit: bool,
}

impl TryFrom<Json> for Eligibility {
    type Error = serde_json::Error;

    fn try_from(stored: Json) -> Result<Self, Self::Error> {
        serde_json::from_value(stored.0)
    }
}

/// A challenge.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::challenges)]
pub struct ChallengeRow {
    /// Its council.
    pub council_id: Id,
    /// Its id.
    pub id: Id,
    /// What it is.
    pub kind: ChallengeKind,
    /// Its title.
    pub title: String,
    /// What is asked, in one sentence.
    pub question: String,
    /// In Markdown.
    pub body: String,
    /// BCP 47.
    pub language: String,
    /// When ideas are looked at.
    pub moderation: ModerationPolicy,
    /// Under `trusted`: from how many accepted ideas on an author is known.
    pub trusted_after: i32,
    /// How votes are counted.
    pub voting_rule: VotingRule,
    /// Who has a say.
    #[diesel(deserialize_as = Json)]
    pub eligibility: Eligibility,
    /// When it passed the gate.
    pub opened_at: Option<Instant>,
    /// When its last phase ends, or it was closed; never, of an open door.
    pub closes_at: Option<Instant>,
    /// Raised by each change.
    pub version: i64,
    /// When it was drafted.
    pub created_at: Instant,
}

impl ChallengeRow {
    /// Where it stands at an instant.
    pub fn state(&self, now: Instant, concluded: bool) -> ChallengeState {
        match (self.opened_at, self.closes_at) {
            (Some(_), _) if concluded => ChallengeState::Concluded,
            (Some(_), Some(closes_at)) if closes_at <= now => ChallengeState::Closed,
            (Some(_), _) => ChallengeState::Open,
            (None, _) => ChallengeState::Draft,
        }
    }
}

/// A dated period and what it allows. Half-open: it has begun at `starts_at` and is over at `ends_at`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::phases)]
pub struct Phase {
    /// What it is for.
    pub kind: PhaseKind,
    /// From this instant.
    pub starts_at: Instant,
    /// Up to this instant.
    pub ends_at: Instant,
    /// Ideas may be submitted.
    pub submit: bool,
    /// Comments may be written.
    pub comment: bool,
    /// Ideas may be supported.
    pub support: bool,
    /// Ballots may be cast.
    pub vote: bool,
}

/// What the council owes.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::promises)]
pub struct PromiseRow {
    /// The named office that decides.
    pub decision_office: String,
    /// Where it is asked to accept; never public.
    pub decision_email: String,
    /// What is in its power.
    pub in_their_power: String,
    /// Working days.
    pub answer_within_days: i32,
    /// Hours.
    pub moderate_within_hours: i32,
    /// The outcome is published by then; none of an open door.
    pub publish_outcome_by: Option<Instant>,
    /// How success is measured.
    pub success_measure: String,
    /// When the decision-maker accepted.
    pub accepted_at: Option<Instant>,
}

/// A category of a challenge.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::challenge_categories)]
pub struct CategoryRow {
    /// Its name in addresses.
    pub key: String,
    /// Its name.
    pub label: String,
}

/// A challenge with all that belongs to it.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The challenge.
    pub row: ChallengeRow,
    /// In order.
    pub phases: Vec<Phase>,
    /// In order.
    pub categories: Vec<CategoryRow>,
    /// What the public is told before it is asked.
    pub background: Background,
    /// The promise, once it is written.
    pub promise: Option<PromiseRow>,
    /// Whether its outcome is published.
    pub concluded: bool,
    /// The idea at the open door that it was made of.
    pub taken_up_from: Option<Source>,
}

/// The idea at the open door that a challenge was made of, while it is public.
#[derive(Clone, Debug, Queryable)]
pub struct Source {
    /// The idea.
    pub idea: Id,
    /// Its title.
    pub title: String,
    /// How its author wishes to be called.
    pub author: Option<String>,
}
