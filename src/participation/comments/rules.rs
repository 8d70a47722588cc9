//! Where a comment stands, and who may write one. Pure.

use super::model::CommentRow;
use crate::participation::challenges::model::{ChallengeRow, Phase};
use crate::participation::challenges::rules::{Switch, admits, permits};
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::rules::{is_public, is_restricted};
use crate::people::accounts::Viewer;
use crate::people::verification::model::Facts;
use crate::platform::db::{Id, Instant};
use crate::platform::error::{Code, Result};
use crate::vocabulary::IdeaState;

/// How deep comments stand below each other at most, counted from nought.
pub const DEEPEST: i32 = 2;

/// Below which comment an answer stands, and how deep: what answers one of the deepest stands beside it.
pub fn place(answered: Option<&CommentRow>) -> (Option<Id>, i32) {
    match answered {
        None => (None, 0),
        Some(above) if above.depth < DEEPEST => (Some(above.id), above.depth.saturating_add(1)),
        Some(above) => (above.parent_id, above.depth),
    }
}

/// Whether somebody may comment now.
///
/// # Errors
/// 409 by phase, where the idea or the thread is locked, and where the idea is not public; then by what is known of them.
pub fn may_comment(
    idea: &IdeaRow,
    above: &[CommentRow],
    (challenge, phases): (&ChallengeRow, &[Phase]),
    facts: &Facts,
    now: Instant,
) -> Result<()> {
    facts.takes_part(challenge.id)?;
    if !is_public(idea.state) || above.iter().any(|one| one.state != IdeaState::Published) {
        return Err(Code::WrongState.because("What you want to answer is not public.").into());
    }
    is_not_locked(idea, above)?;
    permits(challenge, phases, Switch::Comment, now)?;
    admits(challenge, Switch::Comment, facts)
}

/// Whether an author may change or send in a comment that a moderator gave back, or that is public.
///
/// # Errors
/// 409 in any other state, and where its thread is locked.
pub fn may_revise(comment: &CommentRow, idea: &IdeaRow, above: &[CommentRow]) -> Result<()> {
    if !matches!(comment.state, IdeaState::Held | IdeaState::Returned | IdeaState::Published) {
        return Err(Code::WrongState.because(format!("A comment that is {} cannot be revised.", comment.state)).into());
    }
    is_not_locked(idea, above)
}

fn is_not_locked(idea: &IdeaRow, above: &[CommentRow]) -> Result<()> {
    if idea.locked_by.is_some() || above.iter().any(|one| one.locked_by.is_some()) {
        let detail = "This discussion is locked: it stays as it is, and takes no more comments.";
        return Err(Code::WrongState.because(detail).into());
    }
    Ok(())
}

/// What somebody is shown of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// All of it.
    Whole,
    /// That there was one, why and when it was restricted.
    Tombstone,
    /// Not even that there is one.
    Nothing,
}

/// What this viewer is shown of a comment by itself, whatever stands above it.
pub fn seen(comment: &CommentRow, viewer: &Viewer) -> Seen {
    let own = matches!(viewer, Viewer::Account(own) if comment.author_id == Some(*own));
    match comment.state {
        _ if *viewer == Viewer::Staff => Seen::Whole,
        IdeaState::Published => Seen::Whole,
        IdeaState::Erased => Seen::Nothing,
        _ if own => Seen::Whole,
        state if is_restricted(state) && comment.published_at.is_some() => Seen::Tombstone,
        _ => Seen::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(name: &str, depth: i32, parent: Option<&str>) -> CommentRow {
        CommentRow {
            id: Id::from_text(name),
            idea_id: Id::from_text("idea"),
            parent_id: parent.map(Id::from_text),
            depth,
            author_id: Some(Id::from_text("author")),
            stance: crate::vocabulary::Stance::Neutral,
            state: IdeaState::Published,
            body: String::new(),
            revision: 1,
            version: 1,
            written_at: Instant::from_micros(0),
            published_at: Some(Instant::from_micros(0)),
            locked_by: None,
        }
    }

    #[test]
    fn what_answers_one_of_the_deepest_stands_beside_it() {
        assert_eq!(place(None), (None, 0));
        assert_eq!(place(Some(&comment("first", 0, None))), (Some(Id::from_text("first")), 1));
        assert_eq!(place(Some(&comment("third", 2, Some("second")))), (Some(Id::from_text("second")), 2));
    }

    #[test]
    fn only_what_was_public_leaves_a_tombstone() {
        let author = Viewer::Account(Id::from_text("author"));
        for state in IdeaState::ALL {
            let was_public = CommentRow { state: *state, ..comment("one", 0, None) };
            let never = CommentRow { published_at: None, ..was_public.clone() };
            let public = match state {
                IdeaState::Published => Seen::Whole,
                IdeaState::Hidden | IdeaState::Removed | IdeaState::Returned => Seen::Tombstone,
                _ => Seen::Nothing,
            };
            assert_eq!(seen(&was_public, &Viewer::Visitor), public, "{state}");
            if *state != IdeaState::Published {
                assert_eq!(seen(&never, &Viewer::Visitor), Seen::Nothing, "{state}");
            }
            let own = if *state == IdeaState::Erased { Seen::Nothing } else { Seen::Whole };
            assert_eq!(seen(&never, &author), own, "{state}");
            assert_eq!(seen(&never, &Viewer::Staff), Seen::Whole, "{state}");
        }
    }
}
