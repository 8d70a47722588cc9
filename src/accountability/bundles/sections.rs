//! What a bundle tells, section by section: each is a list in `bundle.json` and a table in CSV with the same columns.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::queries::{self, Among, InForce};
use crate::accountability::outcomes::queries::{find_outcome, links};
use crate::accountability::promises::queries::{figures, find_promise, list_changes, list_pauses, original};
use crate::accountability::promises::views::{PauseView, PromiseChangeView};
use crate::accountability::updates::queries::{list_revisions, list_updates};
use crate::participation::challenges::model::Whole;
use crate::participation::challenges::queries::{find_readiness, find_whole};
use crate::participation::comments::rules::{Seen, seen};
use crate::participation::ideas::model::Shown;
use crate::participation::ideas::rules::{is_public, is_restricted, public_number};
use crate::people::accounts::{Viewer, identity};
use crate::people::councils::model::Council;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::secrets::Secrets;
use crate::process::merges::queries::merged_among;
use crate::process::merges::routes::views as merge_views;
use crate::process::merges::views::MergeView;
use crate::vocabulary::IdeaState;

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
        comment: "whether comments were taken",
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
        state: "published or merged, or how it is restricted: hidden, removed or returned",
        status: "what the council has said to it",
        title: "title; none of a restricted one",
        body: "text, in Markdown; none of a restricted one",
        category: "key of its category",
        author: "an id by which its author is known in this challenge, if there is one",
        author_name: "how its author wishes to be called",
        supports: "how many support it; of a merged one, how many did when it was merged",
        comments_for: "how many comments for it everybody sees",
        comments_against: "how many against it",
        comments_neutral: "how many that are neither",
        merged_into: "public number of the idea that it was merged into",
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
    "comments": "What was said of the ideas that can be read, below each other; of what was taken back or restricted, that it was there. What stands below a hidden or removed comment is out of sight with it.", Read::OfIdeas(comments) => {
        id: "id of the comment",
        idea: "id of the idea",
        idea_number: "its public number",
        parent: "id of the comment that it stands below; none of one that stands by itself",
        depth: "how many stand above it",
        state: "published, or why only its place is left: held or returned (to be looked at again), hidden, removed, withdrawn or erased",
        stance: "for, against or neutral; none where only its place is left",
        body: "text, in Markdown; none where only its place is left",
        author: "an id by which its author is known in this challenge, if there is one",
        author_name: "how its author wishes to be called",
        locked: "whether a moderator has locked the thread below it",
        revision: "the revision in force; earlier ones are not public",
        written_at: "when it was written",
    }
    "comment_decisions": "By which decision each restricted comment is restricted. Statements of reasons are for the author and not in here.", Read::OfIdeas(comment_decisions) => {
        comment: "id of the comment",
        idea_number: "public number of the idea that it is about",
        decision: "id of the decision; none where it is withheld for somebody's safety",
        ground: "code of the ground; none where it is withheld for somebody's safety",
        withheld_for_safety: "whether there is nothing else to tell",
        decided_at: "when",
        appeal: "what came of an appeal against it: upheld or amended",
    }
    "merges": "What was proposed to be merged, why, and what came of it; never who chose what.", Read::Whole(merges) => {
        id: "id of the merge",
        into: "id of the idea that the others are joined to",
        into_number: "its public number",
        state: "proposed, carried_out, withdrawn, lapsed or reversed",
        reason: "why it was proposed",
        silence: "what it meant to say nothing: consent leaves support where it was, opt_out carries it along",
        proposed_at: "when it was proposed",
        choose_by: "until when supporters and authors could choose",
        ended_at: "when it was carried out, withdrawn, or found to be impossible",
        withdrawal_reason: "why it was withdrawn",
        reversed_at: "when it was undone",
        reversal_reason: "why it was undone",
        asked: "how many were asked",
        chose_carry: "how many chose that their support counts for the other idea; nothing below ten",
        chose_leave: "how many chose that it stays; nothing below ten",
        silent: "how many said nothing; nothing below ten",
    }
    "merged_ideas": "The ideas that each merge is about.", Read::Whole(merged_ideas) => {
        merge: "id of the merge",
        idea: "id of the idea",
        idea_number: "its public number",
        state: "proposed, merged, left or reversed",
        left_because: "why it was not merged",
        supports: "how many supported it when the time was over",
        carried: "how many of them count for the other idea since; nothing below ten",
        counted_already: "how many of these had supported the other idea before; nothing below ten",
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
    let row = |one: &crate::participation::challenges::model::Phase| json!({ "kind": one.kind, "starts_at": one.starts_at, "ends_at": one.ends_at, "submit": one.submit, "comment": one.comment, "support": one.support });
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

/// Those of these ideas whose text everybody can read.
fn public(shown: &[Shown]) -> Vec<Id> {
    shown.iter().filter(|one| is_public(one.idea.state)).map(|one| one.idea.id).collect()
}

fn number_of(scope: &Scope<'_>, shown: &[Shown], id: Id) -> Option<String> {
    let found = shown.iter().find(|one| one.idea.id == id)?;
    Some(public_number(&scope.council.idea_prefix, found.idea.number))
}

fn ideas(tx: &mut Tx<'_>, scope: &Scope<'_>, shown: &[Shown]) -> Result<Vec<Value>> {
    let (council, prefix) = (scope.council.id, &scope.council.idea_prefix);
    let known = queries::known_to_all(tx, council, shown)?;
    let merged = known.iter().filter(|one| one.idea.state == IdeaState::Merged).map(|one| one.idea.id);
    let merged = merged_among(tx, council, &merged.collect::<Vec<_>>())?;
    let row = |Shown { idea, supports, said, author, profile }: Shown| {
        let open = is_public(idea.state);
        let into = merged.get(&idea.id);
        let author = author.zip(idea.author_id).filter(|_| open).map(|(name, account)| {
            identity::author(scope.secrets, idea.council_id, idea.challenge_id, account, profile, name)
        });
        json!({
            "id": idea.id, "number": public_number(prefix, idea.number), "state": idea.state,
            "status": idea.status, "title": open.then_some(idea.title), "body": open.then_some(idea.body),
            "category": idea.category.filter(|_| open), "author": author.as_ref().map(|one| one.id),
            "author_name": author.map(|one| one.display_name),
            "supports": into.map_or(if open { supports } else { 0 }, |into| into.supports),
            "comments_for": if open { said.in_favour } else { 0 },
            "comments_against": if open { said.against } else { 0 },
            "comments_neutral": if open { said.neutral } else { 0 },
            "merged_into": into.map(|into| public_number(prefix, into.number)),
            "revision": idea.revision, "submitted_at": idea.submitted_at, "answer_due_at": idea.answer_due_at,
            "answer_promised_by": idea.answer_promised_by, "followed_up_at": idea.followed_up_at,
        })
    };
    Ok(known.into_iter().cloned().map(row).collect())
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
    let known = queries::known_to_all(tx, scope.council.id, shown)?;
    let restricted: Vec<Id> =
        known.into_iter().filter(|one| is_restricted(one.idea.state)).map(|one| one.idea.id).collect();
    let found = queries::restrictions_of(tx, scope.council.id, Among::Ideas(restricted))?;
    let row = |(idea, found)| decision(("idea", idea), number_of(scope, shown, idea), &found);
    Ok(found.into_iter().map(row).collect())
}

/// What everybody is told of the decision by which an idea or a comment is restricted.
fn decision((of, id): (&str, Id), idea_number: Option<String>, found: &InForce) -> Value {
    let told = !found.safeguarding;
    json!({
        of: id, "idea_number": idea_number, "decision": told.then_some(found.decision),
        "ground": found.ground.as_ref().filter(|_| told), "withheld_for_safety": found.safeguarding,
        "decided_at": found.decided_at, "appeal": found.appeal.filter(|_| told),
    })
}

fn comments(tx: &mut Tx<'_>, scope: &Scope<'_>, shown: &[Shown]) -> Result<Vec<Value>> {
    let rows = queries::comments_under(tx, scope.council.id, &public(shown))?;
    let row = |(row, name, profile): crate::participation::comments::model::Shown| {
        let open = seen(&row, &Viewer::Visitor) == Seen::Whole;
        let author = name.zip(row.author_id).filter(|_| open).map(|(name, account)| {
            identity::author(scope.secrets, scope.council.id, scope.challenge, account, profile, name)
        });
        json!({
            "id": row.id, "idea": row.idea_id, "idea_number": number_of(scope, shown, row.idea_id),
            "parent": row.parent_id, "depth": row.depth, "state": row.state, "stance": open.then_some(row.stance),
            "body": open.then_some(row.body), "author": author.as_ref().map(|one| one.id),
            "author_name": author.map(|one| one.display_name), "locked": row.locked_by.is_some(),
            "revision": row.revision, "written_at": row.written_at,
        })
    };
    Ok(rows.into_iter().map(row).collect())
}

fn comment_decisions(tx: &mut Tx<'_>, scope: &Scope<'_>, shown: &[Shown]) -> Result<Vec<Value>> {
    let rows = queries::comments_under(tx, scope.council.id, &public(shown))?;
    let restricted = rows.iter().map(|(row, ..)| row).filter(|row| is_restricted(row.state));
    let ideas: BTreeMap<Id, Id> = restricted.map(|row| (row.id, row.idea_id)).collect();
    let found = queries::restrictions_of(tx, scope.council.id, Among::Comments(ideas.keys().copied().collect()))?;
    let number = |comment| ideas.get(&comment).and_then(|idea| number_of(scope, shown, *idea));
    let row = |(comment, found)| decision(("comment", comment), number(comment), &found);
    Ok(found.into_iter().map(row).collect())
}

fn all_merges(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<MergeView>> {
    let rows = queries::merges_in(tx, scope.council.id, scope.challenge)?;
    merge_views(tx, scope.council, rows)
}

fn merges(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let row = |one: MergeView| {
        let chose = one.choices.as_ref();
        json!({
            "id": one.id, "into": one.into.idea, "into_number": one.into.number, "state": one.state, "reason": one.reason,
            "silence": one.silence, "proposed_at": one.proposed_at, "choose_by": one.choose_by, "ended_at": one.ended_at,
            "withdrawal_reason": one.withdrawal_reason, "reversed_at": one.reversed_at,
            "reversal_reason": one.reversal_reason, "asked": one.asked, "chose_carry": chose.map(|chose| chose.carry),
            "chose_leave": chose.map(|chose| chose.leave), "silent": chose.map(|chose| chose.silent),
        })
    };
    Ok(all_merges(tx, scope)?.into_iter().map(row).collect())
}

fn merged_ideas(tx: &mut Tx<'_>, scope: &Scope<'_>) -> Result<Vec<Value>> {
    let rows = all_merges(tx, scope)?.into_iter().flat_map(|MergeView { id, ideas, .. }| {
        ideas.into_iter().map(move |one| {
            json!({
                "merge": id, "idea": one.idea, "idea_number": one.number, "state": one.state,
                "left_because": one.left_because, "supports": one.supports, "carried": one.carried,
                "counted_already": one.counted_already,
            })
        })
    });
    Ok(rows.collect())
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
