//! What feeds take and give.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{Item, Updated, What};
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::platform::entries::Numbered;
use crate::platform::html::markdown;
use crate::vocabulary::{AnswerKind, EntryKind};

/// What is fed back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FeedbackKind {
    /// An answer to an idea, or a revision of it.
    Answer,
    /// An update on a challenge, in the revision that holds.
    Update,
    /// The outcome of a challenge.
    Outcome,
}

/// One thing the council said.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeedbackItem {
    /// What it is.
    pub kind: FeedbackKind,
    /// The answer, the update, or the challenge of the outcome.
    pub id: Id,
    /// When it was said.
    pub at: Instant,
    /// The challenge.
    pub challenge: Id,
    /// Its title.
    pub challenge_title: String,
    /// The reason, what was told, or the summary; Markdown.
    pub text: String,
    /// The reason, what was told, or the summary; HTML, safe to show.
    pub text_html: String,
    /// What was answered; null for anything else.
    #[schema(required = true)]
    pub answer: Option<FeedbackAnswer>,
    /// Which update; null for anything else.
    #[schema(required = true)]
    pub update: Option<FeedbackUpdate>,
}

/// How it goes with a challenge.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeedbackUpdate {
    /// In a few words.
    pub title: String,
    /// The office that speaks.
    pub office: String,
    /// Counts from one.
    #[schema(example = 1)]
    pub revision: i32,
    /// What this revision puts right; null for the first.
    #[schema(required = true)]
    pub correction: Option<String>,
}

/// What was answered.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FeedbackAnswer {
    /// The idea.
    pub idea: Id,
    /// Its number.
    #[schema(example = "ALD-1042")]
    pub idea_number: String,
    /// Its title.
    pub idea_title: String,
    /// The office that answered.
    pub office: String,
    /// Yes, no, and what lies between.
    pub kind: AnswerKind,
    /// Counts from one; only the greatest of an idea holds.
    #[schema(example = 1)]
    pub revision: i32,
    /// Whether a later one has taken its place.
    pub superseded: bool,
}

impl FeedbackItem {
    /// One thing the council said.
    pub fn new(item: Item, prefix: &str) -> Self {
        let (kind, answer, update) = match item.what {
            What::Answer(answer) => {
                let answer = FeedbackAnswer {
                    idea: answer.idea,
                    idea_number: public_number(prefix, answer.number),
                    idea_title: answer.title,
                    office: answer.office,
                    kind: answer.kind,
                    revision: answer.revision,
                    superseded: answer.superseded,
                };
                (FeedbackKind::Answer, Some(answer), None)
            }
            What::Update(Updated { title, office, revision, correction }) => {
                (FeedbackKind::Update, None, Some(FeedbackUpdate { title, office, revision, correction }))
            }
            What::Outcome => (FeedbackKind::Outcome, None, None),
        };
        Self {
            kind,
            id: item.id,
            at: item.at,
            challenge: item.challenge,
            challenge_title: item.challenge_title,
            text_html: markdown(&item.text),
            text: item.text,
            answer,
            update,
        }
    }
}

/// Which feedback.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct FeedbackQuery {
    /// Of this challenge.
    #[param(nullable = false)]
    pub challenge: Option<Id>,
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
}

/// Which changes.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ChangesQuery {
    /// The last number you have; 0 unless told.
    #[param(minimum = 0, nullable = false)]
    pub after: Option<i64>,
    /// How many at most; 100 unless told.
    #[param(minimum = 1, maximum = 500, nullable = false)]
    pub limit: Option<i64>,
}

/// Where a stream begins.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct StreamQuery {
    /// The last number you have, for instance `next_after` of the list; needed where there is no `Last-Event-ID`.
    #[param(minimum = 0, nullable = false)]
    pub after: Option<i64>,
}

/// What happened after a number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Changes {
    /// In the order of their numbers, which have gaps.
    pub items: Vec<Change>,
    /// Send it as `after` to get what follows, now or later.
    #[schema(example = 1042)]
    pub next_after: i64,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Change {
    /// Its place in the one order of events.
    #[schema(example = 1042)]
    pub number: i64,
    /// What happened.
    #[schema(value_type = EntryKind, example = "idea.answered")]
    pub kind: String,
    /// To what.
    pub subject: Id,
    /// The facts; they differ by kind.
    #[schema(value_type = Object)]
    pub data: serde_json::Value,
    /// When.
    pub recorded_at: Instant,
}

impl Changes {
    /// The changes after a number.
    pub fn new(rows: Vec<Numbered>, after: i64) -> Self {
        let change = |row: Numbered| {
            let Numbered { number, kind, subject_id, data, recorded_at } = row;
            number.map(|number| Change { number, kind, subject: subject_id, data: data.0, recorded_at })
        };
        let items: Vec<Change> = rows.into_iter().filter_map(change).collect();
        Self { next_after: items.last().map_or(after, |last| last.number), items }
    }
}
