//! State what shows that one lives here; give the lists that it is held to.

use std::time::Duration;

use serde_json::json;

use super::in_person::Seen;
use super::views::{
    LettersView, MakeLetters, MeansView, RecordInPerson, RegisterKeyView, StateCode, StateFacts, StatePostcode,
    UploadPostcodes, UploadRegister, VerificationView,
};
use super::{Way, code_letter, queries, register_match, rules, verify};
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::queries::{find_by_email, set_age};
use crate::people::accounts::routes::limited;
use crate::people::accounts::rules::email_key;
use crate::people::offices::queries::office_to_speak_for;
use crate::platform::audit::{Event, record};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Error, Fault, Result};
use crate::platform::html::tidy;
use crate::platform::http::doors::{Doors, get, post, put};
use crate::platform::http::limit::Limited;
use crate::platform::http::{Json, Once, Reply};
use crate::vocabulary::permissions::acts;
use crate::vocabulary::{AccountState, AgeBand, AuditAction};

/// Letters in a batch at most.
const LETTERS: u32 = 5_000;

const HOW: &str = "HMAC-SHA256 in hexadecimal of surname|date of birth|postcode: the surname in small letters without \
                   accents, blanks, hyphens or apostrophes, the date as 1980-02-29, the postcode in capitals without \
                   blanks; for instance brien|1980-02-29|AB12CD.";

/// The doors of this room.
pub fn routes(doors: &mut Doors<'_, '_>) {
    doors
        .service(read_own_verification)
        .service(verify_by_postcode)
        .service(verify_by_letter)
        .service(verify_by_register)
        .service(record_in_person)
        .service(read_means)
        .service(upload_postcodes)
        .service(make_letters)
        .service(read_register_key)
        .service(upload_register);
}

/// Read how one's residency stands
///
/// Whether it is shown that you live in the council's area, in which way and until when. Nothing that was stated is kept.
#[utoipa::path(tag = "Accounts", operation_id = "read_own_verification", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "How it stands", body = VerificationView)))]
#[get("/councils/{council}/me/verification")]
async fn read_own_verification(app: App, who: Allowed<acts::UseAccount>) -> Result<Reply> {
    let (council, account) = (who.council.id, who.actor()?.id);
    Reply::ok(&app.db.read(move |tx| standing(tx, council, account)).await?)
}

fn standing(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<VerificationView> {
    Ok(queries::facts_of(tx, council, account)?.verified.into())
}

/// Verifies whoever asks. What was tried is counted whether or not it shows anything.
async fn tried(app: App, who: Allowed<acts::UseAccount>, way: impl Way + Send + 'static) -> Result<Reply> {
    let (council, account) = (who.council.id, who.actor()?.id);
    let tries = vec![(Limited::Verify, account.to_string()), (Limited::VerifyFrom, who.network(&app))];
    let standings = limited(&app, tries).await?;
    let secrets = app.config.secrets.clone();
    let view = app.db.write(move |tx| {
        verify(tx, &secrets, council, account, &way)?;
        standing(tx, council, account)
    });
    Ok(Reply::ok(&view.await?)?.limited(standings))
}

/// Verify by postcode
///
/// Held to the council's list; the ward follows from it, and the postcode is not kept.
#[utoipa::path(tag = "Accounts", operation_id = "verify_by_postcode", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = StatePostcode,
    responses((status = 200, description = "Verified", body = VerificationView)))]
#[post("/councils/{council}/me/verification/postcode_list")]
async fn verify_by_postcode(app: App, who: Allowed<acts::UseAccount>, body: Json<StatePostcode>) -> Result<Reply> {
    tried(app, who, body.value).await
}

/// Verify by a letter
///
/// With the code from a letter of the council. It is good once, for one account, and for a time.
#[utoipa::path(tag = "Accounts", operation_id = "verify_by_letter", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = StateCode,
    responses((status = 200, description = "Verified", body = VerificationView)))]
#[post("/councils/{council}/me/verification/code_letter")]
async fn verify_by_letter(app: App, who: Allowed<acts::UseAccount>, body: Json<StateCode>) -> Result<Reply> {
    tried(app, who, body.value).await
}

/// Verify by the register
///
/// With facts that match an entry of the council's register. They are hashed, compared and thrown away; an entry verifies
/// one account.
#[utoipa::path(tag = "Accounts", operation_id = "verify_by_register", security(("bearer" = ["account.use"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = StateFacts,
    responses((status = 200, description = "Verified", body = VerificationView)))]
#[post("/councils/{council}/me/verification/register_match")]
async fn verify_by_register(app: App, who: Allowed<acts::UseAccount>, body: Json<StateFacts>) -> Result<Reply> {
    tried(app, who, body.value).await
}

/// Verify somebody in person
///
/// Where an office has seen what it wanted to see; the office is kept, and nothing that was shown. One of its members says
/// so, or an admin. In the same way somebody who was protected as under eighteen, and has come of age, is protected no more.
#[utoipa::path(tag = "Councils", operation_id = "record_in_person", security(("bearer" = ["resident.verify"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = RecordInPerson,
    responses((status = 201, description = "Verified", body = VerificationView)))]
