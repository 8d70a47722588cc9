//! Telling of an outcome: one job after the other finds who took part, one job each tells them. A revision tells nobody again.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::queries;
use crate::accountability::audience::{Place, accounts_from};
use crate::accountability::send;
use crate::app::App;
use crate::people::accounts::queries::mail_address;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};

/// Finds whom to tell of an outcome, some at a time: each unit begins where the last one ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOfOutcome {
    /// The challenge.
    pub challenge: Id,
    /// How far the last one came.
    pub from: Place,
}

/// Tells one account of an outcome.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOneOfOutcome {
    /// The challenge.
    pub challenge: Id,
    /// Who is told.
    pub account: Id,
}

impl Job<App> for TellOfOutcome {
    const KIND: &'static str = "tell_of_outcome";

    fn key(&self) -> String {
        format!("{}:{}", self.challenge, self.from.key())
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| fan_out(tx, council, &self)).await?) })
    }
}

fn fan_out(tx: &mut Tx<'_>, council: Id, job: &TellOfOutcome) -> Result<()> {
    let TellOfOutcome { challenge, from } = *job;
    let (accounts, next) = accounts_from(tx, council, challenge, from)?;
    for account in accounts {
        enqueue(tx, council, &TellOneOfOutcome { challenge, account })?;
    }
    next.map_or(Ok(()), |from| enqueue(tx, council, &TellOfOutcome { challenge, from }))
}

impl Job<App> for TellOneOfOutcome {
    const KIND: &'static str = "tell_one_of_outcome";

    fn key(&self) -> String {
        format!("{}:{}", self.challenge, self.account)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            match app.db.read(move |tx| self.mail(tx, council)).await? {
                Some((context, to)) => send(&app, "outcome_published", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

impl TellOneOfOutcome {
    /// What is said and to whom; `None` where the account is gone by now.
    fn mail(&self, tx: &mut Tx<'_>, council: Id) -> Result<Option<(Value, String)>> {
        let Some((challenge, summary)) = queries::find_told(tx, council, self.challenge)? else { return Ok(None) };
        let Some(to) = mail_address(tx, council, self.account)? else { return Ok(None) };
        let council = council_by_id(tx, council)?;
        let context = json!({
            "council": council.name,
            "challenge": challenge,
            "summary": summary,
            "link": format!("{}/challenges/{}/outcome", council.site_url.trim_end_matches('/'), self.challenge),
        });
        Ok(Some((context, to)))
    }
}
