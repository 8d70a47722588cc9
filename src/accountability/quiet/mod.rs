//! Quiet periods: days on which the council opens nothing and says nothing officially, and its clocks stand still. What it
//! would say meanwhile is held.

pub mod entries;
pub mod held;
mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
