//! What a calendar must be, and how its week is kept. Pure.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::views::HolidayView;
use crate::platform::error::Fault;
use crate::platform::html::tidy;
use crate::vocabulary::Weekday;

/// The week of a council that has written nothing else.
pub const MONDAY_TO_FRIDAY: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

/// Days of the week as bits, Monday's the first.
pub fn bits(weekdays: &[Weekday]) -> i32 {
    Weekday::ALL.iter().rev().fold(0, |bits, day| bits << 1 | i32::from(weekdays.contains(day)))
}

/// The days of the week that these bits say.
pub fn weekdays(bits: i32) -> Vec<Weekday> {
    Weekday::ALL.iter().zip(0..).filter(|(_, place)| bits >> place & 1 == 1).map(|(day, _)| *day).collect()
}

/// A day as it is written, from 2000 to 2199.
pub fn day(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|day| day.to_string() == text && (2000..2200).contains(&day.year()))
}

/// Holidays as they are kept: each once, with a name.
pub fn holidays(wish: &[HolidayView], faults: &mut Vec<Fault>) -> BTreeMap<Date, String> {
    let mut kept = BTreeMap::new();
    for (place, holiday) in wish.iter().enumerate() {
        let name = tidy(&holiday.name);
        if name.is_empty() {
            let detail = "At least 1 character that can be seen.";
            faults.push(Fault::at(format!("/holidays/{place}/name"), "too_short", detail));
        }
        match day(&holiday.day) {
            None => {
                let detail = "A day from the year 2000 on, written like 2027-03-31.";
                faults.push(Fault::at(format!("/holidays/{place}/day"), "wrong_format", detail));
            }
            Some(day) if kept.insert(day, name).is_some() => {
                let detail = "This day is there twice.";
                faults.push(Fault::at(format!("/holidays/{place}/day"), "already_exists", detail));
            }
            Some(_) => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_comes_back_as_it_was_kept() {
        assert_eq!((bits(&MONDAY_TO_FRIDAY), bits(Weekday::ALL), bits(&[Weekday::Sunday])), (31, 127, 64));
        for kept in 1..=127 {
            assert_eq!(bits(&weekdays(kept)), kept);
        }
    }

    #[test]
    fn every_fault_of_a_list_of_holidays_is_told() {
        let holiday = |day: &str, name: &str| HolidayView { day: day.into(), name: name.into() };
        let mut faults = Vec::new();
        let list = [holiday("2027-1-1", "New Year"), holiday("2027-12-25", "\n"), holiday("2027-12-25", "Christmas")];
        holidays(&list, &mut faults);
        let told: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(told, ["/holidays/0/day", "/holidays/1/name", "/holidays/2/day"]);
    }
}
