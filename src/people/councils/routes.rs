//! A council, its notice, its grounds, its staff; and the platform's view of all of them.

use actix_web::web;
use serde_json::json;

use super::jobs::{SettingsNotice, tell_admins};
use super::model::{Council, Ground, domains};
use super::queries::{self, NewCouncil};
use super::views::{
    AcceptInvitation, ChangeCouncil, CouncilList, CouncilView, CreateCouncil, GroundList, GroundView, Invite,
    InviteAdmin, NoticeView, PublishNotice,
};
use crate::app::App;
use crate::people::accounts::caller::PlatformAdmin;
use crate::people::accounts::domains::domain_name;
use crate::people::accounts::names::name_faults;
use crate::people::accounts::queries::{Claim, NewAccount, activate, find_by_email, insert_account, set_role};
use crate::people::accounts::routes::limited_free;
use crate::people::accounts::tokens::redeem_token;
use crate::people::accounts::{Allowed, rules};
use crate::people::staff::model::Invitation;
use crate::people::staff::queries::take_invitation;
use crate::people::staff::routes::invite;
use crate::platform::audit::{self, By, Event};
use crate::platform::db::{self, Hold, Id, Root, Tx};
use crate::platform::error::{Code, Error, Fault, Result};
use crate::platform::html::{markdown, prepare, tidy};
use crate::platform::http::doors::{Doors, get, patch, post, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{IfMatch, Json, Once, Reply};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountState, AuditAction, Role, TokenKind};

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(create_council)
        .service(invite_admin)
        .service(list_councils)
        .service(read_council)
        .service(change_council)
        .service(publish_privacy_notice)
        .service(read_privacy_notice)
        .service(create_ground)
        .service(list_grounds)
        .service(invite_staff)
        .service(accept_invitation);
}

/// Make a council
///
/// Makes a tenant and invites its first admin by mail.
#[utoipa::path(tag = "Platform", operation_id = "create_council", security(("bearer" = ["platform.operate"])),
    request_body = CreateCouncil,
    responses((status = 201, description = "Made", body = CouncilView)))]
#[post("/platform/councils")]
async fn create_council(app: App, admin: PlatformAdmin, once: Once, body: Json<CreateCouncil>) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    tracing::info!(platform_admin.id = %admin.id, council.slug = %wish.slug, "a council is made");
    let site_url = wish.site_url.unwrap_or_else(|| app.config.link(&format!("/councils/{}", wish.slug)));
    let mut faults = Vec::new();
    if jiff::tz::TimeZone::get(&wish.time_zone).is_err() {
        faults.push(Fault::at("/time_zone", "not_in_list", "This is not an IANA time zone, such as Europe/London."));
    }
    faults.extend(site_fault(&site_url));
    if rules::email_key(&wish.first_admin_email).is_none() {
        faults.push(Fault::at("/first_admin_email", "wrong_format", "This is not a mail address."));
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let new = NewCouncil {
        slug: wish.slug,
        name: tidy(&wish.name),
        time_zone: wish.time_zone,
        language: wish.language,
        idea_prefix: wish.idea_prefix,
        site_url,
    };
    let email = tidy(&wish.first_admin_email);
    let by = By::Platform(admin.id);
    admin
        .write_once(&app, once, &bytes, move |tx| {
            let council = queries::insert_council(tx, &new)?;
            audit::record(tx, council.id, Event::new(AuditAction::CouncilMade, by).to(council.id))?;
            invite(tx, council.id, &email, Role::Admin, by)?;
            let location = format!("/v1/councils/{}", council.slug);
            Ok(Reply::created(location, &CouncilView::from(&council))?.version(council.version))
        })
        .await
}

fn site_fault(site_url: &str) -> Option<Fault> {
    let whole = url::Url::parse(site_url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    (!whole).then(|| Fault::at("/site_url", "wrong_format", "This is not a full web address."))
}

/// Change a council's settings
///
/// What is left out stays as it is. A rule for the staff's second factor bites on their next request; those for people
/// under eighteen and for mail domains, on those who join or change their address from then on. Where mailed links lead and
/// what the staff signs in with is changed by somebody who is signed in, never by a key, and all admins are told by mail.
#[utoipa::path(tag = "Councils", operation_id = "change_council", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council"), ("If-Match" = String, Header, description = "The ETag you last read")),
    request_body = ChangeCouncil, responses((status = 200, description = "Changed", body = CouncilView)))]
