//! A council's staff: their roles, open invitations, and accounts that are suspended.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
