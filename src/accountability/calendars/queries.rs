//! All the SQL of calendars.

use anyhow::Context as _;
use diesel::prelude::*;

use super::model::WorkingDays;
use super::rules::{self, MONDAY_TO_FRIDAY};
use crate::accountability::promises::calendar::Calendar;
use crate::people::councils::model::Council;
use crate::platform::db::schema::{calendars, holidays};
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;

/// The working days and holidays of a council: Monday to Friday, where it has written nothing.
///
/// # Errors
/// What the database answers.
pub fn find_working_days(tx: &mut Tx<'_>, council: Id) -> Result<WorkingDays> {
    let written: Option<(i32, i64)> = calendars::table
        .find(council)
        .select((calendars::working_days, calendars::version))
        .first(&mut **tx)
        .optional()?;
    let Some((bits, version)) = written else {
        return Ok(WorkingDays { weekdays: MONDAY_TO_FRIDAY.to_vec(), holidays: Default::default(), version: 1 });
    };
    let rows: Vec<(String, String)> = holidays::table
        .filter(holidays::council_id.eq(council))
        .order(holidays::day)
        .select((holidays::day, holidays::name))
        .load(&mut **tx)?;
    let mut kept = std::collections::BTreeMap::new();
    for (day, name) in rows {
        kept.insert(day.parse().context("a holiday that is no day")?, name);
    }
    Ok(WorkingDays { weekdays: rules::weekdays(bits), holidays: kept, version })
}

/// The calendar of a council.
///
/// # Errors
/// What the database answers.
pub fn find_calendar(tx: &mut Tx<'_>, council: &Council) -> Result<Calendar> {
    let days = find_working_days(tx, council.id)?;
    Ok(Calendar::new(&council.time_zone, days.weekdays, days.holidays.into_keys().collect())?)
}

/// Writes working days and holidays in place of those before. The caller holds the council.
///
/// # Errors
/// What the database answers.
pub fn write_working_days(tx: &mut Tx<'_>, council: Id, days: &WorkingDays) -> Result<()> {
    let now = tx.now();
    diesel::delete(calendars::table.find(council)).execute(&mut **tx)?;
    diesel::insert_into(calendars::table)
        .values((
            calendars::council_id.eq(council),
            calendars::working_days.eq(rules::bits(&days.weekdays)),
            calendars::version.eq(days.version),
            calendars::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    diesel::delete(holidays::table.filter(holidays::council_id.eq(council))).execute(&mut **tx)?;
    for (day, name) in &days.holidays {
        diesel::insert_into(holidays::table)
            .values((holidays::council_id.eq(council), holidays::day.eq(day.to_string()), holidays::name.eq(name)))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Gives one council the calendar of another.
///
/// # Errors
/// What the database answers.
pub fn copy_calendar(tx: &mut Tx<'_>, from: Id, to: Id) -> Result<()> {
    let days = find_working_days(tx, from)?;
    write_working_days(tx, to, &days)
}
