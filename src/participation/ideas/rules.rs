//! What may become of an idea. Pure.

use super::model::IdeaRow;
use crate::participation::challenges::model::{ChallengeRow, Phase};
use crate::participation::challenges::rules::{Switch, admits, permits};
use crate::people::verification::model::Facts;
use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Result};
use crate::process::screening::model::Finding;
use crate::vocabulary::{FindingKind, HeldFor, IdeaState, IdeaStatus, ModerationPolicy, Screener};

/// What moves an idea from one state to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// It is to be looked at again before it is public: its author has changed it.
    Hold,
    /// A moderator makes it public.
    Publish,
    /// A moderator takes it out of sight.
    Hide,
    /// A moderator takes it away.
    Remove,
    /// A moderator gives it back to its author for changes.
    Return,
    /// An appeal is right: as it would have been without the decision.
    Restore,
    /// An appeal changes a decision into this one.
    HideInstead,
    /// An appeal changes a decision into this one.
    RemoveInstead,
    /// An appeal changes a decision into this one.
    ReturnInstead,
    /// Its author takes it back.
    Withdraw,
    /// Its author has gone, and its text with them.
    Erase,
    /// It is joined to another.
    Merge,
    /// It stands by itself again.
    Part,
    /// A moderator lets nobody write under it any more.
    Lock,
}

impl Move {
    /// Every step there is.
    pub const ALL: [Self; 14] = [
        Self::Hold,
        Self::Publish,
        Self::Hide,
        Self::Remove,
        Self::Return,
        Self::Restore,
        Self::HideInstead,
        Self::RemoveInstead,
        Self::ReturnInstead,
        Self::Withdraw,
        Self::Erase,
        Self::Merge,
        Self::Part,
        Self::Lock,
    ];
}

/// Why an idea is to be looked at before it is public: everything that speaks for it, and nothing where nothing does.
///
/// `known` is whether enough of its author has been accepted; what somebody protected writes is looked at first, whatever the
/// policy, and so is what a screener has found something in, and what was given back and changed.
pub fn held_for(
    policy: ModerationPolicy,
    known: bool,
    protected: bool,
    given_back: bool,
    found: &[Finding],
) -> Vec<HeldFor> {
    let personal =
        |finding: &Finding| finding.screener == Screener::PersonalData && finding.mark.kind != FindingKind::NotChecked;
    [
        (policy == ModerationPolicy::Pre, HeldFor::Policy),
        (policy == ModerationPolicy::Trusted && !known, HeldFor::NewAuthor),
        (protected, HeldFor::Protection),
        (found.iter().any(personal), HeldFor::PersonalData),
        (found.iter().any(|finding| !personal(finding)), HeldFor::Screening),
        (given_back, HeldFor::Returned),
    ]
    .into_iter()
    .filter_map(|(holds, reason)| holds.then_some(reason))
    .collect()
}

/// The state that an idea is admitted in.
pub fn admitted(held_for: &[HeldFor]) -> IdeaState {
    if held_for.is_empty() { IdeaState::Published } else { IdeaState::Held }
}

/// The one function that says what an idea becomes.
///
/// # Errors
/// 409 where the move is none from this state.
pub fn next(state: IdeaState, by: Move) -> Result<IdeaState> {
    use IdeaState::{Erased, Held, Hidden, Merged, Published, Removed, Returned, Withdrawn};
    match (state, by) {
        (Held | Returned | Published, Move::Hold) => Ok(Held),
        (Held | Returned | Published | Hidden, Move::Publish) => Ok(Published),
        // Hidden once more, on another ground, it is hidden by the later decision.
        (Held | Returned | Published | Hidden, Move::Hide) => Ok(Hidden),
        (Held | Returned | Published | Hidden, Move::Remove) => Ok(Removed),
        (Held | Published | Hidden, Move::Return) => Ok(Returned),
        (Returned | Hidden | Removed, Move::Restore) => Ok(Published),
        (Returned | Published | Merged | Removed, Move::HideInstead) => Ok(Hidden),
        (Returned | Published | Merged | Hidden, Move::RemoveInstead) => Ok(Removed),
        (Published | Merged | Hidden | Removed, Move::ReturnInstead) => Ok(Returned),
        (Held | Returned | Published, Move::Withdraw) => Ok(Withdrawn),
        (from, Move::Erase) if from != Erased => Ok(Erased),
        (Published, Move::Merge) => Ok(Merged),
        (Merged, Move::Part) => Ok(Published),
        // Its text can be read, so it can be looked at; published it stays what it is.
        (Merged, Move::Publish | Move::Lock) => Ok(Merged),
        (Published, Move::Lock) => Ok(Published),
        (Merged, Move::Hide) => Ok(Hidden),
        (Merged, Move::Remove) => Ok(Removed),
        _ => Err(Code::WrongState.because(format!("What is {state} cannot take that step.")).into()),
    }
}

