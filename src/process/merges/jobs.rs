//! Putting a proposal to those whom it concerns, carrying it out when their time is over, and telling authors what came of it.

use futures_util::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::carrying::{carry, tie};
use super::entries::{MergeCarriedOut, MergeLapsed};
use super::queries::{self, MergeRow, SourceRow};
use super::rules;
use super::views::Carried;
use crate::accountability::answers::queries::{list_answers, supporters};
use crate::accountability::promises::{self, calendar};
use crate::accountability::send;
use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::queries::{find_shown, move_idea};
use crate::participation::ideas::rules::{Move, public_number};
use crate::people::accounts::queries::mail_address;
use crate::people::accounts::tokens::issue_token;
use crate::people::councils::model::Council;
use crate::people::councils::queries::council_by_id;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::entries::record;
use crate::platform::error::Result;
use crate::platform::jobs::{Job, enqueue};
use crate::process::signals::queries::unsettled_among;
use crate::vocabulary::{AuditAction, IdeaState, LeftBecause, MergeSilence, MergeSourceState, MergeState, TokenKind};

/// Supporters who are asked in one unit at most, so that others write in between.
const BATCH: i64 = 100;

/// Finds whom to ask about a merge: authors first, then supporters, some hundred at a time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TellOfMerge {
    /// Which merge.
    pub merge: Id,
    /// The last idea and voter that were looked at.
    pub after: Option<(Id, Id)>,
}

/// Asks one account.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TellOneOfMerge {
    /// As what they are asked.
    pub asked: Id,
}

/// Carries a merge out, if it still waits.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CarryOutMerge {
    /// Which.
    pub merge: Id,
}

/// Tells the author of an idea what came of it in a merge.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct TellAuthorOfMerge {
    /// Which merge.
    pub merge: Id,
    /// Which idea.
    pub idea: Id,
    /// As what the merge stands by now.
    pub state: MergeState,
}

impl Job<App> for TellOfMerge {
    const KIND: &'static str = "tell_of_merge";

    fn key(&self) -> String {
        let after = self.after.map_or_else(String::new, |(idea, voter)| format!(":{idea}:{voter}"));
        format!("{}{after}", self.merge)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| fan_out(tx, council, self)).await?) })
    }
}

fn fan_out(tx: &mut Tx<'_>, council: Id, job: TellOfMerge) -> Result<()> {
    let TellOfMerge { merge, after } = job;
    let row = queries::find_merge(tx, council, merge)?;
    if row.state != MergeState::Proposed {
        return Ok(());
    }
    let of = council_by_id(tx, council)?;
    let mut ideas: Vec<Id> =
        queries::sources_of(tx, council, merge)?.into_iter().map(|(source, _)| source.idea_id).collect();
    ideas.sort_unstable();
    if after.is_none() {
        for idea in &ideas {
            let author = find_shown(tx, &of, &idea.to_string())?.idea.author_id;
            author.map_or(Ok(()), |author| put_to(tx, council, merge, author, None))?;
        }
    }
    let (begun, mut voter) = after.map_or((Id::NONE, None), |(idea, voter)| (idea, Some(voter)));
    for idea in ideas.into_iter().filter(|idea| *idea >= begun) {
        let voters = supporters(tx, council, idea, voter.take(), BATCH)?;
        for (voter, account) in &voters {
            account.map_or(Ok(()), |account| put_to(tx, council, merge, account, Some(*voter)))?;
        }
        match voters.last() {
            Some((last, _)) if i64::try_from(voters.len()).is_ok_and(|count| count == BATCH) => {
                return enqueue(tx, council, &TellOfMerge { merge, after: Some((idea, *last)) });
            }
            _ => {}
        }
    }
    Ok(())
}

fn put_to(tx: &mut Tx<'_>, council: Id, merge: Id, account: Id, voter: Option<Id>) -> Result<()> {
    match queries::ask(tx, council, merge, account, voter)? {
        Some(asked) => enqueue(tx, council, &TellOneOfMerge { asked }),
        None => Ok(()),
    }
}

impl Job<App> for TellOneOfMerge {
    const KIND: &'static str = "tell_one_of_merge";

