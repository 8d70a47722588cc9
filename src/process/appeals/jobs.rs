//! The mail that tells somebody what came of their appeal, with the reasons.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::{find_appeal, find_statement, standings};
use crate::app::App;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::queries::address_for_decisions;
use crate::people::councils::queries::{council_by_id, find_ground};
use crate::platform::db::Id;
use crate::platform::jobs::Job;
use crate::platform::mail::render;
use crate::process::moderation::item::was_public;

/// Tells who appealed.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfAppeal {
    /// Which appeal.
    pub appeal: Id,
}

impl Job<App> for TellOfAppeal {
    const KIND: &'static str = "tell_of_appeal";

    fn key(&self) -> String {
        self.appeal.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let id = self.appeal;
            let found = app.db.read(move |tx| {
                let appeal = find_appeal(tx, council, id)?;
                let Some(to) = address_for_decisions(tx, council, appeal.account_id)? else { return Ok(None) };
                let against = find_statement(tx, council, appeal.decision_id)?;
                let Some((_, standing)) = standings(tx, council, &[appeal.case_id])?.pop() else { return Ok(None) };
                let ground = match &standing.ground {
                    Some(code) => find_ground(tx, council, code)?,
                    None => None,
                };
                let public = was_public(tx, council, against.subject())?;
                Ok(Some((to, council_by_id(tx, council)?, appeal, against, standing, ground, public)))
            });
            let Some((to, council, appeal, against, standing, ground, public)) = found.await? else { return Ok(()) };
            let number = public_number(&council.idea_prefix, against.number);
            let site = council.site_url.trim_end_matches('/');
            let context = json!({
                "council": council.name, "of": against.subject().word(), "title": against.quoted(), "number": number, "result": appeal.result,
                "effect": standing.kind, "reasons": standing.reasons,
                "ground_title": ground.as_ref().map(|ground| &ground.title),
                "ground_body": ground.as_ref().map(|ground| &ground.body),
                "public": public, "item_state": against.state(),
                // What was never public has no page that tells of it.
                "link": if public { format!("{site}/ideas/{number}") } else { site.to_owned() },
            });
            app.mailer.send(&render("appeal_decided", &context)?.addressed(id, to)).await
        })
    }
}
