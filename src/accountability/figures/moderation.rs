//! What moderators decide, in numbers: counted with the other figures, and read by everybody.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::{MINIMUM, Period, within};
use super::views::{CountedPeriod, Proportion, withheld};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::councils::queries::list_grounds;
use crate::platform::db::schema::{
    appeals, cases, decisions, findings, grounds, moderation_figures, sanction_appeals, sanctions, transitions,
};
use crate::platform::db::{Id, Instant, Json, Tx};
use crate::platform::error::Result;
use crate::platform::http::Reply;
use crate::platform::http::doors::{Doors, get};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AppealResult, CaseReason, DecisionKind, IdeaState, SanctionKind};

pub(super) fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_moderation_statistics);
}

/// A tenth of an hour, in microseconds.
const TENTH_OF_AN_HOUR: i64 = 360_000_000;

/// What was counted of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decided {
    from_day: String,
    until_day: String,
    quiet_days: i64,
    held: i64,
    published: i64,
    published_by_clock: i64,
    restricted: i64,
    by_ground: BTreeMap<String, i64>,
    for_safety: i64,
    in_time: i64,
    decided: i64,
    median_tenths: Option<i64>,
    found_by_screening: i64,
    appeals_made: i64,
    appeals_decided: i64,
    appeals_reversed: i64,
    appeals_lifted: i64,
    warned: i64,
    suspended: i64,
}

/// A decision, as it is counted.
#[derive(Clone, Debug, Queryable)]
struct Row {
    case: Id,
    kind: DecisionKind,
    opened_at: Instant,
    due_at: Instant,
    decided_at: Instant,
    ground: Option<String>,
    safeguarding: Option<bool>,
}

impl Decided {
    fn of(rows: &[Row], screened: &BTreeSet<Id>) -> Self {
        let mut sum = Self::default();
        let mut lasted: Vec<i64> = Vec::with_capacity(rows.len());
        for row in rows {
            lasted.push(row.decided_at.micros().saturating_sub(row.opened_at.micros()));
            sum.decided += 1;
            sum.in_time += i64::from(row.decided_at < row.due_at);
            sum.published += i64::from(matches!(row.kind, DecisionKind::Publish | DecisionKind::PublishWithEdit));
            let Some(ground) = row.ground.as_ref().filter(|_| row.kind != DecisionKind::Publish) else { continue };
            sum.restricted += 1;
            sum.found_by_screening += i64::from(screened.contains(&row.case));
            // On which ground something is withheld for somebody's safety is told to nobody.
            match row.safeguarding {
                Some(true) => sum.for_safety += 1,
                _ => *sum.by_ground.entry(ground.clone()).or_default() += 1,
            }
        }
        lasted.sort_unstable();
        Self { median_tenths: within(&lasted, 50, TENTH_OF_AN_HOUR), ..sum }
    }
}

