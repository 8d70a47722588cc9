//! By what a single sign-on provider of the council says of whoever has signed in there. The room that signs in has
//! checked the provider's signature; here its claims are read by the mapping that the council has set.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::model::Shown;
use super::{Way, rules};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Result};
use crate::platform::secrets::Secrets;
use crate::vocabulary::VerificationMethod;

/// Which claims say that somebody lives here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimMapping {
    /// The claim that says so.
    pub resident_claim: String,
    /// What it then says; true counts as `true`.
    pub resident_values: Vec<String>,
    /// The claim that names the ward.
    pub ward_claim: Option<String>,
    /// The claim that names one person for good, such as `sub`, so that one person is one account.
    pub person_claim: Option<String>,
}

/// What a provider has said.
#[derive(Clone, Debug)]
pub struct Claimed<'a> {
    /// Who: its issuer.
    pub issuer: &'a str,
    /// What.
    pub claims: &'a Map<String, Value>,
    /// How the council reads it.
    pub mapping: &'a ClaimMapping,
}

impl Claimed<'_> {
    fn text(&self, claim: &str) -> Option<String> {
        match self.claims.get(claim)? {
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => self.claims.get(claim).map(Value::to_string),
            _ => None,
        }
    }
}

impl Way for Claimed<'_> {
    fn show(&self, _tx: &mut Tx<'_>, secrets: &Secrets, council: Id) -> Result<Shown> {
        shown(self, secrets, council)
    }
}

fn shown(said: &Claimed<'_>, secrets: &Secrets, council: Id) -> Result<Shown> {
    let method = VerificationMethod::SsoClaim;
    let lives_here =
        said.text(&said.mapping.resident_claim).is_some_and(|says| said.mapping.resident_values.contains(&says));
    if !lives_here {
        return Err(Code::NotVerified.problem().into());
    }
    let person = said.mapping.person_claim.as_deref().and_then(|claim| said.text(claim));
    Ok(Shown {
        method,
        ward: said.mapping.ward_claim.as_deref().and_then(|claim| said.text(claim)),
        office: None,
        tag: person.map(|person| rules::tag(secrets, council, method.as_str(), &format!("{}|{person}", said.issuer))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_mapping_names_counts() {
        let (secrets, council) = (Secrets::generate(), Id::random());
        let mapping = ClaimMapping {
            resident_claim: "resident".into(),
            resident_values: vec!["true".into(), "yes".into()],
            ward_claim: Some("ward".into()),
            person_claim: Some("sub".into()),
        };
        let of = |claims: Value| {
            let claims = claims.as_object().cloned().unwrap();
            shown(&Claimed { issuer: "https://id.example", claims: &claims, mapping: &mapping }, &secrets, council)
        };
        let ana = of(serde_json::json!({ "resident": true, "ward": "Mill", "sub": "ana" })).unwrap();
        assert_eq!(ana.ward.as_deref(), Some("Mill"));
        let again = of(serde_json::json!({ "resident": "yes", "sub": "ana" })).unwrap();
        assert_eq!((again.ward, again.tag.as_ref()), (None, ana.tag.as_ref()));
        assert!(!ana.tag.unwrap().contains("ana"));
        for nobody in [
            serde_json::json!({}),
            serde_json::json!({ "resident": "no" }),
            serde_json::json!({ "resident": ["true"] }),
        ] {
            assert_eq!(of(nobody).unwrap_err().code(), Code::NotVerified);
        }
    }
}
