//! What signals take and give.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::queries::{ContestRow, OwnRow, SignalRow};
use super::rules::REVERSIBLE;
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{SignalKind, SignalState};

/// Which signals.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SignalQuery {
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
    /// How they stand; `open` unless told.
    #[param(nullable = false)]
    pub state: Option<SignalState>,
}

/// A step with its reason.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignalStep {
    /// Why, as the voters and everybody else read it.
    #[schema(min_length = 10, max_length = 2_000, example = "Sixty accounts were made and voted within ten minutes.")]
    pub reason: String,
}

/// Say why your votes are to be counted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContestVotes {
    /// In your own words.
    #[schema(
        min_length = 10,
        max_length = 2_000,
        example = "We are a class of thirty, and our teacher told us of it."
    )]
    pub text: String,
}

/// The same by a mailed link.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContestByLink {
    /// From the link.
    #[schema(max_length = 100)]
    pub token: String,
    /// In your own words.
    #[schema(min_length = 10, max_length = 2_000)]
    pub text: String,
}

/// How many of its votes are for an idea.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignalIdea {
    /// The idea.
    pub idea: Id,
    /// Its public number.
    #[schema(example = "ALD-1042")]
    pub number: String,
    /// How many.
    pub votes: i64,
}

/// Why it was flagged: numbers and the thresholds that they passed. Of a kind of signal only those that belong to it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignalEvidence {
    /// How many of the votes are by accounts that were less than a day old.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub of_new_accounts: Option<i64>,
    /// How many accounts vote together.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub accounts: Option<i64>,
    /// In so many minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub within_minutes: Option<i64>,
    /// So near to each other.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub within_seconds: Option<i64>,
    /// On so many ideas at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ideas_in_common: Option<i64>,
    /// So many, of accounts or votes, are flagged.
    pub threshold: i64,
}

/// Votes that look as if they did not come from people.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SignalView {
    /// Its id.
    pub id: Id,
    /// Of which challenge.
    pub challenge: Id,
    /// What they look like.
    pub kind: SignalKind,
    /// How it stands.
    pub state: SignalState,
    /// How many votes.
    pub votes: i64,
    /// By how many accounts.
    pub accounts: i64,
    /// When the first of them was cast.
    pub from: Instant,
    /// And the last.
    pub until: Instant,
    /// When it was flagged.
    pub found_at: Instant,
    /// Why it was flagged.
    pub evidence: SignalEvidence,
    /// For which ideas they are.
    pub ideas: Vec<SignalIdea>,
    /// How many voters have contested.
    pub contested: i64,
    /// Until when nothing is decided against them.
    #[schema(required = true)]
    pub contest_until: Option<Instant>,
    /// Why they were set aside.
    #[schema(required = true)]
    pub quarantine_reason: Option<String>,
    /// Why they were released or invalidated, or are to be.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// Why that was reversed.
    #[schema(required = true)]
    pub reversal_reason: Option<String>,
    /// Whether you are the one who proposed to invalidate them, so that somebody else has to approve.
    pub proposed_by_you: bool,
    /// Until when an invalidation can be reversed.
    #[schema(required = true)]
    pub reversible_until: Option<Instant>,
    /// Counts its changes.
    pub version: i64,
}

impl SignalView {
    /// As the staff sees it.
    ///
    /// # Errors
    /// Where what was found cannot be read, which is a fault of ours.
    pub fn of(
        row: SignalRow,
        ideas: Vec<(Id, i64, i64)>,
        contested: i64,
        (prefix, me): (&str, Id),
    ) -> anyhow::Result<Self> {
        let settled = row.settled_at.filter(|_| row.state == SignalState::Invalidated);
        Ok(Self {
            id: row.id,
            challenge: row.challenge_id,
            kind: row.kind,
            state: row.state,
            votes: row.votes,
            accounts: row.accounts,
            from: row.from_at,
            until: row.until_at,
            found_at: row.found_at,
            evidence: serde_json::from_value(row.evidence.0)?,
            ideas: ideas
                .into_iter()
                .map(|(idea, number, votes)| SignalIdea { idea, number: public_number(prefix, number), votes })
                .collect(),
            contested,
            contest_until: row.contest_until,
            quarantine_reason: row.quarantine_reason,
            reason: row.reason,
            reversal_reason: row.reversal_reason,
            proposed_by_you: row.proposed_by == Some(me),
            reversible_until: settled.map(|at| at.plus(REVERSIBLE)),
            version: row.version,
        })
    }
}

/// What somebody says against it; not who.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ContestView {
    /// Its id; random, and says nothing of who.
    pub id: Id,
    /// In their own words.
    pub text: String,
    /// When.
    pub contested_at: Instant,
}

impl From<ContestRow> for ContestView {
    fn from(row: ContestRow) -> Self {
        Self { id: row.id, text: row.text.unwrap_or_default(), contested_at: row.contested_at }
    }
}

/// Votes of yours that were set aside.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnSignal {
    /// The signal.
    pub signal: Id,
    /// Of which challenge.
    pub challenge: Id,
    /// What they look like.
    pub kind: SignalKind,
    /// How it stands.
    pub state: SignalState,
    /// Why they were set aside.
    #[schema(required = true)]
    pub quarantine_reason: Option<String>,
    /// Why they were released or invalidated.
    #[schema(required = true)]
    pub reason: Option<String>,
    /// Why that was reversed.
    #[schema(required = true)]
    pub reversal_reason: Option<String>,
    /// Until when nothing is decided against you.
    #[schema(required = true)]
    pub contest_until: Option<Instant>,
    /// What you have said against it.
    #[schema(required = true)]
    pub text: Option<String>,
    /// When.
    #[schema(required = true)]
    pub contested_at: Option<Instant>,
}

impl From<OwnRow> for OwnSignal {
    fn from(OwnRow { signal, text, contested_at }: OwnRow) -> Self {
        // What one of the staff proposes is nothing yet.
        let proposed = signal.state == SignalState::Proposed;
        Self {
            signal: signal.id,
            challenge: signal.challenge_id,
            kind: signal.kind,
            state: if proposed { SignalState::Quarantined } else { signal.state },
            quarantine_reason: signal.quarantine_reason,
            reason: signal.reason.filter(|_| !proposed),
            reversal_reason: signal.reversal_reason,
            contest_until: signal.contest_until,
            text,
            contested_at,
        }
    }
}

/// All of them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnSignals {
    /// The last one first; a hundred at most.
    pub items: Vec<OwnSignal>,
}

/// Votes of a challenge that are not in its counts, or were not for a time.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub struct VoteChecks {
    /// Set aside while it is looked at where they came from.
    pub quarantined: i64,
    /// Not counted.
    pub invalidated: i64,
    /// Counted again, for nothing was wrong with them.
    pub released: i64,
    /// Counted again, for it was wrong not to.
    pub reversed: i64,
}
