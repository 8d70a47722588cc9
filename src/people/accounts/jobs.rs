//! Mails about accounts. The token is made when the mail is sent, so that no live token ever waits in a row.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{queries, tokens};
use crate::app::App;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::Id;
use crate::platform::jobs::Job;
use crate::platform::mail::{Mail, render};
use crate::vocabulary::{AccountState, TokenKind};

/// Hours a confirming link is good for.
const HOURS: u64 = 48;

/// Sends the link that confirms an address.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendConfirmation {
    /// The account.
    pub account: Id,
    /// Which request for it.
    pub request: Id,
    /// What it said.
    pub claim: queries::Claim,
}

impl Job<App> for SendConfirmation {
    const KIND: &'static str = "send_confirmation";

    fn key(&self) -> String {
        format!("{}:{}", self.account, self.request)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let (to, name) = (self.claim.email.clone(), self.claim.display_name.clone());
            let made = app
                .db
                .write(move |tx| {
                    let account = queries::find_account(tx, council, self.account)?;
                    let Some(account) = account.filter(|a| a.state == AccountState::Unconfirmed) else {
                        return Ok(None);
                    };
                    // Of this request alone: the link of an earlier one goes on, whoever asked later.
                    let data = json!({ "account": account.id, "claim": self.claim });
                    let token = tokens::issue_token(tx, council, TokenKind::ConfirmEmail, self.request, data, HOURS)?;
                    Ok(Some((token, council_by_id(tx, council)?)))
                })
                .await?;
            let Some((token, council)) = made else { return Ok(()) };
            // Behind the hash, so that the token stays out of every log on the way (case B18).
            let link = format!("{}/confirm-email#token={token}", council.site_url.trim_end_matches('/'));
            let mail = render(
                "confirm_email",
                &json!({ "council": council.name, "name": name, "link": link, "hours": HOURS }),
            )?;
            let id = self.request;
            app.mailer.send(&Mail { id, to, subject: mail.subject, text: mail.text, html: mail.html }).await
        })
    }
}
