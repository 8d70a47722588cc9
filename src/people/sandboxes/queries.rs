//! All the SQL of sandboxes.

use diesel::prelude::*;

use crate::accountability::calendars::queries::copy_calendar;
use crate::accountability::open_door::queries::{insert_threshold, list_thresholds};
use crate::participation::challenges::model::{PromiseRow, Whole};
use crate::participation::challenges::queries as challenges_of;
use crate::people::accounts::model::AccountRow;
use crate::people::accounts::queries::{NewAccount, insert_account, set_password};
use crate::people::councils::model::Council;
use crate::people::councils::queries::{
    NewCouncil, council_by_id, insert_council, insert_ground, insert_notice, latest_notice, list_grounds,
};
use crate::people::offices::queries::{insert_office, list_offices};
use crate::platform::db::personal::Holding;
use crate::platform::db::schema::{HOLDINGS, accounts, api_keys as keys, challenges, councils, promises, sandbox_keys};
use crate::platform::db::{Id, Instant, Json, Tx, dialect};
use crate::platform::error::{Error, Result};
use crate::process::screening::queries::{all_word_lists, set_word_list};
use crate::vocabulary::{AccountState, Role};

/// Challenges, and offices, that are copied at most.
const MOST: i64 = 100;

/// Stands where a council has the address of a decision-maker; nobody can have such a one (RFC 2606).
const NOWHERE: &str = "nobody@sandbox.invalid";

/// The tables that belong to councils, in an order in which nothing is left that points to what is gone. The audit log stays for
/// its time, as everywhere.
pub fn held() -> impl Iterator<Item = &'static str> {
    let of_a_council = |holding: &&&Holding| holding.columns.iter().any(|column| column.name == "council_id");
    HOLDINGS.iter().rev().filter(of_a_council).map(|holding| holding.table).filter(|table| *table != "audit_events")
}

/// The sandbox of a council, where it has one.
///
/// # Errors
/// What the database answers.
pub fn find_sandbox(tx: &mut Tx<'_>, council: Id) -> Result<Option<Id>> {
    Ok(councils::table
        .filter(councils::sandbox_of.eq(council))
        .filter(councils::rehearsal_of.is_null())
        .filter(councils::sandbox_ended_at.is_null())
        .select(councils::id)
        .first(&mut **tx)
        .optional()?)
}

/// Whether a council is a sandbox, in use or not.
///
/// # Errors
/// What the database answers.
pub fn is_sandbox(tx: &mut Tx<'_>, council: Id) -> Result<bool> {
    let sandbox = councils::table.find(council).filter(councils::sandbox_of.is_not_null());
    Ok(diesel::select(diesel::dsl::exists(sandbox)).get_result(&mut **tx)?)
}

/// Copies a council for programs with test keys, with its challenges. Two moderators who are nobody let them pass the gate.
///
/// # Errors
/// What the database answers.
pub fn make_sandbox(tx: &mut Tx<'_>, live: Id) -> Result<Id> {
    let made = copy_council(tx, live, None)?;
    for (row, _) in challenges_of::list_challenges(tx, live, true, None, MOST)? {
        let whole = challenges_of::find_whole(tx, live, row.id, true)?;
        let readiness = challenges_of::readiness_as_kept(tx, live, row.id)?;
        copy_challenge(tx, made, whole, readiness)?;
    }
    for n in 1..=2 {
        insert_nobody(tx, made, Role::Moderator, &format!("Sandbox moderator {n}"))?;
    }
    Ok(made)
}

