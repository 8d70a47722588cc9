//! What the council says it will do, by when, and how that stands.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
