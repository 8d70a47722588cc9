//! Take part without an account, and make it one's own.

use actix_web::web;

use super::jobs::{Invited, SendParticipation};
use super::queries;
use super::views::{AskToTakePart, Upgrade};
use crate::app::App;
use crate::participation::challenges::queries::find_challenge;
use crate::people::accounts::Allowed;
use crate::people::accounts::domains::domain_fault;
use crate::people::accounts::queries::find_account;
use crate::people::accounts::routes::{limited, name_faults};
use crate::people::accounts::rules::{self, PASSWORD_MIN, email_key};
use crate::people::accounts::tokens::redeem_token;
use crate::people::accounts::views::{AccountView, Noted, Token};
use crate::people::factors::queries::has_second_factor;
use crate::people::proof_of_work::{OtherWay, Shown};
use crate::people::sessions::queries::end_sessions;
use crate::people::sessions::routes::{Begun, finish_sign_in, mail_wanted};
use crate::people::sessions::views::SessionView;
use crate::platform::db::Id;
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, post};
use crate::platform::http::id_of;
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Reply};
use crate::platform::jobs::enqueue;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountKind, SignInMethod, TokenKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors.service(ask_to_take_part).service(take_part).service(upgrade_account);
}

/// Ask to take part without an account
///
/// Mails a link that lets its reader submit and support in this challenge. The answer is the same whether or not the
/// address has an account; where it has one, the mail says so. A proof of work is needed only where much comes, never because
/// the council always asks.
#[utoipa::path(tag = "Accounts", operation_id = "ask_to_take_part", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("challenge" = Id, Path, description = "Id of the challenge")),
    request_body = AskToTakePart, responses((status = 202, description = "Noted; look at your mail", body = Noted)))]
#[post("/councils/{council}/challenges/{challenge}/participations")]
async fn ask_to_take_part(
    app: App,
    who: Allowed<acts::ReadPublic>,
    path: web::Path<(String, String)>,
    proof: Shown,
    body: Json<AskToTakePart>,
) -> Result<Reply> {
    let (council, challenge, wish) = (who.council.id, id_of(&path.1, "challenge")?, body.value);
    let mut faults: Vec<Fault> = rules::age_fault(wish.age_band, &who.council).into_iter().collect();
    faults.extend(email_key(&wish.email).and_then(|key| domain_fault(&key, &who.council)));
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let (email_key, standings) = mail_wanted(&app, &who, proof, OtherWay::IsThis, &wish.email).await?;
    let protected = rules::is_to_be_protected(wish.age_band, &who.council);
    let invited = Invited { challenge, email: tidy(&wish.email), age_band: wish.age_band, protected };
    let noted = app.db.write(move |tx| {
        find_challenge(tx, council, challenge, false)?;
        let (email_key, invited) = (email_key.clone(), invited.clone());
        enqueue(tx, council, &SendParticipation { request: Id::random(), email_key, invited })?;
        Reply::accepted(&Noted { detail: "Look at your mail: follow the link in it to take part.".into() })
    });
    Ok(noted.await?.limited(standings))
}

/// Take part by a mailed link
///
/// Uses up the token of the link and signs in. One may then do what residents do in the challenge that the link was for, and
/// in others that one asked for in the same way; `me/upgrade` makes it an account of one's own.
#[utoipa::path(tag = "Accounts", operation_id = "take_part", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Token,
    responses((status = 201, description = "Signed in", body = SessionView)))]
#[post("/councils/{council}/participations/redeem")]
async fn take_part(app: App, who: Allowed<acts::ReadPublic>, body: Json<Token>) -> Result<Reply> {
    let (token, council) = (body.value.token, who.council.id);
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let account = app.db.write(move |tx| {
        let invalid = || Error::from(Code::LinkInvalid.problem());
        let (_, data) = redeem_token(tx, council, TokenKind::Participate, &token)?;
        let invited: Invited = serde_json::from_value(data).map_err(|_of_another_version| invalid())?;
        let key = email_key(&invited.email).ok_or_else(invalid)?;
        let account = queries::welcome(tx, council, &key, &invited)?;
        if has_second_factor(tx, council, account.id)? {
            return Err(Code::AlreadyExists.because("This address has a second factor. Sign in with it.").into());
        }
        queries::let_in(tx, council, account.id, invited.challenge)?;
        Ok(account)
    });
    let begun = Begun::by(SignInMethod::Mail, false);
    Ok(finish_sign_in(&app, council, account.await?, begun).await?.limited(standings))
}

/// Make it an account of one's own
///
/// For who takes part by a mailed link: with a password and a name it is an account like any other, and every idea and
/// support stays. All other sessions end. Whoever is protected keeps the name that was given to them.
#[utoipa::path(tag = "Accounts", operation_id = "upgrade_account", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Upgrade,
    responses((status = 200, description = "Yours", body = AccountView)))]
#[post("/councils/{council}/me/upgrade")]
async fn upgrade_account(app: App, who: Allowed<acts::UseAccount>, body: Json<Upgrade>) -> Result<Reply> {
    let (wish, council) = (body.value, who.council.id);
    let (id, session, name) = (who.actor()?.id, who.actor()?.session, tidy(&wish.display_name));
    let read = app.db.read(move |tx| find_account(tx, council, id)).await?;
    let guest = read.filter(|account| account.kind == AccountKind::Ephemeral);
    let not_one = || Error::from(Code::WrongState.because("This is an account of your own already."));
    let account = guest.ok_or_else(not_one)?;
    let context = [who.council.name.as_str(), &account.email, &name];
    let place = app.hasher.place()?;
    limited(&app, vec![(Limited::Prove, id.to_string())]).await?;
    let mut faults = place.faults(&wish.password, PASSWORD_MIN, &context).await?;
    faults.extend(name_faults(&app, &who.council, &name).await?);
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let hash = place.hash(wish.password).await?;
    who.write(&app, Limited::Write, move |tx| {
        let name = if account.is_protected() { &account.display_name } else { &name };
        if !queries::upgrade(tx, &account, name, &hash)? {
            return Err(not_one());
        }
        end_sessions(tx, council, id, Some(session))?;
        let account = find_account(tx, council, id)?.ok_or_else(|| Error::not_found("account"))?;
        let version = account.version;
        Ok(Reply::ok(&AccountView::from(account))?.version(version))
    })
    .await
}
