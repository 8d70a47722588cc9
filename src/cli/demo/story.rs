//! What has happened in Aldermoor before anybody looks: each step is written at its own time, by the functions that
//! write it for a request. The ideas are real wording; the people, their support and the council's words are invented
//! and say so.

use std::collections::BTreeSet;
use std::time::Duration;

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
use crate::participation::ideas::import;
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
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Error, Result};
use crate::process::moderation;
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
/// Residents that have accounts, and support.
const RESIDENTS: usize = 45;
/// Ideas of the challenge that is over.
const OF_THE_FIRST: usize = 12;
const UNEXPLAINED: &str = "Demonstration: the source data give a label but no reason.";

/// A real wording, and the label that its source gives.
#[derive(Clone)]
struct Wording {
    reference: String,
    text: String,
    public: bool,
}

fn wordings() -> Vec<Wording> {
    let mut rows = csv::Reader::from_reader(IDEAS.as_bytes());
    let read = |row: csv::StringRecord| {
        let field = |n: usize| row.get(n).unwrap_or_default().trim().to_owned();
        Wording { reference: format!("polis:bowling-green:{}", field(0)), text: field(4), public: field(3) == "1" }
    };
    rows.records().flatten().map(read).collect()
}

/// Tells the story from its beginning to now.
///
/// # Errors
/// What the database answers.
pub(super) async fn tell(app: &App, hash: String) -> Result<()> {
    let site_url = app.config.link("/councils/aldermoor");
    let (public, held): (Vec<Wording>, Vec<Wording>) = wordings().into_iter().partition(|wording| wording.public);
    let (first, running) = public.split_at(OF_THE_FIRST.min(public.len()));
    let told = site_url.clone();
    let (council, people) = at(app, 130 * DAY, move |tx| found(tx, &hash, &told)).await?;
    finished(app, &council, &people, first).await?;
    goes_on(app, &council, &people, running, held).await?;
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
    let mut residents = Vec::new();
    for n in 1..=RESIDENTS {
        let (email, name) = (format!("resident{n}@aldermoor.example"), format!("Resident {n}"));
        residents.push(account(tx, &council, &email, &name, Role::Resident, hash)?);
    }
    Ok((council, People { officer, moderator, residents }))
}