#[patch("/councils/{council}")]
async fn change_council(
    app: App,
    who: Allowed<acts::ManageCouncil>,
    read: IfMatch,
    body: Json<ChangeCouncil>,
) -> Result<Reply> {
    let (council, wish) = (who.council.id, body.value);
    if wish.site_url.is_some() || wish.staff_second_factor.is_some() {
        who.in_person()?;
    }
    let mut faults: Vec<Fault> = wish.site_url.as_deref().and_then(site_fault).into_iter().collect();
    let name = wish.name.as_deref().map(tidy);
    if name.as_deref().is_some_and(str::is_empty) {
        faults.push(Fault::at("/name", "too_short", "At least 1 character that can be seen."));
    }
    let allowed = wish.mail_domains_allowed.map(|names| listed("/mail_domains_allowed", names, &mut faults));
    let refused = wish.mail_domains_refused.map(|names| listed("/mail_domains_refused", names, &mut faults));
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let by = who.by();
    who.write(&app, Limited::Write, move |tx| {
        let mut changed = queries::council_by_id(tx, council)?;
        read.require(changed.version)?;
        let (before, site_before) = (settings(&changed), changed.site_url.clone());
        let asked_before = changed.staff_second_factor;
        changed.name = name.clone().unwrap_or(changed.name);
        changed.site_url = wish.site_url.clone().unwrap_or(changed.site_url);
        changed.staff_second_factor = wish.staff_second_factor.unwrap_or(changed.staff_second_factor);
        changed.minimum_age = wish.minimum_age.unwrap_or(changed.minimum_age);
        changed.under_18 = wish.under_18.unwrap_or(changed.under_18);
        changed.proof_of_work = wish.proof_of_work.unwrap_or(changed.proof_of_work);
        changed.no_new_challenges_while_overdue =
            wish.no_new_challenges_while_overdue.unwrap_or(changed.no_new_challenges_while_overdue);
        changed.mail_domains_allowed = allowed.clone().unwrap_or(changed.mail_domains_allowed);
        changed.mail_domains_refused = refused.clone().unwrap_or(changed.mail_domains_refused);
        changed.publish_clean_by_clock = wish.publish_clean_by_clock.unwrap_or(changed.publish_clean_by_clock);
        changed.silence_in_merges = wish.silence_in_merges.unwrap_or(changed.silence_in_merges);
        if let Some(both) = domains(&changed.mail_domains_allowed).find(|one| names(&changed.mail_domains_refused, one))
        {
            let detail = format!("{both} cannot be in both lists.");
            return Err(Error::fault("/mail_domains_refused", "not_taken", &detail));
        }
        let changed = queries::update_council(tx, &changed)?;
        if site_before != changed.site_url {
            tell_admins(tx, council, &site_before, SettingsNotice::Site)?;
        }
        if asked_before != changed.staff_second_factor {
            tell_admins(tx, council, &site_before, SettingsNotice::StaffSecondFactor)?;
        }
        let event = Event::new(AuditAction::SettingsChanged, by).to(council);
        audit::record(tx, council, event.before(before).after(settings(&changed)))?;
        Ok(Reply::ok(&CouncilView::from(&changed))?.version(changed.version))
    })
    .await
}

/// The settings as the audit log tells them: they are the council's and no person's.
fn settings(council: &Council) -> serde_json::Value {
    json!({
        "name": council.name, "site_url": council.site_url, "staff_second_factor": council.staff_second_factor,
        "minimum_age": council.minimum_age, "under_18": council.under_18, "proof_of_work": council.proof_of_work,
        "mail_domains_allowed": council.mail_domains_allowed, "mail_domains_refused": council.mail_domains_refused,
        "publish_clean_by_clock": council.publish_clean_by_clock,
        "no_new_challenges_while_overdue": council.no_new_challenges_while_overdue,
        "silence_in_merges": council.silence_in_merges, "version": council.version,
    })
}

/// A list of mail domains as it is kept: as names are compared, and each once.
fn listed(pointer: &str, names: Vec<String>, faults: &mut Vec<Fault>) -> db::Json {
    let mut kept = Vec::new();
    for (place, name) in names.iter().enumerate() {
        match domain_name(name) {
            Some(name) if kept.contains(&name) => {}
            Some(name) => kept.push(name),
            None => {
                let detail = "This is not the name of a mail domain, such as example.org.";
                faults.push(Fault::at(format!("{pointer}/{place}"), "wrong_format", detail));
            }
        }
    }
    db::Json(json!(kept))
}

fn names(list: &db::Json, name: &str) -> bool {
    domains(list).any(|one| one == name)
}

/// Invite an admin
///
/// Mails another invitation as admin, for instance where the first has run out or everybody has left.
#[utoipa::path(tag = "Platform", operation_id = "invite_admin", security(("bearer" = ["platform.operate"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = InviteAdmin,
    responses((status = 202, description = "The invitation is on its way")))]
