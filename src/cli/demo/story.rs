//! What has happened in Aldermoor before anybody looks: each step is written at its own time, by the functions that
//! write it for a request. People, ideas and the council's words are invented ([`words`]); three ideas are imported, with
//! real wording, and nothing is invented about those who wrote them.

use std::collections::BTreeSet;
use std::time::Duration;

use super::words::{self, Wording};
use crate::accountability::answers::model::AnswerDraft;
use crate::accountability::answers::routes::give;
use crate::accountability::calendars::rules::MONDAY_TO_FRIDAY;
use crate::accountability::commitments;
use crate::accountability::commitments::model::CommitmentDraft;
use crate::accountability::outcomes::model::OutcomeDraft;
use crate::accountability::outcomes::routes::publish;
use crate::accountability::promises;
use crate::accountability::promises::calendar::Calendar;
use crate::app::App;
use crate::participation::challenges::entries::ChallengeOpened;
use crate::participation::challenges::model::{Eligibility, Phase, PromiseRow};
use crate::participation::challenges::queries as challenges;
use crate::participation::ideas::queries::{self as ideas, NewIdea, find_idea, move_idea};
use crate::participation::ideas::rules::Move;
use crate::participation::voting::queries as voting;
use crate::people::accounts::Viewer;
use crate::people::accounts::platform_admins::upsert_platform_admin;
use crate::people::accounts::queries::{self as accounts, NewAccount};
use crate::people::councils::model::{Council, Ground};
use crate::people::councils::queries::{self as councils, NewCouncil};
use crate::people::offices::queries::{insert_office, set_members};
use crate::people::verification::queries::facts_of;
use crate::platform::db::{Id, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Error, Result};
use crate::platform::jobs::enqueue;
use crate::process::moderation;
use crate::process::moderation::jobs::TellAuthor;
use crate::process::moderation::queries::{NewDecision, find_open_case, insert_decision};
use crate::reach::campaigns::model::CampaignDraft;
use crate::reach::campaigns::queries::{add, insert_campaign};
use crate::reach::demonstration::{COUNCIL, STAFF};
use crate::vocabulary::{
    AccountState, AnswerKind, CampaignAction, CommitmentStatus, DecisionKind, IdeaOrigin, IdeaState, ModerationPolicy,
    PhaseKind, Role, VotingRule,
};

const IDEAS: &str = include_str!("../../../demo/bowling-green.csv");
/// Who promises and answers.
const OFFICE: &str = "Director of Place";
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;
/// Residents who were there from the beginning; the others came by the posters.
const FIRST_RESIDENTS: usize = 41;
/// How many were told of the answer to the first idea.
const BACKERS: usize = 40;
const UNEXPLAINED: &str = "Demonstration: the source data give a label but no reason.";

/// What somebody elsewhere has really written, and the label that its source gives.
struct Imported {
    reference: String,
    text: String,
    public: bool,
}

fn imported() -> Vec<Imported> {
    let mut rows = csv::Reader::from_reader(IDEAS.as_bytes());
    let read = |row: csv::StringRecord| {
        let field = |n: usize| row.get(n).unwrap_or_default().trim().to_owned();
        Imported { reference: format!("polis:bowling-green:{}", field(0)), text: field(4), public: field(3) == "1" }
    };
    rows.records().flatten().map(read).collect()
}

/// Tells the story from its beginning to now.
///
/// # Errors
/// What the database answers.
pub(super) async fn tell(app: &App, hash: String) -> Result<()> {
    let site_url = app.config.link("/councils/aldermoor");
    let (told, secret) = (site_url.clone(), hash.clone());
    let (council, mut people) = at(app, 130 * DAY, move |tx| found(tx, &secret, &told)).await?;
    finished(app, &council, &people).await?;
    let home = council.clone();
    let joined = move |tx: &mut Tx<'_>| residents(tx, &home, &hash, FIRST_RESIDENTS, words::RESIDENTS.len());
    people.residents.extend(at(app, 14 * DAY, joined).await?);
    goes_on(app, &council, &people).await?;
    campaign(app, &council, site_url).await
}

