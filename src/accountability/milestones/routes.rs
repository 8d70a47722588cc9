//! Plan, reach and read the steps of a commitment.

use std::sync::Arc;

use actix_web::web;
use serde_json::json;

use super::model::{MilestonePlanned, MilestoneReached, MilestoneRow};
use super::views::{MilestoneView, MilestonesView, PlanMilestone, ReachMilestone};
use super::{queries, rules};
use crate::accountability::commitments::model::CommitmentRow;
use crate::accountability::commitments::queries::find_commitment;
use crate::accountability::id_of;
use crate::accountability::promises::calendar::day_of;
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::councils::model::Council;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::entries;
use crate::platform::error::{Code, Error, Result};
use crate::platform::http::doors::{Doors, get, post, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Once, Reply};
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(plan_milestone).service(list_milestones).service(read_milestone).service(reach_milestone);
}

fn view(tx: &Tx<'_>, council: &Council, row: MilestoneRow, of: &CommitmentRow) -> Result<MilestoneView> {
    Ok(MilestoneView::new(row, of.dropped_on.as_deref(), &day_of(tx.now(), &council.time_zone)?.to_string()))
}

/// Plan a milestone
///
/// A dated step of a commitment. Its day stays as it was said: what comes later is shown as late.
#[utoipa::path(tag = "Answering", operation_id = "plan_milestone", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("commitment" = Id, Path, description = "Id of the commitment")),
    request_body = PlanMilestone, responses((status = 201, description = "Planned", body = MilestoneView)))]
#[post("/councils/{council}/commitments/{commitment}/milestones")]
async fn plan_milestone(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<PlanMilestone>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (title, planned_on) = rules::draft(&wish)?;
    let (council, by, commitment) = (Arc::clone(&who.council), who.by(), id_of(&path.1, "commitment")?);
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let found = find_commitment(tx, council.id, commitment, true)?.row;
        // Beside the others of this idea, so that they are counted.
        tx.hold(Root::Idea, council.id, found.idea_id, Hold::Alone)?;
        let of = find_commitment(tx, council.id, commitment, true)?.row;
        rules::can_be_planned(of.status)?;
        if planned_on < day_of(tx.now(), &council.time_zone)?.to_string() {
            return Err(Error::fault(
                "/planned_on",
                "too_small",
                "This day is over: a step is about what will be done.",
            ));
        }
        if queries::count_milestones(tx, council.id, commitment)? >= rules::MOST {
            return Err(Code::WrongState.because("A commitment has fifty steps at most.").into());
        }
        let row = queries::insert_milestone(tx, council.id, commitment, (&title, &planned_on))?;
        let happened = MilestonePlanned { milestone: row.id, commitment, planned_on: row.planned_on.clone() };
        entries::record(tx, council.id, &happened)?;
        let event = Event::new(AuditAction::MilestonePlanned, by).to(row.id);
        audit::record(tx, council.id, event.after(json!({ "commitment": commitment, "planned_on": row.planned_on })))?;
        let location = format!("/v1/councils/{}/commitments/{commitment}/milestones/{}", council.slug, row.id);
        let version = row.version;
        Ok(Reply::created(location, &view(tx, &council, row, &of)?)?.version(version))
    })
    .await
}

/// List the milestones of a commitment
///
/// By planned day, with what is late where the council is and what shows that they were reached.
#[utoipa::path(tag = "Feedback", operation_id = "list_milestones", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("commitment" = Id, Path, description = "Id of the commitment")),
    responses((status = 200, description = "The milestones", body = MilestonesView)))]
#[get("/councils/{council}/commitments/{commitment}/milestones")]
async fn list_milestones(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, staff, commitment) = (Arc::clone(&who.council), who.is_staff(), id_of(&path.1, "commitment")?);
    let read = app.db.read(move |tx| {
        let of = find_commitment(tx, council.id, commitment, staff)?.row;
        let rows = queries::list_milestones(tx, council.id, commitment)?;
        let items = rows.into_iter().map(|row| view(tx, &council, row, &of)).collect::<Result<_>>()?;
        Ok(MilestonesView { items })
    });
    let reply = Reply::ok(&read.await?)?;
    Ok(if staff { reply } else { reply.public(60) })
}

/// Read a milestone
///
/// One step, with the ETag that a change of it needs.
#[utoipa::path(tag = "Feedback", operation_id = "read_milestone", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("commitment" = Id, Path, description = "Id of the commitment"),
        ("milestone" = Id, Path, description = "Id of the milestone")),
    responses((status = 200, description = "The milestone", body = MilestoneView)))]
#[get("/councils/{council}/commitments/{commitment}/milestones/{milestone}")]
async fn read_milestone(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String, String)>,
) -> Result<Reply> {
    let (council, staff) = (Arc::clone(&who.council), who.is_staff());
    let (commitment, milestone) = (id_of(&path.1, "commitment")?, id_of(&path.2, "milestone")?);
    let read = app.db.read(move |tx| {
        let of = find_commitment(tx, council.id, commitment, staff)?.row;
        let row = queries::find_milestone(tx, council.id, commitment, milestone)?;
        Ok((row.version, view(tx, &council, row, &of)?))
    });
    let (version, view) = read.await?;
    let reply = Reply::ok(&view)?.version(version);
    Ok(if staff { reply } else { reply.public(60) })
}

/// Reach a milestone
///
/// Says when a step was reached and what shows it. Said again, it puts that right; each time it is recorded, with a hash of
/// what shows it, and the council's audit log keeps what it said before.
#[utoipa::path(tag = "Answering", operation_id = "reach_milestone", security(("bearer" = ["answer.give"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("commitment" = Id, Path, description = "Id of the commitment"),
        ("milestone" = Id, Path, description = "Id of the milestone"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = ReachMilestone, responses((status = 200, description = "Reached", body = MilestoneView)))]
#[put("/councils/{council}/commitments/{commitment}/milestones/{milestone}/evidence")]
async fn reach_milestone(
    app: App,
    who: Allowed<acts::Answer>,
    path: web::Path<(String, String, String)>,
    if_match: IfMatch,
    body: Json<ReachMilestone>,
) -> Result<Reply> {
    let reached = rules::reached(&body.value)?;
    let (council, by) = (Arc::clone(&who.council), who.by());
    let (commitment, milestone) = (id_of(&path.1, "commitment")?, id_of(&path.2, "milestone")?);
    who.write(&app, Limited::Write, move |tx| {
        let of = find_commitment(tx, council.id, commitment, true)?.row;
        let row = queries::find_milestone(tx, council.id, commitment, milestone)?;
        if_match.require(row.version)?;
        if reached.done_on > day_of(tx.now(), &council.time_zone)?.to_string() {
            return Err(Error::fault("/done_on", "too_large", "This day has not come yet."));
        }
        // The row holds the latest evidence alone: what it said before stays here, and its hash in the ledger.
        let told = |row: &MilestoneRow| {
            json!({ "done_on": row.done_on, "evidence": row.evidence, "evidence_url": row.evidence_url })
        };
        let before = told(&row);
        let row = queries::set_reached(tx, council.id, &row, &reached)?;
        let (done_on, evidence_hash) = (reached.done_on.clone(), rules::evidence_hash(&reached));
        let happened = MilestoneReached { milestone, commitment, done_on, evidence_hash };
        entries::record(tx, council.id, &happened)?;
        let event = Event::new(AuditAction::MilestoneReached, by).to(milestone).before(before);
        audit::record(tx, council.id, event.after(told(&row)))?;
        let version = row.version;
        Ok(Reply::ok(&view(tx, &council, row, &of)?)?.version(version))
    })
    .await
}
