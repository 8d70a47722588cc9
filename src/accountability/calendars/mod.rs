//! When a council works: its working days and holidays, by which the clocks of its promises run.

pub mod entries;
mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
