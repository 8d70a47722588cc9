//! What figures give.

use serde::Serialize;
use utoipa::ToSchema;

use super::model::FiguresRow;
use super::rules::{MINIMUM, share};
use crate::accountability::calendars::rules::day;
use crate::accountability::replies::views::ReplyFigures;
use crate::platform::db::Instant;

/// How the council keeps its promises. Only ideas that everybody sees are counted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Accountability {
    /// From how many on a share, a median or a percentile is told; below it stands why not.
    #[schema(example = 10)]
    pub minimum_sample: i64,
    /// The days that are counted; null before anything was.
    #[schema(required = true)]
    pub period: Option<CountedPeriod>,
    /// When that was counted, which is done once an hour.
    #[schema(required = true)]
    pub counted_at: Option<Instant>,
    /// The whole council; null before anything was counted.
    #[schema(required = true)]
    pub council: Option<AccountabilityFigures>,
    /// Each office of which anything was counted, by name.
    pub offices: Vec<OfficeAccountability>,
}

/// The days that figures are counted from, all of them over.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CountedPeriod {
    /// The first day.
    #[schema(example = "2026-03-01")]
    pub from: String,
    /// The last day.
    #[schema(example = "2027-02-28")]
    pub to: String,
    /// Days of it on which the council was quiet; they count neither as on time nor as late.
    #[schema(example = 43)]
    pub quiet_days: i64,
}

/// The figures of one office.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OfficeAccountability {
    /// The office that promised, committed itself or answered, by the name under which it did.
    #[schema(example = "Director of Streets")]
    pub office: String,
    /// Its figures.
    pub figures: AccountabilityFigures,
}

/// What was promised, and what was kept.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AccountabilityFigures {
    /// First answers that came or were due in the period.
    pub answers: AnswersKept,
    /// Answers to what was asked back that came or were due in the period.
    pub follow_ups: AnswersKept,
    /// Days from submission to the first answer, of those that came in the period.
    pub days_to_answer: DaysToAnswer,
    /// Ideas without an answer when this was counted.
    #[schema(example = 14)]
    pub unanswered: i64,
    /// Those of them whose answer was late then.
    #[schema(example = 2)]
    pub overdue_now: i64,
    /// Commitments whose last day lies in the period.
    pub commitments: CommitmentsKept,
    /// Whether the answers were any, as those say who had asked: of all answers there are, and not of the period alone.
    pub did_we_answer: AnswersJudged,
}

/// Part of a whole.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Proportion {
    /// The part, from 0 to 1; null where the sample is too small.
    #[schema(required = true, example = 0.917)]
    pub share: Option<f64>,
    /// How many are counted.
    #[schema(example = 120)]
    pub sample: i64,
    /// Why no share is told.
    #[schema(required = true)]
    pub withheld: Option<String>,
}

/// How answers were kept that came or were due in the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnswersKept {
    /// Came as early as was promised at first, or within ten working days where it was asked back.
    #[schema(example = 110)]
    pub on_time: i64,
    /// Came before they were due only because quiet periods, pauses, an extension or a weaker promise had added time; never
    /// counted as on time.
    #[schema(example = 4)]
    pub in_added_time: i64,
    /// Came late.
    #[schema(example = 4)]
    pub late: i64,
    /// Had not come at the end of the period, and were late.
    #[schema(example = 2)]
    pub unanswered_late: i64,
    /// The part that was on time, of all four.
    pub kept: Proportion,
}

/// How long answers took.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DaysToAnswer {
    /// Half of them came within so many days, quiet days included.
    #[schema(required = true, example = 11.5)]
    pub median: Option<f64>,
    /// Nine in ten came within so many days.
    #[schema(required = true, example = 19.0)]
    pub ninetieth_percentile: Option<f64>,
    /// How many are counted.
    #[schema(example = 118)]
    pub sample: i64,
    /// Why no days are told.
    #[schema(required = true)]
    pub withheld: Option<String>,
}

