//! What the council would have said or opened in a quiet period. It is checked when it is asked for, held, and done when the
//! quiet period is over, by the very functions that do it at other times.

pub mod acting;
mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
