//! Sign in, refresh, see one's sessions, sign out.

use std::time::Instant;

use actix_web::web;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::even::refused_evenly;
use super::token::{GOOD_FOR, PLATFORM};
use super::views::{
    AccessView, Address, OneSession, Refresh, SessionList, SessionView, SignIn, SignInToPlatform, SignInWithCode,
    SignInWithLink,
};
use super::{jobs, queries, rules};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::look_up::network_mac;
use crate::people::accounts::model::AccountRow;
use crate::people::accounts::platform_admins::find_platform_admin;
use crate::people::accounts::queries::{find_account, find_by_email};
use crate::people::accounts::routes::{limited, limited_free, take_all};
use crate::people::accounts::rules::email_key;
use crate::people::accounts::tokens::{peek_token, redeem_token, try_code, use_tried};
use crate::people::accounts::views::Noted;
use crate::people::factors::proof::{second_factor, take_code, wrong_second_factor};
use crate::people::factors::queries::has_second_factor;
use crate::people::factors::{SecurityNotice, TellOfSecurity};
use crate::people::proof_of_work::{self, OtherWay, Shown};
use crate::platform::audit::{By, Event, record};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Problem, Result};
use crate::platform::http::doors::{Anybody, Doors, delete, get, post};
use crate::platform::http::limit::{self, Limited};
use crate::platform::http::{Json, Reply};
use crate::platform::jobs::enqueue;
use crate::platform::secrets::{Secrets, token_hash};
use crate::vocabulary::permissions::{acts, exceptions};
use crate::vocabulary::{AccountState, AuditAction, Role, SignInMethod, TokenKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(refresh_session)
        .service(sign_in)
        .service(mail_sign_in_code)
        .service(sign_in_with_code)
        .service(sign_in_with_link)
        .service(sign_out)
        .service(list_sessions)
        .service(end_other_sessions)
        .service(end_session)
        .service(sign_in_to_platform);
}

/// Sign in
///
/// Gives an access token, good for ten minutes, and a refresh token, good once. The same refusal, in the same time,
/// whether the address is unknown, unconfirmed or the password wrong. Where the account has a second factor and no `code`
/// came along, or a wrong one, the answer is 401 `second_factor_needed`: send the same again with a code. Where much comes, or
/// the council always asks, a proof of work is needed; a mailed code signs in without.
#[utoipa::path(tag = "Signing in", operation_id = "sign_in", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = SignIn,
    responses((status = 201, description = "Signed in", body = SessionView)))]
#[post("/councils/{council}/sessions")]
async fn sign_in(app: App, who: Allowed<acts::ReadPublic>, proof: Shown, body: Json<SignIn>) -> Result<Reply> {
    let (begun, step) = (Instant::now(), app.config.refusal_step);
    refused_evenly(begun, step, by_password(app, who, proof, body.value).await).await
}

async fn by_password(app: App, who: Allowed<acts::ReadPublic>, proof: Shown, wish: SignIn) -> Result<Reply> {
    let (council, network) = (who.council.id, who.network(&app));
    // What is no address has the budget of its own text: known and unknown are limited alike (case B1).
    let key = email_key(&wish.email).unwrap_or_else(|| wish.email.clone());
    let address = app.config.secrets.mac("address", &[council.bytes(), key.as_bytes()]);
    let place = app.hasher.place()?;
    let mut buckets = tries(network, &address);
    let known = match wish.device_token.clone() {
        Some(shown) => knows_address(&app, council, key.clone(), shown).await?,
        None => false,
    };
    // Whoever tries from everywhere does not lock the owner out of a device that they have signed in on (case B4).
    if !known {
        buckets.push((Limited::SignInAsAll, address.clone()));
    }
    let standings = proof_of_work::limited(&app, &who.council, proof, OtherWay::MailedCode, buckets).await?;
    let found = app.db.read(move |tx| {
        let account = find_by_email(tx, council, &key)?;
        let second = match &account {
            Some(account) => has_second_factor(tx, council, account.id)?,
            None => false,
        };
        Ok((account, second))
    });
    let (account, second) = found.await?;
    let fits = place.verify(wish.password, account.as_ref().and_then(|a| a.password_hash.clone())).await?;
    let account = account.filter(|a| fits && a.state == AccountState::Active);
    let Some(account) = account else { return Err(Code::BadCredentials.problem().into()) };
    if second {
        second_factor(&app, council, account.id, wish.code).await?;
    }
    let begun = Begun {
        method: SignInMethod::Password,
        two_factors: second,
        device: wish.device,
        device_token: wish.device_token,
        made_whole: Some(address),
    };
    Ok(finish_sign_in(&app, council, account, begun).await?.limited(standings))
}

