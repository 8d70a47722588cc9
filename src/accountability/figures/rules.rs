//! How figures are counted, and from how many on they say anything. Pure.

use std::collections::BTreeMap;

use super::model::{FiguresRow, Owed};
use crate::accountability::promises::clock::Due;
use crate::accountability::promises::rules::Kept;
use crate::accountability::replies::model::Counts;
use crate::platform::db::Instant;
use crate::vocabulary::CommitmentStatus;

/// From how many on a share, a median or a percentile is told.
pub const MINIMUM: i64 = 10;
/// Days of a period.
pub const DAYS: i32 = 365;

/// The whole days that are counted.
#[derive(Clone, Debug)]
pub struct Period {
    /// The first day.
    pub from_day: String,
    /// The first day after it.
    pub until_day: String,
    /// When it begins.
    pub from: Instant,
    /// When it is over.
    pub until: Instant,
    /// Days of it on which the council was quiet.
    pub quiet_days: i64,
}

impl Period {
    fn holds(&self, at: Instant) -> bool {
        self.from <= at && at < self.until
    }

    fn settles(&self, owed: &Owed, came: Option<Instant>) -> bool {
        self.holds(came.map_or(owed.due_at, |at| at.min(owed.due_at)))
    }
}

/// How the time of answers was kept.
#[derive(Clone, Copy, Debug, Default)]
struct Times {
    on_time: i64,
    in_added_time: i64,
    late: i64,
    unanswered_late: i64,
}

impl Times {
    fn count(&mut self, due: Due, came: Option<Instant>) {
        match came.map(|at| Kept::of(due, at)) {
            Some(Kept::OnTime) => self.on_time += 1,
            Some(Kept::InAddedTime) => self.in_added_time += 1,
            Some(Kept::Late) => self.late += 1,
            None => self.unanswered_late += 1,
        }
    }
}

/// What is counted of one office.
#[derive(Clone, Debug, Default)]
struct Tally {
    first: Times,
    asked_back: Times,
    unanswered: i64,
    overdue_now: i64,
    commitments_on_time: i64,
    commitments_late: i64,
    commitments_owed: i64,
    commitments_dropped: i64,
    lasted: Vec<i64>,
    replies: Option<Counts>,
}

/// The figures of a council while they are counted: whatever is counted of an office is counted of the whole as well.
#[derive(Clone, Debug)]
pub struct Count {
    period: Period,
    whole: Tally,
    offices: BTreeMap<String, Tally>,
}

impl Count {
    /// Nothing yet.
    pub fn new(period: Period) -> Self {
        Self { period, whole: Tally::default(), offices: BTreeMap::new() }
    }

    fn each(&mut self, office: &str, count: impl Fn(&mut Tally)) {
        count(&mut self.whole);
        count(self.offices.entry(office.to_owned()).or_default());
    }

    /// A first answer that was owed. It belongs to the period in which it came or was due, whichever was first; what happened
    /// after the period is not known to it.
    pub fn answer(&mut self, owed: &Owed) {
        let period = self.period.clone();
        let came = owed.answered_at.filter(|at| *at < period.until);
        if let Some(at) = came.filter(|at| period.holds(*at)) {
            let lasted = at.micros().saturating_sub(owed.clock_from.micros());
            self.each(&owed.office, |tally| tally.lasted.push(lasted));
        }
        if period.settles(owed, came) {
            self.each(&owed.office, |tally| tally.first.count(owed.due(), came));
        }
    }

    /// An answer that was owed to what was asked back; it belongs to a period in the same way.
    pub fn asked_back(&mut self, owed: &Owed) {
        let came = owed.answered_at.filter(|at| *at < self.period.until);
        if self.period.settles(owed, came) {
            self.each(&owed.office, |tally| tally.asked_back.count(owed.due(), came));
        }
    }

    /// So many ideas wait for an answer of an office, and that of so many is late.
    pub fn waiting(&mut self, office: &str, unanswered: i64, overdue: i64) {
        self.each(office, |tally| {
            tally.unanswered += unanswered;
            tally.overdue_now += overdue;
        });
    }

