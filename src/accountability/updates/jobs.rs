//! Telling of an update: one job after the other finds whom it concerns, one job each tells them. A correction tells nobody again.

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

/// Finds whom to tell of an update, some at a time: each unit begins where the last one ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOfUpdate {
    /// The update.
    pub update: Id,
    /// How far the last one came.
    pub from: Place,
}

/// Tells one account of an update.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOneOfUpdate {
    /// The update.
    pub update: Id,
    /// Who is told.
    pub account: Id,
}

impl Job<App> for TellOfUpdate {
    const KIND: &'static str = "tell_of_update";

    fn key(&self) -> String {
        format!("{}:{}", self.update, self.from.key())
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| fan_out(tx, council, &self)).await?) })
    }
}

fn fan_out(tx: &mut Tx<'_>, council: Id, job: &TellOfUpdate) -> Result<()> {
    let TellOfUpdate { update, from } = *job;
    let Some((row, _)) = queries::find_told(tx, council, update)? else { return Ok(()) };
    let (accounts, next) = accounts_from(tx, council, row.challenge_id, from)?;
    for account in accounts {
        enqueue(tx, council, &TellOneOfUpdate { update, account })?;
    }
    next.map_or(Ok(()), |from| enqueue(tx, council, &TellOfUpdate { update, from }))
}

impl Job<App> for TellOneOfUpdate {
    const KIND: &'static str = "tell_one_of_update";

    fn key(&self) -> String {
        format!("{}:{}", self.update, self.account)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            match app.db.read(move |tx| self.mail(tx, council)).await? {
                Some((context, to)) => send(&app, "update_published", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

impl TellOneOfUpdate {
    /// What is said and to whom, as it holds by now; `None` where the account is gone.
    fn mail(&self, tx: &mut Tx<'_>, council: Id) -> Result<Option<(Value, String)>> {
        let Some((update, challenge)) = queries::find_told(tx, council, self.update)? else { return Ok(None) };
        let Some(to) = mail_address(tx, council, self.account)? else { return Ok(None) };
        let council = council_by_id(tx, council)?;
        let site = council.site_url.trim_end_matches('/');
        let context = json!({
            "council": council.name,
            "challenge": challenge,
            "title": update.title,
            "body": update.body,
            "office": update.office,
            "link": format!("{site}/challenges/{}/updates/{}", update.challenge_id, update.id),
        });
        Ok(Some((context, to)))
    }
}