/// Mail a code and a link to sign in
///
/// For who has no password or has forgotten it. Mails six digits and a link that do the same, good for ten minutes and once;
/// a new one voids the one before. The answer is the same whether or not the address has an account. A proof of work is needed
/// only where much comes, never because the council always asks.
#[utoipa::path(tag = "Signing in", operation_id = "mail_sign_in_code", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Address,
    responses((status = 202, description = "Noted; look at your mail", body = Noted)))]
#[post("/councils/{council}/sign-in-codes")]
async fn mail_sign_in_code(
    app: App,
    who: Allowed<acts::ReadPublic>,
    proof: Shown,
    body: Json<Address>,
) -> Result<Reply> {
    let (key, standings) = mail_wanted(&app, &who, proof, OtherWay::IsThis, &body.value.email).await?;
    let council = who.council.id;
    let noted = app.db.write(move |tx| {
        enqueue(tx, council, &jobs::SendSignInCode { request: Id::random(), email_key: key.clone() })?;
        Reply::accepted(&Noted {
            detail: "If the address has an account here, a mail with a code is on its way.".into(),
        })
    });
    Ok(noted.await?.limited(standings))
}

/// What a mail that anybody can ask for takes from, and the key of the address.
///
/// # Errors
/// 422 where it is no address, 428 and 429 where too many were asked for.
pub async fn mail_wanted(
    app: &App,
    who: &Allowed<acts::ReadPublic>,
    proof: Shown,
    other_way: OtherWay,
    email: &str,
) -> Result<(String, Vec<limit::Standing>)> {
    let not_one = || Error::fault("/email", "wrong_format", "This is not a mail address.");
    let key = email_key(email).ok_or_else(not_one)?;
    let network = who.network(app);
    let address = app.config.secrets.mac("address", &[who.council.id.bytes(), key.as_bytes()]);
    let buckets = vec![
        // Else one household with its seventeen networks would use up the mail of a council.
        (Limited::MailFrom, who.site(app)),
        (Limited::MailTo, address.clone() + &network),
        (Limited::MailToAll, address),
        (Limited::MailOf, who.council.id.to_string()),
    ];
    Ok((key, proof_of_work::limited(app, &who.council, proof, other_way, buckets).await?))
}

/// Sign in with a mailed code
///
/// Takes the six digits of the latest mail. After five wrong ones it is void. A second factor is asked for as with a
/// password; then the same mail serves again.
#[utoipa::path(tag = "Signing in", operation_id = "sign_in_with_code", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = SignInWithCode,
    responses((status = 201, description = "Signed in", body = SessionView)))]
#[post("/councils/{council}/sessions/code")]
async fn sign_in_with_code(app: App, who: Allowed<acts::ReadPublic>, body: Json<SignInWithCode>) -> Result<Reply> {
    let (begun, step) = (Instant::now(), app.config.refusal_step);
    refused_evenly(begun, step, by_mailed_code(app, who, body.value).await).await
}

async fn by_mailed_code(app: App, who: Allowed<acts::ReadPublic>, wish: SignInWithCode) -> Result<Reply> {
    let (council, network) = (who.council.id, who.network(&app));
    let key = email_key(&wish.email).unwrap_or_else(|| wish.email.clone());
    let address = app.config.secrets.mac("address", &[council.bytes(), key.as_bytes()]);
    let here = address + &network;
    let buckets = [(Limited::SignInFrom, network), (Limited::SignInAs, here)];
    let (secrets, mailed, code) = (app.config.secrets.clone(), wish.mailed_code, wish.code);
    let limits = app.config.limits;
    // A wrong try is counted, so a refusal is an answer here and not an error. The budgets are taken from in the same unit:
    // it goes to the disk once, whether or not there is a code that counts its tries (case B2).
    let tried = app.db.write(move |tx| {
        let standings = if limits { take_all(tx, &buckets)? } else { Vec::new() };
        let wrong = || Code::BadCredentials.because("The code is wrong, has run out, or was used. Ask for a new one.");
        let account = find_by_email(tx, council, &key)?.filter(|a| a.state == AccountState::Active);
        // Of an address without an account, as much work and no more.
        let subject = account.as_ref().map_or(Id::NONE, |account| account.id);
        let mailed: String = mailed.chars().filter(char::is_ascii_digit).collect();
        let second = has_second_factor(tx, council, subject)?;
        let tried = try_code(tx, &secrets, council, (TokenKind::SignIn, subject), &mailed)?;
        let (Some(account), Some(token)) = (account, tried) else { return Ok(Err(wrong())) };
        if second && let Err(needed) = take_second(tx, &secrets, limits, council, subject, code.as_deref())? {
            return Ok(Err(needed));
        }
        let used = use_tried(tx, council, token)?;
        Ok(used.then_some((account, second, standings)).ok_or_else(wrong))
    });
    let (account, two_factors, standings) = tried.await?.map_err(Error::from)?;
    let begun = Begun::by_mail(two_factors, wish.device, wish.device_token);
    Ok(finish_sign_in(&app, council, account, begun).await?.limited(standings))
}

