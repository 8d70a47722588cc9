//! Put ideas to the vote, cast a ballot, read the result.

use std::sync::Arc;

use actix_web::web;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::entries::BallotPaperWritten;
use super::model::{BallotRow, OptionRow, Paper, marks_of};
use super::queries::{self, NewBallot};
use super::views::{BallotPaperView, BallotView, CastBallot, ResultView, WriteBallotPaper};
use super::{commitments, jobs, results, rules};
use crate::app::App;
use crate::participation::challenges::queries::{find_challenge, list_phases};
use crate::participation::challenges::rules::{Switch, admits, permits};
use crate::participation::voting::queries::{find_voter, voter_of};
use crate::people::accounts::{Allowed, Viewer};
use crate::people::verification::queries::facts_of;
use crate::platform::audit::{self, Event};
use crate::platform::db::{self, Hold, Id, Root, Tx};
use crate::platform::entries;
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::http::doors::{Doors, delete, get, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Reply, id_of};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, BallotState, Interim};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(write_ballot_paper)
        .service(read_ballot_paper)
        .service(cast_ballot)
        .service(read_own_ballot)
        .service(withdraw_ballot)
        .service(read_result)
        .service(read_published_ballots);
}

/// Say what is put to the vote
///
/// Which public ideas of the challenge, what they cost, how ballots look, how they are counted, and by what ties are broken: all of it before the first
/// phase that takes votes begins. From then on it stands as it is, also where an idea is hidden or merged later.
#[utoipa::path(tag = "Preparing challenges", operation_id = "write_ballot_paper", security(("bearer" = ["challenge.prepare"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge"),
        ("If-Match" = String, Header, description = "The ETag of the ballot paper you last read, or its `version` in quotation marks, \"0\" where there is none")),
    request_body = WriteBallotPaper, responses((status = 200, description = "Written", body = BallotPaperView)))]
