//! All the SQL of verification.

use std::time::Duration;

use diesel::prelude::*;

use super::model::{Facts, Shown, VerificationRow};
use super::rules::GOOD_FOR_DAYS;
use crate::accountability::open_door;
use crate::each;
use crate::platform::db::schema::{
    accounts, area_postcodes, letter_codes, participations, register_entries, verifications,
};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Code, OrNotFound as _, Result};
use crate::vocabulary::{AccountKind, AgeBand};

type Known = (AccountKind, Option<AgeBand>, bool, Option<VerificationRow>);

/// What is known of a resident now.
///
/// # Errors
/// 404 where there is no such account.
pub fn facts_of(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<Facts> {
    let now = tx.now();
    let found = each!(&mut **tx, c => accounts::table
        .left_join(
            verifications::table.on(verifications::council_id
                .eq(accounts::council_id)
                .and(verifications::account_id.eq(accounts::id))
                .and(verifications::good_until.gt(now))),
        )
        .filter(accounts::council_id.eq(council))
        .filter(accounts::id.eq(account))
        .select((
            accounts::kind,
            accounts::age_band,
            accounts::protected,
            Option::<VerificationRow>::as_select(),
        ))
        .first::<Known>(c));
    let (kind, age_band, protected, verified) = found.or_not_found("account")?;
    let takes_part_in = match kind {
        AccountKind::Full => Vec::new(),
        AccountKind::Ephemeral => participations::table
            .filter(participations::council_id.eq(council))
            .filter(participations::account_id.eq(account))
            .select(participations::challenge_id)
            .load(&mut **tx)?,
    };
    Ok(Facts { verified, age_band, protected, kind, takes_part_in })
}

/// Writes down what an account has shown, in place of what it showed before. One entry or letter is one account: the
/// unique key says so, and who comes second hears what everybody hears (case C1).
///
/// # Errors
/// 422 where the tag is another account's.
pub fn record(tx: &mut Tx<'_>, council: Id, account: Id, shown: &Shown) -> Result<()> {
    let now = tx.now();
    diesel::delete(verifications::table.find((council, account))).execute(&mut **tx)?;
    // What somebody showed and has not shown again in its time keeps nobody else out.
    if let Some(tag) = &shown.tag {
        let over = verifications::table
            .filter(verifications::council_id.eq(council))
            .filter(verifications::tag.eq(tag))
            .filter(verifications::good_until.le(now));
        diesel::delete(over).execute(&mut **tx)?;
    }
    let written = each!(&mut **tx, c => diesel::insert_into(verifications::table)
        .values((
            verifications::council_id.eq(council),
            verifications::account_id.eq(account),
            verifications::method.eq(shown.method),
            verifications::ward.eq(&shown.ward),
            verifications::office.eq(&shown.office),
            verifications::tag.eq(&shown.tag),
            verifications::verified_at.eq(now),
            verifications::good_until.eq(now.plus(Duration::from_secs(GOOD_FOR_DAYS * 86_400))),
        ))
        .on_conflict_do_nothing()
        .execute(c))?;
    if written != 1 {
        return Err(Code::NotVerified.problem().into());
    }
    open_door::jobs::verified(tx, council, account)
}

/// Forgets what an account has shown by a tag.
///
/// # Errors
/// What the database answers.
pub fn forget(tx: &mut Tx<'_>, council: Id, account: Id, tag: Option<&str>) -> Result<()> {
    let shown = verifications::table.find((council, account)).filter(verifications::tag.eq(tag));
    diesel::delete(shown).execute(&mut **tx)?;
    Ok(())
}

/// The ward of a postcode in the council's list.
///
/// # Errors
/// What the database answers.
pub fn ward_of_postcode(tx: &mut Tx<'_>, council: Id, postcode: &str) -> Result<Option<String>> {
    Ok(area_postcodes::table.find((council, postcode)).select(area_postcodes::ward).first(&mut **tx).optional()?)
}

/// Uses a code up: of many at once exactly one succeeds (case B9). Gives its ward.
///
/// # Errors
/// What the database answers.
pub fn use_code(tx: &mut Tx<'_>, council: Id, mac: &str) -> Result<Option<Option<String>>> {
    let now = tx.now();
    let code = letter_codes::table
        .find((council, mac))
        .filter(letter_codes::used_at.is_null())
        .filter(letter_codes::expires_at.gt(now));
    Ok(diesel::update(code)
        .set(letter_codes::used_at.eq(Some(now)))
        .returning(letter_codes::ward)
        .get_result(&mut **tx)
        .optional()?)
}

/// The ward of an entry of the register.
///
/// # Errors
/// What the database answers.
pub fn ward_of_entry(tx: &mut Tx<'_>, council: Id, tag: &str) -> Result<Option<Option<String>>> {
    Ok(register_entries::table.find((council, tag)).select(register_entries::ward).first(&mut **tx).optional()?)
}

/// Adds postcodes to the council's list, in place of all that were there where it is to be replaced.
///
/// # Errors
/// What the database answers.
pub fn set_postcodes(tx: &mut Tx<'_>, council: Id, replace: bool, list: &[(String, String)]) -> Result<()> {
    if replace {
        diesel::delete(area_postcodes::table.filter(area_postcodes::council_id.eq(council))).execute(&mut **tx)?;
    }
    for (postcode, ward) in list {
        each!(&mut **tx, c => diesel::insert_into(area_postcodes::table)
            .values((
                area_postcodes::council_id.eq(council),
                area_postcodes::postcode.eq(postcode),
                area_postcodes::ward.eq(ward),
            ))
            .on_conflict((area_postcodes::council_id, area_postcodes::postcode))
            .do_update()
            .set(area_postcodes::ward.eq(ward))
            .execute(c))?;
    }
    Ok(())
}

/// Adds entries to the council's register, in place of all that were there where it is to be replaced. Who was verified
/// by one stays so.
///
/// # Errors
/// What the database answers.
pub fn set_register(tx: &mut Tx<'_>, council: Id, replace: bool, list: &[(String, Option<String>)]) -> Result<()> {
    if replace {
        diesel::delete(register_entries::table.filter(register_entries::council_id.eq(council))).execute(&mut **tx)?;
    }
    for (tag, ward) in list {
        each!(&mut **tx, c => diesel::insert_into(register_entries::table)
            .values((
                register_entries::council_id.eq(council),
                register_entries::tag.eq(tag),
                register_entries::ward.eq(ward),
            ))
            .on_conflict((register_entries::council_id, register_entries::tag))
            .do_update()
            .set(register_entries::ward.eq(ward))
            .execute(c))?;
    }
    Ok(())
}

/// Writes the codes of a batch down: their MACs and wards.
///
/// # Errors
/// What the database answers.
pub fn insert_codes(
    tx: &mut Tx<'_>,
    council: Id,
    batch: Id,
    expires_at: Instant,
    codes: &[(String, Option<String>)],
) -> Result<()> {
    for (mac, ward) in codes {
        diesel::insert_into(letter_codes::table)
            .values((
                letter_codes::council_id.eq(council),
                letter_codes::code_mac.eq(mac),
                letter_codes::batch_id.eq(batch),
                letter_codes::ward.eq(ward),
                letter_codes::expires_at.eq(expires_at),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// What the council has given: postcodes, codes that are good still, entries of the register.
///
/// # Errors
/// What the database answers.
pub fn counts(tx: &mut Tx<'_>, council: Id) -> Result<(i64, i64, i64)> {
    let now = tx.now();
    let postcodes =
        area_postcodes::table.filter(area_postcodes::council_id.eq(council)).count().get_result(&mut **tx)?;
    let codes = letter_codes::table
        .filter(letter_codes::council_id.eq(council))
        .filter(letter_codes::used_at.is_null())
        .filter(letter_codes::expires_at.gt(now))
        .count()
        .get_result(&mut **tx)?;
    let entries =
        register_entries::table.filter(register_entries::council_id.eq(council)).count().get_result(&mut **tx)?;
    Ok((postcodes, codes, entries))
}
