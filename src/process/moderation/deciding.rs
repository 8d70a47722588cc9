//! Deciding a case: one way for all, whether it is decided by itself or together with others.

use serde_json::json;

use super::edits::{Edit, edited};
use super::entries::{CommentRestricted, IdeaRestricted};
use super::item::{self, Item};
use super::queries::{self, CaseRow, NewDecision};
use super::reports::TellReporters;
use super::safeguarding::AlertOfSafety;
use super::{NO_GROUND, rules};
use crate::accountability::open_door::jobs::raise;
use crate::accountability::promises::jobs::schedule_late;
use crate::participation::comments::jobs::tell_thread;
use crate::people::councils::model::Council;
use crate::people::councils::queries::find_ground;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Id, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Error, Fault, Result};
use crate::platform::html::tidy;
use crate::platform::jobs::enqueue;
use crate::vocabulary::{AuditAction, DecisionKind, IdeaState};

/// What is to be decided, and for which reasons.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// What.
    pub kind: DecisionKind,
    /// On which ground.
    pub ground: Option<String>,
    /// The statement of reasons.
    pub statement: Option<String>,
    /// Title and text without what is to be taken out.
    pub edit: Option<Edit>,
}

/// Who decides.
#[derive(Clone, Copy, Debug)]
pub struct Decider {
    /// The account.
    pub account: Id,
    /// The same, for the audit log.
    pub by: By,
}

/// A case whose idea or comment this unit holds.
#[derive(Clone, Debug)]
pub struct HeldCase {
    /// What it is about.
    pub item: Item,
    /// The case.
    pub case: CaseRow,
}

/// What was decided.
#[derive(Clone, Copy, Debug)]
pub struct Decision {
    /// Its id.
    pub id: Id,
    /// Where the idea or the comment stands now.
    pub state: IdeaState,
    /// Whether its author is told: what was public already and stays as it is is no news to them, a statement of reasons is.
    pub is_news: bool,
}

impl Verdict {
    /// As it was asked for, with both ground and statement or neither: no restriction without them (case G7).
    ///
    /// # Errors
    /// 422 with all that is missing or too much.
    pub fn read(kind: DecisionKind, ground: Option<&str>, statement: Option<&str>, edit: Option<Edit>) -> Result<Self> {
        let statement = statement.map(tidy).filter(|text| !text.is_empty());
        let restricts = kind != DecisionKind::Publish;
        let mut faults = Vec::new();
        for (pointer, given) in [("/ground", ground.is_some()), ("/statement", statement.is_some())] {
            match (restricts, given) {
                (true, false) => {
                    faults.push(Fault::at(pointer, "required", "No restriction without its ground and reasons."))
                }
                (false, true) => {
                    faults.push(Fault::at(pointer, "not_taken", "Only a restriction has a ground and a statement."))
                }
                _ => {}
            }
        }
        match (kind == DecisionKind::PublishWithEdit, edit.is_some()) {
            (true, false) => faults.push(Fault::at("/edit", "required", "Say what is left of the text.")),
            (false, true) => faults.push(Fault::at("/edit", "not_taken", "Only `publish_with_edit` changes the text.")),
            _ => {}
        }
        let verdict = Self { kind, ground: ground.map(str::to_owned), statement, edit };
        if faults.is_empty() { Ok(verdict) } else { Err(Error::invalid(faults)) }
    }

    /// Looks its ground up; says whether it is about somebody's safety.
    ///
    /// # Errors
    /// 422 where the council has none of that code, or it is not one for such a decision.
    pub fn is_for_safety(&self, tx: &mut Tx<'_>, council: Id) -> Result<bool> {
        let Some(code) = &self.ground else { return Ok(false) };
        let ground = find_ground(tx, council, code)?;
        let ground = ground.ok_or_else(|| Error::fault("/ground", "not_in_list", NO_GROUND))?;
        rules::fits(self.kind, ground.safeguarding)?;
        Ok(ground.safeguarding)
    }
}

/// Holds what a case is about, and reads both as they are now that it does.
///
/// # Errors
/// 404 where there is no such case.
pub fn hold_case(tx: &mut Tx<'_>, council: &Council, case: Id) -> Result<HeldCase> {
    let subject = queries::find_case(tx, council.id, case)?.subject();
    let item = item::hold(tx, council, subject)?;
    Ok(HeldCase { item, case: queries::find_case(tx, council.id, case)? })
}

/// Carries out what [`rules::may_decide`] has allowed, on a case that the unit holds. Telling the author is left to the caller, who
/// knows what else they are told.
///
/// # Errors
/// 422 where the ground does not fit, or an edit does more than take words out.
pub fn decide(
    tx: &mut Tx<'_>,
    council: &Council,
    held: &HeldCase,
    verdict: &Verdict,
    who: Decider,
) -> Result<Decision> {
    let HeldCase { item, case } = held;
    let (idea, was) = (&item.idea, item.state());
    let for_safety = verdict.is_for_safety(tx, council.id)?;
    let text = verdict.edit.as_ref().map(|edit| edited(item.text(), edit)).transpose()?;
    let new = NewDecision {
        case: case.id,
        of: item.subject(),
        revision: item.revision(),
        kind: verdict.kind,
        ground: verdict.ground.as_deref(),
        statement: verdict.statement.as_deref(),
        by: who.account,
        barred: Id::NONE,
    };
    let decision = queries::insert_decision(tx, council.id, &new)?;
    if let Some((title, body)) = &text {
        // The revision that was decided upon is kept: its author sees it, and has it back where an appeal is right.
        item::revise(tx, council.id, item, title, body)?;
    }
    let state = item::step(tx, council, item, rules::step(verdict.kind), Some(decision))?;
    item::set_lock(tx, council.id, item)?;
    let event = Event::new(AuditAction::CaseDecided, who.by).to(case.id).before(json!({ "state": was }));
    let what = json!({
        "decision": decision, "kind": verdict.kind, "ground": verdict.ground, "idea": idea.id,
        "comment": item.subject().comment, "state": state,
    });
    audit::record(tx, council.id, event.after(what))?;
    if let Some(ground) = verdict.ground.clone() {
        let kind = verdict.kind;
        match item.subject().comment {
            Some(comment) => record(tx, council.id, &CommentRestricted { comment, decision, kind, ground })?,
            None => record(tx, council.id, &IdeaRestricted { idea: idea.id, decision, kind, ground })?,
        }
    }
    if item.comment.is_none() && state == IdeaState::Published && was != IdeaState::Published {
        schedule_late(tx, council.id, idea)?;
        raise(tx, council, idea.challenge_id, idea.id)?;
    }
    tell_thread(tx, council.id, item, state, decision)?;
    if for_safety {
        enqueue(tx, council.id, &AlertOfSafety { decision })?;
    }
    if case.reports > 0 {
        enqueue(tx, council.id, &TellReporters { decision })?;
    }
    Ok(Decision { id: decision, state, is_news: state != was || verdict.ground.is_some() })
}