/// Writes at a time before now.
async fn at<T: Send + 'static>(
    app: &App,
    before: u64,
    work: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let micros = i64::try_from(before * 1_000_000).unwrap_or(0);
    let clock = app.db.clock();
    clock.shift(-micros);
    let written = app.db.write(work).await;
    clock.shift(micros);
    written
}

fn found(tx: &mut Tx<'_>, hash: &str, site_url: &str) -> Result<(Council, People)> {
    upsert_platform_admin(tx, "platform@folkmoot.example", hash)?;
    let council = councils::insert_council(
        tx,
        &NewCouncil {
            slug: COUNCIL.into(),
            name: "Aldermoor Borough Council".into(),
            time_zone: "Europe/London".into(),
            language: "en-GB".into(),
            idea_prefix: "ALD".into(),
            site_url: site_url.into(),
        },
    )?;
    let notice = "We keep your address to write to you about your ideas, and what you publish under the name you choose. \
                  Nothing else.";
    councils::insert_notice(tx, council.id, notice)?;
    let ground = Ground { code: "demonstration".into(), title: "Demonstration".into(), body: UNEXPLAINED.into() };
    councils::insert_ground(tx, council.id, &ground)?;
    let ground = Ground {
        code: "personal_data".into(),
        title: "Personal data of others".into(),
        body: "Names, addresses or pictures of people who have not agreed.".into(),
    };
    councils::insert_ground(tx, council.id, &ground)?;
    let mut staff = Vec::new();
    for (email, name, role) in STAFF {
        staff.push((role, account(tx, &council, email, name, role, hash)?));
    }
    let who = |wanted: Role| {
        let found = staff.iter().find(|(role, _)| *role == wanted).map(|(_, id)| *id);
        found.ok_or_else(|| Error::Internal(anyhow::anyhow!("the demo has no {wanted}")))
    };
    let (officer, moderator) = (who(Role::Officer)?, who(Role::Moderator)?);
    let office = insert_office(tx, council.id, OFFICE)?;
    set_members(tx, council.id, office.id, &[officer])?;
    let residents = residents(tx, &council, hash, 0, FIRST_RESIDENTS)?;
    Ok((council, People { officer, moderator, residents }))
}

/// Some of the residents, from one place in their list to another.
fn residents(tx: &mut Tx<'_>, council: &Council, hash: &str, from: usize, to: usize) -> Result<Vec<Id>> {
    let mut made = Vec::new();
    for (first_name, n) in words::RESIDENTS.iter().zip(1_usize..).take(to).skip(from) {
        let (email, name) = (format!("resident{n}@aldermoor.example"), format!("{first_name} (resident {n})"));
        made.push(account(tx, council, &email, &name, Role::Resident, hash)?);
    }
    Ok(made)
}

#[derive(Clone)]
struct People {
    officer: Id,
    moderator: Id,
    residents: Vec<Id>,
}

impl People {
    /// Who writes the idea of a place in the story: somebody else each time.
    fn author(&self, n: usize) -> Option<Id> {
        self.residents.iter().cycle().nth(5 + 7 * n).copied()
    }

    /// Some who support it, and never its author.
    fn backers(&self, n: usize, many: usize) -> Vec<Id> {
        let author = self.author(n);
        self.residents
            .iter()
            .cycle()
            .skip(3 * n)
            .take(self.residents.len())
            .filter(|one| Some(**one) != author)
            .take(many)
            .copied()
            .collect()
    }
}

fn account(tx: &mut Tx<'_>, council: &Council, email: &str, name: &str, role: Role, hash: &str) -> Result<Id> {
    let new = NewAccount {
        email,
        email_key: email,
        display_name: name,
        password_hash: hash,
        role,
        state: AccountState::Active,
    };
    accounts::insert_account(tx, council.id, &new)?
        .ok_or_else(|| Error::Internal(anyhow::anyhow!("{email} is there already")))
}

/// What a challenge is about, and its days.
struct Asked {
    title: &'static str,
    question: &'static str,
    body: &'static str,
    answer_within_days: i32,
    ideation: u64,
    support: u64,
    outcome: u64,
}