    fn key(&self) -> String {
        self.asked.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            match app.db.write(move |tx| self.mail(tx, council)).await? {
                Some((context, to)) => send(&app, "merge_proposed", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

impl TellOneOfMerge {
    /// What is said and to whom; `None` where nothing is to be chosen any more, or the account is gone.
    fn mail(self, tx: &mut Tx<'_>, council: Id) -> Result<Option<(Value, String)>> {
        let Some((merge, Some(account), None)) = queries::asked_by(tx, council, self.asked)? else { return Ok(None) };
        let row = queries::find_merge(tx, council, merge)?;
        if rules::may_choose(row.state, row.due_at, tx.now()).is_err() {
            return Ok(None);
        }
        let Some(to) = mail_address(tx, council, account)? else { return Ok(None) };
        let council = council_by_id(tx, council)?;
        let target = find_shown(tx, &council, &row.target_id.to_string())?.idea;
        let (mut items, mut wrote) = (Vec::new(), false);
        for (source, _) in queries::sources_of(tx, council.id, merge)? {
            let idea = find_shown(tx, &council, &source.idea_id.to_string())?.idea;
            wrote |= idea.author_id == Some(account);
            // What was hidden meanwhile is shown to nobody by mail either.
            if idea.state == IdeaState::Published {
                let number = public_number(&council.idea_prefix, idea.number);
                items.push(json!({ "number": number, "title": idea.title }));
            }
        }
        if items.is_empty() || target.state != IdeaState::Published {
            return Ok(None);
        }
        let hours = row.due_at.since(tx.now()).as_secs().div_ceil(3_600);
        let token = issue_token(tx, council.id, TokenKind::Merge, self.asked, json!({ "account": account }), hours)?;
        let site = council.site_url.trim_end_matches('/');
        let number = public_number(&council.idea_prefix, target.number);
        let silence = match row.silence {
            MergeSilence::Consent => "If you say nothing, your support stays where it is.",
            MergeSilence::OptOut => "If you say nothing, your support counts for the other idea.",
        };
        let (because, leave) = match wrote {
            true => ("you submitted one of these ideas", "An idea that you submitted is then not merged at all."),
            false => ("you support one of these ideas", "It then stays recorded with the idea that you gave it to."),
        };
        let context = json!({
            "council": council.name, "link": format!("{site}/ideas/{number}"), "title": target.title, "number": number,
            "items": items, "reason": row.reason, "silence": silence, "because": because, "leave": leave,
            "choose_by": council.local_time(row.due_at)?, "choose_link": format!("{site}/merge#token={token}"),
        });
        Ok(Some((context, to)))
    }
}

impl Job<App> for CarryOutMerge {
    const KIND: &'static str = "carry_out_merge";

    fn key(&self) -> String {
        self.merge.to_string()
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move { Ok(app.db.write(move |tx| carry_out(tx, council, self.merge)).await?) })
    }
}

/// The idea that others are joined to and these others, held and as they are now.
///
/// # Errors
/// What the database answers.
pub(super) fn hold(tx: &mut Tx<'_>, council: &Council, row: &MergeRow) -> Result<(IdeaRow, Vec<(SourceRow, IdeaRow)>)> {
    tx.hold(Root::Challenge, council.id, row.challenge_id, Hold::Shared)?;
    let sources = queries::sources_of(tx, council.id, row.id)?;
    let mut all: Vec<Id> = sources.iter().map(|(source, _)| source.idea_id).chain([row.target_id]).collect();
    // In one order, so that two who merge the same ideas do not wait for each other.
    all.sort_unstable();
    for idea in all {
        tx.hold(Root::Idea, council.id, idea, Hold::Alone)?;
    }
    let target = find_shown(tx, council, &row.target_id.to_string())?.idea;
    let mut held = Vec::with_capacity(sources.len());
    for (source, _) in queries::sources_of(tx, council.id, row.id)? {
        let idea = find_shown(tx, council, &source.idea_id.to_string())?.idea;
        held.push((source, idea));
    }
    Ok((target, held))
}

/// All in one unit: after a crash either nothing of it is there, and it is done again, or all of it.
fn carry_out(tx: &mut Tx<'_>, council: Id, merge: Id) -> Result<()> {
    let council = council_by_id(tx, council)?;
    let row = queries::find_merge(tx, council.id, merge)?;
    let (target, sources) = hold(tx, &council, &row)?;
    let (row, now) = (queries::find_merge(tx, council.id, merge)?, tx.now());
    if row.state != MergeState::Proposed {
        return Ok(());
    }
    if now < row.due_at {
        // By a clock that is slow: it is tried again, and not forgotten.
        return Err(anyhow::anyhow!("the time to choose in merge {merge} is not over").into());
    }
    let challenge = find_challenge(tx, council.id, row.challenge_id, true)?;
    let all: Vec<Id> = sources.iter().map(|(_, idea)| idea.id).chain([target.id]).collect();
    let unsettled = unsettled_among(tx, council.id, &all)?;
    let can = rules::can_be_target(&target, now).is_ok()
        && !unsettled.contains(&target.id)
        && challenge.closes_at.is_some_and(|at| now < at);
    let at = queries::after_others(tx, council.id, target.id)?;
    tie(tx, council.id, row.challenge_id, merge)?;
    let mut merged = Vec::with_capacity(sources.len());
    for (source, idea) in &sources {
        let answered = !list_answers(tx, council.id, idea.id, None, 1)?.is_empty();
        let obstacle = rules::obstacle(idea, source.kept_by_author, now).or(answered.then_some(LeftBecause::Answered));
        match obstacle.or((!can || unsettled.contains(&idea.id)).then_some(LeftBecause::Lapsed)) {
            Some(why) => queries::set_left(tx, council.id, merge, idea.id, why)?,
            None => {
                let counted = carry(tx, council.id, merge, (idea.id, target.id), row.silence)?;
                queries::set_merged(tx, council.id, merge, idea.id, counted)?;
                move_idea(tx, &council, idea, Move::Merge, None)?;
                merged.push(Carried::of(idea.id, counted));
            }
        }
    }
    let earliest = sources.iter().map(|(_, idea)| idea).filter(|idea| merged.iter().any(|one| one.idea == idea.id));
    if let Some(first) = earliest.min_by_key(|idea| idea.answer_due_at)
        && first.answer_due_at < target.answer_due_at
    {
        queries::take_over_due(tx, council.id, target.id, first.id)?;
        promises::jobs::schedule_late(
            tx,
            council.id,
            &IdeaRow { answer_due_at: first.answer_due_at, ..target.clone() },
        )?;
    }
    let state = if merged.is_empty() { MergeState::Lapsed } else { MergeState::CarriedOut };
    queries::end_waiting(tx, council.id, merge, (state, at), None)?;
    let done: Vec<Id> = merged.iter().map(|one| one.idea).collect();
    let event = Event::new(AuditAction::MergeEnded, By::Nobody).to(merge);
    audit::record(tx, council.id, event.after(json!({ "state": state, "into": target.id, "merged": done })))?;
    let ideas = sources.iter().map(|(_, idea)| idea.id);
    match state {
        MergeState::CarriedOut => record(tx, council.id, &MergeCarriedOut { merge, into: target.id, ideas: merged })?,
        _ => record(tx, council.id, &MergeLapsed { merge, into: target.id, ideas: ideas.clone().collect() })?,
    }
    ideas.into_iter().try_for_each(|idea| enqueue(tx, council.id, &TellAuthorOfMerge { merge, idea, state }))
}

impl Job<App> for TellAuthorOfMerge {
    const KIND: &'static str = "tell_author_of_merge";

    fn key(&self) -> String {
        format!("{}:{}:{}", self.merge, self.idea, self.state)
    }

    fn run(self, app: App, council: Id) -> LocalBoxFuture<'static, anyhow::Result<()>> {
        Box::pin(async move {
            let key = self.key();
            match app.db.read(move |tx| self.mail(tx, council)).await? {
                Some((context, to)) => send(&app, "merge_ended", &context, &key, to).await,
                None => Ok(()),
            }
        })
    }
}

impl TellAuthorOfMerge {
    /// What is said and to whom; `None` where there is no author to tell, or the idea is not to be read.
    fn mail(self, tx: &mut Tx<'_>, council: Id) -> Result<Option<(Value, String)>> {
        let council = council_by_id(tx, council)?;
        let row = queries::find_merge(tx, council.id, self.merge)?;
        let idea = find_shown(tx, &council, &self.idea.to_string())?.idea;
        let source = queries::sources_of(tx, council.id, self.merge)?.into_iter().map(|(source, _)| source);
        let source = source.into_iter().find(|source| source.idea_id == self.idea);
        let to = match idea.author_id {
            Some(author) => mail_address(tx, council.id, author)?,
            None => None,
        };
        let Some((source, to)) = source.zip(to) else { return Ok(None) };
        let target = find_shown(tx, &council, &row.target_id.to_string())?.idea;
        let (what, reason) = match (self.state, source.state) {
            (MergeState::Withdrawn, _) => (
                "The proposal was taken back. Your idea stands by itself.",
                row.withdrawal_reason.unwrap_or(row.reason),
            ),
            (MergeState::Reversed, MergeSourceState::Reversed) => (
                "The merge was undone. Your idea stands by itself again, with the support that it had.",
                row.reversal_reason.unwrap_or(row.reason),
            ),
            (MergeState::CarriedOut, MergeSourceState::Merged | MergeSourceState::Reversed) => (
                "Your idea was merged into the other one. It keeps its address and its text, and the council answers both \
                 together.",
                row.reason,
            ),
            _ => ("Your idea was not merged. It stands by itself, as before.", row.reason),
        };
        let site = council.site_url.trim_end_matches('/');
        let number = public_number(&council.idea_prefix, idea.number);
        let context = json!({
            "council": council.name, "link": format!("{site}/ideas/{number}"), "title": idea.title, "number": number,
            "other": public_number(&council.idea_prefix, target.number), "what": what, "reason": reason,
            "at": calendar::last_day(row.reversed_at.or(row.ended_at).unwrap_or(row.due_at), &council.time_zone)?,
        });
        Ok(Some((context, to)))
    }
}
