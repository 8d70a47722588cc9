//! Who a request comes from. Read from the database at each request, so that a role taken away, a suspension or a
//! sign-out bite on the next one (cases A10, B17).

use std::marker::PhantomData;
use std::net::IpAddr;
use std::sync::Arc;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderValue;
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, web};
use futures_util::future::{Ready, ready};
use serde_json::json;

use super::platform_admins;
use crate::app::App;
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
use crate::platform::error::{Code, Error, Problem, Result};
use crate::platform::http::address::{network_of, site_of};
use crate::platform::http::doors::Caller;
use crate::platform::http::idempotency::CallerKey;
use crate::platform::http::limit::{self, Asker, Limited, Standing};
use crate::platform::http::{Once, Reply};
use crate::platform::secrets::{Secrets, token_hash};
use crate::vocabulary::permissions::acts::Act;
use crate::vocabulary::permissions::{Action, Party};
use crate::vocabulary::{AuditAction, KeyMode, Role};

/// An account that is signed in.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account, or the platform admin.
    pub id: Id,
    /// What it may do in its council.
    pub role: Role,
    /// How its owner wishes to be called.
    pub display_name: String,
    /// The session.
    pub session: Id,
    /// Whether the council asks its staff for a second factor, and this session has shown none.
    pub weak: bool,
}

impl Actor {
    /// Whether the permission table lets them act, and their session is good enough for it: the extractors ask this, and
    /// whoever tells beforehand what they would say.
    ///
    /// # Errors
    /// 403.
    pub fn may(&self, action: Action) -> Result<()> {
        if !action.allows(Party::Member(self.role)) {
            return Err(not_allowed(action).into());
        }
        // What everybody may, and what mends it.
        let harmless = action.allows(Party::Visitor) || action == Action::UseAccount;
        if self.weak && !harmless { Err(Code::StaffSecondFactor.problem().into()) } else { Ok(()) }
    }
}

/// Whose eyes content is seen with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Anybody.
    Visitor,
    /// A resident: sees their own besides.
    Account(Id),
    /// The council's staff.
    Staff,
}

/// What was found out about a request before its handler runs.
#[derive(Clone)]
struct Found {
    party: Party,
    actor: Option<Actor>,
    council: Option<Arc<Council>>,
    network: IpAddr,
    /// The council of the caller, whatever the address names.
    home: Option<Id>,
    /// The key that was shown in place of a session, and what it is for.
    key: Option<(Id, Vec<Action>)>,
    /// The council of the key, and the day to be noted as the last on which it was used, where that is another than before.
    used: Option<(Id, String)>,
}

/// What a token turned out to be.
enum Sighting {
    /// Good here.
    Found(Found),
    /// Good, but of another council than it was shown to.
    Elsewhere { home: Id, account: Id, by: By, shown_to: Id },
}

impl Found {
    /// Whether a key was shown that is for nothing that visitors and residents may not do too.
    fn is_public_only(&self) -> bool {
        let open = |row: &Action| row.allows(Party::Visitor) || row.allows(Party::Member(Role::Resident));
        self.key.as_ref().is_some_and(|(_, rows)| rows.iter().all(open))
    }

    fn visitor(council: Option<Arc<Council>>, network: IpAddr) -> Self {
        Self { party: Party::Visitor, actor: None, council, network, home: None, key: None, used: None }
    }

    fn by(&self) -> By {
        match (&self.actor, self.party) {
            (None, _) => By::Nobody,
            (Some(actor), Party::Platform) => By::Platform(actor.id),
            (Some(actor), _) => match &self.key {
                Some((key, _)) => By::Key { account: actor.id, key: *key },
                None => By::Account(actor.id),
            },
        }
    }
}

/// Left by whoever refused a signed-in account, for the audit log.
struct Refused(Action);

/// A caller whom the permission table allows `A`, and the council it is about.
#[derive(Clone)]
pub struct Allowed<A> {
    /// The council of the address.
    pub council: Arc<Council>,
    actor: Option<Actor>,
    network: IpAddr,
    by: By,
    public_only: bool,
    action: PhantomData<A>,
}

/// A platform admin.
#[derive(Clone, Debug)]
pub struct PlatformAdmin {
    /// Who.
    pub id: Id,
}

impl<A> Allowed<A> {
    /// The account that is signed in.
    ///
    /// # Errors
    /// 401 for a visitor.
    pub fn actor(&self) -> Result<&Actor> {
        self.actor.as_ref().ok_or_else(|| Code::Unauthenticated.problem().into())
    }

    /// Who acts, for the audit log.
    pub fn by(&self) -> By {
        self.by
    }

