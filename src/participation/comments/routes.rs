//! Write, revise, withdraw, list and read.

use actix_web::web;
use serde::Deserialize;
use utoipa::IntoParams;

use super::model::CommentRow;
use super::queries::{self, NewComment, Order};
use super::rules::{self, Seen, may_comment, place, seen};
use super::views::{CommentView, ReviseComment, Setting, WriteComment};
use crate::app::App;
use crate::participation::challenges::queries::{find_challenge, list_phases};
use crate::participation::ideas::looking::{self, Written, waits_for};
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::queries::{find_idea, find_restriction, hold_idea};
use crate::participation::ideas::rules::{Move, admitted, is_restricted};
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::people::verification::queries::facts_of;
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::{prepare, tidy};
use crate::platform::http::doors::{Doors, delete, get, patch, post};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::page::{Page, Paging};
use crate::platform::http::{IfMatch, Json, Once, Query, Reply};
use crate::platform::secrets::Secrets;
use crate::process::moderation;
use crate::process::moderation::item::{self, Item, Subject};
use crate::process::screening::{self, Coming};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{IdeaState, Stance};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(list_comments)
        .service(read_comment)
        .service(write_comment)
        .service(revise_comment)
        .service(withdraw_comment);
}

/// Write a comment
///
/// On an idea that is public, in a phase of its challenge that takes comments; or below another comment. It is looked at as an idea
/// is: `state` and `held_for` say so where it waits. Comments stand three deep at most: what answers one of the deepest stands beside
/// it.
#[utoipa::path(tag = "Comments", operation_id = "write_comment", security(("bearer" = ["comment.write"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("idea" = String, Path, description = "Id or public number of the idea")),
    request_body = WriteComment, responses((status = 201, description = "Written", body = CommentView)))]
#[post("/councils/{council}/ideas/{idea}/comments")]
async fn write_comment(
    app: App,
    who: Allowed<acts::WriteComment>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<WriteComment>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (council, viewer, reference) = (who.council.clone(), who.viewer(), path.1.clone());
    let author = who.actor()?.id;
    let text = written(&wish.body)?;
    prepare(&text);
    let (of, by, named) = (council.clone(), viewer, reference.clone());
    let challenge = app.db.read(move |tx| find_idea(tx, &of, &named, &by)).await?.challenge_id;
    let read = screening::read(&app, council.id, challenge, "", &text).await?;
    let secrets = app.config.secrets.clone();
    who.write_once(&app, Limited::Comment, once, &bytes, move |tx| {
        tx.hold(Root::Challenge, council.id, challenge, Hold::Shared)?;
        // With the idea, everything under it.
        let idea = hold_idea(tx, &council, &reference, &viewer, Hold::Alone)?;
        let answered = match wish.parent {
            Some(parent) => Some(answered(tx, &council, &idea, parent, &viewer)?),
            None => None,
        };
        let mut above: Vec<CommentRow> = answered.iter().cloned().collect();
        if let Some(one) = &answered {
            above.extend(queries::above(tx, council.id, one)?);
        }
        let row = find_challenge(tx, council.id, challenge, false)?;
        let facts = facts_of(tx, council.id, author)?;
        may_comment(&idea, &above, (&row, &list_phases(tx, council.id, challenge)?), &facts, tx.now())?;
        let written = Written { challenge: &row, author, seen: &read };
        let weighed = looking::weigh(tx, written, Coming::Comment, false)?;
        let new = NewComment {
            idea: idea.id,
            place: place(answered.as_ref()),
            author,
            stance: wish.stance.unwrap_or(Stance::Neutral),
            state: admitted(&weighed.held_for),
            body: &text,
            digest: None,
        };
        let id = queries::insert_comment(tx, council.id, &new)?;
        looking::begin(tx, written, Subject { idea: idea.id, comment: Some(id) }, &weighed)?;
        let (view, version) = view(tx, &secrets, &council, id, &viewer)?;
        let location = format!("/v1/councils/{}/comments/{id}", council.slug);
        Ok(Reply::created(location, &view)?.version(version))
    })
    .await
}

