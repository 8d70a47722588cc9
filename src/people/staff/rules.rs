//! What may become of staff. Pure.

use crate::people::accounts::model::AccountRow;
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
}
