//! The council's official word on an idea, with its reason; revised, never edited.

pub mod bulk;
mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
