//! All the SQL of accounts.

use diesel::prelude::*;

use super::model::AccountRow;
use super::names::given_name;
use crate::each;
use crate::platform::db::schema::{accounts, offices};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, OrNotFound as _, Result};
use crate::vocabulary::{AccountKind, AccountState, AgeBand, Role};

/// What a new account is made of.
#[derive(Clone, Debug)]
pub struct NewAccount<'a> {
    /// As typed.
    pub email: &'a str,
    /// Its key.
    pub email_key: &'a str,
    /// How its owner wishes to be called.
    pub display_name: &'a str,
    /// argon2id.
    pub password_hash: &'a str,
    /// What it may do.
    pub role: Role,
    /// Whether it can be used yet.
    pub state: AccountState,
}

/// Makes an account unless the address has one; gives its id where it was made.
///
/// # Errors
/// What the database answers.
pub fn insert_account(tx: &mut Tx<'_>, council: Id, new: &NewAccount<'_>) -> Result<Option<Id>> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    let inserted = each!(&mut **tx, c => diesel::insert_into(accounts::table)
        .values((
            accounts::council_id.eq(council),
            accounts::id.eq(id),
            accounts::email.eq(new.email),
            accounts::email_key.eq(new.email_key),
            accounts::display_name.eq(new.display_name),
            accounts::password_hash.eq(new.password_hash),
            accounts::role.eq(new.role),
            accounts::state.eq(new.state),
            accounts::credentials_version.eq(1),
            accounts::kind.eq(AccountKind::Full),
            accounts::protected.eq(false),
            accounts::version.eq(1_i64),
            accounts::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok((inserted == 1).then_some(id))
}

/// The account of an address.
///
/// # Errors
/// What the database answers.
pub fn find_by_email(tx: &mut Tx<'_>, council: Id, email_key: &str) -> Result<Option<AccountRow>> {
    Ok(accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::email_key.eq(email_key))
        .select(AccountRow::as_select())
        .first(&mut **tx)
        .optional()?)
}

/// An account.
///
/// # Errors
/// What the database answers.
pub fn find_account(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<Option<AccountRow>> {
    Ok(accounts::table.find((council, id)).select(AccountRow::as_select()).first(&mut **tx).optional()?)
}

/// Where to write to an account, while it is in use.
///
/// # Errors
/// What the database answers.
pub fn mail_address(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Option<String>> {
    let active = find_account(tx, council, account)?.filter(|a| a.state == AccountState::Active);
    // Who came by a sign-in provider may have given none.
    Ok(active.map(|a| a.email).filter(|email| !email.is_empty()))
}

/// Where somebody is told of decisions about them, suspended or not; none where there is no address.
///
/// # Errors
/// What the database answers.
pub fn address_for_decisions(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Option<String>> {
    let there = find_account(tx, council, account)?
        .filter(|a| matches!(a.state, AccountState::Active | AccountState::Suspended));
    Ok(there.map(|a| a.email).filter(|email| !email.is_empty()))
}

/// All officers and admins.
///
/// # Errors
/// What the database answers.
pub fn officers(tx: &mut Tx<'_>, council: Id) -> Result<Vec<Id>> {
    Ok(accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::role.eq_any(vec![Role::Officer, Role::Admin]))
        .filter(accounts::state.eq(AccountState::Active))
        .order(accounts::id)
        .select(accounts::id)
        .load(&mut **tx)?)
}

/// All who may decide cases.
///
/// # Errors
/// What the database answers.
pub fn moderators(tx: &mut Tx<'_>, council: Id) -> Result<Vec<Id>> {
    Ok(accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::role.eq_any(vec![Role::Moderator, Role::Admin]))
        .filter(accounts::state.eq(AccountState::Active))
        .order(accounts::id)
        .select(accounts::id)
        .load(&mut **tx)?)
}

/// All admins who can sign in.
///
/// # Errors
/// What the database answers.
pub fn admins(tx: &mut Tx<'_>, council: Id) -> Result<Vec<Id>> {
    Ok(accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::role.eq(Role::Admin))
        .filter(accounts::state.eq(AccountState::Active))
        .order(accounts::id)
        .select(accounts::id)
        .load(&mut **tx)?)
}

/// How many active accounts have the right to moderate.
///
/// # Errors
/// What the database answers.
pub fn count_moderators(tx: &mut Tx<'_>, council: Id) -> Result<i64> {
    Ok(accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::role.eq_any(vec![Role::Moderator, Role::Admin]))
        .filter(accounts::state.eq(AccountState::Active))
        .count()
        .get_result(&mut **tx)?)
}

/// What the request said whose link was followed; only that is put in force, so that nobody confirms an account with
/// somebody else's password, spelling or name.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Claim {
    /// The address as it was typed, to which the link was sent.
    pub email: String,
    /// How its owner wishes to be called.
    pub display_name: String,
    /// argon2id.
    pub password_hash: String,
    /// How old its owner says that they are.
    #[serde(default)]
    pub age_band: Option<AgeBand>,
    /// Whether the council protects them.
    #[serde(default)]
    pub protected: bool,
}

