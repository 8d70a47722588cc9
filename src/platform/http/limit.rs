//! How often who may do what. Buckets live in the database, so that all nodes share one budget (case I5); the
//! algorithm is GCRA (ITU-T I.371): one instant a bucket.

use std::time::Duration;

use diesel::prelude::*;

use crate::each;
use crate::platform::db::schema::limit_buckets as buckets;
use crate::platform::db::{Instant, Tx};
use crate::platform::error::{Code, Result};

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limited {
    /// Trying a password, by network.
    SignInFrom,
    /// Trying a password, by address.
    SignInAs,
    /// Registering, by network.
    Register,
    /// A mail to one address that anybody can cause.
    MailTo,
    /// Submitting an idea, by account.
    Submit,
    /// Supporting, by account.
    Support,
}

impl Limited {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignInFrom => "sign_in_from",
            Self::SignInAs => "sign_in_as",
            Self::Register => "register",
            Self::MailTo => "mail_to",
            Self::Submit => "submit",
            Self::Support => "support",
        }
    }

    /// At once, and then one in each interval.
    pub fn rate(self) -> (u32, Duration) {
        match self {
            Self::SignInFrom => (60, Duration::from_secs(5)),
            Self::SignInAs => (10, Duration::from_secs(60)),
            Self::Register => (20, Duration::from_secs(30)),
            Self::MailTo => (5, Duration::from_secs(600)),
            Self::Submit => (20, Duration::from_secs(30)),
            Self::Support => (120, Duration::from_secs(1)),
        }
    }
}

/// Takes one from the bucket of `key`, which is already a MAC where it tells a network or an address.
///
/// # Errors
/// 429 with the seconds until one is free; then the bucket is as it was.
pub fn take(tx: &mut Tx<'_>, limited: Limited, key: &str) -> Result<()> {
    let now = tx.now();
    let (burst, every) = limited.rate();
    let latest = now.plus(every.saturating_mul(burst.saturating_sub(1)));
    each!(&mut **tx, c => diesel::insert_into(buckets::table)
        .values((buckets::action.eq(limited.as_str()), buckets::key.eq(key), buckets::full_at.eq(now)))
        .on_conflict_do_nothing()
        .execute(c))?;
    // The update locks the row to the end of the transaction, so that no two nodes read the same instant.
    let row = buckets::table.find((limited.as_str(), key));
    let found: Instant = diesel::update(row)
        .set(buckets::full_at.eq(buckets::full_at))
        .returning(buckets::full_at)
        .get_result(&mut **tx)?;
    let full_at = found.max(now);
    if full_at > latest {
        let seconds = full_at.since(latest).as_secs().saturating_add(1);
        return Err(Code::TooMany.problem().retry_in(seconds).into());
    }
    let next = full_at.plus(every);
    diesel::update(row).set(buckets::full_at.eq(next)).execute(&mut **tx)?;
    Ok(())
}

/// Forgets the buckets that are full again.
///
/// # Errors
/// What the database answers.
pub fn forget_full(tx: &mut Tx<'_>) -> Result<usize> {
    let now = tx.now();
    Ok(diesel::delete(buckets::table.filter(buckets::full_at.lt(now))).execute(&mut **tx)?)
}
