//! Reminders: one mail a week before answers are due, one the day before, one when they are late, and none where nothing
//! waits. And due instants that follow what moves them.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clock::Due;
use super::{calendar, queries};
use crate::accountability::follow_ups::rules::ANSWERED_WITHIN_DAYS;
use crate::accountability::open_door::jobs::move_decisions;
use crate::accountability::{follow_ups, send};
use crate::app::App;
use crate::participation::ideas::dues::{list_owed, set_due, set_due_again};
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::queries::{mail_address, officers};
use crate::people::councils::model::Council;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue, enqueue_at};

/// A day.
const DAY: Duration = Duration::from_secs(86_400);
/// How long ideas that are published late wait for each other.
const TOGETHER: Duration = Duration::from_secs(3_600);
/// Ideas whose due instants are moved in one unit at most.
const BATCH: i64 = 500;

/// When one is reminded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Seven days before.
    WeekBefore,
    /// One day before.
    DayBefore,
    /// As soon as it is late.
    Late,
}

impl When {
    pub(crate) fn instant(self, due_at: Instant) -> Instant {
        match self {
            Self::WeekBefore => due_at.minus(DAY * 7),
            Self::DayBefore => due_at.minus(DAY),
            Self::Late => due_at,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::WeekBefore => "week_before",
            Self::DayBefore => "day_before",
            Self::Late => "late",
        }
    }
}

/// Reminds of the ideas of a challenge that wait for an answer due at one instant: a mail for each officer and admin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemindOfAnswers {
    /// The challenge.
    pub challenge: Id,
    /// When the answers are due.
    pub due_at: Instant,
    /// Which of the reminders it is.
    pub when: When,
    /// The hour (UTC) in which one of them was published when the reminder had been sent already.
    pub late: Option<String>,
}

/// One of these mails, so that an address that fails keeps no other from its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemindOneOfAnswers {
    /// What of.
    pub reminder: RemindOfAnswers,
    /// Who is reminded.
    pub account: Id,
}

/// Has the officers reminded before and after: once an instant, however many ideas are due at it. A promise of few days has no
/// week before.
///
/// # Errors
/// What the database answers.
pub fn schedule(tx: &mut Tx<'_>, council: Id, challenge: Id, due_at: Instant) -> Result<()> {
    for when in [When::WeekBefore, When::DayBefore, When::Late] {
        let at = when.instant(due_at);
        if when != When::WeekBefore || at > tx.now() {
            enqueue_at(tx, council, &RemindOfAnswers { challenge, due_at, when, late: None }, at)?;
        }
    }
    Ok(())
}

/// Has the officers reminded of an idea that became public by a decision after its reminders had their time: one mail
/// for all that are due at one instant and decided within an hour.
///
/// # Errors
/// What the database answers.
pub fn schedule_late(tx: &mut Tx<'_>, council: Id, idea: &IdeaRow) -> Result<()> {
    let (challenge, due_at) = (idea.challenge_id, idea.answer_due_at);
    for when in [When::DayBefore, When::Late] {
        if when.instant(due_at) <= tx.now() {
            let late = tx.now().to_string().split(':').next().map(str::to_owned);
            let reminder = RemindOfAnswers { challenge, due_at, when, late };
            enqueue_at(tx, council, &reminder, tx.now().plus(TOGETHER))?;
        }
    }
    Ok(())
}

/// Counts anew when the answers of a challenge are due, some hundred at a time: each unit begins where the last one ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MoveDues {
    /// The challenge.
    pub challenge: Id,
    /// What for.
    pub run: Id,
    /// When what moves them was laid down: what fell due since was not late then.
    pub changed: Instant,
    /// The last one that was looked at.
    pub after: Option<(Instant, Id)>,
}

impl MoveDues {
    /// From the first one on.
    pub fn new(challenge: Id, run: Id, changed: Instant) -> Self {
        Self { challenge, run, changed, after: None }
    }
}

impl Job<App> for MoveDues {
    const KIND: &'static str = "move_dues";

    fn key(&self) -> String {
        let after = self.after.map_or_else(String::new, |(_, idea)| idea.to_string());
        format!("{}:{}:{after}", self.run, self.challenge)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let moved = move |tx: &mut Tx<'_>| {
                let council = council_by_id(tx, council)?;
                move_dues(tx, &council, self.clone())
            };
            Ok(app.db.write(moved).await?)
        })
    }
}