/// Puts an unconfirmed account in use; says whether there was one.
///
/// # Errors
/// What the database answers.
pub fn activate(tx: &mut Tx<'_>, council: Id, id: Id, claim: &Claim, role: Role) -> Result<bool> {
    // Whoever is protected goes by a name that was given and tells nothing.
    let name = if claim.protected { free_name(tx, council)? } else { claim.display_name.clone() };
    let active =
        diesel::update(accounts::table.find((council, id)).filter(accounts::state.eq(AccountState::Unconfirmed)))
            .set((
                accounts::state.eq(AccountState::Active),
                accounts::email.eq(&claim.email),
                accounts::display_name.eq(&name),
                accounts::age_band.eq(claim.age_band),
                accounts::protected.eq(claim.protected),
                accounts::role.eq(role),
                accounts::password_hash.eq(Some(&claim.password_hash)),
                accounts::version.eq(accounts::version + 1),
            ))
            .execute(&mut **tx)?;
    Ok(active == 1)
}

/// A name to be given that nobody in the council has.
///
/// # Errors
/// What the database answers.
pub fn free_name(tx: &mut Tx<'_>, council: Id) -> Result<String> {
    for _ in 0..32 {
        let name = given_name(rand::random());
        let taken = accounts::table.filter(accounts::council_id.eq(council)).filter(accounts::display_name.eq(&name));
        if !diesel::select(diesel::dsl::exists(taken)).get_result(&mut **tx)? {
            return Ok(name);
        }
    }
    Err(Error::busy())
}

/// The names of the council's offices, as far as its promises tell them.
///
/// # Errors
/// What the database answers.
pub fn offices(tx: &mut Tx<'_>, council: Id) -> Result<Vec<String>> {
    Ok(offices::table.filter(offices::council_id.eq(council)).select(offices::name).limit(500).load(&mut **tx)?)
}

