//! Who is of the staff, who is invited, and whose account is suspended.

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::jobs::{EndSuspension, TellSuspended};
use super::model::{Invitation, Suspension};
use super::views::{ChangeRole, InvitationView, StaffView, Suspend, SuspensionView};
use super::{queries, rules};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::model::AccountRow;
use crate::people::accounts::queries::{count_other_admins, find_account, list_staff as staff_after, set_standing};
use crate::people::councils::jobs::SendInvitation;
use crate::people::offices::queries::leave_offices;
use crate::people::sessions::queries::end_sessions;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, delete, get, patch, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{IfMatch, Json, Page, Paging, Query, Reply};
use crate::platform::jobs::{enqueue, enqueue_at};
use crate::vocabulary::permissions::{Action, acts};
use crate::vocabulary::{AccountState, AuditAction, Role};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(list_staff)
        .service(read_staff_member)
        .service(change_role)
        .service(remove_from_staff)
        .service(list_invitations)
        .service(withdraw_invitation)
        .service(suspend_account)
        .service(read_suspension)
        .service(restore_account);
}

fn id_of(text: &str, what: &str) -> Result<Id> {
    text.parse().map_err(|_not_an_id: uuid::Error| Error::not_found(what))
}

/// Invites somebody, in the transaction of whoever does.
///
/// # Errors
/// What the database answers.
pub fn invite(tx: &mut Tx<'_>, council: Id, email: &str, role: Role, by: By) -> Result<()> {
    let inviter = match by {
        By::Account(account) | By::Key { account, .. } => Some(account),
        By::Platform(_) | By::Nobody => None,
    };
    let invitation = queries::insert_invitation(tx, council, email, role, inviter)?;
    enqueue(tx, council, &SendInvitation { invitation: invitation.id })?;
    let event = Event::new(AuditAction::InvitationMade, by).to(invitation.id);
    audit::record(tx, council, event.after(json!({ "role": role })))
}

/// Holds the council, so that of two who change each other at once the second sees what the first did; then looks whether
/// whoever acts still may.
fn begin(tx: &mut Tx<'_>, council: Id, actor: Id) -> Result<()> {
    tx.hold(Root::Council, council, council, Hold::Alone)?;
    if queries::may_now(tx, council, actor, Action::ManageStaff)? {
        return Ok(());
    }
    Err(Code::Forbidden.problem().into())
}

/// Gives an account another role or state. Whoever could invite and cannot any more, has invited nobody.
fn put(tx: &mut Tx<'_>, row: &AccountRow, role: Role, state: AccountState, by: By) -> Result<AccountRow> {
    let others = count_other_admins(tx, row.council_id, row.id)?;
    rules::keeps_an_admin((row.role, row.state), (role, state), others)?;
    let changed = set_standing(tx, row, role, state)?;
    if !queries::may_now(tx, row.council_id, row.id, Action::ManageStaff)? {
        for id in queries::delete_invitations_by(tx, row.council_id, row.id)? {
            audit::record(tx, row.council_id, Event::new(AuditAction::InvitationWithdrawn, by).to(id))?;
        }
    }
    Ok(changed)
}

/// List the staff
///
/// Everybody with a role beyond a resident's, suspended or not, in the order in which they came.
#[utoipa::path(tag = "Staff", operation_id = "list_staff", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ListQuery),
    responses((status = 200, description = "A page of the staff", body = Page<StaffView>)))]
#[get("/councils/{council}/staff")]
async fn list_staff(
    app: App,
    who: Allowed<acts::ManageStaff>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, secrets) = (who.council.id, app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let list = format!("staff:{council}");
        let rows = staff_after(tx, council, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &AccountRow| row.id, StaffView::from)
    });
    page.await?.reply(&request)
}

/// Read a member of the staff
///
/// With the ETag that a change needs.
#[utoipa::path(tag = "Staff", operation_id = "read_staff_member", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("account" = Id, Path, description = "Id of the account")),
    responses((status = 200, description = "The member", body = StaffView)))]
#[get("/councils/{council}/staff/{account}")]
async fn read_staff_member(
    app: App,
    who: Allowed<acts::ManageStaff>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, account) = (who.council.id, id_of(&path.1, "member of the staff")?);
    let row = app.db.read(move |tx| rules::of_the_staff(find_account(tx, council, account)?)).await?;
    let version = row.version;
    Ok(Reply::ok(&StaffView::from(row))?.version(version))
}

