//! How an open promise may be changed, and when its clock may be stopped. Pure.

use jiff::civil::Date;

use super::model::{ChangeRow, PauseRow};
use super::views::{ChangePromise, PausePromise};
use crate::accountability::calendars::rules::day;
use crate::accountability::filled;
use crate::platform::db::Instant;
use crate::platform::error::{Error, Fault, Result};
use crate::vocabulary::PromiseChange;

/// Days that a pause lasts at most.
const MOST: i32 = 366;

/// The next change after the last one.
///
/// # Errors
/// 422 with every fault: nothing changes, it is weaker without a reason, or the outcome comes too early.
pub fn next(last: &ChangeRow, wish: &ChangePromise, phases_end: Option<Instant>, now: Instant) -> Result<ChangeRow> {
    let mut faults = Vec::new();
    let reason = wish.reason.as_deref().map(|reason| filled("/reason", reason, &mut faults));
    let row = ChangeRow {
        number: last.number.saturating_add(1),
        kind: PromiseChange::Extension,
        answer_within_days: wish.answer_within_days.unwrap_or(last.answer_within_days),
        moderate_within_hours: wish.moderate_within_hours.unwrap_or(last.moderate_within_hours),
        publish_outcome_by: wish.publish_outcome_by.or(last.publish_outcome_by),
        extension_days: wish.extension_days,
        reason,
        changed_at: now,
    };
    let terms = |row: &ChangeRow| (row.answer_within_days, row.moderate_within_hours, row.publish_outcome_by);
    let (is, was) = (terms(&row), terms(last));
    let kind = match row.extension_days {
        Some(_) => PromiseChange::Extension,
        None if is.0 > was.0 || is.1 > was.1 || is.2 > was.2 => PromiseChange::Weaker,
        None => PromiseChange::Stricter,
    };
    if row.extension_days.is_some() && is != was {
        let detail = "Give more time to what is owed, or change the promise: one after the other.";
        faults.push(Fault::at("/extension_days", "not_taken", detail));
    }
    if row.extension_days.is_none() && is == was {
        faults.push(Fault::at("", "not_taken", "Nothing of the promise would be changed."));
    }
    if kind != PromiseChange::Stricter && row.reason.is_none() {
        let detail = "Say why: less is promised than before, and the reason stays public beside it.";
        faults.push(Fault::at("/reason", "required", detail));
    }
    if was.2.is_none() && is.2.is_some() {
        faults.push(Fault::at("/publish_outcome_by", "not_taken", "An open door has no outcome: leave it out."));
    }
    if is.2 != was.2 && is.2.is_some_and(|by| by <= now || phases_end.is_some_and(|end| by < end)) {
        let detail = "The outcome cannot be promised for before the last phase has ended, or for the past.";
        faults.push(Fault::at("/publish_outcome_by", "too_small", detail));
    }
    if faults.is_empty() { Ok(ChangeRow { kind, ..row }) } else { Err(Error::invalid(faults)) }
}

/// A pause from today on.
///
/// # Errors
/// 422 with every fault.
pub fn pause(wish: &PausePromise, last: i32, today: Date, now: Instant) -> Result<PauseRow> {
    let mut faults = Vec::new();
    let reason = filled("/reason", &wish.reason, &mut faults);
    match day(&wish.until) {
        None => faults.push(Fault::at("/until", "wrong_format", "A day, written like 2027-03-31.")),
        Some(until) if until <= today => {
            faults.push(Fault::at("/until", "too_small", "Tomorrow or later: on that day the clock goes on."));
        }
        Some(until) if until.since(today).map_or(i32::MAX, |span| span.get_days()) > MOST => {
            faults.push(Fault::at("/until", "too_large", "A pause lasts a year at most."));
        }
        Some(_) => {}
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    Ok(PauseRow {
        number: last.saturating_add(1),
        from_day: today.to_string(),
        until_day: wish.until.clone(),
        reason,
        paused_at: now,
        resumed_at: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(micros: i64) -> Instant {
        Instant::from_micros(micros)
    }

    fn original() -> ChangeRow {
        ChangeRow {
            number: 1,
            kind: PromiseChange::Original,
            answer_within_days: 10,
            moderate_within_hours: 48,
            publish_outcome_by: Some(at(1_000)),
            extension_days: None,
            reason: None,
            changed_at: at(0),
        }
    }

    fn told(wish: &ChangePromise) -> Vec<String> {
        match next(&original(), wish, Some(at(500)), at(100)) {
            Ok(row) => vec![row.kind.to_string()],
            Err(error) => error.problem().faults.iter().map(|fault| fault.pointer.clone()).collect(),
        }
    }

    #[test]
    fn more_may_be_promised_at_any_time_and_less_with_a_reason_only() {
        let nothing = ChangePromise::default();
        let days = |days| ChangePromise { answer_within_days: Some(days), ..ChangePromise::default() };
        let because = |wish| ChangePromise { reason: Some("Half of us are ill.".into()), ..wish };
        assert_eq!(told(&nothing), [""]);
        assert_eq!(told(&days(10)), [""]);
        assert_eq!(told(&days(9)), ["stricter"]);
        assert_eq!(told(&days(11)), ["/reason"]);
        assert_eq!(told(&because(days(11))), ["weaker"]);
        // Weaker in one point is weaker.
        assert_eq!(told(&ChangePromise { moderate_within_hours: Some(49), ..days(5) }), ["/reason"]);
        let more = |wish| ChangePromise { extension_days: Some(5), ..wish };
        assert_eq!(told(&because(more(ChangePromise::default()))), ["extension"]);
        assert_eq!(told(&more(days(9))), ["/extension_days", "/reason"]);
        let outcome = |by| ChangePromise { publish_outcome_by: Some(at(by)), ..ChangePromise::default() };
        assert_eq!(told(&outcome(900)), ["stricter"]);
        assert_eq!(told(&outcome(400)), ["/publish_outcome_by"]);
        assert_eq!(told(&outcome(2_000)), ["/reason"]);
    }

    #[test]
    fn a_pause_begins_today_and_says_until_when() {
        let today = jiff::civil::date(2027, 3, 1);
        let wish = |until: &str| PausePromise { until: until.into(), reason: "Flood.".into() };
        let told = |until: &str| pause(&wish(until), 0, today, at(0)).is_ok();
        assert_eq!(
            ["2027-03-01", "2027-03-02", "2028-03-01", "2028-03-03", "soon"].map(told),
            [false, true, true, false, false]
        );
    }
}
