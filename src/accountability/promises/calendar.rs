//! Which days count: the council's working days, without its holidays, where the council is. Pure.

use std::collections::BTreeSet;

use anyhow::Context as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::platform::db::Instant;
use crate::vocabulary::Weekday;

const TOO_FAR: &str = "the day an answer is due is too far away";

/// Days on which nothing counts: the first of them, and the first after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The first day that does not count.
    pub from: Date,
    /// The first day that counts again.
    pub until: Date,
    /// When it was laid down: what was late by then stays late.
    pub laid_at: Instant,
}

impl Stop {
    /// Whether nothing counts on a day.
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && day < self.until
    }
}

/// When a council works.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
    weekdays: Vec<Weekday>,
    holidays: BTreeSet<Date>,
}

impl Calendar {
    /// Working days and holidays in a zone.
    ///
    /// # Errors
    /// Where the zone is unknown (never UTC instead).
    pub fn new(zone: &str, weekdays: Vec<Weekday>, holidays: BTreeSet<Date>) -> anyhow::Result<Self> {
        Ok(Self { zone: zone_of(zone)?, weekdays, holidays })
    }

    /// Whether the council works on a day.
    pub fn works(&self, day: Date) -> bool {
        self.weekdays.contains(&weekday_of(day)) && !self.holidays.contains(&day)
    }

    /// The local day of an instant.
    pub fn day_of(&self, at: Instant) -> Date {
        at.timestamp().to_zoned(self.zone.clone()).date()
    }

    /// The last of so many working days after a day, of those that no stop covers.
    ///
    /// # Errors
    /// Where it lies beyond all calendars.
    pub fn last_of(&self, after: Date, working_days: u32, stops: &[Stop]) -> anyhow::Result<Date> {
        let (mut day, mut left) = (after, working_days);
        while left > 0 {
            day = day.tomorrow().context(TOO_FAR)?;
            if self.works(day) && !stops.iter().any(|stop| stop.covers(day)) {
                left -= 1;
            }
        }
        Ok(day)
    }

    /// The local midnight that ends a day, which is the start of the day after.
    ///
    /// # Errors
    /// Where there is no day after.
    pub fn end_of(&self, day: Date) -> anyhow::Result<Instant> {
        // Where the clocks go forward at midnight, a day begins later than at 00:00.
        let next = day.tomorrow().context(TOO_FAR)?.to_zoned(self.zone.clone())?;
        Ok(Instant::new(next.timestamp()))
    }
}

fn weekday_of(day: Date) -> Weekday {
    use jiff::civil::Weekday as Day;
    match day.weekday() {
        Day::Monday => Weekday::Monday,
        Day::Tuesday => Weekday::Tuesday,
        Day::Wednesday => Weekday::Wednesday,
        Day::Thursday => Weekday::Thursday,
        Day::Friday => Weekday::Friday,
        Day::Saturday => Weekday::Saturday,
        Day::Sunday => Weekday::Sunday,
    }
}

/// The local day of an instant.
///
/// # Errors
/// Where the zone is unknown.
pub fn day_of(at: Instant, zone: &str) -> anyhow::Result<Date> {
    Ok(at.timestamp().to_zoned(zone_of(zone)?).date())
}

/// The instant at which a day begins.
///
/// # Errors
/// Where the zone is unknown.
pub fn start_of(day: Date, zone: &str) -> anyhow::Result<Instant> {
    Ok(Instant::new(day.to_zoned(zone_of(zone)?)?.timestamp()))
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
    use crate::accountability::calendars::rules::MONDAY_TO_FRIDAY;

    fn calendar(zone: &str) -> Calendar {
        Calendar::new(zone, MONDAY_TO_FRIDAY.to_vec(), BTreeSet::new()).unwrap()
    }

    fn due_at(submitted: &str, days: u32, zone: &str) -> String {
        let calendar = calendar(zone);
        let from = calendar.day_of(submitted.parse().unwrap());
        calendar.end_of(calendar.last_of(from, days, &[]).unwrap()).unwrap().to_string()
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
    fn neither_holidays_nor_stops_count_and_a_council_may_work_on_saturdays() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let holidays = BTreeSet::from([day("2026-12-25"), day("2026-12-28")]);
        let mut weekdays = MONDAY_TO_FRIDAY.to_vec();
        let london = Calendar::new("Europe/London", weekdays.clone(), holidays.clone()).unwrap();
        // From Wednesday: Thursday, and after Christmas and the day instead of Boxing Day, Tuesday.
        assert_eq!(london.last_of(day("2026-12-23"), 2, &[]).unwrap(), day("2026-12-29"));
        let laid_at = Instant::from_micros(0);
        let stop = Stop { from: day("2026-12-24"), until: day("2026-12-30"), laid_at };
        assert_eq!(london.last_of(day("2026-12-23"), 2, &[stop]).unwrap(), day("2026-12-31"));
        weekdays.push(Weekday::Saturday);
        let london = Calendar::new("Europe/London", weekdays, holidays).unwrap();
        assert_eq!(london.last_of(day("2026-12-23"), 2, &[]).unwrap(), day("2026-12-26"));
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
        assert!(Calendar::new("Europe/Atlantis", MONDAY_TO_FRIDAY.to_vec(), BTreeSet::new()).is_err());
        let at = "2026-11-16".parse().unwrap();
        assert!(calendar("Europe/London").last_of(at, u32::MAX, &[]).is_err());
    }
}
