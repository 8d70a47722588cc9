//! See, add and remove what one signs in with.

use actix_web::web;
use serde_json::json;

use super::jobs::{SecurityNotice, TellOfSecurity};
use super::passkeys::{self, Relying};
use super::proof::{SEED, keeps_a_way_in, recovery_mac, whose};
use super::views::{
    AddPasskey, ConfirmCode, FactorsView, PasskeyCeremony, PasskeyView, Proved, RecoveryCodes, SeedView, UsePasskey,
};
use super::{prove, queries, rules};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::queries::{find_account, touch_account};
use crate::people::accounts::routes::limited;
use crate::people::sessions::queries::{find_session, set_two_factors};
use crate::people::sessions::routes::finish_sign_in;
use crate::people::sessions::{Begun, views::SessionView};
use crate::platform::audit::{By, Event, record};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, post};
use crate::platform::http::limit::{self, Limited};
use crate::platform::http::{Json, Reply};
use crate::platform::jobs::enqueue;
use crate::platform::secrets::Secrets;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountState, AuditAction, Role, SignInMethod};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(read_factors)
        .service(begin_totp)
        .service(confirm_totp)
        .service(remove_totp)
        .service(renew_recovery_codes)
        .service(begin_passkey)
        .service(add_passkey)
        .service(remove_passkey)
        .service(begin_sign_in_with_passkey)
        .service(sign_in_with_passkey);
}

/// See what one signs in with
///
/// Password, app and passkeys of one's own account.
#[utoipa::path(tag = "Signing in", operation_id = "read_factors", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "What the account signs in with", body = FactorsView)))]
#[get("/councils/{council}/me/factors")]
async fn read_factors(app: App, who: Allowed<acts::UseAccount>) -> Result<Reply> {
    let (council, id, weak) = (who.council.id, who.actor()?.id, who.is_weak());
    let view = app.db.read(move |tx| {
        let account = find_account(tx, council, id)?.ok_or_else(|| Error::not_found("account"))?;
        Ok(FactorsView {
            password: account.password_hash.is_some(),
            totp: queries::has_second_factor(tx, council, id)?,
            recovery_codes_left: queries::count_codes(tx, council, id)?,
            passkeys: queries::list_passkeys(tx, council, id)?.into_iter().map(PasskeyView::from).collect(),
            second_factor_needed: weak,
        })
    });
    Reply::ok(&view.await?)
}

/// Begin with codes of an app
///
/// Gives the seed for an authenticator app, once. Nothing is asked for until a code of it was confirmed; to begin again
/// before that gives another seed.
#[utoipa::path(tag = "Signing in", operation_id = "begin_totp", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Proved,
    responses((status = 201, description = "The seed", body = SeedView)))]
#[post("/councils/{council}/me/totp")]
async fn begin_totp(app: App, who: Allowed<acts::UseAccount>, body: Json<Proved>) -> Result<Reply> {
    let account = prove(&app, &who, body.value.proof).await?.account;
    let seed = rand::random::<[u8; rules::SEED_BYTES]>();
    let (council, id) = (who.council.id, account.id);
    let sealed = app.config.secrets.seal(SEED, &whose(council, id), &seed);
    // Who came by a sign-in provider may have given no address.
    let whom = if account.email.is_empty() { &account.display_name } else { &account.email };
    let app_url = rules::app_address(&seed, &who.council.name, whom);
    let app_url = app_url.ok_or_else(|| Error::Internal(anyhow::anyhow!("no address for an app")))?;
    let secret = data_encoding::BASE32_NOPAD.encode(&seed);
    let session = who.actor()?.session;
    who.write(&app, Limited::Write, move |tx| {
        shown_with(tx, council, id, session)?;
        if !queries::insert_seed(tx, council, id, &sealed)? {
            return Err(Code::AlreadyExists
                .because("Codes of an app are asked for already. Remove them first.")
                .into());
        }
        let view = SeedView { secret: secret.clone(), app_url: app_url.clone() };
        Ok(Reply { status: 201, ..Reply::ok(&view)?.secret() })
    })
    .await
}

/// Confirm codes of an app
///
/// Takes a code that the app shows now. From then on a code is asked for at each sign-in by password or mail, and this
/// session counts as one with two factors. Gives codes for paper, once: keep them where the phone is not.
#[utoipa::path(tag = "Signing in", operation_id = "confirm_totp", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = ConfirmCode,
    responses((status = 200, description = "In force; codes for paper", body = RecoveryCodes)))]
