//! Support: one resident backs one idea. Through a voter of the challenge, in one transaction with its count.

mod holdings;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
