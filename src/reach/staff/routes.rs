//! The page, its script and its style.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};

/// The doors of this room, which are no part of the contract: they lead to one client of it.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(staff_page).service(staff_script).service(staff_style);
}

// What residents write is shown here to those whom attackers would most like to be. So no script but ours runs, nothing is
// asked of anybody else, and the browser refuses to make markup of a text, whatever the script might do (trusted types).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

fn served(content_type: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, content_type))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(text)
}

#[get("/staff")]
async fn staff_page() -> HttpResponse {
    std::future::ready(()).await;
    served("text/html; charset=utf-8", include_str!("staff.html"))
}

#[get("/staff/staff.js")]
async fn staff_script() -> HttpResponse {
    std::future::ready(()).await;
    served("text/javascript; charset=utf-8", include_str!("staff.js"))
}

#[get("/staff/staff.css")]
async fn staff_style() -> HttpResponse {
    std::future::ready(()).await;
    served("text/css; charset=utf-8", include_str!("staff.css"))
}
