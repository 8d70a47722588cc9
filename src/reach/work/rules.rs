//! How instants at which something is due become counts and a line of words. Pure.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::views::{Pile, WorkView};
use crate::platform::db::Instant;

/// What is counted of one kind at most; from there on it is "1000 or more".
pub const COUNTED: i64 = 1_000;

/// Counts what is due, from the instants at which it is, the first first.
pub fn pile(due: &[Instant], now: Instant, zone: &TimeZone) -> Pile {
    let count = |of: &dyn Fn(&&Instant) -> bool| due.iter().filter(of).count();
    let today = day_of(now, zone);
    Pile {
        waiting: due.len(),
        overdue: count(&|at| **at <= now),
        due_today: count(&|at| **at > now && last_day(**at, zone) == today),
        next_due_at: due.iter().find(|at| **at > now).copied(),
    }
}

fn day_of(at: Instant, zone: &TimeZone) -> Date {
    at.timestamp().to_zoned(zone.clone()).date()
}

/// The day on which something is due: what is due as a day begins is due on the day before.
fn last_day(due: Instant, zone: &TimeZone) -> Date {
    day_of(due.minus(std::time::Duration::from_micros(1)), zone)
}

/// "1 overdue, 3 due today, 1 appeal, next due 14:00".
pub fn line(view: &WorkView, now: Instant, zone: &TimeZone) -> String {
    let piles = || [&view.cases, &view.appeals, &view.answers].into_iter().flatten();
    let sum = |of: fn(&Pile) -> usize| piles().map(of).sum::<usize>();
    let mut parts = Vec::new();
    for (count, words) in [(sum(|pile| pile.overdue), "overdue"), (sum(|pile| pile.due_today), "due today")] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    match view.appeals.as_ref().map_or(0, |pile| pile.waiting) {
        0 => {}
        1 => parts.push("1 appeal".into()),
        many => parts.push(format!("{many} appeals")),
    }
    if let Some(held) = view.held.as_ref().filter(|held| held.waiting > 0) {
        let until = held.until.as_deref().and_then(|day| day.parse::<Date>().ok());
        let until = until.map_or(String::new(), |day| format!(" until {}", day.strftime("%-d %B")));
        parts.push(format!("{} held{until}", held.waiting));
    }
    if let Some(next) = piles().filter_map(|pile| pile.next_due_at).min() {
        let at = next.timestamp().to_zoned(zone.clone());
        let day = last_day(next, zone);
        parts.push(match (day == day_of(now, zone), at.date() == day) {
            (true, true) => format!("next due {}", at.strftime("%H:%M")),
            (true, false) => "next due by midnight".into(),
            (false, _) => format!("next due {}", day.strftime("%-d %B")),
        });
    }
    if parts.is_empty() { "Nothing waits for you.".into() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    fn view(cases: &[&str], appeals: &[&str], now: Instant) -> String {
        let zone = TimeZone::get("Europe/London").unwrap();
        let read = |texts: &[&str]| texts.iter().map(|text| at(text)).collect::<Vec<_>>();
        let (cases, appeals) = (pile(&read(cases), now, &zone), pile(&read(appeals), now, &zone));
        let view = WorkView {
            line: String::new(),
            now,
            cases: Some(cases),
            appeals: Some(appeals),
            answers: None,
            held: None,
            claimed: 0,
        };
        line(&view, now, &zone)
    }

    #[test]
    fn a_line_says_what_is_late_what_is_due_and_when_the_next_is() {
        let now = at("2027-06-01T08:00:00Z");
        assert_eq!(view(&[], &[], now), "Nothing waits for you.");
        // British Summer Time: an hour later on the wall.
        assert_eq!(
            view(
                &["2027-06-01T07:00:00Z", "2027-06-01T13:00:00Z", "2027-06-01T15:00:00Z"],
                &["2027-06-01T14:00:00Z"],
                now
            ),
            "1 overdue, 3 due today, 1 appeal, next due 14:00"
        );
        // As the second of June begins is the end of the first.
        assert_eq!(view(&["2027-06-01T23:00:00Z"], &[], now), "1 due today, next due by midnight");
        assert_eq!(view(&["2027-06-02T23:00:00Z"], &[], now), "next due 2 June");
    }
}