#[post("/councils/{council}/me/totp/confirm")]
async fn confirm_totp(app: App, who: Allowed<acts::UseAccount>, body: Json<ConfirmCode>) -> Result<Reply> {
    let (council, id, session) = (who.council.id, who.actor()?.id, who.actor()?.session);
    let (secrets, code) = (app.config.secrets.clone(), body.value.code);
    let limits = app.config.limits;
    let confirmed = app.db.write(move |tx| {
        if limits {
            limit::take(tx, Limited::SecondFactor, &id.to_string())?;
        }
        let none = || Code::WrongState.because("There is no seed that waits for its first code. Begin with one.");
        let row = queries::find_seed(tx, council, id)?.filter(|row| row.confirmed_at.is_none()).ok_or_else(none)?;
        shown_with(tx, council, id, session)?;
        let seed = secrets.unseal(SEED, &whose(council, id), &row.sealed_seed);
        let seed = seed.ok_or_else(|| Error::Internal(anyhow::anyhow!("a seed cannot be opened")))?;
        // Not an error, so that the try is counted.
        let Some(step) = rules::step_of(&seed, &code, row.last_step, tx.now()) else { return Ok(None) };
        if !(queries::take_step(tx, council, id, step)? && queries::confirm_seed(tx, council, id)?) {
            return Err(none().into());
        }
        set_two_factors(tx, council, session)?;
        record(
            tx,
            council,
            Event::new(AuditAction::FactorAdded, By::Account(id)).to(id).after(json!({ "factor": "totp" })),
        )?;
        enqueue(tx, council, &TellOfSecurity::now(id, SecurityNotice::SecondFactorAdded, tx.now()))?;
        new_codes(tx, &secrets, council, id).map(Some)
    });
    let codes = confirmed.await?.ok_or_else(|| {
        Error::fault(
            "/code",
            "wrong_code",
            "This code is not right now. Look at the clock of the phone, and try the next.",
        )
    })?;
    Ok(Reply::ok(&codes)?.secret())
}

/// Whether a session may say what its account is strong by. Who has passkeys and no app shows one: a password, or a link of
/// a mailbox that somebody has got into, makes nobody strong.
fn shown_with(tx: &mut Tx<'_>, council: Id, account: Id, session: Id) -> Result<()> {
    // A code of the app was shown with the proof.
    if queries::has_second_factor(tx, council, account)? || queries::list_passkeys(tx, council, account)?.is_empty() {
        return Ok(());
    }
    if find_session(tx, council, session)?.is_some_and(|(session, _)| session.two_factors) {
        return Ok(());
    }
    Err(Code::SignInAgain.because("Sign in with one of your passkeys first, and repeat it in that session.").into())
}

fn new_codes(tx: &mut Tx<'_>, secrets: &Secrets, council: Id, account: Id) -> Result<RecoveryCodes> {
    let codes: Vec<String> = (0..rules::RECOVERY_CODES).map(|_| rules::recovery_code(rand::random())).collect();
    let macs: Vec<String> = codes.iter().map(|code| recovery_mac(secrets, council, account, code)).collect();
    queries::replace_codes(tx, council, account, &macs)?;
    Ok(RecoveryCodes { codes })
}

/// Remove codes of an app
///
/// No code is asked for any more; codes on paper go with it. A password that was short because there was a second factor
/// must be made longer first.
#[utoipa::path(tag = "Signing in", operation_id = "remove_totp", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Proved,
    responses((status = 204, description = "Removed")))]
#[post("/councils/{council}/me/totp/remove")]
async fn remove_totp(app: App, who: Allowed<acts::UseAccount>, body: Json<Proved>) -> Result<Reply> {
    let proof = body.value.proof;
    let short = proof
        .password
        .as_ref()
        .is_some_and(|password| password.chars().count() < crate::people::accounts::rules::PASSWORD_MIN);
    let account = prove(&app, &who, proof).await?.account;
    if short {
        let detail = "Your password is shorter than is taken without a second factor. Change it first.";
        return Err(Code::WrongState.because(detail).into());
    }
    let (council, id) = (who.council.id, account.id);
    who.write(&app, Limited::Write, move |tx| {
        if !queries::delete_seed(tx, council, id, None)? {
            return Err(Error::not_found("app"));
        }
        record(
            tx,
            council,
            Event::new(AuditAction::FactorRemoved, By::Account(id)).to(id).after(json!({ "factor": "totp" })),
        )?;
        enqueue(tx, council, &TellOfSecurity::now(id, SecurityNotice::SecondFactorRemoved, tx.now()))?;
        Ok(Reply::nothing())
    })
    .await
}

