//! Support an idea, or take that back. Both may be repeated without harm.

use actix_web::web;

use super::views::{SupportIdea, SupportView};
use super::{queries, rules};
use crate::accountability::open_door;
use crate::app::App;
use crate::participation::challenges::model::{ChallengeRow, Phase};
use crate::participation::challenges::queries::{find_challenge, list_phases};
use crate::participation::ideas::model::IdeaRow;
use crate::participation::ideas::queries::{find_idea, hold_idea};
use crate::people::accounts::{Allowed, Viewer};
use crate::people::councils::model::Council;
use crate::people::verification::queries::facts_of;
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::error::{Code, Result};
use crate::platform::http::doors::{Doors, delete, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{MaybeJson, Reply};
use crate::process::signals::queries::{is_set_aside, take_back};
use crate::process::signals::traces::trace_of;
use crate::reach::campaigns;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{CampaignAction, ChallengeKind};

/// Why support is not given again beside what is set aside.
pub const SET_ASIDE: &str =
    "Your support of this idea is set aside, and you were told why. `/me/signals` says how it stands.";

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(support_idea).service(withdraw_support);
}

/// Support an idea
///
/// While its challenge takes support, and of whom its `eligibility` asks. Repeated, it changes nothing; the first time is 201, later ones 200. The body may be
/// left out; `campaign` is counted with the first support of a resident in the challenge, and passed over where there is none
/// of that code. Support that is set aside is 409 `wrong_state`. One may support one's own idea. What is not public
/// yet, because a moderator has to look at it first, is 404 as for everybody.
#[utoipa::path(tag = "Ideas", operation_id = "support_idea", security(("bearer" = ["idea.support"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("idea" = String, Path, description = "Id or public number of the idea")),
    request_body = Option<SupportIdea>,
    responses((status = 201, description = "Supported", body = SupportView), (status = 200, description = "You supported it before", body = SupportView)))]
#[put("/councils/{council}/ideas/{idea}/support")]
async fn support_idea(
    app: App,
    who: Allowed<acts::SupportIdea>,
    path: web::Path<(String, String)>,
    body: MaybeJson<SupportIdea>,
) -> Result<Reply> {
    let (council, account, reference) = (who.council.clone(), who.actor()?.id, path.1.clone());
    let campaign = body.0.and_then(|wish| wish.campaign);
    let (secrets, network) = (app.config.secrets.clone(), who.network(&app));
    who.write(&app, Limited::Support, move |tx| {
        let Held { idea, challenge, phases } = held(tx, &council, &reference, account)?;
        let facts = facts_of(tx, council.id, account)?;
        rules::may_support(idea.state, &challenge, &phases, &facts, tx.now())?;
        let (voter, first) = queries::voter_of(tx, council.id, challenge.id, account, &facts)?;
        if !first && challenge.kind == ChallengeKind::OpenDoor {
            queries::verify_voter(tx, council.id, challenge.id, account, &facts)?;
        }
        // What is set aside is there still, and is not given again beside it.
        if !first && is_set_aside(tx, council.id, idea.id, voter)? {
            return Err(Code::WrongState.because(SET_ASIDE).into());
        }
        // The open door never closes, so that a trace of it would never go.
        let trace = match challenge.kind {
            ChallengeKind::OpenDoor => None,
            ChallengeKind::Question => Some(trace_of(tx, &secrets, council.id, challenge.id, &network)?),
        };
        let fresh = queries::insert_support(tx, council.id, idea.id, voter, trace.as_deref())?;
        if fresh && challenge.kind == ChallengeKind::OpenDoor {
            open_door::jobs::raise(tx, &council, challenge.id, idea.id)?;
        }
        if first {
            campaigns::count(tx, council.id, campaign.as_deref(), CampaignAction::Support)?;
        }
        let reply = reply(tx, council.id, idea.id, true)?;
        Ok(Reply { status: if fresh { 201 } else { 200 }, ..reply })
    })
    .await
}

/// Take support back
///
/// While its challenge takes support. Repeated, it changes nothing.
#[utoipa::path(tag = "Ideas", operation_id = "withdraw_support", security(("bearer" = ["idea.support"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("idea" = String, Path, description = "Id or public number of the idea")),
    responses((status = 200, description = "You do not support it", body = SupportView)))]
#[delete("/councils/{council}/ideas/{idea}/support")]
async fn withdraw_support(
    app: App,
    who: Allowed<acts::SupportIdea>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, account, reference) = (who.council.clone(), who.actor()?.id, path.1.clone());
    who.write(&app, Limited::Support, move |tx| {
        let Held { idea, challenge, phases } = held(tx, &council, &reference, account)?;
        rules::may_withdraw(idea.state, &challenge, &phases, &facts_of(tx, council.id, account)?, tx.now())?;
        if let Some(voter) = queries::find_voter(tx, council.id, challenge.id, account)? {
            queries::delete_support(tx, council.id, idea.id, voter)?;
            take_back(tx, council.id, idea.id, voter)?;
        }
        reply(tx, council.id, idea.id, false)
    })
    .await
}

/// An idea that is to be supported or not, and what its challenge says.
struct Held {
    idea: IdeaRow,
    challenge: ChallengeRow,
    phases: Vec<Phase>,
}

/// Both held to the end of the unit: the phase is asked inside the transaction (case C5).
fn held(tx: &mut Tx<'_>, council: &Council, reference: &str, account: Id) -> Result<Held> {
    let viewer = Viewer::Account(account);
    let challenge = find_idea(tx, council, reference, &viewer)?.challenge_id;
    tx.hold(Root::Challenge, council.id, challenge, Hold::Shared)?;
    let idea = hold_idea(tx, council, reference, &viewer, Hold::Shared)?;
    let challenge = find_challenge(tx, council.id, idea.challenge_id, false)?;
    let phases = list_phases(tx, council.id, challenge.id)?;
    Ok(Held { idea, challenge, phases })
}

fn reply(tx: &mut Tx<'_>, council: Id, idea: Id, supported: bool) -> Result<Reply> {
    Reply::ok(&SupportView { idea, supported, supports: queries::count_of(tx, council, idea)? })
}
