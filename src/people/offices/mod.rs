//! Offices: the named units of a council that promise and answer in public, so that no officer has to.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
