//! Figures are counted once an hour.

use futures_util::future::LocalBoxFuture;
use jiff::ToSpan as _;
use serde::{Deserialize, Serialize};

use super::model::FiguresRow;
use super::moderation::{self, Decided};
use super::queries;
use super::rules::{Count, DAYS, Period};
use crate::accountability::calendars::queries::find_calendar;
use crate::accountability::promises::calendar::Calendar;
use crate::accountability::quiet::queries::stops;
use crate::accountability::replies;
use crate::app::App;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};

/// Counts how a council keeps its promises.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CountFigures {
    /// The hour for which it is counted.
    pub hour: Instant,
}

impl Job<App> for CountFigures {
    const KIND: &'static str = "count_figures";

    fn key(&self) -> String {
        self.hour.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            // It reads much and writes little: nobody waits for it to read.
            let (rows, decided) = app.db.read(move |tx| count(tx, council)).await?;
            let replaced = app.db.write(move |tx| {
                queries::replace_figures(tx, council, &rows)?;
                moderation::replace(tx, council, &decided)
            });
            Ok(replaced.await?)
        })
    }
}

/// Has the figures counted of every council where that was not done since the hour began.
///
/// # Errors
/// What the database answers.
pub fn count_again(tx: &mut Tx<'_>) -> Result<()> {
    const HOUR: i64 = 3_600_000_000;
    let hour = Instant::from_micros(tx.now().micros().div_euclid(HOUR) * HOUR);
    for council in queries::uncounted_since(tx, hour)? {
        enqueue(tx, council, &CountFigures { hour })?;
    }
    Ok(())
}

/// The days before today, of which all is known.
fn period(tx: &mut Tx<'_>, council: Id, calendar: &Calendar) -> Result<Period> {
    let until = calendar.day_of(tx.now());
    let day_before = |day: jiff::civil::Date| day.yesterday().map_err(anyhow::Error::from);
    let from = until.checked_sub(DAYS.days()).map_err(anyhow::Error::from)?;
    let stops = stops(tx, council)?;
    let quiet =
        from.series(1.day()).take_while(|day| *day < until).filter(|day| stops.iter().any(|stop| stop.covers(*day)));
    Ok(Period {
        from: calendar.end_of(day_before(from)?)?,
        until: calendar.end_of(day_before(until)?)?,
        quiet_days: i64::try_from(quiet.count()).unwrap_or(0),
        from_day: from.to_string(),
        until_day: until.to_string(),
    })
}

fn count(tx: &mut Tx<'_>, council: Id) -> Result<(Vec<FiguresRow>, Decided)> {
    let now = tx.now();
    let told = council_by_id(tx, council)?;
    let calendar = find_calendar(tx, &told)?;
    let period = period(tx, council, &calendar)?;
    let mut count = Count::new(period.clone());
    for owed in queries::list_owed(tx, council, &period)? {
        count.answer(&owed);
    }
    for owed in queries::list_asked_back(tx, council, &period)? {
        count.asked_back(&owed);
    }
    for (office, unanswered) in queries::waiting_by_office(tx, council, None)? {
        count.waiting(&office, unanswered, 0);
    }
    for (office, overdue) in queries::waiting_by_office(tx, council, Some(now))? {
        count.waiting(&office, 0, overdue);
    }
    for one in queries::list_undertaken(tx, council, &period)? {
        let delivered_on = one.delivered_at.map(|at| calendar.day_of(at).to_string());
        count.commitment(&one.office, &one.due_on, one.status, delivered_on.as_deref());
    }
    let large = replies::queries::sums_by_office(tx, council, true)?;
    let small = replies::queries::sums_by_office(tx, council, false)?;
    for (office, counts) in replies::rules::by_office(large, small) {
        if let Some(counts) = counts {
            count.replies(&office, counts);
        }
    }
    Ok((count.rows(now), moderation::count(tx, council, &period)?))
}
