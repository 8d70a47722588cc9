//! The mail that invites to the staff.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::council_by_id;
use crate::app::App;
use crate::people::accounts::queries::issue_token;
use crate::platform::db::Id;
use crate::platform::jobs::Job;
use crate::platform::mail::{Mail, render};
use crate::vocabulary::{Role, TokenKind};

/// Days an invitation is good for.
const DAYS: u64 = 7;

/// Sends an invitation. The token is made when the mail is sent.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendInvitation {
    /// Which invitation.
    pub invitation: Id,
    /// To whom.
    pub email: String,
    /// As what.
    pub role: Role,
}

impl Job<App> for SendInvitation {
    const KIND: &'static str = "send_invitation";

    fn key(&self) -> String {
        self.invitation.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let (to, role) = (self.email.clone(), self.role);
            let (token, council) = app
                .db
                .write(move |tx| {
                    let data = json!({ "email": self.email, "role": self.role });
                    let token = issue_token(tx, council, TokenKind::Invitation, self.invitation, data, DAYS * 24)?;
                    Ok((token, council_by_id(tx, council)?))
                })
                .await?;
            let link = format!("{}/join#token={token}", council.site_url.trim_end_matches('/'));
            let mail = render(
                "invitation",
                &json!({
                    "council": council.name, "office_or_inviter": council.name, "role": role, "link": link, "days": DAYS
                }),
            )?;
            app.mailer
                .send(&Mail { id: self.invitation, to, subject: mail.subject, text: mail.text, html: mail.html })
                .await
        })
    }
}
