//! Move the clock; look at the mails. Outside a demo none of these is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use jiff::{SignedDuration, SpanRelativeTo};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::sign_in_as;
use crate::app::App;
use crate::people::sessions::views::AccessView;
use crate::platform::db::{Id, Instant};
use crate::platform::entries::keep_clock;
use crate::platform::error::{Error, Result};
use crate::platform::http::doors::{Anybody, Doors, get, post};
use crate::platform::http::{Json, Reply};
use crate::reach::pages::render::page;
use crate::reach::pages::routes::dressed;
use crate::vocabulary::Role;
use crate::vocabulary::permissions::exceptions;

/// The doors of this room under `/v1`.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(sign_in_to_demo).service(advance_demo_clock);
}

/// Its pages.
pub fn pages(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.service(list_demo_mail).service(read_demo_mail);
}

/// Move the clock of a demo.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdvanceClock {
    /// How far, as an ISO 8601 duration of weeks, days, hours and less: forward, and 400 days at most.
    #[schema(max_length = 40, example = "P3D")]
    pub advance: String,
}

/// What time it is in a demo.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DemoClock {
    /// Now.
    pub now: Instant,
}

/// Whom to be in a demo.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInToDemo {
    /// The role.
    pub role: Role,
    /// Which of the residents: `resident1` unless told. Only with the role `resident`.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 45, nullable = false, example = 2)]
    pub resident: Option<u16>,
}

fn only_in_a_demo(app: &App) -> Result<()> {
    if app.config.demo { Ok(()) } else { Err(Error::not_found("address")) }
}

/// Be somebody
///
/// In a demo only: signs in somebody of a role without a password, for trying things out: of the moderators the
/// first, of the residents `resident1`, or the one whose number is told. There is no refresh token; ask again.
#[utoipa::path(tag = "Demo", operation_id = "sign_in_to_demo", security(()), request_body = SignInToDemo,
    responses((status = 201, description = "Signed in", body = AccessView), (status = 404, description = "This is no demo",
        body = crate::platform::http::openapi::ProblemView, content_type = "application/problem+json")))]
#[post("/demo/sessions")]
async fn sign_in_to_demo(app: App, _: Anybody<exceptions::SignInToDemo>, body: Json<SignInToDemo>) -> Result<Reply> {
    only_in_a_demo(&app)?;
    let SignInToDemo { role, resident } = body.value;
    if resident.is_some() && role != Role::Resident {
        return Err(Error::fault("/resident", "not_allowed", "Only residents have numbers: leave it out."));
    }
    let (who, for_signing) = ((role, resident.unwrap_or(1)), app.clone());
    let signed = app.db.write(move |tx| sign_in_as(tx, &for_signing, who)).await?;
    let access_token = signed.ok_or_else(|| Error::not_found("demo"))?;
    Ok(Reply::created("/v1/councils/aldermoor/me".into(), &AccessView::of(access_token))?.secret())
}

/// Let time pass
///
/// In a demo only: moves its clock, so that one sees a promise become overdue and the mails that follow. Access tokens
/// are good for ten minutes of that clock too.
#[utoipa::path(tag = "Demo", operation_id = "advance_demo_clock", security(()), request_body = AdvanceClock,
    responses((status = 200, description = "Moved", body = DemoClock), (status = 404, description = "This is no demo",
        body = crate::platform::http::openapi::ProblemView, content_type = "application/problem+json")))]
#[post("/demo/clock")]
async fn advance_demo_clock(
    app: App,
    _: Anybody<exceptions::AdvanceDemoClock>,
    body: Json<AdvanceClock>,
) -> Result<Reply> {
    only_in_a_demo(&app)?;
    let micros = read(&body.value.advance).ok_or_else(|| {
        Error::fault("/advance", "wrong_format", "A duration such as P3D or PT36H, forward and 400 days at most.")
    })?;
    app.db.write(move |tx| keep_clock(tx, micros)).await?;
    app.db.clock().shift(micros);
    // What the clock brings about is done at once, and not in the minutes that whoever has moved it would wait for it.
    app.sweep().await?;
    Reply::ok(&DemoClock { now: app.db.clock().now() })
}

fn read(text: &str) -> Option<i64> {
    // Its other reader takes "3 days" too, which is no ISO 8601.
    let span = jiff::fmt::temporal::SpanParser::new().parse_span(text).ok()?;
    let long = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    let fits = long > SignedDuration::ZERO && long <= SignedDuration::from_hours(400 * 24);
    i64::try_from(long.as_micros()).ok().filter(|_| fits)
}

/// List the mails of a demo
///
/// A page with every mail that the demo has sent, the newest first.
#[utoipa::path(tag = "Demo", operation_id = "list_demo_mail", security(()),
    responses((status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "This is no demo",
            body = crate::platform::http::openapi::ProblemView, content_type = "application/problem+json")))]
