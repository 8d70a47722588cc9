//! All the SQL of councils.

use diesel::prelude::*;
use serde_json::json;

use super::model::{Council, Ground};
use crate::each;
use crate::platform::db::schema::{councils, grounds, idea_numbers, privacy_notices};
use crate::platform::db::{Hold, Id, Instant, Json, Root, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::vocabulary::{MergeSilence, ProofOfWork, Under18};

/// A council by its slug or id. Sandboxes have no address: only a test key leads to one.
///
/// # Errors
/// What the database answers.
pub fn find_council(tx: &mut Tx<'_>, reference: &str) -> Result<Option<Council>> {
    let found = each!(&mut **tx, c => {
        let query = councils::table.filter(councils::sandbox_of.is_null()).select(Council::as_select());
        match reference.parse::<Id>() {
            Ok(id) => query.filter(councils::id.eq(id)).first(c),
            Err(_) => query.filter(councils::slug.eq(reference)).first(c),
        }
    });
    Ok(found.optional()?)
}

/// A council.
///
/// # Errors
/// 404 where there is none.
pub fn council_by_id(tx: &mut Tx<'_>, id: Id) -> Result<Council> {
    councils::table.find(id).select(Council::as_select()).first(&mut **tx).or_not_found("council")
}

/// Every council, by name in addresses, without sandboxes.
///
/// # Errors
/// What the database answers.
pub fn list_councils(tx: &mut Tx<'_>) -> Result<Vec<Council>> {
    Ok(councils::table
        .filter(councils::sandbox_of.is_null())
        .order(councils::slug)
        .limit(1_000)
        .select(Council::as_select())
        .load(&mut **tx)?)
}

/// What a new council is made of.
#[derive(Clone, Debug)]
pub struct NewCouncil {
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// IANA time zone.
    pub time_zone: String,
    /// BCP 47.
    pub language: String,
    /// What idea numbers begin with.
    pub idea_prefix: String,
    /// Where its frontend is.
    pub site_url: String,
}

/// Makes a council.
///
/// # Errors
/// 409 where the slug is taken.
pub fn insert_council(tx: &mut Tx<'_>, new: &NewCouncil) -> Result<Council> {
    let (id, now) = (Id::at(tx.now()), tx.now());
    let inserted = each!(&mut **tx, c => diesel::insert_into(councils::table)
        .values((
            councils::id.eq(id),
            councils::slug.eq(&new.slug),
            councils::name.eq(&new.name),
            councils::time_zone.eq(&new.time_zone),
            councils::language.eq(&new.language),
            councils::idea_prefix.eq(&new.idea_prefix),
            councils::site_url.eq(&new.site_url),
            councils::staff_second_factor.eq(false),
            councils::minimum_age.eq(13),
            councils::under_18.eq(Under18::Allowed),
            councils::proof_of_work.eq(ProofOfWork::WhenAsked),
            councils::mail_domains_allowed.eq(Json(json!([]))),
            councils::mail_domains_refused.eq(Json(json!([]))),
            councils::publish_clean_by_clock.eq(false),
            councils::no_new_challenges_while_overdue.eq(false),
            councils::silence_in_merges.eq(MergeSilence::Consent),
            councils::version.eq(1_i64),
            councils::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Code::AlreadyExists.because("There is a council with this slug. Choose another.").into());
    }
    diesel::insert_into(idea_numbers::table)
        .values((idea_numbers::council_id.eq(id), idea_numbers::last_number.eq(1_000_i64)))
        .execute(&mut **tx)?;
    council_by_id(tx, id)
}

/// Puts changed settings in force, unless somebody else has changed them since they were read.
///
/// # Errors
/// 412 where somebody has.
pub fn update_council(tx: &mut Tx<'_>, changed: &Council) -> Result<Council> {
    let updated = diesel::update(councils::table.find(changed.id).filter(councils::version.eq(changed.version)))
        .set((
            councils::name.eq(&changed.name),
            councils::site_url.eq(&changed.site_url),
            councils::staff_second_factor.eq(changed.staff_second_factor),
            councils::minimum_age.eq(changed.minimum_age),
            councils::under_18.eq(changed.under_18),
            councils::proof_of_work.eq(changed.proof_of_work),
            councils::mail_domains_allowed.eq(&changed.mail_domains_allowed),
            councils::mail_domains_refused.eq(&changed.mail_domains_refused),
            councils::publish_clean_by_clock.eq(changed.publish_clean_by_clock),
            councils::silence_in_merges.eq(changed.silence_in_merges),
            councils::no_new_challenges_while_overdue.eq(changed.no_new_challenges_while_overdue),
            councils::version.eq(changed.version.saturating_add(1)),
        ))
        .execute(&mut **tx)?;
    if updated == 0 {
        return Err(Code::Changed.problem().into());
    }
    council_by_id(tx, changed.id)
}

/// The next public number of an idea.
///
/// # Errors
/// What the database answers.
pub fn next_idea_number(tx: &mut Tx<'_>, council: Id) -> Result<i64> {
    Ok(diesel::update(idea_numbers::table.find(council))
        .set(idea_numbers::last_number.eq(idea_numbers::last_number + 1))
        .returning(idea_numbers::last_number)
        .get_result(&mut **tx)?)
}

/// Publishes a further version of the privacy notice.
///
/// # Errors
/// What the database answers.
pub fn insert_notice(tx: &mut Tx<'_>, council: Id, body: &str) -> Result<(i32, Instant)> {
    // Versions are counted one after the other.
    tx.hold(Root::Council, council, council, Hold::Alone)?;
    let version = latest_notice(tx, council)?.map_or(1, |(version, ..)| version.saturating_add(1));
    let now = tx.now();
    diesel::insert_into(privacy_notices::table)
        .values((
            privacy_notices::council_id.eq(council),
            privacy_notices::version.eq(version),
            privacy_notices::body.eq(body),
            privacy_notices::published_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok((version, now))
}

/// The privacy notice in force: version, text, since when.
///
/// # Errors
/// What the database answers.
pub fn latest_notice(tx: &mut Tx<'_>, council: Id) -> Result<Option<(i32, String, Instant)>> {
    Ok(privacy_notices::table
        .filter(privacy_notices::council_id.eq(council))
        .order(privacy_notices::version.desc())
        .select((privacy_notices::version, privacy_notices::body, privacy_notices::published_at))
        .first(&mut **tx)
        .optional()?)
}

/// Writes a ground.
///
/// # Errors
/// 409 where the code is taken.
pub fn insert_ground(tx: &mut Tx<'_>, council: Id, ground: &Ground) -> Result<()> {
    let now = tx.now();
    let inserted = each!(&mut **tx, c => diesel::insert_into(grounds::table)
        .values((
            grounds::council_id.eq(council),
            grounds::code.eq(&ground.code),
            grounds::title.eq(&ground.title),
            grounds::body.eq(&ground.body),
            grounds::safeguarding.eq(ground.safeguarding),
            grounds::created_at.eq(now),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Code::AlreadyExists.because("There is a ground with this code. Choose another.").into());
    }
    Ok(())
}

/// The council's grounds.
///
/// # Errors
/// What the database answers.
pub fn list_grounds(tx: &mut Tx<'_>, council: Id) -> Result<Vec<Ground>> {
    Ok(grounds::table
        .filter(grounds::council_id.eq(council))
        .order(grounds::code)
        .select(Ground::as_select())
        .load(&mut **tx)?)
}

/// One ground.
///
/// # Errors
/// What the database answers.
pub fn find_ground(tx: &mut Tx<'_>, council: Id, code: &str) -> Result<Option<Ground>> {
    Ok(grounds::table.find((council, code)).select(Ground::as_select()).first(&mut **tx).optional()?)
}
