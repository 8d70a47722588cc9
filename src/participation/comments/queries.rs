//! All the SQL of comments.

use std::collections::{BTreeSet, HashMap};

use diesel::prelude::*;

use super::entries::{CommentAnonymised, CommentHeld, CommentPublished, CommentRevised, CommentTakenDown};
use super::model::{CommentRow, Shown};
use super::rules::hides;
use crate::each;
use crate::participation::ideas::model::Said;
use crate::participation::ideas::queries::insert_transition;
use crate::participation::ideas::rules::{Move, is_public, next};
use crate::people::accounts::Viewer;
use crate::platform::db::schema::{accounts, comment_revisions, comments, decisions, idea_counters, ideas};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::vocabulary::{DecisionKind, IdeaState, Stance};

/// What was public once keeps its place, for all; what was not is its author's and the staff's.
macro_rules! visible_to {
    ($query:expr, $viewer:expr) => {{
        match $viewer {
            Viewer::Staff => $query,
            Viewer::Visitor => $query.filter(comments::published_at.is_not_null()),
            Viewer::Account(own) => {
                $query.filter(comments::published_at.is_not_null().nullable().or(comments::author_id.eq(*own)))
            }
        }
    }};
}

macro_rules! shown {
    () => {
        comments::table
            .left_join(
                accounts::table.on(accounts::council_id
                    .eq(comments::council_id)
                    .and(accounts::id.nullable().eq(comments::author_id))),
            )
            .select((CommentRow::as_select(), accounts::display_name.nullable(), accounts::profile_id.nullable()))
    };
}

/// What a new comment is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewComment<'a> {
    /// About which idea.
    pub idea: Id,
    /// Below which comment, and how deep.
    pub place: (Option<Id>, i32),
    /// Whose.
    pub author: Id,
    /// What it says to the idea.
    pub stance: Stance,
    /// As what it is admitted.
    pub state: IdeaState,
    /// In Markdown.
    pub body: &'a str,
    /// By what its text is known again.
    pub digest: Option<&'a str>,
}

/// Writes a comment, its first revision and the news of it.
///
/// # Errors
/// What the database answers.
pub fn insert_comment(tx: &mut Tx<'_>, council: Id, new: &NewComment<'_>) -> Result<Id> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    let public = new.state == IdeaState::Published;
    diesel::insert_into(comments::table)
        .values((
            comments::council_id.eq(council),
            comments::id.eq(id),
            comments::idea_id.eq(new.idea),
            comments::parent_id.eq(new.place.0),
            comments::depth.eq(new.place.1),
            comments::author_id.eq(Some(new.author)),
            comments::stance.eq(new.stance),
            comments::state.eq(new.state),
            comments::body.eq(new.body),
            comments::digest.eq(new.digest),
            comments::revision.eq(1),
            comments::version.eq(1_i64),
            comments::written_at.eq(now),
            comments::published_at.eq(public.then_some(now)),
        ))
        .execute(&mut **tx)?;
    insert_revision(tx, council, id, 1, new.body)?;
    insert_transition(tx, council, (new.idea, Some(id)), None, new.state, None)?;
    match public {
        // It answers what everybody sees, or it would not have been taken.
        true => {
            let mut said = Said::default();
            said.add(new.stance);
            count(tx, council, new.idea, (Said::default(), said))?;
            record(tx, council, &CommentPublished { comment: id, idea: new.idea })?
        }
        false => record(tx, council, &CommentHeld { comment: id })?,
    }
    Ok(id)
}

