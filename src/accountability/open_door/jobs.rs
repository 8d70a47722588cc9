//! What the open door does later: ideas that reach a lower threshold, and reminders of decisions.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::model::{Backing, IdeaRaised, ThresholdRow};
use super::{queries, rules};
use crate::accountability::promises::calendar;
use crate::accountability::promises::clock::Clock;
use crate::accountability::promises::queries::find_clock;
use crate::accountability::reminders::{Remind, Reminder, When};
use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::participation::voting::queries::verify_voter;
use crate::people::councils::model::Council;
use crate::people::councils::queries::council_by_id;
use crate::people::verification::queries::facts_of;
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::entries;
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue, enqueue_at};
use crate::vocabulary::IdeaState;

/// Ideas that are looked at in one unit at most.
const BATCH: i64 = 200;

/// Has an idea raised, if enough support it: once, however many come at one moment. The caller has counted a support in this unit,
/// has made the idea public, or holds the challenge alone.
///
/// # Errors
/// What the database answers.
pub fn raise(tx: &mut Tx<'_>, council: &Council, challenge: Id, idea: Id) -> Result<()> {
    let Some(threshold) = queries::find_threshold(tx, council.id, challenge)? else { return Ok(()) };
    let now = tx.now();
    raise_by(tx, council, challenge, idea, &threshold, now)
}

fn raise_by(
    tx: &mut Tx<'_>,
    council: &Council,
    challenge: Id,
    idea: Id,
    threshold: &ThresholdRow,
    reached_at: Instant,
) -> Result<()> {
    let (count, verified) = queries::supports_of(tx, council.id, idea)?;
    // What costs least is asked first: most ideas have too little support, or are raised already.
    let least = verified >= threshold.verified.unwrap_or(0);
    if count < threshold.supports || !least || queries::find_raised(tx, council.id, idea)?.is_some() {
        return Ok(());
    }
    let share = match threshold.verified_percent {
        Some(_) => (queries::verified_supporters(tx, council.id, idea)?, queries::verified_residents(tx, council.id)?),
        None => (0, 0),
    };
    let of = Backing { supports: count, verified, share };
    if !rules::reaches(threshold, &of) {
        return Ok(());
    }
    let due = find_clock(tx, council, challenge)?.within(reached_at, threshold.within_days.unsigned_abs())?;
    if queries::insert_raised(tx, council.id, (challenge, idea), threshold, count, (reached_at, due))? {
        entries::record(tx, council.id, &IdeaRaised { idea, challenge, supports: count, due_at: due.at })?;
        schedule(tx, council.id, idea, due.at)?;
    }
    Ok(())
}

/// Raises the ideas that reach a threshold which was made lower, some at a time; their clocks began when it was.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RaiseIdeas {
    /// The open door.
    pub challenge: Id,
    /// Which threshold.
    pub threshold: i32,
    /// The last idea that was looked at.
    pub after: Option<Id>,
}

impl Job<App> for RaiseIdeas {
    const KIND: &'static str = "raise_ideas";

    fn key(&self) -> String {
        let after = self.after.map_or_else(String::new, |idea| idea.to_string());
        format!("{}:{}:{after}", self.challenge, self.threshold)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| raise_some(tx, council, &self)).await?) })
    }
}

fn raise_some(tx: &mut Tx<'_>, council: Id, job: &RaiseIdeas) -> Result<()> {
    let RaiseIdeas { challenge, threshold, after } = *job;
    tx.hold(Root::Challenge, council, challenge, Hold::Alone)?;
    let all = queries::list_thresholds(tx, council, challenge)?;
    let Some(row) = all.into_iter().find(|row| row.number == threshold) else { return Ok(()) };
    let council = council_by_id(tx, council)?;
    let ideas = queries::not_raised(tx, council.id, challenge, row.supports, after, BATCH)?;
    for idea in &ideas {
        raise_by(tx, &council, challenge, *idea, &row, row.changed_at)?;
    }
    match ideas.last() {
        Some(last) if i64::try_from(ideas.len()).is_ok_and(|count| count == BATCH) => {
            enqueue(tx, council.id, &RaiseIdeas { challenge, threshold, after: Some(*last) })
        }
        _ => Ok(()),
    }
}

