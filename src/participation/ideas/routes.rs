//! Submit, revise, withdraw, list and read.

use actix_web::web;
use serde::Deserialize;
use utoipa::IntoParams;

use super::looking::{self, Weighed, Written, waits_for};
use super::model::{IdeaRow, Shown};
use super::queries::{self, Filter, NewIdea, Order};
use super::rules::{self, Move, may_submit};
use super::views::{self, Eyes, IdeaView, ReviseIdea, SubmitIdea, SubmitQuery, WouldBe};
use crate::accountability::promises;
use crate::accountability::promises::clock::Due;
use crate::app::App;
use crate::participation::challenges::model::ChallengeRow;
use crate::participation::challenges::queries::{category_exists, find_challenge, find_whole, list_phases};
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::people::verification::queries::facts_of;
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::{fold, prepare, tidy};
use crate::platform::http::doors::{Doors, delete, get, patch, post};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::page::{Page, Paging};
use crate::platform::http::{IfMatch, Json, Once, Query, Reply};
use crate::platform::secrets::Secrets;
use crate::process::merges::queries::{Merged, merged_among, merged_in, merged_into};
use crate::process::moderation;
use crate::process::moderation::item::{Item, Subject};
use crate::process::screening::model::Seen;
use crate::process::screening::screeners::characters::is_unseen;
use crate::process::screening::{self, Coming};
use crate::reach::campaigns;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{CampaignAction, IdeaOrigin, IdeaState, IdeaStatus};

/// The doors of this room, those that most go through first.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(list_ideas)
        .service(read_idea)
        .service(submit_idea)
        .service(read_form)
        .service(revise_idea)
        .service(withdraw_idea);
}

/// Submit an idea
///
/// To a challenge that takes ideas now. Under the policy `pre`, of an author nobody knows yet under `trusted`, and where a
/// screener finds something, it is held until a moderator decides; `state` and `held_for` say so. `answer_due_at` is the council's promise. With `dry_run=true` nothing is stored and no
/// idempotency key is used up: the answer is 200 with what would become of it, or the refusal that would come.
#[utoipa::path(tag = "Ideas", operation_id = "submit_idea", security(("bearer" = ["idea.submit"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge"), SubmitQuery),
    request_body = SubmitIdea, responses((status = 201, description = "Submitted", body = IdeaView),
        (status = 200, description = "It would be taken; nothing was stored", body = WouldBe)))]
#[post("/councils/{council}/challenges/{challenge}/ideas")]
async fn submit_idea(
    app: App,
    who: Allowed<acts::SubmitIdea>,
    path: web::Path<(String, String)>,
    query: Query<SubmitQuery>,
    once: Once,
    body: Json<SubmitIdea>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (challenge, council) = (id_of(&path.1, "challenge")?, who.council.clone());
    let author = who.actor()?.id;
    let seen = screening::read(&app, council.id, challenge, &one_line(&wish.title), &tidy(&wish.body)).await?;
    if query.0.dry_run.unwrap_or(false) {
        let admission = app.db.read(move |tx| judge(tx, &council, challenge, author, &wish, &seen)).await?;
        let Admission { weighed: Weighed { held_for, .. }, due, .. } = admission;
        return Reply::ok(&WouldBe { state: rules::admitted(&held_for), held_for, answer_due_at: due.at });
    }
    // Rendered here, the answer is at hand inside the write.
    prepare(&tidy(&wish.body));
    let secrets = app.config.secrets.clone();
    who.write_once(&app, Limited::Submit, once, &bytes, move |tx| {
        let id = admit(tx, &council, challenge, author, &wish, &seen)?;
        campaigns::count(tx, council.id, wish.campaign.as_deref(), CampaignAction::Submit)?;
        let location = format!("/v1/councils/{}/ideas/{id}", council.slug);
        let (view, version) = view(tx, &secrets, &council, &id.to_string(), &Viewer::Account(author))?;
        Ok(Reply::created(location, &view)?.version(version))
    })
    .await
}

/// What becomes of a submission that is taken.
struct Admission {
    title: String,
    challenge: ChallengeRow,
    weighed: Weighed,
    due: Due,
}

