//! What screening takes and gives.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{Finding, Place};
use crate::platform::db::Instant;
use crate::vocabulary::{FindingKind, Screener, TextField};

/// A place in a text. Both numbers count Unicode scalar values (code points), not bytes and not UTF-16 units: what is meant are
/// the characters from `start` on, up to the one before `end`.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PlaceView {
    /// In which field.
    pub field: TextField,
    /// Where it begins.
    #[schema(minimum = 0, example = 27)]
    pub start: i32,
    /// Where it is over.
    #[schema(minimum = 1, example = 46)]
    pub end: i32,
}

/// What a screener found: a reason to look, and no verdict.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct FindingView {
    /// In which revision.
    pub revision: i32,
    /// Which screener.
    pub screener: Screener,
    /// What.
    pub kind: FindingKind,
    /// In a sentence.
    #[schema(value_type = String)]
    pub detail: &'static str,
    /// Where; null where it is about the whole.
    #[schema(required = true)]
    pub place: Option<PlaceView>,
}

impl FindingView {
    /// Of one revision.
    pub fn of(revision: i32, finding: Finding) -> Self {
        let Finding { screener, mark } = finding;
        let place = |Place { field, start, end }| PlaceView { field, start, end };
        Self { revision, screener, kind: mark.kind, detail: mark.kind.explanation(), place: mark.place.map(place) }
    }
}

/// Write a word list.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteWordList {
    /// Words, or several that stand one after the other. They are found as whole words, whatever their case, accents and
    /// disguise; other forms of a word are other words.
    #[schema(max_items = 1_000, example = json!(["wazzock", "numpty of the year"]))]
    pub words: Vec<String>,
}

/// A word list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WordListView {
    /// The language, without its region.
    #[schema(example = "en")]
    pub language: String,
    /// Its words, in the order of the alphabet.
    pub words: Vec<String>,
    /// Send it as `If-Match: "<version>"` with a change; 0 where the list was never written.
    pub version: i64,
    /// When it was last written; null where it never was.
    #[schema(required = true)]
    pub updated_at: Option<Instant>,
}