/// Copies how a council is set up, for a sandbox or for the rehearsal of one of its challenges, and nothing that is about anybody:
/// no people, ideas, votes, addresses or secrets.
///
/// # Errors
/// What the database answers.
pub fn copy_council(tx: &mut Tx<'_>, live: Id, rehearsal_of: Option<Id>) -> Result<Id> {
    let of = council_by_id(tx, live)?;
    let made = insert_council(
        tx,
        &NewCouncil {
            // No address can name it.
            slug: format!("~{}", Id::random()),
            name: of.name.clone(),
            time_zone: of.time_zone.clone(),
            language: of.language.clone(),
            idea_prefix: of.idea_prefix.clone(),
            site_url: of.site_url.clone(),
        },
    )?;
    diesel::update(councils::table.find(made.id))
        .set((
            councils::sandbox_of.eq(Some(live)),
            councils::rehearsal_of.eq(rehearsal_of),
            councils::staff_second_factor.eq(of.staff_second_factor),
            councils::minimum_age.eq(of.minimum_age),
            councils::under_18.eq(of.under_18),
            councils::proof_of_work.eq(of.proof_of_work),
            councils::mail_domains_allowed.eq(&of.mail_domains_allowed),
            councils::mail_domains_refused.eq(&of.mail_domains_refused),
            councils::publish_clean_by_clock.eq(of.publish_clean_by_clock),
            councils::no_new_challenges_while_overdue.eq(of.no_new_challenges_while_overdue),
            councils::silence_in_merges.eq(of.silence_in_merges),
        ))
        .execute(&mut **tx)?;
    for ground in list_grounds(tx, live)? {
        insert_ground(tx, made.id, &ground)?;
    }
    for (language, words) in all_word_lists(tx, live)? {
        set_word_list(tx, made.id, &language, &words, 0)?;
    }
    if let Some((_, body, _)) = latest_notice(tx, live)? {
        insert_notice(tx, made.id, &body)?;
    }
    copy_calendar(tx, live, made.id)?;
    for office in list_offices(tx, live, None, MOST)? {
        insert_office(tx, made.id, &office.name)?;
    }
    Ok(made.id)
}

/// Copies a challenge under the same id, so that a program changes its key and nothing else. The decision-maker is nobody.
///
/// # Errors
/// What the database answers.
pub fn copy_challenge(tx: &mut Tx<'_>, sandbox: Id, whole: Whole, readiness: Option<Json>) -> Result<()> {
    let Whole { row, phases, categories, background, promise, .. } = whole;
    let eligibility = Json(serde_json::to_value(&row.eligibility).map_err(anyhow::Error::from)?);
    diesel::insert_into(challenges::table)
        .values((
            challenges::council_id.eq(sandbox),
            challenges::id.eq(row.id),
            challenges::kind.eq(row.kind),
            challenges::title.eq(row.title),
            challenges::question.eq(row.question),
            challenges::body.eq(row.body),
            challenges::language.eq(row.language),
            challenges::moderation.eq(row.moderation),
            challenges::trusted_after.eq(row.trusted_after),
            challenges::voting_rule.eq(row.voting_rule),
            challenges::eligibility.eq(eligibility),
            challenges::background.eq(Json(serde_json::to_value(&background).map_err(anyhow::Error::from)?)),
            challenges::readiness.eq(readiness),
            challenges::opened_at.eq(row.opened_at),
            challenges::closes_at.eq(row.closes_at),
            challenges::version.eq(row.version),
            challenges::created_at.eq(row.created_at),
            challenges::updated_at.eq(row.created_at),
        ))
        .execute(&mut **tx)?;
    challenges_of::set_phases(tx, sandbox, row.id, &phases)?;
    let categories: Vec<_> = categories.into_iter().map(|category| (category.key, category.label)).collect();
    challenges_of::set_categories(tx, sandbox, row.id, &categories)?;
    for threshold in list_thresholds(tx, row.council_id, row.id)? {
        insert_threshold(tx, sandbox, row.id, &threshold)?;
    }
    let Some(promise) = promise else { return Ok(()) };
    let accepted_at = promise.accepted_at;
    challenges_of::set_promise(tx, sandbox, row.id, &PromiseRow { decision_email: NOWHERE.into(), ..promise })?;
    diesel::update(promises::table.find((sandbox, row.id)))
        .set(promises::accepted_at.eq(accepted_at))
        .execute(&mut **tx)?;
    diesel::update(challenges::table.find((sandbox, row.id)))
        .set(challenges::version.eq(row.version))
        .execute(&mut **tx)?;
    Ok(())
}

/// An account that is nobody's: without an address or a password, so that nobody signs in with it.
///
/// # Errors
/// What the database answers.
pub fn insert_nobody(tx: &mut Tx<'_>, sandbox: Id, role: Role, name: &str) -> Result<Id> {
    let key = format!("sandbox:{}", Id::random());
    let (email, password_hash, state) = ("", "", AccountState::Active);
    let new = NewAccount { email, email_key: &key, display_name: name, password_hash, role, state };
    let account = insert_account(tx, sandbox, &new)?.ok_or_else(Error::busy)?;
    set_password(tx, sandbox, account, None)?;
    Ok(account)
}

