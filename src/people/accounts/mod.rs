//! Accounts of a council: register, confirm, sign in, sessions; and who a request comes from.

pub mod caller;
pub mod domains;
mod holdings;
pub mod identity;
pub mod jobs;
pub mod model;
pub mod names;
pub mod password;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;

pub use caller::{Actor, Allowed, Viewer};
