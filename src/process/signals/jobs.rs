//! Looking for signals, and telling the voters what became of their votes.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::queries;
use super::rules::{Vote, look, may_contest};
use crate::accountability::send;
use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::people::accounts::queries::mail_address;
use crate::people::accounts::tokens::issue_token;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Db, Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};
use crate::vocabulary::{SignalKind, SignalState, TokenKind};

/// It is looked so often, at the votes of a day.
const EVERY_MINUTES: i64 = 10;
/// Votes that are read in one unit.
const PAGE: i64 = 10_000;
/// How long the link to contest by is good: for as long as anything can be reversed.
const CONTEST_HOURS: u64 = 37 * 24;
/// The rule that votes are set aside and invalidated by, as voters are told it.
const GROUND: &str = "Each person supports an idea once, and by themselves. Support that does not come from a person of its own is \
    not counted.";
/// Voters who are told in one unit at most, so that others write in between.
const BATCH: i64 = 100;

/// Looks at the votes of a council.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct LookAtVotes {
    /// The ten minutes for which it is done.
    pub slot: Instant,
}

/// Finds whom to tell what became of votes, some hundred at a time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TellVoters {
    /// Of which signal.
    pub signal: Id,
    /// As what it stands now.
    pub state: SignalState,
    /// The last voter that was looked at.
    pub after: Option<Id>,
}

/// Tells one of them.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TellVoter {
    /// As what they are told.
    pub told: Id,
    /// As what the signal stands.
    pub state: SignalState,
}

/// Has the votes looked at of every council in which a challenge is open.
///
/// # Errors
/// What the database answers.
pub fn look_again(tx: &mut Tx<'_>) -> Result<()> {
    const SLOT: i64 = EVERY_MINUTES * 60_000_000;
    let slot = Instant::from_micros(tx.now().micros().div_euclid(SLOT).saturating_mul(SLOT));
    for council in queries::councils_with_votes(tx)? {
        enqueue(tx, council, &LookAtVotes { slot })?;
    }
    Ok(())
}

impl Job<App> for LookAtVotes {
    const KIND: &'static str = "look_at_votes";

    fn key(&self) -> String {
        self.slot.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let since = app.db.clock().now().minus(Duration::from_secs(24 * 3_600));
            let recent = recent_votes(&app.db, council, since, PAGE).await?;
            let found = tokio::task::spawn_blocking(move || {
                let found = recent
                    .into_iter()
                    .flat_map(|(challenge, votes)| look(votes).into_iter().map(move |found| (challenge, found)));
                found.collect::<Vec<_>>()
            });
            for (challenge, found) in found.await? {
                app.db.write(move |tx| queries::write_found(tx, council, challenge, &found)).await?;
            }
            Ok(())
        })
    }
}

/// All votes of a council since then that nobody has looked at yet, by challenge. It reads much, a page in each unit, so that nobody
/// waits for it.
///
/// # Errors
/// What the database answers.
pub async fn recent_votes(db: &Db, council: Id, since: Instant, page: i64) -> Result<BTreeMap<Id, Vec<Vote>>> {
    let mut by_challenge: BTreeMap<Id, Vec<Vote>> = BTreeMap::new();
    let mut from = Some((since, Id::NONE, Id::NONE));
    while let Some(place) = from {
        let read = db.read(move |tx| queries::votes_after(tx, council, place, page)).await?;
        for (challenge, vote) in read.votes {
            by_challenge.entry(challenge).or_default().push(vote);
        }
        from = read.next;
    }
    Ok(by_challenge)
}

impl Job<App> for TellVoters {
    const KIND: &'static str = "tell_voters";

    fn key(&self) -> String {
        let after = self.after.map_or_else(String::new, |voter| format!(":{voter}"));
        format!("{}:{}{after}", self.signal, self.state)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| fan_out(tx, council, self)).await?) })
    }
}

