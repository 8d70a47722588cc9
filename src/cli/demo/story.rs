//! What has happened in Aldermoor before anybody looks: each step is written at its own time, by the functions that
//! write it for a request. People, ideas and the council's words are invented ([`words`]); three ideas are imported, with
//! real wording, and nothing is invented about those who wrote them.
use std::collections::BTreeSet;
use std::time::Duration;

use super::deeds::{
    Asked, Days, Incoming, Place, Verdict, answered, decide, open, published, submit, talk, vote, write,
};
use super::posters::campaign;
use super::town::{People, found, residents};
use super::words::{self, Became};
use crate::accountability::calendars::rules::MONDAY_TO_FRIDAY;
use crate::accountability::commitments;
use crate::accountability::commitments::model::CommitmentDraft;
use crate::accountability::open_door::routes::take_up;
use crate::accountability::open_door::views::TakeUpIdea;
use crate::accountability::outcomes::model::{OutcomeDraft, Theme};
use crate::accountability::outcomes::routes::publish;
use crate::accountability::promises;
use crate::accountability::promises::calendar::Calendar;
use crate::accountability::quiet::held::model::Speaker;
use crate::app::App;
use crate::participation::ballots::jobs::schedule;
use crate::participation::ballots::model::BallotTerms;
use crate::participation::ballots::queries::write_paper;
use crate::people::accounts::Viewer;
use crate::people::councils::model::Council;
use crate::platform::audit::By;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::http::IfMatch;
use crate::process::moderation;
use crate::process::moderation::item::Subject;
use crate::vocabulary::{BallotRule, BallotTally, BallotTies, CommitmentStatus, DecisionKind, IdeaState, Interim};

const IDEAS: &str = include_str!("../../../demo/bowling-green.csv");
/// Who promises and answers.
pub(super) const OFFICE: &str = "Director of Place";
pub(super) const HOUR: u64 = 3_600;
pub(super) const DAY: u64 = 24 * HOUR;
/// Residents who were there from the beginning; the others came by the posters.
pub(super) const FIRST_RESIDENTS: usize = 41;
/// How many were told of the answer to the first idea.
const BACKERS: usize = 40;
pub(super) const UNEXPLAINED: &str = "Demonstration: the source data give a label but no reason.";

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
    let home = council.clone();
    let door = at(app, 125 * DAY, move |tx| open(tx, &home, &words::DOOR)).await?;
    finished(app, &council, &people).await?;
    let first = people.clone();
    let home = council.clone();
    let joined = move |tx: &mut Tx<'_>| residents(tx, &home, &hash, FIRST_RESIDENTS, words::RESIDENTS.len());
    people.residents.extend(at(app, 14 * DAY, joined).await?);
    goes_on(app, &council, &people).await?;
    unasked(app, &Place { council: council.clone(), challenge: door }, &first).await?;
    shared_out(app, &council, &first).await?;
    campaign(app, &council, site_url).await
}

/// Writes at a time before now.
pub(super) async fn at<T: Send + 'static>(
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
/// The challenge that is over: every idea answered, one of them late; forty people told of one answer, a commitment
/// delivered and one late, and the outcome published.
async fn finished(app: &App, council: &Council, people: &People) -> Result<()> {
    const ASKED: Asked = Asked {
        title: "Getting about, and places to meet",
        question: "What would make it easier to get about in Aldermoor on foot, and to meet each other?",
        body: "This challenge is over; what came of it is published.",
        decided: words::DECIDED,
        answer_within_days: 20,
        days: Some(Days { ideation: 30, support: 45, outcome: 100, votes: false }),
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
        let (made, home) = (at(app, 90 * DAY, made).await?, council.clone());
        let stands = move |tx: &mut Tx<'_>| {
            let next = match late {
                true => (CommitmentStatus::InProgress, Some(words::PROMISED_LATE.to_owned())),
                false => (CommitmentStatus::Delivered, None),
            };
            commitments::routes::change(tx, &home, &made.row, next).map(drop)
        };
        at(app, if late { 28 } else { 35 } * DAY, stands).await?;
    }
    let (home, officer) = (council.clone(), people.officer);
    let outcome = move |tx: &mut Tx<'_>| {
        let became = words::BECAME.iter().filter_map(|(n, text)| Some((all.get(*n)?.to_string(), (*text).to_owned())));
        let themes = words::THEMES.iter().map(|(title, heard, asked_about, effect, how)| Theme {
            title: (*title).to_owned(),
            heard: (*heard).to_owned(),
            asked_about: *asked_about,
            effect: *effect,
            how: (*how).to_owned(),
        });
        let draft = OutcomeDraft {
            summary: words::OUTCOME.into(),
            themes: themes.collect(),
            next_steps: Some(words::NEXT.into()),
            ideas: became.collect(),
        };
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
        decided: words::DECIDED,
        answer_within_days: 10,
        days: Some(Days { ideation: 62, support: 77, outcome: 107, votes: false }),
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
        if n == 0 {
            let (to, team) = (place.clone(), people.clone());
            at(app, 2 * DAY, move |tx| talk(tx, &to, &team, idea, &words::TALK)).await?;
        }
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
            moderation::open_case(tx, to.council.id, Subject::idea(idea), IdeaState::Published, 48)?;
            let reasons = Some(("demonstration", UNEXPLAINED));
            decide(tx, &to.council, idea, &Verdict { by: moderator, kind: DecisionKind::Hide, reasons })
        };
        at(app, 5 * DAY - n * HOUR, write).await?;
    }
    let hidden = published(app, &place, people, (words::HIDDEN, 30, 2), 3 * DAY).await?;
    let (home, moderator) = (council.clone(), people.moderator);
    let found_out = move |tx: &mut Tx<'_>| {
        moderation::open_case(tx, home.id, Subject::idea(hidden), IdeaState::Published, 48)?;
        let reasons = Some(("personal_data", words::STATEMENT));
        decide(tx, &home, hidden, &Verdict { by: moderator, kind: DecisionKind::Hide, reasons })
    };
    at(app, 2 * DAY, found_out).await?;
    let (to, author) = (place, people.author(31));
    at(app, 5 * HOUR, move |tx| write(tx, &to, words::HELD, author)).await.map(drop)
}