fn open(tx: &mut Tx<'_>, council: &Council, asked: &Asked) -> Result<Id> {
    let now = tx.now();
    let day = |n: u64| now.plus(Duration::from_secs(n * DAY));
    let id = challenges::insert_challenge(
        tx,
        council.id,
        &challenges::Text {
            title: asked.title.into(),
            question: asked.question.into(),
            body: asked.body.into(),
            language: council.language.clone(),
            moderation: ModerationPolicy::Pre,
            voting_rule: VotingRule::Support,
            eligibility: Eligibility::default(),
        },
    )?;
    let phase = |kind, from, to, submit| Phase {
        kind,
        starts_at: day(from),
        ends_at: day(to),
        submit,
        comment: false,
        support: true,
        vote: false,
    };
    let phases = [
        phase(PhaseKind::Ideation, 0, asked.ideation, true),
        phase(PhaseKind::Voting, asked.ideation, asked.support, false),
    ];
    challenges::set_phases(tx, council.id, id, &phases)?;
    let promise = PromiseRow {
        decision_office: OFFICE.into(),
        decision_email: "place@aldermoor.example".into(),
        in_their_power: "Streets, parks and libraries of the borough; not schools or hospitals.".into(),
        answer_within_days: asked.answer_within_days,
        moderate_within_hours: 48,
        publish_outcome_by: day(asked.outcome),
        success_measure: "Every idea answered; at least three begun within a year.".into(),
        accepted_at: None,
    };
    challenges::set_promise(tx, council.id, id, &promise)?;
    challenges::set_accepted(tx, council.id, id)?;
    challenges::set_opened(tx, council.id, id, day(asked.support))?;
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

/// Where an idea goes.
#[derive(Clone)]
struct Place {
    council: Council,
    challenge: Id,
}

/// An idea as it comes in.
struct Incoming<'a> {
    author: Option<Id>,
    source_ref: Option<&'a str>,
    state: IdeaState,
    title: &'a str,
    body: &'a str,
}

fn submit(tx: &mut Tx<'_>, place: &Place, incoming: &Incoming<'_>) -> Result<Id> {
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
        moderation::open_case(tx, council.id, id, incoming.state, 48)?;
    }
    Ok(id)
}

/// A resident's idea, which a moderator has still to look at.
fn write(tx: &mut Tx<'_>, place: &Place, wording: Wording, author: Option<Id>) -> Result<Id> {
    let Wording { title, body } = wording;
    submit(tx, place, &Incoming { author, source_ref: None, state: IdeaState::Held, title, body })
}

/// A resident's idea that a moderator let through two hours later, and who supports it then.
async fn published(
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
        support(tx, to.council.id, to.challenge, idea, &team.backers(n, backers))
    };
    at(app, before.saturating_sub(2 * HOUR), looked_at).await?;
    Ok(idea)
}

fn support(tx: &mut Tx<'_>, council: Id, challenge: Id, idea: Id, residents: &[Id]) -> Result<()> {
    for resident in residents {
        let facts = facts_of(tx, council, *resident)?;
        let (voter, _) = voting::voter_of(tx, council, challenge, *resident, &facts)?;
        voting::insert_support(tx, council, idea, voter)?;
    }
    Ok(())
}

