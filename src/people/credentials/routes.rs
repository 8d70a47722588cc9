//! Change and reset the password, change the address and take that back.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::jobs::{ConfirmAddress, SendPasswordReset, TellOldAddress, UNDO_DAYS};
use super::queries::{Before, void_undo_since};
use super::views::{ChangeAddress, ChangePassword, ConfirmNewAddress, RedeemPasswordReset};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::domains::domain_fault;
use crate::people::accounts::queries::{find_account, set_address, set_password};
use crate::people::accounts::routes::limited;
use crate::people::accounts::rules::{email_key, least};
use crate::people::accounts::tokens::{peek_token, redeem_token, void_tokens};
use crate::people::accounts::views::{Noted, Token};
use crate::people::factors::proof::second_factor;
use crate::people::factors::queries::{delete_passkeys_since, delete_seed, has_second_factor};
use crate::people::factors::{SecurityNotice, TellOfSecurity, prove};
use crate::people::keys::queries::{end_keys_of, end_keys_since};
use crate::people::proof_of_work::{OtherWay, Shown};
use crate::people::sessions::queries::end_sessions;
use crate::people::sessions::routes::mail_wanted;
use crate::people::sessions::views::Address;
use crate::people::sso::queries::unlink_since;
use crate::platform::audit::{By, Event, record};
use crate::platform::db::{Hold, Id, Root, Tx};
use crate::platform::error::{Code, Error, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, post, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Reply};
use crate::platform::jobs::enqueue;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountState, AuditAction, TokenKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(change_password)
        .service(mail_password_reset)
        .service(redeem_password_reset)
        .service(change_address)
        .service(confirm_new_address)
        .service(undo_new_address);
}

/// Change the password
///
/// Or set one, where the account had none. All other sessions end with it, and its owner is told by mail.
#[utoipa::path(tag = "Signing in", operation_id = "change_password", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = ChangePassword,
    responses((status = 204, description = "Changed")))]
#[put("/councils/{council}/me/password")]
async fn change_password(app: App, who: Allowed<acts::UseAccount>, body: Json<ChangePassword>) -> Result<Reply> {
    let wish = body.value;
    let (council, id, session) = (who.council.id, who.actor()?.id, who.actor()?.session);
    let place = app.hasher.place()?;
    let account = prove(&app, &who, wish.proof).await?.account;
    let second = app.db.read(move |tx| has_second_factor(tx, council, id)).await?;
    let context = [who.council.name.as_str(), &account.email, &account.display_name];
    let faults = place.faults(&wish.password, least(second), &context).await?;
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let hash = place.hash(wish.password).await?;
    let version = account.credentials_version;
    who.write(&app, Limited::Write, move |tx| {
        unchanged(tx, council, id, version)?;
        replace_password(tx, council, id, &hash, Some(session), SecurityNotice::PasswordChanged)?;
        Ok(Reply::nothing())
    })
    .await
}

/// Whether the account is as it was when its owner showed who they are.
fn unchanged(tx: &mut Tx<'_>, council: Id, account: Id, version: i32) -> Result<()> {
    let still = find_account(tx, council, account)?.is_some_and(|now| now.credentials_version == version);
    if still { Ok(()) } else { Err(Code::SignInAgain.problem().into()) }
}

/// Sets a password; what was trusted before it is void before anybody is answered (case B6).
fn replace_password(
    tx: &mut Tx<'_>,
    council: Id,
    account: Id,
    hash: &str,
    but: Option<Id>,
    notice: SecurityNotice,
) -> Result<()> {
    set_password(tx, council, account, Some(hash))?;
    end_sessions(tx, council, account, but)?;
    void_links(tx, council, account)?;
    // A mailed link is followed by somebody who is not signed in.
    let (action, by) = match but {
        Some(_) => (AuditAction::PasswordChanged, By::Account(account)),
        None => (AuditAction::PasswordReset, By::Nobody),
    };
    record(tx, council, Event::new(action, by).to(account))?;
    // Who has forgotten it may have lost more: what programs were given goes on only where its owner is at hand.
    if but.is_none() {
        for key in end_keys_of(tx, council, account)? {
            record(tx, council, Event::new(AuditAction::KeyEnded, by).to(key))?;
        }
    }
    enqueue(tx, council, &TellOfSecurity::now(account, notice, tx.now()))
}

/// Voids every link that lets somebody into an account or changes what does.
fn void_links(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<()> {
    for kind in [TokenKind::SignIn, TokenKind::ResetPassword, TokenKind::ChangeEmail] {
        void_tokens(tx, council, kind, account)?;
    }
    Ok(())
}

/// Mail a link to set the password anew
///
/// Good for an hour and once; a new one voids the one before. The answer is the same whether or not the address has an
/// account. Where much comes, or the council always asks, a proof of work is needed; a mailed code signs in without.
#[utoipa::path(tag = "Signing in", operation_id = "mail_password_reset", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Address,
    responses((status = 202, description = "Noted; look at your mail", body = Noted)))]
