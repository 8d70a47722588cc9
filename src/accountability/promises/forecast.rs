//! What a promise means for those who have to keep it. Pure.

use serde::Serialize;
use utoipa::ToSchema;

/// Weeks that are looked back on.
pub const WEEKS: i64 = 12;

/// What it takes to keep a promise, for as long as ideas come in at this pace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Forecast {
    /// Ideas that come in each week.
    #[schema(example = 40)]
    pub ideas_per_week: i64,
    /// Whether that was measured, over the council's last twelve weeks, and not given.
    pub measured: bool,
    /// Working days that the promise gives.
    #[schema(example = 15)]
    pub answer_within_days: i32,
    /// Answers on each working day, so that none becomes late; rounded up.
    #[schema(example = 8)]
    pub answers_per_working_day: i64,
    /// Answers each week.
    #[schema(example = 40)]
    pub answers_per_week: i64,
    /// Ideas that wait at one time, at most, where each is answered on its last day.
    #[schema(example = 120)]
    pub waiting_at_most: i64,
    /// The same in a sentence.
    pub summary: String,
}

/// The forecast for so many ideas a week, where the council works on so many days of it.
pub fn forecast(ideas_per_week: i64, measured: bool, answer_within_days: i32, days_a_week: usize) -> Forecast {
    let week = i64::try_from(days_a_week).unwrap_or(7).max(1);
    let up = |ideas: i64| ideas.saturating_add(week - 1) / week;
    let per_day = up(ideas_per_week);
    let waiting = up(ideas_per_week.saturating_mul(answer_within_days.into()));
    let source = if measured { ", as in the last twelve weeks," } else { "" };
    Forecast {
        ideas_per_week,
        measured,
        answer_within_days,
        answers_per_working_day: per_day,
        answers_per_week: ideas_per_week,
        waiting_at_most: waiting,
        summary: format!(
            "At {ideas_per_week} ideas a week{source} and {answer_within_days} working days you need about {per_day} answers \
             on each working day, {ideas_per_week} a week, and have up to {waiting} ideas waiting at one time."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_ideas_a_week_are_eight_answers_a_day_whatever_was_promised() {
        let told = forecast(40, false, 15, 5);
        assert_eq!((told.answers_per_working_day, told.answers_per_week, told.waiting_at_most), (8, 40, 120));
        insta::assert_snapshot!(told.summary, @"At 40 ideas a week and 15 working days you need about 8 answers on each working day, 40 a week, and have up to 120 ideas waiting at one time.");
        // Two days a week, and no idea at all.
        assert_eq!(forecast(5, true, 1, 2).answers_per_working_day, 3);
        assert_eq!(forecast(0, true, 10, 5).waiting_at_most, 0);
    }
}
