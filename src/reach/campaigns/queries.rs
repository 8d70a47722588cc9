//! All the SQL of campaigns.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::model::{CampaignDraft, CampaignRow, Count};
use super::rules;
use crate::accountability::promises::calendar::day_of;
use crate::each;
use crate::platform::db::schema::{campaign_counts as counts, campaigns, councils};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{Error, OrNotFound as _, Result};
use crate::vocabulary::CampaignAction;

/// Codes tried before giving up; with 8.5 * 10^11 of them even two are rare.
const TRIES: usize = 5;

/// Makes a campaign with a code of its own.
///
/// # Errors
/// What the database answers.
pub fn insert_campaign(tx: &mut Tx<'_>, council: Id, draft: &CampaignDraft) -> Result<CampaignRow> {
    let now = tx.now();
    for _ in 0..TRIES {
        let row = CampaignRow {
            id: Id::at(now),
            code: rules::code(rand::random()),
            name: draft.name.clone(),
            channel: draft.channel.clone(),
            target_url: draft.target_url.clone(),
            created_at: now,
        };
        let inserted = each!(&mut **tx, c => diesel::insert_into(campaigns::table)
            .values((
                campaigns::council_id.eq(council),
                campaigns::id.eq(row.id),
                campaigns::code.eq(&row.code),
                campaigns::name.eq(&row.name),
                campaigns::channel.eq(&row.channel),
                campaigns::target_url.eq(&row.target_url),
                campaigns::created_at.eq(now),
            ))
            .on_conflict_do_nothing()
            .execute(c))?;
        if inserted == 1 {
            return Ok(row);
        }
    }
    Err(Error::Internal(anyhow::anyhow!("no code was free")))
}

/// A campaign.
///
/// # Errors
/// 404 where there is none.
pub fn find_campaign(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<CampaignRow> {
    campaigns::table
        .find((council, id))
        .select(CampaignRow::as_select())
        .first::<CampaignRow>(&mut **tx)
        .or_not_found("campaign")
}

/// The campaign of a code.
///
/// # Errors
/// 404 where there is none.
pub fn find_by_code(tx: &mut Tx<'_>, council: Id, code: &str) -> Result<CampaignRow> {
    campaigns::table
        .filter(campaigns::council_id.eq(council))
        .filter(campaigns::code.eq(code))
        .select(CampaignRow::as_select())
        .first::<CampaignRow>(&mut **tx)
        .or_not_found("campaign")
}

/// The campaigns before a key, newest first.
///
/// # Errors
/// What the database answers.
pub fn list_campaigns(
    tx: &mut Tx<'_>,
    council: Id,
    before: Option<(Instant, Id)>,
    limit: i64,
) -> Result<Vec<CampaignRow>> {
    let mut query = campaigns::table.filter(campaigns::council_id.eq(council)).into_boxed();
    if let Some((at, id)) = before {
        query =
            query.filter(campaigns::created_at.le(at)).filter(campaigns::created_at.lt(at).or(campaigns::id.lt(id)));
    }
    Ok(query
        .order((campaigns::created_at.desc(), campaigns::id.desc()))
        .limit(limit)
        .select(CampaignRow::as_select())
        .load(&mut **tx)?)
}

/// The counts of a campaign, by day and action.
///
/// # Errors
/// What the database answers.
pub fn counts_of(tx: &mut Tx<'_>, council: Id, campaign: Id) -> Result<Vec<Count>> {
    Ok(counts::table
        .filter(counts::council_id.eq(council))
        .filter(counts::campaign_id.eq(campaign))
        .filter(counts::n.gt(0))
        .order((counts::day.asc(), counts::action.asc()))
        .select((counts::day, counts::action, counts::n))
        .load(&mut **tx)?)
}

/// Counts one for the campaign of a code; no code and an unknown one count nothing.
///
/// # Errors
/// What the database answers.
pub fn count(tx: &mut Tx<'_>, council: Id, code: Option<&str>, action: CampaignAction) -> Result<()> {
    let Some(code) = code.and_then(rules::code_of) else { return Ok(()) };
    let campaign: Option<Id> = campaigns::table
        .filter(campaigns::council_id.eq(council))
        .filter(campaigns::code.eq(code))
        .select(campaigns::id)
        .first(&mut **tx)
        .optional()?;
    match campaign {
        Some(campaign) => add(tx, council, campaign, action, 1),
        None => Ok(()),
    }
}

/// Adds to the count of a campaign, an action and the local day of this unit.
///
/// # Errors
/// What the database answers.
pub fn add(tx: &mut Tx<'_>, council: Id, campaign: Id, action: CampaignAction, n: i64) -> Result<()> {
    let zone =
        councils::table.find(council).select(councils::time_zone).first::<String>(&mut **tx).or_not_found("council")?;
    let day = day_of(tx.now(), &zone)?.to_string();
    each!(&mut **tx, c => diesel::insert_into(counts::table)
        .values((
            counts::council_id.eq(council),
            counts::campaign_id.eq(campaign),
            counts::day.eq(&day),
            counts::action.eq(action),
            counts::n.eq(n),
        ))
        .on_conflict((counts::council_id, counts::campaign_id, counts::day, counts::action))
        .do_update()
        .set(counts::n.eq(counts::n + excluded(counts::n)))
        .execute(c))?;
    Ok(())
}
