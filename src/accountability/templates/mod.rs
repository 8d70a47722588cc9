//! Texts that officers answer with again and again. A template answers nothing by itself, and nobody else sees it.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
