//! Reminding the officers of what the council owes: when, and each by a mail of their own.

use std::fmt::Debug;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::send;
use crate::app::App;
use crate::people::accounts::queries::{mail_address, officers};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};

/// A day.
const DAY: Duration = Duration::from_secs(86_400);

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
    /// All of them, in the order in which they come.
    pub const ALL: [Self; 3] = [Self::WeekBefore, Self::DayBefore, Self::Late];

    /// When that is.
    pub fn instant(self, due_at: Instant) -> Instant {
        match self {
            Self::WeekBefore => due_at.minus(DAY * 7),
            Self::DayBefore => due_at.minus(DAY),
            Self::Late => due_at,
        }
    }

    /// As keys name it.
    pub fn word(self) -> &'static str {
        match self {
            Self::WeekBefore => "week_before",
            Self::DayBefore => "day_before",
            Self::Late => "late",
        }
    }
}

/// What officers and admins are reminded of.
pub trait Reminder: Clone + Debug + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// The kind of the job that finds whom to remind.
    const KIND: &'static str;
    /// The kind of the job that reminds one of them.
    const KIND_OF_ONE: &'static str;

    /// What makes it this one.
    fn key(&self) -> String;

    /// What is said; `None` where nothing waits any more.
    ///
    /// # Errors
    /// What the database answers.
    fn context(&self, tx: &mut Tx<'_>, council: Id) -> Result<Option<Value>>;
}

/// Reminds of something: a mail for each officer and admin.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Remind<R: Reminder>(pub R);

/// One of these mails, so that an address that fails keeps no other from its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct RemindOne<R: Reminder> {
    /// What of.
    pub reminder: R,
    /// Who is reminded.
    pub account: Id,
}

impl<R: Reminder> Job<App> for Remind<R> {
    const KIND: &'static str = R::KIND;

    fn key(&self) -> String {
        self.0.key()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let told = move |tx: &mut Tx<'_>| {
                if self.0.context(tx, council)?.is_none() {
                    return Ok(());
                }
                for account in officers(tx, council)? {
                    enqueue(tx, council, &RemindOne { reminder: self.0.clone(), account })?;
                }
                Ok(())
            };
            Ok(app.db.write(told).await?)
        })
    }
}

impl<R: Reminder> Job<App> for RemindOne<R> {
    const KIND: &'static str = R::KIND_OF_ONE;

    fn key(&self) -> String {
        format!("{}:{}", self.reminder.key(), self.account)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            let found = app.db.read(move |tx| {
                let context = self.reminder.context(tx, council)?;
                Ok(context.zip(mail_address(tx, council, self.account)?))
            });
            match found.await? {
                Some((context, to)) => send(&app, "answers_due", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}
