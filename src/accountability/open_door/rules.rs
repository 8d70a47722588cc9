//! When an idea is owed a decision, and how the threshold of that may be changed. Pure.

use super::model::{Backing, ThresholdRow};
use super::views::SetThreshold;
use crate::accountability::filled;
use crate::platform::db::Instant;
use crate::platform::error::{Error, Fault, Result};
use crate::vocabulary::{AnswerKind, SettledAs};

/// Whether so many are enough.
pub fn reaches(threshold: &ThresholdRow, of: &Backing) -> bool {
    let (verified, residents) = of.share;
    let is_share = threshold.verified_percent.is_none_or(|percent| verified >= share(percent, residents));
    of.supports >= threshold.supports && of.verified >= threshold.verified.unwrap_or(0) && is_share
}

/// How many a share of the residents is: never nobody, and a part of a person is one.
pub fn share(percent: i32, residents: i64) -> i64 {
    let hundredths = residents.saturating_mul(i64::from(percent));
    hundredths.saturating_add(99).div_euclid(100).max(1)
}

/// What an answer makes of an idea that is owed a decision; nothing where the council only asks back.
pub fn settled_by(kind: AnswerKind) -> Option<SettledAs> {
    match kind {
        AnswerKind::NeedsInformation => None,
        AnswerKind::Declined => Some(SettledAs::Declined),
        AnswerKind::Accepted | AnswerKind::PartlyAccepted | AnswerKind::OutOfScope | AnswerKind::AlreadyDone => {
            Some(SettledAs::Answered)
        }
    }
}

/// The threshold after the last one. Where it is of an open door that has opened, more needs a reason.
///
/// # Errors
/// 422 with every fault: nothing is changed, or it is harder to reach or slower without a reason.
pub fn next(last: Option<&ThresholdRow>, wish: &SetThreshold, opened: bool, now: Instant) -> Result<ThresholdRow> {
    let mut faults = Vec::new();
    let reason = wish.reason.as_deref().map(|reason| filled("/reason", reason, &mut faults));
    let row = ThresholdRow {
        number: last.map_or(1, |last| last.number.saturating_add(1)),
        supports: wish.supports,
        verified: wish.verified_residents,
        verified_percent: wish.verified_percent,
        within_days: wish.within_days,
        reason,
        changed_at: now,
    };
    if wish.verified_residents.is_some_and(|verified| verified > wish.supports) {
        let detail = "Those who have shown where they live are among those who support it: name no more of them.";
        faults.push(Fault::at("/verified_residents", "too_large", detail));
    }
    if let Some(last) = last {
        let terms = |row: &ThresholdRow| {
            (row.supports, row.verified.unwrap_or(0), row.within_days, row.verified_percent.unwrap_or(0))
        };
        let (is, was) = (terms(&row), terms(last));
        if is == was {
            faults.push(Fault::at("", "not_taken", "Nothing of the threshold would be changed."));
        }
        if opened && row.reason.is_none() && (is.0 > was.0 || is.1 > was.1 || is.2 > was.2 || is.3 > was.3) {
            let detail = "Say why: more is asked of residents than before, and the reason stays public beside it.";
            faults.push(Fault::at("/reason", "required", detail));
        }
    }
    if faults.is_empty() { Ok(row) } else { Err(Error::invalid(faults)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn threshold(supports: i64, verified: Option<i64>) -> ThresholdRow {
        ThresholdRow {
            number: 1,
            supports,
            verified,
            verified_percent: None,
            within_days: 20,
            reason: None,
            changed_at: Instant::from_micros(0),
        }
    }

    #[test]
    fn both_numbers_have_to_be_reached() {
        let by = |supports, verified| Backing { supports, verified, share: (0, 0) };
        assert!(reaches(&threshold(3, None), &by(3, 0)) && !reaches(&threshold(3, None), &by(2, 2)));
        assert!(reaches(&threshold(3, Some(2)), &by(3, 2)) && !reaches(&threshold(3, Some(2)), &by(9, 1)));
    }

    #[test]
    fn a_share_is_of_those_who_have_shown_where_they_live_and_never_of_nobody() {
        let tenth = |verified| ThresholdRow { verified_percent: Some(10), ..threshold(3, verified) };
        let of = |verified, residents| Backing { supports: 9, verified, share: (verified, residents) };
        assert!(reaches(&tenth(None), &of(5, 50)) && !reaches(&tenth(None), &of(5, 51)));
        assert!(!reaches(&tenth(None), &of(0, 0)) && reaches(&tenth(None), &of(1, 0)));
        assert!(!reaches(&tenth(Some(7)), &of(6, 10)) && reaches(&tenth(Some(7)), &of(7, 10)));
        let ran_out = Backing { supports: 9, verified: 9, share: (0, 1) };
        assert!(!reaches(&tenth(None), &ran_out), "who has to show it again is on neither side");
    }

    #[test]
    fn asking_for_more_needs_a_reason_and_asking_for_less_does_not() {
        let wish = |supports, verified_residents, within_days, reason: Option<&str>| SetThreshold {
            supports,
            verified_residents,
            verified_percent: None,
            within_days,
            reason: reason.map(str::to_owned),
        };
        let faults = |last: Option<&ThresholdRow>, wish: SetThreshold, opened| {
            let told = |fault: &Fault| fault.pointer.clone();
            let refused = next(last, &wish, opened, Instant::from_micros(1)).err();
            refused.map(|error| error.problem().faults.iter().map(told).collect::<Vec<_>>()).unwrap_or_default()
        };
        let last = threshold(10, Some(5));
        assert!(faults(None, wish(10, Some(5), 20, None), false).is_empty());
        for more in [wish(11, Some(5), 20, None), wish(10, Some(6), 20, None), wish(10, Some(5), 21, None)] {
            assert!(faults(Some(&last), more.clone(), false).is_empty(), "a draft is only a draft");
            assert_eq!(faults(Some(&last), more.clone(), true), ["/reason"]);
            let why = SetThreshold { reason: Some("Too many came.".into()), ..more };
            assert!(faults(Some(&last), why, true).is_empty());
        }
        assert!(faults(Some(&last), wish(9, None, 10, None), true).is_empty());
        let share = SetThreshold { verified_percent: Some(1), ..wish(10, Some(5), 20, None) };
        assert_eq!(faults(Some(&last), share, true), ["/reason"]);
        assert_eq!(faults(Some(&last), wish(10, Some(5), 20, None), true), [""]);
        assert_eq!(faults(None, wish(3, Some(4), 20, None), true), ["/verified_residents"]);
    }
}
