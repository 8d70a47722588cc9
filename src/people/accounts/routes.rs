//! Register, confirm, sign in, refresh, sign out.

use actix_web::{delete, get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::caller::{Allowed, network_mac};
use super::model::AccountRow;
use super::queries::{self, Claim, NewAccount};
use super::token::{GOOD_FOR, PLATFORM, SESSION_DAYS};
use super::views::{AccessView, AccountView, ConfirmEmail, Noted, Refresh, Register, SessionView, SignIn};
use super::{jobs, rules};
use crate::app::App;
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::tidy;
use crate::platform::http::limit::{self, Limited, Standing};
use crate::platform::http::{Json, Once, Reply};
use crate::platform::jobs::enqueue;
use crate::platform::secrets::{Secrets, token_hash};
use crate::reach::campaigns;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountState, CampaignAction, Role, TokenKind};

/// The doors of this room.
pub fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig) {
    config
        .service(register)
        .service(confirm_email)
        .service(sign_in)
        .service(refresh_session)
        .service(sign_out)
        .service(read_own_account)
        .service(sign_in_to_platform);
}

/// Register
///
/// Makes an account and mails a link that confirms the address. The answer is the same whether or not the address
/// has an account already.
#[utoipa::path(tag = "Accounts", operation_id = "register", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Register,
    responses((status = 202, description = "Noted; look at your mail", body = Noted)))]
#[post("/councils/{council}/accounts")]
async fn register(app: App, who: Allowed<acts::ReadPublic>, once: Once, body: Json<Register>) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let key = rules::email_key(&wish.email);
    let name = tidy(&wish.display_name);
    let mut faults = rules::password_faults("/password", &wish.password, &[&who.council.name, &wish.email, &name]);
    if key.is_none() {
        faults.push(Fault::at("/email", "wrong_format", "This is not a mail address."));
    }
    if name.is_empty() {
        faults.push(Fault::at("/display_name", "too_short", "At least 1 character that can be seen."));
    }
    let Some(key) = key.filter(|_| faults.is_empty()) else { return Err(Error::invalid(faults)) };
    let (council, network) = (who.council.id, who.network(&app));
    let address = app.config.secrets.mac("address", &[council.bytes(), key.as_bytes()]);
    let standings = limited(
        &app,
        vec![
            (Limited::Register, network.clone()),
            (Limited::MailTo, address.clone() + &network),
            (Limited::MailToAll, address),
        ],
    )
    .await?;
    let hash = app.hasher.hash(wish.password).await?;
    let (email, campaign) = (tidy(&wish.email), wish.campaign);
    let noted = once.write(&app.db, &app.config.secrets, council, &bytes, move |tx| {
        let new = NewAccount {
            email: &email,
            email_key: &key,
            display_name: &name,
            password_hash: &hash,
            role: Role::Resident,
            state: AccountState::Unconfirmed,
        };
        let made = queries::insert_account(tx, council, &new)?;
        if made.is_some() {
            campaigns::count(tx, council, campaign.as_deref(), CampaignAction::Register)?;
        }
        let account = match made {
            Some(id) => Some(id),
            None => queries::find_by_email(tx, council, &key)?
                .filter(|a| a.state == AccountState::Unconfirmed)
                .map(|a| a.id),
        };
        if let Some(account) = account {
            queries::renew_unconfirmed(tx, council, account)?;
            let claim = Claim { email: email.clone(), display_name: name.clone(), password_hash: hash.clone() };
            enqueue(tx, council, &jobs::SendConfirmation { account, request: Id::random(), claim })?;
        }
        Reply::accepted(&Noted { detail: "Look at your mail: follow the link in it to confirm the address.".into() })
    });
    Ok(noted.await?.limited(standings))
}

/// Confirm an address
///
/// Uses up the token of the mailed link; from then on the account can sign in. It takes the password that was chosen with
/// that very request: whoever else asked for an account with this address cannot have theirs put in force by its owner.
#[utoipa::path(tag = "Accounts", operation_id = "confirm_email", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = ConfirmEmail,
    responses((status = 204, description = "Confirmed")))]
