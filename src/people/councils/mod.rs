//! Councils: the tenants; their grounds, privacy notice and staff.

pub mod directory;
mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod views;