#[post("/councils/{council}/verifications")]
async fn record_in_person(
    app: App,
    who: Allowed<acts::VerifyResident>,
    once: Once,
    body: Json<RecordInPerson>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let mut faults = Vec::new();
    let key = email_key(&wish.email);
    if key.is_none() {
        faults.push(Fault::at("/email", "wrong_format", "This is not a mail address."));
    }
    let ward = wish.ward.as_deref().map(|ward| rules::ward("/ward", ward)).transpose();
    let (key, ward) = match (key, ward) {
        (Some(key), Ok(ward)) => (key, ward),
        (_, ward) => return Err(Error::invalid(faults.into_iter().chain(ward.err()).collect())),
    };
    let (officer, by, office) = (who.actor()?.id, who.by(), tidy(&wish.office));
    let (council, slug, secrets) = (who.council.id, who.council.slug.clone(), app.config.secrets.clone());
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let office = office_to_speak_for(tx, council, &office, officer)?;
        let seen = Seen { office: office.name, ward: ward.clone() };
        let account = find_by_email(tx, council, &key)?.filter(|account| account.state == AccountState::Active);
        let account = account.ok_or_else(|| Error::not_found("account"))?;
        verify(tx, &secrets, council, account.id, &seen)?;
        let event = Event::new(AuditAction::ResidentVerified, by).to(account.id);
        record(tx, council, event.after(json!({ "office": office.id })))?;
        if wish.of_age {
            set_age(tx, &account, AgeBand::Adult, false)?;
        }
        if wish.of_age && account.is_protected() {
            let event = Event::new(AuditAction::ProtectionEnded, by).to(account.id);
            record(tx, council, event.after(json!({ "office": office.id })))?;
        }
        Reply::created(format!("/v1/councils/{slug}/verification"), &standing(tx, council, account.id)?)
    })
    .await
}

/// Read what residents are verified with
///
/// How many postcodes, codes and entries of the register there are.
#[utoipa::path(tag = "Councils", operation_id = "read_means", security(("bearer" = ["resident.verify"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "What there is", body = MeansView)))]
#[get("/councils/{council}/verification")]
async fn read_means(app: App, who: Allowed<acts::VerifyResident>) -> Result<Reply> {
    let council = who.council.id;
    Reply::ok(&app.db.read(move |tx| means(tx, council)).await?)
}

fn means(tx: &mut Tx<'_>, council: Id) -> Result<MeansView> {
    let (postcodes, codes, register_entries) = queries::counts(tx, council)?;
    Ok(MeansView { postcodes, codes, register_entries })
}

/// Upload postcodes
///
/// Of the council's area, by ward. Whoever was verified by a postcode stays so for its time.
#[utoipa::path(tag = "Councils", operation_id = "upload_postcodes", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = UploadPostcodes,
    responses((status = 200, description = "Taken", body = MeansView)))]
#[put("/councils/{council}/verification/postcodes")]
async fn upload_postcodes(app: App, who: Allowed<acts::ManageCouncil>, body: Json<UploadPostcodes>) -> Result<Reply> {
    let (council, wish) = (who.council.id, body.value);
    let (mut list, mut faults) = (Vec::new(), Vec::new());
    for (n, one) in wish.wards.iter().enumerate() {
        match rules::ward(&format!("/wards/{n}/ward"), &one.ward) {
            Ok(ward) => list.extend(one.postcodes.iter().map(|text| (rules::postcode(text), ward.clone()))),
            Err(fault) => faults.push(fault),
        }
        if let Some(at) =
            one.postcodes.iter().position(|text| !(2..=12).contains(&rules::postcode(text).chars().count()))
        {
            faults.push(Fault::at(format!("/wards/{n}/postcodes/{at}"), "wrong_format", "This is not a postcode."));
        }
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let by = who.by();
    who.write(&app, Limited::Write, move |tx| {
        queries::set_postcodes(tx, council, wish.replace, &list)?;
        let what = json!({ "postcodes": list.len(), "replace": wish.replace });
        record(tx, council, Event::new(AuditAction::PostcodesUploaded, by).after(what))?;
        Reply::ok(&means(tx, council)?)
    })
    .await
}

/// Make letters
///
/// Makes the codes of a batch of letters and shows them once, as a table for the printer. Only keyed hashes of them are
/// kept, so a repeat with the same idempotency key tells that it was done and not what came of it.
#[utoipa::path(tag = "Councils", operation_id = "make_letters", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = MakeLetters,
    responses((status = 201, description = "Made; keep the table, it is not shown again", body = LettersView)))]