/// Whether a submission is taken now, and as what; stores nothing.
fn judge(
    tx: &mut Tx<'_>,
    council: &Council,
    challenge: Id,
    author: Id,
    wish: &SubmitIdea,
    seen: &Seen,
) -> Result<Admission> {
    let now = tx.now();
    let row = find_challenge(tx, council.id, challenge, false)?;
    let facts = facts_of(tx, council.id, author)?;
    may_submit(&row, &list_phases(tx, council.id, challenge)?, &facts, now)?;
    let title = titled(&wish.title);
    known_category(tx, council.id, challenge, wish.category.as_deref()).map_err(|fault| together(&title, fault))?;
    let due = promises::queries::find_clock(tx, council, challenge)?.due(now)?;
    let title = title?;
    let weighed = looking::weigh(tx, Written { challenge: &row, author, seen }, Coming::Idea, false)?;
    Ok(Admission { title, challenge: row, weighed, due })
}

/// Two refusals of one input as one.
fn together(first: &Result<String>, second: Error) -> Error {
    match (first, &second) {
        (Err(Error::Problem(first)), Error::Problem(next)) => {
            Error::invalid(first.faults.iter().chain(&next.faults).cloned().collect())
        }
        _ => second,
    }
}

/// Stores a submission, if its challenge takes it now.
fn admit(tx: &mut Tx<'_>, council: &Council, challenge: Id, author: Id, wish: &SubmitIdea, seen: &Seen) -> Result<Id> {
    tx.hold(Root::Challenge, council.id, challenge, Hold::Shared)?;
    let Admission { title, challenge: row, weighed, due } = judge(tx, council, challenge, author, wish, seen)?;
    let state = rules::admitted(&weighed.held_for);
    let new = NewIdea {
        challenge,
        author: Some(author),
        origin: IdeaOrigin::Account,
        source_ref: None,
        state,
        title: &title,
        body: &tidy(&wish.body),
        category: wish.category.as_deref(),
        submitted_at: tx.now(),
        due,
        clock_from: tx.now(),
    };
    let id = queries::insert_idea(tx, council, &new)?;
    looking::begin(tx, Written { challenge: &row, author, seen }, Subject::idea(id), &weighed)?;
    promises::jobs::schedule(tx, council.id, challenge, due.at)?;
    Ok(id)
}

/// Read the form of a submission
///
/// A JSON Schema of what `submit_idea` takes in this challenge, for frontends that draw their form from it: its
/// categories are those of the challenge.
#[utoipa::path(tag = "Ideas", operation_id = "read_form", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The form", body = std::collections::BTreeMap<String, serde_json::Value>, content_type = "application/schema+json")))]
#[get("/councils/{council}/challenges/{challenge}/form")]
async fn read_form(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, id, staff) = (who.council.id, id_of(&path.1, "challenge")?, who.is_staff());
    let whole = app.db.read(move |tx| find_whole(tx, council, id, staff)).await?;
    let form = views::form(&whole.row.title, &whole.categories)?;
    let reply = Reply { content_type: "application/schema+json", ..Reply::ok(&form)? }.version(whole.row.version);
    Ok(if staff { reply } else { reply.public(60) })
}

fn one_line(text: &str) -> String {
    tidy(&text.replace(['\n', '\r', '\t'], " "))
}

/// Embeddings, overrides and isolates of the bidirectional algorithm (UAX #9).
const TURNS: [char; 9] =
    ['\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}'];

fn titled(text: &str) -> Result<String> {
    let title = one_line(text);
    if title.chars().filter(|c| !is_unseen(*c)).count() < 3 {
        return Err(Error::fault("/title", "too_short", "At least 3 characters that can be seen."));
    }
    // They would turn what stands beside the title, too.
    if title.contains(TURNS) {
        let detail =
            "Leave out the characters that turn the direction of text; what is written from right to left needs none.";
        return Err(Error::fault("/title", "wrong_character", detail));
    }
    Ok(title)
}

const NO_CATEGORY: &str = "The challenge has no such category: its `/form` lists them.";

fn known_category(tx: &mut Tx<'_>, council: Id, challenge: Id, key: Option<&str>) -> Result<()> {
    match key {
        Some(key) if !category_exists(tx, council, challenge, key)? => {
            Err(Error::fault("/category", "not_in_list", NO_CATEGORY))
        }
        _ => Ok(()),
    }
}

