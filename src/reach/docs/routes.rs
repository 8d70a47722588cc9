//! The page, its script and style, and the reader that it is made with (Scalar, MIT), all from this server.

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use serde_json::json;

use crate::app::App;
use crate::platform::error::{Error, Result};
use crate::platform::http::Reply;
use crate::reach::pages::render::page;

/// The doors of this room, which are no part of the contract that they show.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/docs", web::get().to(|| async { web::Redirect::to("/docs/") }))
        .service(docs_page)
        .service(docs_script)
        .service(docs_style)
        .service(reader);
}

// The reader writes style into the page; scripts come from here, and nothing at all from elsewhere.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[get("/docs/")]
async fn docs_page(app: App) -> Result<HttpResponse> {
    std::future::ready(()).await;
    let html = page("docs", &json!({ "demo": app.config.demo }))?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(html))
}

#[get("/docs/docs.js")]
async fn docs_script() -> Reply {
    std::future::ready(()).await;
    Reply::text("text/javascript; charset=utf-8", include_str!("docs.js").to_owned()).public(300)
}

#[get("/docs/docs.css")]
async fn docs_style() -> Reply {
    std::future::ready(()).await;
    Reply::text("text/css; charset=utf-8", include_str!("docs.css").to_owned()).public(300)
}

/// Five megabytes, and the same packed, made once: nothing is copied or packed at a request.
static READER: LazyLock<Option<(web::Bytes, web::Bytes)>> = LazyLock::new(|| {
    let plain = scalar_api_reference::get_asset("scalar.js")?;
    let packed = zstd::encode_all(plain.as_slice(), 12).ok()?;
    Some((plain.into(), packed.into()))
});

#[get("/docs/reader.js")]
async fn reader(request: actix_web::HttpRequest) -> Result<HttpResponse> {
    let packed = request
        .headers()
        .get(header::ACCEPT_ENCODING)
        .and_then(|accepts| accepts.to_str().ok())
        .is_some_and(|accepts| accepts.contains("zstd"));
    // Packing takes a second, the first time.
    let read = web::block(|| READER.clone()).await.map_err(anyhow::Error::from)?;
    let (plain, zstd) = read.ok_or_else(|| Error::not_found("address"))?;
    let (encoding, bytes) = if packed { ("zstd", zstd) } else { ("identity", plain) };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((header::VARY, "accept-encoding"))
        // It changes with the program only.
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        .insert_header((header::CONTENT_ENCODING, encoding))
        .body(bytes))
}