/// The vote that goes on: forty thousand pounds to be shared out among four ideas, by Equal Shares, with greedy beside it.
async fn shared_out(app: &App, council: &Council, people: &People) -> Result<()> {
    let home = council.clone();
    let challenge = at(app, 24 * DAY, move |tx| open(tx, &home, &words::SHARED)).await?;
    let place = Place { council: council.clone(), challenge };
    let mut options = Vec::new();
    for ((wording, cost), n) in words::WORTH.iter().zip(60_usize..) {
        let idea = published(app, &place, people, (*wording, n, 0), (80 - u64::try_from(n).unwrap_or(0)) * DAY).await?;
        options.push((idea, Some(*cost)));
    }
    let terms = BallotTerms {
        rule: BallotRule::Budget,
        min_choices: None,
        max_choices: None,
        points: None,
        max_per_idea: None,
        quadratic: false,
        max_score: None,
        budget: Some(4_000_000),
        unit: 100,
        fits_budget: true,
        binding: BallotTally::EqualShares,
        beside: vec![BallotTally::Greedy],
        seats: 1,
        ties: BallotTies::LowerCost,
        seed: None,
        interim: Interim::Live,
    };
    let (home, of) = (council.clone(), options.clone());
    at(app, 5 * DAY, move |tx| {
        schedule(tx, home.id, challenge, tx.now().plus(Duration::from_secs(16 * DAY)))?;
        write_paper(tx, home.id, challenge, 1, &terms, &of)
    })
    .await?;
    let ideas: Vec<Id> = options.into_iter().map(|(idea, _)| idea).collect();
    let (to, voters) = (place, people.residents.clone());
    let voted = move |tx: &mut Tx<'_>| {
        for (resident, n) in voters.iter().zip(0_usize..) {
            let chosen = words::CHOSEN.iter().cycle().nth(n).copied().unwrap_or_default();
            let marks: Vec<Id> = chosen.iter().filter_map(|one| ideas.get(*one).copied()).collect();
            vote(tx, &to, *resident, &marks)?;
        }
        Ok(())
    };
    at(app, 2 * DAY, voted).await
}

/// The open door: of what was raised there one was made a draft of a challenge, two were answered, and one waits.
async fn unasked(app: &App, door: &Place, people: &People) -> Result<()> {
    for (told, n) in words::UNASKED.iter().zip(40_usize..) {
        let before = told.before * DAY;
        let idea = published(app, door, people, (told.idea, n, told.backers), before).await?;
        let decided = before.saturating_sub(told.after * DAY);
        match told.becomes {
            Became::Waits => {}
            Became::Answered(kind, reason) => {
                answered(app, &door.council, people, (idea, kind, reason), decided).await?;
            }
            Became::TakenUp(reason) => {
                let home = door.council.clone();
                let who = Speaker { account: people.officer, by: By::Account(people.officer) };
                let wish = TakeUpIdea { office: OFFICE.into(), reason: reason.into() };
                let up =
                    move |tx: &mut Tx<'_>| take_up(tx, &home, who, (&idea.to_string(), &IfMatch::Any), &wish).map(drop);
                at(app, decided, up).await?;
            }
        }
    }
    Ok(())
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
