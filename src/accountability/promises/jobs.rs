//! Reminders: one mail before answers are due, one when they are late, and none where nothing waits.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{calendar, queries};
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::queries::{mail_address, officers};
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue, enqueue_at};

/// How long before the due instant the first reminder goes out.
const BEFORE: Duration = Duration::from_secs(86_400);
/// How long ideas that are published late wait for each other.
const TOGETHER: Duration = Duration::from_secs(3_600);

/// Reminds of the ideas of a challenge that wait for an answer due at one instant: a mail for each officer and admin.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemindOfAnswers {
    /// The challenge.
    pub challenge: Id,
    /// When the answers are due.
    pub due_at: Instant,
    /// Whether that has passed.
    pub overdue: bool,
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

/// Has the officers reminded before and after: once an instant, however many ideas are due at it.
///
/// # Errors
/// What the database answers.
pub fn schedule(tx: &mut Tx<'_>, council: Id, challenge: Id, due_at: Instant) -> Result<()> {
    for overdue in [false, true] {
        enqueue_at(tx, council, &RemindOfAnswers { challenge, due_at, overdue, late: None }, instant(due_at, overdue))?;
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
    for overdue in [false, true] {
        if instant(due_at, overdue) <= tx.now() {
            let late = tx.now().to_string().split(':').next().map(str::to_owned);
            let reminder = RemindOfAnswers { challenge, due_at, overdue, late };
            enqueue_at(tx, council, &reminder, tx.now().plus(TOGETHER))?;
        }
    }
    Ok(())
}

fn instant(due_at: Instant, overdue: bool) -> Instant {
    if overdue { due_at } else { due_at.minus(BEFORE) }
}

impl Job<App> for RemindOfAnswers {
    const KIND: &'static str = "remind_of_answers";

    fn key(&self) -> String {
        let late = self.late.as_deref().map(|hour| format!(":{hour}")).unwrap_or_default();
        format!("{}:{}:{}{late}", self.challenge, self.due_at.micros(), self.overdue)
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
        // A reminder that comes too late to be one is left to the other.
        if !self.overdue && tx.now() >= self.due_at {
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
            "overdue": self.overdue,
            "link": format!("{}/challenges/{}", council.site_url.trim_end_matches('/'), self.challenge),
        });
        Ok(Some(context))
    }
}
