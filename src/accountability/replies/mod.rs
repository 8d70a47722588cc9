//! Did we answer what you asked? Those who are told of an answer are asked once, and what they say is published where
//! enough have said it. Who said what is nobody's business.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