/// Gives a test key somebody to be in a sandbox.
///
/// # Errors
/// What the database answers.
pub fn insert_part(tx: &mut Tx<'_>, sandbox: Id, key: Id, role: Role) -> Result<()> {
    let now = tx.now();
    let account = insert_nobody(tx, sandbox, role, &format!("Sandbox {}", role.as_str()))?;
    diesel::insert_into(sandbox_keys::table)
        .values((
            sandbox_keys::council_id.eq(sandbox),
            sandbox_keys::key_id.eq(key),
            sandbox_keys::account_id.eq(account),
            sandbox_keys::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Where a test key of a council leads, and who it is there.
///
/// # Errors
/// What the database answers.
pub fn find_part(tx: &mut Tx<'_>, council: Id, key: Id) -> Result<Option<(Council, AccountRow)>> {
    Ok(sandbox_keys::table
        .inner_join(councils::table.on(councils::id.eq(sandbox_keys::council_id)))
        .inner_join(
            accounts::table
                .on(accounts::council_id.eq(sandbox_keys::council_id).and(accounts::id.eq(sandbox_keys::account_id))),
        )
        .filter(sandbox_keys::key_id.eq(key))
        .filter(councils::sandbox_of.eq(council))
        .filter(councils::sandbox_ended_at.is_null())
        .filter(accounts::state.eq(AccountState::Active))
        .select((Council::as_select(), AccountRow::as_select()))
        .first(&mut **tx)
        .optional()?)
}

/// The keys that lead to a sandbox and are still good, with the role that each plays.
///
/// # Errors
/// What the database answers.
pub fn keys_of(tx: &mut Tx<'_>, council: Id, sandbox: Id) -> Result<Vec<(Id, Role)>> {
    let now = tx.now();
    Ok(sandbox_keys::table
        .inner_join(keys::table.on(keys::id.eq(sandbox_keys::key_id)))
        .inner_join(
            accounts::table
                .on(accounts::council_id.eq(sandbox_keys::council_id).and(accounts::id.eq(sandbox_keys::account_id))),
        )
        .filter(sandbox_keys::council_id.eq(sandbox))
        .filter(keys::council_id.eq(council))
        .filter(keys::ended_at.is_null())
        .filter(keys::expires_at.gt(now))
        .select((sandbox_keys::key_id, accounts::role))
        .load(&mut **tx)?)
}

/// The sandboxes in use, each with the council that it is of.
///
/// # Errors
/// What the database answers.
pub fn list_sandboxes(tx: &mut Tx<'_>) -> Result<Vec<(Id, Id)>> {
    let all: Vec<(Id, Option<Id>)> = councils::table
        .filter(councils::sandbox_of.is_not_null())
        .filter(councils::rehearsal_of.is_null())
        .filter(councils::sandbox_ended_at.is_null())
        .select((councils::id, councils::sandbox_of))
        .load(&mut **tx)?;
    Ok(all.into_iter().filter_map(|(sandbox, of)| Some((sandbox, of?))).collect())
}

/// Ends a sandbox: no key leads there any more.
///
/// # Errors
/// What the database answers.
pub fn end_sandbox(tx: &mut Tx<'_>, sandbox: Id) -> Result<()> {
    let now = tx.now();
    diesel::update(councils::table.find(sandbox).filter(councils::sandbox_of.is_not_null()))
        .set(councils::sandbox_ended_at.eq(Some(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// Deletes all that a sandbox held, if it is one and has ended.
///
/// # Errors
/// What the database answers.
pub fn empty_sandbox(tx: &mut Tx<'_>, sandbox: Id) -> Result<()> {
    let ended: Option<Option<Instant>> = councils::table
        .find(sandbox)
        .filter(councils::sandbox_of.is_not_null())
        .select(councils::sandbox_ended_at)
        .first(&mut **tx)
        .optional()?;
    if ended.flatten().is_some() {
        for table in held() {
            dialect::forget_council(tx, table, sandbox)?;
        }
    }
    Ok(())
}
