//! Naming the outside reviewer, showing them an appeal, and what they read and decide by the link.

use std::sync::Arc;

use actix_web::web;
use serde_json::json;

use super::granting::grant;
use super::queries::{self, ReviewRow, Subject};
use super::views::{
    CaseUnderReview, DecideReview, IdeaUnderReview, NameReviewer, OutsideReviewer, ReadReview, ReviewView,
    SanctionAppealUnderReview,
};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::queries::find_by_email;
use crate::people::accounts::routes::limited;
use crate::people::accounts::rules::email_key;
use crate::people::accounts::tokens::{peek_token, redeem_token};
use crate::people::councils::model::Council;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::{markdown, tidy};
use crate::platform::http::doors::{Doors, delete, get, post, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Reply, id_of};
use crate::process::moderation::item;
use crate::process::{appeals, sanctions};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, CaseState, Role, TokenKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(read_outside_reviewer)
        .service(name_outside_reviewer)
        .service(withdraw_outside_reviewer)
        .service(grant_review)
        .service(grant_sanction_review)
        .service(read_review)
        .service(decide_review);
}

/// Read who the outside reviewer is
///
/// 404 where nobody is named.
#[utoipa::path(tag = "Councils", operation_id = "read_outside_reviewer", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "Who it is", body = OutsideReviewer)))]
#[get("/councils/{council}/outside-reviewer")]
async fn read_outside_reviewer(app: App, who: Allowed<acts::ManageCouncil>) -> Result<Reply> {
    let council = who.council.id;
    let row = app.db.read(move |tx| queries::find_reviewer(tx, council)).await?;
    Reply::ok(&OutsideReviewer::from(row.ok_or_else(|| Error::not_found("outside reviewer"))?))
}

/// Name the outside reviewer
///
/// Somebody who does not work for the council, as from the next one, and decides appeals that nobody else of the staff may decide.
/// They have no access: for each appeal they are mailed a link that shows that one case for fourteen days. With one, a challenge can
/// open with one moderator.
#[utoipa::path(tag = "Councils", operation_id = "name_outside_reviewer", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = NameReviewer,
    responses((status = 200, description = "Named", body = OutsideReviewer)))]
#[put("/councils/{council}/outside-reviewer")]
async fn name_outside_reviewer(app: App, who: Allowed<acts::ManageCouncil>, body: Json<NameReviewer>) -> Result<Reply> {
    let (council, wish, by) = (who.council.id, body.value, who.by());
    let name = tidy(&wish.name);
    if name.is_empty() {
        return Err(Error::fault("/name", "too_short", "At least 1 character that can be seen."));
    }
    let Some(key) = email_key(&wish.email) else {
        return Err(Error::fault("/email", "wrong_format", "A mail address."));
    };
    who.write(&app, Limited::Write, move |tx| {
        if find_by_email(tx, council, &key)?.is_some_and(|one| one.role != Role::Resident) {
            let detail = "This is the address of one of the staff. Name somebody who does not work for the council.";
            return Err(Error::fault("/email", "not_taken", detail));
        }
        let account = queries::name_reviewer(tx, council, &name, &wish.email)?;
        let event = Event::new(AuditAction::OutsideReviewerNamed, by).to(account);
        // They decide in office, and their account has no name any more when the next one is named.
        audit::record(tx, council, event.after(json!({ "named": true, "name": name })))?;
        let row = queries::find_reviewer(tx, council)?.ok_or_else(|| Error::not_found("outside reviewer"))?;
        Reply::ok(&OutsideReviewer::from(row))
    })
    .await
}

/// Name no outside reviewer any more
///
/// Their links open nothing from now on; their address goes, and their name and decisions stay in the audit log.
#[utoipa::path(tag = "Councils", operation_id = "withdraw_outside_reviewer", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 204, description = "Withdrawn")))]
#[delete("/councils/{council}/outside-reviewer")]
async fn withdraw_outside_reviewer(app: App, who: Allowed<acts::ManageCouncil>) -> Result<Reply> {
    let (council, by) = (who.council.id, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let account = queries::withdraw_reviewer(tx, council)?.ok_or_else(|| Error::not_found("outside reviewer"))?;
        let event = Event::new(AuditAction::OutsideReviewerNamed, by).to(account);
        audit::record(tx, council, event.after(json!({ "named": false })))?;
        Ok(Reply::nothing())
    })
    .await
}

/// Show an appeal to the outside reviewer
///
/// For fourteen days, by a link that is mailed to them. It is done by itself where nobody of the staff may decide a new appeal.
#[utoipa::path(tag = "Appeals", operation_id = "grant_review", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("appeal" = Id, Path, description = "Id of the appeal")),
    responses((status = 200, description = "Shown", body = ReviewView)))]
#[post("/councils/{council}/appeals/{appeal}/review")]
async fn grant_review(app: App, who: Allowed<acts::Moderate>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, appeal, by) = (who.council.id, id_of(&path.1, "appeal")?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        if appeals::queries::find_appeal(tx, council, appeal)?.result.is_some() {
            return Err(Code::AlreadyDecided.problem().into());
        }
        Reply::ok(&grant(tx, council, Subject::Appeal(appeal), by)?)
    })
    .await
}

/// Show an appeal against a sanction to the outside reviewer
///
/// As for an appeal about an idea.
#[utoipa::path(tag = "Sanctions", operation_id = "grant_sanction_review", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("appeal" = Id, Path, description = "Id of the appeal")),
    responses((status = 200, description = "Shown", body = ReviewView)))]
