//! Answers: JSON with an ETag and the caching that fits it.

use actix_web::body::BoxBody;
use actix_web::dev::Payload;
use actix_web::http::header::HeaderValue;
use actix_web::http::{StatusCode, header};
use actix_web::{FromRequest, HttpRequest, HttpResponse, Responder};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::{Ready, ready};
use serde::{Deserialize, Serialize};

use crate::platform::error::{Code, Error, Result};
use crate::platform::http::limit::Standing;

/// Who may keep an answer, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Depends on the caller: nobody keeps it.
    Private,
    /// The same for everybody, for so many seconds.
    Public(u32),
}

/// An answer ready to be sent: a status, its bytes and its headers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// Where the new thing is.
    pub location: Option<String>,
    /// `"<version>-<digest>"`.
    pub etag: Option<String>,
    /// Who may keep it.
    pub keep: Keep,
    /// Holds a secret, and so is not stored for repeats.
    pub secret: bool,
    /// An idempotency key met its first answer.
    pub replayed: bool,
    /// `application/json`, or what else the bytes are.
    pub content_type: &'static str,
    /// The next page.
    pub link: Option<String>,
    /// What is left of the budgets that it was taken from.
    pub standings: Vec<Standing>,
}

impl Reply {
    fn of(status: StatusCode, view: &impl Serialize) -> Result<Self> {
        Ok(Self {
            status: status.as_u16(),
            body: serde_json::to_string(view).map_err(anyhow::Error::from)?,
            ..Self::nothing()
        })
    }

    /// 200 with a body.
    ///
    /// # Errors
    /// Where the view cannot be written as JSON, which is a fault of ours.
    pub fn ok(view: &impl Serialize) -> Result<Self> {
        Self::of(StatusCode::OK, view)
    }

    /// 201 with the address of what was made.
    ///
    /// # Errors
    /// As [`Reply::ok`].
    pub fn created(location: String, view: &impl Serialize) -> Result<Self> {
        Ok(Self { location: Some(location), ..Self::of(StatusCode::CREATED, view)? })
    }

    /// 202: it will be done, or nothing more is told.
    ///
    /// # Errors
    /// As [`Reply::ok`].
    pub fn accepted(view: &impl Serialize) -> Result<Self> {
        Self::of(StatusCode::ACCEPTED, view)
    }

    /// 204.
    pub fn nothing() -> Self {
        Self {
            status: 204,
            body: String::new(),
            location: None,
            etag: None,
            keep: Keep::Private,
            secret: false,
            replayed: false,
            content_type: "application/json",
            link: None,
            standings: Vec::new(),
        }
    }

    /// 200 with bytes of another type, for feeds and pages.
    pub fn text(content_type: &'static str, body: String) -> Self {
        Self { status: 200, body, content_type, ..Self::nothing() }
    }

    /// Gives it the ETag of a version; without one (a list), the digest alone.
    #[must_use]
    pub fn version(mut self, version: i64) -> Self {
        // BLAKE3 takes a fraction of what SHA-256 does on a page of ideas (docs/PERFORMANCE.md).
        let hash = blake3::hash(self.body.as_bytes());
        let short = URL_SAFE_NO_PAD.encode(hash.as_bytes().first_chunk::<9>().unwrap_or(&[0; 9]));
        self.etag = Some(format!("\"{version}-{short}\""));
        self
    }

    /// The same for everybody: caches may keep it for `seconds`.
    #[must_use]
    pub fn public(mut self, seconds: u32) -> Self {
        self.keep = Keep::Public(seconds);
        if self.etag.is_none() {
            self = self.version(0);
        }
        self
    }

    /// Says what is left of a budget.
    #[must_use]
    pub fn limited(mut self, standings: impl IntoIterator<Item = Standing>) -> Self {
        self.standings.extend(standings);
        self
    }

    /// Holds a secret.
    #[must_use]
    pub fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

impl Responder for Reply {
    type Body = BoxBody;