fn written(text: &str) -> Result<String> {
    let text = tidy(text);
    if text.is_empty() {
        return Err(Error::fault("/body", "too_short", "At least 1 character that can be seen."));
    }
    Ok(text)
}

/// The comment that somebody answers, which they see and which is under this idea.
fn answered(tx: &mut Tx<'_>, council: &Council, idea: &IdeaRow, comment: Id, viewer: &Viewer) -> Result<CommentRow> {
    let none = || Error::fault("/parent", "not_in_list", "There is no such comment under this idea.");
    match find_visible(tx, council, comment, viewer) {
        Ok(found) if found.idea_id == idea.id => Ok(found),
        Ok(_) => Err(none()),
        Err(error) if error.code() == Code::NotFound => Err(none()),
        Err(error) => Err(error),
    }
}

/// Whether what stands below a comment is shown to somebody: to the staff always, to others where nothing takes it out of sight.
fn shows_below(row: &CommentRow, hidden_with: Option<Id>, viewer: &Viewer) -> bool {
    *viewer == Viewer::Staff || (hidden_with.is_none() && !rules::hides(row.state))
}

/// A comment that this viewer sees all of, in its place.
///
/// # Errors
/// 404 where there is none to see.
pub fn find_visible(tx: &mut Tx<'_>, council: &Council, comment: Id, viewer: &Viewer) -> Result<CommentRow> {
    let row = queries::find_comment(tx, council.id, comment)?;
    match sight(tx, council, &row, viewer)? {
        Sight { seen: Seen::Whole, .. } => Ok(row),
        _ => Err(Error::not_found("comment")),
    }
}

/// What a viewer is shown of a comment in its place.
struct Sight {
    seen: Seen,
    /// The comment above it that is not shown.
    hidden_with: Option<Id>,
    idea: IdeaRow,
}

/// # Errors
/// 404 where the idea is not there to see.
fn sight(tx: &mut Tx<'_>, council: &Council, row: &CommentRow, viewer: &Viewer) -> Result<Sight> {
    let own = matches!(viewer, Viewer::Account(own) if row.author_id == Some(*own));
    // Whoever wrote it finds it, whatever has become of what it stands under.
    let eyes = if own { &Viewer::Staff } else { viewer };
    let idea = find_idea(tx, council, &row.idea_id.to_string(), eyes).map_err(|error| match error.code() {
        Code::NotFound => Error::not_found("comment"),
        _ => error,
    })?;
    let above = queries::above(tx, council.id, row)?;
    let hidden_with = rules::hidden_with(&idea, &above);
    let seen = match hidden_with {
        Some(_) if !own && *viewer != Viewer::Staff => Seen::Nothing,
        _ => seen(row, viewer),
    };
    Ok(Sight { seen, hidden_with, idea })
}

/// A comment as this viewer is shown it, with its version.
fn view(
    tx: &mut Tx<'_>,
    secrets: &Secrets,
    council: &Council,
    comment: Id,
    viewer: &Viewer,
) -> Result<(CommentView, i64)> {
    let shown = queries::find_shown(tx, council.id, comment)?;
    let row = shown.0.clone();
    let Sight { seen, hidden_with, idea } = sight(tx, council, &row, viewer)?;
    if seen == Seen::Nothing {
        return Err(Error::not_found("comment"));
    }
    let of = Subject { idea: row.idea_id, comment: Some(row.id) };
    let restriction = if is_restricted(row.state) { find_restriction(tx, council.id, of)? } else { None };
    let replies = match shows_below(&row, hidden_with, viewer) {
        true => queries::count_below(tx, council.id, &[row.id], viewer)?.get(&row.id).copied().unwrap_or_default(),
        false => 0,
    };
    let setting = Setting { council: council.id, challenge: idea.challenge_id, secrets };
    let view = CommentView::of(shown, seen, replies, setting).with(restriction, seen);
    let held_for = if row.state == IdeaState::Held {
        Some(waits_for(tx, council.id, idea.challenge_id, (of, row.author_id))?)
    } else {
        None
    };
    Ok((CommentView { held_for, hidden_with, ..view }, row.version))
}

