//! What should have been done: jobs, numbering, and people to moderate what comes in.

use std::time::Duration;

use super::report::Findings;
use super::roughly;
use crate::participation::challenges::queries::councils_with_open_challenges;
use crate::participation::challenges::readiness::MODERATORS;
use crate::people::accounts::queries::count_moderators;
use crate::people::councils::queries::council_by_id;
use crate::platform::clock::Clock;
use crate::platform::db::{self, Conn, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::{entries, jobs};

/// A job waits longer only where nobody takes it.
const LATE: Duration = Duration::from_secs(300);
/// Numbering is done at least once a second.
const UNNUMBERED: Duration = Duration::from_secs(60);

struct Backlog {
    now: Instant,
    jobs: jobs::Backlog,
    unnumbered: (i64, Option<Instant>),
    last_recorded: Option<Instant>,
    /// By name in addresses, with how many can moderate.
    few_moderators: Vec<(String, i64)>,
}

fn read(tx: &mut Tx<'_>) -> Result<Backlog> {
    let now = tx.now();
    let mut few_moderators = Vec::new();
    for council in councils_with_open_challenges(tx)? {
        let moderators = count_moderators(tx, council)?;
        if moderators < MODERATORS {
            few_moderators.push((council_by_id(tx, council)?.slug, moderators));
        }
    }
    Ok(Backlog {
        now,
        jobs: jobs::find_backlog(tx)?,
        unnumbered: entries::count_unnumbered(tx, now.minus(UNNUMBERED))?,
        last_recorded: entries::last_recorded(tx)?,
        few_moderators,
    })
}

pub(super) fn look(conn: &mut Conn, clock: &Clock, findings: &mut Findings) {
    let backlog = match db::unit(conn, "BEGIN", clock, &read) {
        Ok(backlog) => backlog,
        Err(error) => {
            findings.fail("backlog", format!("it cannot be read: {error}"), "See the lines on the database above.");
            return;
        }
    };
    let now = backlog.now;
    match backlog.last_recorded {
        Some(at) if at > now.plus(Duration::from_secs(60)) => findings.warn(
            "time",
            format!("what happened last is {} in the future", roughly(at.since(now))),
            "Synchronise this machine's clock (NTP): promises are kept by it.",
        ),
        _ => findings.ok("time", "nothing has happened in the future"),
    }
    if backlog.jobs.dead.is_empty() {
        findings.ok("dead jobs", "none");
    } else {
        let kinds: Vec<String> = backlog.jobs.dead.iter().map(|(kind, many)| format!("{many} {kind}")).collect();
        findings.warn(
            "dead jobs",
            format!("given up after about a day of tries: {}", kinds.join(", ")),
            "Look in the log for \"job did not succeed\" (mostly mail), and tell those whom it was for in another way; they are forgotten after thirty days.",
        );
    }
    match backlog.jobs.due_since.map(|at| now.since(at)).filter(|late| *late > LATE) {
        Some(late) => findings.warn(
            "late jobs",
            format!("the oldest should have run {} ago", roughly(late)),
            "Start the server; if it runs, look in its log for \"work beside the requests\".",
        ),
        None => findings.ok("late jobs", "none"),
    }
    match backlog.unnumbered {
        (many @ 1.., Some(since)) => findings.warn(
            "numbering",
            format!("{many} entries wait for their number, the oldest for {}", roughly(now.since(since))),
            "Start the server; if it runs, look in its log for \"numbering\": until then nobody who follows the changes sees them.",
        ),
        _ => findings.ok("numbering", "up to date"),
    }
    if backlog.few_moderators.is_empty() {
        findings.ok("moderators", format!("every council with an open challenge has {MODERATORS} or more"));
    } else {
        let councils: Vec<String> =
            backlog.few_moderators.iter().map(|(slug, many)| format!("{slug} has {many}")).collect();
        findings.warn(
            "moderators",
            format!("too few for what is open: {}", councils.join(", ")),
            format!("Ask its admin to invite some: a challenge opens with {MODERATORS} and still needs them."),
        );
    }
}
