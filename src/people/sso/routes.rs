//! Set providers up; go to one and come back; link and unlink.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};

use super::model::{IdentityRow, Known, ProviderRow, Trip};
use super::provider::{self, Arrived, Kept};
use super::views::{
    ChangeProvider, ClaimRule, FinishSignOn, FirstSignIn, IdentityList, IdentityView, LinkIdentity, MakeAccount,
    MakeProvider, ProviderList, ProviderView, SignInProvider, SignInProviderList, SignOnStarted, StartSignOn,
};
use super::{queries, rules};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::model::AccountRow;
use crate::people::accounts::queries::{find_account, insert_account_without_address, touch_account};
use crate::people::accounts::routes::{limited, name_faults};
use crate::people::accounts::rules::{age_fault, is_to_be_protected};
use crate::people::accounts::tokens::{issue_token, peek_token, redeem_token};
use crate::people::councils::jobs::{SettingsNotice, tell_admins};
use crate::people::councils::model::Council;
use crate::people::factors::proof::{keeps_a_way_in, prove};
use crate::people::factors::queries::has_second_factor;
use crate::people::factors::{SecurityNotice, TellOfSecurity};
use crate::people::sessions::routes::{Begun, finish_sign_in};
use crate::people::sessions::views::SessionView;
use crate::people::verification::Way;
use crate::people::verification::queries::{self as verification, facts_of};
use crate::people::verification::sso_claim::Claimed;
use crate::platform::audit::{By, Event, record};
use crate::platform::db::{Id, Json as JsonColumn, Tx};
use crate::platform::error::{Code, Error, Fault, Problem, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, delete, get, patch, post};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Once, Reply, id_of};
use crate::platform::jobs::enqueue;
use crate::platform::secrets::{Secrets, fresh_token, token_hash};
use crate::process::appeals::rules::until;
use crate::process::sanctions::jobs::appeal_token;
use crate::process::sanctions::queries::{appeals_against, running_suspension};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountState, AuditAction, SignInMethod, TokenKind};

/// Hours that somebody may be on the way to a provider and back, or may take to choose a name.
const HOURS: u64 = 1;
/// What nonce and verifier are sealed for.
const TRIP: &str = "single-sign-on";

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(make_identity_provider)
        .service(list_identity_providers)
        .service(read_identity_provider)
        .service(change_identity_provider)
        .service(remove_identity_provider)
        .service(list_sign_in_providers)
        .service(start_sign_on)
        .service(make_account_of_sign_on)
        .service(finish_sign_on)
        .service(link_identity)
        .service(list_identities)
        .service(unlink_identity);
}

// By id, so that it holds when the council takes another name.
fn redirect_uri(app: &App, council: Id, provider: Id) -> String {
    app.config.link(&format!("/councils/{council}/sso/{provider}/callback"))
}

fn view(app: &App, row: &ProviderRow) -> Result<ProviderView> {
    ProviderView::new(row, redirect_uri(app, row.council_id, row.id))
}

/// What a schema cannot say of scopes and rules.
fn faults(scopes: Option<&[String]>, claims: Option<&[ClaimRule]>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (n, scope) in scopes.unwrap_or_default().iter().enumerate() {
        // RFC 6749, 3.3.
        if scope.is_empty()
            || scope.len() > 100
            || !scope.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\".contains(&b))
        {
            faults.push(Fault::at(format!("/scopes/{n}"), "wrong_format", "This is not a scope."));
        }
    }
    for (n, rule) in claims.unwrap_or_default().iter().enumerate() {
        if ["sub", "iss", "aud", "nonce", "email"].contains(&rule.claim.as_str()) {
            let detail = "This claim says who somebody is, and not where they live.";
            faults.push(Fault::at(format!("/claims/{n}/claim"), "not_in_list", detail));
        }
    }
    faults
}

/// Set a sign-in provider up
///
/// Any OpenID Connect provider that publishes a configuration (OpenID Connect Discovery 1.0). It is read at once, so that
/// a wrong issuer is found now. Enter the `redirect_uri` of the answer there.
#[utoipa::path(tag = "Single sign-on", operation_id = "make_identity_provider", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = MakeProvider,
    responses((status = 201, description = "Set up", body = ProviderView)))]
