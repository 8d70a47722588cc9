//! Decide many cases, see what came of it, and take it back.

use std::collections::BTreeSet;
use std::sync::Arc;

use actix_web::web;
use serde_json::json;

use super::jobs::CarryOutBatch;
use super::queries::{self, NewItem};
use super::rules;
use super::views::{BatchQuery, CaseBatchPreview, CaseBatchView, CasePreview, CaseToDecide, MakeCaseBatch};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::queries::address_for_decisions;
use crate::people::councils::model::Council;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Fault, Problem, Result};
use crate::platform::http::doors::{Doors, delete, get, post};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Once, Query, Reply};
use crate::platform::jobs::enqueue_at;
use crate::process::moderation::claims;
use crate::process::moderation::deciding::{Decider, Verdict};
use crate::process::moderation::queries::{CaseRow, find_author, find_case};
use crate::process::moderation::rules::may_decide;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, BatchState, IdeaState};

pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(make_case_batch).service(read_case_batch).service(take_back_case_batch);
}

/// A case, and what it would come to.
type Seen = (CaseRow, std::result::Result<IdeaState, Problem>);

/// Decide many cases
///
/// Up to 100 at once, alike. Nothing is decided for 60 seconds, in which you can take it all back; meanwhile the cases are in your
/// hands. Then each is decided as by `decide_case`, with its own statement and news of it, and one that was changed
/// meanwhile is skipped. An author of several of them gets one mail, with one link to appeal against all. With
/// `dry_run=true` nothing is stored and no idempotency key is used up: the answer is 200 with what would become of each.
/// Without it, nothing is taken unless each case can be decided: `errors` names all that cannot.
#[utoipa::path(tag = "Moderation", operation_id = "make_case_batch", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), BatchQuery),
    request_body = MakeCaseBatch, responses((status = 201, description = "They will be decided", body = CaseBatchView),
        (status = 200, description = "What would become of each; nothing was stored", body = CaseBatchPreview)))]
#[post("/councils/{council}/case-batches")]
async fn make_case_batch(
    app: App,
    who: Allowed<acts::Moderate>,
    query: Query<BatchQuery>,
    once: Once,
    body: Json<MakeCaseBatch>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (council, decider) = (Arc::clone(&who.council), Decider { account: who.actor()?.id, by: who.by() });
    rules::can_be_shared(wish.decision)?;
    let verdict = Verdict::read(wish.decision, wish.ground.as_deref(), wish.statement.as_deref(), None)?;
    if query.0.dry_run.unwrap_or(false) {
        let preview = app.db.read(move |tx| preview(tx, &council, &wish.cases, &verdict, decider.account));
        return Reply::ok(&preview.await?);
    }
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let seen = look(tx, council.id, &wish.cases, &verdict, decider.account)?;
        let refusals: Vec<_> = seen.iter().map(|(_, verdict)| verdict.as_ref().err().cloned()).collect();
        rules::all_can_be(&refusals)?;
        for (case, _) in &seen {
            claims::take(tx, council.id, case, decider.account)?;
        }
        let items: Vec<NewItem> =
            seen.iter().map(|(case, _)| (case.id, case.subject(), case.version.saturating_add(1))).collect();
        let batch = queries::insert_batch(tx, council.id, &verdict, decider, &items)?;
        enqueue_at(tx, council.id, &CarryOutBatch { batch: batch.id }, batch.due_at)?;
        let what = json!({ "kind": verdict.kind, "ground": verdict.ground, "cases": items.len() });
        let event = Event::new(AuditAction::CaseBatchMade, decider.by).to(batch.id);
        audit::record(tx, council.id, event.after(what))?;
        let place = format!("/v1/councils/{}/case-batches/{}", council.slug, batch.id);
        Reply::created(place, &view(tx, &council, batch.id, decider.account)?)
    })
    .await
}

