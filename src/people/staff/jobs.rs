//! The end of a suspension, and the mail that tells of its beginning.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{queries, routes};
use crate::app::App;
use crate::people::accounts::queries::find_account;
use crate::people::councils::queries::council_by_id;
use crate::platform::audit::By;
use crate::platform::db::Id;
use crate::platform::jobs::Job;
use crate::platform::mail::render;

/// Ends a suspension when its time is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndSuspension {
    /// Which.
    pub suspension: Id,
}

impl Job<App> for EndSuspension {
    const KIND: &'static str = "end_suspension";

    fn key(&self) -> String {
        self.suspension.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let ended = app.db.write(move |tx| match queries::find_suspension(tx, council, self.suspension)? {
                Some(suspension) => routes::restore(tx, council, &suspension, By::Nobody),
                None => Ok(()),
            });
            Ok(ended.await?)
        })
    }
}

/// Tells the owner of a suspended account why, and until when.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellSuspended {
    /// Which suspension.
    pub suspension: Id,
}

impl Job<App> for TellSuspended {
    const KIND: &'static str = "tell_suspended";

    fn key(&self) -> String {
        self.suspension.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let id = self.suspension;
            let found = app
                .db
                .read(move |tx| {
                    let Some(suspension) = queries::find_suspension(tx, council, id)? else { return Ok(None) };
                    let account = find_account(tx, council, suspension.account_id)?;
                    let council = council_by_id(tx, council)?;
                    // Who came by a sign-in provider may have given no address; they read it when they come again.
                    let address = account.map(|account| account.email).filter(|email| !email.is_empty());
                    Ok(address.map(|address| (address, suspension, council)))
                })
                .await?;
            let Some((to, suspension, council)) = found else { return Ok(()) };
            let zone = jiff::tz::TimeZone::get(&council.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
            let until = match suspension.suspended_until {
                Some(at) => at.timestamp().to_zoned(zone).strftime("until %-d %B %Y, %H:%M").to_string(),
                None => "until further notice".to_owned(),
            };
            let link = council.site_url.clone();
            let context = json!({
                "council": council.name, "until": until, "reason": suspension.reason, "link": link,
            });
            app.mailer.send(&render("account_suspended", &context)?.addressed(id, to)).await
        })
    }
}