/// Counts what was decided in a period; appeals are counted by themselves.
///
/// # Errors
/// What the database answers.
pub fn count(tx: &mut Tx<'_>, council: Id, period: &Period) -> Result<Decided> {
    let (from, until) = (period.from, period.until);
    let case = cases::council_id.eq(decisions::council_id).and(cases::id.eq(decisions::case_id));
    let rows: Vec<Row> =
        decisions::table
            .inner_join(cases::table.on(case))
            .left_join(grounds::table.on(
                grounds::council_id.eq(decisions::council_id).and(grounds::code.nullable().eq(decisions::ground_code)),
            ))
            .filter(decisions::council_id.eq(council))
            .filter(decisions::decided_at.ge(from))
            .filter(decisions::decided_at.lt(until))
            .filter(cases::reason.ne(CaseReason::Appeal))
            .select((
                decisions::case_id,
                decisions::kind,
                cases::opened_at,
                cases::due_at,
                decisions::decided_at,
                decisions::ground_code,
                grounds::safeguarding.nullable(),
            ))
            .load(&mut **tx)?;
    let screened: Vec<Id> = findings::table
        .inner_join(
            decisions::table
                .on(decisions::council_id.eq(findings::council_id).and(decisions::case_id.eq(findings::case_id))),
        )
        .filter(findings::council_id.eq(council))
        .filter(decisions::decided_at.ge(from))
        .filter(decisions::decided_at.lt(until))
        .select(findings::case_id)
        .distinct()
        .load(&mut **tx)?;
    let moved = || {
        transitions::table
            .filter(transitions::council_id.eq(council))
            .filter(transitions::at.ge(from))
            .filter(transitions::at.lt(until))
    };
    let held = moved().filter(transitions::to_state.eq(IdeaState::Held.as_str()));
    let by_clock = moved()
        .filter(transitions::from_state.eq(IdeaState::Held.as_str()))
        .filter(transitions::to_state.eq(IdeaState::Published.as_str()))
        .filter(transitions::decision_id.is_null());
    let made = appeals::table
        .filter(appeals::council_id.eq(council))
        .filter(appeals::made_at.ge(from))
        .filter(appeals::made_at.lt(until));
    let results: Vec<Option<AppealResult>> = appeals::table
        .inner_join(
            decisions::table
                .on(decisions::council_id.eq(appeals::council_id).and(decisions::case_id.eq(appeals::case_id))),
        )
        .filter(appeals::council_id.eq(council))
        .filter(decisions::decided_at.ge(from))
        .filter(decisions::decided_at.lt(until))
        .select(appeals::result)
        .load(&mut **tx)?;
    let against_people: Vec<(Option<AppealResult>, Option<Instant>)> = sanction_appeals::table
        .filter(sanction_appeals::council_id.eq(council))
        .filter(sanction_appeals::decided_at.ge(from))
        .filter(sanction_appeals::decided_at.lt(until))
        .select((sanction_appeals::result, sanction_appeals::lifted_at))
        .load(&mut **tx)?;
    let lifted = against_people.iter().filter(|(_, lifted_at)| lifted_at.is_some()).count();
    let results: Vec<_> = results.into_iter().chain(against_people.into_iter().map(|(result, _)| result)).collect();
    let made_by_people = sanction_appeals::table
        .filter(sanction_appeals::council_id.eq(council))
        .filter(sanction_appeals::made_at.ge(from))
        .filter(sanction_appeals::made_at.lt(until));
    let on_people = |kind: SanctionKind| {
        sanctions::table
            .filter(sanctions::council_id.eq(council))
            .filter(sanctions::decided_at.ge(from))
            .filter(sanctions::decided_at.lt(until))
            .filter(sanctions::kind.eq(kind))
            .count()
    };
    let upheld = results.iter().filter(|result| **result == Some(AppealResult::Upheld)).count();
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    Ok(Decided {
        from_day: period.from_day.clone(),
        until_day: period.until_day.clone(),
        quiet_days: period.quiet_days,
        held: number(
            held.select((transitions::idea_id, transitions::comment_id))
                .distinct()
                .load::<(Id, Option<Id>)>(&mut **tx)?
                .len(),
        ),
        published_by_clock: by_clock.count().get_result(&mut **tx)?,
        appeals_made: made.count().get_result::<i64>(&mut **tx)?
            + made_by_people.count().get_result::<i64>(&mut **tx)?,
        warned: on_people(SanctionKind::Warn).get_result(&mut **tx)?,
        suspended: on_people(SanctionKind::Suspend).get_result(&mut **tx)?,
        appeals_decided: number(results.len()),
        appeals_reversed: number(results.len() - upheld),
        appeals_lifted: number(lifted),
        ..Decided::of(&rows, &screened.into_iter().collect())
    })
}

