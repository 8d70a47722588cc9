//! All the SQL of factors.

use diesel::prelude::*;

use super::model::{PasskeyRow, SeedRow};
use crate::each;
use crate::platform::db::schema::{passkey_ceremonies as ceremonies, passkeys, recovery_codes, totp_seeds};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::Result;

/// The seed of an account, in force or not yet.
///
/// # Errors
/// What the database answers.
pub fn find_seed(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Option<SeedRow>> {
    Ok(totp_seeds::table.find((council, account)).select(SeedRow::as_select()).first(&mut **tx).optional()?)
}

/// Whether an account is asked for a second factor.
///
/// # Errors
/// What the database answers.
pub fn has_second_factor(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<bool> {
    Ok(find_seed(tx, council, account)?.is_some_and(|seed| seed.confirmed_at.is_some()))
}

/// Keeps a new seed in place of one that was never confirmed; says whether it could.
///
/// # Errors
/// What the database answers.
pub fn insert_seed(tx: &mut Tx<'_>, council: Id, account: Id, sealed: &str) -> Result<bool> {
    let now = tx.now();
    diesel::delete(totp_seeds::table.find((council, account)).filter(totp_seeds::confirmed_at.is_null()))
        .execute(&mut **tx)?;
    let inserted = each!(&mut **tx, c => diesel::insert_into(totp_seeds::table)
        .values((
            totp_seeds::council_id.eq(council),
            totp_seeds::account_id.eq(account),
            totp_seeds::sealed_seed.eq(sealed),
            totp_seeds::last_step.eq(0_i64),
            totp_seeds::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

/// Takes the code of a step, unless a later one or this one was taken; says whether it was.
///
/// # Errors
/// What the database answers.
pub fn take_step(tx: &mut Tx<'_>, council: Id, account: Id, step: i64) -> Result<bool> {
    let taken = diesel::update(totp_seeds::table.find((council, account)).filter(totp_seeds::last_step.lt(step)))
        .set(totp_seeds::last_step.eq(step))
        .execute(&mut **tx)?;
    Ok(taken == 1)
}

/// Puts a seed in force.
///
/// # Errors
/// What the database answers.
pub fn confirm_seed(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<bool> {
    let now = tx.now();
    let row = totp_seeds::table.find((council, account)).filter(totp_seeds::confirmed_at.is_null());
    Ok(diesel::update(row).set(totp_seeds::confirmed_at.eq(Some(now))).execute(&mut **tx)? == 1)
}

/// Forgets the seed and the codes on paper; where `since` is given, only a seed that is younger.
///
/// # Errors
/// What the database answers.
pub fn delete_seed(tx: &mut Tx<'_>, council: Id, account: Id, since: Option<Instant>) -> Result<bool> {
    let edge = since.unwrap_or(Instant::from_micros(0));
    let row = totp_seeds::table.find((council, account)).filter(totp_seeds::created_at.ge(edge));
    let deleted = diesel::delete(row).execute(&mut **tx)? == 1;
    // Codes on paper can be younger than the app that they stand in for.
    delete_codes(tx, council, account, if deleted { Instant::from_micros(0) } else { edge })?;
    Ok(deleted)
}

fn delete_codes(tx: &mut Tx<'_>, council: Id, account: Id, since: Instant) -> Result<()> {
    let codes = recovery_codes::table
        .filter(recovery_codes::council_id.eq(council))
        .filter(recovery_codes::account_id.eq(account))
        .filter(recovery_codes::created_at.ge(since));
    diesel::delete(codes).execute(&mut **tx)?;
    Ok(())
}

/// Keeps new codes on paper in place of all older ones.
///
/// # Errors
/// What the database answers.
pub fn replace_codes(tx: &mut Tx<'_>, council: Id, account: Id, macs: &[String]) -> Result<()> {
    delete_codes(tx, council, account, Instant::from_micros(0))?;
    let now = tx.now();
    for mac in macs {
        diesel::insert_into(recovery_codes::table)
            .values((
                recovery_codes::council_id.eq(council),
                recovery_codes::account_id.eq(account),
                recovery_codes::code_mac.eq(mac),
                recovery_codes::created_at.eq(now),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Uses a code on paper up; says whether it was one and unused.
///
/// # Errors
/// What the database answers.
pub fn use_code(tx: &mut Tx<'_>, council: Id, account: Id, mac: &str) -> Result<bool> {
    let now = tx.now();
    let code = recovery_codes::table.find((council, account, mac)).filter(recovery_codes::used_at.is_null());
    Ok(diesel::update(code).set(recovery_codes::used_at.eq(Some(now))).execute(&mut **tx)? == 1)
}

/// How many codes on paper are left.
///
/// # Errors
/// What the database answers.
pub fn count_codes(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<i64> {
    Ok(recovery_codes::table
        .filter(recovery_codes::council_id.eq(council))
        .filter(recovery_codes::account_id.eq(account))
        .filter(recovery_codes::used_at.is_null())
        .count()
        .get_result(&mut **tx)?)
}

/// The passkeys of an account.
///
/// # Errors
/// What the database answers.
pub fn list_passkeys(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Vec<PasskeyRow>> {
    Ok(passkeys::table
        .filter(passkeys::council_id.eq(council))
        .filter(passkeys::account_id.eq(account))
        .order(passkeys::created_at)
        .select(PasskeyRow::as_select())
        .load(&mut **tx)?)
}

/// The passkey of an id at the authenticator.
///
/// # Errors
/// What the database answers.
pub fn find_passkey(tx: &mut Tx<'_>, council: Id, credential_id: &str) -> Result<Option<PasskeyRow>> {
    Ok(passkeys::table
        .filter(passkeys::council_id.eq(council))
        .filter(passkeys::credential_id.eq(credential_id))
        .select(PasskeyRow::as_select())
        .first(&mut **tx)
        .optional()?)
}

/// Keeps a passkey; none where it is somebody's already.
///
/// # Errors
/// What the database answers.
pub fn insert_passkey(
    tx: &mut Tx<'_>,
    council: Id,
    account: Id,
    (credential_id, credential): (&str, &str),
    name: &str,
) -> Result<Option<Id>> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    let inserted = each!(&mut **tx, c => diesel::insert_into(passkeys::table)
        .values((
            passkeys::council_id.eq(council),
            passkeys::id.eq(id),
            passkeys::account_id.eq(account),
            passkeys::credential_id.eq(credential_id),
            passkeys::credential.eq(credential),
            passkeys::name.eq(name),
            passkeys::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok((inserted == 1).then_some(id))
}

/// Notes that a passkey was used, and the state that its authenticator told.
///
/// # Errors
/// What the database answers.
pub fn touch_passkey(tx: &mut Tx<'_>, council: Id, id: Id, credential: &str) -> Result<()> {
    let now = tx.now();
    diesel::update(passkeys::table.find((council, id)))
        .set((passkeys::credential.eq(credential), passkeys::last_used_at.eq(Some(now))))
        .execute(&mut **tx)?;
    Ok(())
}

/// Forgets a passkey of an account; says whether there was one.
///
/// # Errors
/// What the database answers.
pub fn delete_passkey(tx: &mut Tx<'_>, council: Id, account: Id, id: Id) -> Result<bool> {
    let row = passkeys::table.find((council, id)).filter(passkeys::account_id.eq(account));
    Ok(diesel::delete(row).execute(&mut **tx)? == 1)
}

/// Forgets the passkeys of an account that are younger than an instant.
///
/// # Errors
/// What the database answers.
pub fn delete_passkeys_since(tx: &mut Tx<'_>, council: Id, account: Id, since: Instant) -> Result<()> {
    let younger = passkeys::table
        .filter(passkeys::council_id.eq(council))
        .filter(passkeys::account_id.eq(account))
        .filter(passkeys::created_at.ge(since));
    diesel::delete(younger).execute(&mut **tx)?;
    Ok(())
}

/// Keeps what a browser was asked to sign.
///
/// # Errors
/// What the database answers.
pub fn insert_ceremony(tx: &mut Tx<'_>, council: Id, id: Id, account: Option<Id>, state: &str) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(ceremonies::table)
        .values((
            ceremonies::council_id.eq(council),
            ceremonies::id.eq(id),
            ceremonies::account_id.eq(account),
            ceremonies::state.eq(state),
            ceremonies::expires_at.eq(now.plus(std::time::Duration::from_secs(300))),
            ceremonies::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Uses up what a browser was asked to sign: of many answers exactly one finds it.
///
/// # Errors
/// What the database answers.
pub fn take_ceremony(tx: &mut Tx<'_>, council: Id, id: Id, account: Option<Id>) -> Result<Option<String>> {
    let now = tx.now();
    let found: Option<(String, Option<Id>)> = ceremonies::table
        .find((council, id))
        .filter(ceremonies::expires_at.gt(now))
        .select((ceremonies::state, ceremonies::account_id))
        .first(&mut **tx)
        .optional()?;
    let Some((state, whose)) = found else { return Ok(None) };
    let deleted = diesel::delete(ceremonies::table.find((council, id))).execute(&mut **tx)?;
    Ok((deleted == 1 && whose == account).then_some(state))
}
