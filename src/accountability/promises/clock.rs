//! When an answer is due, after all that was changed since it was promised. Pure.

use jiff::civil::Date;

use super::calendar::{Calendar, Stop};
use crate::platform::db::Instant;

/// What was laid down at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// Answers come within so many working days.
    Within(u32),
    /// Those that were owed then have so many more.
    Extended(u32),
}

/// The clock of one promise.
#[derive(Clone, Debug)]
pub struct Clock {
    /// When the council works.
    pub calendar: Calendar,
    /// What was promised first: working days.
    pub first: u32,
    /// What was laid down since, in the order of time.
    pub terms: Vec<(Instant, Term)>,
    /// Pauses and quiet periods.
    pub stops: Vec<Stop>,
    /// By when the outcome was promised, and when that was said, in the order of time.
    pub outcomes: Vec<(Instant, Instant)>,
}

/// When an answer is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// Late begins here.
    pub at: Instant,
    /// Where late would begin without pauses, quiet periods, extensions, a promise that was made weaker and days off that were
    /// written later: only what is answered before it is on time.
    pub promised_by: Instant,
}

impl Clock {
    /// When an answer is due to what came in at an instant.
    ///
    /// What is late already stays so, whatever is laid down after; and nobody is made late by a promise that was made
    /// stricter after: a working day is left at least.
    ///
    /// # Errors
    /// Where the day lies beyond all calendars.
    pub fn due(&self, from: Instant) -> anyhow::Result<Due> {
        let (calendar, stops, start) = (&self.calendar, self.stops.as_slice(), self.calendar.day_of(from));
        let (before, after): (Vec<_>, Vec<_>) = self.terms.iter().copied().partition(|(at, _)| *at < from);
        let mut within = before.iter().fold(self.first, |days, (_, term)| match term {
            Term::Within(days) => *days,
            Term::Extended(_) => days,
        });
        let mut last = calendar.last_of(start, within, stops)?;
        let mut promised = calendar.last_of(start, within, &[])?;
        for (at, term) in after {
            let today = calendar.day_of(at);
            match term {
                Term::Within(days) if days < within => {
                    let sooner = |stops: &[Stop]| -> anyhow::Result<Date> {
                        Ok(calendar.last_of(start, days, stops)?.max(calendar.last_of(today, 1, stops)?))
                    };
                    last = last.min(sooner(stops)?);
                    promised = promised.min(sooner(&[])?);
                    within = days;
                }
                Term::Within(days) => {
                    if last >= today {
                        last = last.max(calendar.last_of(start, days, stops)?);
                    }
                    within = days;
                }
                Term::Extended(days) if last >= today => last = calendar.last_of(last, days, stops)?,
                Term::Extended(_) => {}
            }
        }
        Ok(Due { at: calendar.end_of(last)?, promised_by: calendar.end_of(promised)? })
    }

    /// When so many working days after an instant end, whatever the promise says: only what stops its clock is regarded.
    ///
    /// # Errors
    /// Where the day lies beyond all calendars.
    pub fn within(&self, from: Instant, working_days: u32) -> anyhow::Result<Due> {
        let end = |stops: &[Stop]| {
            self.calendar.end_of(self.calendar.last_of(self.calendar.day_of(from), working_days, stops)?)
        };
        Ok(Due { at: end(&self.stops)?, promised_by: end(&[])? })
    }

    /// What becomes of a due instant that was told, where something was `changed` and the clock says `due` since. What was late
    /// then stays late, and what is not late `now` is not made so, for a working day is left at least. What was promised is
    /// never moved to later: a holiday that is written afterwards adds time, and no more.
    ///
    /// # Errors
    /// Where the day lies beyond all calendars.
    pub fn moved(&self, told: Due, due: Due, changed: Instant, now: Instant) -> anyhow::Result<Due> {
        if told.at <= changed {
            return Ok(told);
        }
        let promised_by = told.promised_by.min(due.promised_by);
        if due.at > now || due.at >= told.at {
            return Ok(Due { at: due.at, promised_by });
        }
        let today = self.calendar.day_of(now);
        let least = self.calendar.end_of(self.calendar.last_of(today, 1, &self.stops)?)?;
        Ok(Due { at: told.at.min(least), promised_by })
    }