/// Notes what somebody says of their age. Whoever is protected from now on goes by a name that was given, and has no public
/// profile.
///
/// # Errors
/// 412 where somebody has changed the account since it was read.
pub fn set_age(tx: &mut Tx<'_>, read: &AccountRow, said: AgeBand, protected: bool) -> Result<AccountRow> {
    let begins = protected && !read.protected;
    let name = if begins { free_name(tx, read.council_id)? } else { read.display_name.clone() };
    let profile = read.profile_id.filter(|_| !protected);
    let account = accounts::table.find((read.council_id, read.id)).filter(accounts::version.eq(read.version));
    let set = diesel::update(account)
        .set((
            accounts::age_band.eq(Some(said)),
            accounts::protected.eq(protected),
            accounts::display_name.eq(&name),
            accounts::profile_id.eq(profile),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(&mut **tx)?;
    if set == 0 {
        return Err(Code::Changed.problem().into());
    }
    find_account(tx, read.council_id, read.id)?.ok_or_else(|| Error::not_found("account"))
}

/// How an account is shown to others, after a change.
///
/// # Errors
/// 412 where somebody has changed it since it was read.
pub fn set_identity(tx: &mut Tx<'_>, read: &AccountRow, name: &str, profile: Option<Id>) -> Result<()> {
    let account = accounts::table.find((read.council_id, read.id)).filter(accounts::version.eq(read.version));
    let set = diesel::update(account)
        .set((
            accounts::display_name.eq(name),
            accounts::profile_id.eq(profile),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(&mut **tx)?;
    if set == 1 { Ok(()) } else { Err(Code::Changed.problem().into()) }
}

/// A public profile: how its owner is called.
///
/// # Errors
/// 404 where there is none.
pub fn find_profile(tx: &mut Tx<'_>, council: Id, profile: Id) -> Result<String> {
    accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::profile_id.eq(profile))
        .filter(accounts::state.eq(AccountState::Active))
        .select(accounts::display_name)
        .first(&mut **tx)
        .or_not_found("profile")
}

/// Gives an active account a role.
///
/// # Errors
/// What the database answers.
pub fn set_role(tx: &mut Tx<'_>, council: Id, id: Id, role: Role) -> Result<bool> {
    let set = diesel::update(accounts::table.find((council, id)).filter(accounts::state.eq(AccountState::Active)))
        .set((accounts::role.eq(role), accounts::version.eq(accounts::version + 1)))
        .execute(&mut **tx)?;
    Ok(set == 1)
}

/// The council's staff after an id, suspended or not.
///
/// # Errors
/// What the database answers.
pub fn list_staff(tx: &mut Tx<'_>, council: Id, after: Option<Id>, limit: i64) -> Result<Vec<AccountRow>> {
    let staff = accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::role.ne(Role::Resident))
        .filter(accounts::state.ne(AccountState::Unconfirmed));
    Ok(staff
        .filter(accounts::id.gt(after.unwrap_or(Id::NONE)))
        .order(accounts::id)
        .limit(limit)
        .select(AccountRow::as_select())
        .load(&mut **tx)?)
}

/// How many admins can sign in, not counting one account.
///
/// # Errors
/// What the database answers.
pub fn count_other_admins(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<i64> {
    Ok(accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::role.eq(Role::Admin))
        .filter(accounts::state.eq(AccountState::Active))
        .filter(accounts::id.ne(account))
        .count()
        .get_result(&mut **tx)?)
}

/// Gives an account another role or state, unless somebody else has changed it since it was read.
///
/// # Errors
/// 412 where somebody has.
pub fn set_standing(tx: &mut Tx<'_>, row: &AccountRow, role: Role, state: AccountState) -> Result<AccountRow> {
    let set = diesel::update(accounts::table.find((row.council_id, row.id)).filter(accounts::version.eq(row.version)))
        .set((accounts::role.eq(role), accounts::state.eq(state), accounts::version.eq(accounts::version + 1)))
        .execute(&mut **tx)?;
    if set == 0 {
        return Err(Code::Changed.problem().into());
    }
    Ok(AccountRow { role, state, version: row.version.saturating_add(1), ..row.clone() })
}

/// Sets a password, or none, and makes void what was trusted before.
///
/// # Errors
/// What the database answers.
pub fn set_password(tx: &mut Tx<'_>, council: Id, id: Id, hash: Option<&str>) -> Result<()> {
    diesel::update(accounts::table.find((council, id)))
        .set((
            accounts::password_hash.eq(hash),
            accounts::credentials_version.eq(accounts::credentials_version + 1),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Gives an account another address; says whether it was nobody else's.
///
/// # Errors
/// What the database answers.
pub fn set_address(tx: &mut Tx<'_>, council: Id, id: Id, email: &str, key: &str) -> Result<bool> {
    // Somebody who registered with the address and never confirmed it keeps nobody out.
    let unconfirmed = accounts::table
        .filter(accounts::council_id.eq(council))
        .filter(accounts::email_key.eq(key))
        .filter(accounts::state.eq(AccountState::Unconfirmed));
    diesel::delete(unconfirmed).execute(&mut **tx)?;
    if find_by_email(tx, council, key)?.is_some_and(|other| other.id != id) {
        return Ok(false);
    }
    // Where somebody else takes it at this moment, the constraint has this unit run again, and then it is seen.
    diesel::update(accounts::table.find((council, id)))
        .set((
            accounts::email.eq(email),
            accounts::email_key.eq(key),
            accounts::credentials_version.eq(accounts::credentials_version + 1),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(&mut **tx)?;
    Ok(true)
}

/// Notes that somebody has asked once more to open an account that nobody has confirmed: it is kept a while longer.
///
/// # Errors
/// What the database answers.
pub fn renew_unconfirmed(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(accounts::table.find((council, id)).filter(accounts::state.eq(AccountState::Unconfirmed)))
        .set(accounts::created_at.eq(now))
        .execute(&mut **tx)?;
    Ok(())
}

/// Makes an account in use that has neither address nor password: its owner signs in by a provider.
///
/// # Errors
/// What the database answers.
pub fn insert_account_without_address(
    tx: &mut Tx<'_>,
    council: Id,
    display_name: &str,
    age_band: Option<AgeBand>,
    protected: bool,
) -> Result<Id> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    // Whoever is protected goes by a name that was given and tells nothing.
    let display_name = if protected { free_name(tx, council)? } else { display_name.to_owned() };
    diesel::insert_into(accounts::table)
        .values((
            accounts::council_id.eq(council),
            accounts::id.eq(id),
            accounts::email.eq(""),
            accounts::email_key.eq(no_key(id)),
            accounts::display_name.eq(display_name),
            accounts::role.eq(Role::Resident),
            accounts::state.eq(AccountState::Active),
            accounts::kind.eq(AccountKind::Full),
            accounts::age_band.eq(age_band),
            accounts::protected.eq(protected),
            accounts::credentials_version.eq(1),
            accounts::version.eq(1_i64),
            accounts::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(id)
}

/// Raises the version of an account, and holds its row to the end of the unit.
///
/// # Errors
/// What the database answers.
pub fn touch_account(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<()> {
    diesel::update(accounts::table.find((council, id)))
        .set(accounts::version.eq(accounts::version + 1))
        .execute(&mut **tx)?;
    Ok(())
}

/// Leaves of an account only that there was one, for what was done with it in office.
///
/// # Errors
/// What the database answers.
pub fn empty_account(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<()> {
    diesel::update(accounts::table.find((council, id)))
        .set((
            accounts::email.eq(""),
            accounts::email_key.eq(no_key(id)),
            accounts::display_name.eq(""),
            accounts::password_hash.eq(None::<String>),
            accounts::role.eq(Role::Resident),
            accounts::state.eq(AccountState::Erased),
            accounts::profile_id.eq(None::<Id>),
            accounts::age_band.eq(None::<AgeBand>),
            accounts::protected.eq(false),
            accounts::credentials_version.eq(accounts::credentials_version + 1),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The key of an account without an address: no address has such a one, for it has no @.
fn no_key(id: Id) -> String {
    format!("none:{id}")
}