#[post("/councils/{council}/identity-providers")]
async fn make_identity_provider(
    app: App,
    who: Allowed<acts::ManageCouncil>,
    once: Once,
    body: Json<MakeProvider>,
) -> Result<Reply> {
    who.in_person()?;
    let Json { value: wish, bytes } = body;
    let mut faults = faults(wish.scopes.as_deref(), wish.claims.as_deref());
    if let Err(why) = app.outbound.takes(&wish.issuer) {
        faults.push(Fault::at("/issuer", "not_allowed", why));
    } else if wish.issuer.contains(['?', '#']) {
        faults.push(Fault::at("/issuer", "wrong_format", "An issuer has neither ? nor #."));
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let now = app.db.clock().now();
    if let Err(fault) = app.published.read(&app.outbound, &wish.issuer, now, std::time::Duration::ZERO).await {
        tracing::info!(%fault, "a sign-in provider that was to be set up cannot be read");
        let detail = "There is no OpenID Connect provider of this name, or its configuration cannot be read.";
        return Err(Error::fault("/issuer", "cannot_be_read", detail));
    }
    let json = |value| -> Result<JsonColumn> { Ok(JsonColumn(value)) };
    let mut row = ProviderRow {
        council_id: who.council.id,
        id: Id::at(now),
        name: tidy(&wish.name),
        issuer: wish.issuer,
        client_id: wish.client_id,
        client_secret: None,
        scopes: json(serde_json::json!(wish.scopes.unwrap_or_default()))?,
        claims: json(serde_json::json!(wish.claims.unwrap_or_default()))?,
        enabled: wish.enabled.unwrap_or(true),
        version: 1,
        created_at: now,
    };
    row.client_secret = wish.client_secret.map(|secret| sealed(&app.config.secrets, &row, &secret));
    let location = format!("/v1/councils/{}/identity-providers/{}", who.council.slug, row.id);
    let (told, by, site) = (view(&app, &row)?, who.by(), who.council.site_url.clone());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        queries::insert_provider(tx, &row)?;
        record_provider(tx, &site, row.council_id, Event::new(AuditAction::ProviderMade, by).to(row.id))?;
        Ok(Reply::created(location.clone(), &told)?.version(row.version))
    })
    .await
}

/// Writes down what was done to a provider, and tells all admins: it is by providers that people get in.
fn record_provider(tx: &mut Tx<'_>, site: &str, council: Id, event: Event) -> Result<()> {
    record(tx, council, event)?;
    tell_admins(tx, council, site, SettingsNotice::SignInProvider)
}

fn sealed(secrets: &Secrets, row: &ProviderRow, secret: &str) -> String {
    secrets.seal(provider::SECRET, &provider::bound(row), secret.as_bytes())
}

/// List sign-in providers as they are set up
///
/// With everything but their secrets.
#[utoipa::path(tag = "Single sign-on", operation_id = "list_identity_providers", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "All providers", body = ProviderList)))]
#[get("/councils/{council}/identity-providers")]
async fn list_identity_providers(app: App, who: Allowed<acts::ManageCouncil>) -> Result<Reply> {
    let council = who.council.id;
    let rows = app.db.read(move |tx| queries::list_providers(tx, council)).await?;
    Reply::ok(&ProviderList { items: rows.iter().map(|row| view(&app, row)).collect::<Result<_>>()? })
}

/// Read a sign-in provider as it is set up
///
/// With everything but its secret.
#[utoipa::path(tag = "Single sign-on", operation_id = "read_identity_provider", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("provider" = Id, Path, description = "Id of the provider")),
    responses((status = 200, description = "The provider", body = ProviderView)))]
#[get("/councils/{council}/identity-providers/{provider}")]
async fn read_identity_provider(
    app: App,
    who: Allowed<acts::ManageCouncil>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    let (council, id) = (who.council.id, id_of(&path.1, "provider")?);
    let row = app.db.read(move |tx| queries::find_provider(tx, council, id)).await?;
    Ok(Reply::ok(&view(&app, &row)?)?.version(row.version))
}

