//! The end of a suspension, and the mails that tell of a sanction and of what came of an appeal.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::model::SanctionRow;
use super::{queries, routes};
use crate::accountability::promises::calendar::last_day;
use crate::accountability::send;
use crate::app::App;
use crate::people::accounts::queries::address_for_decisions;
use crate::people::accounts::tokens::issue_token;
use crate::people::councils::model::Council;
use crate::people::councils::queries::council_by_id;
use crate::platform::audit::By;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::Job;
use crate::platform::mail::render;
use crate::process::appeals::rules::until;
use crate::vocabulary::TokenKind;

/// Ends a suspension when its time is over.
#[derive(Debug, Serialize, Deserialize)]
pub struct EndSuspension {
    /// Which.
    pub sanction: Id,
    /// The end that it was written for; where an appeal has brought an earlier one, nothing is left to do at the later.
    pub until: Instant,
}

impl Job<App> for EndSuspension {
    const KIND: &'static str = "end_suspension";

    fn key(&self) -> String {
        format!("{}:{}", self.sanction, self.until.micros())
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let ended = app.db.write(move |tx| {
                // Who has erased their account, or whose time has run out twice, leaves nothing to end.
                match queries::find_sanctions(tx, council, &[self.sanction])?.pop() {
                    Some(suspension) => routes::restore(tx, council, &suspension, By::Nobody),
                    None => Ok(()),
                }
            });
            Ok(ended.await?)
        })
    }
}

/// What somebody appeals with without signing in, and until when.
///
/// # Errors
/// What the database answers.
pub fn appeal_token(tx: &mut Tx<'_>, council: &Council, sanction: &SanctionRow) -> Result<(String, Instant)> {
    let last = until(sanction.decided_at, &council.time_zone)?;
    let hours = last.since(tx.now()).as_secs().div_ceil(3_600);
    let whose = json!({ "account": sanction.account_id, "sanctions": [sanction.id] });
    Ok((issue_token(tx, council.id, TokenKind::Appeal, sanction.id, whose, hours)?, last))
}

/// Tells somebody of a decision on them, with the reasons and the way to appeal.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfSanction {
    /// Which.
    pub sanction: Id,
}

impl Job<App> for TellOfSanction {
    const KIND: &'static str = "tell_of_sanction";

    fn key(&self) -> String {
        self.sanction.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let id = self.sanction;
            let told = app.db.write(move |tx| {
                let Some(sanction) = queries::find_sanctions(tx, council, &[id])?.pop() else { return Ok(None) };
                let Some(to) = address_for_decisions(tx, council, sanction.account_id)? else { return Ok(None) };
                let council = council_by_id(tx, council)?;
                let (token, last) = appeal_token(tx, &council, &sanction)?;
                let site = council.site_url.trim_end_matches('/');
                let context = json!({
                    "council": council.name, "link": site, "decision": sanction.kind,
                    "until": sanction.until.map(|until| council.local_time(until)).transpose()?,
                    "ground_title": sanction.ground_title, "ground_body": sanction.ground_body,
                    "statement": sanction.statement, "appeal": format!("{site}/appeal#token={token}"),
                    "appeal_until": last_day(last, &council.time_zone)?,
                });
                Ok(Some((to, context)))
            });
            let Some((to, context)) = told.await? else { return Ok(()) };
            app.mailer.send(&render("account_sanctioned", &context)?.addressed(id, to)).await
        })
    }
}

/// Tells somebody that their suspension was lifted.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfLifting {
    /// Which.
    pub sanction: Id,
}

impl Job<App> for TellOfLifting {
    const KIND: &'static str = "tell_of_lifting";

    fn key(&self) -> String {
        self.sanction.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            let told = app.db.read(move |tx| {
                let Some(sanction) = queries::find_sanctions(tx, council, &[self.sanction])?.pop() else {
                    return Ok(None);
                };
                let Some(to) = address_for_decisions(tx, council, sanction.account_id)? else { return Ok(None) };
                let council = council_by_id(tx, council)?;
                let site = council.site_url.trim_end_matches('/');
                let appeal = queries::appeals_against(tx, council.id, &[sanction.id])?.pop();
                let by_who_suspended = appeal.and_then(|appeal| appeal.lifted_by_who_suspended());
                let context = json!({
                    "council": council.name, "link": site, "appealed": by_who_suspended.is_some(),
                    "by_who_suspended": by_who_suspended,
                });
                Ok(Some((to, context)))
            });
            let Some((to, context)) = told.await? else { return Ok(()) };
            send(&app, "suspension_lifted", &context, &key, to).await
        })
    }
}

/// Tells somebody what came of their appeal against a decision on them.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfSanctionAppeal {
    /// Which appeal.
    pub appeal: Id,
}

impl Job<App> for TellOfSanctionAppeal {
    const KIND: &'static str = "tell_of_sanction_appeal";

    fn key(&self) -> String {
        self.appeal.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let id = self.appeal;
            let told = app.db.read(move |tx| {
                let appeal = queries::find_appeal(tx, council, id)?;
                let sanction = queries::find_sanction(tx, council, appeal.sanction_id)?;
                let Some(to) = address_for_decisions(tx, council, sanction.account_id)? else { return Ok(None) };
                let council = council_by_id(tx, council)?;
                let context = json!({
                    "council": council.name, "link": council.site_url.trim_end_matches('/'), "decision": sanction.kind,
                    "result": appeal.result, "reasons": appeal.reasons,
                    "until": appeal.until.map(|until| council.local_time(until)).transpose()?,
                });
                Ok(Some((to, context)))
            });
            let Some((to, context)) = told.await? else { return Ok(()) };
            app.mailer.send(&render("sanction_appeal_decided", &context)?.addressed(id, to)).await
        })
    }
}