/// Read a comment
///
/// What was public once keeps its address and its place, without its text or author, whatever becomes of it: where it was restricted
/// it tells when, on which ground and by which decision. What stands below what was hidden or removed is out of sight with it; below
/// what its author has withdrawn or changes it stays. One that was never public is 404 to others.
#[utoipa::path(tag = "Comments", operation_id = "read_comment", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("comment" = Id, Path, description = "Id of the comment")),
    responses((status = 200, description = "The comment", body = CommentView)))]
#[get("/councils/{council}/comments/{comment}")]
async fn read_comment(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, viewer, comment) = (who.council.clone(), who.viewer(), id_of(&path.1, "comment")?);
    let secrets = app.config.secrets.clone();
    let (view, version) = app.db.read(move |tx| view(tx, &secrets, &council, comment, &viewer)).await?;
    let reply = Reply::ok(&view)?.version(version);
    Ok(if viewer == Viewer::Visitor { reply.public(5) } else { reply })
}

/// A comment of one's own, held with its idea; somebody else's is not there.
fn hold_own(tx: &mut Tx<'_>, council: &Council, comment: Id, author: Id) -> Result<(IdeaRow, CommentRow)> {
    let own = |tx: &mut Tx<'_>| match queries::find_comment(tx, council.id, comment)? {
        row if row.author_id == Some(author) => Ok(row),
        _ => Err(Error::not_found("comment of yours")),
    };
    let idea = own(tx)?.idea_id;
    let idea = hold_idea(tx, council, &idea.to_string(), &Viewer::Staff, Hold::Alone)?;
    Ok((idea, own(tx)?))
}

/// Revise a comment
///
/// One's own, while its challenge takes comments, its thread is shown, and nothing is locked. Every revision is kept, and looked at as
/// a new comment is: where a new one would be held, its text is out of sight until then. What a moderator gave back for changes can
/// be revised whenever you have time.
#[utoipa::path(tag = "Comments", operation_id = "revise_comment", security(("bearer" = ["comment.write"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("comment" = Id, Path, description = "Id of the comment"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = ReviseComment, responses((status = 200, description = "Revised", body = CommentView)))]
#[patch("/councils/{council}/comments/{comment}")]
async fn revise_comment(
    app: App,
    who: Allowed<acts::WriteComment>,
    path: web::Path<(String, String)>,
    version: IfMatch,
    body: Json<ReviseComment>,
) -> Result<Reply> {
    let (council, viewer, author) = (who.council.clone(), who.viewer(), who.actor()?.id);
    let (comment, text) = (id_of(&path.1, "comment")?, written(&body.value.body)?);
    prepare(&text);
    let of = council.clone();
    let challenge = app.db.read(move |tx| {
        let row = find_visible(tx, &of, comment, &viewer)?;
        Ok(find_idea(tx, &of, &row.idea_id.to_string(), &Viewer::Staff)?.challenge_id)
    });
    let challenge = challenge.await?;
    let read = screening::read(&app, council.id, challenge, "", &text).await?;
    let secrets = app.config.secrets.clone();
    who.write(&app, Limited::Write, move |tx| {
        let (idea, row) = hold_own(tx, &council, comment, author)?;
        version.require(row.version)?;
        let above = queries::above(tx, council.id, &row)?;
        let about = find_challenge(tx, council.id, challenge, true)?;
        let phases = list_phases(tx, council.id, challenge)?;
        rules::may_revise(&row, &idea, &above, (&about, &phases), tx.now())?;
        if row.body != text {
            let written = Written { challenge: &about, author, seen: &read };
            looking::again(tx, &council, written, Item { idea, comment: Some(row) }, |tx, item| {
                item::revise(tx, council.id, item, "", &text)
            })?;
        }
        let (view, version) = view(tx, &secrets, &council, comment, &viewer)?;
        Ok(Reply::ok(&view)?.version(version))
    })
    .await
}

