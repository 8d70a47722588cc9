//! What outside reviewers take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::queries::ReviewerRow;
use crate::platform::db::Instant;
use crate::process::appeals::views::{AppealToDecide, Instead};
use crate::process::moderation::edits::EditView;
use crate::process::sanctions::model::{SanctionAppealRow, SanctionRow};
use crate::vocabulary::{AppealResult, DecisionKind, SanctionKind};

/// Somebody from outside who decides appeals that nobody else of the staff may decide.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameReviewer {
    /// How they are called: it stands in the audit log from then on, also when somebody else is named.
    #[schema(min_length = 1, max_length = 80, pattern = r"^[^\r\n]*$", example = "Kit Moss, Thornby District Council")]
    pub name: String,
    /// Where the links are sent.
    #[schema(format = "email", max_length = 254, example = "kit@thornby.example")]
    pub email: String,
}

/// Who is named.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OutsideReviewer {
    /// How they are called.
    pub name: String,
    /// Where the links are sent.
    pub email: String,
    /// Since when.
    pub named_at: Instant,
}

impl From<ReviewerRow> for OutsideReviewer {
    fn from(row: ReviewerRow) -> Self {
        Self { name: row.name, email: row.email, named_at: row.named_at }
    }
}

/// That the outside reviewer is shown an appeal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ReviewView {
    /// How they are called.
    pub reviewer: String,
    /// Until when they can read and decide it.
    pub expires_at: Instant,
}

/// The link that was mailed to the outside reviewer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadReview {
    /// What follows `token=` in the link.
    #[schema(max_length = 200)]
    pub token: String,
}

/// The one case that a link shows: as it was decided, without a number or an id by which whoever wrote it could be found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseUnderReview {
    /// Until when it can be read and decided.
    pub expires_at: Instant,
    /// The appeal, where it is against a decision about an idea or a comment; null where it is against one on a person.
    #[schema(required = true)]
    pub appeal: Option<AppealUnderReview>,
    /// The text as it was decided upon; null with the other.
    #[schema(required = true)]
    pub idea: Option<IdeaUnderReview>,
    /// The appeal, where it is against a decision on a person; null where it is about an idea.
    #[schema(required = true)]
    pub sanction_appeal: Option<SanctionAppealUnderReview>,
}

/// An appeal against a decision on a person, and that decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SanctionAppealUnderReview {
    /// What was said.
    pub text: String,
    /// When.
    pub made_at: Instant,
    /// Until when it is to be decided.
    pub due_at: Instant,
    /// What was decided.
    pub decision: SanctionKind,
    /// On which ground.
    pub ground: String,
    /// The ground in the council's words.
    pub ground_title: String,
    /// Its text.
    pub ground_body: String,
    /// The facts, and why the ground applies to them.
    pub statement: String,
    /// Until when a suspension lasts; null for a warning.
    #[schema(required = true)]
    pub until: Option<Instant>,
    /// When a suspension was over; null while it runs, and for a warning.
    #[schema(required = true)]
    pub ended_at: Option<Instant>,
    /// When it was decided.
    pub decided_at: Instant,
}

impl SanctionAppealUnderReview {
    /// All of it but the ids.
    pub fn of(appeal: SanctionAppealRow, against: SanctionRow) -> Self {
        Self {
            until: against.lasts_until(Some(&appeal)),
            text: appeal.text,
            made_at: appeal.made_at,
            due_at: appeal.due_at,
            decision: against.kind,
            ground: against.ground,
            ground_title: against.ground_title,
            ground_body: against.ground_body,
            statement: against.statement,
            ended_at: against.ended_at,
            decided_at: against.decided_at,
        }
    }
}

/// An appeal against a decision about an idea or a comment, and that decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AppealUnderReview {
    /// What was said.
    pub text: String,
    /// When.
    pub made_at: Instant,
    /// Until when it is to be decided.
    pub due_at: Instant,
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
    /// What was taken out; null with every decision but `publish_with_edit`.
    #[schema(required = true)]
    pub edit: Option<EditView>,
    /// When it was decided.
    pub decided_at: Instant,
}

impl From<AppealToDecide> for AppealUnderReview {
    fn from(AppealToDecide { appeal, against, .. }: AppealToDecide) -> Self {
        Self {
            text: appeal.text,
            made_at: appeal.made_at,
            due_at: appeal.due_at,
            decision: against.decision,
            ground: against.ground,
            ground_title: against.ground_title,
            ground_body: against.ground_body,
            statement: against.statement,
            edit: against.edit,
            decided_at: against.decided_at,
        }
    }
}

/// An idea or a comment as it was when it was decided upon.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdeaUnderReview {
    /// Its title; empty of a comment.
    pub title: String,
    /// Its text, in Markdown.
    pub body: String,
    /// As safe HTML.
    pub body_html: String,
}

/// Decide an appeal by a mailed link.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideReview {
    /// What follows `token=` in the link.
    #[schema(max_length = 200)]
    pub token: String,
    /// What comes of it.
    pub result: AppealResult,
    /// Why, for who made it.
    #[schema(
        min_length = 10,
        max_length = 4_000,
        example = "You are right: the number is the council's. The idea is public again."
    )]
    pub reasons: String,
    /// What takes the place of a decision about an idea, where it is amended.
    #[schema(nullable = false)]
    pub instead: Option<Instead>,
    /// When a suspension ends instead, where it is amended.
    #[schema(nullable = false)]
    pub until: Option<Instant>,
}
