//! Ideas: submitted, revised, withdrawn, listed and read. One state, one function that changes it, one fragment
//! that says who sees what.

pub mod dues;
pub mod entries;
mod holdings;
pub mod import;
pub mod looking;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
