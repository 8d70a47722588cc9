//! The mail that tells an author what was decided, with the reasons.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::item;
use super::queries::find_decision;
use crate::accountability::promises::calendar;
use crate::app::App;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::queries::address_for_decisions;
use crate::people::accounts::tokens::issue_token;
use crate::people::councils::queries::{council_by_id, find_ground};
use crate::platform::db::Id;
use crate::platform::jobs::Job;
use crate::platform::mail::render;
use crate::process::appeals::rules::until;
use crate::process::screening::queries::findings_of;
use crate::vocabulary::{DecisionKind, TokenKind};

/// Tells the author of a decision.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellAuthor {
    /// Which decision.
    pub decision: Id,
}

impl Job<App> for TellAuthor {
    const KIND: &'static str = "tell_author";

    fn key(&self) -> String {
        self.decision.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let id = self.decision;
            let found = app
                .db
                .write(move |tx| {
                    let council = council_by_id(tx, council)?;
                    let decision = find_decision(tx, council.id, id)?;
                    let item = item::find(tx, &council, decision.subject())?;
                    let Some(author) = item.author() else { return Ok(None) };
                    let to = address_for_decisions(tx, council.id, author)?;
                    let ground = match &decision.ground_code {
                        Some(code) => find_ground(tx, council.id, code)?,
                        None => None,
                    };
                    let public = item::was_public(tx, council.id, item.subject())?;
                    let screened = !findings_of(tx, council.id, vec![decision.case_id])?.is_empty();
                    let last = until(decision.decided_at, &council.time_zone)?;
                    let appeal = if decision.kind == DecisionKind::Publish || to.is_none() {
                        None
                    } else {
                        let hours = last.since(tx.now()).as_secs().div_ceil(3_600);
                        let whose = json!({ "account": author, "decisions": [id] });
                        Some(issue_token(tx, council.id, TokenKind::Appeal, id, whose, hours)?)
                    };
                    let appeal = appeal.zip(Some(calendar::last_day(last, &council.time_zone)?));
                    Ok(to.map(|to| (to, council, decision, item, ground, (public, screened), appeal)))
                })
                .await?;
            let Some((to, council, decision, item, ground, (public, screened), appeal)) = found else { return Ok(()) };
            let number = public_number(&council.idea_prefix, item.idea.number);
            // What was never public has no page that tells of it.
            let site = council.site_url.trim_end_matches('/');
            let (effect, shown) = match decision.kind {
                DecisionKind::Remove => ("removed", public),
                DecisionKind::ReturnForChanges => ("given back", true),
                DecisionKind::PublishWithEdit => ("edited", true),
                DecisionKind::Lock => ("locked", true),
                DecisionKind::Publish | DecisionKind::Hide => ("hidden", public),
            };
            let link = match shown {
                true => item.address(&council),
                false => format!("{site}/challenges/{}", item.idea.challenge_id),
            };
            let context = json!({
                "council": council.name, "of": item.subject().word(), "title": item.quoted(), "number": number, "link": link,
                "effect": effect,
                "ground_title": ground.as_ref().map(|ground| &ground.title),
                "ground_body": ground.as_ref().map(|ground| &ground.body),
                "statement": decision.statement, "public": public, "screened": screened,
                "appeal": appeal.as_ref().map(|(token, _)| format!("{site}/appeal#token={token}")),
                "appeal_until": appeal.as_ref().map(|(_, last)| last),
            });
            let name = if decision.kind == DecisionKind::Publish { "idea_published" } else { "idea_restricted" };
            app.mailer.send(&render(name, &context)?.addressed(id, to)).await
        })
    }
}
