//! What a quiet period must be, and what it keeps from happening. Pure.

use jiff::civil::Date;

use super::model::QuietRow;
use super::views::DeclareQuietPeriod;
use crate::accountability::calendars::rules::day;
use crate::accountability::filled;
use crate::platform::error::{Code, Error, Fault, Problem, Result};

/// Days that one lasts at most.
const MOST: i32 = 366;

/// A quiet period as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietDraft {
    /// The first quiet day.
    pub from: Date,
    /// The first day that is not quiet any more.
    pub until: Date,
    /// What it is about.
    pub area: String,
    /// Why.
    pub ground: String,
}

/// A quiet period that is declared on a day.
///
/// # Errors
/// 422 with every fault: its clock was running on the days before today, and they are not taken back.
pub fn draft(wish: &DeclareQuietPeriod, today: Date) -> Result<QuietDraft> {
    let mut faults = Vec::new();
    let mut read = |pointer: &str, text: &str| {
        let found = day(text);
        if found.is_none() {
            faults.push(Fault::at(pointer, "wrong_format", "A day from the year 2000 on, written like 2027-03-31."));
        }
        found
    };
    let (starts, ends) = (read("/starts_on", &wish.starts_on), read("/ends_on", &wish.ends_on));
    if starts.is_some_and(|starts| starts < today) {
        faults.push(Fault::at("/starts_on", "too_small", "Today or later: days that are over stay as they were."));
    }
    if let Some((starts, ends)) = starts.zip(ends) {
        let days = ends.since(starts).map_or(i32::MAX, |span| span.get_days());
        if days < 0 {
            faults.push(Fault::at("/ends_on", "out_of_order", "It ends on its first day or later."));
        } else if days >= MOST {
            faults.push(Fault::at("/ends_on", "too_large", "It lasts a year at most."));
        }
    }
    let area = filled("/area", &wish.area, &mut faults);
    let ground = filled("/ground", &wish.ground, &mut faults);
    match (starts, ends.and_then(|ends| ends.tomorrow().ok())) {
        (Some(from), Some(until)) if faults.is_empty() => Ok(QuietDraft { from, until, area, ground }),
        _ => Err(Error::invalid(faults)),
    }
}

/// The refusal of a plan that runs into a quiet period: with its ground, its area and the day on which it is over.
pub fn refusal(row: &QuietRow) -> Problem {
    let until = &row.until_day;
    Code::QuietPeriod
        .because(format!("{} The council is quiet until {until}, and the phases run into it. Say why it opens all the same, or move them.", row.ground))
        .with("quiet_period", row.id)
        .with("ground", row.ground.clone())
        .with("area", row.area.clone())
        .with("until", until.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_period_begins_today_at_the_earliest_and_ends_within_a_year() {
        let today = jiff::civil::date(2027, 3, 1);
        let wish = |starts_on: &str, ends_on: &str, ground: &str| DeclareQuietPeriod {
            starts_on: starts_on.into(),
            ends_on: ends_on.into(),
            area: "The whole borough".into(),
            ground: ground.into(),
        };
        let told = |wish: &DeclareQuietPeriod| match draft(wish, today) {
            Ok(draft) => vec![draft.until.to_string()],
            Err(error) => error.problem().faults.iter().map(|fault| fault.pointer.clone()).collect(),
        };
        assert_eq!(told(&wish("2027-03-01", "2027-03-01", "Election")), ["2027-03-02"]);
        assert_eq!(told(&wish("2027-02-28", "2027-03-31", "\n")), ["/starts_on", "/ground"]);
        assert_eq!(told(&wish("2027-03-02", "2027-03-01", "Election")), ["/ends_on"]);
        assert_eq!(told(&wish("2027-03-02", "2028-03-03", "Election")), ["/ends_on"]);
        assert_eq!(told(&wish("March", "2027-03-03", "Election")), ["/starts_on"]);
    }
}
