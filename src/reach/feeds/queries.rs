//! The reading of feeds. The tables belong to other rooms, which write them.

use diesel::prelude::*;

use super::model::{Answered, Item, Key, Updated, What};
use crate::platform::db::schema::{answers, challenges, ideas, outcomes, update_revisions, updates};
use crate::platform::db::{Id, Instant, Tx};
use crate::platform::error::{OrNotFound as _, Result};
use crate::vocabulary::{AnswerKind, IdeaState};

type AnswerColumns = (Id, i32, AnswerKind, String, String, Instant);
type AnswerLoaded = (AnswerColumns, (Id, i64, String, Option<Id>), (Id, String));

/// The answers before a key, newest first; only to ideas that everybody sees.
///
/// # Errors
/// What the database answers.
pub fn answers_before(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Option<Id>,
    before: Option<Key>,
    limit: i64,
) -> Result<Vec<Item>> {
    let mut query = answers::table
        .inner_join(ideas::table.on(ideas::council_id.eq(answers::council_id).and(ideas::id.eq(answers::idea_id))))
        .inner_join(
            challenges::table
                .on(challenges::council_id.eq(answers::council_id).and(challenges::id.eq(answers::challenge_id))),
        )
        .filter(answers::council_id.eq(council))
        .filter(ideas::state.eq(IdeaState::Published))
        .into_boxed();
    if let Some(challenge) = challenge {
        query = query.filter(answers::challenge_id.eq(challenge));
    }
    if let Some((at, id)) = before {
        query = query.filter(answers::answered_at.le(at)).filter(answers::answered_at.lt(at).or(answers::id.lt(id)));
    }
    let rows: Vec<AnswerLoaded> = query
        .order((answers::answered_at.desc(), answers::id.desc()))
        .limit(limit)
        .select((
            (answers::id, answers::revision, answers::kind, answers::office, answers::reason, answers::answered_at),
            (ideas::id, ideas::number, ideas::title, ideas::answer_id),
            (challenges::id, challenges::title),
        ))
        .load(&mut **tx)?;
    let item =
        |((id, revision, kind, office, text, at), (idea, number, title, holds), (challenge, challenge_title))| Item {
            at,
            id,
            challenge,
            challenge_title,
            text,
            what: What::Answer(Answered { idea, number, title, office, kind, revision, superseded: holds != Some(id) }),
        };
    Ok(rows.into_iter().map(item).collect())
}

/// The outcomes before a key, newest first.
///
/// # Errors
/// What the database answers.
pub fn outcomes_before(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Option<Id>,
    before: Option<Key>,
    limit: i64,
) -> Result<Vec<Item>> {
    let mut query = outcomes::table
        .inner_join(
            challenges::table
                .on(challenges::council_id.eq(outcomes::council_id).and(challenges::id.eq(outcomes::challenge_id))),
        )
        .filter(outcomes::council_id.eq(council))
        .into_boxed();
    if let Some(challenge) = challenge {
        query = query.filter(outcomes::challenge_id.eq(challenge));
    }
    if let Some((at, id)) = before {
        query = query
            .filter(outcomes::published_at.le(at))
            .filter(outcomes::published_at.lt(at).or(outcomes::challenge_id.lt(id)));
    }
    let rows: Vec<(Id, String, String, Instant)> = query
        .order((outcomes::published_at.desc(), outcomes::challenge_id.desc()))
        .limit(limit)
        .select((outcomes::challenge_id, challenges::title, outcomes::summary, outcomes::published_at))
        .load(&mut **tx)?;
    let item =
        |(id, challenge_title, text, at)| Item { at, id, challenge: id, challenge_title, text, what: What::Outcome };
    Ok(rows.into_iter().map(item).collect())
}

type UpdateLoaded = ((Id, Instant), (i32, String, String, String, Option<String>), (Id, String));

/// The updates before a key, each in the revision that holds, newest first.
///
/// # Errors
/// What the database answers.
pub fn updates_before(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Option<Id>,
    before: Option<Key>,
    limit: i64,
) -> Result<Vec<Item>> {
    let holds = update_revisions::council_id
        .eq(updates::council_id)
        .and(update_revisions::update_id.eq(updates::id))
        .and(update_revisions::revision.eq(updates::revision));
    let mut query = updates::table
        .inner_join(update_revisions::table.on(holds))
        .inner_join(
            challenges::table
                .on(challenges::council_id.eq(updates::council_id).and(challenges::id.eq(updates::challenge_id))),
        )
        .filter(updates::council_id.eq(council))
        .into_boxed();
    if let Some(challenge) = challenge {
        query = query.filter(updates::challenge_id.eq(challenge));
    }
    if let Some((at, id)) = before {
        query = query.filter(updates::revised_at.le(at)).filter(updates::revised_at.lt(at).or(updates::id.lt(id)));
    }
    let rows: Vec<UpdateLoaded> = query
        .order((updates::revised_at.desc(), updates::id.desc()))
        .limit(limit)
        .select((
            (updates::id, updates::revised_at),
            (
                update_revisions::revision,
                update_revisions::title,
                update_revisions::office,
                update_revisions::body,
                update_revisions::correction,
            ),
            (challenges::id, challenges::title),
        ))
        .load(&mut **tx)?;
    let item = |((id, at), (revision, title, office, text, correction), (challenge, challenge_title))| {
        let what = What::Update(Updated { title, office, revision, correction });
        Item { at, id, challenge, challenge_title, text, what }
    };
    Ok(rows.into_iter().map(item).collect())
}

/// The title of a challenge that was opened.
///
/// # Errors
/// 404 where there is none.
pub fn challenge_title(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<String> {
    challenges::table
        .find((council, challenge))
        .filter(challenges::opened_at.is_not_null())
        .select(challenges::title)
        .first::<String>(&mut **tx)
        .or_not_found("challenge")
}
