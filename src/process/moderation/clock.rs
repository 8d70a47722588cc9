//! What becomes of an idea when a moderator has not come in time: nothing, unless its council wishes that what nothing speaks
//! against is public then. Nobody has decided; the case stays open.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::item::{self, Subject};
use super::queries::{find_case, mark_public};
use crate::accountability::promises::jobs::schedule_late;
use crate::accountability::send;
use crate::app::App;
use crate::participation::ideas::rules::{Move, public_number};
use crate::people::accounts::queries::{find_account, mail_address};
use crate::people::councils::queries::council_by_id;
use crate::people::verification::model::Facts;
use crate::people::verification::queries::facts_of;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};
use crate::process::screening::queries::findings_of;
use crate::vocabulary::{AccountState, AgeBand, AuditAction, CaseReason, CaseState, IdeaState};

/// Publishes an idea or a comment whose case nobody has decided by its hour, where nothing speaks against it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PublishByClock {
    /// Which case.
    pub case: Id,
    /// Until when it was to be decided: a case whose idea is held once more has another such hour.
    pub due_at: Instant,
}

/// Tells an author that their idea or comment is public.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TellPublished {
    /// Which idea, or under which one.
    pub idea: Id,
    /// Which comment, where it is one.
    pub comment: Option<Id>,
    /// Since when it is public.
    pub since: Instant,
}

/// Whether nothing speaks against publishing an idea that nobody has looked at: no finding in any of its revisions, no
/// report, and an author who is not known to be under eighteen, and is not protected. That they are not suspended is asked
/// beside it.
fn is_clean(findings: usize, reports: i32, author: &Facts) -> bool {
    let young = matches!(author.age_band, Some(AgeBand::Under18 | AgeBand::UnderMinimum));
    findings == 0 && reports == 0 && !young && !author.protected
}

impl Job<App> for PublishByClock {
    const KIND: &'static str = "publish_by_clock";

    fn key(&self) -> String {
        format!("{}:{}", self.case, self.due_at.micros())
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| publish(tx, council, self.case)).await?) })
    }
}

fn publish(tx: &mut Tx<'_>, council: Id, case: Id) -> Result<()> {
    let council = council_by_id(tx, council)?;
    if !council.publish_clean_by_clock {
        return Ok(());
    }
    let subject = find_case(tx, council.id, case)?.subject();
    let item = item::hold(tx, &council, subject)?;
    let row = find_case(tx, council.id, case)?;
    let waits = row.state == CaseState::Open
        && row.reason == CaseReason::BeforePublication
        && row.due_at <= tx.now()
        && item.state() == IdeaState::Held;
    let Some(author) = item.author().filter(|_| waits) else { return Ok(()) };
    // A moderator had something against it, and nobody has seen whether that is gone.
    if item::was_given_back(tx, council.id, subject)? {
        return Ok(());
    }
    let active = find_account(tx, council.id, author)?.is_some_and(|account| account.state == AccountState::Active);
    if !active
        || !is_clean(findings_of(tx, council.id, vec![case])?.len(), row.reports, &facts_of(tx, council.id, author)?)
    {
        return Ok(());
    }
    item::step(tx, &council, &item, Move::Publish, None)?;
    mark_public(tx, council.id, case)?;
    let event = Event::new(AuditAction::PublishedByClock, By::Nobody).to(case);
    let Subject { idea, comment } = subject;
    let after = json!({ "idea": idea, "comment": comment, "state": "published" });
    audit::record(tx, council.id, event.before(json!({ "state": item.state() })).after(after))?;
    if comment.is_none() {
        schedule_late(tx, council.id, &item.idea)?;
    }
    enqueue(tx, council.id, &TellPublished { idea, comment, since: tx.now() })
}

impl Job<App> for TellPublished {
    const KIND: &'static str = "tell_published";

    fn key(&self) -> String {
        format!("{}:{}", self.comment.unwrap_or(self.idea), self.since.micros())
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let found = app.db.read(move |tx| {
                let council = council_by_id(tx, council)?;
                let item = item::find(tx, &council, Subject { idea: self.idea, comment: self.comment })?;
                let public = item.state() == IdeaState::Published;
                let to = match item.author().filter(|_| public) {
                    Some(author) => mail_address(tx, council.id, author)?,
                    None => None,
                };
                Ok(to.map(|to| (to, council, item)))
            });
            let Some((to, council, item)) = found.await? else { return Ok(()) };
            let number = public_number(&council.idea_prefix, item.idea.number);
            let context = json!({
                "council": council.name, "of": item.subject().word(), "title": item.quoted(), "number": number,
                "link": item.address(&council),
            });
            send(&app, "idea_published", &context, &self.key(), to).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::AccountKind;

    #[test]
    fn nothing_found_and_nobody_young_is_clean() {
        let facts = |age_band, protected| Facts {
            verified: None,
            age_band,
            protected,
            kind: AccountKind::Full,
            takes_part_in: Vec::new(),
        };
        assert!(is_clean(0, 0, &facts(None, false)) && is_clean(0, 0, &facts(Some(AgeBand::Adult), false)));
        assert!(!is_clean(1, 0, &facts(None, false)));
        assert!(!is_clean(0, 1, &facts(None, false)));
        assert!(!is_clean(0, 0, &facts(Some(AgeBand::Under18), false)));
        assert!(!is_clean(0, 0, &facts(None, true)));
    }
}
