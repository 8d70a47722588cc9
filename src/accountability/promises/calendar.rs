//! Working days: Monday to Friday, where the council is. Pure.

use anyhow::Context as _;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;

use crate::platform::db::Instant;

/// When an answer is due: the last of `working_days` after the local day of submission ends at local midnight,
/// which is the start of the day after.
///
/// # Errors
/// Where the zone is unknown (never UTC instead) or the day lies beyond all calendars.
pub fn due(submitted: Instant, working_days: u32, zone: &str) -> anyhow::Result<Instant> {
    let zone = zone_of(zone)?;
    let mut day = submitted.timestamp().to_zoned(zone.clone()).date();
    let mut left = working_days;
    while left > 0 {
        day = day.tomorrow().context("the day an answer is due is too far away")?;
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    // Where the clocks go forward at midnight, a day begins later than at 00:00.
    let next = day.tomorrow().context("the day an answer is due is too far away")?.to_zoned(zone)?;
    Ok(Instant::new(next.timestamp()))
}

/// The local day of an instant.
///
/// # Errors
/// Where the zone is unknown.
pub fn day_of(at: Instant, zone: &str) -> anyhow::Result<Date> {
    Ok(at.timestamp().to_zoned(zone_of(zone)?).date())
}

/// The last day that ends at `due`, in words.
///
/// # Errors
/// Where the zone is unknown.
pub fn last_day(due: Instant, zone: &str) -> anyhow::Result<String> {
    let day = day_of(due.minus(std::time::Duration::from_micros(1)), zone)?;
    Ok(day.strftime("%-d %B %Y").to_string())
}

fn zone_of(name: &str) -> anyhow::Result<TimeZone> {
    TimeZone::get(name).with_context(|| format!("the time zone {name} is not known"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due_at(submitted: &str, days: u32, zone: &str) -> String {
        due(submitted.parse().unwrap(), days, zone).unwrap().to_string()
    }

    #[test]
    fn saturdays_and_sundays_do_not_count() {
        // Saturday 14 November 2026: the first working day is Monday, which ends as Tuesday begins.
        assert_eq!(due_at("2026-11-14T10:00:00Z", 1, "Europe/London"), "2026-11-17T00:00:00Z");
        // Monday: five working days later is the next Monday.
        assert_eq!(due_at("2026-11-16T10:00:00Z", 5, "Europe/London"), "2026-11-24T00:00:00Z");
        assert_eq!(due_at("2026-11-16T10:00:00Z", 20, "Europe/London"), "2026-12-15T00:00:00Z");
    }

    #[test]
    fn one_day_from_a_friday_is_monday_even_when_the_clocks_change_in_between() {
        assert_eq!(due_at("2026-03-27T12:00:00Z", 1, "Europe/London"), "2026-03-30T23:00:00Z");
        assert_eq!(due_at("2026-10-23T12:00:00Z", 1, "Europe/London"), "2026-10-27T00:00:00Z");
    }

    #[test]
    fn the_day_of_submission_is_the_local_one() {
        // Thursday 23:30 UTC is Friday in Berlin and still Thursday in New York.
        assert_eq!(due_at("2026-11-12T23:30:00Z", 1, "Europe/Berlin"), "2026-11-16T23:00:00Z");
        assert_eq!(due_at("2026-11-12T23:30:00Z", 1, "America/New_York"), "2026-11-14T05:00:00Z");
    }

    #[test]
    fn a_day_that_begins_at_one_o_clock_begins_there() {
        // Friday 26 April 2024 had no midnight in Cairo: the clocks went from 00:00 to 01:00.
        assert_eq!(due_at("2024-04-24T10:00:00Z", 1, "Africa/Cairo"), "2024-04-25T22:00:00Z");
        let begins: Instant = "2024-04-25T22:00:00Z".parse().unwrap();
        assert_eq!(day_of(begins, "Africa/Cairo").unwrap().to_string(), "2024-04-26");
        assert_eq!(last_day(begins, "Africa/Cairo").unwrap(), "25 April 2024");
    }

    #[test]
    fn an_unknown_zone_and_an_endless_promise_are_errors() {
        let at: Instant = "2026-11-16T10:00:00Z".parse().unwrap();
        assert!(due(at, 1, "Europe/Atlantis").is_err());
        assert!(due(at, u32::MAX, "Europe/London").is_err());
    }
}
