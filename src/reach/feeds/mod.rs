//! What became of it, for everybody: answers, updates and outcomes as pages and feeds, and the one order of events.

mod atom;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod stream;
pub mod views;
