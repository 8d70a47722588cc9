//! Statements of reasons for whom they are about, and one appeal against each, which somebody else decides.

pub mod entries;
pub mod force;
mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