fn fan_out(tx: &mut Tx<'_>, council: Id, job: TellVoters) -> Result<()> {
    let TellVoters { signal, state, after } = job;
    let voters = queries::voters_of(tx, council, signal, after, BATCH)?;
    for (voter, account) in &voters {
        let Some(account) = account else { continue };
        if let Some(told) = queries::note_told(tx, council, signal, *voter, *account)? {
            enqueue(tx, council, &TellVoter { told, state })?;
        }
    }
    match voters.last() {
        Some((last, _)) if i64::try_from(voters.len()).is_ok_and(|count| count == BATCH) => {
            enqueue(tx, council, &TellVoters { signal, state, after: Some(*last) })
        }
        _ => Ok(()),
    }
}

impl Job<App> for TellVoter {
    const KIND: &'static str = "tell_voter";

    fn key(&self) -> String {
        format!("{}:{}", self.told, self.state)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            match app.db.write(move |tx| self.mail(tx, council)).await? {
                Some((context, to)) => send(&app, "votes_checked", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

/// What a signal looks like, to those whose votes it is about.
fn facts(kind: SignalKind, votes: i64, accounts: i64) -> String {
    match kind {
        SignalKind::Burst => format!("{votes} accounts that were less than a day old supported one idea within hours."),
        SignalKind::OneNetwork => {
            format!("{votes} accounts that were less than a day old supported one idea from one network within hours.")
        }
        SignalKind::Lockstep => format!("{accounts} accounts supported the same ideas within the same minutes."),
    }
}

impl TellVoter {
    /// What is said and to whom; `None` where the account is gone, or the signal stands otherwise by now.
    fn mail(self, tx: &mut Tx<'_>, council: Id) -> Result<Option<(Value, String)>> {
        let Some((signal, Some(account), said)) = queries::told_by(tx, council, self.told)? else { return Ok(None) };
        let row = queries::find_signal(tx, council, signal)?;
        let Some(to) = mail_address(tx, council, account)? else { return Ok(None) };
        let as_told = match row.state {
            SignalState::Proposed => SignalState::Quarantined,
            state => state,
        };
        if as_told != self.state {
            return Ok(None);
        }
        let council = council_by_id(tx, council)?;
        let challenge = find_challenge(tx, council.id, row.challenge_id, true)?;
        let (what, reason) = match row.state {
            SignalState::Quarantined | SignalState::Proposed => (
                "Support of yours is set aside: it is not counted while we look at where it came from. A program has pointed to \
                 it, and one of our staff has decided to look. Nothing is decided about you.",
                row.quarantine_reason,
            ),
            SignalState::Invalidated => (
                "Support of yours is not counted. Two of our staff have decided that. It can be reversed for thirty days.",
                row.reason,
            ),
            SignalState::Released => ("Support of yours that was set aside is counted again.", row.reason),
            SignalState::Reversed => {
                ("Support of yours that was not counted is counted again: it was wrong not to.", row.reversal_reason)
            }
            SignalState::Open | SignalState::Dismissed => return Ok(None),
        };
        let site = council.site_url.trim_end_matches('/');
        let contest = match may_contest(row.state, row.settled_at, tx.now()) {
            Ok(()) => {
                let whose = json!({ "account": account });
                let token = issue_token(tx, council.id, TokenKind::Contest, self.told, whose, CONTEST_HOURS)?;
                Some(format!("{site}/contest#token={token}"))
            }
            Err(_) => None,
        };
        let context = json!({
            "council": council.name, "challenge": challenge.title, "what": what,
            "ground": contest.as_ref().map(|_| GROUND), "said": said.filter(|_| row.state == SignalState::Invalidated),
            "facts": facts(row.kind, row.votes, row.accounts), "reason": reason.unwrap_or_default(),
            "contest": contest, "link": format!("{site}/challenges/{}", challenge.id),
        });
        Ok(Some((context, to)))
    }
}
