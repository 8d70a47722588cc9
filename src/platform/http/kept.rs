//! Public answers, kept in memory: a page that thousands look at is read from the database once.
//!
//! A kept answer is given while this node has committed nothing since it was read, so that whoever changes something
//! and looks finds it changed; and for no longer than a second, because other nodes commit too (case I6). Those who ask
//! for the same at once wait for one reading of it, as writes that arrive together wait for one commit. Where the
//! database is away, what was kept lately is given with its `Age` (RFC 9111, 5.1).
//!
//! Only what says `Cache-Control: public` to a caller without a token is kept, under the path, the query and the
//! encoding, which is all that such an answer depends on (case G2).

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::str::FromStr as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, Encoding, Header as _, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::OwnedMutexGuard;

use super::reply::names;
use crate::platform::db::{Db, Stamp};
use crate::platform::error::Error;
use crate::platform::metrics::{AnswerLabels, Metrics};

/// How long an answer is given where the database is away.
const STALE_FOR: Duration = Duration::from_secs(15 * 60);

/// How old it may have been when the database was last there, so that what was taken down on another node does not come
/// back: as old as anything may be (case I6).
const STALE_FROM: Duration = Duration::from_secs(5);

/// After a reading that failed, those who come next are given the old answer for so long without trying.
const REST: Duration = Duration::from_secs(1);

/// How long one waits for the reading of somebody else before reading oneself.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bytes kept at most.
const CAPACITY: u64 = 32 * 1024 * 1024;

/// The pattern of the address that an answer was found at, where it did not come by the router.
#[derive(Clone, Debug)]
pub struct Route(pub Arc<str>);

/// Addresses that are remembered as asked for.
const REMEMBERED: usize = 1 << 14;

/// The answers that one node keeps.
pub struct Kept {
    db: Db,
    metrics: Metrics,
    /// Digests of addresses that were asked for lately: what is asked for once is not worth keeping, and most that robots
    /// ask for is asked for once.
    asked_for: Box<[AtomicU64]>,
    digests: RandomState,
    answers: Cache<String, Arc<Answer>, Bytes>,
    /// Who reads what at this moment.
    turns: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// When a reading last failed because the database is away.
    failed: Mutex<Option<std::time::Instant>>,
}

struct Answer {
    headers: Vec<(HeaderName, HeaderValue)>,
    body: web::Bytes,
    route: Arc<str>,
    read: Stamp,
    good_for: Duration,
}

#[derive(Clone)]
struct Bytes;

impl Weighter<String, Arc<Answer>> for Bytes {
    fn weight(&self, key: &String, answer: &Arc<Answer>) -> u64 {
        // Beside the text: the headers, and what holds it all together.
        u64::try_from(key.len().saturating_add(answer.body.len())).unwrap_or(u64::MAX).saturating_add(1_024)
    }
}

impl Kept {
    /// Keeps answers read from `db`.
    pub fn new(db: Db, metrics: Metrics) -> Self {
        let answers = Cache::with_weighter(10_000, CAPACITY, Bytes);
        let asked_for = (0..REMEMBERED).map(|_| AtomicU64::new(0)).collect();
        let (digests, turns, failed) = (RandomState::new(), Mutex::default(), Mutex::default());
        Self { db, metrics, asked_for, digests, answers, turns, failed }
    }

    /// Whether it was asked for before; from now on it was.
    fn is_asked_again(&self, asked: &Asked) -> bool {
        let digest = self.digests.hash_one(&asked.key);
        let place = usize::try_from(digest).unwrap_or(0) % REMEMBERED;
        self.asked_for.get(place).is_some_and(|last| last.swap(digest, Ordering::Relaxed) == digest)
    }

    /// What is true for somebody who came at a moment.
    fn good(&self, asked: &Asked, arrived: Stamp) -> Option<Arc<Answer>> {
        let answer = self.answers.get(asked.key.as_str())?;
        (!asked.anew && answer.read.holds(arrived, answer.good_for)).then_some(answer)
    }

    /// What was true when the database was last there, where a reading failed a moment ago.
    fn stale(&self, asked: &Asked, now: Stamp) -> Option<Arc<Answer>> {
        let failed = *self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = failed.is_some_and(|failed| failed.elapsed() < REST);
        self.answers.get(asked.key.as_str()).filter(|answer| {
            let read = answer.read;
            let there = read.is_at_most(STALE_FROM, self.db.last_commit());
            lately && !asked.anew && there && read.is_within(now, STALE_FOR)
        })
    }

