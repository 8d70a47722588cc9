//! One-time tokens and codes: what is mailed to somebody, and shown again by whoever reads the mail. All their SQL.

use std::time::Duration;

use diesel::prelude::*;

use crate::platform::db::schema::one_time_tokens as tokens;
use crate::platform::db::{Id, Instant, Json, Tx};
use crate::platform::error::{Code, Result};
use crate::platform::secrets::{Secrets, fresh_token, token_hash};
use crate::vocabulary::TokenKind;

/// Makes a one-time token for a subject; older ones of the same kind and subject die with it (case B6).
/// Only its hash is stored; the token itself goes into a mail.
///
/// # Errors
/// What the database answers.
pub fn issue_token(
    tx: &mut Tx<'_>,
    council: Id,
    kind: TokenKind,
    subject: Id,
    data: serde_json::Value,
    hours: u64,
) -> Result<String> {
    issue(tx, council, (kind, subject), None, data, Duration::from_secs(hours * 3_600))
}

/// Makes a one-time token and six digits that do the same, for who reads the mail on another device.
///
/// # Errors
/// What the database answers.
pub fn issue_code(
    tx: &mut Tx<'_>,
    secrets: &Secrets,
    council: Id,
    (kind, subject): (TokenKind, Id),
    data: serde_json::Value,
    good_for: Duration,
) -> Result<(String, String)> {
    let code = format!("{:06}", rand::random_range(0..1_000_000_u32));
    let mac = code_mac(secrets, council, kind, subject, &code);
    Ok((issue(tx, council, (kind, subject), Some(mac), data, good_for)?, code))
}

/// Six digits are found by trying where a plain hash lies open, so it takes the secret to know them again.
fn code_mac(secrets: &Secrets, council: Id, kind: TokenKind, subject: Id, code: &str) -> String {
    secrets.mac("mailed-code", &[council.bytes(), kind.as_str().as_bytes(), subject.bytes(), code.as_bytes()])
}

fn issue(
    tx: &mut Tx<'_>,
    council: Id,
    (kind, subject): (TokenKind, Id),
    code_mac: Option<String>,
    data: serde_json::Value,
    good_for: Duration,
) -> Result<String> {
    let now = tx.now();
    void_tokens(tx, council, kind, subject)?;
    let account = match kind {
        TokenKind::SignIn | TokenKind::ResetPassword | TokenKind::ChangeEmail => Some(subject),
        TokenKind::UndoEmail
        | TokenKind::Appeal
        | TokenKind::Reply
        | TokenKind::Review
        | TokenKind::Merge
        | TokenKind::Contest => data.get("account").and_then(|id| id.as_str()).and_then(|id| id.parse().ok()),
        // About an account that nobody has confirmed, or about none.
        TokenKind::ConfirmEmail
        | TokenKind::Invitation
        | TokenKind::AcceptPromise
        | TokenKind::Participate
        | TokenKind::SignOn
        | TokenKind::FirstSignOn => None::<Id>,
    };
    let (token, hash) = fresh_token();
    diesel::insert_into(tokens::table)
        .values((
            tokens::council_id.eq(council),
            tokens::id.eq(Id::random()),
            tokens::kind.eq(kind),
            tokens::token_hash.eq(hash),
            tokens::code_mac.eq(code_mac),
            tokens::tries.eq(0),
            tokens::subject_id.eq(subject),
            tokens::account_id.eq(account),
            tokens::data.eq(Json(data)),
            tokens::expires_at.eq(now.plus(good_for)),
            tokens::created_at.eq(now),
        ))
        .execute(&mut **tx)?;
    Ok(token)
}

/// Voids the open tokens of a kind and subject.
///
/// # Errors
/// What the database answers.
pub fn void_tokens(tx: &mut Tx<'_>, council: Id, kind: TokenKind, subject: Id) -> Result<()> {
    let now = tx.now();
    let open = tokens::table
        .filter(tokens::council_id.eq(council))
        .filter(tokens::kind.eq(kind))
        .filter(tokens::subject_id.eq(subject))
        .filter(tokens::used_at.is_null());
    diesel::update(open).set((tokens::used_at.eq(Some(now)), tokens::expires_at.eq(now))).execute(&mut **tx)?;
    Ok(())
}

