//! What challenges take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{ChallengeRow, Eligibility, Phase, PromiseRow, Source, Whole};
use super::queries::Text;
use super::readiness::Background;
use super::rules;
use crate::accountability::promises::forecast::Forecast;
use crate::platform::db::{Id, Instant};
use crate::platform::html::{markdown, tidy};
use crate::vocabulary::{ChallengeKind, ChallengeState, ModerationPolicy, PhaseKind, VotingRule};

/// A dated period and what it allows. Half-open: begun at `starts_at`, over at `ends_at`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhaseView {
    /// What it is for.
    pub kind: PhaseKind,
    /// From this instant.
    pub starts_at: Instant,
    /// Up to this instant.
    pub ends_at: Instant,
    /// Ideas may be submitted.
    #[serde(default)]
    #[schema(required = false)]
    pub submit: bool,
    /// Comments may be written.
    #[serde(default)]
    #[schema(required = false)]
    pub comment: bool,
    /// Ideas may be supported.
    #[serde(default)]
    #[schema(required = false)]
    pub support: bool,
    /// Ballots may be cast.
    #[serde(default)]
    #[schema(required = false)]
    pub vote: bool,
}

impl From<Phase> for PhaseView {
    fn from(row: Phase) -> Self {
        let Phase { kind, starts_at, ends_at, submit, comment, support, vote } = row;
        Self { kind, starts_at, ends_at, submit, comment, support, vote }
    }
}

impl From<PhaseView> for Phase {
    fn from(view: PhaseView) -> Self {
        let PhaseView { kind, starts_at, ends_at, submit, comment, support, vote } = view;
        Self { kind, starts_at, ends_at, submit, comment, support, vote }
    }
}

/// A category of ideas.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CategoryView {
    /// Its name in addresses.
    #[schema(pattern = "^[a-z][a-z0-9_-]{0,38}$", example = "streets")]
    pub key: String,
    /// Its name.
    #[schema(min_length = 1, max_length = 80, pattern = r"^[^\r\n]*$", example = "Streets and squares")]
    pub label: String,
}

/// From how many accepted ideas on an author is known, unless the challenge says otherwise.
pub const TRUSTED_AFTER: i32 = 3;

/// Draft a challenge, or write its draft anew.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftChallenge {
    /// What it is, which stays as it was drafted; a question unless given.
    #[serde(default = "question")]
    #[schema(required = false, default = "question")]
    pub kind: ChallengeKind,
    /// Its title.
    #[schema(min_length = 3, max_length = 120, pattern = r"^[^\r\n]*$", example = "A better Mill Lane")]
    pub title: String,
    /// What is asked, in one sentence.
    #[schema(min_length = 3, max_length = 300, example = "What would make you walk along Mill Lane?")]
    pub question: String,
    /// The background, in Markdown.
    #[schema(max_length = 20_000)]
    pub body: String,
    /// BCP 47; the council's unless given.
    #[schema(pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", nullable = false)]
    pub language: Option<String>,
    /// When ideas are looked at.
    pub moderation: ModerationPolicy,
    /// Under `trusted`: from how many ideas of theirs on, accepted by a moderator in this council and public, an author's next is
    /// visible at once; 3 unless given.
    #[schema(minimum = 1, maximum = 100, nullable = false)]
    pub trusted_after: Option<i32>,
    /// How votes look and are counted; `support` unless given.
    #[schema(nullable = false)]
    pub voting_rule: Option<VotingRule>,
    /// Who has a say; everybody unless given.
    #[serde(default)]
    #[schema(required = false)]
    pub eligibility: Eligibility,
    /// In order of time: one at least of a question, and none of an open door.
    #[schema(max_items = 12)]
    pub phases: Vec<PhaseView>,
    /// In the order they are shown.
    #[serde(default)]
    #[schema(max_items = 40, required = false)]
    pub categories: Vec<CategoryView>,
    /// What the public is told before it is asked; the gate looks at it.
    #[serde(default)]
    #[schema(required = false)]
    pub background: Background,
}

fn question() -> ChallengeKind {
    ChallengeKind::Question
}

impl DraftChallenge {
    /// The text, in the council's language unless it says another.
    pub fn text(&self, language: &str) -> Text {
        Text {
            kind: self.kind,
            title: tidy(&self.title),
            question: tidy(&self.question),
            body: tidy(&self.body),
            language: self.language.clone().unwrap_or_else(|| language.to_owned()),
            moderation: self.moderation,
            trusted_after: self.trusted_after.unwrap_or(TRUSTED_AFTER),
            voting_rule: self.voting_rule.unwrap_or(VotingRule::Support),
            eligibility: Eligibility {
                wards: self.eligibility.wards.iter().map(|ward| tidy(ward)).collect(),
                ..self.eligibility.clone()
            },
            background: self.background.tidied(),
        }
    }
}

/// Write the promise.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WritePromise {
    /// The office that decides, never a person: the name or id of one that the council has made.
    #[schema(min_length = 3, max_length = 120, example = "Director of Streets")]
    pub decision_office: String,
    /// Where that office is asked to accept; never public.
    #[schema(max_length = 254, example = "streets@aldermoor.example")]
    pub decision_email: String,
    /// What is in its power, and what is not.
    #[schema(min_length = 10, max_length = 2_000)]
    pub in_their_power: String,
    /// Each idea is answered within so many working days of being submitted.
    #[schema(minimum = 1, maximum = 260)]
    pub answer_within_days: i32,
    /// Each held idea is decided within so many hours.
    #[schema(minimum = 1, maximum = 720)]
    pub moderate_within_hours: i32,
    /// The outcome is published by then; left out of an open door, which has none.
    #[schema(nullable = false)]
    pub publish_outcome_by: Option<Instant>,
    /// How everybody will see whether it was worth it.
    #[schema(min_length = 3, max_length = 1_000)]
    pub success_measure: String,
}