/// Writes what was counted in place of what was before.
///
/// # Errors
/// What the database answers.
pub fn replace(tx: &mut Tx<'_>, council: Id, decided: &Decided) -> Result<()> {
    use moderation_figures as figures;
    let now = tx.now();
    let counted = Json(serde_json::to_value(decided).map_err(anyhow::Error::from)?);
    diesel::delete(figures::table.find(council)).execute(&mut **tx)?;
    diesel::insert_into(figures::table)
        .values((figures::council_id.eq(council), figures::figures.eq(counted), figures::counted_at.eq(now)))
        .execute(&mut **tx)?;
    Ok(())
}

/// What moderators decide.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModerationStatistics {
    /// From how many on a share or a median is told; below it stands why not.
    #[schema(example = 10)]
    pub minimum_sample: i64,
    /// The days that are counted; null before anything was.
    #[schema(required = true)]
    pub period: Option<CountedPeriod>,
    /// When that was counted, which is done once an hour.
    #[schema(required = true)]
    pub counted_at: Option<Instant>,
    /// The figures; null before anything was counted.
    #[schema(required = true)]
    pub figures: Option<ModerationFigures>,
}

/// What was decided in a period.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ModerationFigures {
    /// Ideas and comments that were held before they were public, or held again.
    #[schema(example = 140)]
    pub held: i64,
    /// Decisions that made or left an idea or a comment public.
    #[schema(example = 121)]
    pub published: i64,
    /// Ideas and comments that were published because nobody had looked at them in time, and nothing spoke against them.
    #[schema(example = 3)]
    pub published_by_clock: i64,
    /// Decisions that restricted an idea or a comment.
    #[schema(example = 16)]
    pub restricted: i64,
    /// How many of these on which ground, by its code.
    pub by_ground: Vec<GroundFigures>,
    /// How many of these for somebody's safety; on which ground is told to nobody.
    #[schema(example = 0)]
    pub for_safety: i64,
    /// The part of the restrictions in whose case a program had found something. Programs only have texts looked at: none decides.
    pub found_by_screening: Proportion,
    /// The part of all decisions that came by the promised hour.
    pub in_time: Proportion,
    /// How long decisions took.
    pub hours_to_decide: HoursToDecide,
    /// Warnings of people.
    #[schema(example = 3)]
    pub warned: i64,
    /// Suspensions of people.
    #[schema(example = 1)]
    pub suspended: i64,
    /// Appeals against all of these.
    pub appeals: AppealFigures,
}

/// Restrictions on one ground.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GroundFigures {
    /// Its code.
    #[schema(example = "personal_data")]
    pub ground: String,
    /// Its title.
    #[schema(required = true, example = "Personal data of others")]
    pub title: Option<String>,
    /// How many.
    #[schema(example = 9)]
    pub restricted: i64,
}

/// How long decisions took, from the opening of the case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HoursToDecide {
    /// Half of them came within so many hours.
    #[schema(required = true, example = 7.5)]
    pub median: Option<f64>,
    /// How many are counted.
    #[schema(example = 137)]
    pub sample: i64,
    /// Why no hours are told.
    #[schema(required = true)]
    pub withheld: Option<String>,
}

/// Appeals against decisions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct AppealFigures {
    /// Made in the period.
    #[schema(example = 4)]
    pub made: i64,
    /// Decided in the period.
    #[schema(example = 4)]
    pub decided: i64,
    /// How many of these changed the decision: reversed or amended it.
    #[schema(example = 1)]
    pub changed: i64,
    /// How many of these were reversed by lifting a suspension before anybody had decided.
    #[schema(example = 0)]
    pub lifted: i64,
    /// Those that changed the decision as a part of those decided.
    pub success: Proportion,
}

