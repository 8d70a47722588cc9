//! Read what became of it.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::model::{Item, Key};
use super::stream::events;
use super::views::{Changes, ChangesQuery, FeedbackItem, FeedbackQuery, StreamQuery};
use super::{atom, queries, rules};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::councils::model::Council;
use crate::platform::audit::By;
use crate::platform::db::{Id, Tx};
use crate::platform::entries;
use crate::platform::error::{Error, Result};
use crate::platform::http::doors::{Doors, get};
use crate::platform::http::streams::{Asker, Kind, Session};
use crate::platform::http::{Page, Paging, Query, Reply};
use crate::platform::secrets::Secrets;
use crate::vocabulary::permissions::acts;

/// The type of a feed.
const ATOM: &str = "application/atom+xml; charset=utf-8";
/// Entries in a feed.
const ENTRIES: i64 = 50;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(list_feedback)
        .service(read_feedback_feed)
        .service(read_challenge_feedback_feed)
        .service(list_changes)
        .service(stream_changes);
}

fn newest(tx: &mut Tx<'_>, council: Id, challenge: Option<Id>, before: Option<Key>, limit: i64) -> Result<Vec<Item>> {
    let answers = queries::answers_before(tx, council, challenge, before, limit)?;
    let outcomes = queries::outcomes_before(tx, council, challenge, before, limit)?;
    let updates = queries::updates_before(tx, council, challenge, before, limit)?;
    Ok(rules::merged([answers, outcomes, updates], usize::try_from(limit).unwrap_or(0)))
}

/// A page of what a council has said.
///
/// # Errors
/// 400 where the cursor belongs to another list.
pub fn feedback(
    tx: &mut Tx<'_>,
    council: &Council,
    secrets: &Secrets,
    query: FeedbackQuery,
) -> Result<Page<FeedbackItem>> {
    let FeedbackQuery { challenge, limit, cursor } = query;
    let paging = Paging::new(limit, cursor);
    let list = format!("feedback:{challenge:?}");
    let items = newest(tx, council.id, challenge, paging.after(secrets, &list)?, paging.load())?;
    let view = |item| FeedbackItem::new(item, &council.idea_prefix);
    paging.page(secrets, &list, items, |item: &Item| (item.at, item.id), view)
}

/// List feedback
///
/// Answers, updates and outcomes of a council, newest first; of one challenge, where it is named. Answers to ideas that are
/// out of sight are left out; an update is there in the revision that holds.
#[utoipa::path(tag = "Feedback", operation_id = "list_feedback", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), FeedbackQuery),
    responses((status = 200, description = "What the council said, newest first", body = Page<FeedbackItem>)))]
#[get("/councils/{council}/feedback")]
async fn list_feedback(
    app: App,
    who: Allowed<acts::ReadPublic>,
    query: Query<FeedbackQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let (council, secrets) = (Arc::clone(&who.council), app.config.secrets.clone());
    let page = app.db.read(move |tx| feedback(tx, &council, &secrets, query.0)).await?;
    Ok(page.reply(&request)?.public(60))
}

/// Read the feedback feed
///
/// The newest fifty answers, updates and outcomes of a council as Atom (RFC 4287), for any feed reader.
#[utoipa::path(tag = "Feedback", operation_id = "read_feedback_feed", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The feed", body = String, content_type = "application/atom+xml")))]
#[get("/councils/{council}/feedback.atom")]
async fn read_feedback_feed(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    feed(&app, Arc::clone(&who.council), None).await
}

/// Read the feedback feed of a challenge
///
/// The newest fifty answers and updates of a challenge and its outcome as Atom (RFC 4287), for any feed reader.
#[utoipa::path(tag = "Feedback", operation_id = "read_challenge_feedback_feed",
    security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The feed", body = String, content_type = "application/atom+xml")))]
#[get("/councils/{council}/challenges/{challenge}/feedback.atom")]
async fn read_challenge_feedback_feed(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let challenge = path.1.parse().map_err(|_not_an_id: uuid::Error| Error::not_found("challenge"))?;
    feed(&app, Arc::clone(&who.council), Some(challenge)).await
}

async fn feed(app: &App, council: Arc<Council>, challenge: Option<Id>) -> Result<Reply> {
    // By id: the identity of a feed outlives a slug.
    let base = app.config.link(&format!("/v1/councils/{}", council.id));
    let id = council.id;
    let read = app.db.read(move |tx| {
        let title = challenge.map(|challenge| queries::challenge_title(tx, id, challenge)).transpose()?;
        Ok((title, newest(tx, id, challenge, None, ENTRIES)?))
    });
    let (title, items) = read.await?;
    let title = title.map_or_else(|| council.name.clone(), |title| format!("{title} ({})", council.name));
    let address = match challenge {
        Some(challenge) => format!("{base}/challenges/{challenge}/feedback.atom"),
        None => format!("{base}/feedback.atom"),
    };
    Ok(Reply::text(ATOM, atom::written(&council, &title, &address, &items)?).public(60))
}

