//! What ballots take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::model::{BallotMark, BallotTerms, Paper, ResultRow};
use super::results::Counted;
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{BallotTally, RoundKind, Withheld};

/// Say what is put to the vote, and how.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteBallotPaper {
    /// How ballots look and are counted.
    pub terms: BallotTerms,
    /// Public ideas of the challenge.
    #[schema(min_items = 2, max_items = 500)]
    pub options: Vec<PutToVote>,
}

/// An idea that is put to the vote.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutToVote {
    /// Which.
    pub idea: Id,
    /// What it costs, in the smallest unit of the currency, where it is counted with costs.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 9_007_199_254_740_992_i64, nullable = false, example = 250_000)]
    pub cost: Option<i64>,
}

/// What is put to the vote, and how.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BallotPaperView {
    /// In which challenge.
    pub challenge: Id,
    /// Raised by each change; it stands as it is once votes are taken.
    pub version: i64,
    /// How ballots look and are counted.
    pub terms: BallotTerms,
    /// The ideas: to whoever has a say in an order of their own, which stays the same; to everybody else as they were written.
    pub options: Vec<BallotOptionView>,
    /// From when on votes are taken.
    #[schema(required = true)]
    pub voting_from: Option<Instant>,
    /// Until when.
    #[schema(required = true)]
    pub voting_until: Option<Instant>,
}

/// An idea that is put to the vote.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BallotOptionView {
    /// Which.
    pub idea: Id,
    /// Its number.
    #[schema(example = "ALD-1042")]
    pub number: String,
    /// Its title; null where the idea was taken down since.
    #[schema(required = true)]
    pub title: Option<String>,
    /// What it costs, in the smallest unit of the currency; null where nothing is counted with costs.
    #[schema(required = true)]
    pub cost: Option<i64>,
}

impl BallotPaperView {
    /// As it is shown.
    pub fn new(challenge: Id, paper: Paper, prefix: &str, time: Option<(Instant, Instant)>) -> Self {
        let Paper { row, options } = paper;
        let options = options.into_iter().map(|option| BallotOptionView {
            idea: option.idea_id,
            number: public_number(prefix, option.number),
            title: option.title,
            cost: option.cost,
        });
        Self {
            challenge,
            version: row.version,
            terms: row.terms,
            options: options.collect(),
            voting_from: time.map(|(from, _)| from),
            voting_until: time.map(|(_, until)| until),
        }
    }
}

/// Cast a ballot.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CastBallot {
    /// Which ideas it marks; where they are ranked, the best first.
    #[schema(max_items = 500)]
    pub marks: Vec<BallotMark>,
}

/// A ballot of one's own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BallotView {
    /// In which challenge.
    pub challenge: Id,
    /// Which of one's own it is, from one: the last counts.
    pub number: i32,
    /// What it says.
    pub marks: Vec<BallotMark>,
    /// When it was cast.
    pub cast_at: Instant,
}

/// How a vote came out, or stands.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ResultView {
    /// In which challenge.
    pub challenge: Id,
    /// What it is: a consultation, not an election.
    #[schema(example = "This is a consultation, not an election.")]
    pub notice: String,
    /// Whether votes are over.
    pub complete: bool,
    /// Ballots that count.
    pub ballots: i64,
    /// What decides first, then what was counted beside it.
    pub outcomes: Vec<OutcomeOfTally>,
    /// When it was counted for good; null while votes come in.
    #[schema(required = true)]
    pub counted_at: Option<Instant>,
    /// Where all ballots can be had, without voters; null where they are not published.
    #[schema(required = true)]
    pub published: Option<PublishedBallots>,
    /// Why they are not; null where they are, and while votes come in.
    #[schema(required = true)]
    pub withheld: Option<Withheld>,
}

/// The file of ballots.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PublishedBallots {
    /// Where it is.
    #[schema(example = "/v1/councils/aldermoor/challenges/01a1b2c7-0000-7000-8000-000000000000/result/ballots")]
    pub url: String,
    /// SHA-256 of it, in hexadecimal, which is in the record of changes too.
    pub sha256: String,
}