    fn respond_to(mut self, request: &HttpRequest) -> HttpResponse {
        // Whatever is read can be read again for nothing.
        if self.etag.is_none() && self.status == 200 && request.method().is_safe() && !self.secret {
            self = self.version(0);
        }
        let standings = self.standings.clone();
        let mut response = self.answer(request);
        for standing in standings {
            standing.tell(response.headers_mut());
        }
        response
    }
}

impl Reply {
    fn answer(self, request: &HttpRequest) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        let etag = self.etag.as_deref().and_then(|etag| HeaderValue::from_str(etag).ok());
        if let Some(etag) = &etag {
            response.insert_header((header::ETAG, etag.clone()));
        }
        match self.keep {
            Keep::Private => response.insert_header((header::CACHE_CONTROL, "private, no-store")),
            Keep::Public(seconds) => {
                response.insert_header((header::CACHE_CONTROL, format!("public, max-age={seconds}, stale-if-error=60")))
            }
        };
        if let Some(location) = &self.location {
            response.insert_header((header::LOCATION, location.as_str()));
        }
        if let Some(link) = &self.link {
            response.insert_header((header::LINK, link.as_str()));
        }
        if self.replayed {
            response.insert_header(("Idempotency-Replayed", "true"));
        }
        // Only of what is read: a change that was made is told, whatever the caller has kept.
        let unchanged = self.status == 200
            && request.method().is_safe()
            && etag.is_some_and(|etag| names(request.headers().get(header::IF_NONE_MATCH), &etag));
        if unchanged {
            return response.status(StatusCode::NOT_MODIFIED).finish();
        }
        if self.body.is_empty() {
            return response.finish();
        }
        response.insert_header((header::CONTENT_TYPE, self.content_type)).body(self.body)
    }
}

/// Whether an `If-None-Match` names this ETag: the caller has it already (RFC 9110, 13.1.2).
pub fn names(if_none_match: Option<&HeaderValue>, etag: &HeaderValue) -> bool {
    let (Some(Ok(list)), Ok(etag)) = (if_none_match.map(HeaderValue::to_str), etag.to_str()) else { return false };
    list.split(',').any(|one| one.trim().trim_start_matches("W/") == etag || one.trim() == "*")
}

/// The versions that a change may be made to, from `If-Match`. Where none is named the request ends with 428, before
/// anything else is said of what it is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IfMatch {
    /// `*`: whichever there is.
    Any,
    /// One of these.
    Versions(Vec<i64>),
}

impl IfMatch {
    /// Compares versions only, so that a moving count spoils no edit.
    ///
    /// # Errors
    /// 412 with another version.
    pub fn require(&self, current: i64) -> Result<()> {
        match self {
            Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&current) => Ok(()),
            Self::Versions(_) => Err(Code::Changed.problem().into()),
        }
    }

    fn of(request: &HttpRequest) -> Result<Option<Self>> {
        let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
        value.to_str().ok().and_then(Self::read).map(Some).ok_or_else(|| {
            let detail = "Send an ETag of this thing, its version in quotation marks, or *.";
            Error::fault("If-Match", "wrong_format", detail)
        })
    }

    fn read(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self::Any);
        }
        let version = |one: &str| {
            let tag = one.trim();
            let tag = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"')?.strip_suffix('"')?;
            tag.split('-').next()?.parse().ok()
        };
        text.split(',').map(version).collect::<Option<_>>().map(Self::Versions)
    }
}

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let named = Self::of(request).and_then(|named| Ok(named.ok_or_else(|| Code::PreconditionNeeded.problem())?));
        ready(named)
    }
}

/// `If-Match` for what may not be there yet, so that there may be no version to name.
#[derive(Clone, Debug)]
pub struct MaybeIfMatch(pub Option<IfMatch>);

impl FromRequest for MaybeIfMatch {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(IfMatch::of(request).map(Self))
    }
}
