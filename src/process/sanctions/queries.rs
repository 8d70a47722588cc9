//! All the SQL of sanctions and of appeals against them.

use std::time::Duration;

use diesel::prelude::*;

use super::model::{SanctionAppealRow, SanctionRow};
use super::rules::APPEAL_DAYS;
use crate::platform::db::schema::{grounds, sanction_appeals as appeals, sanctions};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::process::appeals::queries::appealed_already;
use crate::vocabulary::{AppealResult, CaseState, SanctionKind};

macro_rules! with_ground {
    () => {
        sanctions::table
            .inner_join(
                grounds::table
                    .on(grounds::council_id.eq(sanctions::council_id).and(grounds::code.eq(sanctions::ground_code))),
            )
            .select((
                sanctions::id,
                sanctions::account_id,
                sanctions::kind,
                sanctions::ground_code,
                grounds::title,
                grounds::body,
                sanctions::statement,
                sanctions::case_id,
                sanctions::until,
                sanctions::decided_by,
                sanctions::decided_at,
                sanctions::ended_at,
            ))
    };
}

/// What a sanction is made of.
#[derive(Clone, Debug)]
pub struct NewSanction<'a> {
    /// Whose account.
    pub account: Id,
    /// What.
    pub kind: SanctionKind,
    /// On which ground.
    pub ground: &'a str,
    /// For which facts.
    pub statement: &'a str,
    /// In which case they were seen.
    pub case: Option<Id>,
    /// Until when.
    pub until: Option<Instant>,
    /// By whom.
    pub by: Id,
}

/// Writes a sanction.
///
/// # Errors
/// What the database answers.
pub fn insert_sanction(tx: &mut Tx<'_>, council: Id, new: &NewSanction<'_>) -> Result<Id> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    diesel::insert_into(sanctions::table)
        .values((
            sanctions::council_id.eq(council),
            sanctions::id.eq(id),
            sanctions::account_id.eq(new.account),
            sanctions::kind.eq(new.kind),
            sanctions::ground_code.eq(new.ground),
            sanctions::statement.eq(new.statement),
            sanctions::case_id.eq(new.case),
            sanctions::until.eq(new.until),
            sanctions::decided_by.eq(new.by),
            sanctions::decided_at.eq(now),
            sanctions::ended_at.eq(None::<Instant>),
        ))
        .execute(&mut **tx)?;
    Ok(id)
}

