//! What a bundle tells, section by section: each is a list in `bundle.json` and a table in CSV with the same columns.

use serde_json::{Value, json};

use super::queries;
use crate::accountability::outcomes::queries::{find_outcome, links};
use crate::accountability::promises::queries::{figures, find_promise, list_changes, list_pauses, original};
use crate::accountability::promises::views::{PauseView, PromiseChangeView};
use crate::accountability::updates::queries::{list_revisions, list_updates};
use crate::participation::challenges::model::Whole;
use crate::participation::challenges::queries::{find_readiness, find_whole};
use crate::participation::ideas::model::Shown;
use crate::participation::ideas::queries::{find_restriction, was_public};
use crate::participation::ideas::rules::{is_restricted, public_number};
use crate::people::accounts::identity;
use crate::people::councils::model::Council;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::secrets::Secrets;
use crate::process::appeals::queries::taken;
use crate::process::moderation::item::Subject;
use crate::vocabulary::{AppealResult, IdeaState};

/// Of what a bundle is made.
#[derive(Debug)]
pub struct Scope<'a> {
    /// The council.
    pub council: &'a Council,
    /// The challenge.
    pub challenge: Id,
    /// What authors are shown by.
    pub secrets: &'a Secrets,
}

/// How the rows of a section are read.
#[derive(Clone, Copy)]
pub enum Read {
    /// At once.
    Whole(fn(&mut Tx<'_>, &Scope<'_>) -> Result<Vec<Value>>),
    /// For some ideas after the others, in the order of their ids.
    OfIdeas(fn(&mut Tx<'_>, &Scope<'_>, &[Shown]) -> Result<Vec<Value>>),
}

/// A part of a bundle.
pub struct Section {
    /// Its name, of its list and of its file.
    pub name: &'static str,
    /// What it is.
    pub what: &'static str,
    /// Its columns and what each is.
    pub columns: &'static [(&'static str, &'static str)],
    /// Where its rows come from.
    pub read: Read,
}

macro_rules! sections {
    ($($name:literal: $what:literal, $read:expr => { $($column:ident: $told:literal),+ $(,)? })+) => {
        /// Every part of a bundle, in its order.
        pub const SECTIONS: &[Section] = &[$(Section {
            name: $name,
            what: $what,
            columns: &[$((stringify!($column), $told)),+],
            read: $read,
        }),+];
    };
}

