//! Read the open door, say how much it takes, and take up what was raised there.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::{IdeaTakenUp, Listed, ThresholdChanged};
use super::views::{OpenDoorView, RaisedIdeaView, RaisedQuery, SetThreshold, TakeUpIdea, ThresholdView};
use super::{jobs, queries, rules};
use crate::accountability::answers::model::AnswerDraft;
use crate::accountability::answers::routes::give;
use crate::accountability::answers::rules::can_be_answered;
use crate::accountability::filled;
use crate::accountability::quiet::held::acting::do_or_hold;
use crate::accountability::quiet::held::model::{Act, Speaker};
use crate::accountability::quiet::held::views::HeldActView;
use crate::app::App;
use crate::participation::challenges::model::{ChallengeRow, Eligibility};
use crate::participation::challenges::queries::{Text, insert_challenge};
use crate::participation::challenges::readiness::Background;
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::queries::hold_idea;
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::people::offices::queries::office_to_speak_for;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Id, Instant, Root, Tx};
use crate::platform::entries;
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::prepare;
use crate::platform::http::doors::{Doors, get, post, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Once, Page, Paging, Query, Reply};
use crate::platform::jobs::enqueue;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AnswerKind, AuditAction, ChallengeKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_open_door).service(list_raised_ideas).service(set_threshold).service(take_up_idea);
}

/// Read the open door
///
/// The one challenge of a council that never closes: how many have to support an idea there so that it is owed a decision, how many
/// had to before, and how the council deals with what was raised.
#[utoipa::path(tag = "Challenges", operation_id = "read_open_door", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The open door", body = OpenDoorView)))]
#[get("/councils/{council}/open-door")]
async fn read_open_door(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let (council, staff) = (who.council.id, who.is_staff());
    let view = app.db.read(move |tx| view(tx, council, staff)).await?;
    let version = view.threshold.as_ref().map_or(0, |threshold| i64::from(threshold.number));
    let reply = Reply::ok(&view)?.version(version);
    Ok(if staff { reply } else { reply.public(60) })
}

/// The open door as it is shown.
///
/// # Errors
/// 404 where there is none to see.
pub fn view(tx: &mut Tx<'_>, council: Id, staff: bool) -> Result<OpenDoorView> {
    let door = queries::find_open_door(tx, council, staff)?;
    let rows = queries::list_thresholds(tx, council, door.id)?;
    let percent = rows.first().and_then(|row| row.verified_percent);
    let residents = percent.map(|_| queries::verified_residents(tx, council)).transpose()?;
    let mut thresholds = rows.into_iter().map(ThresholdView::from);
    Ok(OpenDoorView {
        challenge: door.id,
        opened_at: door.opened_at,
        threshold: thresholds.next(),
        before: thresholds.collect(),
        verified_needed: percent.zip(residents).map(|(percent, residents)| rules::share(percent, residents)),
        figures: queries::figures(tx, council, door.id)?.into(),
    })
}

/// List the ideas that were raised
///
/// Those that so many have supported that they are owed a decision, the last first: when it is due, whether it is late, and what
/// the council made of them. Ideas that are out of sight are left out.
#[utoipa::path(tag = "Challenges", operation_id = "list_raised_ideas", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), RaisedQuery),
    responses((status = 200, description = "The ideas, the last raised first", body = Page<RaisedIdeaView>)))]
#[get("/councils/{council}/open-door/ideas")]
async fn list_raised_ideas(
    app: App,
    who: Allowed<acts::ReadPublic>,
    query: Query<RaisedQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let RaisedQuery { waiting, limit, cursor } = query.0;
    let (paging, waiting) = (Paging::new(limit, cursor), waiting.unwrap_or(false));
    let (council, staff, secrets) = (Arc::clone(&who.council), who.is_staff(), app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let door = queries::find_open_door(tx, council.id, staff)?;
        let list = format!("raised:{}:{waiting}:{staff}", door.id);
        let after: Option<(i64, Id)> = paging.after(&secrets, &list)?;
        let before = after.map(|(micros, id)| (Instant::from_micros(micros), id));
        let rows = queries::list_raised(tx, council.id, door.id, waiting, before, paging.load())?;
        let now = tx.now();
        let key = |one: &Listed| (one.row.reached_at.micros(), one.row.idea_id);
        paging.page(&secrets, &list, rows, key, |one| RaisedIdeaView::new(one, &council.idea_prefix, staff, now))
    });
    let reply = page.await?.reply(&request)?;
    Ok(if staff { reply } else { reply.public(60) })
}

/// Say how much it takes
///
/// Says how many have to support an idea at the open door, by number, and by share of those who have shown where they live, and in how
/// many working days the council then decides. Who shows it after they have given support counts from then on. It may be made easier at
/// any time: ideas that reach it now are owed a decision from now on. What makes it harder or slower needs a reason, which stays public,
/// and touches no idea that has reached it before.
#[utoipa::path(tag = "Preparing challenges", operation_id = "set_threshold", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("If-Match" = String, Header, description = "The ETag of the open door you last read, or the `number` of its threshold in quotation marks, \"0\" where there is none")),
    request_body = SetThreshold, responses((status = 200, description = "Said", body = ThresholdView)))]
