//! All the SQL of quiet periods.

use anyhow::Context as _;
use diesel::prelude::*;
use jiff::civil::Date;

use super::model::QuietRow;
use super::rules::QuietDraft;
use crate::accountability::promises::calendar::{Stop, day_of};
use crate::people::councils::queries::council_by_id;
use crate::platform::db::schema::quiet_periods::{self, table as periods};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{OrNotFound as _, Result};

/// Writes a quiet period.
///
/// # Errors
/// What the database answers.
pub fn insert_quiet_period(tx: &mut Tx<'_>, council: Id, draft: &QuietDraft) -> Result<QuietRow> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    diesel::insert_into(periods)
        .values((
            quiet_periods::council_id.eq(council),
            quiet_periods::id.eq(id),
            quiet_periods::from_day.eq(draft.from.to_string()),
            quiet_periods::until_day.eq(draft.until.to_string()),
            quiet_periods::area.eq(&draft.area),
            quiet_periods::ground.eq(&draft.ground),
            quiet_periods::declared_at.eq(now),
        ))
        .execute(&mut **tx)?;
    find_quiet_period(tx, council, id)
}

/// A quiet period.
///
/// # Errors
/// 404 where there is none.
pub fn find_quiet_period(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<QuietRow> {
    periods.find((council, id)).select(QuietRow::as_select()).first(&mut **tx).or_not_found("quiet period")
}

/// Ends a quiet period with the beginning of a day.
///
/// # Errors
/// What the database answers.
pub fn end_quiet_period(tx: &mut Tx<'_>, council: Id, id: Id, until: &str) -> Result<()> {
    let now = tx.now();
    diesel::update(periods.find((council, id)))
        .set((quiet_periods::until_day.eq(until), quiet_periods::ended_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(())
}

/// The quiet periods before a key, the last declared first.
///
/// # Errors
/// What the database answers.
pub fn list_quiet_periods(tx: &mut Tx<'_>, council: Id, before: Option<Id>, limit: i64) -> Result<Vec<QuietRow>> {
    let mut query = periods.filter(quiet_periods::council_id.eq(council)).into_boxed();
    if let Some(before) = before {
        query = query.filter(quiet_periods::id.lt(before));
    }
    Ok(query.order(quiet_periods::id.desc()).limit(limit).select(QuietRow::as_select()).load(&mut **tx)?)
}

/// All of them as what stops clocks.
///
/// # Errors
/// What the database answers.
pub fn stops(tx: &mut Tx<'_>, council: Id) -> Result<Vec<Stop>> {
    let days: Vec<(String, String, Instant)> = periods
        .filter(quiet_periods::council_id.eq(council))
        .select((quiet_periods::from_day, quiet_periods::until_day, quiet_periods::declared_at))
        .load(&mut **tx)?;
    days.iter().map(|(from, until, laid_at)| stop(from, until, *laid_at)).collect()
}

/// The stop between two days as they are kept.
///
/// # Errors
/// Where they are no days, which is a fault of ours.
pub fn stop(from: &str, until: &str, laid_at: Instant) -> Result<Stop> {
    let day = |text: &str| text.parse::<Date>().context("a stop between what are no days");
    Ok(Stop { from: day(from)?, until: day(until)?, laid_at })
}

/// The quiet period that a council has on any of these days, the last one included; the first of them.
///
/// # Errors
/// What the database answers.
pub fn quiet_between(tx: &mut Tx<'_>, council: Id, first: Date, last: Date) -> Result<Option<QuietRow>> {
    Ok(periods
        .filter(quiet_periods::council_id.eq(council))
        .filter(quiet_periods::until_day.gt(first.to_string()))
        .filter(quiet_periods::from_day.le(last.to_string()))
        .filter(quiet_periods::from_day.lt(quiet_periods::until_day))
        .order((quiet_periods::from_day, quiet_periods::id))
        .select(QuietRow::as_select())
        .first(&mut **tx)
        .optional()?)
}

/// The quiet period that a council has today.
///
/// # Errors
/// What the database answers.
pub fn quiet_now(tx: &mut Tx<'_>, council: Id) -> Result<Option<QuietRow>> {
    let zone = council_by_id(tx, council)?.time_zone;
    let today = day_of(tx.now(), &zone)?;
    quiet_between(tx, council, today, today)
}
