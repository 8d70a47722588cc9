//! The mail with which the outside reviewer reads and decides one case.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::{find_review, find_reviewer};
use crate::accountability::promises::calendar::last_day;
use crate::app::App;
use crate::people::accounts::tokens::issue_token;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::Id;
use crate::platform::jobs::Job;
use crate::platform::mail::render;
use crate::vocabulary::TokenKind;

/// Asks the outside reviewer.
#[derive(Debug, Serialize, Deserialize)]
pub struct AskReviewer {
    /// Which grant.
    pub review: Id,
}

impl Job<App> for AskReviewer {
    const KIND: &'static str = "ask_reviewer";

    fn key(&self) -> String {
        self.review.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let id = self.review;
            let asked = app.db.write(move |tx| {
                let review = find_review(tx, council, id)?;
                let council = council_by_id(tx, council)?;
                let named = find_reviewer(tx, council.id)?.filter(|one| one.account_id == review.account_id);
                let Some(reviewer) = named.filter(|_| review.expires_at > tx.now()) else { return Ok(None) };
                let hours = review.expires_at.since(tx.now()).as_secs().div_ceil(3_600);
                let whose = json!({ "account": review.account_id });
                let token = issue_token(tx, council.id, TokenKind::Review, id, whose, hours)?;
                let site = council.site_url.trim_end_matches('/');
                let context = json!({
                    "council": council.name, "name": reviewer.name,
                    "until": last_day(review.expires_at, &council.time_zone)?,
                    "link": format!("{site}/review#token={token}"),
                });
                Ok(Some((reviewer.email, context)))
            });
            let Some((to, context)) = asked.await? else { return Ok(()) };
            app.mailer.send(&render("review_granted", &context)?.addressed(id, to)).await
        })
    }
}
