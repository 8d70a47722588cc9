//! Make, change and read offices.

use actix_web::{HttpRequest, web};
use serde_json::json;

use super::model::Office;
use super::views::{ChangeOffice, MakeOffice, OfficeView, OfficeWithMembers};
use super::{queries, rules};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::platform::audit::{self, Event};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Error, Fault, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, patch, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{IfMatch, Json, Once, Page, Paging, Query, Reply};
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(make_office).service(list_offices).service(read_office).service(change_office);
}

fn name_of(text: &str) -> Result<String> {
    let name = tidy(text);
    if name.is_empty() {
        return Err(Error::fault("/name", "too_short", "At least 1 character that can be seen."));
    }
    Ok(name)
}

fn id_of(text: &str) -> Result<Id> {
    text.parse().map_err(|_not_an_id: uuid::Error| Error::not_found("office"))
}

fn all_staff(tx: &mut Tx<'_>, council: Id, ids: &[Id]) -> Result<()> {
    let fault = |place| Fault::at(format!("/members/{place}"), "not_in_list", "Nobody of the staff has this id.");
    let faults: Vec<Fault> = queries::strangers(tx, council, ids)?.into_iter().map(fault).collect();
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

/// Make an office
///
/// A named unit that promises and answers in public. Its members are staff, and are never shown to the public.
#[utoipa::path(tag = "Staff", operation_id = "make_office", security(("bearer" = ["office.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = MakeOffice,
    responses((status = 201, description = "Made", body = OfficeWithMembers)))]
#[post("/councils/{council}/offices")]
async fn make_office(app: App, who: Allowed<acts::ManageOffices>, once: Once, body: Json<MakeOffice>) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (name, council, slug, by) = (name_of(&wish.name)?, who.council.id, who.council.slug.clone(), who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        all_staff(tx, council, &wish.members)?;
        let office = queries::insert_office(tx, council, &name)?;
        queries::set_members(tx, council, office.id, &wish.members)?;
        let members = queries::members_of(tx, council, office.id)?;
        let event = Event::new(AuditAction::OfficeMade, by).to(office.id);
        audit::record(tx, council, event.after(json!({ "name": office.name, "members": members })))?;
        let (location, version) = (format!("/v1/councils/{slug}/offices/{}", office.id), office.version);
        Ok(Reply::created(location, &OfficeWithMembers::of(office, members))?.version(version))
    })
    .await
}

/// List offices
///
/// By name; who belongs to them is not shown.
#[utoipa::path(tag = "Staff", operation_id = "list_offices", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ListQuery),
    responses((status = 200, description = "A page of offices", body = Page<OfficeView>)))]
#[get("/councils/{council}/offices")]
async fn list_offices(
    app: App,
    who: Allowed<acts::ReadPublic>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, secrets) = (who.council.id, app.config.secrets.clone());
    let page = app.db.read(move |tx| {
        let list = format!("offices:{council}");
        let rows = queries::list_offices(tx, council, paging.after(&secrets, &list)?, paging.load())?;
        paging.page(&secrets, &list, rows, |row: &Office| rules::name_key(&row.name), OfficeView::from)
    });
    Ok(page.await?.reply(&request)?.public(60))
}

/// Read an office
///
/// With its members, and the ETag that a change needs.
#[utoipa::path(tag = "Staff", operation_id = "read_office", security(("bearer" = ["office.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("office" = Id, Path, description = "Id of the office")),
    responses((status = 200, description = "The office", body = OfficeWithMembers)))]
#[get("/councils/{council}/offices/{office}")]
async fn read_office(app: App, who: Allowed<acts::ManageOffices>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, id) = (who.council.id, id_of(&path.1)?);
    let read = app.db.read(move |tx| {
        let office = queries::find_office(tx, council, id)?;
        Ok((office, queries::members_of(tx, council, id)?))
    });
    let (office, members) = read.await?;
    let version = office.version;
    Ok(Reply::ok(&OfficeWithMembers::of(office, members))?.version(version))
}

/// Change an office
///
/// Its name, or who belongs to it. What it has said in public keeps the name under which it was said.
#[utoipa::path(tag = "Staff", operation_id = "change_office", security(("bearer" = ["office.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("office" = Id, Path, description = "Id of the office"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = ChangeOffice, responses((status = 200, description = "Changed", body = OfficeWithMembers)))]
#[patch("/councils/{council}/offices/{office}")]
async fn change_office(
    app: App,
    who: Allowed<acts::ManageOffices>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<ChangeOffice>,
) -> Result<Reply> {
    let wish = body.value;
    let name = wish.name.as_deref().map(name_of).transpose()?;
    let (council, id, by) = (who.council.id, id_of(&path.1)?, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let before = queries::find_office(tx, council, id)?;
        read.require(before.version)?;
        let were = queries::members_of(tx, council, id)?;
        // First, for it keeps others from changing the members beside it.
        let office = queries::update_office(tx, council, &before, name.as_deref().unwrap_or(&before.name))?;
        if let Some(ids) = &wish.members {
            all_staff(tx, council, ids)?;
            queries::set_members(tx, council, id, ids)?;
        }
        let members = queries::members_of(tx, council, id)?;
        let event = Event::new(AuditAction::OfficeChanged, by).to(id);
        let event = event.before(json!({ "name": before.name, "members": were }));
        audit::record(tx, council, event.after(json!({ "name": office.name, "members": members })))?;
        let version = office.version;
        Ok(Reply::ok(&OfficeWithMembers::of(office, members))?.version(version))
    })
    .await
}