/// Follow changes
///
/// What happened in public after a number, in one order. Keep `next_after` and send it the next time: nothing is
/// missed, however late it was written. Numbers have gaps; the same number is never used twice. A number that nobody has
/// yet is 422: the server has begun anew, and so does whoever follows, from 0.
///
/// What `data` holds, by `kind`; what is not listed is for staff and does not come here:
///
/// | `kind` | `data` | a mirror |
/// |---|---|---|
/// | `challenge.opened` | `challenge`, `title`, `decision_office`, `answer_within_days`, `publish_outcome_by` | reads the challenge |
/// | `challenge.closed` | `challenge` | reads the challenge again |
/// | `idea.published` | `idea`, `challenge`, `number` | reads the idea, its answers, commitments and comments |
/// | `idea.revised` | `idea`, `revision` | reads the idea again |
/// | `idea.taken_down` | `idea`, `state` | forgets its text, answers, commitments and comments; they are 404 from now on, without changes of their own, until it is published again |
/// | `comment.published` | `comment`, `idea` | reads the comment, and what stands below it |
/// | `comment.revised` | `comment`, `revision` | reads the comment again |
/// | `comment.taken_down` | `comment`, `state` | forgets its text until it is published again; where `state` is `hidden` or `removed`, what stands below it too |
/// | `comment.anonymised` | `comment` | forgets the name |
/// | `discussion.locked`, `discussion.opened` | `idea`, and `comment` where it is only what stands below that | reads the one or the other again |
/// | `idea.supports_counted` | `idea`, `supports` | takes the count |
/// | `idea.answered` | `idea`, `challenge`, `answer`, `revision`, `kind` | reads the idea, whose status and version have changed, and its answers |
/// | `idea.anonymised` | `idea` | **forgets the name of its author** |
/// | `idea.followed_up` | `idea`, `challenge`, `answer`, `answer_due_at` | reads the idea again: its author asked back, and it waits for another answer |
/// | `merge.proposed`, `merge.withdrawn`, `merge.lapsed`, `merge.reversed` | `merge`, `into`, `ideas`, and why | reads the merge; of `merge.reversed` also `into` and each of `ideas` again, which stand by themselves |
/// | `merge.carried_out` | `merge`, `into`, `ideas` (each with `idea`, and how much support went along) | reads `into` and each of `ideas` again |
/// | `votes.quarantined`, `votes.released`, `votes.invalidated`, `votes.restored` | `challenge`, `signal`, `votes`, `reason` | reads the checks of votes; counts come as `idea.supports_counted` |
/// | `milestone.planned` | `milestone`, `commitment`, `planned_on` | reads the milestones of the commitment |
/// | `milestone.reached` | `milestone`, `commitment`, `done_on`, `evidence_hash` | the same |
/// | `promise.changed` | `challenge`, `number`, `kind`, `answer_within_days`, `moderate_within_hours`, `publish_outcome_by`, `extension_days`, `reason` | reads the promise, and the ideas whose answers are due otherwise |
/// | `promise.paused` | `challenge`, `from`, `until`, `reason` | the same |
/// | `promise.resumed` | `challenge`, `until` | the same |
/// | `calendar.written` | `council`, `working_days`, `holidays`, `version` | the same, of each challenge |
/// | `quiet_period.declared` | `quiet_period`, `starts_on`, `ends_on`, `area`, `ground` | reads the quiet periods |
/// | `quiet_period.ended` | `quiet_period`, `until` | the same |
/// | `commitment.made` | `commitment`, `idea`, `challenge`, `due_on` | reads the commitment |
/// | `commitment.changed` | `commitment`, `idea`, `status` | reads the commitment again |
/// | `idea.raised` | `idea`, `challenge`, `supports`, `due_at` | reads the ideas of the open door |
/// | `idea.taken_up` | `idea`, `challenge`, `answer` | the same |
/// | `threshold.changed` | `challenge`, `number`, `supports`, `verified`, `within_days`, `reason` | reads the open door |
/// | `ballot_paper.written` | `challenge`, `version`, `terms`, `ideas` | reads the ballot paper |
/// | `result.published` | `challenge`, `ballots`, `winners`, `withheld`, `sha256` | reads the result |
/// | `update.published` | `update`, `challenge`, `revision` | reads the update |
/// | `outcome.published` | `challenge`, `version` | reads the outcome |
///
/// With each of a comment the counts of its idea have changed (`comments`), which is read again for them.
///
/// A change tells what happened, not what is: by the time that you read what it names, that may be gone, and a 404 is no
/// fault.
#[utoipa::path(tag = "Changes", operation_id = "list_changes", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ChangesQuery),
    responses((status = 200, description = "What happened, oldest first", body = Changes)))]
