//! By what a single sign-on provider of the council says of whoever has signed in there. The room that signs in has
//! checked the provider's signature and read its claims by the mapping that the council has set.

use super::model::Shown;
use super::{Way, rules};
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::secrets::Secrets;
use crate::vocabulary::VerificationMethod;

/// What a provider has said of somebody who lives here.
#[derive(Clone, Debug)]
pub struct Claimed<'a> {
    /// Who says so.
    pub issuer: &'a str,
    /// Of whom.
    pub subject: &'a str,
    /// Of which ward.
    pub ward: Option<&'a str>,
}

impl Way for Claimed<'_> {
    fn show(&self, _tx: &mut Tx<'_>, secrets: &Secrets, council: Id) -> Result<Shown> {
        Ok(shown(self, secrets, council))
    }
}

fn shown(said: &Claimed<'_>, secrets: &Secrets, council: Id) -> Shown {
    let method = VerificationMethod::SsoClaim;
    let person = format!("{}|{}", said.issuer, said.subject);
    let tag = Some(rules::tag(secrets, council, method.as_str(), &person));
    Shown { method, ward: said.ward.map(ToOwned::to_owned), office: None, tag }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_person_of_one_provider_has_one_tag_that_does_not_tell_who() {
        let (secrets, council) = (Secrets::generate(), Id::random());
        let tag = |issuer, subject| shown(&Claimed { issuer, subject, ward: None }, &secrets, council).tag.unwrap();
        let ana = tag("https://id.example", "ana");
        assert_eq!(ana, tag("https://id.example", "ana"));
        assert_ne!(ana, tag("https://other.example", "ana"));
        assert!(!ana.contains("ana"));
    }
}