impl ModerationFigures {
    fn of(decided: &Decided, title: impl Fn(&str) -> Option<String>) -> Self {
        let tenths = decided.median_tenths.and_then(|tenths| i32::try_from(tenths).ok());
        let ground = |(code, count): (&String, &i64)| GroundFigures {
            ground: code.clone(),
            title: title(code),
            restricted: *count,
        };
        Self {
            held: decided.held,
            published: decided.published,
            published_by_clock: decided.published_by_clock,
            restricted: decided.restricted,
            by_ground: decided.by_ground.iter().map(ground).collect(),
            for_safety: decided.for_safety,
            found_by_screening: Proportion::new(decided.found_by_screening, decided.restricted),
            in_time: Proportion::new(decided.in_time, decided.decided),
            hours_to_decide: HoursToDecide {
                median: tenths.map(|tenths| f64::from(tenths) / 10.0),
                sample: decided.decided,
                withheld: withheld(decided.decided),
            },
            warned: decided.warned,
            suspended: decided.suspended,
            appeals: AppealFigures {
                made: decided.appeals_made,
                decided: decided.appeals_decided,
                changed: decided.appeals_reversed,
                lifted: decided.appeals_lifted,
                success: Proportion::new(decided.appeals_reversed, decided.appeals_decided),
            },
        }
    }
}

/// Read what moderators decide, in numbers
///
/// What was held, published and restricted, on which grounds, how long it took, and what came of appeals. Counted once an hour from
/// the 365 days before; a share of few is not told, and why stands beside it.
#[utoipa::path(tag = "Feedback", operation_id = "read_moderation_statistics", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The figures", body = ModerationStatistics)))]
#[get("/councils/{council}/moderation-statistics")]
async fn read_moderation_statistics(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let council = who.council.id;
    let read = app.db.read(move |tx| {
        let found: Option<(Json, Instant)> = moderation_figures::table
            .find(council)
            .select((moderation_figures::figures, moderation_figures::counted_at))
            .first(&mut **tx)
            .optional()?;
        Ok((found, list_grounds(tx, council)?))
    });
    let (found, known) = read.await?;
    let (decided, counted_at) = match found {
        Some((Json(figures), at)) => {
            (Some(serde_json::from_value::<Decided>(figures).map_err(anyhow::Error::from)?), Some(at))
        }
        None => (None, None),
    };
    let title = |code: &str| known.iter().find(|ground| ground.code == code).map(|ground| ground.title.clone());
    let view = ModerationStatistics {
        minimum_sample: MINIMUM,
        period: decided.as_ref().and_then(|one| CountedPeriod::new(&one.from_day, &one.until_day, one.quiet_days)),
        counted_at,
        figures: decided.as_ref().map(|one| ModerationFigures::of(one, title)),
    };
    Ok(Reply::ok(&view)?.public(60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_counted_by_what_they_do_and_by_ground_but_for_safety() {
        const HOUR: i64 = 3_600_000_000;
        let row = |n: i64, kind, ground: Option<&str>, safeguarding| Row {
            case: Id::from_text(&n.to_string()),
            kind,
            opened_at: Instant::from_micros(0),
            due_at: Instant::from_micros(5 * HOUR),
            decided_at: Instant::from_micros(n * HOUR),
            ground: ground.map(str::to_owned),
            safeguarding,
        };
        let mut rows: Vec<Row> = (0..7).map(|n| row(n, DecisionKind::Publish, None, None)).collect();
        rows.push(row(7, DecisionKind::Hide, Some("insult"), Some(false)));
        rows.push(row(8, DecisionKind::PublishWithEdit, Some("insult"), Some(false)));
        rows.push(row(9, DecisionKind::Remove, Some("danger"), Some(true)));
        let told = Decided::of(&rows, &BTreeSet::from([Id::from_text("7"), Id::from_text("1")]));
        assert_eq!((told.decided, told.published, told.restricted, told.for_safety), (10, 8, 3, 1));
        assert_eq!(told.by_ground, BTreeMap::from([("insult".to_owned(), 2)]));
        assert_eq!((told.in_time, told.found_by_screening, told.median_tenths), (5, 1, Some(40)));
        assert_eq!(Decided::of(&rows[..9], &BTreeSet::new()).median_tenths, None, "nine are few");
    }
}
