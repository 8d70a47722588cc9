//! By a postcode that is in the council's list. It proves little: whoever knows the area can state one.

use super::model::Shown;
use super::views::StatePostcode;
use super::{Way, queries, rules};
use crate::platform::db::{Id, Tx};
use crate::platform::error::{Code, Result};
use crate::platform::secrets::Secrets;
use crate::vocabulary::VerificationMethod;

impl Way for StatePostcode {
    fn show(&self, tx: &mut Tx<'_>, _secrets: &Secrets, council: Id) -> Result<Shown> {
        let ward = queries::ward_of_postcode(tx, council, &rules::postcode(&self.postcode))?;
        let ward = Some(ward.ok_or_else(|| Code::NotVerified.problem())?);
        Ok(Shown { method: VerificationMethod::PostcodeList, ward, office: None, tag: None })
    }
}
