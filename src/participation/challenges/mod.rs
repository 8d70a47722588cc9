//! Challenges: what a council asks, the promise it makes, the gate it passes, the phases that follow the clock.

pub mod entries;
mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod readiness;
pub mod rehearsals;
pub mod routes;
pub mod rules;
pub mod views;