/// Change a sign-in provider
///
/// What is left out stays as it is. Whoever is on the way to a provider that is switched off is not let in.
#[utoipa::path(tag = "Single sign-on", operation_id = "change_identity_provider", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("provider" = Id, Path, description = "Id of the provider"),
        ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = ChangeProvider, responses((status = 200, description = "Changed", body = ProviderView)))]
#[patch("/councils/{council}/identity-providers/{provider}")]
async fn change_identity_provider(
    app: App,
    who: Allowed<acts::ManageCouncil>,
    path: web::Path<(String, String)>,
    read: IfMatch,
    body: Json<ChangeProvider>,
) -> Result<Reply> {
    who.in_person()?;
    let (council, id, wish) = (who.council.id, id_of(&path.1, "provider")?, body.value);
    let faults = faults(wish.scopes.as_deref(), wish.claims.as_deref());
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let (all, by, site) = (app.clone(), who.by(), who.council.site_url.clone());
    who.write(&app, Limited::Write, move |tx| {
        let mut row = queries::find_provider(tx, council, id)?;
        read.require(row.version)?;
        let before = serde_json::json!({ "enabled": row.enabled, "version": row.version });
        row.name = wish.name.as_deref().map(tidy).unwrap_or(row.name);
        row.client_id = wish.client_id.clone().unwrap_or(row.client_id);
        if let Some(secret) = &wish.client_secret {
            row.client_secret = Some(sealed(&all.config.secrets, &row, secret));
        }
        row.scopes = wish.scopes.as_ref().map_or(row.scopes, |all| JsonColumn(serde_json::json!(all)));
        row.claims = wish.claims.as_ref().map_or(row.claims, |all| JsonColumn(serde_json::json!(all)));
        row.enabled = wish.enabled.unwrap_or(row.enabled);
        queries::update_provider(tx, &row)?;
        let row = queries::find_provider(tx, council, id)?;
        let event = Event::new(AuditAction::ProviderChanged, by).to(id).before(before);
        let after = serde_json::json!({ "enabled": row.enabled, "version": row.version });
        record_provider(tx, &site, council, event.after(after))?;
        Ok(Reply::ok(&view(&all, &row)?)?.version(row.version))
    })
    .await
}

/// Take a sign-in provider away
///
/// Nobody signs in by it any more. Who came by it keeps the account, and the link to it should it be set up again.
#[utoipa::path(tag = "Single sign-on", operation_id = "remove_identity_provider", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("provider" = Id, Path, description = "Id of the provider")),
    responses((status = 204, description = "Taken away")))]
#[delete("/councils/{council}/identity-providers/{provider}")]
async fn remove_identity_provider(
    app: App,
    who: Allowed<acts::ManageCouncil>,
    path: web::Path<(String, String)>,
) -> Result<Reply> {
    who.in_person()?;
    let (council, id, by) = (who.council.id, id_of(&path.1, "provider")?, who.by());
    let site = who.council.site_url.clone();
    who.write(&app, Limited::Write, move |tx| {
        queries::delete_provider(tx, council, id)?;
        record_provider(tx, &site, council, Event::new(AuditAction::ProviderRemoved, by).to(id))?;
        Ok(Reply::nothing())
    })
    .await
}

/// List the providers that one can sign in by
///
/// One button for each.
#[utoipa::path(tag = "Single sign-on", operation_id = "list_sign_in_providers", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The providers", body = SignInProviderList)))]
#[get("/councils/{council}/sso")]
async fn list_sign_in_providers(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let council = who.council.id;
    let rows = app.db.read(move |tx| queries::list_providers(tx, council)).await?;
    let items =
        rows.into_iter().filter(|row| row.enabled).map(|ProviderRow { id, name, .. }| SignInProvider { id, name });
    Ok(Reply::ok(&SignInProviderList { items: items.collect() })?.public(60))
}

/// Where browsers may be sent back to: the council's site, the installation itself, and the frontends that may speak to it.
fn origins(app: &App, council: &Council) -> Vec<url::Url> {
    let listed = app.config.cors_origins.iter().chain([&council.site_url]);
    let listed = listed.filter_map(|origin| url::Url::parse(origin).ok());
    listed.chain([app.config.public_url.clone()]).collect()
}

