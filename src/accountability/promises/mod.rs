//! What the council promised for a challenge, and the clock that runs on it.

pub mod calendar;
pub mod changes;
pub mod clock;
pub mod entries;
pub mod forecast;
mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