/// A sanction.
///
/// # Errors
/// 404 where there is none.
pub fn find_sanction(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<SanctionRow> {
    with_ground!()
        .filter(sanctions::council_id.eq(council))
        .filter(sanctions::id.eq(id))
        .first(&mut **tx)
        .or_not_found("sanction")
}

/// The suspension of an account that has not ended.
///
/// # Errors
/// What the database answers.
pub fn running_suspension(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Option<SanctionRow>> {
    Ok(with_ground!()
        .filter(sanctions::council_id.eq(council))
        .filter(sanctions::account_id.eq(account))
        .filter(sanctions::kind.eq(SanctionKind::Suspend))
        .filter(sanctions::ended_at.is_null())
        .first(&mut **tx)
        .optional()?)
}

/// What was decided on an account, the last first.
///
/// # Errors
/// What the database answers.
pub fn list_sanctions(
    tx: &mut Tx<'_>,
    council: Id,
    account: Id,
    before: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<SanctionRow>> {
    let mut query =
        with_ground!().filter(sanctions::council_id.eq(council)).filter(sanctions::account_id.eq(account)).into_boxed();
    if let Some((at, id)) = before {
        query =
            query.filter(sanctions::decided_at.le(at)).filter(sanctions::decided_at.lt(at).or(sanctions::id.lt(id)));
    }
    Ok(query.order((sanctions::decided_at.desc(), sanctions::id.desc())).limit(limit).load(&mut **tx)?)
}

/// These sanctions, whoever they are about.
///
/// # Errors
/// What the database answers.
pub fn find_sanctions(tx: &mut Tx<'_>, council: Id, of: &[Id]) -> Result<Vec<SanctionRow>> {
    Ok(with_ground!().filter(sanctions::council_id.eq(council)).filter(sanctions::id.eq_any(of)).load(&mut **tx)?)
}

/// Notes that a suspension is over; says whether it was not before.
///
/// # Errors
/// What the database answers.
pub fn end_suspension(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<bool> {
    let now = tx.now();
    let running = sanctions::table
        .find((council, id))
        .filter(sanctions::kind.eq(SanctionKind::Suspend))
        .filter(sanctions::ended_at.is_null());
    Ok(diesel::update(running).set(sanctions::ended_at.eq(Some(now))).execute(&mut **tx)? == 1)
}

/// The appeals against these sanctions.
///
/// # Errors
/// What the database answers.
pub fn appeals_against(tx: &mut Tx<'_>, council: Id, against: &[Id]) -> Result<Vec<SanctionAppealRow>> {
    Ok(appeals::table
        .filter(appeals::council_id.eq(council))
        .filter(appeals::sanction_id.eq_any(against))
        .select(SanctionAppealRow::as_select())
        .load(&mut **tx)?)
}

/// Writes an appeal; there is one against each sanction. Gives its id, and until when it is to be decided.
///
/// # Errors
/// 409 where there is one.
pub fn insert_appeal(tx: &mut Tx<'_>, council: Id, against: &SanctionRow, text: &str) -> Result<(Id, Instant)> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    let due_at = now.plus(Duration::from_secs(APPEAL_DAYS * 86_400));
    if !appeals_against(tx, council, &[against.id])?.is_empty() {
        return Err(appealed_already());
    }
    diesel::insert_into(appeals::table)
        .values((
            appeals::council_id.eq(council),
            appeals::id.eq(id),
            appeals::sanction_id.eq(against.id),
            appeals::account_id.eq(against.account_id),
            appeals::barred_id.eq(against.decided_by),
            appeals::text.eq(text),
            appeals::made_at.eq(now),
            appeals::due_at.eq(due_at),
        ))
        .execute(&mut **tx)?;
    Ok((id, due_at))
}

/// An appeal.
///
/// # Errors
/// 404 where there is none.
pub fn find_appeal(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<SanctionAppealRow> {
    appeals::table.find((council, id)).select(SanctionAppealRow::as_select()).first(&mut **tx).or_not_found("appeal")
}

/// A page of appeals that wait or are decided: first what is due first.
///
/// # Errors
/// What the database answers.
pub fn list_appeals(
    tx: &mut Tx<'_>,
    council: Id,
    state: CaseState,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<SanctionAppealRow>> {
    let mut query =
        appeals::table.filter(appeals::council_id.eq(council)).select(SanctionAppealRow::as_select()).into_boxed();
    query = match state {
        CaseState::Open => query.filter(appeals::result.is_null()),
        CaseState::Decided => query.filter(appeals::result.is_not_null()),
    };
    if let Some((at, id)) = after {
        query = query.filter(appeals::due_at.ge(at)).filter(appeals::due_at.gt(at).or(appeals::id.gt(id)));
    }
    Ok(query.order((appeals::due_at.asc(), appeals::id.asc())).limit(limit).load(&mut **tx)?)
}

/// What an appeal comes to.
#[derive(Clone, Debug)]
pub struct Verdict<'a> {
    /// What.
    pub result: AppealResult,
    /// For which reasons.
    pub reasons: &'a str,
    /// Until when the suspension lasts instead.
    pub until: Option<Instant>,
    /// By whom.
    pub by: Id,
}

/// Decides an appeal, once.
///
/// # Errors
/// 409 where somebody has.
pub fn decide_appeal(tx: &mut Tx<'_>, council: Id, id: Id, verdict: &Verdict<'_>) -> Result<()> {
    let now = tx.now();
    let open = appeals::table.find((council, id)).filter(appeals::result.is_null());
    let decided = diesel::update(open)
        .set((
            appeals::result.eq(Some(verdict.result)),
            appeals::reasons.eq(Some(verdict.reasons)),
            appeals::until.eq(verdict.until),
            appeals::decided_by.eq(Some(verdict.by)),
            appeals::decided_at.eq(Some(now)),
        ))
        .execute(&mut **tx)?;
    if decided == 1 { Ok(()) } else { Err(Code::AlreadyDecided.problem().into()) }
}

/// Reverses the appeal against a suspension that waits for a decision, for the suspension was lifted; gives it, if there was one.
///
/// # Errors
/// What the database answers.
pub fn reverse_by_lifting(tx: &mut Tx<'_>, council: Id, suspension: Id, by: Id) -> Result<Option<SanctionAppealRow>> {
    let now = tx.now();
    let Some(open) = appeals_against(tx, council, &[suspension])?.pop().filter(|one| one.state() == CaseState::Open)
    else {
        return Ok(None);
    };
    diesel::update(appeals::table.find((council, open.id)))
        .set((
            appeals::result.eq(Some(AppealResult::Reversed)),
            appeals::decided_at.eq(Some(now)),
            appeals::lifted_at.eq(Some(now)),
            appeals::lifted_by.eq(Some(by)),
        ))
        .execute(&mut **tx)?;
    find_appeal(tx, council, open.id).map(Some)
}

/// Whether an appeal waits that is due before an instant.
///
/// # Errors
/// What the database answers.
pub fn appeals_wait(tx: &mut Tx<'_>, council: Id, until: Instant) -> Result<bool> {
    let open = appeals::table
        .filter(appeals::council_id.eq(council))
        .filter(appeals::result.is_null())
        .filter(appeals::due_at.le(until));
    Ok(diesel::select(diesel::dsl::exists(open)).get_result(&mut **tx)?)
}

/// When the appeals are due that wait and that somebody may decide, the first first.
///
/// # Errors
/// What the database answers.
pub fn appeals_due(tx: &mut Tx<'_>, council: Id, moderator: Id, limit: i64) -> Result<Vec<Instant>> {
    Ok(appeals::table
        .filter(appeals::council_id.eq(council))
        .filter(appeals::result.is_null())
        .filter(appeals::barred_id.ne(moderator))
        .filter(appeals::account_id.ne(moderator))
        .order(appeals::due_at.asc())
        .limit(limit)
        .select(appeals::due_at)
        .load(&mut **tx)?)
}