    /// A commitment whose last day lies in the period, with the local day on which it was delivered.
    pub fn commitment(&mut self, office: &str, due_on: &str, status: CommitmentStatus, delivered_on: Option<&str>) {
        let until = self.period.until_day.clone();
        let delivered_on = delivered_on.filter(|day| *day < until.as_str());
        self.each(office, |tally| match delivered_on {
            Some(day) if day <= due_on => tally.commitments_on_time += 1,
            Some(_) => tally.commitments_late += 1,
            None if status == CommitmentStatus::Dropped => tally.commitments_dropped += 1,
            None => tally.commitments_owed += 1,
        });
    }

    /// What was said of the answers of an office, where enough have said anything.
    pub fn replies(&mut self, office: &str, counts: Counts) {
        self.each(office, |tally| tally.replies = Some(tally.replies.unwrap_or_default().and(counts)));
    }

    /// The rows: the whole council's first.
    pub fn rows(self, counted_at: Instant) -> Vec<FiguresRow> {
        let Self { period, whole, offices } = self;
        let all = std::iter::once((String::new(), whole)).chain(offices);
        all.map(|(office, tally)| tally.row(office, &period, counted_at)).collect()
    }
}

impl Tally {
    fn row(mut self, office: String, period: &Period, counted_at: Instant) -> FiguresRow {
        self.lasted.sort_unstable();
        FiguresRow {
            office,
            from_day: period.from_day.clone(),
            until_day: period.until_day.clone(),
            quiet_days: period.quiet_days,
            on_time: self.first.on_time,
            in_added_time: self.first.in_added_time,
            late: self.first.late,
            unanswered_late: self.first.unanswered_late,
            asked_back_on_time: self.asked_back.on_time,
            asked_back_in_added_time: self.asked_back.in_added_time,
            asked_back_late: self.asked_back.late,
            asked_back_unanswered_late: self.asked_back.unanswered_late,
            answered: i64::try_from(self.lasted.len()).unwrap_or(i64::MAX),
            median_tenths: within(&self.lasted, 50, TENTH_OF_A_DAY),
            ninetieth_tenths: within(&self.lasted, 90, TENTH_OF_A_DAY),
            unanswered: self.unanswered,
            overdue_now: self.overdue_now,
            commitments_on_time: self.commitments_on_time,
            commitments_late: self.commitments_late,
            commitments_owed: self.commitments_owed,
            commitments_dropped: self.commitments_dropped,
            asked: self.replies.map(|counts| counts.asked),
            yes: self.replies.map(|counts| counts.yes),
            partly: self.replies.map(|counts| counts.partly),
            no: self.replies.map(|counts| counts.no),
            counted_at,
        }
    }
}

/// In microseconds.
const TENTH_OF_A_DAY: i64 = 8_640_000_000;

/// Within how many units so many in a hundred came, by the nearest rank; nothing, where there are few.
pub fn within(sorted: &[i64], percent: usize, unit: i64) -> Option<i64> {
    if i64::try_from(sorted.len()).is_ok_and(|count| count < MINIMUM) {
        return None;
    }
    let rank = sorted.len().saturating_mul(percent).div_ceil(100).max(1);
    sorted.get(rank - 1).map(|lasted| lasted.saturating_add(unit / 2).div_euclid(unit))
}

