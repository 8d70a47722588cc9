//! Verification: that a resident lives in the council's area. There are several ways to show it, a file each; what is
//! stated is compared and thrown away, and what is kept is the way, the ward, and a tag by which nobody is counted twice.

pub mod code_letter;
mod holdings;
pub mod in_person;
pub mod model;
pub mod postcode_list;
pub mod queries;
pub mod register_match;
pub mod routes;
pub mod rules;
pub mod sso_claim;
pub mod views;

use crate::platform::db::{Id, Tx};
use crate::platform::error::Result;
use crate::platform::secrets::Secrets;
use model::Shown;

/// A way to show that one lives in the council's area: what is stated for it, and what follows.
pub trait Way {
    /// Holds what is stated to what the council has given, and uses up what is good once.
    ///
    /// # Errors
    /// 422 with one text for every reason.
    fn show(&self, tx: &mut Tx<'_>, secrets: &Secrets, council: Id) -> Result<Shown>;
}

/// Verifies an account in a way.
///
/// # Errors
/// 422 where it shows nothing, or shows somebody who has an account already.
pub fn verify(tx: &mut Tx<'_>, secrets: &Secrets, council: Id, account: Id, way: &impl Way) -> Result<()> {
    let shown = way.show(tx, secrets, council)?;
    queries::record(tx, council, account, &shown)
}