fn enabled(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<ProviderRow> {
    let row = queries::find_provider(tx, council, id)?;
    if row.enabled { Ok(row) } else { Err(Error::not_found("provider")) }
}

/// Go to a sign-in provider
///
/// Gives the address to send the browser to, and a `flow` to keep meanwhile. The browser comes back to `return_to` with
/// `code`, `state` and maybe `iss`, or with `error`, behind `#`. The state is good for an hour, once, and only together with
/// the flow, so that nobody is signed in with an answer that somebody else has got.
#[utoipa::path(tag = "Single sign-on", operation_id = "start_sign_on", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("provider" = Id, Path, description = "Id of the provider")),
    request_body = StartSignOn, responses((status = 200, description = "Where to go", body = SignOnStarted)))]
#[post("/councils/{council}/sso/{provider}/start")]
async fn start_sign_on(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
    body: Json<StartSignOn>,
) -> Result<Reply> {
    let (council, id, wish) = (who.council.id, id_of(&path.1, "provider")?, body.value);
    let Some(return_to) = rules::return_address(&wish.return_to, &origins(&app, &who.council)) else {
        let detail = "A browser comes back to a page of the council's site or of this installation only.";
        return Err(Error::fault("/return_to", "not_allowed", detail));
    };
    let account = match wish.link {
        // A way in is added only by who shows that they are its owner, and not by who finds a device open.
        Some(true) => Some(prove(&app, &who, wish.proof.unwrap_or_default()).await?.account.id),
        _ => None,
    };
    let row = app.db.read(move |tx| enabled(tx, council, id)).await?;
    let budget = match account {
        Some(account) => (Limited::Write, account.to_string()),
        None => (Limited::SignOn, who.network(&app)),
    };
    // Before anybody elsewhere is asked for anything.
    let standings = limited(&app, vec![budget]).await?;
    let metadata = app.published.of(&app.outbound, &row, app.db.clock().now()).await?;
    let (secrets, redirect) = (app.config.secrets.clone(), redirect_uri(&app, council, id));
    let started = app.db.write(move |tx| {
        let (flow, hash) = fresh_token();
        let (kept, trip) = (Kept::fresh(), Id::random());
        let plain = serde_json::to_vec(&kept).map_err(anyhow::Error::from)?;
        let data = Trip {
            provider: id,
            sealed: secrets.seal(TRIP, hash.as_bytes(), &plain),
            flow: hash,
            return_to: return_to.to_string(),
            account,
        };
        let data = serde_json::to_value(data).map_err(anyhow::Error::from)?;
        let state = issue_token(tx, council, TokenKind::SignOn, trip, data, HOURS)?;
        let authorization_url = provider::departure(&row, &metadata, &secrets, &redirect, &state, &kept)?;
        Ok(Reply::ok(&SignOnStarted { authorization_url, flow })?.secret())
    });
    Ok(started.await?.limited(standings))
}

/// Come back from a sign-in provider
///
/// Where the provider sends the browser; it goes on to the page that it came from, with everything behind `#`.
#[utoipa::path(tag = "Pages", operation_id = "sign_on_callback", security(()),
    params(("council" = String, Path, description = "Slug or id of the council"), ("provider" = Id, Path, description = "Id of the provider"),
        ("state" = Option<String>, Query, description = "As it was sent"), ("code" = Option<String>, Query, description = "What is exchanged"),
        ("iss" = Option<String>, Query, description = "Who sent it"), ("error" = Option<String>, Query, description = "Why there is no code")),
    responses((status = 303, description = "On to the page"), (status = 422, description = "Nobody is on the way", body = String, content_type = "text/html")))]
