//! The mail that asks a decision-maker to accept a promise.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::{find_challenge, set_accepted, the_promise};
use crate::app::App;
use crate::people::accounts::tokens::issue_token;
use crate::people::councils::queries::council_by_id;
use crate::people::sandboxes::queries::is_sandbox;
use crate::platform::audit::{By, Event, record};
use crate::platform::db::{Id, Instant};
use crate::platform::jobs::Job;
use crate::platform::mail::{Mail, render};
use crate::vocabulary::{AuditAction, TokenKind};

/// Hours the link is good for.
const HOURS: u64 = 14 * 24;

/// Asks the decision-maker.
#[derive(Debug, Serialize, Deserialize)]
pub struct AskAcceptance {
    /// For which challenge.
    pub challenge: Id,
    /// Which request.
    pub request: Id,
}

impl Job<App> for AskAcceptance {
    const KIND: &'static str = "ask_acceptance";

    fn key(&self) -> String {
        self.request.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let challenge_id = self.challenge;
            let asked = app
                .db
                .write(move |tx| {
                    // Nobody is there to be asked.
                    if is_sandbox(tx, council)? {
                        set_accepted(tx, council, challenge_id)?;
                        record(tx, council, Event::new(AuditAction::PromiseAccepted, By::Nobody).to(challenge_id))?;
                        return Ok(None);
                    }
                    let challenge = find_challenge(tx, council, challenge_id, true)?;
                    let promise = the_promise(tx, council, challenge_id)?;
                    let data = json!({ "version": challenge.version });
                    let token = issue_token(tx, council, TokenKind::AcceptPromise, challenge_id, data, HOURS)?;
                    Ok(Some((challenge, promise, token, council_by_id(tx, council)?)))
                })
                .await?;
            let Some((challenge, promise, token, council)) = asked else { return Ok(()) };
            let site = council.site_url.trim_end_matches('/');
            let zone = jiff::tz::TimeZone::get(&council.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
            let day = |at: Instant| at.timestamp().to_zoned(zone).strftime("%-d %B %Y").to_string();
            let by = promise.publish_outcome_by.map(day);
            let mail = render(
                "accept_promise",
                &json!({
                    "council": council.name, "office": promise.decision_office, "challenge": challenge.title,
                    "question": challenge.question, "in_their_power": promise.in_their_power,
                    "answer_within_days": promise.answer_within_days,
                    "moderate_within_hours": promise.moderate_within_hours, "success_measure": promise.success_measure, "publish_outcome_by": by,
                    "link": format!("{site}/accept-promise#token={token}"),
                }),
            )?;
            let (id, to) = (self.request, promise.decision_email);
            app.mailer.send(&Mail { id, to, subject: mail.subject, text: mail.text, html: mail.html }).await
        })
    }
}
