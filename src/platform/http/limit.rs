//! How often who may do what. The buckets of writes live in the database, so that all nodes share one budget (case
//! I5); requests as such are counted in the memory of each node. The algorithm of both is GCRA (ITU-T I.371).
//! What is left is told in `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use diesel::prelude::*;
use governor::clock::DefaultClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use crate::each;
use crate::platform::db::schema::limit_buckets as buckets;
use crate::platform::db::{Instant, Tx};
use crate::platform::error::{Code, Error, Result};

crate::holds! {
    limit_buckets: "How often something may be asked for; addresses and networks as keyed hashes.", [],
    Kept::Hours { after: "full_at", hours: 0 } => {
        Nothing: action;
        Identifier: key;
        Time: full_at;
    }
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limited {
    /// Trying a password, by network.
    SignInFrom,
    /// Trying a password, by address and network.
    SignInAs,
    /// Trying a password, by address.
    SignInAsAll,
    /// Showing the password once more, by account.
    Prove,
    /// Trying a code of an app or from paper, by account.
    SecondFactor,
    /// Registering, by network.
    Register,
    /// Causing a mail to somebody, by site: an IPv4 address or the /48 of an IPv6 address.
    MailFrom,
    /// A mail to one address that anybody can cause, by address and network.
    MailTo,
    /// A mail to one address that anybody can cause, by address.
    MailToAll,
    /// Mails of one council that anybody can cause: its flood delays nobody else's mail.
    MailOf,
    /// Going to a sign-in provider, by network.
    SignOn,
    /// Submitting an idea, by account.
    Submit,
    /// Writing a comment, by account.
    Comment,
    /// Supporting, by account.
    Support,
    /// Reporting an idea, by account.
    Report,
    /// Stating what shows where one lives, by account.
    Verify,
    /// Stating what shows where one lives, by network.
    VerifyFrom,
    /// Everything else that is written, by account.
    Write,
}

/// The operations by which whoever comes along has a mail sent to an address that they name.
pub const MAILS_WHOM_ONE_NAMES: [&str; 5] =
    ["register", "mail_sign_in_code", "mail_password_reset", "change_address", "ask_to_take_part"];

/// The operations that may ask for a proof of work: those by which a stranger makes work or mail.
pub const PROOF_OF_WORK: [&str; 5] =
    ["register", "sign_in", "mail_sign_in_code", "mail_password_reset", "ask_to_take_part"];

impl Limited {
    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignInFrom => "sign_in_from",
            Self::SignInAs => "sign_in_as",
            Self::Register => "register",
            Self::SignInAsAll => "sign_in_as_all",
            Self::Prove => "prove",
            Self::SecondFactor => "second_factor",
            Self::MailFrom => "mail_from",
            Self::MailTo => "mail_to",
            Self::MailToAll => "mail_to_all",
            Self::MailOf => "mail_of",
            Self::SignOn => "sign_on",
            Self::Submit => "submit",
            Self::Comment => "comment",
            Self::Support => "support",
            Self::Report => "report",
            Self::Verify => "verify",
            Self::VerifyFrom => "verify_from",
            Self::Write => "write",
        }
    }

    /// What an operation takes from, beside the requests as such.
    pub fn of(operation: &str, method: &str) -> &'static [Self] {
        match operation {
            "register" => &[Self::SignInFrom, Self::Register, Self::MailTo, Self::MailToAll, Self::MailOf],
            "sign_in" => &[Self::SignInFrom, Self::SignInAs, Self::SignInAsAll],
            "take_part"
            | "confirm_email"
            | "begin_sign_in_with_passkey"
            | "sign_in_with_passkey"
            | "sign_in_with_link"
            | "redeem_password_reset"
            | "confirm_new_address"
            | "undo_new_address"
            | "appeal_by_link"
            | "reply_by_link"
            | "choose_by_link"
            | "contest_by_link"
            | "read_review"
            | "decide_review" => &[Self::SignInFrom],
            "sign_in_with_code" | "sign_in_to_platform" => &[Self::SignInFrom, Self::SignInAs],
            "mail_sign_in_code" | "mail_password_reset" | "ask_to_take_part" => {
                &[Self::MailFrom, Self::MailTo, Self::MailToAll, Self::MailOf]
            }
            "change_address" => &[Self::Write, Self::Prove, Self::MailTo, Self::MailToAll, Self::MailOf],
            "begin_totp"
            | "remove_totp"
            | "renew_recovery_codes"
            | "begin_passkey"
            | "remove_passkey"
            | "change_password"
            | "upgrade_account"
            | "make_key" => &[Self::Write, Self::Prove],
            "confirm_totp" => &[Self::SecondFactor],
            // Its own token is its budget, and a session is refreshed at most as often as requests may come.
            "refresh_session" => &[],
            // It is the provider that is asked who somebody is, and what came back is good once.
            "start_sign_on" => &[Self::SignOn],
            "finish_sign_on" | "make_account_of_sign_on" => &[],
            "accept_invitation" => &[Self::Register],
            "submit_idea" => &[Self::Submit],
            "write_comment" => &[Self::Comment],
            "report_idea" | "report_comment" => &[Self::Report],
            "support_idea" | "withdraw_support" | "cast_ballot" | "withdraw_ballot" => &[Self::Support],
            "verify_by_postcode" | "verify_by_letter" | "verify_by_register" => &[Self::Verify, Self::VerifyFrom],
            _ if method == "get" => &[],
            _ => &[Self::Write],
        }
    }

    /// At once, and then one in each interval.
    pub fn rate(self) -> (u32, Duration) {
        match self {
            Self::SignInFrom => (600, Duration::from_secs(5)),
            Self::SignInAs => (10, Duration::from_secs(60)),
            Self::Register => (300, Duration::from_secs(30)),
            // At most a hundred tries in a row (NIST SP 800-63B-4, 3.2.2), and then one in a quarter of an hour; mail and
            // passkeys go on, and the owner's own success makes it whole again.
            Self::SignInAsAll => (100, Duration::from_secs(900)),
            Self::Prove | Self::SecondFactor => (10, Duration::from_secs(300)),
            Self::MailFrom => (300, Duration::from_secs(10)),
            Self::MailToAll => (20, Duration::from_secs(120)),
            Self::MailTo => (5, Duration::from_secs(600)),
            Self::Verify => (5, Duration::from_secs(3_600)),
            Self::VerifyFrom => (30, Duration::from_secs(120)),
            Self::MailOf => (1_000, Duration::from_secs(1)),
            Self::SignOn => (400, Duration::from_secs(2)),
            Self::Submit | Self::Comment => (20, Duration::from_secs(30)),
            Self::Report => (10, Duration::from_secs(120)),
            Self::Support | Self::Write => (120, Duration::from_secs(1)),
        }
    }

    /// How many of those at once are had without a proof of work. A school behind one address goes on with proofs where one
    /// who sprays passwords has to pay for each.
    pub fn free(self) -> u32 {
        match self {
            Self::SignInFrom | Self::MailFrom => 60,
            Self::Register => 20,
            Self::SignInAsAll => 50,
            Self::MailToAll => 10,
            Self::MailOf => 500,
            _ => self.rate().0,
        }
    }

    /// How many are taken and not yet free again, where the bucket will be whole in `full_in`.
    fn used(self, full_in: Duration) -> u32 {
        let used = full_in.as_nanos().div_ceil(self.rate().1.as_nanos().max(1));
        u32::try_from(used).unwrap_or(u32::MAX)
    }

    /// What becomes of one more, where the bucket will be whole in `full_in`: the rule of the limiter.
    pub fn stage(self, full_in: Duration) -> Stage {
        let (burst, every) = self.rate();
        let room = |at_once: u32| every.saturating_mul(at_once.saturating_sub(1));
        if full_in > room(burst) {
            Stage::Full(full_in.saturating_sub(room(burst)))
        } else if full_in > room(self.free()) {
            Stage::Asks(full_in.saturating_sub(room(self.free())))
        } else {
            Stage::Free
        }
    }

    /// How far what is used lies between the free part and all of it, in quarters.
    pub fn load(self, used: u32) -> u32 {
        let (free, burst) = (self.free(), self.rate().0);
        let beyond = used.saturating_sub(free).saturating_mul(4);
        beyond.checked_div(burst.saturating_sub(free)).unwrap_or(0).min(4)
    }
}