/// Tries after which a mailed code is void (case B9).
const TRIES: i32 = 5;

/// Uses up a token whose code was tried and right; says whether it was still there.
///
/// # Errors
/// What the database answers.
pub fn use_tried(tx: &mut Tx<'_>, council: Id, id: Id) -> Result<bool> {
    let now = tx.now();
    let row = tokens::table.find((council, id)).filter(tokens::used_at.is_null());
    let used = (tokens::used_at.eq(Some(now)), tokens::expires_at.eq(now));
    Ok(diesel::update(row).set(used).execute(&mut **tx)? == 1)
}

/// Tries a code; gives the open token of the subject that it belongs to, and none where there is none, it is wrong, or was
/// tried too often. The try is counted, so the unit must commit whatever comes of it.
///
/// # Errors
/// What the database answers.
pub fn try_code(
    tx: &mut Tx<'_>,
    secrets: &Secrets,
    council: Id,
    (kind, subject): (TokenKind, Id),
    code: &str,
) -> Result<Option<Id>> {
    let now = tx.now();
    let mac = code_mac(secrets, council, kind, subject, code);
    let open = tokens::table
        .filter(tokens::council_id.eq(council))
        .filter(tokens::kind.eq(kind))
        .filter(tokens::subject_id.eq(subject))
        .filter(tokens::used_at.is_null())
        .filter(tokens::tries.lt(TRIES))
        .filter(tokens::expires_at.gt(now));
    let found: Option<(Id, Option<String>)> =
        open.select((tokens::id, tokens::code_mac)).first(&mut **tx).optional()?;
    let Some((id, known)) = found else { return Ok(None) };
    // Each try is taken before it is judged, so that many at the same moment are no more than five either.
    let row = tokens::table.find((council, id)).filter(tokens::tries.lt(TRIES));
    let taken = diesel::update(row).set(tokens::tries.eq(tokens::tries + 1)).execute(&mut **tx)?;
    Ok((taken == 1 && known.is_some_and(|known| Secrets::same(&known, &mac))).then_some(id))
}

/// Uses a token up: of many parallel attempts exactly one succeeds (case B6). A token of another council, kind or
/// time is the same as none.
///
/// # Errors
/// 422 with one text for every reason.
pub fn redeem_token(tx: &mut Tx<'_>, council: Id, kind: TokenKind, token: &str) -> Result<(Id, serde_json::Value)> {
    let now = tx.now();
    let live = tokens::table
        .filter(tokens::council_id.eq(council))
        .filter(tokens::kind.eq(kind))
        .filter(tokens::token_hash.eq(token_hash(token)))
        .filter(tokens::used_at.is_null())
        .filter(tokens::expires_at.gt(now));
    let found: Option<(Id, Id, Json)> =
        live.select((tokens::id, tokens::subject_id, tokens::data)).first(&mut **tx).optional()?;
    let invalid = || crate::platform::error::Error::from(Code::LinkInvalid.problem());
    let (id, subject, data) = found.ok_or_else(invalid)?;
    let used = diesel::update(tokens::table.find((council, id)).filter(tokens::used_at.is_null()))
        .set((tokens::used_at.eq(Some(now)), tokens::expires_at.eq(now)))
        .execute(&mut **tx)?;
    if used == 1 { Ok((subject, data.0)) } else { Err(invalid()) }
}

/// What an open token is about, without using it.
///
/// # Errors
/// As [`redeem_token`].
pub fn peek_token(tx: &mut Tx<'_>, council: Id, kind: TokenKind, token: &str) -> Result<(Id, serde_json::Value)> {
    let now: Instant = tx.now();
    tokens::table
        .filter(tokens::council_id.eq(council))
        .filter(tokens::kind.eq(kind))
        .filter(tokens::token_hash.eq(token_hash(token)))
        .filter(tokens::used_at.is_null())
        .filter(tokens::expires_at.gt(now))
        .select((tokens::subject_id, tokens::data))
        .first::<(Id, Json)>(&mut **tx)
        .optional()?
        .map(|(subject, data)| (subject, data.0))
        .ok_or_else(|| Code::LinkInvalid.problem().into())
}