#[put("/councils/{council}/challenges/{challenge}/ballot-paper")]
async fn write_ballot_paper(
    app: App,
    who: Allowed<acts::PrepareChallenge>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<WriteBallotPaper>,
) -> Result<Reply> {
    let (wish, council, by) = (body.value, Arc::clone(&who.council), who.by());
    let id = id_of(&path.1, "challenge")?;
    let costs: Vec<Option<i64>> = wish.options.iter().map(|option| option.cost).collect();
    let mut faults = rules::terms_faults(&wish.terms, &costs);
    for (n, option) in wish.options.iter().enumerate() {
        if wish.options.iter().take(n).any(|before| before.idea == option.idea) {
            faults.push(Fault::at(format!("/options/{n}/idea"), "already_exists", "This idea is there twice."));
        }
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    who.write(&app, Limited::Write, move |tx| {
        tx.hold(Root::Challenge, council.id, id, Hold::Alone)?;
        let challenge = find_challenge(tx, council.id, id, true)?;
        let time = rules::voting_time(&list_phases(tx, council.id, id)?, challenge.closes_at);
        let before = queries::find_paper_if_any(tx, council.id, id)?;
        let last = before.as_ref().map_or(0, |paper| paper.row.version);
        read.require(last)?;
        match time {
            None => {
                let detail = "No phase of this challenge takes votes: give one `vote` first.";
                return Err(Code::WrongState.because(detail).into());
            }
            // Without a paper nobody can have voted, so a late one is better than none.
            Some((from, _)) if from <= tx.now() && challenge.opened_at.is_some() && before.is_some() => {
                let detail = "Votes are taken already: what is put to the vote stands as it is.";
                return Err(Code::WrongState.because(detail).into());
            }
            Some((_, until)) => jobs::schedule(tx, council.id, id, until)?,
        }
        let ideas: Vec<Id> = wish.options.iter().map(|option| option.idea).collect();
        let public = queries::public_among(tx, council.id, id, &ideas)?;
        let missing = |(n, idea): (usize, &Id)| {
            let detail = "There is no such public idea in this challenge.";
            (!public.contains(idea)).then(|| Fault::at(format!("/options/{n}/idea"), "not_in_list", detail))
        };
        let faults: Vec<Fault> = ideas.iter().enumerate().filter_map(missing).collect();
        if !faults.is_empty() {
            return Err(Error::invalid(faults));
        }
        let version = last.saturating_add(1);
        let options: Vec<(Id, Option<i64>)> = wish.options.iter().map(|option| (option.idea, option.cost)).collect();
        queries::write_paper(tx, council.id, id, version, &wish.terms, &options)?;
        let news = BallotPaperWritten { challenge: id, version, terms: wish.terms.clone(), ideas };
        entries::record(tx, council.id, &news)?;
        let event = Event::new(AuditAction::BallotPaperWritten, by).to(id);
        audit::record(
            tx,
            council.id,
            event.after(json!({ "version": version, "terms": wish.terms, "ideas": options.len() })),
        )?;
        let paper = queries::find_paper(tx, council.id, id)?;
        Ok(Reply::ok(&BallotPaperView::new(id, paper, &council.idea_prefix, time))?.version(version))
    })
    .await
}

/// Read what is put to the vote
///
/// A resident sees the ideas in an order of their own, drawn once, so that none gains by standing first.
#[utoipa::path(tag = "Voting", operation_id = "read_ballot_paper", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The ballot paper", body = BallotPaperView)))]
#[get("/councils/{council}/challenges/{challenge}/ballot-paper")]
async fn read_ballot_paper(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, staff, viewer) = (Arc::clone(&who.council), who.is_staff(), who.viewer());
    let id = id_of(&path.1, "challenge")?;
    let view = app.db.read(move |tx| {
        let challenge = find_challenge(tx, council.id, id, staff)?;
        let time = rules::voting_time(&list_phases(tx, council.id, id)?, challenge.closes_at);
        let mut paper = queries::find_paper(tx, council.id, id)?;
        if let (Viewer::Account(account), false) = (viewer, staff) {
            shuffle(&mut paper.options, id, account);
        }
        Ok(BallotPaperView::new(id, paper, &council.idea_prefix, time))
    });
    let view = view.await?;
    let version = view.version;
    Ok(Reply::ok(&view)?.version(version))
}

/// An order of one voter's own, the same each time.
fn shuffle(options: &mut [OptionRow], challenge: Id, account: Id) {
    options.sort_by_cached_key(|option| {
        let of = Sha256::new().chain_update(challenge.bytes()).chain_update(account.bytes());
        of.chain_update(option.idea_id.bytes()).finalize()
    });
}

/// Cast a ballot
///
/// In secret, while a phase takes votes, by whom `eligibility` admits. Cast again, it takes the place of the one before, as often as you like; the last
/// one counts. A ballot that breaks its rule is refused whole, with each entry and the limit.
#[utoipa::path(tag = "Voting", operation_id = "cast_ballot", security(("bearer" = ["ballot.cast"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    request_body = CastBallot,
    responses((status = 201, description = "Cast", body = BallotView), (status = 200, description = "In place of the one before, or the same again", body = BallotView)))]
