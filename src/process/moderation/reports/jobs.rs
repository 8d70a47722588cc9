//! The mails that tell those who reported an idea or a comment what came of it: one job finds them, one job each tells them.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::queries;
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::queries::mail_address;
use crate::people::councils::queries::{council_by_id, find_ground};
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};
use crate::process::moderation::item;
use crate::process::moderation::queries::find_decision;

/// Finds who reported what was decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellReporters {
    /// The decision.
    pub decision: Id,
}

/// Tells one of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellReporter {
    /// The decision.
    pub decision: Id,
    /// Who reported.
    pub account: Id,
}

impl Job<App> for TellReporters {
    const KIND: &'static str = "tell_reporters";

    fn key(&self) -> String {
        self.decision.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let fan_out = move |tx: &mut Tx<'_>| {
                let case = find_decision(tx, council, self.decision)?.case_id;
                for account in queries::reporters(tx, council, case)? {
                    enqueue(tx, council, &TellReporter { decision: self.decision, account })?;
                }
                Ok(())
            };
            Ok(app.db.write(fan_out).await?)
        })
    }
}

impl Job<App> for TellReporter {
    const KIND: &'static str = "tell_reporter";

    fn key(&self) -> String {
        format!("{}:{}", self.decision, self.account)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            match app.db.read(move |tx| self.mail(tx, council)).await? {
                Some((context, to)) => send(&app, "report_decided", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

impl TellReporter {
    /// What is said and to whom; `None` where the account is gone by now.
    fn mail(&self, tx: &mut Tx<'_>, council: Id) -> Result<Option<(Value, String)>> {
        let Some(to) = mail_address(tx, council, self.account)? else { return Ok(None) };
        let decision = find_decision(tx, council, self.decision)?;
        let council = council_by_id(tx, council)?;
        let item = item::find(tx, &council, decision.subject())?;
        let ground = match &decision.ground_code {
            Some(code) => find_ground(tx, council.id, code)?,
            None => None,
        };
        let number = public_number(&council.idea_prefix, item.idea.number);
        let context = json!({
            "council": council.name,
            "of": item.subject().word(),
            "number": number,
            "decision": decision.kind,
            // What is withheld for somebody's safety is told with no word more.
            "ground_title": ground.filter(|ground| !ground.safeguarding).map(|ground| ground.title),
            "link": item.address(&council),
        });
        Ok(Some((context, to)))
    }
}