/// Sign in with a mailed link
///
/// Takes what follows `token=` in the link of the same mail; or the ticket of a provider's sign-in that a second factor is
/// needed for.
#[utoipa::path(tag = "Signing in", operation_id = "sign_in_with_link", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = SignInWithLink,
    responses((status = 201, description = "Signed in", body = SessionView)))]
#[post("/councils/{council}/sessions/link")]
async fn sign_in_with_link(app: App, who: Allowed<acts::ReadPublic>, body: Json<SignInWithLink>) -> Result<Reply> {
    let (wish, council) = (body.value, who.council.id);
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let (secrets, token, code) = (app.config.secrets.clone(), wish.token, wish.code);
    let limits = app.config.limits;
    let tried = app.db.write(move |tx| {
        let (subject, data) = peek_token(tx, council, TokenKind::SignIn, &token)?;
        let method = data.get("method").cloned().and_then(|method| serde_json::from_value(method).ok());
        let invalid = || Error::from(Code::LinkInvalid.problem());
        let account = find_account(tx, council, subject)?.filter(|a| a.state == AccountState::Active);
        let account = account.ok_or_else(invalid)?;
        let second = has_second_factor(tx, council, subject)?;
        if second && let Err(needed) = take_second(tx, &secrets, limits, council, subject, code.as_deref())? {
            return Ok(Err(needed));
        }
        redeem_token(tx, council, TokenKind::SignIn, &token)?;
        Ok(Ok((account, second, method.unwrap_or(SignInMethod::Mail))))
    });
    let (account, two_factors, method) = tried.await?.map_err(Error::from)?;
    let begun = Begun { method, ..Begun::by_mail(two_factors, wish.device, wish.device_token) };
    Ok(finish_sign_in(&app, council, account, begun).await?.limited(standings))
}

/// Takes a second factor inside a unit that commits whatever comes of it.
fn take_second(
    tx: &mut Tx<'_>,
    secrets: &Secrets,
    limits: bool,
    council: Id,
    account: Id,
    code: Option<&str>,
) -> Result<std::result::Result<(), Problem>> {
    let Some(code) = code else { return Ok(Err(Code::SecondFactorNeeded.problem())) };
    if limits {
        limit::take(tx, Limited::SecondFactor, &account.to_string())?;
    }
    let right = take_code(tx, secrets, council, account, code)?;
    Ok(if right { Ok(()) } else { Err(wrong_second_factor()) })
}

/// List one's sessions
///
/// Every device that is signed in; `current` is this one.
#[utoipa::path(tag = "Signing in", operation_id = "list_sessions", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "Sessions", body = SessionList)))]
#[get("/councils/{council}/me/sessions")]
async fn list_sessions(app: App, who: Allowed<acts::UseAccount>) -> Result<Reply> {
    let (council, actor) = (who.council.id, who.actor()?.clone());
    let id = actor.id;
    let rows = app.db.read(move |tx| queries::list_sessions(tx, council, id)).await?;
    Reply::ok(&SessionList { items: rows.into_iter().map(|row| OneSession::of(row, actor.session)).collect() })
}

/// End a session
///
/// One of one's own, on whatever device; it is refused from the next request on.
#[utoipa::path(tag = "Signing in", operation_id = "end_session", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("session" = Id, Path, description = "Id of the session")),
    responses((status = 204, description = "Ended")))]