#[put("/councils/{council}/challenges/{challenge}/ballot")]
async fn cast_ballot(
    app: App,
    who: Allowed<acts::CastBallot>,
    path: web::Path<(String, String)>,
    body: Json<CastBallot>,
) -> Result<Reply> {
    let (council, account, marks) = (Arc::clone(&who.council), who.actor()?.id, body.value.marks);
    let id = id_of(&path.1, "challenge")?;
    let (salt, canonical) = (commitments::draw_salt(), commitments::canonical(&marks)?);
    let commitment = commitments::commitment(id, &salt, &canonical);
    who.write(&app, Limited::Support, move |tx| {
        tx.hold(Root::Challenge, council.id, id, Hold::Shared)?;
        let challenge = find_challenge(tx, council.id, id, false)?;
        let phases = list_phases(tx, council.id, id)?;
        let facts = facts_of(tx, council.id, account)?;
        permits(&challenge, &phases, Switch::Vote, tx.now())?;
        admits(&challenge, Switch::Vote, &facts)?;
        let paper = queries::find_paper(tx, council.id, id)?;
        let faults = rules::ballot_faults(&paper.row.terms, &paper.costs(), &marks);
        if !faults.is_empty() {
            return Err(Error::invalid(faults));
        }
        let (voter, _) = voter_of(tx, council.id, id, account, &facts)?;
        tx.hold(Root::Voter, council.id, voter, Hold::Alone)?;
        // What waited for the voter's other request may have waited past the end (case C5).
        permits(&challenge, &phases, Switch::Vote, tx.now())?;
        let before = queries::live_ballot(tx, council.id, voter)?;
        if let Some(before) = &before {
            if before.marks()? == marks {
                return Reply::ok(&view(id, before)?);
            }
            queries::end_ballot(tx, council.id, before.id, BallotState::Replaced)?;
        }
        let number = queries::cast_so_far(tx, council.id, voter)?.saturating_add(1);
        let (salt, commitment) = (salt.as_str(), commitment.as_str());
        let new = NewBallot { challenge: id, voter, number, marks: &marks, salt, commitment };
        let cast = queries::insert_ballot(tx, council.id, &new)?;
        match before {
            Some(_) => Reply::ok(&view(id, &cast)?),
            None => Reply::created(format!("/v1/councils/{}/challenges/{id}/ballot", council.slug), &view(id, &cast)?),
        }
    })
    .await
}

fn view(challenge: Id, row: &BallotRow) -> Result<BallotView> {
    Ok(BallotView { challenge, number: row.number, marks: row.marks()?, cast_at: row.cast_at })
}

/// Read one's own ballot
///
/// While votes are taken, and nobody else's ever.
#[utoipa::path(tag = "Voting", operation_id = "read_own_ballot", security(("bearer" = ["ballot.cast"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The ballot that counts", body = BallotView)))]
#[get("/councils/{council}/challenges/{challenge}/ballot")]
async fn read_own_ballot(app: App, who: Allowed<acts::CastBallot>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, account) = (who.council.id, who.actor()?.id);
    let id = id_of(&path.1, "challenge")?;
    let view = app.db.read(move |tx| {
        may_still(tx, council, id, account)?;
        let voter = find_voter(tx, council, id, account)?;
        let ballot = voter.map(|voter| queries::live_ballot(tx, council, voter)).transpose()?.flatten();
        view(id, &ballot.ok_or_else(|| Error::not_found("ballot"))?)
    });
    Reply::ok(&view.await?)
}

/// Withdraw one's ballot
///
/// While votes are taken. Repeated, it changes nothing.
#[utoipa::path(tag = "Voting", operation_id = "withdraw_ballot", security(("bearer" = ["ballot.cast"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 204, description = "You have no ballot that counts")))]
#[delete("/councils/{council}/challenges/{challenge}/ballot")]
async fn withdraw_ballot(app: App, who: Allowed<acts::CastBallot>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, account) = (who.council.id, who.actor()?.id);
    let id = id_of(&path.1, "challenge")?;
    who.write(&app, Limited::Support, move |tx| {
        tx.hold(Root::Challenge, council, id, Hold::Shared)?;
        if let Some(voter) = find_voter(tx, council, id, account)? {
            tx.hold(Root::Voter, council, voter, Hold::Alone)?;
            may_still(tx, council, id, account)?;
            if let Some(ballot) = queries::live_ballot(tx, council, voter)? {
                queries::end_ballot(tx, council, ballot.id, BallotState::Withdrawn)?;
            }
        } else {
            may_still(tx, council, id, account)?;
        }
        Ok(Reply::nothing())
    })
    .await
}

