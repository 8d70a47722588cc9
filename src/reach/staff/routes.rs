//! The page, its scripts and its style.

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};

/// The doors of this room, which are no part of the contract: they lead to one client of it.
pub fn routes(config: &mut web::ServiceConfig) {
    config.service(staff_page).service(staff_style).service(staff_script);
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

/// The scripts: modules that the browser puts together, so that nothing is built.
const SCRIPTS: [(&str, &str); 19] = [
    ("staff", include_str!("staff.js")),
    ("api", include_str!("api.js")),
    ("words", include_str!("words.js")),
    ("ask", include_str!("ask.js")),
    ("list", include_str!("list.js")),
    ("show", include_str!("show.js")),
    ("keys", include_str!("keys.js")),
    ("door", include_str!("door.js")),
    ("notes", include_str!("notes.js")),
    ("people", include_str!("people.js")),
    ("edit", include_str!("edit.js")),
    ("batch", include_str!("batch.js")),
    ("cases", include_str!("cases.js")),
    ("appeals", include_str!("appeals.js")),
    ("answers", include_str!("answers.js")),
    ("ideas", include_str!("ideas.js")),
    ("signals", include_str!("signals.js")),
    ("commitments", include_str!("commitments.js")),
    ("held", include_str!("held.js")),
];

#[get("/staff/{script}.js")]
async fn staff_script(name: web::Path<String>) -> HttpResponse {
    std::future::ready(()).await;
    match SCRIPTS.iter().find(|(script, _)| *script == name.as_str()) {
        Some((_, text)) => served("text/javascript; charset=utf-8", text),
        None => HttpResponse::NotFound().finish(),
    }
}

#[get("/staff/staff.css")]
async fn staff_style() -> HttpResponse {
    std::future::ready(()).await;
    served("text/css; charset=utf-8", include_str!("staff.css"))
}
