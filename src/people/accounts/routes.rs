//! Register, confirm, sign in, refresh, sign out.

use actix_web::web;

use super::caller::Allowed;
use super::domains::domain_fault;
use super::queries::{self, Claim, NewAccount};
use super::views::{AccountView, ChangeAccount, ConfirmEmail, Noted, ProfileView, Register};
use super::{jobs, names, rules, tokens};
use crate::app::App;
use crate::people::councils::model::Council;
use crate::people::proof_of_work::{self, OtherWay, Shown};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, patch, post};
use crate::platform::http::limit::{self, Limited, Standing};
use crate::platform::http::{IfMatch, Json, Once, Reply};
use crate::platform::jobs::enqueue;
use crate::reach::campaigns;
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountState, CampaignAction, Role, TokenKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(register)
        .service(confirm_email)
        .service(read_own_account)
        .service(change_own_account)
        .service(read_profile);
}

/// Register
///
/// Makes an account and mails a link that confirms the address. The answer is the same whether or not the address
/// has an account already. Where much comes, or the council always asks, a proof of work is needed; whoever cannot do it takes
/// part by a mailed link, and makes that an account.
#[utoipa::path(tag = "Accounts", operation_id = "register", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Register,
    responses((status = 202, description = "Noted; look at your mail", body = Noted)))]