/// What becomes of one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is had.
    Free,
    /// It is had by who shows a proof of work, or waits so long.
    Asks(Duration),
    /// It is not had before so long.
    Full(Duration),
}

/// What is left of a budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    policy: &'static str,
    burst: u32,
    every: Duration,
    left: u32,
    full_in: Duration,
}

static POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
static STATE: HeaderName = HeaderName::from_static("ratelimit");

impl Standing {
    /// Adds what is left to the headers of an answer.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let Self { policy, burst, every, left, full_in } = self;
        // A quota is for a window: the one in which the bucket fills from empty.
        let window = every.saturating_mul(*burst).as_secs().max(1);
        let full_in = full_in.as_secs_f64().ceil();
        for (name, value) in [
            (&POLICY, format!("\"{policy}\";q={burst};w={window}")),
            (&STATE, format!("\"{policy}\";r={left};t={full_in}")),
        ] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.append(name.clone(), value);
            }
        }
    }

    /// Whether a header is one of those it tells by.
    pub fn is_told_in(name: &HeaderName) -> bool {
        *name == POLICY || *name == STATE
    }
}

/// Whose requests are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// An account, as its token names it.
    Account(String),
    /// Whoever comes from a network without one. It stays in memory, and is forgotten in minutes.
    Network(IpAddr),
}