/// An idea as this viewer is shown it, with its version; without its text where only a tombstone is left to see.
///
/// # Errors
/// 404 where there is none to know of.
pub fn view(
    tx: &mut Tx<'_>,
    secrets: &Secrets,
    council: &Council,
    reference: &str,
    viewer: &Viewer,
) -> Result<(IdeaView, i64)> {
    let shown = queries::find_shown(tx, council, reference)?;
    let version = shown.idea.version;
    let restricted = rules::is_restricted(shown.idea.state);
    if !restricted && !queries::sees(&shown.idea, viewer) {
        return Err(Error::not_found("idea"));
    }
    let restriction =
        if restricted { queries::find_restriction(tx, council.id, Subject::idea(shown.idea.id))? } else { None };
    // What was never public leaves no tombstone in public either: only its author and staff know of it.
    if restricted && !queries::sees(&shown.idea, viewer) && !queries::was_public(tx, council.id, shown.idea.id)? {
        return Err(Error::not_found("idea"));
    }
    let of = Subject::idea(shown.idea.id);
    let held_for = if shown.idea.state == IdeaState::Held {
        Some(waits_for(tx, council.id, shown.idea.challenge_id, (of, shown.idea.author_id))?)
    } else {
        None
    };
    let merged = if shown.idea.state == IdeaState::Merged { merged_into(tx, council.id, shown.idea.id)? } else { None };
    let eyes = Eyes { viewer, prefix: &council.idea_prefix, secrets };
    let view = IdeaView { held_for, ..IdeaView::of(shown, &eyes, tx.now(), restriction) };
    Ok((and_where(view, merged, &council.idea_prefix), version))
}

/// An idea with where it has gone, if it is merged: how much stayed with it is told to nobody.
fn and_where(view: IdeaView, merged: Option<Merged>, prefix: &str) -> IdeaView {
    let Some(merged) = merged else { return view };
    let number = rules::public_number(prefix, merged.number);
    let into = views::MergedInto { idea: merged.target, number, merge: merged.merge };
    IdeaView { merged_into: Some(into), supports: merged.supports, ..view }
}

/// Read an idea
///
/// By id or public number. A public idea that was hidden or removed keeps its address and tells when, on which
/// ground and by which decision; never its text or author. One that was merged keeps its address and its text, is in no list, and
/// tells into which. One that was withdrawn, or never public, is 404 to others.
#[utoipa::path(tag = "Ideas", operation_id = "read_idea", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("idea" = String, Path, description = "Id or public number of the idea")),
    responses((status = 200, description = "The idea", body = IdeaView)))]
#[get("/councils/{council}/ideas/{idea}")]
async fn read_idea(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, viewer, reference) = (who.council.clone(), who.viewer(), path.1.clone());
    let secrets = app.config.secrets.clone();
    let (view, version) = app.db.read(move |tx| view(tx, &secrets, &council, &reference, &viewer)).await?;
    let reply = Reply::ok(&view)?.version(version);
    Ok(if viewer == Viewer::Visitor { reply.public(5) } else { reply })
}

/// Revise an idea
///
/// One's own, while its challenge takes ideas and nobody has answered. Every revision is kept. A moderator looks at
/// it as at a new idea: where a new one would be held, a public idea is held again until then, and keeps its support. What a
/// moderator gave back for changes can be revised whenever you have time, and is held until a moderator has looked.
#[utoipa::path(tag = "Ideas", operation_id = "revise_idea", security(("bearer" = ["idea.submit"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("idea" = String, Path, description = "Id or public number of the idea"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = ReviseIdea, responses((status = 200, description = "Revised", body = IdeaView)))]
#[patch("/councils/{council}/ideas/{idea}")]
async fn revise_idea(
    app: App,
    who: Allowed<acts::SubmitIdea>,
    path: web::Path<(String, String)>,
    version: IfMatch,
    body: Json<ReviseIdea>,
) -> Result<Reply> {
    let (council, viewer, reference, wish) = (who.council.clone(), who.viewer(), path.1.clone(), body.value);
    if let Some(text) = &wish.body {
        prepare(&tidy(text));
    }
    let secrets = app.config.secrets.clone();
    let (of, by, named) = (council.clone(), viewer, reference.clone());
    let idea = app.db.read(move |tx| own(tx, &of, &named, &by)).await?;
    let (title, text) = becomes(&idea, &wish)?;
    let read = (idea.revision, screening::read(&app, council.id, idea.challenge_id, &title, &text).await?);
    who.write(&app, Limited::Write, move |tx| {
        revise(tx, (&council, &viewer, &reference), &version, &wish, &read)?;
        let (view, version) = view(tx, &secrets, &council, &reference, &viewer)?;
        Ok(Reply::ok(&view)?.version(version))
    })
    .await
}

