//! The reading of bundles. The tables belong to other rooms, which write them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use crate::accountability::answers::model::AnswerRow;
use crate::accountability::commitments::model::CommitmentRow;
use crate::accountability::milestones::model::MilestoneRow;
use crate::participation::comments;
use crate::participation::ideas::model::Shown;
use crate::participation::ideas::rules::{is_public, is_restricted};
use crate::platform::db::schema::{answers, cases, commitments, decisions, grounds, merges, milestones, transitions};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::process::appeals::force::{Taken, Verdict, in_force};
use crate::process::appeals::queries::appeals_against;
use crate::process::merges::queries::MergeRow;
use crate::vocabulary::{AppealResult, CaseReason, DecisionKind, IdeaState};

/// All revisions of the answers to these ideas.
///
/// # Errors
/// What the database answers.
pub fn answers_to(tx: &mut Tx<'_>, council: Id, ideas: &[Id]) -> Result<Vec<AnswerRow>> {
    Ok(answers::table
        .filter(answers::council_id.eq(council))
        .filter(answers::idea_id.eq_any(ideas.to_vec()))
        .order((answers::idea_id, answers::revision))
        .select(AnswerRow::as_select())
        .load(&mut **tx)?)
}

/// The commitments that follow from these ideas.
///
/// # Errors
/// What the database answers.
pub fn commitments_of(tx: &mut Tx<'_>, council: Id, ideas: &[Id]) -> Result<Vec<CommitmentRow>> {
    Ok(commitments::table
        .filter(commitments::council_id.eq(council))
        .filter(commitments::idea_id.eq_any(ideas.to_vec()))
        .order((commitments::idea_id, commitments::id))
        .select(CommitmentRow::as_select())
        .load(&mut **tx)?)
}

/// The steps of the commitments that follow from these ideas.
///
/// # Errors
/// What the database answers.
pub fn milestones_of(tx: &mut Tx<'_>, council: Id, ideas: &[Id]) -> Result<Vec<MilestoneRow>> {
    Ok(milestones::table
        .inner_join(
            commitments::table.on(commitments::council_id
                .eq(milestones::council_id)
                .and(commitments::id.eq(milestones::commitment_id))),
        )
        .filter(milestones::council_id.eq(council))
        .filter(commitments::idea_id.eq_any(ideas.to_vec()))
        .order((commitments::idea_id, milestones::commitment_id, milestones::planned_on, milestones::id))
        .select(MilestoneRow::as_select())
        .load(&mut **tx)?)
}

/// Those of these ideas of which everybody can know: who reads their address sees the idea, or a tombstone.
///
/// # Errors
/// What the database answers.
pub fn known_to_all<'a>(tx: &mut Tx<'_>, council: Id, shown: &'a [Shown]) -> Result<Vec<&'a Shown>> {
    let restricted: Vec<Id> = shown.iter().filter(|one| is_restricted(one.idea.state)).map(|one| one.idea.id).collect();
    // What was never public is known to its author and staff alone.
    let once: BTreeSet<Id> = match restricted.is_empty() {
        true => BTreeSet::new(),
        false => transitions::table
            .filter(transitions::council_id.eq(council))
            .filter(transitions::idea_id.eq_any(restricted))
            .filter(transitions::comment_id.is_null())
            .filter(transitions::to_state.eq(IdeaState::Published.as_str()))
            .select(transitions::idea_id)
            .distinct()
            .load::<Id>(&mut **tx)?
            .into_iter()
            .collect(),
    };
    Ok(shown.iter().filter(|one| is_public(one.idea.state) || once.contains(&one.idea.id)).collect())
}

/// The decision by which an idea or a comment is restricted, as a tombstone tells it, and what came of an appeal against it.
#[derive(Clone, Debug)]
pub struct InForce {
    /// The decision.
    pub decision: Id,
    /// On which ground.
    pub ground: Option<String>,
    /// When.
    pub decided_at: Instant,
    /// Whether it is about somebody's safety.
    pub safeguarding: bool,
    /// What came of the appeal: what was reversed restricts nothing any more.
    pub appeal: Option<AppealResult>,
}

/// Of what the restrictions are asked for.
#[derive(Clone, Debug)]
pub enum Among {
    /// Of these ideas.
    Ideas(Vec<Id>),
    /// Of these comments.
    Comments(Vec<Id>),
}

