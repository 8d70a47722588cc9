//! Keys for programs: each has an owner, a few rows of the permission table, and an end.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
