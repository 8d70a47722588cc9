//! Who is of the staff, and who is invited.

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::Invitation;
use super::views::{ChangeRole, InvitationView, StaffView};
use super::{queries, rules};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::model::AccountRow;
use crate::people::accounts::queries::{count_other_admins, find_account, list_staff as staff_after, set_standing};
use crate::people::councils::jobs::SendInvitation;
use crate::people::offices::queries::leave_offices;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::http::doors::{Doors, delete, get, patch};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{IfMatch, Json, Page, Paging, Query, Reply, id_of};
use crate::platform::jobs::enqueue;
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
        .service(withdraw_invitation);
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
///
/// # Errors
/// 403 where they may not any more.
pub fn begin(tx: &mut Tx<'_>, council: Id, actor: Id) -> Result<()> {
    tx.hold(Root::Council, council, council, Hold::Alone)?;
    if queries::may_now(tx, council, actor, Action::ManageStaff)? {
        return Ok(());
    }
    Err(Code::Forbidden.problem().into())
}

/// Gives an account another role or state. Whoever could invite and cannot any more, has invited nobody.
///
/// # Errors
/// 409 where it is the last admin who can sign in.
pub fn put(tx: &mut Tx<'_>, row: &AccountRow, role: Role, state: AccountState, by: By) -> Result<AccountRow> {
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
