//! The record of processing (GDPR, art. 30), written from what the rooms have said of their tables.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::platform::db::personal::{Holding, Kept, Of};
use crate::platform::db::schema::HOLDINGS;

/// For how long a table is kept, in words.
pub fn kept(holding: &Holding) -> String {
    match holding.kept {
        Kept::WithOwner => "as long as what it belongs to".to_owned(),
        Kept::Otherwise(words) => words.to_owned(),
        Kept::Hours { after, hours } => {
            let time = match hours {
                0 => "until it has run out".to_owned(),
                hours if hours % 24 == 0 && hours > 24 => format!("{} days", hours / 24),
                hours => format!("{hours} hours"),
            };
            match (hours, after.rsplit_once(" AND ")) {
                (0, _) => time,
                (_, None) => format!("{time} after {}", in_words(after)),
                (_, Some((condition, column))) => {
                    let condition = condition.replace(
                        "state = 'unconfirmed'",
                        "as long as its owner wishes; where nobody has confirmed it, ",
                    );
                    let condition = condition.replace("state <> 'waiting'", "once it has ended, ");
                    format!("{condition}{time} after {}", in_words(column))
                }
            }
        }
    }
}

fn in_words(column: &str) -> &str {
    match column {
        "created_at" => "it was made",
        "expires_at" => "it has run out",
        "ended_at" => "its end",
        "decided_at" => "it was decided",
        "made_at" => "it was made",
        "run_at" => "it ran",
        other => other,
    }
}

/// What becomes of rows when the account that they are of is erased, in words.
pub fn when_erased(of: &[Of]) -> &'static str {
    match of {
        [] => "goes by its time",
        [Of::Goes(_), ..] => "deleted",
        [Of::Cut(_), ..] => "stays, and nobody can tell whose it was",
        [Of::Through { .. }, ..] => "as the idea or the vote that it belongs to",
        [Of::Item, ..] => "as the idea or the comment that it belongs to",
        [Of::Office(_), ..] => "stays: it was done in office",
        [Of::Stays(_), ..] => "stays until its time is over: ids, and the name of whoever was an outside reviewer",
    }
}

/// The record, as a table in Markdown.
pub fn markdown() -> String {
    let mut text = String::from(
        "| what | for what | personal data | kept | when the account is erased |\n|---|---|---|---|---|\n",
    );
    for holding in HOLDINGS.iter().filter(|holding| holding.is_personal()) {
        let data: BTreeSet<_> = holding.columns.iter().map(|column| column.data).collect();
        let data: Vec<_> = data.into_iter().skip_while(|data| data.is_nothing()).map(|data| data.in_words()).collect();
        let _infallible = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            holding.table,
            holding.purpose.trim_end_matches('.'),
            data.join(", "),
            kept(holding),
            when_erased(holding.of),
        );
    }
    let without: Vec<_> = HOLDINGS
        .iter()
        .filter(|holding| !holding.is_personal())
        .map(|holding| format!("`{}`", holding.table))
        .collect();
    let _infallible = write!(text, "\nNothing of a person is in: {}.\n", without.join(", "));
    text
}
