//! Bare actix: the bytes that Folkmoot answered, with as many headers, and nothing done for them.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{App, HttpResponse, HttpServer, web};

/// Serves until it is ended.
pub async fn serve(listen: SocketAddr, headers: &Path, body: &Path) -> anyhow::Result<()> {
    let pairs: Vec<(String, String)> = serde_json::from_slice(&std::fs::read(headers)?)?;
    let pairs =
        pairs.iter().map(|(name, value)| Ok((HeaderName::from_bytes(name.as_bytes())?, HeaderValue::from_str(value)?)));
    let headers: Vec<(HeaderName, HeaderValue)> = pairs.collect::<anyhow::Result<_>>()?;
    let body = web::Bytes::from(std::fs::read(body)?);
    let server = HttpServer::new(move || {
        let (headers, body) = (headers.clone(), body.clone());
        let answer = move || {
            let mut response = HttpResponse::Ok();
            for (name, value) in &headers {
                response.insert_header((name, value));
            }
            std::future::ready(response.body(body.clone()))
        };
        App::new().default_service(web::to(answer))
    });
    // As the server of Folkmoot is set up.
    server.keep_alive(Duration::from_secs(75)).bind(listen)?.run().await?;
    Ok(())
}
