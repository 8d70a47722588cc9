//! What moderation takes and gives.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::edits::Edit;
use super::queries::CaseRow;
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::platform::html::markdown;
use crate::process::screening::model::Finding;
use crate::process::screening::views::FindingView;
use crate::vocabulary::{CaseReason, CaseState, DecisionKind, IdeaState, Stance};

/// A case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// Its id.
    pub id: Id,
    /// Why there is a case.
    pub reason: CaseReason,
    /// Whether it waits.
    pub state: CaseState,
    /// Since when.
    pub opened_at: Instant,
    /// Until when it was promised.
    pub due_at: Instant,
    /// Whether that has passed.
    pub overdue: bool,
    /// Send it as `If-Match: "<version>"` with the decision; a revision of the text raises it.
    pub version: i64,
    /// The idea that it is about, or under which the comment is.
    pub idea: Id,
    /// Its public number.
    pub number: String,
    /// Its challenge.
    pub challenge: Id,
    /// The comment that it is about; null where it is about the idea itself.
    #[schema(required = true)]
    pub comment: Option<Id>,
    /// What the comment says to the idea; null where it is about the idea itself.
    #[schema(required = true)]
    pub stance: Option<Stance>,
    /// Where the idea, or the comment, stands.
    pub item_state: IdeaState,
    /// The revision that is shown here.
    pub revision: i32,
    /// The title of the idea.
    pub title: String,
    /// The text of the idea, or of the comment, in Markdown.
    pub body: String,
    /// As safe HTML.
    pub body_html: String,
    /// The key of the idea's category.
    #[schema(required = true)]
    pub category: Option<String>,
    /// How its author wishes to be called; null where it was imported, and in the case of an appeal, which is decided without
    /// knowing whose it is.
    #[schema(required = true)]
    pub author: Option<String>,
    /// What screeners found, in this revision and in those before it, whose places are in a text that is no longer here. They only
    /// ever have an idea held.
    pub findings: Vec<FindingView>,
    /// How many have reported it; `reports` of the case says for what reasons, and never who.
    #[schema(example = 2)]
    pub reports: i32,
    /// Who has it in hand; null where nobody has.
    #[schema(required = true)]
    pub claim: Option<ClaimView>,
    /// What was decided; null while it waits.
    #[schema(required = true)]
    pub decision: Option<DecidedView>,
}

/// Who has a case in hand, for a while.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ClaimView {
    /// How they are called.
    pub by: String,
    /// Whether it is you.
    pub mine: bool,
    /// For how long; from then on whoever comes first may claim it.
    pub until: Instant,
}

/// What was decided on a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DecidedView {
    /// Its id.
    pub id: Id,
    /// What.
    pub kind: DecisionKind,
    /// The code of the ground.
    #[schema(required = true)]
    pub ground: Option<String>,
    /// The statement of reasons.
    #[schema(required = true)]
    pub statement: Option<String>,
    /// The revision that was decided upon.
    pub revision: i32,
    /// When.
    pub decided_at: Instant,
}

impl CaseView {
    /// As it stands at an instant, for one of the staff, with what was found in the ideas of some cases.
    pub fn of(row: CaseRow, findings: &[(Id, i32, Finding)], prefix: &str, me: Id, now: Instant) -> Self {
        let of_this = findings.iter().filter(|(case, ..)| *case == row.id);
        let claim = row.claimed_by.clone().zip(row.claimed_until.filter(|until| *until > now));
        Self {
            id: row.id,
            reason: row.reason,
            state: row.state,
            opened_at: row.opened_at,
            due_at: row.due_at,
            overdue: row.state == CaseState::Open && row.due_at <= now,
            version: row.version,
            revision: row.item_revision(),
            idea: row.idea_id,
            number: public_number(prefix, row.number),
            challenge: row.challenge_id,
            comment: row.subject().comment,
            stance: row.comment.as_ref().map(|comment| comment.stance),
            item_state: row.item_state(),
            body_html: markdown(row.text()),
            body: row.text().to_owned(),
            author: row.author().filter(|_| row.reason != CaseReason::Appeal).map(str::to_owned),
            title: row.title,
            category: row.category,
            findings: of_this.map(|(_, revision, finding)| FindingView::of(*revision, *finding)).collect(),
            reports: row.reports,
            claim: claim.map(|((id, by), until)| ClaimView { by, mine: id == me, until }),
            decision: row.decision.map(|decided| DecidedView {
                id: decided.id,
                kind: decided.kind,
                ground: decided.ground_code,
                statement: decided.statement,
                revision: decided.idea_revision,
                decided_at: decided.decided_at,
            }),
        }
    }
}

/// How the promise to look at what is sent in is kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModerationClock {
    /// Hours from submission to a moderator's decision, as promised.
    #[schema(example = 48)]
    pub moderate_within_hours: i32,
    /// Ideas and comments that wait.
    #[schema(example = 3)]
    pub waiting: i64,
    /// Those of them that have waited longer than was promised.
    #[schema(example = 0)]
    pub overdue: i64,
    /// Since when the oldest waits; null where none does.
    #[schema(required = true)]
    pub waiting_since: Option<Instant>,
}

/// Decide a case.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideCase {
    /// What.
    pub decision: DecisionKind,
    /// The code of the ground; needed with all but `publish`.
    #[schema(max_length = 40, nullable = false)]
    pub ground: Option<String>,
    /// The statement of reasons for the author; needed with all but `publish`.
    #[schema(min_length = 10, max_length = 4_000, nullable = false)]
    pub statement: Option<String>,
    /// What is left of the text; needed with `publish_with_edit`, and only then.
    #[schema(nullable = false)]
    pub edit: Option<EditIdea>,
}

/// An idea or a comment without what is to be taken out: only the words that its author has written, in their order, and in place of what
/// is gone a mark in brackets, such as `[a name]`.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditIdea {
    /// Its title; as it is where it is left out. A comment has none.
    #[schema(min_length = 3, max_length = 120, pattern = r"^[^\r\n]*$", nullable = false)]
    pub title: Option<String>,
    /// Its text, in Markdown; as it is where it is left out.
    #[schema(max_length = 10_000, nullable = false)]
    pub body: Option<String>,
}

impl From<EditIdea> for Edit {
    fn from(wish: EditIdea) -> Self {
        Self { title: wish.title, body: wish.body }
    }
}

/// A decision.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DecisionView {
    /// Its id.
    pub id: Id,
    /// The case.
    pub case: Id,
    /// The idea that it is about, or under which the comment is.
    pub idea: Id,
    /// The comment; null where it is about the idea itself.
    #[schema(required = true)]
    pub comment: Option<Id>,
    /// What was decided.
    pub decision: DecisionKind,
    /// The revision that was decided upon.
    pub revision: i32,
    /// Where the idea, or the comment, stands now.
    pub item_state: IdeaState,
}
