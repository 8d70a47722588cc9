//! By facts that match an entry of the council's register. The council uploads hashes that it has computed itself with a
//! key of its own; the register stays with it. What is stated is hashed, compared and thrown away.

use super::model::Shown;
use super::views::StateFacts;
use super::{Way, queries, rules};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Result};
use crate::platform::secrets::Secrets;
use crate::vocabulary::VerificationMethod;

/// All that is kept of an entry.
pub fn tag(secrets: &Secrets, council: Id, hash: &str) -> String {
    rules::tag(secrets, council, VerificationMethod::RegisterMatch.as_str(), hash)
}

impl Way for StateFacts {
    fn show(&self, tx: &mut Tx<'_>, secrets: &Secrets, council: Id) -> Result<Shown> {
        let key = rules::register_key(secrets, council);
        let hash = rules::register_hash(&key, &self.surname, &self.birth_date, &self.postcode);
        let tag = tag(secrets, council, &hash);
        let ward = queries::ward_of_entry(tx, council, &tag)?.ok_or_else(|| Code::NotVerified.problem())?;
        Ok(Shown { method: VerificationMethod::RegisterMatch, ward, office: None, tag: Some(tag) })
    }
}
