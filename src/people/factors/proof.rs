//! Showing once more who one is, before something that a stolen session must not do (case B11).

use std::time::Duration;

use super::queries;
use super::rules::{step_of, typed_code};
use super::views::Proof;
use crate::app::App;
use crate::people::accounts::Allowed;
use crate::people::accounts::model::AccountRow;
use crate::people::accounts::queries::find_account;
use crate::people::sessions::queries::find_session;
use crate::people::sso::queries::list_identities;
use crate::platform::audit::{By, Event, record};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Error, Problem, Result};
use crate::platform::http::limit::{self, Limited};
use crate::platform::secrets::Secrets;
use crate::vocabulary::AuditAction;

/// Where an account has no password, a session that began so long ago is enough.
const FRESH: Duration = Duration::from_secs(10 * 60);

/// The purpose under which seeds are sealed.
pub const SEED: &str = "totp-seed";

/// An account whose owner has just shown who they are.
#[derive(Debug)]
pub struct Proven {
    /// The account as it was then.
    pub account: AccountRow,
}

/// Asks for the password, where the account has one, and for a second factor, where it has one; where it has neither, the
/// session must have begun within ten minutes.
///
/// # Errors
/// 401 `second_factor_needed` or `bad_credentials`, 403 `sign_in_again`, 429 after too many tries.
pub async fn prove<A>(app: &App, who: &Allowed<A>, proof: Proof) -> Result<Proven> {
    let (council, actor) = (who.council.id, who.actor()?.clone());
    let id = actor.id;
    let found = app.db.read(move |tx| {
        let session = find_session(tx, council, actor.session)?;
        let second = queries::has_second_factor(tx, council, id)?;
        Ok((find_account(tx, council, id)?, session.map(|(row, _)| row.authenticated_at), second))
    });
    let (account, since, second) = found.await?;
    let account = account.ok_or_else(|| Error::not_found("account"))?;
    let fresh = since.is_some_and(|since| app.db.clock().now().since(since) < FRESH);
    let place = app.hasher.place()?;
    crate::people::accounts::routes::limited(app, vec![(Limited::Prove, id.to_string())]).await?;
    match (&account.password_hash, proof.password) {
        (Some(hash), Some(password)) => {
            if !place.verify(password, Some(hash.clone())).await? {
                return Err(Code::BadCredentials.because("This is not your password.").into());
            }
        }
        (Some(_), None) => {
            let detail = "Send your password in `proof`: nobody who finds your device open shall do this.";
            return Err(Error::fault("/proof/password", "required", detail));
        }
        (None, _) if second || fresh => {}
        (None, _) => return Err(Code::SignInAgain.problem().into()),
    }
    if second {
        second_factor(app, council, id, proof.code).await?;
    }
    Ok(Proven { account })
}

/// Refuses to take the last way into an account away, after it was taken.
///
/// # Errors
/// 409 where no other is left.
pub fn keeps_a_way_in(tx: &mut Tx<'_>, council: Id, account: Id) -> Result<()> {
    let row = find_account(tx, council, account)?.ok_or_else(|| Error::not_found("account"))?;
    // A code can be mailed to who has an address.
    let other = row.password_hash.is_some()
        || !row.email.is_empty()
        || !queries::list_passkeys(tx, council, account)?.is_empty()
        || !list_identities(tx, council, account)?.is_empty();
    if other {
        return Ok(());
    }
    Err(Code::WrongState.because("This is the last way into your account. Add another one first.").into())
}

/// Takes a code of the app or from paper.
///
/// # Errors
/// 401 `second_factor_needed` where there is none or it is wrong, 429 after too many tries.
pub async fn second_factor(app: &App, council: Id, account: Id, code: Option<String>) -> Result<()> {
    let needed = || Code::SecondFactorNeeded.problem();
    let code = code.ok_or_else(needed)?;
    let (secrets, limits) = (app.config.secrets.clone(), app.config.limits);
    // The try is counted whatever comes of it, so a wrong code is an answer here and not an error.
    let right = app.db.write(move |tx| {
        if limits {
            limit::take(tx, Limited::SecondFactor, &account.to_string())?;
        }
        take_code(tx, &secrets, council, account, &code)
    });
    if right.await? {
        return Ok(());
    }
    Err(wrong_second_factor().into())
}

/// Says that a second factor was wrong.
pub fn wrong_second_factor() -> Problem {
    Code::SecondFactorNeeded.because("The code is wrong, was used before, or has run out. Wait for the next one.")
}

/// Takes a code of the app or from paper; says whether it was right.
///
/// # Errors
/// What the database answers.
pub fn take_code(tx: &mut Tx<'_>, secrets: &Secrets, council: Id, account: Id, code: &str) -> Result<bool> {
    let Some(row) = queries::find_seed(tx, council, account)?.filter(|row| row.confirmed_at.is_some()) else {
        return Ok(false);
    };
    let seed = secrets.unseal(SEED, &whose(council, account), &row.sealed_seed);
    let seed = seed.ok_or_else(|| Error::Internal(anyhow::anyhow!("a seed cannot be opened")))?;
    if let Some(step) = step_of(&seed, code, row.last_step, tx.now()) {
        return queries::take_step(tx, council, account, step);
    }
    let used = queries::use_code(tx, council, account, &recovery_mac(secrets, council, account, code))?;
    if used {
        record(tx, council, Event::new(AuditAction::RecoveryCodeUsed, By::Account(account)).to(account))?;
    }
    Ok(used)
}

/// What is kept of a code on paper.
pub fn recovery_mac(secrets: &Secrets, council: Id, account: Id, code: &str) -> String {
    secrets.mac("recovery-code", &[council.bytes(), account.bytes(), typed_code(code).as_bytes()])
}

/// To whom something sealed belongs.
pub fn whose(council: Id, account: Id) -> Vec<u8> {
    [*council.bytes(), *account.bytes()].concat()
}