/// Title and text of an idea once it is revised.
fn becomes(idea: &IdeaRow, wish: &ReviseIdea) -> Result<(String, String)> {
    let title = titled(wish.title.as_deref().unwrap_or(&idea.title))?;
    Ok((title, tidy(wish.body.as_deref().unwrap_or(&idea.body))))
}

/// Stores a revision, if it can be made now, and has it looked at; `read` is what its text showed by itself, and of which
/// revision the rest of it is.
fn revise(
    tx: &mut Tx<'_>,
    (council, viewer, reference): (&Council, &Viewer, &str),
    version: &IfMatch,
    wish: &ReviseIdea,
    (read, seen): &(i32, Seen),
) -> Result<()> {
    let challenge = own(tx, council, reference, viewer)?.challenge_id;
    tx.hold(Root::Challenge, council.id, challenge, Hold::Shared)?;
    let idea = hold_own(tx, council, reference, viewer)?;
    version.require(idea.version)?;
    if idea.revision != *read {
        return Err(Code::Changed.problem().into());
    }
    let row = find_challenge(tx, council.id, challenge, false)?;
    rules::may_revise(&idea, &row, &list_phases(tx, council.id, challenge)?, tx.now())?;
    let (title, text) = becomes(&idea, wish)?;
    let category = wish.category.clone().unwrap_or_else(|| idea.category.clone());
    known_category(tx, council.id, challenge, category.as_deref())?;
    // What changes nothing is no news to anybody.
    if (title.as_str(), text.as_str(), category.as_ref()) == (&idea.title, &idea.body, idea.category.as_ref()) {
        return Ok(());
    }
    let written = Written { challenge: &row, author: who_owns(&idea)?, seen };
    looking::again(tx, council, written, Item { idea, comment: None }, |tx, item| {
        queries::revise_idea(tx, council.id, &item.idea, &title, &text, category.as_deref())
    })
}

fn who_owns(idea: &IdeaRow) -> Result<Id> {
    idea.author_id.ok_or_else(|| Error::not_found("idea of yours"))
}

/// An idea of the viewer's own; somebody else's is, to be revised, not there.
fn own(tx: &mut Tx<'_>, council: &Council, reference: &str, viewer: &Viewer) -> Result<IdeaRow> {
    let idea = queries::find_shown(tx, council, reference)?.idea;
    match viewer {
        Viewer::Account(own) if idea.author_id == Some(*own) => Ok(idea),
        _ => Err(Error::not_found("idea of yours")),
    }
}

/// The same, held, and as it is now that it is.
fn hold_own(tx: &mut Tx<'_>, council: &Council, reference: &str, viewer: &Viewer) -> Result<IdeaRow> {
    let idea = own(tx, council, reference, viewer)?.id;
    tx.hold(Root::Idea, council.id, idea, Hold::Alone)?;
    own(tx, council, reference, viewer)
}

/// Why an idea is not withdrawn that others were merged into.
pub const HOLDS_OTHERS: &str =
    "Other ideas were merged into this one, and their support with them. Ask the council to undo that first.";

/// Withdraw an idea
///
/// Takes one's own idea back. Its number is not given again.
#[utoipa::path(tag = "Ideas", operation_id = "withdraw_idea", security(("bearer" = ["idea.submit"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("idea" = String, Path, description = "Id or public number of the idea"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    responses((status = 204, description = "Withdrawn")))]
#[delete("/councils/{council}/ideas/{idea}")]
async fn withdraw_idea(
    app: App,
    who: Allowed<acts::SubmitIdea>,
    path: web::Path<(String, String)>,
    version: IfMatch,
) -> Result<Reply> {
    let (council, viewer, reference) = (who.council.clone(), who.viewer(), path.1.clone());
    who.write(&app, Limited::Write, move |tx| {
        let idea = hold_own(tx, &council, &reference, &viewer)?;
        version.require(idea.version)?;
        if !merged_in(tx, council.id, idea.id)?.is_empty() {
            return Err(Code::WrongState.because(HOLDS_OTHERS).into());
        }
        queries::move_idea(tx, &council, &idea, Move::Withdraw, None)?;
        moderation::drop_case(tx, council.id, Subject::idea(idea.id))?;
        Ok(Reply::nothing())
    })
    .await
}

/// How a list is ordered.
#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Last submitted first.
    #[default]
    Newest,
    /// Most supported first.
    MostSupported,
    /// In an order that follows from `seed`.
    Random,
}