/// What one way to count comes to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OutcomeOfTally {
    /// How it was counted.
    pub tally: BallotTally,
    /// Whether it decides.
    pub binding: bool,
    /// Who won, in the order in which they did.
    pub winners: Vec<Id>,
    /// What each voter had to spend, in the smallest unit of the currency, where the money is theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "155.11")]
    pub share: Option<String>,
    /// By how many whole units of the currency that was raised.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub raised: Option<i64>,
    /// Votes that elect, where there is a quota.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub quota: Option<i64>,
    /// What became of each idea, and why, in words.
    pub reasons: Vec<ReasonView>,
    /// Step by step.
    pub rounds: Vec<RoundView>,
    /// Every tie that was broken.
    pub ties_broken: Vec<TieView>,
}

/// What became of an idea, and why.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReasonView {
    /// Which.
    pub idea: Id,
    /// Whether it won.
    pub won: bool,
    /// Why, in a sentence.
    #[schema(example = "Its supporters had 3,120 left; it costs 4,000.")]
    pub reason: String,
}

/// One step of a count. What is not of its kind is left out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoundView {
    /// What happened.
    pub kind: RoundKind,
    /// To which idea.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub idea: Option<Id>,
    /// Votes, points, or Borda's points.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<i64>,
    /// How many marked it, or paid for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub supporters: Option<i64>,
    /// What it costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cost: Option<i64>,
    /// What was left to spend before it, or what its supporters had left in the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "3120.00")]
    pub left: Option<String>,
    /// The most that one of its supporters paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "12.50")]
    pub most: Option<String>,
    /// How many of the others it beats.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub beats: Option<i64>,
    /// What each idea had that was not out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub votes: Vec<VotesView>,
    /// Which reached the quota.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub elected: Vec<Id>,
    /// How much of its votes went on to the next preferences.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "286.5")]
    pub surplus: Option<String>,
    /// What could be transferred to nothing any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "33.20718")]
    pub exhausted: Option<String>,
    /// What was lost so far by truncating transfers to five places.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0.00638")]
    pub lost: Option<String>,
}

impl RoundView {
    /// Of a kind, about nothing yet.
    pub fn of(kind: RoundKind) -> Self {
        Self {
            kind,
            idea: None,
            total: None,
            supporters: None,
            cost: None,
            left: None,
            most: None,
            beats: None,
            votes: Vec::new(),
            elected: Vec::new(),
            surplus: None,
            exhausted: None,
            lost: None,
        }
    }
}

/// How many votes an idea had at a stage.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VotesView {
    /// Which.
    pub idea: Id,
    /// How many, with up to five decimal places.
    #[schema(example = "825")]
    pub votes: String,
}

/// A tie, and how it was broken.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TieView {
    /// In which round, from one.
    pub round: i64,
    /// Between which ideas.
    pub tied: Vec<Id>,
    /// Which was chosen, to win or to drop out.
    pub chosen: Id,
    /// The earlier round in which they differed, if one decided; otherwise the published order did.
    #[schema(required = true)]
    pub earlier_round: Option<i64>,
}

impl ResultView {
    /// While votes come in.
    pub fn so_far(challenge: Id, ballots: usize, counted: Vec<Counted>) -> Self {
        Self {
            challenge,
            notice: NOTICE.into(),
            complete: false,
            ballots: i64::try_from(ballots).unwrap_or(i64::MAX),
            outcomes: counted.into_iter().map(OutcomeOfTally::from).collect(),
            counted_at: None,
            published: None,
            withheld: None,
        }
    }

    /// As it was counted for good.
    ///
    /// # Errors
    /// Where what is stored is no result, which is a fault of ours.
    pub fn stored(council: &str, challenge: Id, row: ResultRow) -> anyhow::Result<Self> {
        let url = || format!("/v1/councils/{council}/challenges/{challenge}/result/ballots");
        Ok(Self {
            challenge,
            notice: NOTICE.into(),
            complete: true,
            ballots: row.ballots,
            outcomes: serde_json::from_value(row.outcomes.0)?,
            counted_at: Some(row.counted_at),
            published: row.sha256.map(|sha256| PublishedBallots { url: url(), sha256 }),
            withheld: row.withheld,
        })
    }
}

const NOTICE: &str = "This is a consultation, not an election.";
