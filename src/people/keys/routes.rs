//! Make, list and end keys.

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::KeyRow;
use super::queries::{self, NewKey};
use super::rules;
use super::views::{KeyView, MadeKey, MakeKey};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::factors::{SecurityNotice, TellOfSecurity, prove};
use crate::people::sandboxes::queries::{find_sandbox, insert_part, make_sandbox};
use crate::people::sessions::queries::find_session;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Hold, Id, Root};
use crate::platform::error::{Error, Fault, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, delete, get, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{Json, Once, Page, Paging, Query, Reply};
use crate::platform::jobs::enqueue;
use crate::platform::secrets::fresh_token;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AuditAction, KeyMode};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(make_key).service(list_keys).service(end_key);
}

/// Make a key
///
/// For a program that works for this council. It is shown this once, and sent like an access token. It may do what its rows
/// of the permission table say, as long as the role of whoever made it allows that: both are looked at with each request. No
/// key makes keys, changes staff or is a person. A key that is shown to another council is refused. Each has budgets of its own,
/// apart from its maker's; one account has twenty that are good at most. Whoever makes one shows once more who they are, and
/// is told by mail; one that was made without a second factor does nothing of the staff's where the council asks for one.
///
/// A key with `mode: test` works under the same addresses with a sandbox, a copy of how the council is set up: of its
/// settings, grounds, notice, offices and challenges, and of nobody and nothing that anybody wrote. There it plays the part
/// of somebody with `role`. Nothing that it does is seen, counted or mailed, and no sandbox is seen without a test key.
#[utoipa::path(tag = "Staff", operation_id = "make_key", security(("bearer" = ["key.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = MakeKey,
    responses((status = 201, description = "Made", body = MadeKey)))]
#[post("/councils/{council}/api-keys")]
async fn make_key(app: App, who: Allowed<acts::ManageKeys>, once: Once, body: Json<MakeKey>) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let name = tidy(&wish.name);
    let actor = who.actor()?;
    let role = wish.role.unwrap_or(actor.role);
    let mut faults = rules::faults(&wish.scopes, role, wish.expires_at, app.db.clock().now());
    if wish.mode == KeyMode::Live && wish.role.is_some() {
        faults.push(Fault::at(
            "/role",
            "not_taken",
            "Only a test key plays a part; a live one has a part of your own role.",
        ));
    }
    if name.is_empty() {
        faults.push(Fault::at("/name", "too_short", "At least 1 character that can be seen."));
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let (council, slug, account, by) = (who.council.id, who.council.slug.clone(), actor.id, who.by());
    let session = actor.session;
    prove(&app, &who, wish.proof.clone()).await?;
    let (id, (secret, secret_hash)) = (Id::random(), fresh_token());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        // Two at once would both find room for one.
        tx.hold(Root::Council, council, council, Hold::Alone)?;
        rules::may_make(queries::count_keys(tx, council, account)?)?;
        let two_factors = find_session(tx, council, session)?.is_some_and(|(session, _)| session.two_factors);
        let (name, mode, scopes, expires_at) = (&name, wish.mode, &wish.scopes, wish.expires_at);
        let new = NewKey { id, account, name, secret_hash: &secret_hash, mode, two_factors, scopes, expires_at };
        let row = queries::insert_key(tx, council, &new)?;
        if mode == KeyMode::Test {
            let sandbox = match find_sandbox(tx, council)? {
                Some(sandbox) => sandbox,
                None => make_sandbox(tx, council)?,
            };
            insert_part(tx, sandbox, id, role)?;
        }
        let event = Event::new(AuditAction::KeyMade, by).to(id);
        audit::record(tx, council, event.after(json!({ "mode": mode, "scopes": scopes, "expires_at": expires_at })))?;
        enqueue(tx, council, &TellOfSecurity::now(account, SecurityNotice::KeyMade, tx.now()))?;
        let location = format!("/v1/councils/{slug}/api-keys");
        Ok(Reply::created(location, &MadeKey::of(row, rules::written(mode, id, &secret)))?.secret())
    })
    .await
}

/// List keys
///
/// Those that are still good, whoever made them, the newest first.
#[utoipa::path(tag = "Staff", operation_id = "list_keys", security(("bearer" = ["key.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ListQuery),
    responses((status = 200, description = "A page of keys", body = Page<KeyView>)))]
#[get("/councils/{council}/api-keys")]
async fn list_keys(
    app: App,
    who: Allowed<acts::ManageKeys>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, secrets) = (who.council.id, app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let list = format!("keys:{council}");
        let rows = queries::list_keys(tx, council, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &KeyRow| (row.created_at, row.id), KeyView::from)
    });
    page.await?.reply(&request)
}

/// End a key
///
/// It is refused from the next request on.
#[utoipa::path(tag = "Staff", operation_id = "end_key", security(("bearer" = ["key.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("key" = Id, Path, description = "Id of the key")),
    responses((status = 204, description = "Ended")))]
#[delete("/councils/{council}/api-keys/{key}")]
async fn end_key(app: App, who: Allowed<acts::ManageKeys>, path: web::Path<(String, String)>) -> Result<Reply> {
    let id: Id = path.1.parse().map_err(|_not_an_id: uuid::Error| Error::not_found("key"))?;
    let (council, by) = (who.council.id, who.by());
    who.write(&app, Limited::Write, move |tx| {
        queries::find_key(tx, council, id)?;
        queries::end_key(tx, council, id)?;
        audit::record(tx, council, Event::new(AuditAction::KeyEnded, by).to(id))?;
        Ok(Reply::nothing())
    })
    .await
}
