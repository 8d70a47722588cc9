//! What staff write down on an idea for each other. It is in nothing that others see, and goes when the idea is erased or
//! its author is.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod views;
