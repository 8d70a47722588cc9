//! All the SQL of staff and invitations.

use std::time::Duration;

use diesel::prelude::*;

use super::model::Invitation;
use crate::people::accounts::queries::find_account;
use crate::people::councils::jobs::DAYS;
use crate::platform::db::schema::invitations;
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{OrNotFound as _, Result};
use crate::vocabulary::permissions::{Action, Party};
use crate::vocabulary::{AccountState, Role};

/// Whether an account may do something now, whatever it might when somebody last looked (cases A10, A11).
///
/// # Errors
/// What the database answers.
pub fn may_now(tx: &mut Tx<'_>, council: Id, account: Id, action: Action) -> Result<bool> {
    let account = find_account(tx, council, account)?.filter(|account| account.state == AccountState::Active);
    Ok(account.is_some_and(|account| action.allows(Party::Member(account.role))))
}

/// Writes an invitation.
///
/// # Errors
/// What the database answers.
pub fn insert_invitation(
    tx: &mut Tx<'_>,
    council: Id,
    email: &str,
    role: Role,
    invited_by: Option<Id>,
) -> Result<Invitation> {
    let now = tx.now();
    let invitation = Invitation {
        id: Id::random(),
        email: email.to_owned(),
        role,
        invited_by,
        expires_at: now.plus(Duration::from_secs(DAYS * 86_400)),
        created_at: now,
    };
    diesel::insert_into(invitations::table)
        .values((
            invitations::council_id.eq(council),
            invitations::id.eq(invitation.id),
            invitations::email.eq(&invitation.email),
            invitations::role.eq(role),
            invitations::invited_by.eq(invited_by),
            invitations::expires_at.eq(invitation.expires_at),
            invitations::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(invitation)
}

/// An open invitation, while whoever made it still may.
///
/// # Errors
/// What the database answers.
pub fn find_invitation(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<Option<Invitation>> {
    let now = tx.now();
    let found: Option<Invitation> = invitations::table
        .find((council, id))
        .filter(invitations::expires_at.gt(now))
        .select(Invitation::as_select())
        .first(&mut **tx)
        .optional()?;
    let Some(invitation) = found else { return Ok(None) };
    let stands = match invitation.invited_by {
        Some(inviter) => may_now(tx, council, inviter, Action::ManageStaff)?,
        None => true,
    };
    Ok(stands.then_some(invitation))
}

/// Uses an open invitation up.
///
/// # Errors
/// What the database answers.
pub fn take_invitation(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<Option<Invitation>> {
    let found = find_invitation(tx, council, id)?;
    let taken = diesel::delete(invitations::table.find((council, id))).execute(&mut **tx)?;
    Ok(found.filter(|_| taken == 1))
}

/// Takes an invitation back, whoever made it; gives the role it was for.
///
/// # Errors
/// 404 where none is open.
pub fn delete_invitation(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<Role> {
    let now = tx.now();
    diesel::delete(invitations::table.find((council, id)).filter(invitations::expires_at.gt(now)))
        .returning(invitations::role)
        .get_result(&mut **tx)
        .or_not_found("open invitation")
}

/// Takes back all that an account has invited; gives their ids.
///
/// # Errors
/// What the database answers.
pub fn delete_invitations_by(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Vec<Id>> {
    let theirs = invitations::table
        .filter(invitations::council_id.eq(council))
        .filter(invitations::invited_by.eq(Some(account)));
    let ids: Vec<Id> = theirs.select(invitations::id).load(&mut **tx)?;
    diesel::delete(
        invitations::table
            .filter(invitations::council_id.eq(council))
            .filter(invitations::invited_by.eq(Some(account))),
    )
    .execute(&mut **tx)?;
    Ok(ids)
}

/// The open invitations before a key, the newest first.
///
/// # Errors
/// What the database answers.
pub fn list_invitations(
    tx: &mut Tx<'_>,
    council: Id,
    before: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<Invitation>> {
    let now = tx.now();
    let open = invitations::table.filter(invitations::council_id.eq(council)).filter(invitations::expires_at.gt(now));
    let mut query = open.into_boxed();
    if let Some((at, id)) = before {
        query = query
            .filter(invitations::created_at.le(at))
            .filter(invitations::created_at.lt(at).or(invitations::id.lt(id)));
    }
    Ok(query
        .order((invitations::created_at.desc(), invitations::id.desc()))
        .limit(limit)
        .select(Invitation::as_select())
        .load(&mut **tx)?)
}