#[get("/{council}/sso/{provider}/callback")]
pub async fn sign_on_callback(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
    request: HttpRequest,
) -> Result<HttpResponse> {
    let (council, id) = (who.council.id, id_of(&path.1, "provider")?);
    let pairs: Vec<_> = url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let invalid = || Error::from(Code::LinkInvalid.problem());
    let mut told = url::form_urlencoded::Serializer::new(String::new());
    let mut state = None;
    for name in ["code", "state", "iss", "error"] {
        let mut given = pairs.iter().filter(|(one, _)| one == name).map(|(_, value)| value);
        match (given.next(), given.next()) {
            (Some(value), None) if value.len() <= 2_000 => {
                told.append_pair(name, value);
                if name == "state" {
                    state = Some(value.clone());
                }
            }
            (None, _) => {}
            _ => return Err(invalid()),
        }
    }
    let state = state.ok_or_else(invalid)?;
    let found = app.db.read(move |tx| peek_token(tx, council, TokenKind::SignOn, &state)).await?;
    let trip: Trip = serde_json::from_value(found.1).map_err(|_of_another_version| invalid())?;
    // Each provider has an address of its own, so that none can pass another's answer off as its own.
    if trip.provider != id {
        return Err(invalid());
    }
    let mut on = url::Url::parse(&trip.return_to).map_err(anyhow::Error::from)?;
    on.set_fragment(Some(&told.finish()));
    Ok(HttpResponse::SeeOther()
        .insert_header(("Location", on.as_str()))
        .insert_header(("Cache-Control", "no-store"))
        .finish())
}

/// Uses the state up for whoever has the flow of it, and asks the provider who it was.
async fn arrived(app: &App, council: Id, provider: Id, wish: FinishSignOn, account: Option<Id>) -> Result<Arrived> {
    let FinishSignOn { flow, state, code, iss } = wish;
    let flow = token_hash(&flow);
    let taken = app.db.write(move |tx| {
        let (_, data) = redeem_token(tx, council, TokenKind::SignOn, &state)?;
        let invalid = || Error::from(Code::LinkInvalid.problem());
        let trip: Trip = serde_json::from_value(data).map_err(|_of_another_version| invalid())?;
        // Refused before it is committed: who has the state only cannot use it up.
        if trip.provider != provider || trip.account != account || !Secrets::same(&trip.flow, &flow) {
            return Err(invalid());
        }
        Ok((trip, enabled(tx, council, provider)?))
    });
    let (trip, row) = taken.await?;
    let secrets = &app.config.secrets;
    let kept = secrets.unseal(TRIP, trip.flow.as_bytes(), &trip.sealed);
    let kept: Kept = serde_json::from_slice(&kept.unwrap_or_default()).map_err(anyhow::Error::from)?;
    let (redirect, now) = (redirect_uri(app, council, provider), app.db.clock().now());
    provider::arrival((&app.published, &app.outbound), &row, secrets, &redirect, &kept, (code, iss), now).await
}

/// Writes down what the provider says of where somebody lives, where nothing better is known of them.
fn verify(tx: &mut Tx<'_>, secrets: &Secrets, council: Id, account: Id, known: &Known) -> Result<()> {
    if !known.verified || facts_of(tx, council, account)?.verified.is_some() {
        return Ok(());
    }
    let shown = claimed(known).show(tx, secrets, council)?;
    // Where another account has shown the same before, this one is not verified here; they are who they are all the same.
    match verification::record(tx, council, account, &shown) {
        Err(Error::Problem(problem)) if problem.code == Code::NotVerified => Ok(()),
        written => written,
    }
}

fn claimed(known: &Known) -> Claimed<'_> {
    Claimed { issuer: &known.issuer, subject: &known.subject, ward: known.ward.as_deref() }
}

fn begun() -> Begun {
    // What the provider asked for is its own affair: nothing here has seen a second factor.
    Begun::by(SignInMethod::SingleSignOn, false)
}

/// What became of somebody who has come back from a provider.
enum Came {
    /// They are signed in.
    In(Box<AccountRow>),
    /// They need an account, or a second factor.
    Waits { ticket: String, second_factor_needed: bool },
    /// Their account is suspended.
    Suspended(Box<Problem>),
}

/// Only who it belongs to gets here: they are told the reason, and where there is no address that the link to appeal could have been
/// mailed to, what they appeal with.
fn suspended(tx: &mut Tx<'_>, council: &Council, account: &AccountRow) -> Result<Problem> {
    let running = running_suspension(tx, council.id, account.id)?;
    let reason = running.as_ref().map(|one| one.statement.as_str()).unwrap_or_default();
    let problem = Code::ProviderRefused.because(format!("This account is suspended: {reason}"));
    let Some(suspension) = running.filter(|_| account.email.is_empty()) else { return Ok(problem) };
    let over = until(suspension.decided_at, &council.time_zone)? <= tx.now();
    if over || !appeals_against(tx, council.id, &[suspension.id])?.is_empty() {
        return Ok(problem);
    }
    let (token, until) = appeal_token(tx, council, &suspension)?;
    Ok(problem.with("appeal_token", token).with("appeal_until", until))
}

