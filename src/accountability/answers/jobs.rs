//! Telling of an answer: one job finds whom to tell, one job each tells them.

use std::collections::BTreeSet;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::queries;
use crate::accountability::replies::queries::{ask, open_question};
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::queries::mail_address;
use crate::people::accounts::tokens::issue_token;
use crate::people::councils::queries::council_by_id;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};
use crate::process::merges::queries::merged_in;
use crate::vocabulary::TokenKind;

/// How long the link to reply by is good: ninety days.
const ASKED_FOR_HOURS: u64 = 90 * 24;
/// Supporters who are asked in one unit at most, so that others write in between.
const BATCH: i64 = 100;

/// Finds whom to tell of an answer, some hundred at a time: each unit begins where the last one ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOfAnswer {
    /// The answer.
    pub answer: Id,
    /// The last voter that was looked at.
    pub after: Option<Id>,
}

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// It is their idea.
    Author,
    /// They support it.
    Supporter,
    /// They have written or support an idea that was merged into it, or support it.
    Joined,
}

impl Because {
    /// As a mail says it.
    fn words(self) -> &'static str {
        match self {
            Self::Author => "you submitted it",
            Self::Supporter => "you supported it",
            Self::Joined => "you submitted or supported it, or an idea that was merged into it",
        }
    }
}

/// Tells one account of an answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellOneOfAnswer {
    /// The answer.
    pub answer: Id,
    /// Who is told.
    pub account: Id,
    /// Why they are.
    pub because: Because,
}

impl Job<App> for TellOfAnswer {
    const KIND: &'static str = "tell_of_answer";

    fn key(&self) -> String {
        let after = self.after.map_or_else(String::new, |voter| format!(":{voter}"));
        format!("{}{after}", self.answer)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| fan_out(tx, council, &self)).await?) })
    }
}

fn fan_out(tx: &mut Tx<'_>, council: Id, job: &TellOfAnswer) -> Result<()> {
    let TellOfAnswer { answer, after } = *job;
    let Some((row, idea)) = queries::find_told(tx, council, answer)? else { return Ok(()) };
    // Who has written or supports what was merged into it is answered by this, too.
    let merged = merged_in(tx, council, row.idea_id)?;
    let answered: Vec<Id> = merged.iter().map(|(idea, _)| *idea).chain([row.idea_id]).collect();
    let voters = queries::supporters_of(tx, council, &answered, after, BATCH)?;
    let authors = idea.author_id.into_iter().chain(merged.iter().filter_map(|(_, author)| *author));
    let authors: BTreeSet<Id> = authors.collect();
    let others = voters.iter().filter_map(|(_, account)| *account).filter(|account| !authors.contains(account));
    let told: Vec<Id> = authors.iter().copied().filter(|_| after.is_none()).chain(others).collect();
    ask(tx, council, answer, &told)?;
    for account in told {
        let because = match idea.author_id == Some(account) {
            true => Because::Author,
            false if merged.is_empty() => Because::Supporter,
            false => Because::Joined,
        };
        enqueue(tx, council, &TellOneOfAnswer { answer, account, because })?;
    }
    match voters.last() {
        Some((last, _)) if i64::try_from(voters.len()).is_ok_and(|count| count == BATCH) => {
            enqueue(tx, council, &TellOfAnswer { answer, after: Some(*last) })
        }
        _ => Ok(()),
    }
}

impl Job<App> for TellOneOfAnswer {
    const KIND: &'static str = "tell_one_of_answer";

    fn key(&self) -> String {
        format!("{}:{}", self.answer, self.account)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            match app.db.write(move |tx| self.mail(tx, council)).await? {
                Some((context, to)) => send(&app, "idea_answered", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

impl TellOneOfAnswer {
    /// What is said and to whom; `None` where the idea or the account is gone by now.
    fn mail(&self, tx: &mut Tx<'_>, council: Id) -> Result<Option<(Value, String)>> {
        let Some((answer, idea)) = queries::find_told(tx, council, self.answer)? else { return Ok(None) };
        let Some(to) = mail_address(tx, council, self.account)? else { return Ok(None) };
        let council = council_by_id(tx, council)?;
        let number = public_number(&council.idea_prefix, idea.number);
        let site = council.site_url.trim_end_matches('/');
        // Whoever has replied by now is not asked again.
        let ask_link = match open_question(tx, council.id, self.answer, self.account)? {
            Some(question) => {
                let whose = json!({ "account": self.account });
                let token = issue_token(tx, council.id, TokenKind::Reply, question, whose, ASKED_FOR_HOURS)?;
                Some(format!("{site}/reply#token={token}"))
            }
            None => None,
        };
        let context = json!({
            "council": council.name,
            "title": idea.title,
            "number": number,
            "kind_label": answer.kind.label(),
            "office": answer.office,
            "reason": answer.reason,
            "link": format!("{site}/ideas/{number}"),
            "ask_link": ask_link,
            "may_ask_back": self.because == Because::Author && idea.followed_up_at.is_none(),
            "because": self.because.words(),
        });
        Ok(Some((context, to)))
    }
}
