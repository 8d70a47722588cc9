//! What wraps every request: an id, a span, a count, the headers of a careful server, and problems as documents.

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, web};
use tracing::Instrument as _;

use crate::platform::db::Id;
use crate::platform::error::{Code, Error, Problem};
use crate::platform::http::kept::Route;
use crate::platform::http::limit::Standing;
use crate::platform::metrics::{Metrics, RequestLabels};

/// The id of a request: what the caller sent, where it is a plain word, else a new one.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What every answer says to browsers.
static CAREFUL: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    (HeaderName::from_static("permissions-policy"), HeaderValue::from_static("interest-cohort=()")),
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000")),
];

/// Gives the request its id and span, counts it, turns every refusal into a problem document that names the id,
/// and sets the headers that every answer has.
///
/// # Errors
/// Never of its own.
pub async fn dress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let id = request
        .headers()
        .get("X-Request-Id")
        .and_then(|value| value.to_str().ok())
        .filter(|text| (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        .map_or_else(|| Id::random().to_string(), ToOwned::to_owned);
    request.extensions_mut().insert(RequestId(id.clone()));
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let mut request = request;
    let method = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        .into_iter()
        .find(|known| request.method().as_str() == *known)
        .unwrap_or("other");
    // HEAD is GET without the body (RFC 9110, 9.3.2), which the connection leaves out by itself; but not where a GET counts.
    if request.method() == Method::HEAD && !request.path().starts_with("/c/") {
        request.head_mut().method = Method::GET;
    }
    let started = std::time::Instant::now();
    // The pattern and not the path: a path may hold what should not be logged.
    let span =
        tracing::info_span!("request", request_id = %id, http.method = method, http.route = tracing::field::Empty);
    let inner = span.clone();
    let mut response = next.call(request).instrument(inner).await?.map_into_boxed_body();
    let kept = response.request().extensions().get::<Route>().map(|route| route.0.to_string());
    let route = kept.or_else(|| response.request().match_pattern()).unwrap_or_else(|| "none".into());
    span.record("http.route", route.as_str());
    if response.status().is_client_error() || response.status().is_server_error() {
        response = as_document(response, &id, &span);
    }
    let status = response.status().as_u16();
    let duration = started.elapsed();
    if let Some(metrics) = metrics {
        metrics.requests.get_or_create(&RequestLabels { method, route, status }).inc();
        metrics.seconds.observe(duration.as_secs_f64());
    }
    span.in_scope(|| tracing::info!(http.status = status, duration_ms = duration.as_secs_f64() * 1_000.0, "answered"));
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(X_REQUEST_ID, value);
    }
    for (name, value) in &CAREFUL {
        headers.insert(name.clone(), value.clone());
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
        );
    }
    // Public and private answers live at one address: a cache keeps them apart by these.
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding, Authorization, Origin"));
    Ok(response)
}

fn as_document(response: ServiceResponse<BoxBody>, id: &str, span: &tracing::Span) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let problem = match response.response().error().map(|error| error.as_error::<Error>()) {
        Some(Some(error)) => {
            span.in_scope(|| match error {
                Error::Internal(reason) => tracing::error!(error = format!("{reason:#}"), "request failed"),
                Error::Unavailable(reason) => tracing::warn!(error = format!("{reason:#}"), "not available"),
                Error::Transient(_) | Error::Problem(_) => {}
            });
            error.problem()
        }
        _ if response
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| kind == "application/problem+json" || kind.as_bytes().starts_with(b"text/html")) =>
        {
            return response;
        }
        _ => problem_of(status),
    };
    let (request, old) = response.into_parts();
    let mut fresh = problem.response(Some(id));
    // Outer layers have added to these; what they hold now replaces what the problem alone would say.
    fresh.headers_mut().retain(|name, _| !Standing::is_told_in(name));
    for (name, value) in old.headers() {
        if Standing::is_told_in(name) {
            fresh.headers_mut().append(name.clone(), value.clone());
        }
        if (name == header::ALLOW || name.as_str().starts_with("access-control-"))
            && !fresh.headers().contains_key(name)
        {
            fresh.headers_mut().insert(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, fresh)
}

/// What the server itself refused, before any of our code.
fn problem_of(status: StatusCode) -> Problem {
    match status {
        StatusCode::NOT_FOUND => Code::NotFound.problem(),
        StatusCode::REQUEST_TIMEOUT => Code::TooSlow.problem(),
        StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed.problem(),
        StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge.problem(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedType.problem(),
        StatusCode::UNAUTHORIZED => Code::Unauthenticated.problem(),
        StatusCode::FORBIDDEN => Code::Forbidden.problem(),
        status if status.is_server_error() => Code::Internal.problem(),
        _ => Code::Malformed.problem(),
    }
}
