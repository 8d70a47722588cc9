//! Make campaigns, read what they brought, follow their links.

use std::sync::Arc;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, head, web};

use super::model::CampaignRow;
use super::views::{CampaignReport, CampaignView, MakeCampaign};
use super::{queries, rules, visits};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::look_up::asker;
use crate::people::councils::model::Council;
use crate::people::councils::queries::find_council;
use crate::platform::audit::{self, Event};
use crate::platform::config::Config;
use crate::platform::db::Id;
use crate::platform::error::{Error, Result};
use crate::platform::http::doors::{Doors, get, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::openapi::ProblemView;
use crate::platform::http::page::ListQuery;
use crate::platform::http::{Json, Once, Page, Paging, Query, Reply};
use crate::vocabulary::AuditAction;
use crate::vocabulary::permissions::acts;

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(make_campaign).service(list_campaigns).service(read_campaign);
}

/// The doors that are printed on paper, and so have short addresses outside `/v1`.
pub fn short_links(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.service(follow_short_link).service(look_at_short_link);
}

fn view(config: &Config, council: &Council, row: CampaignRow) -> CampaignView {
    let short_link = config.link(&format!("/c/{}/{}", council.slug, row.code));
    CampaignView::new(row, short_link)
}

/// Make a campaign
///
/// Gives a piece of promotion its code and short link. Following the link counts a visit and hands the code on to
/// the target as `?campaign=`; nothing is kept about who followed it.
#[utoipa::path(tag = "Campaigns", operation_id = "make_campaign", security(("bearer" = ["campaign.run"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = MakeCampaign,
    responses((status = 201, description = "Made", body = CampaignView)))]
#[post("/councils/{council}/campaigns")]
async fn make_campaign(
    app: App,
    who: Allowed<acts::RunCampaign>,
    once: Once,
    body: Json<MakeCampaign>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let draft = rules::draft(&wish)?;
    let (council, config, by) = (Arc::clone(&who.council), app.config.clone(), who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let row = queries::insert_campaign(tx, council.id, &draft)?;
        audit::record(tx, council.id, Event::new(AuditAction::CampaignMade, by).to(row.id))?;
        let location = format!("/v1/councils/{}/campaigns/{}", council.slug, row.id);
        Reply::created(location, &view(&config, &council, row))
    })
    .await
}

/// List campaigns
///
/// The campaigns of a council, newest first.
#[utoipa::path(tag = "Campaigns", operation_id = "list_campaigns", security(("bearer" = ["campaign.run"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ListQuery),
    responses((status = 200, description = "The campaigns, newest first", body = Page<CampaignView>)))]
#[get("/councils/{council}/campaigns")]
async fn list_campaigns(
    app: App,
    who: Allowed<acts::RunCampaign>,
    query: Query<ListQuery>,
    request: HttpRequest,
) -> Result<Reply> {
    let paging = Paging::new(query.0.limit, query.0.cursor);
    let (council, config) = (Arc::clone(&who.council), app.config.clone());
    let page = app.db.read(move |tx| {
        let after = paging.after(&config.secrets, "campaigns")?;
        let rows = queries::list_campaigns(tx, council.id, after, paging.load())?;
        let key = |row: &CampaignRow| (row.created_at, row.id);
        paging.page(&config.secrets, "campaigns", rows, key, |row| view(&config, &council, row))
    });
    page.await?.reply(&request)
}

/// Read a campaign
///
/// What a campaign brought, by day and action. Counts below ten are null, and so is a total that would tell one of
/// them.
#[utoipa::path(tag = "Campaigns", operation_id = "read_campaign", security(("bearer" = ["campaign.run"])),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("campaign" = Id, Path, description = "Id of the campaign")),
    responses((status = 200, description = "The campaign and its counts", body = CampaignReport)))]
#[get("/councils/{council}/campaigns/{campaign}")]
async fn read_campaign(app: App, who: Allowed<acts::RunCampaign>, path: web::Path<(String, String)>) -> Result<Reply> {
    let council = who.council.id;
    let campaign: Id = path.1.parse().map_err(|_not_an_id: uuid::Error| Error::not_found("campaign"))?;
    let read = app.db.read(move |tx| {
        let row = queries::find_campaign(tx, council, campaign)?;
        Ok((row, queries::counts_of(tx, council, campaign)?))
    });
    let (row, counts) = read.await?;
    let report = CampaignReport::new(view(&app.config, &who.council, row), counts);
    Ok(Reply::ok(&report)?.version(0))
}

/// Follow a short link
///
/// Counts a visit, unless a robot or a look ahead asks, and leads to the target of the campaign with its code as
/// `?campaign=`.
#[utoipa::path(tag = "Campaigns", operation_id = "follow_short_link", security(()),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("code" = String, Path, description = "The code of the campaign")),
    responses((status = 302, description = "To the target"), (status = 404, description = "No such campaign", body = ProblemView, content_type = "application/problem+json")))]
#[get("/c/{council}/{code}")]
async fn follow_short_link(app: App, path: web::Path<(String, String)>, request: HttpRequest) -> Result<HttpResponse> {
    app.requests.pass(asker(&app, &request))?;
    let (council, code) = path.into_inner();
    let (council, row) = led(&app, council, &code).await?;
    let said = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if rules::is_visit(&[said("Sec-Purpose"), said("Purpose"), said("X-Moz")], said("User-Agent")) {
        visits::note(&app, council, row.id, 1);
    }
    redirect(&row)
}

/// Look at a short link
///
/// Where a short link leads, without counting.
#[utoipa::path(tag = "Campaigns", operation_id = "look_at_short_link", security(()),
    params(("council" = String, Path, description = "Slug or id of the council"),
        ("code" = String, Path, description = "The code of the campaign")),
    responses((status = 302, description = "To the target"), (status = 404, description = "No such campaign", body = ProblemView, content_type = "application/problem+json")))]
#[head("/c/{council}/{code}")]
async fn look_at_short_link(app: App, path: web::Path<(String, String)>, request: HttpRequest) -> Result<HttpResponse> {
    app.requests.pass(asker(&app, &request))?;
    let (council, code) = path.into_inner();
    redirect(&led(&app, council, &code).await?.1)
}

async fn led(app: &App, council: String, code: &str) -> Result<(Id, CampaignRow)> {
    // What cannot be a code or a council is not looked for.
    let code = rules::code_of(code).filter(|_| !council.chars().any(char::is_control));
    let code = code.ok_or_else(|| Error::not_found("campaign"))?;
    let read = app.db.read(move |tx| {
        let council = find_council(tx, &council)?.ok_or_else(|| Error::not_found("campaign"))?;
        Ok((council.id, queries::find_by_code(tx, council.id, &code)?))
    });
    read.await
}

fn redirect(row: &CampaignRow) -> Result<HttpResponse> {
    let target = rules::destination(&row.target_url, &row.code);
    let target = target.ok_or_else(|| Error::Internal(anyhow::anyhow!("the target of a campaign cannot be read")))?;
    Ok(HttpResponse::Found()
        .insert_header((header::LOCATION, target))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}
