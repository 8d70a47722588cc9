//! Mails about accounts. The token is made when the mail is sent, so that no live token ever waits in a row.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries;
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
    /// Hash of the password that came with this request. Only the link of the same request puts it in force, so that
    /// nobody confirms an account with somebody else's password.
    pub password_hash: String,
}

impl Job<App> for SendConfirmation {
    const KIND: &'static str = "send_confirmation";

    fn key(&self) -> String {
        format!("{}:{}", self.account, self.request)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let made = app
                .db
                .write(move |tx| {
                    let account = queries::find_account(tx, council, self.account)?;
                    let Some(account) = account.filter(|a| a.state == AccountState::Unconfirmed) else {
                        return Ok(None);
                    };
                    let data = json!({ "password_hash": self.password_hash });
                    let token = queries::issue_token(tx, council, TokenKind::ConfirmEmail, account.id, data, HOURS)?;
                    Ok(Some((account, token, council_by_id(tx, council)?)))
                })
                .await?;
            let Some((account, token, council)) = made else { return Ok(()) };
            // Behind the hash, so that the token stays out of every log on the way (case B18).
            let link = format!("{}/confirm-email#token={token}", council.site_url.trim_end_matches('/'));
            let mail = render(
                "confirm_email",
                &json!({ "council": council.name, "name": account.display_name, "link": link, "hours": HOURS }),
            )?;
            app.mailer
                .send(&Mail {
                    id: self.request,
                    to: account.email,
                    subject: mail.subject,
                    text: mail.text,
                    html: mail.html,
                })
                .await
        })
    }
}
