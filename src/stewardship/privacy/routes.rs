//! Take a copy of what is kept of one, and leave for good.

use super::jobs::TellErased;
use super::queries;
use super::views::{DataCopy, EraseAccount, Kept};
use super::{journal, record};
use crate::app::App;
use crate::participation::challenges::rehearsals::queries::parts_of;
use crate::people::accounts::Allowed;
use crate::people::factors::prove;
use crate::people::factors::views::Proved;
use crate::platform::audit::{self, Event};
use crate::platform::db::schema::HOLDINGS;
use crate::platform::error::{Error, Result};
use crate::platform::http::doors::{Doors, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Reply};
use crate::platform::jobs::enqueue;
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(copy_data).service(erase_account);
}

/// Take a copy of one's data
///
/// All that is kept of the account, of every kind, with what it is for and how long it is kept (GDPR, articles 15 and 20).
/// Left out is what shows that it is you (hashes, keys), and what you did in office, which is the council's record. It asks
/// who you are, and it is in the audit log.
#[utoipa::path(tag = "Privacy", operation_id = "copy_data", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Proved,
    responses((status = 200, description = "The copy", body = DataCopy)))]
#[post("/councils/{council}/me/data")]
async fn copy_data(app: App, who: Allowed<acts::UseAccount>, body: Json<Proved>) -> Result<Reply> {
    let account = prove(&app, &who, body.value.proof).await?.account.id;
    let (council, slug, by) = (who.council.id, who.council.slug.clone(), who.by());
    let noted = who
        .write(&app, Limited::Write, move |tx| {
            audit::record(tx, council, Event::new(AuditAction::DataDownloaded, by).to(account))?;
            Ok(Reply::nothing())
        })
        .await?;
    let kept = app.db.read(move |tx| {
        let mut kept = Vec::new();
        let parts = parts_of(tx, council, account)?;
        for holding in HOLDINGS {
            let mut rows = queries::read_holding(tx, council, account, holding)?;
            for (rehearsal, part) in &parts {
                rows.extend(queries::read_holding(tx, *rehearsal, *part, holding)?);
            }
            if !rows.is_empty() {
                kept.push(Kept {
                    table: holding.table.to_owned(),
                    purpose: holding.purpose.to_owned(),
                    kept: record::kept(holding),
                    when_erased: record::when_erased(holding.of).to_owned(),
                    rows,
                });
            }
        }
        Ok(kept)
    });
    let made_at = app.db.clock().now();
    let copy = DataCopy { council: slug, account, made_at, kept: kept.await? };
    Ok(Reply::ok(&copy)?.limited(noted.standings))
}

/// Leave for good
///
/// Erases the account at once, with everything that is its owner's, and ends its sessions and keys. Votes stay counted, and
/// nobody can tell whose they were. Public ideas and comments stay without a name or lose their text, as you choose; those that are not
/// public go. What was done in office stays with the council. It cannot be undone: a backup that is restored is made to
/// forget again. The last admin of a council cannot go.
#[utoipa::path(tag = "Privacy", operation_id = "erase_account", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = EraseAccount,
    responses((status = 204, description = "Erased")))]
#[post("/councils/{council}/me/erasure")]
async fn erase_account(app: App, who: Allowed<acts::UseAccount>, body: Json<EraseAccount>) -> Result<Reply> {
    let EraseAccount { proof, ideas } = body.value;
    let account = prove(&app, &who, proof).await?.account;
    let (council, by) = (who.council.clone(), who.by());
    let erased = who
        .write(&app, Limited::Write, move |tx| {
            if !queries::erase(tx, &council, account.id, ideas, by)? {
                return Err(Error::not_found("account"));
            }
            if !account.email.is_empty() {
                let told = TellErased { account: account.id, email: account.email.clone(), ideas, at: tx.now() };
                enqueue(tx, council.id, &told)?;
            }
            Ok(Reply::nothing())
        })
        .await?;
    // What cannot be written down now, for instance because the disk is full, is once it can.
    if let Err(error) = journal::write(&app).await {
        tracing::warn!(%error, "an erasure is not in the journal yet");
    }
    Ok(erased)
}