/// Withdraw a comment
///
/// Takes one's own comment back. Its place stays, without its text or your name, and so does what others have written below it.
#[utoipa::path(tag = "Comments", operation_id = "withdraw_comment", security(("bearer" = ["comment.write"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("comment" = Id, Path, description = "Id of the comment"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    responses((status = 204, description = "Withdrawn")))]
#[delete("/councils/{council}/comments/{comment}")]
async fn withdraw_comment(
    app: App,
    who: Allowed<acts::WriteComment>,
    path: web::Path<(String, String)>,
    version: IfMatch,
) -> Result<Reply> {
    let (council, comment, author) = (who.council.clone(), id_of(&path.1, "comment")?, who.actor()?.id);
    who.write(&app, Limited::Write, move |tx| {
        let (idea, row) = hold_own(tx, &council, comment, author)?;
        version.require(row.version)?;
        queries::move_comment(tx, council.id, &row, Move::Withdraw, None)?;
        moderation::drop_case(tx, council.id, Subject { idea: idea.id, comment: Some(comment) })?;
        Ok(Reply::nothing())
    })
    .await
}

/// How a list of comments is ordered.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommentSort {
    /// First written first: as a conversation is read.
    #[default]
    Oldest,
    /// Last written first.
    Newest,
}

/// Which comments, and in which order.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct CommentQuery {
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
    /// Those right below this comment; those that stand by themselves unless told.
    #[param(nullable = false)]
    pub parent: Option<Id>,
    /// The order; oldest unless told.
    #[serde(default)]
    #[param(required = false, inline)]
    pub sort: CommentSort,
}

/// List comments
///
/// Under an idea by themselves, or right below one of them; `replies` of each says how many stand below it. What was public once
/// stays in its place without its text, whatever has become of it; what stands below what was hidden or removed is out of sight.
#[utoipa::path(tag = "Comments", operation_id = "list_comments", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("idea" = String, Path, description = "Id or public number of the idea"), CommentQuery),
    responses((status = 200, description = "A page of comments", body = Page<CommentView>)))]
#[get("/councils/{council}/ideas/{idea}/comments")]
async fn list_comments(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
    query: Query<CommentQuery>,
    request: actix_web::HttpRequest,
) -> Result<Reply> {
    let (council, viewer, reference) = (who.council.clone(), who.viewer(), path.1.clone());
    let CommentQuery { limit, cursor, parent, sort } = query.0;
    let paging = Paging::new(limit, cursor);
    let order = match sort {
        CommentSort::Oldest => Order::Oldest,
        CommentSort::Newest => Order::Newest,
    };
    let list = format!("comments:{}:{reference}:{viewer:?}:{parent:?}:{order:?}", council.id);
    let after: Option<(i64, Id)> = paging.after(&app.config.secrets, &list)?;
    let after = after.map(|(micros, id)| (Instant::from_micros(micros), id));
    let (load, secrets) = (paging.load(), app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let idea = find_idea(tx, &council, &reference, &viewer)?;
        if let Some(parent) = parent {
            let found = queries::find_comment(tx, council.id, parent)?;
            let Sight { seen, hidden_with, .. } = sight(tx, &council, &found, &viewer)?;
            let shown = seen != Seen::Nothing && shows_below(&found, hidden_with, &viewer);
            if !shown || found.idea_id != idea.id {
                return Err(Error::not_found("comment"));
            }
        }
        let rows = queries::list_comments(tx, council.id, (idea.id, parent), &viewer, (order, after), load)?;
        let ids: Vec<Id> = rows.iter().map(|(row, ..)| row.id).collect();
        let below = queries::count_below(tx, council.id, &ids, &viewer)?;
        let setting = Setting { council: council.id, challenge: idea.challenge_id, secrets: &secrets };
        paging.page(
            &secrets,
            &list,
            rows,
            |(row, ..)| (row.written_at.micros(), row.id),
            |shown| {
                // Those above it are shown, or there would be no list.
                let below = below.get(&shown.0.id).filter(|_| shows_below(&shown.0, None, &viewer));
                let (seen, replies) = (seen(&shown.0, &viewer), below.copied().unwrap_or_default());
                CommentView::of(shown, seen, replies, setting)
            },
        )
    });
    let reply = page.await?.reply(&request)?;
    Ok(if viewer == Viewer::Visitor { reply.public(5) } else { reply })
}