#[post("/councils/{council}/verification/letters")]
async fn make_letters(
    app: App,
    who: Allowed<acts::ManageCouncil>,
    once: Once,
    body: Json<MakeLetters>,
) -> Result<Reply> {
    let Json { value: wish, bytes } = body;
    let (council, slug, secrets) = (who.council.id, who.council.slug.clone(), app.config.secrets.clone());
    let (mut letters, mut faults): (Vec<Option<String>>, Vec<Fault>) = (Vec::new(), Vec::new());
    if wish.wards.iter().fold(0_u32, |sum, one| sum.saturating_add(one.letters)) > LETTERS {
        faults.push(Fault::at("/wards", "too_many", format!("At most {LETTERS} letters in a batch.")));
    }
    for (n, one) in wish.wards.iter().enumerate() {
        match one.ward.as_deref().map(|text| rules::ward(&format!("/wards/{n}/ward"), text)).transpose() {
            Ok(ward) if faults.is_empty() => letters.extend((0..one.letters).map(|_| ward.clone())),
            Ok(_) => {}
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let made = letters.into_iter().map(|ward| {
        let code = rules::fresh_code();
        (code_letter::mac(&secrets, council, &code), ward, code)
    });
    let made: Vec<(String, Option<String>, String)> = made.collect();
    let csv = table(&made)?;
    let kept: Vec<(String, Option<String>)> = made.into_iter().map(|(mac, ward, _)| (mac, ward)).collect();
    let good_for = Duration::from_secs(u64::from(wish.good_for_days) * 86_400);
    let by = who.by();
    who.write_once(&app, Limited::Write, once, &bytes, move |tx| {
        let (id, expires_at) = (Id::random(), tx.now().plus(good_for));
        queries::insert_codes(tx, council, id, expires_at, &kept)?;
        let what = json!({ "letters": kept.len(), "expires_at": expires_at });
        record(tx, council, Event::new(AuditAction::LettersMade, by).to(id).after(what))?;
        let view = LettersView { id, expires_at, csv: csv.clone() };
        Ok(Reply::created(format!("/v1/councils/{slug}/verification"), &view)?.secret())
    })
    .await
}

fn table(made: &[(String, Option<String>, String)]) -> Result<String> {
    let mut table = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let written = table.write_record(["code", "ward"]).and_then(|()| {
        made.iter().try_for_each(|(_, ward, code)| table.write_record([code.as_str(), ward.as_deref().unwrap_or("")]))
    });
    written.map_err(anyhow::Error::from)?;
    let bytes = table.into_inner().map_err(|fault| anyhow::anyhow!("the table of letters: {fault}"))?;
    Ok(String::from_utf8(bytes).map_err(anyhow::Error::from)?)
}

/// Read the register's key
///
/// The council computes the hashes of its register with it, where the register is; it stays the same.
#[utoipa::path(tag = "Councils", operation_id = "read_register_key", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")),
    responses((status = 200, description = "The key", body = RegisterKeyView)))]
#[get("/councils/{council}/verification/register-key")]
async fn read_register_key(app: App, who: Allowed<acts::ManageCouncil>) -> Result<Reply> {
    std::future::ready(()).await;
    let key = rules::register_key(&app.config.secrets, who.council.id);
    Reply::ok(&RegisterKeyView { key, how: HOW })
}

/// Upload the register
///
/// Hashes of its entries, computed with the council's key; no name, date or address is uploaded. Whoever was verified by an
/// entry stays so for its time.
#[utoipa::path(tag = "Councils", operation_id = "upload_register", security(("bearer" = ["council.manage"])),
    params(("council" = String, Path, description = "Slug or id of the council")), request_body = UploadRegister,
    responses((status = 200, description = "Taken", body = MeansView)))]
#[put("/councils/{council}/verification/register")]
async fn upload_register(app: App, who: Allowed<acts::ManageCouncil>, body: Json<UploadRegister>) -> Result<Reply> {
    let (council, wish, secrets) = (who.council.id, body.value, app.config.secrets.clone());
    let (mut list, mut faults) = (Vec::new(), Vec::new());
    for (n, one) in wish.wards.iter().enumerate() {
        let tag = |hash: &String| register_match::tag(&secrets, council, &hash.to_ascii_lowercase());
        match one.ward.as_deref().map(|text| rules::ward(&format!("/wards/{n}/ward"), text)).transpose() {
            Ok(ward) => list.extend(one.hashes.iter().map(|hash| (tag(hash), ward.clone()))),
            Err(fault) => faults.push(fault),
        }
        let whole = |hash: &String| hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some(at) = one.hashes.iter().position(|hash| !whole(hash)) {
            let detail = "A hash has 64 hexadecimal digits.";
            faults.push(Fault::at(format!("/wards/{n}/hashes/{at}"), "wrong_format", detail));
        }
    }
    if !faults.is_empty() {
        return Err(Error::invalid(faults));
    }
    let by = who.by();
    who.write(&app, Limited::Write, move |tx| {
        queries::set_register(tx, council, wish.replace, &list)?;
        let what = json!({ "entries": list.len(), "replace": wish.replace });
        record(tx, council, Event::new(AuditAction::RegisterUploaded, by).after(what))?;
        Reply::ok(&means(tx, council)?)
    })
    .await
}