/// By which decisions these ideas or comments are restricted, in three statements whatever their number.
///
/// # Errors
/// What the database answers.
pub fn restrictions_of(tx: &mut Tx<'_>, council: Id, among: Among) -> Result<BTreeMap<Id, InForce>> {
    type Row = (Id, Option<Id>, Id, Id, DecisionKind, CaseReason);
    let about = decisions::table
        .inner_join(cases::table.on(cases::council_id.eq(decisions::council_id).and(cases::id.eq(decisions::case_id))))
        .filter(decisions::council_id.eq(council))
        .order((decisions::decided_at, decisions::id))
        .select((
            decisions::idea_id,
            decisions::comment_id,
            decisions::id,
            decisions::case_id,
            decisions::kind,
            cases::reason,
        ))
        .into_boxed();
    let about = match among {
        Among::Ideas(ids) => about.filter(decisions::idea_id.eq_any(ids)).filter(decisions::comment_id.is_null()),
        Among::Comments(ids) => about.filter(decisions::comment_id.eq_any(ids)),
    };
    let decided = about.load::<Row>(&mut **tx)?.into_iter();
    let decided: Vec<(Id, Id, Id, DecisionKind, CaseReason)> = decided
        .map(|(idea, comment, id, case, kind, reason)| (comment.unwrap_or(idea), id, case, kind, reason))
        .collect();
    let ids: Vec<Id> = decided.iter().map(|(_, id, ..)| *id).collect();
    let by_case: BTreeMap<Id, (Id, DecisionKind)> =
        decided.iter().map(|(_, id, case, kind, _)| (*case, (*id, *kind))).collect();
    let verdicts: BTreeMap<Id, Verdict> = appeals_against(tx, council, &ids)?
        .into_iter()
        .filter_map(|appeal| {
            let (decision, kind) = by_case.get(&appeal.case_id).copied()?;
            Some((appeal.decision_id, Verdict { result: appeal.result?, decision, kind }))
        })
        .collect();
    let mut taken: BTreeMap<Id, Vec<Taken>> = BTreeMap::new();
    for (of, id, _, kind, reason) in decided.iter().filter(|(.., reason)| *reason != CaseReason::Appeal) {
        let looked_again = *reason == CaseReason::OwnMotion;
        let one = Taken { id: *id, kind: *kind, looked_again, verdict: verdicts.get(id).copied() };
        taken.entry(*of).or_default().push(one);
    }
    let standing: Vec<(Id, Id, Option<AppealResult>)> = taken
        .iter()
        .filter_map(|(of, taken)| {
            let (decision, _) = in_force(taken)?;
            let appeal = taken.iter().filter_map(|one| one.verdict.map(|verdict| (one.id, verdict)));
            let appeal = appeal.into_iter().find_map(|(id, verdict)| match verdict.result {
                AppealResult::Upheld if id == decision => Some(verdict.result),
                AppealResult::Amended if verdict.decision == decision => Some(verdict.result),
                _ => None,
            });
            Some((*of, decision, appeal))
        })
        .collect();
    let wanted: Vec<Id> = standing.iter().map(|(_, decision, _)| *decision).collect();
    let told: Vec<(Id, Option<String>, Instant, bool)> =
        decisions::table
            .inner_join(grounds::table.on(
                grounds::council_id.eq(decisions::council_id).and(grounds::code.nullable().eq(decisions::ground_code)),
            ))
            .filter(decisions::council_id.eq(council))
            .filter(decisions::id.eq_any(wanted))
            .select((decisions::id, decisions::ground_code, decisions::decided_at, grounds::safeguarding))
            .load(&mut **tx)?;
    let mut told: BTreeMap<Id, _> = told.into_iter().map(|(id, ground, at, safe)| (id, (ground, at, safe))).collect();
    let whole = standing.into_iter().filter_map(|(of, decision, appeal)| {
        let (ground, decided_at, safeguarding) = told.remove(&decision)?;
        Some((of, InForce { decision, ground, decided_at, safeguarding, appeal }))
    });
    Ok(whole.collect())
}

/// The comments under these ideas of which everybody can know, in the order in which they were written: what stands below what was
/// hidden or removed is out of sight with it, and what was never public was never seen.
///
/// # Errors
/// What the database answers.
pub fn comments_under(tx: &mut Tx<'_>, council: Id, ideas: &[Id]) -> Result<Vec<comments::model::Shown>> {
    let once = comments::queries::once_public_under(tx, council, ideas)?;
    let above: BTreeMap<Id, (Option<Id>, bool)> =
        once.iter().map(|(row, ..)| (row.id, (row.parent_id, comments::rules::hides(row.state)))).collect();
    let in_sight = |row: &comments::model::CommentRow| {
        let mut next = row.parent_id;
        while let Some(id) = next {
            match above.get(&id) {
                Some((parent, false)) => next = *parent,
                _ => return false,
            }
        }
        true
    };
    Ok(once.iter().filter(|(row, ..)| in_sight(row)).cloned().collect())
}

/// The merges of a challenge, in the order in which they were proposed.
///
/// # Errors
/// What the database answers.
pub fn merges_in(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<MergeRow>> {
    Ok(merges::table
        .filter(merges::council_id.eq(council))
        .filter(merges::challenge_id.eq(challenge))
        .order(merges::id)
        .select(MergeRow::as_select())
        .load(&mut **tx)?)
}
