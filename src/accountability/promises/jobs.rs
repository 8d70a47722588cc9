//! Reminders: one mail a week before answers are due, one the day before, one when they are late, and none where nothing
//! waits. And due instants that follow what moves them.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::clock::Due;
use super::{calendar, queries};
use crate::accountability::follow_ups;
use crate::accountability::follow_ups::rules::ANSWERED_WITHIN_DAYS;
use crate::accountability::open_door::jobs::move_decisions;
use crate::accountability::reminders::{Remind, Reminder, When};
use crate::app::App;
use crate::participation::ideas::dues::{list_owed, set_due, set_due_again};
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::rules::public_number;
use crate::people::councils::model::Council;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue, enqueue_at};

/// How long ideas that are published late wait for each other.
const TOGETHER: Duration = Duration::from_secs(3_600);
/// Ideas whose due instants are moved in one unit at most.
const BATCH: i64 = 500;

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

/// Has the officers reminded before and after: once an instant, however many ideas are due at it. A promise of few days has no
/// week before.
///
/// # Errors
/// What the database answers.
pub fn schedule(tx: &mut Tx<'_>, council: Id, challenge: Id, due_at: Instant) -> Result<()> {
    for when in When::ALL {
        let at = when.instant(due_at);
        if when != When::WeekBefore || at > tx.now() {
            enqueue_at(tx, council, &Remind(RemindOfAnswers { challenge, due_at, when, late: None }), at)?;
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
            enqueue_at(tx, council, &Remind(reminder), tx.now().plus(TOGETHER))?;
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

impl Reminder for RemindOfAnswers {
    const KIND: &'static str = "remind_of_answers";
    const KIND_OF_ONE: &'static str = "remind_one_of_answers";

    fn key(&self) -> String {
        let late = self.late.as_deref().map(|hour| format!(":{hour}")).unwrap_or_default();
        format!("{}:{}:{}{late}", self.challenge, self.due_at.micros(), self.when.word())
    }

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