fn insert_revision(tx: &mut Tx<'_>, council: Id, comment: Id, revision: i32, body: &str) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(comment_revisions::table)
        .values((
            comment_revisions::council_id.eq(council),
            comment_revisions::comment_id.eq(comment),
            comment_revisions::revision.eq(revision),
            comment_revisions::body.eq(body),
            comment_revisions::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Counts what was said of an idea anew, where a change of one comment has made the one of the other.
fn count(tx: &mut Tx<'_>, council: Id, idea: Id, (before, after): (Said, Said)) -> Result<()> {
    use idea_counters as counters;
    if before != after {
        diesel::update(counters::table.find((council, idea)))
            .set((
                counters::comments_for.eq(counters::comments_for + (after.in_favour - before.in_favour)),
                counters::comments_against.eq(counters::comments_against + (after.against - before.against)),
                counters::comments_neutral.eq(counters::comments_neutral + (after.neutral - before.neutral)),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// What a comment in this state, and what stands below it, add to what is said of their idea, where nothing above hides them.
fn adds(comment: &CommentRow, state: IdeaState, below: Said) -> Said {
    let mut said = if hides(state) { Said::default() } else { below };
    if state == IdeaState::Published {
        said.add(comment.stance);
    }
    said
}

/// What is said below a comment where it is not hidden itself: as many statements as comments are deep.
fn said_below(tx: &mut Tx<'_>, council: Id, comment: Id) -> Result<Said> {
    let (mut said, mut level) = (Said::default(), vec![comment]);
    while !level.is_empty() {
        let below: Vec<(Id, Stance, IdeaState)> = comments::table
            .filter(comments::council_id.eq(council))
            .filter(comments::parent_id.eq_any(level))
            .select((comments::id, comments::stance, comments::state))
            .load(&mut **tx)?;
        for (_, stance, _) in below.iter().filter(|(.., state)| *state == IdeaState::Published) {
            said.add(*stance);
        }
        level = below.into_iter().filter(|(.., state)| !hides(*state)).map(|(id, ..)| id).collect();
    }
    Ok(said)
}

/// Whether everybody sees what stands in the place of a comment: that of which they do not is no news to them.
fn is_in_sight(tx: &mut Tx<'_>, council: Id, comment: &CommentRow) -> Result<bool> {
    let idea: IdeaState = ideas::table.find((council, comment.idea_id)).select(ideas::state).first(&mut **tx)?;
    Ok(is_public(idea) && !above(tx, council, comment)?.iter().any(|one| hides(one.state)))
}

/// Moves a comment, counts it, writes the transition and the news of it; the only way a state changes. What is published where its
/// thread is out of sight becomes news with the thread: whoever follows reads all that stands below what is back.
///
/// # Errors
/// 409 where the step is none from this state.
pub fn move_comment(
    tx: &mut Tx<'_>,
    council: Id,
    comment: &CommentRow,
    by: Move,
    decision: Option<Id>,
) -> Result<IdeaState> {
    let (from, to, now) = (comment.state, next(comment.state, by)?, tx.now());
    let first = comment.published_at.or_else(|| (to == IdeaState::Published).then_some(now));
    let moved = diesel::update(comments::table.find((council, comment.id)).filter(comments::state.eq(from)))
        .set((comments::state.eq(to), comments::published_at.eq(first), comments::version.eq(comments::version + 1)))
        .execute(&mut **tx)?;
    if moved == 0 {
        return Err(Code::Changed.problem().into());
    }
    if !above(tx, council, comment)?.iter().any(|one| hides(one.state)) {
        let below = if hides(from) == hides(to) { Said::default() } else { said_below(tx, council, comment.id)? };
        let change = (adds(comment, from, below), adds(comment, to, below));
        count(tx, council, comment.idea_id, change)?;
    }
    insert_transition(tx, council, (comment.idea_id, Some(comment.id)), Some(from), to, decision)?;
    if from == to || !is_in_sight(tx, council, comment)? {
        return Ok(to);
    }
    match (from, to) {
        (_, IdeaState::Published) => {
            record(tx, council, &CommentPublished { comment: comment.id, idea: comment.idea_id })?
        }
        (IdeaState::Published, to) => record(tx, council, &CommentTakenDown { comment: comment.id, state: to })?,
        // What stands below it goes out of sight, or comes back: of one that was looked at anew, given back, or whose author has gone.
        (from, to) if comment.published_at.is_some() && hides(from) != hides(to) => {
            record(tx, council, &CommentTakenDown { comment: comment.id, state: to })?
        }
        _ => {}
    }
    Ok(to)
}

/// Gives a comment a further revision; gives its number.
///
/// # Errors
/// 412 where it has changed since it was read.
pub fn revise_comment(tx: &mut Tx<'_>, council: Id, comment: &CommentRow, body: &str) -> Result<i32> {
    let revision = comment.revision.saturating_add(1);
    let as_read = comments::table.find((council, comment.id)).filter(comments::version.eq(comment.version));
    let changed = diesel::update(as_read)
        .set((comments::body.eq(body), comments::revision.eq(revision), comments::version.eq(comments::version + 1)))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Code::Changed.problem().into());
    }
    insert_revision(tx, council, comment.id, revision, body)?;
    if comment.state == IdeaState::Published && is_in_sight(tx, council, comment)? {
        record(tx, council, &CommentRevised { comment: comment.id, revision })?;
    }
    Ok(revision)
}

/// Keeps by what the text of a comment is known again.
///
/// # Errors
/// What the database answers.
pub fn set_digest(tx: &mut Tx<'_>, council: Id, comment: Id, digest: Option<&str>) -> Result<()> {
    diesel::update(comments::table.find((council, comment))).set(comments::digest.eq(digest)).execute(&mut **tx)?;
    Ok(())
}

/// Notes by which decision nobody may write below a comment any more, if by any.
///
/// # Errors
/// What the database answers.
pub fn set_lock(tx: &mut Tx<'_>, council: Id, comment: Id, decision: Option<Id>) -> Result<()> {
    diesel::update(comments::table.find((council, comment)))
        .set((comments::locked_by.eq(decision), comments::version.eq(comments::version + 1)))
        .execute(&mut **tx)?;
    Ok(())
}

/// One comment with how its author is shown, whatever its state; whoever asks decides what to tell.
///
/// # Errors
/// 404 where there is none.
pub fn find_shown(tx: &mut Tx<'_>, council: Id, comment: Id) -> Result<Shown> {
    each!(&mut **tx, c => shown!()
        .filter(comments::council_id.eq(council))
        .filter(comments::id.eq(comment))
        .first::<Shown>(c))
    .or_not_found("comment")
}

/// One comment.
///
/// # Errors
/// 404 where there is none.
pub fn find_comment(tx: &mut Tx<'_>, council: Id, comment: Id) -> Result<CommentRow> {
    comments::table.find((council, comment)).select(CommentRow::as_select()).first(&mut **tx).or_not_found("comment")
}

/// The comments above one, the nearest first: as few as it is deep.
///
/// # Errors
/// What the database answers.
pub fn above(tx: &mut Tx<'_>, council: Id, comment: &CommentRow) -> Result<Vec<CommentRow>> {
    let (mut found, mut next) = (Vec::new(), comment.parent_id);
    while let Some(id) = next {
        let one = find_comment(tx, council, id)?;
        next = one.parent_id;
        found.push(one);
    }
    Ok(found)
}

/// The order of a list of comments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// First written first: as a conversation is read.
    Oldest,
    /// Last written first.
    Newest,
}

/// A page of the comments that stand below one, or by themselves under an idea.
///
/// # Errors
/// What the database answers.
pub fn list_comments(
    tx: &mut Tx<'_>,
    council: Id,
    (idea, parent): (Id, Option<Id>),
    viewer: &Viewer,
    (order, after): (Order, Option<(Instant, Id)>),
    limit: i64,
) -> Result<Vec<Shown>> {
    let mut query = shown!().filter(comments::council_id.eq(council)).filter(comments::idea_id.eq(idea)).into_boxed();
    query = match parent {
        Some(parent) => query.filter(comments::parent_id.eq(parent)),
        None => query.filter(comments::parent_id.is_null()),
    };
    query = visible_to!(query, viewer);
    if let Some((at, id)) = after {
        query = match order {
            Order::Oldest => {
                query.filter(comments::written_at.ge(at)).filter(comments::written_at.gt(at).or(comments::id.gt(id)))
            }
            Order::Newest => {
                query.filter(comments::written_at.le(at)).filter(comments::written_at.lt(at).or(comments::id.lt(id)))
            }
        };
    }
    let query = match order {
        Order::Oldest => query.order((comments::written_at.asc(), comments::id.asc())),
        Order::Newest => query.order((comments::written_at.desc(), comments::id.desc())),
    };
    Ok(query.limit(limit).load(&mut **tx)?)
}

/// All comments under these ideas that were public once, in the order in which they were written.
///
/// # Errors
/// What the database answers.
pub fn once_public_under(tx: &mut Tx<'_>, council: Id, ideas: &[Id]) -> Result<Vec<Shown>> {
    Ok(shown!()
        .filter(comments::council_id.eq(council))
        .filter(comments::idea_id.eq_any(ideas.to_vec()))
        .filter(comments::published_at.is_not_null())
        .order((comments::idea_id, comments::written_at, comments::id))
        .load(&mut **tx)?)
}

/// How many comments stand right below each of these, as this viewer sees it.
///
/// # Errors
/// What the database answers.
pub fn count_below(tx: &mut Tx<'_>, council: Id, of: &[Id], viewer: &Viewer) -> Result<HashMap<Id, i64>> {
    let below = comments::table
        .filter(comments::council_id.eq(council))
        .filter(comments::parent_id.eq_any(of))
        .group_by(comments::parent_id)
        .select((comments::parent_id.assume_not_null(), diesel::dsl::count_star()))
        .into_boxed();
    Ok(visible_to!(below, viewer).load::<(Id, i64)>(&mut **tx)?.into_iter().collect())
}

/// A comment as far as it is asked who sees it: its id, what it stands below, its state and whose it is.
pub type Node = (Id, Option<Id>, IdeaState, Option<Id>);

/// Those who have written under an idea after one of them, in the order of their ids.
///
/// # Errors
/// What the database answers.
pub fn authors_under(tx: &mut Tx<'_>, council: Id, idea: Id, after: Option<Id>, limit: i64) -> Result<Vec<Id>> {
    Ok(comments::table
        .filter(comments::council_id.eq(council))
        .filter(comments::idea_id.eq(idea))
        .filter(comments::author_id.gt(after.unwrap_or(Id::NONE)))
        .select(comments::author_id.assume_not_null())
        .distinct()
        .order(comments::author_id.assume_not_null())
        .limit(limit)
        .load(&mut **tx)?)
}

/// The comments of these authors under an idea with all that stand above them, as far as it is asked who sees them: as many statements
/// as comments are deep.
///
/// # Errors
/// What the database answers.
pub fn nodes_of(tx: &mut Tx<'_>, council: Id, idea: Id, authors: &[Id]) -> Result<Vec<Node>> {
    let under = || {
        comments::table.filter(comments::council_id.eq(council)).filter(comments::idea_id.eq(idea)).select((
            comments::id,
            comments::parent_id,
            comments::state,
            comments::author_id,
        ))
    };
    let mut level: Vec<Node> = under().filter(comments::author_id.eq_any(authors.to_vec())).load(&mut **tx)?;
    let (mut nodes, mut known) = (Vec::new(), BTreeSet::new());
    while !level.is_empty() {
        known.extend(level.iter().map(|node| node.0));
        let above: BTreeSet<Id> = level.iter().filter_map(|node| node.1).filter(|id| !known.contains(id)).collect();
        nodes.append(&mut level);
        level = under().filter(comments::id.eq_any(above)).load(&mut **tx)?;
    }
    Ok(nodes)
}

/// The comments of an author, in the order in which they are held.
///
/// # Errors
/// What the database answers.
pub fn comments_by(tx: &mut Tx<'_>, council: Id, author: Id) -> Result<Vec<CommentRow>> {
    Ok(comments::table
        .filter(comments::council_id.eq(council))
        .filter(comments::author_id.eq(author))
        .order(comments::id)
        .select(CommentRow::as_select())
        .load(&mut **tx)?)
}

/// Names nobody as the author of a comment any more, and says so to mirrors.
///
/// # Errors
/// What the database answers.
pub fn anonymise_comment(tx: &mut Tx<'_>, council: Id, comment: Id) -> Result<()> {
    diesel::update(comments::table.find((council, comment)))
        .set((comments::author_id.eq(None::<Id>), comments::version.eq(comments::version + 1)))
        .execute(&mut **tx)?;
    record(tx, council, &CommentAnonymised { comment })
}

/// Takes the text of a comment away, with all its revisions; that there was one stays.
///
/// # Errors
/// 409 where it is gone already.
pub fn erase_comment(tx: &mut Tx<'_>, council: Id, comment: &CommentRow) -> Result<()> {
    move_comment(tx, council, comment, Move::Erase, None)?;
    diesel::update(comments::table.find((council, comment.id)))
        .set((comments::body.eq(""), comments::digest.eq(None::<String>)))
        .execute(&mut **tx)?;
    let revisions = comment_revisions::table
        .filter(comment_revisions::council_id.eq(council))
        .filter(comment_revisions::comment_id.eq(comment.id));
    diesel::delete(revisions).execute(&mut **tx)?;
    Ok(())
}

/// How many comments of an author a moderator has looked at and made or left public, which still are.
///
/// # Errors
/// What the database answers.
pub fn count_accepted(tx: &mut Tx<'_>, council: Id, author: Id) -> Result<i64> {
    let accepted = decisions::table
        .filter(decisions::council_id.eq(comments::council_id))
        .filter(decisions::comment_id.eq(comments::id.nullable()))
        .filter(decisions::kind.eq(DecisionKind::Publish));
    Ok(comments::table
        .filter(comments::council_id.eq(council))
        .filter(comments::author_id.eq(author))
        .filter(comments::state.eq(IdeaState::Published))
        .filter(diesel::dsl::exists(accepted))
        .count()
        .get_result(&mut **tx)?)
}

/// How many comments an author has written since an instant.
///
/// # Errors
/// What the database answers.
pub fn count_since(tx: &mut Tx<'_>, council: Id, author: Id, since: Instant) -> Result<i64> {
    Ok(comments::table
        .filter(comments::council_id.eq(council))
        .filter(comments::author_id.eq(author))
        .filter(comments::written_at.gt(since))
        .count()
        .get_result(&mut **tx)?)
}

/// How many other comments have the same text; what was taken back is none.
///
/// # Errors
/// What the database answers.
pub fn count_alike(tx: &mut Tx<'_>, council: Id, digest: &str, not: Option<Id>) -> Result<i64> {
    Ok(comments::table
        .filter(comments::council_id.eq(council))
        .filter(comments::digest.eq(digest))
        .filter(comments::id.ne(not.unwrap_or(Id::NONE)))
        .filter(comments::state.ne(IdeaState::Withdrawn))
        .count()
        .get_result(&mut **tx)?)
}

/// The text of a comment in one of its revisions, while it is kept.
///
/// # Errors
/// What the database answers.
pub fn find_revision(tx: &mut Tx<'_>, council: Id, comment: Id, revision: i32) -> Result<Option<String>> {
    Ok(comment_revisions::table
        .find((council, comment, revision))
        .select(comment_revisions::body)
        .first(&mut **tx)
        .optional()?)
}