    /// When the outcome is due, or has been late since; nothing, where it was never promised.
    ///
    /// What was late already is not healed by another date, nor by a stop that was laid down after.
    ///
    /// # Errors
    /// Where the day lies beyond all calendars.
    pub fn outcome_due(&self) -> anyhow::Result<Option<Instant>> {
        let changed = self.outcomes.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]);
        let mut last = None;
        for ((_, by), changed) in self.outcomes.iter().zip(changed) {
            let due = self.after_stops(*by)?;
            last = Some(due);
            if changed.is_some_and(|at| due <= at) {
                break;
            }
        }
        Ok(last)
    }

    /// The instant, or where a stop that was laid down before it covers its last day the end of the first working day after it.
    fn after_stops(&self, due: Instant) -> anyhow::Result<Instant> {
        let day = self.calendar.day_of(due.minus(std::time::Duration::from_micros(1)));
        let known: Vec<Stop> = self.stops.iter().filter(|stop| stop.laid_at < due).copied().collect();
        match known.iter().any(|stop| stop.covers(day)) {
            // The day after it may be one of a stop that was laid down meanwhile.
            true => self.after_stops(self.calendar.end_of(self.calendar.last_of(day, 1, &known)?)?),
            false => Ok(due),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::accountability::calendars::rules::MONDAY_TO_FRIDAY;

    /// Noon on a day of March 2027, which begins with a Monday; the clocks go forward on the 28th.
    fn noon(day: i64) -> Instant {
        let first: Instant = "2027-03-01T12:00:00Z".parse().unwrap();
        Instant::from_micros(first.micros() + (day - 1) * 86_400_000_000)
    }

    fn march(day: i8) -> Date {
        jiff::civil::date(2027, 3, day)
    }

    fn clock(terms: &[(i64, Term)], stops: &[(i8, i8)]) -> Clock {
        Clock {
            calendar: Calendar::new("Europe/London", MONDAY_TO_FRIDAY.to_vec(), BTreeSet::new()).unwrap(),
            first: 10,
            terms: terms.iter().map(|(day, term)| (noon(*day), *term)).collect(),
            stops: stops
                .iter()
                .map(|(from, until)| Stop { from: march(*from), until: march(*until), laid_at: noon(1) })
                .collect(),
            outcomes: Vec::new(),
        }
    }

    /// The last day, and the last as it was promised first, of what came in on a day of March.
    fn days(clock: &Clock, submitted: i64) -> (i8, i8) {
        let due = clock.due(noon(submitted)).unwrap();
        let day = |at: Instant| clock.calendar.day_of(at.minus(std::time::Duration::from_micros(1))).day();
        (day(due.at), day(due.promised_by))
    }

    #[test]
    fn a_stop_moves_what_is_due_and_not_what_was_promised() {
        assert_eq!(days(&clock(&[], &[]), 1), (15, 15));
        assert_eq!(days(&clock(&[], &[(8, 10)]), 1), (17, 15));
        // Two stops that overlap stop no day twice, and what was due before them does not move.
        assert_eq!(days(&clock(&[], &[(8, 10), (9, 11)]), 1), (18, 15));
        assert_eq!(days(&clock(&[], &[(16, 30)]), 1), (15, 15));
        // The last day is stopped on that very day.
        assert_eq!(days(&clock(&[], &[(15, 16)]), 1), (16, 15));
    }

    #[test]
    fn more_time_is_given_to_what_was_owed_then_and_heals_nothing() {
        let extended = clock(&[(3, Term::Extended(5))], &[]);
        assert_eq!((days(&extended, 1), days(&extended, 4)), ((22, 15), (18, 18)));
        assert_eq!(days(&clock(&[(15, Term::Extended(1))], &[]), 1), (16, 15));
        assert_eq!(days(&clock(&[(16, Term::Extended(5))], &[]), 1), (15, 15));
    }

    #[test]
    fn a_stricter_promise_holds_for_what_is_there_and_makes_nobody_late() {
        let stricter = clock(&[(3, Term::Within(5))], &[]);
        assert_eq!((days(&stricter, 1), days(&stricter, 4)), ((8, 8), (11, 11)));
        assert_eq!(days(&clock(&[(11, Term::Within(2))], &[]), 1), (12, 12));
        assert_eq!(days(&clock(&[(12, Term::Within(2))], &[(15, 17)]), 1), (17, 15));
    }

    #[test]
    fn a_weaker_promise_is_no_excuse_for_what_was_promised_before() {
        let weaker = clock(&[(3, Term::Within(12))], &[]);
        assert_eq!((days(&weaker, 1), days(&weaker, 4)), ((17, 15), (22, 22)));
        assert_eq!(days(&clock(&[(16, Term::Within(20))], &[]), 1), (15, 15));
        let back = clock(&[(3, Term::Within(12)), (4, Term::Within(10))], &[]);
        assert_eq!(days(&back, 1), (15, 15));
    }

    #[test]
    fn what_was_late_stays_late_and_what_was_not_is_not_made_late() {
        let clock = clock(&[], &[]);
        let told = Due { at: noon(20), promised_by: noon(20) };
        let due = clock.due(noon(1)).unwrap();
        assert_eq!(clock.moved(told, due, noon(20), noon(20)).unwrap(), told);
        // By the clock it was due on the 15th; somebody has taken holidays away on the 17th.
        let moved = clock.moved(told, due, noon(17), noon(17)).unwrap();
        assert_eq!(moved.at, clock.calendar.end_of(march(18)).unwrap());
        assert_eq!(clock.moved(told, due, noon(2), noon(2)).unwrap(), due);
    }

    #[test]
    fn what_fell_due_before_its_turn_came_is_moved_by_what_was_laid_down_in_time() {
        let clock = clock(&[], &[(15, 20)]);
        let (told, due) = (Due { at: noon(16), promised_by: noon(16) }, clock.due(noon(1)).unwrap());
        assert_eq!(clock.moved(told, due, noon(15), noon(17)).unwrap().at, due.at);
        // Where the clock says sooner, nobody is late before they were told.
        let sooner = Due { at: noon(4), promised_by: noon(4) };
        let moved = clock.moved(told, sooner, noon(3), noon(5)).unwrap();
        assert_eq!(moved, Due { at: clock.calendar.end_of(march(8)).unwrap(), promised_by: noon(4) });
    }

    #[test]
    fn a_calendar_that_is_written_afterwards_adds_time_and_moves_no_promise() {
        let clock = clock(&[], &[]);
        let told = Due { at: noon(10), promised_by: noon(10) };
        let due = clock.due(noon(1)).unwrap();
        assert_eq!(clock.moved(told, due, noon(2), noon(2)).unwrap(), Due { at: due.at, promised_by: noon(10) });
    }

    #[test]
    fn a_date_within_a_stop_is_owed_on_the_first_working_day_after_it() {
        let clock = clock(&[], &[(8, 20)]);
        let end = |day| clock.calendar.end_of(march(day)).unwrap();
        assert_eq!(clock.after_stops(end(7)).unwrap(), end(7));
        assert_eq!(clock.after_stops(end(10)).unwrap(), end(22));
    }

    #[test]
    fn an_outcome_that_is_late_is_healed_by_no_other_date_and_by_no_stop() {
        let mut clock = clock(&[], &[]);
        let due = |clock: &Clock| clock.outcome_due().unwrap().unwrap();
        assert_eq!(clock.outcome_due().unwrap(), None);
        clock.outcomes = vec![(noon(1), noon(10)), (noon(9), noon(20)), (noon(21), noon(30))];
        assert_eq!(due(&clock), noon(20), "it was late on the 20th");
        // One that is laid down on the day itself, but too late, stops nothing; one in time does, and lateness with it.
        let stop = |laid_at| Stop { from: march(20), until: march(24), laid_at };
        clock.stops = vec![stop(noon(20))];
        assert_eq!(due(&clock), noon(20));
        clock.stops = vec![stop(noon(19))];
        assert_eq!(due(&clock), noon(30), "on the 21st it was not late yet");
        // What is laid down while the clock stands still stops it further.
        clock.outcomes.pop();
        clock.stops.push(Stop { from: march(24), until: march(26), laid_at: noon(22) });
        assert_eq!(due(&clock), clock.calendar.end_of(march(26)).unwrap());
    }
}