#[post("/councils/{council}/password-resets")]
async fn mail_password_reset(
    app: App,
    who: Allowed<acts::ReadPublic>,
    proof: Shown,
    body: Json<Address>,
) -> Result<Reply> {
    let (key, standings) = mail_wanted(&app, &who, proof, OtherWay::MailedCode, &body.value.email).await?;
    let council = who.council.id;
    let noted = app.db.write(move |tx| {
        enqueue(tx, council, &SendPasswordReset { request: Id::random(), email_key: key.clone() })?;
        Reply::accepted(&Noted {
            detail: "If the address has an account here, a mail with a link is on its way.".into(),
        })
    });
    Ok(noted.await?.limited(standings))
}

/// Set the password anew
///
/// Uses up the token of the mailed link. All sessions and keys end, all other links are void, and the owner is told; then
/// sign in.
/// A second factor is asked for where the account has one.
#[utoipa::path(tag = "Signing in", operation_id = "redeem_password_reset", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = RedeemPasswordReset,
    responses((status = 204, description = "Set; sign in with it")))]
#[post("/councils/{council}/password-resets/redeem")]
async fn redeem_password_reset(
    app: App,
    who: Allowed<acts::ReadPublic>,
    body: Json<RedeemPasswordReset>,
) -> Result<Reply> {
    let (wish, council) = (body.value, who.council.id);
    let place = app.hasher.place()?;
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let token = wish.token.clone();
    let found = app.db.read(move |tx| {
        let (id, _) = peek_token(tx, council, TokenKind::ResetPassword, &token)?;
        let account = find_account(tx, council, id)?.filter(|a| a.state == AccountState::Active);
        let account = account.ok_or_else(|| Error::from(Code::LinkInvalid.problem()))?;
        Ok((has_second_factor(tx, council, id)?, account))
    });
    let (second, account) = found.await?;
    let context = [who.council.name.as_str(), &account.email, &account.display_name];
    let faults = place.faults(&wish.password, least(second), &context).await?;
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    if second {
        second_factor(&app, council, account.id, wish.code).await?;
    }
    let hash = place.hash(wish.password).await?;
    let token = wish.token;
    let set = app.db.write(move |tx| {
        let (id, _) = redeem_token(tx, council, TokenKind::ResetPassword, &token)?;
        let account = find_account(tx, council, id)?.filter(|a| a.state == AccountState::Active);
        account.ok_or_else(|| Error::from(Code::LinkInvalid.problem()))?;
        replace_password(tx, council, id, &hash, None, SecurityNotice::PasswordReset)?;
        Ok(Reply::nothing())
    });
    Ok(set.await?.limited(standings))
}

/// Give the account another address
///
/// Mails a link to the new address; until it is followed nothing changes. Then the old address is told, with a link that
/// takes it back for fourteen days. The answer is the same whether or not the new address has an account.
#[utoipa::path(tag = "Signing in", operation_id = "change_address", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = ChangeAddress,
    responses((status = 202, description = "Noted; look at the mail of the new address", body = Noted)))]
#[put("/councils/{council}/me/address")]
async fn change_address(app: App, who: Allowed<acts::UseAccount>, body: Json<ChangeAddress>) -> Result<Reply> {
    let (wish, council) = (body.value, who.council.id);
    let not_one = || Error::fault("/email", "wrong_format", "This is not a mail address.");
    let key = email_key(&wish.email).ok_or_else(not_one)?;
    if let Some(fault) = domain_fault(&key, &who.council) {
        return Err(Error::invalid(vec![fault]));
    }
    let address = app.config.secrets.mac("address", &[council.bytes(), key.as_bytes()]);
    let account = prove(&app, &who, wish.proof).await?.account;
    let here = address.clone() + &who.network(&app);
    let standings = limited(
        &app,
        vec![(Limited::MailTo, here), (Limited::MailToAll, address), (Limited::MailOf, council.to_string())],
    )
    .await?;
    let email = tidy(&wish.email);
    let noted = who.write(&app, Limited::Write, move |tx| {
        unchanged(tx, council, account.id, account.credentials_version)?;
        let (request, email, credentials_version) = (Id::random(), email.clone(), account.credentials_version);
        enqueue(tx, council, &ConfirmAddress { request, account: account.id, email, credentials_version })?;
        Reply::accepted(&Noted { detail: "Look at the mail of the new address: follow the link in it.".into() })
    });
    Ok(noted.await?.limited(standings))
}

/// What the token of a new address carries.
#[derive(Deserialize)]
struct Wanted {
    email: String,
    credentials_version: i32,
}

/// Confirm a new address
///
/// Uses up the token of the link that was mailed to it. Do it signed in to the account, or send its password: somebody else
/// who gave your address for an account of theirs is not to get a click of yours for it. Who reads the mail on another device
/// and has no password signs in there first, by a code mailed to the address that is still in force. All sessions go on; the
/// old address is told.
#[utoipa::path(tag = "Signing in", operation_id = "confirm_new_address", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = ConfirmNewAddress,
    responses((status = 204, description = "Changed")))]
