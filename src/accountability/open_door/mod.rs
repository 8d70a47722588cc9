//! The open door: the one challenge of a council that never closes, in which residents say what it has to deal with. An idea that
//! enough of them support is owed a decision of its own, by a day of its own.

mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
