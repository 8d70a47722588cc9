//! The mail with the link to take part. The token is made when it is sent.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::people::accounts::queries::find_by_email;
use crate::people::accounts::tokens::issue_token;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::Id;
use crate::platform::jobs::Job;
use crate::platform::mail::render;
use crate::vocabulary::{AccountKind, AccountState, AgeBand, TokenKind};

/// Hours that a link is good for.
const HOURS: u64 = 48;

/// What the link is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invited {
    /// Which challenge.
    pub challenge: Id,
    /// The address as it was typed.
    pub email: String,
    /// How old its owner said that they are.
    pub age_band: Option<AgeBand>,
    /// Whether the council protects them.
    pub protected: bool,
}

/// Sends a link to take part, or says that there is an account to sign in with.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendParticipation {
    /// Which request.
    pub request: Id,
    /// Of which address.
    pub email_key: String,
    /// What for.
    pub invited: Invited,
}

impl Job<App> for SendParticipation {
    const KIND: &'static str = "send_participation";

    fn key(&self) -> String {
        self.request.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let (request, secrets) = (self.request, app.config.secrets.clone());
            let made = app.db.write(move |tx| {
                let mut invited = self.invited.clone();
                let there = find_by_email(tx, council, &self.email_key)?;
                if there.as_ref().is_some_and(|account| account.state == AccountState::Suspended) {
                    return Ok(None);
                }
                let there = there.filter(|account| account.state == AccountState::Active);
                // Not everywhere is another spelling the same mailbox: what belongs to an account goes where it was shown that
                // its owner reads it.
                if let Some(account) = &there {
                    invited.email.clone_from(&account.email);
                }
                let own = there.is_some_and(|account| account.kind == AccountKind::Full);
                let title = find_challenge(tx, council, self.invited.challenge, false)?.title;
                let council = council_by_id(tx, council)?;
                if own {
                    return Ok(Some((None, title, council, invited.email)));
                }
                // Of this address and challenge: a newer link voids the one before, whoever asked for it.
                let of = [council.id.bytes(), self.invited.challenge.bytes(), self.email_key.as_bytes()];
                let subject = Id::from_text(&secrets.mac("participation", &of));
                let data = serde_json::to_value(&invited).map_err(anyhow::Error::from)?;
                let token = issue_token(tx, council.id, TokenKind::Participate, subject, data, HOURS)?;
                Ok(Some((Some(token), title, council, invited.email)))
            });
            let Some((token, title, council, to)) = made.await? else { return Ok(()) };
            let site = council.site_url.trim_end_matches('/');
            let link =
                token.as_ref().map_or_else(|| site.to_owned(), |token| format!("{site}/take-part#token={token}"));
            let said = json!({
                "council": council.name, "challenge": title, "link": link, "hours": HOURS, "account": token.is_none(),
            });
            app.mailer.send(&render("participate", &said)?.addressed(request, to)).await
        })
    }
}
