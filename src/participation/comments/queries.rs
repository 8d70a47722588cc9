//! All the SQL of comments.

use std::collections::HashMap;

use diesel::prelude::*;

use super::entries::{CommentAnonymised, CommentHeld, CommentPublished, CommentRevised, CommentTakenDown};
use super::model::{CommentRow, Shown};
use crate::each;
use crate::participation::ideas::queries::insert_transition;
use crate::participation::ideas::rules::{Move, next};
use crate::people::accounts::Viewer;
use crate::platform::db::schema::{accounts, comment_revisions, comments, decisions};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::entries::record;
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::vocabulary::{DecisionKind, IdeaState, Stance};

/// What is restricted and leaves a tombstone, if it was ever public.
const RESTRICTED: [IdeaState; 3] = [IdeaState::Hidden, IdeaState::Removed, IdeaState::Returned];

macro_rules! visible_to {
    ($query:expr, $viewer:expr) => {{
        let public = comments::state
            .eq(IdeaState::Published)
            .or(comments::published_at.is_not_null().and(comments::state.eq_any(RESTRICTED)));
        match $viewer {
            Viewer::Staff => $query,
            Viewer::Visitor => $query.filter(public),
            Viewer::Account(own) => $query
                .filter(public.nullable().or(comments::author_id.eq(*own).and(comments::state.ne(IdeaState::Erased)))),
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
        true => record(tx, council, &CommentPublished { comment: id, idea: new.idea })?,
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

/// Moves a comment, writes the transition and the news of it; the only way a state changes.
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
    insert_transition(tx, council, (comment.idea_id, Some(comment.id)), Some(from), to, decision)?;
    match (from, to) {
        (from, to) if from == to => {}
        (_, IdeaState::Published) => {
            record(tx, council, &CommentPublished { comment: comment.id, idea: comment.idea_id })?
        }
        (IdeaState::Published, to) => record(tx, council, &CommentTakenDown { comment: comment.id, state: to })?,
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
    if comment.state == IdeaState::Published {
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
        .set(comments::locked_by.eq(decision))
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

/// Whose public comments stand below a comment, or under an idea, each once.
///
/// # Errors
/// What the database answers.
pub fn authors_below(tx: &mut Tx<'_>, council: Id, idea: Id, comment: Option<Id>) -> Result<Vec<Id>> {
    let public = || {
        comments::table
            .filter(comments::council_id.eq(council))
            .filter(comments::idea_id.eq(idea))
            .filter(comments::state.eq(IdeaState::Published))
            .filter(comments::author_id.is_not_null())
            .select((comments::id, comments::author_id.assume_not_null()))
    };
    let mut found: Vec<(Id, Id)> = Vec::new();
    match comment {
        None => found = public().load(&mut **tx)?,
        Some(comment) => {
            let mut level = vec![comment];
            // As many steps as comments are deep.
            while !level.is_empty() {
                let next: Vec<(Id, Id)> = public().filter(comments::parent_id.eq_any(&level)).load(&mut **tx)?;
                level = next.iter().map(|(id, _)| *id).collect();
                found.extend(next);
            }
        }
    }
    let mut authors: Vec<Id> = found.into_iter().map(|(_, author)| author).collect();
    authors.sort_unstable();
    authors.dedup();
    Ok(authors)
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