/// Whether everybody can read an idea at its address.
pub fn is_public(state: IdeaState) -> bool {
    matches!(state, IdeaState::Published | IdeaState::Merged)
}

/// Whether a decision keeps an idea out of sight, so that a tombstone tells of it.
pub fn is_restricted(state: IdeaState) -> bool {
    matches!(state, IdeaState::Returned | IdeaState::Hidden | IdeaState::Removed)
}

/// Whether somebody may submit an idea now.
///
/// # Errors
/// 409 by phase, with the time when it opens; then by what is known of them, with what would help.
pub fn may_submit(challenge: &ChallengeRow, phases: &[Phase], facts: &Facts, now: Instant) -> Result<()> {
    facts.takes_part(challenge.id)?;
    permits(challenge, phases, Switch::Submit, now)?;
    admits(challenge, Switch::Submit, facts)
}

/// Whether its author may revise it: while it waits, or is public and nobody has been told an answer; and while its
/// challenge takes ideas. What was given back for changes can be changed later, too: it was sent in in time.
///
/// # Errors
/// 409 in any other state or phase.
pub fn may_revise(idea: &IdeaRow, challenge: &ChallengeRow, phases: &[Phase], now: Instant) -> Result<()> {
    in_time_to_revise(idea.state, idea.status != IdeaStatus::AwaitingAnswer || idea.followed_up_at.is_some())?;
    if idea.state == IdeaState::Returned {
        return Ok(());
    }
    permits(challenge, phases, Switch::Submit, now)
}

fn in_time_to_revise(state: IdeaState, answered: bool) -> Result<()> {
    match state {
        IdeaState::Held | IdeaState::Returned => Ok(()),
        IdeaState::Published if !answered => Ok(()),
        IdeaState::Published => Err(Code::WrongState.because("An idea that has been answered keeps its text.").into()),
        IdeaState::Hidden | IdeaState::Removed => {
            let detail = format!(
                "An idea that is {state} cannot be revised. `me/statements` says why it is, and you can appeal there."
            );
            Err(Code::WrongState.because(detail).into())
        }
        _ => Err(Code::WrongState.because(format!("An idea that is {state} cannot be revised.")).into()),
    }
}

/// `ALD-1042`.
pub fn public_number(prefix: &str, number: i64) -> String {
    format!("{prefix}-{number}")
}

/// The number in `ALD-1042`, where the prefix is this council's.
pub fn read_number(prefix: &str, text: &str) -> Option<i64> {
    let text = text.to_uppercase();
    text.strip_prefix(&prefix.to_uppercase())?.strip_prefix('-')?.parse().ok().filter(|number| *number > 0)
}

/// How an idea is named in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// By its id.
    Id(Id),
    /// By its public number.
    Number(i64),
}

