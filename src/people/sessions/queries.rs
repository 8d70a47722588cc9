//! All the SQL of sessions.

use std::collections::HashSet;
use std::time::Duration;

use diesel::prelude::*;

use super::model::SessionRow;
use super::routes::Begun;
use super::token::SESSION_DAYS;
use crate::each;
use crate::people::accounts::model::AccountRow;
use crate::platform::db::schema::{accounts, sessions};
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::vocabulary::{AccountState, Role};

/// The session and its account, where both are in use.
///
/// # Errors
/// What the database answers.
pub fn find_session(tx: &mut Tx<'_>, council: Id, session: Id) -> Result<Option<(SessionRow, AccountRow)>> {
    let found = each!(&mut **tx, c => sessions::table
        .inner_join(
            accounts::table
                .on(accounts::council_id.eq(sessions::council_id).and(accounts::id.eq(sessions::account_id))),
        )
        .filter(sessions::council_id.eq(council))
        .filter(sessions::id.eq(session))
        .filter(sessions::ended_at.is_null())
        .filter(accounts::state.eq(AccountState::Active))
        .select((SessionRow::as_select(), AccountRow::as_select()))
        .first(c));
    Ok(found.optional()?)
}

/// Begins a session.
///
/// # Errors
/// What the database answers.
pub fn insert_session(tx: &mut Tx<'_>, council: Id, session: Id, account: Id, hash: &str, begun: &Begun) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(sessions::table)
        .values((
            sessions::council_id.eq(council),
            sessions::id.eq(session),
            sessions::account_id.eq(account),
            sessions::token_hash.eq(hash),
            sessions::generation.eq(0),
            sessions::method.eq(begun.method),
            sessions::two_factors.eq(begun.two_factors),
            sessions::device.eq(begun.device.as_deref()),
            sessions::authenticated_at.eq(now),
            sessions::refreshed_at.eq(now),
            sessions::expires_at.eq(now.plus(Duration::from_secs(SESSION_DAYS * 86_400))),
            sessions::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Moves a session to its next generation, unless another request was first.
///
/// # Errors
/// What the database answers.
pub fn rotate_session(tx: &mut Tx<'_>, row: &SessionRow, hash: &str) -> Result<bool> {
    let now = tx.now();
    let rotated =
        diesel::update(sessions::table.find((row.council_id, row.id)).filter(sessions::generation.eq(row.generation)))
            .set((
                sessions::token_hash.eq(hash),
                sessions::generation.eq(row.generation.saturating_add(1)),
                sessions::refreshed_at.eq(now),
                sessions::expires_at.eq(now.plus(Duration::from_secs(SESSION_DAYS * 86_400))),
            ))
            .execute(&mut **tx)?;
    Ok(rotated == 1)
}

/// Ends a session.
///
/// # Errors
/// What the database answers.
pub fn end_session(tx: &mut Tx<'_>, council: Id, session: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(sessions::table.find((council, session)).filter(sessions::ended_at.is_null()))
        .set((sessions::ended_at.eq(Some(now)), sessions::expires_at.eq(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Notes that a session has shown two factors.
///
/// # Errors
/// What the database answers.
pub fn set_two_factors(tx: &mut Tx<'_>, council: Id, session: Id) -> Result<()> {
    diesel::update(sessions::table.find((council, session))).set(sessions::two_factors.eq(true)).execute(&mut **tx)?;
    Ok(())
}

/// Ends all sessions of an account, but one where it is given; says how many there were.
///
/// # Errors
/// What the database answers.
pub fn end_sessions(tx: &mut Tx<'_>, council: Id, account: Id, but: Option<Id>) -> Result<usize> {
    let now = tx.now();
    let mine = sessions::table
        .filter(sessions::council_id.eq(council))
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::id.ne(but.unwrap_or(Id::NONE)));
    Ok(diesel::update(mine).set((sessions::ended_at.eq(Some(now)), sessions::expires_at.eq(now))).execute(&mut **tx)?)
}

/// The open sessions of an account, the latest first.
///
/// # Errors
/// What the database answers.
pub fn list_sessions(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Vec<SessionRow>> {
    let now = tx.now();
    Ok(sessions::table
        .filter(sessions::council_id.eq(council))
        .filter(sessions::account_id.eq(account))
        .filter(sessions::ended_at.is_null())
        .filter(sessions::expires_at.gt(now))
        .order(sessions::refreshed_at.desc())
        .limit(100)
        .select(SessionRow::as_select())
        .load(&mut **tx)?)
}

/// Whether an account has ever signed in, as far as is remembered.
///
/// # Errors
/// What the database answers.
pub fn has_signed_in(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<bool> {
    let any = sessions::table.filter(sessions::council_id.eq(council)).filter(sessions::account_id.eq(account));
    Ok(diesel::select(diesel::dsl::exists(any)).get_result(&mut **tx)?)
}

/// Which of these sessions are in use, with their council and what their account may do.
///
/// # Errors
/// What the database answers.
pub fn live_sessions(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashSet<(Id, Id, Role)>> {
    let (mut live, now) = (HashSet::new(), tx.now());
    for some in ids.chunks(500) {
        let found: Vec<(Id, Id, Role)> = sessions::table
            .inner_join(
                accounts::table
                    .on(accounts::council_id.eq(sessions::council_id).and(accounts::id.eq(sessions::account_id))),
            )
            .filter(sessions::id.eq_any(some.to_vec()))
            .filter(sessions::ended_at.is_null())
            .filter(sessions::expires_at.gt(now))
            .filter(accounts::state.eq(AccountState::Active))
            .select((sessions::council_id, sessions::id, accounts::role))
            .load(&mut **tx)?;
        live.extend(found);
    }
    Ok(live)
}