#[post("/councils/{council}/accounts/confirm")]
async fn confirm_email(app: App, who: Allowed<acts::ReadPublic>, body: Json<ConfirmEmail>) -> Result<Reply> {
    let ConfirmEmail { token, password } = body.value;
    let (council, shown) = (who.council.id, token.clone());
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let found = app.db.read(move |tx| queries::peek_token(tx, council, TokenKind::ConfirmEmail, &shown)).await?;
    let invalid = || Error::from(Code::LinkInvalid.problem());
    let Asked { account, claim } = serde_json::from_value(found.1).map_err(|_of_another_version| invalid())?;
    if !checked(&app, password, Some(claim.password_hash.clone())).await? {
        let detail = "This is not the password that was chosen with this link. Another mail may belong to yours.";
        return Err(Error::fault("/password", "wrong_password", detail));
    }
    let confirmed = app.db.write(move |tx| {
        queries::redeem_token(tx, council, TokenKind::ConfirmEmail, &token)?;
        if queries::activate(tx, council, account, &claim, Role::Resident)? {
            return Ok(Reply::nothing());
        }
        Err(Code::LinkInvalid.problem().into())
    });
    Ok(confirmed.await?.limited(standings))
}

/// What the token of a confirming link carries.
#[derive(serde::Deserialize)]
struct Asked {
    account: Id,
    claim: Claim,
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
    let key = rules::email_key(&wish.email).unwrap_or_else(|| wish.email.clone());
    let address = app.config.secrets.mac("address", &[council.bytes(), key.as_bytes()]);
    let standings = limited(&app, tries(network, address)).await?;
    let account = app.db.read(move |tx| queries::find_by_email(tx, council, &key)).await?;
    let fits = checked(&app, wish.password, account.as_ref().and_then(|a| a.password_hash.clone())).await?;
    let account = account.filter(|a| fits && a.state == AccountState::Active);
    let Some(account) = account else { return Err(Code::BadCredentials.problem().into()) };
    let secrets = app.config.secrets.clone();
    let (session, id) = (Id::random(), account.id);
    let token = app
        .db
        .write(move |tx| {
            let token = refresh_token(&secrets, council, session, 0);
            queries::insert_session(tx, council, session, id, &token_hash(&token), SESSION_DAYS)?;
            Ok(token)
        })
        .await?;
    Ok(Reply { status: 201, ..session_reply(&app, council, &account, session, token)? }.limited(standings))
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
    session_reply(&app, council, &account, session, token)
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

/// Read one's own account
///
/// The account that the access token belongs to.
#[utoipa::path(tag = "Accounts", operation_id = "read_own_account", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "Your account", body = AccountView)))]
#[get("/councils/{council}/me")]
async fn read_own_account(app: App, who: Allowed<acts::UseAccount>) -> Result<Reply> {
    let (council, id) = (who.council.id, who.actor()?.id);
    let account = app.db.read(move |tx| queries::find_account(tx, council, id)).await?;
    let account = account.ok_or_else(|| Error::not_found("account"))?;
    let version = account.version;
    Ok(Reply::ok(&AccountView::from(account))?.version(version))
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
    let key = rules::email_key(&wish.email).unwrap_or_else(|| wish.email.clone());
    let address = app.config.secrets.mac("address", &[PLATFORM.as_bytes(), key.as_bytes()]);
    let standings = limited(&app, tries(network, address)).await?;
    let admin = app.db.read(move |tx| queries::find_platform_admin(tx, &key)).await?;
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

/// Takes from the buckets before the costly part, and keeps what was taken whatever comes of it.
///
/// # Errors
/// 429 where one of them is empty; then none is taken from.
pub async fn limited(app: &App, buckets: Vec<(Limited, String)>) -> Result<Vec<Standing>> {
    if !app.config.limits {
        return Ok(Vec::new());
    }
    app.db.write(move |tx| buckets.iter().map(|(limited, key)| limit::take(tx, *limited, key)).collect()).await
}

async fn checked(app: &App, password: String, hash: Option<String>) -> Result<bool> {
    // A text that can be nobody's password is not worth a hash; its length is no secret.
    if password.chars().count() > rules::PASSWORD_MAX {
        return Ok(false);
    }
    app.hasher.verify(password, hash).await
}

fn session_reply(app: &App, council: Id, account: &AccountRow, session: Id, token: String) -> Result<Reply> {
    let access_token = app.keys.sign(&council.to_string(), account.id, session, app.db.clock().now())?;
    let view = SessionView { access_token, token_type: "Bearer".into(), expires_in: GOOD_FOR, refresh_token: token };
    Ok(Reply::ok(&view)?.secret())
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
            queries::rotate_session(tx, &row, &token_hash(&next), SESSION_DAYS)?;
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

/// For commands and the demo: signs an account in without its password.
///
/// # Errors
/// What the database answers.
pub fn open_session(tx: &mut Tx<'_>, app: &App, council: Id, account: Id) -> Result<String> {
    let session = Id::random();
    let token = refresh_token(&app.config.secrets, council, session, 0);
    queries::insert_session(tx, council, session, account, &token_hash(&token), SESSION_DAYS)?;
    app.keys.sign(&council.to_string(), account, session, tx.now())
}
