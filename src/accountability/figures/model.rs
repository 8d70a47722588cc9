//! Rows of figures, and what they are counted from.

use diesel::prelude::*;

use crate::accountability::promises::clock::Due;
use crate::accountability::replies::model::Counts;
use crate::platform::db::Instant;
use crate::vocabulary::CommitmentStatus;

/// What was counted of one office, or of the whole council.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = crate::platform::db::schema::accountability_figures)]
pub struct FiguresRow {
    /// Its name; none is the whole council's.
    pub office: String,
    /// The first day of the period.
    pub from_day: String,
    /// The first day after it.
    pub until_day: String,
    /// Days of the period on which the council was quiet.
    pub quiet_days: i64,
    /// Answers that came before they were promised.
    pub on_time: i64,
    /// Answers that came before they were due, but only because time was added.
    pub in_added_time: i64,
    /// Answers that came after they were due.
    pub late: i64,
    /// Answers that were due and had not come when the period ended.
    pub unanswered_late: i64,
    /// Answers to what was asked back that came before they would have been due.
    pub asked_back_on_time: i64,
    /// Those that came before they were due, but only because time was added.
    pub asked_back_in_added_time: i64,
    /// Those that came after they were due.
    pub asked_back_late: i64,
    /// Those that were due and had not come when the period ended.
    pub asked_back_unanswered_late: i64,
    /// First answers of the period.
    pub answered: i64,
    /// Half of these came within so many tenths of a day.
    pub median_tenths: Option<i64>,
    /// Nine tenths of these came within so many tenths of a day.
    pub ninetieth_tenths: Option<i64>,
    /// Ideas that wait for an answer now.
    pub unanswered: i64,
    /// Those of them whose answer is late.
    pub overdue_now: i64,
    /// Commitments of the period that were delivered by their day.
    pub commitments_on_time: i64,
    /// Those that were delivered after it.
    pub commitments_late: i64,
    /// Those that were not.
    pub commitments_owed: i64,
    /// Those that were dropped.
    pub commitments_dropped: i64,
    /// Who were asked whether an answer was one; none where few have said anything.
    pub asked: Option<i64>,
    /// Said yes.
    pub yes: Option<i64>,
    /// Said partly.
    pub partly: Option<i64>,
    /// Said no.
    pub no: Option<i64>,
    /// When this was counted.
    pub counted_at: Instant,
}

impl FiguresRow {
    /// What was said of the answers, where enough have said anything.
    pub fn said(&self) -> Option<Counts> {
        let said = self.asked.zip(self.yes).zip(self.partly.zip(self.no));
        said.map(|((asked, yes), (partly, no))| Counts { asked, yes, partly, no })
    }
}

/// An answer that was owed.
#[derive(Clone, Debug, Queryable)]
pub struct Owed {
    /// By which office.
    pub office: String,
    /// When the clock began.
    pub clock_from: Instant,
    /// When it would have been due, had nothing moved it.
    pub promised_by: Instant,
    /// When it was due.
    pub due_at: Instant,
    /// When it came.
    pub answered_at: Option<Instant>,
}

impl Owed {
    /// When it was due, and would have been.
    pub fn due(&self) -> Due {
        Due { at: self.due_at, promised_by: self.promised_by }
    }
}

/// A commitment that was owed.
#[derive(Clone, Debug, Queryable)]
pub struct Undertaken {
    /// By which office.
    pub office: String,
    /// Its last day.
    pub due_on: String,
    /// How it stands.
    pub status: CommitmentStatus,
    /// When it was delivered.
    pub delivered_at: Option<Instant>,
}
