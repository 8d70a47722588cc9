//! The mail that tells those who wrote below something that is not shown any more: their thread is hidden, and not for what they
//! wrote.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::authors_below;
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::rules::{is_public, is_restricted, public_number};
use crate::people::accounts::queries::mail_address;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};
use crate::process::moderation::item::{self, Item, Subject};
use crate::process::moderation::queries::find_decision;
use crate::vocabulary::IdeaState;

/// Finds whose thread a decision has taken out of sight, or brought back.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TellThread {
    /// The decision.
    pub decision: Id,
    /// Whether it is shown again.
    pub back: bool,
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

/// Has those told who wrote below an idea or a comment that a decision has taken out of sight, or brought back.
///
/// # Errors
/// What the database answers.
pub fn tell_thread(tx: &mut Tx<'_>, council: Id, item: &Item, now: IdeaState, decision: Id) -> Result<()> {
    let was = item.state();
    if is_public(was) && is_restricted(now) {
        enqueue(tx, council, &TellThread { decision, back: false })?;
    }
    if is_restricted(was) && is_public(now) {
        enqueue(tx, council, &TellThread { decision, back: true })?;
    }
    Ok(())
}

impl Job<App> for TellThread {
    const KIND: &'static str = "tell_thread";

    fn key(&self) -> String {
        self.decision.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let fan_out = move |tx: &mut Tx<'_>| {
                let Self { decision, back } = self;
                let Subject { idea, comment } = find_decision(tx, council, decision)?.subject();
                let home = council_by_id(tx, council)?;
                // Whoever's it is has heard the reasons, and hears nothing else.
                let author = item::find(tx, &home, Subject { idea, comment })?.author();
                for account in authors_below(tx, council, idea, comment)? {
                    if Some(account) != author {
                        enqueue(tx, council, &TellOneOfThread { decision, back, account })?;
                    }
                }
                Ok(())
            };
            Ok(app.db.write(fan_out).await?)
        })
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