#[delete("/councils/{council}/me/sessions/{session}")]
async fn end_session(app: App, who: Allowed<acts::UseAccount>, path: web::Path<(String, String)>) -> Result<Reply> {
    let (council, id, by) = (who.council.id, who.actor()?.id, who.by());
    let session = path.1.parse::<Id>().map_err(|_no_id| Error::not_found("session"))?;
    who.write(&app, Limited::Write, move |tx| {
        let found = queries::find_session(tx, council, session)?.filter(|(row, _)| row.account_id == id);
        found.ok_or_else(|| Error::not_found("session"))?;
        queries::end_session(tx, council, session)?;
        record(tx, council, Event::new(AuditAction::SessionEnded, by).to(session))?;
        Ok(Reply::nothing())
    })
    .await
}

/// End all other sessions
///
/// Every device but this one is signed out.
#[utoipa::path(tag = "Signing in", operation_id = "end_other_sessions", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 204, description = "Ended")))]
#[delete("/councils/{council}/me/sessions")]
async fn end_other_sessions(app: App, who: Allowed<acts::UseAccount>) -> Result<Reply> {
    let (council, id, session, by) = (who.council.id, who.actor()?.id, who.actor()?.session, who.by());
    who.write(&app, Limited::Write, move |tx| {
        let ended = queries::end_sessions(tx, council, id, Some(session))?;
        if ended > 0 {
            let event = Event::new(AuditAction::SessionEnded, by).to(id);
            record(tx, council, event.after(json!({ "sessions": ended })))?;
        }
        Ok(Reply::nothing())
    })
    .await
}

/// Refresh a session
///
/// Gives the next pair of tokens. A refresh token that was used before ends the session, since somebody else may
/// have it; within twenty seconds it gives the same successor again, for the reply that was lost.
#[utoipa::path(tag = "Signing in", operation_id = "refresh_session", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Refresh,
    responses((status = 200, description = "The next pair", body = SessionView)))]
#[post("/councils/{council}/sessions/refresh")]
async fn refresh_session(app: App, who: Allowed<acts::ReadPublic>, body: Json<Refresh>) -> Result<Reply> {
    let council = who.council.id;
    let secrets = app.config.secrets.clone();
    let found = app.db.write(move |tx| next_pair(tx, &secrets, council, &body.value.refresh_token)).await?;
    let Some((account, session, token)) = found else {
        let detail = "The refresh token is wrong, was used before, or its session has ended. Sign in again.";
        return Err(Code::BadToken.because(detail).into());
    };
    session_reply(&app, council, account.id, session, token, None)
}

/// Sign out
///
/// Ends the session; its access token is refused from the next request on.
#[utoipa::path(tag = "Signing in", operation_id = "sign_out", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 204, description = "Signed out")))]
#[delete("/councils/{council}/sessions/current")]
async fn sign_out(app: App, who: Allowed<acts::UseAccount>) -> Result<Reply> {
    let (council, session, role, by) = (who.council.id, who.actor()?.session, who.actor()?.role, who.by());
    who.write(&app, Limited::Write, move |tx| {
        queries::end_session(tx, council, session)?;
        // As its beginning was.
        if role != Role::Resident {
            record(tx, council, Event::new(AuditAction::SessionEnded, by).to(session))?;
        }
        Ok(Reply::nothing())
    })
    .await
}

/// Sign in to operate the platform
///
/// For platform admins, who are made on the command line and belong to no council. Sign in again when the token
/// has run out. A new password ends what was signed in with the one before.
#[utoipa::path(tag = "Platform", operation_id = "sign_in_to_platform", security(()), request_body = SignInToPlatform,
    responses((status = 201, description = "Signed in", body = AccessView)))]
#[post("/platform/sessions")]
async fn sign_in_to_platform(
    app: App,
    _: Anybody<exceptions::SignInToPlatform>,
    request: actix_web::HttpRequest,
    body: Json<SignInToPlatform>,
) -> Result<Reply> {
    let (begun, step) = (Instant::now(), app.config.refusal_step);
    let network = network_mac(&app, &request);
    refused_evenly(begun, step, to_platform(app, network, body.value).await).await
}

