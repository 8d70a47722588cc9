//! Which office is to answer an idea, and who in it. Nobody but staff is told: it is the office that answers.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod views;
