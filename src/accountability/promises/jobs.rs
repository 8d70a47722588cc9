//! Reminders: one mail before answers are due, one when they are late, and none where nothing waits.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{calendar, queries};
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::queries::officers;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue_at};

/// How long before the due instant the first reminder goes out.
const BEFORE: Duration = Duration::from_secs(86_400);

/// Tells officers and admins which ideas of a challenge wait for an answer due at one instant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemindOfAnswers {
    /// The challenge.
    pub challenge: Id,
    /// When the answers are due.
    pub due_at: Instant,
    /// Whether that has passed.
    pub overdue: bool,
}

/// Has the officers reminded before and after: once an instant, however many ideas are due at it.
///
/// # Errors
/// What the database answers.
pub fn schedule(tx: &mut Tx<'_>, council: Id, challenge: Id, due_at: Instant) -> Result<()> {
    enqueue_at(tx, council, &RemindOfAnswers { challenge, due_at, overdue: false }, due_at.minus(BEFORE))?;
    enqueue_at(tx, council, &RemindOfAnswers { challenge, due_at, overdue: true }, due_at)
}

impl Job<App> for RemindOfAnswers {
    const KIND: &'static str = "remind_of_answers";

    fn key(&self) -> String {
        format!("{}:{}:{}", self.challenge, self.due_at.micros(), self.overdue)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            let Some((context, addresses)) = app.db.read(move |tx| self.reminder(tx, council)).await? else {
                return Ok(());
            };
            // One address that fails keeps no other from its mail.
            let mut outcome = Ok(());
            for address in addresses {
                if let Err(error) = send(&app, "answers_due", &context, &key, address).await {
                    outcome = Err(error);
                }
            }
            outcome
        })
    }
}

impl RemindOfAnswers {
    /// What is said and to whom; `None` where nothing waits any more.
    fn reminder(&self, tx: &mut Tx<'_>, council: Id) -> Result<Option<(Value, Vec<String>)>> {
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
        Ok(Some((context, officers(tx, council.id)?)))
    }
}
