//! What came of a challenge: you said, we did.

mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
