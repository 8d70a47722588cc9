//! All the SQL of guests.

use diesel::prelude::*;

use super::jobs::Invited;
use crate::each;
use crate::people::accounts::model::AccountRow;
use crate::people::accounts::queries::{NewAccount, find_account, find_by_email, free_name, insert_account};
use crate::platform::db::schema::{accounts, participations};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::vocabulary::{AccountKind, AccountState, Role};

/// The account of a guest, made where the address has none in use.
///
/// # Errors
/// 409 where the address has an account of its own, 422 where it may not be used.
pub fn welcome(tx: &mut Tx<'_>, council: Id, email_key: &str, invited: &Invited) -> Result<AccountRow> {
    let invalid = || Error::from(Code::LinkInvalid.problem());
    if find_by_email(tx, council, email_key)?.is_none() {
        let new = NewAccount {
            email: &invited.email,
            email_key,
            display_name: "",
            password_hash: "",
            role: Role::Resident,
            state: AccountState::Unconfirmed,
        };
        insert_account(tx, council, &new)?;
    }
    let account = find_by_email(tx, council, email_key)?.ok_or_else(invalid)?;
    match (account.state, account.kind) {
        // It was proved for its own spelling only.
        (AccountState::Active, AccountKind::Ephemeral)
            if account.email.to_lowercase() != invited.email.to_lowercase() =>
        {
            Err(invalid())
        }
        (AccountState::Active, AccountKind::Ephemeral) if invited.protected && !account.protected => {
            protect(tx, &account, invited)?;
            found(tx, council, account.id)
        }
        (AccountState::Active, AccountKind::Ephemeral) => Ok(account),
        (AccountState::Active, AccountKind::Full) => {
            let detail = "This address has an account by now. Sign in with it to take part.";
            Err(Code::AlreadyExists.because(detail).into())
        }
        (AccountState::Suspended | AccountState::Erased, _) => Err(invalid()),
        // Who asked for an account with this address before never showed that it is theirs; the link has.
        (AccountState::Unconfirmed, _) => {
            let name = free_name(tx, council)?;
            let unconfirmed =
                accounts::table.find((council, account.id)).filter(accounts::state.eq(AccountState::Unconfirmed));
            let welcomed = diesel::update(unconfirmed)
                .set((
                    accounts::kind.eq(AccountKind::Ephemeral),
                    accounts::state.eq(AccountState::Active),
                    accounts::role.eq(Role::Resident),
                    accounts::email.eq(&invited.email),
                    accounts::display_name.eq(&name),
                    accounts::password_hash.eq(None::<String>),
                    accounts::age_band.eq(invited.age_band),
                    accounts::protected.eq(invited.protected),
                    accounts::version.eq(accounts::version + 1),
                ))
                .execute(&mut **tx)?;
            // Whoever confirmed it in this very moment was first, and it is looked at once more.
            if welcomed == 0 { welcome(tx, council, email_key, invited) } else { found(tx, council, account.id) }
        }
    }
}

fn found(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<AccountRow> {
    find_account(tx, council, account)?.ok_or_else(|| Code::LinkInvalid.problem().into())
}

/// Protects a guest from now on who has said since that they are under eighteen. Who is protected stays so.
fn protect(tx: &mut Tx<'_>, account: &AccountRow, invited: &Invited) -> Result<()> {
    diesel::update(accounts::table.find((account.council_id, account.id)))
        .set((
            accounts::protected.eq(true),
            accounts::age_band.eq(invited.age_band),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Lets a guest into a challenge.
///
/// # Errors
/// What the database answers.
pub fn let_in(tx: &mut Tx<'_>, council: Id, account: Id, challenge: Id) -> Result<()> {
    let now = tx.now();
    each!(&mut **tx, c => diesel::insert_into(participations::table)
        .values((
            participations::council_id.eq(council),
            participations::account_id.eq(account),
            participations::challenge_id.eq(challenge),
            participations::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(())
}

/// Makes a guest's account their own; says whether it was a guest's.
///
/// # Errors
/// What the database answers.
pub fn upgrade(tx: &mut Tx<'_>, account: &AccountRow, name: &str, password_hash: &str) -> Result<bool> {
    let (council, id) = (account.council_id, account.id);
    let guest = accounts::table.find((council, id)).filter(accounts::kind.eq(AccountKind::Ephemeral));
    let upgraded = diesel::update(guest)
        .set((
            accounts::kind.eq(AccountKind::Full),
            accounts::display_name.eq(name),
            accounts::password_hash.eq(Some(password_hash)),
            accounts::credentials_version.eq(accounts::credentials_version + 1),
            accounts::version.eq(accounts::version + 1),
        ))
        .execute(&mut **tx)?;
    let mine =
        participations::table.filter(participations::council_id.eq(council)).filter(participations::account_id.eq(id));
    diesel::delete(mine).execute(&mut **tx)?;
    Ok(upgraded == 1)
}

/// Ends that somebody takes part in a challenge; says whether they take part in another.
///
/// # Errors
/// What the database answers.
pub fn leave(tx: &mut Tx<'_>, council: Id, account: Id, challenge: Id) -> Result<bool> {
    diesel::delete(participations::table.find((council, account, challenge))).execute(&mut **tx)?;
    let others = participations::table
        .filter(participations::council_id.eq(council))
        .filter(participations::account_id.eq(account));
    Ok(diesel::select(diesel::dsl::exists(others)).get_result(&mut **tx)?)
}