/// Reads the cases, and asks of each what would come of it.
fn look(tx: &mut Tx<'_>, council: Id, wish: &[CaseToDecide], verdict: &Verdict, by: Id) -> Result<Vec<Seen>> {
    rules::can_wait(verdict.is_for_safety(tx, council)?)?;
    let named: Vec<Id> = wish.iter().map(|one| one.case).collect();
    let waiting = queries::waiting_among(tx, council, &named)?;
    let (mut seen, mut known, mut faults) = (Vec::with_capacity(wish.len()), BTreeSet::new(), Vec::new());
    for (n, one) in wish.iter().enumerate() {
        if !known.insert(one.case) {
            faults.push(Fault::at(format!("/cases/{n}/case"), "repeated", "Name each case once."));
            continue;
        }
        let case = match find_case(tx, council, one.case) {
            Err(error) if error.code() == Code::NotFound => {
                faults.push(Fault::at(format!("/cases/{n}/case"), "not_found", "There is no such case."));
                continue;
            }
            case => case?,
        };
        let can = match may_decide(&case, verdict.kind, by, tx.now()) {
            Ok(_) if waiting.contains(&case.id) => {
                let detail = "This case is decided with others in a moment. Take that back first.";
                Err(Code::WrongState.because(detail))
            }
            Ok(_) if case.version != one.version => Err(Code::Changed.problem()),
            Err(Error::Problem(problem)) => Err(*problem),
            can => Ok(can?),
        };
        seen.push((case, can));
    }
    if faults.is_empty() { Ok(seen) } else { Err(Error::invalid(faults)) }
}

fn preview(
    tx: &mut Tx<'_>,
    council: &Council,
    wish: &[CaseToDecide],
    verdict: &Verdict,
    by: Id,
) -> Result<CaseBatchPreview> {
    let (mut items, mut authors) = (Vec::with_capacity(wish.len()), BTreeSet::new());
    for (case, can) in look(tx, council.id, wish, verdict, by)? {
        let author = find_author(tx, council.id, case.id)?;
        let has_address = match author {
            Some(author) => address_for_decisions(tx, council.id, author)?.is_some(),
            None => false,
        };
        let item = CasePreview::of(case, can, has_address, verdict.ground.is_some(), &council.idea_prefix);
        authors.extend(author.filter(|_| item.author_mailed));
        items.push(item);
    }
    Ok(CaseBatchPreview { authors_mailed: authors.len(), items })
}

fn view(tx: &mut Tx<'_>, council: &Council, batch: Id, me: Id) -> Result<CaseBatchView> {
    let row = queries::find_batch(tx, council.id, batch)?;
    let items = queries::items_of(tx, council.id, batch)?;
    Ok(CaseBatchView::of(row, items, &council.idea_prefix, me))
}

/// Read decisions on many cases
///
/// Whether they still wait, and what became of each case.
#[utoipa::path(tag = "Moderation", operation_id = "read_case_batch", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("batch" = Id, Path, description = "Id of the batch")),
    responses((status = 200, description = "The decisions", body = CaseBatchView)))]
#[get("/councils/{council}/case-batches/{batch}")]
async fn read_case_batch(app: App, who: Allowed<acts::Moderate>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, by, batch) = (Arc::clone(&who.council), who.actor()?.id, id_of(&path.1, "batch of decisions")?);
    Reply::ok(&app.db.read(move |tx| view(tx, &council, batch, by)).await?)
}

/// Take decisions on many cases back
///
/// All of them, by whoever asked for them, until they are carried out: 409 from then on. The cases are in nobody's hands again.
#[utoipa::path(tag = "Moderation", operation_id = "take_back_case_batch", security(("bearer" = ["moderation.decide"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("batch" = Id, Path, description = "Id of the batch")),
    responses((status = 200, description = "Nothing is decided", body = CaseBatchView)))]
#[delete("/councils/{council}/case-batches/{batch}")]
async fn take_back_case_batch(
    app: App,
    who: Allowed<acts::Moderate>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, by, batch) = (Arc::clone(&who.council), who.actor()?.id, id_of(&path.1, "batch of decisions")?);
    let actor = who.by();
    who.write(&app, Limited::Write, move |tx| {
        let row = queries::find_batch(tx, council.id, batch)?;
        if rules::may_take_back(row.state, row.asked_by, by)? {
            queries::end_waiting(tx, council.id, batch, BatchState::TakenBack)?;
            for (item, ..) in queries::items_of(tx, council.id, batch)? {
                claims::give_up(tx, council.id, item.case_id, by)?;
            }
            queries::set_taken_back(tx, council.id, batch)?;
            let event = Event::new(AuditAction::CaseBatchTakenBack, actor).to(batch);
            audit::record(tx, council.id, event)?;
        }
        Reply::ok(&view(tx, &council, batch, by)?)
    })
    .await
}