/// Make new recovery codes
///
/// All older ones stop working. Told once.
#[utoipa::path(tag = "Signing in", operation_id = "renew_recovery_codes", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Proved,
    responses((status = 201, description = "Codes for paper", body = RecoveryCodes)))]
#[post("/councils/{council}/me/recovery-codes")]
async fn renew_recovery_codes(app: App, who: Allowed<acts::UseAccount>, body: Json<Proved>) -> Result<Reply> {
    let account = prove(&app, &who, body.value.proof).await?.account;
    let (council, id, secrets) = (who.council.id, account.id, app.config.secrets.clone());
    who.write(&app, Limited::Write, move |tx| {
        if !queries::has_second_factor(tx, council, id)? {
            return Err(Code::WrongState.because("Codes on paper stand beside an app. Begin with one.").into());
        }
        let codes = new_codes(tx, &secrets, council, id)?;
        record(tx, council, Event::new(AuditAction::RecoveryCodesMade, By::Account(id)).to(id))?;
        enqueue(tx, council, &TellOfSecurity::now(id, SecurityNotice::RecoveryCodesRenewed, tx.now()))?;
        Ok(Reply { status: 201, ..Reply::ok(&codes)?.secret() })
    })
    .await
}

/// Begin a passkey
///
/// Gives what the browser needs to make one, for the site of the council. A passkey is two factors in one.
#[utoipa::path(tag = "Signing in", operation_id = "begin_passkey", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Proved,
    responses((status = 201, description = "What to sign", body = PasskeyCeremony)))]
#[post("/councils/{council}/me/passkey-options")]
async fn begin_passkey(app: App, who: Allowed<acts::UseAccount>, body: Json<Proved>) -> Result<Reply> {
    let account = prove(&app, &who, body.value.proof).await?.account;
    let (council, relying, session) = (who.council.id, Relying::of(&who.council)?, who.actor()?.session);
    who.write(&app, Limited::Write, move |tx| {
        shown_with(tx, council, account.id, session)?;
        let there = queries::list_passkeys(tx, council, account.id)?;
        let (options, state) = passkeys::begin(&relying, &account, &there)?;
        let ceremony = Id::random();
        queries::insert_ceremony(tx, council, ceremony, Some(account.id), &state)?;
        Ok(Reply { status: 201, ..Reply::ok(&PasskeyCeremony { ceremony, options })?.secret() })
    })
    .await
}

/// Add a passkey
///
/// Takes what the browser made.
#[utoipa::path(tag = "Signing in", operation_id = "add_passkey", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = AddPasskey,
    responses((status = 201, description = "Added", body = PasskeyView)))]
#[post("/councils/{council}/me/passkeys")]
async fn add_passkey(app: App, who: Allowed<acts::UseAccount>, body: Json<AddPasskey>) -> Result<Reply> {
    let (wish, council, id, session) = (body.value, who.council.id, who.actor()?.id, who.actor()?.session);
    let (relying, name) = (Relying::of(&who.council)?, tidy(&wish.name));
    let credential = wish.credential.to_string();
    who.write(&app, Limited::Write, move |tx| {
        let over = || Error::from(Code::CeremonyOver.problem());
        let state = queries::take_ceremony(tx, council, wish.ceremony, Some(id))?.ok_or_else(over)?;
        shown_with(tx, council, id, session)?;
        let made = passkeys::finish(&relying, &state, &credential)?;
        let passkey = queries::insert_passkey(tx, council, id, (&made.id, &made.credential), &name)?;
        let passkey = passkey.ok_or_else(|| Error::from(Code::AlreadyExists.problem()))?;
        set_two_factors(tx, council, session)?;
        record(
            tx,
            council,
            Event::new(AuditAction::FactorAdded, By::Account(id)).to(id).after(json!({ "factor": "passkey" })),
        )?;
        enqueue(tx, council, &TellOfSecurity::now(id, SecurityNotice::PasskeyAdded, tx.now()))?;
        let view = PasskeyView { id: passkey, name: name.clone(), created_at: tx.now(), last_used_at: None };
        Ok(Reply { status: 201, ..Reply::ok(&view)? })
    })
    .await
}

/// Remove a passkey
///
/// It signs nobody in any more. Refused where it is the last way in, and to the staff of a council that asks for a second
/// factor where it is their last one: add another first. Staff remove one in a session that has shown a second factor; who
/// has lost their only passkey leaves the staff, removes it, adds another, and is invited again.
#[utoipa::path(tag = "Signing in", operation_id = "remove_passkey", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("passkey" = Id, Path, description = "Id of the passkey")),
    request_body = Proved, responses((status = 204, description = "Removed")))]
