//! Reminders of cases: one before the promised hour, and one when it has passed; none where nothing waits.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::{appeals_due, cases_due, due_before};
use crate::accountability::send;
use crate::app::App;
use crate::people::accounts::queries::{mail_address, moderators};
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue, enqueue_at};
use crate::process::sanctions::queries as sanctions;

/// What is due within one hour of the clock makes one mail.
const HOUR: u64 = 3_600;

/// What is counted in a mail at most.
const COUNTED: i64 = 1_000;

/// Reminds the moderators of what is due up to an instant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RemindOfCases {
    /// The end of the hour in which they are due.
    pub until: Instant,
    /// The end of the hour in which it is said: what is due in one hour and is short of time in another is a mail of its own.
    pub said: Instant,
    /// Whether their time has passed.
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
    let hour = |at: Instant| Instant::from_micros(hour_after(at.micros()));
    let (until, before) = (hour(due), due.minus(due.since(opened) / 4));
    for (overdue, at) in [(false, before), (true, until)] {
        enqueue_at(tx, council, &RemindOfCases { until, said: hour(at), overdue }, at)?;
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
        format!("{}:{}:{}", self.until.micros(), self.said.micros(), self.overdue)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let told = move |tx: &mut Tx<'_>| {
                // Nobody who has done their work is told to do it.
                let waits =
                    due_before(tx, council, self.until)?.is_some() || sanctions::appeals_wait(tx, council, self.until)?;
                if !waits {
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
                // What somebody else has in hand, or has to decide, is not for this reader to do.
                let mut waiting = cases_due(tx, council, account, COUNTED)?;
                waiting.extend(appeals_due(tx, council, account, COUNTED)?);
                waiting.extend(sanctions::appeals_due(tx, council, account, COUNTED)?);
                let now = tx.now();
                let late = waiting.iter().filter(|at| **at <= now).count();
                let soon = waiting.iter().filter(|at| **at > now && **at <= reminder.until).count();
                let speaks = if reminder.overdue { late > 0 } else { soon > 0 };
                let to = mail_address(tx, council, account)?.filter(|_| speaks);
                Ok(to.zip(Some((late, soon, council_by_id(tx, council)?))))
            });
            let Some((to, (late, soon, council))) = found.await? else { return Ok(()) };
            let context = json!({
                "council": council.name, "late": late, "soon": soon, "overdue": reminder.overdue,
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
