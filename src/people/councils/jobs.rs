//! The mail that invites to the staff, and the one that tells its admins what was changed about who gets in.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::council_by_id;
use crate::app::App;
use crate::people::accounts::queries::{admins, mail_address};
use crate::people::accounts::tokens::issue_token;
use crate::people::staff::queries::find_invitation;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};
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
            let mail =
                render("invitation", &json!({ "council": council.name, "role": role, "link": link, "days": DAYS }))?;
            app.mailer
                .send(&Mail { id: self.invitation, to, subject: mail.subject, text: mail.text, html: mail.html })
                .await
        })
    }
}

/// What was changed about the council that decides who gets in, and by what page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettingsNotice {
    /// Where mailed links lead.
    Site,
    /// Whether the staff is asked for a second factor.
    StaffSecondFactor,
    /// By whom residents sign in.
    SignInProvider,
}

impl SettingsNotice {
    fn sentence(self) -> &'static str {
        match self {
            Self::Site => "The address of the council's site was changed. From now on the links in mails lead there.",
            Self::StaffSecondFactor => "It was changed whether the council's staff is asked for a second factor.",
            Self::SignInProvider => "A sign-in provider of the council was set up, changed or taken away.",
        }
    }
}

/// Tells an admin what was changed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellAdmin {
    /// Whom.
    pub account: Id,
    /// Which event.
    pub event: Id,
    /// What was changed.
    pub notice: SettingsNotice,
    /// When.
    pub at: Instant,
    /// Where the site was before, so that the mail does not lead to what it warns of.
    pub site_url: String,
}

/// Tells all admins, in the transaction of the change.
///
/// # Errors
/// What the database answers.
pub fn tell_admins(tx: &mut Tx<'_>, council: Id, site_url: &str, notice: SettingsNotice) -> Result<()> {
    let at = tx.now();
    for account in admins(tx, council)? {
        let site_url = site_url.to_owned();
        enqueue(tx, council, &TellAdmin { account, event: Id::random(), notice, at, site_url })?;
    }
    Ok(())
}

impl Job<App> for TellAdmin {
    const KIND: &'static str = "tell_admin";

    fn key(&self) -> String {
        self.event.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let account = self.account;
            let found =
                app.db.read(move |tx| Ok((mail_address(tx, council, account)?, council_by_id(tx, council)?))).await?;
            let (Some(to), council) = found else { return Ok(()) };
            let said = json!({
                "council": council.name, "what": self.notice.sentence(), "link": self.site_url,
                "at": council.local_time(self.at)?,
            });
            app.mailer.send(&render("settings_notice", &said)?.addressed(self.event, to)).await
        })
    }
}