    /// Whose eyes content is seen with.
    pub fn viewer(&self) -> Viewer {
        match &self.actor {
            None => Viewer::Visitor,
            Some(actor) if actor.role == Role::Resident || actor.weak => Viewer::Account(actor.id),
            // Whoever gives a website a key to read with does not publish by it what only the staff sees.
            Some(_) if self.public_only => Viewer::Visitor,
            Some(_) => Viewer::Staff,
        }
    }

    /// Refuses a program: this is done by somebody who is signed in.
    ///
    /// # Errors
    /// 403 where a key was shown.
    pub fn in_person(&self) -> Result<()> {
        match self.by {
            By::Key { .. } => Err(Code::Forbidden.because("No key may do this. Sign in to do it.").into()),
            _ => Ok(()),
        }
    }

    /// Whether a second factor is missing.
    pub fn is_weak(&self) -> bool {
        self.actor.as_ref().is_some_and(|actor| actor.weak)
    }

    /// Whether the caller belongs to the council's staff.
    pub fn is_staff(&self) -> bool {
        self.viewer() == Viewer::Staff
    }

    /// The network the request comes from, as a MAC: good for counting, useless for finding.
    pub fn network(&self, app: &App) -> String {
        mac_of(app, self.network)
    }

    /// The same of the site that the network is one of, for what makes work for others.
    pub fn site(&self, app: &App) -> String {
        mac_of(app, site_of(self.network))
    }

    /// Writes one atomic unit on the caller's budget.
    ///
    /// # Errors
    /// 429 where the budget is used up, or what `work` answers; either way nothing was written or taken.
    pub async fn write(
        &self,
        app: &App,
        limited: Limited,
        work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
    ) -> Result<Reply> {
        app.db.write(self.on_budget(app, limited, work)).await
    }

    /// The same, once for an idempotency key and body.
    ///
    /// # Errors
    /// As [`Allowed::write`] and [`Once::write`].
    pub async fn write_once(
        &self,
        app: &App,
        limited: Limited,
        once: Once,
        body: &[u8],
        work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
    ) -> Result<Reply> {
        let work = self.on_budget(app, limited, work);
        once.write(&app.db, &app.config.secrets, self.council.id, body, work).await
    }

    fn on_budget(
        &self,
        app: &App,
        limited: Limited,
        work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
    ) -> impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static {
        let key = match self.by {
            By::Key { key, .. } => format!("key:{key}"),
            _ => self.actor.as_ref().map_or_else(|| self.network(app), |actor| actor.id.to_string()),
        };
        on_budget(app.config.limits, limited, key, work)
    }
}

fn on_budget(
    limits: bool,
    limited: Limited,
    key: String,
    work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
) -> impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static {
    move |tx| {
        let standing = if limits { Some(limit::take(tx, limited, &key)?) } else { None };
        Ok(work(tx)?.limited(standing))
    }
}

impl PlatformAdmin {
    /// Writes one atomic unit, once for an idempotency key and body.
    ///
    /// # Errors
    /// As [`Allowed::write_once`].
    pub async fn write_once(
        &self,
        app: &App,
        once: Once,
        body: &[u8],
        work: impl Fn(&mut Tx<'_>) -> Result<Reply> + Send + 'static,
    ) -> Result<Reply> {
        let work = on_budget(app.config.limits, Limited::Write, self.id.to_string(), work);
        once.write(&app.db, &app.config.secrets, Id::NONE, body, work).await
    }
}

impl<A: Act + 'static> FromRequest for Allowed<A> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(allowed(request).map(|(found, council)| Self {
            council,
            by: found.by(),
            public_only: found.is_public_only(),
            actor: found.actor,
            network: found.network,
            action: PhantomData,
        }))
        .into_checked::<A>(request)
    }
}

impl<A: Act + 'static> Caller for Allowed<A> {
    const ROW: Option<Action> = Some(A::ACTION);
}

impl Caller for PlatformAdmin {
    const ROW: Option<Action> = Some(Action::OperatePlatform);
}

// The refusal by role comes before the one by address, so that a stranger learns nothing from the difference.
trait Checked<T> {
    fn into_checked<A: Act>(self, request: &HttpRequest) -> Ready<Result<T>>;
}

impl<T> Checked<T> for Ready<Result<T>> {
    fn into_checked<A: Act>(self, request: &HttpRequest) -> Ready<Result<T>> {
        let found = request.extensions().get::<Found>().cloned();
        let party = found.as_ref().map_or(Party::Visitor, |found| found.party);
        if found.as_ref().is_some_and(|found| found.key.as_ref().is_some_and(|(_, rows)| !rows.contains(&A::ACTION))) {
            request.extensions_mut().insert(Refused(A::ACTION));
            let detail = format!("This key is not for that ({}).", A::ACTION.as_str());
            return ready(Err(Code::Forbidden.because(detail).into()));
        }
        let verdict = match (party, found.and_then(|found| found.actor)) {
            (Party::Member(_), Some(actor)) => actor.may(A::ACTION),
            _ if A::ACTION.allows(party) => Ok(()),
            (Party::Visitor | Party::Member(_), _) => Err(Code::Unauthenticated.problem().into()),
            (Party::Platform, _) => Err(Code::BadToken.problem().into()),
        };
        if matches!(party, Party::Member(_)) && !A::ACTION.allows(party) {
            request.extensions_mut().insert(Refused(A::ACTION));
        }
        match verdict {
            Ok(()) => self,
            Err(refusal) => ready(Err(refusal)),
        }
    }
}