/// The council's answer to an idea.
async fn answered(
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

/// The challenge that is over: every idea answered, one of them late; forty people told of one answer, a commitment
/// delivered and one late, and the outcome published.
async fn finished(app: &App, council: &Council, people: &People) -> Result<()> {
    const ASKED: Asked = Asked {
        title: "Getting about, and places to meet",
        question: "What would make it easier to get about in Aldermoor on foot, and to meet each other?",
        body: "This challenge is over; what came of it is published.",
        answer_within_days: 20,
        ideation: 30,
        support: 45,
        outcome: 100,
    };
    let home = council.clone();
    let challenge = at(app, 120 * DAY, move |tx| open(tx, &home, &ASKED)).await?;
    let place = Place { council: council.clone(), challenge };
    let mut all = Vec::new();
    for (told, n) in words::FINISHED.iter().zip(0_usize..) {
        let before = (118 - 2 * u64::try_from(n).unwrap_or(0)) * DAY;
        let backers = if n == 0 { BACKERS } else { 2 + n * 5 % 9 };
        let idea = published(app, &place, people, (told.idea, n, backers), before).await?;
        let answered_at = before.saturating_sub(told.after * DAY);
        answered(app, council, people, (idea, told.kind, told.reason), answered_at).await?;
        all.push(idea);
    }
    let now = app.db.clock().now();
    for (idea, (what, late)) in all.iter().zip([(words::PROMISED, true), (words::DELIVERED, false)]) {
        let (home, idea) = (council.clone(), *idea);
        let due_on = promises::calendar::day_of(now.minus(Duration::from_secs(30 * DAY)), &council.time_zone)?;
        let made = move |tx: &mut Tx<'_>| {
            let draft = CommitmentDraft { what: what.into(), office: OFFICE.into(), due_on: due_on.to_string() };
            commitments::routes::make(tx, &home, &Viewer::Staff, &idea.to_string(), &draft)
        };
        let (made, home) = (at(app, 90 * DAY, made).await?, council.id);
        let stands = move |tx: &mut Tx<'_>| {
            let next = match late {
                true => (CommitmentStatus::InProgress, Some(words::PROMISED_LATE.to_owned())),
                false => (CommitmentStatus::Delivered, None),
            };
            commitments::routes::change(tx, home, &made.row, next).map(drop)
        };
        at(app, if late { 28 } else { 35 } * DAY, stands).await?;
    }
    let (home, officer) = (council.clone(), people.officer);
    let outcome = move |tx: &mut Tx<'_>| {
        let became = words::BECAME.iter().filter_map(|(n, text)| Some((all.get(*n)?.to_string(), (*text).to_owned())));
        let draft = OutcomeDraft { summary: words::OUTCOME.into(), ideas: became.collect() };
        publish(tx, &home, challenge, None, &draft, officer)
    };
    at(app, 22 * DAY, outcome).await.map(drop)
}

/// The challenge that goes on: an idea due in two days, one overdue, some answered, one held, one hidden with a statement,
/// and three that were imported, of which the source itself had hidden one.
async fn goes_on(app: &App, council: &Council, people: &People) -> Result<()> {
    const ASKED: Asked = Asked {
        title: "A better Aldermoor",
        question: "What would make Aldermoor a better place to live?",
        body: "Tell us **one thing** that would make a difference to you. (Three of the ideas are imported from Polis \
               “Bowling Green”, CC BY 4.0; all others, and the council, are invented.)",
        answer_within_days: 10,
        ideation: 62,
        support: 77,
        outcome: 107,
    };
    let home = council.clone();
    let challenge = at(app, 17 * DAY, move |tx| open(tx, &home, &ASKED)).await?;
    let place = Place { council: council.clone(), challenge };
    let soon = due_in_two_days(app, council)?;
    let spread = u64::try_from(words::RUNNING.len()).unwrap_or(1).max(1);
    for (wording, n) in words::RUNNING.iter().zip(0_usize..) {
        // The first is overdue, the second due in two days; the rest came in during the last six days, so that no
        // answer to them is due for another six, whatever day of the week it is.
        let before = match u64::try_from(n).unwrap_or(0) {
            0 => 16 * DAY + 5 * HOUR,
            1 => soon,
            n => 6 * DAY - n * (6 * DAY - 3 * HOUR) / spread,
        };
        let idea = published(app, &place, people, (*wording, n, (12 + n * 7) % 23), before).await?;
        let said = words::SAID.iter().find(|(place, ..)| *place == n).map(|(_, kind, reason)| (*kind, *reason));
        if let Some((kind, reason)) = said {
            answered(app, council, people, (idea, kind, reason), before.saturating_sub(3 * DAY)).await?;
        }
    }
    for (one, n) in imported().into_iter().zip(1_u64..) {
        let (to, moderator) = (place.clone(), people.moderator);
        let write = move |tx: &mut Tx<'_>| {
            // What somebody else has written is shown as it was written; its title is how it begins.
            let title = one.text.split(['.', ':']).next().unwrap_or_default();
            let (source_ref, state) = (Some(one.reference.as_str()), IdeaState::Published);
            let idea = submit(tx, &to, &Incoming { author: None, source_ref, state, title, body: &one.text })?;
            if one.public {
                return Ok(());
            }
            moderation::open_case(tx, to.council.id, idea, IdeaState::Published, 48)?;
            let reasons = Some(("demonstration", UNEXPLAINED));
            decide(tx, &to.council, idea, &Verdict { by: moderator, kind: DecisionKind::Hide, reasons })
        };
        at(app, 5 * DAY - n * HOUR, write).await?;
    }
    let hidden = published(app, &place, people, (words::HIDDEN, 30, 2), 3 * DAY).await?;
    let (home, moderator) = (council.clone(), people.moderator);
    let found_out = move |tx: &mut Tx<'_>| {
        moderation::open_case(tx, home.id, hidden, IdeaState::Published, 48)?;
        let reasons = Some(("personal_data", words::STATEMENT));
        decide(tx, &home, hidden, &Verdict { by: moderator, kind: DecisionKind::Hide, reasons })
    };
    at(app, 2 * DAY, found_out).await?;
    let (to, author) = (place, people.author(31));
    at(app, 5 * HOUR, move |tx| write(tx, &to, words::HELD, author)).await.map(drop)
}

