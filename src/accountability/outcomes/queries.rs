//! All the SQL of outcomes.

use diesel::prelude::*;

use super::model::{Linked, NewLink, OutcomeDraft, OutcomeRow};
use crate::each;
use crate::platform::db::schema::{challenges, ideas, outcome_ideas, outcomes};
use crate::platform::db::{Id, Json, Tx};
use crate::platform::error::{Code, Result};
use crate::vocabulary::IdeaState;

/// The outcome of a challenge.
///
/// # Errors
/// What the database answers.
pub fn find_outcome(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<OutcomeRow>> {
    Ok(outcomes::table.find((council, challenge)).select(OutcomeRow::as_select()).first(&mut **tx).optional()?)
}

/// Writes the first version of an outcome, or the one after `version`; gives the new version.
///
/// # Errors
/// 412 where somebody else was first.
pub fn write_outcome(
    tx: &mut Tx<'_>,
    (council, challenge): (Id, Id),
    version: Option<i64>,
    draft: &OutcomeDraft,
    officer: Id,
) -> Result<i64> {
    let now = tx.now();
    let (summary, next_steps) = (&draft.summary, &draft.next_steps);
    let themes = Json(serde_json::to_value(&draft.themes).map_err(anyhow::Error::from)?);
    let next = version.unwrap_or(0).saturating_add(1);
    let written = match version {
        None => each!(&mut **tx, c => diesel::insert_into(outcomes::table)
            .values((
                outcomes::council_id.eq(council),
                outcomes::challenge_id.eq(challenge),
                outcomes::summary.eq(summary),
                outcomes::themes.eq(&themes),
                outcomes::next_steps.eq(next_steps),
                outcomes::published_by.eq(officer),
                outcomes::published_at.eq(now),
                outcomes::version.eq(next),
            ))
            .on_conflict_do_nothing()
            .execute(c))?,
        Some(version) => {
            diesel::update(outcomes::table.find((council, challenge)).filter(outcomes::version.eq(version)))
                .set((
                    outcomes::summary.eq(summary),
                    outcomes::themes.eq(&themes),
                    outcomes::next_steps.eq(next_steps),
                    outcomes::published_by.eq(officer),
                    outcomes::published_at.eq(now),
                    outcomes::version.eq(next),
                ))
                .execute(&mut **tx)?
        }
    };
    if written == 0 { Err(Code::Changed.problem().into()) } else { Ok(next) }
}

/// Puts these links in the place of the old ones.
///
/// # Errors
/// What the database answers.
pub fn replace_links(tx: &mut Tx<'_>, council: Id, challenge: Id, links: &Vec<NewLink>) -> Result<()> {
    diesel::delete(
        outcome_ideas::table
            .filter(outcome_ideas::council_id.eq(council))
            .filter(outcome_ideas::challenge_id.eq(challenge)),
    )
    .execute(&mut **tx)?;
    if !links.is_empty() {
        each!(&mut **tx, c => diesel::insert_into(outcome_ideas::table).values(links).execute(c))?;
    }
    Ok(())
}

/// The ideas in an outcome that everybody sees, in their order.
///
/// # Errors
/// What the database answers.
pub fn links(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<Linked>> {
    Ok(outcome_ideas::table
        .inner_join(
            ideas::table.on(ideas::council_id.eq(outcome_ideas::council_id).and(ideas::id.eq(outcome_ideas::idea_id))),
        )
        .filter(outcome_ideas::council_id.eq(council))
        .filter(outcome_ideas::challenge_id.eq(challenge))
        .filter(ideas::state.eq(IdeaState::Published))
        .order(outcome_ideas::position.asc())
        .select((ideas::id, ideas::number, ideas::title, ideas::status, outcome_ideas::what_became_of_it))
        .load(&mut **tx)?)
}

/// The title of a challenge and the summary of its outcome.
///
/// # Errors
/// What the database answers.
pub fn find_told(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<(String, String)>> {
    Ok(outcomes::table
        .inner_join(
            challenges::table
                .on(challenges::council_id.eq(outcomes::council_id).and(challenges::id.eq(outcomes::challenge_id))),
        )
        .filter(outcomes::council_id.eq(council))
        .filter(outcomes::challenge_id.eq(challenge))
        .select((challenges::title, outcomes::summary))
        .first(&mut **tx)
        .optional()?)
}
