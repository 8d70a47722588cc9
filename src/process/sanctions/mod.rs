//! Decisions on people: warnings and suspensions, each on a ground and with its reasons, and one appeal against each.

pub mod appeals;
pub mod entries;
mod holdings;
pub mod jobs;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