/// Filters and order of a list of ideas.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IdeaQuery {
    /// How many at most; 20 unless told, never more than 100.
    #[param(minimum = 1, maximum = 100, nullable = false)]
    pub limit: Option<i64>,
    /// Where the last page ended.
    #[param(nullable = false)]
    pub cursor: Option<String>,
    /// The order; newest unless told.
    #[serde(default)]
    #[param(required = false, inline)]
    pub sort: Sort,
    /// With `random`: the same seed gives the same order.
    #[param(nullable = false)]
    pub seed: Option<i64>,
    /// Only this category.
    #[param(nullable = false)]
    pub category: Option<String>,
    /// Only this status.
    #[param(nullable = false)]
    pub status: Option<IdeaStatus>,
    /// Only this state, among those you may see.
    #[param(nullable = false)]
    pub state: Option<IdeaState>,
    /// Only ideas that hold all these words, whatever their case and accents.
    #[param(nullable = false, max_length = 200)]
    pub q: Option<String>,
    /// Only ideas whose answer is overdue.
    #[param(nullable = false)]
    pub overdue: Option<bool>,
}

/// List ideas
///
/// Of one challenge: by newest, most supported or a seeded random order; by category, status and text.
#[utoipa::path(tag = "Ideas", operation_id = "list_ideas", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge"), IdeaQuery),
    responses((status = 200, description = "A page of ideas", body = Page<IdeaView>)))]
#[get("/councils/{council}/challenges/{challenge}/ideas")]
async fn list_ideas(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
    query: Query<IdeaQuery>,
    request: actix_web::HttpRequest,
) -> Result<Reply> {
    let (council, viewer, query) = (who.council.clone(), who.viewer(), query.0);
    let challenge = id_of(&path.1, "challenge")?;
    let paging = Paging::new(query.limit, query.cursor.clone());
    let list = list_name(challenge, &viewer, &query);
    let order = order(&app, &paging, &list, &query)?;
    let (load, staff) = (paging.load(), who.is_staff());
    let secrets = app.config.secrets.clone();
    let page = app
        .db
        .read(move |tx| {
            find_challenge(tx, council.id, challenge, staff)?;
            if let Some(key) = &query.category
                && !category_exists(tx, council.id, challenge, key)?
            {
                return Err(Error::fault("?category", "not_in_list", NO_CATEGORY));
            }
            let filter = Filter {
                category: query.category.clone(),
                status: query.status,
                state: query.state,
                text: query.q.as_deref().map(fold),
                overdue_at: query.overdue.unwrap_or(false).then(|| tx.now()),
            };
            let rows = queries::list_ideas(tx, council.id, challenge, &viewer, &filter, order, load)?;
            let now = tx.now();
            let key = move |shown: &Shown| match order {
                Order::Newest(_) => (shown.idea.submitted_at.micros(), shown.idea.id),
                Order::MostSupported(_) => (shown.supports, shown.idea.id),
                Order::Random(seed, _) => (queries::place(shown.idea.shuffle, seed), shown.idea.id),
            };
            let eyes = Eyes { viewer: &viewer, prefix: &council.idea_prefix, secrets: &secrets };
            let gone = rows.iter().filter(|shown| shown.idea.state == IdeaState::Merged);
            let gone: Vec<Id> = gone.map(|shown| shown.idea.id).collect();
            let merged = merged_among(tx, council.id, &gone)?;
            paging.page(&secrets, &list, rows, key, |shown| {
                let merged = merged.get(&shown.idea.id).copied();
                and_where(IdeaView::of(shown, &eyes, now, None), merged, &council.idea_prefix)
            })
        })
        .await?;
    let reply = page.reply(&request)?;
    Ok(if viewer == Viewer::Visitor { reply.public(5) } else { reply })
}

// A cursor is bound to all that shapes the list.
fn list_name(challenge: Id, viewer: &Viewer, query: &IdeaQuery) -> String {
    let IdeaQuery { limit: _, cursor: _, sort, seed, category, status, state, q, overdue } = query;
    format!("ideas:{challenge}:{viewer:?}:{sort:?}:{seed:?}:{category:?}:{status:?}:{state:?}:{q:?}:{overdue:?}")
}

fn order(app: &App, paging: &Paging, list: &str, query: &IdeaQuery) -> Result<Order> {
    let after: Option<(i64, Id)> = paging.after(&app.config.secrets, list)?;
    Ok(match query.sort {
        Sort::Newest => Order::Newest(after.map(|(micros, id)| (Instant::from_micros(micros), id))),
        Sort::MostSupported => Order::MostSupported(after),
        Sort::Random => Order::Random(query.seed.unwrap_or(0), after),
    })
}
