//! What may be merged, who may choose until when, and what the numbers tell. Pure.

use std::time::Duration;

use crate::participation::challenges::model::ChallengeRow;
use crate::participation::ideas::model::IdeaRow;
use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Result};
use crate::vocabulary::{IdeaState, IdeaStatus, LeftBecause, MergeChoice, MergeSilence, MergeState};

/// Days to choose in, unless the proposal says another number.
pub const DAYS: u32 = 7;

/// From how many on it is told what they chose: a smaller number could be one person's choice.
pub const SAMPLE: i64 = 10;

/// When the time to choose is over.
pub fn due(now: Instant, days: u32) -> Instant {
    now.plus(Duration::from_secs(u64::from(days) * 86_400))
}

/// Whether a challenge is open until then, so that nothing moves once its counts are final.
pub fn is_open_until(challenge: &ChallengeRow, now: Instant, due_at: Instant) -> bool {
    challenge.opened_at.is_some_and(|opened| opened <= now) && challenge.closes_at.is_some_and(|closes| due_at < closes)
}

/// What keeps an idea from being joined to another one now; nothing where nothing does.
pub fn obstacle(idea: &IdeaRow, kept_by_author: bool, now: Instant) -> Option<LeftBecause> {
    if idea.state != IdeaState::Published {
        return Some(LeftBecause::NotPublic);
    }
    if kept_by_author {
        return Some(LeftBecause::Author);
    }
    match idea.status {
        IdeaStatus::AwaitingAnswer if idea.answer_due_at <= now => Some(LeftBecause::Overdue),
        IdeaStatus::AwaitingAnswer => None,
        _ => Some(LeftBecause::Answered),
    }
}

/// What keeps others from being joined to an idea: it has to owe one answer for all of them, in time.
///
/// # Errors
/// 409 with the reason.
pub fn can_be_target(idea: &IdeaRow, now: Instant) -> Result<()> {
    let detail = match obstacle(idea, false, now) {
        None => return Ok(()),
        Some(LeftBecause::NotPublic) => "Only into a public idea, which is not to be merged itself.",
        Some(LeftBecause::Overdue) => "The answer to this idea is overdue: answer it first.",
        Some(_) => {
            "This idea has an answer, which would not be one to the others. Merge into one that waits for its answer."
        }
    };
    Err(Code::WrongState.because(detail).into())
}

/// The same for whoever proposes it.
pub fn in_words(why: LeftBecause) -> &'static str {
    match why {
        LeftBecause::Author => "Its author wishes that it stands by itself.",
        LeftBecause::NotPublic => "Only a public idea can be merged.",
        LeftBecause::Answered => "It has an answer of its own.",
        LeftBecause::Overdue => "Its answer is overdue: answer it first.",
        LeftBecause::Withdrawn | LeftBecause::Lapsed => "It is not to be merged any more.",
    }
}

/// What is wrong with one of the ideas of a proposal, beside what [`obstacle`] tells.
pub fn misfit(idea: &IdeaRow, target: &IdeaRow, before: &[Id]) -> Option<(&'static str, &'static str)> {
    if idea.id == target.id {
        return Some(("not_taken", "This is the idea that the others are to be merged into."));
    }
    if before.contains(&idea.id) {
        return Some(("repeated", "It is in the list already."));
    }
    let fits = idea.challenge_id == target.challenge_id;
    (!fits).then_some(("not_taken", "It belongs to another challenge."))
}

/// Whether somebody can choose still.
///
/// # Errors
/// 409 where it is withdrawn, or their time is over.
pub fn may_choose(state: MergeState, due_at: Instant, now: Instant) -> Result<()> {
    match state {
        MergeState::Proposed if now < due_at => Ok(()),
        MergeState::Withdrawn => {
            Err(Code::WrongState.because("This proposal was withdrawn: nothing is merged.").into())
        }
        _ => Err(Code::WrongState.because(format!("The time to choose was over at {due_at}.")).into()),
    }
}

/// Whether a proposal can be withdrawn.
///
/// # Errors
/// 409 where it has ended.
pub fn may_withdraw(state: MergeState) -> Result<()> {
    match state {
        MergeState::Proposed => Ok(()),
        _ => {
            Err(Code::WrongState.because("Only a proposal that waits can be withdrawn. Reverse what was done.").into())
        }
    }
}

/// Whether a merge can be undone.
///
/// # Errors
/// 409 where it was not carried out, the idea that the others were joined to was joined to another since, or another merge into it
/// was carried out since, which may rest on what came by this one.
pub fn may_reverse(state: MergeState, target: IdeaState, later: Option<Id>) -> Result<()> {
    if state != MergeState::CarriedOut {
        return Err(Code::WrongState.because("Only what was carried out can be reversed.").into());
    }
    if target == IdeaState::Merged {
        let detail = "The idea that the others were merged into was merged itself since. Reverse that first.";
        return Err(Code::WrongState.because(detail).into());
    }
    if let Some(later) = later {
        let detail = format!("More was merged into the same idea since. Reverse the merge {later} first.");
        return Err(Code::WrongState.because(detail).with("merge", later).into());
    }
    Ok(())
}

