//! All the SQL of providers and identities.

use diesel::prelude::*;

use super::model::{IdentityRow, Known, ProviderRow};
use crate::each;
use crate::platform::db::schema::{identities, identity_providers as providers};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};

/// Sets a provider up.
///
/// # Errors
/// 409 where the council has one of this issuer.
pub fn insert_provider(tx: &mut Tx<'_>, row: &ProviderRow) -> Result<()> {
    let inserted = each!(&mut **tx, c => diesel::insert_into(providers::table)
        .values((
            providers::council_id.eq(row.council_id),
            providers::id.eq(row.id),
            providers::name.eq(&row.name),
            providers::issuer.eq(&row.issuer),
            providers::client_id.eq(&row.client_id),
            providers::client_secret.eq(row.client_secret.as_deref()),
            providers::scopes.eq(&row.scopes),
            providers::claims.eq(&row.claims),
            providers::enabled.eq(row.enabled),
            providers::version.eq(row.version),
            providers::created_at.eq(row.created_at),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Code::AlreadyExists.because("There is a provider of this issuer. Change that one.").into());
    }
    Ok(())
}

/// The providers of a council.
///
/// # Errors
/// What the database answers.
pub fn list_providers(tx: &mut Tx<'_>, council: Id) -> Result<Vec<ProviderRow>> {
    Ok(providers::table
        .filter(providers::council_id.eq(council))
        .order(providers::id)
        .limit(100)
        .select(ProviderRow::as_select())
        .load(&mut **tx)?)
}

/// A provider.
///
/// # Errors
/// 404 where there is none.
pub fn find_provider(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<ProviderRow> {
    providers::table.find((council, id)).select(ProviderRow::as_select()).first(&mut **tx).or_not_found("provider")
}

/// Puts a changed provider in force, unless somebody else has changed it since it was read.
///
/// # Errors
/// 412 where somebody has.
pub fn update_provider(tx: &mut Tx<'_>, row: &ProviderRow) -> Result<()> {
    let there = providers::table.find((row.council_id, row.id)).filter(providers::version.eq(row.version));
    let updated = diesel::update(there)
        .set((
            providers::name.eq(&row.name),
            providers::client_id.eq(&row.client_id),
            providers::client_secret.eq(row.client_secret.as_deref()),
            providers::scopes.eq(&row.scopes),
            providers::claims.eq(&row.claims),
            providers::enabled.eq(row.enabled),
            providers::version.eq(row.version.saturating_add(1)),
        ))
        .execute(&mut **tx)?;
    if updated == 0 { Err(Code::Changed.problem().into()) } else { Ok(()) }
}

/// Takes a provider away. Who came by it stays linked, for it may come back.
///
/// # Errors
/// 404 where there is none.
pub fn delete_provider(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<()> {
    find_provider(tx, council, id)?;
    diesel::delete(providers::table.find((council, id))).execute(&mut **tx)?;
    Ok(())
}

/// The account of an identity, which is noted as used, with what its claims mean now.
///
/// # Errors
/// What the database answers.
pub fn use_identity(tx: &mut Tx<'_>, council: Id, known: &Known) -> Result<Option<Id>> {
    let now = tx.now();
    let row = identities::table
        .filter(identities::council_id.eq(council))
        .filter(identities::issuer.eq(&known.issuer))
        .filter(identities::subject.eq(&known.subject));
    Ok(diesel::update(row)
        .set((
            identities::used_at.eq(now),
            identities::verified.eq(known.verified),
            identities::ward.eq(known.ward.as_deref()),
        ))
        .returning(identities::account_id)
        .get_results(&mut **tx)?
        .into_iter()
        .next())
}

/// Links an identity to an account.
///
/// # Errors
/// 409 where it is linked already, to whomever.
pub fn insert_identity(tx: &mut Tx<'_>, council: Id, account: Id, known: &Known) -> Result<IdentityRow> {
    let (id, now) = (Id::random(), tx.now());
    let inserted = each!(&mut **tx, c => diesel::insert_into(identities::table)
        .values((
            identities::council_id.eq(council),
            identities::id.eq(id),
            identities::account_id.eq(account),
            identities::issuer.eq(&known.issuer),
            identities::subject.eq(&known.subject),
            identities::verified.eq(known.verified),
            identities::ward.eq(known.ward.as_deref()),
            identities::created_at.eq(now),
            identities::used_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        let detail = "This identity is linked to an account already. Sign in by it, or unlink it there first.";
        return Err(Code::AlreadyExists.because(detail).into());
    }
    Ok(identities::table.find((council, id)).select(IdentityRow::as_select()).first(&mut **tx)?)
}

/// The identities of an account.
///
/// # Errors
/// What the database answers.
pub fn list_identities(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Vec<IdentityRow>> {
    Ok(identities::table
        .filter(identities::council_id.eq(council))
        .filter(identities::account_id.eq(account))
        .order((identities::created_at, identities::id))
        .select(IdentityRow::as_select())
        .load(&mut **tx)?)
}

/// Unlinks an identity of an account, and gives it.
///
/// # Errors
/// 404 where it has none such.
pub fn delete_identity(tx: &mut Tx<'_>, council: Id, account: Id, id: Id) -> Result<IdentityRow> {
    let there = identities::table.find((council, id)).filter(identities::account_id.eq(account));
    let row = there.select(IdentityRow::as_select()).first(&mut **tx).or_not_found("identity")?;
    let deleted = diesel::delete(there).execute(&mut **tx)?;
    if deleted == 0 { Err(crate::platform::error::Error::not_found("identity")) } else { Ok(row) }
}

/// Forgets the identities of an account that were linked since an instant.
///
/// # Errors
/// What the database answers.
pub fn unlink_since(tx: &mut Tx<'_>, council: Id, account: Id, since: Instant) -> Result<()> {
    let younger = identities::table
        .filter(identities::council_id.eq(council))
        .filter(identities::account_id.eq(account))
        .filter(identities::created_at.ge(since));
    diesel::delete(younger).execute(&mut **tx)?;
    Ok(())
}