async fn to_platform(app: App, network: String, wish: SignInToPlatform) -> Result<Reply> {
    let key = email_key(&wish.email).unwrap_or_else(|| wish.email.clone());
    let address = app.config.secrets.mac("address", &[PLATFORM.as_bytes(), key.as_bytes()]);
    let place = app.hasher.place()?;
    // None by the address alone: whoever knows it could keep the only one out who can help. What holds many networks up
    // is that passwords are compared a few at a time.
    let standings = limited_free(&app, tries(network, &address)).await?;
    let admin = app.db.read(move |tx| find_platform_admin(tx, &key)).await?;
    let fits = place.verify(wish.password, admin.as_ref().map(|(_, hash, _)| hash.clone())).await?;
    // There is no council whose audit log could tell it.
    let Some((id, _, generation)) = admin.as_ref().filter(|_| fits) else {
        let known = admin.map(|(id, ..)| id);
        tracing::info!(platform_admin.id = ?known, "a sign-in to the platform was refused");
        return Err(Code::BadCredentials.problem().into());
    };
    tracing::info!(platform_admin.id = %id, "a platform admin has signed in");
    let session = platform_session(*id, *generation);
    let access_token = app.keys.sign(PLATFORM, *id, session, app.db.clock().now())?;
    let view = AccessView::of(access_token);
    Ok(Reply { status: 201, ..Reply::ok(&view)?.secret() }.limited(standings))
}

/// What a try of a password takes from. Few tries for one address come from one network, so that one network alone
/// keeps nobody out elsewhere.
fn tries(network: String, address: &str) -> Vec<(Limited, String)> {
    let here = address.to_owned() + &network;
    vec![(Limited::SignInFrom, network), (Limited::SignInAs, here)]
}

/// Whether a device was given its token by the account of an address.
async fn knows_address(app: &App, council: Id, key: String, shown: String) -> Result<bool> {
    let account = app.db.read(move |tx| find_by_email(tx, council, &key)).await?;
    Ok(account.is_some_and(|account| knows_device(&app.config.secrets, &account, &shown)))
}

/// The one session that a platform admin has in a generation of their tokens: a new password ends it.
pub fn platform_session(admin: Id, generation: i32) -> Id {
    Id::from_text(&format!("platform:{admin}:{generation}"))
}

/// Session, generation and MAC: the successor can be made again without being stored.
fn refresh_token(secrets: &Secrets, council: Id, session: Id, generation: i32) -> String {
    let mac = secrets.mac("refresh", &[council.bytes(), session.bytes(), &generation.to_be_bytes()]);
    let mut head = session.bytes().to_vec();
    head.extend_from_slice(&generation.to_be_bytes());
    format!("{}.{mac}", URL_SAFE_NO_PAD.encode(head))
}

type Pair = (AccountRow, Id, String);

fn next_pair(tx: &mut Tx<'_>, secrets: &Secrets, council: Id, shown: &str) -> Result<Option<Pair>> {
    let Some((session, generation)) = read_refresh_token(secrets, council, shown) else { return Ok(None) };
    let found = queries::find_session(tx, council, session)?;
    let Some((row, account)) = found.filter(|(row, _)| row.expires_at > tx.now()) else { return Ok(None) };
    let verdict = rules::refresh(generation, row.generation, row.refreshed_at, tx.now());
    match verdict {
        rules::Refresh::Rotate => {
            let next = refresh_token(secrets, council, session, row.generation.saturating_add(1));
            if !Secrets::same(&row.token_hash, &token_hash(shown)) {
                return Ok(None);
            }
            // Whoever loses the race was a moment late, and gets the very token that the winner got.
            queries::rotate_session(tx, &row, &token_hash(&next))?;
            Ok(Some((account, session, next)))
        }
        rules::Refresh::Repeat => {
            let next = refresh_token(secrets, council, session, row.generation);
            Ok(Some((account, session, next)))
        }
        rules::Refresh::Reuse => {
            tracing::warn!(session.id = %session, "a refresh token was used twice; the session is ended");
            queries::end_session(tx, council, session)?;
            record(tx, council, Event::new(AuditAction::RefreshTokenReused, By::Nobody).to(account.id))?;
            Ok(None)
        }
    }
}

fn read_refresh_token(secrets: &Secrets, council: Id, shown: &str) -> Option<(Id, i32)> {
    let (head, _) = shown.split_once('.')?;
    let bytes = URL_SAFE_NO_PAD.decode(head).ok()?;
    let (session, generation) = bytes.split_at_checked(16)?;
    let session = Id::from_bytes(session.try_into().ok()?);
    let generation = i32::from_be_bytes(generation.try_into().ok()?);
    Secrets::same(shown, &refresh_token(secrets, council, session, generation)).then_some((session, generation))
}

