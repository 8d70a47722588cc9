//! Dated steps of a commitment, each with what shows that it was done.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
