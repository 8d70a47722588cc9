//! What residents report: each of them once of an idea, all of them one case, and nobody hears who it was.

mod jobs;
mod queries;
mod routes;
pub mod rules;
mod views;

pub use jobs::{TellReporter, TellReporters};
pub(super) use routes::routes;
