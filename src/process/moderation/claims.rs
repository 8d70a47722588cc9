//! Taking a case in hand, so that two moderators do not read the same one.

use std::time::Duration;

use actix_web::web;
use diesel::prelude::*;

use super::queries::{CaseRow, find_case};
use super::routes::view_case;
use super::views::CaseView;
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::db::schema::cases;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Code, Result};
use crate::platform::http::doors::{Doors, delete, put};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Reply};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{CaseReason, CaseState};

/// For how long a case is in somebody's hands. Long enough to read and write to the author; short enough that what was
/// forgotten waits for nobody.
const HOLDS: Duration = Duration::from_secs(30 * 60);

pub(super) fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(claim_case).service(release_case);
}

/// Refuses what somebody else has in hand.
///
/// # Errors
/// 409 with who it is and for how long.
pub fn in_no_other_hands(case: &CaseRow, by: Id, now: Instant) -> Result<()> {
    match case.claimed_by.as_ref().zip(case.claimed_until) {
        Some(((other, name), until)) if *other != by && until > now => {
            let detail = format!("{name} has this case in hand until {until}. Talk to them, or take another one.");
            Err(Code::WrongState.because(detail).into())
        }
        _ => Ok(()),
    }
}

/// Changes whose a case is, as it was read: on PostgreSQL somebody else may have claimed it since.
fn set_claim(tx: &mut Tx<'_>, council: Id, row: &CaseRow, claim: Option<(Id, Instant)>) -> Result<()> {
    let changed = diesel::update(cases::table.find((council, row.id)).filter(cases::version.eq(row.version)))
        .set((
            cases::claimed_by.eq(claim.map(|(by, _)| by)),
            cases::claimed_until.eq(claim.map(|(_, until)| until)),
            cases::version.eq(cases::version + 1),
        ))
        .execute(&mut **tx)?;
    if changed == 0 {
        return Err(Code::Changed.problem().into());
    }
    Ok(())
}

/// Takes a case in somebody's hands; who may, the caller has asked. Its version is one higher then.
///
/// # Errors
/// 412 where it has changed since it was read.
pub(super) fn take(tx: &mut Tx<'_>, council: Id, case: &CaseRow, by: Id) -> Result<()> {
    let until = tx.now().plus(HOLDS);
    set_claim(tx, council, case, Some((by, until)))
}

/// Takes a case out of somebody's hands, where it is in theirs.
///
/// # Errors
/// 404 where there is no such case.
pub(super) fn give_up(tx: &mut Tx<'_>, council: Id, case: Id, by: Id) -> Result<()> {
    let row = find_case(tx, council, case)?;
    match &row.claimed_by {
        Some((claimer, _)) if *claimer == by => set_claim(tx, council, &row, None),
        _ => Ok(()),
    }
}

/// Claim a case
///
/// It is yours for half an hour: nobody else decides it meanwhile. Claiming it again makes that half an hour from now. The
/// answer has the version to send with the decision.
#[utoipa::path(tag = "Moderation", operation_id = "claim_case", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("case" = Id, Path, description = "Id of the case"),
        ("If-Match" = String, Header, description = "The ETag of the case, or its `version` in quotation marks")),
    responses((status = 200, description = "It is yours", body = CaseView)))]
#[put("/councils/{council}/cases/{case}/claim")]
async fn claim_case(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
    version: IfMatch,
) -> Result<Reply> {
    let (council, case, by) = (who.council.clone(), id_of(&path.1, "case")?, who.actor()?.id);
    who.write(&app, Limited::Write, move |tx| {
        let (row, now) = (find_case(tx, council.id, case)?, tx.now());
        if row.state == CaseState::Decided {
            return Err(Code::AlreadyDecided.problem().into());
        }
        if row.reason == CaseReason::Appeal {
            let detail = "This case is an appeal, which nobody takes in hand: decide the appeal.";
            return Err(Code::WrongState.because(detail).into());
        }
        in_no_other_hands(&row, by, now)?;
        version.require(row.version)?;
        take(tx, council.id, &row, by)?;
        let view = view_case(tx, council.id, case, &council.idea_prefix, by)?;
        let version = view.version;
        Ok(Reply::ok(&view)?.version(version))
    })
    .await
}

/// Release a case
///
/// Whoever comes next may claim it. Nothing happens where it is not yours.
#[utoipa::path(tag = "Moderation", operation_id = "release_case", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("case" = Id, Path, description = "Id of the case")),
    responses((status = 204, description = "It is not in your hands")))]
#[delete("/councils/{council}/cases/{case}/claim")]
async fn release_case(app: App, who: Allowed<acts::Moderate>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, case, by) = (who.council.id, id_of(&path.1, "case")?, who.actor()?.id);
    who.write(&app, Limited::Write, move |tx| {
        give_up(tx, council, case, by)?;
        Ok(Reply::nothing())
    })
    .await
}