#[post("/councils/{council}/me/passkeys/{passkey}/remove")]
async fn remove_passkey(
    app: App,
    who: Allowed<acts::UseAccount>,
    path: web::Path<(String, String)>,
    body: Json<Proved>,
) -> Result<Reply> {
    let passkey = path.1.parse::<Id>().map_err(|_no_id| Error::not_found("passkey"))?;
    let account = prove(&app, &who, body.value.proof).await?.account;
    let (council, id, session) = (who.council.id, account.id, who.actor()?.session);
    let is_staff = account.role != Role::Resident;
    let asked = who.council.staff_second_factor && is_staff;
    who.write(&app, Limited::Write, move |tx| {
        // First, so that two who remove at once do not each see the other's still there.
        touch_account(tx, council, id)?;
        if is_staff {
            shown_with(tx, council, id, session)?;
        }
        if !queries::delete_passkey(tx, council, id, passkey)? {
            return Err(Error::not_found("passkey"));
        }
        keeps_a_way_in(tx, council, id)?;
        let left = queries::has_second_factor(tx, council, id)? || !queries::list_passkeys(tx, council, id)?.is_empty();
        if asked && !left {
            let detail = "The council asks you for a second factor, and this is your last one. Add another one first.";
            return Err(Code::WrongState.because(detail).into());
        }
        record(
            tx,
            council,
            Event::new(AuditAction::FactorRemoved, By::Account(id)).to(id).after(json!({ "factor": "passkey" })),
        )?;
        enqueue(tx, council, &TellOfSecurity::now(id, SecurityNotice::PasskeyRemoved, tx.now()))?;
        Ok(Reply::nothing())
    })
    .await
}

/// Begin signing in with a passkey
///
/// Gives what the browser is to have signed; nobody says who they are before that.
#[utoipa::path(tag = "Signing in", operation_id = "begin_sign_in_with_passkey", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 201, description = "What to sign", body = PasskeyCeremony)))]
#[post("/councils/{council}/sessions/passkey/options")]
async fn begin_sign_in_with_passkey(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let (council, relying) = (who.council.id, Relying::of(&who.council)?);
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let begun = app.db.write(move |tx| {
        let (options, state) = passkeys::ask(&relying)?;
        let ceremony = Id::random();
        queries::insert_ceremony(tx, council, ceremony, None, &state)?;
        Ok(Reply { status: 201, ..Reply::ok(&PasskeyCeremony { ceremony, options })?.secret() })
    });
    Ok(begun.await?.limited(standings))
}

/// Sign in with a passkey
///
/// Takes what the passkey has signed. A passkey is two factors in one: no code is asked for.
#[utoipa::path(tag = "Signing in", operation_id = "sign_in_with_passkey", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = UsePasskey,
    responses((status = 201, description = "Signed in", body = SessionView)))]
#[post("/councils/{council}/sessions/passkey")]
async fn sign_in_with_passkey(app: App, who: Allowed<acts::ReadPublic>, body: Json<UsePasskey>) -> Result<Reply> {
    let (wish, council, relying) = (body.value, who.council.id, Relying::of(&who.council)?);
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let credential = wish.credential.to_string();
    let (device, ceremony) = (wish.device, wish.ceremony);
    // The ceremony is used up whatever comes of it, so a refusal is an answer here and not an error.
    let used = app.db.write(move |tx| {
        let Some(state) = queries::take_ceremony(tx, council, ceremony, None)? else {
            return Ok(Err(Code::CeremonyOver.problem()));
        };
        let bad = || Code::BadCredentials.because("This passkey does not sign anybody in here.");
        let Some(shown) = passkeys::shown(&credential) else { return Ok(Err(bad())) };
        let Some(row) = queries::find_passkey(tx, council, &shown)? else { return Ok(Err(bad())) };
        let Some(renewed) = passkeys::verify(&relying, &state, &credential, &row) else { return Ok(Err(bad())) };
        let account = find_account(tx, council, row.account_id)?.filter(|a| a.state == AccountState::Active);
        let Some(account) = account else { return Ok(Err(bad())) };
        queries::touch_passkey(tx, council, row.id, &renewed)?;
        Ok(Ok(account))
    });
    let account = used.await?.map_err(Error::from)?;
    let begun = Begun { device, ..Begun::by(SignInMethod::Passkey, true) };
    Ok(finish_sign_in(&app, council, account, begun).await?.limited(standings))
}
