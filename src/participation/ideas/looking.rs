//! Having looked at what somebody writes, an idea or a comment: what is found in it, what it is held for, and its case.

use super::queries;
use super::rules::{self, Move, admitted};
use crate::participation::challenges::model::ChallengeRow;
use crate::participation::challenges::queries::{find_challenge, the_promise};
use crate::participation::comments;
use crate::people::councils::model::Council;
use crate::people::verification::queries::facts_of;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::process::moderation;
use crate::process::moderation::item::{self, Item, Subject, was_given_back};
use crate::process::screening::model::{Finding, Seen};
use crate::process::screening::queries::findings_in_open_case;
use crate::process::screening::{self, Coming, Kept};
use crate::vocabulary::{HeldFor, IdeaState, ModerationPolicy};

/// What somebody writes in a challenge, and what it shows by itself.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// In which challenge.
    pub challenge: &'a ChallengeRow,
    /// Who.
    pub author: Id,
    /// What is found in its text alone.
    pub seen: &'a Seen,
}

/// What was found, and what it is held for.
#[derive(Clone, Debug)]
pub struct Weighed {
    /// What was found.
    pub findings: Vec<Finding>,
    /// Why a moderator looks at it first; nothing where it is public at once.
    pub held_for: Vec<HeldFor>,
}

/// Weighs a text by all that is known now.
///
/// # Errors
/// What the database answers.
pub fn weigh(tx: &mut Tx<'_>, written: Written<'_>, coming: Coming, given_back: bool) -> Result<Weighed> {
    let Written { challenge, author, seen } = written;
    let findings = screening::weigh(tx, challenge.council_id, author, coming, seen)?;
    let protected = facts_of(tx, challenge.council_id, author)?.protected;
    let known = is_known(tx, challenge, author)?;
    Ok(Weighed { held_for: rules::held_for(challenge.moderation, known, protected, given_back, &findings), findings })
}

/// Opens the case of what is new, with what was found in it.
///
/// # Errors
/// What the database answers.
pub fn begin(tx: &mut Tx<'_>, written: Written<'_>, of: Subject, weighed: &Weighed) -> Result<()> {
    let council = written.challenge.council_id;
    let within_hours = hours(tx, written.challenge)?;
    let case = moderation::open_case(tx, council, of, admitted(&weighed.held_for), within_hours)?;
    screening::keep(tx, council, &Kept { case, of, revision: 1, seen: written.seen, findings: &weighed.findings })
}

/// Has what is revised looked at as if it were new: whoever had it published cannot put another text under the moderator's decision.
/// Where a new one would be held it is, before `revise` gives it its next revision.
///
/// # Errors
/// What `revise` answers.
pub fn again(
    tx: &mut Tx<'_>,
    council: &Council,
    written: Written<'_>,
    item: Item,
    revise: impl FnOnce(&mut Tx<'_>, &Item) -> Result<()>,
) -> Result<()> {
    let (of, was) = (item.subject(), item.state());
    let weighed = weigh(tx, written, Coming::Revision(of), was == IdeaState::Returned)?;
    let item = match admitted(&weighed.held_for) {
        IdeaState::Held if was != IdeaState::Held => {
            item::step(tx, council, &item, Move::Hold, None)?;
            item::find(tx, council, of)?
        }
        _ => item,
    };
    revise(tx, &item)?;
    let within_hours = hours(tx, written.challenge)?;
    let case = moderation::look_again(tx, council.id, of, (was, item.state()), within_hours)?;
    let revision = item.revision().saturating_add(1);
    screening::keep(tx, council.id, &Kept { case, of, revision, seen: written.seen, findings: &weighed.findings })
}

fn hours(tx: &mut Tx<'_>, challenge: &ChallengeRow) -> Result<u32> {
    Ok(the_promise(tx, challenge.council_id, challenge.id)?.moderate_within_hours.unsigned_abs())
}

/// Whether so much of an author has been accepted, ideas and comments, that a challenge takes the next on trust.
fn is_known(tx: &mut Tx<'_>, challenge: &ChallengeRow, author: Id) -> Result<bool> {
    if challenge.moderation != ModerationPolicy::Trusted {
        return Ok(false);
    }
    let ideas = queries::count_accepted(tx, challenge.council_id, author)?;
    let accepted = ideas.saturating_add(comments::queries::count_accepted(tx, challenge.council_id, author)?);
    Ok(accepted >= challenge.trusted_after.into())
}

/// Why an idea or a comment of a challenge waits, by what is known now.
///
/// # Errors
/// What the database answers.
pub fn waits_for(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    (of, author): (Subject, Option<Id>),
) -> Result<Vec<HeldFor>> {
    let challenge = find_challenge(tx, council, challenge, true)?;
    let (findings, given_back) = (findings_in_open_case(tx, council, of)?, was_given_back(tx, council, of)?);
    // What was imported has no author to know or to protect.
    let (known, protected) = match author {
        Some(author) => (is_known(tx, &challenge, author)?, facts_of(tx, council, author)?.protected),
        None => (true, false),
    };
    Ok(rules::held_for(challenge.moderation, known, protected, given_back, &findings))
}
