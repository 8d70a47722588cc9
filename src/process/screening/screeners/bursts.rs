//! Very much from accounts that are new: by one, or together with many others.

use std::time::Duration;

use super::super::model::{Circumstances, Item, Mark, Screen, Unchecked};
use crate::vocabulary::{FindingKind, Screener};

/// For so long an account is new.
pub const NEW: Duration = Duration::from_secs(24 * 3_600);

/// So many ideas, of a new account, within an hour: the next waits.
pub const SUBMISSIONS: i64 = 10;
/// What is called lately.
pub const LATELY: Duration = Duration::from_secs(3_600);

/// So many accounts made in a council within some minutes, of which this is one.
pub const NEWCOMERS: i64 = 60;
/// Within how many.
pub const MINUTES: Duration = Duration::from_secs(10 * 60);

/// Finds that very much comes from new accounts.
pub struct Bursts;

impl Screen for Bursts {
    fn name(&self) -> Screener {
        Screener::Bursts
    }

    fn read(&self, _: &Item<'_>) -> Result<Vec<Mark>, Unchecked> {
        Ok(Vec::new())
    }

    fn weigh(&self, circumstances: &Circumstances) -> Option<FindingKind> {
        match circumstances {
            _ if !circumstances.account_is_new => None,
            _ if circumstances.submitted_lately >= SUBMISSIONS => Some(FindingKind::ManyFromNewAccount),
            _ if circumstances.newcomers >= NEWCOMERS => Some(FindingKind::ManyNewAccounts),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_account_is_held_when_it_sends_very_much_and_an_old_one_is_not() {
        let many = Circumstances { account_is_new: true, submitted_lately: SUBMISSIONS, ..Circumstances::default() };
        assert_eq!(Bursts.weigh(&many), Some(FindingKind::ManyFromNewAccount));
        assert_eq!(Bursts.weigh(&Circumstances { submitted_lately: SUBMISSIONS - 1, ..many }), None);
        assert_eq!(Bursts.weigh(&Circumstances { account_is_new: false, ..many }), None);
        let crowd = Circumstances { submitted_lately: 0, newcomers: NEWCOMERS, ..many };
        assert_eq!(Bursts.weigh(&crowd), Some(FindingKind::ManyNewAccounts));
        assert_eq!(Bursts.weigh(&Circumstances { newcomers: NEWCOMERS - 1, ..crowd }), None);
    }
}
