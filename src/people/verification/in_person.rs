//! To an office of the council, whose staff have seen what they wanted to see and say so.

use super::Way;
use super::model::Shown;
use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::secrets::Secrets;
use crate::vocabulary::VerificationMethod;

/// What a member of the staff says.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Where.
    pub office: String,
    /// Of which ward.
    pub ward: Option<String>,
}

impl Way for Seen {
    fn show(&self, _tx: &mut Tx<'_>, _secrets: &Secrets, _council: Id) -> Result<Shown> {
        let (ward, office) = (self.ward.clone(), Some(self.office.clone()));
        Ok(Shown { method: VerificationMethod::InPerson, ward, office, tag: None })
    }
}
