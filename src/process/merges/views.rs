//! What merges take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::queries::{ChoiceRow, Counts, MergeRow, SourceRow};
use super::rules::told;
use crate::participation::ideas::rules::public_number;
use crate::platform::db::{Id, Instant};
use crate::vocabulary::{LeftBecause, MergeChoice, MergeSilence, MergeSourceState, MergeState};

/// Propose to merge ideas into another one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeMerge {
    /// The ideas that are to be joined to it, by id or public number.
    #[schema(min_items = 1, max_items = 20, example = json!(["ALD-1043"]))]
    pub ideas: Vec<String>,
    /// Why, as everybody reads it.
    #[schema(min_length = 10, max_length = 2_000, example = "Both ask for a crossing at the same place.")]
    pub reason: String,
    /// Days in which those whose support it is about can choose; seven unless told.
    #[schema(minimum = 3, maximum = 30, nullable = false)]
    pub days: Option<u32>,
}

/// Take a proposal back, or undo a merge.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndMerge {
    /// Why, as everybody reads it.
    #[schema(min_length = 10, max_length = 2_000, example = "One is about the crossing, the other about the lights.")]
    pub reason: String,
}

/// Choose where one's support counts.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChooseInMerge {
    /// Where.
    pub choice: MergeChoice,
}

/// The same by a mailed link.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChooseByLink {
    /// From the link.
    #[schema(max_length = 100)]
    pub token: String,
    /// Where.
    pub choice: MergeChoice,
}

/// What you were asked, and chose.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OwnMergeChoice {
    /// The merge.
    pub merge: Id,
    /// Until when you can choose, and choose otherwise.
    pub choose_by: Instant,
    /// What you chose; null where you have said nothing.
    #[schema(required = true)]
    pub choice: Option<MergeChoice>,
    /// When.
    #[schema(required = true)]
    pub chosen_at: Option<Instant>,
}

impl OwnMergeChoice {
    /// Of somebody who has a choice.
    pub fn of(merge: &MergeRow, row: Option<ChoiceRow>) -> Self {
        let (choice, chosen_at) = row.map_or((None, None), |row| (row.choice, row.chosen_at));
        Self { merge: merge.id, choose_by: merge.due_at, choice, chosen_at }
    }
}

/// An idea that others are joined to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MergeTarget {
    /// Its id.
    pub idea: Id,
    /// Its public number.
    #[schema(example = "ALD-1042")]
    pub number: String,
}

/// An idea that is to be joined to another, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MergeSource {
    /// Its id.
    pub idea: Id,
    /// Its public number.
    #[schema(example = "ALD-1043")]
    pub number: String,
    /// How it stands.
    pub state: MergeSourceState,
    /// Why it was not merged; null where it was, or is to be.
    #[schema(required = true)]
    pub left_because: Option<LeftBecause>,
    /// How many supported it when the time was over; null before, and where it was not merged.
    #[schema(required = true)]
    pub supports: Option<i64>,
    /// How many of them count for the other idea since; null below ten supporters, for it could be one person's choice.
    #[schema(required = true)]
    pub carried: Option<i64>,
    /// How many of these had supported the other idea before, and count for it once; null as `carried`.
    #[schema(required = true)]
    pub counted_already: Option<i64>,
}

/// What those chose who were asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MergeChoices {
    /// That it is counted for the other idea.
    pub carry: i64,
    /// That it stays.
    pub leave: i64,
    /// Said nothing.
    pub silent: i64,
}

/// A proposal to merge ideas, and what came of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MergeView {
    /// Its id.
    pub id: Id,
    /// The challenge of all the ideas.
    pub challenge: Id,
    /// What they are joined to.
    pub into: MergeTarget,
    /// How it stands.
    pub state: MergeState,
    /// Why it was proposed.
    pub reason: String,
    /// What it means where somebody says nothing.
    pub silence: MergeSilence,
    /// When it was proposed.
    pub proposed_at: Instant,
    /// Until when those whose support it is about can choose; then it is carried out.
    pub choose_by: Instant,
    /// When it was carried out, withdrawn, or found to be impossible.
    #[schema(required = true)]
    pub ended_at: Option<Instant>,
    /// Why it was withdrawn.
    #[schema(required = true)]
    pub withdrawal_reason: Option<String>,
    /// When it was undone.
    #[schema(required = true)]
    pub reversed_at: Option<Instant>,
    /// Why it was undone.
    #[schema(required = true)]
    pub reversal_reason: Option<String>,
    /// How many were asked, or have chosen unasked.
    pub asked: i64,
    /// What they chose; null while they can, and where fewer than ten have, for it could be one person's choice.
    #[schema(required = true)]
    pub choices: Option<MergeChoices>,
    /// The ideas that are to be joined to it.
    pub ideas: Vec<MergeSource>,
}

/// All merges of an idea.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct MergeList {
    /// The last proposed first; a hundred at most.
    pub items: Vec<MergeView>,
}

/// How much of the support of an idea went along with it.
#[derive(Clone, Debug, Serialize)]
pub struct Carried {
    /// The idea.
    pub idea: Id,
    /// How many supported it.
    pub supports: i64,
    /// How many count for the other one since; nothing below ten.
    pub carried: Option<i64>,
    /// How many of these did before; nothing below ten.
    pub counted_already: Option<i64>,
}

impl Carried {
    /// Of what was counted.
    pub fn of(idea: Id, (supports, carried, added): (i64, i64, i64)) -> Self {
        let counted_already = told(carried.saturating_sub(added), supports);
        Self { idea, supports, carried: told(carried, supports), counted_already }
    }
}

impl MergeView {
    /// As everybody sees it.
    pub fn of(row: MergeRow, number: i64, sources: Vec<(SourceRow, i64)>, counts: Counts, prefix: &str) -> Self {
        let ideas = sources.into_iter().map(|(source, number)| {
            let counted = source.counted().map(|counted| Carried::of(source.idea_id, counted));
            MergeSource {
                idea: source.idea_id,
                number: public_number(prefix, number),
                state: source.state,
                left_because: source.left_because,
                supports: source.supports,
                carried: counted.as_ref().and_then(|counted| counted.carried),
                counted_already: counted.and_then(|counted| counted.counted_already),
            }
        });
        let Counts { asked, carry, leave } = counts;
        let said = carry.saturating_add(leave);
        Self {
            id: row.id,
            challenge: row.challenge_id,
            into: MergeTarget { idea: row.target_id, number: public_number(prefix, number) },
            state: row.state,
            reason: row.reason,
            silence: row.silence,
            proposed_at: row.proposed_at,
            choose_by: row.due_at,
            ended_at: row.ended_at,
            withdrawal_reason: row.withdrawal_reason,
            reversed_at: row.reversed_at,
            reversal_reason: row.reversal_reason,
            asked,
            choices: told(said, said).filter(|_| row.ended_at.is_some()).map(|_| MergeChoices {
                carry,
                leave,
                silent: asked.saturating_sub(said),
            }),
            ideas: ideas.collect(),
        }
    }
}
