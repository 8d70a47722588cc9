//! What ideas take and give.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, PartialSchema as _, ToSchema};

use super::model::{Restriction, Said, Shown};
use super::queries::sees;
use super::rules::{is_restricted, public_number};
use crate::participation::challenges::model::CategoryRow;
use crate::people::accounts::Viewer;
use crate::people::accounts::identity::{self, AuthorView};
use crate::platform::db::{Id, Instant};
use crate::platform::html::markdown;
use crate::platform::secrets::Secrets;
use crate::vocabulary::{HeldFor, IdeaState, IdeaStatus};

/// Submit an idea.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmitIdea {
    /// In one line.
    #[schema(min_length = 3, max_length = 120, pattern = r"^[^\r\n]*$", example = "A crossing at Mill Lane")]
    pub title: String,
    /// In Markdown.
    #[schema(max_length = 10_000, example = "Children cross here to get to school. A **zebra crossing** would help.")]
    pub body: String,
    /// The key of one of the challenge's categories.
    #[schema(max_length = 40, nullable = false)]
    pub category: Option<String>,
    /// The code of the campaign that brought you, if any.
    #[schema(max_length = 40, nullable = false)]
    pub campaign: Option<String>,
}

/// How to submit.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SubmitQuery {
    /// Only say what would become of it.
    #[param(nullable = false)]
    pub dry_run: Option<bool>,
}

/// What would become of a submission.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WouldBe {
    /// Whether it would be public at once.
    pub state: IdeaState,
    /// Where it would not: why.
    pub held_for: Vec<HeldFor>,
    /// The council would owe an answer by then.
    pub answer_due_at: Instant,
}

/// The published schema of a submission, with the categories of a challenge.
///
/// # Errors
/// Where it cannot be written as JSON, which is a fault of ours.
pub fn form(title: &str, categories: &[CategoryRow]) -> anyhow::Result<Value> {
    let mut form = serde_json::to_value(SubmitIdea::schema())?;
    let choice: Vec<Value> = categories.iter().map(|c| json!({ "const": c.key, "title": c.label })).collect();
    if let Some(members) = form.as_object_mut() {
        members.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
        members.insert("title".into(), json!(title));
    }
    if let Some(properties) = form.get_mut("properties").and_then(Value::as_object_mut) {
        // What OpenAPI says of one example, JSON Schema says of several.
        for member in properties.values_mut().filter_map(Value::as_object_mut) {
            if let Some(example) = member.remove("example") {
                member.insert("examples".into(), json!([example]));
            }
        }
        // A challenge without categories takes none.
        if choice.is_empty() {
            properties.remove("category");
        } else if let Some(category) = properties.get_mut("category").and_then(Value::as_object_mut) {
            category.insert("oneOf".into(), Value::Array(choice));
        }
    }
    Ok(form)
}

/// Revise an idea (JSON Merge Patch, RFC 7396): what is left out stays.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviseIdea {
    /// In one line.
    #[schema(min_length = 3, max_length = 120, pattern = r"^[^\r\n]*$", nullable = false)]
    pub title: Option<String>,
    /// In Markdown.
    #[schema(max_length = 10_000, nullable = false)]
    pub body: Option<String>,
    /// The key of one of the challenge's categories; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(max_length = 40, value_type = Option<String>)]
    pub category: Option<Option<String>>,
}

// Absent, null and a value are three things in a merge patch.
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

/// Why an idea is not shown; all that its tombstone tells.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TombstoneView {
    /// The code of the ground; null to others than its author and staff where it is withheld for somebody's safety.
    #[schema(required = true)]
    pub ground: Option<String>,
    /// The decision; null where the ground is.
    #[schema(required = true)]
    pub decision: Option<Id>,
    /// Whether it is withheld for somebody's safety: there is nothing else to tell of it in public, but when.
    pub withheld_for_safety: bool,
    /// When.
    pub decided_at: Instant,
    /// The statement of reasons; for its author and staff only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub statement: Option<String>,
}

impl TombstoneView {
    /// What of a restriction is told; in full to its author and staff.
    pub fn of(found: Restriction, in_full: bool) -> Self {
        Self {
            ground: found.ground_code.filter(|_| in_full || !found.safeguarding),
            decision: Some(found.decision).filter(|_| in_full || !found.safeguarding),
            withheld_for_safety: found.safeguarding,
            decided_at: found.decided_at,
            statement: found.statement.filter(|_| in_full),
        }
    }
}

