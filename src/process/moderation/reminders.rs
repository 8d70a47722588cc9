//! Reminders of cases: one before the promised hour, and one when it has passed; none where nothing waits.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::due_before;
use crate::accountability::send;
use crate::app::App;
use crate::people::accounts::queries::{mail_address, moderators};
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue, enqueue_at};

/// What is due within one hour of the clock makes one mail.
const HOUR: u64 = 3_600;

/// Reminds the moderators of what is due up to an instant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemindOfCases {
    /// The end of the hour in which they are due.
    pub until: Instant,
    /// Whether that has passed.
    pub overdue: bool,
}

/// One of these mails, so that an address that fails keeps no other from its own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemindOneOfCases {
    /// What of.
    pub reminder: RemindOfCases,
    /// Who is reminded.
    pub account: Id,
}

/// Has the moderators reminded of a case when a quarter of its time is left, and when none is.
///
/// # Errors
/// What the database answers.
pub fn schedule(tx: &mut Tx<'_>, council: Id, opened: Instant, due: Instant) -> Result<()> {
    let until = Instant::from_micros(hour_after(due.micros()));
    let before = due.minus(due.since(opened) / 4);
    for (overdue, at) in [(false, before), (true, until)] {
        enqueue_at(tx, council, &RemindOfCases { until, overdue }, at)?;
    }
    Ok(())
}

/// The end of the hour in which an instant lies.
fn hour_after(micros: i64) -> i64 {
    let hour = i64::try_from(HOUR * 1_000_000).unwrap_or(i64::MAX);
    micros.saturating_sub(1).div_euclid(hour).saturating_add(1).saturating_mul(hour)
}

impl Job<App> for RemindOfCases {
    const KIND: &'static str = "remind_of_cases";

    fn key(&self) -> String {
        format!("{}:{}", self.until.micros(), self.overdue)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let told = move |tx: &mut Tx<'_>| {
                // Nobody who has done their work is told to do it.
                if due_before(tx, council, self.until)?.is_none() {
                    return Ok(());
                }
                for account in moderators(tx, council)? {
                    enqueue(tx, council, &RemindOneOfCases { reminder: self.clone(), account })?;
                }
                Ok(())
            };
            Ok(app.db.write(told).await?)
        })
    }
}

impl Job<App> for RemindOneOfCases {
    const KIND: &'static str = "remind_one_of_cases";

    fn key(&self) -> String {
        format!("{}:{}", self.reminder.key(), self.account)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let (key, reminder, account) = (self.key(), self.reminder, self.account);
            let found = app.db.read(move |tx| {
                let waiting = due_before(tx, council, reminder.until)?;
                let to = mail_address(tx, council, account)?;
                Ok(waiting.zip(to).map(|found| (found, tx.now())).zip(Some(council_by_id(tx, council)?)))
            });
            let Some((((waiting, to), now), council)) = found.await? else { return Ok(()) };
            let (count, first) = waiting;
            let context = json!({
                "council": council.name, "count": count, "overdue": first <= now,
                "link": council.site_url.trim_end_matches('/'),
            });
            send(&app, "cases_due", &context, &key, to).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_within_an_hour_ends_with_it() {
        let hour = 3_600_000_000;
        for (due, ends) in [(hour, hour), (hour + 1, 2 * hour), (2 * hour - 1, 2 * hour), (1, hour)] {
            assert_eq!(hour_after(due), ends);
        }
    }
}