#[get("/demo/mail")]
async fn list_demo_mail(app: App) -> Result<HttpResponse> {
    only_in_a_demo(&app)?;
    let directory = mails(&app);
    let mails = web::block(move || newest(&directory)).await.map_err(anyhow::Error::from)?;
    let html = page("mails", &json!({ "mails": mails }))?;
    Ok(dressed(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")), html))
}

/// Read a mail of a demo
///
/// As it was sent: its HTML part, as a page, below who sent it to whom and when.
#[utoipa::path(tag = "Demo", operation_id = "read_demo_mail", security(()),
    params(("mail" = Id, Path, description = "Id of the mail")),
    responses((status = 200, description = "The mail", body = String, content_type = "text/html"),
        (status = 404, description = "No such mail, or no demo",
            body = crate::platform::http::openapi::ProblemView, content_type = "application/problem+json")))]
#[get("/demo/mail/{mail}")]
async fn read_demo_mail(app: App, path: web::Path<String>) -> Result<HttpResponse> {
    only_in_a_demo(&app)?;
    let id: Id = path.parse().map_err(|_not_an_id: uuid::Error| Error::not_found("mail"))?;
    let file = mails(&app).join(format!("{id}.eml"));
    let read = web::block(move || std::fs::read(file)).await.map_err(anyhow::Error::from)?;
    let bytes = read.map_err(|_not_there| Error::not_found("mail"))?;
    let html = mail_parser::MessageParser::default().parse(&bytes).and_then(|mail| opened(&mail));
    let html = html.ok_or_else(|| Error::not_found("mail"))??;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .body(html))
}

fn mails(app: &App) -> PathBuf {
    app.config.data_dir.join("mail")
}

/// A mail with its head above it.
fn opened(mail: &mail_parser::Message<'_>) -> Option<Result<String>> {
    let html = mail.body_html(0)?;
    let head = page(
        "mail-head",
        &json!({
            "from": mail.from()?.first()?.address()?, "to": mail.to()?.first()?.address()?, "subject": mail.subject()?,
            "sent": sent(mail),
        }),
    );
    // The head belongs into the body, and the mail's own begins with an attribute or two.
    let body = html.find("<body").and_then(|start| Some(start + html.get(start..)?.find('>')? + 1)).unwrap_or_default();
    let (before, after) = html.split_at_checked(body)?;
    Some(head.map(|head| format!("{before}{head}{after}")))
}

/// When it was sent, where Aldermoor is.
fn sent(mail: &mail_parser::Message<'_>) -> Option<String> {
    let at = jiff::Timestamp::from_second(mail.date()?.to_timestamp()).ok()?;
    Some(at.in_tz("Europe/London").ok()?.strftime("%-d %B %Y, %H:%M").to_string())
}

/// Mails that are looked at; the story sends about two hundred.
const LOOKED_AT: usize = 2_000;

/// The mails in the directory: whose, what, when.
fn newest(directory: &Path) -> Vec<Value> {
    let Ok(files) = std::fs::read_dir(directory) else { return Vec::new() };
    let mut files: Vec<_> =
        files.flatten().filter_map(|file| Some((file.metadata().ok()?.modified().ok()?, file.path()))).collect();
    files.sort_unstable_by(|one, other| other.cmp(one));
    // Forty who are told the same are one line, of which the last stands for all.
    let mut alike = std::collections::HashMap::<(String, String), usize>::new();
    let mut mails: Vec<(Value, BTreeSet<String>)> = Vec::new();
    for (_, path) in files.into_iter().take(LOOKED_AT) {
        let Some((text, to, mail)) = told(&path) else { continue };
        match alike.get(&text).and_then(|place| mails.get_mut(*place)) {
            Some((_, addresses)) => drop(addresses.insert(to)),
            None => {
                alike.insert(text, mails.len());
                mails.push((mail, BTreeSet::from([to])));
            }
        }
    }
    let counted = |(mail, addresses): (Value, BTreeSet<String>)| {
        let mut mail = mail;
        if let Some(line) = mail.as_object_mut() {
            line.insert("others".into(), addresses.len().saturating_sub(1).into());
        }
        mail
    };
    mails.into_iter().map(counted).collect()
}

/// What a mail says (its subject and its text), to whom, and its line in the list.
fn told(path: &Path) -> Option<((String, String), String, Value)> {
    let bytes = std::fs::read(path).ok()?;
    let mail = mail_parser::MessageParser::default().parse(&bytes)?;
    let (to, subject) = (mail.to()?.first()?.address()?.to_owned(), mail.subject()?.to_owned());
    let line = json!({ "id": path.file_stem()?.to_string_lossy(), "to": to, "subject": subject, "sent": sent(&mail) });
    Some(((subject, without_reply_links(&mail.body_text(0)?)), to, line))
}

/// What a mail about an answer says to all whom it is sent to: each has a link of their own in it, to reply by. Mails that
/// are there for their link alone stay apart, for each is somebody's way on.
fn without_reply_links(text: &str) -> String {
    let words = text.split_whitespace();
    words.map(|word| word.split_once("/reply#token=").map_or(word, |(site, _)| site)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn time_goes_forward_and_not_too_far() {
        assert_eq!(read("P3D"), Some(3 * 86_400_000_000));
        assert_eq!(read("PT36H"), Some(36 * 3_600_000_000));
        for wrong in ["", "3", "-P3D", "PT0S", "P401D", "P9999Y", "P1M", "soon"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