#[get("/councils/{council}/changes")]
async fn list_changes(app: App, who: Allowed<acts::ReadPublic>, query: Query<ChangesQuery>) -> Result<Reply> {
    let (after, limit) = (query.0.after.unwrap_or(0), query.0.limit.unwrap_or(100));
    let council = who.council.id;
    let read = app.db.read(move |tx| {
        let rows = entries::list_after(tx, council, after, limit)?;
        // A mirror that is ahead would wait in silence for what it has missed.
        if rows.is_empty() && after > entries::last_number(tx)? {
            return Err(Error::fault("?after", "too_large", "Nothing has this number yet. Begin again from 0."));
        }
        Ok(rows)
    });
    let rows = read.await?;
    Ok(Reply::ok(&Changes::new(rows, after))?.public(1))
}

/// Follow changes as they happen
///
/// The same changes as a stream of events (`text/event-stream`), each `change` with the body of the list and its number as
/// `id`; what came after the number first, and then what happens. Say with `after` where to begin; whoever comes again, as
/// browsers do by themselves, is told where it ended by `Last-Event-ID`, which goes before. Comments come in between, so that
/// connections stay. `resync` and the end: it was read too slowly; come again. `closed` and the end: with `bad_token` the
/// session or key has ended, the account is suspended or has another role, no later than five seconds after. The token is sent as
/// everywhere, as a header; without one the stream is the same.
#[utoipa::path(tag = "Changes", operation_id = "stream_changes", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), StreamQuery,
        ("Last-Event-ID" = Option<i64>, Header, description = "The last number you have; goes before `after`")),
    responses((status = 200, description = "What happened, and what happens", body = String, content_type = "text/event-stream")))]
#[get("/councils/{council}/changes/stream")]
async fn stream_changes(
    app: App,
    who: Allowed<acts::ReadPublic>,
    query: Query<StreamQuery>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let last = match request.headers().get("Last-Event-ID").map(|value| value.to_str().map(str::parse)) {
        None => None,
        Some(Ok(Ok(number))) => Some(number),
        Some(_) => return Err(Error::fault("Last-Event-ID", "wrong_format", "This is not a number.")),
    };
    let Some(after) = last.or(query.0.after) else {
        return Err(Error::fault("?after", "required", "Say after which number to begin."));
    };
    let newest = app.db.read(entries::last_number).await?;
    if after > newest {
        return Err(Error::fault("?after", "too_large", "Nothing has this number yet. Begin again from 0."));
    }
    let council = who.council.id;
    let session = who.actor().ok().map(|actor| {
        let (id, key) = match who.by() {
            By::Key { key, .. } => (key, true),
            _ => (actor.session, false),
        };
        Session { id, key, account: actor.id, role: actor.role }
    });
    let reader = app.streams.open(Kind::Changes, Asker { council, network: who.network(&app), session })?;
    // Named, so that the compressing layer, which waits until it has enough, leaves it alone.
    Ok(HttpResponse::Ok()
        .insert_header(("Content-Type", "text/event-stream"))
        .insert_header(("Content-Encoding", "identity"))
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(events(app, council, reader, after)))
}

#[cfg(test)]
mod tests {
    use crate::vocabulary::EntryKind;

    /// What is told to staff only, and by other ways.
    const FOR_STAFF: [&str; 11] = [
        "idea.held",
        "comment.held",
        "comment.restricted",
        "idea.restricted",
        "appeal.made",
        "appeal.decided",
        "account.sanctioned",
        "sanction_appeal.decided",
        "idea.assigned",
        "note.written",
        "template.changed",
    ];

    #[test]
    fn every_kind_of_change_that_is_public_is_in_the_table_of_what_it_says_and_no_other() {
        let source = include_str!("routes.rs");
        let rows: Vec<&str> = source.lines().filter(|line| line.starts_with("/// | `")).collect();
        for kind in EntryKind::ALL {
            let told = rows.iter().filter(|row| row.contains(&format!("`{}`", kind.as_str()))).count();
            let wanted = usize::from(!FOR_STAFF.contains(&kind.as_str()));
            assert!(told >= wanted && (wanted > 0 || told == 0), "{kind}: in {told} rows");
        }
    }
}