/// Sign in by what a provider sent back
///
/// Gives a session where the identity, which is issuer and subject, has an account here. Where it has none, 202 with a ticket:
/// ask for a name and make the account. Where the account has a second factor, 202 with a ticket and `second_factor_needed`:
/// send the ticket with a code to `sessions/link`. An address that the provider knows finds no account: whoever has one here
/// already signs in and links the provider. Where the account is suspended and has no address, the refusal has an `appeal_token` to
/// appeal with at `…/appeals`, until `appeal_until`.
#[utoipa::path(tag = "Single sign-on", operation_id = "finish_sign_on", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("provider" = Id, Path, description = "Id of the provider")),
    request_body = FinishSignOn,
    responses((status = 201, description = "Signed in", body = SessionView), (status = 202, description = "Nobody here yet, or a second factor is needed", body = FirstSignIn)))]
#[post("/councils/{council}/sso/{provider}/finish")]
async fn finish_sign_on(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
    body: Json<FinishSignOn>,
) -> Result<Reply> {
    let (council, provider) = (Arc::clone(&who.council), id_of(&path.1, "provider")?);
    let id = council.id;
    let Arrived { known, name } = arrived(&app, id, provider, body.value, None).await?;
    let secrets = app.config.secrets.clone();
    let outcome = app.db.write(move |tx| {
        let Some(account) = queries::use_identity(tx, council.id, &known)? else {
            let data = serde_json::to_value(&known).map_err(anyhow::Error::from)?;
            let ticket = issue_token(tx, council.id, TokenKind::FirstSignOn, Id::random(), data, HOURS)?;
            return Ok(Came::Waits { ticket, second_factor_needed: false });
        };
        let gone = || Error::from(Code::ProviderRefused.because("The account of this identity cannot be used."));
        let account = find_account(tx, council.id, account)?.ok_or_else(gone)?;
        if account.state == AccountState::Suspended {
            return Ok(Came::Suspended(Box::new(suspended(tx, &council, &account)?)));
        }
        if account.state != AccountState::Active {
            return Err(gone());
        }
        verify(tx, &secrets, council.id, account.id, &known)?;
        if has_second_factor(tx, council.id, account.id)? {
            let data = serde_json::json!({ "method": SignInMethod::SingleSignOn });
            let ticket = issue_token(tx, council.id, TokenKind::SignIn, account.id, data, HOURS)?;
            return Ok(Came::Waits { ticket, second_factor_needed: true });
        }
        Ok(Came::In(Box::new(account)))
    });
    match outcome.await? {
        Came::In(account) => finish_sign_in(&app, id, *account, begun()).await,
        Came::Suspended(problem) => Err((*problem).into()),
        Came::Waits { ticket, second_factor_needed } => {
            let suggested_name = name.filter(|_| !second_factor_needed);
            Ok(Reply::accepted(&FirstSignIn { ticket, suggested_name, second_factor_needed })?.secret())
        }
    }
}

/// Make the account of a first sign-in
///
/// With a name that its owner chooses, and without an address; they may give one later. Whoever is protected, being under
/// eighteen, is given a name instead. Gives a session.
#[utoipa::path(tag = "Single sign-on", operation_id = "make_account_of_sign_on", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = MakeAccount,
    responses((status = 201, description = "Made, and signed in", body = SessionView)))]