type Counter = RateLimiter<Asker, DefaultKeyedStateStore<Asker>, DefaultClock, StateInformationMiddleware>;

/// Counts requests, in the memory of this node: a guard of the machine and no promise between nodes.
pub struct Requests(Option<(Counter, NonZeroU32)>);

impl Requests {
    /// How many come at once, in seconds of the rate.
    pub const BURST_SECONDS: u32 = 6;

    /// So many a second from one account or network in the long run; none counts nothing.
    pub fn new(per_second: u32) -> Self {
        Self(NonZeroU32::new(per_second).map(|rate| {
            let burst = rate.saturating_mul(NonZeroU32::new(Self::BURST_SECONDS).unwrap_or(NonZeroU32::MIN));
            let quota = Quota::per_second(rate).allow_burst(burst);
            (RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>(), burst)
        }))
    }

    /// Lets one request pass, and says what is left.
    ///
    /// # Errors
    /// 429 with the seconds to wait.
    pub fn pass(&self, asker: Asker) -> Result<Option<Standing>> {
        let Some((counter, burst)) = &self.0 else { return Ok(None) };
        let every = Duration::from_secs(u64::from(Self::BURST_SECONDS)) / burst.get();
        let standing = |left: u32| Standing {
            policy: "requests",
            burst: burst.get(),
            every,
            left,
            full_in: every.saturating_mul(burst.get().saturating_sub(left)),
        };
        match counter.check_key(&asker) {
            Ok(state) => Ok(Some(standing(state.remaining_burst_capacity()))),
            Err(_) => Err(Code::TooMany.problem().retry_in(1).limited(standing(0)).into()),
        }
    }

    /// Forgets those whose budget is whole again.
    pub fn forget_idle(&self) {
        if let Some((counter, _)) = &self.0 {
            counter.retain_recent();
            counter.shrink_to_fit();
        }
    }
}

/// Makes the bucket of `key` whole again.
///
/// # Errors
/// What the database answers.
pub fn give_back(tx: &mut Tx<'_>, limited: Limited, key: &str) -> Result<()> {
    diesel::delete(buckets::table.find((limited.as_str(), key))).execute(&mut **tx)?;
    Ok(())
}

/// Takes one from the bucket of `key`, which is already a MAC where it tells a network or an address, and says what
/// is left.
///
/// # Errors
/// 429 with the seconds until one is free; then the bucket is as it was.
pub fn take(tx: &mut Tx<'_>, limited: Limited, key: &str) -> Result<Standing> {
    Ok(take_staged(tx, limited, key)?.0)
}

/// The same for what is refused where others are asked for a proof of work.
///
/// # Errors
/// As [`take`].
pub fn take_free(tx: &mut Tx<'_>, limited: Limited, key: &str) -> Result<Standing> {
    match take_staged(tx, limited, key)? {
        (standing, Stage::Asks(wait)) => Err(too_many(wait, standing)),
        (standing, _) => Ok(standing),
    }
}

