//! Something to work on, and the limiter that asks for it.

use std::time::Duration;

use super::rules::{self, Signing};
use super::views::ProofOfWorkView;
use super::{Shown, queries};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::councils::model::Council;
use crate::platform::error::{Code, Error, Problem, Result};
use crate::platform::http::Reply;
use crate::platform::http::doors::{Doors, get};
use crate::platform::http::limit::{self, Limited, Standing};
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(read_proof_of_work);
}

/// Get a proof of work to do
///
/// In the format of ALTCHA, version 2: give this address to its widget as `challenge`, and send what it makes in the header
/// `Proof-Of-Work` of the request that was answered 428 `proof_of_work_needed`. Good for ten minutes, once, and in this council;
/// the more comes from your network or for the council, the more there is to do, up to sixteen times as much. Nobody else
/// is asked and nothing is kept of who did it. Whoever cannot do it waits for `Retry-After`, or goes by a mailed link.
#[utoipa::path(tag = "Signing in", operation_id = "read_proof_of_work", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "What is to be done", body = ProofOfWorkView)))]
#[get("/councils/{council}/proof-of-work")]
async fn read_proof_of_work(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let (council, network, site) = (who.council.id, who.network(&app), who.site(&app));
    let load = app.db.read(move |tx| {
        let of_council = council.to_string();
        let buckets = [
            (Limited::SignInFrom, &network),
            (Limited::Register, &network),
            (Limited::MailFrom, &site),
            (Limited::MailOf, &of_council),
        ];
        let loads = buckets.map(|(limited, key)| limit::used(tx, limited, key).map(|used| limited.load(used)));
        loads.into_iter().try_fold(0, |most, load| load.map(|load| most.max(load)))
    });
    let (signing, work) = (Signing::of(&app.config.secrets, council), app.config.work);
    let counter = rand::random_range(0..rules::tries(work, load.await?));
    let until = app.db.clock().now().plus(Duration::from_secs(rules::GOOD_FOR));
    // A try costs rounds of hashing, which no worker does.
    let made = tokio::task::spawn_blocking(move || rules::made(&signing, work, counter, until));
    let made = made.await.map_err(Error::unavailable)??;
    Reply::ok(&ProofOfWorkView::from(made))
}

/// A way that leads to the same place and asks for less, for who cannot do the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherWay {
    /// A mailed code or link signs in.
    MailedCode,
    /// A mailed link lets one take part, and makes an account afterwards.
    MailedLink,
    /// This is that way: a council that always asks for proofs asks for none here.
    IsThis,
}

/// Takes from the buckets before the costly part, as [`crate::people::accounts::routes::limited`] does; where one of them is
/// used beyond its free part, or the council always asks, a proof is spent.
///
/// # Errors
/// 428 where a proof is asked for and none came along that is good, 429 where a bucket is empty; then none is taken from.
pub async fn limited(
    app: &App,
    council: &Council,
    shown: Shown,
    other_way: OtherWay,
    buckets: Vec<(Limited, String)>,
) -> Result<Vec<Standing>> {
    let (id, policy, limits) = (council.id, council.proof_of_work, app.config.limits);
    let mailed = other_way == OtherWay::IsThis;
    if !limits && !rules::is_asked(&[], policy, mailed) {
        return Ok(Vec::new());
    }
    let came = shown.0.is_some();
    let signing = Signing::of(&app.config.secrets, id);
    let proof = shown.0.and_then(|shown| rules::read(&signing, &shown));
    let refusal = needed(council, other_way, came);
    let taken = app.db.write(move |tx| {
        let (mut standings, mut stages) = (Vec::new(), Vec::new());
        for (limited, key) in buckets.iter().filter(|_| limits) {
            let (standing, stage) = limit::take_staged(tx, *limited, key)?;
            standings.push(standing);
            stages.push(stage);
        }
        if !rules::is_asked(&stages, policy, mailed) {
            return Ok(standings);
        }
        if let Some(proof) = &proof
            && queries::spend(tx, id, proof)?
        {
            return Ok(standings);
        }
        Err(match rules::wait(&stages, policy, mailed) {
            Some(wait) => refusal.clone().retry_in(wait.as_secs().saturating_add(1)).into(),
            None => refusal.clone().into(),
        })
    });
    taken.await
}

/// What a person is told who is asked for a proof.
fn needed(council: &Council, other_way: OtherWay, came: bool) -> Problem {
    let base = format!("/v1/councils/{}", council.slug);
    let asked = if came {
        "The proof of work that came along is not good: it was used, has run out, or is of another council. Get another."
    } else {
        "Very much is coming in just now, or this council always asks: let your device work for a moment and send its proof."
    };
    let (or, instead) = match other_way {
        OtherWay::MailedCode => {
            ("Or have a code to sign in mailed to you, which asks for less.", Some(format!("{base}/sign-in-codes")))
        }
        OtherWay::MailedLink => ("Or ask for a mailed link to take part, and make it an account afterwards.", None),
        OtherWay::IsThis => ("Or try again in a moment, when it will do without.", None),
    };
    Code::ProofOfWorkNeeded
        .because(format!("{asked} {or}"))
        .with("proof_of_work", format!("{base}/proof-of-work"))
        .with("instead", instead)
}