/// What the council owes.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PromiseView {
    /// Who decides.
    pub decision_office: String,
    /// What is in their power.
    pub in_their_power: String,
    /// Working days of the council's calendar for each answer.
    pub answer_within_days: i32,
    /// Hours for each held idea.
    pub moderate_within_hours: i32,
    /// The outcome is published by then; null of an open door.
    #[schema(required = true)]
    pub publish_outcome_by: Option<Instant>,
    /// How success is measured.
    pub success_measure: String,
    /// When the decision-maker accepted it.
    #[schema(required = true)]
    pub accepted_at: Option<Instant>,
    /// What it takes to keep it; told to staff as they write it, where it is known how many ideas come in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub forecast: Option<Forecast>,
}

impl From<PromiseRow> for PromiseView {
    fn from(row: PromiseRow) -> Self {
        Self {
            decision_office: row.decision_office,
            in_their_power: row.in_their_power,
            answer_within_days: row.answer_within_days,
            moderate_within_hours: row.moderate_within_hours,
            publish_outcome_by: row.publish_outcome_by,
            success_measure: row.success_measure,
            accepted_at: row.accepted_at,
            forecast: None,
        }
    }
}

/// A challenge in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChallengeSummary {
    /// Its id.
    pub id: Id,
    /// What it is.
    pub kind: ChallengeKind,
    /// Its title.
    pub title: String,
    /// What is asked.
    pub question: String,
    /// Where it stands now.
    pub state: ChallengeState,
    /// When it passed the gate.
    #[schema(required = true)]
    pub opened_at: Option<Instant>,
    /// When its last phase ends, or it was closed.
    #[schema(required = true)]
    pub closes_at: Option<Instant>,
}

impl ChallengeSummary {
    /// As it stands at an instant.
    pub fn of(row: ChallengeRow, concluded: bool, now: Instant) -> Self {
        let state = row.state(now, concluded);
        Self {
            id: row.id,
            kind: row.kind,
            title: row.title,
            question: row.question,
            state,
            opened_at: row.opened_at,
            closes_at: row.closes_at,
        }
    }
}

/// The idea at the open door that a challenge was made of.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SourceView {
    /// The idea.
    pub idea: Id,
    /// Its title.
    pub title: String,
    /// How its author wishes to be called; null where nobody is named.
    #[schema(required = true)]
    pub author: Option<String>,
}

/// A challenge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ChallengeView {
    /// Its id.
    pub id: Id,
    /// What it is.
    pub kind: ChallengeKind,
    /// The idea at the open door that it was made of, if it was and that is public.
    #[schema(required = true)]
    pub taken_up_from: Option<SourceView>,
    /// Its title.
    pub title: String,
    /// What is asked.
    pub question: String,
    /// In Markdown.
    pub body: String,
    /// As safe HTML.
    pub body_html: String,
    /// BCP 47.
    pub language: String,
    /// When ideas are looked at.
    pub moderation: ModerationPolicy,
    /// Under `trusted`: from how many accepted ideas on an author's next is visible at once.
    #[schema(example = 3)]
    pub trusted_after: i32,
    /// How votes are counted.
    pub voting_rule: VotingRule,
    /// Who has a say.
    pub eligibility: Eligibility,
    /// Where it stands now.
    pub state: ChallengeState,
    /// The running phase, if any.
    #[schema(required = true)]
    pub phase: Option<PhaseView>,
    /// All phases, in order.
    pub phases: Vec<PhaseView>,
    /// The categories, in order.
    pub categories: Vec<CategoryView>,
    /// What there is to know before one has a say.
    pub background: Background,
    /// What the council owes, once it is written.
    #[schema(required = true)]
    pub promise: Option<PromiseView>,
    /// When it passed the gate.
    #[schema(required = true)]
    pub opened_at: Option<Instant>,
    /// When its last phase ends, or it was closed.
    #[schema(required = true)]
    pub closes_at: Option<Instant>,
}

impl ChallengeView {
    /// As it stands at an instant.
    pub fn of(whole: Whole, now: Instant) -> Self {
        let Whole { row, phases, categories, background, promise, concluded, taken_up_from } = whole;
        let state = row.state(now, concluded);
        let phase =
            rules::phase_at(&phases, now).filter(|_| state == ChallengeState::Open).cloned().map(PhaseView::from);
        Self {
            id: row.id,
            kind: row.kind,
            taken_up_from: taken_up_from.map(|Source { idea, title, author }| SourceView { idea, title, author }),
            body_html: markdown(&row.body),
            title: row.title,
            question: row.question,
            body: row.body,
            language: row.language,
            moderation: row.moderation,
            trusted_after: row.trusted_after,
            voting_rule: row.voting_rule,
            eligibility: row.eligibility,
            state,
            phase,
            phases: phases.into_iter().map(PhaseView::from).collect(),
            categories: categories.into_iter().map(|c| CategoryView { key: c.key, label: c.label }).collect(),
            background,
            promise: promise.map(PromiseView::from),
            opened_at: row.opened_at,
            closes_at: row.closes_at,
        }
    }
}

/// Open a challenge.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenChallenge {
    /// Why it opens although its phases run into a quiet period; everybody reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 1_000, nullable = false)]
    pub quiet_period_reason: Option<String>,
}