#[post("/councils/{council}/accounts")]
async fn register(
    app: App,
    who: Allowed<acts::ReadPublic>,
    once: Once,
    proof: Shown,
    body: Json<Register>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let key = rules::email_key(&wish.email);
    let name = tidy(&wish.display_name);
    let (council, network) = (who.council.id, who.network(&app));
    let place = app.hasher.place()?;
    let mut standings = limited(&app, vec![(Limited::SignInFrom, network.clone())]).await?;
    let context = [who.council.name.as_str(), &wish.email, &name];
    let mut faults = place.faults(&wish.password, rules::PASSWORD_MIN, &context).await?;
    if key.is_none() {
        faults.push(Fault::at("/email", "wrong_format", "This is not a mail address."));
    }
    faults.extend(name_faults(&app, &who.council, &name).await?);
    faults.extend(rules::age_fault(wish.age_band, &who.council));
    faults.extend(key.as_deref().and_then(|key| domain_fault(key, &who.council)));
    let Some(key) = key.filter(|_| faults.is_empty()) else { return Err(Error::invalid(faults)) };
    let address = app.config.secrets.mac("address", &[council.bytes(), key.as_bytes()]);
    let buckets = vec![
        (Limited::Register, network.clone()),
        (Limited::MailTo, address.clone() + &network),
        (Limited::MailToAll, address),
        (Limited::MailOf, council.to_string()),
    ];
    let limited = proof_of_work::limited(&app, &who.council, proof, OtherWay::MailedLink, buckets);
    standings.extend(limited.await?);
    let hash = place.hash(wish.password).await?;
    let (email, campaign) = (tidy(&wish.email), wish.campaign);
    let protected = rules::is_to_be_protected(wish.age_band, &who.council);
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
            let (email, display_name, password_hash) = (email.clone(), name.clone(), hash.clone());
            let claim = Claim { email, display_name, password_hash, age_band: wish.age_band, protected };
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
    let place = app.hasher.place()?;
    let standings = limited(&app, vec![(Limited::SignInFrom, who.network(&app))]).await?;
    let found = app.db.read(move |tx| tokens::peek_token(tx, council, TokenKind::ConfirmEmail, &shown)).await?;
    let invalid = || Error::from(Code::LinkInvalid.problem());
    let Asked { account, claim } = serde_json::from_value(found.1).map_err(|_of_another_version| invalid())?;
    if !place.verify(password, Some(claim.password_hash.clone())).await? {
        let detail = "This is not the password that was chosen with this link. Another mail may belong to yours.";
        return Err(Error::fault("/password", "wrong_password", detail));
    }
    let confirmed = app.db.write(move |tx| {
        tokens::redeem_token(tx, council, TokenKind::ConfirmEmail, &token)?;
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

/// Change how one is shown
///
/// One's display name, which need not be one's name but may not be taken for the council's; and whether the profile is
/// public. While it is private, which it is at first, nobody can tell that ideas in two challenges are of one person.
/// And how old one is: whoever the council protects from then on is given a name, and has no public profile. Nobody who is
/// protected lays that down by themselves.
#[utoipa::path(tag = "Accounts", operation_id = "change_own_account", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = ChangeAccount, responses((status = 200, description = "Changed", body = AccountView)))]
#[patch("/councils/{council}/me")]
async fn change_own_account(
    app: App,
    who: Allowed<acts::UseAccount>,
    version: IfMatch,
    body: Json<ChangeAccount>,
) -> Result<Reply> {
    let ChangeAccount { display_name, profile_public, age_band } = body.value;
    let (council, id) = (who.council.id, who.actor()?.id);
    let name = display_name.as_deref().map(tidy);
    let mut faults: Vec<Fault> =
        age_band.and_then(|said| rules::age_fault(Some(said), &who.council)).into_iter().collect();
    if let Some(name) = &name {
        faults.extend(name_faults(&app, &who.council, name).await?);
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let by_age = age_band.map(|said| (said, rules::is_to_be_protected(Some(said), &who.council)));
    who.write(&app, Limited::Write, move |tx| {
        let mut account = queries::find_account(tx, council, id)?.ok_or_else(|| Error::not_found("account"))?;
        version.require(account.version)?;
        if let Some((said, protected)) = by_age {
            rules::may_state_age(&account, protected)?;
            account = queries::set_age(tx, &account, said, protected)?;
        }
        rules::may_change_identity(&account, name.is_some(), profile_public)?;
        let profile = match profile_public {
            Some(true) => account.profile_id.or_else(|| Some(Id::random())),
            Some(false) => None,
            None => account.profile_id,
        };
        queries::set_identity(tx, &account, name.as_deref().unwrap_or(&account.display_name), profile)?;
        let account = queries::find_account(tx, council, id)?.ok_or_else(|| Error::not_found("account"))?;
        let version = account.version;
        Ok(Reply::ok(&AccountView::from(account))?.version(version))
    })
    .await
}

/// Read a public profile
///
/// Of somebody who has made theirs public; everybody else's is 404.
#[utoipa::path(tag = "Accounts", operation_id = "read_profile", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("profile" = Id, Path, description = "The `id` of an author")),
    responses((status = 200, description = "The profile", body = ProfileView)))]
#[get("/councils/{council}/profiles/{profile}")]
async fn read_profile(app: App, who: Allowed<acts::ReadPublic>, path: web::Path<(String, String)>) -> Result<Reply> {
    let council = who.council.id;
    let id: Id = path.1.parse().map_err(|_not_an_id| Error::not_found("profile"))?;
    let display_name = app.db.read(move |tx| queries::find_profile(tx, council, id)).await?;
    Ok(Reply::ok(&ProfileView { id, display_name })?.public(5))
}

/// What is wrong with a resident's name, in this council.
///
/// # Errors
/// What the database answers.
pub async fn name_faults(app: &App, council: &Council, name: &str) -> Result<Vec<Fault>> {
    let mut faults = names::name_faults("/display_name", name);
    let id = council.id;
    let offices = app.db.read(move |tx| queries::offices(tx, id)).await?;
    if names::is_official(name, &council.language, &[&council.slug, &council.name], &offices) {
        let detail = "This could be taken for the council or somebody who speaks for it. Choose another name.";
        faults.push(Fault::at("/display_name", "reserved", detail));
    }
    Ok(faults)
}

/// Takes from the buckets before the costly part, and keeps what was taken whatever comes of it.
///
/// # Errors
/// 429 where one of them is empty; then none is taken from.
pub async fn limited(app: &App, buckets: Vec<(Limited, String)>) -> Result<Vec<Standing>> {
    if !app.config.limits {
        return Ok(Vec::new());
    }
    app.db.write(move |tx| take_all(tx, &buckets)).await
}

/// Takes from the buckets inside a unit that commits whatever comes of it.
///
/// # Errors
/// As [`limited`].
pub fn take_all(tx: &mut Tx<'_>, buckets: &[(Limited, String)]) -> Result<Vec<Standing>> {
    buckets.iter().map(|(limited, key)| limit::take(tx, *limited, key)).collect()
}

/// The same for what takes no proof of work: it is refused where others are asked for one.
///
/// # Errors
/// As [`limited`].
pub async fn limited_free(app: &App, buckets: Vec<(Limited, String)>) -> Result<Vec<Standing>> {
    if !app.config.limits {
        return Ok(Vec::new());
    }
    app.db.write(move |tx| buckets.iter().map(|(limited, key)| limit::take_free(tx, *limited, key)).collect()).await
}