sections! {
    "challenge": "What was asked.", Read::Whole(challenge) => {
        id: "id of the challenge",
        kind: "question or open_door",
        council: "name of the council",
        title: "title",
        question: "the question in one sentence",
        body: "the whole question, in Markdown",
        language: "language of the challenge (BCP 47)",
        moderation: "when ideas are looked at: pre, post or trusted",
        stage: "how far the council was: exploring, options or proposal",
        already_decided: "what was decided before the public was asked",
        opened_at: "when it opened",
        closes_at: "when it closed or closes",
    }
    "documents": "What there was to judge the question by.", Read::Whole(documents) => {
        title: "title of the document",
        url: "where it is",
    }
    "phases": "What was allowed when.", Read::Whole(phases) => {
        kind: "ideation, discussion, voting, review or results",
        starts_at: "from this instant",
        ends_at: "up to this instant",
        submit: "whether ideas were taken",
        support: "whether support was taken",
    }
    "categories": "The categories of ideas.", Read::Whole(categories) => {
        key: "as ideas name it",
        label: "its name",
    }
    "readiness": "How everything stood that has to be there before a challenge opens, when it did.", Read::Whole(readiness) => {
        code: "which item",
        state: "done, missing or waived",
        detail: "what was done, or the reason why it was not",
    }
    "promise": "What the council promised, as it holds.", Read::Whole(promise) => {
        decision_office: "the office that decides",
        in_their_power: "what is in its power",
        answer_within_days: "working days to each answer",
        moderate_within_hours: "hours to each decision of a moderator",
        publish_outcome_by: "the outcome is due by then",
        success_measure: "how success is measured",
        accepted_at: "when the decision-maker accepted it",
    }
    "promise_changes": "The promise as it was when the challenge opened, and each change of it.", Read::Whole(promise_changes) => {
        number: "counts from one; the first is the original",
        kind: "original, stricter, weaker or extension",
        answer_within_days: "working days to each answer from then on",
        moderate_within_hours: "hours to each decision of a moderator from then on",
        publish_outcome_by: "the outcome is due by then",
        extension_days: "working days added to what was owed then",
        reason: "the public reason",
        changed_at: "when",
    }
    "promise_pauses": "When the clock of the promise stood still.", Read::Whole(promise_pauses) => {
        number: "counts from one",
        from: "first day that did not count",
        until: "first day that counts again",
        reason: "the public reason",
        paused_at: "when it was stopped",
        resumed_at: "when it was started again before its time",
    }
    "updates": "What the council told while the challenge ran, with every revision.", Read::Whole(updates) => {
        id: "id of the update",
        revision: "counts from one; the greatest holds",
        title: "title",
        body: "text, in Markdown",
        office: "the office that speaks",
        correction: "what this revision puts right",
        mailed: "whether authors and supporters were told by mail",
        published_at: "when this revision was published",
    }
    "ideas": "The ideas, in the order in which they came; of one that was restricted, that it was there.", Read::OfIdeas(ideas) => {
        id: "id of the idea",
        number: "its public number",
        state: "published, or how it is restricted: hidden, removed or returned",
        status: "what the council has said to it",
        title: "title; none of a restricted one",
        body: "text, in Markdown; none of a restricted one",
        category: "key of its category",
        author: "an id by which its author is known in this challenge, if there is one",
        author_name: "how its author wishes to be called",
        supports: "how many support it",
        revision: "the revision in force; earlier ones are not public",
        submitted_at: "when it was submitted",
        answer_due_at: "the answer is due by then",
        answer_promised_by: "the answer was due by then before any time was added",
        followed_up_at: "when its author asked back",
    }
    "answers": "The answers of the council, with every revision.", Read::OfIdeas(answers) => {
        id: "id of the answer",
        idea: "id of the idea",
        idea_number: "its public number",
        revision: "counts from one; the greatest holds",
        idea_revision: "the revision of the idea that it answers",
        kind: "accepted, partly_accepted, declined, out_of_scope, already_done or needs_information",
        office: "the office that answers",
        reason: "why, in Markdown",
        answered_at: "when",
    }
    "decisions": "By which decision each restricted idea is restricted. Statements of reasons are for the author and not in here.", Read::OfIdeas(decisions) => {
        idea: "id of the idea",
        idea_number: "its public number",
        decision: "id of the decision; none where it is withheld for somebody's safety",
        ground: "code of the ground; none where it is withheld for somebody's safety",
        withheld_for_safety: "whether there is nothing else to tell",
        decided_at: "when",
        appeal: "what came of an appeal against it: upheld or amended",
    }
    "commitments": "What the council said that it will do.", Read::OfIdeas(commitments) => {
        id: "id of the commitment",
        idea: "id of the idea",
        idea_number: "its public number",
        what: "what will be done",
        office: "who does it",
        due_on: "the last day",
        status: "planned, in_progress, delivered or dropped",
        status_reason: "why it stands so",
        made_at: "when it was made",
        delivered_at: "when it was delivered",
        dropped_on: "when it was dropped",
    }
    "milestones": "The dated steps of commitments.", Read::OfIdeas(milestones) => {
        id: "id of the milestone",
        commitment: "id of the commitment",
        title: "what is to be reached",
        planned_on: "by when",
        done_on: "when it was",
        evidence: "what shows it",
        evidence_url: "where that is to be seen",
    }
    "outcome": "What came of it.", Read::Whole(outcome) => {
        summary: "what came of it, in Markdown",
        next_steps: "what happens from then on",
        published_at: "when it was published, or last revised",
        version: "counts from one",
    }
    "outcome_themes": "What was heard, and what it changed.", Read::Whole(outcome_themes) => {
        title: "the theme",
        heard: "what people said of it",
        asked_about: "whether it was asked about",
        effect: "changed, partly_changed, not_changed or passed_on",
        how: "how it changed the decision, or why it did not",
    }
    "outcome_ideas": "What became of single ideas.", Read::Whole(outcome_ideas) => {
        idea: "id of the idea",
        idea_number: "its public number",
        what_became_of_it: "what became of it",
    }
    "figures": "How the promise was kept, in numbers; of ideas in public.", Read::Whole(numbers) => {
        figure: "which number",
        value: "how many",
    }
}

