//! What people in Aldermoor do, by the functions that write it for a request.

use std::time::Duration;

use super::story::{DAY, HOUR, OFFICE, at};
use super::town::People;
use super::words::{self, Wording};
use crate::accountability::answers::model::AnswerDraft;
use crate::accountability::answers::routes::give;
use crate::accountability::open_door::jobs::raise;
use crate::accountability::open_door::queries::insert_threshold;
use crate::accountability::open_door::rules::next;
use crate::accountability::open_door::views::SetThreshold;
use crate::accountability::promises;
use crate::app::App;
use crate::participation::ballots::commitments;
use crate::participation::ballots::model::BallotMark;
use crate::participation::ballots::queries::{NewBallot, insert_ballot};
use crate::participation::challenges::entries::ChallengeOpened;
use crate::participation::challenges::model::{Eligibility, Phase, PromiseRow};
use crate::participation::challenges::queries as challenges;
use crate::participation::challenges::readiness::routes::facts;
use crate::participation::challenges::readiness::{Background, Document, Waiver, readiness};
use crate::participation::challenges::views::TRUSTED_AFTER;
use crate::participation::comments;
use crate::participation::comments::queries::NewComment;
use crate::participation::ideas::queries::{self as ideas, NewIdea, find_idea, move_idea};
use crate::participation::ideas::rules::Move;
use crate::participation::voting::queries as voting;
use crate::people::accounts::Viewer;
use crate::people::councils::model::Council;
use crate::people::verification::queries::facts_of;
use crate::platform::db::{Id, Tx};
use crate::platform::entries::record;
use crate::platform::error::Result;
use crate::platform::jobs::enqueue;
use crate::process::moderation;
use crate::process::moderation::item::Subject;
use crate::process::moderation::jobs::TellAuthor;
use crate::process::moderation::queries::{NewDecision, find_open_case, insert_decision};
use crate::vocabulary::{
    AnswerKind, ChallengeKind, DecisionKind, IdeaOrigin, IdeaState, ModerationPolicy, PhaseKind, Stage, VotingRule,
    Waivable,
};

/// What a challenge is about, and its days.
pub(super) struct Asked {
    pub(super) title: &'static str,
    pub(super) question: &'static str,
    pub(super) body: &'static str,
    pub(super) decided: &'static str,
    pub(super) answer_within_days: i32,
    /// The open door has none.
    pub(super) days: Option<Days>,
}

/// Days from the opening to the end of each part.
pub(super) struct Days {
    pub(super) ideation: u64,
    pub(super) support: u64,
    pub(super) outcome: u64,
    /// Whether the second part takes ballots, and not support.
    pub(super) votes: bool,
}

pub(super) fn open(tx: &mut Tx<'_>, council: &Council, asked: &Asked) -> Result<Id> {
    let now = tx.now();
    let day = |n: u64| now.plus(Duration::from_secs(n * DAY));
    let kind = if asked.days.is_some() { ChallengeKind::Question } else { ChallengeKind::OpenDoor };
    let id = challenges::insert_challenge(
        tx,
        council.id,
        &challenges::Text {
            kind,
            title: asked.title.into(),
            question: asked.question.into(),
            body: asked.body.into(),
            language: council.language.clone(),
            moderation: ModerationPolicy::Pre,
            trusted_after: TRUSTED_AFTER,
            voting_rule: VotingRule::Support,
            eligibility: Eligibility::default(),
            background: background(asked),
        },
    )?;
    let phase = |kind, from, to, submit, vote: bool| Phase {
        kind,
        starts_at: day(from),
        ends_at: day(to),
        submit,
        comment: true,
        support: !vote,
        vote,
    };
    let phases = asked.days.iter().flat_map(|days| {
        [
            phase(PhaseKind::Ideation, 0, days.ideation, true, false),
            phase(PhaseKind::Voting, days.ideation, days.support, false, days.votes),
        ]
    });
    let phases: Vec<Phase> = phases.collect();
    challenges::set_phases(tx, council.id, id, &phases)?;
    let promise = PromiseRow {
        decision_office: OFFICE.into(),
        decision_email: "place@aldermoor.example".into(),
        in_their_power: "Streets, parks and libraries of the borough; not schools or hospitals.".into(),
        answer_within_days: asked.answer_within_days,
        moderate_within_hours: 48,
        publish_outcome_by: asked.days.as_ref().map(|days| day(days.outcome)),
        success_measure: "Every idea answered; at least three begun within a year.".into(),
        accepted_at: None,
    };
    challenges::set_promise(tx, council.id, id, &promise)?;
    challenges::set_accepted(tx, council.id, id)?;
    if asked.days.is_none() {
        let takes = SetThreshold {
            supports: 12,
            verified_residents: None,
            verified_percent: None,
            within_days: 20,
            reason: None,
        };
        insert_threshold(tx, council.id, id, &next(None, &takes, false, now)?)?;
    }
    let whole = challenges::find_whole(tx, council.id, id, true)?;
    let readiness = readiness(&facts(tx, council.id, &whole)?);
    let closes_at = asked.days.as_ref().map(|days| day(days.support));
    challenges::set_opened(tx, council.id, id, closes_at, &readiness)?;
    let news = ChallengeOpened {
        challenge: id,
        title: asked.title.into(),
        decision_office: promise.decision_office,
        answer_within_days: asked.answer_within_days,
        publish_outcome_by: promise.publish_outcome_by,
        quiet_period_reason: None,
    };
    record(tx, council.id, &news)?;
    Ok(id)
}

