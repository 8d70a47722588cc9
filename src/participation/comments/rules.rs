//! Where a comment stands, who sees it, and who may write one. Pure.

use std::collections::{BTreeSet, HashMap};

use super::model::CommentRow;
use super::queries::Node;
use crate::participation::challenges::model::{ChallengeRow, Phase};
use crate::participation::challenges::rules::{Switch, admits, permits};
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::rules::is_public;
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

/// Whether somebody may comment now, below these comments, the one that they answer first.
///
/// # Errors
/// 409 by phase, where the idea or the thread is locked, and where what they answer is not public; then by what is known of them.
pub fn may_comment(
    idea: &IdeaRow,
    above: &[CommentRow],
    (challenge, phases): (&ChallengeRow, &[Phase]),
    facts: &Facts,
    now: Instant,
) -> Result<()> {
    facts.takes_part(challenge.id)?;
    if idea.state == IdeaState::Merged {
        let detail = "This idea was merged into another one, which it names. Say it there.";
        return Err(Code::WrongState.because(detail).into());
    }
    let answered = above.first().is_none_or(|one| one.state == IdeaState::Published);
    if !answered || hidden_with(idea, above).is_some() {
        return Err(Code::WrongState.because("What you want to answer is not public.").into());
    }
    is_not_locked(idea, above)?;
    permits(challenge, phases, Switch::Comment, now)?;
    admits(challenge, Switch::Comment, facts)
}

/// Whether an author may change their comment: while it is public or waits, in its place and its phase. What was given back can
/// be changed whenever they have time, also where the thread is locked by now: it was written in time.
///
/// # Errors
/// 409 in any other state, place or phase.
pub fn may_revise(
    comment: &CommentRow,
    idea: &IdeaRow,
    above: &[CommentRow],
    (challenge, phases): (&ChallengeRow, &[Phase]),
    now: Instant,
) -> Result<()> {
    match comment.state {
        IdeaState::Returned => return Ok(()),
        IdeaState::Held | IdeaState::Published => {}
        state => {
            return Err(Code::WrongState.because(format!("A comment that is {state} cannot be revised.")).into());
        }
    }
    if hidden_with(idea, above).is_some() {
        let detail = "The thread that it stands in is hidden. Revise it when it is back.";
        return Err(Code::WrongState.because(detail).into());
    }
    is_not_locked(idea, above)?;
    is_not_locked(idea, std::slice::from_ref(comment))?;
    permits(challenge, phases, Switch::Comment, now)
}

fn is_not_locked(idea: &IdeaRow, above: &[CommentRow]) -> Result<()> {
    if idea.locked_by.is_some() || above.iter().any(|one| one.locked_by.is_some()) {
        let detail = "This discussion is locked: it stays as it is, and takes no more comments.";
        return Err(Code::WrongState.because(detail).into());
    }
    Ok(())
}

/// Whether what stands below a comment in this state is out of sight with it. What its author has taken back, changes or is
/// to change keeps its place, for others have written below it.
pub fn hides(state: IdeaState) -> bool {
    matches!(state, IdeaState::Hidden | IdeaState::Removed)
}

/// What is out of sight and takes a comment with it: the idea, or the highest of the comments above it.
pub fn hidden_with(idea: &IdeaRow, above: &[CommentRow]) -> Option<Id> {
    if !is_public(idea.state) {
        return Some(idea.id);
    }
    above.iter().rev().find(|one| hides(one.state)).map(|one| one.id)
}

/// Whose public comments stand below a comment, or under an idea, and are out of sight for nothing else: each once, in order.
/// Of those about whom it is asked, all that they wrote there is among the nodes, with all that stands above it.
pub fn whose_thread(all: &[Node], below: Option<Id>, but: Option<Id>) -> Vec<Id> {
    let by_id: HashMap<Id, &Node> = all.iter().map(|node| (node.0, node)).collect();
    let is_below = |node: &Node| {
        // An idea has everything below it.
        let (mut found, mut next) = (below.is_none(), node.1);
        while let Some((id, parent, state, _)) = next.and_then(|id| by_id.get(&id)).copied() {
            match Some(*id) == below {
                true => found = true,
                false if hides(*state) => return false,
                false => {}
            }
            next = *parent;
        }
        found
    };
    let theirs = all.iter().filter(|node| node.2 == IdeaState::Published && is_below(node)).filter_map(|node| node.3);
    let whose: BTreeSet<Id> = theirs.filter(|author| Some(*author) != but).collect();
    whose.into_iter().collect()
}

/// What somebody is shown of a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// All of it.
    Whole,
    /// That there was one.
    Place,
    /// Not even that there is one.
    Nothing,
}

/// What this viewer is shown of a comment by itself, whatever stands above it. What was public once keeps its place.
pub fn seen(comment: &CommentRow, viewer: &Viewer) -> Seen {
    let own = matches!(viewer, Viewer::Account(own) if comment.author_id == Some(*own));
    match comment.state {
        IdeaState::Published => Seen::Whole,
        IdeaState::Erased => Seen::Place,
        _ if own || *viewer == Viewer::Staff => Seen::Whole,
        _ if comment.published_at.is_some() => Seen::Place,
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
    fn a_thread_is_of_those_who_wrote_below_it_and_are_hidden_for_nothing_else() {
        use IdeaState::{Hidden, Published, Withdrawn};
        let id = |name: &str| Some(Id::from_text(name));
        let node = |name: &str, parent: Option<&str>, state, author: &str| {
            (Id::from_text(name), parent.map(Id::from_text), state, id(author))
        };
        let all = [
            node("top", None, Published, "ana"),
            node("taken back", Some("top"), Withdrawn, "ben"),
            node("below", Some("taken back"), Published, "eve"),
            node("hidden", Some("top"), Hidden, "lou"),
            node("with it", Some("hidden"), Published, "max"),
            node("beside", None, Published, "kit"),
        ];
        let whose = |below: Option<&str>, but| whose_thread(&all, below.map(Id::from_text), but);
        assert_eq!(whose(Some("top"), id("ana")), [Id::from_text("eve")]);
        assert_eq!(whose(Some("hidden"), id("lou")), [Id::from_text("max")]);
        assert_eq!(whose(None, id("kit")).len(), 2, "ana and eve, and not who is hidden for something else");
        assert!(whose(Some("beside"), None).is_empty());
    }

    #[test]
    fn what_was_public_keeps_its_place_and_only_a_decision_takes_what_stands_below_it_along() {
        let author = Viewer::Account(Id::from_text("author"));
        for state in IdeaState::ALL {
            let was_public = CommentRow { state: *state, ..comment("one", 0, None) };
            let never = CommentRow { published_at: None, ..was_public.clone() };
            let (public, own) = match state {
                IdeaState::Published => (Seen::Whole, Seen::Whole),
                IdeaState::Erased => (Seen::Place, Seen::Place),
                _ => (Seen::Place, Seen::Whole),
            };
            assert_eq!((seen(&was_public, &Viewer::Visitor), seen(&was_public, &author)), (public, own), "{state}");
            if !matches!(state, IdeaState::Published | IdeaState::Erased) {
                assert_eq!(seen(&never, &Viewer::Visitor), Seen::Nothing, "{state}");
            }
            assert_eq!(hides(*state), matches!(state, IdeaState::Hidden | IdeaState::Removed), "{state}");
        }
    }
}