#[post("/councils/{council}/sso/accounts")]
async fn make_account_of_sign_on(app: App, who: Allowed<acts::ReadPublic>, body: Json<MakeAccount>) -> Result<Reply> {
    let MakeAccount { ticket, display_name, age_band } = body.value;
    let (council, name) = (who.council.id, tidy(&display_name));
    let mut faults = name_faults(&app, &who.council, &name).await?;
    faults.extend(age_fault(age_band, &who.council));
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let secrets = app.config.secrets.clone();
    let protected = is_to_be_protected(age_band, &who.council);
    let made = app.db.write(move |tx| {
        let (_, data) = redeem_token(tx, council, TokenKind::FirstSignOn, &ticket)?;
        let invalid = || Error::from(Code::LinkInvalid.problem());
        let known: Known = serde_json::from_value(data).map_err(|_of_another_version| invalid())?;
        let account = insert_account_without_address(tx, council, &name, age_band, protected)?;
        queries::insert_identity(tx, council, account, &known)?;
        verify(tx, &secrets, council, account, &known)?;
        find_account(tx, council, account)?.ok_or_else(|| Error::not_found("account"))
    });
    finish_sign_in(&app, council, made.await?, begun()).await
}

/// Link an identity to one's own account
///
/// With what came back from a provider that one went to with `link`. From then on one signs in by it, which its owner is
/// told by mail.
#[utoipa::path(tag = "Single sign-on", operation_id = "link_identity", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = LinkIdentity,
    responses((status = 201, description = "Linked", body = IdentityView)))]
#[post("/councils/{council}/me/identities")]
async fn link_identity(app: App, who: Allowed<acts::UseAccount>, body: Json<LinkIdentity>) -> Result<Reply> {
    let (council, account) = (who.council.id, who.actor()?.id);
    let LinkIdentity { provider, flow, state, code, iss } = body.value;
    let wish = FinishSignOn { flow, state, code, iss };
    let Arrived { known, .. } = arrived(&app, council, provider, wish, Some(account)).await?;
    let location = format!("/v1/councils/{}/me/identities", who.council.slug);
    let secrets = app.config.secrets.clone();
    who.write(&app, Limited::Write, move |tx| {
        let row = queries::insert_identity(tx, council, account, &known)?;
        verify(tx, &secrets, council, account, &known)?;
        record(tx, council, Event::new(AuditAction::IdentityLinked, By::Account(account)).to(account))?;
        enqueue(tx, council, &TellOfSecurity::now(account, SecurityNotice::IdentityLinked, tx.now()))?;
        Reply::created(location.clone(), &IdentityView::from(row))
    })
    .await
}

/// List the identities of one's own account
///
/// By which providers one can sign in.
#[utoipa::path(tag = "Single sign-on", operation_id = "list_identities", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "Your identities", body = IdentityList)))]
#[get("/councils/{council}/me/identities")]
async fn list_identities(app: App, who: Allowed<acts::UseAccount>) -> Result<Reply> {
    let (council, account) = (who.council.id, who.actor()?.id);
    let rows = app.db.read(move |tx| queries::list_identities(tx, council, account)).await?;
    Reply::ok(&IdentityList { items: rows.into_iter().map(IdentityView::from).collect() })
}

/// Unlink an identity from one's own account
///
/// Refused where it is the last way in. What it has shown of where one lives is forgotten with it.
#[utoipa::path(tag = "Single sign-on", operation_id = "unlink_identity", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("identity" = Id, Path, description = "Id of the identity")),
    responses((status = 204, description = "Unlinked")))]
#[delete("/councils/{council}/me/identities/{identity}")]
async fn unlink_identity(app: App, who: Allowed<acts::UseAccount>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, account, id) = (who.council.id, who.actor()?.id, id_of(&path.1, "identity")?);
    let secrets = app.config.secrets.clone();
    who.write(&app, Limited::Write, move |tx| {
        // First, so that two who unlink at once do not each see the other's still there.
        touch_account(tx, council, account)?;
        let gone = queries::delete_identity(tx, council, account, id)?;
        keeps_a_way_in(tx, council, account)?;
        let IdentityRow { issuer, subject, verified, ward, .. } = gone;
        let shown = claimed(&Known { issuer, subject, verified, ward }).show(tx, &secrets, council)?;
        verification::forget(tx, council, account, shown.tag.as_deref())?;
        record(tx, council, Event::new(AuditAction::IdentityUnlinked, By::Account(account)).to(account))?;
        enqueue(tx, council, &TellOfSecurity::now(account, SecurityNotice::IdentityUnlinked, tx.now()))?;
        Ok(Reply::nothing())
    })
    .await
}
