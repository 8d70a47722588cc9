//! Carries decisions on many cases out when their minute is over, and tells each author once of all that concerns them.

use std::collections::BTreeMap;

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::queries::{self, ItemRow};
use crate::accountability::promises::calendar;
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::rules::public_number;
use crate::people::accounts::queries::address_for_decisions;
use crate::people::accounts::tokens::issue_token;
use crate::people::councils::model::Council;
use crate::people::councils::queries::{council_by_id, find_ground};
use crate::people::keys::queries::still_may;
use crate::platform::audit::By;
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::jobs::{Job, enqueue};
use crate::process::appeals::rules::until;
use crate::process::moderation::deciding::{Decider, Decision, HeldCase, Verdict, decide, hold_case};
use crate::process::moderation::jobs::TellAuthor;
use crate::process::moderation::queries::find_decision;
use crate::process::moderation::rules::may_decide;
use crate::process::moderation::{claims, item};
use crate::process::screening::queries::findings_of;
use crate::vocabulary::permissions::Action;
use crate::vocabulary::{BatchState, DecisionKind, TokenKind};

/// Decides the cases of a batch, if it still waits.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CarryOutBatch {
    /// Which batch.
    pub batch: Id,
}

/// Tells an author of several decisions of one batch.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TellAuthorOfMany {
    /// Which batch.
    pub batch: Id,
    /// Whose ideas and comments they are about.
    pub author: Id,
    /// The decisions.
    pub decisions: Vec<Id>,
}

impl Job<App> for CarryOutBatch {
    const KIND: &'static str = "carry_out_batch";

    fn key(&self) -> String {
        self.batch.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| carry_out(tx, council, self.batch)).await?) })
    }
}

/// All in one unit: after a crash either nothing of it is there, and it is done again, or all of it.
fn carry_out(tx: &mut Tx<'_>, council: Id, batch: Id) -> Result<()> {
    let council = council_by_id(tx, council)?;
    let row = queries::find_batch(tx, council.id, batch)?;
    if row.state != BatchState::Waiting {
        return Ok(());
    }
    queries::end_waiting(tx, council.id, batch, BatchState::CarriedOut)?;
    let allowed = still_may(tx, council.id, (row.asked_by, row.key_id), Action::Moderate)?;
    let who = Decider { account: row.asked_by, by: By::of(row.asked_by, row.key_id) };
    let verdict = Verdict { kind: row.kind, ground: row.ground_code, statement: row.statement, edit: None };
    let mut items: Vec<ItemRow> =
        queries::items_of(tx, council.id, batch)?.into_iter().map(|(item, ..)| item).collect();
    // In one order, so that two who decide about the same ideas do not wait for each other.
    items.sort_unstable_by_key(|item| item.idea_id);
    let mut told: BTreeMap<Id, Vec<Id>> = BTreeMap::new();
    for item in items {
        let held = hold_case(tx, &council, item.case_id)?;
        let can = if allowed { can_be_decided(tx, &held, &item, &verdict, who.account)? } else { Err(Code::Forbidden) };
        let result = match can {
            Err(code) => Err(code),
            Ok(()) => {
                let Decision { id, is_news, .. } = decide(tx, &council, &held, &verdict, who)?;
                if let Some(author) = held.item.author().filter(|_| is_news) {
                    told.entry(author).or_default().push(id);
                }
                Ok(id)
            }
        };
        // What was not decided is free for whoever looks at it next.
        if result.is_err() {
            claims::give_up(tx, council.id, item.case_id, who.account)?;
        }
        queries::set_result(tx, council.id, batch, item.position, result)?;
    }
    told.into_iter().try_for_each(|(author, decisions)| match decisions.as_slice() {
        [decision] => enqueue(tx, council.id, &TellAuthor { decision: *decision }),
        _ => enqueue(tx, council.id, &TellAuthorOfMany { batch, author, decisions }),
    })
}

fn can_be_decided(
    tx: &Tx<'_>,
    held: &HeldCase,
    item: &ItemRow,
    verdict: &Verdict,
    by: Id,
) -> Result<std::result::Result<(), Code>> {
    match may_decide(&held.case, verdict.kind, by, tx.now()) {
        Ok(_) if held.case.version != item.case_version => Ok(Err(Code::Changed)),
        Ok(_) => Ok(Ok(())),
        Err(Error::Problem(problem)) => Ok(Err(problem.code)),
        Err(error) => Err(error),
    }
}

impl Job<App> for TellAuthorOfMany {
    const KIND: &'static str = "tell_author_of_many";

    fn key(&self) -> String {
        format!("{}:{}", self.batch, self.author)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            let mail = app.db.write(move |tx| {
                let council = council_by_id(tx, council)?;
                self.mail(tx, &council)
            });
            match mail.await? {
                Some((context, to)) => send(&app, "ideas_decided", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

impl TellAuthorOfMany {
    /// What is said and to whom; `None` where the account is gone by now.
    fn mail(&self, tx: &mut Tx<'_>, council: &Council) -> Result<Option<(serde_json::Value, String)>> {
        let Some((to, first)) = address_for_decisions(tx, council.id, self.author)?.zip(self.decisions.first()) else {
            return Ok(None);
        };
        let (mut items, mut cases) =
            (Vec::with_capacity(self.decisions.len()), Vec::with_capacity(self.decisions.len()));
        for id in &self.decisions {
            let decision = find_decision(tx, council.id, *id)?;
            cases.push(decision.case_id);
            let item = item::find(tx, council, decision.subject())?;
            items.push(
                json!({ "number": public_number(&council.idea_prefix, item.idea.number), "title": item.quoted() }),
            );
        }
        let screened = !findings_of(tx, council.id, cases)?.is_empty();
        // One of them stands for all: they were decided alike and at one moment.
        let decision = find_decision(tx, council.id, *first)?;
        let ground = match &decision.ground_code {
            Some(code) => find_ground(tx, council.id, code)?,
            None => None,
        };
        let site = council.site_url.trim_end_matches('/');
        let last = until(decision.decided_at, &council.time_zone)?;
        let appeal = if decision.kind == DecisionKind::Publish {
            None
        } else {
            let hours = last.since(tx.now()).as_secs().div_ceil(3_600);
            let data = json!({ "account": self.author, "decisions": self.decisions });
            let token = issue_token(tx, council.id, TokenKind::Appeal, *first, data, hours)?;
            Some(format!("{site}/appeal#token={token}"))
        };
        let context = json!({
            "council": council.name, "link": site, "count": items.len(), "items": items,
            "effect": match decision.kind {
                DecisionKind::Publish | DecisionKind::PublishWithEdit => "published",
                DecisionKind::ReturnForChanges => "given back",
                DecisionKind::Hide => "hidden",
                DecisionKind::Remove => "removed",
                DecisionKind::Lock => "locked",
            },
            "ground_title": ground.as_ref().map(|ground| &ground.title),
            "ground_body": ground.as_ref().map(|ground| &ground.body),
            "statement": decision.statement, "screened": screened, "appeal": appeal,
            "appeal_until": calendar::last_day(last, &council.time_zone)?,
        });
        Ok(Some((context, to)))
    }
}
