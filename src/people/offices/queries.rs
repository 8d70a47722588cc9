//! All the SQL of offices and their members.

use diesel::prelude::*;

use super::model::Office;
use super::rules::name_key;
use crate::each;
use crate::people::accounts::queries::find_account;
use crate::platform::db::schema::{accounts, office_members as members, offices};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, OrNotFound as _, Result};
use crate::vocabulary::Role;

/// Makes an office.
///
/// # Errors
/// 409 where there is one of this name.
pub fn insert_office(tx: &mut Tx<'_>, council: Id, name: &str) -> Result<Office> {
    let office = Office { id: Id::at(tx.now()), name: name.to_owned(), version: 1, created_at: tx.now() };
    let inserted = each!(&mut **tx, c => diesel::insert_into(offices::table)
        .values((
            offices::council_id.eq(council),
            offices::id.eq(office.id),
            offices::name.eq(name),
            offices::name_key.eq(name_key(name)),
            offices::version.eq(office.version),
            offices::created_at.eq(office.created_at),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Code::AlreadyExists.because("There is an office of this name.").into());
    }
    Ok(office)
}

/// Gives an office another name, unless somebody else has changed it since it was read. What it has said keeps the name under
/// which it was said.
///
/// # Errors
/// 409 where another one has the name, 412 where somebody else was first.
pub fn update_office(tx: &mut Tx<'_>, council: Id, office: &Office, name: &str) -> Result<Office> {
    if find_named(tx, council, name)?.is_some_and(|other| other.id != office.id) {
        return Err(Code::AlreadyExists.because("There is an office of this name.").into());
    }
    let updated = diesel::update(offices::table.find((council, office.id)).filter(offices::version.eq(office.version)))
        .set((
            offices::name.eq(name),
            offices::name_key.eq(name_key(name)),
            offices::version.eq(office.version.saturating_add(1)),
        ))
        .execute(&mut **tx)?;
    if updated == 0 {
        return Err(Code::Changed.problem().into());
    }
    find_office(tx, council, office.id)
}

/// An office.
///
/// # Errors
/// 404 where there is none.
pub fn find_office(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<Office> {
    offices::table.find((council, id)).select(Office::as_select()).first(&mut **tx).or_not_found("office")
}

fn find_named(tx: &mut Tx<'_>, council: Id, name: &str) -> Result<Option<Office>> {
    Ok(offices::table
        .filter(offices::council_id.eq(council))
        .filter(offices::name_key.eq(name_key(name)))
        .select(Office::as_select())
        .first(&mut **tx)
        .optional()?)
}

/// The office that a body names, by id or by name in any spelling.
///
/// # Errors
/// 422 at `pointer` where the council has no such office.
pub fn named_office(tx: &mut Tx<'_>, council: Id, pointer: &str, reference: &str) -> Result<Office> {
    let by_id: Option<Office> = match reference.parse::<Id>() {
        Ok(id) => offices::table.find((council, id)).select(Office::as_select()).first(&mut **tx).optional()?,
        Err(_) => None,
    };
    match by_id {
        Some(office) => Ok(office),
        None => find_named(tx, council, reference)?.ok_or_else(|| {
            Error::fault(pointer, "not_in_list", "The council has no such office: `/offices` lists them.")
        }),
    }
}

/// The office that a body names, where this account may speak for it: as one of its members or as an admin.
///
/// # Errors
/// 422 where there is no such office, 403 where the account does not belong to it.
pub fn office_to_speak_for(tx: &mut Tx<'_>, council: Id, reference: &str, account: Id) -> Result<Office> {
    let office = named_office(tx, council, "/office", reference)?;
    let admin = find_account(tx, council, account)?.is_some_and(|account| account.role == Role::Admin);
    if admin || is_member(tx, council, office.id, account)? {
        return Ok(office);
    }
    Err(Code::Forbidden.because("Only a member of this office or an admin speaks for it.").into())
}

fn is_member(tx: &mut Tx<'_>, council: Id, office: Id, account: Id) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(members::table.find((council, office, account)))).get_result(&mut **tx)?)
}

/// The offices after a name, in the order of their names.
///
/// # Errors
/// What the database answers.
pub fn list_offices(tx: &mut Tx<'_>, council: Id, after: Option<String>, limit: i64) -> Result<Vec<Office>> {
    Ok(offices::table
        .filter(offices::council_id.eq(council))
        .filter(offices::name_key.gt(after.unwrap_or_default()))
        .order(offices::name_key)
        .limit(limit)
        .select(Office::as_select())
        .load(&mut **tx)?)
}

/// The accounts that belong to an office.
///
/// # Errors
/// What the database answers.
pub fn members_of(tx: &mut Tx<'_>, council: Id, office: Id) -> Result<Vec<Id>> {
    Ok(members::table
        .filter(members::council_id.eq(council))
        .filter(members::office_id.eq(office))
        .order(members::account_id)
        .select(members::account_id)
        .load(&mut **tx)?)
}

/// Which of these accounts are no staff of the council, by their place in the list.
///
/// # Errors
/// What the database answers.
pub fn strangers(tx: &mut Tx<'_>, council: Id, ids: &[Id]) -> Result<Vec<usize>> {
    let staff: Vec<Id> = accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::role.ne(Role::Resident))
        .filter(accounts::id.eq_any(ids.to_vec()))
        .select(accounts::id)
        .load(&mut **tx)?;
    Ok(ids.iter().enumerate().filter(|(_, id)| !staff.contains(id)).map(|(place, _)| place).collect())
}

/// Says who belongs to an office from now on.
///
/// # Errors
/// What the database answers.
pub fn set_members(tx: &mut Tx<'_>, council: Id, office: Id, ids: &[Id]) -> Result<()> {
    let now = tx.now();
    diesel::delete(members::table.filter(members::council_id.eq(council)).filter(members::office_id.eq(office)))
        .execute(&mut **tx)?;
    for id in ids {
        each!(&mut **tx, c => diesel::insert_into(members::table)
            .values((
                members::council_id.eq(council),
                members::office_id.eq(office),
                members::account_id.eq(*id),
                members::created_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}

/// Takes an account out of every office, for whoever leaves the staff.
///
/// # Errors
/// What the database answers.
pub fn leave_offices(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<()> {
    diesel::delete(members::table.filter(members::council_id.eq(council)).filter(members::account_id.eq(account)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Has an account of a council's copy belong to the offices there that bear the names of those which another belongs to.
///
/// # Errors
/// What the database answers.
pub fn copy_memberships(tx: &mut Tx<'_>, (council, account): (Id, Id), (copy, part): (Id, Id)) -> Result<()> {
    let now = tx.now();
    let names: Vec<String> = members::table
        .inner_join(
            offices::table.on(offices::council_id.eq(members::council_id).and(offices::id.eq(members::office_id))),
        )
        .filter(members::council_id.eq(council))
        .filter(members::account_id.eq(account))
        .select(offices::name_key)
        .load(&mut **tx)?;
    let there: Vec<Id> = offices::table
        .filter(offices::council_id.eq(copy))
        .filter(offices::name_key.eq_any(names))
        .select(offices::id)
        .load(&mut **tx)?;
    for office in there {
        each!(&mut **tx, c => diesel::insert_into(members::table)
            .values((
                members::council_id.eq(copy),
                members::office_id.eq(office),
                members::account_id.eq(part),
                members::created_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
    }
    Ok(())
}
