//! Passkeys (WebAuthn level 3), by the library `webauthn_rp`. Nothing here speaks to the database.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use webauthn_rp::bin::{Decode as _, Encode as _};
use webauthn_rp::request::auth::AuthenticationVerificationOptions;
use webauthn_rp::request::register::{
    CredProtect, Nickname, PublicKeyCredentialUserEntity, RegistrationVerificationOptions, UserHandle16, Username,
};
use webauthn_rp::request::{AsciiDomain, ExtensionInfo, PublicKeyCredentialDescriptor, RpId};
use webauthn_rp::response::register::{DynamicState, StaticState};
use webauthn_rp::response::{AuthTransports, CredentialId};
use webauthn_rp::{
    AuthenticatedCredential, DiscoverableAuthentication16, DiscoverableAuthenticationServerState,
    DiscoverableCredentialRequestOptions, PublicKeyCredentialCreationOptions, Registration, RegistrationServerState,
};

use super::model::PasskeyRow;
use crate::people::accounts::model::AccountRow;
use crate::people::councils::model::Council;
use crate::platform::error::{Code, Error, Result};

/// The site that a council's passkeys are for.
pub struct Relying {
    id: RpId,
    origin: String,
}

impl Relying {
    /// The site of a council.
    ///
    /// # Errors
    /// 409 where the site has no name, only an address of a network, for which browsers make no passkeys.
    pub fn of(council: &Council) -> Result<Self> {
        let site = url::Url::parse(&council.site_url).ok();
        let named = site.as_ref().and_then(|site| Some((site.domain()?, site.origin().ascii_serialization())));
        let nameless = || Code::WrongState.because("Passkeys need a site with a name, and this council has none yet.");
        let (domain, origin) = named.ok_or_else(nameless)?;
        let domain = AsciiDomain::try_from(domain.to_owned()).map_err(|_not_ascii| Error::from(nameless()))?;
        Ok(Self { id: RpId::Domain(domain), origin })
    }
}

/// A passkey that was made.
pub struct Made {
    /// Its id at the authenticator.
    pub id: String,
    /// What is kept of it.
    pub credential: String,
}

/// What is kept of a passkey.
#[derive(Serialize, Deserialize)]
struct Kept {
    key: String,
    state: [u8; 7],
}

fn ours(what: &'static str) -> impl Fn() -> Error {
    move || Error::Internal(anyhow::anyhow!("{what}"))
}

/// What a browser needs to make a passkey, and what is kept meanwhile.
///
/// # Errors
/// A fault of ours.
pub fn begin(relying: &Relying, account: &AccountRow, there: &[PasskeyRow]) -> Result<(serde_json::Value, String)> {
    let Ok(handle) = UserHandle16::decode(*account.id.bytes());
    let name = Username::try_from(account.email.as_str()).or_else(|_not_a_name| Username::try_from("account"));
    let user = PublicKeyCredentialUserEntity {
        name: name.map_err(|_never| ours("no name for a passkey")())?,
        id: &handle,
        display_name: Nickname::try_from(account.display_name.as_str()).ok(),
    };
    // So that one authenticator does not make a second one beside the first.
    let known = there.iter().filter_map(|row| {
        let id = CredentialId::decode(URL_SAFE_NO_PAD.decode(&row.credential_id).ok()?).ok()?;
        Some(PublicKeyCredentialDescriptor { id, transports: AuthTransports::decode(0).ok()? })
    });
    let mut options = PublicKeyCredentialCreationOptions::passkey(&relying.id, user, known.collect());
    // A wish and no demand: many telephones and computers do not know it, and browsers would make no passkey there. Whose
    // passkey it is has to be shown at every signature all the same.
    options.extensions.cred_protect = CredProtect::UserVerificationRequired(ExtensionInfo::AllowDontEnforceValue);
    let (server, client) = options.start_ceremony().map_err(|_fault| ours("a ceremony could not begin")())?;
    let state = server.encode().map_err(|_clock| ours("the clock stands before 1970")())?;
    Ok((options_of(&client)?, URL_SAFE_NO_PAD.encode(state)))
}

