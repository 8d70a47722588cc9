//! The mail that tells the owner what was changed about getting in, so that a thief is noticed.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::app::App;
use crate::people::accounts::queries::mail_address;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Id, Instant};
use crate::platform::jobs::Job;
use crate::platform::mail::render;

/// What was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityNotice {
    /// The password was changed by somebody signed in.
    PasswordChanged,
    /// The password was set anew by a mailed link.
    PasswordReset,
    /// Codes of an app are asked for.
    SecondFactorAdded,
    /// No codes are asked for any more.
    SecondFactorRemoved,
    /// There are new codes on paper.
    RecoveryCodesRenewed,
    /// There is a new passkey.
    PasskeyAdded,
    /// A passkey is gone.
    PasskeyRemoved,
    /// Somebody signed in on a device that was not seen before.
    NewDevice,
    /// A new address was taken back by a link in a mail to the one before.
    AddressTakenBack,
    /// There is a new key for programs.
    KeyMade,
    /// A sign-in provider was linked.
    IdentityLinked,
    /// A sign-in provider was unlinked.
    IdentityUnlinked,
}

impl SecurityNotice {
    fn sentence(self) -> &'static str {
        match self {
            Self::PasswordChanged => "Your password was changed, and all your other sessions were ended.",
            Self::PasswordReset => "Your password was set anew by a link in a mail, and all your sessions were ended.",
            Self::SecondFactorAdded => "From now on a code of your app is asked for when you sign in.",
            Self::SecondFactorRemoved => "No code of an app is asked for any more when you sign in.",
            Self::RecoveryCodesRenewed => "There are new recovery codes; the old ones no longer work.",
            Self::PasskeyAdded => "A passkey was added to your account.",
            Self::PasskeyRemoved => "A passkey was removed from your account.",
            Self::NewDevice => "Somebody signed in to your account on a device that had not been used for it before.",
            Self::AddressTakenBack => {
                "The new address of your account was taken back by a link in a mail to the address before. Everybody was \
                 signed out, and the password and what was added lately to sign in with are void."
            }
            Self::KeyMade => "A key was made with which a program may do in your name what you allowed it.",
            Self::IdentityLinked => {
                "From now on one can sign in to your account by a sign-in provider that was linked to it."
            }
            Self::IdentityUnlinked => {
                "A sign-in provider was unlinked; nobody signs in to your account by it any more."
            }
        }
    }
}

/// Tells the owner of an account.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOfSecurity {
    /// Whom.
    pub account: Id,
    /// Which event.
    pub event: Id,
    /// What was changed.
    pub notice: SecurityNotice,
    /// When.
    pub at: Instant,
    /// Where to, where that is not the address of the account.
    #[serde(default)]
    pub to: Option<String>,
}

impl TellOfSecurity {
    /// What happens now.
    pub fn now(account: Id, notice: SecurityNotice, at: Instant) -> Self {
        Self { account, event: Id::random(), notice, at, to: None }
    }
}

impl Job<App> for TellOfSecurity {
    const KIND: &'static str = "tell_of_security";

    fn key(&self) -> String {
        self.event.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let account = self.account;
            let found =
                app.db.read(move |tx| Ok((mail_address(tx, council, account)?, council_by_id(tx, council)?))).await?;
            let (address, council) = found;
            let Some(to) = self.to.or(address) else { return Ok(()) };
            let at = council.local_time(self.at)?;
            let said = json!({
                "council": council.name, "what": self.notice.sentence(), "at": at,
                "link": format!("{}/forgot-password", council.site_url.trim_end_matches('/')),
            });
            app.mailer.send(&render("security_notice", &said)?.addressed(self.event, to)).await
        })
    }
}