/// Change a role
///
/// Bites on their next request. The last admin who can sign in stays one (409 `last_admin`). Residents become staff by an
/// invitation only, for they have to agree.
#[utoipa::path(tag = "Staff", operation_id = "change_role", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("account" = Id, Path, description = "Id of the account"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = ChangeRole, responses((status = 200, description = "Changed", body = StaffView)))]
#[patch("/councils/{council}/staff/{account}")]
async fn change_role(
    app: App,
    who: Allowed<acts::ManageStaff>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<ChangeRole>,
) -> Result<Reply> {
    let role = body.value.role;
    if role == Role::Resident {
        return Err(Error::fault("/role", "not_in_list", "To take somebody from the staff, delete them from it."));
    }
    let (council, account, actor, by) =
        (who.council.id, id_of(&path.1, "member of the staff")?, who.actor()?.id, who.by());
    who.write(&app, Limited::Write, move |tx| {
        begin(tx, council, actor)?;
        let row = rules::of_the_staff(find_account(tx, council, account)?)?;
        read.require(row.version)?;
        let changed = put(tx, &row, role, row.state, by)?;
        let event = Event::new(AuditAction::RoleChanged, by).to(account).before(json!({ "role": row.role }));
        audit::record(tx, council, event.after(json!({ "role": role })))?;
        let version = changed.version;
        Ok(Reply::ok(&StaffView::from(changed))?.version(version))
    })
    .await
}

/// Remove from the staff
///
/// The account stays, as a resident's. It bites on their next request; invitations that they made and nobody has followed
/// are withdrawn. The last admin who can sign in stays (409 `last_admin`).
#[utoipa::path(tag = "Staff", operation_id = "remove_from_staff", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("account" = Id, Path, description = "Id of the account"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    responses((status = 204, description = "Removed")))]
#[delete("/councils/{council}/staff/{account}")]
async fn remove_from_staff(
    app: App,
    who: Allowed<acts::ManageStaff>,
    path: web::Path<(String, String)>,
    read: IfMatch,
) -> Result<Reply> {
    let (council, account, actor, by) =
        (who.council.id, id_of(&path.1, "member of the staff")?, who.actor()?.id, who.by());
    who.write(&app, Limited::Write, move |tx| {
        begin(tx, council, actor)?;
        let row = rules::of_the_staff(find_account(tx, council, account)?)?;
        read.require(row.version)?;
        put(tx, &row, Role::Resident, row.state, by)?;
        leave_offices(tx, council, account)?;
        let event = Event::new(AuditAction::StaffRemoved, by).to(account);
        audit::record(tx, council, event.before(json!({ "role": row.role })))?;
        Ok(Reply::nothing())
    })
    .await
}

/// List open invitations
///
/// Those that nobody has followed and that are still good, the newest first.
#[utoipa::path(tag = "Staff", operation_id = "list_invitations", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ListQuery),
    responses((status = 200, description = "A page of invitations", body = Page<InvitationView>)))]
#[get("/councils/{council}/invitations")]
async fn list_invitations(
    app: App,
    who: Allowed<acts::ManageStaff>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, secrets) = (who.council.id, app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let list = format!("invitations:{council}");
        let rows = queries::list_invitations(tx, council, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &Invitation| (row.created_at, row.id), InvitationView::from)
    });
    page.await?.reply(&request)
}

/// Withdraw an invitation
///
/// Its link opens nothing any more; if the mail has not been sent, it is not.
#[utoipa::path(tag = "Staff", operation_id = "withdraw_invitation", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("invitation" = Id, Path, description = "Id of the invitation")),
    responses((status = 204, description = "Withdrawn")))]
#[delete("/councils/{council}/invitations/{invitation}")]
async fn withdraw_invitation(
    app: App,
    who: Allowed<acts::ManageStaff>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, invitation, by) = (who.council.id, id_of(&path.1, "open invitation")?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let role = queries::delete_invitation(tx, council, invitation)?;
        let event = Event::new(AuditAction::InvitationWithdrawn, by).to(invitation);
        audit::record(tx, council, event.before(json!({ "role": role })))?;
        Ok(Reply::nothing())
    })
    .await
}