/// Whether votes of none of the ideas are being looked at, so that none is moved out of reach or given back in vain.
///
/// # Errors
/// 409 where those of one are.
pub fn all_settled(unsettled: &[Id]) -> Result<()> {
    match unsettled.is_empty() {
        true => Ok(()),
        false => Err(Code::WrongState.because(UNSETTLED).into()),
    }
}

/// What is said of an idea whose votes are being looked at.
pub const UNSETTLED: &str = "It is being looked at where votes of it came from, or that can be reversed still. Settle its \
                             signals first.";

/// What it is taken for where somebody says nothing.
pub fn unsaid(silence: MergeSilence) -> MergeChoice {
    match silence {
        MergeSilence::Consent => MergeChoice::Leave,
        MergeSilence::OptOut => MergeChoice::Carry,
    }
}

/// A number of those among whom somebody chose, where there are enough of them.
pub fn told(number: i64, among: i64) -> Option<i64> {
    (among >= SAMPLE).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::IdeaOrigin;

    fn at(seconds: u64) -> Instant {
        Instant::from_micros(0).plus(Duration::from_secs(seconds))
    }

    fn idea(state: IdeaState, status: IdeaStatus) -> IdeaRow {
        IdeaRow {
            council_id: Id::random(),
            id: Id::random(),
            challenge_id: Id::random(),
            number: 1,
            author_id: None,
            origin: IdeaOrigin::Account,
            state,
            status,
            title: "A bench".into(),
            body: String::new(),
            category: None,
            shuffle: 0,
            revision: 1,
            version: 1,
            submitted_at: at(0),
            updated_at: at(0),
            answer_due_at: at(100),
            answer_promised_by: at(100),
            followed_up_at: None,
            locked_by: None,
        }
    }

    #[test]
    fn only_a_public_idea_that_waits_in_time_is_merged_and_only_if_its_author_lets_it() {
        for state in IdeaState::ALL.iter().copied().filter(|state| *state != IdeaState::Published) {
            let found = obstacle(&idea(state, IdeaStatus::AwaitingAnswer), false, at(1));
            assert_eq!(found, Some(LeftBecause::NotPublic), "{state}");
        }
        let waits = idea(IdeaState::Published, IdeaStatus::AwaitingAnswer);
        assert_eq!(obstacle(&waits, false, at(99)), None);
        assert_eq!(obstacle(&waits, true, at(99)), Some(LeftBecause::Author));
        assert_eq!(obstacle(&waits, false, at(100)), Some(LeftBecause::Overdue));
        let answered = idea(IdeaState::Published, IdeaStatus::Declined);
        assert_eq!(obstacle(&answered, false, at(1)), Some(LeftBecause::Answered));
    }

    #[test]
    fn an_idea_is_merged_once_and_into_another_one_of_its_challenge() {
        let target = idea(IdeaState::Published, IdeaStatus::AwaitingAnswer);
        let source =
            IdeaRow { challenge_id: target.challenge_id, ..idea(IdeaState::Published, IdeaStatus::AwaitingAnswer) };
        assert_eq!(misfit(&source, &target, &[]), None);
        assert_eq!(misfit(&source, &target, &[source.id]).unwrap().0, "repeated");
        assert!(misfit(&target, &target, &[]).is_some());
        assert!(misfit(&idea(IdeaState::Published, IdeaStatus::AwaitingAnswer), &target, &[]).is_some());
    }

    #[test]
    fn one_chooses_before_the_time_is_over_withdraws_what_waits_and_reverses_what_was_done() {
        for state in MergeState::ALL.iter().copied() {
            let waits = state == MergeState::Proposed;
            assert_eq!(may_choose(state, at(10), at(9)).is_ok(), waits, "{state}");
            assert_eq!(may_withdraw(state).is_ok(), waits, "{state}");
            assert!(may_choose(state, at(10), at(10)).is_err(), "{state}");
            let done = state == MergeState::CarriedOut;
            assert_eq!(may_reverse(state, IdeaState::Published, None).is_ok(), done, "{state}");
            assert!(may_reverse(state, IdeaState::Merged, None).is_err(), "{state}");
            assert!(may_reverse(state, IdeaState::Published, Some(Id::random())).is_err(), "{state}");
        }
    }

    #[test]
    fn silence_is_what_the_council_says_and_small_numbers_are_not_told() {
        assert_eq!(unsaid(MergeSilence::Consent), MergeChoice::Leave);
        assert_eq!(unsaid(MergeSilence::OptOut), MergeChoice::Carry);
        assert_eq!((told(3, 9), told(0, 10)), (None, Some(0)));
    }
}