/// What the public is told before it is asked.
fn background(asked: &Asked) -> Background {
    Background {
        stage: Some(Stage::Exploring),
        already_decided: Some(asked.decided.into()),
        documents: vec![Document {
            title: "What the borough spends on streets, parks and libraries".into(),
            url: "https://aldermoor.example/budget".into(),
        }],
        waived: vec![Waiver {
            item: Waivable::Rehearsal,
            reason: "Two forums of residents went through it on paper in spring, and said what to mend.".into(),
        }],
    }
}

/// Where an idea goes.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) council: Council,
    pub(super) challenge: Id,
}

/// An idea as it comes in.
pub(super) struct Incoming<'a> {
    pub(super) author: Option<Id>,
    pub(super) source_ref: Option<&'a str>,
    pub(super) state: IdeaState,
    pub(super) title: &'a str,
    pub(super) body: &'a str,
}

pub(super) fn submit(tx: &mut Tx<'_>, place: &Place, incoming: &Incoming<'_>) -> Result<Id> {
    let council = &place.council;
    let submitted_at = tx.now();
    let due = promises::queries::find_clock(tx, council, place.challenge)?.due(submitted_at)?;
    let new = NewIdea {
        challenge: place.challenge,
        author: incoming.author,
        origin: if incoming.author.is_some() { IdeaOrigin::Account } else { IdeaOrigin::Import },
        source_ref: incoming.source_ref,
        state: incoming.state,
        title: incoming.title,
        body: incoming.body,
        category: None,
        submitted_at,
        due,
        clock_from: submitted_at,
    };
    let id = ideas::insert_idea(tx, council, &new)?;
    promises::jobs::schedule(tx, council.id, place.challenge, due.at)?;
    if incoming.state == IdeaState::Held {
        moderation::open_case(tx, council.id, Subject::idea(id), incoming.state, 48)?;
    }
    Ok(id)
}

/// A resident's idea, which a moderator has still to look at.
pub(super) fn write(tx: &mut Tx<'_>, place: &Place, wording: Wording, author: Option<Id>) -> Result<Id> {
    let Wording { title, body } = wording;
    submit(tx, place, &Incoming { author, source_ref: None, state: IdeaState::Held, title, body })
}

/// A resident's idea that a moderator let through two hours later, and who supports it then.
pub(super) async fn published(
    app: &App,
    place: &Place,
    people: &People,
    (wording, n, backers): (Wording, usize, usize),
    before: u64,
) -> Result<Id> {
    let (to, author) = (place.clone(), people.author(n));
    let idea = at(app, before, move |tx| write(tx, &to, wording, author)).await?;
    let (to, team) = (place.clone(), people.clone());
    let looked_at = move |tx: &mut Tx<'_>| {
        decide(tx, &to.council, idea, &Verdict { by: team.moderator, kind: DecisionKind::Publish, reasons: None })?;
        support(tx, to.council.id, to.challenge, idea, &team.backers(n, backers))?;
        // At the open door they may be enough; elsewhere nothing is asked.
        raise(tx, &to.council, to.challenge, idea)
    };
    at(app, before.saturating_sub(2 * HOUR), looked_at).await?;
    Ok(idea)
}

