//! The mail with a code and a link to sign in. Both are made when it is sent.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::people::accounts::queries::find_by_email;
use crate::people::accounts::tokens::issue_code;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::Id;
use crate::platform::jobs::Job;
use crate::platform::mail::render;
use crate::vocabulary::{AccountState, TokenKind};

/// Minutes that a mailed code is good for (OWASP ASVS 5.0, 6.5.5).
const MINUTES: u64 = 10;

/// Sends a code, where the address has an account. Nobody can tell from the request whether it has.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendSignInCode {
    /// Which request.
    pub request: Id,
    /// Of which address.
    pub email_key: String,
}

impl Job<App> for SendSignInCode {
    const KIND: &'static str = "send_sign_in_code";

    fn key(&self) -> String {
        self.request.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let (secrets, request) = (app.config.secrets.clone(), self.request);
            let made = app.db.write(move |tx| {
                let account = find_by_email(tx, council, &self.email_key)?.filter(|a| a.state == AccountState::Active);
                let Some(account) = account else { return Ok(None) };
                let about = (TokenKind::SignIn, account.id);
                let good_for = Duration::from_secs(MINUTES * 60);
                let (token, code) = issue_code(tx, &secrets, council, about, json!({}), good_for)?;
                Ok(Some((account.email, token, code, council_by_id(tx, council)?)))
            });
            let Some((to, token, code, council)) = made.await? else { return Ok(()) };
            // Behind the hash, so that the token stays out of every log on the way (case B18).
            let link = format!("{}/sign-in#token={token}", council.site_url.trim_end_matches('/'));
            let said = json!({ "council": council.name, "code": code, "link": link, "minutes": MINUTES });
            app.mailer.send(&render("sign_in_code", &said)?.addressed(request, to)).await
        })
    }
}
