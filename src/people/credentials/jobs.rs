//! The mails with links that set a password anew, confirm a new address, or take it back.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::{Before, was_taken_back};
use crate::app::App;
use crate::people::accounts::queries::{find_account, find_by_email};
use crate::people::accounts::tokens::issue_token;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Hold, Id, Instant, Root};
use crate::platform::jobs::Job;
use crate::platform::mail::render;
use crate::vocabulary::{AccountState, TokenKind};

/// Hours that a link to a new password is good for.
const RESET_HOURS: u64 = 1;
/// Hours that a link to a new address is good for.
const CONFIRM_HOURS: u64 = 24;
/// Days in which a new address can be taken back.
pub const UNDO_DAYS: u64 = 14;

/// Sends a link to a new password, where the address has an account.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendPasswordReset {
    /// Which request.
    pub request: Id,
    /// Of which address.
    pub email_key: String,
}

impl Job<App> for SendPasswordReset {
    const KIND: &'static str = "send_password_reset";

    fn key(&self) -> String {
        self.request.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let request = self.request;
            let made = app.db.write(move |tx| {
                let account = find_by_email(tx, council, &self.email_key)?.filter(|a| a.state == AccountState::Active);
                let Some(account) = account else { return Ok(None) };
                let token = issue_token(tx, council, TokenKind::ResetPassword, account.id, json!({}), RESET_HOURS)?;
                Ok(Some((account.email, token, council_by_id(tx, council)?)))
            });
            let Some((to, token, council)) = made.await? else { return Ok(()) };
            let link = format!("{}/reset-password#token={token}", council.site_url.trim_end_matches('/'));
            let said = json!({ "council": council.name, "link": link, "hours": RESET_HOURS });
            app.mailer.send(&render("password_reset", &said)?.addressed(request, to)).await
        })
    }
}

/// Sends a link to the new address of an account.
#[derive(Debug, Serialize, Deserialize)]
pub struct ConfirmAddress {
    /// Which request.
    pub request: Id,
    /// Whose.
    pub account: Id,
    /// The new address as it was typed.
    pub email: String,
    /// What was in force when it was asked for.
    pub credentials_version: i32,
}

impl Job<App> for ConfirmAddress {
    const KIND: &'static str = "confirm_address";

    fn key(&self) -> String {
        self.request.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let (request, to) = (self.request, self.email.clone());
            let made = app.db.write(move |tx| {
                // What was asked for before the password or the address changed is void with them.
                let account = find_account(tx, council, self.account)?.filter(|account| {
                    account.state == AccountState::Active && account.credentials_version == self.credentials_version
                });
                let Some(account) = account else { return Ok(None) };
                let data = json!({ "email": self.email, "credentials_version": account.credentials_version });
                let token = issue_token(tx, council, TokenKind::ChangeEmail, account.id, data, CONFIRM_HOURS)?;
                Ok(Some((token, council_by_id(tx, council)?)))
            });
            let Some((token, council)) = made.await? else { return Ok(()) };
            let link = format!("{}/confirm-new-address#token={token}", council.site_url.trim_end_matches('/'));
            let said = json!({ "council": council.name, "link": link, "hours": CONFIRM_HOURS });
            app.mailer.send(&render("new_address", &said)?.addressed(request, to)).await
        })
    }
}

/// Tells the old address, with a link that takes it back.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOldAddress {
    /// Which change: each can be taken back by itself.
    pub change: Id,
    /// Whose.
    pub account: Id,
    /// The address before.
    pub email: String,
    /// When it was changed.
    pub at: Instant,
}

impl Job<App> for TellOldAddress {
    const KIND: &'static str = "tell_old_address";

    fn key(&self) -> String {
        self.change.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let (change, to) = (self.change, self.email.clone());
            let made = app.db.write(move |tx| {
                // Where an earlier change was taken back meanwhile, this one is gone with it.
                tx.hold(Root::Council, council, council, Hold::Shared)?;
                if was_taken_back(tx, council, self.account, self.at)? {
                    return Ok(None);
                }
                let before = Before { account: self.account, email: self.email.clone(), at: self.at };
                let data = serde_json::to_value(before).map_err(anyhow::Error::from)?;
                let token = issue_token(tx, council, TokenKind::UndoEmail, change, data, UNDO_DAYS * 24)?;
                Ok(Some((token, council_by_id(tx, council)?)))
            });
            let Some((token, council)) = made.await? else { return Ok(()) };
            let link = format!("{}/undo-new-address#token={token}", council.site_url.trim_end_matches('/'));
            let said = json!({ "council": council.name, "link": link, "days": UNDO_DAYS });
            app.mailer.send(&render("old_address", &said)?.addressed(change, to)).await
        })
    }
}
