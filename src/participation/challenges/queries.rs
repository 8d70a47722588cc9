//! All the SQL of challenges.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::model::{CategoryRow, ChallengeRow, Eligibility, Phase, PromiseRow, Source, Whole};
use super::readiness::{Background, Item};
use crate::each;
use crate::platform::db::schema::{
    accounts, challenge_categories, challenges, councils, ideas, outcomes, phases, promises, raised_ideas,
};
use crate::platform::db::{Hold, Id, Instant, Json, Root, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::vocabulary::{ChallengeKind, IdeaState, ModerationPolicy, VotingRule};

/// What a challenge consists of, besides its dates.
#[derive(Clone, Debug)]
pub struct Text {
    /// What it is; stays as it was drafted.
    pub kind: ChallengeKind,
    /// Its title.
    pub title: String,
    /// What is asked.
    pub question: String,
    /// In Markdown.
    pub body: String,
    /// BCP 47.
    pub language: String,
    /// When ideas are looked at.
    pub moderation: ModerationPolicy,
    /// Under `trusted`: from how many accepted ideas on an author is known.
    pub trusted_after: i32,
    /// How votes are counted.
    pub voting_rule: VotingRule,
    /// Who has a say.
    pub eligibility: Eligibility,
    /// What the public is told before it is asked.
    pub background: Background,
}

/// A challenge; drafts are for staff.
///
/// # Errors
/// 404 where there is none to see.
pub fn find_challenge(tx: &mut Tx<'_>, council: Id, challenge: Id, staff: bool) -> Result<ChallengeRow> {
    let row = each!(&mut **tx, c => challenges::table
        .find((council, challenge))
        .select(ChallengeRow::as_select())
        .first::<ChallengeRow>(c));
    row.optional()?
        .filter(|row| staff || row.opened_at.is_some())
        .ok_or_else(|| crate::platform::error::Error::not_found("challenge"))
}

/// A draft that this unit alone changes, to its end.
///
/// # Errors
/// 404 where there is none, 409 where it has opened.
pub fn hold_draft(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<ChallengeRow> {
    tx.hold(Root::Challenge, council, challenge, Hold::Alone)?;
    let row = find_challenge(tx, council, challenge, true)?;
    match row.opened_at {
        None => Ok(row),
        Some(_) => Err(Code::WrongState.because("This challenge has opened; its rules stand.").into()),
    }
}

/// The councils that have a challenge open, without copies.
///
/// # Errors
/// What the database answers.
pub fn councils_with_open_challenges(tx: &mut Tx<'_>) -> Result<Vec<Id>> {
    let now = tx.now();
    Ok(challenges::table
        .inner_join(councils::table.on(councils::id.eq(challenges::council_id)))
        .filter(councils::sandbox_of.is_null())
        .filter(challenges::opened_at.le(now))
        .filter(challenges::closes_at.gt(now).or(challenges::closes_at.is_null()).assume_not_null())
        .select(challenges::council_id)
        .distinct()
        .load(&mut **tx)?)
}

/// The phases in order.
///
/// # Errors
/// What the database answers.
pub fn list_phases(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<Phase>> {
    Ok(phases::table
        .filter(phases::council_id.eq(council))
        .filter(phases::challenge_id.eq(challenge))
        .order(phases::position)
        .select(Phase::as_select())
        .load(&mut **tx)?)
}

/// These challenges, those that can be seen, with their phases in order.
///
/// # Errors
/// What the database answers.
pub fn challenges_among(
    tx: &mut Tx<'_>,
    council: Id,
    staff: bool,
    among: &[Id],
) -> Result<BTreeMap<Id, (ChallengeRow, Vec<Phase>)>> {
    let rows: Vec<ChallengeRow> = challenges::table
        .filter(challenges::council_id.eq(council))
        .filter(challenges::id.eq_any(among.to_vec()))
        .select(ChallengeRow::as_select())
        .load(&mut **tx)?;
    let visible = rows.into_iter().filter(|row| staff || row.opened_at.is_some());
    let mut found: BTreeMap<Id, _> = visible.map(|row| (row.id, (row, Vec::new()))).collect();
    let all: Vec<(Id, Phase)> = phases::table
        .filter(phases::council_id.eq(council))
        .filter(phases::challenge_id.eq_any(found.keys().copied().collect::<Vec<_>>()))
        .order((phases::challenge_id, phases::position))
        .select((phases::challenge_id, Phase::as_select()))
        .load(&mut **tx)?;
    for (challenge, phase) in all {
        if let Some((_, phases)) = found.get_mut(&challenge) {
            phases.push(phase);
        }
    }
    Ok(found)
}

/// The promise.
///
/// # Errors
/// What the database answers.
pub fn find_promise(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<PromiseRow>> {
    Ok(promises::table.find((council, challenge)).select(PromiseRow::as_select()).first(&mut **tx).optional()?)
}

/// The promise of a challenge that has one.
///
/// # Errors
/// 404 where it has none.
pub fn the_promise(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<PromiseRow> {
    promises::table.find((council, challenge)).select(PromiseRow::as_select()).first(&mut **tx).or_not_found("promise")
}

/// Whether there is such a category.
///
/// # Errors
/// What the database answers.
pub fn category_exists(tx: &mut Tx<'_>, council: Id, challenge: Id, key: &str) -> Result<bool> {
    Ok(diesel::select(diesel::dsl::exists(challenge_categories::table.find((council, challenge, key))))
        .get_result(&mut **tx)?)
}

/// A challenge with all that belongs to it.
///
/// # Errors
/// 404 where there is none to see.
pub fn find_whole(tx: &mut Tx<'_>, council: Id, challenge: Id, staff: bool) -> Result<Whole> {
    let row = find_challenge(tx, council, challenge, staff)?;
    let categories = challenge_categories::table
        .filter(challenge_categories::council_id.eq(council))
        .filter(challenge_categories::challenge_id.eq(challenge))
        .order(challenge_categories::position)
        .select(CategoryRow::as_select())
        .load(&mut **tx)?;
    let concluded =
        diesel::select(diesel::dsl::exists(outcomes::table.find((council, challenge)))).get_result(&mut **tx)?;
    let background: Json =
        challenges::table.find((council, challenge)).select(challenges::background).first(&mut **tx)?;
    Ok(Whole {
        taken_up_from: taken_up_from(tx, council, challenge)?,
        background: background.try_into().map_err(anyhow::Error::from)?,
        phases: list_phases(tx, council, challenge)?,
        promise: find_promise(tx, council, challenge)?,
        row,
        categories,
        concluded,
    })
}

/// The idea at the open door that a challenge was made of, while it is public.
fn taken_up_from(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<Source>> {
    Ok(raised_ideas::table
        .inner_join(
            ideas::table.on(ideas::council_id.eq(raised_ideas::council_id).and(ideas::id.eq(raised_ideas::idea_id))),
        )
        .left_join(
            accounts::table
                .on(accounts::council_id.eq(ideas::council_id).and(accounts::id.nullable().eq(ideas::author_id))),
        )
        .filter(raised_ideas::council_id.eq(council))
        .filter(raised_ideas::taken_up_as.eq(challenge))
        .filter(ideas::state.eq(IdeaState::Published))
        .select((ideas::id, ideas::title, accounts::display_name.nullable()))
        .first(&mut **tx)
        .optional()?)
}

/// A page of challenges, the last opened first; drafts, which have no such date, first of all and for staff.
///
/// # Errors
/// What the database answers.
pub fn list_challenges(
    tx: &mut Tx<'_>,
    council: Id,
    staff: bool,
    before: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<(ChallengeRow, bool)>> {
    let concluded = diesel::dsl::exists(
        outcomes::table
            .filter(outcomes::council_id.eq(challenges::council_id))
            .filter(outcomes::challenge_id.eq(challenges::id)),
    );
    let mut query = challenges::table.filter(challenges::council_id.eq(council)).into_boxed();
    if !staff {
        query = query.filter(challenges::opened_at.is_not_null());
    }
    if let Some((at, id)) = before {
        query =
            query.filter(challenges::created_at.le(at)).filter(challenges::created_at.lt(at).or(challenges::id.lt(id)));
    }
    Ok(query
        .order((challenges::created_at.desc(), challenges::id.desc()))
        .limit(limit)
        .select((ChallengeRow::as_select(), concluded))
        .load(&mut **tx)?)
}

fn stored(value: &impl serde::Serialize) -> Result<Json> {
    Ok(Json(serde_json::to_value(value).map_err(anyhow::Error::from)?))
}

/// Makes a draft.
///
/// # Errors
/// 409 where it is a second open door.
pub fn insert_challenge(tx: &mut Tx<'_>, council: Id, text: &Text) -> Result<Id> {
    if text.kind == ChallengeKind::OpenDoor {
        let doors = challenges::table
            .filter(challenges::council_id.eq(council))
            .filter(challenges::kind.eq(ChallengeKind::OpenDoor));
        if diesel::select(diesel::dsl::exists(doors)).get_result(&mut **tx)? {
            return Err(Code::AlreadyExists.because("This council has an open door: `/open-door` says which.").into());
        }
    }
    let (id, now) = (Id::at(tx.now()), tx.now());
    diesel::insert_into(challenges::table)
        .values((
            challenges::council_id.eq(council),
            challenges::id.eq(id),
            challenges::kind.eq(text.kind),
            challenges::title.eq(&text.title),
            challenges::question.eq(&text.question),
            challenges::body.eq(&text.body),
            challenges::language.eq(&text.language),
            challenges::moderation.eq(text.moderation),
            challenges::trusted_after.eq(text.trusted_after),
            challenges::voting_rule.eq(text.voting_rule),
            challenges::eligibility.eq(stored(&text.eligibility)?),
            challenges::background.eq(stored(&text.background)?),
            challenges::version.eq(1_i64),
            challenges::created_at.eq(now),
            challenges::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(id)
}

/// Changes the text of a draft; a promise that was accepted was accepted for another.
///
/// # Errors
/// What the database answers.
pub fn set_text(tx: &mut Tx<'_>, council: Id, challenge: Id, text: &Text) -> Result<()> {
    let now = tx.now();
    diesel::update(challenges::table.find((council, challenge)))
        .set((
            challenges::title.eq(&text.title),
            challenges::question.eq(&text.question),
            challenges::body.eq(&text.body),
            challenges::language.eq(&text.language),
            challenges::moderation.eq(text.moderation),
            challenges::trusted_after.eq(text.trusted_after),
            challenges::voting_rule.eq(text.voting_rule),
            challenges::eligibility.eq(stored(&text.eligibility)?),
            challenges::background.eq(stored(&text.background)?),
            challenges::version.eq(challenges::version + 1),
            challenges::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    diesel::update(promises::table.find((council, challenge)))
        .set(promises::accepted_at.eq(None::<Instant>))
        .execute(&mut **tx)?;
    Ok(())
}

/// Replaces the phases of a draft.
///
/// # Errors
/// What the database answers.
pub fn set_phases(tx: &mut Tx<'_>, council: Id, challenge: Id, list: &[Phase]) -> Result<()> {
    diesel::delete(phases::table.filter(phases::council_id.eq(council)).filter(phases::challenge_id.eq(challenge)))
        .execute(&mut **tx)?;
    for (phase, position) in list.iter().zip(0_i32..) {
        diesel::insert_into(phases::table)
            .values((
                phases::council_id.eq(council),
                phases::challenge_id.eq(challenge),
                phases::position.eq(position),
                phases::kind.eq(phase.kind),
                phases::starts_at.eq(phase.starts_at),
                phases::ends_at.eq(phase.ends_at),
                phases::submit.eq(phase.submit),
                phases::comment.eq(phase.comment),
                phases::support.eq(phase.support),
                phases::vote.eq(phase.vote),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Replaces the categories of a draft.
///
/// # Errors
/// What the database answers.
pub fn set_categories(tx: &mut Tx<'_>, council: Id, challenge: Id, list: &[(String, String)]) -> Result<()> {
    use challenge_categories as categories;
    diesel::delete(
        categories::table.filter(categories::council_id.eq(council)).filter(categories::challenge_id.eq(challenge)),
    )
    .execute(&mut **tx)?;
    for ((key, label), position) in list.iter().zip(0_i32..) {
        diesel::insert_into(categories::table)
            .values((
                categories::council_id.eq(council),
                categories::challenge_id.eq(challenge),
                categories::key.eq(key),
                categories::label.eq(label),
                categories::position.eq(position),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// Writes the promise; what was accepted before is accepted no longer.
///
/// # Errors
/// What the database answers.
pub fn set_promise(tx: &mut Tx<'_>, council: Id, challenge: Id, promise: &PromiseRow) -> Result<()> {
    let now = tx.now();
    diesel::delete(promises::table.find((council, challenge))).execute(&mut **tx)?;
    diesel::insert_into(promises::table)
        .values((
            promises::council_id.eq(council),
            promises::challenge_id.eq(challenge),
            promises::decision_office.eq(&promise.decision_office),
            promises::decision_email.eq(&promise.decision_email),
            promises::in_their_power.eq(&promise.in_their_power),
            promises::answer_within_days.eq(promise.answer_within_days),
            promises::moderate_within_hours.eq(promise.moderate_within_hours),
            promises::publish_outcome_by.eq(promise.publish_outcome_by),
            promises::success_measure.eq(&promise.success_measure),
            promises::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    touch(tx, council, challenge)
}

/// Writes what an open challenge is promised from now on: working days, hours, and the outcome; who accepted it at first stays.
///
/// # Errors
/// What the database answers.
pub fn set_terms(tx: &mut Tx<'_>, council: Id, challenge: Id, terms: (i32, i32, Option<Instant>)) -> Result<()> {
    let now = tx.now();
    diesel::update(promises::table.find((council, challenge)))
        .set((
            promises::answer_within_days.eq(terms.0),
            promises::moderate_within_hours.eq(terms.1),
            promises::publish_outcome_by.eq(terms.2),
            promises::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    touch(tx, council, challenge)
}

/// Notes that the decision-maker accepted.
///
/// # Errors
/// What the database answers.
pub fn set_accepted(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(promises::table.find((council, challenge)))
        .set(promises::accepted_at.eq(Some(now)))
        .execute(&mut **tx)?;
    touch(tx, council, challenge)
}

/// What was so of the list before the public was asked, when a challenge opened; nothing while it is a draft.
///
/// # Errors
/// 404 where there is no such challenge.
pub fn find_readiness(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<Vec<Item>>> {
    let kept = readiness_as_kept(tx, council, challenge)?;
    Ok(kept.map(|kept| serde_json::from_value(kept.0)).transpose().map_err(anyhow::Error::from)?)
}

/// The same, as it is kept.
///
/// # Errors
/// 404 where there is no such challenge.
pub fn readiness_as_kept(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<Json>> {
    challenges::table
        .find((council, challenge))
        .select(challenges::readiness)
        .first(&mut **tx)
        .or_not_found("challenge")
}

/// Opens a draft, with how everything stood that the gate looks at; refused where somebody was first.
///
/// # Errors
/// 409 where it is no draft.
pub fn set_opened(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    closes_at: Option<Instant>,
    readiness: &[Item],
) -> Result<()> {
    let now = tx.now();
    let opened = diesel::update(challenges::table.find((council, challenge)).filter(challenges::opened_at.is_null()))
        .set((
            challenges::opened_at.eq(Some(now)),
            challenges::closes_at.eq(closes_at),
            challenges::readiness.eq(Some(stored(&readiness)?)),
            challenges::version.eq(challenges::version + 1),
            challenges::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    if opened == 1 { Ok(()) } else { Err(Code::WrongState.because("This challenge has been opened already.").into()) }
}

/// Closes an open challenge now.
///
/// # Errors
/// What the database answers.
pub fn set_closed(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(challenges::table.find((council, challenge)))
        .set((
            challenges::closes_at.eq(Some(now)),
            challenges::version.eq(challenges::version + 1),
            challenges::updated_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

fn touch(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(challenges::table.find((council, challenge)))
        .set((challenges::version.eq(challenges::version + 1), challenges::updated_at.eq(now)))
        .execute(&mut **tx)?;
    Ok(())
}