/// Has the due instants of all open challenges follow what has changed for the whole council.
///
/// What is submitted from now on is counted by what holds from now on. What is being submitted at this moment has its challenge
/// held, and the first batch waits for it.
///
/// # Errors
/// What the database answers.
pub fn move_all_dues(tx: &mut Tx<'_>, council: Id) -> Result<()> {
    let run = Id::random();
    for challenge in queries::opened_challenges(tx, council)? {
        enqueue(tx, council, &MoveDues::new(challenge, run, tx.now()))?;
    }
    Ok(())
}

/// Moves a batch of due instants to where the clock says, with their reminders, and has the next batch moved later.
///
/// # Errors
/// What the database answers.
pub fn move_dues(tx: &mut Tx<'_>, council: &Council, job: MoveDues) -> Result<()> {
    let MoveDues { challenge, run, changed, after } = job;
    tx.hold(Root::Challenge, council.id, challenge, Hold::Alone)?;
    let (clock, now) = (queries::find_clock(tx, council, challenge)?, tx.now());
    if after.is_none() {
        move_decisions(tx, council.id, challenge, &clock, changed)?;
    }
    let owed = list_owed(tx, council.id, challenge, changed, after, BATCH)?;
    let mut moved: BTreeMap<(Due, bool), Vec<Id>> = BTreeMap::new();
    for idea in &owed {
        // A question that was asked back has a clock of its own, which the promise does not set.
        let (due, asked) = match idea.asked {
            Some((asked_at, _)) => (clock.within(asked_at, ANSWERED_WITHIN_DAYS)?, true),
            None => (clock.due(idea.clock_from)?, false),
        };
        let due = clock.moved(idea.due(), due, changed, now)?;
        if due != idea.due() {
            moved.entry((due, asked)).or_default().push(idea.id);
        }
    }
    for ((due, asked), ideas) in moved {
        match asked {
            true => {
                set_due_again(tx, council.id, &ideas, due.at)?;
                follow_ups::queries::set_due(tx, council.id, &ideas, due)?;
            }
            false => set_due(tx, council.id, &ideas, due)?,
        }
        schedule(tx, council.id, challenge, due.at)?;
    }
    match owed.last() {
        Some(last) if i64::try_from(owed.len()).is_ok_and(|count| count == BATCH) => {
            let after = Some((last.submitted_at, last.id));
            enqueue(tx, council.id, &MoveDues { challenge, run, changed, after })
        }
        _ => Ok(()),
    }
}

impl Job<App> for RemindOfAnswers {
    const KIND: &'static str = "remind_of_answers";

    fn key(&self) -> String {
        let late = self.late.as_deref().map(|hour| format!(":{hour}")).unwrap_or_default();
        format!("{}:{}:{}{late}", self.challenge, self.due_at.micros(), self.when.word())
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let told = move |tx: &mut Tx<'_>| {
                if self.context(tx, council)?.is_none() {
                    return Ok(());
                }
                for account in officers(tx, council)? {
                    enqueue(tx, council, &RemindOneOfAnswers { reminder: self.clone(), account })?;
                }
                Ok(())
            };
            Ok(app.db.write(told).await?)
        })
    }
}

impl Job<App> for RemindOneOfAnswers {
    const KIND: &'static str = "remind_one_of_answers";

    fn key(&self) -> String {
        format!("{}:{}", self.reminder.key(), self.account)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            let found = app
                .db
                .read(move |tx| {
                    let context = self.reminder.context(tx, council)?;
                    Ok(context.zip(mail_address(tx, council, self.account)?))
                })
                .await?;
            match found {
                Some((context, to)) => send(&app, "answers_due", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

impl RemindOfAnswers {
    /// What is said; `None` where nothing waits any more.
    fn context(&self, tx: &mut Tx<'_>, council: Id) -> Result<Option<Value>> {
        // A reminder that comes too late to be one is left to the next.
        let next = if self.when == When::WeekBefore { When::DayBefore } else { When::Late };
        if self.when != When::Late && tx.now() >= next.instant(self.due_at) {
            return Ok(None);
        }
        let waiting = queries::waiting(tx, council, self.challenge, self.due_at)?;
        if waiting.is_empty() {
            return Ok(None);
        }
        let council = council_by_id(tx, council)?;
        let items: Vec<Value> = waiting
            .iter()
            .map(|idea| json!({ "number": public_number(&council.idea_prefix, idea.number), "title": idea.title }))
            .collect();
        let context = json!({
            "council": council.name,
            "challenge": queries::challenge_title(tx, council.id, self.challenge)?,
            "due": calendar::last_day(self.due_at, &council.time_zone)?,
            "items": items,
            "overdue": self.when == When::Late,
            "link": format!("{}/challenges/{}", council.site_url.trim_end_matches('/'), self.challenge),
        });
        Ok(Some(context))
    }
}