/// How somebody showed who they are.
#[derive(Clone, Debug)]
pub struct Begun {
    /// By what.
    pub method: SignInMethod,
    /// Whether two factors were shown, or a passkey.
    pub two_factors: bool,
    /// What its owner calls the device.
    pub device: Option<String>,
    /// What the device was given at an earlier sign-in.
    pub device_token: Option<String>,
    /// The bucket of wrong passwords that this makes whole.
    pub made_whole: Option<String>,
}

impl Begun {
    /// By something other than a password.
    pub fn by(method: SignInMethod, two_factors: bool) -> Self {
        Self { method, two_factors, device: None, device_token: None, made_whole: None }
    }

    fn by_mail(two_factors: bool, device: Option<String>, device_token: Option<String>) -> Self {
        Self { device, device_token, ..Self::by(SignInMethod::Mail, two_factors) }
    }
}

/// Begins a session for who has shown who they are, tells the owner where the device was not seen before, and answers.
///
/// # Errors
/// What the database answers.
pub async fn finish_sign_in(app: &App, council: Id, account: AccountRow, begun: Begun) -> Result<Reply> {
    let secrets = app.config.secrets.clone();
    let known = begun.device_token.as_deref().is_some_and(|token| knows_device(&secrets, &account, token));
    let device = device_token(&secrets, &account, &rand::random());
    let id = account.id;
    let opened = app.db.write(move |tx| {
        // What was read before may have changed while the password was compared.
        let still = find_account(tx, council, id)?
            .filter(|now| now.state == AccountState::Active && now.credentials_version == account.credentials_version);
        if still.is_none() {
            return Err(Code::BadCredentials.problem().into());
        }
        if let Some(address) = &begun.made_whole {
            limit::give_back(tx, Limited::SignInAsAll, address)?;
        }
        if !known && queries::has_signed_in(tx, council, id)? {
            enqueue(tx, council, &TellOfSecurity::now(id, SecurityNotice::NewDevice, tx.now()))?;
        }
        let opened = begin(tx, &secrets, council, id, &begun)?;
        // Of residents it would tell a habit and no duty.
        if account.role != Role::Resident {
            let told = json!({ "method": begun.method, "two_factors": begun.two_factors });
            record(tx, council, Event::new(AuditAction::SessionBegun, By::Account(id)).to(opened.0).after(told))?;
        }
        Ok(opened)
    });
    let (session, token) = opened.await?;
    Ok(Reply { status: 201, ..session_reply(app, council, id, session, token, Some(device))? })
}

/// What a device shows to be known: nothing about it is kept. Void once the password or the address has changed.
fn device_token(secrets: &Secrets, account: &AccountRow, random: &[u8; 16]) -> String {
    let version = account.credentials_version.to_be_bytes();
    let mac = secrets.mac("device", &[account.council_id.bytes(), account.id.bytes(), &version, random]);
    format!("{}.{mac}", URL_SAFE_NO_PAD.encode(random))
}

fn knows_device(secrets: &Secrets, account: &AccountRow, shown: &str) -> bool {
    let random = shown.split_once('.').and_then(|(random, _)| URL_SAFE_NO_PAD.decode(random).ok());
    let random = random.and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
    random.is_some_and(|random| Secrets::same(shown, &device_token(secrets, account, &random)))
}

/// Begins a session of an account: its id and first refresh token.
///
/// # Errors
/// What the database answers.
pub fn begin(tx: &mut Tx<'_>, secrets: &Secrets, council: Id, account: Id, begun: &Begun) -> Result<(Id, String)> {
    let session = Id::random();
    let token = refresh_token(secrets, council, session, 0);
    queries::insert_session(tx, council, session, account, &token_hash(&token), begun)?;
    Ok((session, token))
}

fn session_reply(
    app: &App,
    council: Id,
    account: Id,
    session: Id,
    refresh_token: String,
    device_token: Option<String>,
) -> Result<Reply> {
    let access_token = app.keys.sign(&council.to_string(), account, session, app.db.clock().now())?;
    let (token_type, expires_in) = ("Bearer".into(), GOOD_FOR);
    let view = SessionView { access_token, token_type, expires_in, refresh_token, device_token };
    Ok(Reply::ok(&view)?.secret())
}

/// For commands and the demo: signs an account in without its password.
///
/// # Errors
/// What the database answers.
pub fn open_session(tx: &mut Tx<'_>, app: &App, council: Id, account: Id) -> Result<String> {
    let begun = Begun::by(SignInMethod::Operator, true);
    let (session, _) = begin(tx, &app.config.secrets, council, account, &begun)?;
    app.keys.sign(&council.to_string(), account, session, tx.now())
}