/// A part of a whole in thousandths, rounded; nothing, where the whole is small.
pub fn share(part: i64, whole: i64) -> Option<f64> {
    let thousandths = part.saturating_mul(1_000).saturating_add(whole / 2).checked_div(whole)?;
    let thousandths = i32::try_from(thousandths).ok().filter(|_| whole >= MINIMUM)?;
    Some(f64::from(thousandths) / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    fn at(tenths: i64) -> Instant {
        Instant::from_micros(tenths * DAY / 10)
    }

    fn period() -> Period {
        Period {
            from_day: "2027-01-01".into(),
            until_day: "2027-12-31".into(),
            from: at(1_000),
            until: at(2_000),
            quiet_days: 3,
        }
    }

    fn counted(owed: &[(i64, i64, Option<i64>)]) -> (i64, i64, i64, i64, i64) {
        let mut count = Count::new(period());
        for (promised, due, answered) in owed {
            count.answer(&Owed {
                office: "Streets".into(),
                clock_from: at(900),
                promised_by: at(*promised),
                due_at: at(*due),
                answered_at: answered.map(at),
            });
        }
        let rows = count.rows(at(2_005));
        let row = rows.first().unwrap();
        assert!(rows.get(1).is_none_or(|office| office.on_time == row.on_time && office.office == "Streets"));
        (row.on_time, row.in_added_time, row.late, row.unanswered_late, row.answered)
    }

    #[test]
    fn an_answer_counts_once_in_the_period_in_which_it_came_or_was_due() {
        assert_eq!(counted(&[(1_500, 1_500, Some(1_499))]), (1, 0, 0, 0, 1));
        assert_eq!(counted(&[(1_500, 1_500, Some(1_500))]), (0, 0, 1, 0, 1));
        assert_eq!(counted(&[(1_500, 1_600, Some(1_500))]), (0, 1, 0, 0, 1));
        assert_eq!(counted(&[(1_500, 1_600, None)]), (0, 0, 0, 1, 0));
        // What came after the period had not come in it, and what was settled before it is not settled again.
        assert_eq!(counted(&[(1_500, 1_600, Some(2_001))]), (0, 0, 0, 1, 0));
        assert_eq!(counted(&[(950, 950, Some(1_001))]), (0, 0, 0, 0, 1));
        // Not due yet.
        assert_eq!(counted(&[(2_000, 2_000, None)]), (0, 0, 0, 0, 0));
    }

    #[test]
    fn what_was_asked_back_is_counted_by_itself() {
        let mut count = Count::new(period());
        for answered in [Some(1_499), Some(1_500), Some(1_600), None] {
            count.asked_back(&Owed {
                office: "Streets".into(),
                clock_from: at(1_400),
                promised_by: at(1_500),
                due_at: at(1_600),
                answered_at: answered.map(at),
            });
        }
        let rows = count.rows(at(2_005));
        let row = rows.last().unwrap();
        let told = (row.asked_back_on_time, row.asked_back_in_added_time, row.asked_back_late);
        assert_eq!((told, row.asked_back_unanswered_late), ((1, 1, 1), 1));
        assert_eq!((row.on_time, row.late, row.answered), (0, 0, 0));
    }

    #[test]
    fn few_have_no_median_and_many_have_the_nearest_rank() {
        let lasted: Vec<i64> = (1..=10).map(|days| days * DAY).collect();
        let within = |lasted: &[i64], percent| within(lasted, percent, TENTH_OF_A_DAY);
        assert_eq!(within(&lasted[..9], 50), None);
        assert_eq!((within(&lasted, 50), within(&lasted, 90)), (Some(50), Some(90)));
        assert_eq!((share(2, 9), share(2, 12), share(0, 0)), (None, Some(0.167), None));
    }

    #[test]
    fn a_commitment_is_kept_by_its_last_day() {
        let mut count = Count::new(period());
        for (status, delivered) in [
            (CommitmentStatus::Delivered, Some("2027-03-01")),
            (CommitmentStatus::Delivered, Some("2027-03-02")),
            (CommitmentStatus::Dropped, None),
            (CommitmentStatus::InProgress, None),
        ] {
            count.commitment("Streets", "2027-03-01", status, delivered);
        }
        let rows = count.rows(at(2_005));
        let row = rows.last().unwrap();
        let told = (row.commitments_on_time, row.commitments_late, row.commitments_dropped, row.commitments_owed);
        assert_eq!(told, (1, 1, 1, 1));
    }
}