/// What residents say of an idea, each to the one before where they answer.
pub(super) fn talk(tx: &mut Tx<'_>, place: &Place, people: &People, idea: Id, said: &[words::Said]) -> Result<()> {
    let mut last = None;
    for (n, words::Said { answers, stance, body }) in said.iter().enumerate() {
        let Some(author) = people.author(n) else { continue };
        let above = match last {
            Some(last) if *answers => Some(comments::queries::find_comment(tx, place.council.id, last)?),
            _ => None,
        };
        let place_of = comments::rules::place(above.as_ref());
        let (stance, state) = (*stance, IdeaState::Published);
        let new = NewComment { idea, place: place_of, author, stance, state, body, digest: None };
        last = Some(comments::queries::insert_comment(tx, place.council.id, &new)?);
    }
    Ok(())
}

pub(super) fn support(tx: &mut Tx<'_>, council: Id, challenge: Id, idea: Id, residents: &[Id]) -> Result<()> {
    for resident in residents {
        let facts = facts_of(tx, council, *resident)?;
        let (voter, _) = voting::voter_of(tx, council, challenge, *resident, &facts)?;
        voting::insert_support(tx, council, idea, voter, None)?;
    }
    Ok(())
}

/// A resident's ballot.
pub(super) fn vote(tx: &mut Tx<'_>, place: &Place, resident: Id, ideas: &[Id]) -> Result<()> {
    let (council, challenge) = (place.council.id, place.challenge);
    let facts = facts_of(tx, council, resident)?;
    let (voter, _) = voting::voter_of(tx, council, challenge, resident, &facts)?;
    let marks: Vec<BallotMark> = ideas.iter().map(|idea| BallotMark { idea: *idea, points: None }).collect();
    let salt = commitments::draw_salt();
    let commitment = commitments::commitment(challenge, &salt, &commitments::canonical(&marks)?);
    let (salt, commitment) = (salt.as_str(), commitment.as_str());
    let new = NewBallot { challenge, voter, number: 1, marks: &marks, salt, commitment };
    insert_ballot(tx, council, &new).map(drop)
}

/// The council's answer to an idea.
pub(super) async fn answered(
    app: &App,
    council: &Council,
    people: &People,
    (idea, kind, reason): (Id, AnswerKind, &'static str),
    before: u64,
) -> Result<()> {
    let (home, officer) = (council.clone(), people.officer);
    let given = move |tx: &mut Tx<'_>| {
        let row = find_idea(tx, &home, &idea.to_string(), &Viewer::Staff)?;
        let draft = AnswerDraft { kind, office: OFFICE.into(), reason: reason.into() };
        give(tx, home.id, &row, officer, &draft).map(drop)
    };
    at(app, before, given).await
}

/// What a moderator says: the code of a ground and a statement, where they restrict.
pub(super) struct Verdict {
    pub(super) by: Id,
    pub(super) kind: DecisionKind,
    pub(super) reasons: Option<(&'static str, &'static str)>,
}

pub(super) fn decide(tx: &mut Tx<'_>, council: &Council, idea: Id, verdict: &Verdict) -> Result<()> {
    let Some(case) = find_open_case(tx, council.id, Subject::idea(idea))? else { return Ok(()) };
    let row = find_idea(tx, council, &idea.to_string(), &Viewer::Staff)?;
    let new = NewDecision {
        case,
        of: Subject::idea(idea),
        revision: row.revision,
        kind: verdict.kind,
        ground: verdict.reasons.map(|(ground, _)| ground),
        statement: verdict.reasons.map(|(_, statement)| statement),
        by: verdict.by,
        barred: Id::NONE,
    };
    let decision = insert_decision(tx, council.id, &new)?;
    // Who was let through knows it by now, and needs no mail about it today.
    let step = match verdict.reasons {
        Some(_) => {
            enqueue(tx, council.id, &TellAuthor { decision })?;
            Move::Hide
        }
        None => Move::Publish,
    };
    move_idea(tx, council, &row, step, Some(decision)).map(drop)
}
