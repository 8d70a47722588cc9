//! Finds out who a request comes from, before any handler runs. Read from the database at each request, so that a role taken
//! away, a suspension or a sign-out bite on the next one (cases A10, B17).

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderValue;
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{HttpMessage as _, HttpRequest, web};
use serde_json::json;

use super::caller::{Actor, Found, Refused};
use super::model::AccountRow;
use super::platform_admins;
use crate::app::App;
use crate::participation::challenges::rehearsals::queries::{Way, join, way_into};
use crate::people::councils::model::Council;
use crate::people::councils::queries::{council_by_id, find_council};
use crate::people::keys::queries as keys;
use crate::people::keys::rules::{ShownKey, read as read_key};
use crate::people::sandboxes::queries::find_part;
use crate::people::sessions::queries::find_session;
use crate::people::sessions::routes::platform_session;
use crate::people::sessions::token::{Claims, PLATFORM};
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::http::address::network_of;
use crate::platform::http::idempotency::CallerKey;
use crate::platform::http::limit::{Asker, Standing};
use crate::platform::secrets::{Secrets, token_hash};
use crate::vocabulary::permissions::Party;
use crate::vocabulary::{AuditAction, KeyMode, Role};

/// What a token turned out to be.
enum Sighting {
    /// Good here.
    Found(Found),
    /// Good in a rehearsal, where its account has no part yet.
    Joining(Box<AccountRow>),
    /// Good, but of another council than it was shown to.
    Elsewhere { home: Id, account: Id, by: By, shown_to: Id },
}

/// What a request shows of who sends it.
enum Shown {
    /// An access token that we have signed.
    Token(Claims),
    /// What has the form of a key; whether it is one is not known yet.
    Key(ShownKey),
}

/// What a request says of itself, before anything is read.
struct Counted {
    claims: Result<Option<Shown>>,
    network: IpAddr,
    standing: Option<Standing>,
}