#[derive(Clone)]
struct People {
    officer: Id,
    moderator: Id,
    residents: Vec<Id>,
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

/// An idea as it comes in: public at once where the source's moderators let it be.
fn submit(tx: &mut Tx<'_>, council: &Council, challenge: Id, from: &Wording, state: IdeaState) -> Result<Id> {
    let title = import::cut(&from.text, 80).unwrap_or_else(|| from.text.clone());
    let submitted_at = tx.now();
    let due = promises::queries::find_clock(tx, council, challenge)?.due(submitted_at)?;
    let new = NewIdea {
        challenge,
        author: None,
        origin: IdeaOrigin::Import,
        source_ref: Some(&from.reference),
        state,
        title: &title,
        body: &from.text,
        category: None,
        submitted_at,
        due,
        clock_from: submitted_at,
    };
    let id = ideas::insert_idea(tx, council, &new)?;
    promises::jobs::schedule(tx, council.id, challenge, due.at)?;
    if state == IdeaState::Held {
        moderation::open_case(tx, council.id, id, state, 48)?;
    }
    Ok(id)
}

fn support(tx: &mut Tx<'_>, council: Id, challenge: Id, idea: Id, residents: &[Id]) -> Result<()> {
    for resident in residents {
        let facts = facts_of(tx, council, *resident)?;
        let (voter, _) = voting::voter_of(tx, council, challenge, *resident, &facts)?;
        voting::insert_support(tx, council, idea, voter)?;
    }
    Ok(())
}

/// The challenge that is over: every idea answered, forty people told of one answer, a commitment delivered and one
/// late, and the outcome published.
async fn finished(app: &App, council: &Council, people: &People, wordings: &[Wording]) -> Result<()> {
    const ASKED: Asked = Asked {
        title: "What Aldermoor should think about",
        question: "What should the borough care about in the next ten years?",
        body: "This challenge is over; what came of it is published.",
        answer_within_days: 20,
        ideation: 30,
        support: 45,
        outcome: 100,
    };
    let home = council.clone();
    let challenge = at(app, 120 * DAY, move |tx| open(tx, &home, &ASKED)).await?;
    let mut all = Vec::new();
    for (wording, n) in wordings.iter().zip(0_u64..) {
        let (home, one) = (council.clone(), wording.clone());
        let write = move |tx: &mut Tx<'_>| submit(tx, &home, challenge, &one, IdeaState::Published);
        all.push(at(app, (118 - 2 * n) * DAY, write).await?);
    }
    let (home, team, ideas) = (council.clone(), people.clone(), all.clone());
    let supported = move |tx: &mut Tx<'_>| {
        for (idea, n) in ideas.iter().zip(0_usize..) {
            let backers = if n == 0 { 40 } else { 3 };
            let (some, _) = team.residents.split_at(backers.min(team.residents.len()));
            support(tx, home.id, challenge, *idea, some)?;
        }
        Ok(())
    };
    at(app, 95 * DAY, supported).await?;
    let (home, team, ideas) = (council.clone(), people.clone(), all.clone());
    at(app, 92 * DAY, move |tx| answered(tx, &home, &team, &ideas)).await?;
    let (home, ideas) = (council.clone(), all.clone());
    let now = app.db.clock().now();
    let made = at(app, 90 * DAY, move |tx| committed(tx, &home, &ideas, now)).await?;
    let home = council.id;
    let delivered = move |tx: &mut Tx<'_>| {
        let Some(row) = &made else { return Ok(()) };
        commitments::routes::change(tx, home, &row.row, (CommitmentStatus::Delivered, None)).map(drop)
    };
    at(app, 35 * DAY, delivered).await?;
    let (home, officer) = (council.clone(), people.officer);
    let outcome = move |tx: &mut Tx<'_>| {
        let became = "Demonstration: what became of it would stand here.";
        let draft = OutcomeDraft {
            summary: "Of twelve ideas, **two are being acted on**; each of the others has an answer with its reason. \
                      (Demonstration: no council has considered them.)"
                .into(),
            ideas: all.iter().take(2).map(|id| (id.to_string(), became.to_owned())).collect(),
        };
        publish(tx, &home, challenge, None, &draft, officer)
    };
    at(app, 22 * DAY, outcome).await.map(drop)
}

fn answered(tx: &mut Tx<'_>, council: &Council, people: &People, all: &[Id]) -> Result<()> {
    use AnswerKind::{Accepted, AlreadyDone, Declined, NeedsInformation, OutOfScope, PartlyAccepted};
    let kinds = [Accepted, PartlyAccepted, Declined, OutOfScope, AlreadyDone, NeedsInformation];
    for (idea, kind) in all.iter().zip(kinds.iter().cycle()) {
        let row = find_idea(tx, council, &idea.to_string(), &Viewer::Staff)?;
        let draft = AnswerDraft {
            kind: *kind,
            office: OFFICE.into(),
            reason: "Demonstration: no council has answered this idea. The reason would stand here.".into(),
        };
        give(tx, council.id, &row, people.officer, &draft)?;
    }
    Ok(())
}

/// Two commitments on the two ideas that were accepted; gives the one that will be delivered.
fn committed(
    tx: &mut Tx<'_>,
    council: &Council,
    all: &[Id],
    now: Instant,
) -> Result<Option<commitments::model::Listed>> {
    let day =
        |before: u64| now.minus(Duration::from_secs(before * DAY)).to_string().chars().take(10).collect::<String>();
    let mut kept = None;
    for (idea, (what, due)) in all.iter().zip([("A first step that is late", 10), ("A first step that was taken", 30)])
    {
        let draft =
            CommitmentDraft { what: format!("{what} (demonstration)"), office: OFFICE.into(), due_on: day(due) };
        kept = Some(commitments::routes::make(tx, council, &Viewer::Staff, &idea.to_string(), &draft)?);
    }
    Ok(kept)
}