fn whole(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Whole> {
    find_whole(tx, scope.council.id, scope.challenge, false)
}

fn challenge(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let Whole { row, background, .. } = whole(tx, scope)?;
    Ok(vec![json!({
        "id": row.id, "kind": row.kind, "council": scope.council.name, "title": row.title, "question": row.question, "body": row.body,
        "language": row.language, "moderation": row.moderation, "stage": background.stage,
        "already_decided": background.already_decided, "opened_at": row.opened_at, "closes_at": row.closes_at,
    })])
}

fn documents(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let documents = whole(tx, scope)?.background.documents;
    Ok(documents.into_iter().map(|one| json!({ "title": one.title, "url": one.url })).collect())
}

fn phases(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let row = |one: &crate::participation::challenges::model::Phase| json!({ "kind": one.kind, "starts_at": one.starts_at, "ends_at": one.ends_at, "submit": one.submit, "support": one.support });
    Ok(whole(tx, scope)?.phases.iter().map(row).collect())
}

fn categories(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let categories = whole(tx, scope)?.categories;
    Ok(categories.into_iter().map(|one| json!({ "key": one.key, "label": one.label })).collect())
}

fn readiness(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let items = find_readiness(tx, scope.council.id, scope.challenge)?.unwrap_or_default();
    listed(items)
}

fn promise(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let row = find_promise(tx, scope.council.id, scope.challenge)?;
    Ok(vec![json!({
        "decision_office": row.decision_office, "in_their_power": row.in_their_power,
        "answer_within_days": row.answer_within_days, "moderate_within_hours": row.moderate_within_hours,
        "publish_outcome_by": row.publish_outcome_by, "success_measure": row.success_measure, "accepted_at": row.accepted_at,
    })])
}

fn promise_changes(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let mut rows = list_changes(tx, scope.council.id, scope.challenge)?;
    // What was never changed is as it was when the challenge opened.
    if let (true, Some(opened_at)) = (rows.is_empty(), whole(tx, scope)?.row.opened_at) {
        rows.push(original(&find_promise(tx, scope.council.id, scope.challenge)?, opened_at));
    }
    listed(rows.into_iter().map(PromiseChangeView::from))
}

fn promise_pauses(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    listed(list_pauses(tx, scope.council.id, scope.challenge)?.into_iter().map(PauseView::from))
}

fn listed<T: serde::Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Vec<Value>> {
    let values: std::result::Result<_, _> = rows.into_iter().map(serde_json::to_value).collect();
    Ok(values.map_err(anyhow::Error::from)?)
}

fn updates(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for update in list_updates(tx, scope.council.id, scope.challenge, None, i64::MAX)?.into_iter().rev() {
        for one in list_revisions(tx, scope.council.id, update.id, None, i64::MAX)?.into_iter().rev() {
            rows.push(json!({
                "id": one.id, "revision": one.revision, "title": one.title, "body": one.body, "office": one.office,
                "correction": one.correction, "mailed": one.mailed, "published_at": one.published_at,
            }));
        }
    }
    Ok(rows)
}

/// Those of these ideas that everybody sees.
fn public(shown: &[Shown]) -> Vec<Id> {
    shown.iter().filter(|one| one.idea.state == IdeaState::Published).map(|one| one.idea.id).collect()
}

fn number_of(scope: &Scope<'_>, shown: &[Shown], id: Id) -> Option<String> {
    let found = shown.iter().find(|one| one.idea.id == id)?;
    Some(public_number(&scope.council.idea_prefix, found.idea.number))
}

fn ideas(tx: &mut Tx<'_>, scope: &Scope<'_>, shown: &[Shown]) -> Result<Vec<Value>> {
    let mut rows = Vec::with_capacity(shown.len());
    for Shown { idea, supports, author, profile } in shown.iter().cloned() {
        let open = idea.state == IdeaState::Published;
        if !open && !leaves_a_tombstone(tx, scope, idea.id, idea.state)? {
            continue;
        }
        let author = author.zip(idea.author_id).filter(|_| open).map(|(name, account)| {
            identity::author(scope.secrets, idea.council_id, idea.challenge_id, account, profile, name)
        });
        rows.push(json!({
            "id": idea.id, "number": public_number(&scope.council.idea_prefix, idea.number), "state": idea.state,
            "status": idea.status, "title": open.then_some(idea.title), "body": open.then_some(idea.body),
            "category": idea.category.filter(|_| open), "author": author.as_ref().map(|one| one.id),
            "author_name": author.map(|one| one.display_name), "supports": if open { supports } else { 0 },
            "revision": idea.revision, "submitted_at": idea.submitted_at, "answer_due_at": idea.answer_due_at,
            "answer_promised_by": idea.answer_promised_by, "followed_up_at": idea.followed_up_at,
        }));
    }
    Ok(rows)
}

/// What was never public is known to its author and staff alone.
fn leaves_a_tombstone(tx: &mut Tx<'_>, scope: &Scope<'_>, idea: Id, state: IdeaState) -> Result<bool> {
    Ok(is_restricted(state) && was_public(tx, scope.council.id, idea)?)
}

fn answers(tx: &mut Tx<'_>, scope: &Scope<'_>, shown: &[Shown]) -> Result<Vec<Value>> {
    let rows = queries::answers_to(tx, scope.council.id, &public(shown))?;
    let row = |one: crate::accountability::answers::model::AnswerRow| {
        json!({
            "id": one.id, "idea": one.idea_id, "idea_number": number_of(scope, shown, one.idea_id),
            "revision": one.revision, "idea_revision": one.idea_revision, "kind": one.kind, "office": one.office,
            "reason": one.reason, "answered_at": one.answered_at,
        })
    };
    Ok(rows.into_iter().map(row).collect())
}

fn decisions(tx: &mut Tx<'_>, scope: &Scope<'_>, shown: &[Shown]) -> Result<Vec<Value>> {
    let mut rows = Vec::new();
    for Shown { idea, .. } in shown {
        if !leaves_a_tombstone(tx, scope, idea.id, idea.state)? {
            continue;
        }
        let Some(found) = find_restriction(tx, scope.council.id, Subject::idea(idea.id))? else { continue };
        let told = !found.safeguarding;
        // As it stands: what an appeal has reversed restricts nothing any more.
        let verdicts = taken(tx, scope.council.id, Subject::idea(idea.id))?
            .into_iter()
            .filter_map(|one| Some((one.id, one.verdict?)));
        let appeal = verdicts.into_iter().find_map(|(id, verdict)| match verdict.result {
            AppealResult::Upheld if id == found.decision => Some(verdict.result),
            AppealResult::Amended if verdict.decision == found.decision => Some(verdict.result),
            _ => None,
        });
        rows.push(json!({
            "idea": idea.id, "idea_number": public_number(&scope.council.idea_prefix, idea.number),
            "decision": told.then_some(found.decision), "ground": found.ground_code.filter(|_| told),
            "withheld_for_safety": found.safeguarding, "decided_at": found.decided_at, "appeal": appeal.filter(|_| told),
        }));
    }
    Ok(rows)
}

fn commitments(tx: &mut Tx<'_>, scope: &Scope<'_>, shown: &[Shown]) -> Result<Vec<Value>> {
    let rows = queries::commitments_of(tx, scope.council.id, &public(shown))?;
    let row = |one: crate::accountability::commitments::model::CommitmentRow| {
        json!({
            "id": one.id, "idea": one.idea_id, "idea_number": number_of(scope, shown, one.idea_id), "what": one.what,
            "office": one.office, "due_on": one.due_on, "status": one.status, "status_reason": one.status_reason,
            "made_at": one.created_at, "delivered_at": one.delivered_at, "dropped_on": one.dropped_on,
        })
    };
    Ok(rows.into_iter().map(row).collect())
}

fn milestones(tx: &mut Tx<'_>, scope: &Scope<'_>, shown: &[Shown]) -> Result<Vec<Value>> {
    let rows = queries::milestones_of(tx, scope.council.id, &public(shown))?;
    let row = |one: crate::accountability::milestones::model::MilestoneRow| {
        json!({
            "id": one.id, "commitment": one.commitment_id, "title": one.title, "planned_on": one.planned_on,
            "done_on": one.done_on, "evidence": one.evidence, "evidence_url": one.evidence_url,
        })
    };
    Ok(rows.into_iter().map(row).collect())
}

fn outcome(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let found = find_outcome(tx, scope.council.id, scope.challenge)?;
    let row = |one: crate::accountability::outcomes::model::OutcomeRow| {
        json!({
            "summary": one.summary, "next_steps": one.next_steps, "published_at": one.published_at, "version": one.version,
        })
    };
    Ok(found.into_iter().map(row).collect())
}

fn outcome_themes(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let found = find_outcome(tx, scope.council.id, scope.challenge)?;
    listed(found.into_iter().flat_map(|one| one.themes.0))
}

fn outcome_ideas(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let row = |one: crate::accountability::outcomes::model::Linked| {
        json!({
            "idea": one.idea_id, "idea_number": public_number(&scope.council.idea_prefix, one.number),
            "what_became_of_it": one.what_became_of_it,
        })
    };
    Ok(links(tx, scope.council.id, scope.challenge)?.into_iter().map(row).collect())
}

fn numbers(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    // What is overdue depends on the hour, and is left to whoever compares the days.
    let kept = figures(tx, scope.council.id, scope.challenge)?;
    let numbers = [
        ("ideas", kept.ideas),
        ("answered", kept.answered),
        ("answered_on_time", kept.on_time),
        ("answered_in_added_time", kept.in_added_time),
        ("follow_ups_asked", kept.follow_ups.asked),
        ("follow_ups_answered_on_time", kept.follow_ups.on_time),
        ("follow_ups_answered_in_added_time", kept.follow_ups.in_added_time),
        ("follow_ups_answered_late", kept.follow_ups.late),
    ];
    Ok(numbers.iter().map(|(figure, value)| json!({ "figure": figure, "value": value })).collect())
}