/// How long ago an idea was submitted whose answer is due in two days, as nearly as working days allow.
fn due_in_two_days(app: &App, council: &Council) -> Result<u64> {
    let now = app.db.clock().now();
    let wanted = now.plus(Duration::from_secs(48 * HOUR)).micros();
    let calendar = Calendar::new(&council.time_zone, MONDAY_TO_FRIDAY.to_vec(), BTreeSet::new())?;
    let mut best = (i64::MAX, 12 * DAY);
    for hours in 8 * 24..16 * 24_u64 {
        let submitted = now.minus(Duration::from_secs(hours * HOUR));
        let due = calendar.end_of(calendar.last_of(calendar.day_of(submitted), 10, &[])?)?;
        if due > now {
            best = best.min(((due.micros() - wanted).abs(), hours * HOUR));
        }
    }
    Ok(best.1)
}

/// What a moderator says: the code of a ground and a statement, where they restrict.
struct Verdict {
    by: Id,
    kind: DecisionKind,
    reasons: Option<(&'static str, &'static str)>,
}

fn decide(tx: &mut Tx<'_>, council: &Council, idea: Id, verdict: &Verdict) -> Result<()> {
    let Some(case) = find_open_case(tx, council.id, idea)? else { return Ok(()) };
    let row = find_idea(tx, council, &idea.to_string(), &Viewer::Staff)?;
    let new = NewDecision {
        case,
        idea,
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

/// Visits, registrations, ideas and supports on each of the fifteen days. Four of forty-five residents came this way,
/// and what is under ten is withheld.
const BROUGHT: [[i64; 4]; 15] = [
    [61, 0, 0, 0],
    [47, 4, 0, 0],
    [52, 0, 0, 0],
    [38, 0, 0, 0],
    [23, 0, 0, 0],
    [14, 0, 0, 0],
    [35, 0, 0, 0],
    [31, 0, 0, 0],
    [27, 0, 0, 0],
    [42, 0, 3, 24],
    [36, 0, 2, 17],
    [29, 0, 4, 21],
    [18, 0, 2, 12],
    [12, 0, 1, 11],
    [33, 0, 2, 19],
];

/// Posters at bus shelters, and what they brought.
async fn campaign(app: &App, council: &Council, site_url: String) -> Result<()> {
    let home = council.id;
    let made = move |tx: &mut Tx<'_>| {
        let draft = CampaignDraft {
            name: "Bus shelters in Mill Lane".into(),
            channel: "poster".into(),
            target_url: site_url.clone(),
        };
        Ok(insert_campaign(tx, home, &draft)?.id)
    };
    let id = at(app, 16 * DAY, made).await?;
    for (counts, day) in BROUGHT.iter().zip((1..16_u64).rev()) {
        let brought = move |tx: &mut Tx<'_>| {
            let [visits, registered, submitted, supported] = *counts;
            for (action, n) in [
                (CampaignAction::Visit, visits),
                (CampaignAction::Register, registered),
                (CampaignAction::Submit, submitted),
                (CampaignAction::Support, supported),
            ] {
                if n > 0 {
                    add(tx, home, id, action, n)?;
                }
            }
            Ok(())
        };
        at(app, day * DAY, brought).await?;
    }
    Ok(())
}