    fn failed(&self) {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(std::time::Instant::now());
    }

    fn turns(&self) -> MutexGuard<'_, HashMap<String, Arc<tokio::sync::Mutex<()>>>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody else reads the same, or for as long as [`PATIENCE`].
    async fn turn<'a>(&'a self, key: &'a str) -> Turn<'a> {
        let lock = Arc::clone(self.turns().entry(key.to_owned()).or_default());
        let mut turn = Turn { kept: self, key, lock, held: None };
        turn.held = tokio::time::timeout(PATIENCE, Arc::clone(&turn.lock).lock_owned()).await.ok();
        turn
    }
}

/// The right to read, until it is dropped.
struct Turn<'a> {
    kept: &'a Kept,
    key: &'a str,
    lock: Arc<tokio::sync::Mutex<()>>,
    held: Option<OwnedMutexGuard<()>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        drop(self.held.take());
        let mut turns = self.kept.turns();
        // This one and the one in the list: nobody else waits.
        if Arc::strong_count(&self.lock) <= 2 {
            turns.remove(self.key);
        }
    }
}

impl Answer {
    async fn of(
        response: ServiceResponse<BoxBody>,
        read: Stamp,
        good_for: Duration,
    ) -> Result<(ServiceResponse<BoxBody>, Self), actix_web::Error> {
        let route = response.request().match_pattern().unwrap_or_else(|| "none".into()).into();
        let (request, response) = response.into_parts();
        let (response, body) = response.into_parts();
        let body = match body.try_into_bytes() {
            Ok(body) => body,
            Err(body) => to_bytes(body).await.map_err(actix_web::error::ErrorInternalServerError)?,
        };
        let headers = response.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let response = ServiceResponse::new(request, response.set_body(BoxBody::new(body.clone())));
        Ok((response, Self { headers, body, route, read, good_for }))
    }

