//! Accounts of a council: register and confirm, one-time tokens; and who a request comes from.

pub mod caller;
pub mod domains;
mod holdings;
pub mod identity;
pub mod jobs;
pub mod look_up;
pub mod model;
pub mod names;
pub mod password;
pub mod platform_admins;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod tokens;
pub mod views;

pub use caller::{Actor, Allowed, Viewer};