/// What a browser needs to sign with a passkey, and what is kept meanwhile.
///
/// # Errors
/// A fault of ours.
pub fn ask(relying: &Relying) -> Result<(serde_json::Value, String)> {
    let options = DiscoverableCredentialRequestOptions::passkey(&relying.id);
    let (server, client) = options.start_ceremony().map_err(|_fault| ours("a ceremony could not begin")())?;
    let state = server.encode().map_err(|_clock| ours("the clock stands before 1970")())?;
    Ok((options_of(&client)?, URL_SAFE_NO_PAD.encode(state)))
}

fn options_of(client: &impl Serialize) -> Result<serde_json::Value> {
    let whole = serde_json::to_value(client).map_err(anyhow::Error::from).map_err(Error::Internal)?;
    // `mediation` stands beside the key's own options; what is given is for parse…OptionsFromJSON.
    Ok(whole.get("publicKey").cloned().unwrap_or(whole))
}

/// Takes what a browser has made.
///
/// # Errors
/// 422 where it is not what was asked for.
pub fn finish(relying: &Relying, state: &str, credential: &str) -> Result<Made> {
    let wrong =
        || Error::fault("/credential", "wrong_passkey", "This is not the passkey that was asked for. Begin again.");
    let state = URL_SAFE_NO_PAD.decode(state).map_err(|_not_ours| wrong())?;
    let server = RegistrationServerState::<16>::decode(&state).map_err(|_not_ours| wrong())?;
    let registration = Registration::from_json_relaxed(credential.as_bytes()).map_err(|_fault| wrong())?;
    let origins = [relying.origin.as_str()];
    let options = RegistrationVerificationOptions::<&str, &str> {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        ..Default::default()
    };
    let made = server.verify(&relying.id, &registration, &options).map_err(|fault| {
        tracing::info!(%fault, "a passkey was refused");
        wrong()
    })?;
    let key = made.static_state().encode().map_err(|_fault| ours("a key could not be written")())?;
    let Ok(state) = made.dynamic_state().encode();
    let kept = Kept { key: URL_SAFE_NO_PAD.encode(key), state };
    let credential = serde_json::to_string(&kept).map_err(anyhow::Error::from).map_err(Error::Internal)?;
    Ok(Made { id: URL_SAFE_NO_PAD.encode(made.id().into_inner()), credential })
}

/// Which passkey has signed.
pub fn shown(credential: &str) -> Option<String> {
    let signed = DiscoverableAuthentication16::from_json_relaxed(credential.as_bytes()).ok()?;
    Some(URL_SAFE_NO_PAD.encode(signed.raw_id().into_inner()))
}

/// Whether a passkey has signed what was asked; its new state where it has.
pub fn verify(relying: &Relying, state: &str, credential: &str, row: &PasskeyRow) -> Option<String> {
    let server = DiscoverableAuthenticationServerState::decode(&URL_SAFE_NO_PAD.decode(state).ok()?).ok()?;
    let signed = DiscoverableAuthentication16::from_json_relaxed(credential.as_bytes()).ok()?;
    let kept: Kept = serde_json::from_str(&row.credential).ok()?;
    let key = StaticState::decode(&URL_SAFE_NO_PAD.decode(&kept.key).ok()?).ok()?;
    let dynamic = DynamicState::decode(kept.state).ok()?;
    let id = URL_SAFE_NO_PAD.decode(&row.credential_id).ok()?;
    let handle = UserHandle16::decode(*row.account_id.bytes()).ok()?;
    let mut known =
        AuthenticatedCredential::new(CredentialId::decode(id.as_slice()).ok()?, &handle, key, dynamic).ok()?;
    let origins = [relying.origin.as_str()];
    let options = AuthenticationVerificationOptions::<&str, &str> {
        allowed_origins: &origins,
        error_on_unsolicited_extensions: false,
        ..Default::default()
    };
    server.verify(&relying.id, &signed, &mut known, &options).ok()?;
    let renewed = Kept { key: kept.key, state: known.dynamic_state().encode().ok()? };
    serde_json::to_string(&renewed).ok()
}