/// Whether votes are taken now, of somebody who takes part here at all.
fn may_still(tx: &mut Tx<'_>, council: Id, challenge: Id, account: Id) -> Result<()> {
    let row = find_challenge(tx, council, challenge, false)?;
    facts_of(tx, council, account)?.takes_part(challenge)?;
    permits(&row, &list_phases(tx, council, challenge)?, Switch::Vote, tx.now())
}

/// Read the result of a vote
///
/// When votes are over and counted, as a rule within a minute, or while they come in where the terms say `live`: what decides, what was counted beside it,
/// each with its rounds, every tie that was broken, and why each idea won or lost in a sentence. No ballot is in it; where very few
/// have voted, and by what changes between two readings of a `live` count, what one says can be worked out all the same: take `hidden` where that matters.
#[utoipa::path(tag = "Voting", operation_id = "read_result", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The result", body = ResultView)))]
#[get("/councils/{council}/challenges/{challenge}/result")]
async fn read_result(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let council = Arc::clone(&who.council);
    let id = id_of(&path.1, "challenge")?;
    let found = app.db.read(move |tx| {
        let challenge = find_challenge(tx, council.id, id, false)?;
        if let Some(row) = queries::find_result(tx, council.id, id)? {
            return Ok(Found::Counted(Box::new(ResultView::stored(&council.slug, id, row)?)));
        }
        let paper = queries::find_paper(tx, council.id, id)?;
        let time = rules::voting_time(&list_phases(tx, council.id, id)?, challenge.closes_at);
        let Some((from, until)) = time else { return Err(Error::not_found("result")) };
        if until <= tx.now() {
            return Err(Error::not_open("Votes are over and are being counted. Come back in a minute.", None));
        }
        // case C14: not a number of it before.
        if paper.row.terms.interim == Interim::Live && tx.now() < from {
            return Err(Error::not_open(
                format!("There is nothing to count before votes are taken, from {from} on."),
                Some(from),
            ));
        }
        if paper.row.terms.interim == Interim::Hidden {
            return Err(Error::not_open(format!("The result is told when votes are over, at {until}."), Some(until)));
        }
        Ok(Found::Running(Box::new(paper), queries::all_live(tx, council.id, id)?))
    });
    let (paper, ballots) = match found.await? {
        Found::Counted(view) => return Ok(Reply::ok(&view)?.public(60)),
        Found::Running(paper, ballots) => (paper, ballots),
    };
    let view = web::block(move || {
        let ballots = marks_of(ballots)?;
        Ok::<_, Error>(ResultView::so_far(id, ballots.len(), results::count_all(&paper, &ballots)?))
    });
    let view = view.await.map_err(|stopped| Error::Internal(anyhow::anyhow!("a count stopped: {stopped}")))??;
    Ok(Reply::ok(&view)?.public(10))
}

/// What there is to tell of a vote.
enum Found {
    /// The end of it.
    Counted(Box<ResultView>),
    /// Votes come in.
    Running(Box<Paper>, Vec<db::Json>),
}

/// Read the ballots of a vote
///
/// All that counted, without voters and in an order that says nothing of when they were cast, as a file of Pabulib, which `folkmoot tally` and others count again;
/// where 100 or more were cast. Ideas are called by their numbers. Rankings end where the count needed no more of them. The result says its SHA-256, or why the
/// ballots are not published.
#[utoipa::path(tag = "Voting", operation_id = "read_published_ballots", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    responses((status = 200, description = "The file", body = String, content_type = "text/plain")))]
#[get("/councils/{council}/challenges/{challenge}/result/ballots")]
async fn read_published_ballots(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let council = who.council.id;
    let id = id_of(&path.1, "challenge")?;
    let file = app.db.read(move |tx| {
        find_challenge(tx, council, id, false)?;
        queries::find_file(tx, council, id)
    });
    let file = file.await?.ok_or_else(|| Error::not_found("file of ballots"))?;
    Ok(Reply::text("text/plain; charset=utf-8", file).public(60))
}
