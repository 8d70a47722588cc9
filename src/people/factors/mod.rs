//! What somebody shows beside the mail address to be believed: a password, codes of an app, codes on paper, passkeys.

mod holdings;
pub mod jobs;
pub mod model;
pub mod passkeys;
pub mod proof;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;

pub use jobs::{SecurityNotice, TellOfSecurity};
pub use proof::{Proven, prove};