/// Counts a request to the API against its account or, where no token of ours came with it, its network.
///
/// # Errors
/// What the layers inside answer; 429 where it is one too many comes as an answer, so that the outer layers dress it like
/// any other.
pub async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    if request.path().starts_with("/v1/") {
        match counted(&request) {
            Ok(counted) => request.extensions_mut().insert(counted),
            Err(error) => return Ok(ServiceResponse::from_err(error, request.into_parts().0)),
        };
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

fn counted(request: &ServiceRequest) -> Result<Counted> {
    let app = wired(request)?;
    let network = network_of(request.request(), &app.config.trusted_proxies);
    let claims = claims_of(app, request);
    let asker = match &claims {
        Ok(Some(Shown::Token(claims))) => Asker::Account(claims.sub.clone()),
        // A key is counted by itself once it is known to be one: anybody can make one up.
        _ => Asker::Network(network),
    };
    // Whoever comes for a fresh token may well send a stale one along: of a session that was ended, or another council.
    let claims = match claims {
        Ok(Some(Shown::Key(key))) if mends_a_session(request) && key.mode == KeyMode::Test => {
            // Overlooked, it would do in the council itself what was meant for the sandbox.
            let detail =
                "A test key signs nobody in, makes no accounts and follows no mailed links: nobody is in a sandbox.";
            Err(Code::Forbidden.because(detail).into())
        }
        _ if mends_a_session(request) => Ok(None),
        claims => claims,
    };
    Ok(Counted { claims, network, standing: app.requests.pass(asker)? })
}

fn wired(request: &ServiceRequest) -> Result<&App> {
    let app = request.app_data::<web::Data<App>>().map(|app| app.get_ref());
    app.ok_or_else(|| Error::Internal(anyhow::anyhow!("the application is not wired")))
}

/// Looks up the council and the caller before any handler runs. A bad token is refused, never taken for a visitor.
///
/// # Errors
/// What the layers inside answer; as answers, 401 for a token that is wrong, has run out, or belongs to another council,
/// 429 where it was not counted before and is one too many, 503 where the database is away.
pub async fn look_up(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let counted = request.extensions_mut().remove::<Counted>().map_or_else(|| counted(&request), Ok);
    let (standing, found) = match counted {
        Ok(Counted { claims, network, standing }) => {
            let found = match (find(&request, network, claims).await, wired(&request)) {
                (Ok(found), Ok(app)) => count_key(app, &found).await.map(|()| found),
                (found, _) => found,
            };
            (standing, found)
        }
        Err(error) => (None, Err(error)),
    };
    let mut response = match found {
        Ok(found) => {
            if !request.method().is_safe() {
                let key = match (&found.actor, wired(&request)) {
                    (Some(actor), _) => match found.by() {
                        By::Key { key, .. } => format!("key:{key}"),
                        _ => actor.id.to_string(),
                    },
                    (None, Ok(app)) => format!("network:{}", mac_of(app, found.network)),
                    (None, Err(error)) => return Ok(ServiceResponse::from_err(error, request.into_parts().0)),
                };
                request.extensions_mut().insert(CallerKey(key));
            }
            let sandbox = found.council.as_ref().is_some_and(|council| council.sandbox_of.is_some());
            request.extensions_mut().insert(found);
            let mut response = next.call(request).await?.map_into_boxed_body();
            write_down(response.request()).await;
            let kept = response
                .headers()
                .get(header::CACHE_CONTROL)
                .is_some_and(|keep| keep.as_bytes().starts_with(b"public"));
            if sandbox && kept {
                // At the address of the council itself, where no cache is to mistake it.
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            }
            response
        }
        // As an answer and not as an error, so that the outer layers dress it like any other.
        Err(error) => ServiceResponse::from_err(error, request.into_parts().0),
    };
    // What others may keep does not tell one caller's budget.
    let shared =
        response.headers().get(header::CACHE_CONTROL).is_some_and(|keep| keep.as_bytes().starts_with(b"public"));
    if let Some(standing) = standing.filter(|_| !shared) {
        standing.tell(response.headers_mut());
    }
    Ok(response)
}

/// Writes down that an account was refused, before it hears of it.
async fn write_down(request: &HttpRequest) {
    let (refused, found) = {
        let extensions = request.extensions();
        (extensions.get::<Refused>().map(|refused| refused.0), extensions.get::<Found>().cloned())
    };
    let (Some(action), Some(found), Some(app)) = (refused, found, request.app_data::<web::Data<App>>()) else { return };
    let (Some(council), Some(account)) = (found.home, found.actor.as_ref().map(|actor| actor.id)) else { return };
    let operation = format!("{} {}", request.method(), request.match_pattern().unwrap_or_default());
    let by = found.by();
    let written = app.db.write(move |tx| {
        let what = json!({ "permission": action.as_str(), "operation": operation });
        audit::refused(tx, council, account, Event::new(AuditAction::AuthorisationRefused, by).after(what))
    });
    if let Err(error) = written.await {
        tracing::warn!(%error, "a refusal could not be written into the audit log");
    }
}

/// Ends of the addresses that overlook a token which comes along, for they are what one does without a good one.
pub const OVERLOOKS_TOKENS: [&str; 24] = [
    "/sessions",
    "/sessions/refresh",
    "/sessions/code",
    "/sessions/link",
    "/sessions/passkey",
    "/sessions/passkey/options",
    "/sign-in-codes",
    "/password-resets",
    "/password-resets/redeem",
    "/addresses/undo",
    "/accounts",
    "/accounts/confirm",
    "/invitation-acceptances",
    "/promises/accept",
    "/reviews",
    "/reviews/decision",
    "/appeals",
    "/replies",
    "/merge-choices",
    "/vote-contests",
    "/participations",
    "/participations/redeem",
    "/platform/sessions",
    "/finish",
];

fn mends_a_session(request: &ServiceRequest) -> bool {
    request.method() == Method::POST && OVERLOOKS_TOKENS.iter().any(|end| request.path().ends_with(end))
}

/// The network a request comes from, to be counted by.
pub fn asker(app: &App, request: &HttpRequest) -> Asker {
    Asker::Network(network_of(request, &app.config.trusted_proxies))
}

/// The network a request comes from, as a MAC.
pub fn network_mac(app: &App, request: &HttpRequest) -> String {
    mac_of(app, network_of(request, &app.config.trusted_proxies))
}

pub(super) fn mac_of(app: &App, network: IpAddr) -> String {
    app.config.secrets.mac("network", &[network.to_string().as_bytes()])
}

fn claims_of(app: &App, request: &ServiceRequest) -> Result<Option<Shown>> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|text| text.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let token = token.ok_or_else(|| {
        Error::from(
            Code::BadToken.because("Authorization takes the word Bearer, a blank and an access token or a key."),
        )
    })?;
    if let Some(key) = read_key(token) {
        return Ok(Some(Shown::Key(key)));
    }
    app.keys.read(token, app.db.clock().now()).map(|claims| Some(Shown::Token(claims)))
}

