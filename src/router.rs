//! Every door of the house: route and documentation in one statement.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::{AppExt as _, scope};

use crate::app::App;
use crate::platform::error::{Code, Error};
use crate::platform::http::doors::Doors;
use crate::platform::http::{Reply, kept, middleware, openapi};
use crate::{accountability, participation, people, process, reach, stewardship};

/// The doors under `/v1`, those that most go through first: they are tried one after the other.
fn v1(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    let doors = &mut Doors::new(config);
    participation::ideas::routes::routes(doors);
    participation::voting::routes::routes(doors);
    participation::ballots::routes::routes(doors);
    participation::challenges::routes::routes(doors);
    participation::guests::routes::routes(doors);
    people::councils::routes::routes(doors);
    people::accounts::routes::routes(doors);
    people::sessions::routes::routes(doors);
    people::credentials::routes::routes(doors);
    people::factors::routes::routes(doors);
    people::audit::routes::routes(doors);
    people::staff::routes::routes(doors);
    people::offices::routes::routes(doors);
    people::keys::routes::routes(doors);
    people::sandboxes::routes::routes(doors);
    people::verification::routes::routes(doors);
    people::sso::routes::routes(doors);
    people::proof_of_work::routes::routes(doors);
    participation::comments::routes::routes(doors);
    process::moderation::routes::routes(doors);
    process::screening::routes::routes(doors);
    process::appeals::routes::routes(doors);
    process::merges::routes::routes(doors);
    process::signals::routes::routes(doors);
    process::sanctions::routes::routes(doors);
    process::reviews::routes::routes(doors);
    reach::work::routes::routes(doors);
    accountability::routes(doors);
    reach::routes(doors);
    stewardship::routes(doors);
}

/// The doors beside it.
fn beside(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.service(healthz).service(readyz).service(metrics).service(jwks);
    reach::campaigns::routes::short_links(config);
    reach::pages::routes::routes(config);
    reach::demonstration::routes::pages(config);
}

/// The whole application.
pub fn application(
    app: App,
) -> actix_web::App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<actix_web::body::BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let (web, _) = actix_web::App::new()
        .into_utoipa_app()
        .service(scope::scope("/v1").wrap(from_fn(people::accounts::look_up::look_up)).configure(v1))
        .configure(beside)
        .split_for_parts();
    web.app_data(web::Data::new(app.clone()))
        .app_data(web::Data::from(Arc::clone(&app.kept)))
        .app_data(web::Data::new(app.metrics.clone()))
        .app_data(
            web::PathConfig::default()
                .error_handler(|_fault, _| crate::platform::error::Error::not_found("address").into()),
        )
        .route("/", web::get().to(reach::pages::routes::front_page))
        .default_service(web::to(nowhere))
        .route("/openapi.json", web::get().to(|| served(&JSON, "application/json")))
        .route("/openapi.yaml", web::get().to(|| served(&YAML, "application/yaml")))
        .configure(reach::docs::routes::routes)
        .configure(|config| {
            if app.config.staff_page {
                reach::staff::routes::routes(config);
            }
        })
        .wrap(Compress::default())
        .wrap(from_fn(kept::keep))
        .wrap(from_fn(people::accounts::look_up::count))
        .wrap(cors(&app))
        .wrap(from_fn(middleware::dress))
}

/// The document that the routes yield.
pub fn document() -> OpenApi {
    let (_, mut document) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(openapi::frame())
        .service(scope::scope("/v1").configure(v1))
        .configure(beside)
        .split_for_parts();
    openapi::complete(&mut document);
    reach::docs::document::illustrate(&mut document);
    document
}

/// Written once, not once for each worker.
static JSON: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());
static YAML: LazyLock<String> = LazyLock::new(|| openapi::yaml(&document()).unwrap_or_default());

/// The operations by the parts of their paths, and what a browser may ask for besides.
static METHODS: LazyLock<Vec<(Vec<String>, Vec<String>)>> = LazyLock::new(|| {
    let mut document = document();
    let paths = document.paths.paths.iter_mut();
    let known = paths.map(|(path, item)| {
        let methods = openapi::operations(item).into_iter().map(|(method, _)| method.to_uppercase());
        (path.split('/').map(str::to_owned).collect(), methods.collect())
    });
    known.collect()
});

/// Whether an address could be one of the other pattern, too; a place for any word is written `{name}`.
fn overlap(one: &[String], other: &[&str]) -> bool {
    let same = |(one, other): (&String, &&str)| {
        one == other || (one.starts_with('{') && !other.is_empty()) || other.starts_with('{')
    };
    one.len() == other.len() && one.iter().zip(other).all(same)
}