/// Counts somebody who supports ideas at the open door among those who have shown where they live, now that they have.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CountVerified {
    /// The open door.
    pub challenge: Id,
    /// Who has.
    pub account: Id,
    /// When: whoever shows it anew counts anew.
    pub at: Instant,
}

/// Has somebody counted as verified at the open door from now on, where they support an idea there already.
///
/// # Errors
/// What the database answers.
pub fn verified(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<()> {
    let at = tx.now();
    match queries::votes_at(tx, council, account)? {
        Some(challenge) => enqueue(tx, council, &CountVerified { challenge, account, at }),
        None => Ok(()),
    }
}

impl Job<App> for CountVerified {
    const KIND: &'static str = "count_verified";

    fn key(&self) -> String {
        format!("{}:{}:{}", self.challenge, self.account, self.at.micros())
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let counted = app.db.write(move |tx| {
                tx.hold(Root::Challenge, council, self.challenge, Hold::Alone)?;
                let facts = facts_of(tx, council, self.account)?;
                verify_voter(tx, council, self.challenge, self.account, &facts)?;
                let of = council_by_id(tx, council)?;
                for idea in queries::supported_by(tx, council, self.challenge, self.account)? {
                    raise(tx, &of, self.challenge, idea)?;
                }
                Ok(())
            });
            Ok(counted.await?)
        })
    }
}

/// Has what waits for a decision follow what has moved the clock of its promise.
///
/// # Errors
/// What the database answers.
pub fn move_decisions(tx: &mut Tx<'_>, council: Id, challenge: Id, clock: &Clock, changed: Instant) -> Result<()> {
    let now = tx.now();
    for row in queries::waiting(tx, council, challenge)? {
        let told = row.due();
        let due = clock.moved(told, clock.within(row.reached_at, row.within_days.unsigned_abs())?, changed, now)?;
        if due != told {
            queries::set_due(tx, council, row.idea_id, due)?;
            schedule(tx, council, row.idea_id, due.at)?;
        }
    }
    Ok(())
}

/// Reminds of an idea that waits for a decision: a mail for each officer and admin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemindOfRaised {
    /// The idea.
    pub idea: Id,
    /// When the decision is due.
    pub due_at: Instant,
    /// Which of the reminders it is.
    pub when: When,
}

fn schedule(tx: &mut Tx<'_>, council: Id, idea: Id, due_at: Instant) -> Result<()> {
    for when in When::ALL {
        let at = when.instant(due_at);
        if when == When::Late || at > tx.now() {
            enqueue_at(tx, council, &Remind(RemindOfRaised { idea, due_at, when }), at)?;
        }
    }
    Ok(())
}

impl Reminder for RemindOfRaised {
    const KIND: &'static str = "remind_of_raised";
    const KIND_OF_ONE: &'static str = "remind_one_of_raised";

    fn key(&self) -> String {
        format!("{}:{}:{}", self.idea, self.due_at.micros(), self.when.word())
    }

    fn context(&self, tx: &mut Tx<'_>, council: Id) -> Result<Option<Value>> {
        let Some(row) = queries::find_raised(tx, council, self.idea)? else { return Ok(None) };
        let listed = queries::find_listed(tx, council, self.idea)?;
        let waits = row.settled_as.is_none() && row.due_at == self.due_at && listed.state == IdeaState::Published;
        if !waits || (self.when != When::Late && tx.now() >= self.due_at) {
            return Ok(None);
        }
        let council = council_by_id(tx, council)?;
        let number = crate::participation::ideas::rules::public_number(&council.idea_prefix, listed.number);
        Ok(Some(json!({
            "council": council.name,
            "challenge": find_challenge(tx, council.id, row.challenge_id, true)?.title,
            "due": calendar::last_day(self.due_at, &council.time_zone)?,
            "items": [{ "number": number, "title": listed.title }],
            "overdue": self.when == When::Late,
            "link": format!("{}/ideas/{number}", council.site_url.trim_end_matches('/')),
        })))
    }
}
