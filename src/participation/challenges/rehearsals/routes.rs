//! Begin a rehearsal, say who is there, see what took place, end it.

use actix_web::web;

use super::queries::{self, RehearsalRow};
use super::views::{RehearsalView, Rehearse};
use crate::app::App;
use crate::participation::challenges::queries::{find_whole, hold_draft};
use crate::participation::challenges::readiness::readiness;
use crate::participation::challenges::readiness::routes::facts;
use crate::people::accounts::Allowed;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::http::doors::{Doors, delete, get, post, put};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Once, Reply};
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

pub(in crate::participation::challenges) fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(begin_rehearsal).service(read_rehearsal).service(change_audience).service(end_rehearsal);
}

fn view(tx: &mut Tx<'_>, council: Id, row: RehearsalRow) -> Result<RehearsalView> {
    let (invited, seen) = (queries::count_invited(tx, council, row.id)?, queries::seen(tx, council, &row)?);
    Ok(RehearsalView::of(row, invited, seen))
}

/// Begin a rehearsal
///
/// Before the public is asked, the staff and whom they invite try out the whole way of an idea: one is submitted, one decided on, one
/// answered. It is a copy of how the council is set up, with this draft opened in it as if all were ready, and all at once allowed
/// that its phases allow. Whatever is done there is seen by nobody else, counted nowhere, and mailed to nobody; who takes part is
/// not named.
///
/// It is reached under an address of its own, `address` in the answer, with the tokens of this council: `/v1/councils/{address}/ideas`,
/// say. The staff have the role there that they have here, and play residents under `address_as_resident`; whoever is invited is a
/// resident. To everybody else there is no such council: 404. It takes ideas for 30 days, and ends when the challenge
/// opens, at the latest. What is changed in the draft meanwhile is not in it: end it and begin anew.
#[utoipa::path(tag = "Preparing challenges", operation_id = "begin_rehearsal", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    request_body = Rehearse, responses((status = 201, description = "Begun", body = RehearsalView)))]
#[post("/councils/{council}/challenges/{challenge}/rehearsal")]
async fn begin_rehearsal(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    path: web::Path<(String, String)>,
    once: Once,
    body: Json<Rehearse>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (council, me, by) = (who.council.clone(), who.actor()?.id, who.by());
    let challenge = id_of(&path.1, "challenge")?;
    wish.check()?;
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        if council.sandbox_of.is_some() {
            let detail = "This is a copy of a council already: what is rehearsed here is rehearsed.";
            return Err(Code::WrongState.because(detail).into());
        }
        hold_draft(tx, council.id, challenge)?;
        let whole = find_whole(tx, council.id, challenge, true)?;
        if whole.promise.is_none() {
            let detail = "Write the promise first: what is rehearsed is to answer in time, too.";
            return Err(Code::WrongState.because(detail).into());
        }
        let items = readiness(&facts(tx, council.id, &whole)?);
        let row = queries::begin(tx, council.id, me, wish.audience, (whole, &items))?;
        queries::set_audience(tx, council.id, row.id, wish.audience, &wish.invited)?;
        audit::record(tx, council.id, Event::new(AuditAction::RehearsalBegun, by).to(challenge))?;
        let location = format!("/v1/councils/{}/challenges/{challenge}/rehearsal", council.slug);
        Reply::created(location, &view(tx, council.id, row)?)
    })
    .await
}

/// Read the rehearsal
///
/// The one that goes on, or else the last: how the staff get there, and what took place in numbers.
#[utoipa::path(tag = "Preparing challenges", operation_id = "read_rehearsal", security(("bearer" = ["work.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The rehearsal", body = RehearsalView)))]
#[get("/councils/{council}/challenges/{challenge}/rehearsal")]
async fn read_rehearsal(app: App, who: Allowed<acts::ReadWork>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, challenge) = (who.council.id, id_of(&path.1, "challenge")?);
    let shown = app.db.read(move |tx| {
        let row = queries::last_rehearsal(tx, council, challenge)?;
        view(tx, council, row)
    });
    Reply::ok(&shown.await?)
}

/// Say who is at the rehearsal
///
/// In the place of what was said before. Whoever is not invited any more does not get in again; what they did there stays.
#[utoipa::path(tag = "Preparing challenges", operation_id = "change_rehearsal_audience", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    request_body = Rehearse, responses((status = 200, description = "Said", body = RehearsalView)))]
#[put("/councils/{council}/challenges/{challenge}/rehearsal")]
async fn change_audience(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    path: web::Path<(String, String)>,
    body: Json<Rehearse>,
) -> Result<Reply> {
    let (council, by, wish) = (who.council.id, who.by(), body.value);
    let challenge = id_of(&path.1, "challenge")?;
    wish.check()?;
    who.write(&app, Limited::Write, move |tx| {
        let row = going_on(tx, council, challenge)?;
        queries::set_audience(tx, council, row.id, wish.audience, &wish.invited)?;
        audit::record(tx, council, Event::new(AuditAction::RehearsalAudienceChanged, by).to(challenge))?;
        let row = queries::last_rehearsal(tx, council, challenge)?;
        Reply::ok(&view(tx, council, row)?)
    })
    .await
}

/// End the rehearsal
///
/// Nothing is done there any more. The staff can read it for 90 days, then it is emptied; what took place is kept in numbers, and
/// counts for the readiness.
#[utoipa::path(tag = "Preparing challenges", operation_id = "end_rehearsal", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 204, description = "Ended")))]
#[delete("/councils/{council}/challenges/{challenge}/rehearsal")]
async fn end_rehearsal(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, by, challenge) = (who.council.id, who.by(), id_of(&path.1, "challenge")?);
    who.write(&app, Limited::Write, move |tx| {
        let row = going_on(tx, council, challenge)?;
        queries::end(tx, council, &row)?;
        audit::record(tx, council, Event::new(AuditAction::RehearsalEnded, by).to(challenge))?;
        Ok(Reply::nothing())
    })
    .await
}

fn going_on(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<RehearsalRow> {
    // Whoever opens the challenge at this moment ends it.
    hold_draft(tx, council, challenge)?;
    queries::running(tx, council, challenge)?.ok_or_else(|| Error::not_found("rehearsal that goes on"))
}
