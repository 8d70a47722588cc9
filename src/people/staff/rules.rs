//! What may become of staff. Pure.

use crate::people::accounts::model::AccountRow;
use crate::platform::db::Instant;
use crate::platform::error::{Code, Error, Result};
use crate::vocabulary::{AccountState, Role};

/// A council keeps one admin who can sign in.
///
/// # Errors
/// 409 where this account is the last, and would be one no more.
pub fn keeps_an_admin(now: (Role, AccountState), next: (Role, AccountState), others: i64) -> Result<()> {
    let admin = (Role::Admin, AccountState::Active);
    if now == admin && next != admin && others < 1 {
        return Err(Code::LastAdmin.problem().into());
    }
    Ok(())
}

/// Only somebody of the staff is there to be changed.
///
/// # Errors
/// 404 for everybody else, whether they are there or not.
pub fn of_the_staff(account: Option<AccountRow>) -> Result<AccountRow> {
    account
        .filter(|row| row.role != Role::Resident && row.state != AccountState::Unconfirmed)
        .ok_or_else(|| Error::not_found("member of the staff"))
}

/// Only an account in use is suspended, and for a time that is not over.
///
/// # Errors
/// 409 in another state, 422 for a time that is over.
pub fn can_be_suspended(state: AccountState, until: Option<Instant>, now: Instant) -> Result<()> {
    if state != AccountState::Active {
        return Err(Code::WrongState.because("Only an account in use can be suspended.").with("state", state).into());
    }
    if until.is_some_and(|until| until <= now) {
        return Err(Error::fault("/until", "too_small", "This moment is over."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_admin_stays_one_and_everybody_else_may_change() {
        use AccountState::{Active, Suspended};
        let admin = (Role::Admin, Active);
        for next in [(Role::Officer, Active), (Role::Resident, Active), (Role::Admin, Suspended)] {
            assert_eq!(keeps_an_admin(admin, next, 0).unwrap_err().code(), Code::LastAdmin);
            assert!(keeps_an_admin(admin, next, 1).is_ok());
        }
        assert!(keeps_an_admin(admin, admin, 0).is_ok());
        assert!(keeps_an_admin((Role::Officer, Active), (Role::Resident, Active), 0).is_ok());
        assert!(keeps_an_admin((Role::Admin, Suspended), (Role::Resident, Suspended), 0).is_ok());
    }

    #[test]
    fn a_suspension_is_of_an_account_in_use_and_for_a_time_to_come() {
        let now = Instant::from_micros(5);
        let code = |state, until| can_be_suspended(state, until, now).map_err(|error| error.code());
        assert_eq!(code(AccountState::Active, None), Ok(()));
        assert_eq!(code(AccountState::Active, Some(Instant::from_micros(6))), Ok(()));
        assert_eq!(code(AccountState::Active, Some(now)), Err(Code::Invalid));
        assert_eq!(code(AccountState::Suspended, None), Err(Code::WrongState));
        assert_eq!(code(AccountState::Unconfirmed, None), Err(Code::WrongState));
    }
}