#[post("/councils/{council}/sanction-appeals/{appeal}/review")]
async fn grant_sanction_review(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, appeal, by) = (who.council.id, id_of(&path.1, "appeal")?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        if sanctions::queries::find_appeal(tx, council, appeal)?.state() == CaseState::Decided {
            return Err(Code::AlreadyDecided.problem().into());
        }
        Reply::ok(&grant(tx, council, Subject::SanctionAppeal(appeal), by)?)
    })
    .await
}

fn invalid() -> Error {
    Code::LinkInvalid.problem().into()
}

/// What a link is for, while whoever it was mailed to is still named and their time runs.
fn granted(tx: &mut Tx<'_>, council: Id, review: Id) -> Result<(ReviewRow, Subject)> {
    let row = queries::find_review(tx, council, review)?;
    let named = queries::find_reviewer(tx, council)?.is_some_and(|one| one.account_id == row.account_id);
    let subject = row.subject().filter(|_| named && row.expires_at > tx.now());
    // Somebody else has decided meanwhile: there is nothing left to be shown.
    let decided = match subject {
        Some(Subject::Appeal(id)) => appeals::queries::find_appeal(tx, council, id)?.result.is_some(),
        Some(Subject::SanctionAppeal(id)) => {
            sanctions::queries::find_appeal(tx, council, id)?.state() == CaseState::Decided
        }
        None => false,
    };
    let subject = subject.filter(|_| !decided);
    subject.map(|subject| (row, subject)).ok_or_else(invalid)
}

/// Read a case by the outside reviewer's link
///
/// The appeal, what it is against, and the text as it was decided upon; nothing else: no number, no id, and not whose it is. The link can be used again
/// until the appeal is decided.
#[utoipa::path(tag = "Appeals", operation_id = "read_review", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = ReadReview,
    responses((status = 200, description = "The case", body = CaseUnderReview)))]
#[post("/councils/{council}/reviews")]
async fn read_review(app: App, who: Allowed<acts::ReadPublic>, body: Json<ReadReview>) -> Result<Reply> {
    let (council, token) = (Arc::clone(&who.council), body.value.token);
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let read = app.db.read(move |tx| {
        let (review, _) = peek_token(tx, council.id, TokenKind::Review, &token)?;
        let (row, subject) = granted(tx, council.id, review)?;
        under_review(tx, &council, &row, subject)
    });
    Ok(Reply::ok(&read.await?)?.secret().limited(standings))
}

fn under_review(tx: &mut Tx<'_>, council: &Council, row: &ReviewRow, of: Subject) -> Result<CaseUnderReview> {
    let mut view = CaseUnderReview { expires_at: row.expires_at, appeal: None, idea: None, sanction_appeal: None };
    match of {
        Subject::Appeal(id) => {
            let appeal = appeals::queries::find_appeal(tx, council.id, id)?;
            let first = appeals::queries::find_statement(tx, council.id, appeal.decision_id)?;
            let text = item::find_revision(tx, council.id, first.subject(), first.revision)?;
            view.idea = text.map(|(title, body)| IdeaUnderReview { title, body_html: markdown(&body), body });
            view.appeal = Some(appeals::routes::to_decide(tx, council, appeal, row.account_id)?.into());
        }
        Subject::SanctionAppeal(id) => {
            let appeal = sanctions::queries::find_appeal(tx, council.id, id)?;
            let against = sanctions::queries::find_sanction(tx, council.id, appeal.sanction_id)?;
            view.sanction_appeal = Some(SanctionAppealUnderReview::of(appeal, against));
        }
    }
    Ok(view)
}

/// Decide an appeal by the outside reviewer's link
///
/// As one of the staff would: upheld, reversed, or amended, with reasons for who made it. It uses the link up, and stands in the audit
/// log.
#[utoipa::path(tag = "Appeals", operation_id = "decide_review", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = DecideReview,
    responses((status = 204, description = "Decided")))]
#[post("/councils/{council}/reviews/decision")]
async fn decide_review(app: App, who: Allowed<acts::ReadPublic>, body: Json<DecideReview>) -> Result<Reply> {
    let (council, wish) = (Arc::clone(&who.council), body.value);
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let decided = app.db.write(move |tx| {
        let (review, _) = redeem_token(tx, council.id, TokenKind::Review, &wish.token)?;
        let (row, subject) = granted(tx, council.id, review)?;
        let who = (row.account_id, By::Account(row.account_id));
        match subject {
            Subject::Appeal(id) => {
                not_taken("/until", wish.until.is_some())?;
                let wish = appeals::views::DecideAppeal {
                    result: wish.result,
                    reasons: wish.reasons.clone(),
                    instead: wish.instead.clone(),
                };
                appeals::routes::decide(tx, &council, id, &wish, None, who)?;
            }
            Subject::SanctionAppeal(id) => {
                not_taken("/instead", wish.instead.is_some())?;
                let wish = sanctions::views::DecideSanctionAppeal {
                    result: wish.result,
                    reasons: wish.reasons.clone(),
                    until: wish.until,
                };
                sanctions::appeals::decide(tx, &council, id, &wish, who)?;
            }
        }
        Ok(Reply::nothing())
    });
    Ok(decided.await?.limited(standings))
}

fn not_taken(pointer: &str, given: bool) -> Result<()> {
    if given {
        return Err(Error::fault(pointer, "not_taken", "An appeal of this kind is not amended in this way."));
    }
    Ok(())
}
