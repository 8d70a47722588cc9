//! The password and the address of an account: changed, forgotten, and taken back from a thief.

pub mod jobs;
pub mod queries;
pub mod routes;
pub mod views;