/// A request as it has to be looked up.
struct Asked {
    shown: Option<Shown>,
    /// What stands for a council in its address, and that council where it is at hand.
    reference: Option<String>,
    known: Option<Arc<Council>>,
    network: IpAddr,
    /// It changes nothing.
    reads: bool,
}

async fn find(request: &ServiceRequest, network: IpAddr, claims: Result<Option<Shown>>) -> Result<Found> {
    let (app, shown) = (wired(request)?, claims?);
    let mut parts = request.path().trim_start_matches("/v1").trim_start_matches('/').split('/');
    let reference = match (parts.next(), parts.next()) {
        (Some("councils"), Some(reference)) if !reference.is_empty() => Some(reference.to_owned()),
        _ => None,
    };
    let known = reference.as_deref().and_then(|reference| app.councils.known(reference));
    if shown.is_none() && (reference.is_none() || known.is_some()) {
        return Ok(Found::visitor(known, network));
    }
    let asked = Arc::new(Asked { shown, reference, known, network, reads: request.method().is_safe() });
    let mut sighting = look(app, &asked).await?;
    if let Sighting::Joining(account) = sighting {
        let reference = asked.reference.clone().unwrap_or_default();
        app.db.write(move |tx| join(tx, &account, &reference)).await?;
        sighting = look(app, &asked).await?;
    }
    match sighting {
        Sighting::Found(found) => Ok(found),
        // It was taken away again at this moment.
        Sighting::Joining(_) => Err(Error::busy()),
        Sighting::Elsewhere { home, account, by, shown_to } => {
            let event = Event::new(AuditAction::TokenShownElsewhere, by).to(shown_to);
            let written = app.db.write(move |tx| audit::refused(tx, home, account, event.clone())).await;
            if let Err(error) = written {
                tracing::warn!(%error, "that a token was shown elsewhere could not be written into the audit log");
            }
            Err(Code::BadToken.problem().into())
        }
    }
}

async fn look(app: &App, asked: &Arc<Asked>) -> Result<Sighting> {
    let (councils, stamp, asked) = (app.councils.clone(), app.db.stamp(), Arc::clone(asked));
    let looked = app.db.read(move |tx| {
        let council = match (&asked.known, &asked.reference) {
            (None, Some(reference)) => find_council(tx, reference)?.map(Arc::new).inspect(|council| {
                councils.note(reference.clone(), stamp, council);
            }),
            (known, _) => known.clone(),
        };
        match &asked.shown {
            None => Ok(Sighting::Found(Found::visitor(council, asked.network))),
            Some(Shown::Key(shown)) => find_by_key(tx, shown, asked.reference.as_deref(), council, asked.network),
            Some(Shown::Token(claims)) => find_by_token(tx, claims, &asked, council),
        }
    });
    looked.await
}

/// Who a session is of.
fn find_by_token(tx: &mut Tx<'_>, claims: &Claims, asked: &Asked, council: Option<Arc<Council>>) -> Result<Sighting> {
    let bad = || Error::from(Code::BadToken.problem());
    let sub: Id = claims.sub.parse().map_err(|_not_ours| bad())?;
    let session: Id = claims.sid.parse().map_err(|_not_ours| bad())?;
    let nobody = |council| Found::visitor(council, asked.network);
    if claims.aud == PLATFORM {
        let generation = platform_admins::platform_generation(tx, sub)?.filter(|_| asked.reference.is_none());
        if generation.is_none_or(|generation| session != platform_session(sub, generation)) {
            return Err(bad());
        }
        let actor = Actor { id: sub, role: Role::Admin, display_name: "platform".into(), session, weak: false };
        return Ok(Sighting::Found(Found { party: Party::Platform, actor: Some(actor), ..nobody(None) }));
    }
    let home: Id = claims.aud.parse().map_err(|_not_ours| bad())?;
    let found = find_session(tx, home, session)?.filter(|(shown, _)| shown.account_id == sub);
    let (shown, account) = found.ok_or_else(bad)?;
    // A credential of one council is nobody's in another (case A1).
    if let Some(council) = council.as_ref().filter(|council| council.id != home) {
        let (account, shown_to) = (account.id, council.id);
        return Ok(Sighting::Elsewhere { home, account, by: By::Account(account), shown_to });
    }
    let (council, account, session) = match (&council, &asked.reference) {
        (None, Some(reference)) => match way_into(tx, &account, reference)? {
            None => (None, account, session),
            Some(Way::Join) => return Ok(Sighting::Joining(Box::new(account))),
            Some(Way::Over(_)) if !asked.reads => {
                let detail = "This rehearsal is over. What was done in it can be read.";
                return Err(Code::WrongState.because(detail).into());
            }
            // Nobody signs in or out there.
            Some(Way::In(there) | Way::Over(there)) => {
                let (council, part) = *there;
                (Some(Arc::new(Council { slug: reference.clone(), ..council })), part, Id::NONE)
            }
        },
        _ => (council, account, session),
    };
    let weak = is_weak(council.as_deref(), account.role, shown.two_factors);
    let home = Some(account.council_id);
    let party = Party::Member(account.role);
    let actor = Actor { id: account.id, role: account.role, display_name: account.display_name, session, weak };
    Ok(Sighting::Found(Found { party, actor: Some(actor), home, ..nobody(council) }))
}

