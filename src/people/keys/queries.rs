//! All the SQL of keys.

use std::collections::HashSet;

use diesel::prelude::*;
use serde_json::json;

use super::model::KeyRow;
use crate::people::accounts::model::AccountRow;
use crate::people::accounts::queries::find_account;
use crate::people::sandboxes::queries::find_part;
use crate::platform::db::schema::{accounts, api_keys as keys};
use crate::platform::db::{Id, Instant, Json, Tx};
use crate::platform::error::{OrNotFound as _, Result};
use crate::vocabulary::permissions::{Action, Party};
use crate::vocabulary::{AccountState, KeyMode, Role};

/// What a new key is made of.
#[derive(Clone, Debug)]
pub struct NewKey<'a> {
    /// Its id.
    pub id: Id,
    /// Whose rights it has a part of.
    pub account: Id,
    /// What it is for.
    pub name: &'a str,
    /// Of its secret part.
    pub secret_hash: &'a str,
    /// What it works with.
    pub mode: KeyMode,
    /// Whether the session that makes it has shown two factors.
    pub two_factors: bool,
    /// Names of rows of the permission table.
    pub scopes: &'a [String],
    /// When it ends by itself.
    pub expires_at: Instant,
}

/// Writes a key.
///
/// # Errors
/// What the database answers.
pub fn insert_key(tx: &mut Tx<'_>, council: Id, new: &NewKey<'_>) -> Result<KeyRow> {
    let now = tx.now();
    diesel::insert_into(keys::table)
        .values((
            keys::council_id.eq(council),
            keys::id.eq(new.id),
            keys::account_id.eq(new.account),
            keys::name.eq(new.name),
            keys::secret_hash.eq(new.secret_hash),
            keys::mode.eq(new.mode),
            keys::two_factors.eq(new.two_factors),
            keys::scopes.eq(Json(json!(new.scopes))),
            keys::expires_at.eq(new.expires_at),
            keys::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    find_key(tx, council, new.id)
}

/// A key that is still good.
///
/// # Errors
/// 404 where there is none.
pub fn find_key(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<KeyRow> {
    let now = tx.now();
    keys::table
        .find((council, id))
        .filter(keys::ended_at.is_null())
        .filter(keys::expires_at.gt(now))
        .select(KeyRow::as_select())
        .first(&mut **tx)
        .or_not_found("key")
}

/// A key that is still good, of whichever council, and the account whose rights it has a part of, while that is in use.
///
/// # Errors
/// What the database answers.
pub fn find_shown(tx: &mut Tx<'_>, id: Id) -> Result<Option<(KeyRow, AccountRow)>> {
    let now = tx.now();
    Ok(keys::table
        .inner_join(
            accounts::table.on(accounts::council_id.eq(keys::council_id).and(accounts::id.eq(keys::account_id))),
        )
        .filter(keys::id.eq(id))
        .filter(keys::ended_at.is_null())
        .filter(keys::expires_at.gt(now))
        .filter(accounts::state.eq(AccountState::Active))
        .select((KeyRow::as_select(), AccountRow::as_select()))
        .first(&mut **tx)
        .optional()?)
}

/// Whether whoever asked for something that is done later may still do it, and with the key that they asked with.
///
/// # Errors
/// What the database answers.
pub fn still_may(tx: &mut Tx<'_>, council: Id, (account, key): (Id, Option<Id>), action: Action) -> Result<bool> {
    let account = find_account(tx, council, account)?;
    let may = account
        .is_some_and(|account| account.state == AccountState::Active && action.allows(Party::Member(account.role)));
    Ok(match key {
        Some(key) if may => find_shown(tx, key)?.is_some(),
        _ => may,
    })
}

/// How many keys of an account are still good.
///
/// # Errors
/// What the database answers.
pub fn count_keys(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<i64> {
    let now = tx.now();
    Ok(keys::table
        .filter(keys::council_id.eq(council))
        .filter(keys::account_id.eq(account))
        .filter(keys::ended_at.is_null())
        .filter(keys::expires_at.gt(now))
        .count()
        .get_result(&mut **tx)?)
}

/// The keys that are still good before a key of the list, the newest first.
///
/// # Errors
/// What the database answers.
pub fn list_keys(tx: &mut Tx<'_>, council: Id, before: Option<(Instant, Id)>, limit: i64) -> Result<Vec<KeyRow>> {
    let now = tx.now();
    let good = keys::table
        .filter(keys::council_id.eq(council))
        .filter(keys::ended_at.is_null())
        .filter(keys::expires_at.gt(now));
    let mut query = good.into_boxed();
    if let Some((at, id)) = before {
        query = query.filter(keys::created_at.le(at)).filter(keys::created_at.lt(at).or(keys::id.lt(id)));
    }
    Ok(query
        .order((keys::created_at.desc(), keys::id.desc()))
        .limit(limit)
        .select(KeyRow::as_select())
        .load(&mut **tx)?)
}

/// Notes the day on which a key was used.
///
/// # Errors
/// What the database answers.
pub fn note_use(tx: &mut Tx<'_>, council: Id, id: Id, day: &str) -> Result<()> {
    diesel::update(keys::table.find((council, id))).set(keys::last_used_on.eq(Some(day))).execute(&mut **tx)?;
    Ok(())
}

/// Ends the keys that an account has made since an instant; says which.
///
/// # Errors
/// What the database answers.
pub fn end_keys_since(tx: &mut Tx<'_>, council: Id, account: Id, since: Instant) -> Result<Vec<Id>> {
    let now = tx.now();
    let made = keys::table
        .filter(keys::council_id.eq(council))
        .filter(keys::account_id.eq(account))
        .filter(keys::created_at.ge(since))
        .filter(keys::ended_at.is_null())
        .filter(keys::expires_at.gt(now));
    let ids: Vec<Id> = made.select(keys::id).load(&mut **tx)?;
    for id in &ids {
        end_key(tx, council, *id)?;
    }
    Ok(ids)
}

/// Which of these keys are good, with the council that each leads to and what it may play there at most.
///
/// # Errors
/// What the database answers.
pub fn live_keys(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashSet<(Id, Id, Role)>> {
    let mut live = HashSet::new();
    for id in ids {
        let Some((key, maker)) = find_shown(tx, *id)? else { continue };
        match key.mode {
            KeyMode::Live => {
                live.insert((key.council_id, key.id, maker.role));
            }
            KeyMode::Test if maker.role == Role::Resident => {}
            KeyMode::Test => {
                live.extend(
                    find_part(tx, key.council_id, key.id)?.map(|(sandbox, part)| (sandbox.id, key.id, part.role)),
                );
            }
        }
    }
    Ok(live)
}

/// Ends a key.
///
/// # Errors
/// What the database answers.
pub fn end_key(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(keys::table.find((council, id)))
        .set((keys::ended_at.eq(Some(now)), keys::expires_at.eq(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Ends all keys of an account; gives those that were still good.
///
/// # Errors
/// What the database answers.
pub fn end_keys_of(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Vec<Id>> {
    let now = tx.now();
    let good = keys::table
        .filter(keys::council_id.eq(council))
        .filter(keys::account_id.eq(account))
        .filter(keys::ended_at.is_null())
        .filter(keys::expires_at.gt(now));
    let ended = diesel::update(good).set((keys::ended_at.eq(Some(now)), keys::expires_at.eq(now)));
    Ok(ended.returning(keys::id).get_results(&mut **tx)?)
}
