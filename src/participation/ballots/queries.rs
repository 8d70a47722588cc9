//! All the SQL of ballots. The database holds that nobody has two that count.

use diesel::prelude::*;

use super::model::{BallotMark, BallotRow, BallotTerms, OptionRow, Paper, PaperRow, ResultRow};
use crate::platform::db::schema::{ballot_options, ballot_papers, ballot_results, ballots, ideas};
use crate::platform::db::{Id, Json, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::vocabulary::{BallotState, IdeaState, Withheld};

/// What is put to the vote in a challenge.
///
/// # Errors
/// 404 where nothing is yet.
pub fn find_paper(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Paper> {
    find_paper_if_any(tx, council, challenge)?.ok_or_else(|| Error::not_found("ballot paper"))
}

/// What is put to the vote in a challenge, if anything.
///
/// # Errors
/// What the database answers.
pub fn find_paper_if_any(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<Paper>> {
    let row = ballot_papers::table
        .find((council, challenge))
        .select(PaperRow::as_select())
        .first::<PaperRow>(&mut **tx)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let options = ballot_options::table
        .inner_join(
            ideas::table
                .on(ideas::council_id.eq(ballot_options::council_id).and(ideas::id.eq(ballot_options::idea_id))),
        )
        .filter(ballot_options::council_id.eq(council))
        .filter(ballot_options::challenge_id.eq(challenge))
        .order(ballot_options::position)
        .select((ballot_options::idea_id, ideas::number, ideas::title, ideas::state, ballot_options::cost))
        .load::<(Id, i64, String, IdeaState, Option<i64>)>(&mut **tx)?;
    let option = |(idea_id, number, title, state, cost)| OptionRow {
        idea_id,
        number,
        title: matches!(state, IdeaState::Published | IdeaState::Merged).then_some(title),
        cost,
    };
    Ok(Some(Paper { row, options: options.into_iter().map(option).collect() }))
}

/// Those of these ideas that are public in the challenge.
///
/// # Errors
/// What the database answers.
pub fn public_among(tx: &mut Tx<'_>, council: Id, challenge: Id, among: &[Id]) -> Result<Vec<Id>> {
    Ok(ideas::table
        .filter(ideas::council_id.eq(council))
        .filter(ideas::challenge_id.eq(challenge))
        .filter(ideas::id.eq_any(among.to_vec()))
        .filter(ideas::state.eq(IdeaState::Published))
        .select(ideas::id)
        .load(&mut **tx)?)
}

/// Writes what is put to the vote, in place of what was. The caller holds the challenge alone.
///
/// # Errors
/// What the database answers.
pub fn write_paper(
    tx: &mut Tx<'_>,
    council: Id,
    challenge: Id,
    version: i64,
    terms: &BallotTerms,
    options: &[(Id, Option<i64>)],
) -> Result<()> {
    let now = tx.now();
    let stored = Json(serde_json::to_value(terms).map_err(anyhow::Error::from)?);
    let of = ballot_options::table
        .filter(ballot_options::council_id.eq(council))
        .filter(ballot_options::challenge_id.eq(challenge));
    diesel::delete(of).execute(&mut **tx)?;
    let written = (
        ballot_papers::version.eq(version),
        ballot_papers::rule.eq(terms.rule),
        ballot_papers::terms.eq(&stored),
        ballot_papers::updated_at.eq(now),
    );
    if version == 1 {
        diesel::insert_into(ballot_papers::table)
            .values((ballot_papers::council_id.eq(council), ballot_papers::challenge_id.eq(challenge), written))
            .execute(&mut **tx)?;
    } else {
        diesel::update(ballot_papers::table.find((council, challenge))).set(written).execute(&mut **tx)?;
    }
    for ((idea, cost), position) in options.iter().zip(1_i32..) {
        diesel::insert_into(ballot_options::table)
            .values((
                ballot_options::council_id.eq(council),
                ballot_options::challenge_id.eq(challenge),
                ballot_options::idea_id.eq(idea),
                ballot_options::position.eq(position),
                ballot_options::cost.eq(cost),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// The ballot of a voter that counts, if they have one.
///
/// # Errors
/// What the database answers.
pub fn live_ballot(tx: &mut Tx<'_>, council: Id, voter: Id) -> Result<Option<BallotRow>> {
    Ok(ballots::table
        .filter(ballots::council_id.eq(council))
        .filter(ballots::voter_id.eq(voter))
        .filter(ballots::state.eq(BallotState::Live))
        .select(BallotRow::as_select())
        .first(&mut **tx)
        .optional()?)
}

/// How many ballots a voter has cast so far, those that count no more with them.
///
/// # Errors
/// What the database answers.
pub fn cast_so_far(tx: &mut Tx<'_>, council: Id, voter: Id) -> Result<i32> {
    let last: Option<i32> = ballots::table
        .filter(ballots::council_id.eq(council))
        .filter(ballots::voter_id.eq(voter))
        .select(diesel::dsl::max(ballots::number))
        .first(&mut **tx)?;
    Ok(last.unwrap_or(0))
}

/// A ballot that is cast.
#[derive(Debug)]
pub struct NewBallot<'a> {
    /// In which challenge.
    pub challenge: Id,
    /// By whom.
    pub voter: Id,
    /// Counts from one for each voter.
    pub number: i32,
    /// What it says.
    pub marks: &'a [BallotMark],
    /// Told to nobody.
    pub salt: &'a str,
    /// What is written down of it.
    pub commitment: &'a str,
}

/// Adds a ballot that counts. The caller holds the voter alone, and has ended the one before.
///
/// # Errors
/// What the database answers.
pub fn insert_ballot(tx: &mut Tx<'_>, council: Id, new: &NewBallot<'_>) -> Result<BallotRow> {
    let now = tx.now();
    let marks = Json(serde_json::to_value(new.marks).map_err(anyhow::Error::from)?);
    let id = Id::random();
    diesel::insert_into(ballots::table)
        .values((
            ballots::council_id.eq(council),
            ballots::id.eq(id),
            ballots::challenge_id.eq(new.challenge),
            ballots::voter_id.eq(new.voter),
            ballots::number.eq(new.number),
            ballots::state.eq(BallotState::Live),
            ballots::marks.eq(&marks),
            ballots::salt.eq(new.salt),
            ballots::commitment.eq(new.commitment),
            ballots::cast_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(BallotRow { id, number: new.number, marks, cast_at: now })
}

/// A ballot counts no more.
///
/// # Errors
/// 412 where it did not.
pub fn end_ballot(tx: &mut Tx<'_>, council: Id, ballot: Id, state: BallotState) -> Result<()> {
    let live = ballots::table.find((council, ballot)).filter(ballots::state.eq(BallotState::Live));
    match diesel::update(live).set(ballots::state.eq(state)).execute(&mut **tx)? {
        1 => Ok(()),
        _ => Err(Code::Changed.problem().into()),
    }
}

/// What the ballots say that count, in the order of their ids, which are random.
///
/// # Errors
/// What the database answers.
pub fn all_live(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Vec<Json>> {
    Ok(ballots::table
        .filter(ballots::council_id.eq(council))
        .filter(ballots::challenge_id.eq(challenge))
        .filter(ballots::state.eq(BallotState::Live))
        .order(ballots::id)
        .select(ballots::marks)
        .load(&mut **tx)?)
}

/// How a vote came out, once it is counted.
///
/// # Errors
/// What the database answers.
pub fn find_result(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<ResultRow>> {
    let found = ballot_results::table.find((council, challenge)).select(ResultRow::as_select());
    Ok(found.first(&mut **tx).optional()?)
}

/// The file of ballots, where it is published.
///
/// # Errors
/// What the database answers.
pub fn find_file(tx: &mut Tx<'_>, council: Id, challenge: Id) -> Result<Option<String>> {
    let found = ballot_results::table.find((council, challenge)).select(ballot_results::file);
    Ok(found.first::<Option<String>>(&mut **tx).optional()?.flatten())
}

/// A count that is over.
#[derive(Debug)]
pub struct NewResult<'a> {
    /// Ballots that counted.
    pub ballots: i64,
    /// What each count came to.
    pub outcomes: &'a Json,
    /// Why the ballots are not published, where they are not.
    pub withheld: Option<Withheld>,
    /// All of them, where they are.
    pub file: Option<&'a str>,
    /// SHA-256 of that.
    pub sha256: Option<&'a str>,
}

/// Keeps how a vote came out.
///
/// # Errors
/// What the database answers.
pub fn insert_result(tx: &mut Tx<'_>, council: Id, challenge: Id, new: &NewResult<'_>) -> Result<()> {
    let now = tx.now();
    diesel::insert_into(ballot_results::table)
        .values((
            ballot_results::council_id.eq(council),
            ballot_results::challenge_id.eq(challenge),
            ballot_results::ballots.eq(new.ballots),
            ballot_results::outcomes.eq(new.outcomes),
            ballot_results::withheld.eq(new.withheld),
            ballot_results::file.eq(new.file),
            ballot_results::sha256.eq(new.sha256),
            ballot_results::counted_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(())
}
