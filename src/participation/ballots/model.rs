//! What is voted on, and how.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::db::{Id, Instant, Json};
use crate::vocabulary::{BallotRule, BallotTally, BallotTies, Interim, Withheld};

/// How ballots look and are counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BallotTerms {
    /// What a ballot says.
    pub rule: BallotRule,
    /// How many ideas it marks at least; one unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 500, nullable = false)]
    pub min_choices: Option<i64>,
    /// How many at most; as many as there are unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 500, nullable = false)]
    pub max_choices: Option<i64>,
    /// Under `points`, and needed there: how many it gives in all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000_000, nullable = false)]
    pub points: Option<i64>,
    /// Under `points`: how many to one idea at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000_000, nullable = false)]
    pub max_per_idea: Option<i64>,
    /// Under `points`: n points for one idea cost n² of them.
    #[serde(default)]
    #[schema(required = false)]
    pub quadratic: bool,
    /// Under `score`, and needed there: the highest that an idea can be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000, nullable = false)]
    pub max_score: Option<i64>,
    /// What there is to spend, in the smallest unit of the currency; needed by `budget` and by what counts with costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 9_007_199_254_740_992_i64, nullable = false, example = 5_000_000)]
    pub budget: Option<i64>,
    /// How many of that unit are a whole one: 100 where costs are in pence.
    #[serde(default = "hundred")]
    #[schema(required = false, default = 100, minimum = 1, maximum = 1_000_000)]
    pub unit: i64,
    /// Under `budget`: what a ballot chooses may cost no more than there is.
    #[serde(default)]
    #[schema(required = false)]
    pub fits_budget: bool,
    /// What decides.
    pub binding: BallotTally,
    /// What is counted and shown beside it.
    #[serde(default)]
    #[schema(required = false, max_items = 4)]
    pub beside: Vec<BallotTally>,
    /// How many win, where that does not follow from the money; one unless given.
    #[serde(default = "one")]
    #[schema(required = false, default = 1, minimum = 1, maximum = 500)]
    pub seats: i64,
    /// By what ties are broken; the idea's number has the last word.
    pub ties: BallotTies,
    /// Under `drawn_lots`, and needed there: what lots are drawn with, published before anybody votes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 8, max_length = 200, nullable = false)]
    pub seed: Option<String>,
    /// Whether the count can be seen while votes come in.
    pub interim: Interim,
}

fn one() -> i64 {
    1
}

fn hundred() -> i64 {
    100
}

impl TryFrom<Json> for BallotTerms {
    type Error = serde_json::Error;

    fn try_from(stored: Json) -> Result<Self, Self::Error> {
        serde_json::from_value(stored.0)
    }
}

/// What is put to the vote in a challenge.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::ballot_papers)]
pub struct PaperRow {
    /// Raised by each change.
    pub version: i64,
    /// How ballots look and are counted.
    #[diesel(deserialize_as = Json)]
    pub terms: BallotTerms,
    /// When it was last written.
    pub updated_at: Instant,
}

/// An idea that is put to the vote.
#[derive(Clone, Debug, Queryable)]
pub struct OptionRow {
    /// Which.
    pub idea_id: Id,
    /// Its number.
    pub number: i64,
    /// Its title, where it is public.
    pub title: Option<String>,
    /// What it costs, in the smallest unit of the currency.
    pub cost: Option<i64>,
}

/// How a vote came out.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::ballot_results)]
pub struct ResultRow {
    /// Ballots that counted.
    pub ballots: i64,
    /// What each count came to.
    pub outcomes: Json,
    /// Why the ballots are not published.
    pub withheld: Option<Withheld>,
    /// SHA-256 of the file of ballots.
    pub sha256: Option<String>,
    /// When they were counted.
    pub counted_at: Instant,
}

/// What is put to the vote, whole.
#[derive(Clone, Debug)]
pub struct Paper {
    /// The terms.
    pub row: PaperRow,
    /// The ideas, in the order in which they were written.
    pub options: Vec<OptionRow>,
}

impl Paper {
    /// The ideas that can be marked, and what they cost.
    pub fn costs(&self) -> BTreeMap<Id, Option<i64>> {
        self.options.iter().map(|option| (option.idea_id, option.cost)).collect()
    }
}

/// What a ballot says of an idea.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BallotMark {
    /// Which.
    pub idea: Id,
    /// How many points or what score it is given, under `points` and `score` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000_000, nullable = false)]
    pub points: Option<i64>,
}

/// A ballot.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::ballots)]
pub struct BallotRow {
    /// Its id.
    pub id: Id,
    /// Counts from one for each voter.
    pub number: i32,
    /// What it says.
    pub marks: Json,
    /// When it was cast.
    pub cast_at: Instant,
}

impl BallotRow {
    /// What it says.
    ///
    /// # Errors
    /// Where something else was stored, which is a fault of ours.
    pub fn marks(&self) -> anyhow::Result<Vec<BallotMark>> {
        Ok(serde_json::from_value(self.marks.0.clone())?)
    }
}

/// What stored ballots say.
///
/// # Errors
/// As [`BallotRow::marks`].
pub fn marks_of(stored: Vec<Json>) -> anyhow::Result<Vec<Vec<BallotMark>>> {
    Ok(stored.into_iter().map(|marks| serde_json::from_value(marks.0)).collect::<Result<_, _>>()?)
}