/// How commitments were kept whose last day lies in the period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CommitmentsKept {
    /// Delivered by their last day.
    #[schema(example = 9)]
    pub on_time: i64,
    /// Delivered later.
    #[schema(example = 2)]
    pub late: i64,
    /// Not delivered.
    #[schema(example = 1)]
    pub owed: i64,
    /// Dropped, with a public reason.
    #[schema(example = 1)]
    pub dropped: i64,
    /// The part that was on time, of all four.
    pub kept: Proportion,
}

/// Did we answer what you asked?
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AnswersJudged {
    /// What was said; null where too few have said anything.
    #[schema(required = true)]
    pub figures: Option<ReplyFigures>,
    /// The part that said yes, of those who replied, from 0 to 1.
    #[schema(required = true, example = 0.72)]
    pub yes: Option<f64>,
    /// Why nothing is told.
    #[schema(required = true)]
    pub withheld: Option<String>,
}

/// Why nothing is told of a sample, where it is small.
pub(super) fn withheld(sample: i64) -> Option<String> {
    let counted = match sample {
        0 => "There are none".to_owned(),
        1 => "There is 1".to_owned(),
        more => format!("There are {more}"),
    };
    (sample < MINIMUM).then(|| format!("{counted}, and fewer than {MINIMUM} say nothing of the whole."))
}

impl Proportion {
    /// So many of so many.
    pub(super) fn new(part: i64, sample: i64) -> Self {
        Self { share: share(part, sample), sample, withheld: withheld(sample) }
    }
}

impl AnswersKept {
    fn new(counted: [i64; 4]) -> Self {
        let [on_time, in_added_time, late, unanswered_late] = counted;
        let kept = Proportion::new(on_time, counted.iter().sum());
        Self { on_time, in_added_time, late, unanswered_late, kept }
    }
}

impl From<&FiguresRow> for AccountabilityFigures {
    fn from(row: &FiguresRow) -> Self {
        let days =
            |tenths: Option<i64>| tenths.and_then(|tenths| i32::try_from(tenths).ok()).map(|n| f64::from(n) / 10.0);
        let commitments =
            [row.commitments_on_time, row.commitments_late, row.commitments_owed, row.commitments_dropped].iter().sum();
        let said = row.said();
        Self {
            answers: AnswersKept::new([row.on_time, row.in_added_time, row.late, row.unanswered_late]),
            follow_ups: AnswersKept::new([
                row.asked_back_on_time,
                row.asked_back_in_added_time,
                row.asked_back_late,
                row.asked_back_unanswered_late,
            ]),
            days_to_answer: DaysToAnswer {
                median: days(row.median_tenths),
                ninetieth_percentile: days(row.ninetieth_tenths),
                sample: row.answered,
                withheld: withheld(row.answered),
            },
            unanswered: row.unanswered,
            overdue_now: row.overdue_now,
            commitments: CommitmentsKept {
                on_time: row.commitments_on_time,
                late: row.commitments_late,
                owed: row.commitments_owed,
                dropped: row.commitments_dropped,
                kept: Proportion::new(row.commitments_on_time, commitments),
            },
            did_we_answer: AnswersJudged {
                yes: said.and_then(|counts| share(counts.yes, counts.replies())),
                withheld: said.is_none().then(|| format!("Fewer than {MINIMUM} have replied.")),
                figures: said.map(ReplyFigures::from),
            },
        }
    }
}

impl CountedPeriod {
    /// From a first day to the day before another one.
    pub(super) fn new(from: &str, until: &str, quiet_days: i64) -> Option<Self> {
        let to = day(until)?.yesterday().ok()?.to_string();
        Some(Self { from: from.to_owned(), to, quiet_days })
    }
}

impl Accountability {
    /// The figures as they were counted last, the whole council's row first.
    pub fn new(rows: &[FiguresRow]) -> Self {
        let whole = rows.iter().find(|row| row.office.is_empty());
        Self {
            minimum_sample: MINIMUM,
            period: whole.and_then(|row| CountedPeriod::new(&row.from_day, &row.until_day, row.quiet_days)),
            counted_at: whole.map(|row| row.counted_at),
            council: whole.map(AccountabilityFigures::from),
            offices: rows
                .iter()
                .filter(|row| !row.office.is_empty())
                .map(|row| OfficeAccountability { office: row.office.clone(), figures: row.into() })
                .collect(),
        }
    }
}
