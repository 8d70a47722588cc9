//! The audit log: who did what to what, written in the transaction of the deed and only ever added to.
//!
//! It holds ids and words. Names, addresses and texts stay where they are, so that what is erased there is not kept here; but for the
//! name of who was named outside reviewer, who decides in office and has no account that would tell it later.
//! Nobody fills it: what an account is refused is told a few times an hour, and then only counted.

use std::time::Duration;

use diesel::prelude::*;
use serde_json::{Value, json};

use crate::each;
use crate::platform::db::schema::{audit_events as events, audit_refusals as refusals};
use crate::platform::db::{Id, Instant, Json, Tx, dialect};
use crate::platform::error::Result;
use crate::vocabulary::{AuditAction, AuditActor};

crate::holds! {
    audit_events: "Deeds of the staff, and what concerns the safety of accounts: ids and words, and how an outside reviewer was called when they were named.", [Of::Stays("actor_id")],
    Kept::Otherwise("731 days; nothing but the clock takes one away") => {
        Nothing: council_id, id, action, actor_kind, key_id, before;
        Identifier: actor_id, subject_id;
        Name: after;
        Time: at;
    }
}

crate::holds! {
    audit_retention: "Until when the audit log may be forgotten.", [], Kept::WithOwner => {
        Nothing: id, forget_before;
    }
}

crate::holds! {
    audit_refusals: "How often an account was refused in an hour.", [Of::Goes("account_id")],
    Kept::Otherwise("until the hour is over and summed up") => {
        Nothing: council_id, refused;
        Identifier: account_id;
        Time: hour;
    }
}

/// Days that an event is kept: two years.
pub const KEPT_DAYS: u64 = 731;

/// Refusals of one account in one hour that are told one by one.
pub const REFUSALS_TOLD: i64 = 20;

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// An account.
    Account(Id),
    /// A program with a key of an account.
    Key {
        /// The account that made the key.
        account: Id,
        /// The key.
        key: Id,
    },
    /// Whoever operates the platform.
    Platform(Id),
    /// Nobody who is signed in: a mailed link, or the clock.
    Nobody,
}

impl By {
    /// An account, by a key of its own where it was one.
    pub fn of(account: Id, key: Option<Id>) -> Self {
        key.map_or(Self::Account(account), |key| Self::Key { account, key })
    }

    fn columns(self) -> (AuditActor, Option<Id>, Option<Id>) {
        match self {
            Self::Account(account) => (AuditActor::Account, Some(account), None),
            Self::Key { account, key } => (AuditActor::Key, Some(account), Some(key)),
            Self::Platform(admin) => (AuditActor::Platform, Some(admin), None),
            Self::Nobody => (AuditActor::Nobody, None, None),
        }
    }
}

/// Something that was done.
#[derive(Clone, Debug)]
pub struct Event {
    /// What.
    pub action: AuditAction,
    /// By whom.
    pub by: By,
    /// To what.
    pub subject: Option<Id>,
    /// How it was. Ids and words only.
    pub before: Option<Value>,
    /// How it is now. Ids and words only.
    pub after: Option<Value>,
}

impl Event {
    /// Something that was done by somebody.
    pub fn new(action: AuditAction, by: By) -> Self {
        Self { action, by, subject: None, before: None, after: None }
    }

    /// To what it was done.
    #[must_use]
    pub fn to(mut self, subject: Id) -> Self {
        self.subject = Some(subject);
        self
    }

    /// How it was. Ids and words only.
    #[must_use]
    pub fn before(mut self, before: Value) -> Self {
        self.before = Some(before);
        self
    }

    /// How it is now. Ids and words only.
    #[must_use]
    pub fn after(mut self, after: Value) -> Self {
        self.after = Some(after);
        self
    }
}

/// Writes an event in the transaction of the deed.
///
/// # Errors
/// What the database answers.
pub fn record(tx: &mut Tx<'_>, council: Id, event: Event) -> Result<()> {
    let now = tx.now();
    let (kind, actor, key) = event.by.columns();
    diesel::insert_into(events::table)
        .values((
            events::council_id.eq(council),
            events::id.eq(Id::at(now)),
            events::at.eq(now),
            events::action.eq(event.action),
            events::actor_kind.eq(kind),
            events::actor_id.eq(actor),
            events::key_id.eq(key),
            events::subject_id.eq(event.subject),
            events::before.eq(event.before.map(Json)),
            events::after.eq(event.after.map(Json)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes down that an account was refused: the first of an hour one by one, the rest only as a count.
///
/// # Errors
/// What the database answers.
pub fn refused(tx: &mut Tx<'_>, council: Id, account: Id, event: Event) -> Result<()> {
    let hour = hour_of(tx.now());
    let sum: i64 = each!(&mut **tx, c => diesel::insert_into(refusals::table)
        .values((
            refusals::council_id.eq(council),
            refusals::account_id.eq(account),
            refusals::hour.eq(hour),
            refusals::refused.eq(1_i64),
        ))
        .on_conflict((refusals::council_id, refusals::account_id, refusals::hour))
        .do_update()
        .set(refusals::refused.eq(refusals::refused + 1))
        .returning(refusals::refused)
        .get_result(c))?;
    if sum > REFUSALS_TOLD { Ok(()) } else { record(tx, council, event) }
}

fn hour_of(at: Instant) -> Instant {
    const HOUR: i64 = 3_600_000_000;
    Instant::from_micros(at.micros().div_euclid(HOUR).saturating_mul(HOUR))
}

/// Tells of the hours that are over how many refusals were left out, and forgets the counts; says how many hours.
///
/// # Errors
/// What the database answers.
pub fn sum_up_refusals(tx: &mut Tx<'_>) -> Result<usize> {
    let hour = hour_of(tx.now());
    let over: Vec<(Id, Id, Instant, i64)> = refusals::table
        .filter(refusals::hour.lt(hour))
        .order(refusals::hour)
        .limit(1_000)
        .select((refusals::council_id, refusals::account_id, refusals::hour, refusals::refused))
        .load(&mut **tx)?;
    for (council, account, hour, sum) in &over {
        // Whoever deletes the count tells it: of two nodes that sweep at once, one.
        let mine = diesel::delete(refusals::table.find((council, account, hour))).execute(&mut **tx)?;
        let left_out = sum.saturating_sub(REFUSALS_TOLD);
        if mine == 1 && left_out > 0 {
            let what = Event::new(AuditAction::AuthorisationRefusalsLeftOut, By::Account(*account));
            record(tx, *council, what.after(json!({ "left_out": left_out, "hour": hour })))?;
        }
    }
    Ok(over.len())
}

fn edge(now: Instant) -> Instant {
    now.minus(Duration::from_secs(KEPT_DAYS * 86_400))
}

/// Whether an event was kept for its time.
///
/// # Errors
/// What the database answers.
pub fn is_anything_old(tx: &mut Tx<'_>) -> Result<bool> {
    let edge = edge(tx.now());
    Ok(diesel::select(diesel::dsl::exists(events::table.filter(events::at.lt(edge)))).get_result(&mut **tx)?)
}

/// Forgets up to a thousand events that were kept for their time; says how many there were.
///
/// # Errors
/// What the database answers: where the caller may not, it is refused.
pub fn purge(tx: &mut Tx<'_>) -> Result<usize> {
    let edge = edge(tx.now());
    Ok(dialect::purge_audit(tx, edge)?)
}
