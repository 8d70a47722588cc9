//! The last mail to somebody who has gone, and guests whose time is over.

use std::time::Duration;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries;
use crate::app::App;
use crate::participation::guests::queries::leave;
use crate::people::accounts::queries::find_account;
use crate::people::councils::queries::council_by_id;
use crate::platform::audit::By;
use crate::platform::db::{Id, Instant};
use crate::platform::error::Result;
use crate::platform::jobs::Job;
use crate::platform::mail::render;
use crate::vocabulary::{AccountKind, FateOfIdeas};

/// Days after which those who took part by a mailed link are forgotten, from the close of their challenge: long enough to
/// hear what came of it.
pub const GUESTS_KEPT_DAYS: u64 = 365;

/// Tells somebody that they are erased. The account is there no more, so the job knows where to write.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellErased {
    /// Which account it was.
    pub account: Id,
    /// Where to write.
    pub email: String,
    /// What became of the public ideas.
    pub ideas: FateOfIdeas,
    /// When.
    pub at: Instant,
}

impl Job<App> for TellErased {
    const KIND: &'static str = "tell_erased";

    fn key(&self) -> String {
        self.account.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let council = app.db.read(move |tx| council_by_id(tx, council)).await?;
            let ideas = match self.ideas {
                FateOfIdeas::Anonymise => "Your public ideas and comments stay, and nobody is named as their author.",
                FateOfIdeas::Withdraw => {
                    "The texts of your ideas and comments are gone, and so are all their earlier versions."
                }
            };
            let at = council.local_time(self.at)?;
            let context = json!({ "council": council.name, "at": at, "ideas": ideas, "link": council.site_url });
            let mail = render("account_erased", &context)?;
            app.mailer.send(&mail.addressed(self.account, self.email)).await
        })
    }
}

/// Forgets guests a year after the last of their challenges has closed; what they have written stays without a name, and
/// their votes stay counted.
///
/// # Errors
/// What the database answers.
pub async fn forget_guests(app: &App) -> Result<()> {
    loop {
        let edge = app.db.clock().now().minus(Duration::from_secs(GUESTS_KEPT_DAYS * 86_400));
        let past = app.db.read(move |tx| queries::list_past_participations(tx, edge)).await?;
        if past.is_empty() {
            return Ok(());
        }
        for (council, account, challenge) in past {
            let forget = app.db.write(move |tx| {
                let others = leave(tx, council, account, challenge)?;
                let guest = find_account(tx, council, account)?.filter(|row| row.kind == AccountKind::Ephemeral);
                if guest.is_some() && !others {
                    let council = council_by_id(tx, council)?;
                    queries::erase(tx, &council, account, FateOfIdeas::Anonymise, By::Nobody)?;
                }
                Ok(())
            });
            forget.await?;
        }
    }
}
