//! The reading of bundles. The tables belong to other rooms, which write them.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use crate::accountability::answers::model::AnswerRow;
use crate::accountability::commitments::model::CommitmentRow;
use crate::accountability::milestones::model::MilestoneRow;
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

/// The decision by which an idea is restricted, as a tombstone tells it, and what came of an appeal against it.
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

/// By which decisions these ideas are restricted, in three statements whatever their number.
///
/// # Errors
/// What the database answers.
pub fn restrictions_of(tx: &mut Tx<'_>, council: Id, among: &[Id]) -> Result<BTreeMap<Id, InForce>> {
    type Row = (Id, Id, Id, DecisionKind, CaseReason);
    let decided: Vec<Row> = decisions::table
        .inner_join(cases::table.on(cases::council_id.eq(decisions::council_id).and(cases::id.eq(decisions::case_id))))
        .filter(decisions::council_id.eq(council))
        .filter(decisions::idea_id.eq_any(among.to_vec()))
        .filter(decisions::comment_id.is_null())
        .order((decisions::decided_at, decisions::id))
        .select((decisions::idea_id, decisions::id, decisions::case_id, decisions::kind, cases::reason))
        .load(&mut **tx)?;
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
    for (idea, id, _, kind, reason) in decided.iter().filter(|(.., reason)| *reason != CaseReason::Appeal) {
        let looked_again = *reason == CaseReason::OwnMotion;
        let one = Taken { id: *id, kind: *kind, looked_again, verdict: verdicts.get(id).copied() };
        taken.entry(*idea).or_default().push(one);
    }
    let standing: Vec<(Id, Id, Option<AppealResult>)> = taken
        .iter()
        .filter_map(|(idea, taken)| {
            let (decision, _) = in_force(taken)?;
            let appeal = taken.iter().filter_map(|one| one.verdict.map(|verdict| (one.id, verdict)));
            let appeal = appeal.into_iter().find_map(|(id, verdict)| match verdict.result {
                AppealResult::Upheld if id == decision => Some(verdict.result),
                AppealResult::Amended if verdict.decision == decision => Some(verdict.result),
                _ => None,
            });
            Some((*idea, decision, appeal))
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
    let whole = standing.into_iter().filter_map(|(idea, decision, appeal)| {
        let (ground, decided_at, safeguarding) = told.remove(&decision)?;
        Some((idea, InForce { decision, ground, decided_at, safeguarding, appeal }))
    });
    Ok(whole.collect())
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