fn not_allowed(action: Action) -> Problem {
    let who: Vec<&str> = Party::ALL.iter().filter(|party| action.allows(**party)).map(|party| party.as_str()).collect();
    Code::Forbidden.because(format!(
        "Your role does not allow this ({}). Who may: {}.",
        action.as_str(),
        who.join(", ")
    ))
}

fn allowed(request: &HttpRequest) -> Result<(Found, Arc<Council>)> {
    let found = request.extensions().get::<Found>().cloned();
    let found = found.ok_or_else(|| Error::Internal(anyhow::anyhow!("the caller was not looked up")))?;
    let council = found.council.clone().ok_or_else(|| Error::not_found("council"))?;
    Ok((found, council))
}

impl FromRequest for PlatformAdmin {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let found = request.extensions().get::<Found>().cloned();
        ready(match found {
            Some(Found { party: Party::Platform, actor: Some(actor), .. }) => Ok(Self { id: actor.id }),
            Some(Found { party: Party::Member(_), .. }) => {
                request.extensions_mut().insert(Refused(Action::OperatePlatform));
                Err(Code::Forbidden.problem().into())
            }
            _ => Err(Code::Unauthenticated.problem().into()),
        })
    }
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

fn mac_of(app: &App, network: IpAddr) -> String {
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

async fn find(request: &ServiceRequest, network: IpAddr, claims: Result<Option<Shown>>) -> Result<Found> {
    let (app, claims) = (wired(request)?, claims?);
    let mut parts = request.path().trim_start_matches("/v1").trim_start_matches('/').split('/');
    let reference = match (parts.next(), parts.next()) {
        (Some("councils"), Some(reference)) if !reference.is_empty() => Some(reference.to_owned()),
        _ => None,
    };
    let known = reference.as_deref().and_then(|reference| app.councils.known(reference));
    if claims.is_none() && (reference.is_none() || known.is_some()) {
        return Ok(Found::visitor(known, network));
    }
    let councils = app.councils.clone();
    let read = app.db.stamp();
    let sighting = app
        .db
        .read(move |tx| {
            let council = match (known, &reference) {
                (None, Some(reference)) => find_council(tx, reference)?.map(Arc::new).inspect(|council| {
                    councils.note(reference.clone(), read, council);
                }),
                (known, _) => known,
            };
            let bad = || Error::from(Code::BadToken.problem());
            let claims = match &claims {
                None => return Ok(Sighting::Found(Found::visitor(council, network))),
                Some(Shown::Key(shown)) => return find_by_key(tx, shown, reference.as_deref(), council, network),
                Some(Shown::Token(claims)) => claims,
            };
            let sub: Id = claims.sub.parse().map_err(|_not_ours| bad())?;
            let session: Id = claims.sid.parse().map_err(|_not_ours| bad())?;
            if claims.aud == PLATFORM {
                let generation = platform_admins::platform_generation(tx, sub)?.filter(|_| reference.is_none());
                if generation.is_none_or(|generation| session != platform_session(sub, generation)) {
                    return Err(bad());
                }
                let display_name = "platform".into();
                let actor = Actor { id: sub, role: Role::Admin, display_name, session, weak: false };
                let party = Party::Platform;
                return Ok(Sighting::Found(Found { party, actor: Some(actor), ..Found::visitor(None, network) }));
            }
            let home: Id = claims.aud.parse().map_err(|_not_ours| bad())?;
            let found = find_session(tx, home, session)?.filter(|(shown, _)| shown.account_id == sub);
            let (shown, account) = found.ok_or_else(bad)?;
            // A credential of one council is nobody's in another (case A1).
            if let Some(council) = council.as_ref().filter(|council| council.id != home) {
                let (account, shown_to) = (account.id, council.id);
                return Ok(Sighting::Elsewhere { home, account, by: By::Account(account), shown_to });
            }
            let (id, role, display_name) = (account.id, account.role, account.display_name);
            let weak = is_weak(council.as_deref(), role, shown.two_factors);
            let actor = Actor { id, role, display_name, session, weak };
            let party = Party::Member(role);
            Ok(Sighting::Found(Found {
                party,
                actor: Some(actor),
                home: Some(home),
                ..Found::visitor(council, network)
            }))
        })
        .await?;
    match sighting {
        Sighting::Found(found) => Ok(found),
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
