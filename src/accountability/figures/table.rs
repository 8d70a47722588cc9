//! Figures as a table: a line for each. Pure.

use super::views::{Accountability, AccountabilityFigures};
use crate::platform::error::Result;

const COLUMNS: [&str; 7] = ["office", "figure", "value", "sample", "withheld", "from", "to"];

/// The figures as CSV (RFC 4180); the whole council's have no office.
///
/// # Errors
/// What the writer answers.
pub fn csv(view: &Accountability) -> Result<String> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    table.write_record(COLUMNS).map_err(anyhow::Error::from)?;
    let whole = view.council.as_ref().map(|figures| ("", figures));
    let offices = view.offices.iter().map(|one| (one.office.as_str(), &one.figures));
    let (from, to) = view.period.as_ref().map_or(("", ""), |period| (period.from.as_str(), period.to.as_str()));
    for (office, figures) in whole.into_iter().chain(offices) {
        for [figure, value, sample, withheld] in lines(figures) {
            let line = [plain(office), figure, value, sample, withheld, from.to_owned(), to.to_owned()];
            table.write_record(line).map_err(anyhow::Error::from)?;
        }
    }
    let bytes = table.into_inner().map_err(|fault| anyhow::anyhow!("the table of figures: {fault}"))?;
    Ok(String::from_utf8(bytes).map_err(anyhow::Error::from)?)
}

/// A text that no spreadsheet takes for a formula.
pub(crate) fn plain(name: &str) -> String {
    match name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{name}"),
        false => name.to_owned(),
    }
}

fn lines(figures: &AccountabilityFigures) -> Vec<[String; 4]> {
    let AccountabilityFigures {
        answers,
        follow_ups,
        days_to_answer,
        unanswered,
        overdue_now,
        commitments,
        did_we_answer,
    } = figures;
    let number = |figure: &str, value: i64| [figure.to_owned(), value.to_string(), String::new(), String::new()];
    let of = |figure: &str, value: Option<f64>, sample: i64, withheld: &Option<String>| {
        let value = value.map_or_else(String::new, |value| value.to_string());
        [figure.to_owned(), value, sample.to_string(), withheld.clone().unwrap_or_default()]
    };
    let mut lines = vec![
        number("answers_on_time", answers.on_time),
        number("answers_in_added_time", answers.in_added_time),
        number("answers_late", answers.late),
        number("answers_missing_and_late", answers.unanswered_late),
        of("share_of_answers_on_time", answers.kept.share, answers.kept.sample, &answers.kept.withheld),
        of("median_days_to_answer", days_to_answer.median, days_to_answer.sample, &days_to_answer.withheld),
        of(
            "ninetieth_percentile_of_days_to_answer",
            days_to_answer.ninetieth_percentile,
            days_to_answer.sample,
            &days_to_answer.withheld,
        ),
        number("follow_ups_answered_on_time", follow_ups.on_time),
        number("follow_ups_answered_in_added_time", follow_ups.in_added_time),
        number("follow_ups_answered_late", follow_ups.late),
        number("follow_ups_missing_and_late", follow_ups.unanswered_late),
        of("share_of_follow_ups_on_time", follow_ups.kept.share, follow_ups.kept.sample, &follow_ups.kept.withheld),
        number("unanswered_now", *unanswered),
        number("overdue_now", *overdue_now),
        number("commitments_on_time", commitments.on_time),
        number("commitments_late", commitments.late),
        number("commitments_owed", commitments.owed),
        number("commitments_dropped", commitments.dropped),
        of("share_of_commitments_on_time", commitments.kept.share, commitments.kept.sample, &commitments.kept.withheld),
    ];
    let withheld = did_we_answer.withheld.clone().unwrap_or_default();
    match &did_we_answer.figures {
        Some(said) => {
            let replies = said.asked.saturating_sub(said.no_reply);
            lines.push(number("answered_what_was_asked_yes", said.yes));
            lines.push(number("answered_what_was_asked_partly", said.partly));
            lines.push(number("answered_what_was_asked_no", said.no));
            lines.push(number("answered_what_was_asked_no_reply", said.no_reply));
            lines.push(of("share_of_replies_that_say_yes", did_we_answer.yes, replies, &None));
        }
        None => lines.push(["share_of_replies_that_say_yes".into(), String::new(), String::new(), withheld]),
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_a_formula() {
        assert_eq!((plain("=1+1").as_str(), plain("Streets").as_str()), ("'=1+1", "Streets"));
    }
}
