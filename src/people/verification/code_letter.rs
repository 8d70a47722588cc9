//! By a code from a letter that the council has sent to an address in its area. Each is good once.

use super::model::Shown;
use super::views::StateCode;
use super::{Way, queries, rules};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Result};
use crate::platform::secrets::Secrets;
use crate::vocabulary::VerificationMethod;

/// All that is kept of a code.
pub fn mac(secrets: &Secrets, council: Id, code: &str) -> String {
    rules::tag(secrets, council, VerificationMethod::CodeLetter.as_str(), &rules::code(code))
}

impl Way for StateCode {
    fn show(&self, tx: &mut Tx<'_>, secrets: &Secrets, council: Id) -> Result<Shown> {
        let mac = mac(secrets, council, &self.code);
        let ward = queries::use_code(tx, council, &mac)?.ok_or_else(|| Code::NotVerified.problem())?;
        Ok(Shown { method: VerificationMethod::CodeLetter, ward, office: None, tag: Some(mac) })
    }
}
