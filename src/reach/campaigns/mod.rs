//! Which promotion brought people, without watching anybody: counts of a day and an action, and nothing else.

mod holdings;
pub mod model;
pub mod queries;
pub mod routes;
pub mod rules;
pub mod views;
mod visits;

pub use queries::count;
pub use routes::short_links;
pub use visits::flush;