    fn header(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value)
    }

    fn give(&self, if_none_match: Option<&HeaderValue>, age: Option<Duration>) -> HttpResponse {
        let unchanged = self.header(&header::ETAG).is_some_and(|etag| names(if_none_match, etag));
        let mut response = HttpResponse::new(if unchanged { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        for (name, value) in &self.headers {
            if !(unchanged && is_of_the_body(name)) {
                response.headers_mut().append(name.clone(), value.clone());
            }
        }
        if let Some(age) = age {
            response.headers_mut().insert(header::AGE, age.as_secs().into());
        }
        if unchanged { response } else { response.set_body(BoxBody::new(self.body.clone())) }
    }
}

fn is_of_the_body(name: &HeaderName) -> bool {
    [header::CONTENT_TYPE, header::CONTENT_ENCODING].contains(name)
}

/// How an answer would be encoded: what the compressing layer inside would choose. None where it would refuse.
fn encoding_of(request: &ServiceRequest) -> Option<ContentEncoding> {
    if !request.headers().contains_key(header::ACCEPT_ENCODING) {
        return Some(ContentEncoding::Identity);
    }
    let known = [Encoding::identity(), Encoding::brotli(), Encoding::gzip(), Encoding::deflate(), Encoding::zstd()];
    let chosen = AcceptEncoding::parse(request).ok()?.negotiate(known.iter())?;
    ContentEncoding::from_str(&chosen.to_string()).ok()
}

/// How many seconds anybody may keep an answer; none where it is not for all.
fn public_for(headers: &header::HeaderMap) -> Option<Duration> {
    let told = headers.get(header::CACHE_CONTROL)?.to_str().ok()?.strip_prefix("public, max-age=")?;
    let seconds = told.split(',').next()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Why an answer that is at hand is given.
enum From {
    Memory,
    BeforeTheFault(Stamp),
}

/// What is asked for.
struct Asked {
    /// Under what it is kept.
    key: String,
    /// What the caller has.
    if_none_match: Option<HeaderValue>,
    /// Whether it must be read anew (RFC 9111, 5.2.1.4).
    anew: bool,
}

impl Asked {
    /// Readies a request for being answered for all; none where its answer would not be for all.
    fn of(request: &mut ServiceRequest) -> Option<Self> {
        let for_all = request.method() == Method::GET
            && request.path().starts_with("/v1/")
            && !request.headers().contains_key(header::AUTHORIZATION);
        let encoding = for_all.then(|| encoding_of(request)).flatten()?;
        let address = request.uri().path_and_query().map_or_else(|| request.path(), |whole| whole.as_str());
        let key = format!("{} {address}", encoding.as_str());
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(encoding.as_str()));
        // What is kept is the whole; whether the caller has it already is asked of it afterwards.
        let if_none_match = headers.remove(header::IF_NONE_MATCH).next();
        let told = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
        Some(Self { key, if_none_match, anew: told.is_some_and(|told| told.contains("no-cache")) })
    }

    fn answered(&self, kept: &Kept, request: HttpRequest, answer: &Answer, from: From) -> ServiceResponse<BoxBody> {
        let (from, age) = match from {
            From::Memory => ("memory", None),
            From::BeforeTheFault(now) => ("stale", Some(answer.read.age(now))),
        };
        kept.metrics.public_answers.get_or_create(&AnswerLabels { from }).inc();
        request.extensions_mut().insert(Route(Arc::clone(&answer.route)));
        ServiceResponse::new(request, answer.give(self.if_none_match.as_ref(), age))
    }
}

/// Answers from what is kept, and keeps what may be.
///
/// # Errors
/// What the layers inside answer.
pub async fn keep(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let kept = request.app_data::<web::Data<Kept>>().cloned();
    let (Some(kept), Some(asked)) = (kept, Asked::of(&mut request)) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let arrived = kept.db.stamp();
    if let Some(answer) = kept.good(&asked, arrived) {
        return Ok(asked.answered(&kept, request.into_parts().0, &answer, From::Memory));
    }
    if !kept.answers.contains_key(asked.key.as_str()) && !kept.is_asked_again(&asked) {
        let response = next.call(request).await?.map_into_boxed_body();
        return Ok(unless_known(response, asked.if_none_match.as_ref()));
    }
    let key = asked.key.clone();
    let _turn = kept.turn(&key).await;
    // Whoever read meanwhile began after this request had come: that is as true as one's own reading.
    if let Some(answer) = kept.good(&asked, arrived) {
        return Ok(asked.answered(&kept, request.into_parts().0, &answer, From::Memory));
    }
    let read = kept.db.stamp();
    if let Some(answer) = kept.stale(&asked, read) {
        return Ok(asked.answered(&kept, request.into_parts().0, &answer, From::BeforeTheFault(read)));
    }
    let response = next.call(request).await?.map_into_boxed_body();
    if is_away(&response) {
        kept.failed();
        if let Some(answer) = kept.stale(&asked, read) {
            return Ok(asked.answered(&kept, response.into_parts().0, &answer, From::BeforeTheFault(read)));
        }
    }
    let good_for = public_for(response.headers()).filter(|_| response.status() == StatusCode::OK);
    let Some(good_for) = good_for else { return Ok(unless_known(response, asked.if_none_match.as_ref())) };
    let (response, answer) = Answer::of(response, read, good_for).await?;
    kept.answers.insert(asked.key, Arc::new(answer));
    kept.metrics.public_answers.get_or_create(&AnswerLabels { from: "database" }).inc();
    Ok(unless_known(response, asked.if_none_match.as_ref()))
}

/// Whether the database could not be asked; not whether too many ask it.
fn is_away(response: &ServiceResponse<BoxBody>) -> bool {
    let error = response.response().error().and_then(|error| error.as_error::<Error>());
    matches!(error, Some(Error::Unavailable(_)))
}

/// 304 where the caller has it already, of what is not kept.
fn unless_known(response: ServiceResponse<BoxBody>, if_none_match: Option<&HeaderValue>) -> ServiceResponse<BoxBody> {
    let known = response.headers().get(header::ETAG).is_some_and(|etag| names(if_none_match, etag));
    if !known || response.status() != StatusCode::OK {
        return response;
    }
    let (request, response) = response.into_parts();
    let mut bare = HttpResponse::new(StatusCode::NOT_MODIFIED);
    for (name, value) in response.headers().iter().filter(|(name, _)| !is_of_the_body(name)) {
        bare.headers_mut().append(name.clone(), value.clone());
    }
    ServiceResponse::new(request, bare)
}