/// Where no door is: another method than those of an address is told so, the rest is not there.
async fn nowhere(request: HttpRequest) -> HttpResponse {
    std::future::ready(()).await;
    let parts: Vec<&str> = request.path().split('/').collect();
    let methods = METHODS.iter().find(|(pattern, _)| overlap(pattern, &parts)).map(|(_, known)| known.as_slice());
    let Some(methods) = methods else {
        return match reach::pages::routes::refusal_for(&request, &Code::NotFound.problem()) {
            Some(page) => page,
            None => HttpResponse::from_error(Error::from(Code::NotFound.problem())),
        };
    };
    let mut response = HttpResponse::from_error(Error::from(Code::MethodNotAllowed.problem()));
    let allow = methods.join(", ").replace("GET", "GET, HEAD");
    if let Ok(allow) = allow.parse() {
        response.headers_mut().insert(actix_web::http::header::ALLOW, allow);
    }
    response
}

async fn served(text: &'static str, content_type: &'static str) -> HttpResponse {
    std::future::ready(()).await;
    HttpResponse::Ok()
        .insert_header(("Content-Type", content_type))
        .insert_header(("Cache-Control", "public, max-age=300"))
        .body(text)
}

fn cors(app: &App) -> actix_cors::Cors {
    let mut cors = actix_cors::Cors::default()
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "if-match",
            "if-none-match",
            "idempotency-key",
            "proof-of-work",
            "x-request-id",
        ])
        .expose_headers([
            "etag",
            "idempotency-replayed",
            "link",
            "location",
            "ratelimit",
            "ratelimit-policy",
            "retry-after",
            "x-request-id",
        ])
        .max_age(600);
    for origin in &app.config.cors_origins {
        cors = cors.allowed_origin(origin);
    }
    if app.config.demo {
        cors = cors.allowed_origin_fn(|origin, _| {
            origin
                .to_str()
                .ok()
                .and_then(|text| url::Url::parse(text).ok())
                .is_some_and(|url| matches!(url.host_str(), Some("localhost" | "127.0.0.1")))
        });
    }
    cors
}

/// Is the process alive?
///
/// Says yes as long as it answers at all.
#[utoipa::path(tag = "Service", operation_id = "healthz", security(()), responses((status = 200, description = "Alive", body = String)))]
#[get("/healthz")]
async fn healthz() -> Reply {
    std::future::ready(()).await;
    Reply::text("text/plain; charset=utf-8", "alive\n".into())
}

/// Can it serve?
///
/// Says yes where the database took a write within the last fifteen seconds; load balancers ask here.
#[utoipa::path(tag = "Service", operation_id = "readyz", security(()),
    responses((status = 200, description = "Ready", body = String), (status = 503, description = "Not ready", body = crate::platform::http::openapi::ProblemView, content_type = "application/problem+json")))]
#[get("/readyz")]
async fn readyz(app: App) -> crate::platform::error::Result<Reply> {
    // A database that hangs answers no trial either, so it is the age that tells.
    let lately = app.last_write.lock().is_ok_and(|last| last.elapsed() < Duration::from_secs(15));
    if !lately {
        return Err(Code::Unavailable.problem().retry_in(2).into());
    }
    Ok(Reply::text("text/plain; charset=utf-8", "ready\n".into()))
}

/// Figures of this node
///
/// In the Prometheus text format. Keep it inside your network.
#[utoipa::path(tag = "Service", operation_id = "metrics", security(()), responses((status = 200, description = "Figures", body = String)))]
#[get("/metrics")]
async fn metrics(app: App) -> Reply {
    std::future::ready(()).await;
    Reply::text("text/plain; version=0.0.4; charset=utf-8", app.metrics.text())
}

/// The public keys of access tokens (RFC 7517).
#[derive(serde::Serialize, utoipa::ToSchema)]
struct KeySet {
    /// The keys; a token names its own by `kid`.
    keys: Vec<std::collections::BTreeMap<String, String>>,
}

/// Keys of access tokens
///
/// The public keys (RFC 7517) that access tokens are signed with.
#[utoipa::path(tag = "Service", operation_id = "jwks", security(()), responses((status = 200, description = "A key set", body = KeySet)))]
#[get("/.well-known/jwks.json")]
async fn jwks(app: App) -> crate::platform::error::Result<Reply> {
    std::future::ready(()).await;
    Ok(Reply::ok(&app.keys.jwks())?.public(300))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With two patterns for one address, another method than those of the first would be answered by the second.
    #[test]
    fn no_address_fits_two_patterns() {
        for (place, (one, _)) in METHODS.iter().enumerate() {
            for (other, _) in METHODS.iter().skip(place + 1) {
                let other: Vec<&str> = other.iter().map(String::as_str).collect();
                assert!(!overlap(one, &other), "{} and {}", one.join("/"), other.join("/"));
            }
        }
    }
}
