//! What outside reviewers take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::queries::ReviewerRow;
use crate::platform::db::Instant;
use crate::process::appeals::views::{AppealToDecide, Instead};
use crate::process::sanctions::views::SanctionAppealToDecide;
use crate::vocabulary::AppealResult;

/// Somebody from outside who decides appeals that nobody else of the staff may decide.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NameReviewer {
    /// How they are called, as it stands in the audit log.
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

/// The one case that a link shows. Whose it is stands nowhere in it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseUnderReview {
    /// Until when it can be read and decided.
    pub expires_at: Instant,
    /// The appeal, where it is against a decision about an idea or a comment; null where it is against one on a person.
    #[schema(required = true)]
    pub appeal: Option<AppealToDecide>,
    /// The text as it was decided upon; null with the other.
    #[schema(required = true)]
    pub idea: Option<IdeaUnderReview>,
    /// The appeal, where it is against a decision on a person; null where it is about an idea.
    #[schema(required = true)]
    pub sanction_appeal: Option<SanctionAppealToDecide>,
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