/// Suspend an account
///
/// Whoever it belongs to, resident or staff, is signed out everywhere at once, cannot sign in, and is told why by mail. It
/// ends by itself where `until` says when. The last admin who can sign in cannot be suspended (409 `last_admin`).
#[utoipa::path(tag = "Staff", operation_id = "suspend_account", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("account" = Id, Path, description = "Id of the account")),
    request_body = Suspend, responses((status = 201, description = "Suspended", body = SuspensionView)))]
#[post("/councils/{council}/accounts/{account}/suspension")]
async fn suspend_account(
    app: App,
    who: Allowed<acts::ManageStaff>,
    path: web::Path<(String, String)>,
    body: Json<Suspend>,
) -> Result<Reply> {
    let (wish, slug) = (body.value, who.council.slug.clone());
    let reason = tidy(&wish.reason);
    if reason.is_empty() {
        return Err(Error::fault("/reason", "too_short", "At least 1 character that can be seen."));
    }
    let (council, account, actor, by) = (who.council.id, id_of(&path.1, "account")?, who.actor()?.id, who.by());
    who.write(&app, Limited::Write, move |tx| {
        begin(tx, council, actor)?;
        let row = find_account(tx, council, account)?.ok_or_else(|| Error::not_found("account"))?;
        rules::can_be_suspended(row.state, wish.until, tx.now())?;
        put(tx, &row, row.role, AccountState::Suspended, by)?;
        let ended = end_sessions(tx, council, account, None)?;
        if ended > 0 {
            let event = Event::new(AuditAction::SessionEnded, by).to(account);
            audit::record(tx, council, event.after(json!({ "sessions": ended })))?;
        }
        let suspension = queries::insert_suspension(tx, council, account, &reason, wish.until)?;
        enqueue(tx, council, &TellSuspended { suspension: suspension.id })?;
        if let Some(until) = wish.until {
            enqueue_at(tx, council, &EndSuspension { suspension: suspension.id }, until)?;
        }
        let event = Event::new(AuditAction::AccountSuspended, by).to(account);
        audit::record(tx, council, event.after(json!({ "suspension": suspension.id, "until": wish.until })))?;
        let location = format!("/v1/councils/{slug}/accounts/{account}/suspension");
        Reply::created(location, &SuspensionView::from(suspension))
    })
    .await
}

/// Read a suspension
///
/// Why and until when an account is suspended; 404 where it is not.
#[utoipa::path(tag = "Staff", operation_id = "read_suspension", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("account" = Id, Path, description = "Id of the account")),
    responses((status = 200, description = "The suspension", body = SuspensionView)))]
#[get("/councils/{council}/accounts/{account}/suspension")]
async fn read_suspension(
    app: App,
    who: Allowed<acts::ManageStaff>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, account) = (who.council.id, id_of(&path.1, "suspension")?);
    let row = app.db.read(move |tx| queries::suspension_of(tx, council, account)).await?;
    Ok(Reply::ok(&SuspensionView::from(row))?.version(0))
}

/// End a suspension
///
/// The account can sign in again, with the role that it has.
#[utoipa::path(tag = "Staff", operation_id = "restore_account", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("account" = Id, Path, description = "Id of the account")),
    responses((status = 204, description = "Ended")))]
#[delete("/councils/{council}/accounts/{account}/suspension")]
async fn restore_account(
    app: App,
    who: Allowed<acts::ManageStaff>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, account, actor, by) = (who.council.id, id_of(&path.1, "suspension")?, who.actor()?.id, who.by());
    who.write(&app, Limited::Write, move |tx| {
        begin(tx, council, actor)?;
        let suspension = queries::suspension_of(tx, council, account)?;
        restore(tx, council, &suspension, by)?;
        Ok(Reply::nothing())
    })
    .await
}

/// Ends a suspension and puts its account in use again.
///
/// # Errors
/// What the database answers.
pub fn restore(tx: &mut Tx<'_>, council: Id, suspension: &Suspension, by: By) -> Result<()> {
    tx.hold(Root::Council, council, council, Hold::Alone)?;
    // Somebody may have ended it while this one waited.
    if queries::find_suspension(tx, council, suspension.id)?.is_none() {
        return Ok(());
    }
    queries::end_suspension(tx, council, suspension.id)?;
    if let Some(row) = find_account(tx, council, suspension.account_id)?
        && row.state == AccountState::Suspended
    {
        set_standing(tx, &row, row.role, AccountState::Active)?;
    }
    let event = Event::new(AuditAction::AccountRestored, by).to(suspension.account_id);
    audit::record(tx, council, event.before(json!({ "suspension": suspension.id })))
}