#[put("/councils/{council}/open-door/threshold")]
async fn set_threshold(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    read: IfMatch,
    body: Json<SetThreshold>,
) -> Result<Reply> {
    let (wish, council, by) = (body.value, who.council.id, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let door = queries::find_open_door(tx, council, true)?;
        tx.hold(Root::Challenge, council, door.id, Hold::Alone)?;
        let door = queries::find_open_door(tx, council, true)?;
        let last = queries::find_threshold(tx, council, door.id)?;
        read.require(last.as_ref().map_or(0, |last| i64::from(last.number)))?;
        let row = rules::next(last.as_ref(), &wish, door.opened_at.is_some(), tx.now())?;
        queries::insert_threshold(tx, council, door.id, &row)?;
        // Before it opens there is nothing to raise, and nothing that the public would have been told.
        if door.opened_at.is_some() {
            enqueue(tx, council, &jobs::RaiseIdeas { challenge: door.id, threshold: row.number, after: None })?;
            let news = ThresholdChanged {
                challenge: door.id,
                number: row.number,
                supports: row.supports,
                verified: row.verified,
                verified_percent: row.verified_percent,
                within_days: row.within_days,
                reason: row.reason.clone(),
            };
            entries::record(tx, council, &news)?;
        }
        let event = Event::new(AuditAction::ThresholdSet, by).to(door.id);
        let what = json!({ "number": row.number, "supports": row.supports, "verified_residents": row.verified, "verified_percent": row.verified_percent, "within_days": row.within_days });
        audit::record(tx, council, event.after(what))?;
        let version = i64::from(row.number);
        Ok(Reply::ok(&ThresholdView::from(row))?.version(version))
    })
    .await
}

/// Take an idea up
///
/// Makes the draft of a challenge of an idea that was raised at the open door: with its title and text, and the name of its author beside
/// it as it is shown in public. The reason is the answer to the idea, of which its author and supporters are told by mail. To answer or to decline
/// what was raised, answer it as any other idea. In a quiet period it is checked and held.
#[utoipa::path(tag = "Answering", operation_id = "take_up_idea", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("idea" = String, Path, description = "Id or number of the idea, for instance ALD-1042"),
        ("If-Match" = String, Header, description = "The ETag of the idea, or its `version` in quotation marks")),
    request_body = TakeUpIdea, responses((status = 201, description = "Taken up", body = RaisedIdeaView),
        (status = 202, description = "The council is quiet: held until that is over", body = HeldActView)))]
#[post("/councils/{council}/ideas/{idea}/take-up")]
async fn take_up_idea(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    version: IfMatch,
    once: Once,
    body: Json<TakeUpIdea>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    prepare(&spoken(&wish)?.1);
    let (council, speaker) = (Arc::clone(&who.council), Speaker::of(&who)?);
    let act = Act::TakeUp { idea: path.into_inner().1, if_match: version, read: None, body: wish };
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| do_or_hold(tx, &council, speaker, &act)).await
}

/// The office and the reason as they are stored.
fn spoken(wish: &TakeUpIdea) -> Result<(String, String)> {
    let mut faults = Vec::new();
    let spoken = (filled("/office", &wish.office, &mut faults), filled("/reason", &wish.reason, &mut faults));
    if faults.is_empty() { Ok(spoken) } else { Err(Error::invalid(faults)) }
}

/// Takes an idea up.
///
/// # Errors
/// 404 and 412 as it is addressed, 422 and 403 where nobody may speak so, 409 where it waits for no decision.
pub fn take_up(
    tx: &mut Tx<'_>,
    council: &Council,
    who: Speaker,
    (reference, version): (&str, &IfMatch),
    wish: &TakeUpIdea,
) -> Result<Reply> {
    let (office, reason) = spoken(wish)?;
    let idea = hold_idea(tx, council, reference, &Viewer::Staff, Hold::Alone)?;
    version.require(idea.version)?;
    let office = office_to_speak_for(tx, council.id, &office, who.account)?.name;
    can_be_answered(idea.state)?;
    let waits = queries::find_raised(tx, council.id, idea.id)?.is_some_and(|row| row.settled_as.is_none());
    if !waits {
        let detail = "Only an idea that was raised at the open door and waits for a decision can be taken up.";
        return Err(Code::WrongState.because(detail).into());
    }
    let door = queries::find_open_door(tx, council.id, true)?;
    let draft = AnswerDraft { kind: AnswerKind::Accepted, office, reason };
    let answer = give(tx, council.id, &idea, who.account, &draft)?.id;
    let made = insert_challenge(tx, council.id, &text_of(&idea, &door))?;
    queries::set_taken_up(tx, council.id, idea.id, made)?;
    entries::record(tx, council.id, &IdeaTakenUp { idea: idea.id, challenge: door.id, answer })?;
    let event = Event::new(AuditAction::IdeaTakenUp, who.by).to(idea.id);
    audit::record(tx, council.id, event.after(json!({ "challenge": made, "answer": answer })))?;
    let listed = queries::find_listed(tx, council.id, idea.id)?;
    let location = format!("/v1/councils/{}/challenges/{made}", council.slug);
    Reply::created(location, &RaisedIdeaView::new(listed, &council.idea_prefix, true, tx.now()))
}

/// The draft of a challenge as its idea says it; those who prepare it find the words for everybody.
fn text_of(idea: &IdeaRow, door: &ChallengeRow) -> Text {
    Text {
        kind: ChallengeKind::Question,
        title: idea.title.clone(),
        question: idea.title.clone(),
        body: idea.body.clone(),
        language: door.language.clone(),
        moderation: door.moderation,
        trusted_after: door.trusted_after,
        voting_rule: door.voting_rule,
        eligibility: Eligibility::default(),
        background: Background::default(),
    }
}

/// Whether an open door says how much it takes.
///
/// # Errors
/// What the database answers.
pub fn has_threshold(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<bool> {
    Ok(queries::find_threshold(tx, council, challenge)?.is_some())
}
