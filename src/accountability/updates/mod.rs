//! What a council tells of a challenge that runs, in the name of an office; put right by a further revision, never edited.

mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