/// Whether a council asks for a second factor that was not shown.
fn is_weak(council: Option<&Council>, role: Role, two_factors: bool) -> bool {
    council.is_some_and(|council| council.staff_second_factor) && role != Role::Resident && !two_factors
}

/// Who a key stands for: its maker with what the maker may do now, and of that no more than the key is for.
fn find_by_key(
    tx: &mut Tx<'_>,
    shown: &ShownKey,
    reference: Option<&str>,
    council: Option<Arc<Council>>,
    network: IpAddr,
) -> Result<Sighting> {
    let bad = || Error::from(Code::BadToken.problem());
    let (key, maker) = keys::find_shown(tx, shown.id)?.ok_or_else(bad)?;
    // A key says of itself whether it is for the sandbox, so that nobody takes one for the other.
    if !Secrets::same(&key.secret_hash, &token_hash(&shown.secret)) || key.mode != shown.mode {
        return Err(bad());
    }
    if let Some(council) = council.as_ref().filter(|council| council.id != key.council_id) {
        let (home, account, shown_to) = (key.council_id, maker.id, council.id);
        return Ok(Sighting::Elsewhere { home, account, by: By::Key { account, key: key.id }, shown_to });
    }
    let day = tx.now().timestamp().strftime("%Y-%m-%d").to_string();
    let used = (key.last_used_on.as_deref() != Some(day.as_str())).then_some((key.council_id, day));
    let (council, account) = match key.mode {
        KeyMode::Live => (council, maker),
        // Who has left the staff tries nothing out on its behalf.
        KeyMode::Test if maker.role == Role::Resident => return Err(bad()),
        KeyMode::Test => {
            let (sandbox, part) = find_part(tx, key.council_id, key.id)?.ok_or_else(bad)?;
            let asked = match (&council, reference) {
                (Some(council), _) => Some(council.slug.clone()),
                // Its own id stands in what it answers, so its caller may ask by it.
                (None, Some(id)) if id.parse() == Ok(sandbox.id) => Some(council_by_id(tx, key.council_id)?.slug),
                (None, _) => None,
            };
            (asked.map(|slug| Arc::new(Council { slug, ..sandbox })), part)
        }
    };
    let (role, display_name) = (account.role, account.display_name);
    // A rule that came later bites on a key too that was made without a second factor.
    let weak = is_weak(council.as_deref(), role, key.two_factors);
    let actor = Actor { id: account.id, role, display_name, session: Id::NONE, weak };
    let (home, party) = (Some(account.council_id), Party::Member(role));
    let key = Some((key.id, key.scopes()));
    Ok(Sighting::Found(Found { party, actor: Some(actor), home, key, used, ..Found::visitor(council, network) }))
}

/// Counts a request of a key that is one, and notes the day on which it was used, once a day.
async fn count_key(app: &App, found: &Found) -> Result<()> {
    let Some((key, _)) = found.key.clone() else { return Ok(()) };
    app.requests.pass(Asker::Account(format!("key:{key}")))?;
    if let Some((council, day)) = found.used.clone() {
        app.db.write(move |tx| keys::note_use(tx, council, key, &day)).await?;
    }
    Ok(())
}
