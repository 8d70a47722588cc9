//! The mail that tells those who wrote below something that is not shown any more: their thread is hidden, and not for what they
//! wrote.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::{authors_under, nodes_of};
use super::rules::{hides, whose_thread};
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::rules::{is_public, is_restricted, public_number};
use crate::people::accounts::queries::mail_address;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};
use crate::process::moderation::item::{self, Item};
use crate::process::moderation::queries::find_decision;
use crate::vocabulary::IdeaState;

/// People who are looked at in one unit, so that others write in between.
const AT_ONCE: i64 = 100;

/// Finds whose thread a decision has taken out of sight, or brought back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TellThread {
    /// The decision.
    pub decision: Id,
    /// Whether it is shown again.
    pub back: bool,
    /// Who was looked at last: those after them are still to be.
    pub after: Option<Id>,
}

/// Tells one of them.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TellOneOfThread {
    /// The decision.
    pub decision: Id,
    /// Whether it is shown again.
    pub back: bool,
    /// Who is told.
    pub account: Id,
}

/// Whether those who wrote below it have heard that it is out of sight, as it is now: what a moderator has hidden, and, of an idea,
/// what was given back and waits.
///
/// # Errors
/// What the database answers.
pub fn is_out(tx: &mut Tx<'_>, council: Id, item: &Item) -> Result<bool> {
    match (&item.comment, item.state()) {
        (Some(_), state) => Ok(hides(state)),
        (None, IdeaState::Held) => item::was_given_back(tx, council, item.subject()),
        (None, state) => Ok(is_restricted(state)),
    }
}

/// Has those told who wrote below an idea or a comment that a decision has taken out of sight, or brought back; `was_out` is
/// what [`is_out`] said before it.
///
/// # Errors
/// What the database answers.
pub fn tell_thread(
    tx: &mut Tx<'_>,
    council: Id,
    (item, was_out): (&Item, bool),
    now: IdeaState,
    decision: Id,
) -> Result<()> {
    let (is_out, goes, comes) = match item.comment {
        // What stands below a comment is seen unless that is hidden, whatever else it is.
        Some(_) => (hides(now), true, true),
        None => (is_restricted(now), is_public(item.state()), is_public(now)),
    };
    if is_out && !was_out && goes {
        enqueue(tx, council, &TellThread { decision, back: false, after: None })?;
    }
    if was_out && !is_out && comes {
        enqueue(tx, council, &TellThread { decision, back: true, after: None })?;
    }
    Ok(())
}

impl Job<App> for TellThread {
    const KIND: &'static str = "tell_thread";

    fn key(&self) -> String {
        format!("{}:{}", self.decision, self.after.unwrap_or(Id::NONE))
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| self.fan_out(tx, council)).await?) })
    }
}

impl TellThread {
    fn fan_out(self, tx: &mut Tx<'_>, council: Id) -> Result<()> {
        let Self { decision, back, after } = self;
        let of = find_decision(tx, council, decision)?.subject();
        let home = council_by_id(tx, council)?;
        let item = item::find(tx, &home, of)?;
        if of.comment.is_some() && !is_public(item.idea.state) {
            return Ok(());
        }
        let authors = authors_under(tx, council, of.idea, after, AT_ONCE)?;
        // Whoever's it is has heard the reasons, and hears nothing else.
        let whose = whose_thread(&nodes_of(tx, council, of.idea, &authors)?, of.comment, item.author());
        for account in whose.into_iter().filter(|account| authors.contains(account)) {
            enqueue(tx, council, &TellOneOfThread { decision, back, account })?;
        }
        match authors.last() {
            Some(last) if i64::try_from(authors.len()).is_ok_and(|count| count == AT_ONCE) => {
                enqueue(tx, council, &TellThread { decision, back, after: Some(*last) })
            }
            _ => Ok(()),
        }
    }
}

impl Job<App> for TellOneOfThread {
    const KIND: &'static str = "tell_one_of_thread";

    fn key(&self) -> String {
        format!("{}:{}", self.decision, self.account)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            let found = app.db.read(move |tx| {
                let Some(to) = mail_address(tx, council, self.account)? else { return Ok(None) };
                let council = council_by_id(tx, council)?;
                let of = find_decision(tx, council.id, self.decision)?.subject();
                let item = item::find(tx, &council, of)?;
                // What is not shown is not quoted either, so that nothing but the number says where it was.
                let number = public_number(&council.idea_prefix, item.idea.number);
                let context = json!({
                    "council": council.name, "of": item.subject().word(), "number": number, "back": self.back,
                    "told": item.author().is_some(),
                    "link": item.address(&council),
                });
                Ok(Some((context, to)))
            });
            match found.await? {
                Some((context, to)) => send(&app, "thread_hidden", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}