/// The challenge that goes on: an idea due in two days, one overdue, one held, one decided with a statement.
async fn goes_on(
    app: &App,
    council: &Council,
    people: &People,
    wordings: &[Wording],
    held: Vec<Wording>,
) -> Result<()> {
    const ASKED: Asked = Asked {
        title: "A better Aldermoor",
        question: "What would make Aldermoor a better place to live?",
        body: "Tell us **one thing** that would make a difference to you.",
        answer_within_days: 10,
        ideation: 62,
        support: 77,
        outcome: 107,
    };
    let home = council.clone();
    let challenge = at(app, 17 * DAY, move |tx| open(tx, &home, &ASKED)).await?;
    let soon = due_in_two_days(app, council)?;
    let spread = u64::try_from(wordings.len()).unwrap_or(1).max(1);
    for (wording, n) in wordings.iter().zip(0_u64..) {
        // The first is overdue, the second due in two days; the rest came in during the last six days, so that no
        // answer to them is due for another six, whatever day of the week it is.
        let before = match n {
            0 => 16 * DAY + 5 * HOUR,
            1 => soon,
            n => 6 * DAY - n * (6 * DAY - HOUR) / spread,
        };
        let (home, one, team) = (council.clone(), wording.clone(), people.clone());
        let write = move |tx: &mut Tx<'_>| {
            let idea = submit(tx, &home, challenge, &one, IdeaState::Published)?;
            let backers = usize::try_from((12 + n * 7) % 23).unwrap_or(0);
            support(tx, home.id, challenge, idea, team.residents.get(..backers).unwrap_or_default())
        };
        at(app, before, write).await?;
    }
    let mut left = held.into_iter();
    if let Some(wording) = left.next() {
        let home = council.clone();
        let write = move |tx: &mut Tx<'_>| submit(tx, &home, challenge, &wording, IdeaState::Held);
        at(app, 5 * HOUR, write).await?;
    }
    if let Some(wording) = left.next() {
        let (home, moderator) = (council.clone(), people.moderator);
        let write = move |tx: &mut Tx<'_>| {
            let idea = submit(tx, &home, challenge, &wording, IdeaState::Published)?;
            moderation::open_case(tx, home.id, idea, IdeaState::Published, 48)?;
            decide(tx, &home, idea, moderator)
        };
        at(app, 5 * DAY, write).await?;
    }
    Ok(())
}

/// How long ago an idea was submitted whose answer is due the day after tomorrow, or as soon after that as working days
/// allow.
fn due_in_two_days(app: &App, council: &Council) -> Result<u64> {
    let now = app.db.clock().now();
    let wanted = now.plus(Duration::from_secs(30 * HOUR));
    let calendar = Calendar::new(&council.time_zone, MONDAY_TO_FRIDAY.to_vec(), BTreeSet::new())?;
    for hours in (8 * 24..16 * 24).rev() {
        let submitted = now.minus(Duration::from_secs(hours * HOUR));
        if calendar.end_of(calendar.last_of(calendar.day_of(submitted), 10, &[])?)? >= wanted {
            return Ok(hours * HOUR);
        }
    }
    Ok(12 * DAY)
}

fn decide(tx: &mut Tx<'_>, council: &Council, idea: Id, moderator: Id) -> Result<()> {
    let Some(case) = find_open_case(tx, council.id, idea)? else { return Ok(()) };
    let row = find_idea(tx, council, &idea.to_string(), &Viewer::Staff)?;
    let new = NewDecision {
        case,
        idea,
        revision: row.revision,
        kind: DecisionKind::Hide,
        ground: Some("demonstration"),
        statement: Some(UNEXPLAINED),
        by: moderator,
    };
    let decision = insert_decision(tx, council.id, &new)?;
    move_idea(tx, council, &row, Move::Hide, Some(decision)).map(drop)
}

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
    for day in 1..16_u64 {
        let brought = move |tx: &mut Tx<'_>| {
            let busy = i64::try_from(day % 5).unwrap_or(0);
            for (action, n) in [
                (CampaignAction::Visit, 60 + 9 * busy),
                (CampaignAction::Register, 14 + 2 * busy),
                (CampaignAction::Submit, 3 + busy),
                (CampaignAction::Support, 11 + 4 * busy),
            ] {
                add(tx, home, id, action, n)?;
            }
            Ok(())
        };
        at(app, day * DAY, brought).await?;
    }
    Ok(())
}