impl Reference {
    /// An id, or a number with this council's prefix.
    pub fn read(prefix: &str, text: &str) -> Option<Self> {
        text.parse().map(Self::Id).ok().or_else(|| read_number(prefix, text).map(Self::Number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_every_step() {
        let mut table = String::new();
        for state in IdeaState::ALL {
            for by in Move::ALL {
                let to = next(*state, by).map_or("-", IdeaState::as_str);
                table.push_str(&format!("{state} {by:?} {to}\n"));
            }
        }
        insta::assert_snapshot!(table, @r"
        draft Hold -
        draft Publish -
        draft Hide -
        draft Remove -
        draft Return -
        draft Restore -
        draft HideInstead -
        draft RemoveInstead -
        draft ReturnInstead -
        draft Withdraw -
        draft Erase erased
        draft Merge -
        draft Part -
        draft Lock -
        held Hold held
        held Publish published
        held Hide hidden
        held Remove removed
        held Return returned
        held Restore -
        held HideInstead -
        held RemoveInstead -
        held ReturnInstead -
        held Withdraw withdrawn
        held Erase erased
        held Merge -
        held Part -
        held Lock -
        returned Hold held
        returned Publish published
        returned Hide hidden
        returned Remove removed
        returned Return -
        returned Restore published
        returned HideInstead hidden
        returned RemoveInstead removed
        returned ReturnInstead -
        returned Withdraw withdrawn
        returned Erase erased
        returned Merge -
        returned Part -
        returned Lock -
        published Hold held
        published Publish published
        published Hide hidden
        published Remove removed
        published Return returned
        published Restore -
        published HideInstead hidden
        published RemoveInstead removed
        published ReturnInstead returned
        published Withdraw withdrawn
        published Erase erased
        published Merge merged
        published Part -
        published Lock published
        hidden Hold -
        hidden Publish published
        hidden Hide hidden
        hidden Remove removed
        hidden Return returned
        hidden Restore published
        hidden HideInstead -
        hidden RemoveInstead removed
        hidden ReturnInstead returned
        hidden Withdraw -
        hidden Erase erased
        hidden Merge -
        hidden Part -
        hidden Lock -
        removed Hold -
        removed Publish -
        removed Hide -
        removed Remove -
        removed Return -
        removed Restore published
        removed HideInstead hidden
        removed RemoveInstead -
        removed ReturnInstead returned
        removed Withdraw -
        removed Erase erased
        removed Merge -
        removed Part -
        removed Lock -
        withdrawn Hold -
        withdrawn Publish -
        withdrawn Hide -
        withdrawn Remove -
        withdrawn Return -
        withdrawn Restore -
        withdrawn HideInstead -
        withdrawn RemoveInstead -
        withdrawn ReturnInstead -
        withdrawn Withdraw -
        withdrawn Erase erased
        withdrawn Merge -
        withdrawn Part -
        withdrawn Lock -
        merged Hold -
        merged Publish merged
        merged Hide hidden
        merged Remove removed
        merged Return -
        merged Restore -
        merged HideInstead hidden
        merged RemoveInstead removed
        merged ReturnInstead returned
        merged Withdraw -
        merged Erase erased
        merged Merge -
        merged Part published
        merged Lock merged
        erased Hold -
        erased Publish -
        erased Hide -
        erased Remove -
        erased Return -
        erased Restore -
        erased HideInstead -
        erased RemoveInstead -
        erased ReturnInstead -
        erased Withdraw -
        erased Erase -
        erased Merge -
        erased Part -
        erased Lock -
        ");
    }

    #[test]
    fn an_idea_is_held_for_all_that_speaks_for_it_and_public_where_nothing_does() {
        use crate::process::screening::model::Mark;
        let finding = |screener, kind| Finding { screener, mark: Mark::whole(kind) };
        let link = finding(Screener::Links, FindingKind::Link);
        let mail = finding(Screener::PersonalData, FindingKind::MailAddress);
        let failed = finding(Screener::PersonalData, FindingKind::NotChecked);
        use HeldFor::{NewAuthor, PersonalData, Policy, Protection, Returned, Screening};
        use ModerationPolicy::{Post, Pre, Trusted};
        assert_eq!(held_for(Post, false, false, false, &[]), []);
        assert_eq!(held_for(Trusted, true, false, false, &[]), []);
        assert_eq!(held_for(Trusted, false, false, false, &[]), [NewAuthor]);
        assert_eq!(held_for(Pre, true, true, false, &[]), [Policy, Protection]);
        assert_eq!(held_for(Trusted, true, false, false, &[link, mail]), [PersonalData, Screening]);
        assert_eq!(held_for(Post, true, false, false, &[failed]), [Screening]);
        assert_eq!(held_for(Post, true, false, true, &[]), [Returned]);
        assert_eq!((admitted(&[]), admitted(&[Screening])), (IdeaState::Published, IdeaState::Held));
    }

    #[test]
    fn a_number_is_read_back() {
        assert_eq!(read_number("ALD", &public_number("ALD", 1042)), Some(1042));
        assert_eq!(read_number("ALD", "ald-1042"), Some(1042));
        assert_eq!(read_number("ALD", "OTH-1042"), None);
        assert_eq!(read_number("ALD", "ALD--1"), None);
    }
}