#[post("/councils/{council}/addresses/confirm")]
async fn confirm_new_address(app: App, who: Allowed<acts::ReadPublic>, body: Json<ConfirmNewAddress>) -> Result<Reply> {
    let (ConfirmNewAddress { token, password }, council) = (body.value, who.council.id);
    let place = app.hasher.place()?;
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let (shown, invalid) = (token.clone(), || Error::from(Code::LinkInvalid.problem()));
    let found = app.db.read(move |tx| {
        let (id, _) = peek_token(tx, council, TokenKind::ChangeEmail, &shown)?;
        find_account(tx, council, id)
    });
    let account = found.await?.ok_or_else(invalid)?;
    // A session of it, and not a program with a key.
    match (who.by() == By::Account(account.id), password) {
        (true, _) => {}
        (false, Some(password)) => {
            if !place.verify(password, account.password_hash).await? {
                let detail = "This is not the password of the account that is to have this address.";
                return Err(Error::fault("/password", "wrong_password", detail));
            }
        }
        (false, None) => {
            let detail = "Send the password of your account, or sign in to it first.";
            return Err(Error::fault("/password", "required", detail));
        }
    }
    let confirmed = app.db.write(move |tx| {
        let (id, data) = redeem_token(tx, council, TokenKind::ChangeEmail, &token)?;
        let wanted: Wanted = serde_json::from_value(data).map_err(|_of_another_version| invalid())?;
        let key = email_key(&wanted.email).ok_or_else(invalid)?;
        let account = find_account(tx, council, id)?.filter(|account| {
            account.state == AccountState::Active && account.credentials_version == wanted.credentials_version
        });
        let account = account.ok_or_else(invalid)?;
        void_links(tx, council, id)?;
        if !set_address(tx, council, id, &wanted.email, &key)? {
            return Err(Code::AlreadyExists.because("There is another account with this address.").into());
        }
        record(tx, council, Event::new(AuditAction::EmailChanged, By::Nobody).to(id))?;
        // Who came by a sign-in provider had none.
        if !account.email.is_empty() {
            let told = TellOldAddress { change: Id::random(), account: id, email: account.email, at: tx.now() };
            enqueue(tx, council, &told)?;
        }
        Ok(Reply::nothing())
    });
    Ok(confirmed.await?.limited(standings))
}

/// Take a new address back
///
/// For who was told of a new address that they had not asked for. The old address is in force again; all sessions end, the
/// password is void, and what was added to sign in with since fourteen days before the change is gone, as are keys for programs
/// that were made since then, and the links that take later changes back. Both addresses are told. Then set the password anew by
/// mail.
#[utoipa::path(tag = "Signing in", operation_id = "undo_new_address", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Token,
    responses((status = 204, description = "Taken back")))]
#[post("/councils/{council}/addresses/undo")]
async fn undo_new_address(app: App, who: Allowed<acts::ReadPublic>, body: Json<Token>) -> Result<Reply> {
    let (token, council) = (body.value.token, who.council.id);
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let undone = app.db.write(move |tx| {
        let invalid = || Error::from(Code::LinkInvalid.problem());
        let (_, data) = redeem_token(tx, council, TokenKind::UndoEmail, &token)?;
        let before: Before = serde_json::from_value(data).map_err(|_of_another_version| invalid())?;
        let key = email_key(&before.email).ok_or_else(invalid)?;
        // So that a link to take a later change back is either there to be voided or not made any more.
        tx.hold(Root::Council, council, council, Hold::Alone)?;
        let taken = find_account(tx, council, before.account)?.ok_or_else(invalid)?.email;
        if !set_address(tx, council, before.account, &before.email, &key)? {
            return Err(Code::AlreadyExists.because("There is another account with this address by now.").into());
        }
        void_undo_since(tx, council, before.account, before.at)?;
        set_password(tx, council, before.account, None)?;
        end_sessions(tx, council, before.account, None)?;
        void_links(tx, council, before.account)?;
        // Whoever was in before the change may have seen to it that they would be again.
        let lately = before.at.minus(Duration::from_secs(UNDO_DAYS * 86_400));
        delete_seed(tx, council, before.account, Some(lately))?;
        delete_passkeys_since(tx, council, before.account, lately)?;
        unlink_since(tx, council, before.account, lately)?;
        for key in end_keys_since(tx, council, before.account, lately)? {
            record(tx, council, Event::new(AuditAction::KeyEnded, By::Nobody).to(key))?;
        }
        let taken_back = Event::new(AuditAction::EmailChanged, By::Nobody).to(before.account);
        record(tx, council, taken_back.after(json!({ "taken_back": true })))?;
        let told = TellOfSecurity::now(before.account, SecurityNotice::AddressTakenBack, tx.now());
        enqueue(tx, council, &told)?;
        if !taken.is_empty() {
            enqueue(tx, council, &TellOfSecurity { event: Id::random(), to: Some(taken), ..told })?;
        }
        Ok(Reply::nothing())
    });
    Ok(undone.await?.limited(standings))
}
