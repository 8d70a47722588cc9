//! Sign in, refresh, sign out.

use actix_web::{delete, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::token::{GOOD_FOR, PLATFORM};
use super::views::{AccessView, Refresh, SessionView, SignIn};
use super::{queries, rules};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::caller::network_mac;
use crate::people::accounts::model::AccountRow;
use crate::people::accounts::queries::{find_by_email, find_platform_admin};
use crate::people::accounts::routes::{checked, limited};
use crate::people::accounts::rules::email_key;
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Result};
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Reply};
use crate::platform::secrets::{Secrets, token_hash};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountState, SignInMethod};

/// The doors of this room.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config.service(sign_in).service(refresh_session).service(sign_out).service(sign_in_to_platform);
}

/// Sign in
///
/// Gives an access token, good for ten minutes, and a refresh token, good once. The same refusal, in the same time,
/// whether the address is unknown, unconfirmed or the password wrong.
#[utoipa::path(tag = "Accounts", operation_id = "sign_in", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = SignIn,
    responses((status = 201, description = "Signed in", body = SessionView)))]
#[post("/councils/{council}/sessions")]
async fn sign_in(app: App, who: Allowed<acts::ReadPublic>, body: Json<SignIn>) -> Result<Reply> {
    let wish = body.value;
    let (council, network) = (who.council.id, who.network(&app));
    // What is no address has the budget of its own text: known and unknown are limited alike (case B1).
    let key = email_key(&wish.email).unwrap_or_else(|| wish.email.clone());
    let address = app.config.secrets.mac("address", &[council.bytes(), key.as_bytes()]);
    let standings = limited(&app, tries(network, address)).await?;
    let account = app.db.read(move |tx| find_by_email(tx, council, &key)).await?;
    let fits = checked(&app, wish.password, account.as_ref().and_then(|a| a.password_hash.clone())).await?;
    let account = account.filter(|a| fits && a.state == AccountState::Active);
    let Some(account) = account else { return Err(Code::BadCredentials.problem().into()) };
    let secrets = app.config.secrets.clone();
    let (id, begun) = (account.id, Begun { method: SignInMethod::Password, two_factors: false, device: wish.device });
    let (session, token) = app.db.write(move |tx| begin(tx, &secrets, council, id, &begun)).await?;
    Ok(Reply { status: 201, ..session_reply(&app, council, account.id, session, token)? }.limited(standings))
}

/// Refresh a session
///
/// Gives the next pair of tokens. A refresh token that was used before ends the session, since somebody else may
/// have it; within twenty seconds it gives the same successor again, for the reply that was lost.
#[utoipa::path(tag = "Accounts", operation_id = "refresh_session", security((), ("bearer" = ["public.read"])),
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
    session_reply(&app, council, account.id, session, token)
}

/// Sign out
///
/// Ends the session; its access token is refused from the next request on.
#[utoipa::path(tag = "Accounts", operation_id = "sign_out", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 204, description = "Signed out")))]
#[delete("/councils/{council}/sessions/current")]
async fn sign_out(app: App, who: Allowed<acts::UseAccount>) -> Result<Reply> {
    let (council, session) = (who.council.id, who.actor()?.session);
    who.write(&app, Limited::Write, move |tx| {
        queries::end_session(tx, council, session)?;
        Ok(Reply::nothing())
    })
    .await
}

/// Sign in to operate the platform
///
/// For platform admins, who are made on the command line and belong to no council. Sign in again when the token
/// has run out.
#[utoipa::path(tag = "Platform", operation_id = "sign_in_to_platform", security(()), request_body = SignIn,
    responses((status = 201, description = "Signed in", body = AccessView)))]
#[post("/platform/sessions")]
async fn sign_in_to_platform(app: App, request: actix_web::HttpRequest, body: Json<SignIn>) -> Result<Reply> {
    let wish = body.value;
    let network = network_mac(&app, &request);
    let key = email_key(&wish.email).unwrap_or_else(|| wish.email.clone());
    let address = app.config.secrets.mac("address", &[PLATFORM.as_bytes(), key.as_bytes()]);
    let standings = limited(&app, tries(network, address)).await?;
    let admin = app.db.read(move |tx| find_platform_admin(tx, &key)).await?;
    let fits = checked(&app, wish.password, admin.as_ref().map(|(_, hash, _)| hash.clone())).await?;
    let Some((id, ..)) = admin.filter(|_| fits) else { return Err(Code::BadCredentials.problem().into()) };
    let access_token = app.keys.sign(PLATFORM, id, Id::random(), app.db.clock().now())?;
    let view = AccessView::of(access_token);
    Ok(Reply { status: 201, ..Reply::ok(&view)?.secret() }.limited(standings))
}

/// What a try of a password takes from. Few tries for one address come from one network, so that one network alone
/// keeps nobody out elsewhere; and not too many from everywhere, which many networks together can use up.
fn tries(network: String, address: String) -> Vec<(Limited, String)> {
    let here = address.clone() + &network;
    vec![(Limited::SignInFrom, network), (Limited::SignInAs, here), (Limited::SignInAsAll, address)]
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

/// The answer to whoever has signed in or goes on.
///
/// # Errors
/// Where signing fails, which is a fault of ours.
pub fn session_reply(app: &App, council: Id, account: Id, session: Id, token: String) -> Result<Reply> {
    let access_token = app.keys.sign(&council.to_string(), account, session, app.db.clock().now())?;
    let view = SessionView { access_token, token_type: "Bearer".into(), expires_in: GOOD_FOR, refresh_token: token };
    Ok(Reply::ok(&view)?.secret())
}

/// For commands and the demo: signs an account in without its password.
///
/// # Errors
/// What the database answers.
pub fn open_session(tx: &mut Tx<'_>, app: &App, council: Id, account: Id) -> Result<String> {
    let begun = Begun { method: SignInMethod::Operator, two_factors: true, device: None };
    let (session, _) = begin(tx, &app.config.secrets, council, account, &begun)?;
    app.keys.sign(&council.to_string(), account, session, tx.now())
}