/// The same, and the stage: whoever is asked for a proof of work and shows none has to be refused.
///
/// # Errors
/// As [`take`].
pub fn take_staged(tx: &mut Tx<'_>, limited: Limited, key: &str) -> Result<(Standing, Stage)> {
    let now = tx.now();
    let (burst, every) = limited.rate();
    // The update locks the row to the end of the transaction, so that no two nodes read the same instant.
    let found: Instant = each!(&mut **tx, c => diesel::insert_into(buckets::table)
        .values((buckets::action.eq(limited.as_str()), buckets::key.eq(key), buckets::full_at.eq(now)))
        .on_conflict((buckets::action, buckets::key))
        .do_update()
        .set(buckets::full_at.eq(buckets::full_at))
        .returning(buckets::full_at)
        .get_result(c))?;
    let full_at = found.max(now);
    let standing = |full_at: Instant| {
        let full_in = full_at.since(now);
        let left = burst.saturating_sub(limited.used(full_in));
        Standing { policy: limited.as_str(), burst, every, left, full_in }
    };
    let stage = limited.stage(full_at.since(now));
    if let Stage::Full(wait) = stage {
        return Err(too_many(wait, standing(full_at)));
    }
    let next = full_at.plus(every);
    let row = buckets::table.find((limited.as_str(), key));
    diesel::update(row).set(buckets::full_at.eq(next)).execute(&mut **tx)?;
    Ok((standing(next), stage))
}

fn too_many(wait: Duration, standing: Standing) -> Error {
    Code::TooMany.problem().retry_in(wait.as_secs().saturating_add(1)).limited(standing).into()
}

/// How many are taken from a bucket and not yet free again.
///
/// # Errors
/// What the database answers.
pub fn used(tx: &mut Tx<'_>, limited: Limited, key: &str) -> Result<u32> {
    let now = tx.now();
    let row = buckets::table.find((limited.as_str(), key)).select(buckets::full_at);
    let full_at: Option<Instant> = row.first(&mut **tx).optional()?;
    Ok(full_at.map_or(0, |full_at| limited.used(full_at.max(now).since(now))))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Limited; 17] = [
        Limited::SignInFrom,
        Limited::SignInAs,
        Limited::SignInAsAll,
        Limited::Prove,
        Limited::SecondFactor,
        Limited::Register,
        Limited::MailFrom,
        Limited::MailTo,
        Limited::MailToAll,
        Limited::MailOf,
        Limited::SignOn,
        Limited::Submit,
        Limited::Comment,
        Limited::Support,
        Limited::Verify,
        Limited::VerifyFrom,
        Limited::Write,
    ];

    #[test]
    fn some_are_free_then_a_proof_of_work_is_asked_for_and_then_it_is_full() {
        for limited in ALL {
            let ((burst, every), free) = (limited.rate(), limited.free());
            assert!(free >= 1 && free <= burst, "{limited:?}");
            for used in 0..burst + 3 {
                let stage = limited.stage(every * used);
                match used {
                    _ if used < free => assert_eq!(stage, Stage::Free, "{limited:?} {used}"),
                    _ if used < burst => {
                        assert_eq!(stage, Stage::Asks(every * (used + 1 - free)), "{limited:?} {used}")
                    }
                    _ => assert_eq!(stage, Stage::Full(every * (used + 1 - burst)), "{limited:?} {used}"),
                }
            }
            // Who has waited as long as they were told is free.
            assert_eq!(limited.stage(every * (free - 1)), Stage::Free);
            assert_eq!(limited.used(every * 3), 3);
        }
        assert_eq!(Limited::SignInFrom.stage(Limited::SignInFrom.rate().1 * 60), Stage::Asks(Duration::from_secs(5)));
        assert_eq!(Limited::SignInAs.free(), 10, "what one tries at one address from one network no work buys");
    }

    #[test]
    fn the_load_grows_from_the_free_part_to_all_of_it_and_never_beyond() {
        let one = Limited::SignInFrom;
        let loads: Vec<u32> = [0, 59, 60, 194, 195, 330, 465, 599, 600, u32::MAX].map(|used| one.load(used)).into();
        assert_eq!(loads, [0, 0, 0, 0, 1, 2, 3, 3, 4, 4]);
        assert_eq!(Limited::SignInAs.load(10), 0, "what asks for no work has no load");
    }
}