/// An idea.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct IdeaView {
    /// Its id.
    pub id: Id,
    /// Its public number.
    #[schema(example = "ALD-1042")]
    pub number: String,
    /// Its challenge.
    pub challenge: Id,
    /// Where it stands.
    pub state: IdeaState,
    /// What the council has said to it. Only an idea in public waits for an answer: on any other this is where it stood.
    pub status: IdeaStatus,
    /// Its title; null on a tombstone.
    #[schema(required = true)]
    pub title: Option<String>,
    /// In Markdown; null on a tombstone.
    #[schema(required = true)]
    pub body: Option<String>,
    /// As safe HTML; null on a tombstone.
    #[schema(required = true)]
    pub body_html: Option<String>,
    /// The key of its category.
    #[schema(required = true)]
    pub category: Option<String>,
    /// Whose it is; null where it was imported, and on a tombstone.
    #[schema(required = true)]
    pub author: Option<AuthorView>,
    /// How many support it.
    pub supports: i64,
    /// How much was said of it, where everybody sees it.
    pub comments: CommentCounts,
    /// The revision in force.
    pub revision: i32,
    /// Send it as `If-Match: "<version>"` with a change; each change raises it, support does not.
    pub version: i64,
    /// When it was submitted.
    pub submitted_at: Instant,
    /// The council owes an answer by then.
    pub answer_due_at: Instant,
    /// When it would owe it had nothing moved it: only what is answered before this counts as on time. Earlier than
    /// `answer_due_at` where pauses, quiet periods, an extension or days off that were written later have added time, or a
    /// question was asked back.
    pub answer_promised_by: Instant,
    /// When its author asked back: it waits for another answer, or has it by now.
    #[schema(required = true)]
    pub followed_up_at: Option<Instant>,
    /// Whether that has passed without an answer.
    pub overdue: bool,
    /// While it waits for a moderator: why, as far as it is known. For its author and staff, where one idea is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub held_for: Option<Vec<HeldFor>>,
    /// Where it was restricted: why and when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub tombstone: Option<TombstoneView>,
    /// Whether a moderator has locked what is said of it: it takes no more comments.
    pub locked: bool,
    /// Where it was merged: into which. `supports` is then how many supported it when it was, and the council owes its answer
    /// to the other. Where one idea is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub merged_into: Option<MergedInto>,
}

/// How many comments everybody sees under an idea: none that was hidden, nor what stands below one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CommentCounts {
    /// All of them.
    #[schema(example = 12)]
    pub total: i64,
    /// Those for the idea.
    #[serde(rename = "for")]
    #[schema(example = 7)]
    pub in_favour: i64,
    /// Those against it.
    #[schema(example = 2)]
    pub against: i64,
    /// Those that are neither.
    #[schema(example = 3)]
    pub neutral: i64,
}

impl From<Said> for CommentCounts {
    fn from(Said { in_favour, against, neutral }: Said) -> Self {
        Self { total: in_favour + against + neutral, in_favour, against, neutral }
    }
}

/// Where an idea has gone.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MergedInto {
    /// The other idea.
    pub idea: Id,
    /// Its public number.
    #[schema(example = "ALD-1042")]
    pub number: String,
    /// The merge; its address tells why.
    pub merge: Id,
}

/// With whose eyes, and what is needed to show it.
#[derive(Clone, Copy, Debug)]
pub struct Eyes<'a> {
    /// Whose.
    pub viewer: &'a Viewer,
    /// What the public numbers of the council begin with.
    pub prefix: &'a str,
    /// What authors are shown by.
    pub secrets: &'a Secrets,
}

impl IdeaView {
    /// As this viewer sees it at an instant; without its text where they may not.
    pub fn of(shown: Shown, eyes: &Eyes<'_>, now: Instant, restriction: Option<Restriction>) -> Self {
        let Eyes { viewer, prefix, secrets } = eyes;
        let Shown { idea, supports, said, author, profile } = shown;
        let open = sees(&idea, viewer);
        let author = author.zip(idea.author_id).filter(|_| open).map(|(name, account)| {
            identity::author(secrets, idea.council_id, idea.challenge_id, account, profile, name)
        });
        let restricted = is_restricted(idea.state);
        let overdue = idea.status == IdeaStatus::AwaitingAnswer
            && idea.state == IdeaState::Published
            && idea.answer_due_at <= now;
        Self {
            id: idea.id,
            number: public_number(prefix, idea.number),
            challenge: idea.challenge_id,
            state: idea.state,
            status: idea.status,
            body_html: open.then(|| markdown(&idea.body)),
            title: open.then_some(idea.title),
            body: open.then_some(idea.body),
            category: idea.category.filter(|_| open),
            author,
            supports: if open { supports } else { 0 },
            comments: if open { said.into() } else { CommentCounts::default() },
            revision: idea.revision,
            version: idea.version,
            submitted_at: idea.submitted_at,
            answer_due_at: idea.answer_due_at,
            answer_promised_by: idea.answer_promised_by,
            followed_up_at: idea.followed_up_at,
            overdue,
            held_for: None,
            locked: idea.locked_by.is_some(),
            merged_into: None,
            tombstone: restriction.filter(|_| restricted).map(|found| TombstoneView::of(found, open)),
        }
    }
}