#[post("/platform/councils/{council}/invitations")]
async fn invite_admin(
    app: App,
    admin: PlatformAdmin,
    path: web::Path<String>,
    once: Once,
    body: Json<InviteAdmin>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    if rules::email_key(&wish.email).is_none() {
        return Err(Error::fault("/email", "wrong_format", "This is not a mail address."));
    }
    let (reference, email, by) = (path.into_inner(), tidy(&wish.email), By::Platform(admin.id));
    admin
        .write_once(&app, once, &bytes, move |tx| {
            let council = queries::find_council(tx, &reference)?.ok_or_else(|| Error::not_found("council"))?;
            invite(tx, council.id, &email, Role::Admin, by)?;
            Ok(Reply { status: 202, ..Reply::nothing() })
        })
        .await
}

/// List councils
///
/// Every council of the installation, for those who operate it.
#[utoipa::path(tag = "Platform", operation_id = "list_councils", security(("bearer" = ["platform.operate"])),
    responses((status = 200, description = "All councils", body = CouncilList)))]
#[get("/platform/councils")]
async fn list_councils(app: App, _admin: PlatformAdmin) -> Result<Reply> {
    let rows = app.db.read(queries::list_councils).await?;
    Reply::ok(&CouncilList { items: rows.iter().map(CouncilView::from).collect() })
}

/// Read a council
///
/// Its names, language, time zone and site.
#[utoipa::path(tag = "Councils", operation_id = "read_council", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The council", body = CouncilView)))]
#[get("/councils/{council}")]
async fn read_council(who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    std::future::ready(()).await;
    Ok(Reply::ok(&CouncilView::from(&*who.council))?.version(who.council.version).public(60))
}

/// Publish a privacy notice
///
/// Each publication is a further version; the older ones stay. No challenge opens without one.
#[utoipa::path(tag = "Councils", operation_id = "publish_privacy_notice", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = PublishNotice,
    responses((status = 200, description = "Published", body = NoticeView)))]
#[put("/councils/{council}/privacy-notice")]
async fn publish_privacy_notice(
    app: App,
    who: Allowed<acts::ManageCouncil>,
    body: Json<PublishNotice>,
) -> Result<Reply> {
    let (council, text) = (who.council.id, tidy(&body.value.body));
    prepare(&text);
    let by = who.by();
    who.write(&app, Limited::Write, move |tx| {
        let (version, published_at) = queries::insert_notice(tx, council, &text)?;
        let event = Event::new(AuditAction::NoticePublished, by).after(json!({ "version": version }));
        audit::record(tx, council, event)?;
        let view = NoticeView { version, body: text.clone(), body_html: markdown(&text), published_at };
        Ok(Reply::ok(&view)?.version(version.into()))
    })
    .await
}

/// Read the privacy notice
///
/// The version in force.
#[utoipa::path(tag = "Councils", operation_id = "read_privacy_notice", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The notice in force", body = NoticeView)))]
#[get("/councils/{council}/privacy-notice")]
async fn read_privacy_notice(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let council = who.council.id;
    let found = app.db.read(move |tx| queries::latest_notice(tx, council)).await?;
    let (version, body, published_at) = found.ok_or_else(|| Error::not_found("privacy notice"))?;
    let view = NoticeView { version, body_html: markdown(&body), body, published_at };
    Ok(Reply::ok(&view)?.version(version.into()).public(60))
}

/// Write a ground
///
/// A rule of the council that a restriction can be based on, as it will be quoted to authors. A code once taken
/// keeps its meaning: write a new ground to change a rule. What is withheld on a ground for somebody's safety (`safeguarding`) is told
/// to the council's safeguarding lead at once, and its tombstone says nothing but that.
#[utoipa::path(tag = "Councils", operation_id = "create_ground", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = GroundView,
    responses((status = 201, description = "Written", body = GroundView)))]
#[post("/councils/{council}/grounds")]
async fn create_ground(
    app: App,
    who: Allowed<acts::ManageCouncil>,
    once: Once,
    body: Json<GroundView>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (title, body) = (tidy(&wish.title), tidy(&wish.body));
    let ground = Ground { code: wish.code, title, body, safeguarding: wish.safeguarding };
    let (council, slug, by) = (who.council.id, who.council.slug.clone(), who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        queries::insert_ground(tx, council, &ground)?;
        let event = Event::new(AuditAction::GroundWritten, by).after(json!({ "code": ground.code }));
        audit::record(tx, council, event)?;
        Reply::created(format!("/v1/councils/{slug}/grounds"), &GroundView::from(ground.clone()))
    })
    .await
}

