//! The mail that invites to the staff.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::council_by_id;
use crate::app::App;
use crate::people::accounts::queries::issue_token;
use crate::people::staff::queries::find_invitation;
use crate::platform::db::Id;
use crate::platform::jobs::Job;
use crate::platform::mail::{Mail, render};
use crate::vocabulary::TokenKind;

/// Days an invitation is good for.
pub const DAYS: u64 = 7;

/// Sends an invitation. The token is made when the mail is sent.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendInvitation {
    /// Which invitation.
    pub invitation: Id,
}

impl Job<App> for SendInvitation {
    const KIND: &'static str = "send_invitation";

    fn key(&self) -> String {
        self.invitation.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let id = self.invitation;
            let found = app
                .db
                .write(move |tx| {
                    // Read again: it may have been withdrawn, or whoever invited may invite nobody any more (case A11).
                    let Some(invitation) = find_invitation(tx, council, id)? else { return Ok(None) };
                    let token = issue_token(tx, council, TokenKind::Invitation, id, json!({}), DAYS * 24)?;
                    Ok(Some((token, invitation, council_by_id(tx, council)?)))
                })
                .await?;
            let Some((token, invitation, council)) = found else { return Ok(()) };
            let (to, role) = (invitation.email, invitation.role);
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