/// List grounds
///
/// The rules that restrictions in this council can be based on.
#[utoipa::path(tag = "Councils", operation_id = "list_grounds", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "All grounds", body = GroundList)))]
#[get("/councils/{council}/grounds")]
async fn list_grounds(app: App, who: Allowed<acts::ReadPublic>) -> Result<Reply> {
    let council = who.council.id;
    let rows = app.db.read(move |tx| queries::list_grounds(tx, council)).await?;
    Ok(Reply::ok(&GroundList { items: rows.into_iter().map(GroundView::from).collect() })?.public(60))
}

/// Invite to the staff
///
/// Mails an invitation that is good for seven days and for this council only.
#[utoipa::path(tag = "Staff", operation_id = "invite_staff", security(("bearer" = ["staff.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = Invite,
    responses((status = 202, description = "The invitation is on its way")))]
#[post("/councils/{council}/invitations")]
async fn invite_staff(app: App, who: Allowed<acts::ManageStaff>, once: Once, body: Json<Invite>) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let mut faults = Vec::new();
    if rules::email_key(&wish.email).is_none() {
        faults.push(Fault::at("/email", "wrong_format", "This is not a mail address."));
    }
    if wish.role == Role::Resident {
        faults.push(Fault::at("/role", "not_in_list", "Residents register by themselves."));
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let (council, email, by) = (who.council.id, tidy(&wish.email), who.by());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        invite(tx, council, &email, wish.role, by)?;
        Ok(Reply { status: 202, ..Reply::nothing() })
    })
    .await
}

/// Somebody who registered with the address and never confirmed it keeps nobody out.
fn welcome(tx: &mut Tx<'_>, council: Id, email_key: &str, claim: &Claim, role: Role) -> Result<Id> {
    let new = NewAccount {
        email: &claim.email,
        email_key,
        display_name: &claim.display_name,
        password_hash: &claim.password_hash,
        role,
        state: AccountState::Active,
    };
    if let Some(id) = insert_account(tx, council, &new)? {
        return Ok(id);
    }
    let there = find_by_email(tx, council, email_key)?.ok_or_else(|| Error::from(Code::LinkInvalid.problem()))?;
    if activate(tx, council, there.id, claim, role)? {
        return Ok(there.id);
    }
    // An account in use was proved for its own spelling only; and no link that lay about takes an admin's role away.
    let same = there.email.to_lowercase() == claim.email.to_lowercase();
    if same && there.role != Role::Admin && set_role(tx, council, there.id, role)? {
        return Ok(there.id);
    }
    let detail = "There is an account with this address that cannot take this role by an invitation.";
    Err(Code::AlreadyExists.because(detail).into())
}

/// Accept an invitation
///
/// Makes the staff account; it can sign in at once, since the mail proved the address. Where the address has an account
/// in use that is no admin's, that one takes the role, and keeps its name and password.
#[utoipa::path(tag = "Staff", operation_id = "accept_invitation", security((), ("bearer" = ["public.read"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = AcceptInvitation,
    responses((status = 204, description = "Welcome")))]
#[post("/councils/{council}/invitation-acceptances")]
async fn accept_invitation(app: App, who: Allowed<acts::ReadPublic>, body: Json<AcceptInvitation>) -> Result<Reply> {
    let wish = body.value;
    let name = tidy(&wish.display_name);
    let place = app.hasher.place()?;
    let standings = limited_free(&app, vec![(Limited::Register, who.network(&app))]).await?;
    let mut faults = place.faults(&wish.password, rules::PASSWORD_MIN, &[&who.council.name, &name]).await?;
    // Those who do speak for the council may say so.
    faults.extend(name_faults("/display_name", &name));
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let hash = place.hash(wish.password).await?;
    let (council, token) = (who.council.id, wish.token);
    let welcomed = app.db.write(move |tx| {
        // As whoever changes roles does: of two at once the second sees what the first did.
        tx.hold(Root::Council, council, council, Hold::Alone)?;
        let (invitation, _) = redeem_token(tx, council, TokenKind::Invitation, &token)?;
        let gone = || Error::from(Code::LinkInvalid.problem());
        let Invitation { email, role, .. } = take_invitation(tx, council, invitation)?.ok_or_else(gone)?;
        let key = rules::email_key(&email).ok_or_else(gone)?;
        let (display_name, password_hash) = (name.clone(), hash.clone());
        let claim = Claim { email, display_name, password_hash, age_band: None, protected: false };
        let account = welcome(tx, council, &key, &claim, role)?;
        let event = Event::new(AuditAction::InvitationAccepted, By::Account(account)).to(account);
        audit::record(tx, council, event.after(json!({ "invitation": invitation, "role": role })))?;
        Ok(Reply::nothing())
    });
    Ok(welcomed.await?.limited(standings))
}
